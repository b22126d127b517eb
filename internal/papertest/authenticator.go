package papertest

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// An Authenticator keeps passkeys for the browser of a test, as a telephone
// would for its owner.
type Authenticator struct {
	t   testing.TB
	ctx context.Context
	id  webauthn.AuthenticatorID
}

// NewAuthenticator gives the page of ctx an authenticator inside the computer
// that keeps passkeys, and knows its owner without asking.
func NewAuthenticator(t testing.TB, ctx context.Context) *Authenticator {
	t.Helper()
	a := &Authenticator{t: t, ctx: ctx}
	run(a, webauthn.Enable, webauthn.EnableParams{})
	a.id = run(a, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}}).AuthenticatorID
	return a
}

// Answers makes the authenticator answer by itself, or wait for ever.
func (a *Authenticator) Answers(by bool) {
	a.t.Helper()
	run(a, webauthn.SetAutomaticPresenceSimulation, webauthn.SetAutomaticPresenceSimulationParams{AuthenticatorID: a.id, Enabled: by})
}

// Keys is how many passkeys it keeps.
func (a *Authenticator) Keys() int {
	a.t.Helper()
	return len(run(a, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: a.id}).Credentials)
}

func run[P, R any](a *Authenticator, command cdp.Command[P, R], params P) R {
	a.t.Helper()
	result, err := chromedp.Run(a.ctx, func(ctx context.Context, t *chromedp.Target) (R, error) {
		return cdp.Call(ctx, t, command, params)
	})
	if err != nil {
		a.t.Fatalf("the browser's authenticator: %v", err)
	}
	return result
}
