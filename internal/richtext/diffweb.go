package richtext

import "html/template"

// Marks are the words that stand for what is otherwise only seen: in the
// language of the page.
type Marks struct {
	Added, Removed string // "Added:", for those who do not see how words are marked
	Picture        string // "Picture", in the place of one
	Video          string // "Video", the same; "" is as Picture
	Credit         string // "Image:"
}

// HTML returns the change for a page: what was added in <ins>, what was removed
// in <del>, each with its word for those who only hear it. Pictures are told,
// not shown, and what was removed leads nowhere.
func (c Change) HTML(m Marks) template.HTML {
	w := marker{marks: m}
	w.change(c)
	return template.HTML(w.String())
}

// RunsHTML returns runs as HTML that can stand in a line.
func RunsHTML(runs []Run, m Marks) template.HTML {
	w := marker{marks: m}
	w.runs(runs)
	return template.HTML(w.String())
}

// A marker writes differences.
type marker struct {
	writer
	marks Marks
}

func (w *marker) change(c Change) {
	parts := func(place Place, yield func(Part)) {
		for _, p := range c.Parts {
			if p.Place == place {
				yield(p)
			}
		}
	}
	line := func(name string) func(Part) {
		return func(p Part) {
			w.put("<", name, ">")
			w.runs(p.Cells[0])
			w.put("</", name, ">\n")
		}
	}
	switch c.Kind {
	case Paragraph:
		parts(InText, line("p"))
	case CrossHead:
		parts(InText, line("h3"))
	case Preformatted:
		w.put(`<pre tabindex="0">`)
		parts(InText, func(p Part) { w.runs(p.Cells[0]) })
		w.put("</pre>\n")
	case Quote:
		w.put("<blockquote>\n")
		parts(InText, line("p"))
		parts(InAttribution, line("footer"))
		w.put("</blockquote>\n")
	case List:
		name := "ul"
		if c.Ordered {
			name = "ol"
		}
		w.put("<", name, ">\n")
		parts(InItem, line("li"))
		w.put("</", name, ">\n")
	case Table:
		w.put(`<div class="table" tabindex="0">`, "\n<table>\n")
		parts(InText, line("caption"))
		parts(InRow, w.row)
		w.put("</table>\n</div>\n")
	case Figure:
		w.put("<figure>\n")
		parts(InPicture, w.picture)
		w.put("<figcaption>")
		parts(InText, func(p Part) {
			w.put(`<span class="caption">`)
			w.runs(p.Cells[0])
			w.put("</span>")
		})
		parts(InCredit, func(p Part) {
			w.put(` <span class="credit">`)
			w.text(w.marks.Credit)
			w.put(" ")
			w.runs(p.Cells[0])
			w.put("</span>")
		})
		w.put("</figcaption>\n</figure>\n")
	case Embed:
		parts(InTitle, line("p"))
	}
}

func (w *marker) row(p Part) {
	w.put("<tr>")
	for _, cell := range p.Cells {
		name, scope := "td", ""
		if p.Head && len(cell) > 0 && len(cell[0].Spans) > 0 { // an empty corner heads nothing
			name, scope = "th", ` scope="col"`
		}
		w.put("<", name, scope, ">")
		w.runs(cell)
		w.put("</", name, ">")
	}
	w.put("</tr>\n")
}

// picture tells that there is a picture, and what it shows.
func (w *marker) picture(p Part) {
	w.put(`<p class="told">`)
	for i, cell := range p.Cells {
		told := []Span{{Text: w.marks.Picture}}
		if i < len(p.Video) && p.Video[i] && w.marks.Video != "" {
			told[0].Text = w.marks.Video
		}
		if len(cell) > 1 || len(cell) == 1 && len(cell[0].Spans) > 0 {
			told[0].Text += ": "
		}
		if len(cell) == 1 {
			cell = []Run{{cell[0].How, append(told, cell[0].Spans...)}}
		} else {
			w.spans(told)
		}
		w.runs(cell)
	}
	w.put("</p>\n")
}

func (w *marker) runs(runs []Run) {
	for _, r := range runs {
		w.run(r)
	}
}

func (w *marker) run(r Run) {
	name, word := "", ""
	switch r.How {
	case Added:
		name, word = "ins", w.marks.Added
	case Removed:
		name, word = "del", w.marks.Removed
	}
	if name == "" || len(r.Spans) == 0 {
		w.spans(r.Spans)
		return
	}
	w.put("<", name, ">")
	if word != "" {
		w.put(`<span class="unseen">`)
		w.text(word)
		w.put(" </span>")
	}
	spans := r.Spans
	if r.How == Removed {
		spans = unlinked(spans)
	}
	w.spans(spans)
	w.put("</", name, ">")
}

// unlinked returns spans that lead nowhere.
func unlinked(spans []Span) []Span {
	out := make([]Span, len(spans))
	for i, s := range spans {
		s.Href = ""
		out[i] = s
	}
	return out
}
