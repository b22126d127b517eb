package richtext

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// marks returns s without its text, so that marks can be compared.
func (s Span) marks() Span {
	s.Text = ""
	return s
}

// common returns the marks that a and b share.
func common(a, b Span) Span {
	m := Span{
		Strong: a.Strong && b.Strong, Em: a.Em && b.Em,
		Sub: a.Sub && b.Sub, Sup: a.Sup && b.Sup, Code: a.Code && b.Code,
	}
	if a.Href == b.Href {
		m.Href = a.Href
	}
	return m
}

// A line collects spans in their canonical form: neighbours differ in their
// marks, no span is empty, white space is single and never at an edge. White
// space between two spans carries the marks that both have, so that a link or
// a bold word does not swallow the space beside it.
type line struct {
	spans []Span
	text  []byte // of the last span
	last  rune   // the last character written
	gap   gap
}

// A gap is the white space seen since the last character.
type gap struct {
	breaks int  // line breaks
	runes  int  // other white space
	wide   rune // the space to keep when it is the only one: a no-break or ideographic space
}

// add appends a run of text. White space in it is collapsed; "\n" is a line break.
func (l *line) add(s Span) {
	m := s.marks()
	same := false // whether the last span has these marks
	put := func(text string, last rune) {
		if same {
			l.more(text)
		} else {
			l.put(m, text)
			same = true
		}
		l.last = last
	}
	for text := s.Text; text != ""; {
		if n, last := settled(text); n > 0 {
			put(text[:n], last)
			text = text[n:]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == '\n' || r == '\u2028' || r == '\u2029':
			l.gap.breaks++
		case unicode.IsSpace(r):
			l.gap.runes++
			if r > 0x85 { // not ASCII, not NEL
				l.gap.wide = r
			}
		case r == utf8.RuneError || invisible(r) && !l.needs(r):
			// Dropped: it would show nothing, or hide something.
		default:
			put(text[:size], r)
		}
		text = text[size:]
	}
}

// settled returns how much of text, from its start to its last visible
// character, is in its canonical form already, and that character. Most text is,
// and need not be looked at one by one again.
func settled(text string) (n int, last rune) {
	for i := 0; i < len(text); {
		switch b := text[i]; {
		case b > ' ' && b < 0x7f:
			i++
			n, last = i, rune(b)
		case b == ' ' && n == i && n > 0: // one between words
			i++
		case b < utf8.RuneSelf:
			return n, last
		default:
			r, size := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError || unicode.IsSpace(r) || invisible(r) {
				return n, last
			}
			i += size
			n, last = i, r
		}
	}
	return n, last
}

func (l *line) addAll(spans []Span) {
	for _, s := range spans {
		l.add(s)
	}
}

// put writes visible text after the gap before it.
func (l *line) put(m Span, text string) {
	if len(l.spans) > 0 && l.gap != (gap{}) {
		l.write(common(l.spans[len(l.spans)-1], m), l.gap.space())
	}
	l.gap = gap{}
	l.write(m, text)
}

// more is put with the marks of the last span.
func (l *line) more(text string) {
	if l.gap != (gap{}) {
		l.text = append(l.text, l.gap.space()...)
		l.gap = gap{}
	}
	l.text = append(l.text, text...)
}

// space is what becomes of the white space of a gap.
func (g gap) space() string {
	switch {
	case g.breaks > 0:
		return "\n"
	case g.runes == 1 && g.wide != 0:
		return string(g.wide)
	}
	return " "
}

func (l *line) write(m Span, text string) {
	if n := len(l.spans); n == 0 || l.spans[n-1] != m {
		l.close()
		l.spans = append(l.spans, m)
	}
	l.text = append(l.text, text...)
}

// close gives the last span its text. Until then it holds marks only.
func (l *line) close() {
	if n := len(l.spans); n > 0 {
		l.spans[n-1].Text = string(l.text)
		l.text = l.text[:0]
	}
}

// take returns what was collected, nil when nothing was visible, and starts anew.
func (l *line) take() []Span {
	l.close()
	spans := l.spans
	*l = line{}
	return spans
}

// empty reports whether nothing visible was added.
func (l *line) empty() bool { return len(l.spans) == 0 }

