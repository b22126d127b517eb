package article

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Reason says why a revision was made.
type Reason string

const (
	First       Reason = "first"
	Edit        Reason = "edit"       // small, readers are not told
	Update      Reason = "update"     // news moved
	Correction  Reason = "correction" // we were wrong; the note says how
	FromWire    Reason = "wire"       // the agency sent a new version
	Withdrawing Reason = "withdrawal"
	Returning   Reason = "return" // readable again after a withdrawal
)

// New is an article to be.
type New struct {
	Section string // slug
	Slug    string // "" is made from the headline
	Class
	Content
	Rights
	By string // who made it: a name or a wire source
}

// Create stores a draft and returns its id. It cannot be read until Publish, and
// needs no headline until then.
func (s *Store) Create(ctx context.Context, tx *db.Tx, n New) (id string, err error) {
	if err := n.check(); err != nil {
		return "", err
	}
	id, now := s.ID(), s.Now()
	n.Class = n.Whole()
	if n.Feed == "" {
		n.Feed = FeedFull
	}
	_, err = tx.Exec(ctx, `insert into article (
			id, section, slug, state, kind, format, language, weight, headline, kicker, standfirst, dateline, body, words,
			picture, caption, credit, alt, source_notice, canonical, noindex, feed,
			published, updated, embargo, embargo_open, expires, withdrawn, withdrawn_by, withdrawn_why,
			revision, live, edited, created, changed, folded, video, sponsor)
		values ($1, $2, '', 'draft', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
			0, 0, $21, $22, $23, 0, '', '', 0, 1, false, $24, $24, $25, $26, $27)`,
		id, n.Section, n.Kind, n.Format, n.Language, n.Weight, n.Headline, n.Kicker, n.Standfirst, n.Dateline, string(n.Body.JSON()), n.Body.Words(),
		n.Lead.Picture, n.Lead.Caption, n.Lead.Credit, n.Lead.Alt, n.SourceNotice, n.Canonical, n.NoIndex, n.Feed,
		db.Time(n.Embargo), n.EmbargoOpen, db.Time(n.Expires), db.Time(now), Fold(n.Headline), n.Lead.Video, n.Sponsor)
	if db.IsForeign(err) {
		return "", noSection(n.Section, err)
	}
	if err != nil {
		return "", fmt.Errorf("create an article: %w", err)
	}
	if n.Slug == "" {
		n.Slug = n.Headline
	}
	if err := s.address(ctx, tx, id, n.Section, Slug(n.Slug)); err != nil {
		return "", err
	}
	if err := s.parts(ctx, tx, id, n.Content); err != nil {
		return "", err
	}
	_, err = s.revise(ctx, tx, id, Revision{Reason: First, By: n.By}, n.Content)
	return id, err
}

