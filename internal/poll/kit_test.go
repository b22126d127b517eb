package poll

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// A kit is the store under test, with an article that asks something.
type kit struct {
	*Store
	t     testing.TB
	clock *papertest.Clock
}

func onBoth(t *testing.T, f func(k *kit)) {
	t.Helper()
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := &kit{t: t, clock: new(papertest.Clock)}
		k.Store = &Store{DB: d, Now: k.clock.Now, ID: db.NewID}
		k.exec(`insert into section (slug, name, position, shown) values ('city', 'City', 1, true)`)
		k.article("bridge")
		f(k)
	})
}

func (k *kit) tx(fn func(tx *db.Tx) error) error { return k.DB.Tx(k.t.Context(), fn) }

func (k *kit) exec(query string, args ...any) {
	k.t.Helper()
	check(k.t, k.tx(func(tx *db.Tx) error {
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

func (k *kit) article(id string) {
	k.t.Helper()
	k.exec(`insert into article (id, section, slug, state, kind, format, language, weight, headline, kicker, standfirst, dateline, body, words,
			picture, caption, credit, alt, source_notice, canonical, noindex, feed, published, updated, embargo, embargo_open, expires,
			withdrawn, withdrawn_by, withdrawn_why, revision, edited, created, changed)
		values ($1, 'city', $1, 'published', 'news', 'poll', 'en', 0, $1, '', '', '', '{}', 0, '', '', '', '', '', '', false, 'full', $2, 0, 0, false, 0, 0, '', '', 0, false, $2, $2)`,
		id, db.Time(k.Now()))
}

func (k *kit) reader(id string) string {
	k.t.Helper()
	k.exec(`insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
		values ($1, $1 || '@readers.example', $1, $1, '', '', '', 'reader', '', '', 0, 'now', 0, '', 0, $2)`, id, db.Time(k.Now()))
	return id
}

// set gives an article's poll options, and an end where there is one.
func (k *kit) set(article string, closes time.Time, options ...string) (reworded bool, err error) {
	k.t.Helper()
	p := k.of(article)
	err = k.tx(func(tx *db.Tx) (err error) {
		reworded, err = k.Set(k.t.Context(), tx, article, Draft{Options: options, Closes: closes, Version: p.Version}, 0)
		return err
	})
	return reworded, err
}

func (k *kit) of(article string) Poll {
	k.t.Helper()
	p, err := k.Of(k.t.Context(), article)
	check(k.t, err)
	return p
}

// shape is a poll in short: "yes:2 no:1".
func (k *kit) shape(article string) string {
	var all []string
	for _, o := range k.of(article).Options {
		all = append(all, fmt.Sprintf("%s:%d", o.Words, o.Votes))
	}
	return strings.Join(all, " ")
}

// looks fails when the poll of the bridge is not as it is to be, or a number differs
// from its rows.
func (k *kit) looks(want string) {
	k.t.Helper()
	if got := k.shape("bridge"); got != want {
		k.t.Errorf("the poll is %q, want %q", got, want)
	}
	check(k.t, k.Verify(k.t.Context(), func(s string) { k.t.Error(s) }))
}

// votes makes the option with these words a reader's choice.
func (k *kit) votes(reader, words string) error {
	k.t.Helper()
	for _, o := range k.of("bridge").Options {
		if o.Words == words {
			_, err := k.Vote(k.t.Context(), "bridge", reader, o.ID)
			return err
		}
	}
	_, err := k.Vote(k.t.Context(), "bridge", reader, words)
	return err
}

func (k *kit) bar(reader string, barred bool) {
	k.t.Helper()
	check(k.t, k.tx(func(tx *db.Tx) error { return k.Bar(k.t.Context(), tx, reader, barred) }))
}

func refused(t testing.TB, what string, err error, kind problem.Kind, field string) {
	t.Helper()
	p := problem.Of(err)
	if p == nil || p.Kind != kind || field != "" && p.Fields[field] == "" {
		t.Errorf("%s: %v, want a problem of kind %v at %q", what, err, kind, field)
	}
}
