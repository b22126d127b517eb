package article

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Card is an article as lists show it.
type Card struct {
	ID      string
	Section Section
	Slug    string
	Class
	Headline     string
	Kicker       string
	Standfirst   string
	Bylines      []string
	Dateline     string
	Lead         Lead
	SourceNotice string
	Sponsor      string // who paid for it to be here; "" for nobody
	Published    time.Time
	Updated      time.Time
	Changed      time.Time
	Expires      time.Time
	Words        int
	Feed         FeedRight
	NoIndex      bool
}

// Path is the article's address.
func (c Card) Path() string { return c.Section.Path() + "/" + c.Slug }

// Tag is the page cache's tag of everything that shows the article.
func (c Card) Tag() string { return Tag(c.ID) }

// Paid reports whether somebody paid for the article to be here.
func (c Card) Paid() bool { return c.Sponsor != "" }

// Newest is when readers were last told something new: Updated, else Published.
func (c Card) Newest() time.Time {
	if c.Updated.After(c.Published) {
		return c.Updated
	}
	return c.Published
}

func (a *Article) card() Card {
	return Card{
		ID: a.ID, Section: a.Section, Slug: a.Slug, Class: a.Class,
		Headline: a.Headline, Kicker: a.Kicker, Standfirst: a.Standfirst, Bylines: a.Bylines, Dateline: a.Dateline,
		Lead: a.Lead, SourceNotice: a.SourceNotice, Sponsor: a.Sponsor, Published: a.Published, Updated: a.Updated, Changed: a.Changed,
		Expires: a.Expires, Words: a.Words, Feed: a.Feed, NoIndex: a.NoIndex,
	}
}

// ended is what may stay of an article whose licence has ended.
func (c Card) ended() Card {
	return Card{
		ID: c.ID, Section: c.Section, Slug: c.Slug, Class: Class{Kind: c.Kind, Format: c.Format}, Headline: c.Headline, Kicker: c.Kicker,
		SourceNotice: c.SourceNotice, Sponsor: c.Sponsor, Published: c.Published,
	}
}

// A Filter says which articles a list holds. The zero Filter is the newest of
// the whole paper.
type Filter struct {
	Section string    // slug; "" is all
	Topic   string    // as it stands in Content.Topics; "" is all
	Author  string    // a byline; "" is all
	Before  string    // cursor: only articles older than the one it names
	Since   time.Time // only articles published at or after
	Until   time.Time // only articles published before
	Without string    // an id to leave out
	Among   []string  // ids, at most 500: only these; nil is all
	Unpaid  bool      // without what is sponsored
	Limit   int       // at most this many, 1 to 1,000
}

// Latest lists readable articles, newest first. older is the cursor of the next
// page, "" on the last.
func (s *Store) Latest(ctx context.Context, f Filter) (cards []Card, older string, err error) {
	cards, older, err = s.unsigned(ctx, f)
	if err != nil {
		return nil, "", err
	}
	pointers := make([]*Card, len(cards))
	for i := range cards {
		pointers[i] = &cards[i]
	}
	return cards, older, s.sign(ctx, pointers)
}

// sign fills in the bylines.
func (s *Store) sign(ctx context.Context, cards []*Card) error {
	ids := make([]string, len(cards))
	for i, c := range cards {
		ids[i] = c.ID
	}
	names, err := bylines(ctx, s.DB, ids)
	if err != nil {
		return err
	}
	for _, c := range cards {
		c.Bylines = names[c.ID]
	}
	return nil
}

// unsigned is Latest without the bylines.
func (s *Store) unsigned(ctx context.Context, f Filter) (cards []Card, older string, err error) {
	now, limit := s.Now(), min(max(f.Limit, 1), 1000)
	tail, args, err := f.sql(now, limit+1)
	if err != nil {
		return nil, "", err
	}
	list, err := s.readable(ctx, now, tail, args)
	if err != nil {
		return nil, "", fmt.Errorf("list articles: %w", err)
	}
	if len(list) > limit {
		list = list[:limit]
		older = cursor(list[limit-1])
	}
	cards = make([]Card, len(list))
	for i, a := range list {
		cards[i] = a.card()
	}
	return cards, older, nil
}

// sql is the filter in the words of the index: what follows "from".
func (f Filter) sql(now time.Time, limit int) (tail string, args []any, err error) {
	where := []string{readableSQL(&args, now)}
	if f.Section != "" {
		where = append(where, "a.section = "+db.Arg(&args, f.Section))
	}
	if f.Topic != "" {
		where = append(where, "a.id in (select article from article_topic where name = "+db.Arg(&args, f.Topic)+")")
	}
	if f.Author != "" {
		where = append(where, "a.id in (select article from byline where name = "+db.Arg(&args, f.Author)+")")
	}
	if f.Without != "" {
		where = append(where, "a.id <> "+db.Arg(&args, f.Without))
	}
	if f.Unpaid {
		where = append(where, "a.sponsor = ''")
	}
	if f.Among != nil {
		where = append(where, "a.id "+db.In(&args, f.Among))
	}
	if !f.Since.IsZero() {
		where = append(where, "a.published >= "+db.Arg(&args, db.Time(f.Since)))
	}
	if !f.Until.IsZero() {
		where = append(where, "a.published < "+db.Arg(&args, db.Time(f.Until)))
	}
	if f.Before != "" {
		published, id, err := parseCursor(f.Before)
		if err != nil {
			return "", nil, err
		}
		where = append(where, fmt.Sprintf("(a.published, a.id) < (%s, %s)", db.Arg(&args, published), db.Arg(&args, id)))
	}
	return `where ` + strings.Join(where, " and ") + `
		order by a.published desc, a.id desc
		limit ` + db.Arg(&args, limit), args, nil
}

