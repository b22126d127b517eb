package wire

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/problem"
)

// A chain is what all versions of one story share. What readers get follows
// from it, and it is the same in whatever order the versions came.
type chain struct {
	article  string // id, "" before the first draft
	newest   int64  // order of the version that the article has
	recall   Status // Withheld or Canceled, "" for none
	recalled int64  // order of the newest recall
	shown    int64  // order of the version that editors see in the list
	n        int64  // the number that it has in the list, 0 when it was not there
	first    int64  // number of the first arrival
}

// recalls reports whether the agency has recalled a version: a kill is for all
// of them, a withholding for those that are not newer than it.
func (ch *chain) recalls(order int64) bool {
	return ch.recall == Canceled || ch.recall == Withheld && order <= ch.recalled
}

// file stores an item and decides what follows from it. Versions of one story
// wait for one another here. n is its number.
func (s *Store) file(ctx context.Context, tx *db.Tx, d delivery, it Item, kept map[string]*media.Kept, n int64) (Result, error) {
	r := Result{Name: d.name, ID: it.ID, Version: it.Version, Headline: it.Headline, Dated: it.made()}
	ch, err := takeChain(ctx, tx, d.source, it.ID, n)
	if err != nil {
		return r, err
	}
	fresh, err := s.storeItem(ctx, tx, d, it)
	if err != nil {
		return r, err
	}
	whole := false // the version is here, and now has its text
	if !fresh {
		if whole, err = s.storeBody(ctx, tx, d, it); err != nil {
			return r, err
		}
	}
	switch {
	case it.Status == Canceled, it.Status == Withheld:
		if err = s.recall(ctx, tx, d.source, it, &ch, &r); err == nil && fresh && s.Recalled != nil {
			err = s.Recalled(ctx, tx, ch.first)
		}
	case !fresh && !whole:
		r.Decision, r.Reason, r.Article = Kept, "This version came before.", ch.article
		return r, nil
	default:
		if err := s.want(ctx, tx, d, it, kept); err != nil {
			return r, err
		}
		r.ruling = d.book.rule(d.source, &it, s.Language(), s.wallClock(s.Now()))
		err = s.release(ctx, tx, d.source, it, kept, article.FromWire, &ch, &r)
	}
	if err != nil {
		return r, err
	}
	switch {
	case r.alert == SendAlert && s.Alert != nil:
		err = s.Alert(ctx, tx, Alert{Source: d.source.ID, Story: it.ID, Article: ch.article, Who: d.book.author})
	case r.alert == SendAlert:
		r.alert = DraftAlert
	}
	if err != nil {
		return r, err
	}
	return r, s.filed(ctx, tx, d.source, it, &ch, &r, n, fresh)
}

// filed stores what was decided. n is 0 for what came before, and is only decided anew.
func (s *Store) filed(ctx context.Context, tx *db.Tx, src Source, it Item, ch *chain, r *Result, n int64, fresh bool) error {
	r.Article = ch.article
	decision := r.Decision
	if decision == Dropped {
		decision = Kept // and marked as dropped: see the migration
	}
	_, err := tx.Exec(ctx, `update wire_item set decision = $4, reason = $5, ruling = $6, dropped = $7 where source = $1 and id = $2 and version = $3`,
		src.ID, it.ID, it.Version, decision, r.Reason, r.ruling.stored(), r.Decision == Dropped)
	if err != nil {
		return fmt.Errorf("store the decision: %w", err)
	}
	return s.list(ctx, tx, src, it, ch, *r, n, fresh)
}

// takeChain takes the story's row, making it if need be.
func takeChain(ctx context.Context, tx *db.Tx, src Source, id string, n int64) (ch chain, err error) {
	err = tx.QueryRow(ctx, `insert into wire_story (source, id, article, newest, recall, recalled, n, first, shown, versions, section)
		values ($1, $2, '', $3, '', 0, $4, $4, $3, 0, $5)
		on conflict (source, id) do update set id = excluded.id
		returning article, newest, recall, recalled, shown, n, first`, src.ID, id, beforeAll, n, src.Section).
		Scan(&ch.article, &ch.newest, &ch.recall, &ch.recalled, &ch.shown, &ch.n, &ch.first)
	if err != nil {
		return ch, fmt.Errorf("take the story: %w", err)
	}
	if ch.n == n {
		ch.n = 0 // nobody else has this number: the row is new
	}
	return ch, nil
}

// beforeAll is older than every version.
const beforeAll = -1 << 62

