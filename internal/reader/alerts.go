package reader

import (
	"context"
	"fmt"

	"kawaraban/internal/db"
)

// inviteToAlerts has one letter written that invites to the news alerts, to the
// address that Facebook gave. It orders nothing: that does the link in it, and
// with it the owner of the mailbox. The same address is not invited twice in a
// year, whoever gives it.
func (s *Store) inviteToAlerts(ctx context.Context, tx *db.Tx, reader, email string) error {
	wait, err := s.take(ctx, tx, invitations, email)
	if err != nil || wait > 0 {
		return err
	}
	return s.write(ctx, tx, Letter{Kind: Alerts, Reader: reader, Email: email, Detail: email})
}

// MayWantAlerts looks whether the link of an invitation is good, and for which
// address. It changes nothing.
func (s *Store) MayWantAlerts(ctx context.Context, token string) (email string, err error) {
	_, email, err = s.link(ctx, s.DB, alertsLink, token)
	return email, err
}

// WantAlerts notes that whoever reads the mail of an address wants the news
// alerts.
func (s *Store) WantAlerts(ctx context.Context, token string) (email string, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		var reader string
		if reader, email, err = s.use(ctx, tx, alertsLink, token); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into alerts_wanted (email, reader, created) values ($1, $2, $3)
			on conflict (email) do nothing`, email, reader, db.Time(s.Now()))
		if err != nil {
			return fmt.Errorf("note who wants alerts: %w", err)
		}
		return nil
	})
	return email, err
}

// AlertsWanted lists addresses that want the news alerts and have none yet.
func (s *Store) AlertsWanted(ctx context.Context, limit int) (emails []string, err error) {
	rows, err := s.DB.Query(ctx, `select email from alerts_wanted order by created, email limit $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("read who wants alerts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var email string
		if err := rows.Scan(&email); err != nil {
			return nil, fmt.Errorf("read who wants alerts: %w", err)
		}
		emails = append(emails, email)
	}
	return emails, rows.Err()
}

// AlertsBegun notes that somebody who wanted the news alerts has them.
func (s *Store) AlertsBegun(ctx context.Context, email string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from alerts_wanted where email = $1`, email)
		return err
	})
}
