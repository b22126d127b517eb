package site

import (
	"net/url"
	"strings"
)

// maxNext is the length of the longest address that somebody is sent back to.
const maxNext = 1000

// safeNext is where to send somebody who came with this address: a page of ours,
// or the front page. Whoever makes the link must not choose another site
// (SECURITY R26), whatever a browser makes of the spelling.
func safeNext(next string) string {
	const front = "/"
	if len(next) > maxNext || !strings.HasPrefix(next, "/") {
		return front
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return front
	}
	for _, path := range []string{next, u.Path, u.EscapedPath()} {
		if strings.HasPrefix(path, "//") || strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
			return front
		}
	}
	if strings.HasPrefix(u.Path, "/logout") || strings.HasPrefix(u.Path, "/login") || strings.HasPrefix(u.Path, "/connect") {
		return front // that would lead round in a circle
	}
	u.Fragment = ""
	return u.String()
}
