package newsletter

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/mail"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A Kind is how the editions of a list come about.
type Kind string

const (
	Digest  Kind = "digest"  // made from the paper, by a calendar
	Written Kind = "written" // by somebody
	Alert   Kind = "alert"   // when something happens
)

// Kinds lists all kinds.
func Kinds() []Kind { return []Kind{Digest, Written, Alert} }

// A List is what readers can subscribe to.
type List struct {
	ID       string
	Slug     string // its address, for ever
	Kind     Kind
	Name     string
	Promise  string // "Weekdays at 7"
	Sender   string // the name from which it comes; "" is the paper's
	Reply    string // where answers go, or ""
	Language string // "" is the paper's
	Open     bool   // readers can join by themselves; else staff adds them
	Public   bool   // its editions can be read on the web
	Approve  bool   // somebody else has to approve each edition
	Blocks   []Block
	Calendar Calendar
	Empty    bool // goes out even when there is nothing new in it
	Cap      int  // alerts a day; 0 for no limit
	Position int
	Retired  time.Time // when it took its leave; zero for not
	Next     time.Time // when its calendar sends again; zero for never
	Number   int       // of its last edition
	Members  int
	Version  int // changes with what staff changes
}

// Path is the address of a list's archive.
func (l List) Path() string { return "/newsletter/" + l.Slug }

// Tag is the page cache's tag of everything that shows a list.
func (l List) Tag() string { return "list:" + l.ID }

// ListsTag is the page cache's tag of what shows all lists.
const ListsTag = "lists"

// ListChange is the fact that a list is not what it was, or has another edition.
type ListChange struct{ ID string }

// EventKind and EventSubject make it a fact (package event).
func (ListChange) EventKind() string      { return "newsletter.list-changed" }
func (e ListChange) EventSubject() string { return e.ID }

const listColumns = `id, slug, kind, name, promise, sender, reply, language, open, public, approve, blocks, days, minute, empty, cap,
	position, retired, next, number, members, version`

func scanList(row interface{ Scan(dest ...any) error }) (l List, err error) {
	var blocks string
	err = row.Scan(&l.ID, &l.Slug, &l.Kind, &l.Name, &l.Promise, &l.Sender, &l.Reply, &l.Language, &l.Open, &l.Public, &l.Approve, &blocks,
		&l.Calendar.Days, &l.Calendar.Minute, &l.Empty, &l.Cap, &l.Position, (*db.Time)(&l.Retired), (*db.Time)(&l.Next), &l.Number, &l.Members, &l.Version)
	if err != nil {
		return l, err
	}
	if err := json.Unmarshal([]byte(blocks), &l.Blocks); err != nil {
		return l, fmt.Errorf("read the blocks of list %s: %w", l.ID, err)
	}
	return l, nil
}

// Lists returns all lists in their order; those that took their leave too, for staff.
func (s *Store) Lists(ctx context.Context) ([]List, error) {
	return s.lists(ctx, s.DB, `order by position, id`)
}

// Offered returns the lists that readers can join by themselves, in their order.
func (s *Store) Offered(ctx context.Context) ([]List, error) {
	return s.lists(ctx, s.DB, `where open and retired = 0 order by position, id`)
}

