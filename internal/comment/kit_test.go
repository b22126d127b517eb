package comment

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/papertest"
	"kawaraban/internal/secret"
)

// A kit is the store under test, with readers and an article.
type kit struct {
	*Store
	t     testing.TB
	clock *papertest.Clock
	about About
}

func onBoth(t *testing.T, f func(k *kit)) {
	t.Helper()
	papertest.Databases(t, func(t *testing.T, d *db.DB) { f(newKit(t, d)) })
}

func newKit(t testing.TB, d *db.DB) *kit {
	t.Helper()
	k := openKit(t, d)
	k.Audit.Witness = t.TempDir() + "/head"
	k.exec(`insert into section (slug, name, position, shown) values ('city', 'City', 1, true)`)
	k.about = k.article("bridge")
	k.exec(`insert into comment_setting (name, value) values ('first', '0')`)
	return k
}

// openKit is the store on a database as it is.
func openKit(t testing.TB, d *db.DB) *kit {
	t.Helper()
	k := &kit{t: t, clock: new(papertest.Clock)}
	keys := secret.NewKeyring()
	jobs := job.New(d, slog.New(slog.NewTextHandler(t.Output(), nil)))
	job.Handle(jobs, NoticeJob, func(context.Context, string) error { return nil })
	job.Handle(jobs, ReportJob, func(context.Context, ReportLetter) error { return nil })
	k.Store = &Store{
		DB: d, Keys: keys, Jobs: jobs, Now: k.clock.Now, ID: db.NewID,
		Audit: &audit.Log{DB: d, Keys: keys, Now: k.clock.Now},
	}
	k.Store.Work()
	return k
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

// article makes an article that readers may have.
func (k *kit) article(id string) About {
	k.t.Helper()
	a := k.aboutArticle(id)
	k.exec(`insert into article (id, section, slug, state, kind, language, weight, headline, kicker, standfirst, dateline, body, words,
			picture, caption, credit, alt, source_notice, canonical, noindex, feed, published, updated, embargo, embargo_open, expires,
			withdrawn, withdrawn_by, withdrawn_why, revision, edited, created, changed)
		values ($1, 'city', $1, 'published', 'news', 'en', 0, $1, '', '', '', '{}', 0, '', '', '', '', '', '', false, 'full', $2, 0, 0, false, 0, 0, '', '', 0, false, $2, $2)`,
		id, db.Time(a.Published))
	return a
}

func (k *kit) aboutArticle(id string) About {
	return About{Article: id, Section: "city", Published: k.Now().Add(-time.Hour)}
}

// reader makes an account, and one that has commented before.
func (k *kit) reader(id string) string {
	k.t.Helper()
	k.exec(`insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
		values ($1, $1 || '@readers.example', $1, $1, '', '', '', 'reader', '', '', 0, 'now', 0, '', 0, $2)`, id, db.Time(k.Now()))
	k.exec(`insert into commenter (reader, posted, visible, warned, barred, until, last) values ($1, 0, 0, 0, '', 0, 0)`, id)
	return id
}

// say posts a comment that must be visible.
func (k *kit) say(author, parent, body string) Comment {
	k.t.Helper()
	c, err := k.Post(k.t.Context(), New{About: k.about, Author: author, Parent: parent, Body: body})
	check(k.t, err)
	if c.State != Visible {
		k.t.Fatalf("%q is %s: %v", body, c.State, c.HeldFor)
	}
	return c
}

// whole makes sure that every derived number is right.
func (k *kit) whole() {
	k.t.Helper()
	check(k.t, k.Verify(k.t.Context(), func(s string) { k.t.Error(s) }))
}

// shape is a listing in short: authors with their seats, branches in brackets.
func shape(l Listing) string {
	one := func(c Comment) string {
		who := c.Author
		if c.State != Visible {
			who = string(c.State)
		}
		return fmt.Sprintf("%s:%d", who, c.Seat)
	}
	var all []string
	for _, b := range l.Branches {
		s := one(b.Comment)
		var below []string
		for _, c := range b.Below {
			below = append(below, one(c))
		}
		if len(below) > 0 {
			s += "[" + strings.Join(below, " ") + "]"
		}
		if b.More > 0 {
			s += fmt.Sprintf("+%d", b.More)
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}
