package job

import (
	"context"
	"fmt"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"kawaraban/internal/db"
)

// wakeUp is the name under which a commit with jobs wakes the workers of a
// River queue on SQLite.
func wakeUp(queue string) string { return "job." + queue }

// driver is River's for SQLite with another way of waking up. River's own
// writes a row for each job and reads that table twenty times a second on the
// writer's connection; ours hears of the commit from package db. The jobs of
// other processes are found by the poll.
type driver struct {
	*riversqlite.Driver
	db *db.DB
}

// SupportsListenNotify says that the database carries no notifications.
func (d driver) SupportsListenNotify() bool { return false }

// GetListener returns what River waits on.
func (d driver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return listener{
		light: d.db.Listen(wakeUp(light)), heavy: d.db.Listen(wakeUp(heavy)), letters: d.db.Listen(wakeUp(letters)),
		editions: d.db.Listen(wakeUp(editions)), alerts: d.db.Listen(wakeUp(alerts)), network: d.db.Listen(wakeUp(network)),
	}
}

// A listener turns wake-ups into River's notifications.
type listener struct{ light, heavy, letters, editions, alerts, network <-chan struct{} }

// WaitForNotification waits for a commit with jobs, or for the end of ctx.
func (l listener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.light:
		return inserted(light), nil
	case <-l.heavy:
		return inserted(heavy), nil
	case <-l.letters:
		return inserted(letters), nil
	case <-l.editions:
		return inserted(editions), nil
	case <-l.alerts:
		return inserted(alerts), nil
	case <-l.network:
		return inserted(network), nil
	}
}

// inserted is River's message that a queue has new jobs.
func inserted(queue string) *riverdriver.Notification {
	return &riverdriver.Notification{Topic: "river_insert", Payload: fmt.Sprintf(`{"queue":%q}`, queue)}
}

// What follows manages a connection, which there is none of.

func (listener) Connect(context.Context) error          { return nil }
func (listener) Close(context.Context) error            { return nil }
func (listener) Ping(context.Context) error             { return nil }
func (listener) Listen(context.Context, string) error   { return nil }
func (listener) Unlisten(context.Context, string) error { return nil }
func (listener) SetAfterConnectExec(string)             {}
func (listener) Schema() string                         { return "" }
