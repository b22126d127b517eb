// Package job does work later, at least once.
//
// A job is added in the transaction of its cause: both are kept or neither is.
// It runs after the commit, is tried again with growing pauses when it fails,
// and may run twice, so what a handler does must be idempotent. River keeps the
// rows and claims them, on SQLite and on PostgreSQL.
//
// Heavy work (kinds that begin with "media.") runs one at a time, so that the
// readers keep the processor. Letters that somebody waits for (kinds that begin
// with "letter.") have a lane of their own, so that no newsletter keeps a log-in
// waiting. Editions of newsletters (kinds that begin with "edition."), which take
// minutes, have one too, and so have alerts ("alert."), which no edition keeps back,
// and what asks other papers ("network."), which may be slow; everything else runs four
// at a time.
package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"kawaraban/internal/db"
)

const (
	// light, heavy, letters and so on are River's queues, and workers how many jobs of
	// each run at once in this process.
	light, lightWorkers      = river.QueueDefault, 4
	heavy, heavyWorkers      = "heavy", 1
	letters, lettersWorkers  = "letters", 2
	editions, editionWorkers = "editions", 2
	alerts, alertWorkers     = "alerts", 3
	network, networkWorkers  = "network", 4

	// poll is how long a job waits at most when nothing woke the workers: it was
	// added by another process, on SQLite, or a notification was lost.
	poll = time.Second
	// cooldown is the shortest time between two claims; each takes as many jobs
	// as there are idle workers, so it bounds the rate.
	cooldown = 5 * time.Millisecond
	// limit is how long one attempt may take before its context ends.
	limit = 5 * time.Minute
	// abandoned is when a job whose process died is given to another one.
	abandoned = limit + time.Minute
	// grace is how long Stop lets running jobs go on before their contexts end.
	grace = 10 * time.Second
	// done is how long the rows of jobs that succeeded stay.
	done = time.Hour
)

// A Queue keeps the jobs of one database and runs them between Start and Stop.
type Queue struct {
	db       *db.DB
	workers  *river.Workers
	sqlite   *river.Client[*sql.Tx]
	postgres *river.Client[pgx.Tx]
}

// New makes the queue of d, which Migrate has prepared. What fails and is to be
// tried again is logged as a warning, what is given up as an error.
func New(d *db.DB, log *slog.Logger) *Queue {
	q := &Queue{db: d, workers: river.NewWorkers()}
	conf := &river.Config{
		Queues: map[string]river.QueueConfig{
			light:    {MaxWorkers: lightWorkers},
			heavy:    {MaxWorkers: heavyWorkers},
			letters:  {MaxWorkers: lettersWorkers},
			editions: {MaxWorkers: editionWorkers},
			alerts:   {MaxWorkers: alertWorkers},
			network:  {MaxWorkers: networkWorkers},
		},
		Workers:                     q.workers,
		FetchCooldown:               cooldown,
		FetchPollInterval:           poll,
		JobTimeout:                  limit,
		RescueStuckJobsAfter:        abandoned,
		SoftStopTimeout:             grace,
		CompletedJobRetentionPeriod: done,
		ReindexerSchedule:           river.NeverSchedule(), // REINDEX would stop every writer of SQLite
		ErrorHandler:                failures{log},
		Logger:                      slog.New(warnings{log.Handler()}),
	}
	var err error
	if d.Postgres() {
		q.postgres, err = river.NewClient(riverpgxv5.New(d.Pool()), conf)
	} else {
		q.sqlite, err = river.NewClient[*sql.Tx](driver{riversqlite.New(d.Writer()), d}, conf)
	}
	if err != nil {
		panic(fmt.Sprintf("job: the configuration above is wrong: %v", err))
	}
	return q
}

// Migrate makes River's own tables, or brings them up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	conf := &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}
	if d.Postgres() {
		m, err := rivermigrate.New(riverpgxv5.New(d.Pool()), conf)
		return migrate(ctx, m, err)
	}
	m, err := rivermigrate.New(riversqlite.New(d.Writer()), conf)
	return migrate(ctx, m, err)
}

func migrate[Tx any](ctx context.Context, m *rivermigrate.Migrator[Tx], err error) error {
	if err == nil {
		_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	if err != nil {
		return fmt.Errorf("migrate the job tables: %w", err)
	}
	return nil
}

// Handle says what does the jobs of a kind, such as "newsletter.send". The
// argument is the one that was added, through JSON. Handle every kind before
// Start, and each kind once: a second handler of a kind panics.
//
// The context that f gets ends when the job takes longer than five minutes, or
// when the process stops and cannot wait any more. An error or a panic of f
// means that the job is tried again, 25 times over three weeks.
func Handle[T any](q *Queue, kind string, f func(context.Context, T) error) {
	work := river.WorkFunc(func(ctx context.Context, j *river.Job[payload]) (err error) {
		defer func() {
			if p := recover(); p != nil { // River would log it a second time
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		var arg T
		if err := j.Args.decode(&arg); err != nil {
			return fmt.Errorf("read the argument of %s: %w", kind, err)
		}
		return f(ctx, arg)
	})
	river.AddWorkerArgs(q.workers, payload{kind: kind}, work)
}

// Start runs the jobs of the queue until Stop, or until ctx ends.
func (q *Queue) Start(ctx context.Context) error {
	if q.postgres != nil {
		return q.postgres.Start(ctx)
	}
	// One process works the jobs of an SQLite file, so what is still "running"
	// was cut off when that process died. Without this it would wait six minutes.
	err := q.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update river_job
			set state = 'available'
			where state = 'running' and attempt < max_attempts`)
		return err
	})
	if err != nil {
		return fmt.Errorf("take up the jobs that were cut off: %w", err)
	}
	return q.sqlite.Start(ctx)
}

// Stop claims no more jobs and waits for those that run. After ten seconds it
// ends their contexts; what then fails is tried again after the next Start. It
// returns an error when they run on even so and ctx ends.
func (q *Queue) Stop(ctx context.Context) error {
	var err error
	if q.postgres != nil {
		err = q.postgres.Stop(ctx)
	} else {
		err = q.sqlite.Stop(ctx)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fmt.Errorf("some jobs did not stop and will run again: %w", err)
	}
	return err
}

func queueOf(kind string) string {
	begins, _, _ := strings.Cut(kind, ".")
	switch begins {
	case "media":
		return heavy
	case "letter":
		return letters
	case "edition":
		return editions
	case "alert":
		return alerts
	case "network", "promo": // other people's servers
		return network
	}
	return light
}
