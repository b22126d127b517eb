package reader

import (
	"context"
	"errors"
	"fmt"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// A Colleague is somebody who works for the paper.
type Colleague struct {
	Reader
	Factor bool // a second factor is set up, of whichever sort
}

// Staff lists those who work for the paper, by name.
func (s *Store) Staff(ctx context.Context) (list []Colleague, err error) {
	rows, err := s.DB.Query(ctx, `select `+columns+`,
			r.totp <> '' or exists (select 1 from passkey as k where k.reader = r.id)
		from reader as r
		where r.role <> 'reader' and r.erased = 0
		order by lower(r.name), r.id`)
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Colleague
		if err := rows.Scan(append(r.into(), &r.Factor)...); err != nil {
			return nil, fmt.Errorf("list staff: %w", err)
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// OtherModerators reports whether anybody beside id may moderate and can log in.
func (s *Store) OtherModerators(ctx context.Context, id string) (others bool, err error) {
	var roles []string
	for _, r := range granted[MayModerate] {
		roles = append(roles, string(r))
	}
	args := []any{id}
	err = s.DB.QueryRow(ctx, `select exists (
			select 1
			from reader as r
			where r.id <> $1 and r.role `+db.In(&args, roles)+` and r.erased = 0
				and (r.totp <> '' or exists (select 1 from passkey as k where k.reader = r.id)))`, args...).Scan(&others)
	if err != nil {
		return false, fmt.Errorf("look for another moderator: %w", err)
	}
	return others, nil
}

// InviteLink makes a link with which somebody sets up an account that exists:
// the console's, for the first publisher and for staff who are locked out. An
// earlier one stops working.
func (s *Store) InviteLink(ctx context.Context, id string) (t secret.Token, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if t, err = s.newLink(ctx, tx, inviteLink, id, "", inviteLife); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: audit.Console, Act: Invited, Subject: id})
	})
	return t, err
}

// Invited returns whose account a link sets up, and changes nothing.
func (s *Store) Invited(ctx context.Context, token string) (Reader, error) {
	id, _, err := s.link(ctx, s.DB, inviteLink, token)
	if err != nil {
		return Reader{}, err
	}
	return s.ByID(ctx, id)
}

// Accept sets name and password of whoever has been invited, and logs in. Staff
// have a pending session then: the second factor comes next. A factor that the
// account has stays and is asked for.
func (s *Store) Accept(ctx context.Context, token, name string, pw secret.Password, b Browser) (e Entry, err error) {
	r, err := s.Invited(ctx, token)
	if err != nil {
		return e, err
	}
	var fields fieldErrors
	r.Name, err = cleanName(name)
	fields.add(err)
	fields.add(CheckPassword(pw, r.Email, r.Name))
	if err := fields.err(); err != nil {
		return e, err
	}
	hash, err := s.Passwords.Hash(ctx, pw)
	if err != nil {
		return e, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, _, err := s.use(ctx, tx, inviteLink, token); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update reader set name = $1 where id = $2`, r.Name, r.ID); err != nil {
			return err
		}
		if err := s.setPassword(ctx, tx, r, hash, ""); err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, r, "password", single, b)
		return err
	})
	return e, err
}

// Appoint gives the account of an address a role. Where there is no account one
// is made, and a letter invites its owner to set it up. actor is who does it,
// nil on the command line.
func (s *Store) Appoint(ctx context.Context, actor *Actor, email, name string, role Role) (id string, err error) {
	if email, err = address(email); err != nil {
		return "", err
	}
	if !role.known() {
		return "", refuse("role", fmt.Sprintf("There is no role %q.", role))
	}
	if actor != nil {
		if err := s.sure(actor); err != nil {
			return "", err
		}
	}
	r, err := byEmail(ctx, s.DB, email)
	if err == nil {
		return r.ID, s.SetRole(ctx, actor, r.ID, role)
	}
	if !problem.Is(err, problem.NotFound) {
		return "", err
	}
	if name, err = cleanName(name); err != nil {
		return "", err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if id, err = s.insert(ctx, tx, New{Email: email, Name: name, Role: role}, ""); err != nil {
			return err
		}
		if actor != nil { // the console prints the link itself
			if err := s.write(ctx, tx, Letter{Kind: Invite, Reader: id, Detail: string(role)}); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, audit.Entry{Actor: by(actor), Act: Joined, Subject: id, Detail: string(role)})
	})
	if db.IsUnique(err) {
		return "", &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has just made an account with this address. Try again.", Err: err}
	}
	return id, err
}

// errLastPublisher keeps a paper from having nobody who can manage it.
var errLastPublisher = errors.New("reader: the last publisher")

// SetRole changes a role. Every session of that account ends: it was made with
// other rights. The last publisher stays one.
func (s *Store) SetRole(ctx context.Context, actor *Actor, id string, role Role) error {
	if !role.known() {
		return refuse("role", fmt.Sprintf("There is no role %q.", role))
	}
	if actor != nil {
		if !actor.May(MayManage) {
			return &problem.Problem{Kind: problem.Forbidden, Detail: "Only a publisher may change roles."}
		}
		if err := s.sure(actor); err != nil {
			return err
		}
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		// Taking the publishers' rows first makes those who demote one another
		// wait: else the paper could be left without any.
		if _, err := tx.Exec(ctx, `update reader set created = created where role = 'publisher'`); err != nil {
			return err
		}
		r, err := byID(ctx, tx, id)
		if err != nil || r.Role == role {
			return err
		}
		if _, err := tx.Exec(ctx, `update reader set role = $1 where id = $2`, role, id); err != nil {
			return err
		}
		var publishers int
		if err := tx.QueryRow(ctx, `select count(*) from reader where role = 'publisher' and erased = 0`).Scan(&publishers); err != nil {
			return err
		}
		if r.Role == Publisher && publishers == 0 {
			return errLastPublisher
		}
		if err := s.endAll(ctx, tx, id, ""); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: by(actor), Act: RoleChanged, Subject: id, Detail: string(r.Role) + " to " + string(role)}, Changed{id})
	})
	if errors.Is(err, errLastPublisher) {
		return &problem.Problem{Kind: problem.Conflict, Detail: "This is the only publisher. Make somebody else a publisher first."}
	}
	return err
}

// by is the name of an actor in the audit log.
func by(a *Actor) string {
	if a == nil {
		return audit.Console
	}
	return a.Reader.ID
}
