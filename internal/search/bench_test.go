package search

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/richtext"
)

// prose is text of so many words, of which few are frequent.
func prose(n int) string {
	dice := rand.New(rand.NewPCG(uint64(n), 2))
	zipf := rand.NewZipf(dice, 1.1, 3, 20_000)
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("w%xn", zipf.Uint64()*7919)
	}
	return strings.Join(list, " ")
}

func BenchmarkAnalyse(b *testing.B) {
	text := norm.NFC.String(prose(300))
	for b.Loop() {
		analyse(text)
	}
}

// BenchmarkIndex writes articles of 300 words into the index, a hundred in a
// transaction.
func BenchmarkIndex(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkIndex(b, papertest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { benchmarkIndex(b, papertest.Postgres(b)) })
}

func benchmarkIndex(b *testing.B, d *db.DB) {
	r := make([]*article.Reading, 500)
	for i := range r {
		r[i] = &article.Reading{Card: article.Card{Headline: prose(8 + i%3), Standfirst: prose(20 + i%5), Section: article.Section{Slug: "city"}}, Body: richtext.FromText(prose(100 + i))}
	}
	n := 0
	for b.Loop() {
		err := d.Tx(b.Context(), func(tx *db.Tx) error {
			docs := map[depth][]doc{}
			for range perRun {
				n++
				for d, words := range wordsOf(r[n%len(r)], nil) {
					docs[d] = append(docs[d], doc{int64(n) * 1000 * week / 600, words})
				}
			}
			return putAll(b.Context(), tx, d.Postgres(), together, docs)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(perRun*b.N)/b.Elapsed().Seconds(), "articles/s")
}
