package richtext

import (
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// maxURL is the longest address that a body may hold, in bytes.
const maxURL = 2048

// addressChars drops what browsers drop from an address and escapes what may
// not stand in one.
var addressChars = strings.NewReplacer("\t", "", "\n", "", "\r", "", " ", "%20", `"`, "%22", "<", "%3C", ">", "%3E", "`", "%60")

// address reads an address from outside, relative to base, and returns it in
// its canonical form, or "" when it is not http, https or a rooted path of
// ours (which only stays one when base is nil). It works as browsers do
// (WHATWG URL): tabs, line breaks and outer control characters are dropped.
func address(s string, base *url.URL) string {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	s = addressChars.Replace(s)
	// Browsers take a backslash for a slash, and so for the start of a host.
	if s == "" || len(s) > maxURL || strings.Contains(s, `\`) {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	if base != nil {
		u = base.ResolveReference(u)
	} else if u.Scheme == "" && u.Host != "" {
		u.Scheme = "https" // "//host/path" without a page that it stood on
	}
	u.User = nil // "https://bank.example@elsewhere.example" is only ever used to deceive
	u.Host = strings.ToLower(u.Host)
	if strings.ContainsFunc(u.Host, func(r rune) bool { return r >= 0x80 }) {
		port := u.Port()
		if u.Host, err = idna.Lookup.ToASCII(u.Hostname()); err != nil {
			return ""
		}
		if port != "" {
			u.Host += ":" + port
		}
	}
	if s = u.String(); !allowedHref(s) || strings.HasPrefix(s, "mailto:") {
		return ""
	}
	return s
}

// link is address that lets mail addresses through, without the subject and
// text that a mailto link may carry.
func link(s string, base *url.URL) string {
	s = strings.TrimSpace(s)
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		to, _, _ := strings.Cut(s[7:], "?")
		if s = "mailto:" + strings.TrimSpace(to); allowedHref(s) {
			return s
		}
		return ""
	}
	return address(s, base)
}

// canonical returns an address as address or link would, or as it is when they
// would not have it: Check then says so.
func canonical(s string, read func(string, *url.URL) string) string {
	if c := read(s, nil); c != "" {
		return c
	}
	return s
}

// allowedHref reports whether a body may hold the link s as it stands: http or
// https with a host and without a user, mailto with an address, or a path that
// starts with one slash.
func allowedHref(s string) bool { return plainAddress(s) || soundAddress(s) }

func soundAddress(s string) bool {
	if len(s) > maxURL || strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == '\\' || r == '"' || r == '<' || r == '>' || r == '`' || invisible(r) || r == '\ufffd'
	}) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.User != nil || u.String() != s {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Hostname() != "" && u.Opaque == ""
	case "mailto":
		at := strings.LastIndexByte(u.Opaque, '@')
		return at > 0 && at < len(u.Opaque)-1 && u.RawQuery == ""
	case "":
		return u.Host == "" && strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//")
	}
	return false
}

// plainAddress reports whether s is an address like most: of http or https, its
// host a name and the rest letters, digits and signs that mean the same however
// they are read. soundAddress finds so too, and takes twenty times as long.
func plainAddress(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(s, "http://")
	}
	end := 0
	for end < len(rest) && (letter(rest[end]) || rest[end] == '.' || rest[end] == '-') {
		end++
	}
	if !ok || end == 0 || len(s) > maxURL || end < len(rest) && rest[end] != '/' {
		return false
	}
	for _, b := range []byte(rest[end:]) {
		if !letter(b) && strings.IndexByte("-._~/?=&+,", b) < 0 {
			return false
		}
	}
	return true
}

// letter reports whether b is a letter or a digit of ASCII.
func letter(b byte) bool {
	return 'a' <= b|0x20 && b|0x20 <= 'z' || '0' <= b && b <= '9'
}

// allowedPicture reports whether s may be the address of a figure: as a link,
// but not a mail address.
func allowedPicture(s string) bool { return allowedHref(s) && !strings.HasPrefix(s, "mailto:") }

// allowedEmbed reports whether s may be the address of an embed: https.
func allowedEmbed(s string) bool { return allowedHref(s) && strings.HasPrefix(s, "https://") }

// display is an address as people read it: without scheme, "www." and the last slash.
func display(address string) string {
	_, s, _ := strings.Cut(address, "://")
	s = strings.TrimPrefix(s, "www.")
	s, _, _ = strings.Cut(s, "?")
	s, _, _ = strings.Cut(s, "#")
	return strings.TrimSuffix(s, "/")
}

// host is the name of the site that an address points at.
func host(address string) string {
	name, _, _ := strings.Cut(display(address), "/")
	return name
}

// absolute makes a path of ours an address that works away from our pages.
func absolute(href string, base *url.URL) string {
	if base == nil || !strings.HasPrefix(href, "/") {
		return href
	}
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	return base.ResolveReference(u).String()
}

// parseBase reads the address that relative links are resolved against; nil
// when there is none that can be used.
func parseBase(s string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	return u
}
