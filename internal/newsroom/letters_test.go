package newsroom

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// A post is the room of newsletters: a written list, a digest and alerts, with Ida who
// edits, Jon who does too, and Pat who publishes.
type post struct {
	*house
	ida, jon, pat          *reader.Actor
	asIda, asJon, asPat    string
	written, digest, alert newsletter.List
}

func (h *house) post() *post {
	h.t.Helper()
	check(h.t, h.Articles.SetSections(h.t.Context(), []article.Section{{Slug: "city", Name: "City"}, {Slug: "world", Name: "World"}}))
	p := &post{house: h, ida: h.joins("Ida", reader.Editor), jon: h.joins("Jon", reader.Editor), pat: h.joins("Pat", reader.Publisher)}
	p.asIda, p.asJon, p.asPat = h.own(p.ida.Reader.ID, reader.Editor), h.own(p.jon.Reader.ID, reader.Editor), h.own(p.pat.Reader.ID, reader.Publisher)
	make := func(l newsletter.List) newsletter.List {
		h.t.Helper()
		l, err := h.Newsletters.Make(h.t.Context(), p.pat, l)
		check(h.t, err)
		return l
	}
	p.written = make(newsletter.List{Kind: newsletter.Written, Slug: "weekend", Name: "The Weekend Letter", Promise: "Saturdays", Open: true, Public: true})
	p.digest = make(newsletter.List{
		Kind: newsletter.Digest, Slug: "daily", Name: "The Daily", Promise: "Weekdays at 7", Open: true, Public: true,
		Calendar: newsletter.Calendar{Days: newsletter.Weekdays, Minute: 420}, Blocks: []newsletter.Block{{Kind: newsletter.Front, Limit: 3}},
	})
	p.alert = make(newsletter.List{Kind: newsletter.Alert, Slug: "alerts", Name: "News Alerts", Promise: "When it matters", Open: true, Cap: 2})
	return p
}

// subscribes lets an address have a list.
func (p *post) subscribes(l newsletter.List, emails ...string) {
	p.t.Helper()
	for _, email := range emails {
		lists, _, err := p.Newsletters.Invited(p.t.Context(), email, l.Kind, "mail from the paper", reader.Browser{Network: "192.0.2.0/24"})
		check(p.t, err)
		if len(lists) == 0 {
			p.t.Fatalf("%s got nothing", email)
		}
	}
}

// leads sends a form and returns where it leads.
func (p *post) leads(path, token string, fields ...string) string {
	p.t.Helper()
	res, body := p.fills(path, token, fields...)
	if res.StatusCode != http.StatusSeeOther {
		p.t.Fatalf("%s %v: %d\n%s", path, fields, res.StatusCode, body)
	}
	return res.Header.Get("Location")
}

// shows returns a page.
func (p *post) shows(path, token string) string {
	p.t.Helper()
	path, _, _ = strings.Cut(path, "#")
	res, body := p.asks(http.MethodGet, path, token)
	if res.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %d\n%s", path, res.StatusCode, body)
	}
	return body
}

