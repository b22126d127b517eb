package reader

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

var (
	testParty   = Party{Name: "The Arl Valley Post", URL: "https://post.example"}
	testBrowser = Browser{Agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", Network: "192.0.2.7"}
)

// A vault is a store in a test of second factors, with its clock.
type vault struct {
	*Store
	t     *testing.T
	clock *papertest.Clock
}

func newVault(t *testing.T, d *db.DB) *vault {
	t.Helper()
	c := &vault{Store: newStore(t, d), t: t, clock: new(papertest.Clock)}
	c.Now, c.Audit.Now = c.clock.Now, c.clock.Now
	return c
}

func (d *vault) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// account adds an account without a password: its sessions are begun by hand,
// which costs no hash.
func (d *vault) account(name string, role Role) Reader {
	d.t.Helper()
	id, err := d.Add(d.t.Context(), New{Email: strings.ToLower(name) + "@post.example", Name: name, Role: role})
	d.ok(err)
	return d.fresh(id)
}

func (d *vault) fresh(id string) Reader {
	d.t.Helper()
	r, err := d.ByID(d.t.Context(), id)
	d.ok(err)
	return r
}

// setPasswordOf lets an account have a password, which nobody types.
func (d *vault) setPasswordOf(r Reader) {
	d.t.Helper()
	d.ok(d.DB.Tx(d.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(d.t.Context(), `update reader set password = 'x' where id = $1`, r.ID)
		return err
	}))
}

// enters begins a session as after a password, or after more.
func (d *vault) enters(r Reader, p proof) Visitor {
	d.t.Helper()
	var e Entry
	d.ok(d.DB.Tx(d.t.Context(), func(tx *db.Tx) (err error) {
		e, err = d.enter(d.t.Context(), tx, d.mustByID(tx, r.ID), "password", p, testBrowser)
		return err
	}))
	return d.visitor(e)
}

func (d *vault) mustByID(tx *db.Tx, id string) Reader {
	r, err := byID(d.t.Context(), tx, id)
	if err != nil {
		d.t.Error(err)
	}
	return r
}

func (d *vault) visitor(e Entry) Visitor {
	d.t.Helper()
	v, err := d.Who(d.t.Context(), e.Token.Reveal())
	d.ok(err)
	return v
}

// code is what an app would show at this time.
func (d *vault) code(seed string, at time.Time) string {
	d.t.Helper()
	code, err := totp.GenerateCode(seed, at)
	d.ok(err)
	return code
}

// acts counts the entries of the audit log about a reader.
func (d *vault) acts(subject string, act audit.Act) (n int) {
	d.t.Helper()
	d.ok(audit.Read(d.t.Context(), d.DB, subject, 0, func(e audit.Entry, _ string) error {
		if e.Act == act {
			n++
		}
		return nil
	}))
	return n
}

// letters counts the letters of a kind that wait to be written.
func (d *vault) letters(detail string) (n int) {
	d.t.Helper()
	for _, text := range d.jobs() {
		if strings.Contains(text, detail) {
			n++
		}
	}
	return n
}

func (d *vault) jobs() []string {
	if d.DB.Postgres() {
		return d.texts(`select cast(args as text) from river_job`)
	}
	return d.texts(`select json(args) from river_job`)
}

func (d *vault) texts(query string) (list []string) {
	d.t.Helper()
	rows, err := d.DB.Query(d.t.Context(), query)
	d.ok(err)
	defer rows.Close()
	for rows.Next() {
		var text string
		d.ok(rows.Scan(&text))
		list = append(list, text)
	}
	d.ok(rows.Err())
	return list
}

// eight runs f eight times at once, and returns how often it succeeded. Another
// answer than a Problem fails the test.
func eight(t *testing.T, f func(i int) error) int64 {
	t.Helper()
	var won atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			switch err := f(i); {
			case err == nil:
				won.Add(1)
			case problem.Of(err) == nil:
				t.Errorf("the %d. of eight: %v", i, err)
			}
		})
	}
	wg.Wait()
	return won.Load()
}

