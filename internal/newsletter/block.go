package newsletter

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kawaraban/internal/article"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// A BlockKind is what a part of an edition brings.
type BlockKind string

const (
	Front       BlockKind = "front"       // the top of the front page
	Section     BlockKind = "section"     // the newest of a section
	Read        BlockKind = "read"        // what was most read
	Best        BlockKind = "comment"     // the best-voted comment
	Corrections BlockKind = "corrections" // where the paper was wrong
	Events      BlockKind = "events"      // by hand
	Followed    BlockKind = "followed"    // what is new in what the reader follows
	Sponsor     BlockKind = "sponsor"     // paid for, and labelled so
	Stories     BlockKind = "stories"     // chosen by hand
	Words       BlockKind = "words"       // what somebody wrote
)

// BlockKinds lists what a digest can be made of.
func BlockKinds() []BlockKind {
	return []BlockKind{Front, Section, Read, Best, Followed, Corrections, Events, Sponsor, Words}
}

// A Block is the rule for one part of a digest.
type Block struct {
	Kind    BlockKind `json:"kind"`
	Title   string    `json:"title,omitempty"`   // "" is the one that goes without saying
	Section string    `json:"section,omitempty"` // of Section
	Limit   int       `json:"limit,omitempty"`   // stories at most
	Hours   int       `json:"hours,omitempty"`   // how far back; 0 is since the last edition
	Text    string    `json:"text,omitempty"`    // by hand: a source text (package richtext)
	By      string    `json:"by,omitempty"`      // the sponsor
	Link    string    `json:"link,omitempty"`    // of the sponsor
}

const (
	maxLimit = 20
	maxHours = 24 * 31
	maxText  = 20_000 // bytes
)

// wrong says what is wrong with a block, each at its field: "kind", "title", "link", …
func (b Block) wrong(say func(field, why string)) {
	if !slices.Contains(BlockKinds(), b.Kind) {
		say("kind", "Choose what the block brings.")
		return
	}
	if utf8.RuneCountInString(b.Title) > maxName || strings.ContainsAny(b.Title, "\r\n\x00") {
		say("title", "The title of a block is too long.")
	}
	if b.Kind == Section && b.Section == "" {
		say("section", "Choose the section of the block.")
	}
	if b.counted() && (b.Limit < 1 || b.Limit > maxLimit) {
		say("limit", "A block brings 1 to 20 stories.")
	}
	if b.Hours < 0 || b.Hours > maxHours {
		say("hours", "A block looks back 31 days at most.")
	}
	if b.written() {
		if why := wrongText(b.Text); why != "" {
			say("text", why)
		} else if b.Kind == Events && !dated(b.Text) {
			say("text", "Say when: write the day or the time of each event.")
		}
	}
	if b.Kind == Sponsor {
		b.wrongSponsor(say)
	}
}

func (b Block) wrongSponsor(say func(field, why string)) {
	if b.By == "" {
		say("by", "Name the sponsor of the block.")
	}
	switch {
	case b.Link == "":
		say("link", "Write the address to which the sponsor leads.")
	case !isWeb(b.Link):
		say("link", "The link of the sponsor begins with https://.")
	}
}

// wrongText says what is wrong with a source text for letters, "" for nothing.
func wrongText(source string) string {
	if len(source) > maxText {
		return "The text of a block is too long."
	}
	doc, err := richtext.FromSource(source)
	switch p := problem.Of(err); {
	case p != nil:
		return p.Detail
	case err != nil:
		return "This text could not be read. Look at its tags."
	case doc.Uncarried() != "":
		return "A letter carries no pictures and no embeds. Link to them instead."
	case len(doc.Blocks) == 0:
		return "Write the text of the block."
	}
	return ""
}

// dated reports whether there is a number in a text: without one it names neither a
// day nor an hour.
func dated(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsNumber(r) || strings.ContainsRune("一二三四五六七八九十", r)
	})
}

// written reports whether the block has a text by hand.
func (b Block) written() bool { return b.Kind == Events || b.Kind == Words || b.Kind == Sponsor }

// stories reports whether the block brings stories.
func (b Block) stories() bool { return b.Kind == Front || b.Kind == Section || b.Kind == Read }

// counted reports whether the block brings a number of stories.
func (b Block) counted() bool { return b.stories() || b.Kind == Followed }

func isWeb(s string) bool {
	return strings.HasPrefix(s, "https://") && len(s) > len("https://") && len(s) < 2000 && !strings.ContainsAny(s, " \"<>\\\r\n\t")
}

// A Part is one part of an edition. Of its stories a reader gets the first so many
// that no edition has brought to them: Stories may have more than Show.
type Part struct {
	Block
	Stories []string `json:"stories,omitempty"`
	Show    int      `json:"show,omitempty"`
	Comment string   `json:"comment,omitempty"`
	// Corrections are the numbers of the revisions that said so, of the stories at
	// the same places.
	Corrections []int `json:"corrections,omitempty"`
}

// A Content is an edition as one reader, or many, get it.
type Content struct {
	List    List
	Edition Edition
	Parts   []Shown
	Notices []Notice // what earlier editions brought, and is gone or was wrong
	Places  Places
	Web     bool // for the archive: nothing in it is anybody's own
	ways    *ways
}

// A Shown is a part with what stands in it.
type Shown struct {
	Part
	Cards     []Linked
	Quoted    *Quoted
	Link      string // the way of a sponsor's link, or of the comment
	Corrected []Correction
}

// A Correction is where the paper was wrong, as an edition tells it.
type Correction struct {
	Linked
	Note string
}

// A Linked is a story and the way to it from an edition.
type Linked struct {
	article.Card
	Link string
}

// Places are the texts that differ from letter to letter, by the marks that stand
// for them in a Content that is to be printed for many.
type Places struct {
	Unsubscribe string // the token of the link that ends the subscription
	Preferences string // the token of the reader's own page
	Click       string // the key in the links of one letter
}

// Marks returns the marks in the order in which a stencil takes them.
func (p Places) Marks() []string { return []string{p.Unsubscribe, p.Preferences, p.Click} }

// A Notice tells of a story that an earlier edition brought.
type Notice struct {
	Kind    NoticeKind
	Article string
	Card    article.Card // the zero Card when readers may not even have its name
	By      string       // who asked for the withdrawal, or ""
	Sent    time.Time    // when the edition that brought it went out
}

// A NoticeKind is what happened to a story that was sent.
type NoticeKind string

const (
	WasWithdrawn NoticeKind = "withdrawn"
	WasCorrected NoticeKind = "corrected"
)
