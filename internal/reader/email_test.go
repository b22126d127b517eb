package reader

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

func TestAskEmail(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		ana := s.admitted(t, "Ana")
		for name, email := range map[string]string{"none": "", "no address": "ana", "two lines": "a@b.example\r\nBcc: x@b.example", "the same": " ANA@paper.example "} {
			if err := s.AskEmail(ctx, ana, email); problem.Of(err) == nil || problem.Of(err).Fields["email"] == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		stale := *ana
		stale.Session.Proved = s.Now().Add(-ProofLife)
		if err := s.AskEmail(ctx, &stale, "new@paper.example"); !problem.Is(err, problem.Forbidden) {
			t.Errorf("without a new proof: %v", err)
		}

		check(t, s.AskEmail(ctx, ana, "New@Paper.Example"))
		link := s.letter(t, ConfirmEmail)
		if link.To != "new@paper.example" || link.Token.Reveal() == "" {
			t.Errorf("the letter goes to %q", link.To)
		}
		if email, err := s.NewEmail(ctx, ana, link.Token.Reveal()); err != nil || email != "new@paper.example" {
			t.Errorf("the link gives %q, %v", email, err)
		}
		bo := s.admitted(t, "Bob")
		if _, err := s.SetEmail(ctx, bo, link.Token.Reveal()); !problem.Is(err, problem.Forbidden) {
			t.Errorf("the link of another account: %v", err)
		}
		email, err := s.SetEmail(ctx, ana, link.Token.Reveal())
		if err != nil || email != "new@paper.example" {
			t.Fatalf("set %q, %v", email, err)
		}
		if _, err := s.SetEmail(ctx, ana, link.Token.Reveal()); !problem.Is(err, problem.Gone) {
			t.Errorf("the link a second time: %v", err)
		}
		told := s.letter(t, EmailWasSet)
		if told.To != "ana@paper.example" || told.Detail != "new@paper.example" || told.Token.Reveal() == "" {
			t.Errorf("the old address is told %+v", told)
		}
		s.logIn(t, "new@paper.example", password)
		if _, err := s.Login(ctx, "ana@paper.example", password, Browser{}); problem.Of(err) == nil {
			t.Error("the old address lets in")
		}
	})
}

// TestAskEmailTellsNothing is R07 for new addresses: the answer and what is done
// are the same for one that has an account, and its owner is told.
func TestAskEmailTellsNothing(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		ana, bo := s.admitted(t, "Ana"), s.admitted(t, "Bob")
		check(t, s.AskEmail(ctx, ana, bo.Reader.Email))
		p := s.letter(t, EmailTaken)
		if p.To != bo.Reader.Email || p.Token.Reveal() != "" {
			t.Errorf("the owner is told %+v", p)
		}
		// An address gets one letter a day, whoever asks.
		check(t, s.AskEmail(ctx, s.admitted(t, "Eve"), bo.Reader.Email))
		if more := s.letters(t); len(more) != 0 {
			t.Errorf("more letters: %+v", more)
		}
		// And a reader can ask for three, then for one in six hours.
		check(t, s.AskEmail(ctx, ana, "one@paper.example"))
		check(t, s.AskEmail(ctx, ana, "two@paper.example"))
		if err := s.AskEmail(ctx, ana, "three@paper.example"); !problem.Is(err, problem.TooMany) || problem.Of(err).Wait <= 0 {
			t.Errorf("the fourth letter: %v", err)
		}
	})
}

// TestFirstEmail is about readers whom only a provider knows.
func TestFirstEmail(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		ana := s.admitted(t, "Ana")
		check(t, d.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update reader set email = '', password = '' where id = $1`, ana.Reader.ID)
			return err
		}))
		ana = s.actor(t, ana.Reader.ID)
		if err := s.ChangePassword(ctx, ana, "another good password"); !problem.Is(err, problem.Conflict) {
			t.Errorf("a password without an address: %v", err)
		}
		check(t, s.AskEmail(ctx, ana, "ana@home.example"))
		_, err := s.SetEmail(ctx, ana, s.letter(t, ConfirmEmail).Token.Reveal())
		check(t, err)
		if letters := s.letters(t); len(letters) != 0 {
			t.Errorf("letters to no address: %+v", letters)
		}
		check(t, s.ChangePassword(ctx, s.actor(t, ana.Reader.ID), "another good password"))
		s.logIn(t, "ana@home.example", "another good password")
	})
}

// TestEmailAtOnce has two readers confirm one new address at once: one has it.
func TestEmailAtOnce(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		var who []*Actor
		var tokens []string
		for _, name := range []string{"Ana", "Bob", "Cyd", "Dee", "Eve", "Fay", "Gus", "Hal"} {
			a := s.admitted(t, name)
			var token string
			check(t, d.Tx(ctx, func(tx *db.Tx) error {
				link, err := s.newLink(ctx, tx, emailLink, a.Reader.ID, "wanted@paper.example", emailLife)
				token = link.Reveal()
				return err
			}))
			who, tokens = append(who, a), append(tokens, token)
		}
		var set, refused atomic.Int64
		var wg sync.WaitGroup
		for i := range who {
			wg.Go(func() {
				switch _, err := s.SetEmail(ctx, who[i], tokens[i]); {
				case err == nil:
					set.Add(1)
				case problem.Is(err, problem.Conflict):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if set.Load() != 1 || refused.Load() != 7 {
			t.Errorf("%d have the address and %d were refused", set.Load(), refused.Load())
		}
	})
}

// takeOver is a thief who gives an account another address, twice, and adds
// ways in.
func (s *Store) takeOver(t *testing.T, thief *Actor) (undo, later string) {
	t.Helper()
	ctx := t.Context()
	check(t, s.AskEmail(ctx, thief, "thief@evil.example"))
	_, err := s.SetEmail(ctx, thief, s.letter(t, ConfirmEmail).Token.Reveal())
	check(t, err)
	undo = s.letter(t, EmailWasSet).Token.Reveal()
	s.advance(t, time.Minute)
	check(t, s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, query := range []string{
			`insert into passkey (id, reader, name, credential, used, created) values ('new', $1, 'Thief', '', 0, $2)`,
			`insert into identity (issuer, subject, reader, provider, email, created) values ('idp', 'thief', $1, 'idp', '', $2)`,
		} {
			if _, err := tx.Exec(ctx, query, thief.Reader.ID, db.Time(s.Now())); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `insert into recovery_code (reader, hash) values ($1, 'x')`, thief.Reader.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update reader set totp = 'sealed' where id = $1`, thief.Reader.ID); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: thief.Reader.ID, Act: FactorAdded, Subject: thief.Reader.ID, Detail: oneTimeCodes})
	}))
	thief = s.actor(t, thief.Reader.ID)
	check(t, s.AskEmail(ctx, thief, "thief2@evil.example"))
	_, err = s.SetEmail(ctx, thief, s.letter(t, ConfirmEmail).Token.Reveal())
	check(t, err)
	later = s.letter(t, EmailWasSet).Token.Reveal()
	check(t, s.BeginLeave(ctx, thief, RemoveComments))
	return undo, later
}

