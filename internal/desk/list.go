package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A Line is a story as lists of the newsroom show it.
type Line struct {
	ID        string
	Section   article.Section
	Slug      string
	State     article.State
	Headline  string
	Sponsor   string // of the article, "" for nobody
	Owner     string // name of whoever owns it; without one, whose names stand over it; "" for the wire's
	Published time.Time
	Embargo   time.Time
	Open      bool // the embargo has no end
	Changed   time.Time
	Words     int
	Waits     bool   // its copy has something that readers have not
	Writing   string // name of whoever has the seat
	Remarks   int    // that are open
}

// A Filter says which stories a list holds. The zero Filter is all of them.
type Filter struct {
	State   article.State // "" is all
	Section string        // slug
	Owner   string        // reader id
	Waiting bool          // only published ones with unpublished changes
	Held    bool          // only those under an embargo without an end
	Coming  bool          // only those that the clock lets out: scheduled or embargoed, the next first; no pages
	From    time.Time     // with Coming: only from this moment on
	To      time.Time     // and before this one
	Words   string        // in the headline
	IDs     []string      // only these
	Before  string        // cursor
	Limit   int
}

const (
	listPage = 50
	maxWords = 100 // characters that are looked for
)

// List lists stories, those first that somebody worked on last. Contributors see
// their own. older is the cursor of the next page, "" on the last.
func (s *Store) List(ctx context.Context, a *reader.Actor, f Filter) (list []Line, older string, err error) {
	switch {
	case !a.May(reader.MayWrite):
		return nil, "", forbidden()
	case !a.May(reader.MayEdit):
		f.Owner = a.Reader.ID
	}
	limit := min(max(f.Limit, 1), 1000)
	if f.Limit == 0 {
		limit = listPage
	}
	tail, args, err := f.sql(s.Now(), limit+1)
	if err != nil {
		return nil, "", err
	}
	rows, err := s.DB.Query(ctx, `select a.id, a.section, c.name, a.slug, a.state, coalesce(t.title, a.headline), a.sponsor, coalesce(t.owner, ''), a.published, a.embargo, a.embargo_open,
			a.changed, coalesce(t.words, a.words), a.state in ('published', 'withdrawn') and coalesce(t.version <> t.published, false),
			coalesce(t.seat_by, ''), coalesce(t.seat_seen, 0), coalesce(t.changed, 0)
		`+tail, args...)
	if err != nil {
		return nil, "", fmt.Errorf("list stories: %w", err)
	}
	defer rows.Close()
	now, last := s.Now(), ""
	for rows.Next() {
		var l Line
		var seen, worked time.Time
		if err := rows.Scan(&l.ID, &l.Section.Slug, &l.Section.Name, &l.Slug, &l.State, &l.Headline, &l.Sponsor, &l.Owner, (*db.Time)(&l.Published), (*db.Time)(&l.Embargo), &l.Open,
			(*db.Time)(&l.Changed), &l.Words, &l.Waits, &l.Writing, (*db.Time)(&seen), (*db.Time)(&worked)); err != nil {
			return nil, "", fmt.Errorf("list stories: %w", err)
		}
		if now.Sub(seen) > SeatLife {
			l.Writing = ""
		}
		if len(list) == limit {
			older = last
			break
		}
		at := l.Changed
		if f.Owner != "" || f.Waiting {
			at = worked
		}
		last = strconv.FormatInt(at.UnixMicro(), 36) + "." + l.ID
		list = append(list, l)
	}
	if err := rows.Err(); err != nil {
		return nil, "", fmt.Errorf("list stories: %w", err)
	}
	rows.Close()
	return list, older, s.people(ctx, list)
}

