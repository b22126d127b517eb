package bounce

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/problem"
)

var (
	signedAt = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	secrets  = "a secret of the test"
)

// A call is what a provider would send.
type call struct {
	header http.Header
	raw    string
	secret string
}

// calls makes a good call of each provider, about ana@post.example.
func calls(t *testing.T) map[string]call {
	t.Helper()
	own := `{"id":"call-1","events":[{"kind":"hard","address":"ana@post.example","status":"5.1.1","return_path":"back+1@paper.example"}]}`
	seconds := strconv.FormatInt(signedAt.Unix(), 10)
	mailgun := fmt.Sprintf(`{"signature":{"timestamp":%q,"token":"tok-1","signature":%q},"event-data":{"id":"e1","event":"failed","severity":"permanent","recipient":"ana@post.example",
		"timestamp":1777896000.5,"delivery-status":{"code":550,"enhanced-code":"5.1.1","message":"User unknown"},"message":{"headers":{"message-id":"01J9Z@paper.example"}}}}`,
		seconds, hex.EncodeToString(sum(secrets, seconds, "tok-1")))
	postmark := `{"RecordType":"Bounce","ID":42,"Type":"HardBounce","MessageID":"883953f4","Email":"ana@post.example","Details":"smtp;550 5.1.1 unknown","BouncedAt":"2026-05-04T11:59:00Z"}`
	sendgrid := `[{"email":"ana@post.example","timestamp":1777896000,"event":"bounce","type":"bounce","status":"5.1.1","reason":"550 5.1.1 unknown user","smtp-id":"<01J9Z@paper.example>","sg_event_id":"s1"}]`
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	d := sha256.Sum256([]byte(seconds + sendgrid))
	signature, err := ecdsa.SignASN1(rand.Reader, key, d[:])
	if err != nil {
		t.Fatal(err)
	}
	return map[string]call{
		"kawaraban": {Sign(secrets, []byte(own), signedAt), own, secrets},
		"mailgun":   {http.Header{}, mailgun, secrets},
		"postmark":  {http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("paper:"+secrets))}}, postmark, secrets},
		"sendgrid": {http.Header{
			"X-Twilio-Email-Event-Webhook-Timestamp": {seconds},
			"X-Twilio-Email-Event-Webhook-Signature": {base64.StdEncoding.EncodeToString(signature)},
		}, sendgrid, base64.StdEncoding.EncodeToString(der)},
	}
}