// needs reports whether the invisible character r does honest work after what
// was written: joiners and variation selectors in scripts and emoji that use
// them, direction marks. They never follow white space or one another.
func (l *line) needs(r rune) bool {
	if len(l.spans) == 0 || l.gap != (gap{}) {
		return false
	}
	switch {
	case r == '\u200e' || r == '\u200f' || r == '\u061c': // LRM, RLM, ALM
		return !invisible(l.last)
	case r == '\u200c' || r == '\u200d': // ZWNJ, ZWJ
		return l.last > 0x02ff && (!invisible(l.last) || l.last == '\ufe0f')
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef: // variation selectors
		return !invisible(l.last)
	case r >= 0xe0020 && r <= 0xe007f: // tags spell the flags of England, Scotland and Wales
		return l.last == '🏴' || l.last >= 0xe0020 && l.last <= 0xe007e
	}
	return false
}

// invisible reports whether r is a control or format character, a filler or
// no character at all. Direction overrides are among them: they make text read
// differently from what it says.
func invisible(r rune) bool {
	switch {
	case r >= 0xae && r < 0x34f, r >= 0x1f000 && r < 0x1fb00: // most of Latin, emoji
		return false
	case r >= 0x2070 && r < 0xd800: // signs; most of Chinese, Japanese and Korean
		return r == '\u3164'
	case r == '\u00ad' || r == '\u034f' || r == '\u115f' || r == '\u1160' || r == '\u17b4' || r == '\u17b5',
		r == '\uffa0' || r == '\ufffc',
		r >= 0x180b && r <= 0x180f,
		r >= 0xfe00 && r <= 0xfe0f,
		r >= 0xe0000 && r <= 0xe0fff,
		r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf)
}

// tidy returns spans in their canonical form.
func tidy(spans []Span) []Span {
	var l line
	l.addAll(spans)
	return l.take()
}

// tidyPre returns the canonical form of preformatted spans: spaces, tabs and
// line breaks stay, except line breaks before the first line and white space
// after the last.
func tidyPre(spans []Span) []Span {
	var out []Span
	started := false
	for _, s := range spans {
		var w strings.Builder
		for _, r := range s.Text {
			switch {
			case r == '\n' && !started, r == '\r':
				continue
			case r == '\u00a0' || r == '\u202f':
				r = ' '
			case r == '\u2028' || r == '\u2029' || r == '\v' || r == '\f' || r == '\u0085':
				r = '\n'
				if !started {
					continue
				}
			case r != '\n' && r != '\t' && (r == utf8.RuneError || invisible(r)):
				continue
			}
			started = true
			w.WriteRune(r)
		}
		s.Text, s.Code = w.String(), false
		if n := len(out); n > 0 && s.Text != "" && out[n-1].marks() == s.marks() {
			out[n-1].Text += s.Text
		} else if s.Text != "" {
			out = append(out, s)
		}
	}
	for len(out) > 0 {
		end := &out[len(out)-1]
		if end.Text = strings.TrimRightFunc(end.Text, unicode.IsSpace); end.Text != "" {
			return out
		}
		out = out[:len(out)-1]
	}
	return nil
}

func newLine() *line { return &line{} }

// flat is text on one line.
func flat(s string) string {
	return strings.ReplaceAll(s, "\n", " ")
}

// trimLeft removes characters of cutset, and what shows nothing, from the start of spans.
func trimLeft(spans []Span, cutset string) []Span {
	for i, s := range spans {
		if s.Text = strings.TrimLeftFunc(s.Text, within(cutset)); s.Text != "" {
			return slices.Concat([]Span{s}, spans[i+1:])
		}
	}
	return nil
}

// trimRight removes characters of cutset, and what shows nothing, from the end of spans.
func trimRight(spans []Span, cutset string) []Span {
	for i, s := range slices.Backward(spans) {
		if s.Text = strings.TrimRightFunc(s.Text, within(cutset)); s.Text != "" {
			return slices.Concat(spans[:i], []Span{s})
		}
	}
	return nil
}

func within(cutset string) func(rune) bool {
	return func(r rune) bool {
		return strings.ContainsRune(cutset, r) || unicode.IsSpace(r) || invisible(r)
	}
}
