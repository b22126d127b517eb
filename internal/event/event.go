// Package event tells the rest of the house what happened.
//
// A fact is a row in the outbox, written in the transaction that made it true,
// so nothing is told that did not happen and nothing that happened is lost. A
// Bus reads the outbox and calls those who listen, in this process; every
// process reads all of it. Listeners are called at least once and in nearly the
// order of commit, so what they do must be idempotent.
package event

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"kawaraban/internal/db"
)

// A Fact is something that happened, in the past tense, with ids only.
// EventKind is fixed text such as "article.published"; EventSubject is the id
// of what it happened to.
type Fact interface {
	EventKind() string
	EventSubject() string
}

// An Event is a fact as listeners get it.
type Event struct {
	ID      string
	Kind    string
	Subject string
	Created time.Time
}

// wakeUp is the name under which commits with facts wake the buses.
const wakeUp = "event"

// Record writes facts into the outbox of tx.
func Record(ctx context.Context, tx *db.Tx, facts ...Fact) error {
	for _, f := range facts {
		_, err := tx.Exec(ctx, `insert into outbox (id, kind, subject, created) values ($1, $2, $3, $4)`,
			db.NewID(), f.EventKind(), f.EventSubject(), db.Time(time.Now()))
		if err != nil {
			return fmt.Errorf("record %s: %w", f.EventKind(), err)
		}
	}
	tx.Notify(wakeUp)
	return nil
}

const (
	// poll is how often the outbox is read when nothing woke the bus: the
	// commits of other processes (wire run beside serve, a second node). What an agency
	// kills is to be gone on all nodes within a second, sister papers included, and a
	// session that ended on one node is to end on the open pages of all.
	poll = 200 * time.Millisecond
	// lookBack covers facts whose transaction committed later than that of a
	// fact with a younger id, and clocks that differ between nodes.
	lookBack = 10 * time.Second
	// keep is how long facts stay in the outbox.
	keep = 24 * time.Hour
	page = 500
)

// A Bus calls listeners. Add them before Run.
type Bus struct {
	DB  *db.DB
	Log *slog.Logger

	listeners []func(context.Context, Event) error
	from      time.Time
	seen      map[string]time.Time // ids told within the look-back
}

// Listen adds a listener to every fact. One that returns an error is called
// again with the same fact.
func (b *Bus) Listen(f func(context.Context, Event) error) { b.listeners = append(b.listeners, f) }

// Run tells facts to the listeners until ctx ends. Of the facts from before Run
// only the latest are told: a process starts with empty caches.
func (b *Bus) Run(ctx context.Context) error {
	b.from, b.seen = time.Now(), map[string]time.Time{}
	woken := b.DB.Listen(wakeUp)
	tick := time.NewTicker(poll)
	defer tick.Stop()
	swept := time.Time{}
	for {
		if err := b.tell(ctx); err != nil && ctx.Err() == nil {
			b.Log.Error("events wait", "error", err)
		}
		if time.Since(swept) > time.Hour {
			if err := b.sweep(ctx); err != nil && ctx.Err() == nil {
				b.Log.Error("old events stay", "error", err)
			}
			swept = time.Now()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-woken:
		case <-tick.C:
		}
	}
}

// tell reads what is new since the look-back and calls the listeners for it.
func (b *Bus) tell(ctx context.Context) error {
	// A clock that was fast, here or on another node, must not make the bus deaf
	// until that hour has come. Round leaves the wall clock only: that one jumps.
	if now := time.Now().Round(0); b.from.After(now) {
		b.from = now
	}
	since := b.from.Add(-lookBack)
	for id, at := range b.seen {
		if at.Before(since) {
			delete(b.seen, id)
		}
	}
	after := ""
	for {
		events, err := b.read(ctx, since, after)
		if err != nil || len(events) == 0 {
			return err
		}
		for _, e := range events {
			if _, told := b.seen[e.ID]; told {
				continue
			}
			for _, listen := range b.listeners {
				if err := call(ctx, listen, e); err != nil {
					return fmt.Errorf("tell %s of %s: %w", e.Kind, e.Subject, err)
				}
			}
			b.seen[e.ID] = e.Created
			if e.Created.After(b.from) {
				b.from = e.Created
			}
		}
		last := events[len(events)-1]
		since, after = last.Created, last.ID
	}
}

// call makes a listener's panic an error: one bug must not end the paper.
func call(ctx context.Context, listen func(context.Context, Event) error, e Event) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return listen(ctx, e)
}

func (b *Bus) read(ctx context.Context, since time.Time, after string) ([]Event, error) {
	rows, err := b.DB.Query(ctx, `select id, kind, subject, created
		from outbox
		where (created, id) > ($1, $2)
		order by created, id
		limit $3`, db.Time(since), after, page)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	defer rows.Close()
	var events []Event
	for rows.Next() {
		var e Event
		if err := rows.Scan(&e.ID, &e.Kind, &e.Subject, (*db.Time)(&e.Created)); err != nil {
			return nil, fmt.Errorf("read the outbox: %w", err)
		}
		events = append(events, e)
	}
	return events, rows.Err()
}

// sweep drops what everybody has been told long ago.
func (b *Bus) sweep(ctx context.Context) error {
	return b.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from outbox where created < $1`, db.Time(time.Now().Add(-keep)))
		return err
	})
}