// TestWebhook has each provider prove who it is, and others try to.
func TestWebhook(t *testing.T) {
	all := calls(t)
	if len(all) != len(Providers()) {
		t.Fatalf("%d calls of %d providers", len(all), len(Providers()))
	}
	for _, provider := range Providers() {
		c := all[provider]
		if err := CheckSecret(provider, c.secret); err != nil {
			t.Errorf("%s: %v", provider, err)
		}
		id, events, err := Webhook(provider, c.header, []byte(c.raw), c.secret, signedAt)
		if err != nil || id == "" || len(events) != 1 {
			t.Errorf("%s: %q, %+v, %v", provider, id, events, err)
			continue
		}
		if e := events[0]; e.Kind != Hard || e.Address != "ana@post.example" || e.Status != "5.1.1" {
			t.Errorf("%s: %+v", provider, e)
		}
		if again, _, err := Webhook(provider, c.header, []byte(c.raw), c.secret, signedAt); err != nil || again != id {
			t.Errorf("%s: the same call is %q and then %q, %v", provider, id, again, err)
		}

		refused := func(what string, kind problem.Kind, h http.Header, raw, secret string, at time.Time) {
			if id, events, err := Webhook(provider, h, []byte(raw), secret, at); !problem.Is(err, kind) || id != "" || events != nil {
				t.Errorf("%s, %s: %q, %v, %v", provider, what, id, events, err)
			}
		}
		refused("no secret", problem.NotFound, c.header, c.raw, "", signedAt)
		refused("no proof", problem.Forbidden, http.Header{}, strings.Replace(c.raw, `"signature"`, `"none"`, 1), c.secret, signedAt)
		if provider != "sendgrid" {
			refused("another secret", problem.Forbidden, c.header, c.raw, "another secret of the test", signedAt)
		}
		for name := range c.header {
			if strings.HasSuffix(name, "Signature") || name == "Authorization" {
				h := c.header.Clone()
				h.Set(name, flip(h.Get(name)))
				refused("a flipped letter", problem.Forbidden, h, c.raw, c.secret, signedAt)
			}
		}
		if provider != "postmark" { // which tells no time
			for _, off := range []time.Duration{-maxAge - time.Second, maxAge + time.Second, 24 * time.Hour} {
				refused("at "+off.String(), problem.Forbidden, c.header, c.raw, c.secret, signedAt.Add(off))
			}
			if _, _, err := Webhook(provider, c.header, []byte(c.raw), c.secret, signedAt.Add(maxAge)); err != nil {
				t.Errorf("%s, five minutes late: %v", provider, err)
			}
		}
		if provider == "kawaraban" || provider == "sendgrid" { // the others do not sign what they tell
			refused("another body", problem.Forbidden, c.header, strings.Replace(c.raw, "ana@", "bob@", 1), c.secret, signedAt)
		}
	}
	if _, _, err := Webhook("ses", http.Header{}, nil, secrets, signedAt); !problem.Is(err, problem.NotFound) {
		t.Errorf("a provider that we do not know: %v", err)
	}
}

// flip changes a letter in the middle.
func flip(s string) string {
	b := []byte(s)
	i := len(b) / 2
	if b[i] == 'a' {
		b[i] = 'b'
	} else {
		b[i] = 'a'
	}
	return string(b)
}

// TestMailgunToken flips a letter in a signature that stands in the body.
func TestMailgunToken(t *testing.T) {
	c := calls(t)["mailgun"]
	at := strings.Index(c.raw, `"signature":"`) + 20
	raw := c.raw[:at] + flip(c.raw[at:at+1]) + c.raw[at+1:]
	if _, _, err := Webhook("mailgun", nil, []byte(raw), secrets, signedAt); !problem.Is(err, problem.Forbidden) {
		t.Errorf("a flipped letter: %v", err)
	}
}

