package db_test

import (
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

func TestVerify(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		var said []string
		tell := func(s string) { said = append(said, s) }
		if err := d.Verify(t.Context(), tell); err != nil || len(said) > 0 {
			t.Errorf("a sound database: %q, %v", said, err)
		}
		if d.Postgres() {
			return
		}
		// A program that does not ask for foreign keys can write this.
		for _, statement := range []string{
			`pragma foreign_keys = off`,
			`insert into address (section, slug, article, created) values ('city', 'x', 'nobody', 0)`,
		} {
			if _, err := d.Writer().ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Verify(t.Context(), tell); err != nil || len(said) != 2 || !strings.Contains(said[0]+said[1], "misses its article") {
			t.Errorf("a row without its section and its article: %q, %v", said, err)
		}
	})
}
