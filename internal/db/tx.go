package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// maxBatch is how many closures share one SQLite commit at most.
const maxBatch = 256

// A Tx is a transaction that is being written. It may be used only inside the
// closure that received it, by one goroutine.
//
// Statements do not stop when the request that caused them is cancelled: on
// SQLite an interrupted statement rolls back the whole batch, other people's
// writes with it.
type Tx struct {
	db     *DB
	std    *sql.Tx   // SQLite
	conn   *sql.Conn // PostgreSQL
	pgx    pgx.Tx    // PostgreSQL
	notify map[string]bool
	after  []func()
}

// Tx runs fn in a transaction and returns after the commit. When fn returns an
// error nothing of it is kept. fn must return the first error that a statement
// gives it, must touch nothing but the transaction (it may run twice, and
// others wait for it), and must not call Tx.
func (d *DB) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	if d.pool != nil {
		return d.txPostgres(ctx, fn)
	}
	r := &request{ctx: ctx, fn: fn, done: make(chan outcome, 1)}
	select {
	case <-d.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	case d.queue <- r:
	}
	// From here on the answer is awaited even if ctx ends: whether it was kept
	// must be known.
	select {
	case out := <-r.done:
		return out.finish(d)
	case <-d.closed:
	}
	d.done.Wait() // the writer empties its queue before it leaves
	select {
	case out := <-r.done:
		return out.finish(d)
	default:
		return errClosed
	}
}

var errClosed = errors.New("the database is closed")

// Exec runs a statement.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx = context.WithoutCancel(ctx)
	if tx.std != nil {
		if s := tx.db.written(query); s != nil {
			return tx.std.StmtContext(ctx, s).ExecContext(ctx, args...)
		}
		return tx.std.ExecContext(ctx, query, args...)
	}
	return tx.conn.ExecContext(ctx, query, args...)
}

// Query runs a query that sees what this transaction wrote. Its rows must be
// closed before the next statement.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx = context.WithoutCancel(ctx)
	if tx.std != nil {
		if s := tx.db.written(query); s != nil {
			return tx.std.StmtContext(ctx, s).QueryContext(ctx, args...)
		}
		return tx.std.QueryContext(ctx, query, args...)
	}
	return tx.conn.QueryContext(ctx, query, args...)
}

// QueryRow is Query for at most one row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	ctx = context.WithoutCancel(ctx)
	if tx.std != nil {
		if s := tx.db.written(query); s != nil {
			return tx.std.StmtContext(ctx, s).QueryRowContext(ctx, args...)
		}
		return tx.std.QueryRowContext(ctx, query, args...)
	}
	return tx.conn.QueryRowContext(ctx, query, args...)
}

// Notify wakes those who Listen to name, after the commit.
func (tx *Tx) Notify(name string) {
	if tx.notify == nil {
		tx.notify = map[string]bool{}
	}
	tx.notify[name] = true
}

// AfterCommit runs f once the transaction is kept, and never if it is not.
// It is for what may be lost in a crash; what may not is a row.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// SQL is the transaction as database/sql knows it, for job; nil on PostgreSQL.
func (tx *Tx) SQL() *sql.Tx { return tx.std }

// Pgx is the transaction as pgx knows it, for job; nil on SQLite.
func (tx *Tx) Pgx() pgx.Tx { return tx.pgx }

// A request is a closure waiting for the SQLite writer.
type request struct {
	ctx  context.Context
	fn   func(*Tx) error
	done chan outcome
}

type outcome struct {
	tx       *Tx
	err      error
	panicked any
}

func (o outcome) finish(d *DB) error {
	if o.panicked != nil {
		panic(o.panicked) // where the caller's recover expects it
	}
	if o.err != nil {
		return o.err
	}
	d.wake(o.tx.notify)
	for _, f := range o.tx.after {
		f()
	}
	return nil
}

// writeLoop is the one writer: it takes what has queued up, runs it in one
// transaction and commits once.
func (d *DB) writeLoop() {
	defer d.done.Done()
	for {
		var batch []*request
		select {
		case r := <-d.queue:
			batch = append(batch, r)
		case <-d.closed:
			if batch = d.drain(batch); len(batch) == 0 {
				return
			}
		}
		d.writeBatch(d.drain(batch))
	}
}

func (d *DB) drain(batch []*request) []*request {
	for len(batch) < maxBatch {
		select {
		case r := <-d.queue:
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

func (d *DB) writeBatch(batch []*request) {
	outs := make([]outcome, len(batch))
	err := d.commitAll(batch, outs)
	if isFsync(err) {
		d.fatal(fmt.Errorf("the disk failed to keep what was written: %w", err))
	}
	for i, r := range batch {
		if outs[i].panicked == nil {
			outs[i].err = explainSQLite(cmp.Or(outs[i].err, err))
		}
		r.done <- outs[i]
	}
	d.compileMissed(context.Background()) // nobody waits for it
}

// commitAll runs every closure in its own savepoint, so that one that fails
// takes nothing from the others, and commits. Its error is that of the whole.
func (d *DB) commitAll(batch []*request, outs []outcome) error {
	ctx := context.Background()
	std, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for i, r := range batch {
		if outs[i].err = r.ctx.Err(); outs[i].err != nil {
			continue
		}
		if _, err := (&Tx{db: d, std: std}).Exec(ctx, `savepoint one`); err != nil {
			std.Rollback()
			return err
		}
		outs[i] = r.run(&Tx{db: d, std: std})
		if outs[i].err != nil || outs[i].panicked != nil {
			if _, err := std.ExecContext(ctx, `rollback to one`); err != nil {
				// SQLite undid the whole transaction by itself (a full disk): why
				// is known from the statement, not from the missing savepoint.
				std.Rollback()
				return cmp.Or(outs[i].err, err)
			}
		}
		if _, err := (&Tx{db: d, std: std}).Exec(ctx, `release one`); err != nil {
			std.Rollback()
			return err
		}
	}
	if err := std.Commit(); err != nil {
		std.Rollback() // a commit refused for a full disk leaves the transaction open
		return err
	}
	return nil
}

func (r *request) run(tx *Tx) (out outcome) {
	out.tx = tx
	defer func() { out.panicked = recover() }()
	out.err = r.fn(tx)
	return out
}

// attempts is how often a PostgreSQL transaction is tried when it was chosen as
// the victim of a deadlock.
const attempts = 4

func (d *DB) txPostgres(ctx context.Context, fn func(*Tx) error) (err error) {
	for range attempts {
		if err = d.tryPostgres(ctx, fn); !isDeadlock(err) {
			return err
		}
	}
	return err
}

func (d *DB) tryPostgres(ctx context.Context, fn func(*Tx) error) error {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer conn.Close()
	tx := &Tx{db: d, conn: conn}
	// River wants a pgx.Tx, and our SQL must run inside the same one.
	err = conn.Raw(func(dc any) error {
		tx.pgx, err = dc.(*stdlib.Conn).Conn().Begin(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	kept := context.WithoutCancel(ctx)
	defer tx.pgx.Rollback(kept) // harmless after the commit; needed when fn panics
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.pgx.Commit(kept); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return outcome{tx: tx}.finish(d)
}
