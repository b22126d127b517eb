package site

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

// An exchange is what somebody asks and what is answered.
type exchange struct{ asked, answer string }

// submits sends a form as one of our own pages would, and returns the status and
// the page.
func (p *press) submits(method, target, token string, form url.Values) (int, string) {
	p.t.Helper()
	r := httptest.NewRequest(method, "https://post.example"+target, strings.NewReader(form.Encode()))
	if method == http.MethodGet {
		r = httptest.NewRequest(method, "https://post.example"+target, nil)
		r.URL.RawQuery = form.Encode()
	} else {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if token != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-session", Value: token})
	}
	res := p.do(r)
	b, err := io.ReadAll(res.Body)
	check(p.t, err)
	return res.StatusCode, string(b)
}

// TestReg_R22 has a member and a publisher ask for and post to every address of
// an object with ids that others have, in every state that those can be in. The
// answers are those that they got before there were such objects, and nothing is
// changed.
//
// Seen red: the reader left out of the condition in EndSession, RenamePasskey and
// Disconnect; other words for a session that is somebody else's; a role given to
// an account that is not there; a draft that readers may have.
func TestReg_R22(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		ana, eve, pat := p.member("Ana", reader.Member), p.member("Eve", reader.Member), p.member("Pat", reader.Publisher)
		p.publish(story("city", "A story for all"), time.Hour)
		now, before := db.Time(p.clock.Now()), db.Time(p.clock.Now().Add(-365*24*time.Hour))
		later := db.Time(p.clock.Now().Add(time.Hour))
		const (
			draft  = "a-story-that-waits"
			gone   = "01GONE0000000000000000000G" // an account that was erased
			digest = "d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0"
		)
		ids := []string{
			"session-of-now", "session-of-then", "session-that-waits", "cGFzc2tleQ", "recovery", "abroad", "subject-of-ana", "erased", gone,
			digest, "1" + digest[1:], "2" + digest[1:], "3" + digest[1:], draft, "a0002", "packed", "https://id.example", "nobody-at-all",
		}
		readers := map[string]string{eve: p.session(eve, reader.ReaderSession, 0), pat: p.session(pat, reader.StaffSession, 0)}
		ask := func() (list []exchange) {
			for _, pattern := range p.handler.(*page.Router).Routes() {
				method, target, _ := strings.Cut(pattern, " ")
				for who, token := range readers {
					if !strings.Contains(target, "{") || strings.Contains(target, "{$}") {
						if method == http.MethodGet && target != "/me/live" && target != "/sitemap.xml" {
							status, body := p.submits(method, target, token, nil)
							list = append(list, exchange{who + " " + pattern, fmt.Sprint(status, body)})
						}
						continue
					}
					for _, id := range ids {
						for _, other := range []string{id, ""} {
							at := strings.NewReplacer("{section}", "city", "{slug}", id, "{id}", url.PathEscape(id), "{article}", url.PathEscape(id), "{item}", url.PathEscape(id), "{token}", url.PathEscape(id), "{provider}", url.PathEscape(id),
								"{handle}", url.PathEscape(id), "{key}", url.PathEscape(id), "{file}", url.PathEscape(id)).Replace(target)
							form := url.Values{"name": {"Taken"}, "role": {"editor"}}
							if other != "" {
								for _, name := range []string{"id", "reader", "session", "passkey", "token", "list"} {
									form.Set(name, other)
								}
							}
							status, body := p.submits(method, at, token, form)
							list = append(list, exchange{fmt.Sprint(who, " ", method, " ", at, " ", other), fmt.Sprint(status, body)})
							if strings.HasPrefix(target, "/account/") && status != http.StatusNotFound && status != http.StatusForbidden {
								t.Errorf("%s with %q answers %d", pattern, id, status)
							}
						}
					}
				}
			}
			slices.SortFunc(list, func(a, b exchange) int { return strings.Compare(a.asked, b.asked) })
			return list
		}
		nothing := ask()

		p.tx(func(tx *db.Tx) error {
			for _, row := range []struct {
				query string
				args  []any
			}{
				{`insert into session (hash, id, reader, kind, way, device, proved, seen, created) values ($1, 'session-of-now', $2, 'reader', 'password', 'Firefox of Ana', $3, $3, $3)`, []any{"1" + digest[1:], ana, now}},
				{`insert into session (hash, id, reader, kind, way, device, proved, seen, created) values ($1, 'session-of-then', $2, 'reader', 'password', 'Firefox of Ana', $3, $3, $3)`, []any{"2" + digest[1:], ana, before}},
				{`insert into session (hash, id, reader, kind, way, device, proved, seen, created) values ($1, 'session-that-waits', $2, 'pending', 'password', 'Firefox of Ana', $3, $3, $3)`, []any{"3" + digest[1:], ana, now}},
				{`insert into passkey (id, reader, name, credential, used, created) values ('cGFzc2tleQ', $1, 'Key of Ana', '{}', 0, 0)`, []any{ana}},
				{`insert into recovery_code (reader, hash) values ($1, 'recovery')`, []any{ana}},
				{`insert into device (reader, hash, seen) values ($1, $2, 1)`, []any{ana, digest}},
				{`insert into identity (issuer, subject, reader, provider, email, created) values ('https://id.example', 'subject-of-ana', $1, 'abroad', 'ana@id.example', 0)`, []any{ana}},
				{`insert into reader_link (hash, purpose, reader, detail, expires) values ($1, 'email', $2, 'new@post.example', $3)`, []any{digest, ana, later}},
				{`insert into reader_link (hash, purpose, reader, detail, expires) values ($1, 'export', $2, 'packed', $3)`, []any{"1" + digest[1:], ana, later}},
				{`insert into reader_link (hash, purpose, reader, detail, expires) values ($1, 'invite', $2, '', $3)`, []any{"2" + digest[1:], ana, later}},
				{`insert into reader_link (hash, purpose, reader, detail, expires) values ($1, 'alerts', $2, 'ana@post.example', $3)`, []any{"3" + digest[1:], ana, before}},
				{`insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
					values ($1, '', '', '', '', '', '', 'reader', '', '', 0, 'now', 0, '', $2, $2)`, []any{gone, before}},
			} {
				if _, err := tx.Exec(t.Context(), row.query, row.args...); err != nil {
					return fmt.Errorf("%s: %w", row.query, err)
				}
			}
			return nil
		})
		p.draft(story("city", "A story that waits"))
		rows := p.rowsOf(ana)
		for i, got := range ask() {
			if want := nothing[i]; got != want {
				t.Errorf("%s: was\n%s\nis\n%s", got.asked, want.answer, got.answer)
			}
		}
		if after := p.rowsOf(ana); !slices.Equal(rows, after) {
			t.Errorf("what is Ana's is changed:\n%s\nwas\n%s", strings.Join(after, "\n"), strings.Join(rows, "\n"))
		}
		if n := p.texts(`select role from reader where erased <> 0`); !slices.Equal(n, []string{"reader"}) {
			t.Errorf("an account that was erased gets the role %s", n)
		}
		if len(nothing) < 1000 {
			t.Errorf("only %d requests were tried", len(nothing))
		}
	})
}

