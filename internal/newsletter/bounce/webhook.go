package bounce

import (
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/problem"
)

// An Event is what somebody who sends for the paper tells about one address.
type Event struct {
	ID         string // of this event at its provider, or ""
	Kind       Kind   // never Reply or Other
	Address    string // "" when only the letter is named
	Status     string // "5.1.1", or ""
	Diagnostic string
	MessageID  string    // of our letter, or ""
	ReturnPath string    // of our letter, or ""
	At         time.Time // when it happened; the zero time when nobody says
}

// Limits of a webhook.
const (
	MaxWebhook = 1 << 20 // bytes
	maxEvents  = 1000
	maxAge     = 5 * time.Minute // how wrong a signature's time may be, either way
	maxID      = 100             // bytes
)

// A form is how one provider proves who it is, and how it tells things. Each
// proof covers a time, or the caller's memory of ids is all that stands between
// us and the same call again.
type form struct {
	verify func(h http.Header, raw []byte, secret string, now time.Time) error
	read   func(raw []byte) (id string, events []Event, err error)
}

// forms are the providers that can prove who they are.
var forms = map[string]form{
	"kawaraban": {ownProof, readOwn},
	"mailgun":   {mailgunProof, readMailgun},
	"postmark":  {postmarkProof, readPostmark},
	"sendgrid":  {sendgridProof, readSendgrid},
}

// Providers lists the names that Webhook knows, in alphabetical order.
func Providers() []string { return []string{"kawaraban", "mailgun", "postmark", "sendgrid"} }

var noProof = &problem.Problem{Kind: problem.Forbidden, Detail: "The signature does not fit. See whether the secret is the same at both ends, and the clocks are."}

// Webhook reads a call by which a provider tells what became of letters. It says
// nothing before the call has proved who made it, with the secret that the two
// share (for sendgrid, its public key). The id is the call's own: a caller
// remembers ids for a day, and does nothing for one that it has seen, because
// providers repeat calls and so may others who saw one.
func Webhook(provider string, header http.Header, raw []byte, secret string, now time.Time) (id string, events []Event, err error) {
	f, ok := forms[provider]
	if !ok || secret == "" { // without a secret there is no proof, so there is no webhook
		return "", nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such address."}
	}
	if len(raw) > MaxWebhook {
		return "", nil, &problem.Problem{Kind: problem.TooLarge, Detail: "A call has at most 1 MB. Send the events in several."}
	}
	if err := f.verify(header, raw, secret, now); err != nil {
		return "", nil, err
	}
	id, events, err = f.read(raw)
	if err != nil {
		return "", nil, err
	}
	if len(events) > maxEvents {
		return "", nil, &problem.Problem{Kind: problem.TooLarge, Detail: "A call has at most 1000 events. Send them in several."}
	}
	if id == "" || len(id) > maxID {
		return "", nil, unreadable(nil)
	}
	return id, tidy(events), nil
}

// tidy leaves out what touches nobody and makes all texts short lines.
func tidy(events []Event) (list []Event) {
	for _, e := range events {
		switch e.Kind {
		case Hard, Soft, Policy, Complaint:
		default:
			continue
		}
		e.ID = line(e.ID)
		e.Address, e.MessageID, e.ReturnPath = address(e.Address), bare(e.MessageID), bare(e.ReturnPath)
		e.Status, e.Diagnostic = statusForm.FindString(e.Status), line(e.Diagnostic)
		if e.Address != "" || e.MessageID != "" || e.ReturnPath != "" {
			list = append(list, e)
		}
	}
	return list
}

func unreadable(err error) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: "The call is signed well, but is not in the form that the manual describes.", Err: err}
}

// sum is the HMAC of several texts in a row.
func sum(secret string, parts ...string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	for _, p := range parts {
		mac.Write([]byte(p))
	}
	return mac.Sum(nil)
}

// fresh reports whether a time in seconds is now, or nearly.
func fresh(seconds string, now time.Time) bool {
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return false
	}
	age := now.Sub(time.Unix(n, 0))
	return -maxAge <= age && age <= maxAge
}

// ownProof is a signature over the time and all of the body. There may be
// several, while a secret is being changed.
func ownProof(h http.Header, raw []byte, secret string, now time.Time) error {
	at := h.Get("Kawaraban-Timestamp")
	if !fresh(at, now) {
		return noProof
	}
	want := sum(secret, at, ".", string(raw))
	for part := range strings.SplitSeq(h.Get("Kawaraban-Signature"), ",") {
		text, ok := strings.CutPrefix(strings.TrimSpace(part), "v1=")
		if got, err := hex.DecodeString(text); ok && err == nil && hmac.Equal(got, want) {
			return nil
		}
	}
	return noProof
}

