package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// Settled is what the audit log tells of what an editor did about derived work.
const Settled audit.Act = "derived.settled"

// A Why is why an article is thought to hold what an agency has recalled.
type Why string

const (
	Made   Why = "made"  // it was made from the story
	Linked Why = "link"  // it links to it
	Quotes Why = "quote" // it has a passage of it
)

// A Derived is work of ours that may hold what an agency has recalled. It is not published
// before somebody has said what was done about it; what is public stays, and editors see it.
type Derived struct {
	Article   string
	Headline  string // of its copy, as whoever writes it has it
	Story     int64  // of the wire, by the number of its first arrival
	Why       Why
	Passage   string // of a quote, without case and marks
	Public    bool   // readers had the article when this was found
	Created   time.Time
	Settled   time.Time // zero while it is open
	SettledBy string    // reader id
	Words     string    // what was done
}

// A Recalled is a story of the wire that its agency has recalled, as derived work is
// looked for.
type Recalled struct {
	Article string   // of the paper, "" for none
	Texts   []string // all that its versions have said
	Since   time.Time
}

const (
	deriveJob    = "desk.derive"
	passageWords = 12             // in a row, of the agency's
	beforeFirst  = 24 * time.Hour // an article may have been begun before its source came
	mostDerived  = 2_000          // articles that are looked through, the newest first
	derivedBatch = 100
	maxDone      = 1_000 // characters of what was done
)

// A deriving names a story of the wire whose derived work is to be found.
type deriving struct{ Story int64 }

// Derive has what was made of a story looked for that its agency has recalled, after tx.
func (s *Store) Derive(ctx context.Context, tx *db.Tx, story int64) error {
	return s.Jobs.Add(ctx, tx, deriveJob, time.Time{}, deriving{story})
}

// Work lets the queue do this package's jobs; letters are a face's.
func (s *Store) Work() { job.Handle(s.Jobs, deriveJob, s.derive) }

