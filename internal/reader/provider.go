package reader

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/oauth2"

	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// A Provider is somebody whose word we take on who somebody is, such as Google.
type Provider struct {
	Slug     string // in addresses: "google"
	Label    string // for people: "Google"
	Facebook bool   // it is Facebook, whose users get a region of their own
	FormPost bool   // it sends its answer as a form and not in an address
	talk     talker
}

// A talker speaks one of the two languages of providers: OpenID Connect, and
// Facebook's own.
type talker interface {
	// begin is where the browser is sent.
	begin(ctx context.Context, c call) (address string, err error)
	// finish asks who it is that the provider has sent back.
	finish(ctx context.Context, c call, a Answered) (persona, error)
}

// A call is what one errand says to its provider.
type call struct {
	callback string // where the browser comes back to, exactly
	state    secret.Token
	bound    secret.Token // only we and the browser know it
	again    bool         // the provider is to ask who this is, whatever it remembers
}

// derived is a secret of this errand for one use. It is made from what only
// the browser keeps, so that no secret of an errand lies in the database.
func (c call) derived(use string) string {
	mac := hmac.New(sha256.New, []byte(c.bound.Reveal()))
	mac.Write([]byte(use + " " + c.state.Reveal()))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (c call) nonce() string    { return c.derived("nonce") }
func (c call) verifier() string { return c.derived("pkce") }

// Answered is what a browser brings back from a provider. None of it is believed
// as it is.
type Answered struct {
	Provider string // the slug in the address that was called
	Callback string // that address, without its parameters
	Bound    string // the browser's cookie
	State    string
	Code     string
	Issuer   string // RFC 9207; "" where the provider does not say it
	Error    string
	Nameless string // how to call somebody whose provider tells no name
}

// A persona is who a provider says that somebody is. The key is issuer and
// subject; the address is never one.
type persona struct {
	issuer, subject string
	name            string
	email           string    // in our one spelling, "" when none came
	proved          bool      // the provider says that the address is this person's
	asked           time.Time // when the provider last asked who this is; zero: it does not say
}

// A failure is why a provider's answer was not taken, in the fixed words of the
// audit log.
type failure struct {
	reason string
	err    error
}

func (f failure) Error() string {
	if f.err == nil {
		return f.reason
	}
	return f.reason + ": " + f.err.Error()
}

func (f failure) Unwrap() error { return f.err }

const (
	errAway   = "The provider does not answer at the moment. Nothing was changed. Try again in a few minutes, or log in another way."
	errUntrue = "The provider's answer does not fit what we asked, and was not believed. Nothing was changed. Begin again."
	errDenied = "You did not let the provider tell us who you are. Nothing was changed."
)

// away is the Problem of a provider that cannot be reached or is broken.
func away(reason string, err error) error {
	return &problem.Problem{Kind: problem.Unavailable, Detail: errAway, Err: failure{reason, err}}
}

// untrue is the Problem of an answer that cannot be right.
func untrue(reason string, err error) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: errUntrue, Err: failure{reason, err}}
}

// exchanged turns what went wrong while a code was exchanged into a Problem.
func exchanged(err error) error {
	var answer *oauth2.RetrieveError
	if errors.As(err, &answer) && answer.Response != nil && answer.Response.StatusCode < 500 {
		return untrue("the code was refused", err)
	}
	return away("the code could not be exchanged", err)
}

// maxSubject is the length of the longest name that a provider may have for
// somebody (OpenID Connect Core, 2).
const maxSubject = 255

// checked is p with its parts in the form in which we keep them.
func (p persona) checked() (persona, error) {
	odd := func(r rune) bool { return r <= ' ' || r > '~' }
	if p.subject == "" || len(p.subject) > maxSubject || strings.ContainsFunc(p.subject, odd) {
		return p, untrue("no subject", nil)
	}
	email, err := address(p.email)
	if err != nil {
		email, p.proved = "", false
	}
	p.email = email
	return p, nil
}

// nameOf is the name that a provider tells, as far as it can be one here. One
// that holds an address of mail would tell it to everybody.
func nameOf(told, nameless string) string {
	told = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, told)
	if runes := []rune(told); len(runes) > maxName {
		told = strings.TrimSpace(string(runes[:maxName]))
	}
	name, err := cleanName(told)
	if err != nil || strings.Contains(name, "@") {
		return nameless
	}
	return name
}

// Provider returns one of the paper's providers, a Problem if there is none.
func (s *Store) Provider(slug string) (*Provider, error) {
	for _, p := range s.Providers {
		if p.Slug == slug {
			return p, nil
		}
	}
	return nil, &problem.Problem{Kind: problem.NotFound, Detail: "The paper has no connection with such a provider."}
}
