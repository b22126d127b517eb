package reader

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"kawaraban/internal/fetch"
)

// OIDC are the settings of a provider that speaks OpenID Connect.
type OIDC struct {
	Slug   string
	Label  string
	Issuer string // as the provider writes it, to the last slash
	Client string // who we are there
	Secret string
	HS256  bool // it signs with the secret, and with nothing else (LINE)
}

// Apple wants its answers with a name or an address sent as a form.
const apple = "https://appleid.apple.com"

// minHMAC is the length of the shortest secret that is taken as a key.
const minHMAC = 32

// NewOIDC is a provider that speaks OpenID Connect. It asks nothing of the
// provider yet: the paper opens when the provider is down.
func NewOIDC(o OIDC, c *fetch.Client, now func() time.Time) (*Provider, error) {
	if o.HS256 && len(o.Secret) < minHMAC {
		return nil, fmt.Errorf("the secret of %s is shorter than %d characters, and cannot be a key", o.Slug, minHMAC)
	}
	return &Provider{
		Slug: o.Slug, Label: o.Label, FormPost: o.Issuer == apple,
		talk: &openID{OIDC: o, client: c, now: now},
	}, nil
}

// openID talks to a provider of OpenID Connect. What it has found out about
// the provider is kept for a day.
type openID struct {
	OIDC
	client *fetch.Client
	now    func() time.Time

	mu       sync.Mutex
	found    *discovery
	foundAt  time.Time
	failed   error // why the provider could not be found lately
	failedAt time.Time
}

const (
	foundLife = 24 * time.Hour
	// failedLife is how long a provider that is down is not asked again, so that
	// those who want to log in there do not wait for one another.
	failedLife = 10 * time.Second
)

// discovery is a provider as it has been found.
type discovery struct {
	provider *oidc.Provider
	keys     oidc.KeySet
	metadata
}

// metadata are what a provider says about itself (OpenID Connect Discovery, 3).
type metadata struct {
	Keys     string   `json:"jwks_uri"`
	UserInfo string   `json:"userinfo_endpoint"`
	Scopes   []string `json:"scopes_supported"`
	Methods  []string `json:"token_endpoint_auth_methods_supported"`
	SaysIss  bool     `json:"authorization_response_iss_parameter_supported"`
}

// algorithms are those that a signature may have. "none" is not among them, nor
// is one whose key both sides know.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}

func (o *openID) discover(ctx context.Context) (*discovery, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	if o.found != nil && now.Sub(o.foundAt) < foundLife {
		return o.found, nil
	}
	if o.failed != nil && now.Sub(o.failedAt) < failedLife {
		return nil, o.failed
	}
	d, err := o.ask(ctx)
	if err != nil && ctx.Err() != nil {
		return nil, err // the reader has left; this says nothing about the provider
	}
	if err != nil {
		o.failed, o.failedAt = err, o.now()
		if o.found != nil {
			return o.found, nil // yesterday's are better than none
		}
		return nil, err
	}
	o.found, o.foundAt, o.failed = d, now, nil
	return d, nil
}

func (o *openID) ask(ctx context.Context) (*discovery, error) {
	d := &discovery{}
	var err error
	if d.provider, err = oidc.NewProvider(oidc.ClientContext(ctx, o.client.HTTP()), o.Issuer); err != nil {
		var mismatch *oidc.IssuerMismatchError
		if errors.As(err, &mismatch) {
			return nil, untrue("another issuer in the discovery", err)
		}
		return nil, away("no discovery", err)
	}
	if err := d.provider.Claims(&d.metadata); err != nil {
		return nil, untrue("a discovery that cannot be read", err)
	}
	// The browser is sent there: it must be a page of the web, and as safe as
	// the issuer is.
	u, err := url.Parse(d.provider.Endpoint().AuthURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || strings.HasPrefix(o.Issuer, "https:")) {
		return nil, untrue("an authorization endpoint that is no page", err)
	}
	// The keys are fetched when they are first needed, and outlive this request.
	d.keys = oidc.NewRemoteKeySet(oidc.ClientContext(context.WithoutCancel(ctx), o.client.HTTP()), d.Keys)
	if o.HS256 {
		d.keys = sharedKey(o.Secret)
	}
	return d, nil
}

func (o *openID) config(d *discovery, c call) *oauth2.Config {
	end := d.provider.Endpoint()
	switch {
	case len(d.Methods) == 0:
		end.AuthStyle = oauth2.AuthStyleAutoDetect // who says nothing means the header (Discovery, 3), or should
	case slices.Contains(d.Methods, "client_secret_basic"):
		end.AuthStyle = oauth2.AuthStyleInHeader
	default:
		end.AuthStyle = oauth2.AuthStyleInParams
	}
	scopes := []string{"openid"}
	for _, scope := range []string{"profile", "name", "email"} { // "name" is Apple's
		if slices.Contains(d.Scopes, scope) || len(d.Scopes) == 0 && scope != "name" {
			scopes = append(scopes, scope)
		}
	}
	return &oauth2.Config{ClientID: o.Client, ClientSecret: o.Secret, Endpoint: end, RedirectURL: c.callback, Scopes: scopes}
}