func (s *Store) lists(ctx context.Context, q db.Querier, tail string, args ...any) (list []List, err error) {
	rows, err := q.Query(ctx, `select `+listColumns+` from list `+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("read the lists: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		l, err := scanList(rows)
		if err != nil {
			return nil, fmt.Errorf("read the lists: %w", err)
		}
		list = append(list, l)
	}
	return list, rows.Err()
}

const noList = "There is no such newsletter."

// ListByID returns a list, for staff.
func (s *Store) ListByID(ctx context.Context, id string) (List, error) {
	return listBy(ctx, s.DB, `id = $1`, id)
}

// ListBySlug returns a list by its address, for the public: one whose editions may
// be read on the web, or that can be joined.
func (s *Store) ListBySlug(ctx context.Context, slug string) (List, error) {
	l, err := listBy(ctx, s.DB, `slug = $1`, slug)
	if err == nil && !l.Public && (!l.Open || !l.Retired.IsZero()) {
		return List{}, notFound(noList)
	}
	return l, err
}

func listBy(ctx context.Context, q db.Querier, where string, args ...any) (List, error) {
	l, err := scanList(q.QueryRow(ctx, `select `+listColumns+` from list where `+where, args...))
	if err != nil {
		return List{}, db.Found(err, noList)
	}
	return l, nil
}

// lockList makes those who change a list wait for one another.
func lockList(ctx context.Context, tx *db.Tx, id string) (List, error) {
	if err := db.One(tx.Exec(ctx, `update list set version = version where id = $1`, id)); err != nil {
		if problem.Is(err, problem.NotFound) {
			return List{}, notFound(noList)
		}
		return List{}, err
	}
	return listBy(ctx, tx, `id = $1`, id)
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// taken are slugs that are other addresses below /newsletter.
var taken = []string{"asked", "confirm", "preferences", "forget", "feed"}

const (
	maxName    = 80
	maxPromise = 160
	maxBlocks  = 20
	maxCap     = 100
)

// check refuses a list that cannot be, at the field that is wrong.
func (l List) check() error {
	bad := &problem.Problem{Kind: problem.Invalid, Detail: "Some fields need another look.", Fields: map[string]string{}}
	if !slices.Contains(Kinds(), l.Kind) {
		bad.Fields["kind"] = "Choose what sort of list it is."
	}
	switch {
	case !slugForm.MatchString(l.Slug) || len(l.Slug) > 60:
		bad.Fields["slug"] = "Use small letters, digits and hyphens."
	case slices.Contains(taken, l.Slug):
		bad.Fields["slug"] = "This address is used by the paper itself. Choose another."
	}
	for field, text := range map[string]string{"name": l.Name, "promise": l.Promise, "sender": l.Sender} {
		limit := maxName
		if field == "promise" {
			limit = maxPromise
		}
		switch {
		case text == "" && field != "sender":
			bad.Fields[field] = "Fill this in."
		case utf8.RuneCountInString(text) > limit:
			bad.Fields[field] = "This is too long."
		case strings.ContainsAny(text, "\r\n\x00") || !utf8.ValidString(text):
			bad.Fields[field] = "Write it on one line."
		}
	}
	if l.Reply != "" {
		if _, err := mail.ParseAddress(l.Reply); err != nil {
			bad.Fields["reply"] = "This is not an e-mail address. One looks like name@example.com."
		}
	}
	if l.Cap < 0 || l.Cap > maxCap {
		bad.Fields["cap"] = "Write a number from 0 to 100."
	}
	if !l.Calendar.valid() {
		bad.Fields["minute"] = "Write a time such as 07:00."
	}
	if l.Kind == Digest && l.Calendar.Days > 0 && len(l.Blocks) == 0 {
		bad.Fields["blocks"] = "An edition needs at least one block."
	}
	if len(l.Blocks) > maxBlocks {
		bad.Fields["blocks"] = "These are too many blocks."
	}
	for _, b := range l.Blocks {
		b.wrong(func(_, why string) { bad.Fields["blocks"] = cmp.Or(bad.Fields["blocks"], why) })
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// Make makes a list and returns it.
func (s *Store) Make(ctx context.Context, a *reader.Actor, l List) (List, error) {
	if a != nil && !a.May(reader.MayManage) {
		return l, forbidden()
	}
	return s.make(ctx, a, l)
}

func (s *Store) make(ctx context.Context, a *reader.Actor, l List) (List, error) {
	if err := l.check(); err != nil {
		return l, err
	}
	l.ID, l.Version, l.Members, l.Number, l.Retired = s.ID(), 1, 0, 0, time.Time{}
	l.Next = l.next(s.Now(), s.Zone())
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `select coalesce(max(position), 0) + 1 from list`).Scan(&l.Position); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into list (`+listColumns+`)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, $18, 0, 0, 1)`,
			l.ID, l.Slug, string(l.Kind), l.Name, l.Promise, l.Sender, l.Reply, l.Language, l.Open, l.Public, l.Approve, asJSON(l.Blocks),
			l.Calendar.Days, l.Calendar.Minute, l.Empty, l.Cap, l.Position, db.Time(l.Next))
		if db.IsUnique(err) {
			return &problem.Problem{
				Kind: problem.Conflict, Detail: "Another newsletter has this address.",
				Fields: map[string]string{"slug": "Choose another."}, Err: err,
			}
		}
		if err != nil {
			return fmt.Errorf("make a list: %w", err)
		}
		return s.told(ctx, tx, a, ListMade, l.ID, l.Slug)
	})
	return l, err
}

// Change changes a list at the version that whoever changes it has seen. Its slug and
// kind stay.
func (s *Store) Change(ctx context.Context, a *reader.Actor, l List) error {
	if !a.May(reader.MayManage) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		was, err := lockList(ctx, tx, l.ID)
		if err != nil {
			return err
		}
		if was.Version != l.Version {
			return overtaken()
		}
		l.Slug, l.Kind = was.Slug, was.Kind
		if err := l.check(); err != nil {
			return err
		}
		next := was.Next
		if l.Calendar != was.Calendar || next.IsZero() {
			next = l.next(s.Now(), s.Zone())
		}
		_, err = tx.Exec(ctx, `update list
			set name = $2, promise = $3, sender = $4, reply = $5, language = $6, open = $7, public = $8, approve = $9, blocks = $10,
				days = $11, minute = $12, empty = $13, cap = $14, next = $15, version = version + 1
			where id = $1`, l.ID, l.Name, l.Promise, l.Sender, l.Reply, l.Language, l.Open, l.Public, l.Approve, asJSON(l.Blocks),
			l.Calendar.Days, l.Calendar.Minute, l.Empty, l.Cap, db.Time(next))
		if err != nil {
			return fmt.Errorf("change list %s: %w", l.ID, err)
		}
		return s.told(ctx, tx, a, ListChanged, l.ID, was.Slug)
	})
}

// Retire lets a list take its leave, or come back. Nobody is unsubscribed: a list
// that comes back has its readers.
func (s *Store) Retire(ctx context.Context, a *reader.Actor, id string, retire bool) error {
	if !a.May(reader.MayManage) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		l, err := lockList(ctx, tx, id)
		if err != nil || l.Retired.IsZero() != retire {
			return err
		}
		act := ListReopened
		l.Retired = time.Time{}
		if retire {
			act, l.Retired = ListRetired, s.Now()
		}
		l.Next = l.next(s.Now(), s.Zone())
		_, err = tx.Exec(ctx, `update list set retired = $2, next = $3, version = version + 1 where id = $1`, id, db.Time(l.Retired), db.Time(l.Next))
		if err != nil {
			return fmt.Errorf("retire list %s: %w", id, err)
		}
		return s.told(ctx, tx, a, act, id, l.Slug)
	})
}

// told tells others and the audit log that a list has changed.
func (s *Store) told(ctx context.Context, tx *db.Tx, a *reader.Actor, act audit.Act, id, detail string) error {
	if err := recordChange(ctx, tx, id); err != nil {
		return err
	}
	return s.note(ctx, tx, a, act, id, detail)
}

// Seed gives a paper that has no lists, and never had one, its first.
func (s *Store) Seed(ctx context.Context, lists []List) error {
	have, err := s.Lists(ctx)
	if err != nil || len(have) > 0 {
		return err
	}
	for _, l := range lists {
		if _, err := s.make(ctx, nil, l); problem.Is(err, problem.Conflict) {
			return nil // another process begins the paper too
		} else if err != nil {
			return err
		}
	}
	return nil
}
