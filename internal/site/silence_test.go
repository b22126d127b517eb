package site

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// TestReg_R07 asks what every form answers, and how fast, for addresses that
// have an account and that have none: the same bytes, the same headers and, as
// far as statistics can tell, the same time.
//
// Seen red: a log-in that does not hash for nobody, and one with other words for
// nobody; a registration that refuses a member's address, and one that does not
// hash for it; no letter written for nobody in Forgot; a new address refused
// because it has an account; a wish for a newsletter that a subscriber has already
// answered without a job.
func TestReg_R07(t *testing.T) {
	samples := 25
	if os.Getenv("CI") == "true" {
		samples = 200
	}
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		first, eve := p.member("K000000", reader.Member), p.member("Eve", reader.Member)
		check(t, p.Letters.Seed(t.Context(), []newsletter.List{{Slug: "alerts", Kind: newsletter.Alert, Name: "News alerts", Promise: "at once", Open: true}}))
		const rounds = 3
		p.tx(func(tx *db.Tx) error { // as many accounts with the same hash: making one takes long
			for i := 1; i < rounds*samples+10; i++ {
				_, err := tx.Exec(t.Context(), `insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
					select $1, $2, name, $3, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created
					from reader where id = $4`, db.NewID(), fmt.Sprintf("k%06d@post.example", i), fmt.Sprintf("k%06d", i), first)
				if err != nil {
					return err
				}
			}
			// They get the newsletter too.
			_, err := tx.Exec(t.Context(), `insert into list_promise (number, text, created) values (99, 'words', 1)`)
			if err == nil {
				_, err = tx.Exec(t.Context(), `insert into subscriber (id, email, folded, reader, language, sections, quiet_from, quiet_to, strikes, struck, created)
					select id, email, email, id, '', '[]', 0, 0, 0, 0, 1 from reader where email like 'k%@post.example'`)
			}
			if err == nil {
				_, err = tx.Exec(t.Context(), `insert into subscription (list, subscriber, state, source, promise, asked, asked_block, confirmed, confirmed_block, ended, why)
					select list.id, subscriber.id, 'active', 'form', 99, 1, '', 1, '', 0, '' from list, subscriber where list.slug = 'alerts'`)
			}
			return err
		})
		n := 0
		for _, form := range []struct {
			name, path string
			status     int
			values     url.Values
		}{
			{"login", "/login", http.StatusUnprocessableEntity, url.Values{"password": {"mill bridge ladder tuesday"}}},
			{"register", "/register", http.StatusSeeOther, url.Values{"password": {"mill bridge ladder tuesday"}, "name": {"Somebody"}}},
			{"forgot", "/forgot-password", http.StatusOK, url.Values{}},
			{"another address", "/account/email", http.StatusOK, url.Values{}},
			{"newsletter", "/newsletter", http.StatusSeeOther, url.Values{"list": {"alerts"}}},
		} {
			ask := func(kind string) (answer string, took time.Duration) {
				n++
				email := fmt.Sprintf("%s%06d@post.example", kind, n%(rounds*samples))
				form.values.Set("email", email)
				r := httptest.NewRequest(http.MethodPost, "https://post.example"+form.path, strings.NewReader(form.values.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				p.clock.Add(25 * time.Hour) // no brake of an earlier sample
				if form.path == "/account/email" {
					r.AddCookie(&http.Cookie{Name: "__Host-session", Value: p.session(eve, reader.ReaderSession, 0)})
				}
				w := httptest.NewRecorder()
				began := time.Now()
				p.handler.ServeHTTP(w, r)
				took = time.Since(began)
				res := w.Result()
				var b strings.Builder
				fmt.Fprintln(&b, res.StatusCode)
				for _, c := range res.Cookies() {
					c.Value = "VALUE"
					fmt.Fprintln(&b, c)
				}
				res.Header.Del("Set-Cookie")
				check(t, res.Header.Write(&b))
				body, err := io.ReadAll(res.Body)
				check(t, err)
				fmt.Fprintf(&b, "\n%s", body)
				return clean(b.String(), email), took
			}
			known, _ := ask("k")
			unknown, _ := ask("u")
			if !strings.HasPrefix(known, fmt.Sprint(form.status)) {
				t.Errorf("%s answers\n%s", form.name, known)
			}
			if known != unknown {
				t.Errorf("%s answers differently:\n%s\n\nand for nobody\n%s", form.name, known, unknown)
			}
			var ps []float64
			for len(ps) < rounds {
				var times [2][]float64
				for range samples {
					for _, i := range rand.Perm(2) { // what else the machine does meets both alike
						_, took := ask([]string{"k", "u"}[i])
						times[i] = append(times[i], float64(took))
					}
				}
				ps = append(ps, mannWhitney(times[0], times[1]))
				if ps[len(ps)-1] > 0.01 {
					break
				}
			}
			if len(ps) == rounds && ps[rounds-1] <= 0.01 {
				t.Errorf("%s tells by its time: p is %.4f", form.name, ps)
			}
		}

		// Whoever registers an address with a password learns nothing by trying it.
		answers := map[string]string{}
		for _, email := range []string{"k000001@post.example", "u999999@post.example"} {
			w := p.walker()
			p.clock.Add(25 * time.Hour)
			w.post("/register", "email", email, "name", "Eve", "password", "mill bridge ladder tuesday").is(303, "/verify-email")
			w.post("/login", "email", email, "password", "mill bridge ladder tuesday")
			answers[email] = clean(fmt.Sprint(w.status, w.body), email)
		}
		if answers["k000001@post.example"] != answers["u999999@post.example"] {
			t.Errorf("a password that was just registered tells:\n%s", answers)
		}
	})
}

