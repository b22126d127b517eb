package reader

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"kawaraban/internal/fetch"
	"kawaraban/internal/problem"
)

// Facebook are the settings of Facebook Login.
type Facebook struct {
	App       string // the app's id
	Secret    string
	Authorize string // where people log in
	Token     string // where codes are exchanged
	Profile   string // who somebody is: Graph's /me
}

// facebookSlug is Facebook in addresses and in the database.
const facebookSlug = "facebook"

// NewFacebook is Facebook as a provider.
func NewFacebook(f Facebook, c *fetch.Client, now func() time.Time) *Provider {
	return &Provider{Slug: facebookSlug, Label: "Facebook", Facebook: true, talk: &graph{f, c, now}}
}

// graph talks to Facebook.
type graph struct {
	Facebook
	client *fetch.Client
	now    func() time.Time
}

// issuer is under whose name Facebook's ids are kept: they are made for one app,
// and another app has others.
func (g *graph) issuer() string { return "https://www.facebook.com/" + g.App }

func (g *graph) config(c call) *oauth2.Config {
	return &oauth2.Config{
		ClientID: g.App, ClientSecret: g.Secret, RedirectURL: c.callback, Scopes: []string{"public_profile", "email"},
		Endpoint: oauth2.Endpoint{AuthURL: g.Authorize, TokenURL: g.Token, AuthStyle: oauth2.AuthStyleInParams},
	}
}

func (g *graph) begin(_ context.Context, c call) (string, error) {
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(c.verifier())}
	if c.again {
		options = append(options, oauth2.SetAuthURLParam("auth_type", "reauthenticate"), oauth2.SetAuthURLParam("auth_nonce", hexed(c.nonce())))
	}
	return g.config(c).AuthCodeURL(c.state.Reveal(), options...), nil
}

// hexed makes letters and digits of what has other signs too.
func hexed(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:16])
}

// finish exchanges the code and asks who it is for. The address that comes with
// it is never proof: Facebook does not say that it is one.
func (g *graph) finish(ctx context.Context, c call, a Answered) (p persona, err error) {
	t, err := g.config(c).Exchange(context.WithValue(ctx, oauth2.HTTPClient, g.client.HTTP()), a.Code, oauth2.VerifierOption(c.verifier()))
	if err != nil {
		return p, exchanged(err)
	}
	address, err := url.Parse(g.Profile)
	if err != nil {
		return p, away("no profile", err)
	}
	mac := hmac.New(sha256.New, []byte(g.Secret))
	mac.Write([]byte(t.AccessToken))
	q := address.Query()
	q.Set("appsecret_proof", hex.EncodeToString(mac.Sum(nil)))
	address.RawQuery = q.Encode()
	answer, err := g.client.Get(ctx, address.String(), fetch.Options{
		Accept: "application/json", Header: http.Header{"Authorization": {"Bearer " + t.AccessToken}}, MaxBytes: 64 << 10,
	})
	if err != nil {
		return p, away("no profile", err)
	}
	var me struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		Email string `json:"email"`
	}
	if err := json.Unmarshal(answer.Body, &me); err != nil {
		return p, untrue("a profile that cannot be read", err)
	}
	p = persona{issuer: g.issuer(), subject: me.ID, name: me.Name, email: me.Email}
	if c.again {
		// Facebook was told to ask, and tells of no time at which it did.
		p.asked = g.now()
	}
	return p.checked()
}

const maxSigned = 4 << 10

// A signedRequest is what Facebook tells us about one of its users.
type signedRequest struct {
	user   string
	issued time.Time
}

// read reads a signed_request: a signature and what it signs, each in base64url,
// with a dot between them.
func (g *graph) read(signed string) (r signedRequest, err error) {
	forged := &problem.Problem{Kind: problem.Forbidden, Detail: "This is not signed by Facebook."}
	signature, content, found := strings.Cut(signed, ".")
	if !found || len(signed) > maxSigned || strings.ContainsAny(signed, "\r\n") { // a decoder would skip those
		return r, forged
	}
	strict := base64.RawURLEncoding.Strict()
	got, err := strict.DecodeString(signature)
	if err != nil {
		return r, forged
	}
	mac := hmac.New(sha256.New, []byte(g.Secret))
	mac.Write([]byte(content))
	if !hmac.Equal(got, mac.Sum(nil)) {
		return r, forged
	}
	b, err := strict.DecodeString(content)
	if err != nil {
		return r, forged
	}
	var said struct {
		Algorithm string `json:"algorithm"`
		User      string `json:"user_id"`
		Issued    int64  `json:"issued_at"`
	}
	if err := json.Unmarshal(b, &said); err != nil || !strings.EqualFold(said.Algorithm, "HMAC-SHA256") || said.User == "" || said.Issued <= 0 {
		return r, forged
	}
	r = signedRequest{said.User, time.Unix(said.Issued, 0)}
	if len(r.user) > maxSubject || r.issued.After(g.now().Add(skew)) {
		return r, forged
	}
	return r, nil
}
