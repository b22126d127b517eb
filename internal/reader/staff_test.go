package reader

import (
	"sync"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// actor is somebody who has just logged in.
func (s *Store) actor(t *testing.T, id string) *Actor {
	t.Helper()
	r, err := s.ByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return &Actor{Reader: r, Session: Session{ID: "test", Kind: StaffSession, Proved: s.Now()}}
}

func TestAppoint(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		first, err := s.Appoint(ctx, nil, "ana@paper.example", "Ana", Publisher)
		if err != nil {
			t.Fatal(err)
		}
		ana := s.actor(t, first)
		if _, err := s.Appoint(ctx, ana, "bo@paper.example", "Bo", Editor); err != nil {
			t.Fatal(err)
		}
		staff, err := s.Staff(ctx)
		if err != nil || len(staff) != 2 || staff[0].Role != Publisher || staff[1].Role != Editor || staff[1].Password {
			t.Fatalf("the staff is %+v, %v", staff, err)
		}
		bo := s.actor(t, staff[1].ID)
		// Either sort of second factor counts as one.
		check(t, d.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `insert into passkey (id, reader, name, credential, used, created) values ('key', $1, 'Phone', '', 0, 1)`, first)
			return err
		}))
		if staff, err = s.Staff(ctx); err != nil || !staff[0].Factor || staff[1].Factor {
			t.Errorf("with one passkey the staff is %+v, %v", staff, err)
		}
		if err := s.SetRole(ctx, bo, first, Member); !problem.Is(err, problem.Forbidden) {
			t.Errorf("an editor changes a role: %v", err)
		}
		if err := s.SetRole(ctx, ana, first, Editor); !problem.Is(err, problem.Conflict) {
			t.Errorf("the last publisher goes: %v", err)
		}
		ana.Session.Proved = ana.Session.Proved.Add(-ProofLife)
		if err := s.SetRole(ctx, ana, bo.Reader.ID, Moderator); !problem.Is(err, problem.Forbidden) {
			t.Errorf("without a new proof: %v", err)
		}
	})
}

func TestInvite(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		id, err := s.Appoint(ctx, nil, "ana@paper.example", "ana", Publisher)
		if err != nil {
			t.Fatal(err)
		}
		old, err := s.InviteLink(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		link, err := s.InviteLink(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Invited(ctx, old.Reveal()); !problem.Is(err, problem.Gone) {
			t.Errorf("the link before the last: %v", err)
		}
		if _, err := s.Accept(ctx, link.Reveal(), "Ana", "short", Browser{}); problem.Of(err) == nil || problem.Of(err).Fields["password"] == "" {
			t.Errorf("a short password: %v", err)
		}
		e, err := s.Accept(ctx, link.Reveal(), "Ana Ruiz", password, Browser{})
		if err != nil {
			t.Fatal(err)
		}
		who, err := s.Who(ctx, e.Token.Reveal())
		if err != nil || who.Actor != nil || who.Pending == nil || !who.Pending.Enrol() || who.Pending.Reader.Name != "Ana Ruiz" {
			t.Errorf("who is let in is %+v, %v; want one who must set up a second factor", who, err)
		}
		if _, err := s.Accept(ctx, link.Reveal(), "Eve", password, Browser{}); !problem.Is(err, problem.Gone) {
			t.Errorf("the link a second time: %v", err)
		}
	})
}

// TestLastPublisher has eight publishers demote one another at once: one stays.
func TestLastPublisher(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		var ids []string
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			id, err := s.Appoint(ctx, nil, name+"@paper.example", name, Publisher)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		var wg sync.WaitGroup
		for _, id := range ids {
			wg.Go(func() {
				if err := s.SetRole(ctx, nil, id, Editor); err != nil && !problem.Is(err, problem.Conflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var left int
		if err := d.QueryRow(ctx, `select count(*) from reader where role = 'publisher'`).Scan(&left); err != nil || left != 1 {
			t.Errorf("%d publishers are left, %v; want 1", left, err)
		}
	})
}

// TestRoleEndsSessions is about rights that are taken away: at once.
func TestRoleEndsSessions(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		id, err := s.Add(ctx, New{Email: "ana@paper.example", Name: "Ana", Role: Member, Password: password})
		if err != nil {
			t.Fatal(err)
		}
		e, err := s.Login(ctx, "ana@paper.example", password, Browser{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetRole(ctx, nil, id, Editor); err != nil {
			t.Fatal(err)
		}
		if who, err := s.Who(ctx, e.Token.Reveal()); err != nil || who.Actor != nil || who.Pending != nil {
			t.Errorf("after the change the session is of %+v, %v", who, err)
		}
	})
}
