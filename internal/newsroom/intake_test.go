package newsroom

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/papertest"
)

// uploads sends a form with a table: names and values of its other fields in turn.
func (p *post) uploads(token, table string, fields ...string) (*http.Response, string) {
	p.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		check(p.t, w.WriteField(fields[i], fields[i+1]))
	}
	f, err := w.CreateFormFile("table", "members.csv")
	check(p.t, err)
	_, err = f.Write([]byte(table))
	check(p.t, err)
	check(p.t, w.Close())
	r := httptest.NewRequest(http.MethodPost, here+intakeAt, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return p.send(r, token)
}

const someTable = "address,state,since,language\n" +
	"cleo@reader.example,subscribed,2024-05-01,en\n" +
	"dan@reader.example,pending,,\n" +
	"eve@reader.example,bounced,,\n" +
	"ann@reader.example,subscribed,,\n" +
	"nobody at all,subscribed,,\n"

var triedField = regexp.MustCompile(`name="tried" value="([0-9a-f]{64})"`)

// TestIntake tries a table, which changes nothing, and imports it: the same one, and
// no other. Then everybody is exported.
func TestIntake(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, here).post()
		p.subscribesTo(p.digest, "ann@reader.example")
		members := func() int {
			t.Helper()
			l, err := p.Newsletters.ListByID(t.Context(), p.digest.ID)
			check(t, err)
			return l.Members
		}
		wants := func(res *http.Response, body string, status int, says ...string) {
			t.Helper()
			if res.StatusCode != status {
				t.Errorf("%d, want %d\n%s", res.StatusCode, status, body)
			}
			for _, s := range says {
				if !strings.Contains(body, s) {
					t.Errorf("the page does not say %q\n%s", s, body)
				}
			}
		}
		if body := p.shows(subscribers, p.asPat); !strings.Contains(body, `href="/newsroom/subscribers/import"`) {
			t.Errorf("there is no way to the import\n%s", body)
		}

		// What is wrong is said at its field.
		res, body := p.uploads(p.asPat, someTable, "list", "no-such-list", "act", "try")
		wants(res, body, http.StatusUnprocessableEntity, `id="list-e">Choose a newsletter`)
		res, body = p.uploads(p.asPat, "", "list", p.digest.ID, "act", "try")
		wants(res, body, http.StatusUnprocessableEntity, `id="table-e">Choose a file`)
		res, body = p.uploads(p.asPat, "what,is,this\n1,2,3\n", "list", p.digest.ID, "act", "try")
		wants(res, body, http.StatusUnprocessableEntity, `id="table-e">The first line is of no program that we know: what, is, this.`)
		res, body = p.uploads(p.asPat, strings.Repeat("x", maxTable+1), "list", p.digest.ID, "act", "try")
		wants(res, body, http.StatusUnprocessableEntity, `id="table-e">This file has 21 MB; the limit is 20.`)
		res, body = p.uploads(p.asPat, someTable, "list", p.digest.ID, "act", "import")
		wants(res, body, http.StatusUnprocessableEntity, `id="table-e">This is another file`)

		res, body = p.uploads(p.asPat, someTable, "list", p.digest.ID, "act", "try")
		wants(res, body, http.StatusOK, "Nothing has been changed yet.", "5 rows were read.", "Import it to The Daily",
			`get the newsletter from now on</th><td class="count">1<`, `are left out</th><td class="count">1<`,
			`<b>Line 6</b> “nobody at all” is no e-mail address`)
		if got := members(); got != 1 {
			t.Errorf("a trial has left %d members", got)
		}
		tried := triedField.FindStringSubmatch(body)
		if tried == nil {
			t.Fatalf("what was tried cannot be imported\n%s", body)
		}
		do := []string{"list", p.digest.ID, "tried", tried[1], "act", "import"}
		res, body = p.uploads(p.asPat, someTable+"x@reader.example,subscribed,,\n", do...)
		wants(res, body, http.StatusUnprocessableEntity, `id="again-e">This is another file`, tried[1])
		if got := members(); got != 1 {
			t.Errorf("another table has left %d members", got)
		}
		res, body = p.uploads(p.asPat, someTable, do...)
		wants(res, body, http.StatusOK, "The table has been imported.", `get the newsletter from now on</th><td class="count">1<`)
		if got := members(); got != 2 || triedField.MatchString(body) {
			t.Errorf("an import has left %d members\n%s", got, body)
		}
		res, body = p.uploads(p.asPat, someTable, do...)
		wants(res, body, http.StatusOK, `stay as they are</th><td class="count">3<`)

		found, _, err := p.Newsletters.Find(t.Context(), p.pat, "cleo", "", 1)
		check(t, err)
		if body := p.shows(subscriberAt+"/"+found[0].ID, p.asPat); !strings.Contains(body, "brought from Kawaraban") ||
			!strings.Contains(body, "Confirmed there") || strings.Contains(body, "by the link in a letter") {
			t.Errorf("the proof of who was imported is\n%s", body)
		}

		res, body = p.fills(subscribers+"/export", p.asPat)
		wants(res, body, http.StatusOK, "cleo@reader.example", "eve@reader.example")
		if got := res.Header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="subscribers-`) || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the export is saved as %q", got)
		}
		for _, act := range []audit.Act{newsletter.Imported, newsletter.Exported} {
			log, _, err := p.Audit.Find(t.Context(), audit.Filter{Acts: []string{string(act)}, Limit: 9})
			check(t, err)
			if len(log) == 0 || log[0].Actor != p.pat.Reader.ID {
				t.Errorf("%s is not in the log: %v", act, log)
			}
		}
	})
}

// TestIntakeNowhere is about a paper that has no newsletter yet.
func TestIntakeNowhere(t *testing.T) {
	p := start(t, papertest.SQLite(t), here).post()
	for _, l := range []newsletter.List{p.written, p.digest, p.alert} {
		check(t, p.Newsletters.Retire(t.Context(), p.pat, l.ID, true))
	}
	if body := p.shows(intakeAt, p.asPat); !strings.Contains(body, "There is no newsletter to which") || strings.Contains(body, `type="file"`) {
		t.Errorf("without a newsletter the page says\n%s", body)
	}
}