// derive finds what was made of a story. Should it run twice, it finds the same.
func (s *Store) derive(ctx context.Context, d deriving) error {
	story, err := s.Recalls(ctx, d.Story)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if story.Article == "" && len(story.Texts) == 0 {
		return nil // there was nothing to be made of it
	}
	addresses, err := s.addresses(ctx, story.Article)
	if err != nil {
		return err
	}
	said := article.NewWording(passageWords, story.Texts...)
	since, left := story.Since.Add(-beforeFirst), mostDerived
	for after := ""; left > 0; left -= derivedBatch {
		ids, last, err := s.workedOn(ctx, since, after)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = last
		for _, id := range ids {
			t, err := s.find(ctx, s.DB, id)
			if problem.Is(err, problem.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if why, passage := derivedFrom(t, story.Article, addresses, said); why != "" {
				if err := s.raise(ctx, t, d.Story, why, passage); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// derivedFrom says why a story is thought to be made of another, "" when it is not.
func derivedFrom(t *Story, from string, addresses []string, said *article.Wording) (why Why, passage string) {
	if t.Article.ID == from {
		return Made, ""
	}
	for _, c := range []article.Content{t.Article.Content, t.Copy.Content} {
		body := string(c.Body.JSON())
		for _, address := range addresses {
			if strings.Contains(body, address) {
				return Linked, ""
			}
		}
	}
	for _, c := range []article.Content{t.Article.Content, t.Copy.Content} {
		if passage := said.Quoted(c.Text()); passage != "" {
			return Quotes, passage
		}
	}
	return "", ""
}

// addresses are the ends of all addresses that an article has had, as they stand in the
// bodies of others.
func (s *Store) addresses(ctx context.Context, id string) (list []string, err error) {
	if id == "" {
		return nil, nil
	}
	list = []string{"/a/" + id + `"`}
	rows, err := s.DB.Query(ctx, `select p.path, d.slug
		from address d
		join section_address p on p.section = d.section
		where d.article = $1
		order by d.created, d.slug, p.path`, id)
	if err != nil {
		return nil, fmt.Errorf("list the addresses of %s: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var section, slug string
		if err := rows.Scan(&section, &slug); err != nil {
			return nil, fmt.Errorf("list the addresses of %s: %w", id, err)
		}
		for _, end := range []string{`"`, "?", "#"} {
			list = append(list, "/category/"+section+"/"+slug+end)
		}
	}
	return list, rows.Err()
}

// workedOn lists articles in which somebody of ours has written, and that were changed
// since a moment, the newest ids first.
func (s *Store) workedOn(ctx context.Context, since time.Time, before string) (ids []string, last string, err error) {
	args := []any{db.Time(since), derivedBatch}
	more := ""
	if before != "" {
		more = " and a.id < " + db.Arg(&args, before)
	}
	rows, err := s.DB.Query(ctx, `select a.id
		from article a
		left join story t on t.article = a.id
		where (a.changed >= $1 or t.changed >= $1) and (a.edited or t.version > 1)`+more+`
		order by a.id desc
		limit $2`, args...)
	if err != nil {
		return nil, "", fmt.Errorf("list what was worked on: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&last); err != nil {
			return nil, "", fmt.Errorf("list what was worked on: %w", err)
		}
		ids = append(ids, last)
	}
	return ids, last, rows.Err()
}

// raise makes a task of derived work. What was to be published by the clock waits.
func (s *Store) raise(ctx context.Context, t *Story, story int64, why Why, passage string) error {
	id := t.Article.ID
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `insert into derived (article, story, why, passage, public, created, settled, settled_by, words)
			values ($1, $2, $3, $4, $5, $6, 0, null, '')
			on conflict (article, story) do nothing`,
			id, story, why, passage, t.Article.State == article.Published, db.Time(s.Now()))
		if err != nil {
			return fmt.Errorf("raise a task about %s: %w", id, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		now, err := s.Articles.Get(ctx, tx, id)
		if err != nil || now.State != article.Scheduled {
			return err
		}
		if err := s.Articles.SetDraft(ctx, tx, id, article.Review); err != nil {
			return err
		}
		return s.Audit.Add(ctx, tx, audit.Entry{Actor: audit.Console, Act: Unscheduled, Subject: id, Detail: "its source was recalled"})
	})
}

// mayGo refuses to publish what may hold something that was recalled.
func mayGo(ctx context.Context, q db.Querier, id string) error {
	var open int
	if err := q.QueryRow(ctx, `select count(*) from derived where article = $1 and settled = 0`, id).Scan(&open); err != nil {
		return fmt.Errorf("ask what %s is made of: %w", id, err)
	}
	if open > 0 {
		return &problem.Problem{Kind: problem.Conflict, Detail: "An agency has recalled something that is in this article. Say first what was done about it."}
	}
	return nil
}

const derivedColumns = `d.article, coalesce(t.title, a.headline), d.story, d.why, d.passage, d.public, d.created, d.settled, coalesce(d.settled_by, ''), d.words`

func (s *Store) derivedWork(ctx context.Context, tail string, args ...any) (list []Derived, err error) {
	rows, err := s.DB.Query(ctx, `select `+derivedColumns+`
		from derived as d
		join article as a on a.id = d.article
		left join story as t on t.article = d.article
		`+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("list derived work: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var d Derived
		if err := rows.Scan(&d.Article, &d.Headline, &d.Story, &d.Why, &d.Passage, &d.Public, (*db.Time)(&d.Created), (*db.Time)(&d.Settled), &d.SettledBy, &d.Words); err != nil {
			return nil, fmt.Errorf("list derived work: %w", err)
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

// OpenDerived lists what is still to be decided, what readers have first.
func (s *Store) OpenDerived(ctx context.Context, a *reader.Actor, limit int) ([]Derived, error) {
	if !a.May(reader.MayEdit) {
		return nil, forbidden()
	}
	return s.derivedWork(ctx, `where d.settled = 0
		order by case when a.state = 'published' then 0 else 1 end, d.created desc, d.article
		limit $1`, limit)
}

// DerivedFrom lists the work that was made of a story of the wire.
func (s *Store) DerivedFrom(ctx context.Context, a *reader.Actor, story int64) ([]Derived, error) {
	if !a.May(reader.MayEdit) {
		return nil, forbidden()
	}
	return s.derivedWork(ctx, `where d.story = $1 order by d.created, d.article`, story)
}

// DerivedIn lists what is still to be decided about an article.
func (s *Store) DerivedIn(ctx context.Context, id string) ([]Derived, error) {
	return s.derivedWork(ctx, `where d.article = $1 and d.settled = 0 order by d.created, d.story`, id)
}

// Settle notes what an editor has done about derived work, after which it can be published.
func (s *Store) Settle(ctx context.Context, a *reader.Actor, id string, story int64, words string) error {
	if !a.May(reader.MayEdit) {
		return forbidden()
	}
	if words = strings.TrimSpace(clean(words)); words == "" || len([]rune(words)) > maxDone {
		const detail = "Say what was done, in a sentence or two."
		return &problem.Problem{Kind: problem.Invalid, Detail: detail}
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		err := db.One(tx.Exec(ctx, `update derived set settled = $3, settled_by = $4, words = $5
			where article = $1 and story = $2 and settled = 0`, id, story, db.Time(s.Now()), a.Reader.ID, words))
		if problem.Is(err, problem.NotFound) {
			return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has said already what was done about it."}
		}
		if err != nil {
			return fmt.Errorf("settle what %s is made of: %w", id, err)
		}
		return s.note(ctx, tx, a, Settled, id, words)
	})
}
