package vast

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Dropped counts what a document had that we do not take.
type Dropped struct {
	Insecure      int // addresses that are not https
	Unreadable    int // addresses that are none, or too long, and events without their place
	Programs      int // VPAID, JavaScript, interactive files, frames: never
	Formats       int // videos that no browser plays
	Verifications int
	Besides       int // overlays, companions, further videos of one ad
}

// add counts what another has.
func (d *Dropped) add(o Dropped) {
	d.Insecure += o.Insecure
	d.Unreadable += o.Unreadable
	d.Programs += o.Programs
	d.Formats += o.Formats
	d.Verifications += o.Verifications
	d.Besides += o.Besides
}

// String says it in words, for the log; "" when nothing was dropped.
func (d Dropped) String() string {
	var said []string
	for _, c := range []struct {
		n         int
		one, many string
	}{
		{d.Insecure, "address that is not https", "addresses that are not https"},
		{d.Unreadable, "address that cannot be read", "addresses that cannot be read"},
		{d.Programs, "program", "programs"},
		{d.Formats, "video in a format that no browser plays", "videos in formats that no browser plays"},
		{d.Verifications, "verification", "verifications"},
		{d.Besides, "overlay, companion or further video", "overlays, companions or further videos"},
	} {
		switch {
		case c.n == 1:
			said = append(said, "1 "+c.one)
		case c.n > 1:
			said = append(said, fmt.Sprintf("%d %s", c.n, c.many))
		}
	}
	return strings.Join(said, ", ")
}

// unsafe are letters that have no place in an address and that servers put there.
var unsafe = strings.NewReplacer(" ", "%20", `"`, "%22", "<", "%3C", ">", "%3E", "`", "%60", `\`, "%5C", "\u2028", "%E2%80%A8", "\u2029", "%E2%80%A9")

// address returns an https address as it may be kept, macros and all, and counts
// what is none. Nothing, and the standard's placeholder for nothing, is not
// counted.
func (d *Dropped) address(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.EqualFold(s, "about:blank") {
		return ""
	}
	if len(s) > maxURL || !utf8.ValidString(s) {
		d.Unreadable++
		return ""
	}
	s = unsafe.Replace(s)
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(u.Host, "[]%"):
		// Whose name has a bracket is a macro, or a number that no ad server is known by.
		d.Unreadable++
		return ""
	case u.Scheme != "https":
		d.Insecure++
		return ""
	}
	return s
}
