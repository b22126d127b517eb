package reader

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// TestCode is about when a code is taken: in its step and in the next, once.
func TestCode(t *testing.T) {
	wide := strings.NewReplacer("0", "０", "1", "１", "2", "２", "3", "３", "4", "４", "5", "５", "6", "６", "7", "７", "8", "８", "9", "９")
	for _, test := range []struct {
		name string
		used time.Duration // a code of this age was used before; 1: none
		age  time.Duration // of the code
		typo func(code string) string
		want bool
	}{
		{"of now", 1, 0, nil, true},
		{"of the step before", 1, stepTime * time.Second, nil, true},
		{"two steps old", 1, 2 * stepTime * time.Second, nil, false},
		{"of the step to come", 1, -stepTime * time.Second, nil, false},
		{"used", 0, 0, nil, false},
		{"older than one that was used", 0, stepTime * time.Second, nil, false},
		{"after the one before was used", stepTime * time.Second, 0, nil, true},
		{"with a space", 1, 0, func(c string) string { return " " + c[:3] + " " + c[3:] + "\n" }, true},
		{"with a hyphen", 1, 0, func(c string) string { return c[:3] + "–" + c[3:] }, true},
		{"wide", 1, 0, wide.Replace, true},
		{"one digit short", 1, 0, func(c string) string { return c[:5] }, false},
		{"one digit more", 1, 0, func(c string) string { return c + "0" }, false},
		{"nothing", 1, 0, func(string) string { return "" }, false},
		{"letters", 1, 0, func(string) string { return "abcdef" }, false},
		{"of another seed", 1, 0, func(c string) string { return strings.Map(func(r rune) rune { return '0' + (r-'0'+1)%10 }, c) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newVault(t, papertest.SQLite(t))
			r := d.account("Ana", Member)
			seed, err := d.SetTOTP(t.Context(), r.ID)
			d.ok(err)
			if test.used != 1 {
				_, err := d.Code(t.Context(), d.enters(r, single).Pending, d.code(seed, d.Now().Add(-test.used)), testBrowser)
				d.ok(err)
			}
			code := d.code(seed, d.Now().Add(-test.age))
			if test.typo != nil {
				code = test.typo(code)
			}
			e, err := d.Code(t.Context(), d.enters(r, single).Pending, code, testBrowser)
			if test.want != (err == nil) || err == nil && e.Kind != ReaderSession {
				t.Errorf("%q: %v, %q", code, err, e.Kind)
			}
			if p := problem.Of(err); err != nil && (p == nil || p.Fields["code"] == "" || d.acts(r.ID, FactorFailed) != 1) {
				t.Errorf("it is refused with %v", err)
			}
		})
	}
}

// TestCodeClock is about clocks that jump: no code is taken twice.
func TestCodeClock(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d := newVault(t, base)
		r := d.account("Ana", Member)
		seed, err := d.SetTOTP(t.Context(), r.ID)
		d.ok(err)
		try := func(at time.Time) error {
			_, err := d.Code(t.Context(), d.enters(r, single).Pending, d.code(seed, at), testBrowser)
			return err
		}
		noon := d.Now()
		d.ok(try(noon))
		d.clock.Set(noon.Add(-time.Hour))
		if err := try(d.Now()); !problem.Is(err, problem.Invalid) {
			t.Errorf("the clock went back an hour, and a code of then: %v", err)
		}
		d.clock.Set(noon.Add(time.Second))
		if err := try(noon); !problem.Is(err, problem.Invalid) {
			t.Errorf("the clock is right again, and a code that was used: %v", err)
		}
		d.clock.Set(noon.Add(365 * 24 * time.Hour))
		d.ok(try(d.Now()))
		d.clock.Set(noon.Add(-10 * 365 * 24 * time.Hour))
		if err := try(d.Now()); !problem.Is(err, problem.Invalid) {
			t.Errorf("the clock went back ten years: %v", err)
		}
	})
}