// storeItem keeps the item; fresh is false when this version is here already.
func (s *Store) storeItem(ctx context.Context, tx *db.Tx, d delivery, it Item) (fresh bool, err error) {
	content, err := it.content()
	if err != nil {
		return false, fmt.Errorf("store the item: %w", err)
	}
	res, err := tx.Exec(ctx, `insert into wire_item (source, id, version, ord, delivery, format, class, status, headline, content, decision, reason, received)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'kept', '', $11)
		on conflict (source, id, version) do nothing`,
		d.source.ID, it.ID, it.Version, it.Order, d.id, it.Format, it.Class, it.Status, it.Headline, content, db.Time(s.Now()))
	if err != nil {
		return false, fmt.Errorf("store the item: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// recall obeys a kill or a withholding, and remembers it for what comes late.
func (s *Store) recall(ctx context.Context, tx *db.Tx, src Source, it Item, ch *chain, r *Result) error {
	if ch.recall == "" || it.Order > ch.recalled {
		ch.recalled = it.Order
	}
	if ch.recall != Canceled {
		ch.recall = it.Status
	}
	switch {
	case ch.article == "":
		r.Decision, r.Reason = Kept, "A recall of a story that is not here. It is remembered."
		return nil
	case !ch.recalls(ch.newest):
		r.Decision, r.Reason = Kept, "Withheld, and released again by a newer version that is here already."
		return nil
	}
	r.Decision = Recalled
	return s.Articles.Withdraw(ctx, tx, ch.article, article.Withdrawal{By: agency(src, it)})
}

// killed is why what comes after a kill is held.
const killed = "The agency has killed this story. It is not published again by itself."

// release decides on an item that is no recall, by what the rules say of it.
func (s *Store) release(ctx context.Context, tx *db.Tx, src Source, it Item, kept map[string]*media.Kept, why article.Reason, ch *chain, r *Result) error {
	switch {
	case r.ruling.Do == Drop && ch.recall == "" && ch.article == "" && !it.Shouts:
		r.Decision, r.Reason = Dropped, r.ruling.says()
		return nil
	case unprintable(it, kept) != "":
		r.Decision, r.Reason = Kept, unprintable(it, kept)
		return nil
	case ch.recall == Canceled:
		r.Decision, r.Reason = Held, killed
		return nil
	case ch.recalls(it.Order):
		r.Decision, r.Reason = Kept, "The agency has withheld this version."
		return nil
	}
	c, err := s.content(ctx, tx, src, it, kept)
	if err != nil {
		return err
	}
	c.Topics = r.ruling.topics(c.Topics)
	if p := problem.Of(c.Check()); p != nil {
		r.Decision, r.Reason = Kept, p.Detail
		return nil
	}
	var rights article.Rights
	r.Reason = judge(src, &it, r.ruling)
	if ch.article == "" {
		rights = article.Rights{Embargo: it.Embargo, EmbargoOpen: it.EmbargoOpen}
		r.Decision, ch.newest, r.section = Released, it.Order, orElse(r.ruling.Section, src.Section)
		ch.article, err = s.Articles.Create(ctx, tx, article.New{
			Section: r.section, Class: article.Class{Language: orElse(it.Language, s.Language()), Weight: cmp.Or(r.ruling.Weight, weight(it.Urgency))},
			Content: c, Rights: rights, By: src.Name,
		})
	} else {
		rights, err = s.update(ctx, tx, src, it, c, why, ch, r)
	}
	switch {
	case err != nil:
		return err
	case r.Decision == Kept:
		return nil
	case r.Reason != "":
		r.Decision = Held
		return nil
	case rights.EmbargoOpen:
		r.Decision, r.Reason = Embargoed, "Embargoed without an end: it waits for a version that says one."
	case rights.Embargo.After(s.Now()):
		r.Decision, r.Reason = Embargoed, "Embargoed until "+rights.Embargo.Format(time.RFC3339)+"."
	case r.Decision == Released:
		r.alert = r.ruling.Alert
	}
	return s.Articles.Publish(ctx, tx, ch.article, time.Time{})
}

// update gives the story's article another version and returns the rights that
// it has then. When that is for an editor to do, r.Reason says why.
func (s *Store) update(ctx context.Context, tx *db.Tx, src Source, it Item, c article.Content, why article.Reason, ch *chain, r *Result) (article.Rights, error) {
	a, err := s.Articles.Get(ctx, tx, ch.article)
	if err != nil {
		return article.Rights{}, err
	}
	rights, older := a.Rights, it.Order < ch.newest
	if older && (r.Reason != "" || a.State != article.Draft || a.Edited) {
		r.Decision, r.Reason = Kept, "A newer version is here already."
		return rights, nil
	}
	if !older {
		rights.Embargo, rights.EmbargoOpen = it.Embargo, it.EmbargoOpen
	}
	// Only what the agency has withheld comes back by itself, and only this far:
	// the paper may have its own reasons.
	back := ch.recalls(ch.newest) && a.Withdrawal.By == agency(src, it)
	waits := a.State != article.Draft
	switch {
	case a.Edited:
		r.Reason, waits = "An editor has changed this article. The new version waits to be merged.", true
	case a.State == article.Review, a.State == article.Scheduled:
		r.Reason = "An editor is at work on this article. The new version waits to be merged."
	case a.State == article.Withdrawn && !back:
		r.Reason = "The paper has withdrawn this article itself."
	}
	if r.Reason != "" && waits {
		// An embargo is for all versions, so it does not wait for an editor.
		if rights.EmbargoOpen || rights.Embargo.After(s.Now()) {
			return rights, s.Articles.SetRights(ctx, tx, a.ID, rights)
		}
		return rights, nil
	}
	if a.State == article.Withdrawn {
		if err := s.Articles.Restore(ctx, tx, a.ID, src.Name); err != nil {
			return rights, err
		}
	}
	if r.Decision = Updated; a.Published.IsZero() {
		r.Decision = Released
	}
	ch.newest = it.Order
	if err := s.Articles.Revise(ctx, tx, a.ID, c, article.Revision{Reason: why, By: src.Name}); err != nil {
		return rights, err
	}
	return rights, s.Articles.SetRights(ctx, tx, a.ID, rights)
}

// HeldByRule says of an item that its source's rule holds it, and nothing else does.
const HeldByRule = "This source's items are held for an editor."

// unprintable says why nothing of an item can be shown, "" when something can.
func unprintable(it Item, kept map[string]*media.Kept) string {
	switch it.Class {
	case Text:
		if len(it.Body.Blocks) == 0 && it.BodyAt != "" {
			return noBody
		}
		if len(it.Body.Blocks) == 0 {
			return "It has no text."
		}
	case Picture:
		for _, p := range it.Pictures {
			if kept[p.Href] != nil {
				return ""
			}
		}
		return "It is a picture, and the picture itself has not come."
	case Package:
		return "It is a package, which points at other items."
	default:
		return "It is neither text nor a picture."
	}
	return ""
}