// selectCards is what every list begins with.
const selectCards = `select ` + cardColumns + `
	from article a
	join section s on s.slug = a.section
	`

// readable runs a list query and lets through what readers may have now. The
// bylines are still missing.
func (s *Store) readable(ctx context.Context, now time.Time, tail string, args []any) ([]*Article, error) {
	rows, err := s.DB.Query(ctx, selectCards+tail, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*Article
	for rows.Next() {
		a, err := scanCard(rows)
		if err != nil {
			return nil, err
		}
		if a.access(now) == Readable {
			list = append(list, a)
		}
	}
	return list, rows.Err()
}

// cursor names a place in a list: what comes after a is older.
func cursor(a *Article) string {
	return strconv.FormatInt(a.Published.UnixMicro(), 36) + "." + a.ID
}

func parseCursor(s string) (published int64, id string, err error) {
	at, id, ok := strings.Cut(s, ".")
	published, err = strconv.ParseInt(at, 36, 64)
	if !ok || err != nil || len(id) > 40 {
		return 0, "", &problem.Problem{Kind: problem.NotFound, Detail: "This page of the list does not exist. Begin again at the newest articles.", Err: err}
	}
	return published, id, nil
}

// Full returns the newest readable articles with their bodies, for feeds; those of
// Filter.Among in the order in which they are named.
func (s *Store) Full(ctx context.Context, f Filter) ([]Reading, error) {
	cards, _, err := s.Latest(ctx, f)
	if err != nil {
		return nil, err
	}
	if f.Among != nil {
		slices.SortFunc(cards, func(a, b Card) int { return slices.Index(f.Among, a.ID) - slices.Index(f.Among, b.ID) })
	}
	list := make([]Reading, 0, len(cards))
	for _, c := range cards {
		r, _, err := s.Read(ctx, cmp.Or(c.Section.Address, c.Section.Slug), c.Slug)
		if problem.Of(err) != nil {
			continue // it vanished between the two looks
		}
		if err != nil {
			return nil, err
		}
		if r != nil && !r.Ended {
			list = append(list, *r)
		}
	}
	return list, nil
}

// A Location is an address with the time of its last change, for sitemaps.
type Location struct {
	Path    string
	Changed time.Time
}

// Month lists the addresses of readable articles first published in a month of
// UTC, oldest first.
func (s *Store) Month(ctx context.Context, month time.Time) ([]Location, error) {
	from := time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, time.UTC)
	var args []any
	now := s.Now()
	found, err := s.readable(ctx, now, `where `+readableSQL(&args, now)+`
		and a.published >= `+db.Arg(&args, db.Time(from))+` and a.published < `+db.Arg(&args, db.Time(from.AddDate(0, 1, 0)))+`
		and not a.noindex
		order by a.published, a.id
		limit 50000`, args)
	if err != nil {
		return nil, fmt.Errorf("list a month: %w", err)
	}
	list := make([]Location, len(found))
	for i, a := range found {
		list[i] = Location{Path: a.Path(), Changed: a.card().Newest()}
	}
	return list, nil
}

// Before returns when the newest readable article before a moment appeared, the zero
// time when there is none.
func (s *Store) Before(ctx context.Context, t time.Time) (time.Time, error) {
	return s.nearest(ctx, t, "<", "a.published desc, a.id desc")
}

// From returns when the oldest readable article at or after a moment appeared, the
// zero time when there is none.
func (s *Store) From(ctx context.Context, t time.Time) (time.Time, error) {
	return s.nearest(ctx, t, ">=", "a.published, a.id")
}

func (s *Store) nearest(ctx context.Context, t time.Time, side, order string) (time.Time, error) {
	now := s.Now()
	var args []any
	found, err := s.readable(ctx, now, `where `+readableSQL(&args, now)+` and a.published `+side+` `+db.Arg(&args, db.Time(t))+`
		order by `+order+` limit 1`, args)
	if err != nil {
		return time.Time{}, fmt.Errorf("find the nearest article: %w", err)
	}
	if len(found) == 0 {
		return time.Time{}, nil
	}
	return found[0].Published, nil
}

// Span returns when the oldest and the newest readable article appeared; zero
// times when there is none.
func (s *Store) Span(ctx context.Context) (first, last time.Time, err error) {
	now := s.Now()
	for _, end := range []struct {
		order string
		at    *time.Time
	}{{"a.published, a.id", &first}, {"a.published desc, a.id desc", &last}} {
		var args []any
		found, err := s.readable(ctx, now, `where `+readableSQL(&args, now)+` order by `+end.order+` limit 1`, args)
		if err != nil {
			return first, last, fmt.Errorf("find the paper's span: %w", err)
		}
		if len(found) > 0 {
			*end.at = found[0].Published
		}
	}
	return first, last, nil
}
