package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/papertest"
)

// A core is AFP Core, played: it lets in who has the key of the application and the
// password, finds documents by when they were published, and gets one at a time.
type core struct {
	mu       sync.Mutex
	now      func() time.Time
	docs     []map[string]any
	tokens   map[string]bool // those that are good
	renews   map[string]bool
	logins   []string // by what: password, refresh_token
	searches []string // from when
	products []string // of the last search
	gets     int
	n        int
	broken   int // how many documents are not told
}

func (c *core) add(n, revision int, published time.Time, more ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := map[string]any{
		"uno": fmt.Sprintf("newsml.fpa.example.doc-%d", n), "class": "text", "revision": revision, "status": "Usable", "lang": "en", "urgency": 3,
		"headline": fmt.Sprintf("Harbour %d.%d", n, revision), "published": published.UTC().Format(time.RFC3339), "created": published.UTC().Format(time.RFC3339),
		"slug": []string{"harbour"}, "city": "Kawara Bay", "product": "news",
	}
	for i := 0; i < len(more); i += 2 {
		d[more[i]] = more[i+1]
	}
	c.docs = append(c.docs, d)
}

// revoke has no token good any more; renewals too, if all.
func (c *core) revoke(all bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if clear(c.tokens); all {
		clear(c.renews)
	}
}

