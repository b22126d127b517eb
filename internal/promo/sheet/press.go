package sheet

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// A page of A4 and its margins, in points.
const (
	pageWide, pageHigh = 595.28, 841.89
	left, right        = 56.0, pageWide - 56
	top, bottom        = pageHigh - 52, 70.0
	foot               = 44.0
	measure            = right - left
)

var textStyle = style{plain, 9.5, ink}

// A press sets a report on pages.
type press struct {
	report *Report
	pages  []*bytes.Buffer
	y      float64 // where the page is still empty
	uses   [faces]bool
}

func (p *press) set() {
	r := p.report
	p.turn()
	p.masthead()
	p.lines(r.Kicker, style{bold, 9, accent})
	p.y -= 2
	p.lines(r.Headline, style{bold, 21, ink})
	p.y -= 4
	p.lines(r.Lead, style{plain, 11, soft})
	for _, part := range r.Parts {
		p.part(part)
	}
	p.feet()
}

// masthead is the name of who reports above a double rule.
func (p *press) masthead() {
	small, name := style{plain, 9, soft}, style{bold, 13, ink}
	when := small.short(p.report.When, measure/2)
	end := right - small.wide(when)
	p.text(end, p.y-13, when, small)
	for i, line := range name.few(p.report.From, end-left-16, 3) {
		if i > 0 {
			p.y -= 16
		}
		p.text(left, p.y-13, line, name)
	}
	p.y -= 22
	p.rule(left, right, p.y, 1.6, ink)
	p.rule(left, right, p.y-2.6, 0.5, ink)
	p.y -= 22
}

func (p *press) part(part Part) {
	p.y -= 22
	title := style{bold, 12, ink}
	high := title.lead() * float64(len(title.few(part.Title, measure, 3)))
	switch { // a title does not stand alone at the end of a page
	case part.Plot != nil:
		high += plotHigh
	case part.Table != nil:
		high += 60
	default:
		high += p.textHigh(part.Text)
	}
	p.need(high)
	p.lines(part.Title, title)
	p.y -= 4
	if part.Plot != nil {
		p.plot(part.Plot)
	}
	if part.Table != nil {
		p.table(part.Table)
	}
	for paragraph := range strings.SplitSeq(part.Text, "\n") {
		p.lines(paragraph, textStyle)
	}
}

// textHigh is how much of a text keeps together: all of it when it is short.
func (p *press) textHigh(text string) float64 {
	n := 0
	for paragraph := range strings.SplitSeq(text, "\n") {
		n += len(textStyle.wrap(paragraph, measure))
	}
	if n > 12 {
		n = 3
	}
	return float64(n)*textStyle.lead() + 4
}

// lead is how high a line is.
func (s style) lead() float64 {
	if s.size > 14 {
		return s.size * 1.28
	}
	return s.size * 1.5
}

// lines sets a text over the measure.
func (p *press) lines(text string, s style) {
	for _, line := range s.wrap(text, measure) {
		p.need(s.lead())
		p.y -= s.lead()
		p.text(left, p.y+s.lead()*0.26, line, s)
	}
}

// need turns the page unless there is so much room on it.
func (p *press) need(high float64) bool {
	if p.y-high >= bottom {
		return false
	}
	p.turn()
	return true
}

func (p *press) turn() {
	p.pages, p.y = append(p.pages, new(bytes.Buffer)), top
}

// feet says at the end of each page whose report it is, and which page.
func (p *press) feet() {
	small := style{plain, 8, soft}
	from := clean(p.report.From)
	if from != "" && p.report.Headline != "" {
		from += " · "
	}
	for i, page := range p.pages {
		number := ""
		if p.report.Page != nil {
			number = small.short(p.report.Page(i+1, len(p.pages)), measure/2)
		}
		end := right - small.wide(number)
		p.ruleOn(page, left, right, foot+13, 0.5, hair)
		p.textOn(page, left, foot, small.short(from+p.report.Headline, end-left-16), small)
		p.textOn(page, end, foot, number, small)
	}
}

func (p *press) page() *bytes.Buffer { return p.pages[len(p.pages)-1] }

// text sets one line that begins at a point.
func (p *press) text(x, y float64, line string, s style) { p.textOn(p.page(), x, y, line, s) }

func (p *press) textOn(page *bytes.Buffer, x, y float64, line string, s style) {
	if line = clean(line); line == "" {
		return
	}
	fmt.Fprintf(page, "BT %s rg %s %s Td", s.ink, points(x), points(y))
	for _, r := range runs(line, s.face) {
		p.uses[r.face] = true
		fmt.Fprintf(page, " /F%d %s Tf ", r.face+1, points(s.size))
		switch {
		case r.face != japanese:
			page.WriteString(quoted(r.code) + " Tj")
		case s.face == bold:
			fmt.Fprintf(page, "%s RG %s w 2 Tr <%X> Tj 0 Tr", s.ink, points(s.size/32), r.code)
		default:
			fmt.Fprintf(page, "<%X> Tj", r.code)
		}
	}
	page.WriteString(" ET\n")
}

// rule is a line from side to side.
func (p *press) rule(from, to, y, thick float64, c colour) {
	p.ruleOn(p.page(), from, to, y, thick, c)
}

func (p *press) ruleOn(page *bytes.Buffer, from, to, y, thick float64, c colour) {
	fmt.Fprintf(page, "%s rg %s %s %s %s re f\n", c, points(from), points(y), points(to-from), points(thick))
}

// points writes a length to a hundredth.
func points(f float64) string {
	s := strings.TrimRight(strconv.FormatFloat(f, 'f', 2, 64), "0")
	if s = strings.TrimSuffix(s, "."); s == "-0" {
		return "0"
	}
	return s
}
