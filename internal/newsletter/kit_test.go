package newsletter

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/mail"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
	"kawaraban/internal/secret"
)

// A kit is the store under test, with a publisher and two editors.
type kit struct {
	*Store
	t             testing.TB
	clock         *papertest.Clock
	pat, ida, jon *reader.Actor
	front, read   []string // what the front page shows, and what was most read
	best          Quoted
	outbox        string
}

func onBoth(t *testing.T, f func(k *kit)) {
	t.Helper()
	papertest.Databases(t, func(t *testing.T, d *db.DB) { f(newKit(t, d)) })
}

func newKit(t testing.TB, d *db.DB) *kit { return newKitOn(t, d, nil) }

// newKitOn is another process of the same paper, or the first one where other is nil.
func newKitOn(t testing.TB, d *db.DB, other *kit) *kit {
	t.Helper()
	k := &kit{t: t, clock: new(papertest.Clock), outbox: t.TempDir()}
	keys := secret.NewKeyring()
	if other != nil {
		k.clock, keys = other.clock, other.Keys
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	jobs := job.New(d, log)
	trail := &audit.Log{DB: d, Keys: keys, Now: k.clock.Now, Witness: t.TempDir() + "/head"}
	articles := &article.Store{DB: d, Jobs: jobs, Audit: trail, Now: k.clock.Now, ID: db.NewID}
	job.Handle(jobs, article.DueKind, articles.ComeDue)
	sender := &mail.Sender{From: "paper@paper.example", FromName: "The Paper", Outbox: k.outbox, Now: k.clock.Now}
	k.Store = &Store{
		DB: d, Articles: articles, Jobs: jobs, Audit: trail, Keys: keys, Now: k.clock.Now, ID: db.NewID, Log: log,
		Readers: &reader.Store{DB: d, Keys: keys, Now: k.clock.Now, ID: db.NewID},
		Zone:    func() *time.Location { return time.UTC },
		Office:  &mail.Office{Sender: sender},
		Sources: Sources{
			Front:   func(context.Context) ([]string, error) { return append([]string(nil), k.front...), nil },
			Read:    func(context.Context, time.Time) ([]string, error) { return append([]string(nil), k.read...), nil },
			Best:    func(context.Context, time.Time) (string, error) { return k.best.ID, nil },
			Comment: func(_ context.Context, id string) (Quoted, bool, error) { return k.best, id == k.best.ID, nil },
		},
		Press: func(_ context.Context, c Content) (*mail.Stencil, error) {
			return sender.Stencil(mail.Message{
				Subject: c.Edition.Subject, Text: plain(c),
				List: &mail.List{ID: c.List.Slug, Unsubscribe: "https://paper.example/unsubscribe/" + c.Places.Unsubscribe},
			}, c.Places.Marks()...)
		},
	}
	job.Handle(jobs, PushJob, k.Store.Push)
	for _, kind := range []string{SendJob, AlertJob} {
		job.Handle(jobs, kind, k.Store.Send)
	}
	job.Handle(jobs, AskingJob, func(context.Context, Asking) error { return nil })
	if other != nil {
		k.Office, k.pat, k.ida, k.jon = other.Office, other.pat, other.ida, other.jon
		return k
	}
	check(t, articles.SetSections(t.Context(), []article.Section{{Slug: "city", Name: "City"}, {Slug: "world", Name: "World"}}))
	k.pat, k.ida, k.jon = k.joins("Pat Moss", reader.Publisher), k.joins("Ida Holm", reader.Editor), k.joins("Jon Bell", reader.Editor)
	return k
}

// plain is what a letter of the kit says: a line for each thing in it.
func plain(c Content) string {
	var b strings.Builder
	for _, p := range c.Parts {
		for _, card := range p.Cards {
			fmt.Fprintf(&b, "%s: %s %s\n", p.Kind, card.Headline, card.Link)
		}
		if p.Quoted != nil {
			fmt.Fprintf(&b, "comment: %s\n", p.Quoted.Text)
		}
		for _, x := range p.Corrected {
			fmt.Fprintf(&b, "correction: %s\n", x.Note)
		}
		if p.Text != "" {
			fmt.Fprintf(&b, "text: %s\n", p.Text)
		}
	}
	for _, n := range c.Notices {
		fmt.Fprintf(&b, "notice: %s %s %s\n", n.Kind, n.Card.Headline, n.By)
	}
	fmt.Fprintf(&b, "own page %s\n", c.Places.Preferences)
	return b.String()
}

func (k *kit) joins(name string, role reader.Role) *reader.Actor {
	k.t.Helper()
	id := db.NewID()
	k.exec(`insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
		values ($1, $4, $2, $1, '', '', 'en', $3, '', '', 0, 'now', 0, '', 0, 1)`, id, name, string(role), strings.ToLower(id)+"@paper.example")
	return &reader.Actor{Reader: reader.Reader{ID: id, Name: name, Role: role, Email: strings.ToLower(id) + "@paper.example"}}
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

// story publishes one.
func (k *kit) story(section, headline string) (id string) {
	k.t.Helper()
	n := article.New{Section: section, By: "the desk"}
	n.Headline, n.Body = headline, richtext.FromText("Something happened.")
	check(k.t, k.DB.Tx(k.t.Context(), func(tx *db.Tx) (err error) {
		if id, err = k.Articles.Create(k.t.Context(), tx, n); err != nil {
			return err
		}
		return k.Articles.Publish(k.t.Context(), tx, id, time.Time{})
	}))
	return id
}

// withdraw takes a story back.
func (k *kit) withdraw(id string) {
	k.t.Helper()
	check(k.t, k.DB.Tx(k.t.Context(), func(tx *db.Tx) error {
		return k.Articles.Withdraw(k.t.Context(), tx, id, article.Withdrawal{At: k.clock.Now(), By: "AFP"})
	}))
}

// sends makes a digest and sends it at once.
func (k *kit) sends(l List) Edition {
	k.t.Helper()
	e, err := k.Begin(k.t.Context(), k.ida, l.ID)
	check(k.t, err)
	e, err = k.Schedule(k.t.Context(), k.ida, e.ID, e.Version, time.Time{})
	check(k.t, err)
	check(k.t, k.Send(k.t.Context(), Run{e.ID}))
	return k.edition(e.ID)
}

func (k *kit) edition(id string) Edition {
	k.t.Helper()
	e, err := k.EditionByID(k.t.Context(), k.ida, id)
	check(k.t, err)
	return e
}

// letters takes what is in the outbox, by addresses.
func (k *kit) letters() map[string][]string {
	k.t.Helper()
	by := map[string][]string{}
	files, err := filepath.Glob(filepath.Join(k.outbox, "*.eml"))
	check(k.t, err)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		check(k.t, err)
		m, err := netmail.ReadMessage(bytes.NewReader(raw))
		check(k.t, err)
		body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		check(k.t, err)
		to, err := netmail.ParseAddress(m.Header.Get("To"))
		check(k.t, err)
		by[to.Address] = append(by[to.Address], string(body))
		check(k.t, os.Remove(f))
	}
	return by
}

// list makes one.
func (k *kit) list(l List) List {
	k.t.Helper()
	if l.Slug == "" {
		l.Slug = strings.ToLower(l.Name)
	}
	if l.Kind == "" {
		l.Kind = Digest
	}
	if l.Promise == "" {
		l.Promise = "every morning"
	}
	l, err := k.Make(k.t.Context(), k.pat, l)
	check(k.t, err)
	return l
}

// members lets so many addresses have a list, and returns their ids.
func (k *kit) members(l List, n int) (ids []string) {
	k.t.Helper()
	for i := range n {
		ids = append(ids, k.member(l, fmt.Sprintf("reader%04d@example.com", i)))
	}
	return ids
}

func (k *kit) member(l List, email string) (id string) {
	k.t.Helper()
	ctx := k.t.Context()
	check(k.t, k.DB.Tx(ctx, func(tx *db.Tx) error {
		u, err := k.known(ctx, tx, email, "")
		if err != nil {
			return err
		}
		n, err := k.promised(ctx, tx, "mail every morning")
		if err != nil {
			return err
		}
		if err := k.ask(ctx, tx, l.ID, u.ID, proof{"form", n, "192.0.2.0/24", k.clock.Now()}); err != nil {
			return err
		}
		id = u.ID
		_, err = k.activate(ctx, tx, l.ID, u.ID, "192.0.2.0/24")
		return err
	}))
	return id
}