// TestTold is about what providers tell.
func TestTold(t *testing.T) {
	for _, test := range []struct {
		provider, raw string
		want          string // kinds, or "unreadable"
	}{
		{"kawaraban", `{"id":"1","events":[{"address":"a@b.example","code":552,"diagnostic":"mailbox full"},{"address":"a@b.example","code":550,"status":"5.7.1"},{"kind":"complaint","message_id":"<x@y>"}]}`, "soft policy complaint"},
		{"kawaraban", `{"id":"1","events":[{"kind":"hard"}]}`, ""},
		{"kawaraban", `{"id":"1","events":[{"kind":"reply","address":"a@b.example"}]}`, "unreadable"},
		{"kawaraban", `{"events":[]}`, "unreadable"},
		{"kawaraban", `[]`, "unreadable"},
		{"kawaraban", `{"id":"` + strings.Repeat("x", 101) + `"}`, "unreadable"},
		{"mailgun", `{"signature":{"token":"1"},"event-data":{"event":"delivered","recipient":"a@b.example"}}`, ""},
		{"mailgun", `{"signature":{"token":"1"},"event-data":{"event":"complained","recipient":"a@b.example"}}`, "complaint"},
		{"mailgun", `{"signature":{"token":"1"},"event-data":{"event":"failed","severity":"temporary","recipient":"a@b.example","delivery-status":{"code":550}}}`, ""},
		{"mailgun", `{"signature":{"token":"1"},"event-data":{"event":"failed","severity":"permanent","recipient":"a@b.example","delivery-status":{"code":605}}}`, "hard"},
		{"mailgun", `{"signature":{"token":"1"},"event-data":{"event":"failed","severity":"permanent","recipient":"a@b.example","delivery-status":{"code":550,"message":"blocked using spamhaus"}}}`, "policy"},
		{"postmark", `{"RecordType":"SpamComplaint","ID":1,"Email":"a@b.example"}`, "complaint"},
		{"postmark", `{"RecordType":"Bounce","ID":1,"Type":"AutoResponder","Email":"a@b.example"}`, ""},
		{"postmark", `{"RecordType":"Bounce","ID":1,"Type":"Blocked","Email":"a@b.example"}`, "policy"},
		{"postmark", `{"RecordType":"SubscriptionChange","Recipient":"a@b.example","SuppressSending":true,"SuppressionReason":"ManualSuppression"}`, "complaint"},
		{"postmark", `{"RecordType":"SubscriptionChange","Recipient":"a@b.example","SuppressSending":false}`, ""},
		{"postmark", `{"RecordType":"Open","Recipient":"a@b.example"}`, ""},
		{"sendgrid", `[{"email":"a@b.example","event":"open"},{"email":"a@b.example","event":"deferred"},{"email":"a@b.example","event":"spamreport"}]`, "complaint"},
		{"sendgrid", `[{"email":"a@b.example","event":"bounce","type":"blocked","status":"5.0.0","reason":"550"}]`, "policy"},
		{"sendgrid", `[{"email":"a@b.example","event":"dropped","reason":"Bounced Address"},{"email":"a@b.example","event":"dropped","reason":"Invalid SMTPAPI header"}]`, "hard policy"},
		{"sendgrid", `{}`, "unreadable"},
	} {
		got := ""
		id, events, err := forms[test.provider].read([]byte(test.raw))
		if err == nil && id != "" && len(id) <= maxID {
			var list []string
			for _, e := range tidy(events) {
				list = append(list, string(e.Kind))
			}
			got = strings.Join(list, " ")
		} else {
			got = "unreadable"
		}
		if got != test.want {
			t.Errorf("%s tells %q with %s; want %q", test.provider, got, test.raw, test.want)
		}
	}
}

// TestSecrets is about secrets with which nothing can be proved.
func TestSecrets(t *testing.T) {
	for _, test := range [][2]string{{"ses", "a secret of the test"}, {"kawaraban", "short"}, {"mailgun", ""}, {"sendgrid", "a secret of the test"}, {"sendgrid", "aGVsbG8="}} {
		if err := CheckSecret(test[0], test[1]); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s with %q: %v", test[0], test[1], err)
		}
	}
}

// FuzzWebhook looks for calls that make it panic, in the forms whose proof does
// not stand in the way.
func FuzzWebhook(f *testing.F) {
	f.Add(`{"id":"1","events":[{"kind":"hard","address":"a@b.example"}]}`)
	f.Add(`{"signature":{"token":"1"},"event-data":{"event":"failed"}}`)
	f.Add(`{"RecordType":"Bounce","ID":1,"Type":"HardBounce","Email":"a@b.example"}`)
	f.Add(`[{"email":"a@b.example","event":"bounce","timestamp":1e300}]`)
	f.Fuzz(func(t *testing.T, raw string) {
		for provider, form := range forms {
			_, events, err := form.read([]byte(raw))
			if err != nil && problem.Of(err) == nil {
				t.Errorf("%s: an error that nobody may see: %v", provider, err)
			}
			for _, e := range tidy(events) {
				if strings.ContainsAny(e.ID+e.Address+e.Diagnostic+e.MessageID+e.ReturnPath+e.Status, "\r\n\x00") {
					t.Errorf("%s: %+v", provider, e)
				}
			}
			if err := form.verify(http.Header{}, []byte(raw), secrets, signedAt); err == nil {
				t.Errorf("%s believes anybody", provider)
			}
		}
	})
}
