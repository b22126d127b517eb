package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// openPostgres opens one pool for database/sql and for jobs, and refuses a
// database whose text order is not that of bytes: pages and keys would differ
// from SQLite's.
func (d *DB) openPostgres(ctx context.Context, url string) error {
	conf, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx's own message would repeat the password.
		return fmt.Errorf("the database address cannot be read: write it as postgres://user:password@host:5432/name")
	}
	conf.MaxConns = max(conf.MaxConns, 10)
	conf.ConnConfig.ConnectTimeout = 5 * time.Second
	if d.pool, err = pgxpool.NewWithConfig(ctx, conf); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	where := fmt.Sprintf("%s:%d/%s", conf.ConnConfig.Host, conf.ConnConfig.Port, conf.ConnConfig.Database)
	d.write = stdlib.OpenDBFromPool(d.pool)
	d.read = d.write

	var byteOrder bool
	if err := d.QueryRow(ctx, `select 'B' < 'a' and 'z' < 'é'`).Scan(&byteOrder); err != nil {
		d.Close()
		return fmt.Errorf("the database at %s does not answer; is PostgreSQL running, and may this user log in? (%w)", where, err)
	}
	if !byteOrder {
		d.Close()
		return fmt.Errorf(`the database %s sorts text by a locale; make one that sorts by bytes: create database %s template template0 encoding 'UTF8' locale 'C'`,
			where, conf.ConnConfig.Database)
	}
	return nil
}
