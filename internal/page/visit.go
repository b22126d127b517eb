package page

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/problem"
)

const (
	patient   = 4        // times the limit of a file that are read to say how large it is
	maxForm   = 64 << 10 // bytes of a form without files
	maxFields = 100
)

// A Visit is a request of one reader, for pages that are made for that reader
// alone. Unlike a Query it sees cookies; what it leads to is kept by nobody.
type Visit struct {
	w      http.ResponseWriter
	r      *http.Request
	router *Router
	form   url.Values
	files  map[string][]*multipart.FileHeader
	pastes int64 // bytes that a form with files may have; 0: it has none
	text   int64 // bytes that the text of a form may have
	raw    bool  // what is sent may be bytes of no form
	later  bool  // the form is read when the handler asks for it
}

// A Visited answers a Visit.
type Visited func(v *Visit) (*Answer, error)

// Context ends when the reader leaves.
func (v *Visit) Context() context.Context { return v.r.Context() }

// Path returns a part of the path by its name in the route's pattern.
func (v *Visit) Path(name string) string { return v.r.PathValue(name) }

// Get returns a parameter of the address, "" when it was not given or is no
// text.
func (v *Visit) Get(name string) string {
	if s := v.r.URL.Query().Get(name); isText(s) {
		return s
	}
	return ""
}

// Host is the name under which the reader knows us: one of Router.Hosts.
func (v *Visit) Host() string { return v.r.Host }

// Here is the path that was asked for, with its query.
func (v *Visit) Here() string { return v.r.URL.RequestURI() }

// From is the page of ours that led here, as path and query: for a form the one
// that it stands on. It is "" when the browser does not say, or when that page
// was itself the answer to a form.
func (v *Visit) From() string {
	u, err := url.Parse(v.r.Referer())
	if err != nil || u.Host != v.r.Host || !slices.Contains(v.router.allowed(v.r, u.Path), http.MethodGet) {
		return ""
	}
	return u.RequestURI()
}

// Sends reports whether the visit wants to change something: it is no GET.
func (v *Visit) Sends() bool { return !safe(v.r.Method) }

// Field returns a field of the form as it was typed, "" when it was not sent.
func (v *Visit) Field(name string) string { return v.form.Get(name) }

// Fields returns every value of a field.
func (v *Visit) Fields(name string) []string { return v.form[name] }

// Checked reports whether a box of the form is checked.
func (v *Visit) Checked(name string) bool { return v.form.Has(name) }