func (c *core) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	tell := func(v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	docs := func(list []map[string]any) {
		tell(map[string]any{"response": map[string]any{"docs": list, "numFound": len(list)}})
	}
	uno, get := strings.CutPrefix(r.URL.Path, "/v1/api/get/")
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/oauth/token":
		by := r.PostFormValue("grant_type")
		good := by == "password" && r.PostFormValue("username") == "paper" && r.PostFormValue("password") == "open sesame" ||
			by == "refresh_token" && c.renews[r.PostFormValue("refresh_token")]
		if c.logins = append(c.logins, by); !good || r.Header.Get("Authorization") != "Basic YXBw" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.n++
		access, refresh := fmt.Sprint("a", c.n), fmt.Sprint("r", c.n)
		c.tokens[access], c.renews[refresh] = true, true
		tell(map[string]any{"access_token": access, "refresh_token": refresh, "expires_in": 3600})
	case !c.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]:
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodPost && r.URL.Path == "/v1/api/search":
		var q struct {
			MaxRows   int
			DateRange struct{ From time.Time }
			Query     struct{ In []string }
		}
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &q); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.searches, c.products = append(c.searches, c.now().Sub(q.DateRange.From).Round(time.Second).String()), q.Query.In
		var found []map[string]any
		for _, d := range c.docs {
			if at, _ := time.Parse(time.RFC3339, d["published"].(string)); !at.Before(q.DateRange.From) {
				found = append(found, d)
			}
		}
		slices.SortStableFunc(found, func(a, b map[string]any) int {
			return strings.Compare(a["published"].(string), b["published"].(string))
		})
		docs(found[:min(len(found), q.MaxRows)])
	case get && c.broken > 0:
		c.broken--
		w.WriteHeader(http.StatusInternalServerError)
	case get:
		c.gets++
		for _, d := range slices.Backward(c.docs) {
			if d["uno"] == uno {
				full := map[string]any{"news": []string{"The harbour has a second crane.", "It is twelve metres higher.", "ol/mb"}}
				for k, v := range d {
					full[k] = v
				}
				docs([]map[string]any{full})
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// TestAFP logs in, searches from before it last did, gets what is new once, and logs in
// again when it is no longer let in.
//
// Seen red: a search that begins where the last one ended; a 401 that is not tried again.
func TestAFP(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	c := &core{now: r.Now, tokens: map[string]bool{}, renews: map[string]bool{}}
	a := r.serves(c.serve)
	way := Way{Kind: ByAFP, Address: a.URL + "/", Account: "paper", Every: time.Minute, Options: Options{Products: []string{"news", "sport"}}}
	src := r.way("AFP", way, "YXBw open sesame")
	items := func() int { return r.count("wire_item where source = $1", src.ID) }
	c.add(1, 1, r.Now().Add(-3*time.Hour)) // before the paper had a contract
	c.add(2, 1, r.Now().Add(-10*time.Minute))

	if g, err := r.Look(t.Context(), src.ID); err != nil || g.Waiting != 1 || items() != 0 {
		t.Errorf("a look: %+v, %v", g, err)
	}
	w, trouble := r.polled(src)
	if trouble != "" || items() != 1 || w.Lag != 10*time.Minute || strings.Join(c.products, " ") != "news sport" {
		t.Fatalf("%q, %d items, lag %v, products %q", trouble, items(), w.Lag, c.products)
	}
	story := r.story(src, "newsml.fpa.example.doc-2")
	if story == nil || story.Headline != "Harbour 2.1" || story.Dateline != "Kawara Bay" || story.Body.Text() != "The harbour has a second crane.\n\nIt is twelve metres higher." {
		t.Errorf("the story is %+v", story)
	}
	if strings.Join(c.logins, " ") != "password" {
		t.Errorf("logged in by %q", c.logins)
	}

	// The window reaches back further than the last search, and what is here is not got
	// again. What appears late in it is found.
	for range 10 {
		if _, trouble = r.polled(src); trouble != "" {
			t.Fatal(trouble)
		}
	}
	c.add(3, 1, r.Now().Add(-4*time.Minute))
	if _, trouble = r.polled(src); trouble != "" || items() != 2 || c.gets != 2 || c.searches[len(c.searches)-1] != "5m0s" {
		t.Errorf("%q, %d items, %d got, searched %v back", trouble, items(), c.gets, c.searches)
	}
	if err := r.Pause(t.Context(), "", src.ID, true); err != nil {
		t.Fatal(err)
	}
	r.clock.Add(50 * time.Minute)
	if err := r.Pause(t.Context(), "", src.ID, false); err != nil {
		t.Fatal(err)
	}
	if _, trouble = r.polled(src); trouble != "" || c.searches[len(c.searches)-1] != "1h50m0s" {
		t.Errorf("after fifty minutes: %q, searched %v back", trouble, c.searches[len(c.searches)-1])
	}

	// A new revision, and a kill.
	c.add(2, 2, r.Now())
	if _, trouble = r.polled(src); trouble != "" || r.read(src, "newsml.fpa.example.doc-2") != "Harbour 2.2" {
		t.Errorf("%q, readers have %q", trouble, r.read(src, "newsml.fpa.example.doc-2"))
	}
	c.add(2, 3, r.Now(), "status", "Canceled")
	if _, trouble = r.polled(src); trouble != "" || r.read(src, "newsml.fpa.example.doc-2") != "410" {
		t.Errorf("%q, readers have %q", trouble, r.read(src, "newsml.fpa.example.doc-2"))
	}

	// Tokens end: by our clock, by theirs, and all of them.
	c.mu.Lock()
	c.logins = nil
	c.mu.Unlock()
	r.clock.Add(2 * time.Hour)
	for _, test := range []struct {
		ends func()
		want string
	}{
		{func() {}, "refresh_token"},
		{func() { c.revoke(false) }, "refresh_token"},
		{func() { c.revoke(true) }, "refresh_token password"},
	} {
		c.mu.Lock()
		c.logins = nil
		c.mu.Unlock()
		test.ends()
		if _, trouble = r.polled(src); trouble != "" || strings.Join(c.logins, " ") != test.want {
			t.Errorf("%q, logged in by %q, want %q", trouble, c.logins, test.want)
		}
	}

	// More than is told at a time, many of them in one moment.
	at := r.Now()
	for n := range 2*afpRows + 5 {
		c.add(100+n, 1, at.Add(time.Duration(n/3)*time.Second))
	}
	r.clock.Add(10 * time.Minute)
	if _, trouble = r.polled(src); trouble != "" || items() != 4+2*afpRows+5 {
		t.Errorf("%q, %d items", trouble, items())
	}

	// A document that is not told keeps the place, and not for ever.
	c.add(9, 1, r.Now())
	c.broken = patience
	before := items()
	for range patience {
		if _, trouble = r.polled(src); !strings.Contains(trouble, "trouble of its own") || items() != before {
			t.Errorf("%q, %d items", trouble, items()-before)
		}
	}
	if _, trouble = r.polled(src); trouble != "" || items() != before+1 {
		t.Errorf("told again: %q, %d items", trouble, items()-before)
	}

	// A wrong password is said, and is not tried all the time.
	way.Address = a.URL
	if err := r.Change(t.Context(), "", Source{ID: src.ID, Name: "AFP", Section: "world", Publish: Auto}, way, "YXBw wrong"); err != nil {
		t.Fatal(err)
	}
	if w, trouble = r.polled(src); !strings.Contains(trouble, "The AFP does not let us in.") || w.Due.Sub(r.Now()) < 90*time.Second {
		t.Errorf("%q, next in %v", trouble, w.Due.Sub(r.Now()))
	}
	if strings.Contains(fmt.Sprint(r.count("wire_way where cursor like '%a1%' or secret like '%sesame%'")), "1") {
		t.Error("a token or the password lies open in the database")
	}
	r.whole()
}

// TestFromAFP says in the wire's words what a document says.
func TestFromAFP(t *testing.T) {
	doc := func(more string) Item {
		t.Helper()
		items, err := Read("", []byte(`{"response":{"docs":[{"uno":"u1","class":"text","revision":2,"status":"Usable","lang":"fr","urgency":1,
			"published":"2026-03-02T10:00:00Z","news":["Un.","Deux.","bur-ol/mb"]`+more+`}]}}`))
		if err != nil || len(items) != 1 {
			t.Fatal(items, err)
		}
		return items[0]
	}
	it := doc("")
	if it.ID != "u1" || it.Version != "2" || it.Urgency != 1 || it.Language != "fr" || it.Headline != "Un." || it.Credit != "AFP" || it.Copyright != "© 2026 AFP" || it.Status != Usable {
		t.Errorf("%+v", it)
	}
	for _, test := range []struct {
		more string
		is   func(Item) bool
	}{
		{`,"status":"Embargoed"`, func(it Item) bool { return it.EmbargoOpen }},
		{`,"status":"Embargoed","embargoed":"2026-03-03T06:00:00Z"`, func(it Item) bool { return !it.EmbargoOpen && it.Embargo.Day() == 3 }},
		{`,"embargoed":true`, func(it Item) bool { return it.EmbargoOpen }},
		{`,"embargoed":false`, func(it Item) bool { return !it.EmbargoOpen && it.Embargo.IsZero() }},
		{`,"status":"Canceled"`, func(it Item) bool { return it.Status == Canceled }},
		{`,"status":"Perhaps"`, func(it Item) bool { return it.Status == Unknown }},
		{`,"signal":["correction"]`, func(it Item) bool { return it.Status == Usable }},
		{`,"signal":["semaphore"]`, func(it Item) bool { return it.Status == Unknown }},
		{`,"advisory":["CORRECTS the year"]`, func(it Item) bool { return it.Advisory == "CORRECTS the year" && it.EdNote == "" }},
		{`,"class":"video"`, func(it Item) bool { return it.Class == Other }},
	} {
		if it := doc(test.more); !test.is(it) {
			t.Errorf("%s: %+v", test.more, it)
		}
	}
}