// Revise gives an article new content. A correction needs a note, which readers
// see. Edited says that a hand of ours made the change, after which the wire
// does not change the article by itself.
func (s *Store) Revise(ctx context.Context, tx *db.Tx, id string, c Content, r Revision) error {
	if err := c.Check(); err != nil {
		return err
	}
	if r.Reason == Correction && strings.TrimSpace(r.Note) == "" {
		return &problem.Problem{
			Kind: problem.Invalid, Detail: "A correction needs a note that tells readers what was wrong.",
			Fields: map[string]string{"note": "Say what was wrong and what is right."},
		}
	}
	a, err := s.lock(ctx, tx, id)
	if err != nil {
		return err
	}
	now, updated := s.Now(), a.Updated
	if a.access(now) == Readable && (r.Reason == Update || r.Reason == Correction || r.Reason == FromWire) {
		updated = now
	}
	number, err := s.revise(ctx, tx, id, r, c)
	if err != nil {
		return err
	}
	if err := s.hold(ctx, tx, id, number, c); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update article set updated = $2, edited = $3 where id = $1`, id, db.Time(updated), a.Edited || r.Edited)
	if err != nil {
		return fmt.Errorf("revise %s: %w", id, err)
	}
	if a.State == Published {
		if err := s.show(ctx, tx, id, number, later(a.Published, now)); err != nil {
			return err
		}
	}
	return s.tell(ctx, tx, a)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// hold puts a revision into the article's row.
func (s *Store) hold(ctx context.Context, tx *db.Tx, id string, number int, c Content) error {
	err := db.One(tx.Exec(ctx, `update article
		set headline = $2, kicker = $3, standfirst = $4, dateline = $5, body = $6, words = $7,
			picture = $8, caption = $9, credit = $10, alt = $11, source_notice = $12, live = $13, changed = $14, folded = $15, video = $16, sponsor = $17
		where id = $1`,
		id, c.Headline, c.Kicker, c.Standfirst, c.Dateline, string(c.Body.JSON()), c.Body.Words(),
		c.Lead.Picture, c.Lead.Caption, c.Lead.Credit, c.Lead.Alt, c.SourceNotice, number, db.Time(s.Now()), Fold(c.Headline), c.Lead.Video, c.Sponsor))
	if err != nil {
		return fmt.Errorf("hold a revision of %s: %w", id, err)
	}
	return s.parts(ctx, tx, id, c)
}

// show notes from when on readers have a revision. One that was to be shown later
// and is overtaken never was.
func (s *Store) show(ctx context.Context, tx *db.Tx, id string, number int, from time.Time) error {
	_, err := tx.Exec(ctx, `update revision set shown = 0 where article = $1 and shown > $2`, id, db.Time(s.Now()))
	if err == nil {
		err = db.One(tx.Exec(ctx, `update revision set shown = $3 where article = $1 and number = $2 and shown = 0`, id, number, db.Time(from)))
	}
	if err != nil && !problem.Is(err, problem.NotFound) { // that it is shown already
		return fmt.Errorf("show revision %d of %s: %w", number, id, err)
	}
	return nil
}

// Keep stores content as a revision that nobody outside has. A draft is that
// revision from now on; an article that is settled stays as it is.
func (s *Store) Keep(ctx context.Context, tx *db.Tx, id string, c Content, by string) (number int, err error) {
	if err := c.checkSizes(); err != nil {
		return 0, err
	}
	a, err := s.lock(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	if number, err = s.revise(ctx, tx, id, Revision{Reason: Edit, By: by}, c); err != nil {
		return 0, err
	}
	if a.Settled() {
		return number, nil
	}
	_, err = tx.Exec(ctx, `update article set edited = true where id = $1`, id)
	if err != nil {
		return 0, fmt.Errorf("keep a revision of %s: %w", id, err)
	}
	return number, s.hold(ctx, tx, id, number, c)
}

// A Revision says who changed an article, why, and what readers are told.
type Revision struct {
	Reason Reason
	By     string
	Note   string
	Edited bool
}

// SetRights changes where an article may go and how long. An article for which
// only its embargo is in the way is published when the new rights let it go.
func (s *Store) SetRights(ctx context.Context, tx *db.Tx, id string, r Rights) error {
	a, err := s.lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if r.Feed == "" {
		r.Feed = FeedFull
	}
	now, published := s.Now(), a.Published
	if a.State == Published && (a.EmbargoOpen || a.Published.Equal(a.Embargo)) && a.access(now) == Hidden {
		if published = now; r.Embargo.After(now) {
			published = r.Embargo
		}
	}
	_, err = tx.Exec(ctx, `update article
		set embargo = $2, embargo_open = $3, expires = $4, feed = $5, noindex = $6, canonical = $7, published = $8, changed = $9
		where id = $1`,
		id, db.Time(r.Embargo), r.EmbargoOpen, db.Time(r.Expires), r.Feed, r.NoIndex, r.Canonical, db.Time(published), db.Time(now))
	if err != nil {
		return fmt.Errorf("set the rights of %s: %w", id, err)
	}
	if a.State == Published && !published.Equal(a.Published) {
		if err := s.show(ctx, tx, id, a.Live, published); err != nil {
			return err
		}
	}
	return s.tell(ctx, tx, a)
}

// Withdraw takes an article away from readers, who get a notice in its place.
func (s *Store) Withdraw(ctx context.Context, tx *db.Tx, id string, w Withdrawal) error {
	a, err := s.lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if a.State == Withdrawn {
		return nil
	}
	if w.At.IsZero() {
		w.At = s.Now()
	}
	_, err = tx.Exec(ctx, `update article
		set state = 'withdrawn', withdrawn = $2, withdrawn_by = $3, withdrawn_why = $4, changed = $5
		where id = $1`, id, db.Time(w.At), w.By, w.Why, db.Time(s.Now()))
	if err != nil {
		return fmt.Errorf("withdraw %s: %w", id, err)
	}
	if _, err := s.revise(ctx, tx, id, Revision{Reason: Withdrawing, By: w.By, Note: w.Why}, a.Content); err != nil {
		return err
	}
	return s.tell(ctx, tx, a)
}

// Restore undoes a withdrawal: readers have the article again, as it was.
func (s *Store) Restore(ctx context.Context, tx *db.Tx, id, by string) error {
	a, err := s.lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if a.State != Withdrawn {
		return nil
	}
	state := Published
	if a.Published.IsZero() {
		state = Draft
	}
	_, err = tx.Exec(ctx, `update article
		set state = $2, withdrawn = 0, withdrawn_by = '', withdrawn_why = '', changed = $3
		where id = $1`, id, state, db.Time(s.Now()))
	if err != nil {
		return fmt.Errorf("restore %s: %w", id, err)
	}
	number, err := s.revise(ctx, tx, id, Revision{Reason: Returning, By: by}, a.Content)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update article set live = $2 where id = $1`, id, number)
	if err != nil {
		return fmt.Errorf("restore %s: %w", id, err)
	}
	if state == Published {
		if err := s.show(ctx, tx, id, number, later(a.Published, s.Now())); err != nil {
			return err
		}
	}
	return s.tell(ctx, tx, a)
}

