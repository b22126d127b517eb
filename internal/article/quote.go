package article

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"strings"
	"unicode"
	"unicode/utf8"

	"kawaraban/internal/db"
)

// A Wording is text of which others may have taken words: all versions of a story.
type Wording struct {
	least int // words in a row
	seed  maphash.Seed
	texts [][]string        // their words, folded
	at    map[uint64][]spot // of each least words in a row, where they begin
}

// A spot is a word of one of the texts.
type spot struct{ text, word int }

// maxWords is how many words of one wording are looked at, and most how many places of
// the same words in a row are remembered: tables say the same again and again.
const (
	maxWords = 100_000
	mostSame = 8
)

// NewWording makes a wording of texts. Somebody quotes it who has at least so many of its
// words in a row; of scripts without spaces each letter is half a word.
func NewWording(least int, texts ...string) *Wording {
	w := &Wording{least: least, seed: maphash.MakeSeed(), at: map[uint64][]spot{}}
	left := maxWords
	for _, t := range texts {
		words := wordsOf(t)
		words = words[:min(len(words), left)]
		left -= len(words)
		if len(words) < least {
			continue
		}
		w.texts = append(w.texts, words)
		for i := range len(words) - least + 1 {
			h := w.hash(words[i : i+least])
			if len(w.at[h]) < mostSame {
				w.at[h] = append(w.at[h], spot{len(w.texts) - 1, i})
			}
		}
	}
	return w
}

func (w *Wording) hash(words []string) uint64 {
	var h maphash.Hash
	h.SetSeed(w.seed)
	for _, word := range words {
		h.WriteString(word)
		h.WriteByte(' ')
	}
	return h.Sum64()
}

// Quoted returns the first words of a text, folded, that are in a row in the wording; ""
// when there are none.
func (w *Wording) Quoted(text string) string {
	words := wordsOf(text)
	words = words[:min(len(words), maxWords)]
	for i := 0; i+w.least <= len(words); i++ {
		for _, s := range w.at[w.hash(words[i:i+w.least])] {
			n, weight := 0, 0
			for theirs := w.texts[s.text][s.word:]; n < len(theirs) && i+n < len(words) && theirs[n] == words[i+n]; n++ {
				weight += weightOf(words[i+n])
			}
			if weight >= 2*w.least {
				return joined(words[i : i+n])
			}
		}
	}
	return ""
}

// Brief reports whether a text has words, and fewer than so many: too few to tell whether
// they are somebody else's.
func Brief(text string, words int) bool {
	weight := 0
	for _, w := range wordsOf(text) {
		weight += weightOf(w)
	}
	return weight > 0 && weight < 2*words
}

// weightOf is 2 for a word, and 1 for a letter that stands for half of one.
func weightOf(word string) int {
	if r, _ := utf8.DecodeRuneInString(word); spaceless(r) {
		return 1
	}
	return 2
}

// spaceless reports whether a letter is of a script that puts no spaces between words.
func spaceless(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// wordsOf are the words of a text without case, accents and marks.
func wordsOf(text string) (words []string) {
	begin := -1
	folded := Fold(text)
	end := func(at int) {
		if begin >= 0 {
			words = append(words, folded[begin:at])
		}
		begin = -1
	}
	for i, r := range folded {
		switch {
		case spaceless(r):
			end(i)
			words = append(words, string(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if begin < 0 {
				begin = i
			}
		case r == '\'' || r == '’': // "don't" is one word, however the mark is typed
			end(i)
		default:
			end(i)
		}
	}
	end(len(folded))
	return words
}

// joined are words as they are shown, cut where they are many.
func joined(words []string) string {
	const most = 40
	var b strings.Builder
	for i, word := range words[:min(len(words), most)] {
		if i > 0 && weightOf(word) == 2 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String()
}

// Said returns all that the versions of an article have said, each text once, for those
// who look where else it stands.
func (s *Store) Said(ctx context.Context, q db.Querier, id string) (texts []string, err error) {
	rows, err := q.Query(ctx, `select content from revision where article = $1 order by number desc limit $2`, id, mostRevisions)
	if err != nil {
		return nil, fmt.Errorf("read what %s has said: %w", id, err)
	}
	defer rows.Close()
	seen := map[string]bool{}
	for rows.Next() {
		c, err := scanContent(rows)
		if err != nil {
			return nil, fmt.Errorf("read what %s has said: %w", id, err)
		}
		for _, t := range c.texts() {
			if t != "" && !seen[t] {
				seen[t] = true
				texts = append(texts, t)
			}
		}
	}
	return texts, rows.Err()
}

// scanContent reads a row that is the content of a revision.
func scanContent(r row) (c Content, err error) {
	var content string
	if err := r.Scan(&content); err != nil {
		return c, err
	}
	return c, json.Unmarshal([]byte(content), &c)
}

// texts is what a content says in words, the longest last.
func (c Content) texts() []string {
	texts := []string{c.Headline, c.Standfirst, c.Lead.Caption, c.Lead.Alt}
	for _, f := range c.Body.Figures() {
		texts = append(texts, f.Alt)
	}
	return append(texts, c.Body.Text())
}

// Text is what a content says, for those who look for a passage in it.
func (c Content) Text() string { return strings.Join(c.texts(), "\n\n") }

// WithdrawnOf returns those of the articles that were withdrawn, with who asked.
func (s *Store) WithdrawnOf(ctx context.Context, ids ...string) (map[string]Withdrawal, error) {
	gone := map[string]Withdrawal{}
	if len(ids) == 0 {
		return gone, nil
	}
	var args []any
	rows, err := s.DB.Query(ctx, `select id, withdrawn, withdrawn_by, withdrawn_why
		from article
		where state = 'withdrawn' and id `+db.In(&args, ids[:min(len(ids), 500)])+`
		order by id`, args...)
	if err != nil {
		return nil, fmt.Errorf("ask what was withdrawn: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var w Withdrawal
		if err := rows.Scan(&id, (*db.Time)(&w.At), &w.By, &w.Why); err != nil {
			return nil, fmt.Errorf("ask what was withdrawn: %w", err)
		}
		gone[id] = w
	}
	return gone, rows.Err()
}
