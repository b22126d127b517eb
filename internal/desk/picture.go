package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// What the audit log tells of pictures.
const (
	PictureRights   audit.Act = "picture.rights"
	PictureReplaced audit.Act = "picture.replaced"
	PictureDeleted  audit.Act = "picture.deleted"
)

// A PictureFilter says which pictures a list of the newsroom holds.
type PictureFilter struct {
	media.Filter
	Unused bool // only those that neither readers nor a copy have
}

// unused is true of a picture that stands nowhere, and for no video.
const unused = `not exists (select 1 from article_picture as u where u.picture = p.id)
	and not exists (select 1 from story_picture as u where u.picture = p.id)
	and not exists (select 1 from live_picture as u where u.picture = p.id)
	and not exists (select 1 from video as u where u.poster = p.id)`

// Pictures lists the library to those who write.
func (s *Store) Pictures(ctx context.Context, a *reader.Actor, f PictureFilter) (list []*media.Picture, older string, err error) {
	if !a.May(reader.MayWrite) {
		return nil, "", forbidden()
	}
	if f.Unused {
		if f.Also = unused; s.Elsewhere.Free != "" {
			f.Also += " and " + s.Elsewhere.Free
		}
	}
	return s.Media.List(ctx, f.Filter)
}

// MayDescribe reports whether somebody may change the words of a picture: editors,
// and whoever sent it.
func MayDescribe(a *reader.Actor, p *media.Picture) bool {
	return a.May(reader.MayEdit) || a.May(reader.MayWrite) && p.Owner == a.Reader.ID
}

// A Description is what somebody says of a picture: its words, and the point that
// must stay in sight.
type Description struct {
	media.Words
	Focus media.Focus
	Seen  time.Time // when the words were last changed, as whoever changes them knows it
}

// Describe gives a picture other words and another focal point.
func (s *Store) Describe(ctx context.Context, a *reader.Actor, id string, d Description) error {
	p, err := s.Media.Picture(ctx, id)
	if err != nil {
		return err
	}
	if !MayDescribe(a, p) {
		return &problem.Problem{Kind: problem.Forbidden, Detail: "Only an editor, or whoever sent this picture, may change what is said of it."}
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := s.Media.Set(ctx, tx, id, a.Reader.ID, d.Seen, d.Words); err != nil {
			return err
		}
		if d.Focus == p.Focus {
			return nil
		}
		return s.Media.SetFocus(ctx, tx, id, d.Focus)
	})
}

// SetPictureRights says until when a picture may be shown; the zero time is for ever.
func (s *Store) SetPictureRights(ctx context.Context, a *reader.Actor, id string, until time.Time, note string) error {
	if !a.May(reader.MayEdit) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := s.Media.SetRights(ctx, tx, id, until, note); err != nil {
			return err
		}
		return s.note(ctx, tx, a, PictureRights, id, untilWhen(until))
	})
}

// untilWhen tells the audit log how long something may be shown.
func untilWhen(t time.Time) string {
	if t.IsZero() {
		return "without end"
	}
	return "until " + t.UTC().Format(time.RFC3339)
}

// A Use is an article that shows a picture, or whose copy does.
type Use struct {
	ID       string
	Headline string
	State    article.State
	Live     bool // the article has it; else only its copy
}

// maxUses is how many uses a page lists.
const maxUses = 100

// Uses lists where a picture stands, those first that somebody worked on last.
// more counts those that are not listed: colleagues' drafts, of which a contributor
// sees nothing, and what is over the limit.
func (s *Store) Uses(ctx context.Context, a *reader.Actor, id string) (list []Use, more int, err error) {
	if !a.May(reader.MayWrite) {
		return nil, 0, forbidden()
	}
	rows, err := s.DB.Query(ctx, `select a.id, coalesce(t.title, a.headline), a.state, coalesce(t.owner, ''),
			exists (select 1 from article_picture as q where q.article = a.id and q.picture = $1)
				or exists (select 1 from live_picture as q where q.article = a.id and q.picture = $1)
		from (select article from article_picture where picture = $1
			union select article from story_picture where picture = $1
			union select article from live_picture where picture = $1) as u
		join article as a on a.id = u.article
		left join story as t on t.article = a.id
		order by a.changed desc, a.id desc`, id)
	if err != nil {
		return nil, 0, fmt.Errorf("where picture %s stands: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var u Use
		var owner string
		if err := rows.Scan(&u.ID, &u.Headline, &u.State, &owner, &u.Live); err != nil {
			return nil, 0, fmt.Errorf("where picture %s stands: %w", id, err)
		}
		if len(list) == maxUses || !a.May(reader.MayEdit) && owner != a.Reader.ID {
			more++
			continue
		}
		list = append(list, u)
	}
	return list, more, rows.Err()
}

// used reports whether a picture stands anywhere.
func used(ctx context.Context, q db.Querier, id string) (is bool, err error) {
	err = q.QueryRow(ctx, `select exists (select 1 from article_picture where picture = $1) or exists (select 1 from story_picture where picture = $1)
		or exists (select 1 from live_picture where picture = $1)`, id).Scan(&is)
	if err != nil {
		return false, fmt.Errorf("whether picture %s stands anywhere: %w", id, err)
	}
	return is, nil
}

// DeletePicture takes a picture out of the library, which must stand nowhere.
func (s *Store) DeletePicture(ctx context.Context, a *reader.Actor, id string) error {
	if !a.May(reader.MayEdit) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		is, err := used(ctx, tx, id)
		if err != nil {
			return err
		}
		if is {
			return &problem.Problem{Kind: problem.Conflict, Detail: "This picture stands in articles. Replace it there first, or take it out."}
		}
		if is, err = s.Media.IsPoster(ctx, tx, id); err != nil {
			return err
		}
		if is {
			return &problem.Problem{Kind: problem.Conflict, Detail: "This picture is the poster of a video. Choose another poster there first."}
		}
		if err := s.elsewhere(ctx, tx, id); err != nil {
			return err
		}
		if err := s.Media.Delete(ctx, tx, id); err != nil {
			return shownSince(err)
		}
		return s.note(ctx, tx, a, PictureDeleted, id, "")
	})
}

