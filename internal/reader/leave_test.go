package reader

import (
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

func TestLeave(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		ana := s.admitted(t, "Ana")
		stale := *ana
		stale.Session.Proved = s.Now().Add(-ProofLife)
		if err := s.BeginLeave(ctx, &stale, KeepComments); !problem.Is(err, problem.Forbidden) {
			t.Errorf("without a new proof: %v", err)
		}
		if err := s.BeginLeave(ctx, ana, ""); problem.Of(err) == nil || problem.Of(err).Fields["comments"] == "" {
			t.Errorf("without a choice: %v", err)
		}
		check(t, s.BeginLeave(ctx, ana, KeepComments))
		if err := s.BeginLeave(ctx, ana, KeepComments); !problem.Is(err, problem.Conflict) {
			t.Errorf("twice: %v", err)
		}
		token := s.letter(t, LeaveBegins).Token.Reveal()
		check(t, s.MayUndoLeave(ctx, token))
		check(t, s.UndoLeaveByLink(ctx, token))
		if err := s.UndoLeaveByLink(ctx, token); !problem.Is(err, problem.Gone) {
			t.Errorf("the link again: %v", err)
		}
		// The job of the deletion that was undone comes, and finds nothing to do,
		// neither then nor when another deletion has begun since.
		s.advance(t, 13*24*time.Hour)
		ana.Session.Proved = s.Now()
		check(t, s.BeginLeave(ctx, ana, RemoveComments))
		s.advance(t, 24*time.Hour)
		check(t, s.erase(ctx, ana.Reader.ID))
		if r, err := s.ByID(ctx, ana.Reader.ID); err != nil || r.LeaveHow != RemoveComments {
			t.Errorf("the account is %+v, %v", r, err)
		}
		check(t, s.UndoLeave(ctx, ana))
		s.advance(t, leaveTime)
		check(t, s.erase(ctx, ana.Reader.ID))
		check(t, s.Sweep(ctx))
		if r, err := s.ByID(ctx, ana.Reader.ID); err != nil || !r.Leaving.IsZero() {
			t.Errorf("the account is %+v, %v", r, err)
		}

		boss := s.admitted(t, "Boss")
		check(t, s.SetRole(ctx, nil, boss.Reader.ID, Editor))
		if err := s.BeginLeave(ctx, boss, KeepComments); !problem.Is(err, problem.Conflict) {
			t.Errorf("an editor leaves: %v", err)
		}
	})
}

