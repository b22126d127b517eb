package db

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema up to what this program knows and returns how many
// steps it took. It refuses a database that a newer program has changed.
func (d *DB) Migrate(ctx context.Context) (int, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return 0, err
	}
	steps, err := d.migrate(ctx, files)
	if err != nil {
		return steps, err
	}
	return steps, errors.Join(d.index(ctx), d.guard(ctx))
}

// guard makes the database itself refuse to change rows that are never changed.
// The two have no trigger language in common.
func (d *DB) guard(ctx context.Context) error {
	for _, g := range []struct{ table, name string }{{"audit", "the audit log"}, {"decision", "a decision"}} {
		if err := d.guardTable(ctx, g.table, g.name); err != nil {
			return fmt.Errorf("guard %s: %w", g.name, explainSQLite(err))
		}
	}
	return nil
}

func (d *DB) guardTable(ctx context.Context, table, name string) error {
	statements := []string{
		`create trigger if not exists %[1]s_update before update on %[1]s begin select raise(abort, '%[2]s is never changed'); end`,
		`create trigger if not exists %[1]s_delete before delete on %[1]s begin select raise(abort, '%[2]s is never changed'); end`,
	}
	if d.Postgres() {
		// Two processes that make it at once would fail, so who finds it leaves it.
		var there bool
		if err := d.QueryRow(ctx, `select count(*) > 0 from pg_trigger where tgname = $1`, table+"_change").Scan(&there); err != nil || there {
			return err
		}
		statements = []string{
			`create or replace function %[1]s_refuse() returns trigger language plpgsql as $$ begin raise exception '%[2]s is never changed'; end $$`,
			`create or replace trigger %[1]s_change before update or delete or truncate on %[1]s for each statement execute function %[1]s_refuse()`,
		}
	}
	for _, s := range statements {
		if _, err := d.write.ExecContext(ctx, fmt.Sprintf(s, table, name)); err != nil {
			return err
		}
	}
	return nil
}

func (d *DB) migrate(ctx context.Context, files fs.FS) (int, error) {
	dialect := goose.DialectSQLite3
	if d.Postgres() {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, d.write, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	current, known, err := p.GetVersions(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	if current > known {
		return 0, fmt.Errorf("this database has schema %d and this program knows only %d: start the newer program that changed it, or restore a backup from before", current, known)
	}
	done, err := p.Up(ctx)
	if err != nil {
		var partial *goose.PartialError
		if errors.As(err, &partial) && partial.Failed != nil {
			return len(partial.Applied), fmt.Errorf("migration %s failed and was undone; the database is as it was before it: %w", partial.Failed.Source.Path, partial.Err)
		}
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return len(done), nil
}

// Verify asks the database itself whether it is whole, and tells what is not.
// On PostgreSQL that is for its own tools (amcheck) to say.
func (d *DB) Verify(ctx context.Context, tell func(string)) error {
	if d.Postgres() {
		return d.Ping(ctx)
	}
	for _, check := range []struct{ query, sentence string }{
		{`select * from pragma_integrity_check`, "The database file is damaged (%s). Restore it from a backup."},
		{`select "table" || ' row ' || rowid || ' misses its ' || parent from pragma_foreign_key_check`, "The database contradicts itself: %s. Restore it from a backup."},
	} {
		rows, err := d.Query(ctx, check.query)
		if err != nil {
			return fmt.Errorf("verify the database: %w", explainSQLite(err))
		}
		for rows.Next() {
			var said string
			if err := rows.Scan(&said); err != nil {
				rows.Close()
				return err
			}
			if said != "ok" {
				tell(fmt.Sprintf(check.sentence, said))
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		rows.Close()
	}
	return nil
}
