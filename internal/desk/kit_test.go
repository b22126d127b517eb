package desk

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/live"
	"kawaraban/internal/media"
	"kawaraban/internal/papertest"
	"kawaraban/internal/poll"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
	"kawaraban/internal/secret"
)

// A kit is the store under test, in a newsroom of four.
type kit struct {
	*Store
	t                   testing.TB
	clock               *papertest.Clock
	ida, jon, ana, mods *reader.Actor // two editors, a contributor and a moderator
}

func onBoth(t *testing.T, f func(k *kit)) {
	t.Helper()
	papertest.Databases(t, func(t *testing.T, d *db.DB) { f(newKit(t, d)) })
}

func newKit(t testing.TB, d *db.DB) *kit {
	t.Helper()
	k := &kit{t: t, clock: new(papertest.Clock)}
	keys := secret.NewKeyring()
	jobs := job.New(d, slog.New(slog.NewTextHandler(t.Output(), nil)))
	articles := &article.Store{DB: d, Jobs: jobs, Now: k.clock.Now, ID: db.NewID}
	job.Handle(jobs, article.DueKind, articles.ComeDue)
	job.Handle(jobs, media.DrawKind, func(context.Context, media.Drawing) error { return nil })
	job.Handle(jobs, media.ForgetKind, func(context.Context, media.Forgetting) error { return nil })
	blobs, err := blob.OpenFolder(t.TempDir())
	check(t, err)
	job.Handle(jobs, AssignmentJob, func(context.Context, Assignment) error { return nil })
	k.Store = &Store{
		DB: d, Articles: articles, Jobs: jobs, Keys: keys, Now: k.clock.Now, ID: db.NewID,
		Live:    &live.Store{DB: d, Now: k.clock.Now, ID: db.NewID},
		Polls:   &poll.Store{DB: d, Now: k.clock.Now, ID: db.NewID},
		Readers: &reader.Store{DB: d, Keys: keys, Now: k.clock.Now, ID: db.NewID},
		Media:   &media.Store{DB: d, Blobs: blobs, Jobs: jobs, Now: k.clock.Now, ID: db.NewID, Log: slog.New(slog.DiscardHandler)},
		Audit:   &audit.Log{DB: d, Keys: keys, Now: k.clock.Now, Witness: t.TempDir() + "/head"},
	}
	check(t, articles.SetSections(t.Context(), []article.Section{{Slug: "city", Name: "City"}, {Slug: "world", Name: "World"}}))
	k.ida, k.jon = k.joins("Ida Holm", reader.Editor), k.joins("Jon Bell", reader.Editor)
	k.ana, k.mods = k.joins("Ana Ruiz", reader.Contributor), k.joins("Mo Dahl", reader.Moderator)
	return k
}

// joins makes somebody who works for the paper.
func (k *kit) joins(name string, role reader.Role) *reader.Actor {
	k.t.Helper()
	id := db.NewID()
	k.exec(`insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
		values ($1, $1, $2, $1, '', '', 'en', $3, '', '', 0, 'now', 0, '', 0, 1)`, id, name, role)
	return &reader.Actor{Reader: reader.Reader{ID: id, Name: name, Role: role}}
}

func (k *kit) exec(query string, args ...any) {
	k.t.Helper()
	check(k.t, k.DB.Tx(k.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(k.t.Context(), query, args...)
		return err
	}))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// began is a story of somebody, with a headline and a text.
func (k *kit) began(a *reader.Actor, headline string) (id string) {
	k.t.Helper()
	id, err := k.Begin(k.t.Context(), a, New{Section: "city", Language: "en"})
	check(k.t, err)
	k.writes(a, id, "page-of-"+a.Reader.Name, func(c *Copy) {
		c.Headline = headline
		c.Body = richtext.FromText("The bridge of Orrin is closed.\n\nNobody knows until when.")
	})
	return id
}

// writes changes a story's copy in a page.
func (k *kit) writes(a *reader.Actor, id, page string, change func(c *Copy)) Saved {
	k.t.Helper()
	t, err := k.Open(k.t.Context(), a, id)
	check(k.t, err)
	c := t.Copy
	change(&c)
	done, err := k.Save(k.t.Context(), a, id, Save{Page: page, Version: t.Version, Copy: c})
	check(k.t, err)
	return done
}

// at is the copy as it is now, before somebody's eyes.
func (k *kit) at(a *reader.Actor, id string) At {
	k.t.Helper()
	t, err := k.Story(k.t.Context(), a, id)
	check(k.t, err)
	return At{Page: "page-of-" + a.Reader.Name, Version: t.Version}
}

// reads is what readers have of a story now; nil for nothing.
func (k *kit) reads(id string) *article.Reading {
	k.t.Helper()
	a, err := k.Articles.Get(k.t.Context(), k.DB, id)
	check(k.t, err)
	r, _, err := k.Articles.Read(k.t.Context(), a.Section.Slug, a.Slug)
	if problem.Of(err) != nil {
		return nil
	}
	check(k.t, err)
	return r
}

func (k *kit) state(id string) article.State {
	k.t.Helper()
	a, err := k.Articles.Get(k.t.Context(), k.DB, id)
	check(k.t, err)
	return a.State
}

// refused checks that err is a Problem of a kind, and returns it.
func refused(t testing.TB, what string, err error, kind problem.Kind) *problem.Problem {
	t.Helper()
	p := problem.Of(err)
	if p == nil || p.Kind != kind {
		t.Errorf("%s: %v, want a problem of kind %v", what, err, kind)
		return &problem.Problem{}
	}
	return p
}

const soon = 10 * time.Second
