package wire

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kawaraban/internal/papertest"
)

// sentByAP is a story of the AP that points at its text, and at a picture when it has one.
func sentByAP(base string, n, version int, picture bool) string {
	linked := ""
	if picture {
		linked = fmt.Sprintf(`, "associations": {"1": {"type": "picture", "uri": "%s/media/pic"}}`, base)
	}
	return fmt.Sprintf(`{"item": {"uri": "%[1]s/media/%[2]d", "altids": {"itemid": "%[2]d", "etag": "%[2]d_%[3]d"}, "version": %[3]d, "type": "text",
		"pubstatus": "usable", "signals": ["newscontent"], "versioncreated": "2025-11-03T08:50:00Z", "headline": "Crane %[2]d.%[3]d",
		"renditions": {"nitf": {"rel": "Story", "type": "text", "href": "%[1]s/text/%[2]d.%[3]d"}}%[4]s}}`, base, n, version, linked)
}

func apPage(next string, items ...string) string {
	return fmt.Sprintf(`{"api_version": "2.2", "data": {"next_page": %q, "items": [%s]}}`, next, strings.Join(items, ","))
}

// TestAP follows a feed from page to page, has the text and the pictures of what it finds,
// and goes on where it was. The key is told to one host.
//
// Seen red: a next page on another host that is followed; a text that is not waited for.
func TestAP(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	a := r.serves(nil)
	pages, texts := map[string]string{}, map[string]int{} // by address; status of a text that is not there
	fetches := map[string]int{}
	a.play(func(w http.ResponseWriter, req *http.Request) {
		at := req.URL.RequestURI()
		fetches[at]++
		switch text, of := strings.CutPrefix(at, "/text/"); {
		case req.Header.Get(apHeader) != "key-1":
			w.WriteHeader(http.StatusUnauthorized)
		case of && texts[at] != 0:
			w.WriteHeader(texts[at])
		case of:
			answers("text/xml", "<nitf><body><body.content><p>The text of "+text+".</p></body.content></body></nitf>")(w, req)
		case at == "/media/pic":
			answers("application/json", `{"data": {"item": {"altids": {"itemid": "pic"}, "type": "picture", "pubstatus": "usable", "signals": ["newscontent"], "description_caption": "The crane.",
				"renditions": {"main": {"rel": "Main", "type": "picture", "href": "`+a.URL+`/pic.jpg", "width": 48, "height": 32}}}}}`)(w, req)
		case at == "/pic.jpg":
			w.Write(photo(9))
		case pages[at] == "":
			w.WriteHeader(http.StatusGone)
		default:
			answers("application/json", pages[at])(w, req)
		}
	})
	src := r.way("AP", Way{Kind: ByAP, Address: a.URL + "/feed?page_size=50", Options: Options{Pictures: true}}, "key-1")
	text := func(id string) string {
		if story := r.story(src, id); story != nil {
			return story.Body.Text()
		}
		return ""
	}
	pages["/feed?page_size=50"] = apPage(a.URL+"/feed?seq=2", sentByAP(a.URL, 1, 0, true))
	pages["/feed?seq=2"] = apPage(a.URL+"/feed?seq=3", sentByAP(a.URL, 2, 0, false))
	pages["/feed?seq=3"] = apPage(a.URL+"/feed?seq=3", "")
	pages["/feed?seq=3"] = apPage(a.URL + "/feed?seq=3")

	if g, err := r.Look(t.Context(), src.ID); err != nil || g.Waiting != 1 || !g.More || r.deliveries(src) != 0 {
		t.Errorf("a look: %+v, %v", g, err)
	}
	w, trouble := r.polled(src)
	if trouble != "" || r.deliveries(src) != 2 || !strings.Contains(w.Cursor, "seq=3") || r.read(src, "1") != "Crane 1.0" || !strings.Contains(text("1"), "The text of 1.0.") {
		t.Fatalf("%q, %d deliveries, cursor %s, text %q", trouble, r.deliveries(src), w.Cursor, text("1"))
	}
	if r.count("picture") != 1 || w.Due.Sub(r.Now()) != usually {
		t.Errorf("%d pictures, next in %v; asked for %q", r.count("picture"), w.Due.Sub(r.Now()), a.heard())
	}
	// A restart, or a place that is gone: what is here is not fetched again.
	pages["/feed?seq=3"] = ""
	if w, trouble = r.polled(src); !strings.Contains(trouble, "nothing at this address") || w.Cursor != "" {
		t.Errorf("a place that is gone: %q, cursor %q", trouble, w.Cursor)
	}
	pages["/feed?seq=3"] = apPage(a.URL + "/feed?seq=3")
	before := fetches["/text/1.0"]
	if _, trouble = r.polled(src); trouble != "" || r.deliveries(src) != 2 || fetches["/text/1.0"] != before {
		t.Errorf("from the beginning: %q, %d deliveries, its text was fetched %d times more", trouble, r.deliveries(src), fetches["/text/1.0"]-before)
	}

	// A text that is late keeps the place, and not for ever.
	pages["/feed?seq=3"] = apPage(a.URL+"/feed?seq=4", sentByAP(a.URL, 3, 0, false), sentByAP(a.URL, 4, 0, false))
	pages["/feed?seq=4"] = apPage(a.URL + "/feed?seq=4")
	texts["/text/3.0"] = http.StatusBadGateway
	for n := range patience {
		if w, trouble = r.polled(src); !strings.Contains(trouble, "trouble of its own") || !strings.Contains(w.Cursor, "seq=3") || r.deliveries(src) != 2 {
			t.Fatalf("try %d: %q, cursor %s, %d deliveries", n+1, trouble, w.Cursor, r.deliveries(src))
		}
	}
	if w, trouble = r.polled(src); trouble != "" || r.deliveries(src) != 4 || r.read(src, "3") != "404" || r.read(src, "4") != "Crane 4.0" {
		t.Errorf("in the end: %q, cursor %s, %d deliveries, %s", trouble, w.Cursor, r.deliveries(src), r.read(src, "4"))
	}
	// One that is not there at all holds nothing up.
	pages["/feed?seq=4"] = apPage(a.URL+"/feed?seq=5", sentByAP(a.URL, 5, 0, false), sentByAP(a.URL, 4, 1, false))
	texts["/text/5.0"] = http.StatusNotFound
	pages["/feed?seq=5"] = apPage(a.URL + "/feed?seq=5")
	if w, trouble = r.polled(src); trouble != "" || r.read(src, "4") != "Crane 4.1" || r.count("wire_item where source = $1 and id = '5' and decision = 'kept'", src.ID) != 1 {
		t.Errorf("%q, cursor %s; readers have %s", trouble, w.Cursor, r.read(src, "4"))
	}

	// The key stays with its host.
	pages["/feed?seq=5"] = apPage("https://evil.example/feed?seq=6", sentByAP(a.URL, 6, 0, false))
	if w, trouble = r.polled(src); !strings.Contains(trouble, "on another host") || !strings.Contains(w.Cursor, "seq=5") {
		t.Errorf("a next page elsewhere: %q, cursor %s", trouble, w.Cursor)
	}
	pages["/feed?seq=5"] = `{"error": {"status": 500, "message": "no"}}`
	if _, trouble = r.polled(src); !strings.Contains(trouble, "does not answer as the AP Media API") {
		t.Errorf("an error as an answer: %q", trouble)
	}
	_, err := r.Add(t.Context(), "", Source{Name: "AP 2", Section: "world", Publish: Auto}, Way{Kind: ByAP}, "")
	if fieldsOf(err)["password"] == "" {
		t.Errorf("without a key: %v", err)
	}
	r.whole()
}
