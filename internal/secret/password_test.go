package secret

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"golang.org/x/crypto/argon2"

	"kawaraban/internal/problem"
)

func TestPassword(t *testing.T) {
	ring := NewKeyring()
	p := NewPasswords(ring)
	const pw = "Brücke über den Fluß" // composed letters
	hash, err := p.Hash(t.Context(), pw)
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("$argon2id$v=19$m=47104,t=2,p=1,keyid=%x$", ring.keys[0].id); !strings.HasPrefix(string(hash), want) {
		t.Errorf("hash %s, want %s…", hash, want)
	}
	parsed, err := p.parse(hash)
	if err != nil {
		t.Fatal(err)
	}
	if string(parsed.sum) == string(argon2.IDKey([]byte(pw), parsed.salt, passes, memory, threads, sumSize)) {
		t.Error("the hash has no pepper")
	}
	newer := NewPasswords(rotated(ring))
	weak := phc{key: ring.newest(), memory: 8 << 10, passes: 1, threads: 1, salt: parsed.salt, sum: make([]byte, sumSize)}
	weak.sum = weak.compute(pw)
	for _, test := range []struct {
		name      string
		p         *Passwords
		pw        Password
		hash      PasswordHash
		ok, stale bool
	}{
		{"right", p, pw, hash, true, false},
		{"right, other bytes", p, "Bru\u0308cke u\u0308ber den Fluß", hash, true, false},
		{"wrong", p, pw + " ", hash, false, false},
		{"empty", p, "", hash, false, false},
		{"no account", p, pw, "", false, false},
		{"older key", newer, pw, hash, true, true},
		{"wrong, older key", newer, "x", hash, false, false},
		{"less work", p, pw, weak.format(), true, true},
	} {
		ok, stale, err := test.p.Check(t.Context(), test.pw, test.hash)
		if err != nil || ok != test.ok || stale != test.stale {
			t.Errorf("%s: %t, %t, %v, want %t, %t", test.name, ok, stale, err, test.ok, test.stale)
		}
	}
	if _, _, err := NewPasswords(NewKeyring()).Check(t.Context(), pw, hash); err == nil {
		t.Error("a hash was checked without its key")
	}
}

func TestParsePasswordHash(t *testing.T) {
	ring := NewKeyring()
	p := NewPasswords(ring)
	h := p.blank()
	good := string(h.format())
	if again, err := p.parse(PasswordHash(good)); err != nil || string(again.format()) != good {
		t.Fatalf("%s comes back as %s, %v", good, again.format(), err)
	}
	for _, edit := range [][2]string{
		{"argon2id", "argon2i"},
		{"v=19", "v=16"},
		{"m=47104", "m=4194304"},
		{"m=47104", "m=0"},
		{"m=47104", "m=-1"},
		{"m=47104", "x=47104"},
		{"t=2", "t=1000"},
		{"p=1", "p=255"},
		{"p=1", "p=1,p=1"},
		{",keyid=", ",key="},
		{"keyid=", "keyid=z"},
		{"$argon", "argon"},
		{good, "x"},
		{good, good + "$x"},
		{good, good[:len(good)-30]},
	} {
		if _, err := p.parse(PasswordHash(strings.Replace(good, edit[0], edit[1], 1))); err == nil {
			t.Errorf("%s for %s is a hash", edit[1], edit[0])
		}
	}
}

// The passwords of tests cost less, and a real one notices.
func TestCheapPasswords(t *testing.T) {
	ring := NewKeyring()
	cheap := CheapPasswords(ring)
	hash, err := cheap.Hash(t.Context(), "mill bridge")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(hash), "$argon2id$v=19$m=1024,t=1,p=1,") {
		t.Errorf("hash %s", hash)
	}
	for _, test := range []struct {
		p     *Passwords
		stale bool
	}{{cheap, false}, {NewPasswords(ring), true}} {
		if ok, stale, err := test.p.Check(t.Context(), "mill bridge", hash); err != nil || !ok || stale != test.stale {
			t.Errorf("%t, %t, %v, want stale %t", ok, stale, err, test.stale)
		}
	}
}

// A few compute, fifty wait, the next is told to come back; who gives up makes
// room for another.
func TestPasswordQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPasswords(NewKeyring())
		var leaves []func()
		for range cap(p.places) {
			leave, err := p.enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			leaves = append(leaves, leave)
		}
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp := make(chan error, maxQueue)
		for range maxQueue {
			go func() {
				_, err := p.enter(ctx)
				gaveUp <- err
			}()
		}
		synctest.Wait()
		if _, err := p.Hash(t.Context(), "x"); !problem.Is(err, problem.Unavailable) || !problem.Is(p.Room(), problem.Unavailable) {
			t.Errorf("in a full queue: %v", err)
		}
		cancel()
		for range maxQueue {
			if err := <-gaveUp; !errors.Is(err, context.Canceled) {
				t.Errorf("who gave up got %v", err)
			}
		}
		for _, leave := range leaves {
			leave()
		}
		synctest.Wait()
		if n := p.waiting.Load(); n != 0 || p.Room() != nil {
			t.Errorf("%d still wait", n)
		}
		leave, err := p.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leave()
	})
}

func FuzzPasswordHash(f *testing.F) {
	p := NewPasswords(NewKeyring())
	f.Add(string(p.blank().format()))
	f.Add("$argon2id$v=19$m=1,t=1,p=1,keyid=00000000$$")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := p.parse(PasswordHash(text))
		if err == nil && (h.memory > maxMemory || h.passes > maxPasses) {
			t.Fatalf("%q costs %d KiB, %d passes", text, h.memory, h.passes)
		}
	})
}

func BenchmarkPassword(b *testing.B) {
	p := NewPasswords(NewKeyring())
	for b.Loop() {
		if _, err := p.Hash(b.Context(), "a password of some length"); err != nil {
			b.Fatal(err)
		}
	}
}
