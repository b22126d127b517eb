package newsletter

import (
	"context"
	"fmt"

	"kawaraban/internal/article"
)

// What an edition says in its subject, in its preview and in texts by hand nobody has
// read through package article. Where a story that it brings is withdrawn, they are held
// against all that the story has said, and go when they quote it.
const (
	quotedSubject = 3  // words in a row
	quotedText    = 12 // words in a row
)

// unsay takes out of editions what they quote of stories that were withdrawn since. It
// changes what is shown and sent, never what is stored. An edition that loses its subject
// is called as its list, or by the first story in it that is still there.
func (s *Store) unsay(ctx context.Context, l List, editions ...*Edition) error {
	brings := map[string][]*Edition{}
	var all []string
	for _, e := range editions {
		for _, id := range brought(*e) {
			if brings[id] == nil {
				all = append(all, id)
			}
			brings[id] = append(brings[id], e)
		}
	}
	for len(all) > 0 {
		some := all[:min(len(all), 500)]
		all = all[len(some):]
		gone, err := s.Articles.WithdrawnOf(ctx, some...)
		if err != nil {
			return err
		}
		for id := range gone {
			said, err := s.Articles.Said(ctx, s.DB, id)
			if err != nil {
				return err
			}
			for _, e := range brings[id] {
				if err := s.unsayOf(ctx, l, e, said); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// brought are the stories that an edition may bring.
func brought(e Edition) []string {
	ids := stories(e.Parts)
	if e.Article != "" {
		ids = append(ids, e.Article)
	}
	return ids
}

func (s *Store) unsayOf(ctx context.Context, l List, e *Edition, said []string) (err error) {
	short, long := article.NewWording(quotedSubject, said...), article.NewWording(quotedText, said...)
	if article.Brief(e.Subject, quotedSubject) || short.Quoted(e.Subject) != "" {
		if e.Subject, err = s.otherSubject(ctx, l, *e); err != nil {
			return err
		}
	}
	if article.Brief(e.Preview, quotedSubject) || short.Quoted(e.Preview) != "" {
		e.Preview = ""
	}
	parts := make([]Part, 0, len(e.Parts))
	for _, p := range e.Parts {
		if p.Text != "" && long.Quoted(p.Text) != "" {
			p.Text = ""
		}
		parts = append(parts, p)
	}
	e.Parts = parts
	return nil
}

// otherSubject is what an edition is called whose own subject may not be said.
func (s *Store) otherSubject(ctx context.Context, l List, e Edition) (string, error) {
	ids := brought(e)
	if l.Kind == Alert || e.Stage == Sent || len(ids) == 0 {
		return l.Name, nil
	}
	may, err := s.Articles.Readable(ctx, ids...)
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		if c, ok := may[id]; ok {
			return shorten(c.Headline, maxSubject), nil
		}
	}
	return l.Name, nil
}

// A Carrier is an edition as one that brings, or brought, a story.
type Carrier struct {
	Edition
	List  string // its name
	Had   int    // letters with the story that servers have taken
	Owed  bool   // the list has still to tell those who had it that it is gone
	Told  string // the number of the edition that told them, "" for none yet
	Shown bool   // devices were told of it
}

// Carriers lists the editions that brought a story, or would have, the newest first: for
// whoever has to answer for it.
func (s *Store) Carriers(ctx context.Context, story string) (list []Carrier, err error) {
	found, _, err := s.editions(ctx, 100, `where article = $1
		or id in (select edition from edition_story where article = $1)
		or state <> 'cancelled' and parts like $2
		order by id desc
		limit 101`, story, `%"`+story+`"%`)
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		l, err := s.ListByID(ctx, e.List)
		if err != nil {
			return nil, err
		}
		c := Carrier{Edition: e, List: l.Name}
		err = s.DB.QueryRow(ctx, `select count(*)
			from delivery as d
			where d.edition = $1 and d.state = 'accepted'
				and exists (select 1 from edition_story as x where x.edition = d.edition and x.variant = d.variant and x.article = $2)`, e.ID, story).Scan(&c.Had)
		if err != nil {
			return nil, fmt.Errorf("count who has had %s: %w", story, err)
		}
		if err := s.DB.QueryRow(ctx, `select pushed from edition where id = $1`, e.ID).Scan(&c.Shown); err != nil {
			return nil, err
		}
		if err := s.owed(ctx, e.List, story, &c); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// owed reads whether the readers of a list are told that a story is gone.
func (s *Store) owed(ctx context.Context, list, story string, c *Carrier) error {
	rows, err := s.DB.Query(ctx, `select coalesce(n.told, ''), coalesce(e.number, 0)
		from list_notice as n
		left join edition as e on e.id = n.told
		where n.list = $1 and n.article = $2 and n.kind = 'withdrawn'
		order by n.created`, list, story)
	if err != nil {
		return fmt.Errorf("ask whether list %s has told of %s: %w", list, story, err)
	}
	defer rows.Close()
	for rows.Next() {
		var told string
		var number int
		if err := rows.Scan(&told, &number); err != nil {
			return err
		}
		if c.Owed = told == ""; !c.Owed {
			c.Told = fmt.Sprint(number)
		}
	}
	return rows.Err()
}
