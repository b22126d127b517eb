package richtext

import (
	"html/template"
	"net/url"
	"strings"
)

// Web returns the body as HTML for our own pages. figure renders a picture,
// which only the page knows how to do; nil leaves pictures out.
//
// The result holds nothing but what this file writes: its elements, its
// attributes, links that Check allows, and escaped text. That is true of every
// Doc, also of one that Check would refuse.
func (d Doc) Web(figure func(Block) template.HTML) template.HTML {
	w := writer{figure: figure}
	w.doc(d)
	return template.HTML(w.String())
}

// Paid is Web for a body that somebody has paid for: search engines and browsers are
// told so of each link that leads away.
func (d Doc) Paid(figure func(Block) template.HTML) template.HTML {
	w := writer{figure: figure, paid: true}
	w.doc(d)
	return template.HTML(w.String())
}

// Feed returns the body as HTML for feeds, letters and other places away from
// our pages: without classes and roles, and with paths of ours made whole
// addresses on base ("" leaves them as they are).
func (d Doc) Feed(base string, figure func(Block) template.HTML) string {
	return string(d.FeedHTML(base, figure))
}

// FeedHTML is Feed for a page of ours that shows how it looks elsewhere.
func (d Doc) FeedHTML(base string, figure func(Block) template.HTML) template.HTML {
	w := writer{figure: figure, feed: true, base: parseBase(base)}
	w.doc(d)
	return template.HTML(w.String())
}

// PlainHTML returns spans as HTML that can stand in a line: a caption, a standfirst.
func PlainHTML(spans []Span) template.HTML {
	var w writer
	w.spans(spans)
	return template.HTML(w.String())
}

// PaidHTML is PlainHTML for what somebody has paid for.
func PaidHTML(spans []Span) template.HTML {
	w := writer{paid: true}
	w.spans(spans)
	return template.HTML(w.String())
}

// A writer writes trusted HTML. Everything that is not a constant goes through
// text, attr or link.
type writer struct {
	strings.Builder
	figure func(Block) template.HTML
	feed   bool
	source bool // for those who edit: feed, and all that a block says
	paid   bool // links are somebody's who paid for them
	base   *url.URL
	look   func(element string) string // nil: elements have no style
	to     func(href string) string    // nil: links stay
}

// open begins an element.
func (w *writer) open(name string) { w.openAs(name, name) }

// openAs begins an element that looks like another one.
func (w *writer) openAs(name, as string) {
	w.put("<", name)
	if w.look != nil {
		if style := w.look(as); style != "" {
			w.put(` style="`)
			w.attr(style)
			w.put(`"`)
		}
	}
	w.put(">")
}

var (
	textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\x00", "\ufffd")
	attrEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "\x00", "\ufffd")
)

func (w *writer) doc(d Doc) {
	for _, b := range d.Blocks {
		w.block(b)
	}
}

// put writes constants.
func (w *writer) put(parts ...string) {
	for _, s := range parts {
		w.WriteString(s)
	}
}

func (w *writer) block(b Block) {
	if w.look != nil && w.letter(b) {
		return
	}
	switch b.Kind {
	case Paragraph:
		w.element("p", b.Text)
	case CrossHead:
		w.element("h2", b.Text)
	case Quote:
		w.open("blockquote")
		w.put("\n")
		w.element("p", b.Text)
		if len(b.Attribution) > 0 {
			w.element("footer", b.Attribution)
		}
		w.put("</blockquote>\n")
	case List:
		w.list(b)
	case Table:
		w.table(b)
	case Figure:
		if w.source {
			w.picture(b)
		} else if w.figure != nil {
			w.put(string(w.figure(b)), "\n")
		}
	case Embed:
		w.embed(b)
	case Preformatted:
		w.pre(b)
	}
}

func (w *writer) element(name string, text []Span) { w.elementAs(name, name, text) }

func (w *writer) elementAs(name, as string, text []Span) {
	w.openAs(name, as)
	w.spans(text)
	w.put("</", name, ">\n")
}

func (w *writer) list(b Block) {
	name := "ul"
	if b.Ordered {
		name = "ol"
	}
	w.open(name)
	w.put("\n")
	for _, item := range b.Items {
		w.element("li", item)
	}
	w.put("</", name, ">\n")
}

// pre can be reached and scrolled with the keyboard, as it may be wider than the page.
func (w *writer) pre(b Block) {
	open := `<pre tabindex="0">`
	if w.feed {
		open = "<pre>"
	}
	w.put(open)
	if text := Plain(b.Text); strings.HasPrefix(text, "\n") {
		w.put("\n") // the first line break in a <pre> is not shown
	}
	for _, s := range b.Text {
		w.span(s, w.text)
	}
	w.put("</pre>\n")
}

// table stands in a region of its own, which a narrow screen can scroll, also
// with the keyboard; it is named by the caption or the first row.
func (w *writer) table(b Block) {
	name := tableName(b)
	if !w.feed {
		w.put(`<div class="table" tabindex="0"`)
		if name != "" {
			w.put(` role="region" aria-label="`)
			w.attr(name)
			w.put(`"`)
		}
		w.put(">\n")
	}
	w.put("<table>\n")
	if len(b.Text) > 0 {
		w.element("caption", b.Text)
	}
	heads := 0
	for heads < len(b.Rows) && b.Rows[heads].Head {
		heads++
	}
	var figures []bool
	if !w.feed {
		figures = figureColumns(b.Rows)
	}
	w.rows("thead", b.Rows[:heads], figures)
	w.rows("tbody", b.Rows[heads:], figures)
	w.put("</table>\n")
	if !w.feed {
		w.put("</div>\n")
	}
}

