// Package pretend is a provider that is none: it plays Facebook and a provider
// of OpenID Connect, for the demo and for tests.
//
// Whoever is sent there chooses who to be from a few invented people. It keeps
// to the rules as a real one does: codes are good once, for one client and one
// address, and only with the verifier that fits. And it can be told to lie.
package pretend

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// A Person is somebody who does not exist.
type Person struct {
	ID       string
	Name     string
	Email    string // "" tells none
	Verified bool   // what the provider of OpenID Connect says of the address
}

// A Provider is the pretence. Its fields are set before it serves; People and
// lies may be changed with Set and Lie.
type Provider struct {
	URL       string   // where it is reached, without a slash at the end; the issuer too
	Name      string   // what it calls itself on its pages
	Client    string   // the id of its only client, as an app and as a client
	Secret    string   // the client's
	Callbacks []string // what an address to send back to begins with
	Outbox    string   // the folder of letters that /letters shows; "" for none
	Now       func() time.Time

	once   sync.Once
	key    *ecdsa.PrivateKey
	other  *ecdsa.PrivateKey // which nobody knows
	mux    *http.ServeMux
	mu     sync.Mutex
	people []Person
	lie    Lie
	codes  map[string]grant
	tokens map[string]Person
	asked  int
}

// A grant is what a code stands for.
type grant struct {
	person    Person
	callback  string
	challenge string
	nonce     string
	openID    bool
	at        time.Time
}

// Set makes these the people.
func (p *Provider) Set(people ...Person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.people = people
}

// Lie makes the provider lie from now on; "" makes it honest again.
func (p *Provider) Lie(l Lie) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lie = l
}

// Asked is how many requests of the paper's own it has had.
func (p *Provider) Asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

func (p *Provider) lies(l Lie) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lie == l
}

func (p *Provider) start() {
	p.codes, p.tokens = map[string]grant{}, map[string]Person{}
	var err error
	for _, key := range []**ecdsa.PrivateKey{&p.key, &p.other} {
		if *key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			panic(err) // only without randomness
		}
	}
	p.mux = http.NewServeMux()
	p.mux.HandleFunc("GET /.well-known/openid-configuration", p.asks(p.discovery))
	p.mux.HandleFunc("GET /keys", p.asks(p.keys))
	p.mux.HandleFunc("GET /authorize", p.authorize)
	p.mux.HandleFunc("GET /facebook/dialog", p.authorize)
	p.mux.HandleFunc("POST /token", p.asks(p.token))
	p.mux.HandleFunc("POST /facebook/token", p.asks(p.token))
	p.mux.HandleFunc("GET /userinfo", p.asks(p.userInfo))
	p.mux.HandleFunc("GET /facebook/me", p.asks(p.me))
	p.mux.HandleFunc("GET /{$}", p.home)
	if p.Outbox != "" {
		p.mux.HandleFunc("GET /letters", nearby(p.letters))
		p.mux.HandleFunc("GET /letters/{file}", nearby(p.letter))
	}
}

// ServeHTTP serves the pages for people and the answers for papers.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.once.Do(p.start)
	p.mux.ServeHTTP(w, r)
}

// asks is around what the paper itself asks: there the provider can be slow, or
// down.
func (p *Provider) asks(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked++
		lie := p.lie
		p.mu.Unlock()
		switch lie {
		case Down:
			http.Error(w, "the provider is broken", http.StatusInternalServerError)
		case Slow:
			io.Copy(io.Discard, r.Body) // only then does the server notice that somebody has left
			<-r.Context().Done()
		case Nonsense:
			w.Header().Set("Content-Type", "application/json")
			w.Write([]byte(`{"error": `))
		default:
			h(w, r)
		}
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	issuer, authorize := p.URL, p.URL+"/authorize"
	if p.lies(OtherDiscovery) {
		issuer = "https://elsewhere.example"
	}
	if p.lies(ScriptEndpoint) {
		authorize = "javascript:alert(1)//"
	}
	answer(w, http.StatusOK, map[string]any{
		"issuer": issuer, "authorization_endpoint": authorize, "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"userinfo_endpoint": p.URL + "/userinfo", "scopes_supported": []string{"openid", "profile", "email"},
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"ES256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post"},
		"authorization_response_iss_parameter_supported": true,
	})
}

