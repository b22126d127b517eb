package mail

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/emersion/go-msgauth/dkim"
	"pgregory.net/rapid"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

func pemOf(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// keysOf makes a key of each sort.
func keysOf(t *testing.T) []Key {
	t.Helper()
	long, err := rsa.GenerateKey(rand.Reader, minRSA)
	if err != nil {
		t.Fatal(err)
	}
	_, short, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var keys []Key
	for selector, key := range map[string]any{"paper-rsa": long, "paper-ed": short} {
		k, err := ParseKey(selector, pemOf(t, key))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	return keys
}

// TestSigned has a receiver check what we sign, with the records that we ask the
// operator to put into the DNS; and what somebody changed on the way.
func TestSigned(t *testing.T) {
	s := &Sender{From: "paper@paper.example", FromName: "The Paper", Outbox: t.TempDir(), Keys: keysOf(t)}
	m := Message{
		To: "ana@post.example", ToName: "Ana", Subject: "Réservé à vous: " + strings.Repeat("a long line ", 20), Automatic: true,
		Text: "Hello,\n\n" + strings.Repeat("word ", 300) + "\n.\n\n\n", HTML: "<p>Hello</p>",
		List: &List{ID: "daily", Unsubscribe: "https://paper.example/off?" + strings.Repeat("t", 200)},
	}
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(s.Outbox, "*.eml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the outbox holds %v, %v", files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	records, err := s.Records()
	if err != nil {
		t.Fatal(err)
	}
	dns := map[string][]string{}
	for _, r := range records {
		dns[r.Name] = []string{r.Text}
	}
	// good counts the signatures that hold.
	good := func(raw []byte) (n int) {
		found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{
			LookupTXT: func(name string) ([]string, error) { return dns[name], nil },
		})
		if err != nil || len(found) != 2 {
			t.Fatalf("%d signatures, %v\n%s", len(found), err, raw)
		}
		for _, v := range found {
			if v.Domain != "paper.example" {
				t.Errorf("a signature is of %s", v.Domain)
			}
			if v.Err == nil {
				n++
			}
		}
		return n
	}
	if n := good(raw); n != 2 {
		t.Fatalf("%d of 2 signatures hold\n%s", n, raw)
	}
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	if strings.Contains(head, " l=") {
		t.Error("the signature covers a part of the text only")
	}
	for name, change := range map[string]func(string) string{
		"another subject":       func(s string) string { return strings.Replace(s, "\r\nSubject:", "\r\nSubject: x", 1) },
		"a second subject":      func(s string) string { return "Subject: Pay at once\r\n" + s },
		"a second sender":       func(s string) string { return "From: else@other.example\r\n" + s },
		"somebody to answer to": func(s string) string { return "Reply-To: else@other.example\r\n" + s },
		"another way off": func(s string) string {
			return strings.Replace(s, "https://paper.example/off", "https://other.example/off", 1)
		},
		"another text": func(s string) string { return strings.Replace(s, "word word", "word ward", 1) },
		"more text":    func(s string) string { return s + "more\r\n" },
	} {
		if changed := change(string(raw)); changed == string(raw) {
			t.Errorf("%s changes nothing", name)
		} else if n := good([]byte(changed)); n > 0 {
			t.Errorf("%s: %d signatures hold", name, n)
		}
	}
}

// TestBadKeys is about files that are no keys.
func TestBadKeys(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_, good, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		selector string
		text     []byte
		says     string
	}{
		"nothing":         {"s", nil, "no PEM file"},
		"a short key":     {"s", pemOf(t, weak), "1024 bits"},
		"a public key":    {"s", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte{1}}), "no private key"},
		"no selector":     {"", pemOf(t, good), "selector"},
		"a strange name":  {"a b", pemOf(t, good), "selector"},
		"a name with dot": {"a.", pemOf(t, good), "selector"},
	} {
		_, err := ParseKey(test.selector, test.text)
		if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v; want %q", name, err, test.says)
		}
	}
}

