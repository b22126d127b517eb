package sift

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// MaxTokens is how many words of one text count.
	MaxTokens = 200

	maxToken  = 40 // letters of one
	telling   = 15 // words that decide: more of them make every long text certain
	prior     = 1  // how much is believed of a word that nobody knows
	neutral   = 0.5
	shortest  = 2 // letters; shorter words say nothing
	unsure    = 1e-6
	tellWords = 5
)

// Tokens are the different words of a Plain text by which texts are compared,
// in their order: words, and in scripts without borders of words each two
// letters in a row.
func Tokens(plain string) (tokens []string) {
	seen := map[string]bool{}
	add := func(t string) bool {
		if !seen[t] {
			seen[t] = true
			tokens = append(tokens, t)
		}
		return len(tokens) < MaxTokens
	}
	for word := range strings.FieldsSeq(plain) {
		if first, _ := utf8.DecodeRuneInString(word); !dense(first) {
			n := 0
			for i := range word {
				if n++; n > maxToken {
					word = word[:i]
					break
				}
			}
			if n >= shortest && !add(word) {
				return tokens
			}
			continue
		}
		before := -1
		for i, r := range word {
			if before >= 0 && !add(word[before:i+utf8.RuneLen(r)]) {
				return tokens
			}
			before = i
		}
	}
	return tokens
}

// A Count is how many texts with a word were approved, and how many removed.
type Count struct{ Good, Bad int }

// Judge returns how likely a text with these tokens is to be removed, and up to
// five words that speak most for it. all counts every text, known those with
// each word.
func Judge(tokens []string, all Count, known map[string]Count) (p float64, words []string) {
	if all.Good <= 0 || all.Bad <= 0 {
		return neutral, nil
	}
	type weight struct {
		word string
		p    float64
	}
	weights := make([]weight, 0, len(tokens))
	for _, t := range tokens {
		c := known[t]
		good, bad := max(c.Good, 0), max(c.Bad, 0)
		if good+bad == 0 {
			continue
		}
		g, b := float64(good)/float64(all.Good), float64(bad)/float64(all.Bad)
		share, n := b/(b+g), float64(good+bad)
		weights = append(weights, weight{t, (prior*neutral + n*share) / (prior + n)})
	}
	slices.SortStableFunc(weights, func(a, b weight) int {
		return cmp.Or(cmp.Compare(math.Abs(b.p-neutral), math.Abs(a.p-neutral)), cmp.Compare(a.word, b.word))
	})
	sum := 0.0
	for _, w := range weights[:min(len(weights), telling)] {
		p := min(max(w.p, unsure), 1-unsure)
		sum += math.Log(p) - math.Log(1-p)
		if w.p > neutral && len(words) < tellWords {
			words = append(words, w.word)
		}
	}
	return 1 / (1 + math.Exp(-sum)), words
}
