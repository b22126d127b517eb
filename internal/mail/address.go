package mail

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"kawaraban/internal/problem"
)

// Limits of an address, in bytes (RFC 5321, 4.5.3.1; RFC 3696, erratum 1690).
const (
	maxAddress = 254
	maxLocal   = 64
)

// atext are the characters of a mailbox's name, beside letters and digits
// (RFC 5322, 3.2.3).
const atext = "!#$%&'*+-/=?^_`{|}~."

// ParseAddress returns an address as mail servers take it: the mailbox as
// typed, the domain in lower case and ASCII. It is a Problem when there is more
// or less than one plain address: a display name, a comment, quotes, a domain
// in brackets.
//
// It is written by hand because an address is read before we know anything
// about its sender: it looks at each byte once, and its size is checked first.
func ParseAddress(s string) (string, error) {
	bad := &problem.Problem{Kind: problem.Invalid, Detail: "This is not an e-mail address. One looks like name@example.com."}
	if len(s) > maxAddress {
		bad.Detail = "This e-mail address is too long."
		return "", bad
	}
	local, domain, ok := strings.Cut(s, "@")
	if !ok || !isLocal(local) || !utf8.ValidString(domain) {
		return "", bad
	}
	domain, err := idna.Lookup.ToASCII(domain)
	if err != nil || !isDomain(domain) || len(local)+1+len(domain) > maxAddress {
		return "", bad
	}
	return local + "@" + domain, nil
}

// isLocal reports whether s is a dot-atom: what stands before the @.
func isLocal(s string) bool {
	if s == "" || len(s) > maxLocal || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return !alphanumeric(r) && !strings.ContainsRune(atext, r) }) < 0
}

// isDomain reports whether s is a host name of two labels or more that is not
// an address of numbers.
func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' ||
			strings.IndexFunc(l, func(r rune) bool { return !alphanumeric(r) && r != '-' }) >= 0 {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(labels) > 1 && strings.Trim(last, "0123456789") != ""
}

func alphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