// clean is an answer without the address that was typed and the date of the day.
func clean(answer, email string) string {
	return today.ReplaceAllString(strings.ReplaceAll(answer, email, "ADDRESS"), "TODAY")
}

var today = regexp.MustCompile(`<time datetime="[^"]+">[^<]+</time>`)

// mannWhitney is how likely two samples of one distribution differ so much: the
// rank sum test, by its normal approximation.
func mannWhitney(a, b []float64) float64 {
	type value struct {
		x    float64
		ours bool
	}
	var all []value
	for _, x := range a {
		all = append(all, value{x, true})
	}
	for _, x := range b {
		all = append(all, value{x, false})
	}
	slices.SortFunc(all, func(v, w value) int {
		switch {
		case v.x < w.x:
			return -1
		case v.x > w.x:
			return 1
		}
		return 0
	})
	ranks, ties := 0.0, 0.0
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].x == all[i].x {
			j++
		}
		n := float64(j - i)
		ties += n*n*n - n
		for ; i < j; i++ {
			if all[i].ours {
				ranks += float64(j) - (n-1)/2
			}
		}
	}
	n, m := float64(len(a)), float64(len(b))
	u := ranks - n*(n+1)/2
	sigma := math.Sqrt(n * m / 12 * (n + m + 1 - ties/((n+m)*(n+m-1))))
	if sigma == 0 {
		return 1
	}
	z := max(0, math.Abs(u-n*m/2)-0.5) / sigma
	return math.Erfc(z / math.Sqrt2)
}

// TestMannWhitney holds the test of the test against samples of which the answer
// is known.
func TestMannWhitney(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	sample := func(shift float64) (s []float64) {
		for range 200 {
			s = append(s, r.NormFloat64()+shift)
		}
		return s
	}
	below := 0
	for range 1000 {
		if mannWhitney(sample(0), sample(0)) <= 0.01 {
			below++
		}
	}
	if below < 2 || below > 25 {
		t.Errorf("of 1,000 pairs that are alike %d are said to differ", below)
	}
	if p := mannWhitney(sample(0), sample(0.6)); p > 0.001 {
		t.Errorf("two that differ: p is %f", p)
	}
	if p := mannWhitney([]float64{1, 1, 1}, []float64{1, 1, 1}); p < 0.99 {
		t.Errorf("two that are equal: p is %f", p)
	}
}
