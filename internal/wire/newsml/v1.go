// Package newsml reads NewsML: version 1, which agencies have sent since 2000
// and some send to this day, and NewsML-G2, which followed it in 2006.
//
// Its structs are the formats' own, with the standards' names and the agencies'
// words: nothing is interpreted here but what the standards say about structure.
// What a news item means to a newspaper is decided in wire.
package newsml

import (
	"encoding/xml"
	"fmt"
	"strings"

	"kawaraban/internal/problem"
	"kawaraban/internal/wire/markup"
)

// A Doc1 is a NewsML 1.x document (IPTC NewsML 1.0 to 1.2, element NewsML).
type Doc1 struct {
	Version  string   `xml:"Version,attr"`
	Envelope Envelope `xml:"NewsEnvelope"`
	Items    []Item1  `xml:"NewsItem"`
}

// An Envelope says how a document was sent.
type Envelope struct {
	TransmissionID string  `xml:"TransmissionId"`
	Sent           string  `xml:"DateAndTime"`
	From           []Party `xml:"SentFrom>Party"`
	Services       []Named `xml:"NewsService"`
	Products       []Named `xml:"NewsProduct"`
	Priority       Named   `xml:"Priority"`
}

// A Named is one of the many elements that say what they say in an attribute.
type Named struct {
	FormalName string `xml:"FormalName,attr"`
	Scheme     string `xml:"Scheme,attr"`
}

// An Item1 is a NewsItem: one revision of a piece of news.
type Item1 struct {
	Lang       string      `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID         Identifier  `xml:"Identification>NewsIdentifier"`
	NameLabel  markup.Text `xml:"Identification>NameLabel"`
	Management Management  `xml:"NewsManagement"`
	Component  Component   `xml:"NewsComponent"`
	Updates    []struct{}  `xml:"Update"` // instructions, which we do not follow
	TopicSet   *struct{}   `xml:"TopicSet"`
}

// An Identifier is a NewsIdentifier. PublicIdentifier is a URN of the four
// others, and so another one for each revision.
type Identifier struct {
	Provider string      `xml:"ProviderId"`
	Date     string      `xml:"DateId"`
	Item     string      `xml:"NewsItemId"`
	Revision Revision    `xml:"RevisionId"`
	Public   markup.Text `xml:"PublicIdentifier"`
}

// A Revision is a RevisionId. Update is N for a whole item, U for instructions
// that change the previous revision and A where only the management changed.
type Revision struct {
	Number   string `xml:",chardata"`
	Previous string `xml:"PreviousRevision,attr"`
	Update   string `xml:"Update,attr"`
}

// Management is a NewsManagement: what may be done with the item, and when.
type Management struct {
	Type         Named       `xml:"NewsItemType"`
	FirstCreated string      `xml:"FirstCreated"`
	Created      string      `xml:"ThisRevisionCreated"`
	Status       *Named      `xml:"Status"` // nil when missing
	Urgency      Named       `xml:"Urgency"`
	WillChange   *WillChange `xml:"StatusWillChange"`
	Instructions []Named     `xml:"Instruction"`
	Associated   []Reference `xml:"AssociatedWith"`
	DerivedFrom  []Reference `xml:"DerivedFrom"`
}

// A WillChange is a StatusWillChange: what the status will be from when on. The
// end of an embargo is told so.
type WillChange struct {
	Future Named  `xml:"FutureStatus"`
	At     string `xml:"DateAndTime"`
}

// A Reference points at another item: a URN, an address or a file name.
type Reference struct {
	Item string `xml:"NewsItem,attr"`
}

// A Component is a NewsComponent: content with what is known about it, or a set
// of components, in which each has a Role.
type Component struct {
	ID             string         `xml:"Duid,attr"`
	EquivalentList string         `xml:"EquivalentsList,attr"`
	Lang           string         `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	Role           Named          `xml:"Role"`
	Lines          Lines          `xml:"NewsLines"`
	Administrative Administrative `xml:"AdministrativeMetadata"`
	Rights         Rights         `xml:"RightsMetadata"`
	Descriptive    Descriptive    `xml:"DescriptiveMetadata"`
	Misspelt       Descriptive    `xml:"DescriptiveMetada"` // one agency's
	Components     []Component    `xml:"NewsComponent"`
	Contents       []Content      `xml:"ContentItem"`
	Items          []Item1        `xml:"NewsItem"`
	References     []Reference    `xml:"NewsItemRef"`
}

// Lines are NewsLines: words made to be shown, and some that are not.
type Lines struct {
	Head      []markup.Text `xml:"HeadLine"`
	SubHead   []markup.Text `xml:"SubHeadLine"`
	By        []markup.Text `xml:"ByLine"`
	Date      []markup.Text `xml:"DateLine"`
	Credit    []markup.Text `xml:"CreditLine"`
	Copyright []markup.Text `xml:"CopyrightLine"`
	Rights    []markup.Text `xml:"RightsLine"`
	Slug      []markup.Text `xml:"SlugLine"`
	Keyword   []markup.Text `xml:"KeywordLine"`
	Other     []Line        `xml:"NewsLine"`
}

