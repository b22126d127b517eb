package site

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

// follow leads on from an edition.
func (s *Site) follow(w http.ResponseWriter, r *http.Request) error {
	code, err := strconv.ParseUint(r.PathValue("edition"), 36, 32)
	if err != nil {
		return &problem.Problem{Kind: problem.NotFound}
	}
	n, err := strconv.Atoi(r.PathValue("link"))
	if err != nil {
		return &problem.Problem{Kind: problem.NotFound}
	}
	to, err := s.Letters.Follow(r.Context(), uint32(code), n, r.PathValue("key"), byMachine(r))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Robots-Tag", "noindex")
	http.Redirect(w, r, s.whole(mailed(to)), http.StatusFound)
	return nil
}

// mailed has a page of ours say that a letter led to it, so that its readers are counted
// as such: mail programs say nothing, and webmail something else.
func mailed(to string) string { return tagged(to, "email") }

// fed is mailed for a feed: the address of its items, never what they are called.
func fed(to string) string { return tagged(to, "feed") }

func tagged(to, medium string) string {
	u, err := url.Parse(to)
	if err != nil || u.Host != "" || !strings.HasPrefix(u.Path, "/category/") {
		return to
	}
	q := u.Query()
	q.Set("utm_medium", medium)
	u.RawQuery = q.Encode()
	return u.String()
}

// byMachine reports whether a request says of itself that nobody sits before it.
func byMachine(r *http.Request) bool {
	return r.Method != http.MethodGet || newsletter.Machine(r.UserAgent()) || page.Ahead(r)
}
