package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

const (
	// PerPage is how many finds a page has.
	PerPage = 20
	// Deep is how many are put in the order of what fits best: beyond them only the
	// newest first goes on.
	Deep = 300
)

// A Found is an article that fits, with what was looked for marked in it.
type Found struct {
	article.Card
	Topics   []string
	Headline []Piece
	Passage  []Piece
	Report   bool      // the passage is from its live report:
	Entry    string    // from that entry, or with "" from the summary
	Told     time.Time // when what the entry tells happened
}

// A Page is some of what fits.
type Page struct {
	List  []Found
	Next  string // cursor of the page that follows, "" on the last
	Cut   bool   // more than Deep fit, and the list ends before them
	Terms int    // what was looked for
	More  bool   // more was typed than is looked for
}

// looked is a query that is understood.
type looked struct {
	terms []term
	marks []string
	in    span
	more  bool
	e     string
}

// understand reads what is looked for, or says at the field what is wrong.
func (s *Store) understand(q Query) (l looked, err error) {
	l.in = ever()
	l.terms, l.more = parse(q.Words)
	if len(l.terms) == 0 && strings.TrimSpace(q.Words) != "" {
		return l, refuse("q", "There is no word or number in this. Write at least one.")
	}
	if q.Section != "" {
		if strings.ContainsFunc(q.Section, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' }) {
			return l, refuse("section", "There is no such section. Choose one of the list.")
		}
		l.marks = append(l.marks, in+q.Section)
	}
	if strings.TrimSpace(q.By) != "" {
		var t term
		if t.fill(q.By); len(t.words) == 0 {
			return l, refuse("by", "Write a name, or a part of one.")
		}
		for i := range t.words {
			t.words[i] = by + t.words[i]
		}
		l.terms = append(l.terms, t)
	}
	if !slices.ContainsFunc(l.terms, func(t term) bool { return !t.not }) && len(l.marks) == 0 && q.From.IsZero() && q.To.IsZero() {
		return l, refuse("q", "This says only what is not wanted. Add a word that is.")
	}
	if !q.From.IsZero() {
		l.in.from = number(q.From)
	}
	if !q.To.IsZero() {
		l.in.before = number(q.To)
	}
	if l.in.before <= l.in.from {
		return l, refuse("to", "This day is before the first one. Choose a later one.")
	}
	l.e = expression(s.DB.Postgres(), l.terms, l.marks)
	return l, nil
}

func refuse(field, detail string) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: detail, Fields: map[string]string{field: detail}}
}

func noPage(err error) error {
	return &problem.Problem{Kind: problem.NotFound, Detail: "This page of the search does not exist. Search again.", Err: err}
}

// Find returns the articles that fit.
func (s *Store) Find(ctx context.Context, q Query) (Page, error) {
	l, err := s.understand(q)
	if err != nil {
		return Page{}, err
	}
	find := s.best
	if q.Newest {
		find = s.newest
	}
	p, err := find(ctx, l, q.After)
	p.Terms, p.More = len(l.terms), l.more
	return p, err
}

// newest goes through what fits from the newest on.
func (s *Store) newest(ctx context.Context, l looked, after string) (p Page, err error) {
	if after != "" {
		n, err := strconv.ParseInt(after, 36, 64)
		if err != nil || n <= 0 {
			return p, noPage(err)
		}
		l.in.before = min(l.in.before, n)
	}
	for len(p.List) <= PerPage && l.in.before > l.in.from {
		list, err := s.named(ctx, full, l.e, l.in, PerPage+1)
		if err != nil {
			return p, err
		}
		numbered, err := s.read(ctx, l, list)
		if err != nil {
			return p, err
		}
		for _, f := range numbered {
			if len(p.List) == PerPage {
				p.Next = strconv.FormatInt(l.in.before, 36)
				return p, nil
			}
			p.List, l.in.before = append(p.List, f.Found), f.n
		}
		if len(list) <= PerPage {
			break
		}
		l.in.before = list[len(list)-1].n
	}
	return p, nil
}

// A ranked document is in the headline, around it, or only in the text.
type ranked struct {
	rank int
	named
}