// TestCodeBrake is about guessing: five tries, then one in two minutes. The
// owner in a known browser has tries of their own.
func TestCodeBrake(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), t.Context()
		r := d.account("Ana", Member)
		known := testBrowser
		d.ok(d.DB.Tx(ctx, func(tx *db.Tx) error {
			e, err := d.enter(ctx, tx, d.mustByID(tx, r.ID), "password", double, testBrowser)
			known.Known = e.Known.Reveal()
			return err
		}))
		seed, err := d.SetTOTP(ctx, r.ID)
		d.ok(err)
		p := d.enters(r, single).Pending
		for i := range 5 {
			if _, err := d.Code(ctx, p, "000000", testBrowser); !problem.Is(err, problem.Invalid) {
				t.Fatalf("try %d: %v", i+1, err)
			}
		}
		for _, try := range []func() (Entry, error){
			func() (Entry, error) { return d.Code(ctx, p, d.code(seed, d.Now()), testBrowser) },
			func() (Entry, error) { return d.RecoveryCode(ctx, p, "2345-2345-2345-2345", testBrowser) },
		} {
			if _, err := try(); !problem.Is(err, problem.TooMany) || problem.Of(err).Wait != codes.every {
				t.Errorf("the sixth try: %v", err)
			}
		}
		if _, err := d.Code(ctx, d.enters(r, single).Pending, d.code(seed, d.Now()), known); err != nil {
			t.Errorf("the owner in a known browser: %v", err)
		}
		d.clock.Add(codes.every)
		if _, err := d.Code(ctx, p, d.code(seed, d.Now()), testBrowser); err != nil {
			t.Errorf("after the wait: %v", err)
		}
		// The right code has let go of the brake.
		p = d.enters(r, single).Pending
		for i := range 5 {
			if _, err := d.Code(ctx, p, "000000", testBrowser); !problem.Is(err, problem.Invalid) {
				t.Errorf("after the right code, try %d: %v", i+1, err)
			}
		}
	})
}

// TestCodeUnderEight sends one code eight times at once, in one pending session
// and in eight.
func TestCodeUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), t.Context()
		for _, sessions := range []int{1, 8} {
			r := d.account([]string{1: "Ana", 8: "Bo"}[sessions], Member)
			seed, err := d.SetTOTP(ctx, r.ID)
			d.ok(err)
			var list []*Pending
			for range sessions {
				list = append(list, d.enters(r, single).Pending)
			}
			code := d.code(seed, d.Now())
			if won := eight(t, func(i int) error {
				_, err := d.Code(ctx, list[i%sessions], code, testBrowser)
				return err
			}); won != 1 {
				t.Errorf("one code in %d sessions let %d in", sessions, won)
			}
		}
	})
}

