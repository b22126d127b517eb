package search

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
// first, limit of them at most.
func (s *Store) numbers(ctx context.Context, d depth, e string, in span, limit int) ([]int64, error) {
	if s.DB.Postgres() {
		return s.postgres(ctx, d, e, in, limit)
	}
	rows, err := s.DB.Query(ctx, `select rowid from `+string(d)+`
		where words match $1 and rowid >= $2 and rowid < $3
		order by rowid desc
		limit $4`, e, in.from, in.before, limit)
	return scanNumbers(rows, err)
}

// common is how many documents PostgreSQL finds by its index before a word is so common
// that the newest are looked for a few weeks at a time.
const common = 1000

// week is how many numbers a week has.
const week = places * 1000 * 60 * 60 * 24 * 7

// weekMark stands in the index of PostgreSQL beside the words, with the week.
func weekMark(n int64) string { return "_w_" + strconv.FormatInt(n, 10) }

// postgres asks PostgreSQL. Its index cannot tell the newest: it has to find all, and to
// sort them. So the newest of what is in very many are looked for in the last week,
// then in the two before that, and so on; what is not found in half a year is rare
// enough by then, or asked for with days.
func (s *Store) postgres(ctx context.Context, d depth, e string, in span, limit int) (list []int64, err error) {
	const among = ` and n + 0 >= $2 and n + 0 < $3` // by no other index than that of the words
	found, err := scanNumbers(s.DB.Query(ctx, `select n from `+string(d)+` where words @@ cast($1 as tsquery)`+among+` limit $4`, e, in.from, in.before, common))
	if err != nil || len(found) < common {
		return newestOf(found, limit), err
	}
	end := min(in.before, number(s.Now())+places)
	for weeks := int64(1); weeks <= 16 && end > in.from && len(list) < limit; weeks *= 2 {
		last := (end - 1) / week
		var marks []string
		for w := range weeks {
			marks = append(marks, "'"+weekMark(last-w)+"'")
		}
		found, err := scanNumbers(s.DB.Query(ctx, `select n from `+string(d)+` where words @@ cast($1 as tsquery)`+among,
			e+" & ("+strings.Join(marks, " | ")+")", in.from, end))
		if err != nil {
			return nil, err
		}
		list, end = append(list, newestOf(found, limit-len(list))...), (last-weeks+1)*week
	}
	if len(list) >= limit || end <= in.from {
		return list, nil
	}
	rest, err := scanNumbers(s.DB.Query(ctx, `with fits as materialized (select n from `+string(d)+` where words @@ cast($1 as tsquery)`+among+`)
		select n from fits order by n desc limit $4`, e, in.from, end, limit-len(list)))
	return append(list, rest...), err
}

// newestOf are the newest of some documents, newest first.
func newestOf(list []int64, limit int) []int64 {
	slices.Sort(list)
	slices.Reverse(list)
	return list[:min(len(list), limit)]
}

// few returns all documents of a depth that an expression fits, newest first, or
// nothing where there are more of them than most.
func (s *Store) few(ctx context.Context, d depth, e string, most int) (list []int64, err error) {
	statement := `select rowid from ` + string(d) + ` where words match $1 limit $2`
	if s.DB.Postgres() {
		statement = `select n from ` + string(d) + ` where words @@ cast($1 as tsquery) limit $2`
	}
	list, err = scanNumbers(s.DB.Query(ctx, statement, e, most+1))
	if len(list) > most {
		return nil, err
	}
	return newestOf(list, most), err
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

// put writes the words of a document.
func put(ctx context.Context, tx *db.Tx, postgres bool, d depth, n int64, words []string) error {
	statement, text := `insert into `+string(d)+` (rowid, words) values ($1, $2)`, strings.Join(words, " ")
	if postgres {
		statement, text = `insert into `+string(d)+` (n, words) values ($1, cast($2 as tsvector))`, vector(append(slices.Clip(words), weekMark(n/week)))
	}
	if _, err := tx.Exec(ctx, statement, n, text); err != nil {
		return fmt.Errorf("write the search index: %w", err)
	}
	return nil
}

// drop takes a document out.
func drop(ctx context.Context, tx *db.Tx, postgres bool, d depth, n int64) error {
	statement := `delete from ` + string(d) + ` where rowid = $1`
	if postgres {
		statement = `delete from ` + string(d) + ` where n = $1`
	}
	if _, err := tx.Exec(ctx, statement, n); err != nil {
		return fmt.Errorf("write the search index: %w", err)
	}
	return nil
}

// vector is a tsvector with each word at its places.
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
		} else {
			places = append(places, ',')
		}
		at[w] = strconv.AppendInt(places, int64(i+1), 10)
	}
	var b strings.Builder
	for _, w := range order {
		b.WriteString("'" + w + "':")
		b.Write(at[w])
		b.WriteByte(' ')
	}
	return b.String()
}
