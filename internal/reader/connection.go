package reader

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// ConnectionEnded stands before the provider's name in the detail of a letter
// that tells of a connection's end; else it tells of its beginning.
const ConnectionEnded = "- "

// A Connection is a provider that lets a reader in.
type Connection struct {
	Slug  string
	Email string // that the provider told; no proof of anything
	Since time.Time
}

// Connections lists what a reader is connected with, the oldest first.
func (s *Store) Connections(ctx context.Context, reader string) (list []Connection, err error) {
	rows, err := s.DB.Query(ctx, `select provider, email, created
		from identity
		where reader = $1
		order by created, issuer, subject
		limit 100`, reader)
	if err != nil {
		return nil, fmt.Errorf("list connections: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Connection
		if err := rows.Scan(&c.Slug, &c.Email, (*db.Time)(&c.Since)); err != nil {
			return nil, fmt.Errorf("list connections: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// label is what people call a provider, also one that the paper has no more.
func (s *Store) label(slug string) string {
	if p, err := s.Provider(slug); err == nil {
		return p.Label
	}
	return slug
}

// LastWayIn reports whether a reader could not log in without a provider.
func (s *Store) LastWayIn(ctx context.Context, reader, provider string) (bool, error) {
	return lastWayIn(ctx, s.DB, reader, provider)
}

func lastWayIn(ctx context.Context, q db.Querier, reader, provider string) (last bool, err error) {
	err = q.QueryRow(ctx, `select not exists (select 1 from reader where id = $1 and password <> '')
			and not exists (select 1 from passkey where reader = $1)
			and not exists (select 1 from identity where reader = $1 and provider <> $2)`, reader, provider).Scan(&last)
	return last, err
}

// Disconnect ends the actor's connection with a provider, and the sessions that
// it let in elsewhere. The last way in stays.
func (s *Store) Disconnect(ctx context.Context, a *Actor, provider string) error {
	if err := s.sure(a); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := lock(ctx, tx, a.Reader.ID); err != nil {
			return err
		}
		last, err := lastWayIn(ctx, tx, a.Reader.ID, provider)
		if err != nil {
			return err
		}
		if last {
			return &problem.Problem{Kind: problem.Conflict, Detail: "This is the only way into your account. Make another one first: a password or a passkey."}
		}
		res, err := tx.Exec(ctx, `delete from identity where reader = $1 and provider = $2`, a.Reader.ID, provider)
		if err != nil {
			return fmt.Errorf("disconnect: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			_, err := s.Provider(provider) // it is gone already, or there is no such thing
			return err
		}
		if _, err := tx.Exec(ctx, `delete from session where reader = $1 and way = $2 and id <> $3`, a.Reader.ID, s.label(provider), a.Session.ID); err != nil {
			return fmt.Errorf("disconnect: %w", err)
		}
		if err := s.write(ctx, tx, Letter{Kind: ConnectionSet, Reader: a.Reader.ID, Detail: ConnectionEnded + s.label(provider)}); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: a.Reader.ID, Act: Disconnected, Subject: a.Reader.ID, Detail: provider}, SessionsEnded{a.Reader.ID})
	})
}