// TestErase looks for everything that was known of a reader, in all tables and
// all files, after the account was erased. Somebody else's is all there.
func TestErase(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		bo := s.admitted(t, "Bystander")
		check(t, s.SetPortrait(ctx, bo, []byte("a face")))
		s.admitted(t, "Secretname")
		ana := s.logIn(t, "secretname@paper.example", password)
		s.advance(t, time.Minute)
		check(t, s.SetProfile(ctx, ana, Profile{Name: "Secretname", Handle: "secrethandle", Bio: "secretbio"}))
		check(t, s.SetPortrait(ctx, ana, []byte("a face")))
		check(t, s.SetPortrait(ctx, ana, []byte("another face")))
		check(t, s.AskEmail(ctx, ana, "secretnew@paper.example"))
		_, err := s.SetEmail(ctx, ana, s.letter(t, ConfirmEmail).Token.Reveal())
		check(t, err)
		for _, l := range jobsOf[Letter](t, s, LetterJob) {
			if _, err := s.Compose(ctx, l); err != nil {
				t.Fatal(err)
			}
		}
		ana = s.actor(t, ana.Reader.ID)
		check(t, s.AskEmail(ctx, ana, "secretwanted@paper.example"))
		check(t, s.Forgot(ctx, "secretnew@paper.example", Browser{}))
		check(t, s.AskExport(ctx, ana))
		runJobs(t, s, exportJob, s.export)
		secrets := []string{"secretpasskey", "secretseed", "secretcode", "secretsubject", "secretceremony", "secretregistered", "secretalerts"}
		check(t, d.Tx(ctx, func(tx *db.Tx) error {
			for _, query := range []string{
				`insert into passkey (id, reader, name, credential, used, created) values ('k', $1, 'secretpasskey', '', 0, 0)`,
				`insert into recovery_code (reader, hash) values ($1, 'secretcode')`,
				`insert into identity (issuer, subject, reader, provider, email, created) values ('idp', 'secretsubject', $1, 'idp', 'secretname@paper.example', 0)`,
				`insert into ceremony (hash, kind, reader, content, expires) values ('h', 'totp-add', $1, 'secretceremony', 9999999999999999)`,
				`insert into alerts_wanted (email, reader, created) values ('secretalerts@paper.example', $1, 0)`,
				`update reader set totp = 'secretseed' where id = $1`,
			} {
				if _, err := tx.Exec(ctx, query, ana.Reader.ID); err != nil {
					return err
				}
			}
			_, err := tx.Exec(ctx, `insert into registration (email, name, password, language, browser, link, next, expires)
				values ('secretname@paper.example', 'secretregistered', '', '', '', '', '', 9999999999999999)`)
			return err
		}))
		check(t, s.BeginLeave(ctx, ana, RemoveComments))
		undo := ""
		for _, l := range jobsOf[Letter](t, s, LetterJob) {
			if l.Kind == LeaveBegins {
				p, err := s.Compose(ctx, l)
				check(t, err)
				undo = p.Token.Reveal()
			}
		}
		for _, word := range secrets {
			if !strings.Contains(dump(t, d), word) {
				t.Errorf("%s was not in the database before: the test looks in the wrong place", word)
			}
		}

		s.advance(t, leaveTime)
		var wg sync.WaitGroup
		for range 8 { // jobs run at least once
			wg.Go(func() {
				for _, id := range jobsOf[string](t, s, eraseJob) {
					if err := s.erase(ctx, id); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		runJobs(t, s, dropJob, s.drop)

		found := dump(t, d)
		for _, line := range strings.Split(found, "\n") {
			if strings.Contains(strings.ToLower(line), "secret") {
				t.Errorf("after the account was erased there is still\n%s", line)
			}
		}
		if keys := s.keys(t); len(keys) != 1 || !strings.HasPrefix(keys[0], "portrait/"+bo.Reader.ID) {
			t.Errorf("the files are %q", keys)
		}
		if n := strings.Count(found, string(WasErased)); n != 2 { // the log, and the fact for others
			t.Errorf("it is told %d times", n)
		}
		if !strings.Contains(found, "reader.erased "+ana.Reader.ID) {
			t.Error("nobody is told")
		}
		if strings.Count(found, "bystander") < 2 {
			t.Error("somebody else is gone too")
		}
		if err := s.UndoLeaveByLink(ctx, undo); !problem.Is(err, problem.Gone) || !strings.Contains(err.Error(), "cannot be brought back") {
			t.Errorf("the link to keep the account: %v", err)
		}
		if _, err := s.Member(ctx, "secrethandle"); !problem.Is(err, problem.Gone) {
			t.Errorf("the profile: %v", err)
		}
		if err := s.SetProfile(ctx, bo, Profile{Name: "Bo", Handle: "secrethandle"}); !problem.Is(err, problem.Conflict) {
			t.Errorf("somebody takes the handle: %v", err)
		}
		if _, err := s.Login(ctx, "secretnew@paper.example", password, Browser{}); problem.Of(err) == nil {
			t.Error("the account lets in")
		}
		var told []string
		check(t, s.Audit.Verify(ctx, func(what string) { told = append(told, what) }))
		if len(told) > 0 {
			t.Errorf("the log is broken: %q", told)
		}
		// The address is free: its owner may begin anew.
		_, err = s.Add(ctx, New{Email: "secretnew@paper.example", Name: "Secrethandle", Role: Member, Password: password})
		check(t, err)
	})
}

// TestEraseLost is about a job that a restored database does not know of.
func TestEraseLost(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		ana := s.admitted(t, "Ana")
		check(t, s.BeginLeave(ctx, ana, KeepComments))
		s.advance(t, leaveTime)
		check(t, s.Sweep(ctx))
		if _, err := s.ByID(ctx, ana.Reader.ID); err != nil {
			t.Errorf("before the hour for the job is over: %v", err)
		}
		s.advance(t, time.Hour+time.Minute)
		check(t, s.Sweep(ctx))
		if _, err := s.ByID(ctx, ana.Reader.ID); !problem.Is(err, problem.NotFound) {
			t.Errorf("afterwards: %v", err)
		}
	})
}
