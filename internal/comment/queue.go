package comment

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Queue is a list of what waits for a moderator, the oldest first.
type Queue string

const (
	QueueHeld     Queue = "held"     // by the desk's own choice: first comments, held threads
	QueueFlagged  Queue = "flagged"  // by a rule: links, words, the filter
	QueueReported Queue = "reported" // whatever its state
	QueueAppeals  Queue = "appeals"
)

// Queues lists them in the order in which moderators see them.
func Queues() []Queue { return []Queue{QueueReported, QueueFlagged, QueueHeld, QueueAppeals} }

// ParseQueue reads a queue; one that we do not know is a Problem NotFound.
func ParseQueue(s string) (Queue, error) {
	for _, q := range Queues() {
		if string(q) == s {
			return q, nil
		}
	}
	return "", &problem.Problem{Kind: problem.NotFound, Detail: "There is no such queue."}
}

// An Item is one thing that waits, with what a moderator needs to know.
type Item struct {
	Comment   Comment    // with its text, also where readers cannot have it; the zero Comment for an appeal that is about none
	Reports   []Report   // open ones, at most 20; Comment.Reports says how many there are
	Edits     []Edit     // what it said before, the newest first, at most 20
	Crowds    []Crowd    // signs of a brigade
	Decisions []Decision // on it, the newest first, at most 20
	Appeal    *Appeal    // in QueueAppeals; Decisions has the one that it is about
}

// An Edit is what a comment said before somebody changed it.
type Edit struct {
	Editor  string // a reader's id
	Body    string
	Created time.Time
}

// A Crowd is many votes on one comment within ten minutes from new accounts,
// from one block of addresses or from one site.
type Crowd struct {
	Kind  CrowdKind
	At    time.Time // when the ten minutes began
	Votes int
}

// A CrowdKind is what the votes of a crowd have in common.
type CrowdKind string

const (
	CrowdYoung    CrowdKind = "young" // new accounts
	CrowdBlock    CrowdKind = "block" // one block of addresses
	CrowdReferrer CrowdKind = "referrer"
)

const (
	// QueuePageSize is how many items a page of a queue has.
	QueuePageSize = 20

	// itemParts is how many reports, edits and decisions an item shows.
	itemParts = 20
)

// where is what a queue reads, from a place on.
func (q Queue) where(after string) (clause string, args []any, err error) {
	from := ""
	if after != "" {
		at, id, err := parseCursor(after)
		if err != nil {
			return "", nil, err
		}
		key := "(c.created, c.id)"
		if q == QueueAppeals {
			key = "(a.created, a.decision)"
		}
		from = fmt.Sprintf(" and %s > (%s, %s)", key, db.Arg(&args, at), db.Arg(&args, id))
	}
	switch q {
	case QueueHeld:
		clause = "c.state = 'held' and c.flagged = " + db.Arg(&args, false) + from + " order by c.created, c.id"
	case QueueFlagged:
		clause = "c.state = 'held' and c.flagged = " + db.Arg(&args, true) + from + " order by c.created, c.id"
	case QueueReported:
		clause = "c.reports > 0" + from + " order by c.created, c.id"
	case QueueAppeals:
		clause = "a.state = 'open'" + from + " order by a.created, a.decision"
	default:
		_, err = ParseQueue(string(q))
	}
	return clause, args, err
}

// query reads a page of a queue.
func (q Queue) query(after string, limit int) (query string, args []any, err error) {
	where, args, err := q.where(after)
	if err != nil {
		return "", nil, err
	}
	query = `select ` + columns + ` from comment as c where `
	if q == QueueAppeals {
		query = `select ` + appealColumns + ` from appeal as a where `
	}
	return query + where + ` limit ` + db.Arg(&args, limit), args, nil
}

// Queue returns a page of a queue. next is the cursor of the page that follows,
// "" on the last.
func (s *Store) Queue(ctx context.Context, q Queue, after string) (items []Item, next string, err error) {
	query, args, err := q.query(after, QueuePageSize+1)
	if err != nil {
		return nil, "", err
	}
	if q == QueueAppeals {
		items, err = s.appealItems(ctx, query, args)
	} else {
		var found []Comment
		found, err = list(ctx, s.DB, query, args...)
		for _, c := range found {
			items = append(items, Item{Comment: c})
		}
	}
	if err != nil {
		return nil, "", fmt.Errorf("read the queue %s: %w", q, err)
	}
	if len(items) > QueuePageSize {
		items = items[:QueuePageSize]
		last := items[QueuePageSize-1]
		next = timeCursor(last.Comment.Created, last.Comment.ID)
		if q == QueueAppeals {
			next = timeCursor(last.Appeal.Created, last.Appeal.Decision)
		}
	}
	for i := range items {
		if err := s.fill(ctx, &items[i]); err != nil {
			return nil, "", fmt.Errorf("read the queue %s: %w", q, err)
		}
	}
	return items, next, nil
}

