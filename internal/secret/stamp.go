package secret

import (
	"crypto/hmac"
	"crypto/sha256"
)

// StampSize is the length of a stamp, in bytes: enough where each try costs a
// request or a letter, and little is won.
const StampSize = 8

// Stamp returns a short signature of b for one use, for where a whole Link is too
// long: the return address of a letter, the links of an edition.
func (r *Keyring) Stamp(use string, b []byte) []byte { return r.newest().stamp(use, b) }

// Stamped reports whether a stamp is one of b for this use, by any of our keys.
func (r *Keyring) Stamped(use string, b, stamp []byte) bool {
	for _, k := range r.keys {
		if hmac.Equal(stamp, k.stamp(use, b)) {
			return true
		}
	}
	return false
}

func (k key) stamp(use string, b []byte) []byte {
	mac := hmac.New(sha256.New, k.derive("stamp "+use))
	mac.Write(b)
	return mac.Sum(nil)[:StampSize]
}