// TestLastFactor is about what must not be removed, and about those who try at
// once.
func TestLastFactor(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), t.Context()

		editor := d.account("Ida", Editor)
		d.setPasswordOf(editor)
		_, err := d.SetTOTP(ctx, editor.ID)
		d.ok(err)
		a := d.enters(editor, double).Actor
		if err := d.RemoveTOTP(ctx, a); !problem.Is(err, problem.Conflict) || !d.fresh(editor.ID).TOTP {
			t.Errorf("staff turn off their last second factor: %v", err)
		}
		key := d.addKey(a, "A key")
		d.ok(d.RemoveTOTP(ctx, a))
		if err := d.RemovePasskey(ctx, a, b64(key.id)); !problem.Is(err, problem.Conflict) {
			t.Errorf("staff remove their last second factor: %v", err)
		}
		if err := d.RemoveTOTP(ctx, a); !problem.Is(err, problem.Conflict) {
			t.Errorf("one-time codes are turned off twice: %v", err)
		}
		if d.acts(editor.ID, FactorRemoved) != 1 || d.acts(editor.ID, PasskeyAdded) != 1 || d.letters("no longer asked for") != 1 {
			t.Error("a factor was removed in silence")
		}

		member := d.account("Bo", Member)
		m := d.enters(member, double).Actor
		one, two := d.addKey(m, "One"), d.addKey(m, "Two")
		won := eight(t, func(i int) error {
			return d.RemovePasskey(ctx, m, b64([]*softKey{one, two}[i%2].id))
		})
		if w, err := d.Ways(ctx, member.ID); err != nil || won != 1 || w.Passkeys != 1 {
			t.Errorf("of two passkeys that are the only way in, %d were removed at once and %d are left (%v)", won, w.Passkeys, err)
		}

		// With a password the last passkey may go, and the recovery codes with it.
		d.setPasswordOf(member)
		keys, err := d.Passkeys(ctx, member.ID)
		d.ok(err)
		d.ok(d.RemovePasskey(ctx, m, keys[0].ID))
		if w, err := d.Ways(ctx, member.ID); err != nil || w != (Ways{Password: true}) {
			t.Errorf("after the last factor went there is %+v (%v)", w, err)
		}
		if err := d.RemovePasskey(ctx, m, keys[0].ID); !problem.Is(err, problem.NotFound) {
			t.Errorf("a passkey is removed twice: %v", err)
		}
	})
}

// TestFactorNeedsProof is about actors whose proof is too old: the store refuses
// what a face forgot to.
func TestFactorNeedsProof(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), t.Context()
		r := d.account("Ana", Member)
		a := d.enters(r, double).Actor
		key := d.addKey(a, "Key")
		d.clock.Add(ProofLife)
		_, begun := d.BegunTOTP(ctx, a, testParty)
		_, confirmed := d.ConfirmTOTP(ctx, a, "123456", testBrowser)
		_, asked := d.AskNewPasskey(ctx, a, testParty, "", testBrowser)
		_, added := d.AddPasskey(ctx, a, testParty, Shown{}, "", testBrowser)
		_, codes := d.NewRecoveryCodes(ctx, a)
		for name, err := range map[string]error{
			"begin": d.BeginTOTP(ctx, a), "begun": begun, "confirm": confirmed, "remove": d.RemoveTOTP(ctx, a), "codes": codes,
			"ask": asked, "add": added, "rename": d.RenamePasskey(ctx, a, b64(key.id), "x"), "remove a passkey": d.RemovePasskey(ctx, a, b64(key.id)),
		} {
			if !problem.Is(err, problem.Forbidden) {
				t.Errorf("%s with an old proof: %v", name, err)
			}
		}
		// A passkey is proof.
		d.ok(d.ProvePasskey(ctx, a, testParty, d.show(Visitor{Actor: a}, key)))
		a = d.again(a)
		if !a.Sure(d.Now()) || d.acts(r.ID, ProvedAgain) != 1 {
			t.Error("a passkey is no proof")
		}
		d.ok(d.RenamePasskey(ctx, a, b64(key.id), " My \t key "))
		if k, err := d.Passkey(ctx, r.ID, b64(key.id)); err != nil || k.Name != "My key" || k.Used.IsZero() {
			t.Errorf("the passkey is %+v (%v)", k, err)
		}
		if err := d.RenamePasskey(ctx, a, b64(key.id), "\u202e"); !problem.Is(err, problem.Invalid) {
			t.Errorf("a name that nobody sees: %v", err)
		}
	})
}

