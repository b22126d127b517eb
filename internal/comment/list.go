package comment

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// An Order is how a thread is read.
type Order string

const (
	Latest  Order = "latest"
	Oldest  Order = "oldest"
	Popular Order = "popular"
)

// ParseOrder reads an order; what we do not know is Latest.
func ParseOrder(s string) Order {
	if o := Order(s); o == Oldest || o == Popular {
		return o
	}
	return Latest
}

const (
	// PageSize is how many top comments a page of a thread has, or replies that of
	// a branch.
	PageSize = 50
	// Unfolded is how many replies stand below their top comment; the others are
	// on the page of the branch.
	Unfolded = 3
)

// A Part says which part of a thread is wanted. The zero Part is the newest
// comments.
type Part struct {
	Order  Order
	After  string // cursor, "" begins at the beginning
	Branch string // a top comment: only that and what is below it
}

// A Listing is one page of a thread.
type Listing struct {
	Part
	Branches []Branch
	Next     string // cursor of the page that follows, "" on the last
}

// A Branch is a top comment with the first replies.
type Branch struct {
	Comment
	Below []Comment
	More  int // replies that are not in Below
}

// List returns a part of the thread of an article.
func (s *Store) List(ctx context.Context, article string, p Part) (l Listing, err error) {
	l.Part = p
	if l.Order == "" {
		l.Order = Latest
	}
	if p.Branch != "" {
		return s.branch(ctx, article, l)
	}
	args := []any{article}
	where, order := "", ""
	switch l.Order {
	case Oldest:
		order = "c.seat"
		if p.After != "" {
			seat, err := parseSeat(p.After)
			if err != nil {
				return l, err
			}
			where = " and c.seat > " + db.Arg(&args, seat)
		}
	case Popular:
		order = "c.rank desc, c.seat desc"
		if p.After != "" {
			high, low, ok := strings.Cut(p.After, ".")
			rank, err := strconv.ParseInt(high, 10, 64)
			seat, err2 := parseSeat(low)
			if !ok || err != nil || err2 != nil {
				return l, noPage()
			}
			where = fmt.Sprintf(" and (c.rank, c.seat) < (%s, %s)", db.Arg(&args, rank), db.Arg(&args, seat))
		}
	default:
		order = "c.seat desc"
		if p.After != "" {
			seat, err := parseSeat(p.After)
			if err != nil {
				return l, err
			}
			where = " and c.seat < " + db.Arg(&args, seat)
		}
	}
	rows, err := s.DB.Query(ctx, `select `+columns+`, c.rank, c.seats
		from comment as c
		where c.article = $1 and c.top = '' and c.shown > 0`+where+`
		order by `+order+`
		limit `+db.Arg(&args, PageSize+1), args...)
	if err != nil {
		return l, fmt.Errorf("list the comments on %s: %w", article, err)
	}
	defer rows.Close()
	var rank int64
	for rows.Next() {
		var b Branch
		var r int64
		var seats int
		if err := rows.Scan(append(b.into(), &r, &seats)...); err != nil {
			return l, fmt.Errorf("list the comments on %s: %w", article, err)
		}
		if len(l.Branches) == PageSize {
			l.Next = cursor(l.Order, rank, l.Branches[PageSize-1].Seat)
			break
		}
		c, ok := b.public()
		if !ok {
			continue
		}
		b.Comment, b.More, rank = c, seats, r
		l.Branches = append(l.Branches, b)
	}
	if err := rows.Err(); err != nil {
		return l, err
	}
	return l, s.fold(ctx, l.Branches)
}

func cursor(o Order, rank int64, seat int) string {
	if o == Popular {
		return fmt.Sprintf("%d.%d", rank, seat)
	}
	return strconv.Itoa(seat)
}

func parseSeat(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || len(s) > 10 || s[0] == '+' {
		return 0, noPage()
	}
	return n, nil
}

func noPage() error {
	return &problem.Problem{Kind: problem.NotFound, Detail: "This page of the thread does not exist. Begin again at the article."}
}

// fold fills in the first replies of the branches; More holds how many seats
// each has.
func (s *Store) fold(ctx context.Context, branches []Branch) error {
	tops, at := []string{}, map[string]int{}
	for i, b := range branches {
		if b.More > 0 {
			tops, at[b.ID] = append(tops, b.ID), i
		}
	}
	if len(tops) == 0 {
		return nil
	}
	args := []any{Unfolded}
	found, err := list(ctx, s.DB, `select `+columns+`
		from comment as c
		where c.top `+db.In(&args, tops)+` and c.top <> '' and c.shown > 0 and c.seat <= $1
		order by c.top, c.seat`, args...)
	if err != nil {
		return fmt.Errorf("list replies: %w", err)
	}
	for _, c := range found {
		b := &branches[at[c.Top]]
		b.More--
		if c, ok := c.public(); ok {
			b.Below = append(b.Below, c)
		}
	}
	return nil
}

