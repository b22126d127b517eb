package live

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// Words are what somebody writes of an entry.
type Words struct {
	At       time.Time // when it happened; zero is now, or when it was before
	Headline string
	Body     richtext.Doc
	Key      bool
	Signed   string
}

// A New is an entry to be.
type New struct {
	Article string
	Author  string // reader id
	Attempt string // what the browser calls this attempt; sent twice, it makes one entry
	Words
}

// Post adds an entry. The same attempt again is the entry that it has made.
func (s *Store) Post(ctx context.Context, tx *db.Tx, n New) (e Entry, err error) {
	now := s.Now()
	if n.At.IsZero() {
		n.At = now
	}
	if err := n.tidy(now); err != nil {
		return e, err
	}
	if len(n.Attempt) > maxAttempt {
		return e, &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
	}
	r, err := s.lock(ctx, tx, n.Article)
	if err != nil {
		return e, err
	}
	if n.Attempt != "" {
		e, err = one(ctx, tx, `e.author = $1 and e.attempt = $2 and e.attempt <> ''`, n.Author, n.Attempt)
		switch {
		case err == nil && e.Article != n.Article:
			return e, &problem.Problem{Kind: problem.Conflict, Detail: "This form has been sent already, for another article. Open the entries again and write there."}
		case err == nil || !problem.Is(err, problem.NotFound):
			return e, err
		}
	}
	if !r.Running() {
		return e, &problem.Problem{Kind: problem.Conflict, Detail: "This live report has ended. Resume it first; your text is kept."}
	}
	e = Entry{
		ID: s.ID(), Article: n.Article, At: n.At, Headline: n.Headline, Body: n.Body, Key: n.Key, Signed: n.Signed,
		State: Shown, Author: n.Author, Version: 1, Created: now,
	}
	if r.Started.IsZero() || e.At.Before(r.Started) {
		r.Started = e.At
	}
	r.Entries++
	if e.Change, err = s.change(ctx, tx, r); err != nil {
		return e, err
	}
	_, err = tx.Exec(ctx, `insert into live_entry (id, article, at, headline, body, key_event, signed, correction, state, author, attempt, version, edited, corrected, created, change)
		values ($1, $2, $3, $4, $5, $6, $7, '', 'shown', $8, $9, 1, 0, 0, $10, $11)`,
		e.ID, e.Article, db.Time(e.At), e.Headline, string(e.Body.JSON()), e.Key, e.Signed, e.Author, n.Attempt, db.Time(now), e.Change)
	if err != nil {
		return e, fmt.Errorf("post an entry to %s: %w", n.Article, err)
	}
	return e, show(ctx, tx, e.Article, e.ID, e.Body)
}

// A Change is what becomes of an entry.
type Change struct {
	Article string
	Entry   string
	Version int    // that whoever writes has seen
	Author  string // reader id
	Words
	Correction string // what was wrong, for readers; "" where nothing was
}

// Stale is the cause of the Problem that somebody changed an entry since.
type Stale struct{ Entry Entry }

func (e *Stale) Error() string { return fmt.Sprintf("the entry is at version %d", e.Entry.Version) }

