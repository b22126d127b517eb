package desk

import (
	"cmp"
	"context"
	"slices"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/live"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// What the audit log tells of live reports. Who posted an entry stands in the entry.
const (
	EntryRemoved   audit.Act = "live.removed"
	EntryRestored  audit.Act = "live.restored"
	EntryEdited    audit.Act = "live.edited"
	EntryCorrected audit.Act = "live.corrected"
	ReportEnded    audit.Act = "live.ended"
	ReportResumed  audit.Act = "live.resumed"
)

// IsLive reports whether a story is a live report: as it is written, or as readers
// have it.
func (t *Story) IsLive() bool {
	return t.Copy.Format == article.LiveReport || t.Article.Format == article.LiveReport
}

// Reporting returns a story that is a live report to whoever may write entries: those
// who edit, and its owner, also after an editor has published it.
func (s *Store) Reporting(ctx context.Context, a *reader.Actor, id string) (*Story, error) {
	return s.reporting(ctx, s.DB, a, id)
}

func (s *Store) reporting(ctx context.Context, q db.Querier, a *reader.Actor, id string) (*Story, error) {
	if !a.May(reader.MayWrite) {
		return nil, forbidden()
	}
	t, err := s.story(ctx, q, a, id)
	if err != nil {
		return nil, err
	}
	if !t.IsLive() {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "This article is no live report. Choose that as its format first."}
	}
	return t, nil
}

// inReport runs f for whoever may write entries, and has the article told of what it
// changed; an update is news.
func (s *Store) inReport(ctx context.Context, a *reader.Actor, id string, f func(tx *db.Tx) (changed, update bool, err error)) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := s.reporting(ctx, tx, a, id); err != nil {
			return err
		}
		changed, update, err := f(tx)
		if err != nil || !changed {
			return err
		}
		return s.Articles.Stir(ctx, tx, id, update)
	})
}

// PostEntry adds an entry to a live report. The same attempt again adds nothing.
func (s *Store) PostEntry(ctx context.Context, a *reader.Actor, id string, n live.New) (e live.Entry, err error) {
	n.Article, n.Author = id, a.Reader.ID
	if n.Body, err = s.fit(ctx, n.Body, "body"); err != nil {
		return e, err
	}
	err = s.inReport(ctx, a, id, func(tx *db.Tx) (bool, bool, error) {
		e, err = s.Live.Post(ctx, tx, n)
		return true, true, err
	})
	return e, err
}

// EditEntry changes an entry. One that was changed since is a Problem Conflict, whose
// cause is *live.Stale.
func (s *Store) EditEntry(ctx context.Context, a *reader.Actor, id string, c live.Change) (e live.Entry, err error) {
	c.Article, c.Author = id, a.Reader.ID
	if c.Body, err = s.fit(ctx, c.Body, "body"); err != nil {
		return e, err
	}
	err = s.inReport(ctx, a, id, func(tx *db.Tx) (bool, bool, error) {
		if e, err = s.Live.Edit(ctx, tx, c); err != nil {
			return false, false, err
		}
		if e.Version == c.Version {
			return false, false, nil
		}
		act := EntryEdited
		if !e.Corrected.IsZero() && e.Corrected.Equal(e.Edited) {
			act = EntryCorrected
		}
		return true, true, s.note(ctx, tx, a, act, id, e.ID)
	})
	return e, err
}

// RemoveEntry takes an entry away from readers, or gives it back.
func (s *Store) RemoveEntry(ctx context.Context, a *reader.Actor, id, entry string, removed bool) error {
	return s.inReport(ctx, a, id, func(tx *db.Tx) (bool, bool, error) {
		set, act := s.Live.Restore, EntryRestored
		if removed {
			set, act = s.Live.Remove, EntryRemoved
		}
		if _, err := set(ctx, tx, id, entry); err != nil {
			return false, false, err
		}
		return true, false, s.note(ctx, tx, a, act, id, entry)
	})
}

// MarkEntry makes an entry a key event, or none.
func (s *Store) MarkEntry(ctx context.Context, a *reader.Actor, id, entry string, key bool) error {
	return s.inReport(ctx, a, id, func(tx *db.Tx) (bool, bool, error) {
		_, err := s.Live.Mark(ctx, tx, id, entry, key)
		return true, false, err
	})
}

// Summarise writes what is known so far. version is the one that the actor has seen.
func (s *Store) Summarise(ctx context.Context, a *reader.Actor, id string, version int, d richtext.Doc) error {
	d, err := s.fit(ctx, d, "summary")
	if err != nil {
		return err
	}
	return s.inReport(ctx, a, id, func(tx *db.Tx) (bool, bool, error) {
		return true, true, s.Live.Summarise(ctx, tx, id, version, d)
	})
}

// EndReport says that nothing more is to come, or that it goes on.
func (s *Store) EndReport(ctx context.Context, a *reader.Actor, id string, ended bool) error {
	return s.inReport(ctx, a, id, func(tx *db.Tx) (bool, bool, error) {
		set, act := s.Live.Resume, ReportResumed
		if ended {
			set, act = s.Live.End, ReportEnded
		}
		changed, err := set(ctx, tx, id)
		if err != nil || !changed {
			return false, false, err
		}
		return true, false, s.note(ctx, tx, a, act, id, "")
	})
}

// fit names in a text whom its pictures are by, and refuses one whose pictures cannot
// be shown: an entry has no step at which an editor would look at them.
func (s *Store) fit(ctx context.Context, d richtext.Doc, field string) (richtext.Doc, error) {
	d.Blocks = slices.Clone(d.Blocks)
	var ids []string
	for _, f := range d.Figures() {
		ids = append(ids, f.Picture)
	}
	if len(ids) == 0 {
		return d, nil
	}
	found, err := s.Media.Pictures(ctx, ids...)
	if err != nil {
		return d, err
	}
	refuse := func(said string) error {
		return &problem.Problem{Kind: problem.Invalid, Detail: said, Fields: map[string]string{field: said}}
	}
	for _, f := range d.Figures() {
		p := found[f.Picture]
		if p == nil {
			return d, refuse("A picture is named by its number in the library. Look it up under Pictures.")
		}
		if f.Credit = cmp.Or(f.Credit, p.Credit); f.Credit == "" {
			return d, refuse("A picture has no credit. Write one in the library first.")
		}
		if !p.MayShowAt(s.Now()) {
			return d, refuse("The right to show one of the pictures has ended. Choose another one.")
		}
		if f.Alt = cmp.Or(f.Alt, p.Alt); len(f.Text) == 0 && p.Caption != "" {
			f.Text = []richtext.Span{{Text: p.Caption}}
		}
	}
	return d, nil
}
