package newsml

import (
	"cmp"
	"encoding/xml"
	"strings"

	"kawaraban/internal/wire/markup"
)

// A DocG2 is a NewsML-G2 document (IPTC NewsML-G2 2.0 to 2.35): a news message
// with its items, or one item by itself. Elements that later versions add are
// ignored.
type DocG2 struct {
	Header Header
	Items  []ItemG2 // in the order of the document, of any kind
}

// A Header says how a news message was sent.
type Header struct {
	Sent         string   `xml:"sent"`
	Sender       string   `xml:"sender"`
	TransmitID   string   `xml:"transmitId"`
	Priority     string   `xml:"priority"`
	Origin       string   `xml:"origin"`
	Channels     []string `xml:"channel"`
	Destinations []string `xml:"destination"`
}

// An ItemG2 is an item of the family, as XMLName.Local says: newsItem,
// packageItem, conceptItem, knowledgeItem, planningItem or catalogItem. GUID
// names it in all its versions; Version counts from 1, which "" means, too.
type ItemG2 struct {
	XMLName         xml.Name
	GUID            string       `xml:"guid,attr"`
	Version         string       `xml:"version,attr"`
	Standard        string       `xml:"standard,attr"`
	StandardVersion string       `xml:"standardversion,attr"`
	Lang            string       `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	Catalogs        []Catalog    `xml:"catalog"`
	CatalogRefs     []CatalogRef `xml:"catalogRef"`
	Rights          []RightsInfo `xml:"rightsInfo"`
	Meta            ItemMeta     `xml:"itemMeta"`
	Content         ContentMeta  `xml:"contentMeta"`
	Parts           []PartMeta   `xml:"partMeta"`
	Groups          *GroupSet    `xml:"groupSet"`
	Contents        ContentSet   `xml:"contentSet"`
	Concept         *Concept     `xml:"concept"`
}

// A Catalog maps the aliases of qcodes to URIs, inside the item.
type Catalog struct {
	Schemes []Scheme `xml:"scheme"`
}

// A Scheme maps one alias.
type Scheme struct {
	Alias string `xml:"alias,attr"`
	URI   string `xml:"uri,attr"`
}

// A CatalogRef names a catalogue that is kept elsewhere. It is not fetched.
type CatalogRef struct {
	Href string `xml:"href,attr"`
}

// A Code is a value from a vocabulary, by qcode, URI or a word of the agency's
// own, with its names.
type Code struct {
	QCode    string  `xml:"qcode,attr"`
	URI      string  `xml:"uri,attr"`
	Literal  string  `xml:"literal,attr"`
	Role     string  `xml:"role,attr"`
	Type     string  `xml:"type,attr"`
	Severity string  `xml:"severity,attr"`
	Names    []Label `xml:"name"`
}

// ID returns the code as sent: the qcode, else the URI, else the literal.
func (c Code) ID() string { return cmp.Or(c.QCode, c.URI, c.Literal) }

// Name returns the first name, else the literal, else the code without its
// scheme.
func (c Code) Name() string {
	for _, n := range c.Names {
		if n.Text != "" {
			return string(n.Text)
		}
	}
	code := cmp.Or(c.Literal, c.QCode, c.URI)
	return code[strings.LastIndexAny(code, ":/")+1:]
}

// A Label is text in one language, for one purpose.
type Label struct {
	Role, Lang, Rank string
	Text             markup.Text
}

// UnmarshalXML implements [xml.Unmarshaler].
func (l *Label) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	l.Role, l.Lang, l.Rank = attr(start, "role"), attr(start, "lang"), attr(start, "rank")
	return l.Text.UnmarshalXML(d, start)
}

// A Note is an edNote. PubConstraint may say that it is not even for all
// editors.
type Note struct {
	Role, PubConstraint string
	Text                markup.Inner
}

// UnmarshalXML implements [xml.Unmarshaler].
func (n *Note) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	n.Role, n.PubConstraint = attr(start, "role"), attr(start, "pubconstraint")
	return n.Text.UnmarshalXML(d, start)
}

// RightsInfo says who holds the rights and what a customer may do.
type RightsInfo struct {
	Holders []Code  `xml:"copyrightHolder"`
	Notices []Label `xml:"copyrightNotice"`
	Usage   []Label `xml:"usageTerms"`
}

// ItemMeta says how the item is to be handled.
type ItemMeta struct {
	Class          Code    `xml:"itemClass"`
	Provider       Code    `xml:"provider"`
	VersionCreated string  `xml:"versionCreated"`
	FirstCreated   string  `xml:"firstCreated"`
	Embargoed      *string `xml:"embargoed"` // nil: not; "": without an end that is known
	Expires        string  `xml:"expires"`
	Status         *Code   `xml:"pubStatus"` // nil: usable
	FileName       string  `xml:"fileName"`
	Services       []Code  `xml:"service"`
	Titles         []Label `xml:"title"`
	Notes          []Note  `xml:"edNote"`
	Signals        []Code  `xml:"signal"`
	Links          []Link  `xml:"link"`
}

// A Link points at another item or resource, with what is said about it.
type Link struct {
	Rel         string  `xml:"rel,attr"`
	Ref         string  `xml:"residref,attr"`
	GUIDRef     string  `xml:"guidref,attr"`
	Version     string  `xml:"version,attr"`
	Href        string  `xml:"href,attr"`
	ContentType string  `xml:"contenttype,attr"`
	Class       Code    `xml:"itemClass"`
	Titles      []Label `xml:"title"`
}

// ContentMeta says what the content is and is about.
type ContentMeta struct {
	Urgency      string     `xml:"urgency"`
	Created      string     `xml:"contentCreated"`
	Modified     string     `xml:"contentModified"`
	Located      []Code     `xml:"located"`
	Sources      []Code     `xml:"infoSource"`
	Creators     []Code     `xml:"creator"`
	Contributors []Code     `xml:"contributor"`
	AltIDs       []string   `xml:"altId"`
	Languages    []Language `xml:"language"`
	Genres       []Code     `xml:"genre"`
	Subjects     []Code     `xml:"subject"`
	Keywords     []Label    `xml:"keyword"`
	Sluglines    []Label    `xml:"slugline"`
	Headlines    []Label    `xml:"headline"`
	Datelines    []Label    `xml:"dateline"`
	By           []Label    `xml:"by"`
	Credits      []Label    `xml:"creditline"`
	Descriptions []Label    `xml:"description"`
}

// A Language is a language of the content.
type Language struct {
	Tag string `xml:"tag,attr"`
}

// PartMeta describes a part of the content, such as a shot of a video.
type PartMeta struct {
	ID           string  `xml:"partid,attr"`
	Seq          string  `xml:"seq,attr"`
	Role         Code    `xml:"role"`
	Headlines    []Label `xml:"headline"`
	Descriptions []Label `xml:"description"`
}

// A GroupSet is the tree of a package. Root names the group at its top.
type GroupSet struct {
	Root   string  `xml:"root,attr"`
	Groups []Group `xml:"group"`
}

// A Group is one level of a package. Mode says how its members belong together:
// bag, seq (in this order) or alt (one of them).
type Group struct {
	ID      string   `xml:"id,attr"`
	Role    string   `xml:"role,attr"`
	Mode    string   `xml:"mode,attr"`
	Titles  []Label  `xml:"title"`
	Members []Member `xml:",any"`
}

// A Member is an itemRef, which names an item, or a groupRef, which names a
// group. Other elements of a group are here, too, without a reference.
type Member struct {
	XMLName xml.Name
	Group   string `xml:"idref,attr"`
	Item    string `xml:"residref,attr"`
	Version string `xml:"version,attr"`
	Href    string `xml:"href,attr"`
}

// A ContentSet holds the content, in renditions of which a reader takes one.
// Not all of them are made to be published.
type ContentSet struct {
	XML    []Inline `xml:"inlineXML"`
	Data   []Inline `xml:"inlineData"`
	Remote []Remote `xml:"remoteContent"`
}

// An Inline is content inside the document: inlineXML or inlineData.
type Inline struct {
	ContentType, Rendition, Lang, PubConstraint string
	Encoding                                    string // of data that is not text
	Content                                     markup.Inner
}

// UnmarshalXML implements [xml.Unmarshaler].
func (in *Inline) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	in.ContentType, in.Rendition = attr(start, "contenttype"), attr(start, "rendition")
	in.Lang, in.PubConstraint = attr(start, "lang"), attr(start, "pubconstraint")
	in.Encoding = cmp.Or(attr(start, "encoding"), attr(start, "encodinguri"))
	return in.Content.UnmarshalXML(d, start)
}

// A Remote is a file: remoteContent.
type Remote struct {
	Href        string `xml:"href,attr"`
	Ref         string `xml:"residref,attr"`
	ContentType string `xml:"contenttype,attr"`
	Format      string `xml:"format,attr"`
	Rendition   string `xml:"rendition,attr"`
	Size        string `xml:"size,attr"`
	Width       string `xml:"width,attr"`
	Height      string `xml:"height,attr"`
}

// A Concept is what a conceptItem is about.
type Concept struct {
	Names []Label `xml:"name"`
}

// ParseG2 reads a NewsML-G2 document of any version. Errors are those of
// [markup.Decode], and an Unsupported Problem for a document that is something
// else, such as a fragment of an item.
func ParseG2(data []byte) (*DocG2, error) {
	root, err := outline(data)
	if err != nil {
		return nil, err
	}
	switch {
	case root == "newsMessage":
		var message struct {
			Header Header `xml:"header"`
			Sets   []struct {
				Items []ItemG2 `xml:",any"`
			} `xml:"itemSet"`
		}
		if err := markup.Decode(data, &message); err != nil {
			return nil, err
		}
		doc := &DocG2{Header: message.Header}
		for _, set := range message.Sets {
			for _, item := range set.Items {
				if isItem(item.XMLName.Local) {
					doc.Items = append(doc.Items, item)
				}
			}
		}
		return doc, nil
	case isItem(root):
		doc := &DocG2{Items: make([]ItemG2, 1)}
		if err := markup.Decode(data, &doc.Items[0]); err != nil {
			return nil, err
		}
		return doc, nil
	}
	return nil, notOurs(root, "a NewsML-G2 document, which begins with newsMessage or an item")
}

func isItem(name string) bool {
	switch name {
	case "newsItem", "packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem":
		return true
	}
	return false
}

// attr returns an attribute by its local name; agencies put some of them into
// namespaces of their own.
func attr(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