func (p *post) edition(path string) newsletter.Edition {
	p.t.Helper()
	path, _, _ = strings.Cut(strings.TrimPrefix(path, editionAt+"/"), "?")
	path, _, _ = strings.Cut(path, "#")
	e, err := p.Newsletters.EditionByID(p.t.Context(), p.ida, path)
	check(p.t, err)
	return e
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(version|held)" value="([^"]*)">`)

// form are the hidden fields of an edition's form as a browser would send them.
func (p *post) form(page string) (fields []string) {
	for _, m := range hiddenField.FindAllStringSubmatch(page, 2) {
		fields = append(fields, m[1], unescape.Replace(m[2]))
	}
	return fields
}

var unescape = strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&", "&#43;", "+")

// TestWriteEdition writes an edition without a script: a text and stories, in order,
// and sends it. Nothing that is typed is lost by any button.
func TestWriteEdition(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, here).post()
		bridge, _ := p.publishes(p.ida, "The bridge is open", plainStory)
		ship, _ := p.publishes(p.ida, "A ship came in", plainStory)
		p.begins(p.ida, "A secret draft", plainStory)
		if page := p.shows(newsletters, p.asIda); !strings.Contains(page, "Nothing goes out at the moment.") || !strings.Contains(page, "Next digest") {
			t.Errorf("an empty room says\n%s", page)
		}
		at := p.leads(newsletters, p.asIda, "list", p.written.ID)
		acts := func(act string, more ...string) string {
			t.Helper()
			page := p.shows(at, p.asIda)
			e := p.edition(at)
			fields := append(p.form(page), "act", act)
			typed := map[string]string{"subject": e.Subject, "preview": e.Preview}
			for i := 0; i+1 < len(more); i += 2 {
				typed[more[i]] = more[i+1]
			}
			for name, value := range typed {
				if name != "part_text" {
					fields = append(fields, name, value)
				}
			}
			for i, part := range e.Parts {
				text := part.Text
				if words, ok := typed["part_text"]; ok && i == 0 {
					text = words
				}
				fields = append(fields, "part_title", part.Title, "part_text", text, "part_by", part.By, "part_link", part.Link)
			}
			to := p.leads(at, p.asIda, fields...)
			at, _, _ = strings.Cut(at, "?")
			return to
		}
		acts("add", "add", "words", "subject", "Good morning", "preview", "What the weekend brings")
		acts("add", "add", "stories", "part_text", "Dear reader,\r\n\r\nhello.")
		to := acts("find/1", "q", "bridge")
		if page := p.shows(to, p.asIda); !strings.Contains(page, "take/1/"+bridge) || strings.Contains(page, "secret draft") {
			t.Errorf("the search for the bridge finds\n%s", page)
		}
		acts("take/1/" + bridge)
		acts("take/1/" + ship)
		acts("storyup/1/" + ship)
		acts("up/1")
		e := p.edition(at)
		if e.Subject != "Good morning" || e.Preview != "What the weekend brings" || len(e.Parts) != 2 ||
			e.Parts[0].Kind != newsletter.Stories || strings.Join(e.Parts[0].Stories, " ") != ship+" "+bridge || e.Parts[1].Text != "Dear reader,\n\nhello." {
			t.Fatalf("what was written is %+v", e)
		}
		proof := p.shows(at+"/proof/letter", p.asIda)
		for _, want := range []string{"The bridge is open", "Dear reader"} {
			if !strings.Contains(proof, want) || !strings.Contains(p.shows(at+"/proof/text", p.asIda), want) {
				t.Errorf("the proof has no %q", want)
			}
		}
		if to := acts("try"); to != at+"?done=tried" {
			t.Errorf("a test letter leads to %s", to)
		}
		p.subscribesTo(p.written, "ann@reader.example", "ben@reader.example")
		if to := acts("review"); to != at+"/send" {
			t.Fatalf("a last look is at %s", to)
		}
		if page := p.shows(at+"/send", p.asIda); !strings.Contains(page, "Send to 2 people") {
			t.Errorf("the last page says\n%s", page)
		}
		p.leads(at, p.asIda, "act", "send", "version", p.versionOf(at))
		if page := p.shows(newsletters, p.asIda); !strings.Contains(page, "0 of 2") || !strings.Contains(page, `value="pause"`) {
			t.Errorf("what goes out shows as\n%s", page)
		}
		p.leads(at, p.asJon, "act", "pause")
		p.leads(at, p.asJon, "act", "resume")
		check(t, p.Newsletters.Send(t.Context(), newsletter.Run{Edition: e.ID}))
		page := p.shows(at, p.asIda)
		for _, want := range []string{"What became of it", "we count no openings", "The bridge is open", "sent"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page of what was sent lacks %q", want)
			}
		}
		if got := p.edition(at); got.Stage != newsletter.Sent || got.Accepted != 2 {
			t.Errorf("it is %s, %d taken", got.Stage, got.Accepted)
		}
	})
}

// subscribesTo lets addresses have a list, whatever its kind.
func (p *post) subscribesTo(l newsletter.List, emails ...string) {
	p.t.Helper()
	for _, email := range emails {
		p.subscribes(p.alert, email)
		check(p.t, p.db.Tx(p.t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(p.t.Context(), `insert into subscription (list, subscriber, state, source, promise, asked, asked_block, confirmed, confirmed_block, ended, why)
				select cast($1 as text), subscriber, state, source, promise, asked, asked_block, confirmed, confirmed_block, ended, why
				from subscription where list = $2 and subscriber = (select id from subscriber where email = $3)`, l.ID, p.alert.ID, email)
			if err == nil {
				_, err = tx.Exec(p.t.Context(), `update list set members = members + 1 where id = $1`, l.ID)
			}
			return err
		}))
	}
}

func (p *post) versionOf(at string) string {
	return p.form(p.shows(at, p.asIda))[1]
}

// TestEditionConflict has two people write at once: the slower one sees both, and
// loses nothing.
func TestEditionConflict(t *testing.T) {
	p := start(t, papertest.SQLite(t), here).post()
	at := p.leads(newsletters, p.asIda, "list", p.written.ID)
	save := func(token, version, subject string) (*http.Response, string) {
		return p.fills(at, token, "act", "save", "version", version, "held", "[]", "subject", subject, "preview", "")
	}
	if res, _ := save(p.asJon, "1", "Jon's words"); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("the first save is %d", res.StatusCode)
	}
	res, page := save(p.asIda, "1", "Ida's words")
	if res.StatusCode != http.StatusConflict || !strings.Contains(page, "Ida&#39;s words") || !strings.Contains(page, "Jon&#39;s words") || !strings.Contains(page, `name="version" value="2"`) {
		t.Errorf("the second save is %d\n%s", res.StatusCode, page)
	}
	if res, _ := save(p.asIda, "2", "Ida's words"); res.StatusCode != http.StatusSeeOther {
		t.Errorf("saved over it: %d", res.StatusCode)
	}
	// Thrown away, and brought back.
	to := p.leads(at, p.asIda, "act", "discard", "version", "3")
	if page := p.shows(to, p.asIda); !strings.Contains(page, "Bring it back") {
		t.Errorf("a draft that was thrown away cannot come back\n%s", page)
	}
	p.leads(at, p.asIda, "act", "undiscard")
	if e := p.edition(at); e.Stage != newsletter.Draft || e.Subject != "Ida's words" {
		t.Errorf("it came back as %+v", e)
	}
	// A part that was taken out can be put back.
	p.leads(at, p.asIda, "act", "add", "add", "words", "version", p.versionOf(at), "held", "[]", "subject", "S", "preview", "")
	f := p.form(p.shows(at, p.asIda))
	res, page = p.fills(at, p.asIda, append(f, "act", "out/0", "subject", "S", "preview", "", "part_title", "", "part_text", "Precious words.", "part_by", "", "part_link", "")...)
	if res.StatusCode != http.StatusOK || !strings.Contains(page, `name="gone"`) || !strings.Contains(page, "Precious words.") {
		t.Fatalf("a part is taken out: %d\n%s", res.StatusCode, page)
	}
	gone := unescape.Replace(regexp.MustCompile(`name="gone" value="([^"]*)"`).FindStringSubmatch(page)[1])
	p.leads(at, p.asIda, append(p.form(page), "act", "putback", "gone", gone, "gone_at", "0", "subject", "S", "preview", "")...)
	if e := p.edition(at); len(e.Parts) != 1 || e.Parts[0].Text != "Precious words." {
		t.Errorf("the part came back as %+v", e.Parts)
	}
}