// Classify says what an article is.
func (s *Store) Classify(ctx context.Context, tx *db.Tx, id string, c Class) error {
	c = c.Whole()
	a, err := s.lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if a.Class == c {
		return nil
	}
	_, err = tx.Exec(ctx, `update article set kind = $2, format = $3, language = $4, weight = $5 where id = $1`, id, c.Kind, c.Format, c.Language, c.Weight)
	if err != nil {
		return fmt.Errorf("classify %s: %w", id, err)
	}
	return s.tell(ctx, tx, a)
}

// Stir tells that something else of an article is not what it was, which another
// subject keeps and its pages show. An update is news: readers see the time of it.
func (s *Store) Stir(ctx context.Context, tx *db.Tx, id string, update bool) error {
	a, err := s.lock(ctx, tx, id)
	if err != nil {
		return err
	}
	now, updated := s.Now(), a.Updated
	if update && a.access(now) == Readable {
		updated = now
	}
	_, err = tx.Exec(ctx, `update article set updated = $2, changed = $3 where id = $1`, id, db.Time(updated), db.Time(now))
	if err != nil {
		return fmt.Errorf("stir %s: %w", id, err)
	}
	return s.tell(ctx, tx, a)
}

// Move gives an article another address. The old one leads to it for ever.
func (s *Store) Move(ctx context.Context, tx *db.Tx, id, section, slug string) error {
	a, err := s.lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if slug == "" {
		slug = a.Slug // as it is: the end of a long one, "-2", must not be cut off
	} else {
		slug = Slug(slug)
	}
	if err := s.address(ctx, tx, id, section, slug); err != nil {
		return err
	}
	return s.tell(ctx, tx, a)
}

// lock takes the article's row, so that those who change one article wait for
// one another, and returns it as it is.
func (s *Store) lock(ctx context.Context, tx *db.Tx, id string) (*Article, error) {
	if err := db.One(tx.Exec(ctx, `update article set words = words where id = $1`, id)); err != nil {
		return nil, err
	}
	return s.Get(ctx, tx, id)
}