// TestReg_R06 sends more than is asked for, in forms and in JSON: a role, the id
// of another account, a proof. Nothing of it counts. And what the links of
// letters do is done for nobody who has an id or an address in their place.
//
// Seen red: the profile's form taking a role, and the reader whom it names; fields
// of JSON that nobody asked for let pass; alerts ordered by an address; links found
// by what stands in the database.
func TestReg_R06(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		ana, eve := p.member("Ana", reader.Member), p.member("Eve", reader.Member)
		hers := secret.NewToken()
		links := []string{}
		p.tx(func(tx *db.Tx) error {
			for _, purpose := range []string{"reset", "invite", "email", "email-undo", "leave-undo", "alerts", "export"} {
				token := secret.NewToken()
				links = append(links, token.Hash().String())
				_, err := tx.Exec(t.Context(), `insert into reader_link (hash, purpose, reader, detail, expires) values ($1, $2, $3, '1 other@post.example', $4)`,
					token.Hash().String(), purpose, ana, db.Time(p.clock.Now().Add(time.Hour)))
				if err != nil {
					return err
				}
			}
			_, err := tx.Exec(t.Context(), `insert into registration (email, name, password, language, browser, link, next, expires) values ('wait@post.example', 'W', '', '', '', $1, '', $2)`,
				hers.Hash().String(), db.Time(p.clock.Now().Add(time.Hour)))
			return err
		})
		more := url.Values{}
		for name, value := range map[string]string{
			"role": "publisher", "permission": "manage people and settings", "kind": "staff", "id": ana, "reader": ana, "user": ana, "actor": ana, "member": ana,
			"verified": "1", "admin": "true", "erased": "0", "totp": "", "proved": "9223372036854775807", "created": "1", "leaving": "1", "hash": links[0],
			"email": "eve@evil.example", "session": "x", "passkeys": "9", "Role": "publisher", "reader[role]": "publisher", "reader.role": "publisher", "profile[role]": "publisher",
		} {
			more.Set(name, value)
		}
		with := func(pairs ...string) url.Values {
			form := url.Values{}
			for name, values := range more {
				form[name] = values
			}
			for i := 0; i < len(pairs); i += 2 {
				form.Set(pairs[i], pairs[i+1])
			}
			return form
		}
		const mine = `select id || '|' || email || '|' || role from reader order by id`
		people, state := p.texts(mine), p.rowsOf(ana)

		// Every form that there is, and those that are taken.
		forms := map[string]url.Values{}
		for _, r := range p.rights {
			if method, path := filled(r.Pattern); method == http.MethodPost && r.Kind != "machine" && path != "/register" {
				forms[path] = with()
			}
		}
		forms["/account/profile"] = with("name", "Eve Adams", "handle", "eve-adams", "bio", "Words.")
		forms["/account/profile/settings"] = with("language", "ja", "letters", "daily")
		for path, form := range forms {
			token := p.session(eve, reader.ReaderSession, 0)
			if status, body := p.submits(http.MethodPost, path, token, form); status >= 500 || path == "/account/profile" && status != http.StatusSeeOther {
				t.Errorf("%s answers %d\n%s", path, status, body)
			}
			if v, err := p.Readers.Look(t.Context(), token); err != nil || v.Actor != nil && (v.Actor.Reader.ID != eve || v.Actor.Session.Kind != reader.ReaderSession || v.Actor.May(reader.MayManage)) {
				t.Errorf("after %s the session is %+v, %v", path, v.Actor, err)
			}
		}
		if got := p.texts(`select name || '|' || handle || '|' || language from reader where email = 'eve@post.example'`); !slices.Equal(got, []string{"Eve Adams|eve-adams|ja"}) {
			t.Errorf("what may be changed is %q", got)
		}
		// A proof that is old is not made new by a field that says so.
		old := p.session(eve, reader.ReaderSession, reader.ProofLife)
		if status, _ := p.submits(http.MethodPost, "/account/password", old, with("password", "mill bridge ladder tuesday")); status != http.StatusSeeOther || len(p.texts(`select way from session where kind = 'staff'`)) > 0 {
			t.Errorf("an old proof with the field %q answers %d", "proved", status)
		}

		// The links of letters do nothing without their token.
		for _, path := range []string{"/newsletter/confirm", "/account/email/undo", "/account/leave/undo", "/invite", "/verify-email", "/reset-password"} {
			for _, instead := range append([]string{"", ana, "ana", "ana@post.example", "wait@post.example", hers.Hash().String(), secret.NewToken().Reveal()}, links...) {
				for _, method := range []string{http.MethodGet, http.MethodPost} {
					if instead == "" && method == http.MethodGet && path == "/verify-email" {
						continue // that is the page after registering
					}
					form := with("token", instead, "email", "ana@post.example", "password", "mill bridge ladder tuesday", "name", "Eve")
					if status, body := p.submits(method, path, "", form); status != http.StatusGone || strings.Contains(body, "ana@") || strings.Contains(body, "wait@") {
						t.Errorf("%s %s with %q answers %d\n%s", method, path, instead, status, body)
					}
				}
			}
		}
		if n := p.texts(`select email from alerts_wanted`); len(n) > 0 {
			t.Errorf("letters are ordered for %q", n)
		}

		// JSON with a field that is not asked for is refused.
		for _, r := range p.rights {
			method, path := filled(r.Pattern)
			if method != http.MethodPost || !strings.HasSuffix(path, "/options") || r.Kind == "pending" {
				continue
			}
			for body, refused := range map[string]bool{
				`{}`: false, `{"role":"publisher"}`: true, `{"id":"` + ana + `"}`: true, `{"reader":{"id":"` + ana + `"}}`: true, `{"":{}}`: true, `[]`: true, `"x"`: true, `{}{}`: true, `{"__proto__":{}}`: true,
			} {
				req := httptest.NewRequest(method, "https://post.example"+path, strings.NewReader(body))
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Sec-Fetch-Site", "same-origin")
				req.AddCookie(&http.Cookie{Name: "__Host-session", Value: p.session(eve, reader.ReaderSession, 0)})
				if res := p.do(req); (res.StatusCode == http.StatusUnprocessableEntity) != refused {
					t.Errorf("%s with %s answers %d", path, body, res.StatusCode)
				}
			}
		}
		if after := p.texts(mine); !slices.Equal(people, after) {
			t.Errorf("the accounts are %q, were %q", after, people)
		}
		if after := p.rowsOf(ana); !slices.Equal(state, after) {
			t.Errorf("what is Ana's is changed:\n%s\nwas\n%s", strings.Join(after, "\n"), strings.Join(state, "\n"))
		}

		// An account begins as its registration says, and as no field does.
		w := p.walker()
		w.send(http.MethodPost, "/register", "application/x-www-form-urlencoded", with("email", "new@post.example", "name", "New", "password", walkersPassword).Encode()).is(303, "/verify-email")
		link := p.linkIn(p.posted()[reader.Confirm])
		w.send(http.MethodPost, "/verify-email", "application/x-www-form-urlencoded", with("token", tokenOf(t, link), "password", walkersPassword).Encode()).is(303, "")
		if got := p.texts(`select role || '|' || name from reader where email = 'new@post.example' and id <> '` + ana + `'`); !slices.Equal(got, []string{"reader|New"}) {
			t.Errorf("the account that begins is %q", got)
		}
	})
}

