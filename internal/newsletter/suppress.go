package newsletter

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A Reason says why an address gets nothing.
type Reason string

const (
	Hard      Reason = "hard"      // its server says that there is no such mailbox
	Soft      Reason = "soft"      // three letters in a row came back for the moment
	Complaint Reason = "complaint" // whoever reads its mail called ours unwanted
	Staff     Reason = "staff"
	Import    Reason = "import" // it was so where the subscribers came from
)

// A Suppression is an address that gets nothing, whatever else is said. It is asked
// before every letter of a newsletter.
type Suppression struct {
	Email   string
	Reason  Reason
	Detail  string
	Created time.Time
}

// suppress notes that an address gets nothing more, and ends its subscriptions. The
// graver reason stays.
func (s *Store) suppress(ctx context.Context, tx *db.Tx, email string, reason Reason, detail string) error {
	if len(detail) > 300 {
		detail = strings.ToValidUTF8(detail[:300], "")
	}
	_, err := tx.Exec(ctx, `insert into suppression (folded, reason, detail, created) values ($1, $2, $3, $4)
		on conflict (folded) do update
		set reason = excluded.reason, detail = excluded.detail
		where excluded.reason in ('complaint', 'staff') and suppression.reason not in ('complaint', 'staff')`,
		fold(email), string(reason), detail, db.Time(s.Now()))
	if err != nil {
		return fmt.Errorf("suppress an address: %w", err)
	}
	u, err := subscriberBy(ctx, tx, `s.folded = $1`, fold(email))
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	have, err := subscriptions(ctx, tx, u.ID)
	if err != nil {
		return err
	}
	why := map[Reason]Why{Hard: ByBounce, Soft: ByBounce, Complaint: ByComplaint, Staff: ByStaff, Import: ByImport}[reason]
	for _, h := range have {
		if _, err := s.end(ctx, tx, h.List, u.ID, why); err != nil {
			return err
		}
	}
	return nil
}

// MayWrite reports whether an address may be written to by something that its owner
// did not ask for this minute.
func (s *Store) MayWrite(ctx context.Context, email string) (bool, error) {
	var out bool
	err := s.DB.QueryRow(ctx, `select exists (select 1 from suppression where folded = $1)`, fold(email)).Scan(&out)
	return !out, err
}

// Suppress lets addresses get nothing any more, by the word of staff.
func (s *Store) Suppress(ctx context.Context, a *reader.Actor, detail string, emails ...string) (n int, err error) {
	if a != nil && !a.May(reader.MayManage) {
		return 0, forbidden()
	}
	var clean []string
	for _, e := range emails {
		email, err := address(e)
		if err != nil {
			return 0, err
		}
		clean = append(clean, email)
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, e := range clean {
			if err := s.suppress(ctx, tx, e, Staff, detail); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, a, Suppressed, "", fmt.Sprintf("%d", len(clean)))
	})
	return len(clean), err
}

// Lift lets an address get mail again. Its subscriptions stay ended: who wants them
// subscribes.
func (s *Store) Lift(ctx context.Context, a *reader.Actor, email string) error {
	if !a.May(reader.MayManage) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := db.One(tx.Exec(ctx, `delete from suppression where folded = $1`, fold(email))); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update subscriber set strikes = 0, struck = 0 where folded = $1`, fold(email)); err != nil {
			return err
		}
		return s.note(ctx, tx, a, Unsuppressed, "", "")
	})
}

// Suppressions lists who gets nothing, newest first; look narrows them to addresses
// that begin so. older is the cursor of the next page.
func (s *Store) Suppressions(ctx context.Context, a *reader.Actor, look, before string, limit int) (list []Suppression, older string, err error) {
	if !a.May(reader.MayManage) {
		return nil, "", forbidden()
	}
	where, args := []string{"1 = 1"}, []any{}
	if look != "" {
		where = append(where, `folded like `+db.Arg(&args, db.Like(fold(look))+"%")+` escape '\'`)
	}
	if before != "" {
		at, email, ok := parseCursor(before)
		if !ok {
			return nil, "", notFound("There is no such page.")
		}
		where = append(where, fmt.Sprintf("(created, folded) < (%s, %s)", db.Arg(&args, at), db.Arg(&args, email)))
	}
	rows, err := s.DB.Query(ctx, `select folded, reason, detail, created
		from suppression
		where `+strings.Join(where, " and ")+`
		order by created desc, folded desc
		limit `+db.Arg(&args, limit+1), args...)
	if err != nil {
		return nil, "", fmt.Errorf("list who gets nothing: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if len(list) == limit {
			last := list[limit-1]
			return list, cursor(last.Created, last.Email), nil
		}
		var x Suppression
		if err := rows.Scan(&x.Email, &x.Reason, &x.Detail, (*db.Time)(&x.Created)); err != nil {
			return nil, "", fmt.Errorf("list who gets nothing: %w", err)
		}
		list = append(list, x)
	}
	return list, "", rows.Err()
}

