package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// What the audit log tells of articles.
const (
	Submitted   audit.Act = "article.submitted"
	SentBack    audit.Act = "article.sent-back"
	Scheduled   audit.Act = "article.scheduled"
	Unscheduled audit.Act = "article.unscheduled"
	Published   audit.Act = "article.published"
	Revised     audit.Act = "article.revised"
	Corrected   audit.Act = "article.corrected"
	Withdrawn   audit.Act = "article.withdrawn"
	Returned    audit.Act = "article.returned"
	RightsSet   audit.Act = "article.rights"
	NoCredit    audit.Act = "article.without-credit"
)

// An At names the copy that an act is about: the version that whoever acts has
// before their eyes. Acting on another one is a Problem Conflict.
type At struct {
	Page    string
	Version int
}

// act runs f on a locked story that the actor may write in, at the version that
// they have seen.
func (s *Store) act(ctx context.Context, a *reader.Actor, id string, at At, p reader.Permission, f func(tx *db.Tx, t *Story) error) error {
	if !a.May(p) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		t, err := s.take(ctx, tx, a, id)
		if err != nil {
			return err
		}
		if at.Version != t.Version {
			return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has saved this story since. Look at it again.", Err: &Stale{t}}
		}
		if err := s.sit(ctx, tx, t, a, at.Page); err != nil {
			return err
		}
		return f(tx, t)
	})
}

func (s *Store) note(ctx context.Context, tx *db.Tx, a *reader.Actor, act audit.Act, id, detail string) error {
	return s.Audit.Add(ctx, tx, audit.Entry{Actor: a.Reader.ID, Act: act, Subject: id, Detail: detail})
}

// Submit puts a draft before the editors.
func (s *Store) Submit(ctx context.Context, a *reader.Actor, id string, at At) error {
	return s.act(ctx, a, id, at, reader.MayWrite, func(tx *db.Tx, t *Story) error {
		if t.Article.State != article.Draft {
			return wrongState("Only a draft can be put before the editors.")
		}
		if strings.TrimSpace(t.Copy.Headline) == "" {
			return t.Copy.Check()
		}
		if _, err := s.keepNow(ctx, tx, t); err != nil {
			return err
		}
		if err := s.Articles.SetDraft(ctx, tx, id, article.Review); err != nil {
			return err
		}
		// Now it is the editors' to write in.
		if err := s.sitDown(ctx, tx, id, seat{}); err != nil {
			return err
		}
		return s.note(ctx, tx, a, Submitted, id, "")
	})
}

func wrongState(detail string) error {
	return &problem.Problem{Kind: problem.Conflict, Detail: detail}
}

// keepNow makes the copy a revision if it is not one yet.
func (s *Store) keepNow(ctx context.Context, tx *db.Tx, t *Story) (kept bool, err error) {
	if t.Kept == t.Version {
		return true, nil
	}
	number, err := s.keep(ctx, tx, t)
	return number > 0, err
}

// Keep makes the copy a revision of its own, to come back to.
func (s *Store) Keep(ctx context.Context, a *reader.Actor, id string, at At) error {
	return s.act(ctx, a, id, at, reader.MayWrite, func(tx *db.Tx, t *Story) error {
		_, err := s.keepNow(ctx, tx, t)
		return err
	})
}

// SendBack makes what was put before the editors, or scheduled, a draft again. The
// words, if there are any, are a remark on the whole story. Its owner may take it
// back as well.
func (s *Store) SendBack(ctx context.Context, a *reader.Actor, id, words string) error {
	if !a.May(reader.MayWrite) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		t, err := s.lock(ctx, tx, a, id)
		if err != nil {
			return err
		}
		act := SentBack
		switch {
		case t.Article.State == article.Scheduled && a.May(reader.MayEdit):
			act = Unscheduled
		case t.Article.State != article.Review:
			return wrongState("Only what waits for the editors, or is scheduled, can be made a draft again.")
		}
		if words = strings.TrimSpace(words); words != "" {
			if _, err := s.remark(ctx, tx, a, id, "", words); err != nil {
				return err
			}
		}
		if err := s.Articles.SetDraft(ctx, tx, id, article.Draft); err != nil {
			return err
		}
		return s.note(ctx, tx, a, act, id, "")
	})
}

// A Publication says how a copy goes out.
type Publication struct {
	At
	When   time.Time      // zero is now; else it is scheduled
	Reason article.Reason // of a change of what is published: Edit (readers are not told), Update or Correction
	Note   string         // of a correction, for readers
	Bare   string         // why pictures without a credit are published all the same; "" is no reason
}

