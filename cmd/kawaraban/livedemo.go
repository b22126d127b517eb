package main

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"kawaraban/internal/live"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// A demoReport is the live report of an article of the demo: demo/live.txt.
type demoReport struct {
	slug    string
	summary richtext.Doc
	entries []demoEntry // the newest first
}

type demoEntry struct {
	ago        time.Duration
	words      live.Words
	correction string
}

// reports gives the demo paper its live report, which is going on.
func (r *demoRun) reports(ctx context.Context, editor *reader.Actor, now time.Time) error {
	data, err := demoFiles.ReadFile(path.Join("demo", "live.txt"))
	if err != nil {
		return err
	}
	report, err := parseReport(string(data))
	if err != nil {
		return fmt.Errorf("the demo's live report: %w", err)
	}
	id, err := r.articles.BySlug(ctx, report.slug)
	if err != nil {
		return err
	}
	for i := len(report.entries) - 1; i >= 0; i-- {
		e := report.entries[i]
		e.words.At = now.Add(-e.ago)
		posted, err := r.desk.PostEntry(ctx, editor, id, live.New{Words: e.words})
		if err != nil {
			return fmt.Errorf("the demo's entry %q: %w", e.words.Headline, err)
		}
		if e.correction == "" {
			continue
		}
		_, err = r.desk.EditEntry(ctx, editor, id, live.Change{Entry: posted.ID, Version: posted.Version, Words: e.words, Correction: e.correction})
		if err != nil {
			return fmt.Errorf("the demo's entry %q: %w", e.words.Headline, err)
		}
	}
	return r.desk.Summarise(ctx, editor, id, 0, report.summary)
}

// parseReport reads "@ slug" and the summary, then entries: a line "# hours | key |
// name | headline", their text, and "! what was wrong".
func parseReport(text string) (r demoReport, err error) {
	head, rest, ok := strings.Cut(text, "\n# ")
	slug, summary, ok2 := strings.Cut(strings.TrimPrefix(head, "@ "), "\n")
	if !ok || !ok2 {
		return r, fmt.Errorf("there is no entry")
	}
	r.slug = slug
	if r.summary, err = richtext.FromSource(summary); err != nil {
		return r, err
	}
	for _, part := range strings.Split(rest, "\n# ") {
		line, body, _ := strings.Cut(part, "\n")
		fields := strings.Split(line, "|")
		if len(fields) != 4 {
			return r, fmt.Errorf("%q is no entry", line)
		}
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		e := demoEntry{words: live.Words{Key: fields[1] == "key", Signed: fields[2], Headline: fields[3]}}
		if e.ago, err = hours(fields[0]); err != nil {
			return r, err
		}
		body, e.correction, _ = strings.Cut(body, "\n! ")
		e.correction = strings.TrimSpace(e.correction)
		if e.words.Body, err = richtext.FromSource(body); err != nil {
			return r, err
		}
		r.entries = append(r.entries, e)
	}
	return r, nil
}