// rows writes a part of a table; figures are the columns that hold numbers,
// which a page sets under one another.
func (w *writer) rows(part string, rows []Row, figures []bool) {
	if len(rows) == 0 {
		return
	}
	w.put("<", part, ">\n")
	for _, row := range rows {
		w.put("<tr>")
		for i, cell := range row.Cells {
			name, scope, class := "td", "", ""
			if row.Head && len(cell) > 0 { // an empty corner heads nothing
				name, scope = "th", ` scope="col"`
				if w.source {
					scope = ""
				}
			}
			if i < len(figures) && figures[i] {
				class = ` class="figures"`
			}
			w.put("<", name, scope, class, ">")
			w.spans(cell)
			w.put("</", name, ">")
		}
		w.put("</tr>\n")
	}
	w.put("</", part, ">\n")
}

// figureColumns tells which columns hold numbers and nothing else under their heads.
func figureColumns(rows []Row) (figures []bool) {
	var words []bool
	for _, row := range rows {
		for i, cell := range row.Cells {
			if i == len(figures) {
				figures, words = append(figures, false), append(words, false)
			}
			if text := flat(Plain(cell)); !row.Head && text != "" {
				figures[i] = true
				words[i] = words[i] || !isFigure(text)
			}
		}
	}
	for i := range figures {
		figures[i] = figures[i] && !words[i]
	}
	return figures
}

// isFigure reports whether s is a number, a share, a difference or a result
// such as "29–19".
func isFigure(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789.,+-−–±%‰ \u00a0\u202f") == ""
}

// tableName is what a table is called by those who cannot see it.
func tableName(b Block) string {
	if len(b.Text) > 0 {
		return flat(Plain(b.Text))
	}
	if len(b.Rows) == 0 {
		return ""
	}
	var names []string
	for _, cell := range b.Rows[0].Cells {
		if name := flat(Plain(cell)); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func (w *writer) embed(b Block) {
	if !allowedEmbed(b.URL) {
		return
	}
	if w.source {
		w.frame(b)
		return
	}
	title := b.Title
	if title == "" {
		title = display(b.URL)
	}
	if w.feed {
		w.element("p", []Span{{Text: title, Href: b.URL}})
		return
	}
	w.put(`<figure class="embed"><a href="`)
	w.attr(b.URL)
	w.put(`" rel="`)
	if w.paid {
		w.put("sponsored ")
	}
	w.put(`nofollow noopener external">`)
	w.text(title)
	w.put("</a><figcaption>")
	w.text(host(b.URL))
	w.put("</figcaption></figure>\n")
}

// spans writes a line of text. Neighbours with the same link share one <a>, so
// that a link with a bold word in it is one link.
func (w *writer) spans(spans []Span) {
	for i := 0; i < len(spans); {
		href, n := spans[i].Href, 1
		for i+n < len(spans) && spans[i+n].Href == href {
			n++
		}
		end := w.link(href)
		for _, s := range spans[i : i+n] {
			s.Href = ""
			w.span(s, w.lines)
		}
		w.put(end)
		i += n
	}
}

// span writes one span, its text with write.
func (w *writer) span(s Span, write func(string)) {
	var ends [6]string
	n := 0
	open := func(on bool, start, end string) {
		if on {
			w.put(start)
			ends[n] = end
			n++
		}
	}
	ends[0] = w.link(s.Href)
	n = 1
	open(s.Strong, "<strong>", "</strong>")
	open(s.Em, "<em>", "</em>")
	open(s.Sub, "<sub>", "</sub>")
	open(s.Sup, "<sup>", "</sup>")
	open(s.Code, "<code>", "</code>")
	write(s.Text)
	for n > 0 {
		n--
		w.put(ends[n])
	}
}

// link opens a link and returns what closes it; nothing for an address that is
// not allowed.
func (w *writer) link(href string) (end string) {
	if href == "" || !allowedHref(href) {
		return ""
	}
	to := absolute(href, w.base)
	if w.to != nil {
		to = w.to(href)
	}
	w.put(`<a href="`)
	w.attr(to)
	w.put(`"`)
	if w.look != nil {
		w.put(` class="link" style="`)
		w.attr(w.look("a"))
		w.put(`"`)
	}
	switch {
	case !strings.HasPrefix(href, "http") || w.source:
	case w.paid:
		w.put(` rel="sponsored nofollow noopener"`)
	default:
		w.put(` rel="noopener"`)
	}
	w.put(">")
	return "</a>"
}

// lines writes text with its line breaks.
func (w *writer) lines(s string) {
	for i, part := range strings.Split(s, "\n") {
		if i > 0 {
			w.put("<br>")
		}
		w.text(part)
	}
}

func (w *writer) text(s string) { w.put(textEscaper.Replace(s)) }
func (w *writer) attr(s string) { w.put(attrEscaper.Replace(s)) }