// Publish gives readers the copy, now or at a time to come. What stands in the
// way is said all at once, each at its field.
func (s *Store) Publish(ctx context.Context, a *reader.Actor, id string, p Publication) error {
	wrong, err := s.unfit(ctx, a, id, p.When)
	if err != nil {
		return err
	}
	return s.act(ctx, a, id, p.At, reader.MayEdit, func(tx *db.Tx, t *Story) error {
		if t.Article.State == article.Withdrawn {
			return wrongState("This article was withdrawn. Return it first.")
		}
		if t.Behind() {
			return &problem.Problem{Kind: problem.Conflict, Detail: "The article has been changed since this copy was begun. Merge the change into the copy first."}
		}
		if err := mayGo(ctx, tx, id); err != nil {
			return err
		}
		lacks, err := s.lacks(ctx, tx, t)
		if err != nil {
			return err
		}
		if err := t.ready(p, wrong, lacks); err != nil {
			return err
		}
		if c, err := s.posters(ctx, tx, t.Copy); err != nil {
			return err
		} else if len(c.Shown()) > len(t.Copy.Shown()) { // a poster was chosen since the video was placed
			if err := s.write(ctx, tx, t, a, c); err != nil {
				return err
			}
		}
		if wrong.bare {
			if err := s.note(ctx, tx, a, NoCredit, id, p.Bare); err != nil {
				return err
			}
		}
		return s.release(ctx, tx, a, t, p)
	})
}

// ready refuses a copy that cannot be published; lacks is what its format lacks.
func (t *Story) ready(p Publication, wrong unfit, lacks map[string]string) error {
	missing := problem.Problem{Kind: problem.Invalid, Detail: "This cannot be published yet.", Fields: map[string]string{}}
	if strings.TrimSpace(t.Copy.Headline) == "" {
		missing.Fields["headline"] = "Write a headline."
	}
	if t.Copy.Section == "" {
		missing.Fields["section"] = "Choose a section."
	}
	if t.Article.State == article.Published {
		if !slices.Contains([]article.Reason{article.Edit, article.Update, article.Correction}, p.Reason) {
			missing.Fields["reason"] = "Say what sort of change this is."
		}
		if p.Reason == article.Correction && strings.TrimSpace(p.Note) == "" {
			missing.Fields["note"] = "Say what was wrong and what is right."
		}
		if p.Reason == article.Edit && t.Copy.Sponsor != t.Article.Sponsor {
			missing.Fields["reason"] = "Another sponsor, or none, is no small change. Choose an update or a correction: readers are told."
		}
	}
	if wrong.bare && strings.TrimSpace(p.Bare) == "" {
		missing.Fields["bare"] = "A picture has no credit. Write one, or say why it is published without."
	}
	switch {
	case wrong.ended:
		missing.Fields["pictures"] = "The right to show one of the pictures has ended, or will have when this appears. Choose another one."
	case wrong.over:
		missing.Fields["pictures"] = "The right to show one of the videos has ended, or will have when this appears. Choose another one."
	case wrong.lost:
		missing.Fields["pictures"] = "There is no video of this number in the library. Choose another one, or take it out."
	case wrong.blank:
		missing.Fields["pictures"] = "A video has no poster, the picture that stands for it. Choose one on the video’s page."
	}
	maps.Copy(missing.Fields, lacks)
	if len(missing.Fields) > 0 {
		return &missing
	}
	return t.Copy.Check()
}

