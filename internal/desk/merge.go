package desk

import (
	"context"
	"fmt"
	"slices"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// A Clash is a place where two people wrote different things: the merged copy has
// mine, and somebody has to look.
type Clash struct {
	Part               string // the field by its name in a copy: "headline", "lead.caption", "body"
	Base, Mine, Theirs string

	// In a body: theirs would take the place of Count blocks of the merged body, from
	// At on.
	At, Count int
	Others    []richtext.Block
}

// Merge returns base with the changes that lead to mine and to theirs.
func Merge(base, mine, theirs Copy) (merged Copy, clashes []Clash) {
	merged = mine
	text := func(part string, into *string, b, m, t string) {
		var clash bool
		if *into, clash = richtext.MergeText(b, m, t); clash {
			*into = m
			clashes = append(clashes, Clash{Part: part, Base: b, Mine: m, Theirs: t})
		}
	}
	// What is chosen, and not written, has no words to be merged.
	choice := func(part string, into *string, b, m, t string) {
		switch {
		case m == t || t == b:
			*into = m
		case m == b:
			*into = t
		default:
			clashes = append(clashes, Clash{Part: part, Base: b, Mine: m, Theirs: t})
		}
	}
	text("headline", &merged.Headline, base.Headline, mine.Headline, theirs.Headline)
	text("kicker", &merged.Kicker, base.Kicker, mine.Kicker, theirs.Kicker)
	text("standfirst", &merged.Standfirst, base.Standfirst, mine.Standfirst, theirs.Standfirst)
	text("dateline", &merged.Dateline, base.Dateline, mine.Dateline, theirs.Dateline)
	text("source_notice", &merged.SourceNotice, base.SourceNotice, mine.SourceNotice, theirs.SourceNotice)
	text("sources", &merged.Sources, base.Sources, mine.Sources, theirs.Sources)
	text("notes", &merged.Notes, base.Notes, mine.Notes, theirs.Notes)
	choice("section", &merged.Section, base.Section, mine.Section, theirs.Section)
	choice("slug", &merged.Slug, base.Slug, mine.Slug, theirs.Slug)
	choice("kind", (*string)(&merged.Kind), string(base.Kind), string(mine.Kind), string(theirs.Kind))
	choice("format", (*string)(&merged.Format), string(base.Format), string(mine.Format), string(theirs.Format))
	choice("sponsor", &merged.Sponsor, base.Sponsor, mine.Sponsor, theirs.Sponsor)
	choice("language", &merged.Language, base.Language, mine.Language, theirs.Language)
	choice("lead.picture", &merged.Lead.Picture, base.Lead.Picture, mine.Lead.Picture, theirs.Lead.Picture)
	switch b, m, t := base.Lead, mine.Lead, theirs.Lead; { // a video comes with its picture
	case m.Picture == t.Picture:
		choice("lead.video", &merged.Lead.Video, b.Video, m.Video, t.Video)
	case m.Picture == b.Picture:
		merged.Lead.Video = t.Video
	case t.Picture != b.Picture && m.Video != t.Video:
		clashes = append(clashes, Clash{Part: "lead.video", Base: b.Video, Mine: m.Video, Theirs: t.Video})
	}
	text("lead.caption", &merged.Lead.Caption, base.Lead.Caption, mine.Lead.Caption, theirs.Lead.Caption)
	text("lead.credit", &merged.Lead.Credit, base.Lead.Credit, mine.Lead.Credit, theirs.Lead.Credit)
	text("lead.alt", &merged.Lead.Alt, base.Lead.Alt, mine.Lead.Alt, theirs.Lead.Alt)
	if mine.Weight == base.Weight {
		merged.Weight = theirs.Weight
	}
	merged.Bylines = mergeList(base.Bylines, mine.Bylines, theirs.Bylines)
	merged.Topics = mergeList(base.Topics, mine.Topics, theirs.Topics)
	body, inBody := richtext.Merge(base.Body, mine.Body, theirs.Body)
	merged.Body = body
	for i, c := range inBody {
		if i > 0 && c.Count > 0 && inBody[i-1].Count > 0 && inBody[i-1].At == c.At { // one block is chosen as a whole
			last := &clashes[len(clashes)-1]
			last.Base, last.Mine, last.Theirs = last.Base+" … "+c.Base, last.Mine+" … "+c.Mine, last.Theirs+" … "+c.Theirs
			continue
		}
		clashes = append(clashes, Clash{Part: "body", Base: c.Base, Mine: c.Mine, Theirs: c.Theirs, At: c.At, Count: c.Count, Others: c.Others})
	}
	return merged, clashes
}

// mergeList is mine without what they took away and with what they added.
func mergeList(base, mine, theirs []string) (merged []string) {
	for _, s := range mine {
		if slices.Contains(theirs, s) || !slices.Contains(base, s) {
			merged = append(merged, s)
		}
	}
	for _, s := range theirs {
		if !slices.Contains(base, s) && !slices.Contains(merged, s) {
			merged = append(merged, s)
		}
	}
	return merged
}

// Reconcile merges what a page has written with what others have saved since: base
// is the copy that the page began from. Nothing is stored; the page shows the
// result and saves it on top of the story that is answered.
func (s *Store) Reconcile(ctx context.Context, a *reader.Actor, id string, base, mine Copy) (merged Copy, clashes []Clash, theirs *Story, err error) {
	if theirs, err = s.Story(ctx, a, id); err != nil {
		return merged, nil, nil, err
	}
	merged, clashes = Merge(base, mine, theirs.Copy)
	return merged, clashes, theirs, nil
}

// Catch merges into the copy what has become of the article since the copy was
// begun: mostly a new version from its agency.
func (s *Store) Catch(ctx context.Context, a *reader.Actor, id string, at At) (clashes []Clash, err error) {
	err = s.act(ctx, a, id, at, reader.MayWrite, func(tx *db.Tx, t *Story) error {
		if !t.Behind() {
			return nil
		}
		base, err := s.Articles.Revision(ctx, tx, id, t.Base)
		if err != nil {
			return err
		}
		if _, err := s.keepNow(ctx, tx, t); err != nil {
			return err
		}
		// The article has no words of the newsroom's own, so those are not theirs to change.
		began, now := t.Copy, t.Copy
		began.Content, now.Content = base.Content, t.Article.Content
		var merged Copy
		merged, clashes = Merge(began, t.Copy, now)
		if err := s.write(ctx, tx, t, a, merged); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update story set base = $2 where article = $1`, id, t.Article.Live)
		if err != nil {
			return fmt.Errorf("catch up with %s: %w", id, err)
		}
		return nil
	})
	return clashes, err
}

// TakeIn merges into the copy what an agency has changed between two versions of its
// text: what the paper has made of the first stays.
func (s *Store) TakeIn(ctx context.Context, a *reader.Actor, id string, at At, had, has article.Content) (clashes []Clash, err error) {
	err = s.act(ctx, a, id, at, reader.MayWrite, func(tx *db.Tx, t *Story) error {
		if t.Behind() {
			return wrongState("The article has been changed since this copy was begun. Merge the change into the copy first.")
		}
		if _, err := s.keepNow(ctx, tx, t); err != nil {
			return err
		}
		before, now := t.Copy, t.Copy
		before.Content, now.Content = had, has
		// An agency knows nothing of what only the paper has.
		before.Kicker, now.Kicker = t.Copy.Kicker, t.Copy.Kicker
		before.Lead, now.Lead = t.Copy.Lead, t.Copy.Lead
		before.Sponsor, now.Sponsor = t.Copy.Sponsor, t.Copy.Sponsor
		var merged Copy
		merged, clashes = Merge(before, t.Copy, now)
		return s.write(ctx, tx, t, a, merged)
	})
	return clashes, err
}

// Revisions lists the revisions of a story, newest first, those before number; 0
// begins with the newest. before is where the next page begins, 0 on the last.
func (s *Store) Revisions(ctx context.Context, a *reader.Actor, id string, number int) (list []article.Stored, before int, err error) {
	if _, err := s.Story(ctx, a, id); err != nil {
		return nil, 0, err
	}
	return s.Articles.Revisions(ctx, id, number)
}

// Revision returns one revision of a story, and the one before it.
func (s *Store) Revision(ctx context.Context, a *reader.Actor, id string, number int) (r, before article.Stored, err error) {
	if _, err := s.Story(ctx, a, id); err != nil {
		return r, before, err
	}
	if r, err = s.Articles.Revision(ctx, s.DB, id, number); err != nil {
		return r, before, err
	}
	before, err = s.Articles.Revision(ctx, s.DB, id, number-1)
	if problem.Is(err, problem.NotFound) {
		return r, article.Stored{}, nil
	}
	return r, before, err
}

// Restore makes an earlier revision the copy. What the copy was is a revision
// then, so that this can be undone.
func (s *Store) Restore(ctx context.Context, a *reader.Actor, id string, at At, number int) error {
	return s.act(ctx, a, id, at, reader.MayWrite, func(tx *db.Tx, t *Story) error {
		r, err := s.Articles.Revision(ctx, tx, id, number)
		if err != nil {
			return err
		}
		kept, err := s.keepNow(ctx, tx, t)
		if err != nil {
			return err
		}
		if !kept {
			return &problem.Problem{Kind: problem.Conflict, Detail: "The copy is too long to be kept as a revision, and would be lost. Shorten it first."}
		}
		c := t.Copy
		c.Content = r.Content
		if !a.May(reader.MayEdit) {
			c.Sponsor = t.Copy.Sponsor // a version from before it was sponsored takes no label away
		}
		return s.write(ctx, tx, t, a, c)
	})
}
