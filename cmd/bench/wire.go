package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/papertest"
	"kawaraban/internal/wire"
)

// agencies is where the agencies' files are, if they are; they belong to others
// and are not in the project.
const agencies = "../shared/data/wire"

// measureWire reads the agencies' files, stores what comes, and looks through a wire of
// many years.
func (b *bench) measureWire(ctx context.Context) error {
	return errors.Join(b.readWire(), b.storeWire(ctx))
}

// readWire reads the agencies' files, one after the other.
func (b *bench) readWire() error {
	var names []string
	var files [][]byte
	size := 0
	err := filepath.WalkDir(agencies, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		names, files, size = append(names, path), append(files, data), size+len(data)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		b.tell("wire files read", "not measured", "the agencies' files are not on this machine")
		return nil
	}
	if err != nil {
		return err
	}
	items, refused, rates := 0, 0, []float64(nil)
	for range 5 {
		items, refused = 0, 0
		began := time.Now()
		for i := range files {
			found, err := wire.Read(names[i], files[i])
			if err != nil {
				refused++
			}
			items += len(found)
		}
		rates = append(rates, float64(items)/time.Since(began).Seconds())
	}
	b.atLeast("wire items read", median(rates), 1000, " /s",
		fmt.Sprintf("%d files, %.1f MB, %d items, %d refused; one goroutine, median of %d", len(files), float64(size)/1e6, items, refused, len(rates)))
	return nil
}

const (
	wireKept = 1_000_000 // stories that a paper has after years
	wireSent = 2_000     // and what comes in a day
)

func (b *bench) storeWire(ctx context.Context) error {
	server, err := papertest.StartPostgres()
	if err != nil {
		return err
	}
	defer server.Stop()
	for _, d := range []struct{ name, address string }{
		{"SQLite", filepath.Join(b.dir, "wire.db")},
		{"PostgreSQL", "postgres:///postgres?user=postgres&host=" + server.Socket},
	} {
		if err := b.wireIn(ctx, d.name, d.address); err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
	}
	return nil
}

