package reader

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// TestReg_R02_Factors looks for what opens a door in all that the database holds
// of second factors.
//
// Seen red: recovery codes kept as they are; the seed kept beside what is sealed.
func TestReg_R02_Factors(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), t.Context()
		r := d.account("Ana", Member)
		a := d.enters(r, double).Actor
		d.ok(d.BeginTOTP(ctx, a))
		begun, err := d.BegunTOTP(ctx, a, testParty)
		d.ok(err)
		done, err := d.ConfirmTOTP(ctx, a, d.code(begun.Secret, d.Now()), testBrowser)
		d.ok(err)
		key := d.addKey(a, "Key")
		p := d.enters(r, single)
		c, err := d.AskPasskey(ctx, p, testParty, "", testBrowser)
		d.ok(err)
		// Another reader's seed waits to be confirmed.
		b := d.enters(d.account("Bo", Member), double).Actor
		d.ok(d.BeginTOTP(ctx, b))
		waiting, err := d.BegunTOTP(ctx, b, testParty)
		d.ok(err)

		dump := append(d.jobs(), d.texts(`select hash || ' ' || kind || ' ' || reader || ' ' || content from ceremony
			union all select id || ' ' || name || ' ' || credential from passkey
			union all select reader || ' ' || hash from recovery_code
			union all select email || ' ' || totp || ' ' || password from reader
			union all select hash || ' ' || id from session
			union all select key from brake
			union all select detail || ' ' || hash from audit`)...)
		if len(dump) < 20 {
			t.Fatalf("the dump has only %d rows", len(dump))
		}
		all := strings.Join(dump, "\n")
		secrets := map[string]string{"challenge": posed(t, c), "what the browser is known by": c.Browser.Reveal()}
		for _, code := range done.Codes {
			secrets["recovery code "+code] = code
			secrets["recovery code in a row "+code] = strings.ReplaceAll(code, "-", "")
		}
		for name, seed := range map[string]string{"seed": begun.Secret, "seed that waits": waiting.Secret} {
			raw, err := base32.StdEncoding.DecodeString(seed)
			d.ok(err)
			secrets[name], secrets[name+", hex"] = seed, hex.EncodeToString(raw)
			secrets[name+", base64"], secrets[name+", raw"] = base64.RawURLEncoding.EncodeToString(raw), string(raw)
			secrets[name+", base64 of the text"] = base64.RawURLEncoding.EncodeToString([]byte(seed))
		}
		for name, text := range secrets {
			if strings.Contains(all, text) {
				t.Errorf("the database holds the %s", name)
			}
		}
		// What it does hold opens nothing: not as a token, not as a code, not as
		// the browser of a challenge.
		answer := key.get(posed(t, c))
		for _, word := range strings.Fields(all) {
			if v, err := d.Who(ctx, word); err != nil || v.Actor != nil || v.Pending != nil {
				t.Errorf("%q is a session (%v)", word, err)
			}
			d.clock.Add(time.Second)
			if len(word) > 12 && len(word) < 80 {
				if _, err := d.PasskeyFactor(ctx, p.Pending, testParty, Shown{answer, word}, testBrowser); problem.Of(err) == nil {
					t.Errorf("%q is a browser: %v", word, err)
				}
				if codeHash(r.ID, word) == word || strings.Contains(all, codeHash(r.ID, word)) {
					t.Errorf("%q is a recovery code", word)
				}
			}
		}
		// A row that is copied to another account opens nothing there.
		d.ok(d.DB.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update reader set totp = (select totp from reader where id = $1) where id = $2`, r.ID, b.Reader.ID)
			return err
		}))
		q := d.enters(b.Reader, single).Pending
		if _, err := d.Code(ctx, q, d.code(begun.Secret, d.Now()), testBrowser); err == nil {
			t.Error("a seed that was copied to another account opens it")
		}
	})
}