// A place in the order of the best is after a document, and after so many of them.
type place struct {
	ranked
	passed int
}

func (p place) String() string {
	return fmt.Sprintf("%d.%s.%d", p.rank, strconv.FormatInt(p.n, 36), p.passed)
}

func parsePlace(s string) (p place, err error) {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return p, fmt.Errorf("there is no place %.100q", s)
	}
	p.rank, err = strconv.Atoi(parts[0])
	if err == nil {
		p.n, err = strconv.ParseInt(parts[1], 36, 64)
	}
	if err == nil {
		p.passed, err = strconv.Atoi(parts[2])
	}
	if p.passed < 0 || p.passed > Deep {
		return p, fmt.Errorf("there is no place %.100q", s)
	}
	return p, err
}

// spare is how many more documents are looked for than a page has: the index may not
// know yet that readers may not have some.
const spare = 4

// best goes first through what says it in the headline, then through what says it
// around that, then through the rest, in each from the newest on. It looks only as far
// as the page goes, unless that proves too short.
func (s *Store) best(ctx context.Context, l looked, after string) (p Page, err error) {
	var from place
	if after != "" {
		if from, err = parsePlace(after); err != nil {
			return p, noPage(err)
		}
	}
	far := min(from.passed+PerPage+1+spare, Deep)
	for {
		list, err := s.rank(ctx, l, far)
		if err != nil {
			return p, err
		}
		p, err = s.bestOf(ctx, l, list, from)
		if err != nil || p.Next != "" || len(list) < far {
			return p, err
		}
		if far == Deep {
			p.Cut = true
			return p, nil
		}
		far = Deep
	}
}

// bestOf is the page of a list that follows a place.
func (s *Store) bestOf(ctx context.Context, l looked, list []ranked, from place) (p Page, err error) {
	at := map[int64]place{}
	for i, r := range list {
		at[r.n] = place{r, i + 1}
	}
	rest := slices.DeleteFunc(list, func(r ranked) bool {
		return from.n > 0 && (r.rank < from.rank || r.rank == from.rank && r.n >= from.n)
	})
	var last place
	for chunk := range slices.Chunk(rest, PerPage+1) {
		list := make([]named, len(chunk))
		for i, r := range chunk {
			list[i] = r.named
		}
		found, err := s.read(ctx, l, list)
		if err != nil {
			return p, err
		}
		for _, f := range found {
			if len(p.List) == PerPage {
				p.Next = last.String()
				return p, nil
			}
			p.List, last = append(p.List, f.Found), at[f.n]
		}
	}
	return p, nil
}

// rank puts up to most documents into their order. A smaller list is the beginning of a
// greater one.
func (s *Store) rank(ctx context.Context, l looked, most int) (list []ranked, err error) {
	seen := map[int64]bool{}
	depths := []depth{head, lead, full}
	for rank, look := range s.looks(ctx, l, depths, most) {
		if len(list) >= most {
			break
		}
		found, err := look()
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			if !seen[one.n] && len(list) < most {
				seen[one.n] = true
				list = append(list, ranked{rank, one})
			}
		}
	}
	return list, nil
}

// looks returns how to look into each of the depths. PostgreSQL takes a while for each, so
// it looks into all of them at once where the first has little to say: no headline has
// many words of those that are looked for.
func (s *Store) looks(ctx context.Context, l looked, depths []depth, most int) (list []func() ([]named, error)) {
	not := slices.ContainsFunc(l.terms, func(t term) bool { return t.not })
	together := s.DB.Postgres() && len(l.terms) > 1 && !not
	for _, d := range depths {
		look := func() ([]named, error) {
			if not && d != full {
				return s.wholly(ctx, d, l.e, l.in, most)
			}
			return s.named(ctx, d, l.e, l.in, most)
		}
		if together {
			type answer struct {
				list []named
				err  error
			}
			came, ask := make(chan answer, 1), look
			go func() {
				list, err := ask()
				came <- answer{list, err}
			}()
			look = func() ([]named, error) { a := <-came; return a.list, a.err }
		}
		list = append(list, look)
	}
	return list
}