func (o *openID) begin(ctx context.Context, c call) (string, error) {
	d, err := o.discover(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(c.nonce()), oauth2.S256ChallengeOption(c.verifier())}
	if o.Issuer == apple {
		options = append(options, oauth2.SetAuthURLParam("response_mode", "form_post"))
	}
	if c.again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return o.config(d, c).AuthCodeURL(c.state.Reveal(), options...), nil
}

// finish exchanges the code and reads the ID token. The access token is used
// once, to ask for what the ID token leaves out, and kept nowhere.
func (o *openID) finish(ctx context.Context, c call, a Answered) (p persona, err error) {
	d, err := o.discover(ctx)
	if err != nil {
		return p, err
	}
	if a.Issuer != "" && a.Issuer != o.Issuer || a.Issuer == "" && d.SaysIss {
		return p, untrue("another issuer in the answer", nil)
	}
	ctx = oidc.ClientContext(ctx, o.client.HTTP())
	t, err := o.config(d, c).Exchange(ctx, a.Code, oauth2.VerifierOption(c.verifier()))
	if err != nil {
		return p, exchanged(err)
	}
	said, err := o.verify(ctx, d, c, t)
	if err != nil {
		return p, err
	}
	p = persona{issuer: o.Issuer, subject: said.Subject, name: said.Name, email: said.Email, proved: bool(said.Verified)}
	if said.AuthTime > 0 {
		p.asked = time.Unix(said.AuthTime, 0)
	}
	if (said.Name == "" || said.Email == "") && d.UserInfo != "" {
		more, err := o.userInfo(ctx, d, t, said.Subject)
		if err != nil {
			return p, err
		}
		if p.name == "" {
			p.name = more.Name
		}
		if p.email == "" {
			p.email, p.proved = more.Email, bool(more.Verified)
		}
	}
	return p.checked()
}

// claims are what we read of an ID token and of the provider's user info.
type claims struct {
	Subject  string   `json:"sub"`
	Party    string   `json:"azp"`
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	Verified strictly `json:"email_verified"`
	AuthTime int64    `json:"auth_time"`
}

// strictly is true for true and for "true", as Apple writes it, and for nothing
// else.
type strictly bool

// UnmarshalJSON never fails: what is not true is not true.
func (s *strictly) UnmarshalJSON(b []byte) error {
	*s = string(b) == "true" || string(b) == `"true"`
	return nil
}

func (o *openID) verify(ctx context.Context, d *discovery, c call, t *oauth2.Token) (said claims, err error) {
	raw, ok := t.Extra("id_token").(string)
	if !ok {
		return said, untrue("no ID token", nil)
	}
	allowed := algorithms
	if o.HS256 {
		allowed = []string{"HS256"}
	}
	token, err := oidc.NewVerifier(o.Issuer, d.keys, &oidc.Config{ClientID: o.Client, SupportedSigningAlgs: allowed, Now: o.now}).Verify(ctx, raw)
	if err != nil {
		return said, untrue("a wrong ID token", err)
	}
	if err := token.Claims(&said); err != nil {
		return said, untrue("an ID token that cannot be read", err)
	}
	switch {
	case !hmac.Equal([]byte(token.Nonce), []byte(c.nonce())):
		return said, untrue("a wrong nonce", nil)
	case said.Party != "" && said.Party != o.Client, len(token.Audience) > 1 && said.Party == "":
		return said, untrue("an ID token for somebody else", nil)
	}
	if token.AccessTokenHash != "" && !o.HS256 {
		if err := token.VerifyAccessToken(t.AccessToken); err != nil {
			return said, untrue("an access token for somebody else", err)
		}
	}
	return said, nil
}

func (o *openID) userInfo(ctx context.Context, d *discovery, t *oauth2.Token, subject string) (more claims, err error) {
	info, err := d.provider.UserInfo(ctx, oauth2.StaticTokenSource(t))
	if err != nil {
		return more, away("no user info", err)
	}
	if err := info.Claims(&more); err != nil {
		return more, untrue("user info that cannot be read", err)
	}
	if more.Subject != subject {
		return more, untrue("user info of somebody else", nil)
	}
	return more, nil
}

// A sharedKey is a client's secret as the key of a signature (HS256). It is the
// only key of a provider that signs so, and never one beside public keys.
type sharedKey string

// VerifySignature returns the content of a token that is signed with the key.
func (k sharedKey) VerifySignature(_ context.Context, token string) ([]byte, error) {
	dot := max(strings.LastIndexByte(token, '.'), 0)
	signed, signature := token[:dot], strings.TrimPrefix(token[dot:], ".")
	_, content, _ := strings.Cut(signed, ".")
	got, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(k))
	mac.Write([]byte(signed))
	if len(k) < minHMAC || !hmac.Equal(got, mac.Sum(nil)) {
		return nil, errors.New("signed with another key")
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(content)
	if err == nil && !json.Valid(b) {
		err = errors.New("no JSON")
	}
	return b, err
}