// cursor names a row by its time and its key.
func cursor(at time.Time, key string) string { return fmt.Sprintf("%x.%s", at.UnixMicro(), key) }

func parseCursor(s string) (at int64, key string, ok bool) {
	n, key, ok := strings.Cut(s, ".")
	if _, err := fmt.Sscanf(n, "%x", &at); err != nil || len(key) > 300 {
		return 0, "", false
	}
	return at, key, ok
}

// Known lists those of the subscribers whose address begins so, with what they get.
func (s *Store) Find(ctx context.Context, a *reader.Actor, look, after string, limit int) (list []Subscriber, next string, err error) {
	if !a.May(reader.MayManage) {
		return nil, "", forbidden()
	}
	where, args := []string{"1 = 1"}, []any{}
	if look != "" {
		where = append(where, `s.folded like `+db.Arg(&args, db.Like(fold(look))+"%")+` escape '\'`)
	}
	if after != "" {
		where = append(where, `s.folded > `+db.Arg(&args, after))
	}
	rows, err := s.DB.Query(ctx, `select `+subscriberColumns+`
		from subscriber as s
		where `+strings.Join(where, " and ")+`
		order by s.folded
		limit `+db.Arg(&args, limit+1), args...)
	if err != nil {
		return nil, "", fmt.Errorf("find subscribers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if len(list) == limit {
			return list, fold(list[limit-1].Email), nil
		}
		u, err := scanSubscriber(rows)
		if err != nil {
			return nil, "", fmt.Errorf("find subscribers: %w", err)
		}
		list = append(list, u)
	}
	return list, "", rows.Err()
}

// SubscriberByID returns a subscriber with all that is kept of their wishes, for staff.
func (s *Store) SubscriberByID(ctx context.Context, a *reader.Actor, id string) (u Subscriber, have []Subscription, out *Suppression, err error) {
	if !a.May(reader.MayManage) {
		return u, nil, nil, forbidden()
	}
	if u, err = subscriberBy(ctx, s.DB, `s.id = $1`, id); err != nil {
		return u, nil, nil, err
	}
	if have, err = s.Subscriptions(ctx, id); err != nil {
		return u, nil, nil, err
	}
	x := Suppression{}
	err = s.DB.QueryRow(ctx, `select folded, reason, detail, created from suppression where folded = $1`, fold(u.Email)).
		Scan(&x.Email, &x.Reason, &x.Detail, (*db.Time)(&x.Created))
	if err = db.Found(err, "It gets mail."); problem.Is(err, problem.NotFound) {
		return u, have, nil, nil
	}
	return u, have, &x, err
}

// RemoveFrom ends a subscription by the word of staff.
func (s *Store) RemoveFrom(ctx context.Context, a *reader.Actor, list, subscriber string) error {
	if !a.May(reader.MayManage) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := s.lock(ctx, tx, subscriber); err != nil {
			return err
		}
		ended, err := s.end(ctx, tx, list, subscriber, ByStaff)
		if err != nil || !ended {
			return err
		}
		return s.note(ctx, tx, a, Removed, subscriber, list)
	})
}
