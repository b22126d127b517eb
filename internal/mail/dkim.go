package mail

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"regexp"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// minRSA is the shortest RSA key that we sign with, in bits (RFC 8301, 3.2).
const minRSA = 2048

// signed are the fields that a signature covers. Each is named once more than a
// letter of ours has it, so that nobody can add another (RFC 6376, 8.15).
var signed = []string{
	"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
	"Auto-Submitted", "Feedback-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Archive",
}

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

// sign puts a signature of each key before a letter.
func (s *Sender) sign(raw []byte) ([]byte, error) {
	var before bytes.Buffer
	for _, k := range s.Keys {
		signer, err := dkim.NewSigner(&dkim.SignOptions{
			Domain: domainOf(s.From), Selector: k.selector, Signer: k.signer,
			HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
			HeaderKeys: covered(raw),
		})
		if err != nil {
			return nil, fmt.Errorf("sign a letter: %w", err)
		}
		if _, err := signer.Write(raw); err != nil {
			return nil, fmt.Errorf("sign a letter: %w", err)
		}
		if err := signer.Close(); err != nil {
			return nil, fmt.Errorf("sign a letter: %w", err)
		}
		before.WriteString(signer.Signature())
	}
	return append(before.Bytes(), raw...), nil
}

// covered lists the fields of a letter that are signed, each once more than the
// letter has it.
func covered(raw []byte) (names []string) {
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	has := map[string]bool{}
	for line := range bytes.Lines(head) {
		if name, _, ok := bytes.Cut(line, []byte(":")); ok && line[0] != ' ' && line[0] != '\t' {
			has[strings.ToLower(string(name))] = true
		}
	}
	for _, name := range signed {
		if names = append(names, name); has[strings.ToLower(name)] {
			names = append(names, name)
		}
	}
	return names
}
