// Package richtext holds the body of an article: a tree of blocks.
//
// A body is never stored or handled as HTML. What comes in (HTML, NITF, plain
// text) is read into blocks, and only what a block can say survives: there is
// no way to write a script, a style or an event handler in this language. What
// goes out (web, feed, text) is written from the blocks by this package, which
// is the only one that may make trusted HTML.
package richtext

// A Doc is a body: its blocks in reading order. The zero Doc is an empty body.
type Doc struct {
	Blocks []Block `json:"blocks,omitempty"`
}

// A Kind says what a block is.
type Kind string

const (
	Paragraph    Kind = "paragraph"
	CrossHead    Kind = "crosshead"    // a heading inside the body
	Quote        Kind = "quote"        // a block quotation; Attribution says whose
	List         Kind = "list"         // Items, Ordered
	Table        Kind = "table"        // Rows, Text is the table's caption
	Figure       Kind = "figure"       // a picture with caption and credit, kept apart
	Embed        Kind = "embed"        // something that lives elsewhere: shown as a link until the reader asks for it
	Preformatted Kind = "preformatted" // Text's line breaks and spaces count (agate, results)
)

// A Block is one paragraph, heading, list, … of a body. Fields that its kind
// does not name are empty.
type Block struct {
	Kind        Kind     `json:"kind"`
	Text        []Span   `json:"text,omitempty"` // paragraph, cross-head, quote, preformatted; a table's or figure's caption
	Attribution []Span   `json:"attribution,omitempty"`
	Ordered     bool     `json:"ordered,omitempty"`
	Items       [][]Span `json:"items,omitempty"`
	Rows        []Row    `json:"rows,omitempty"`
	Picture     string   `json:"picture,omitempty"` // figure: the picture's id in media, or before it is stored the Ref that the wire item used
	Credit      string   `json:"credit,omitempty"`  // figure: "Image: " is added when it is shown
	Alt         string   `json:"alt,omitempty"`     // figure
	URL         string   `json:"url,omitempty"`     // embed: where it lives (https); a figure that came from HTML: the picture's address
	Title       string   `json:"title,omitempty"`   // embed
	Video       string   `json:"video,omitempty"`   // figure: the id in media of a video, whose poster the picture is
}

// A Row is one line of a table.
type Row struct {
	Head  bool     `json:"head,omitempty"` // its cells are headings
	Cells [][]Span `json:"cells"`
}

// A Span is a run of text with one set of marks. A "\n" in Text is a line break.
type Span struct {
	Text   string `json:"text"`
	Strong bool   `json:"strong,omitempty"`
	Em     bool   `json:"em,omitempty"`
	Sub    bool   `json:"sub,omitempty"`
	Sup    bool   `json:"sup,omitempty"`
	Code   bool   `json:"code,omitempty"`
	Href   string `json:"href,omitempty"` // http, https, mailto or a path of ours
}
