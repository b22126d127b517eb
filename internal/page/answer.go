package page

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Answer is what one reader gets: a page, another address to go to, or data
// for a script, and cookies. A page that is kept for everybody is a Body, which
// has no place for a cookie.
type Answer struct {
	body    *Body
	to      string
	status  int
	kind    string
	content []byte
	name    string // under which a browser saves it, "" for what it shows
	cookies []Cookie
	wait    time.Duration
	onward  string // where a page leads by itself
	stream  func(*Stream) error
	file    io.ReadSeekCloser // a long one, sent from its place
	allowed [][2]string       // directives of the policy that are this page's own
	embeds  bool              // it shows what comes from another site
	open    bool              // pages of other sites may read it
}

// A Cookie is something that the reader's browser keeps for us. Scripts cannot
// read it unless it is open, other sites cannot send it, and it belongs to this
// host alone.
type Cookie struct {
	Name   string
	Value  string        // "" takes the cookie away
	Life   time.Duration // 0: until the browser is closed
	Strict bool          // it does not come along when a link elsewhere leads here
	Open   bool          // our scripts may read it: it says nothing that matters
}

// Show answers with a page.
func Show(b *Body) *Answer { return &Answer{body: b} }

// Wrong answers with a form that could not be taken, and says why (422).
func Wrong(b *Body) *Answer { return &Answer{body: b, status: http.StatusUnprocessableEntity} }

// WithStatus answers with a page and a status of its own.
func WithStatus(b *Body, status int) *Answer { return &Answer{body: b, status: status} }

// SeeOther answers a form that was taken: the reader goes on at this path.
func SeeOther(path string) *Answer { return &Answer{to: path} }

// JSON answers a script.
func JSON(v any) (*Answer, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("answer a script: %w", err)
	}
	return &Answer{kind: "application/json", content: b}, nil
}

// Download answers with a file that the browser saves under this name.
func Download(name, kind string, content []byte) *Answer {
	return &Answer{kind: kind, content: content, name: name}
}

// Picture answers with a picture for one reader, or with another file that a page
// shows. Opened by itself it can do nothing.
func Picture(kind string, content []byte) *Answer {
	return (&Answer{kind: kind, content: content}).Allow("default-src", "'none'").Allow("sandbox", "")
}

// Long answers with a file that a page shows and that is too long to lie in memory; a
// part of it to who asks for a part. It is closed when it has been sent.
func Long(kind string, f io.ReadSeekCloser) *Answer {
	return (&Answer{kind: kind, file: f}).Allow("default-src", "'none'").Allow("sandbox", "")
}

// Nothing answers that there is nothing to show (204).
func Nothing() *Answer { return &Answer{status: http.StatusNoContent} }

// Keep makes the browser keep a cookie.
func (a *Answer) Keep(cookies ...Cookie) *Answer {
	a.cookies = append(a.cookies, cookies...)
	return a
}

// Status gives the answer a status of its own.
func (a *Answer) Status(status int) *Answer {
	a.status = status
	return a
}

// Wait says when it is of use to try again; 0 says nothing.
func (a *Answer) Wait(d time.Duration) *Answer {
	a.wait = d
	return a
}

// Allow gives the page a directive of our Content-Security-Policy of its own, in
// the place of everybody's: "frame-src 'self'" for a page that shows one of ours
// in a frame.
func (a *Answer) Allow(directive, value string) *Answer {
	a.allowed = append(a.allowed, [2]string{directive, value})
	return a
}

// Embeds lets the page show what another site gives to anybody, such as its player, and
// tells that site who we are: some refuse to play for nobody. What may be shown is for
// Allow to say.
func (a *Answer) Embeds() *Answer {
	a.embeds = true
	return a
}

// Anywhere lets the pages of other sites read the answer, which says nothing of who asks.
func (a *Answer) Anywhere() *Answer {
	a.open = true
	return a
}

