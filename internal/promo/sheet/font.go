package sheet

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// A face is a font of the file, by its place in the list of fonts.
type face int

const (
	plain face = iota
	bold
	japanese // stands in for both; where bold is asked for, its outlines are drawn too
	faces
)

// A style is how a piece of text looks.
type style struct {
	face face // plain or bold
	size float64
	ink  colour
}

// A colour is red, green and blue as PDF writes them.
type colour string

const (
	ink    colour = "0.106 0.102 0.094"
	soft   colour = "0.357 0.337 0.298"
	accent colour = "0.71 0.188 0.106"
	hair   colour = "0.8 0.78 0.74"
)

// A run is text of one face, as a content stream writes it.
type run struct {
	face face
	code []byte // in WinAnsi, or in UTF-16 for the Japanese font
}

// runs cuts a text where its face changes.
func runs(text string, f face) (list []run) {
	for _, r := range text {
		use, code := f, []byte(nil)
		if b, ok := charmap.Windows1252.EncodeRune(r); ok {
			code = []byte{b}
		} else {
			use = japanese
			for _, unit := range utf16.AppendRune(nil, r) {
				code = append(code, byte(unit>>8), byte(unit))
			}
		}
		if n := len(list); n > 0 && list[n-1].face == use {
			list[n-1].code = append(list[n-1].code, code...)
		} else {
			list = append(list, run{use, code})
		}
	}
	return list
}

// wide is how wide a letter is, in thousandths of the size.
func (f face) wide(r rune) int {
	b, ok := charmap.Windows1252.EncodeRune(r)
	switch {
	case ok && f == bold:
		return boldWidths[max(b, ' ')-' ']
	case ok:
		return plainWidths[max(b, ' ')-' ']
	case halfKana(r):
		return 500
	}
	return 1000
}

// halfKana are the only letters of the Japanese font that are not square: CID 327 to 389,
// of which the font's dictionary says the same.
func halfKana(r rune) bool { return '\uff61' <= r && r <= '\uff9f' }

// wide is how wide a text is, in points.
func (s style) wide(text string) float64 {
	n := 0
	for _, r := range text {
		n += s.face.wide(r)
	}
	return float64(n) * s.size / 1000
}

// clean leaves of a text what can be set in one line: letters in their composed form, and
// single spaces. Emoji are in no font that is asked for, and are left out.
func clean(text string) string {
	if plainly(text) {
		return text
	}
	text = norm.NFC.String(strings.ToValidUTF8(text, "\ufffd"))
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\u2010' || r == '\u2011':
			return '-'
		case r == '\u2007' || r == '\u202f':
			return '\u00a0' // spaces in numbers, which keep together
		case r == '\u00a0' || r == '\u3000':
			return r
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || 0x10000 <= r && r < 0x20000:
			return -1
		case unicode.IsControl(r) || unicode.IsSpace(r):
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' }), " ")
}

// plainly reports whether a text is clean already, as most cells of a table are.
func plainly(text string) bool {
	before := byte(' ')
	for i := range len(text) {
		c := text[i]
		if c < ' ' || c > '~' || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return before != ' '
}
