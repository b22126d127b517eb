// Package nitf reads NITF, the IPTC's markup of a news story, versions 3.0 to
// 3.6: with a namespace or without, and with the marks that agencies left in
// it. The structs are NITF's own; what they mean for the paper is decided by
// package wire.
package nitf

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"kawaraban/internal/wire/markup"
)

// A Doc is one NITF document. Dates are as sent: ISO 8601, mostly in the basic
// form ("20020225T143000-0500"), some without a zone.
type Doc struct {
	XMLName  xml.Name `xml:"nitf"`
	Version  string   `xml:"version,attr"`  // "-//IPTC//DTD NITF 3.6//EN"
	BaseLang string   `xml:"baselang,attr"` // BCP 47
	Lang     string   `xml:"lang,attr"`
	Head     Head     `xml:"head"`
	Body     Body     `xml:"body"`
}

// A Head says about a story what readers do not see.
type Head struct {
	Title    markup.Text `xml:"title"`
	Meta     []Meta      `xml:"meta"`
	TObject  TObject     `xml:"tobject"`
	DocData  DocData     `xml:"docdata"`
	PubData  []PubData   `xml:"pubdata"`
	Revision []Revision  `xml:"revision-history"`
}

// A Meta is a provider's own field.
type Meta struct {
	Name    string `xml:"name,attr"`
	Content string `xml:"content,attr"`
}

// A TObject says what kind of item it is ("news") and what it is about.
type TObject struct {
	Type     string    `xml:"tobject.type,attr"`
	Subjects []Subject `xml:"tobject.subject"`
}

// A Subject is an IPTC subject code.
type Subject struct {
	RefNum string `xml:"tobject.subject.refnum,attr"`
	Code   string `xml:"tobject.subject.code,attr"`
	Type   string `xml:"tobject.subject.type,attr"`
	Matter string `xml:"tobject.subject.matter,attr"`
}

// DocData is how the story is managed.
type DocData struct {
	ManagementStatus string       `xml:"management-status,attr"` // usable, embargoed, withheld, canceled
	DocID            DocID        `xml:"doc-id"`
	DUKey            DUKey        `xml:"du-key"`
	Urgency          Urgency      `xml:"urgency"`
	Issue            Date         `xml:"date.issue"`
	Release          Date         `xml:"date.release"` // the end of an embargo
	Expire           Date         `xml:"date.expire"`
	EdMsg            []EdMsg      `xml:"ed-msg"`
	Correction       []Correction `xml:"correction"`
	Copyright        []Copyright  `xml:"doc.copyright"`
	Rights           []Rights     `xml:"doc.rights"`
	EvLoc            []EvLoc      `xml:"evloc"`
	Keywords         []Keyword    `xml:"key-list>keyword"`
	Sources          []Source     `xml:"del-list>from-src"`
	Identified       Identified   `xml:"identified-content"`
}

// A DocID is the identifier of one document: some agencies change it with
// every version.
type DocID struct {
	IDString string `xml:"id-string,attr"`
	RegSrc   string `xml:"regsrc,attr"` // who gave it
}

// A DUKey is the "dynamic use" key, which the versions of a story share.
type DUKey struct {
	Key        string `xml:"key,attr"`
	Version    string `xml:"version,attr"`
	Generation string `xml:"generation,attr"`
	Part       string `xml:"part,attr"`
}

// An Urgency is an editor's: 1 is most, 5 is usual, 8 is least.
type Urgency struct {
	EdUrg string `xml:"ed-urg,attr"`
}

// A Date is one date of a story.
type Date struct {
	Norm string `xml:"norm,attr"`
}

// An EdMsg is a message to editors.
type EdMsg struct {
	Type string `xml:"msg-type,attr"`
	Info string `xml:"info,attr"`
}

// A Correction says that the item corrects another.
type Correction struct {
	Info     string `xml:"info,attr"`
	IDString string `xml:"id-string,attr"`
}

// A Copyright is who holds the story.
type Copyright struct {
	Year   string `xml:"year,attr"`
	Holder string `xml:"holder,attr"`
}

// Rights are what may be done with the story.
type Rights struct {
	Owner       string `xml:"owner,attr"`
	Type        string `xml:"type,attr"`
	Limitations string `xml:"limitations,attr"`
	Geography   string `xml:"geography,attr"`
	StartDate   string `xml:"startdate,attr"`
	EndDate     string `xml:"enddate,attr"`
}

// An EvLoc is where it happened.
type EvLoc struct {
	City       string `xml:"city,attr"`
	CountyDist string `xml:"county-dist,attr"`
	StateProv  string `xml:"state-prov,attr"`
	Country    string `xml:"iso-cc,attr"`
}

// A Keyword is the agency's word for the running story.
type Keyword struct {
	Key string `xml:"key,attr"`
}

// A Source is one that the story came through.
type Source struct {
	Name string `xml:"src-name,attr"`
}

// Identified is what the story mentions.
type Identified struct {
	Locations   []Location   `xml:"location"`
	Classifiers []Classifier `xml:"classifier"`
}

// A Classifier is a provider's own code.
type Classifier struct {
	Type   string `xml:"type,attr"`
	Value  string `xml:"value,attr"`
	IDSrc  string `xml:"idsrc,attr"`
	IDCode string `xml:"code,attr"`
}

// PubData is where and when it was in print.
type PubData struct {
	Date string `xml:"date.publication,attr"`
	Name string `xml:"name,attr"`
}

// A Revision is one act in a story's history.
type Revision struct {
	Name     string `xml:"name,attr"`
	Function string `xml:"function,attr"` // writer-author, editor, …
	Norm     string `xml:"norm,attr"`
	Comment  string `xml:"comment,attr"`
}

