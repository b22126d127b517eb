package richtext

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// FromHTML reads HTML or XHTML from anywhere: a wire item's body, a feed, a
// page that somebody pasted. Relative addresses are resolved against base, the
// address of the page that s comes from; without it only whole addresses and
// rooted paths stay.
//
// What a block cannot say is lost: scripts, styles, forms' controls, hidden and
// struck-out text with their content, every other element we do not know
// without it. The result keeps to the limits that Check holds bodies to; what
// is beyond them, or beyond the first 512 KB of s, is cut off.
func FromHTML(s string, base string) Doc {
	d, _ := ReadHTML(s, base)
	return d
}

// ReadHTML is FromHTML for those who must not lose the end of a text: where
// FromHTML cuts something off, the error is a Problem, TooLarge, that names the
// limit.
func ReadHTML(s string, base string) (Doc, error) {
	r := reader{base: parseBase(base), line: newLine()}
	return r.read(s, maxInput)
}

// A reader turns a tree of elements into blocks.
type reader struct {
	base   *url.URL
	nitf   bool
	source bool // what Source wrote, or somebody who learnt from it
	out    []Block

	line   *line     // the text that is being collected
	single bool      // all text goes into one line: a cell, a caption, a heading
	items  *[][]Span // in a list item: where nested items go
	skip   []*node   // attributions and captions, which are read by themselves
	later  []*node   // pictures and tables met inside a line, to follow its block
	noting bool      // in a note, which stands in a line by being copied there

	// So far:
	blocks    int
	cells     int // of all tables
	addresses int // of links, pictures and embeds, good and bad
	over      error
}

func (r *reader) read(s string, most int) (Doc, error) {
	body, over := parse(s, most)
	r.lose(over)
	r.flow(body, Span{})
	r.flush()
	blocks, over := cut(r.out)
	r.lose(over)
	return Doc{Blocks: blocks}, r.over
}

// lose remembers why something was cut off, nil for nothing; the first is told.
func (r *reader) lose(over error) { r.over = cmp.Or(r.over, over) }

// full reports whether so many blocks have been read that cut would drop more.
// Twice as many as it keeps, since paragraphs are blocks until they are found to
// be one quotation.
func (r *reader) full() bool { return r.blocks > 2*maxBlocks }

// count counts a block.
func (r *reader) count() {
	if r.blocks++; r.blocks == 2*maxBlocks+1 {
		r.lose(manyBlocks(r.blocks, maxBlocks))
	}
}

// emit puts a block after the text collected so far.
func (r *reader) emit(b Block) {
	r.flush()
	r.count()
	r.out = b.tidy(r.out)
}

// address reads an address, relative to the page's, with address or link. Of
// too many it reads none.
func (r *reader) address(s string, read func(string, *url.URL) string) string {
	if s == "" {
		return ""
	}
	// More than are kept, since a page has some that lead nowhere.
	const most = maxLinks + maxLinks/2
	switch r.addresses++; {
	case r.addresses == most+1:
		r.lose(manyLinks(r.addresses, maxLinks))
		return ""
	case r.addresses > most:
		return ""
	}
	got := read(s, r.base)
	if got == "" && r.source {
		r.lose(invalid(fmt.Sprintf("The link %q leads nowhere: it is neither a web or mail address nor a page of ours.", shorten(s, 100))))
	}
	return got
}

// flush ends the paragraph that is being collected, and then reads what was
// put off until its end.
func (r *reader) flush() {
	if text := r.line.take(); text != nil {
		r.count()
		if b := r.paragraph(text); b.Kind == Paragraph {
			r.out = append(r.out, b) // a line is tidy already
		} else {
			r.out = b.tidy(r.out)
		}
	}
	for len(r.later) > 0 {
		later := r.later
		r.later = nil
		for _, n := range later {
			if r.full() {
				return
			}
			r.block(n, Span{})
		}
	}
}

func (r *reader) paragraph(text []Span) Block {
	if r.nitf {
		return nitfParagraph(text)
	}
	return Block{Kind: Paragraph, Text: text}
}

