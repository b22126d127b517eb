package richtext

import (
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Comment returns what a reader has typed as HTML: paragraphs, the lines of
// one, quotations where lines begin with ">", and addresses as links. Nothing
// of the text becomes anything else, whatever it looks like.
//
// Links carry rel="ugc nofollow noopener": search engines are told that the
// paper does not vouch for them, and what opens knows nothing of us.
func Comment(text string) template.HTML {
	var w writer
	w.Grow(len(text) + len(text)/2 + 16)
	w.comment(text, 0)
	return template.HTML(w.String())
}

// maxNested is how deep quotations of quotations are set; what is deeper stands
// at this depth.
const maxNested = 3

func (w *writer) comment(text string, depth int) {
	for text != "" {
		// A run of lines that all are quoted, or none is, up to an empty one.
		quoted := depth < maxNested && text[0] == '>'
		run, rest := "", text
		for rest != "" {
			line, after, _ := strings.Cut(rest, "\n")
			if line == "" || depth < maxNested && (line[0] == '>') != quoted {
				break
			}
			rest = after
		}
		run = strings.TrimSuffix(text[:len(text)-len(rest)], "\n")
		text = strings.TrimLeft(rest, "\n")
		switch {
		case run == "":
		case quoted:
			w.put("<blockquote>\n")
			w.comment(unquote(run), depth+1)
			w.put("</blockquote>\n")
		default:
			w.put("<p>")
			for i := 0; run != ""; i++ {
				if i > 0 {
					w.put("<br>\n")
				}
				var line string
				line, run, _ = strings.Cut(run, "\n")
				w.linked(line)
			}
			w.put("</p>\n")
		}
	}
}

// unquote takes the mark of a quotation from each line.
func unquote(run string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(run, "\n") {
		line = strings.TrimPrefix(strings.TrimPrefix(line, ">"), " ")
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return strings.Trim(b.String(), "\n")
}

// linked writes a line in which addresses are links.
func (w *writer) linked(line string) {
	for line != "" {
		start, end, href := findLink(line)
		if start < 0 {
			break
		}
		w.WriteString(textEscaper.Replace(line[:start]))
		w.put(`<a href="`, attrEscaper.Replace(href), `" rel="ugc nofollow noopener">`, textEscaper.Replace(line[start:end]), `</a>`)
		line = line[end:]
	}
	w.WriteString(textEscaper.Replace(line))
}

// Links lists the addresses in a text that Comment makes links.
func Links(text string) (list []string) {
	for text != "" {
		start, end, href := findLink(text)
		if start < 0 {
			break
		}
		list = append(list, href)
		text = text[end:]
	}
	return list
}

// findLink finds the first address of the web in text; start is -1 for none.
func findLink(text string) (start, end int, href string) {
	run := 0 // where the characters end that addresses are made of
	for from := 0; ; {
		i := strings.Index(text[from:], "://")
		if i < 0 {
			return -1, -1, ""
		}
		i += from
		from = i + 3
		start = i
		for start > 0 && isLetter(text[start-1]) && i-start < len("https") {
			start--
		}
		if scheme := strings.ToLower(text[start:i]); scheme != "http" && scheme != "https" {
			continue
		}
		if before, _ := utf8.DecodeLastRuneInString(text[:start]); start > 0 && inWord(before) {
			continue
		}
		if run < from { // a run may hold many beginnings, and is measured once
			if run = strings.IndexFunc(text[from:], endsAddress); run < 0 {
				run = len(text[from:])
			}
			run += from
		}
		if run-start > 2*maxURL {
			continue
		}
		end = from + len(trimAddress(text[from:run]))
		if href = address(text[start:end], nil); href != "" {
			return start, end, href
		}
	}
}

// inWord reports whether r, before an address, makes it the rest of a word.
// Japanese and Chinese are written without spaces: there an address may follow at
// once.
func inWord(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// endsAddress reports whether an address in running text cannot hold r.
func endsAddress(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"`“”„«»「」『』（）、。，", r)
}

// trimAddress takes the punctuation of the sentence from the end of an address,
// and a bracket that was opened before it.
func trimAddress(s string) string {
	closes := func(left, right string) int { return strings.Count(s, right) - strings.Count(s, left) }
	round, square, curly := closes("(", ")"), closes("[", "]"), closes("{", "}")
	for s != "" {
		last, size := utf8.DecodeLastRuneInString(s)
		switch {
		case strings.ContainsRune(".,;:!?'’…*_~", last):
		case last == ')' && round > 0:
			round--
		case last == ']' && square > 0:
			square--
		case last == '}' && curly > 0:
			curly--
		default:
			return s
		}
		s = s[:len(s)-size]
	}
	return s
}