func TestUndoEmail(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		owner := s.admitted(t, "Ana")
		check(t, d.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `insert into passkey (id, reader, name, credential, used, created) values ('old', $1, 'Phone', '', 0, $2)`,
				owner.Reader.ID, db.Time(s.Now().Add(-time.Hour)))
			return err
		}))
		e, err := s.Login(ctx, "ana@paper.example", password, Browser{})
		check(t, err)
		undo, later := s.takeOver(t, owner)
		if email, err := s.OldEmail(ctx, undo); err != nil || email != "ana@paper.example" {
			t.Errorf("the link would bring back %q, %v", email, err)
		}
		email, err := s.UndoEmail(ctx, undo)
		if err != nil || email != "ana@paper.example" {
			t.Fatalf("the link brings back %q, %v", email, err)
		}
		r, err := s.ByID(ctx, owner.Reader.ID)
		check(t, err)
		if r.Email != "ana@paper.example" || r.Password || r.TOTP || !r.Leaving.IsZero() {
			t.Errorf("the account is %+v", r)
		}
		if who, err := s.Who(ctx, e.Token.Reveal()); err != nil || who != (Visitor{}) {
			t.Errorf("a session goes on: %+v, %v", who, err)
		}
		var passkeys, others int
		check(t, d.QueryRow(ctx, `select count(*) from passkey where id = 'old'`).Scan(&passkeys))
		check(t, d.QueryRow(ctx, `select (select count(*) from passkey where id = 'new') + (select count(*) from identity) + (select count(*) from recovery_code)`).Scan(&others))
		if passkeys != 1 || others != 0 {
			t.Errorf("%d of the owner's ways in are left, and %d of the thief's", passkeys, others)
		}
		for name, token := range map[string]string{"again": undo, "the thief's": later} {
			if _, err := s.UndoEmail(ctx, token); !problem.Is(err, problem.Gone) {
				t.Errorf("%s: %v", name, err)
			}
		}
		check(t, s.Forgot(ctx, "ana@paper.example", Browser{}))
		check(t, s.Reset(ctx, s.letter(t, ResetPassword).Token.Reveal(), "a new and better one"))
	})
}

// TestUndoStays is about a thief who uses the link of a later change, to be rid
// of the owner's.
func TestUndoStays(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		undo, later := s.takeOver(t, s.admitted(t, "Ana"))
		if email, err := s.UndoEmail(ctx, later); err != nil || email != "thief@evil.example" {
			t.Fatalf("the thief's link: %q, %v", email, err)
		}
		if email, err := s.UndoEmail(ctx, undo); err != nil || email != "ana@paper.example" {
			t.Errorf("the owner's link: %q, %v", email, err)
		}
	})
}

func TestUndoTooLate(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		ana := s.admitted(t, "Ana")
		check(t, s.AskEmail(ctx, ana, "new@paper.example"))
		link := s.letter(t, ConfirmEmail).Token.Reveal()
		_, err := s.SetEmail(ctx, ana, link)
		check(t, err)
		undo := s.letter(t, EmailWasSet).Token.Reveal()
		// Somebody else has the old address now.
		_, err = s.Add(ctx, New{Email: "ana@paper.example", Name: "Another Ana", Role: Member, Password: password})
		check(t, err)
		if _, err := s.UndoEmail(ctx, undo); !problem.Is(err, problem.Conflict) {
			t.Errorf("an address that is another's: %v", err)
		}
		s.advance(t, undoLife)
		if _, err := s.UndoEmail(ctx, undo); !problem.Is(err, problem.Gone) {
			t.Errorf("after 14 days: %v", err)
		}
		if _, err := s.OldEmail(ctx, strings.Repeat("A", 43)); !problem.Is(err, problem.Gone) {
			t.Errorf("a forged link: %v", err)
		}
	})
}