// Edit changes an entry; what it said before is kept. One that was changed since is
// left as it is: that is a Problem Conflict, whose cause is *Stale.
func (s *Store) Edit(ctx context.Context, tx *db.Tx, c Change) (e Entry, err error) {
	r, e, err := s.take(ctx, tx, c.Article, c.Entry)
	if err != nil {
		return e, err
	}
	if c.At.IsZero() {
		c.At = e.At
	}
	if err := c.tidy(s.Now()); err != nil {
		return e, err
	}
	if c.Correction, err = tidyCorrection(c.Correction); err != nil {
		return e, err
	}
	switch {
	case e.State != Shown:
		return e, &problem.Problem{Kind: problem.Conflict, Detail: "This entry was removed. Bring it back before you change it; your text is kept."}
	case c.Version != e.Version:
		return e, &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has changed this entry since. Both are here: put them together and send yours again.", Err: &Stale{e}}
	}
	if c.Correction == "" {
		c.Correction = e.Correction // readers have been told once, and stay told
	}
	words := c.Headline != e.Headline || string(c.Body.JSON()) != string(e.Body.JSON()) || c.Correction != e.Correction
	if !words && c.At.Equal(e.At) && c.Key == e.Key && c.Signed == e.Signed {
		return e, nil
	}
	if words {
		_, err = tx.Exec(ctx, `insert into live_entry_version (entry, version, at, headline, body, author, replaced) values ($1, $2, $3, $4, $5, $6, $7)`,
			e.ID, e.Version, db.Time(e.At), e.Headline, string(e.Body.JSON()), c.Author, db.Time(s.Now()))
		if err != nil {
			return e, fmt.Errorf("keep what entry %s said: %w", e.ID, err)
		}
		e.Edited = s.Now()
		if c.Correction != e.Correction {
			e.Corrected = e.Edited
		}
	}
	e.At, e.Headline, e.Body, e.Key, e.Signed, e.Correction = c.At, c.Headline, c.Body, c.Key, c.Signed, c.Correction
	if e.At.Before(r.Started) {
		r.Started = e.At
	}
	return s.store(ctx, tx, r, e)
}

// Remove takes an entry away from readers.
func (s *Store) Remove(ctx context.Context, tx *db.Tx, article, entry string) (Entry, error) {
	return s.set(ctx, tx, article, entry, func(r *Report, e *Entry) bool {
		if e.State == Removed {
			return false
		}
		e.State, r.Entries = Removed, r.Entries-1
		return true
	})
}

// Restore undoes Remove.
func (s *Store) Restore(ctx context.Context, tx *db.Tx, article, entry string) (Entry, error) {
	return s.set(ctx, tx, article, entry, func(r *Report, e *Entry) bool {
		if e.State == Shown {
			return false
		}
		e.State, r.Entries = Shown, r.Entries+1
		return true
	})
}

// Mark makes an entry a key event, or none.
func (s *Store) Mark(ctx context.Context, tx *db.Tx, article, entry string, key bool) (Entry, error) {
	return s.set(ctx, tx, article, entry, func(_ *Report, e *Entry) bool {
		was := e.Key
		e.Key = key
		return was != key
	})
}

// set changes something of an entry that is not its words; f reports whether it has.
func (s *Store) set(ctx context.Context, tx *db.Tx, article, entry string, f func(r *Report, e *Entry) bool) (Entry, error) {
	r, e, err := s.take(ctx, tx, article, entry)
	if err != nil || !f(&r, &e) {
		return e, err
	}
	return s.store(ctx, tx, r, e)
}

// store writes the next version of an entry.
func (s *Store) store(ctx context.Context, tx *db.Tx, r Report, e Entry) (_ Entry, err error) {
	if e.Change, err = s.change(ctx, tx, r); err != nil {
		return e, err
	}
	e.Version++
	err = db.One(tx.Exec(ctx, `update live_entry
		set at = $2, headline = $3, body = $4, key_event = $5, signed = $6, correction = $7, state = $8, version = $9, edited = $10, corrected = $11, change = $12
		where id = $1`,
		e.ID, db.Time(e.At), e.Headline, string(e.Body.JSON()), e.Key, e.Signed, e.Correction, e.State, e.Version, db.Time(e.Edited), db.Time(e.Corrected), e.Change))
	if err != nil {
		return e, fmt.Errorf("change entry %s: %w", e.ID, err)
	}
	return e, show(ctx, tx, e.Article, e.ID, e.Body)
}