// TestSignsWhatReceiversVerify holds our signatures of many letters against the
// library that a receiver could use.
func TestSignsWhatReceiversVerify(t *testing.T) {
	s := &Sender{From: "paper@paper.example", Keys: keysOf(t)}
	dns := map[string][]string{}
	records, err := s.Records()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		dns[r.Name] = []string{r.Text}
	}
	press := s.press()
	word := rapid.SampledFrom([]string{"a", "Word", "é", " ", "  ", "\t", "=", ".", ":", ";", "\r\n", "\r\n\r\n", " \r\n", "\r\n "})
	words := func(n int) *rapid.Generator[string] {
		return rapid.Custom(func(r *rapid.T) string { return strings.Join(rapid.SliceOfN(word, 0, n).Draw(r, "words"), "") })
	}
	unfold := strings.NewReplacer("\r\n", "\r\n\tx")
	rapid.Check(t, func(r *rapid.T) {
		raw := "From: paper@paper.example\r\n"
		for _, name := range rapid.SliceOfN(rapid.SampledFrom([]string{"subject", "Subject", "TO", "List-Id", "List-Unsubscribe", "X-Other", "Precedence"}), 0, 6).Draw(r, "names") {
			raw += name + ":" + unfold.Replace(words(8).Draw(r, "value")) + "\r\n"
		}
		raw += "\r\n" + words(20).Draw(r, "body") + "\r\n"
		letter, err := press.sign(nil, []byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		found, err := dkim.VerifyWithOptions(bytes.NewReader(letter), &dkim.VerifyOptions{
			LookupTXT: func(name string) ([]string, error) { return dns[name], nil },
		})
		if err != nil || len(found) != 2 || found[0].Err != nil || found[1].Err != nil {
			t.Fatalf("%v, %v\n%s", err, found, letter)
		}
		for line := range strings.SplitSeq(string(letter[:len(letter)-len(raw)]), "\r\n") {
			if len(line) > 78 {
				t.Fatalf("a line of %d bytes: %s", len(line), line)
			}
		}
	})
}

// What a receiver gets of a letter to many, over a server, is signed: also what
// begins with a dot, and the way out, which one click takes (RFC 8058, 4).
func TestSignedToMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &papertest.Sink{Keep: true}
		o := officeOf(t, reached(t, "a.example", sink))
		o.Sender.Keys = keysOf(t)
		m := edition()
		m.Text = ".\r\n..\n" + m.Text + "\n.\n\n\n"
		st, err := o.Sender.Stencil(m, twoMarks...)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := st.Fill(nil, Filling{To: "ana@post.example", ID: "1", Values: []string{"token", ".x"}})
		if err != nil {
			t.Fatal(err)
		}
		y := &tray{parcels: []*Parcel{{From: "bounce+1@paper.example", To: "ana@post.example", Raw: raw}}}
		if err := o.Deliver(t.Context(), y.next, y.done); err != nil || sink.Taken() != 1 {
			t.Fatalf("%v, %v", y.outcomes, err)
		}
		records, err := o.Sender.Records()
		if err != nil {
			t.Fatal(err)
		}
		got := sink.Letters()[0]
		found, err := dkim.VerifyWithOptions(bytes.NewReader(got.Raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
			i := slices.IndexFunc(records, func(r Record) bool { return r.Name == name })
			return []string{records[i].Text}, nil
		}})
		if err != nil || len(found) != 2 || found[0].Err != nil || found[1].Err != nil || got.From != "bounce+1@paper.example" {
			t.Fatalf("%v, %v\n%s", err, found, got.Raw)
		}
		for _, v := range found {
			for _, name := range []string{"from", "list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id"} {
				n := 0
				for _, key := range v.HeaderKeys {
					if strings.EqualFold(key, name) {
						n++
					}
				}
				if n != 2 {
					t.Errorf("%s is signed %d times", name, n)
				}
			}
		}
	})
}

// FuzzCanonical finds no body that is taken as it is and would be another in canonical
// form.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"", "\r\n", "a\r\n", "a\r\n\r\n", "a  b\r\n", "a \r\n", "a\tb\r\n", "a\n b\r\n", " a\r\n", "a\r\nb"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if isCanonical(body) && !bytes.Equal(canonicalBody(nil, body), body) {
			t.Errorf("%q is %q", body, canonicalBody(nil, body))
		}
	})
}