// A Line is a NewsLine, of a type that the agency made up.
type Line struct {
	Type Named         `xml:"NewsLineType"`
	Text []markup.Text `xml:"NewsLineText"`
}

// Administrative is AdministrativeMetadata: where the content comes from.
type Administrative struct {
	FileName    string     `xml:"FileName"`
	Provider    []Party    `xml:"Provider>Party"`
	Creator     []Party    `xml:"Creator>Party"`
	Source      []Party    `xml:"Source>Party"`
	Contributor []Party    `xml:"Contributor>Party"`
	Properties  []Property `xml:"Property"`
}

// A Party is a person, an agency or a code for one.
type Party struct {
	FormalName string     `xml:"FormalName,attr"`
	Topic      string     `xml:"Topic,attr"`
	Properties []Property `xml:"Property"`
}

// Rights is RightsMetadata.
type Rights struct {
	Copyright []Copyright `xml:"Copyright"`
	Usage     []Usage     `xml:"UsageRights"`
}

// Copyright says who holds the rights since when.
type Copyright struct {
	Holder markup.Text `xml:"CopyrightHolder"`
	Date   markup.Text `xml:"CopyrightDate"`
}

// Usage is UsageRights: what the customer may do, in prose.
type Usage struct {
	Type        markup.Text `xml:"UsageType"`
	Geography   markup.Text `xml:"Geography"`
	Holder      markup.Text `xml:"RightsHolder"`
	Limitations markup.Text `xml:"Limitations"`
	Start       markup.Text `xml:"StartDate"`
	End         markup.Text `xml:"EndDate"`
}

// Descriptive is DescriptiveMetadata: what the content is about.
type Descriptive struct {
	Languages  []Named    `xml:"Language"`
	Genres     []Named    `xml:"Genre"`
	Subjects   []Subjects `xml:"SubjectCode"`
	Locations  []Location `xml:"Location"`
	Properties []Property `xml:"Property"`
}

// Subjects is a SubjectCode: IPTC subject codes, from coarse to fine.
type Subjects struct {
	Codes []Code1 `xml:",any"`
}

// A Code1 is a Subject, SubjectMatter or SubjectDetail.
type Code1 struct {
	XMLName    xml.Name
	FormalName string `xml:"FormalName,attr"`
}

// A Location is a place, in properties (City, Country …).
type Location struct {
	HowPresent string     `xml:"HowPresent,attr"` // Origin: where the story was written
	Properties []Property `xml:"Property"`
}

// A Property is whatever an agency wants to say.
type Property struct {
	Name       string     `xml:"FormalName,attr"`
	Value      string     `xml:"Value,attr"`
	Properties []Property `xml:"Property"`
}

// A Content is a ContentItem: a text in the document, or a file beside it.
type Content struct {
	ID         string       `xml:"Duid,attr"`
	Href       string       `xml:"Href,attr"` // relative to the delivery, or a URL
	Media      Named        `xml:"MediaType"`
	Format     Named        `xml:"Format"`
	MIME       Named        `xml:"MimeType"`
	Size       string       `xml:"Characteristics>SizeInBytes"`
	Properties []Property   `xml:"Characteristics>Property"`
	Data       markup.Inner `xml:"DataContent"`
	Encoded    []Encoding   `xml:"Encoding"`
}

// An Encoding is content with its notation, such as Base64.
type Encoding struct {
	Notation string       `xml:"Notation,attr"`
	Data     markup.Inner `xml:"DataContent"`
}

// Parse1 reads a NewsML 1.x document. Errors are those of [markup.Decode], and
// an Unsupported Problem for a document that is something else.
func Parse1(data []byte) (*Doc1, error) {
	root, err := outline(data)
	if err != nil {
		return nil, err
	}
	if root != "NewsML" {
		return nil, notOurs(root, "a NewsML 1 document, which begins with NewsML")
	}
	var doc Doc1
	if err := markup.Decode(data, &doc); err != nil {
		return nil, err
	}
	return &doc, nil
}

// maxItems is how many items and components one document may have. The fullest
// in the wild, a message with a day's work, has 100.
const maxItems = 1000

// outline returns the name of the document's root. It fails on a document that
// has more items than a newsroom could read.
func outline(data []byte) (root string, err error) {
	items := 0
	err = markup.Scan(data, func(name xml.Name) error {
		if root == "" {
			root = name.Local
		}
		if isItem(name.Local) || name.Local == "NewsItem" || name.Local == "NewsComponent" {
			items++
		}
		if items > maxItems {
			return &problem.Problem{
				Kind:   problem.TooLarge,
				Detail: fmt.Sprintf("The NewsML file has more than %d items and components, which is the limit. Send it in parts.", maxItems),
			}
		}
		return nil
	})
	return root, err
}

func notOurs(root, want string) error {
	if len(root) > 40 {
		root = strings.ToValidUTF8(root[:40], "") + "…"
	}
	return &problem.Problem{
		Kind:   problem.Unsupported,
		Detail: "The XML file begins with the element " + root + "; it is not " + want + ".",
	}
}
