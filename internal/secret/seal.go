package secret

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"

	"golang.org/x/crypto/chacha20poly1305"
)

// errSealed says no more, for who tampers must not learn more.
var errSealed = errors.New("secret: cannot be opened: made with another key, for something else, or changed")

// Contents says what a sealed text holds.
type Contents string

const (
	TOTPSeed       Contents = "totp seed"
	OAuthToken     Contents = "oauth token"
	WireCredential Contents = "wire credential"
	SigningKey     Contents = "signing key"
	PushAddress    Contents = "push address"
	AuditHead      Contents = "audit head" // sealed to be proved ours, not to be hidden
)

// Sealed is a text that only this paper's keys open (XChaCha20-Poly1305). It
// is safe to store and holds only characters that are safe in a URL.
type Sealed string

// Seal closes plain up. The contents and the owner, such as the reader's id,
// are not in the sealed text but belong to it: it opens for no other owner, so
// that a row copied to another account in the database opens nothing.
func (r *Keyring) Seal(c Contents, owner string, plain []byte) Sealed {
	k := r.newest()
	box := make([]byte, keyIDSize+chacha20poly1305.NonceSizeX, keyIDSize+chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	copy(box, k.id[:])
	nonce := box[keyIDSize:]
	rand.Read(nonce)
	return Sealed(base64url.EncodeToString(k.aead(c).Seal(box, nonce, plain, []byte(owner))))
}

// Open returns what was sealed for the same contents and owner. Its error is a
// fault: what we stored is not what we sealed.
func (r *Keyring) Open(c Contents, owner string, s Sealed) ([]byte, error) {
	box, err := base64url.DecodeString(string(s))
	if err != nil || len(box) < keyIDSize+chacha20poly1305.NonceSizeX {
		return nil, errSealed
	}
	k, ok := r.byID(box[:keyIDSize])
	if !ok {
		return nil, errSealed
	}
	box = box[keyIDSize:]
	plain, err := k.aead(c).Open(nil, box[:chacha20poly1305.NonceSizeX], box[chacha20poly1305.NonceSizeX:], []byte(owner))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// Stale reports whether s was sealed with a key that is not the newest, and is
// to be sealed again when it is next opened.
func (r *Keyring) Stale(s Sealed) bool {
	box, err := base64url.DecodeString(string(s))
	newest := r.newest()
	return err != nil || len(box) < keyIDSize || string(box[:keyIDSize]) != string(newest.id[:])
}

// aead returns the cipher that k has for these contents.
func (k key) aead(c Contents) cipher.AEAD {
	a, err := chacha20poly1305.NewX(k.derive("seal " + string(c)))
	if err != nil {
		panic("secret: " + err.Error()) // only for a key of the wrong size
	}
	return a
}
