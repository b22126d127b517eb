// Package ninjs reads ninjs, the IPTC's news in JSON: versions 1.0 to 1.8, 2.x
// and 3.x, and the dialects that agencies and newsroom systems speak.
//
// The three generations say the same in different shapes. Version 1 writes
// "body_xhtml" and keeps renditions and associations by name, version 2 makes
// lists of all three, version 3 writes camelCase and adds events and planning.
// A Doc has one shape for all, so that nobody above needs to know which came.
//
// Reading is tolerant, because one odd field must not stop a story: what a
// schema would refuse is read as far as it goes. It never guesses in the
// dangerous direction: a publishing status or an embargo of the wrong JSON type
// is kept as its JSON text, which no caller can take for absent.
package ninjs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"kawaraban/internal/problem"
	"kawaraban/internal/wire/loose"
)

// A Doc is one ninjs object: a news item, an event, a planning item, or what
// is associated with one.
type Doc struct {
	Generation int `json:"-"` // 1, 2 or 3

	Standard Standard `json:"standard"` // 2.x, 3.x
	Dollar   Standard `json:"$standard"`

	URI     Scalar `json:"uri"`
	GUID    Scalar `json:"guid"` // Superdesk's word for uri
	AltIDs  AltIDs `json:"altids"`
	Type    Scalar `json:"type"`
	Profile Scalar `json:"profile"`
	Version Scalar `json:"version"`
	MIME    Scalar `json:"mimetype"`
	Name    string `json:"-"` // of an association: "mainpic"

	PubStatus Scalar  `json:"pubstatus"`
	Embargoed Scalar  `json:"embargoed"` // RFC 3339; 1.0 allows a date
	Urgency   Scalar  `json:"urgency"`   // 1 to 9, a number or a string
	Signal    Strings `json:"signal"`
	Signals   Strings `json:"signals"`

	FirstCreated   Scalar `json:"firstcreated"`
	VersionCreated Scalar `json:"versioncreated"`
	ContentCreated Scalar `json:"contentcreated"`
	Expires        Scalar `json:"expires"`

	Title        Scalar  `json:"title"` // metadata: a headline comes first
	Headlines    []Label `json:"-"`     // "headline", "headline_x" or "headlines"
	Descriptions []Label `json:"-"`     // "description_x" or "descriptions"
	Bodies       []Label `json:"-"`     // "body_x" or "bodies"
	Slugline     Scalar  `json:"slugline"`
	Byline       Scalar  `json:"byline"` // 1.x
	By           Scalar  `json:"by"`     // 2.x, 3.x
	Authors      Things  `json:"authors"`
	Located      Scalar  `json:"located"`
	Dateline     Scalar  `json:"dateline"`
	Language     Scalar  `json:"language"`
	Source       Scalar  `json:"source"` // Superdesk: who delivered
	CreditLine   Scalar  `json:"creditline"`

	CopyrightHolder Scalar `json:"copyrightholder"`
	CopyrightNotice Scalar `json:"copyrightnotice"`
	UsageTerms      Scalar `json:"usageterms"`
	EdNote          Scalar `json:"ednote"` // for editors, never for readers

	Subject     Things `json:"subject"`
	Subjects    Things `json:"subjects"`
	Place       Things `json:"place"`
	Places      Things `json:"places"`
	Service     Things `json:"service"` // Superdesk: the agency's product
	Products    Things `json:"products"`
	Genre       Things `json:"genre"`
	Genres      Things `json:"genres"`
	InfoSource  Things `json:"infosource"`
	InfoSources Things `json:"infosources"`

	Renditions   Renditions `json:"renditions"`
	Associations []Doc      `json:"-"` // one level: what these point at is not followed

	Event    bool `json:"-"` // has eventDetails (3.x)
	Planning bool `json:"-"` // has plannedCoverage (3.x)
}

// A Standard says which version of ninjs a document claims to be.
type Standard struct {
	Name    Scalar `json:"name"`
	Version Scalar `json:"version"`
	Schema  Scalar `json:"schema"`
}

// A Label is a text with its role: a headline, a description or a body.
type Label struct {
	Role        string // "main", "xhtml", …; of "body_xhtml" what follows the underline
	ContentType string // MIME type, as sent
	Value       string
}

// A Thing is a subject, a place, a person, a source.
type Thing struct {
	Name    Scalar `json:"name"`
	Rel     Scalar `json:"rel"`
	Role    Scalar `json:"role"`
	Scheme  Scalar `json:"scheme"`  // 1.x
	Code    Scalar `json:"code"`    // 1.x
	URI     Scalar `json:"uri"`     // 2.x, 3.x
	Literal Scalar `json:"literal"` // 2.x, 3.x
}

// A Rendition is one file of a picture, video, sound.
type Rendition struct {
	Name        string `json:"-"` // "original", "thumbnail"
	Href        Scalar `json:"href"`
	MIME        Scalar `json:"mimetype"`    // 1.x
	ContentType Scalar `json:"contenttype"` // 2.x, 3.x
	Title       Scalar `json:"title"`
	Width       Scalar `json:"width"` // pixels
	Height      Scalar `json:"height"`
}

