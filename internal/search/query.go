package search

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A Query is what somebody looks for. The zero Query looks for nothing.
type Query struct {
	Words    string // as they were typed
	Section  string // slug; "" is all
	By       string // a name of a byline, or a part of one; "" is anybody
	From, To time.Time
	Newest   bool   // newest first; else those first that say it in the headline
	After    string // cursor; "" begins at the beginning
}

// Blank reports whether nothing is looked for.
func (q Query) Blank() bool {
	return strings.TrimSpace(q.Words) == "" && q.Section == "" && strings.TrimSpace(q.By) == "" && q.From.IsZero() && q.To.IsZero()
}

// A term is one thing that an article must say, or must not.
type term struct {
	words  []string // one after another
	prefix bool     // the last is the beginning of a word
	not    bool
	typed  string // as it was typed, without the sign before it
}

// MostTerms is how many words and phrases are looked for at once.
const MostTerms = 12

// quotes open and close phrases.
const quotes = "\"“”„«»「」『』＂"

// parse reads what was typed: words, "phrases", and -words that must not stand
// there. Every other sign only divides words; nothing of it is ever an operator of a
// database. more says that there was too much of it.
func parse(typed string) (terms []term, more bool) {
	rest := norm.NFC.String(strings.ToValidUTF8(typed, " "))
	for {
		var t term
		var ok bool
		if t, rest, ok = next(rest); !ok {
			return terms, false
		}
		if len(t.words) == 0 {
			continue // only signs
		}
		if len(terms) == MostTerms {
			return terms, true
		}
		terms = append(terms, t)
	}
}

// next takes one word or phrase from what was typed.
func next(rest string) (t term, after string, ok bool) {
	rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
	if rest == "" {
		return t, "", false
	}
	for _, minus := range []string{"-", "−", "－"} {
		if cut, found := strings.CutPrefix(rest, minus); found && cut != "" && !strings.HasPrefix(cut, "-") && !unicode.IsSpace([]rune(cut)[0]) {
			t.not, rest = true, cut
			break
		}
	}
	open := []rune(rest)[0]
	if strings.ContainsRune(quotes, open) {
		rest = rest[len(string(open)):]
		text, after := rest, ""
		if i := strings.IndexAny(rest, quotes); i >= 0 {
			text = rest[:i]
			after = rest[i+len(string([]rune(rest[i:])[0])):]
		}
		t.fill(text)
		return t, after, true
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(quotes, r) })
	if end < 0 {
		end = len(rest)
	}
	t.fill(rest[:end])
	return t, rest[end:], true
}

// fill sets what the term looks for. The last character of a run of a script
// without spaces need not end one in the article.
func (t *term) fill(text string) {
	t.typed = strings.TrimSpace(text)
	tokens := analyse(text)
	if n := len(tokens); n > 0 && tokens[n-1].single {
		if n > 1 && !tokens[n-2].single && tokens[n-2].end == tokens[n-1].end {
			tokens = tokens[:n-1]
		} else {
			t.prefix = true
		}
	}
	for _, k := range tokens[:min(len(tokens), maxPhrase)] {
		t.words = append(t.words, k.word)
	}
}

// maxPhrase is how many words of a phrase are looked for.
const maxPhrase = 32