// TestBegun is about a seed that is not confirmed: for how long it waits, and
// for whom.
func TestBegun(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), t.Context()
		r := d.account("Ana", Member)
		a := d.enters(r, double).Actor
		if seed, err := d.BegunTOTP(ctx, a, testParty); seed != nil || err != nil {
			t.Errorf("nothing is begun, and there is a seed (%v)", err)
		}
		if _, err := d.ConfirmTOTP(ctx, a, "123456", testBrowser); !problem.Is(err, problem.Gone) {
			t.Errorf("nothing is begun, and confirmed: %v", err)
		}
		d.ok(d.BeginTOTP(ctx, a))
		first, err := d.BegunTOTP(ctx, a, testParty)
		d.ok(err)
		d.ok(d.BeginTOTP(ctx, a))
		seed, err := d.BegunTOTP(ctx, a, testParty)
		d.ok(err)
		if first.Secret == seed.Secret {
			t.Error("who begins again gets the same seed")
		}
		if _, err := d.ConfirmTOTP(ctx, a, d.code(first.Secret, d.Now()), testBrowser); !problem.Is(err, problem.Invalid) {
			t.Errorf("a code of the seed before: %v", err)
		}
		if d.fresh(r.ID).TOTP {
			t.Fatal("one-time codes are on before a code has shown that the seed arrived")
		}
		late := *a
		late.Session.Proved = d.Now().Add(seedLife)
		d.clock.Add(seedLife)
		if _, err := d.ConfirmTOTP(ctx, &late, d.code(seed.Secret, d.Now()), testBrowser); !problem.Is(err, problem.Gone) {
			t.Errorf("after a quarter of an hour: %v", err)
		}
		d.ok(d.BeginTOTP(ctx, &late))
		seed, err = d.BegunTOTP(ctx, &late, testParty)
		d.ok(err)
		done, err := d.ConfirmTOTP(ctx, &late, d.code(seed.Secret, d.Now()), testBrowser)
		d.ok(err)
		if len(done.Codes) != codeCount || done.Entry != nil || !d.fresh(r.ID).TOTP || d.letters("asked for when you log in") != 1 {
			t.Errorf("turning it on gave %+v", done)
		}
		// The code that turned it on does not log in as well.
		if _, err := d.Code(ctx, d.enters(r, single).Pending, d.code(seed.Secret, d.Now()), testBrowser); !problem.Is(err, problem.Invalid) {
			t.Errorf("the code that turned it on logs in: %v", err)
		}
		d.ok(d.BeginTOTP(ctx, &late))
		seed, err = d.BegunTOTP(ctx, &late, testParty)
		d.ok(err)
		if _, err := d.ConfirmTOTP(ctx, &late, d.code(seed.Secret, d.Now()), testBrowser); !problem.Is(err, problem.Conflict) {
			t.Errorf("another seed takes the place of the one that is on: %v", err)
		}
	})
}

// TestSeed is about what an app is told: the link, the text and the picture.
func TestSeed(t *testing.T) {
	k := seedOf("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", Party{Name: "Post: & Tide"}, Reader{Email: "ana+x@post.example", Handle: "ana"})
	if k.Text() != "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP" {
		t.Errorf("the text is %q", k.Text())
	}
	u, err := url.Parse(k.Link)
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Post  & Tide:ana+x@post.example" || u.Query().Get("secret") != k.Secret || u.Query().Get("issuer") != "Post  & Tide" || strings.Contains(u.RawQuery, "+") {
		t.Errorf("the link is %s", k.Link)
	}
	if k := seedOf("X", testParty, Reader{Handle: "ana"}); !strings.Contains(k.Link, ":ana?") {
		t.Errorf("without an address the link is %s", k.Link)
	}
	modules, err := k.QR()
	if err != nil {
		t.Fatal(err)
	}
	n := len(modules)
	if (n-17)%4 != 0 || len(modules[0]) != n {
		t.Fatalf("the picture is %d by %d", n, len(modules[0]))
	}
	finder := [7]string{"#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"}
	for _, corner := range [][2]int{{0, 0}, {n - 7, 0}, {0, n - 7}} {
		for y, row := range finder {
			for x, want := range row {
				if modules[corner[1]+y][corner[0]+x] != (want == '#') {
					t.Fatalf("the finder pattern at %v is wrong in row %d", corner, y)
				}
			}
		}
	}
	// The modules are the library's own picture of that size.
	key, err := otp.NewKeyFromURL(k.Link)
	if err != nil {
		t.Fatal(err)
	}
	img, err := key.Image(n, n)
	if err != nil {
		t.Fatal(err)
	}
	for y, row := range modules {
		for x, is := range row {
			if is != dark(img, x, y) {
				t.Fatalf("the module at %d, %d is not the library's", x, y)
			}
		}
	}
}

// FuzzTyped is about what people type where a code is asked for.
func FuzzTyped(f *testing.F) {
	f.Add("123 456")
	f.Add("Ｋ３ＭＮ－９ｘｑａ")
	f.Add("\xff\x00")
	f.Fuzz(func(t *testing.T, text string) {
		once := typed(text)
		if _, ok := matching("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", text, time.Unix(1_700_000_000, 0)); ok && len(once) != 6 {
			t.Errorf("%q is a code", text)
		}
	})
}
