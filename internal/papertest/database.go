package papertest

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/peterldowns/pgtestdb"

	"kawaraban/internal/db"
	"kawaraban/internal/job"
)

// Databases runs f twice, as the subtests "sqlite" and "postgres", each with an
// empty database that has the schema and the job tables.
func Databases(t *testing.T, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
}

// SQLite opens an empty database with the schema, in a folder of the test's.
// It is closed when the test ends.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	file, err := migrated()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "paper.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

// migrated is the file of an empty database with the schema, made once for this
// test process: making it anew takes longer than most tests.
var migrated = sync.OnceValues(func() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "kawaraban-schema-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "paper.db")
	d, err := db.Open(context.Background(), db.Settings{URL: path})
	if err != nil {
		return nil, err
	}
	// Closing the last connection writes what is in the log into the file.
	if err := errors.Join(migrate(context.Background(), d), d.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Postgres opens an empty database with the schema, in a temporary cluster. It
// is closed and dropped when the test ends.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return open(t, cluster(t, schema{}))
}

// EmptyPostgres returns the address of a PostgreSQL database without any
// schema, for tests of migrations.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	return cluster(t, pgtestdb.NoopMigrator{})
}

// Again opens the database of d once more, as another process would.
func Again(t testing.TB, d *db.DB) *db.DB {
	t.Helper()
	return open(t, Address(t, d))
}

// Address is where the database of d is, for a process that opens it too.
func Address(t testing.TB, d *db.DB) string {
	t.Helper()
	if d.Postgres() {
		return d.Pool().Config().ConnString()
	}
	var path string
	if err := d.QueryRow(t.Context(), `select file from pragma_database_list where name = 'main'`).Scan(&path); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, address string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Settings{URL: address, Fatal: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return d
}

func migrate(ctx context.Context, d *db.DB) error {
	if _, err := d.Migrate(ctx); err != nil {
		return err
	}
	return job.Migrate(ctx, d)
}

func cluster(t testing.TB, m pgtestdb.Migrator) string {
	t.Helper()
	s, err := server()
	if errors.Is(err, errNoPostgres) {
		missing(t, "PostgreSQL", "apt-get install postgresql")
	}
	if err != nil {
		t.Fatal(err)
	}
	return pgtestdb.Custom(t, pgtestdb.Config{
		DriverName: "pgx",
		User:       "postgres",
		Database:   "postgres",
		Options:    url.Values{"host": {s.Socket}}.Encode(),
		// A connection of the test's that is still closing must not fail it.
		ForceTerminateConnections: true,
	}, m).URL()
}

// schema prepares the template that PostgreSQL copies for every test.
type schema struct{}

// Hash names the template. One name is enough, because a cluster lives no
// longer than one run of the tests.
func (schema) Hash() (string, error) { return "schema", nil }

// Migrate fills the template.
func (schema) Migrate(ctx context.Context, _ *sql.DB, conf pgtestdb.Config) error {
	d, err := db.Open(ctx, db.Settings{URL: conf.URL()})
	if err != nil {
		return err
	}
	return errors.Join(migrate(ctx, d), d.Close())
}