// Cookie returns the value of one of our cookies, "" when there is none.
func (v *Visit) Cookie(name string) string {
	c, err := v.r.Cookie(v.router.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// Header is what came with the request, for machines that prove there who they are.
func (v *Visit) Header() http.Header { return v.r.Header }

// Agent is what the reader's browser calls itself.
func (v *Visit) Agent() string { return v.r.UserAgent() }

// Accepts is the Accept-Language header.
func (v *Visit) Accepts() string { return v.r.Header.Get("Accept-Language") }

// CrossSite reports whether a page of another site led here.
func (v *Visit) CrossSite() bool { return v.r.Header.Get("Sec-Fetch-Site") == "cross-site" }

// Ahead reports whether nobody looks at the answer, or not yet: only its headers are
// asked for, or a browser fetches what its reader might want next.
func (v *Visit) Ahead() bool { return Ahead(v.r) }

// Ahead is Visit.Ahead for a request.
func Ahead(r *http.Request) bool {
	h := r.Header
	return r.Method == http.MethodHead || h.Get("Sec-Purpose") != "" || h.Get("Purpose") == "prefetch" || h.Get("X-Moz") == "prefetch"
}

// WantsJSON reports whether a script asks and not a person.
func (v *Visit) WantsJSON() bool {
	return strings.Contains(v.r.Header.Get("Accept"), "application/json")
}

// Address is where the request comes from, as Router.Proxies lets us know it.
func (v *Visit) Address() netip.Addr { return v.router.client(v.r) }

// Takes lets the answer take so long: more than the server gives every other one. The
// time for reading counts as well: when it is over, so is the visit's context.
func (v *Visit) Takes(d time.Duration) {
	c, end := http.NewResponseController(v.w), time.Now().Add(d)
	// Where there is no connection (a recorder, in tests) there is no deadline.
	_ = c.SetReadDeadline(end)
	_ = c.SetWriteDeadline(end)
}

// Receive reads the form of a Slow route, which may take so long.
func (v *Visit) Receive(d time.Duration) error {
	v.Takes(d)
	return v.read()
}

// Body reads what was sent when it is no form, such as the answer of a passkey.
func (v *Visit) Body(limit int64) ([]byte, error) {
	b, err := io.ReadAll(http.MaxBytesReader(v.w, v.r.Body, limit))
	return b, tooLarge(err)
}

// Skip reads what was sent and keeps none of it: who must not learn whether it was wanted
// is answered as late as others.
func (v *Visit) Skip(limit int64) error {
	_, err := io.Copy(io.Discard, http.MaxBytesReader(v.w, v.r.Body, limit))
	return tooLarge(err)
}

// File reads the file of a form's field; nil when none was chosen. One that is
// larger than the form may have is a Problem.
func (v *Visit) File(name string) ([]byte, error) {
	for _, f := range v.Files(name) {
		return f.Bytes()
	}
	return nil, nil
}

// A File is one of those that a form has brought.
type File struct {
	Name   string // as the sender calls it
	limit  int64
	header *multipart.FileHeader
}

// Files lists the files of a form's field that have something in them.
func (v *Visit) Files(name string) (list []File) {
	for _, f := range v.files[name] {
		if f.Size > 0 {
			list = append(list, File{f.Filename, v.pastes, f})
		}
	}
	return list
}

// Bytes reads the file. One that is larger than the form may have is a Problem.
func (f File) Bytes() ([]byte, error) {
	if f.header.Size > f.limit {
		const format = "This file has %d MB; the limit is %d. Choose a smaller one."
		args := []any{(f.header.Size + 1<<20 - 1) >> 20, f.limit >> 20}
		return nil, &problem.Problem{Kind: problem.TooLarge, Detail: fmt.Sprintf(format, args...), Format: format, Args: args}
	}
	r, err := f.header.Open()
	if err != nil {
		return nil, fmt.Errorf("open what was sent: %w", err)
	}
	defer r.Close()
	return io.ReadAll(r)
}

// Personal adds a page that is made for the one who asks. No cache keeps it.
// What changes something must come from our own pages (SECURITY D6).
func (rt *Router) Personal(pattern string, h Visited) { rt.visit(pattern, Visit{}, ours, h) }

// Long is Personal for a form whose text may be so many bytes long.
func (rt *Router) Long(pattern string, limit int64, h Visited) {
	rt.visit(pattern, Visit{text: limit}, ours, h)
}

// Upload is Personal for a form with files, of at most limit bytes.
func (rt *Router) Upload(pattern string, limit int64, h Visited) {
	rt.visit(pattern, Visit{pastes: limit}, ours, h)
}

// Slow adds an Upload over a slow line: the form is read when the handler asks for it
// (Receive). By then it knows who sends, and nobody else gets more time than others.
func (rt *Router) Slow(pattern string, limit int64, h Visited) {
	rt.visit(pattern, Visit{pastes: limit, later: true}, ours, h)
}

// Bytes is Personal for what a script sends that is no form, such as a piece of a
// file. The handler reads it with Body, which has the limit.
func (rt *Router) Bytes(pattern string, h Visited) { rt.visit(pattern, Visit{raw: true}, ours, h) }

// Machine adds an address to which other people's servers send a form. It sees
// no cookie, and must prove from what was sent who is there.
func (rt *Router) Machine(pattern string, h Visited) { rt.visit(pattern, Visit{}, theirs, h) }

// MachineBytes is Machine for what is no form. The handler reads it with Body when it has
// seen whether the header is worth it.
func (rt *Router) MachineBytes(pattern string, h Visited) {
	rt.visit(pattern, Visit{later: true}, theirs, h)
}

// A caller is who may use a route: our own pages, or other people's servers.
type caller bool

const (
	ours   caller = false
	theirs caller = true
)

func (rt *Router) visit(pattern string, limits Visit, who caller, h Visited) {
	limits.text = max(limits.text, maxForm)
	rt.routes = append(rt.routes, pattern)
	rt.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		// Whatever happens from here on, it is nobody else's.
		w.Header().Set("Cache-Control", "no-store")
		v := &Visit{w: w, r: r, router: rt, pastes: limits.pastes, text: limits.text, raw: limits.raw, later: limits.later}
		a, err := rt.answer(v, who, h)
		if err != nil {
			rt.fail(w, r, err)
			return
		}
		a.send(v)
	})
}