// sql is the filter in the words of the indexes: what follows the columns.
func (f Filter) sql(now time.Time, limit int) (tail string, args []any, err error) {
	from, at, id := "article as a left join story as t on t.article = a.id", "a.changed", "a.id"
	where := []string{"a.id <> ''"}
	if f.Owner != "" || f.Waiting { // by what somebody wrote, and so by the stories
		from, at, id = "story as t join article as a on a.id = t.article", "t.changed", "t.article"
	}
	if f.Owner != "" {
		where = append(where, "t.owner = "+db.Arg(&args, f.Owner))
	}
	if f.Waiting {
		where = append(where, "t.version <> t.published and a.state = 'published'")
	}
	if f.Held {
		where = append(where, "a.embargo_open")
	}
	if f.IDs != nil {
		where = append(where, "a.id "+db.In(&args, f.IDs))
	}
	if f.State != "" {
		if f.State != article.Published {
			where = append(where, "a.state <> 'published'") // as the index says it
		}
		where = append(where, "a.state = "+db.Arg(&args, f.State))
	}
	if f.Section != "" {
		where = append(where, "a.section = "+db.Arg(&args, f.Section))
	}
	if f.Words != "" {
		if len(f.Words) > maxWords {
			f.Words = f.Words[:maxWords]
		}
		for _, word := range strings.Fields(article.Fold(f.Words)) {
			where = append(where, "a.folded like "+db.Arg(&args, "%"+db.Like(word)+"%")+` escape '\'`)
		}
	}
	if f.Before != "" {
		micros, story, ok := strings.Cut(f.Before, ".")
		n, err := strconv.ParseInt(micros, 36, 64)
		if !ok || err != nil || len(story) > 40 {
			return "", nil, &problem.Problem{Kind: problem.NotFound, Detail: "This page of the list does not exist. Begin again at the top.", Err: err}
		}
		where = append(where, fmt.Sprintf("(%s, %s) < (%s, %s)", at, id, db.Arg(&args, n), db.Arg(&args, story)))
	}
	order := at + " desc, " + id + " desc"
	if f.Coming {
		when := "a.published"
		if f.State != article.Scheduled {
			where, when = append(where, "a.embargo > 0 and a.embargo > "+db.Arg(&args, db.Time(now))), "a.embargo"
		}
		if !f.From.IsZero() {
			where = append(where, when+" >= "+db.Arg(&args, db.Time(f.From)))
		}
		if !f.To.IsZero() {
			where = append(where, when+" < "+db.Arg(&args, db.Time(f.To)))
		}
		order = when + ", a.id"
	}
	return "from " + from + ` join section as c on c.slug = a.section
		where ` + strings.Join(where, " and ") + `
		order by ` + order + `
		limit ` + db.Arg(&args, limit), args, nil
}

// people puts names in the place of ids, and counts the open remarks.
func (s *Store) people(ctx context.Context, list []Line) error {
	var who, stories []string
	for _, l := range list {
		stories = append(stories, l.ID)
		for _, id := range []string{l.Owner, l.Writing} {
			if id != "" && !slices.Contains(who, id) {
				who = append(who, id)
			}
		}
	}
	faces, err := s.Readers.Faces(ctx, who...)
	if err != nil {
		return err
	}
	open, err := s.openRemarks(ctx, stories)
	if err != nil {
		return err
	}
	names, err := s.Articles.Bylines(ctx, stories...)
	if err != nil {
		return err
	}
	for i := range list {
		l := &list[i]
		if l.Owner == "" {
			l.Owner = strings.Join(names[l.ID], ", ")
		} else {
			l.Owner = faces[l.Owner].Name
		}
		l.Writing, l.Remarks = faces[l.Writing].Name, open[l.ID]
	}
	return nil
}

func (s *Store) openRemarks(ctx context.Context, stories []string) (open map[string]int, err error) {
	open = make(map[string]int, len(stories))
	for batch := range slices.Chunk(stories, 500) {
		var args []any
		rows, err := s.DB.Query(ctx, `select article, count(*) from story_remark where article `+db.In(&args, batch)+` and done = 0 group by article order by article`, args...)
		if err != nil {
			return nil, fmt.Errorf("count the remarks: %w", err)
		}
		for rows.Next() {
			var id string
			var n int
			if err := rows.Scan(&id, &n); err != nil {
				rows.Close()
				return nil, fmt.Errorf("count the remarks: %w", err)
			}
			open[id] = n
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return nil, fmt.Errorf("count the remarks: %w", err)
		}
	}
	return open, nil
}
