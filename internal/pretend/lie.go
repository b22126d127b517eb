package pretend

import (
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"
)

// A Lie is one way in which a provider can be wrong.
type Lie string

// The lies. The first three are of every answer that the paper asks for itself.
const (
	Down     Lie = "it answers 500"
	Slow     Lie = "it does not answer"
	Nonsense Lie = "it answers what is no JSON"

	OtherDiscovery    Lie = "the discovery names another issuer"
	ScriptEndpoint    Lie = "the discovery sends browsers to a script"
	OtherIssuerAnswer Lie = "the answer names another issuer"
	NoIssuerAnswer    Lie = "the answer names no issuer"

	NoToken       Lie = "there is no ID token"
	NoSubject     Lie = "there is no subject"
	OtherIssuer   Lie = "the ID token has another issuer"
	OtherAudience Lie = "the ID token is for another client"
	OtherParty    Lie = "the ID token is for another party"
	OtherNonce    Lie = "the ID token has another nonce"
	NoNonce       Lie = "the ID token has no nonce"
	Expired       Lie = "the ID token is expired"
	Unsigned      Lie = "the ID token has the algorithm none"
	SharedKey     Lie = "the ID token is signed with the client's secret"
	PublicKey     Lie = "the ID token is signed with the public key as if it were a secret"
	OtherKey      Lie = "the ID token is signed with another key"
	OtherUserInfo Lie = "the user info is of somebody else"
	Remembers     Lie = "it says that it asked an hour ago"
	Forgets       Lie = "it does not say when it asked"
)

var raw = base64.RawURLEncoding

// idToken signs who somebody is.
func (p *Provider) idToken(g grant) string {
	now := p.Now()
	said := map[string]any{
		"iss": p.URL, "sub": g.person.ID, "aud": p.Client, "nonce": g.nonce, "name": g.person.Name,
		"iat": now.Unix(), "exp": now.Add(10 * time.Minute).Unix(), "auth_time": g.at.Unix(),
	}
	if g.person.Email != "" {
		said["email"], said["email_verified"] = g.person.Email, g.person.Verified
	}
	head := map[string]string{"alg": "ES256", "kid": "1", "typ": "JWT"}
	p.mu.Lock()
	lie := p.lie
	p.mu.Unlock()
	switch lie {
	case NoSubject:
		delete(said, "sub")
	case OtherIssuer:
		said["iss"] = "https://elsewhere.example"
	case OtherAudience:
		said["aud"] = "another-client"
	case OtherParty:
		said["aud"], said["azp"] = []string{p.Client, "another-client"}, "another-client"
	case OtherNonce:
		said["nonce"] = "another"
	case NoNonce:
		delete(said, "nonce")
	case Expired:
		said["exp"] = now.Add(-time.Second).Unix()
	case Remembers:
		said["auth_time"] = now.Add(-time.Hour).Unix()
	case Forgets:
		delete(said, "auth_time")
	case Unsigned:
		head["alg"] = "none"
	case SharedKey, PublicKey:
		head["alg"] = "HS256"
	}
	signed := part(head) + "." + part(said)
	switch lie {
	case Unsigned:
		return signed + "."
	case SharedKey:
		return signed + "." + raw.EncodeToString(mac([]byte(p.Secret), signed))
	case PublicKey:
		return signed + "." + raw.EncodeToString(mac(p.public(), signed))
	case OtherKey:
		return signed + "." + sign(p.other, signed)
	}
	return signed + "." + sign(p.key, signed)
}

func part(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of text and numbers can be written
	}
	return raw.EncodeToString(b)
}

// sign is a signature as a web token has it: two numbers of 32 bytes (RFC 7518, 3.4).
func sign(key *ecdsa.PrivateKey, text string) string {
	h := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, h[:])
	if err != nil {
		panic(err) // only without randomness
	}
	return raw.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// public is the public key: a byte that says how it is written, and two numbers.
func (p *Provider) public() []byte {
	b, err := p.key.PublicKey.Bytes()
	if err != nil {
		panic(err) // the key is of a curve that has them
	}
	return b
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	b := p.public()
	answer(w, http.StatusOK, map[string]any{"keys": []map[string]string{{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "1", "x": raw.EncodeToString(b[1:33]), "y": raw.EncodeToString(b[33:]),
	}}})
}

// proof is what an app adds to a token of Facebook's to show that it knows its
// secret.
func (p *Provider) proof(token string) string {
	return hex.EncodeToString(mac([]byte(p.Secret), token))
}

// SignedRequest is what Facebook sends to an app about one of its users.
func (p *Provider) SignedRequest(user string, at time.Time) string {
	content := part(map[string]any{"algorithm": "HMAC-SHA256", "user_id": user, "issued_at": at.Unix(), "expires": at.Add(time.Hour).Unix()})
	return raw.EncodeToString(mac([]byte(p.Secret), content)) + "." + content
}
