package reader

import (
	"regexp"
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// TestRecoveryCodes walks a set of codes through its life.
func TestRecoveryCodes(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), t.Context()
		r := d.account("Ana", Member)
		a := d.enters(r, double).Actor
		if _, err := d.NewRecoveryCodes(ctx, a); !problem.Is(err, problem.Conflict) {
			t.Errorf("codes without a factor to stand in for: %v", err)
		}
		_, err := d.SetTOTP(ctx, r.ID)
		d.ok(err)
		list, err := d.NewRecoveryCodes(ctx, a)
		d.ok(err)
		shape, seen := regexp.MustCompile(`^([2-9a-km-np-z]{4}-){3}[2-9a-km-np-z]{4}$`), map[string]bool{}
		for _, code := range list {
			seen[code] = shape.MatchString(code)
		}
		if len(list) != 10 || len(seen) != 10 {
			t.Errorf("the codes are %v", list)
		}
		try := func(code string) error {
			_, err := d.RecoveryCode(ctx, d.enters(r, single).Pending, code, testBrowser)
			return err
		}
		for i, code := range []string{
			list[0], strings.ToUpper(list[1]), strings.ReplaceAll(list[2], "-", ""), " " + strings.ReplaceAll(list[3], "-", " ") + "\t", strings.ReplaceAll(list[4], "-", "—"),
		} {
			if err := try(code); err != nil {
				t.Errorf("code %d, typed as %q: %v", i, code, err)
			}
			if w, err := d.Ways(ctx, r.ID); err != nil || w.Codes != 9-i {
				t.Errorf("%d codes are left (%v)", w.Codes, err)
			}
		}
		if d.acts(r.ID, RecoveryUsed) != 5 || d.letters("A recovery code was used") != 5 {
			t.Error("a recovery code is used in silence")
		}
		for _, code := range []string{list[0], "", "2222-2222-2222-2222", list[5][:len(list[5])-1], list[5] + "2"} {
			if err := try(code); !problem.Is(err, problem.Invalid) || problem.Of(err).Fields["recovery"] == "" {
				t.Errorf("%q: %v", code, err)
			}
		}
		d.clock.Add(5 * codes.every)
		renewed, err := d.NewRecoveryCodes(ctx, d.sure2(a))
		d.ok(err)
		if err := try(list[6]); !problem.Is(err, problem.Invalid) {
			t.Errorf("a code of the old set: %v", err)
		}
		d.ok(try(renewed[0]))
		// A code belongs to one account.
		b := d.account("Bo", Member)
		_, err = d.SetTOTP(ctx, b.ID)
		d.ok(err)
		if _, err := d.RecoveryCode(ctx, d.enters(b, single).Pending, renewed[1], testBrowser); !problem.Is(err, problem.Invalid) {
			t.Errorf("a code of another account: %v", err)
		}
	})
}

// sure2 is the actor as after another proof.
func (d *vault) sure2(a *Actor) *Actor {
	b := *a
	b.Session.Proved = d.Now()
	return &b
}

// TestRecoveryCodesUnderEight sends one code eight times at once.
func TestRecoveryCodesUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), t.Context()
		r := d.account("Ana", Member)
		a := d.enters(r, double).Actor
		_, err := d.SetTOTP(ctx, r.ID)
		d.ok(err)
		list, err := d.NewRecoveryCodes(ctx, a)
		d.ok(err)
		var pending []*Pending
		for range 8 {
			pending = append(pending, d.enters(r, single).Pending)
		}
		won := eight(t, func(i int) error {
			_, err := d.RecoveryCode(ctx, pending[i], list[0], testBrowser)
			return err
		})
		if w, err := d.Ways(ctx, r.ID); err != nil || won != 1 || w.Codes != 9 {
			t.Errorf("one code let %d in and left %d (%v)", won, w.Codes, err)
		}
		// Eight new sets at once leave one set.
		eight(t, func(int) error {
			_, err := d.NewRecoveryCodes(ctx, a)
			return err
		})
		if w, err := d.Ways(ctx, r.ID); err != nil || w.Codes != 10 {
			t.Errorf("eight sets at once leave %d codes (%v)", w.Codes, err)
		}
	})
}
