package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/problem"
)

// rotated returns a keyring with the keys of r and a newer one.
func rotated(r *Keyring) *Keyring { return &Keyring{append(append([]key(nil), r.keys...), newKey())} }

func TestToken(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		token := NewToken()
		again, ok := ParseToken(token.Reveal())
		if !ok || again != token || len(token.Reveal()) != 43 || seen[token.Reveal()] {
			t.Fatalf("token %q comes back as %q, %t", token.Reveal(), again.Reveal(), ok)
		}
		seen[token.Reveal()] = true
		hash, err := ParseHash(token.Hash().String())
		if err != nil || !hash.Equal(again.Hash()) || hash.Equal(NewToken().Hash()) {
			t.Fatalf("hash %s, %v", hash, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	good := NewToken().Reveal()
	for _, text := range []string{"", "x", good[:42], good + "A", good[:42] + "=", strings.Repeat("+", 43), good[:42] + "\n", strings.Repeat("A", 42) + "B"} {
		if _, ok := ParseToken(text); ok {
			t.Errorf("ParseToken(%q) is a token", text)
		}
	}
	for _, text := range []string{"", "00", strings.Repeat("g", 64), strings.Repeat("0", 65)} {
		if _, err := ParseHash(text); err == nil {
			t.Errorf("ParseHash(%q) is a hash", text)
		}
	}
}

func TestNothingIsPrinted(t *testing.T) {
	token, ring, pw := NewToken(), NewKeyring(), Password("correct horse")
	all := struct {
		Token Token
		Ring  *Keyring
		PW    Password
	}{token, ring, pw}
	asJSON, err := json.Marshal(map[string]any{"token": token, "ring": ring, "pw": pw})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("x", "token", token, "ring", ring, "pw", pw)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "all", all)
	out := fmt.Sprintf("%v %+v %#v %s %q %x %d %v %#v", all, all, all, token, pw, pw, ring, ring, ring) + string(asJSON) + log.String()
	for _, secret := range []string{token.Reveal(), string(pw), fmt.Sprintf("%x", string(pw)), fmt.Sprint(ring.keys[0].secret), fmt.Sprintf("%x", ring.keys[0].secret), strings.Fields(ring.keys[0].String())[1]} {
		if strings.Contains(out, secret) {
			t.Errorf("printed %q in %s", secret, out)
		}
	}
}

func TestSeal(t *testing.T) {
	ring := NewKeyring()
	newer := rotated(ring)
	for _, plain := range []string{"", "JBSWY3DPEHPK3PXP", strings.Repeat("long ", 1000)} {
		sealed := ring.Seal(TOTPSeed, "reader 1", []byte(plain))
		if again := ring.Seal(TOTPSeed, "reader 1", []byte(plain)); again == sealed {
			t.Error("the same text is sealed the same twice")
		}
		for name, r := range map[string]*Keyring{"same": ring, "newer": newer} {
			got, err := r.Open(TOTPSeed, "reader 1", sealed)
			if err != nil || string(got) != plain {
				t.Errorf("%s keyring: %q, %v", name, got, err)
			}
			if r.Stale(sealed) != (r == newer) {
				t.Errorf("%s keyring: stale is wrong", name)
			}
		}
		changed := "A" + string(sealed[1:])
		if sealed[0] == 'A' {
			changed = "B" + string(sealed[1:])
		}
		for name, open := range map[string]func() ([]byte, error){
			"other owner":    func() ([]byte, error) { return ring.Open(TOTPSeed, "reader 2", sealed) },
			"other contents": func() ([]byte, error) { return ring.Open(OAuthToken, "reader 1", sealed) },
			"other keyring":  func() ([]byte, error) { return NewKeyring().Open(TOTPSeed, "reader 1", sealed) },
			"cut":            func() ([]byte, error) { return ring.Open(TOTPSeed, "reader 1", sealed[:len(sealed)-4]) },
			"nothing":        func() ([]byte, error) { return ring.Open(TOTPSeed, "reader 1", "") },
			"changed":        func() ([]byte, error) { return ring.Open(TOTPSeed, "reader 1", Sealed(changed)) },
			"longer":         func() ([]byte, error) { return ring.Open(TOTPSeed, "reader 1", sealed+"AAAA") },
		} {
			if got, err := open(); err == nil {
				t.Errorf("%s: opened as %q", name, got)
			}
		}
	}
}

var issued = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func TestLink(t *testing.T) {
	ring := NewKeyring()
	newer := rotated(ring)
	link := Link{Purpose: Unsubscribe, Subject: "01HQ0000000000000000000001", List: "weekly", Issued: issued}
	token := ring.Sign(link)
	for _, r := range []*Keyring{ring, newer} {
		if got, err := r.Verify(Unsubscribe, token, issued.AddDate(20, 0, 0)); err != nil || got != link {
			t.Errorf("%+v, %v, want %+v", got, err, link)
		}
	}
	if len(token) > 120 {
		t.Errorf("a token of %d characters", len(token))
	}
	if _, err := ring.Verify(Preview, token, issued); !problem.Is(err, problem.NotFound) {
		t.Errorf("as a preview: %v", err)
	}
	if _, err := NewKeyring().Verify(Unsubscribe, token, issued); !problem.Is(err, problem.NotFound) {
		t.Errorf("with other keys: %v", err)
	}
	for i := range token { // one character changed, wherever it is
		changed := token[:i] + string("AB"[(token[i]&1)]) + token[i+1:]
		if changed == token {
			continue
		}
		if l, err := ring.Verify(Unsubscribe, changed, issued); err == nil {
			t.Errorf("character %d changed: %+v", i, l)
		}
	}
	preview := ring.Sign(Link{Purpose: Preview, Subject: "a", Issued: issued})
	if _, err := ring.Verify(Preview, preview, issued.AddDate(0, 0, 7)); err != nil {
		t.Errorf("after seven days: %v", err)
	}
	if _, err := ring.Verify(Preview, preview, issued.AddDate(0, 0, 8)); !problem.Is(err, problem.Gone) {
		t.Errorf("after eight days: %v", err)
	}
	unknown := ring.Sign(Link{Purpose: "login", Subject: "a", Issued: issued})
	if _, err := ring.Verify("login", unknown, issued.Add(time.Second)); !problem.Is(err, problem.Gone) {
		t.Errorf("a purpose that nobody has thought about: %v", err)
	}
	// What is signed cannot be cut in two at another place.
	if ring.Sign(Link{Purpose: Unsubscribe, Subject: "ab", List: "c"}) == ring.Sign(Link{Purpose: Unsubscribe, Subject: "a", List: "bc"}) {
		t.Error("two links have one token")
	}
}

func FuzzLink(f *testing.F) {
	ring := NewKeyring()
	f.Add(ring.Sign(Link{Purpose: Unsubscribe, Subject: "01HQ", List: "weekly", Issued: issued}), []byte("x"))
	f.Add("", []byte{})
	f.Add("AAAA", []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add("=", []byte{2, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, token string, said []byte) {
		if _, err := ring.Verify(Preview, token, issued); err == nil {
			t.Fatalf("%q is a link", token)
		}
		parseLink(Preview, said) // what is behind the signature does not panic either
	})
}

func TestKeyringFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	first, err := OpenKeyring(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	sealed := first.Seal(SigningKey, "paper", []byte("x"))
	if err := AddKey(path); err != nil {
		t.Fatal(err)
	}
	second, err := OpenKeyring(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := second.Open(SigningKey, "paper", sealed); err != nil || string(got) != "x" || !second.Stale(sealed) || len(second.keys) != 2 {
		t.Errorf("after AddKey: %q, %v", got, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".keys-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	_, err = OpenKeyring(path)
	if want := path + ": other users of this machine can read the keys (-rw-r-----); run: chmod 600 " + path + "."; !problem.Is(err, problem.Invalid) || err.Error() != want {
		t.Errorf("readable by others: %v, want %s", err, want)
	}
}

// Eight processes that start at once on a new machine have the same keys.
func TestKeyringFirstStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	ids := make([][keyIDSize]byte, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			ring, err := OpenKeyring(path)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = ring.newest().id
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("different keys: %x", ids)
		}
	}
}

func TestParseKeyringRefuses(t *testing.T) {
	line := newKey().String()
	for text, want := range map[string]string{
		"":                       "holds no key.",
		"# only words\n\n":       "holds no key.",
		line + line:              "line 2: this is not a key, or its id is there twice.",
		line + "x y\n":           "line 2: this is not a key, or its id is there twice.",
		"0a1b2c3d c2hvcnQ=":      "line 1: this is not a key, or its id is there twice.",
		"zzzzzzzz" + line[8:]:    "line 1: this is not a key, or its id is there twice.",
		strings.Repeat("a", 1e6): "holds a line that is too long.",
	} {
		if _, err := ParseKeyring(text); !problem.Is(err, problem.Invalid) || err.Error() != want {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
}