func (s *Store) elsewhere(ctx context.Context, tx *db.Tx, id string) error {
	if s.Elsewhere.Holds == nil {
		return nil
	}
	return s.Elsewhere.Holds(ctx, tx, id)
}

// shownSince says that somebody else has begun to show what is being deleted.
func shownSince(err error) error {
	if db.IsForeign(err) {
		return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has just begun to show this. Look where it stands.", Err: err}
	}
	return err
}

// show notes which pictures the copy of a story shows.
func show(ctx context.Context, tx *db.Tx, id string, c Copy) error {
	if _, err := tx.Exec(ctx, `delete from story_picture where article = $1`, id); err != nil {
		return fmt.Errorf("note the pictures of story %s: %w", id, err)
	}
	for _, p := range c.Shown() {
		_, err := tx.Exec(ctx, `insert into story_picture (article, picture) values ($1, $2) on conflict do nothing`, id, p)
		if err != nil {
			return fmt.Errorf("note the pictures of story %s: %w", id, err)
		}
	}
	return nil
}

// replaceBatch is how many articles change in one transaction.
const replaceBatch = 50

// ReplacePicture puts one picture in the place of another wherever that stands: in
// what readers have, in what is scheduled, in drafts, in copies, and elsewhere. What an
// editor wrote about the use stays, but for the credit, which belongs to the picture.
func (s *Store) ReplacePicture(ctx context.Context, a *reader.Actor, id, by string) (r Replaced, err error) {
	if !a.May(reader.MayEdit) {
		return r, forbidden()
	}
	was, err := s.Media.Picture(ctx, id)
	if err != nil {
		return r, err
	}
	found, err := s.Media.Pictures(ctx, by)
	if err != nil {
		return r, err
	}
	now := found[by]
	refuse := func(detail string) error {
		return &problem.Problem{Kind: problem.Invalid, Detail: detail, Fields: map[string]string{"by": detail}}
	}
	switch {
	case now == nil:
		return r, refuse("Choose the picture that takes its place.")
	case by == id:
		return r, refuse("This is the same picture. Choose another one.")
	case now.Credit == "":
		return r, refuse("The new picture has no credit. Write one first.")
	case now.State == media.Failed:
		return r, refuse("The new picture cannot be drawn. Choose another one.")
	case now.Ended:
		return r, refuse("The right to show the new picture has ended. Choose another one.")
	}
	if err := s.DB.Tx(ctx, func(tx *db.Tx) error { return s.replaceFirst(ctx, tx, a, id, by, &r) }); err != nil {
		return r, err
	}
	for {
		done, err := s.replaceSome(ctx, a, was, now)
		if r.Articles += done; err != nil || done == 0 {
			return r, err
		}
	}
}

// Replaced tells where a picture has taken the place of another.
type Replaced struct {
	Articles  int
	Elsewhere int
	Fresh     bool // it stood nowhere before: replacing it by the old one undoes all
}

// replaceFirst replaces a picture where it stands for a video, and elsewhere.
func (s *Store) replaceFirst(ctx context.Context, tx *db.Tx, a *reader.Actor, id, by string, r *Replaced) error {
	taken, err := used(ctx, tx, by)
	if err != nil {
		return err
	}
	poster, err := s.Media.IsPoster(ctx, tx, by)
	if err != nil {
		return err
	}
	held := s.elsewhere(ctx, tx, by)
	if held != nil && !problem.Is(held, problem.Conflict) {
		return held
	}
	r.Fresh = !taken && !poster && held == nil
	if err := s.Media.ReplacePoster(ctx, tx, id, by); err != nil || s.Elsewhere.Replace == nil {
		return err
	}
	r.Elsewhere, err = s.Elsewhere.Replace(ctx, tx, a.Reader.ID, id, by)
	return err
}

