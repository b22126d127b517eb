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

// common is how many documents PostgreSQL finds by its index before the word is so
// common that the newest are sooner found by looking at the newest.
const common = 4000

// postgres asks PostgreSQL. Its index cannot tell the newest: it has to find all,
// and to sort them. What is in very many is therefore not looked up but looked at,
// from the newest on, until there is enough of it.
func (s *Store) postgres(ctx context.Context, d depth, e string, in span, limit int) ([]int64, error) {
	found, err := scanNumbers(s.DB.Query(ctx, `select n from `+string(d)+`
		where words @@ cast($1 as tsquery) and n >= $2 and n < $3
		limit $4`, e, in.from, in.before, common))
	if err != nil {
		return nil, err
	}
	if len(found) < common {
		slices.Sort(found)
		slices.Reverse(found)
		return found[:min(len(found), limit)], nil
	}
	return scanNumbers(s.DB.Query(ctx, `select t.n
		from (select n, words from `+string(d)+` where n >= $2 and n < $3 order by n desc offset 0) as t
		where t.words @@ cast($1 as tsquery)
		order by t.n desc
		limit $4`, e, in.from, in.before, limit))
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
		statement, text = `insert into `+string(d)+` (n, words) values ($1, cast($2 as tsvector))`, vector(words)
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
