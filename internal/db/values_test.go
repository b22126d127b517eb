package db_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// TestArgumentsBindByNumber pins what other SQLite drivers get wrong without
// saying so.
func TestArgumentsBindByNumber(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		var second, first, again string
		err := d.QueryRow(t.Context(), `select cast($2 as text), cast($1 as text), cast($2 as text)`, "first", "second").
			Scan(&second, &first, &again)
		if err != nil || first != "first" || second != "second" || again != "second" {
			t.Errorf("$2, $1, $2 are %q, %q, %q, %v", second, first, again, err)
		}
	})
}

func TestTime(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		tokyo := time.FixedZone("JST", 9*3600)
		for _, test := range []struct{ in, want time.Time }{
			{time.Time{}, time.Time{}},
			{time.Date(2025, 11, 3, 9, 0, 0, 123456789, tokyo), time.Date(2025, 11, 3, 0, 0, 0, 123456000, time.UTC)},
			{time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC)},
		} {
			err := d.Tx(t.Context(), func(tx *db.Tx) error {
				if _, err := tx.Exec(t.Context(), `delete from outbox`); err != nil {
					return err
				}
				_, err := tx.Exec(t.Context(), `insert into outbox (id, kind, subject, created) values ('1', '', '', $1)`, db.Time(test.in))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			var got time.Time
			if err := d.QueryRow(t.Context(), `select created from outbox`).Scan((*db.Time)(&got)); err != nil {
				t.Fatal(err)
			}
			if !got.Equal(test.want) || got.Location() != time.UTC {
				t.Errorf("%s came back as %s, want %s", test.in, got, test.want)
			}
		}
	})
}

func TestIn(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			for _, slug := range []string{"a", "b", "c"} {
				if err := addSection(t.Context(), tx, slug); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			slugs []string
			want  int
		}{
			{nil, 0},
			{[]string{"a", "c", "none"}, 2},
			{append(make([]string, 499), "b"), 1},
		} {
			var args []any
			query := `select count(*) from section where shown = ` + db.Arg(&args, true) + ` and slug ` + db.In(&args, test.slugs)
			var got int
			if err := d.QueryRow(t.Context(), query, args...).Scan(&got); err != nil || got != test.want {
				t.Errorf("%d of %d slugs found, want %d: %v", got, len(test.slugs), test.want, err)
			}
		}
	})
}

func TestErrorsOfKeys(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		var twice, orphan, gone error
		err := d.Tx(ctx, func(tx *db.Tx) error { return addSection(ctx, tx, "a") })
		if err != nil {
			t.Fatal(err)
		}
		twice = d.Tx(ctx, func(tx *db.Tx) error { return addSection(ctx, tx, "a") })
		orphan = d.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `insert into address (section, slug, article, created) values ('a', 'x', 'nobody', 0)`)
			return err
		})
		gone = d.Tx(ctx, func(tx *db.Tx) error {
			return db.One(tx.Exec(ctx, `update section set name = 'x' where slug = 'none'`))
		})
		if !db.IsUnique(twice) || db.IsForeign(twice) {
			t.Errorf("a key given twice: %v", twice)
		}
		if !db.IsForeign(orphan) || db.IsUnique(orphan) {
			t.Errorf("a row that points nowhere: %v", orphan)
		}
		if !problem.Is(gone, problem.NotFound) {
			t.Errorf("a row that is gone: %v", gone)
		}
	})
}

func TestFound(t *testing.T) {
	if err := db.Found(fmt.Errorf("read: %w", sql.ErrNoRows), "No such section."); !problem.Is(err, problem.NotFound) {
		t.Errorf("no rows: %v", err)
	}
	fault := errors.New("fault")
	if err := db.Found(fault, "No such section."); err != fault {
		t.Errorf("a fault: %v", err)
	}
	if err := db.Found(nil, "No such section."); err != nil {
		t.Errorf("no error: %v", err)
	}
}

// TestOpenSaysWhatIsWrong holds for every message: it names the place and what
// to do, and never a password.
func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("Dear reader, ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ url, want string }{
		{filepath.Join(dir, "none", "paper.db"), "cannot be written"},
		{text, "not a database"},
		{"postgres://editor:sesame@127.0.0.1:notaport/paper", "write it as postgres://user:password@host"},
		{"postgres://editor:sesame@127.0.0.1:1/paper", "127.0.0.1:1/paper does not answer"},
	} {
		d, err := db.Open(t.Context(), db.Settings{URL: test.url})
		if err == nil {
			d.Close()
			t.Errorf("%s opened", test.url)
			continue
		}
		if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %q does not say %q", test.url, err, test.want)
		}
	}
}

// TestStrangeFileNames opens files whose names mean something in a URL.
func TestStrangeFileNames(t *testing.T) {
	for _, name := range []string{"a b.db", "50%.db", "what?.db", "no#1.db", "新聞.db", "a&_txlock=x.db"} {
		path := filepath.Join(t.TempDir(), name)
		d, err := db.Open(t.Context(), db.Settings{URL: path})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := d.Migrate(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := d.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}