// TestApprove has somebody else approve, at a time of the paper's zone.
func TestApprove(t *testing.T) {
	p := start(t, papertest.SQLite(t), here).post()
	p.written.Approve = true
	check(t, p.Newsletters.Change(t.Context(), p.pat, p.written))
	at := p.leads(newsletters, p.asIda, "list", p.written.ID)
	p.leads(at, p.asIda, "act", "add", "add", "words", "version", "1", "held", "[]", "subject", "S", "preview", "")
	fields := func(act, when string) []string {
		return append(p.form(p.shows(at, p.asIda)), "act", act, "at", when, "subject", "S", "preview", "", "part_title", "", "part_text", "Hello.", "part_by", "", "part_link", "")
	}
	for _, wrong := range []struct{ when, want string }{{"2001-01-01T10:00", "Choose a time that is to come."}, {"", "Choose a day and a time."}} {
		res, page := p.fills(at, p.asIda, fields("schedule", wrong.when)...)
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, wrong.want) || !strings.Contains(page, `aria-describedby="at-e"`) {
			t.Errorf("%q: %d\n%s", wrong.when, res.StatusCode, page)
		}
	}
	tomorrow := p.clock.Now().In(p.Paper.Zone).AddDate(0, 0, 1)
	p.leads(at, p.asIda, fields("schedule", tomorrow.Format(localTime))...)
	if page := p.shows(at, p.asIda); strings.Contains(page, `value="approve"`) {
		t.Error("Ida may approve what she has written")
	}
	page := p.shows(at, p.asJon)
	if !strings.Contains(page, `value="approve"`) || !strings.Contains(p.shows(newsletters, p.asJon), "Waiting for approval") {
		t.Errorf("Jon cannot approve\n%s", page)
	}
	p.leads(at, p.asJon, "act", "approve", "version", regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(page)[1])
	if e := p.edition(at); e.Stage != newsletter.Scheduled || !e.At.Equal(tomorrow.Truncate(time.Minute)) {
		t.Errorf("it is %s at %s", e.Stage, e.At)
	}
}

