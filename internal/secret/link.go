package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"kawaraban/internal/problem"
)

// maxLink is the length of the longest link's token that we look at.
const maxLink = 512

// Purpose says what a link is good for, and nothing else is it good for.
type Purpose string

const (
	Unsubscribe Purpose = "unsubscribe" // from a list, by whoever got the letter
	Preferences Purpose = "preferences" // to what a subscriber gets, by whoever got a letter
	Preview     Purpose = "preview"     // of an article that is not published
	Report      Purpose = "report"      // of a sponsor's booking
)

// life returns how long a link is good; 0 is for ever.
func (p Purpose) life() time.Duration {
	switch p {
	case Unsubscribe, Preferences, Report:
		return 0 // a letter can be found years later, and must still work; a report is taken back by its number
	case Preview:
		return 7 * 24 * time.Hour
	default:
		return time.Nanosecond // a purpose that nobody has thought about
	}
}

// A Link is what the token in a signed link says. It grants little and names
// nobody: everything that matters more is a Token, which can be taken back.
type Link struct {
	Purpose Purpose
	Subject string    // an id: the subscription's, the article's
	List    string    // a newsletter's id, or ""
	Issued  time.Time // whole seconds
}

// Sign returns the token of a link: the parts of l and a signature
// (HMAC-SHA-256) with the newest key, in characters that are safe in a URL.
func (r *Keyring) Sign(l Link) string {
	k := r.newest()
	b := append([]byte(nil), k.id[:]...)
	b = binary.AppendVarint(b, l.Issued.Unix())
	b = appendText(b, l.Subject)
	b = appendText(b, l.List)
	return base64url.EncodeToString(append(b, k.sign(l.Purpose, b)...))
}

// Verify returns the link of a token that Sign made for this purpose and that
// is still good at now; else a Problem.
func (r *Keyring) Verify(p Purpose, token string, now time.Time) (Link, error) {
	bad := &problem.Problem{Kind: problem.NotFound, Detail: "This link is not valid. It may be cut off: copy it whole."}
	if len(token) > maxLink {
		return Link{}, bad
	}
	b, err := base64url.DecodeString(token)
	if err != nil || len(b) < keyIDSize+sha256.Size {
		return Link{}, bad
	}
	k, ok := r.byID(b[:keyIDSize])
	said, signature := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	if !ok || !hmac.Equal(signature, k.sign(p, said)) {
		return Link{}, bad
	}
	l, ok := parseLink(p, said[keyIDSize:])
	if !ok {
		return Link{}, bad
	}
	if life := p.life(); life > 0 && now.Sub(l.Issued) > life {
		return Link{}, &problem.Problem{Kind: problem.Gone, Detail: "This link is too old. Ask for a new one."}
	}
	return l, nil
}

// sign returns the signature of b for one purpose. The purpose is in the key
// and in the text: a link for one is nothing for another.
func (k key) sign(p Purpose, b []byte) []byte {
	mac := hmac.New(sha256.New, k.derive("link "+string(p)))
	mac.Write(appendText(nil, string(p)))
	mac.Write(b)
	return mac.Sum(nil)
}

// parseLink reads what Sign wrote between the key's id and the signature.
func parseLink(p Purpose, b []byte) (l Link, ok bool) {
	issued, n := binary.Varint(b)
	if n <= 0 {
		return l, false
	}
	l.Purpose, l.Issued = p, time.Unix(issued, 0).UTC()
	if l.Subject, b, ok = cutText(b[n:]); !ok {
		return l, false
	}
	l.List, b, ok = cutText(b)
	return l, ok && len(b) == 0
}

// appendText appends s with its length, so that two texts side by side cannot
// be read as two others.
func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// cutText reads what appendText wrote, and returns the rest.
func cutText(b []byte) (s string, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return "", nil, false
	}
	end := n + int(size)
	return string(b[n:end]), b[end:], true
}