// branch lists one branch, in the order of its seats.
func (s *Store) branch(ctx context.Context, article string, l Listing) (Listing, error) {
	top, err := s.ByID(ctx, l.Branch)
	if err != nil {
		return l, err
	}
	if top.Article != article || top.Top != "" {
		return l, notFound()
	}
	after := 0
	if l.After != "" {
		if after, err = parseSeat(l.After); err != nil {
			return l, err
		}
	}
	found, err := list(ctx, s.DB, `select `+columns+`
		from comment as c
		where c.top = $1 and c.top <> '' and c.shown > 0 and c.seat > $2
		order by c.seat
		limit $3`, l.Branch, after, PageSize+1)
	if err != nil {
		return l, fmt.Errorf("list the branch %s: %w", l.Branch, err)
	}
	if len(found) > PageSize {
		found = found[:PageSize]
		l.Next = strconv.Itoa(found[PageSize-1].Seat)
	}
	b := Branch{Comment: top}
	for _, c := range found {
		if c, ok := c.public(); ok {
			b.Below = append(b.Below, c)
		}
	}
	l.Branches = []Branch{b}
	return l, nil
}

// Place returns the part of the thread in which a comment stands.
func (s *Store) Place(ctx context.Context, id string) (c Comment, p Part, err error) {
	if c, err = s.ByID(ctx, id); err != nil {
		return c, p, err
	}
	top := c
	if c.Top != "" {
		if c.Seat > Unfolded {
			p.Branch = c.Top
			if n := (c.Seat - 1) / PageSize * PageSize; n > 0 {
				p.After = strconv.Itoa(n)
			}
			return c, p, nil
		}
		if top, err = s.ByID(ctx, c.Top); err != nil {
			return c, p, err
		}
	}
	var seats int
	if err := s.DB.QueryRow(ctx, `select seats from thread where article = $1`, c.Article).Scan(&seats); err != nil {
		return c, p, fmt.Errorf("find the place of %s: %w", id, err)
	}
	if top.Seat > seats-PageSize {
		return c, p, nil
	}
	p.Order = Oldest
	if n := (top.Seat - 1) / PageSize * PageSize; n > 0 {
		p.After = strconv.Itoa(n)
	}
	return c, p, nil
}

// ByAuthor lists what a reader wrote and others can read, the newest first.
// Whether they may have the article is not known here. older is the cursor of
// the next page.
func (s *Store) ByAuthor(ctx context.Context, reader, before string, limit int) (found []Comment, older string, err error) {
	args := []any{reader}
	where, err := olderThan(&args, "c", before)
	if err != nil {
		return nil, "", err
	}
	found, err = list(ctx, s.DB, `select `+columns+`
		from comment as c
		where c.author = $1 and c.state = 'visible'`+where+`
		order by c.created desc, c.id desc
		limit `+db.Arg(&args, limit+1), args...)
	if err != nil {
		return nil, "", fmt.Errorf("list the comments of %s: %w", reader, err)
	}
	if len(found) > limit {
		found = found[:limit]
		older = timeCursor(found[limit-1].Created, found[limit-1].ID)
	}
	for i := range found {
		found[i], _ = found[i].public()
	}
	return found, older, nil
}

// A Said is a comment that appeared: whose it is, and when.
type Said struct {
	Author string
	At     time.Time
}

// A Talk is how much was said about an article.
type Talk struct {
	Article  string
	Comments int
}

// MostSaid lists the articles about which most was said since then, most of it first, as
// far as others can still read it.
func (s *Store) MostSaid(ctx context.Context, since time.Time, limit int) (list []Talk, err error) {
	rows, err := s.DB.Query(ctx, `select article, count(*) as said
		from comment
		where shown >= $1 and shown > 0 and state = 'visible'
		group by article
		order by said desc, article
		limit $2`, db.Time(since), limit)
	if err != nil {
		return nil, fmt.Errorf("list what most was said about: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t Talk
		if err := rows.Scan(&t.Article, &t.Comments); err != nil {
			return nil, fmt.Errorf("list what most was said about: %w", err)
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// mostSaid is how many comments are told of at most.
const mostSaid = 500

// Said are the comments on an article that appeared from one moment on and before
// another, and that others can still read.
func (s *Store) Said(ctx context.Context, article string, from, to time.Time) (list []Said, err error) {
	rows, err := s.DB.Query(ctx, `select author, shown
		from comment
		where article = $1 and shown > 0 and state = 'visible' and shown >= $2 and shown < $3
		order by shown, id
		limit $4`, article, db.Time(from), db.Time(to), mostSaid)
	if err != nil {
		return nil, fmt.Errorf("list what was said on %s: %w", article, err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Said
		if err := rows.Scan(&c.Author, (*db.Time)(&c.At)); err != nil {
			return nil, fmt.Errorf("list what was said on %s: %w", article, err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}