// back sends the browser back to the client.
func (p *Provider) back(w http.ResponseWriter, r *http.Request, more url.Values) {
	to, err := url.Parse(r.FormValue("redirect_uri"))
	if err != nil || !p.mayCall(to.String()) {
		http.Error(w, "The address to send back to is not registered.", http.StatusBadRequest)
		return
	}
	more.Set("state", r.FormValue("state"))
	if r.FormValue("response_mode") == "form_post" {
		p.show(w, "post", postPage{p.Name, to.String(), more})
		return
	}
	q := to.Query()
	for name := range more {
		q.Set(name, more.Get(name))
	}
	to.RawQuery = q.Encode()
	w.Header().Set("Location", to.String())
	w.WriteHeader(http.StatusSeeOther)
}

func (p *Provider) mayCall(address string) bool {
	for _, c := range p.Callbacks {
		if strings.HasPrefix(address, c) {
			return true
		}
	}
	return false
}

// authorize asks who somebody is, and sends them back with a code.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("client_id") != p.Client || r.FormValue("response_type") != "code" || !p.mayCall(r.FormValue("redirect_uri")) {
		http.Error(w, "The client or the address to send back to is not registered.", http.StatusBadRequest)
		return
	}
	openID := r.URL.Path == "/authorize"
	more := url.Values{}
	if openID {
		more.Set("iss", p.URL)
	}
	switch {
	case p.lies(OtherIssuerAnswer):
		more.Set("iss", "https://elsewhere.example")
	case p.lies(NoIssuerAnswer):
		more.Del("iss")
	}
	id := r.FormValue("person")
	if id == "" {
		p.ask(w, r)
		return
	}
	if id == "nobody" {
		more.Set("error", "access_denied")
		p.back(w, r, more)
		return
	}
	code := rand.Text()
	p.mu.Lock()
	for _, person := range p.people {
		if person.ID == id {
			p.codes[code] = grant{
				person: person, callback: r.FormValue("redirect_uri"), challenge: r.FormValue("code_challenge"), nonce: r.FormValue("nonce"),
				openID: openID, at: p.Now(),
			}
			more.Set("code", code)
		}
	}
	p.mu.Unlock()
	p.back(w, r, more)
}

// token exchanges a code, once.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	client, secret, basic := r.BasicAuth()
	if !basic {
		client, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	if client != p.Client || subtle.ConstantTimeCompare([]byte(secret), []byte(p.Secret)) != 1 {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	code := r.FormValue("code")
	p.mu.Lock()
	g, found := p.codes[code]
	delete(p.codes, code)
	token := rand.Text()
	p.tokens[token] = g.person
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	switch {
	case !found, r.FormValue("redirect_uri") != g.callback, base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge,
		g.openID != (r.URL.Path == "/token"), p.Now().Sub(g.at) > time.Minute:
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	said := map[string]any{"access_token": token, "token_type": "bearer", "expires_in": 3600}
	if g.openID && !p.lies(NoToken) {
		said["id_token"] = p.idToken(g)
	}
	answer(w, http.StatusOK, said)
}

// bearer is whose token a request shows.
func (p *Provider) bearer(r *http.Request) (Person, bool) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	defer p.mu.Unlock()
	person, ok := p.tokens[token]
	return person, ok && person.ID != ""
}

func (p *Provider) userInfo(w http.ResponseWriter, r *http.Request) {
	person, ok := p.bearer(r)
	if !ok {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_token"})
		return
	}
	said := map[string]any{"sub": person.ID, "name": person.Name}
	if p.lies(OtherUserInfo) {
		said["sub"] = "somebody-else"
	}
	if person.Email != "" {
		said["email"], said["email_verified"] = person.Email, person.Verified
	}
	answer(w, http.StatusOK, said)
}

// me is Facebook's word on who somebody is.
func (p *Provider) me(w http.ResponseWriter, r *http.Request) {
	person, ok := p.bearer(r)
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || r.FormValue("appsecret_proof") != p.proof(token) {
		answer(w, http.StatusBadRequest, map[string]any{"error": map[string]any{"message": "Invalid OAuth access token.", "code": 190}})
		return
	}
	said := map[string]any{"id": person.ID, "name": person.Name}
	if p.lies(NoSubject) {
		delete(said, "id")
	}
	if person.Email != "" {
		said["email"] = person.Email
	}
	answer(w, http.StatusOK, said)
}
