package mail

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"regexp"
)

// minRSA is the shortest RSA key that we sign with, in bits (RFC 8301, 3.2).
const minRSA = 2048

// A Key signs letters, so that those who get them know that they come from the
// paper's domain (DKIM, RFC 6376).
type Key struct {
	selector string
	signer   crypto.Signer // *rsa.PrivateKey or ed25519.PrivateKey
}

var selectorForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// ParseKey reads a private key in PEM: PKCS #8, or PKCS #1 for RSA. The selector
// is the name under which its public half stands in the DNS.
func ParseKey(selector string, text []byte) (Key, error) {
	if !selectorForm.MatchString(selector) {
		return Key{}, settings(fmt.Sprintf("The selector %q of a DKIM key is a name of small letters, digits and hyphens.", selector))
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return Key{}, settings(fmt.Sprintf(`The DKIM key %s is no PEM file; make one with "openssl genpkey -algorithm ed25519".`, selector))
	}
	var parsed any
	var err error
	if block.Type == "RSA PRIVATE KEY" {
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	} else {
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return Key{}, settings(fmt.Sprintf("The DKIM key %s is no private key without a password.", selector))
	}
	switch k := parsed.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < minRSA {
			return Key{}, settings(fmt.Sprintf("The DKIM key %s has %d bits; receivers want %d or more.", selector, k.N.BitLen(), minRSA))
		}
		return Key{selector, k}, nil
	case ed25519.PrivateKey:
		return Key{selector, k}, nil
	}
	return Key{}, settings(fmt.Sprintf("The DKIM key %s is neither RSA nor Ed25519.", selector))
}

// Format prints the key's selector, for every verb.
func (k Key) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "DKIM key %s", k.selector) }

// A Record is what the DNS has to say for receivers to believe a signature.
type Record struct{ Name, Text string }

// Records are what has to stand in the DNS for the sender's keys, as TXT (RFC
// 6376, 3.6.1; RFC 8463, 4).
func (s *Sender) Records() (list []Record, err error) {
	for _, k := range s.Keys {
		kind, public := "ed25519", []byte(nil)
		switch p := k.signer.Public().(type) {
		case ed25519.PublicKey:
			public = p
		default:
			kind = "rsa"
			if public, err = x509.MarshalPKIXPublicKey(p); err != nil {
				return nil, fmt.Errorf("the DKIM key %s: %w", k.selector, err)
			}
		}
		list = append(list, Record{
			Name: k.selector + "._domainkey." + domainOf(s.From),
			Text: "v=DKIM1; k=" + kind + "; p=" + base64.StdEncoding.EncodeToString(public),
		})
	}
	return list, nil
}