// flow reads n's children with the marks m.
func (r *reader) flow(n *node, m Span) {
	for i, c := range n.children {
		if r.full() {
			return
		}
		switch {
		case c.name == "":
			m.Text = c.text
			if r.source && !r.single {
				r.typed(m)
			} else {
				r.line.add(oneLine(m))
			}
		case c.is(dropped) || hidden(c) || slices.Contains(r.skip, c):
		case c.name == "br":
			r.lineBreak()
		case c.name == "li" && !r.single:
			// Items without a list: neighbours make one.
			if !follows(n.children[:i], "li") {
				r.block(&node{name: "ul", children: itemsFrom(n.children[i:])}, m)
			}
		case c.is(inline):
			r.inline(c, m)
		case r.single:
			r.inLine(c, m)
		default:
			r.block(c, m)
		}
	}
}

// oneLine makes line breaks in the source what they are in HTML: spaces.
func oneLine(s Span) Span {
	s.Text = flat(s.Text)
	return s
}

// follows reports whether the last element of before is one of this name.
func follows(before []*node, name string) bool {
	for _, n := range slices.Backward(before) {
		if n.name != "" || strings.TrimSpace(n.text) != "" {
			return n.name == name
		}
	}
	return false
}

// itemsFrom returns the run of list items at the start of nodes.
func itemsFrom(nodes []*node) (items []*node) {
	for _, n := range nodes {
		switch {
		case n.name == "li":
			items = append(items, n)
		case n.name != "" || strings.TrimSpace(n.text) != "":
			return items
		}
	}
	return items
}

// hidden reports whether the author kept n from being seen.
func hidden(n *node) bool {
	for _, a := range n.attr {
		if a.key == "hidden" || a.key == "style" && strings.Contains(squeeze(a.val), "display:none") {
			return true
		}
	}
	return false
}

func squeeze(style string) string {
	return strings.ToLower(strings.Join(strings.Fields(style), ""))
}

// lineBreak adds a line break; the second in a row ends the paragraph.
func (r *reader) lineBreak() {
	if r.line.gap.breaks > 0 && !r.single {
		r.flush()
		return
	}
	r.line.add(Span{Text: "\n"})
}

// inline reads an element that lives inside a line.
func (r *reader) inline(n *node, m Span) {
	switch n.name {
	case "q":
		before, after := quotes(n)
		r.line.add(m.say(before))
		r.flow(n, m)
		r.line.add(m.say(after))
	case "rt": // the reading of a word, as newspapers print it
		r.note(n, m, "（", "）")
	case "fn":
		r.footnote(n, m)
	case "frac":
		r.frac(n, m)
	default:
		r.flow(n, r.mark(n, m))
	}
}

// note reads n into the line between two brackets, unless it says nothing.
// There are no notes in a note.
func (r *reader) note(n *node, m Span, before, after string) {
	if r.noting {
		r.flow(n, m)
		return
	}
	r.noting = true
	text := r.phrase(n, m)
	r.noting = false
	if text == nil {
		return
	}
	r.line.add(m.say(before))
	r.line.addAll(text)
	r.line.add(m.say(after))
}

// say returns text with the marks of m.
func (s Span) say(text string) Span {
	s.Text = text
	return s
}

// mark adds to m what n says about its text.
func (r *reader) mark(n *node, m Span) Span {
	switch n.name {
	case "b", "strong":
		m.Strong = true
	case "i", "em", "cite", "dfn", "var":
		m.Em = true
	case "sub":
		m.Sub = true
	case "sup":
		m.Sup = true
	case "code", "kbd", "samp", "tt":
		m.Code = true
	case "a":
		if href := r.address(n.get("href"), link); href != "" {
			m.Href = href
		}
	}
	// Word processors say it with styles, and wrap a whole page in a <b> of normal weight.
	if style := n.get("style"); style != "" {
		style = squeeze(style)
		switch {
		case strings.Contains(style, "font-weight:bold"), strings.Contains(style, "font-weight:700"):
			m.Strong = true
		case strings.Contains(style, "font-weight:normal"), strings.Contains(style, "font-weight:400"):
			m.Strong = false
		}
		switch {
		case strings.Contains(style, "font-style:italic"):
			m.Em = true
		case strings.Contains(style, "font-style:normal"):
			m.Em = false
		}
	}
	return m
}

// quotes returns the quotation marks to put around a <q>: none where its
// author typed them.
func quotes(n *node) (before, after string) {
	if strings.ContainsRune("\"“”„‟‘‚«‹「『", first(n)) {
		return "", ""
	}
	return "“", "”"
}

