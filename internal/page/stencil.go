package page

import (
	"fmt"
	"html/template"
	"regexp"
	"strings"
)

// A Stencil is a fragment that was rendered once, with marks where its texts
// will be. Filling it in costs a copy: for what stands hundreds of times on one
// page.
type Stencil struct {
	parts []string // one more than marks
	marks []int
}

// mark is what stands in the data of a stencil for the n-th text. It is letters
// and digits only, which no context of a template changes.
func mark(n int) string { return fmt.Sprintf("zqx%dxqz", n) }

var markIn = regexp.MustCompile(`zqx(\d+)xqz`)

// dangerous are places where escaping a text is not enough: an address or a
// handler that begins with it, an attribute without quotes, a script.
var dangerous = regexp.MustCompile(`(?i)((href|src|action|formaction|srcset|data|style|on\w+)\s*=\s*"?|\s[\w:-]+\s*=\s*|<script[^>]*>[^<]*|<style[^>]*>[^<]*|<!--[^>]*)$`)

// Stencil renders what set makes of marks. Texts may stand between elements and
// in quoted attributes, of an address only behind its beginning.
func (t Template[T]) Stencil(set func(mark func(n int) string) T) (Stencil, error) {
	html, err := t.Fragment(set(mark))
	if err != nil {
		return Stencil{}, err
	}
	var s Stencil
	rest := string(html)
	for {
		at := markIn.FindStringSubmatchIndex(rest)
		if at == nil {
			s.parts = append(s.parts, rest)
			return s, nil
		}
		if dangerous.MatchString(rest[:at[0]]) {
			return Stencil{}, fmt.Errorf("a text cannot stand behind %q", rest[max(0, at[0]-40):at[0]])
		}
		n := 0
		if _, err := fmt.Sscan(rest[at[2]:at[3]], &n); err != nil {
			return Stencil{}, err
		}
		s.parts, s.marks = append(s.parts, rest[:at[0]]), append(s.marks, n)
		rest = rest[at[1]:]
	}
}

// Fill writes the stencil with texts in place of the marks: the n-th for mark n.
func (s Stencil) Fill(w *strings.Builder, texts ...template.HTML) {
	for i, n := range s.marks {
		w.WriteString(s.parts[i])
		w.WriteString(string(texts[n]))
	}
	w.WriteString(s.parts[len(s.marks)])
}

// Escape is a text as it can stand in a stencil.
func Escape(text string) template.HTML { return template.HTML(template.HTMLEscapeString(text)) }

// Filled is what stencils have written.
func Filled(w *strings.Builder) template.HTML { return template.HTML(w.String()) }