// TestAlert sends an alert from a story: two clicks, once a day, no more than the cap.
func TestAlert(t *testing.T) {
	p := start(t, papertest.SQLite(t), here).post()
	bridge, _ := p.publishes(p.ida, "The bridge is open", plainStory)
	draft := p.begins(p.ida, "A secret draft", plainStory)
	p.subscribes(p.alert, "ann@reader.example", "ben@reader.example")
	if page := p.shows(storyPath(bridge), p.asIda); !strings.Contains(page, alertPath(bridge)) {
		t.Error("the story does not lead to an alert")
	}
	page := p.shows(alertPath(bridge), p.asIda)
	for _, want := range []string{"The bridge is open", "Send to 2 people", "0 of 2 sent today"} {
		if !strings.Contains(page, want) {
			t.Errorf("the alert lacks %q", want)
		}
	}
	if page := p.shows(alertPath(draft), p.asIda); !strings.Contains(page, "publish it first") {
		t.Error("an alert of a draft is not refused")
	}
	fields := []string{"act", "send", "list", p.alert.ID, "subject", "The bridge is open", "text", "", "story", bridge}
	if to := p.leads(alertAt, p.asIda, fields...); to != newsletters+"?done=alerted" {
		t.Errorf("it leads to %s", to)
	}
	res, page := p.fills(alertAt, p.asJon, fields...)
	if res.StatusCode != http.StatusConflict || !strings.Contains(page, "has gone out today already") || !strings.Contains(page, `value="The bridge is open"`) {
		t.Errorf("a second one: %d", res.StatusCode)
	}
	if res, page := p.fills(alertAt, p.asIda, "act", "send", "list", p.alert.ID, "subject", "", "text", "Kept words", "story", ""); res.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(page, "An edition needs a subject.") || !strings.Contains(page, "Kept words") {
		t.Errorf("without a subject: %d", res.StatusCode)
	}
	if res, page := p.fills("/newsroom/alert/proof", p.asIda, fields...); res.StatusCode != http.StatusOK || !strings.Contains(page, "The bridge is open") {
		t.Errorf("the proof: %d\n%s", res.StatusCode, page)
	}
}

