package reader

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/job"
)

// jobsOf lists the arguments of the jobs of a kind, by the way that Forget
// reads them.
func jobsOf[T any](t *testing.T, s *Store, kind string) (list []T) {
	t.Helper()
	err := s.DB.Tx(t.Context(), func(tx *db.Tx) error {
		return job.Forget(t.Context(), s.Jobs, tx, kind, func(arg T) bool { list = append(list, arg); return false })
	})
	check(t, err)
	return list
}

// letters lists the letters that were ordered, and forgets them.
func (s *Store) letters(t *testing.T) (list []Letter) {
	t.Helper()
	err := s.DB.Tx(t.Context(), func(tx *db.Tx) error {
		list = nil
		return job.Forget(t.Context(), s.Jobs, tx, LetterJob, func(l Letter) bool { list = append(list, l); return true })
	})
	check(t, err)
	return list
}

// letter composes the one letter that was ordered, of this kind.
func (s *Store) letter(t *testing.T, kind LetterKind) *Post {
	t.Helper()
	var found []*Post
	for _, l := range s.letters(t) {
		p, err := s.Compose(t.Context(), l)
		check(t, err)
		if p != nil && p.Kind == kind {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d letters of the kind %s were ordered", len(found), kind)
	}
	return found[0]
}

// dump is all that the database holds, as text: every table, every row.
func dump(t *testing.T, d *db.DB) string {
	t.Helper()
	ctx := t.Context()
	list := `select name from sqlite_master where type = 'table' order by name`
	if d.Postgres() {
		list = `select tablename from pg_tables where schemaname = 'public' order by tablename`
	}
	var b strings.Builder
	var tables []string
	rows, err := d.Query(ctx, list)
	check(t, err)
	for rows.Next() {
		var name string
		check(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	check(t, rows.Close())
	for _, want := range []string{"reader", "session", "registration", "audit", "river_job", "outbox"} {
		if !slices.Contains(tables, want) {
			t.Fatalf("the dump misses %s: %q", want, tables)
		}
	}
	for _, name := range tables {
		dumpTable(t, ctx, d, &b, name)
	}
	return b.String()
}

func dumpTable(t *testing.T, ctx context.Context, d *db.DB, b *strings.Builder, name string) {
	t.Helper()
	query := "select * from " + name
	if name == "river_job" && !d.Postgres() {
		query = "select kind, json(args) from river_job"
	}
	rows, err := d.Query(ctx, query)
	check(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	check(t, err)
	for rows.Next() {
		cells, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		check(t, rows.Scan(into...))
		fmt.Fprintf(b, "%s:", name)
		for _, c := range cells {
			switch c := c.(type) {
			case []byte:
				fmt.Fprintf(b, " %s", c)
			case json.RawMessage:
				fmt.Fprintf(b, " %s", c)
			default:
				fmt.Fprintf(b, " %v", c)
			}
		}
		b.WriteByte('\n')
	}
	check(t, rows.Err())
}
