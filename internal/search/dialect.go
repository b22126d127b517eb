package search

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"kawaraban/internal/db"
)

// A depth is one index: a word is looked for in headlines, also in what stands
// around them, or in everything.
type depth string

const (
	head depth = "search_head"  // headlines
	lead depth = "search_lead"  // and standfirst, byline, topics
	full depth = "search_text"  // and captions and body
	said depth = "search_words" // comments
	sent depth = "search_wire"  // what agencies send
)

// This file is the one place where the two databases are asked in their own words.
// Both have got words that were analysed by us (package words), as they are; both
// are asked for words, phrases and beginnings of words by their number alone, which
// goes with time. What they could do beyond that they would do differently.

// expression is what the terms and marks say in the language of the database. Each
// word is quoted; it consists of letters, digits and marks.
func expression(postgres bool, terms []term, marks []string) string {
	var must, not []string
	for _, m := range marks {
		must = append(must, phrase(postgres, []string{m}, false))
	}
	for _, t := range terms {
		p := phrase(postgres, t.words, t.prefix)
		if t.not {
			not = append(not, p)
		} else {
			must = append(must, p)
		}
	}
	if len(must) == 0 {
		must = append(must, phrase(postgres, []string{all}, false))
	}
	and, but := " AND ", " NOT "
	if postgres {
		and, but = " & ", " & !"
	}
	e := "(" + strings.Join(must, and) + ")"
	for _, n := range not {
		e = "(" + e + but + n + ")"
	}
	return e
}

// phrase is some words one after another.
func phrase(postgres bool, words []string, prefix bool) string {
	end := ""
	if !postgres {
		if prefix {
			end = "*"
		}
		return `"` + strings.Join(words, " ") + `"` + end
	}
	if prefix {
		end = ":*"
	}
	return "('" + strings.Join(words, "' <-> '") + "'" + end + ")"
}

// A span is a part of the numbers: from the first on, and before the second.
type span struct{ from, before int64 }

// numbers returns the newest documents of a depth that an expression fits, newest
// first, limit of them at most. SQLite walks its index backwards; PostgreSQL does
// what comes near to that (DB.index).
func (s *Store) numbers(ctx context.Context, d depth, e string, in span, limit int) ([]int64, error) {
	if s.DB.Postgres() {
		before := min(in.before, number(s.Now().Add(time.Hour)))
		return scanNumbers(s.DB.Query(ctx, `select `+string(d)+`_newest(cast($1 as tsquery), $2, $3, $4, $5)`, e, in.from, before, limit, week))
	}
	return scanNumbers(s.DB.Query(ctx, `select rowid from `+string(d)+`
		where words match $1 and rowid >= $2 and rowid < $3
		order by rowid desc
		limit $4`, e, in.from, in.before, limit))
}

// A named document is an article that has been found.
type named struct {
	n       int64
	article string // its id, "" when it is no more
}