// policy is the policy of all pages with the page's own directives.
func (a *Answer) policy(all string) string {
	directives := strings.Split(all, "; ")
	for _, own := range a.allowed {
		line := strings.TrimSpace(own[0] + " " + own[1])
		i := slices.IndexFunc(directives, func(d string) bool { return strings.HasPrefix(d, own[0]+" ") })
		if i < 0 {
			directives = append(directives, line)
		} else {
			directives[i] = line
		}
	}
	return strings.Join(directives, "; ")
}

// GoOn makes a page lead to an address of another site by itself.
//
// A form of ours may be sent to us alone (form-action 'self'), and Chromium
// holds every address to which the answer redirects to that rule too: a 303 to
// another site is blocked. A refresh is a navigation of its own, after the form
// has been answered, and needs no hole in the policy. It is a header and not a
// meta element, in which the address would stand inside an attribute's own
// little language. The page shows the address as a link as well, for browsers
// that do not refresh.
func (a *Answer) GoOn(address string) *Answer {
	a.onward = address
	return a
}

func (a *Answer) send(v *Visit) {
	h := v.w.Header()
	for _, c := range a.cookies {
		http.SetCookie(v.w, v.router.cookie(c))
	}
	switch {
	case a.stream != nil:
		v.router.stream(v, a.stream)
		return
	case a.to != "":
		// Not http.Redirect: it would write the address into a page of its own.
		h.Set("Location", a.to)
		v.w.WriteHeader(cmp.Or(a.status, http.StatusSeeOther))
		return
	case a.body != nil:
		content, err := a.body.bytes()
		if err != nil {
			v.router.fail(v.w, v.r, fmt.Errorf("render %s: %w", v.r.URL.Path, err))
			return
		}
		a.kind, a.content = a.body.contentType(), content
		// Tokens stand in some of these addresses, and go to nobody.
		h.Set("Referrer-Policy", "same-origin")
		if a.onward != "" {
			h.Set("Refresh", "0; url="+a.onward)
		}
	}
	if a.kind != "" {
		h.Set("Content-Type", a.kind)
	}
	if a.open {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if a.embeds {
		h.Set("Cross-Origin-Embedder-Policy", "unsafe-none")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	}
	if len(a.allowed) > 0 {
		h.Set("Content-Security-Policy", a.policy(h.Get("Content-Security-Policy")))
	}
	if a.file != nil {
		defer a.file.Close()
		Send(v.w, v.r, time.Time{}, a.file)
		return
	}
	retryAfter(h, a.wait)
	if a.name != "" {
		h.Set("X-Robots-Tag", "noindex") // a file has no place to say it in
		h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", a.name))
	}
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	v.w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		v.w.Write(a.content)
	}
}

// cookieName is how the browser knows one of our cookies. The prefix makes it
// refuse one that another host has set (RFC 6265bis, 4.1.3.2); it wants https.
func (rt *Router) cookieName(name string) string {
	if rt.Secure {
		return "__Host-" + name
	}
	// Without https this is somebody's own machine, where several papers may
	// have one host and differ in the port, which cookies do not look at.
	if len(rt.Hosts) > 0 {
		if _, port, err := net.SplitHostPort(rt.Hosts[0]); err == nil {
			return name + "-" + port
		}
	}
	return name
}

func (rt *Router) cookie(c Cookie) *http.Cookie {
	k := &http.Cookie{
		Name: rt.cookieName(c.Name), Value: c.Value, Path: "/",
		HttpOnly: !c.Open, Secure: rt.Secure, SameSite: http.SameSiteLaxMode, MaxAge: int(c.Life / time.Second),
	}
	if c.Strict {
		k.SameSite = http.SameSiteStrictMode
	}
	if c.Value == "" {
		k.MaxAge = -1
	}
	return k
}

// retryAfter tells when to come back, in whole seconds.
func retryAfter(h http.Header, wait time.Duration) {
	if wait > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64(math.Ceil(wait.Seconds())), 10))
	}
}
