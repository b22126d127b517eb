package newsroom

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

// places are what patterns leave open.
var places = regexp.MustCompile(`\{\w+\}`)

func problemPage(p *problem.Problem, _ string) (*page.Body, error) {
	return page.Text("text/plain", []byte(p.Error())), nil
}

// TestRights holds the table of rights against a list, every route of the
// newsroom against the table, and every route against everybody who may come.
//
// Seen red: a route that asks for nothing; askLogin for those whose second factor
// is missing; May left out.
func TestRights(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	var table strings.Builder
	listed := map[string]bool{"GET /newsroom/assets/{file}": true}
	for _, r := range h.rights {
		fmt.Fprintf(&table, "%-52s %s\n", r.Pattern, r.Permission)
		listed[r.Pattern] = true
	}
	papertest.Golden(t, "rights.txt", table.String())
	for _, pattern := range h.handler.(*page.Router).Routes() {
		if strings.Contains(pattern, " /newsroom") != listed[pattern] {
			t.Errorf("%s has no rights, or is no address of the newsroom", pattern)
		}
	}

	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		people := map[reader.Role]string{}
		for _, role := range reader.Roles() {
			people[role] = h.hires("the-"+string(role), role)
		}
		for _, r := range h.rights {
			method, target, _ := strings.Cut(r.Pattern, " ")
			target = places.ReplaceAllString(target, "x")
			next := target
			if method != http.MethodGet {
				next = "/newsroom"
			}
			login := "/login?" + url.Values{"next": {next}}.Encode()
			factor := "/login/second-factor?" + url.Values{"next": {next}}.Encode()
			leads := func(who, token, to string) {
				t.Helper()
				res, _ := h.asks(method, target, token)
				if got := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || got != to {
					t.Errorf("%s, %s: %d to %q, want %q", r.Pattern, who, res.StatusCode, got, to)
				}
			}
			leads("nobody", "", login)
			leads("a token that nobody has", secret.NewToken().Reveal(), login)
			for _, role := range reader.Roles() {
				leads(string(role)+", pending", h.session(people[role], reader.PendingSession), factor)
				if role.Staff() {
					leads(string(role)+" with a reader's session", h.session(people[role], reader.ReaderSession), login)
				}
				res, body := h.asks(method, target, h.own(people[role], role))
				if may := res.StatusCode != http.StatusForbidden; may != (role.May(r.Permission) && role.May(reader.MayEnter)) {
					t.Errorf("%s, %s: %d", r.Pattern, role, res.StatusCode)
				} else if !may && !strings.Contains(body, "work") {
					t.Errorf("%s, %s is refused without a word\n%s", r.Pattern, role, body)
				} else if strings.HasPrefix(res.Header.Get("Location"), "/login") {
					t.Errorf("%s, %s must log in", r.Pattern, role)
				}
			}
			if method == http.MethodGet {
				continue
			}
			res, _ := h.asks(method, target, h.own(people[reader.Publisher], reader.Publisher), "Sec-Fetch-Site", "cross-site")
			if res.StatusCode != http.StatusForbidden {
				t.Errorf("%s is taken from another site: %d", r.Pattern, res.StatusCode)
			}
		}
	})
}

// TestBack is about where a log-in leads back: to a form's page, never to the
// form's own address.
func TestBack(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	for _, test := range []struct{ method, target, from, next string }{
		{"GET", "/newsroom/moderation/held?after=x", "", "/newsroom/moderation/held?after=x"},
		{"POST", "/newsroom/moderation/held/x", here + "/newsroom/moderation/held?after=x", "/newsroom/moderation/held?after=x"},
		{"POST", "/newsroom/moderation/held/x", "https://evil.example/newsroom/moderation", "/newsroom"},
		{"POST", "/newsroom/moderation/held/x", here + "/newsroom/moderation/held/x", "/newsroom/moderation/held/x"},
		{"POST", "/newsroom/moderation/held/x", "", "/newsroom"},
	} {
		res, _ := h.asks(test.method, test.target, "", "Referer", test.from)
		if got, want := res.Header.Get("Location"), "/login?"+(url.Values{"next": {test.next}}).Encode(); got != want {
			t.Errorf("%s %s from %q leads to %q, want %q", test.method, test.target, test.from, got, want)
		}
	}
}