// release makes the copy what readers have, or will have.
func (s *Store) release(ctx context.Context, tx *db.Tx, a *reader.Actor, t *Story, p Publication) error {
	id, was := t.Article.ID, t.Article.State
	if err := s.noteSponsor(ctx, tx, a, t); err != nil {
		return err
	}
	act := Published
	if t.Article.Settled() {
		r := article.Revision{Reason: p.Reason, Note: strings.TrimSpace(p.Note), By: a.Reader.Name, Edited: true}
		switch {
		case was == article.Scheduled:
			r.Reason, r.Note = article.Edit, ""
		case p.Reason == article.Correction:
			act = Corrected
		default:
			act = Revised
		}
		if err := s.Articles.Revise(ctx, tx, id, t.Copy.Content, r); err != nil {
			return err
		}
	} else if kept, err := s.keepNow(ctx, tx, t); err != nil {
		return err
	} else if !kept {
		return t.Copy.Check()
	}
	slug := t.Copy.Slug
	if slug == "" && was != article.Published {
		slug = t.Copy.Headline
	}
	if err := s.Articles.Move(ctx, tx, id, t.Copy.Section, slug); err != nil {
		return err
	}
	if err := s.Articles.Classify(ctx, tx, id, t.Copy.Class); err != nil {
		return err
	}
	switch {
	case was == article.Published:
	case p.When.IsZero():
		if err := s.Articles.Publish(ctx, tx, id, time.Time{}); err != nil {
			return err
		}
	default:
		act = Scheduled
		if err := s.Articles.Schedule(ctx, tx, id, p.When); err != nil {
			return err
		}
	}
	now, err := s.Articles.Get(ctx, tx, id)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update story set kept = version, published = version, base = $2 where article = $1`, id, now.Live)
	if err != nil {
		return fmt.Errorf("note that %s is published: %w", id, err)
	}
	return s.note(ctx, tx, a, act, id, fmt.Sprintf("revision %d", now.Live))
}

// An unfit copy has pictures or videos that cannot be published so.
type unfit struct {
	bare  bool // nobody is named for a picture
	ended bool // a picture may not be shown any more when this appears
	over  bool // the same of a video
	lost  bool // a video is not in the library
	blank bool // a video has no picture that stands for it
}

// unfit says what is wrong with the pictures and videos of a copy when it appears; the
// zero time is now.
func (s *Store) unfit(ctx context.Context, a *reader.Actor, id string, when time.Time) (u unfit, err error) {
	t, err := s.Story(ctx, a, id)
	if err != nil {
		return u, err
	}
	c, err := s.posters(ctx, s.DB, t.Copy)
	if err != nil {
		return u, err
	}
	found, err := s.Media.Pictures(ctx, c.Pictures()...)
	if err != nil {
		return u, err
	}
	videos, err := s.Media.Videos(ctx, c.Videos()...)
	if err != nil {
		return u, err
	}
	if when.IsZero() {
		when = s.Now()
	}
	look := func(id, credit, video string) {
		p := found[id]
		if video != "" {
			v := videos[video]
			u.lost = u.lost || v == nil
			u.over = u.over || v != nil && !v.MayShowAt(when)
			if p == nil {
				u.blank = true
				return
			}
		}
		u.bare = u.bare || credit == "" && (p == nil || p.Credit == "")
		u.ended = u.ended || p != nil && !p.MayShowAt(when)
	}
	if l := c.Lead; l.Picture != "" || l.Video != "" {
		look(l.Picture, l.Credit, l.Video)
	}
	for _, f := range c.Body.Figures() {
		look(f.Picture, f.Credit, f.Video)
	}
	return u, nil
}

// Withdraw takes an article away from readers; by says to them at whose request,
// why gives the reason. A draft that is withdrawn is put away.
func (s *Store) Withdraw(ctx context.Context, a *reader.Actor, id string, by, why string) error {
	if !a.May(reader.MayEdit) {
		return forbidden()
	}
	by, why = strings.TrimSpace(by), strings.TrimSpace(why)
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		t, err := s.lock(ctx, tx, a, id)
		if err != nil {
			return err
		}
		if t.Article.State == article.Published && why == "" {
			return &problem.Problem{
				Kind: problem.Invalid, Detail: "Readers are told why an article is gone.",
				Fields: map[string]string{"why": "Give the reason, in a sentence for readers."},
			}
		}
		if err := s.Articles.Withdraw(ctx, tx, id, article.Withdrawal{By: by, Why: why}); err != nil {
			return err
		}
		return s.note(ctx, tx, a, Withdrawn, id, why)
	})
}

// Return undoes a withdrawal.
func (s *Store) Return(ctx context.Context, a *reader.Actor, id string) error {
	if !a.May(reader.MayEdit) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		t, err := s.lock(ctx, tx, a, id)
		if err != nil {
			return err
		}
		if err := mayGo(ctx, tx, id); err != nil {
			return err
		}
		if err := s.Articles.Restore(ctx, tx, id, a.Reader.Name); err != nil {
			return err
		}
		now, err := s.Articles.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if !t.Behind() { // only the withdrawal stands between the copy and what it began from
			_, err = tx.Exec(ctx, `update story set base = $2 where article = $1`, id, now.Live)
			if err != nil {
				return fmt.Errorf("return %s: %w", id, err)
			}
		}
		return s.note(ctx, tx, a, Returned, id, "")
	})
}

// SetEmbargo says from when readers may have an article: until then nobody has it,
// whatever its state. The zero time is no embargo; open is one without an end.
func (s *Store) SetEmbargo(ctx context.Context, a *reader.Actor, id string, until time.Time, open bool) error {
	if !a.May(reader.MayEdit) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		t, err := s.lock(ctx, tx, a, id)
		if err != nil {
			return err
		}
		r := t.Article.Rights
		r.Embargo, r.EmbargoOpen = until, open
		if err := s.Articles.SetRights(ctx, tx, id, r); err != nil {
			return err
		}
		detail := "no embargo"
		switch {
		case open:
			detail = "embargo without an end"
		case !until.IsZero():
			detail = "embargo until " + until.UTC().Format(time.RFC3339)
		}
		return s.note(ctx, tx, a, RightsSet, id, detail)
	})
}