// A Body is the story.
type Body struct {
	Hedline     Hedline       `xml:"body.head>hedline"`
	Notes       []Note        `xml:"body.head>note"`
	Rights      []BodyRights  `xml:"body.head>rights"`
	Bylines     []Byline      `xml:"body.head>byline"`
	Distributor markup.Text   `xml:"body.head>distributor"`
	Dateline    Dateline      `xml:"body.head>dateline"`
	Abstract    markup.Inner  `xml:"body.head>abstract"`
	Content     Content       `xml:"body.content"`
	Tagline     []markup.Text `xml:"body.end>tagline"`
}

// BodyRights are rights in words.
type BodyRights struct {
	Text        string      `xml:",chardata"`
	Owner       markup.Text `xml:"rights.owner"`
	EndDate     markup.Text `xml:"rights.enddate"`
	Type        markup.Text `xml:"rights.type"`
	Limitations markup.Text `xml:"rights.limitations"`
}

// A Hedline holds the headline and lines below it.
type Hedline struct {
	HL1 markup.Text   `xml:"hl1"`
	HL2 []markup.Text `xml:"hl2"`
}

// A Note speaks about the story; only the types "pa" (public advisory) and
// "std" could ever be meant for readers.
type Note struct {
	Class string // noteclass: editorsnote, trademk, …
	Type  string // std, pa, npa
	Text  string
}

// UnmarshalXML implements [xml.Unmarshaler].
func (n *Note) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	for _, a := range start.Attr {
		switch a.Name.Local {
		case "noteclass":
			n.Class = a.Value
		case "type":
			n.Type = a.Value
		}
	}
	var text markup.Text
	err := text.UnmarshalXML(d, start)
	n.Text = string(text)
	return err
}

// A Byline is who wrote it.
type Byline struct {
	Text    string        `xml:",chardata"` // what is not marked up
	Persons []markup.Text `xml:"person"`
	Title   markup.Text   `xml:"byttl"`
}

// Name returns the byline without the writer's title.
func (b Byline) Name() string {
	text := strings.Join(strings.Fields(b.Text), " ")
	if len(b.Persons) == 0 {
		return text
	}
	names := make([]string, len(b.Persons))
	for i, p := range b.Persons {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}

// A Dateline is where, and in some files also when, it was written.
type Dateline struct {
	Text      string      `xml:",chardata"`
	Locations []Location  `xml:"location"`
	StoryDate markup.Text `xml:"story.date"`
}

// A Location is a place, whole or in parts.
type Location struct {
	Text    string      `xml:",chardata"`
	SubLoc  markup.Text `xml:"sublocation"`
	City    markup.Text `xml:"city"`
	State   markup.Text `xml:"state"`
	Region  markup.Text `xml:"region"`
	Country markup.Text `xml:"country"`
}

// Name returns the smallest part that is a place of its own: the city.
func (l Location) Name() string {
	return cmp.Or(string(l.City), strings.Join(strings.Fields(l.Text), " "), string(l.SubLoc),
		string(l.State), string(l.Region), string(l.Country))
}

// Content is what stands in body.content.
type Content struct {
	Inner string  // NITF markup, without the notes
	Notes []Note  // taken out, because some are not for readers
	Media []Media // also left in Inner, at their places
}

// UnmarshalXML implements [xml.Unmarshaler].
func (c *Content) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	var inner markup.Inner
	if err := inner.UnmarshalXML(d, start); err != nil {
		return err
	}
	return c.split(string(inner))
}

// split walks through inner, which is well-formed and free of prefixes, cutting
// the notes and reading the media.
func (c *Content) split(inner string) error {
	if !strings.Contains(inner, "<note") && !strings.Contains(inner, "<media") {
		c.Inner = inner // most stories are spared a second reading
		return nil
	}
	const open, end = "<content>", "</content>"
	text := open + inner + end
	d := xml.NewDecoder(strings.NewReader(text))
	var kept strings.Builder
	from := len(open)
	for {
		before := int(d.InputOffset())
		t, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("body.content: %w", err)
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "note":
			var n Note
			if err := d.DecodeElement(&n, &start); err != nil {
				return fmt.Errorf("note: %w", err)
			}
			c.Notes = append(c.Notes, n)
			kept.WriteString(text[from:before])
			from = int(d.InputOffset())
		case "media":
			var m Media
			if err := d.DecodeElement(&m, &start); err != nil {
				return fmt.Errorf("media: %w", err)
			}
			c.Media = append(c.Media, m)
		}
	}
	kept.WriteString(text[from : len(text)-len(end)])
	c.Inner = kept.String()
	return nil
}

// A Media is a picture, sound or film in the story, in one or several files.
type Media struct {
	Type       string        `xml:"media-type,attr"` // image, video, audio, …
	References []Reference   `xml:"media-reference"`
	Captions   []markup.Text `xml:"media-caption"`
	Producers  []markup.Text `xml:"media-producer"`
	Metadata   []struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	} `xml:"media-metadata"`
}

// A Reference is one file of a Media.
type Reference struct {
	Name         string `xml:"name,attr"`
	Source       string `xml:"source,attr"`
	DataLocation string `xml:"data-location,attr"` // "#photo0"
	MIMEType     string `xml:"mime-type,attr"`
	Width        string `xml:"width,attr"`
	Height       string `xml:"height,attr"`
	Alternate    string `xml:"alternate-text,attr"`
	Credit       string `xml:"source-credit,attr"`
	Copyright    string `xml:"copyright,attr"`
}

// Parse reads data. Errors are those of [markup.Decode].
func Parse(data []byte) (*Doc, error) {
	var d Doc
	if err := markup.Decode(data, &d); err != nil {
		return nil, err
	}
	return &d, nil
}