func (b *bench) wireIn(ctx context.Context, name, address string) error {
	l, err := openLibrary(ctx, address)
	if err != nil {
		return err
	}
	defer l.db.Close()
	folder := filepath.Join(b.dir, "wire-"+name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	blobs, err := blob.OpenFolder(folder)
	if err != nil {
		return err
	}
	defer blobs.Close()
	log := slog.New(slog.DiscardHandler)
	w := &wire.Store{
		DB: l.db, Articles: l.articles, Media: &media.Store{DB: l.db, Blobs: blobs, Jobs: l.search.Jobs, Now: time.Now, ID: db.NewID, Log: log},
		Language: func() string { return "en" }, Index: l.search.PutSent, Find: l.search.FindSent, Now: time.Now, ID: db.NewID, Log: log,
	}
	src, err := w.AddSource(ctx, wire.Source{Name: "MHP", Section: sections[0].Slug, Publish: wire.Hold})
	if err != nil {
		return err
	}
	if err := keepWire(ctx, l.db, src); err != nil {
		return err
	}
	if err := deskRules(ctx, w); err != nil {
		return err
	}
	began := time.Now()
	for i := range wireSent {
		data, err := json.Marshal(map[string]any{
			"uri": fmt.Sprint("urn:bench:new-", i), "version": "1", "type": "text", "pubstatus": "usable", "headline": l.words.text(8), "urgency": 4,
			"subject": []any{map[string]any{"code": "medtop:20000523"}}, "body_html": "<p>" + l.words.text(bodyWords) + "</p>",
		})
		if err != nil {
			return err
		}
		if _, err := w.Deliver(ctx, src, fmt.Sprint(i, ".json"), data, nil); err != nil {
			return err
		}
	}
	b.atLeast("wire items stored, "+name, wireSent/time.Since(began).Seconds(), 200, " /s",
		fmt.Sprintf("%d of %d words, each a delivery of its own with its article and its words in the index, by 50 rules with 20 words each, on top of %d; one after the other", wireSent, bodyWords, wireKept))
	for _, look := range []struct {
		name string
		f    wire.Filter
	}{
		{"all", wire.Filter{}},
		{"to decide", wire.Filter{View: wire.Waiting}},
		{"flashes", wire.Filter{View: wire.Urgent}},
		{"recalled", wire.Filter{View: wire.Killed}},
		{"a section", wire.Filter{Section: sections[1].Slug}},
		{"a topic", wire.Filter{Topic: "topic 7"}},
		{"words", wire.Filter{Words: l.words.words[100]}},
		{"flashes of a topic", wire.Filter{View: wire.Urgent, Topic: "topic 0"}},
		{"flashes of a topic that has none", wire.Filter{View: wire.Urgent, Topic: "topic 7"}},
	} {
		var times []time.Duration
		found := 0
		for range searches {
			began := time.Now()
			lines, _, err := w.List(ctx, look.f)
			if err != nil {
				return err
			}
			times, found = append(times, time.Since(began)), len(lines)
		}
		b.atMost(fmt.Sprintf("wire, %s, %s, p99", look.name, name), milliseconds(quantile(times, 0.99)), 50, " ms",
			fmt.Sprintf("a page of %d among %d stories; %d times, median %.1f ms", found, wireKept+wireSent, searches, milliseconds(median(times))))
	}
	return nil
}

// deskRules makes 50 rules live, with ten words each, that fit nothing: all of them are
// asked about each item.
func deskRules(ctx context.Context, w *wire.Store) error {
	var rules wire.Rules
	for i := range 50 {
		r := wire.DeskRule{Name: fmt.Sprint("Rule ", i), When: wire.When{Languages: []string{"en"}}, Then: wire.Actions{Do: wire.Retain}}
		for k := range 10 {
			r.When.Words = append(r.When.Words, fmt.Sprintf("nothing%dlike%d", i, k), fmt.Sprintf("nothing %d like %d", i, k))
		}
		rules = append(rules, r)
	}
	if err := w.SaveDraft(ctx, "bench", 0, rules); err != nil {
		return err
	}
	_, err := w.GoLive(ctx, "bench", 1)
	return err
}

// keepWire fills the wire with the stories of years: each seventh was held and taken,
// each fiftieth was a flash, each fifth a picture, and each has one of 500 topics. All but
// the newest are in no index of words.
func keepWire(ctx context.Context, d *db.DB, src wire.Source) error {
	first := time.Now().AddDate(-2, 0, 0).UnixMilli() * 256
	step := (time.Now().UnixMilli()*256 - first) / (wireKept + 1)
	const rows = `with recursive row (i) as (select cast($1 as bigint) union all select i + 1 from row where i + 1 < $2) `
	for from := 0; from < wireKept; from += 50_000 {
		err := d.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `insert into wire_story (source, id, article, newest, recall, recalled, n, first, shown, versions, version, headline, slug,
					language, class, urgency, decision, section, received, done)
				`+rows+`select cast($3 as text), 'urn:bench:' || i, '', 1, '', 0, $4 + i * $5, $4 + i * $5, 1, 1, '1', 'Story number ' || i, 'slug ' || (i / 3),
					'en', case when i % 5 = 0 then 'picture' else 'text' end, case when i % 50 = 0 then 1 else 4 end, case when i % 7 = 0 then 'held' else 'published' end,
					case when i % 3 = 0 then cast($6 as text) else cast($7 as text) end, ($4 + i * $5) / 256 * 1000, case when i % 7 = 0 then 'used' else '' end
				from row`, from, from+50_000, src.ID, first, step, sections[0].Slug, sections[1].Slug)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `insert into wire_topic (topic, n, source, id, flash)
				`+rows+`select 'topic ' || (i % 500), $4 + i * $5, cast($3 as text), 'urn:bench:' || i, i % 50 = 0 from row`, from, from+50_000, src.ID, first, step)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