// replaceSome replaces a picture in some of the articles that have it still; 0 says
// that none has.
func (s *Store) replaceSome(ctx context.Context, a *reader.Actor, was, now *media.Picture) (n int, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		n = 0
		rows, err := tx.Query(ctx, `select article from article_picture where picture = $1
			union select article from story_picture where picture = $1
			order by 1
			limit $2`, was.ID, replaceBatch)
		if err != nil {
			return fmt.Errorf("look for picture %s: %w", was.ID, err)
		}
		var ids []string
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				rows.Close()
				return fmt.Errorf("look for picture %s: %w", was.ID, err)
			}
			ids = append(ids, id)
		}
		rows.Close()
		if err := rows.Err(); err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			changed, err := s.replaceIn(ctx, tx, a, id, was, now)
			if err != nil {
				return err
			}
			if changed {
				n++
			}
		}
		if n == 0 {
			return nil
		}
		return s.note(ctx, tx, a, PictureReplaced, was.ID, fmt.Sprintf("by %s in %d articles", now.ID, n))
	})
	return n, err
}

// replaceIn replaces a picture in one article and in its copy. A copy in which
// nothing else waits stays one in which nothing waits.
func (s *Store) replaceIn(ctx context.Context, tx *db.Tx, a *reader.Actor, id string, was, now *media.Picture) (changed bool, err error) {
	t, err := s.lock(ctx, tx, a, id)
	if err != nil {
		return false, err
	}
	settled, clean := t.Article.Settled(), t.Published == t.Version || !t.Article.Settled() && t.Kept == t.Version
	if content, has := swap(t.Article.Content, was, now); has {
		changed = true
		if settled {
			err = s.Articles.Revise(ctx, tx, id, content, article.Revision{Reason: article.Edit, By: a.Reader.Name, Edited: true})
		} else {
			_, err = s.Articles.Keep(ctx, tx, id, content, a.Reader.Name)
		}
		if err != nil {
			return false, err
		}
		if !t.Behind() {
			after, err := s.Articles.Get(ctx, tx, id)
			if err != nil {
				return false, err
			}
			if _, err := tx.Exec(ctx, `update story set base = $2 where article = $1`, id, after.Live); err != nil {
				return false, fmt.Errorf("replace a picture in %s: %w", id, err)
			}
		}
	}
	content, has := swap(t.Copy.Content, was, now)
	if !has {
		return changed, nil
	}
	c := t.Copy
	c.Content = content
	if err := s.write(ctx, tx, t, a, c); err != nil || !clean {
		return true, err
	}
	set := `update story set kept = version where article = $1`
	if settled {
		set = `update story set kept = version, published = version where article = $1`
	}
	if _, err := tx.Exec(ctx, set, id); err != nil {
		return true, fmt.Errorf("replace a picture in %s: %w", id, err)
	}
	return true, nil
}

// swap is content with one picture in the place of another.
func swap(c article.Content, was, now *media.Picture) (article.Content, bool) {
	has := false
	if c.Lead.Picture == was.ID {
		has = true
		c.Lead.Picture, c.Lead.Credit = now.ID, now.Credit
		c.Lead.Caption = swapWords(c.Lead.Caption, was.Caption, now.Caption)
		c.Lead.Alt = swapWords(c.Lead.Alt, was.Alt, now.Alt)
	}
	c.Body.Blocks = slices.Clone(c.Body.Blocks)
	for i := range c.Body.Blocks {
		b := &c.Body.Blocks[i]
		if b.Kind != richtext.Figure || b.Picture != was.ID {
			continue
		}
		has = true
		b.Picture, b.Credit, b.Alt = now.ID, now.Credit, swapWords(b.Alt, was.Alt, now.Alt)
		if text := richtext.Plain(b.Text); text != "" && text == was.Caption && now.Caption != "" {
			b.Text = []richtext.Span{{Text: now.Caption}}
		}
	}
	return c, has
}

// swapWords is what is said of a use of a picture when another takes its place: what
// was the old picture's own becomes the new one's, what was written for the use stays.
func swapWords(said, was, now string) string {
	if said == was && now != "" {
		return now
	}
	return said
}

// SendPicture takes a picture, or a video that came whole, into the library. known says that it was there.
func (s *Store) SendPicture(ctx context.Context, a *reader.Actor, name string, data []byte) (id string, known bool, err error) {
	if !a.May(reader.MayWrite) {
		return "", false, forbidden()
	}
	if media.IsVideo(data) {
		return s.Media.SendVideo(ctx, a.Reader.ID, name, data)
	}
	k, err := s.Media.Keep(ctx, data)
	if err != nil {
		return "", false, err
	}
	k.Owner, k.Name = a.Reader.ID, name
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		id, err = s.Media.Add(ctx, tx, k)
		return err
	})
	return id, k.Known, err
}
