package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/papertest"
	"kawaraban/internal/richtext"
	"kawaraban/internal/search"
)

// A vocabulary has words as a language does: few are everywhere, most are rare.
type vocabulary struct {
	words []string
	zipf  *rand.Zipf
	dice  *rand.Rand
}

const (
	vocabularySize = 30_000
	bodyWords      = 300
)

func newVocabulary() *vocabulary {
	dice := rand.New(rand.NewPCG(1, 2))
	v := &vocabulary{dice: dice, zipf: rand.NewZipf(dice, 1.1, 3, vocabularySize-1)}
	for i := range vocabularySize {
		var b strings.Builder
		for n := i + 1; n > 0; n /= 20 {
			b.WriteByte("bdfghjklmnprtvwzckmq"[n%20])
			b.WriteByte("aeiou"[n/3%5])
		}
		v.words = append(v.words, b.String()+"n")
	}
	return v
}

// text is n words of the language.
func (v *vocabulary) text(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = v.words[v.zipf.Uint64()]
	}
	return strings.Join(list, " ") + "."
}

// A library is a paper whose articles are searched.
type library struct {
	db       *db.DB
	articles *article.Store
	search   *search.Store
	words    *vocabulary
}

func openLibrary(ctx context.Context, address string) (l *library, err error) {
	l = &library{words: newVocabulary()}
	if l.db, err = db.Open(ctx, db.Settings{URL: address}); err != nil {
		return nil, err
	}
	if _, err := l.db.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := job.Migrate(ctx, l.db); err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	jobs := job.New(l.db, log)
	l.articles = &article.Store{DB: l.db, Jobs: jobs, Now: time.Now, ID: db.NewID}
	job.Handle(jobs, article.DueKind, l.articles.ComeDue)
	l.search = &search.Store{DB: l.db, Articles: l.articles, Jobs: jobs, Now: time.Now, Log: log}
	return l, l.articles.SetSections(ctx, sections)
}

// fill writes n articles, one for each of the last n quarters of an hour. Their topics
// go round, and each tells of the everyday.
func (l *library) fill(ctx context.Context, n int) error {
	return publish(ctx, l.articles, n, func(i int) article.New {
		return article.New{
			Class: article.Class{Language: "en"},
			Content: article.Content{
				Headline: l.words.text(8), Standfirst: l.words.text(20), Bylines: []string{"Ada Kern"},
				Topics: []string{fmt.Sprintf("topic %d", i%500)}, Body: richtext.FromText("everyday " + l.words.text(bodyWords)),
			},
		}
	})
}

// searches is how often each sort of search is made.
const searches = 200

// measureSearch searches a big paper, on both databases.
func (b *bench) measureSearch(ctx context.Context) error {
	server, err := papertest.StartPostgres()
	if err != nil {
		return err
	}
	defer server.Stop()
	for _, d := range []struct{ name, address string }{
		{"SQLite", filepath.Join(b.dir, "search.db")},
		{"PostgreSQL", "postgres:///postgres?user=postgres&host=" + server.Socket},
	} {
		if err := b.searchIn(ctx, d.name, d.address); err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
	}
	return nil
}

func (b *bench) searchIn(ctx context.Context, name, address string) error {
	l, err := openLibrary(ctx, address)
	if err != nil {
		return err
	}
	defer l.db.Close()
	if err := l.fill(ctx, b.articles); err != nil {
		return err
	}
	began := time.Now()
	if _, err := l.search.Rebuild(ctx, func(int) {}); err != nil {
		return err
	}
	b.atLeast("articles indexed, "+name, float64(b.articles)/time.Since(began).Seconds(), 1000, " /s",
		fmt.Sprintf("%d articles of %d words, 100 in a transaction, while nothing else is written", b.articles, bodyWords))
	pick := func(from, to int) string { return l.words.words[from+l.words.dice.IntN(to-from)] }
	for _, test := range []struct {
		name  string
		goal  float64
		q     func() search.Query
		exact float64
	}{
		{"two words", 5, func() search.Query { return search.Query{Words: pick(50, 2000) + " " + pick(50, 2000)} }, 0.5},
		{"two words, newest first", 5, func() search.Query { return search.Query{Words: pick(50, 2000) + " " + pick(50, 2000), Newest: true} }, 0.5},
		{"a word in every article", 20, func() search.Query { return search.Query{Words: "everyday"} }, 0.99},
		{"a word in every article, newest first", 20, func() search.Query { return search.Query{Words: "everyday", Newest: true} }, 0.99},
		{"a very common word", 20, func() search.Query { return search.Query{Words: pick(0, 20)} }, 0.99},
		{"two very common words", 20, func() search.Query { return search.Query{Words: pick(0, 20) + " " + pick(0, 20)} }, 0.99},
		{"a phrase of common words", 0, func() search.Query { return search.Query{Words: `"` + pick(0, 20) + " " + pick(0, 20) + `"`} }, 0.99},
	} {
		times, found := make([]time.Duration, 0, searches), 0
		for range searches {
			q, began := test.q(), time.Now()
			p, err := l.search.Find(ctx, q)
			if err != nil {
				return err
			}
			times, found = append(times, time.Since(began)), found+len(p.List)
		}
		figure, how := fmt.Sprintf("search, %s, %s, p%.0f", test.name, name, test.exact*100), fmt.Sprintf("among %d articles, with passages and marks; %d times, median %.1f ms, %.1f found on the first page", b.articles, searches, milliseconds(median(times)), float64(found)/searches)
		if test.goal == 0 { // decision 67
			b.tell(figure, number(milliseconds(quantile(times, test.exact)))+" ms", how)
			continue
		}
		b.atMost(figure, milliseconds(quantile(times, test.exact)), test.goal, " ms", how)
	}
	return b.relatedIn(ctx, l, name)
}

// relatedIn asks what is about the same as some articles.
func (b *bench) relatedIn(ctx context.Context, l *library, name string) error {
	cards, _, err := l.articles.Latest(ctx, article.Filter{Limit: searches})
	if err != nil {
		return err
	}
	var times []time.Duration
	found := 0
	for _, c := range cards {
		texts, err := l.articles.Texts(ctx, l.db, c.ID)
		if err != nil {
			return err
		}
		began := time.Now()
		list, err := l.search.Related(ctx, texts[c.ID], 5)
		if err != nil {
			return err
		}
		times, found = append(times, time.Since(began)), found+len(list)
	}
	b.atMost("related articles, "+name+", p50", milliseconds(median(times)), 5, " ms",
		fmt.Sprintf("of one among %d articles; %d times, p99 %.1f ms, %.1f found", b.articles, len(times), milliseconds(quantile(times, 0.99)), float64(found)/float64(len(times))))
	return nil
}
