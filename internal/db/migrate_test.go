package db_test

import (
	"context"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// emptyDatabases runs f on both sorts of database without any schema.
func emptyDatabases(t *testing.T, f func(t *testing.T, d *db.DB)) {
	run := func(name string, address func(t testing.TB) string) {
		t.Run(name, func(t *testing.T) {
			d, err := db.Open(t.Context(), db.Settings{URL: address(t)})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			f(t, d)
		})
	}
	run("sqlite", func(t testing.TB) string { return filepath.Join(t.TempDir(), "paper.db") })
	run("postgres", papertest.EmptyPostgres)
}

func TestMigrateTwice(t *testing.T) {
	emptyDatabases(t, func(t *testing.T, d *db.DB) {
		first, err := d.Migrate(t.Context())
		if err != nil || first == 0 {
			t.Fatalf("the first time: %d steps, %v", first, err)
		}
		if again, err := d.Migrate(t.Context()); err != nil || again != 0 {
			t.Errorf("the second time: %d steps, %v", again, err)
		}
	})
}

// step is a migration of the test's.
func step(sql string) *fstest.MapFile { return &fstest.MapFile{Data: []byte("-- +goose Up\n" + sql)} }

func TestNewerSchemaIsRefused(t *testing.T) {
	emptyDatabases(t, func(t *testing.T, d *db.DB) {
		files := fstest.MapFS{"00001_a.sql": step(`create table a (id text);`), "00002_b.sql": step(`create table b (id text);`)}
		if n, err := db.MigrateFiles(d, t.Context(), files); err != nil || n != 2 {
			t.Fatalf("%d steps, %v", n, err)
		}
		delete(files, "00002_b.sql")
		_, err := db.MigrateFiles(d, t.Context(), files)
		if err == nil || !strings.Contains(err.Error(), "schema 2") || !strings.Contains(err.Error(), "knows only 1") {
			t.Errorf("an older program says %v", err)
		}
	})
}

func TestFailedMigrationIsUndone(t *testing.T) {
	emptyDatabases(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		files := fstest.MapFS{
			"00001_a.sql": step(`create table a (id text);`),
			"00002_b.sql": step("create table b (id text);\ninsert into nowhere values (1);"),
		}
		n, err := db.MigrateFiles(d, ctx, files)
		if err == nil || n != 1 || !strings.Contains(err.Error(), "00002_b.sql") || !strings.Contains(err.Error(), "nowhere") {
			t.Fatalf("%d steps, %v; want one, and the name and cause of the second", n, err)
		}
		var rows int
		if err := d.QueryRow(ctx, `select count(*) from b`).Scan(&rows); err == nil {
			t.Error("half of the failed step is there")
		}
		files["00002_b.sql"] = step(`create table b (id text);`)
		if n, err := db.MigrateFiles(d, ctx, files); err != nil || n != 1 {
			t.Errorf("mended: %d steps, %v", n, err)
		}
	})
}

func TestLocaleOrderIsRefused(t *testing.T) {
	u, err := url.Parse(papertest.EmptyPostgres(t))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User("postgres")
	admin, err := db.Open(t.Context(), db.Settings{URL: u.String()})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	const create = `create database by_locale template template0 encoding 'UTF8' locale_provider icu icu_locale 'en-US' locale 'C'`
	if _, err := admin.Writer().ExecContext(t.Context(), create); err != nil {
		t.Fatal(err)
	}
	defer admin.Writer().ExecContext(context.Background(), `drop database by_locale`)
	u.Path = "/by_locale"
	_, err = db.Open(t.Context(), db.Settings{URL: u.String()})
	if err == nil || !strings.Contains(err.Error(), "sorts text by a locale") || !strings.Contains(err.Error(), "create database by_locale") {
		t.Errorf("a database that sorts by locale: %v", err)
	}
}

// ours keeps the tables of River, of goose and of the search index, which is
// made for each database in its own way, out of the comparison.
const ours = ` not like 'river%' and %[1]s not like 'goose%' and %[1]s not like 'sqlite%' and %[1]s not like 'search%'`

// TestSchema compares the schema with schema.sql, so that a change of it is
// seen in review as a whole, and PostgreSQL's with SQLite's.
func TestSchema(t *testing.T) {
	lite := papertest.SQLite(t)
	statements := texts(t, lite, `select sql || ';' from sqlite_master
		where sql is not null and tbl_name`+strings.ReplaceAll(ours, "%[1]s", "tbl_name")+`
		order by tbl_name, type desc, name`)
	papertest.GoldenFile(t, "schema.sql",
		"-- The schema after all migrations, written by: go test ./internal/db -run TestSchema -update\n\n"+
			strings.Join(statements, "\n\n")+"\n")

	liteColumns := texts(t, lite, `select t.name || '.' || c.name || ' ' || lower(c.type) ||
			case when c."notnull" = 1 or c.pk > 0 then ' not null' else '' end
		from sqlite_master as t, pragma_table_info(t.name) as c
		where t.type = 'table' and t.name`+strings.ReplaceAll(ours, "%[1]s", "t.name")+`
		order by 1`)
	columns := texts(t, papertest.Postgres(t), `select table_name || '.' || column_name || ' ' || data_type ||
			case when is_nullable = 'NO' then ' not null' else '' end
		from information_schema.columns
		where table_schema = 'public' and table_name`+strings.ReplaceAll(ours, "%[1]s", "table_name")+`
		order by 1`)
	if diff := cmp.Diff(liteColumns, columns); diff != "" {
		t.Errorf("the two databases differ (-sqlite +postgres):\n%s", diff)
	}
}

// texts answers a query of one column.
func texts(t *testing.T, d *db.DB, query string) []string {
	t.Helper()
	rows, err := d.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
