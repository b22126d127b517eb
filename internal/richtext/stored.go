package richtext

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"kawaraban/internal/problem"
)

// What a stored body may hold at most.
const (
	maxStored = 256 << 10 // bytes of JSON
	maxBlocks = 2_000
	maxPieces = 20_000 // blocks, list items, rows, cells, spans, marks and line breaks together
	maxLinks  = 2_000  // links, pictures and embeds
)

// JSON returns the stored form of the body: the same bytes for the same body.
func (d Doc) JSON() []byte {
	data, err := json.Marshal(d)
	if err != nil {
		panic(fmt.Sprintf("richtext: a body that is no JSON: %v", err)) // only strings, bools and slices of them
	}
	return data
}

// Parse reads the stored form, also from an editor that we do not trust. The
// body it returns is in its canonical form and passes Check; otherwise the error
// is a Problem, Invalid or TooLarge.
func Parse(data []byte) (Doc, error) { return limits{}.parse(data) }

// ParseDraft is Parse for what is still being written: it may be eight times as
// long as what is published, so that a text that is too long can be kept until it
// is shorter.
func ParseDraft(data []byte) (Doc, error) { return limits{more: 8}.parse(data) }

// limits are those of a stored body, or so many times more.
type limits struct{ more int }

func (l limits) of(n int) int { return n * max(l.more, 1) }

func (l limits) parse(data []byte) (Doc, error) {
	if err := l.checkSize(data); err != nil {
		return Doc{}, err
	}
	var d Doc
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return Doc{}, &problem.Problem{Kind: problem.Invalid, Detail: "The text could not be read: it is not a list of blocks.", Err: err}
	}
	if _, err := dec.Token(); err != io.EOF {
		return Doc{}, invalid("The text could not be read: something follows after its end.")
	}
	for i := range d.Blocks {
		b := &d.Blocks[i]
		b.URL = canonical(b.URL, address)
		for line := range b.lines {
			for j := range line {
				line[j].Href = canonical(line[j].Href, link)
			}
		}
	}
	if err := l.check(d); err != nil {
		return Doc{}, err
	}
	var blocks []Block
	for _, b := range d.Blocks {
		blocks = b.tidy(blocks)
	}
	return Doc{Blocks: blocks}, nil
}

// checkSize refuses a stored body that is over a limit without reading a value
// of it: an empty block takes three bytes of JSON and two hundred of memory.
func (l limits) checkSize(data []byte) error {
	if len(data) > l.of(maxStored) {
		return tooLong(len(data), l.of(maxStored))
	}
	depth, blocks, separators := 0, 1, 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			separators++
		case '}', ']':
			depth--
		case ',':
			separators++
			if depth == 2 { // {"blocks":[
				blocks++
			}
		}
	}
	switch {
	case blocks > l.of(maxBlocks):
		return manyBlocks(blocks, l.of(maxBlocks))
	case separators > 3*l.of(maxPieces): // every piece takes less than three
		return manyPieces(separators, l.of(maxPieces))
	}
	return nil
}

// Check reports whether the body may be stored. What it refuses it names in a
// Problem: Invalid, or TooLarge when the body is more than 2,000 blocks, 20,000
// parts, 2,000 links and pictures or 256 KB.
func (d Doc) Check() error { return limits{}.check(d) }

func (l limits) check(d Doc) error {
	if len(d.Blocks) > l.of(maxBlocks) {
		return manyBlocks(len(d.Blocks), l.of(maxBlocks))
	}
	pieces, links := 0, 0
	for _, b := range d.Blocks {
		if links += b.links(); links > l.of(maxLinks) {
			return manyLinks(links, l.of(maxLinks))
		}
	}
	for i, b := range d.Blocks {
		if err := b.check(); err != "" {
			return invalid(fmt.Sprintf("Block %d of the text cannot be kept: %s", i+1, err))
		}
		pieces += b.pieces()
	}
	if pieces > l.of(maxPieces) {
		return manyPieces(pieces, l.of(maxPieces))
	}
	if !surelyShort(d.Blocks) {
		if size := len(d.JSON()); size > l.of(maxStored) {
			return tooLong(size, l.of(maxStored))
		}
	}
	return nil
}

func manyBlocks(n, most int) error {
	return tooLarge(fmt.Sprintf("The text has %d blocks; %d is the most.", n, most))
}

func manyPieces(n, most int) error {
	return tooLarge(fmt.Sprintf("The text has %d parts (cells, items, changes of type); %d is the most.", n, most))
}

func manyLinks(n, most int) error {
	return tooLarge(fmt.Sprintf("The text has %d links and pictures; %d is the most.", n, most))
}

func tooLong(size, most int) error {
	return tooLarge(fmt.Sprintf("The text has %d KB; %d is the most.", (size+1<<10-1)>>10, most>>10))
}

func invalid(detail string) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: detail}
}

func tooLarge(detail string) error {
	return &problem.Problem{Kind: problem.TooLarge, Detail: detail}
}