// named is numbers with the articles that they are of.
func (s *Store) named(ctx context.Context, d depth, e string, in span, limit int) (list []named, err error) {
	var rows *sql.Rows
	if s.DB.Postgres() {
		before := min(in.before, number(s.Now().Add(time.Hour)))
		rows, err = s.DB.Query(ctx, `select f.n, coalesce(a.article, '')
			from (select `+string(d)+`_newest(cast($1 as tsquery), $2, $3, $4, $5) as n) as f left join search_doc a on a.n = f.n
			order by f.n desc`, e, in.from, before, limit, week)
	} else {
		rows, err = s.DB.Query(ctx, `select f.rowid, coalesce(a.article, '')
			from `+string(d)+` f left join search_doc a on a.n = f.rowid
			where f.words match $1 and f.rowid >= $2 and f.rowid < $3
			order by f.rowid desc
			limit $4`, e, in.from, in.before, limit)
	}
	if err != nil {
		return nil, fmt.Errorf("ask the search index: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var one named
		if err := rows.Scan(&one.n, &one.article); err != nil {
			return nil, fmt.Errorf("ask the search index: %w", err)
		}
		list = append(list, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("ask the search index: %w", err)
	}
	return list, nil
}

// week is how many numbers a week has.
const week = places * 1000 * 60 * 60 * 24 * 7

// weekMark stands in the index of PostgreSQL beside the words, with the week.
func weekMark(n int64) string { return "_w_" + strconv.FormatInt(n, 10) }

// few returns all documents of a depth that an expression fits, newest first, or
// nothing where there are more of them than most. What is in many is so for long, so it
// is remembered, and not asked again for a while.
func (s *Store) few(ctx context.Context, d depth, e string, most int) ([]int64, error) {
	if s.common.has(d, e, s.Now()) {
		return nil, nil
	}
	list, err := s.numbers(ctx, d, e, ever(), most+1)
	if len(list) > most {
		s.common.add(d, e, s.Now())
		return nil, err
	}
	return list, err
}

const (
	// mostCommon is how many expressions are remembered to be in many documents.
	mostCommon = 10_000
	// commonFor is how long: the index may be built anew meanwhile, and say less.
	commonFor = 10 * time.Minute
)

// A common is what is in many documents.
type common struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (c *common) has(d depth, e string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return now.Before(c.until[string(d)+e])
}

func (c *common) add(d depth, e string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.until == nil || len(c.until) >= mostCommon {
		c.until = map[string]time.Time{} // of a list that is full nothing is worth more than another
	}
	c.until[string(d)+e] = now.Add(commonFor)
}

func scanNumbers(rows *sql.Rows, err error) (list []int64, _ error) {
	if err != nil {
		return nil, fmt.Errorf("ask the search index: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("ask the search index: %w", err)
		}
		list = append(list, n)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("ask the search index: %w", err)
	}
	return list, nil
}

// A pace says how much may be written before PostgreSQL sorts it into its index (in KB).
// Each search reads through what waits, so few writes are sorted in soon; many cost
// half as much when they are sorted in together, and all at once in memory.
type pace int

const (
	soon     pace = 64
	together pace = 16384
)

// sortIn has PostgreSQL sort into its index what waits.
func (s *Store) sortIn(ctx context.Context) error {
	if !s.DB.Postgres() {
		return nil
	}
	for _, d := range []depth{head, lead, full, said, sent} {
		var pages int64
		if err := s.DB.QueryRow(ctx, `select gin_clean_pending_list(cast($1 as regclass))`, string(d)+"_words").Scan(&pages); err != nil {
			return fmt.Errorf("sort the search index: %w", err)
		}
	}
	return nil
}

// A doc is a document's number and words.
type doc struct {
	n     int64
	words []string
}

// put writes the words of documents: PostgreSQL gets all at once, because each
// statement is a way there and back.
func put(ctx context.Context, tx *db.Tx, postgres bool, d depth, p pace, docs ...doc) error {
	if len(docs) == 0 {
		return nil
	}
	if !postgres {
		for _, one := range docs {
			if _, err := tx.Exec(ctx, `insert into `+string(d)+` (rowid, words) values ($1, $2)`, one.n, strings.Join(one.words, " ")); err != nil {
				return fmt.Errorf("write the search index: %w", err)
			}
		}
		return nil
	}
	numbers, vectors := make([]int64, len(docs)), make([]string, len(docs))
	for i, one := range docs {
		numbers[i], vectors[i] = one.n, vector(append(slices.Clip(one.words), weekMark(one.n/week)))
	}
	// The pace is set in the same statement, and for this transaction, before the first row.
	_, err := tx.Exec(ctx, `with pace as materialized (
			select set_config('gin_pending_list_limit', $3, true) || set_config('work_mem', '64MB', true) as is_set)
		insert into `+string(d)+` (n, words)
		select n, cast(words as tsvector)
		from pace, unnest(cast($1 as bigint[]), cast($2 as text[])) as docs (n, words)
		where is_set <> ''`, numbers, vectors, strconv.Itoa(int(p)))
	if err != nil {
		return fmt.Errorf("write the search index: %w", err)
	}
	return nil
}

// drop takes documents out.
func drop(ctx context.Context, tx *db.Tx, postgres bool, d depth, numbers ...int64) error {
	if len(numbers) == 0 {
		return nil
	}
	id := "rowid"
	if postgres {
		id = "n"
	}
	var args []any
	if _, err := tx.Exec(ctx, `delete from `+string(d)+` where `+id+` `+db.In(&args, numbers), args...); err != nil {
		return fmt.Errorf("write the search index: %w", err)
	}
	return nil
}

// vector is a tsvector with each word at its places; one after the last place has none.
func vector(words []string) string {
	var order []string
	at := map[string][]byte{}
	for i, w := range words {
		if w == gap {
			continue // it only keeps its place
		}
		places, there := at[w]
		if !there {
			order = append(order, w)
		}
		if i < maxTokens {
			if len(places) > 0 {
				places = append(places, ',')
			}
			places = strconv.AppendInt(places, int64(i+1), 10)
		}
		at[w] = places
	}
	var b strings.Builder
	for _, w := range order {
		b.WriteString("'" + w + "'")
		if places := at[w]; len(places) > 0 {
			b.WriteString(":")
			b.Write(places)
		}
		b.WriteByte(' ')
	}
	return b.String()
}