// Sign returns the header fields that prove a call in our own form.
func Sign(secret string, raw []byte, at time.Time) http.Header {
	seconds := strconv.FormatInt(at.Unix(), 10)
	h := http.Header{}
	h.Set("Kawaraban-Timestamp", seconds)
	h.Set("Kawaraban-Signature", "v1="+hex.EncodeToString(sum(secret, seconds, ".", string(raw))))
	return h
}

// readOwn reads our own form: an answer of a mail server is put to the same
// table as everywhere, unless the call says the kind itself.
func readOwn(raw []byte) (id string, events []Event, err error) {
	var call struct {
		ID     string `json:"id"`
		Events []struct {
			ID         string    `json:"id"`
			Kind       Kind      `json:"kind"`
			Address    string    `json:"address"`
			Code       int       `json:"code"`
			Status     string    `json:"status"`
			Diagnostic string    `json:"diagnostic"`
			MessageID  string    `json:"message_id"`
			ReturnPath string    `json:"return_path"`
			At         time.Time `json:"at"`
		} `json:"events"`
	}
	if err := json.Unmarshal(raw, &call); err != nil {
		return "", nil, unreadable(err)
	}
	for i, e := range call.Events {
		switch e.Kind {
		case "":
			e.Kind = Of(e.Code, statusForm.FindString(e.Status), e.Diagnostic)
		case Hard, Soft, Policy, Complaint:
		default:
			return "", nil, unreadable(fmt.Errorf("event %d is of the kind %q", i, e.Kind))
		}
		events = append(events, Event{
			ID: e.ID, Kind: e.Kind, Address: e.Address, Status: e.Status, Diagnostic: e.Diagnostic,
			MessageID: e.MessageID, ReturnPath: e.ReturnPath, At: e.At,
		})
	}
	return call.ID, events, nil
}

// mailgunProof: Mailgun signs a time and a token, and not what it tells. The
// token is the call's id, so that a call that somebody saw is worth nothing.
func mailgunProof(_ http.Header, raw []byte, secret string, now time.Time) error {
	var call struct {
		Signature struct{ Timestamp, Token, Signature string }
	}
	if json.Unmarshal(raw, &call) != nil {
		return noProof
	}
	s := call.Signature
	got, err := hex.DecodeString(s.Signature)
	if err != nil || s.Token == "" || !fresh(s.Timestamp, now) || !hmac.Equal(got, sum(secret, s.Timestamp, s.Token)) {
		return noProof
	}
	return nil
}

// postmarkProof: Postmark signs nothing, but sends the password of the address
// that it was given.
func postmarkProof(h http.Header, _ []byte, secret string, _ time.Time) error {
	text, ok := strings.CutPrefix(h.Get("Authorization"), "Basic ")
	pair, err := base64.StdEncoding.DecodeString(text)
	_, password, both := strings.Cut(string(pair), ":")
	got, want := sha256.Sum256([]byte(password)), sha256.Sum256([]byte(secret))
	if !hmac.Equal(got[:], want[:]) || !ok || err != nil || !both {
		return noProof
	}
	return nil
}

// sendgridProof: SendGrid signs the time and the body with a key of which it
// shows the public half.
func sendgridProof(h http.Header, raw []byte, secret string, now time.Time) error {
	at := h.Get("X-Twilio-Email-Event-Webhook-Timestamp")
	signature, err := base64.StdEncoding.DecodeString(h.Get("X-Twilio-Email-Event-Webhook-Signature"))
	if err != nil || !fresh(at, now) {
		return noProof
	}
	key, err := sendgridKey(secret)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(append([]byte(at), raw...))
	if !ecdsa.VerifyASN1(key, digest[:], signature) {
		return noProof
	}
	return nil
}

func sendgridKey(text string) (*ecdsa.PublicKey, error) {
	der, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("the verification key of SendGrid: %w", err)
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("the verification key of SendGrid: %w", err)
	}
	public, ok := key.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("the verification key of SendGrid is of another sort (%T)", key)
	}
	return public, nil
}

// minSecret is the shortest secret that we make up ourselves, in bytes.
const minSecret = 16

// CheckSecret returns a Problem when no call of a provider can be proved with a
// secret, at the start rather than at the first call.
func CheckSecret(provider, secret string) error {
	switch {
	case forms[provider].verify == nil:
		return &problem.Problem{Kind: problem.Invalid, Detail: "There is no provider " + strconv.Quote(provider) + " of which calls are understood; there are " + strings.Join(Providers(), ", ") + "."}
	case provider == "sendgrid":
		if _, err := sendgridKey(secret); err != nil {
			return &problem.Problem{Kind: problem.Invalid, Detail: "For sendgrid the verification key is needed that its page shows, in Base64.", Err: err}
		}
	case len(secret) < minSecret:
		return &problem.Problem{Kind: problem.Invalid, Detail: fmt.Sprintf("The secret for %s is shorter than %d characters, and can be guessed.", provider, minSecret)}
	}
	return nil
}