func (rt *Router) answer(v *Visit, who caller, h Visited) (*Answer, error) {
	if who == theirs {
		v.r.Header.Del("Cookie")
	} else if err := rt.sameOrigin(v.r); err != nil {
		return nil, err
	}
	defer func() {
		if v.r.MultipartForm != nil {
			v.r.MultipartForm.RemoveAll()
		}
	}()
	if !v.later {
		if err := v.read(); err != nil {
			return nil, err
		}
	}
	return h(v)
}

// sameOrigin refuses what another site has made the reader's browser send. A
// browser says where a form comes from, in one of two headers: who sends
// neither is none, and has no business with a reader's cookie.
func (rt *Router) sameOrigin(r *http.Request) error {
	if safe(r.Method) {
		return nil
	}
	foreign := &problem.Problem{Kind: problem.Forbidden, Detail: "This was sent from another site. Open the paper's own page and send it from there."}
	if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
		return foreign
	}
	if err := rt.crossOrigin.Check(r); err != nil {
		foreign.Err = err
		return foreign
	}
	return nil
}

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// read takes the form apart. What is no form is left for Body.
func (v *Visit) read() error {
	if !v.Sends() {
		return nil
	}
	kind, _, err := mime.ParseMediaType(v.r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "application/x-www-form-urlencoded":
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, v.text)
		err = v.r.ParseForm()
		v.form = v.r.PostForm
	case err == nil && kind == "multipart/form-data" && v.pastes > 0:
		// A photo that is somewhat too large is read, so that the form can say so and
		// keep what was typed.
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, patient*v.pastes+maxForm)
		if err = v.r.ParseMultipartForm(v.pastes); err == nil {
			v.form, v.files = v.r.MultipartForm.Value, v.r.MultipartForm.File
		}
	case err == nil && (kind == "application/json" || kind == "application/octet-stream" && v.raw):
		return nil
	case v.r.ContentLength == 0:
		return nil // a button without a field
	default:
		return &problem.Problem{Kind: problem.Unsupported, Detail: "Only what the paper's own forms send can be read here."}
	}
	if err != nil {
		if p := problem.Of(tooLarge(err)); p != nil {
			if v.pastes > 0 {
				p.Detail = "This file is too large. Go back and choose a smaller one."
			}
			return p
		}
		return &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again.", Err: err}
	}
	if len(v.form) > maxFields {
		return &problem.Problem{Kind: problem.TooLarge}
	}
	size := 0
	for name, values := range v.form {
		for _, value := range values {
			if size += len(name) + len(value); size > int(v.text) { // beside a file, too
				return &problem.Problem{Kind: problem.TooLarge}
			}
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
				return &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
			}
		}
	}
	return nil
}

func tooLarge(err error) error {
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return &problem.Problem{Kind: problem.TooLarge, Err: err}
	}
	return err
}

// client is the address of who asks: of the connection, or, where that is one
// of our proxies, the right-most address in X-Forwarded-For that is not.
func (rt *Router) client(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := at.Addr().Unmap().WithZone("")
	if !rt.isProxy(addr) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && rt.isProxy(addr); i-- {
		next, ok := parseHop(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		addr = next.Unmap().WithZone("")
	}
	return addr
}

// parseHop reads an address as proxies write it: some add the port.
func parseHop(hop string) (netip.Addr, bool) {
	if at, err := netip.ParseAddrPort(hop); err == nil {
		return at.Addr(), true
	}
	a, err := netip.ParseAddr(hop)
	return a, err == nil
}

func (rt *Router) isProxy(a netip.Addr) bool {
	for _, p := range rt.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
