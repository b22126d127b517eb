package wire

import (
	"time"

	"kawaraban/internal/richtext"
)

// A Status is what an agency says may be done with an item.
type Status string

const (
	Usable   Status = "usable"
	Withheld Status = "withheld" // not now; what was published is recalled
	Canceled Status = "canceled" // never; what was published is recalled (a kill)
	Unknown  Status = "unknown"  // a word we do not know: held for an editor
)

// A Class says what an item carries.
type Class string

const (
	Text    Class = "text"
	Picture Class = "picture"
	Package Class = "package" // points at other items
	Other   Class = "other"   // audio, video, graphics, planning, concepts: kept, never published by itself
)

// An Item is one version of one story of one agency, in the words that all
// formats share. Whatever the agency meant for editors only (EdNote, Advisory,
// Internal) is kept apart from what readers may see, so that it cannot be
// rendered by accident.
type Item struct {
	Format    string // "newsml-1", "newsml-g2", "ninjs-1", "ninjs-2", "ninjs-3", "nitf", "rss", "atom", "iptc-7901", "anpa-1312", "mail", …
	ID        string // the agency's id, the same for all versions
	Version   string // as sent; "1" where the format says so by default
	Order     int64  // sorts the versions of one id: the version where it is a number, else the time in microseconds
	Class     Class
	Status    Status
	RawStatus string // as sent, for editors
	LowTrust  bool   // from an open feed: an editor releases it, whatever the source's rule says

	Embargo     time.Time // UTC; zero: none
	EmbargoOpen bool      // embargoed without an end that we know: held until a new version

	Urgency  int // 1 (flash) to 9; 0 when not given
	Signals  []string
	Language string // BCP 47

	Headline   string
	Slugline   string // the agency's own name for the running story
	Standfirst string
	Bylines    []string
	Dateline   string // the place only
	Body       richtext.Doc
	BodyAt     string `json:",omitempty"` // address of the text, where the delivery only points at it
	Credit     string // who delivered: "AFP"
	Copyright  string // the source notice: "© 2026 AFP"
	Link       string // canonical address at the source, if any

	Created, Updated, Expires time.Time // UTC; zero when not given
	RawUpdated                string    // the date as sent
	Subjects                  []string  // qcodes or URIs as sent
	Places                    []string
	Products                  []string `json:",omitempty"` // the agency's products or services that it came with
	Genres                    []string `json:",omitempty"`

	Pictures []PictureRef
	Parts    []string // package: ids of the items it points at

	// Strand is how a wire that knows no ids tells one story from another; nil for
	// the others.
	Strand *Strand `json:",omitempty"`
	// Files are pictures that came in the delivery itself, by their Href.
	Files map[string][]byte `json:"-"`

	// Shouts says that its words ask for what an editor must do (a kill in prose): it is
	// held, and no rule drops it.
	Shouts bool `json:",omitempty"`

	// For editors, never for readers.
	EdNote     string
	Advisory   string
	Internal   string // non-public parts: notepads, contacts
	UsageTerms string
}

// A PictureRef is a picture that an item points at: a file beside the text, or
// an address.
type PictureRef struct {
	Ref           string // how the body names it ("photo0"); "" when the body does not
	Href          string // file name relative to the delivery, or a URL
	Type          string // MIME type as sent
	Width, Height int
	Caption       string
	Credit        string
	Copyright     string
	Alt           string
	UsageTerms    string
}