// Summarise writes what is known so far; an empty text is no summary. version is the
// one that whoever writes has seen: another one is a Problem Conflict.
func (s *Store) Summarise(ctx context.Context, tx *db.Tx, article string, version int, d richtext.Doc) error {
	d, err := tidyBody(d, "summary")
	if err != nil {
		return err
	}
	r, err := s.lock(ctx, tx, article)
	if err != nil {
		return err
	}
	if r.Version != version {
		return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has changed the summary since. Both are here: put them together and send yours again."}
	}
	if string(r.Summary.JSON()) == string(d.JSON()) {
		return nil
	}
	r.Summary, r.Version, r.Summarised = d, r.Version+1, s.Now()
	if len(d.Blocks) == 0 {
		r.Summarised = time.Time{}
	}
	if _, err := s.change(ctx, tx, r); err != nil {
		return err
	}
	return show(ctx, tx, article, "", d)
}

// End says that nothing more is to come. It reports whether anything changed.
func (s *Store) End(ctx context.Context, tx *db.Tx, article string) (bool, error) {
	return s.runs(ctx, tx, article, s.Now())
}

// Resume undoes End.
func (s *Store) Resume(ctx context.Context, tx *db.Tx, article string) (bool, error) {
	return s.runs(ctx, tx, article, time.Time{})
}

func (s *Store) runs(ctx context.Context, tx *db.Tx, article string, ended time.Time) (bool, error) {
	r, err := s.lock(ctx, tx, article)
	if err != nil || r.Running() == ended.IsZero() {
		return false, err
	}
	r.Ended = ended
	_, err = s.change(ctx, tx, r)
	return true, err
}

// lock takes the row of a live report, and makes it if there is none.
func (s *Store) lock(ctx context.Context, tx *db.Tx, article string) (r Report, err error) {
	_, err = tx.Exec(ctx, `insert into live_report (article, summary, summary_changed, version, started, ended, entries, changes)
		values ($1, $2, 0, 0, 0, 0, 0, 0)
		on conflict (article) do nothing`, article, string(richtext.Doc{}.JSON()))
	if err == nil {
		err = db.One(tx.Exec(ctx, `update live_report set version = version where article = $1`, article))
	}
	if err != nil {
		return r, fmt.Errorf("take the live report of %s: %w", article, err)
	}
	return report(ctx, tx, article)
}

// take is lock, and returns an entry as it then is.
func (s *Store) take(ctx context.Context, tx *db.Tx, article, entry string) (r Report, e Entry, err error) {
	if r, err = s.lock(ctx, tx, article); err != nil {
		return r, e, err
	}
	e, err = one(ctx, tx, `e.article = $1 and e.id = $2`, article, entry)
	return r, e, err
}

// change writes a report that was locked, numbers the change and tells of it.
func (s *Store) change(ctx context.Context, tx *db.Tx, r Report) (number int, err error) {
	err = tx.QueryRow(ctx, `update live_report
		set summary = $2, summary_changed = $3, version = $4, started = $5, ended = $6, entries = $7, changes = changes + 1
		where article = $1
		returning changes`, r.Article, string(r.Summary.JSON()), db.Time(r.Summarised), r.Version, db.Time(r.Started), db.Time(r.Ended), r.Entries).Scan(&number)
	if err != nil {
		return 0, fmt.Errorf("change the live report of %s: %w", r.Article, err)
	}
	return number, event.Record(ctx, tx, Changed{r.Article})
}

// show notes which pictures an entry shows; "" is the summary.
func show(ctx context.Context, tx *db.Tx, article, entry string, d richtext.Doc) error {
	_, err := tx.Exec(ctx, `delete from live_picture where article = $1 and entry = $2`, article, entry)
	for _, f := range d.Figures() {
		if err == nil {
			_, err = tx.Exec(ctx, `insert into live_picture (article, entry, picture) values ($1, $2, $3) on conflict do nothing`, article, entry, f.Picture)
		}
	}
	if err != nil {
		return fmt.Errorf("note the pictures of the live report of %s: %w", article, err)
	}
	return nil
}