// Parse reads data: one ninjs object, an array of them, or an answer that holds
// them under "item", "items" or "_items", of which some may lack an id. The error
// says what is wrong with the JSON, or is ErrNotNinjs.
func Parse(data []byte) ([]Doc, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if len(data) == 0 {
		return nil, errors.New("ninjs: nothing there")
	}
	if data[0] == '[' {
		return parseAll(data)
	}
	var d Doc
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("ninjs: %w", err)
	}
	if d.ID() != "" {
		return []Doc{d}, nil
	}
	var answer struct {
		Item, Items json.RawMessage
		SDItems     json.RawMessage `json:"_items"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, fmt.Errorf("ninjs: %w", err)
	}
	for _, list := range []json.RawMessage{answer.Item, answer.Items, answer.SDItems} {
		if len(list) > 0 && (list[0] == '[' || list[0] == '{') {
			return parseAll(list)
		}
	}
	return nil, ErrNotNinjs
}

// ErrNotNinjs says that there is no object with a uri or guid in the JSON.
var ErrNotNinjs = errors.New("ninjs: neither uri nor guid")

// MaxDocs is how many documents one delivery may have. Agencies' answers have up
// to a hundred.
const MaxDocs = 1_000

// parseAll reads an array of documents; a document alone counts as one.
func parseAll(data []byte) ([]Doc, error) {
	var list []json.RawMessage // not data itself: a RawMessage is read into where it lies
	if data[0] == '{' {
		list = append(list, data)
	} else if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("ninjs: %w", err)
	}
	if len(list) > MaxDocs {
		return nil, &problem.Problem{
			Kind:   problem.TooLarge,
			Detail: fmt.Sprintf("This delivery has %d ninjs items; the limit is %d. Send it in parts.", len(list), MaxDocs),
		}
	}
	docs := make([]Doc, len(list))
	named := len(list) == 0
	for i := range list {
		if err := json.Unmarshal(list[i], &docs[i]); err != nil {
			return nil, fmt.Errorf("ninjs: item %d: %w", i+1, err)
		}
		named = named || docs[i].ID() != ""
	}
	if !named {
		return nil, ErrNotNinjs
	}
	return docs, nil
}

// ID returns the identifier that all versions share, as sent, or "".
func (d *Doc) ID() string {
	if d.URI != "" {
		return string(d.URI)
	}
	return string(d.GUID)
}

// UnmarshalJSON implements [json.Unmarshaler]. Names match in any case, which
// makes one of "pubstatus" and "pubStatus".
func (d *Doc) UnmarshalJSON(data []byte) error {
	return d.read(data, true)
}

// read fills d; follow says whether associations are read too. They are not
// followed further, because each level would scan its bytes again.
func (d *Doc) read(data []byte, follow bool) error {
	type plain Doc // without this method
	if err := json.Unmarshal(data, (*plain)(d)); err != nil {
		return err
	}
	var camel, lists bool // the style of the keys
	err := loose.Members(data, func(name string, value json.RawMessage) error {
		base, role, _ := strings.Cut(name, "_")
		switch base {
		case "headline":
			d.Headlines = addText(d.Headlines, role, value)
		case "description":
			d.Descriptions = addText(d.Descriptions, role, value)
		case "body":
			d.Bodies = addText(d.Bodies, role, value)
		case "headlines":
			lists = true
			d.Headlines = addLabels(d.Headlines, value)
		case "descriptions":
			lists = true
			d.Descriptions = addLabels(d.Descriptions, value)
		case "bodies":
			lists = true
			d.Bodies = addLabels(d.Bodies, value)
		case "subjects", "places":
			lists = true
		case "eventDetails":
			camel, d.Event = true, true
		case "plannedCoverage":
			camel, d.Planning = true, true
		case "versionCreated", "pubStatus", "firstCreated", "contentCreated", "copyrightNotice", "altIds":
			camel = true
		case "associations":
			if follow {
				return d.associate(value)
			}
		}
		return nil
	})
	d.Generation = d.generation(camel, lists)
	return err
}

// associate reads associations: an object by name (1.x) or a list (2.x, 3.x).
// Names repeat in neither, so their order is the order of importance.
func (d *Doc) associate(value json.RawMessage) error {
	return loose.Members(value, func(name string, value json.RawMessage) error {
		var named struct {
			Name Scalar `json:"name"`
			ID   Scalar `json:"id"` // the BBC's word
		}
		var a Doc
		if json.Unmarshal(value, &named) != nil || a.read(value, false) != nil {
			return nil // not an object: an association that says nothing
		}
		a.Name = firstOf(name, string(named.Name), string(named.ID))
		d.Associations = append(d.Associations, a)
		return nil
	})
}

// generation says which of the three shapes the document has, for the record:
// reading does not depend on it.
func (d *Doc) generation(camel, lists bool) int {
	for _, s := range []Standard{d.Standard, d.Dollar} {
		version := string(s.Version)
		if _, after, ok := strings.Cut(string(s.Schema), "ninjs-schema_"); ok && version == "" {
			version = after
		}
		if version != "" && version[0] >= '1' && version[0] <= '3' {
			return int(version[0] - '0')
		}
	}
	switch {
	case camel:
		return 3
	case lists:
		return 2
	default:
		return 1
	}
}