// again reads an actor once more.
func (d *vault) again(a *Actor) *Actor {
	d.t.Helper()
	b := *a
	d.ok(d.DB.QueryRow(d.t.Context(), `select proved from session where id = $1`, a.Session.ID).Scan((*db.Time)(&b.Session.Proved)))
	return &b
}

// TestEnrol is about staff who have no second factor yet: they get one, and the
// whole session with it; and nobody goes round one that is there by now.
func TestEnrol(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), t.Context()
		r := d.account("Ida", Publisher)
		p, other := d.enters(r, single).Pending, d.enters(r, single).Pending
		if p == nil || !p.Enrol() {
			t.Fatal("staff without a second factor are not asked to set one up")
		}
		d.ok(d.BeginTOTP(ctx, p))
		seed, err := d.BegunTOTP(ctx, p, testParty)
		d.ok(err)
		if theirs, err := d.BegunTOTP(ctx, other, testParty); err != nil || theirs != nil {
			t.Errorf("another session sees the seed: %v", err)
		}
		done, err := d.ConfirmTOTP(ctx, p, d.code(seed.Secret, d.Now()), testBrowser)
		d.ok(err)
		if len(done.Codes) != codeCount || done.Entry == nil || done.Entry.Kind != StaffSession || d.visitor(*done.Entry).Actor == nil {
			t.Errorf("the enrolment gave %+v", done)
		}
		// The other session began when there was no factor: it must use the one
		// that there is now.
		if err := d.BeginTOTP(ctx, other); err != nil {
			t.Error(err) // harmless: it is only begun
		}
		theirs, err := d.BegunTOTP(ctx, other, testParty)
		d.ok(err)
		if _, err := d.ConfirmTOTP(ctx, other, d.code(theirs.Secret, d.Now()), testBrowser); !problem.Is(err, problem.Conflict) {
			t.Errorf("a second enrolment goes round the first: %v", err)
		}
		c, err := d.AskNewPasskey(ctx, other, testParty, "", testBrowser)
		d.ok(err)
		key := newSoftKey(t, r.ID)
		if _, err := d.AddPasskey(ctx, other, testParty, Shown{key.create(posed(t, c)), c.Browser.Reveal()}, "", testBrowser); !problem.Is(err, problem.Conflict) {
			t.Errorf("a passkey goes round the second factor: %v", err)
		}
		again := d.enters(r, single).Pending
		if again.Enrol() {
			t.Error("who has a factor is asked to set one up")
		}
		if err := d.BeginTOTP(ctx, again); !problem.Is(err, problem.Conflict) {
			t.Errorf("a pending session changes the second factor: %v", err)
		}
		if d.acts(r.ID, FactorAdded) != 1 {
			t.Error("the enrolment is not in the audit log")
		}
	})
}

// TestEnrolUnderEight has one code confirm a seed eight times at once.
func TestEnrolUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), t.Context()
		p := d.enters(d.account("Ida", Editor), single).Pending
		d.ok(d.BeginTOTP(ctx, p))
		seed, err := d.BegunTOTP(ctx, p, testParty)
		d.ok(err)
		won := eight(t, func(int) error {
			_, err := d.ConfirmTOTP(ctx, p, d.code(seed.Secret, d.Now()), testBrowser)
			return err
		})
		sessions := d.texts(`select kind from session`)
		if w, err := d.Ways(ctx, p.Reader.ID); err != nil || won != 1 || w.Codes != codeCount || len(sessions) != 1 {
			t.Errorf("%d enrolments, %+v, sessions %v (%v)", won, w, sessions, err)
		}
	})
}

// TestSetTOTP is the demo's and the console's way.
func TestSetTOTP(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), context.Background()
		r := d.account("Ida", Editor)
		seed, err := d.SetTOTP(ctx, r.ID)
		d.ok(err)
		p := d.enters(r, single).Pending
		e, err := d.Code(ctx, p, d.code(seed, d.Now()), testBrowser)
		d.ok(err)
		if e.Kind != StaffSession || d.acts(r.ID, FactorAdded) != 1 {
			t.Errorf("the session is %q", e.Kind)
		}
		if _, err := d.SetTOTP(ctx, "nobody"); !problem.Is(err, problem.NotFound) {
			t.Errorf("somebody who is not there gets a seed: %v", err)
		}
	})
}