// TestList makes a list and changes it; what is wrong stands at its field.
func TestList(t *testing.T) {
	p := start(t, papertest.SQLite(t), here).post()
	base := []string{"version", "0", "kind", "digest", "promise", "Sundays", "open", "1", "day", "0", "time", "09:30", "cap", "0"}
	block := func(kind, limit string) []string {
		return []string{"block", kind, "block_title", "", "block_section", "", "block_limit", limit, "block_hours", "", "block_text", "", "block_by", "", "block_link", ""}
	}
	all := func(more ...[]string) (list []string) {
		list = append(list, base...)
		for _, m := range more {
			list = append(list, m...)
		}
		return list
	}
	for _, wrong := range []struct {
		fields []string
		want   string
	}{
		{all(block("front", "5"), []string{"act", "save", "name", "", "slug", "sunday"}), "Fill this in."},
		{all(block("front", "5"), []string{"act", "save", "name", "Sunday", "slug", "No Slug"}), "Use small letters, digits and hyphens."},
		{all(block("front", "5"), []string{"act", "save", "name", "Sunday", "slug", "daily"}), "Choose another."},
		{all(block("front", "many"), []string{"act", "save", "name", "Sunday", "slug", "sunday"}), "A block brings 1 to 20 stories."},
		{all(block("front", "5"), []string{"act", "save", "name", "Sunday", "slug", "sunday", "reply", "nobody"}), "This is not an e-mail address."},
	} {
		res, page := p.fills("/newsroom/list/new", p.asPat, wrong.fields...)
		if (res.StatusCode != http.StatusUnprocessableEntity && res.StatusCode != http.StatusConflict) || !strings.Contains(page, wrong.want) {
			t.Errorf("%q: %d", wrong.want, res.StatusCode)
		}
	}
	res, page := p.fills("/newsroom/list/new", p.asPat, all(block("front", "5"), []string{"act", "add", "add", "read", "name", "Sunday", "slug", "sunday"})...)
	if res.StatusCode != http.StatusOK || strings.Count(page, `name="block"`) != 2 || !strings.Contains(page, "Not saved yet") || !strings.Contains(page, `value="Sunday"`) {
		t.Errorf("a block is added: %d\n%s", res.StatusCode, page)
	}
	at, _, _ := strings.Cut(p.leads("/newsroom/list/new", p.asPat, all(block("front", "5"), []string{"act", "save", "name", "Sunday", "slug", "sunday"})...), "?")
	l, err := p.Newsletters.ListByID(t.Context(), strings.TrimPrefix(at, listAt+"/"))
	check(t, err)
	if l.Calendar != (newsletter.Calendar{Days: 1, Minute: 570}) || l.Next.IsZero() || len(l.Blocks) != 1 || l.Public || !l.Open {
		t.Errorf("it is %+v", l)
	}
	p.leads(at, p.asPat, "act", "retire")
	if page := p.shows(listsAt, p.asPat); !strings.Contains(page, "Taken their leave") {
		t.Error("a retired list is not among those that took their leave")
	}
	p.leads(at, p.asPat, "act", "reopen")
	if page := p.shows(at, p.asPat); !strings.Contains(page, "Nobody has come or gone") || !strings.Contains(page, "Nobody has followed a link yet.") {
		t.Error("a new list has no empty states")
	}
}

// TestSubscribers finds one, shows the proof, and lets an address get nothing.
func TestSubscribers(t *testing.T) {
	p := start(t, papertest.SQLite(t), here).post()
	if page := p.shows(subscribers, p.asPat); !strings.Contains(page, "Nobody has subscribed yet.") {
		t.Error("no empty state")
	}
	p.subscribes(p.alert, "ann@reader.example", "ben@reader.example")
	page := p.shows(subscribers+"?q=AN", p.asPat)
	if !strings.Contains(page, "ann@reader.example") || strings.Contains(page, "ben@reader.example") {
		t.Errorf("the search finds\n%s", page)
	}
	at := regexp.MustCompile(subscriberAt + `/\w+`).FindString(page)
	page = p.shows(at, p.asPat)
	for _, want := range []string{"News Alerts", "mail from the paper", "192.0.2.0/24", "by the invitation after registering", "active"} {
		if !strings.Contains(page, want) {
			t.Errorf("the proof lacks %q\n%s", want, page)
		}
	}
	p.leads(at, p.asPat, "act", "end", "list", p.alert.ID)
	if page := p.shows(at, p.asPat); !strings.Contains(page, "by the newsroom") {
		t.Error("the subscription is not ended")
	}
	p.leads(at, p.asPat, "act", "suppress")
	if page := p.shows(at, p.asPat); !strings.Contains(page, "Gets nothing") {
		t.Error("it is not suppressed")
	}
	p.leads(at, p.asPat, "act", "lift")
	p.leads(suppressions, p.asPat, "act", "add", "note", "asked by phone", "emails", "carl@x.example\r\ndora@x.example")
	if page := p.shows(suppressions+"?"+url.Values{"q": {"carl"}}.Encode(), p.asPat); !strings.Contains(page, "carl@x.example") || !strings.Contains(page, "asked by phone") || strings.Contains(page, "dora") {
		t.Errorf("the list is\n%s", page)
	}
	res, page := p.fills(suppressions, p.asPat, "act", "add", "note", "", "emails", "eve@x.example nobody")
	if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, "nobody is not an e-mail address") || !strings.Contains(page, "eve@x.example nobody") {
		t.Errorf("a wrong address: %d", res.StatusCode)
	}
	p.leads(suppressions, p.asPat, "act", "lift", "email", "carl@x.example")
	if page := p.shows(suppressions, p.asPat); strings.Contains(page, "carl@x.example") {
		t.Error("it is not lifted")
	}
}