// check returns what is wrong with b, "" when nothing is.
func (b Block) check() string {
	allowed := Block{Kind: b.Kind}
	switch b.Kind {
	case Paragraph, CrossHead, Preformatted:
		allowed.Text = b.Text
	case Quote:
		allowed.Text, allowed.Attribution = b.Text, b.Attribution
	case List:
		allowed.Ordered, allowed.Items = b.Ordered, b.Items
	case Table:
		allowed.Text, allowed.Rows = b.Text, b.Rows
	case Figure:
		allowed.Text, allowed.Picture, allowed.Credit, allowed.Alt, allowed.URL = b.Text, b.Picture, b.Credit, b.Alt, b.URL
		allowed.Video = b.Video
		if b.URL != "" && !allowedPicture(b.URL) {
			return "the address of its picture is not a web address."
		}
	case Embed:
		allowed.URL, allowed.Title = b.URL, b.Title
		if !allowedEmbed(b.URL) {
			return "what it shows must have an address that starts with https://."
		}
	default:
		return fmt.Sprintf("there is no kind %q.", shorten(string(b.Kind), 40))
	}
	if !same(b, allowed) {
		return fmt.Sprintf("it has parts that a %s does not have.", b.Kind)
	}
	for _, s := range []string{b.Picture, b.Credit, b.Alt, b.Title, b.Video} {
		if utf8.RuneCountInString(s) > maxLine {
			return fmt.Sprintf("a line of it is longer than %d characters.", maxLine)
		}
		if !clean(s, false) {
			return "it holds control characters."
		}
	}
	for line := range b.lines {
		for _, s := range line {
			if s.Href != "" && !allowedHref(s.Href) {
				return fmt.Sprintf("the link %q is neither a web or mail address nor a page of ours.", shorten(s.Href, 100))
			}
			if !clean(s.Text, b.Kind == Preformatted) {
				return "it holds control characters."
			}
		}
	}
	return ""
}

// same reports whether b has no field set that allowed, made from it, has not.
func same(b, allowed Block) bool {
	return len(b.Text) == len(allowed.Text) && len(b.Attribution) == len(allowed.Attribution) &&
		b.Ordered == allowed.Ordered && len(b.Items) == len(allowed.Items) && len(b.Rows) == len(allowed.Rows) &&
		b.Picture == allowed.Picture && b.Credit == allowed.Credit && b.Alt == allowed.Alt &&
		b.URL == allowed.URL && b.Title == allowed.Title && b.Video == allowed.Video
}

// clean reports whether s is UTF-8 without control characters; line breaks are
// allowed, and tabs where white space counts.
func clean(s string, tabs bool) bool {
	for _, r := range s {
		if r < ' ' && r != '\n' && (r != '\t' || !tabs) || r >= 0x7f && r <= 0x9f {
			return false
		}
	}
	return utf8.ValidString(s)
}

// lines calls yield for each line of text in b.
func (b Block) lines(yield func([]Span) bool) {
	if !yield(b.Text) || !yield(b.Attribution) {
		return
	}
	for _, item := range b.Items {
		if !yield(item) {
			return
		}
	}
	for _, row := range b.Rows {
		for _, cell := range row.Cells {
			if !yield(cell) {
				return
			}
		}
	}
}

// pieces counts what b is made of.
func (b Block) pieces() int {
	n := 1 + len(b.Rows)
	for line := range b.lines {
		n += 1 + len(line)
		for _, s := range line {
			n += strings.Count(s.Text, "\n")
			for _, on := range []bool{s.Strong, s.Em, s.Sub, s.Sup, s.Code, s.Href != ""} {
				if on {
					n++
				}
			}
		}
	}
	return n
}

// links counts the addresses in b as a page shows them: a link is one as long
// as its address stays the same.
func (b Block) links() (n int) {
	if b.URL != "" {
		n++
	}
	for line := range b.lines {
		for i, s := range line {
			if s.Href != "" && (i == 0 || line[i-1].Href != s.Href) {
				n++
			}
		}
	}
	return n
}

// cut returns the first of blocks that a body may hold. The block that goes
// over the limits loses its end; those after it are dropped, and over says which
// limit it was.
func cut(blocks []Block) (kept []Block, over error) {
	size, pieces, links := len(`{"blocks":[]}`), 0, 0
	short := surelyShort(blocks)
	for i, b := range blocks {
		s, p, l := 0, 0, 0
		fits := func(b Block) error {
			if i >= maxBlocks {
				return manyBlocks(len(blocks), maxBlocks)
			}
			if p = b.pieces(); pieces+p > maxPieces {
				return manyPieces(pieces+p, maxPieces)
			}
			if l = b.links(); links+l > maxLinks {
				return manyLinks(links+l, maxLinks)
			}
			if short {
				return nil
			}
			if s = b.size(); size+s > maxStored {
				return tooLong(size+s, maxStored)
			}
			return nil
		}
		over := fits(b)
		if over == nil {
			size, pieces, links = size+s, pieces+p, links+l
			continue
		}
		for b, ok := b.half(); ok; b, ok = b.half() {
			if fits(b) == nil {
				return b.tidy(blocks[:i]), over
			}
		}
		return blocks[:i], over
	}
	return blocks, nil
}

// half returns b with the first half of its items, rows or text; ok is false
// when that would leave nothing.
func (b Block) half() (half Block, ok bool) {
	switch {
	case len(b.Items) > 1:
		b.Items = b.Items[:len(b.Items)/2]
	case len(b.Rows) > 1:
		b.Rows = b.Rows[:len(b.Rows)/2]
	case len(b.Text) > 1:
		b.Text = b.Text[:len(b.Text)/2]
	case len(b.Text) == 1 && len(b.Text[0].Text) > utf8.UTFMax:
		s := b.Text[0]
		end := len(s.Text) / 2
		for !utf8.RuneStart(s.Text[end]) {
			end--
		}
		s.Text = s.Text[:end]
		b.Text = []Span{s}
	default:
		return b, false
	}
	return b, true
}

// Figures returns the body's figures, in place: whoever stores their pictures
// sets Picture to the id in media.
func (d Doc) Figures() []*Block {
	var figures []*Block
	for i := range d.Blocks {
		if d.Blocks[i].Kind == Figure {
			figures = append(figures, &d.Blocks[i])
		}
	}
	return figures
}
