package db_test

import (
	"fmt"
	"sync"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// Readers share compiled queries, more of them than are kept, beside a writer
// and across a change of the schema.
func TestCompiledQueries(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		exec := func(query string, args ...any) {
			t.Helper()
			err := d.Tx(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, query, args...)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		exec(`create table note (n bigint primary key, said text not null)`)
		exec(`insert into note (n, said) values (1, 'one'), (2, 'two')`)
		var readers sync.WaitGroup
		for r := range 8 {
			readers.Go(func() {
				for i := range 300 {
					var said string
					err := d.QueryRow(ctx, fmt.Sprintf(`select said from note where n = $1 and n < %d`, 10+i), 1+(r+i)%2).Scan(&said)
					if want := []string{"one", "two"}[(r+i)%2]; err != nil || said != want {
						t.Errorf("read %q, %v; want %q", said, err, want)
						return
					}
				}
			})
		}
		for i := range 50 {
			exec(`insert into note (n, said) values ($1, 'more')`, 100+i)
		}
		readers.Wait()

		exec(`alter table note add column late text not null default 'here'`)
		var late string
		for range 8 { // on every connection
			if err := d.QueryRow(ctx, `select late from note where n = $1`, 1).Scan(&late); err != nil || late != "here" {
				t.Fatalf("after the change: %q, %v", late, err)
			}
			if err := d.QueryRow(ctx, `select said from note where n = $1 and n < 10`, 1).Scan(&late); err != nil || late != "one" {
				t.Fatalf("what was compiled before the change: %q, %v", late, err)
			}
		}
		if err := d.QueryRow(ctx, `select nothing from nowhere`).Scan(&late); err == nil {
			t.Error("nonsense was read")
		}
	})
}