// TestReg_R38 has one member try every address of an object with everything that
// is another's: it is not there, and stays as it is.
//
// Seen red: the reader left out of the condition in EndSession and RemovePasskey;
// the link of a new address taken from anybody.
func TestReg_R38(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		ana, eve := p.member("Ana", reader.Member), p.member("Eve", reader.Member)
		p.session(ana, reader.ReaderSession, 0)
		links := map[string]string{}
		p.tx(func(tx *db.Tx) error {
			for _, query := range []string{
				`insert into passkey (id, reader, name, credential, used, created) values ('cGFzc2tleQ', $1, 'Key of Ana', '{}', 0, 0)`,
				`insert into recovery_code (reader, hash) values ($1, 'beef')`,
				`insert into device (reader, hash, seen) values ($1, 'beef', 1)`,
				`insert into identity (issuer, subject, reader, provider, email, created) values ('https://id.example', 'sub-ana', $1, 'facebook', 'ana@id.example', 0)`,
			} {
				if _, err := tx.Exec(t.Context(), query, ana); err != nil {
					return err
				}
			}
			for _, purpose := range []string{"email", "export"} {
				token := secret.NewToken()
				links[purpose] = token.Reveal()
				_, err := tx.Exec(t.Context(), `insert into reader_link (hash, purpose, reader, detail, expires) values ($1, $2, $3, 'new@post.example', $4)`,
					token.Hash().String(), purpose, ana, db.Time(p.clock.Now().Add(time.Hour)))
				if err != nil {
					return err
				}
			}
			return nil
		})
		before := p.rowsOf(ana)
		objects := []string{ana, "ana", "cGFzc2tleQ", "sub-ana", "facebook", "beef", links["email"], links["export"]}
		for _, line := range before {
			objects = append(objects, strings.Split(line, "|")...)
		}
		objects = slices.Compact(slices.Sorted(slices.Values(objects)))
		tried := 0
		for _, r := range p.rights {
			if r.Kind == "machine" || r.Kind == "pending" {
				continue
			}
			method, pattern, _ := strings.Cut(r.Pattern, " ")
			for _, object := range objects {
				if object == "" || len(object) > 100 {
					continue
				}
				target := strings.NewReplacer("{id}", url.PathEscape(object), "{article}", url.PathEscape(object), "{item}", url.PathEscape(object), "{token}", url.PathEscape(object), "{provider}", url.PathEscape(object), "{handle}", url.PathEscape(object)).Replace(pattern)
				form := url.Values{}
				for _, name := range []string{"token", "id", "reader", "passkey", "handle", "session", "code", "user"} {
					form.Set(name, object)
				}
				if !strings.Contains(pattern, "{") && !slices.Contains(slices.Collect(maps.Values(links)), object) {
					continue
				}
				tried++
				req := httptest.NewRequest(method, "https://post.example"+target, nil)
				if method == http.MethodGet {
					req.URL.RawQuery = form.Encode()
				} else {
					req = httptest.NewRequest(method, "https://post.example"+target, strings.NewReader(form.Encode()))
					req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				}
				req.Header.Set("Sec-Fetch-Site", "same-origin")
				req.AddCookie(&http.Cookie{Name: "__Host-session", Value: p.session(eve, reader.ReaderSession, 0)})
				res := p.do(req)
				b, err := io.ReadAll(res.Body)
				check(t, err)
				if strings.Contains(string(b), "Key of Ana") || strings.Contains(string(b), "ana@") || strings.Contains(string(b), "new@post.example") {
					t.Errorf("%s with %q shows what is Ana's", r.Pattern, object)
				}
				if strings.Contains(pattern, "/account/") && strings.Contains(pattern, "{id}") && res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusForbidden {
					t.Errorf("%s with %q answers %d", r.Pattern, object, res.StatusCode)
				}
			}
		}
		if after := p.rowsOf(ana); !slices.Equal(before, after) {
			t.Errorf("what is Ana's is changed:\n%s\nwas\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
		}
		if tried < 100 {
			t.Errorf("only %d requests were tried", tried)
		}
	})
}

// rowsOf lists all that the database keeps of a reader.
func (p *press) rowsOf(id string) (list []string) {
	p.t.Helper()
	for _, query := range []string{
		`select id || '|' || email || '|' || name || '|' || handle || '|' || role || '|' || password || '|' || totp from reader where id = $1`,
		`select id || '|' || hash || '|' || kind from session where reader = $1 order by id`,
		`select id || '|' || name from passkey where reader = $1 order by id`,
		`select hash from recovery_code where reader = $1 order by hash`,
		`select hash from device where reader = $1 order by hash`,
		`select issuer || '|' || subject || '|' || provider from identity where reader = $1 order by subject`,
		`select hash || '|' || purpose || '|' || detail from reader_link where reader = $1 order by hash`,
	} {
		rows, err := p.db.Query(p.t.Context(), query, id)
		check(p.t, err)
		for rows.Next() {
			var line string
			check(p.t, rows.Scan(&line))
			list = append(list, line)
		}
		check(p.t, rows.Err())
		check(p.t, rows.Close())
	}
	return list
}
