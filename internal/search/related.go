package search

import (
	"cmp"
	"context"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kawaraban/internal/article"
	"kawaraban/internal/topic"
)

const (
	maxKeys = 8   // of what an article is about
	rare    = 300 // documents with one of them at most: what is in more says little of any
	enough  = 1.6 // what articles must have in common: two words of their headlines, a topic and a word, two topics
)

// A key is a word or a phrase that says what an article is about.
type key struct {
	term
	where  depth
	weight float64
}

// Related returns readable articles that are about the same as one: those that share
// most of its topics and of the words of its headline. What is in very many articles
// does not count. Of those that share as much the newest come first.
func (s *Store) Related(ctx context.Context, r *article.Reading, limit int) ([]article.Card, error) {
	score := map[int64]float64{}
	for _, k := range keys(r) {
		found, err := s.few(ctx, k.where, expression(s.DB.Postgres(), []term{k.term}, nil), rare)
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			score[n] += k.weight
		}
	}
	list := make([]int64, 0, len(score))
	for n, sum := range score {
		if sum >= enough {
			list = append(list, n)
		}
	}
	slices.SortFunc(list, func(a, b int64) int { return cmp.Or(cmp.Compare(score[b], score[a]), cmp.Compare(b, a)) })
	return s.cards(ctx, list[:min(len(list), 4*limit)], r.ID, limit)
}

// cards returns the first of some documents that readers may have.
func (s *Store) cards(ctx context.Context, list []int64, without string, limit int) (cards []article.Card, err error) {
	ids, err := s.articles(ctx, list)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	readable, err := s.Articles.Readable(ctx, slices.Collect(values(ids))...)
	if err != nil {
		return nil, err
	}
	for _, n := range list {
		if c, ok := readable[ids[n]]; ok && c.ID != without && len(cards) < limit {
			cards = append(cards, c)
		}
	}
	return cards, nil
}

// keys are what an article is about: its topics, and the words of its headline.
func keys(r *article.Reading) (list []key) {
	seen := map[string]bool{}
	add := func(t term, where depth, weight float64) {
		if len(t.words) > 0 && len(list) < maxKeys && !seen[t.words[0]] {
			seen[t.words[0]] = true
			list = append(list, key{t, where, weight})
		}
	}
	for _, entry := range r.Topics {
		var t term
		t.fill(norm.NFC.String(topic.Load().Word(entry, "en")))
		if add(t, lead, 1.5); len(list) == maxKeys/2 {
			break // the headline has something to say, too
		}
	}
	for _, t := range headlineTerms(norm.NFC.String(r.Headline)) {
		add(t, head, 1)
	}
	return list
}

// headlineTerms are the words of a headline that say something: long ones, and runs
// of characters of a script without spaces.
func headlineTerms(headline string) (list []term) {
	tokens := analyse(headline)
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		first, _ := utf8.DecodeRuneInString(t.word)
		switch {
		case t.single: // the end of a run
		case spaceless(first):
			if !hiragana(t.word) {
				list = append(list, term{words: []string{t.word}})
			}
		case utf8.RuneCountInString(t.word) > 3 && !empty(t.word):
			list = append(list, term{words: []string{t.word}})
		}
	}
	return list
}

// hiragana reports whether a pair of characters has one that only binds words.
func hiragana(pair string) bool {
	for _, r := range pair {
		if r >= 0x3040 && r <= 0x309f {
			return true
		}
	}
	return false
}

// empty words say nothing of what an article is about.
func empty(word string) bool {
	switch word {
	case "about", "after", "again", "against", "also", "amid", "another", "because", "been", "before", "being", "between", "both",
		"cannot", "could", "does", "down", "during", "each", "ever", "every", "first", "from", "have", "here", "into", "just", "last",
		"later", "less", "like", "long", "made", "make", "many", "more", "most", "much", "must", "near", "never", "next", "only",
		"other", "over", "said", "same", "say", "says", "should", "since", "some", "still", "such", "take", "than", "that", "their",
		"them", "then", "there", "these", "they", "thi", "this", "those", "three", "through", "today", "toward", "under", "until", "upon", "very",
		"want", "well", "were", "what", "when", "where", "which", "while", "will", "with", "without", "would", "year", "your", "news":
		return true
	}
	return false
}