// wholly is numbers of those that the expression fits in their whole text, too: what must
// not stand there may stand deeper than what must. It looks at Deep documents at most.
func (s *Store) wholly(ctx context.Context, d depth, e string, in span, limit int) (list []named, err error) {
	for looked := 0; looked < Deep && len(list) < limit; {
		most := min(2*limit, Deep-looked)
		some, err := s.named(ctx, d, e, in, most)
		if err != nil {
			return nil, err
		}
		if len(some) < most {
			looked = Deep // these are the last
		} else {
			looked, in.before = looked+most, some[most-1].n
		}
		fits, err := s.among(ctx, e, some)
		if err != nil {
			return nil, err
		}
		list = append(list, fits...)
	}
	return list[:min(len(list), limit)], nil
}

// among keeps of some documents those that an expression fits in their whole text.
func (s *Store) among(ctx context.Context, e string, list []named) ([]named, error) {
	if len(list) == 0 {
		return nil, nil
	}
	id, match := "rowid", "words match $1"
	if s.DB.Postgres() {
		id, match = "n", "(words @@ cast($1 as tsquery)) is true" // by no index: these few are read
	}
	args, numbers := []any{e}, make([]int64, len(list))
	for i, one := range list {
		numbers[i] = one.n
	}
	fits, err := scanNumbers(s.DB.Query(ctx, `select `+id+` from `+string(full)+` where `+match+` and `+id+` `+db.In(&args, numbers)+` order by `+id+` desc`, args...))
	return slices.DeleteFunc(list, func(one named) bool { return !slices.Contains(fits, one.n) }), err
}

// A numbered find is one with its number.
type numbered struct {
	Found
	n int64
}

// read returns those of the documents that readers may have, in the same order. Two
// halves are read at once: most of the time goes into decoding texts and looking for
// passages.
func (s *Store) read(ctx context.Context, l looked, list []named) ([]numbered, error) {
	type half struct {
		found []numbered
		err   error
	}
	rest := make(chan half, 1)
	middle := (len(list) + 1) / 2
	go func() {
		found, err := s.readAll(ctx, l, list[middle:])
		rest <- half{found, err}
	}()
	found, err := s.readAll(ctx, l, list[:middle])
	second := <-rest
	return append(found, second.found...), cmp.Or(err, second.err)
}

func (s *Store) readAll(ctx context.Context, l looked, list []named) (found []numbered, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]string, len(list))
	for i, one := range list {
		ids[i] = one.article
	}
	texts, err := s.Articles.Texts(ctx, s.DB, ids...)
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		r := texts[one.article]
		if r == nil {
			continue // it has gone, and the index does not know yet
		}
		f := Found{Card: r.Card, Headline: mark(r.Headline, l.terms)}
		e, ok, err := s.entry(ctx, r, l.terms)
		if err != nil {
			return nil, err
		}
		if ok {
			f.Report, f.Entry, f.Told, f.Passage = true, e.ID, e.At, passage("", e.Headline+"\n"+e.Text, l.terms)
		} else {
			f.Passage = passage(r.Standfirst, r.Body.Text(), l.terms)
		}
		found = append(found, numbered{f, one.n})
	}
	return found, nil
}

func values(m map[int64]string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// articles returns the ids of documents by their numbers.
func (s *Store) articles(ctx context.Context, list []int64) (map[int64]string, error) {
	return s.ids(ctx, "search_doc", "article", list)
}

// ids returns what rows of a table are of, by their numbers. The names are ours.
func (s *Store) ids(ctx context.Context, table, column string, list []int64) (map[int64]string, error) {
	ids := make(map[int64]string, len(list))
	if len(list) == 0 {
		return ids, nil
	}
	var args []any
	rows, err := s.DB.Query(ctx, `select n, `+column+` from `+table+` where n `+db.In(&args, list)+` order by n`, args...)
	if err != nil {
		return nil, fmt.Errorf("read what was found: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		var id string
		if err := rows.Scan(&n, &id); err != nil {
			return nil, fmt.Errorf("read what was found: %w", err)
		}
		ids[n] = id
	}
	return ids, rows.Err()
}
