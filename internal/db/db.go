// Package db opens the paper's database, SQLite or PostgreSQL, and hides the
// few differences between the two.
//
// One SQL text serves both: $1 placeholders, ids as text, times as microseconds
// in a bigint (see Time). All writing goes through Tx. On SQLite many Tx share
// one commit, and so one fsync; on PostgreSQL each is a transaction of its own.
package db

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/oklog/ulid/v2"
)

// Settings say which database to open.
type Settings struct {
	// URL is postgres://… or the path of an SQLite file, which is made when it
	// does not exist.
	URL string
	// Fatal is told when the disk no longer promises to keep what it
	// acknowledged (a failed fsync). It must end the process: going on would
	// acknowledge writes that are lost. Nil panics.
	Fatal func(error)
}

// DB is an open database.
type DB struct {
	read  *sql.DB
	write *sql.DB       // SQLite: the pool of one connection that Tx and jobs share
	pool  *pgxpool.Pool // PostgreSQL; nil on SQLite
	fatal func(error)

	queue  chan *request // SQLite: closures waiting for the writer
	closed chan struct{}
	done   sync.WaitGroup
	close  sync.Once

	mu        sync.Mutex
	listeners map[string][]chan struct{}

	stmts  statements // SQLite: what has been read before, compiled
	writes statements // SQLite: what has been written before, or read in a transaction
}

// A Querier reads: the database itself, or a transaction that must see its own
// writes.
type Querier interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
}

// Open opens the database and checks that it keeps the rules that the SQL of
// this house relies on. It does not migrate.
func Open(ctx context.Context, s Settings) (*DB, error) {
	d := &DB{fatal: s.Fatal, closed: make(chan struct{}), listeners: map[string][]chan struct{}{}}
	if d.fatal == nil {
		d.fatal = func(err error) { panic(err) }
	}
	if IsPostgresURL(s.URL) {
		return d, d.openPostgres(ctx, s.URL)
	}
	return d, d.openSQLite(ctx, s.URL)
}

// IsPostgresURL reports whether url names a PostgreSQL database; else it is the
// path of an SQLite file.
func IsPostgresURL(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// Postgres reports whether this is PostgreSQL. Only migrations, job and search
// may ask.
func (d *DB) Postgres() bool { return d.pool != nil }

// Pool is the PostgreSQL pool, for job; nil on SQLite.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Writer is the SQLite pool of one connection, for job and migrations; on
// PostgreSQL it is the same pool that everything uses.
func (d *DB) Writer() *sql.DB { return d.write }

// Query runs a reading query outside any transaction.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := d.compiled(ctx, query); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return d.read.QueryContext(ctx, query, args...)
}

// QueryRow runs a reading query that answers at most one row.
func (d *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if s := d.compiled(ctx, query); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return d.read.QueryRowContext(ctx, query, args...)
}

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	return d.QueryRow(ctx, `select 1`).Scan(&one)
}

// Close waits for the writes under way and closes the database.
func (d *DB) Close() error {
	d.close.Do(func() { close(d.closed) })
	d.done.Wait()
	d.stmts.close()
	d.writes.close()
	var err error
	if d.read != nil && d.read != d.write {
		err = d.read.Close()
	}
	if d.write != nil {
		if e := d.write.Close(); err == nil {
			err = e
		}
	}
	if d.pool != nil {
		d.pool.Close()
	}
	return err
}

// NewID makes an id: a ULID, sortable as text by the time of its making.
// An id is never a secret.
func NewID() string { return ulid.Make().String() }

// Listen returns a channel that receives after commits that called Tx.Notify
// with this name. It is a wake-up and nothing more: one receive may stand for
// many commits, and commits of other processes are not heard.
func (d *DB) Listen(name string) <-chan struct{} {
	ch := make(chan struct{}, 1)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listeners[name] = append(d.listeners[name], ch)
	return ch
}

func (d *DB) wake(names map[string]bool) {
	if len(names) == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for name := range names {
		for _, ch := range d.listeners[name] {
			select {
			case ch <- struct{}{}:
			default: // already woken and not yet awake
			}
		}
	}
}

// writable says in one sentence why a folder cannot hold the database.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".write-*")
	if err != nil {
		return fmt.Errorf("the folder %s cannot be written: %w", dir, err)
	}
	name := f.Name()
	f.Close()
	return os.Remove(name)
}

// IDBytes returns the 16 bytes of an id that NewID made, for where each character
// costs; false when it is no such id.
func IDBytes(id string) ([]byte, bool) {
	u, err := ulid.ParseStrict(id)
	return u.Bytes(), err == nil
}

// IDOf returns the id of 16 bytes.
func IDOf(b []byte) string {
	var u ulid.ULID
	copy(u[:], b)
	return u.String()
}

// IDSince returns the least id that NewID could make at or after a moment, so that
// rows can be looked for by their age without another index.
func IDSince(t time.Time) string {
	var u ulid.ULID
	if ms := t.UnixMilli(); ms > 0 {
		_ = u.SetTime(uint64(ms)) // fails in the year 10889
	}
	return u.String()
}