func (s *Store) appealItems(ctx context.Context, query string, args []any) (items []Item, err error) {
	rows, err := s.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a Appeal
		if err := rows.Scan(a.into()...); err != nil {
			return nil, err
		}
		items = append(items, Item{Appeal: &a})
	}
	return items, rows.Err()
}

// Item returns one comment as a queue shows it, whatever its state.
func (s *Store) Item(ctx context.Context, comment string) (i Item, err error) {
	if i.Comment, err = byID(ctx, s.DB, comment); err != nil {
		return i, err
	}
	return i, s.fill(ctx, &i)
}

// AppealItem returns the appeal against a decision as a queue shows it.
func (s *Store) AppealItem(ctx context.Context, decision string) (i Item, err error) {
	a, err := s.AppealAgainst(ctx, decision)
	if err != nil {
		return i, err
	}
	i.Appeal = &a
	return i, s.fill(ctx, &i)
}

// fill adds what a moderator needs to know. What a new comment cannot have is
// not looked for.
func (s *Store) fill(ctx context.Context, i *Item) (err error) {
	if i.Appeal != nil {
		d, err := decisionByID(ctx, s.DB, i.Appeal.Decision)
		if err != nil {
			return err
		}
		i.Decisions = []Decision{d}
		if d.Comment != "" {
			if i.Comment, err = byID(ctx, s.DB, d.Comment); err != nil {
				return err
			}
		}
	}
	c := &i.Comment
	if c.ID == "" {
		return nil
	}
	if c.Reports > 0 {
		i.Reports, err = reports(ctx, s.DB, `where r.comment = $1 and r.state = 'open' order by r.created, r.id limit $2`, c.ID, itemParts)
		if err != nil {
			return err
		}
	}
	if c.Version > 1 {
		if i.Edits, err = s.edits(ctx, c.ID); err != nil {
			return err
		}
		if c.State == Deleted && len(i.Edits) > 0 {
			c.Body, i.Edits = i.Edits[0].Body, i.Edits[1:]
		}
		if i.Appeal == nil {
			i.Decisions, err = decisions(ctx, s.DB, `where d.comment = $1 order by d.created desc, d.id desc limit $2`, c.ID, itemParts)
			if err != nil {
				return err
			}
		}
	}
	if c.Seat > 0 {
		i.Crowds, err = s.crowds(ctx, c.ID)
	}
	return err
}

func (s *Store) edits(ctx context.Context, comment string) (found []Edit, err error) {
	rows, err := s.DB.Query(ctx, `select editor, body, created from comment_edit where comment = $1 order by number desc limit $2`, comment, itemParts)
	if err != nil {
		return nil, fmt.Errorf("read what %s said: %w", comment, err)
	}
	defer rows.Close()
	for rows.Next() {
		var e Edit
		if err := rows.Scan(&e.Editor, &e.Body, (*db.Time)(&e.Created)); err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, rows.Err()
}

// crowdSizes are the votes from which each kind of crowd is one.
var crowdSizes = map[CrowdKind]int{CrowdYoung: youngCrowd, CrowdBlock: blockCrowd, CrowdReferrer: siteCrowd}

func (s *Store) crowds(ctx context.Context, comment string) (found []Crowd, err error) {
	rows, err := s.DB.Query(ctx, `select kind, at, votes from vote_crowd where comment = $1 and votes >= 4 order by at desc, kind, name limit 100`, comment)
	if err != nil {
		return nil, fmt.Errorf("read who voted on %s: %w", comment, err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Crowd
		if err := rows.Scan(&c.Kind, (*db.Time)(&c.At), &c.Votes); err != nil {
			return nil, err
		}
		if c.Votes >= crowdSizes[c.Kind] {
			found = append(found, c)
		}
	}
	return found, rows.Err()
}

// A Size is how long a queue is, as far as that matters.
type Size int

// MaxSize is the Size of everything longer than 99.
const MaxSize Size = 100

// String is the size as moderators see it: "7", "99+".
func (n Size) String() string {
	if n >= MaxSize {
		return "99+"
	}
	return strconv.Itoa(int(n))
}

// QueueSizes tells how long the queues are. It never counts more than it tells.
func (s *Store) QueueSizes(ctx context.Context) (map[Queue]Size, error) {
	sizes := map[Queue]Size{}
	for _, q := range Queues() {
		query, args, err := q.sizeQuery()
		if err != nil {
			return nil, err
		}
		var n Size
		if err := s.DB.QueryRow(ctx, query, args...).Scan(&n); err != nil {
			return nil, fmt.Errorf("look how long the queue %s is: %w", q, err)
		}
		sizes[q] = n
	}
	return sizes, nil
}

func (q Queue) sizeQuery() (query string, args []any, err error) {
	where, args, err := q.where("")
	from := "comment as c"
	if q == QueueAppeals {
		from = "appeal as a"
	}
	return `select count(*) from (select 1 as one from ` + from + ` where ` + where + ` limit ` + db.Arg(&args, MaxSize) + `) as waiting`, args, err
}