// parts stores what stands in tables of its own: names, topics and pictures.
func (s *Store) parts(ctx context.Context, tx *db.Tx, id string, c Content) error {
	if _, err := tx.Exec(ctx, `delete from byline where article = $1`, id); err != nil {
		return fmt.Errorf("store the bylines: %w", err)
	}
	for i, name := range c.Bylines {
		if _, err := tx.Exec(ctx, `insert into byline (article, position, name) values ($1, $2, $3)`, id, i, name); err != nil {
			return fmt.Errorf("store the bylines: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, `delete from article_picture where article = $1`, id); err != nil {
		return fmt.Errorf("store the pictures: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from article_topic where article = $1`, id); err != nil {
		return fmt.Errorf("store the topics: %w", err)
	}
	for i, name := range c.Topics {
		if _, err := tx.Exec(ctx, `insert into article_topic (article, position, name) values ($1, $2, $3)`, id, i, name); err != nil {
			return fmt.Errorf("store the topics: %w", err)
		}
	}
	for _, p := range c.Shown() {
		_, err := tx.Exec(ctx, `insert into article_picture (article, picture) values ($1, $2) on conflict do nothing`, id, p)
		if err != nil {
			return fmt.Errorf("store the pictures: %w", err)
		}
	}
	return nil
}

// Pictures lists the ids of the pictures that the content shows.
func (c Content) Pictures() (ids []string) {
	if c.Lead.Picture != "" {
		ids = append(ids, c.Lead.Picture)
	}
	for _, f := range c.Body.Figures() {
		if f.Picture != "" {
			ids = append(ids, f.Picture)
		}
	}
	return ids
}

// Videos lists the ids of the videos that the content shows.
func (c Content) Videos() (ids []string) {
	if c.Lead.Video != "" {
		ids = append(ids, c.Lead.Video)
	}
	for _, f := range c.Body.Figures() {
		if f.Video != "" {
			ids = append(ids, f.Video)
		}
	}
	return ids
}

// Shown lists the ids of all that the content shows: its pictures and its videos.
func (c Content) Shown() []string { return slices.Concat(c.Pictures(), c.Videos()) }

// revise numbers and stores a revision.
func (s *Store) revise(ctx context.Context, tx *db.Tx, id string, r Revision, c Content) (number int, err error) {
	content, err := json.Marshal(c)
	if err != nil {
		return 0, fmt.Errorf("store a revision: %w", err)
	}
	err = tx.QueryRow(ctx, `update article set revision = revision + 1 where id = $1 returning revision`, id).Scan(&number)
	if err != nil {
		return 0, fmt.Errorf("number a revision: %w", err)
	}
	_, err = tx.Exec(ctx, `insert into revision (article, number, kind, note, author, content, created, shown)
		values ($1, $2, $3, $4, $5, $6, $7, 0)`, id, number, r.Reason, r.Note, r.By, string(content), db.Time(s.Now()))
	if err != nil {
		return 0, fmt.Errorf("store a revision: %w", err)
	}
	return number, nil
}

// What an article may hold at most, in characters.
const (
	maxHeadline = 300
	maxField    = 3_000 // as long as the wire's captions
	maxTopics   = 30
	maxSponsor  = 100 // it stands over every headline
)

func (n *New) check() error {
	if n.Weight < 0 || n.Weight > 5 {
		return &problem.Problem{Kind: problem.Invalid, Detail: "A weight is a number from 0 to 5."}
	}
	return n.Content.checkSizes()
}

// Check refuses content that no page could show well.
func (c *Content) Check() error {
	if strings.TrimSpace(c.Headline) == "" {
		return &problem.Problem{Kind: problem.Invalid, Detail: "An article needs a headline.", Fields: map[string]string{"headline": "Write a headline."}}
	}
	return c.checkSizes()
}

func (c *Content) checkSizes() error {
	if utf8.RuneCountInString(c.Headline) > maxHeadline {
		return &problem.Problem{Kind: problem.Invalid, Detail: "The headline is longer than 300 characters.", Fields: map[string]string{"headline": "Shorten it."}}
	}
	if utf8.RuneCountInString(c.Sponsor) > maxSponsor {
		return &problem.Problem{Kind: problem.Invalid, Detail: "The name of the sponsor is longer than 100 characters.", Fields: map[string]string{"sponsor": "Shorten it."}}
	}
	for _, f := range slices.Concat(c.Bylines, c.Topics, []string{c.Kicker, c.Standfirst, c.Dateline, c.SourceNotice, c.Lead.Caption, c.Lead.Credit, c.Lead.Alt}) {
		if utf8.RuneCountInString(f) > maxField {
			return &problem.Problem{Kind: problem.Invalid, Detail: "One of the fields is longer than 3,000 characters. Shorten it."}
		}
	}
	if len(c.Topics) > maxTopics {
		return &problem.Problem{Kind: problem.Invalid, Detail: "An article has at most 30 topics.", Fields: map[string]string{"topics": "Leave some out."}}
	}
	return c.Body.Check()
}