// first returns the first visible character inside n, 0 when there is none.
func first(n *node) rune {
	if (n.trait|n.below)&visible == 0 {
		return 0
	}
	for _, r := range n.text {
		if !unicode.IsSpace(r) {
			return r
		}
	}
	for _, c := range n.children {
		if r := first(c); r != 0 {
			return r
		}
	}
	return 0
}

// phrase reads all of n as one line and returns it.
func (r *reader) phrase(n *node, m Span) []Span {
	line, single := r.line, r.single
	defer func() { r.line, r.single = line, single }()
	r.line, r.single = newLine(), true
	r.flow(n, m)
	return r.line.take()
}

// plain reads all of n as one line without marks or line breaks.
func (r *reader) plain(n *node) string {
	return flat(Plain(r.phrase(n, Span{})))
}

// inLine reads a block-level element where only a line of text can stand.
func (r *reader) inLine(n *node, m Span) {
	switch {
	case n.is(aside):
		r.aside(n)
	case r.items != nil && (n.name == "ul" || n.name == "ol" || n.name == "menu"):
		if text := r.line.take(); text != nil {
			*r.items = append(*r.items, text)
		}
		r.collect(n, m, r.items)
	default:
		r.line.add(Span{Text: "\n"})
		r.flow(n, m)
		r.line.add(Span{Text: "\n"})
	}
}

// aside puts off a picture or table until the block that it stands in is
// written. A picture that is a character of the text is text.
func (r *reader) aside(n *node) {
	if n.name == "img" && emoji(n) {
		r.line.add(oneLine(Span{Text: n.get("alt")}))
		return
	}
	r.later = append(r.later, n)
}

// block reads a block-level element.
func (r *reader) block(n *node, m Span) {
	if n.name == "img" && (emoji(n) || !r.line.empty()) {
		r.aside(n)
		return
	}
	r.flush()
	switch n.name {
	case "h1", "h2", "h3", "h4", "h5", "h6", "hl1", "hl2":
		text := r.phrase(n, m)
		if r.nitf {
			text = trimDashes(text)
		}
		r.emit(Block{Kind: CrossHead, Text: text})
	case "blockquote", "bq":
		r.quote(n, m)
	case "ul", "ol", "menu":
		var items [][]Span
		r.collect(n, m, &items)
		r.emit(Block{Kind: List, Ordered: n.name == "ol", Items: items})
	case "table":
		r.table(n, m)
	case "pre":
		r.emit(Block{Kind: Preformatted, Text: r.verbatim(nil, n, m)})
	case "img":
		r.image(n)
	case "figure":
		r.figure(n)
	case "media":
		if r.nitf { // elsewhere nobody may name a picture of ours
			r.media(n)
		} else {
			r.flow(n, m)
		}
	case "iframe", "video", "audio":
		r.embed(n)
	case "dt":
		m.Strong = true
		r.flow(n, m)
	default:
		r.flow(n, m)
	}
	r.flush()
}

// collect adds the items of a list to items. A nested list's items follow the
// item that it stands in.
func (r *reader) collect(n *node, m Span, items *[][]Span) {
	outer := r.items
	defer func() { r.items = outer }()
	for _, c := range n.children {
		r.items = items
		switch {
		case c.name == "ul" || c.name == "ol" || c.name == "menu":
			r.collect(c, m, items)
		default:
			if c.name != "li" {
				c = &node{name: "li", children: []*node{c}}
			}
			if text := r.phrase(c, m); text != nil {
				*items = append(*items, text)
			}
		}
	}
}

// verbatim adds preformatted text, in which white space stays, to text.
func (r *reader) verbatim(text []Span, n *node, m Span) []Span {
	for _, c := range n.children {
		switch {
		case c.name == "":
			text = append(text, m.say(c.text))
		case c.name == "br":
			text = append(text, m.say("\n"))
		case c.is(dropped):
		case c.is(aside) && c.name != "pre":
			r.later = append(r.later, c)
		case c.is(inline):
			text = r.verbatim(text, c, r.mark(c, m))
		default:
			text = append(r.verbatim(text, c, m), m.say("\n"))
		}
	}
	return text
}
