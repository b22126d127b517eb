package wire

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/wire/ap"
)

// TestAPDecides goes the AP's own way to what may be published, in all its turns.
func TestAPDecides(t *testing.T) {
	const usable = `"pubstatus":"usable","signals":["newscontent"]`
	for _, test := range []struct {
		members string
		status  Status
		until   string // RFC 3339; "" for none
		open    bool
		says    string // why it is held
	}{
		{usable, Usable, "", false, ""},
		{`"signals":["NewsContent"]`, Usable, "", false, ""},
		{usable + `,"editorialtypes":["Lead","Writethru","Corrective"]`, Usable, "", false, ""},
		// 1. Without newscontent it is never published by itself.
		{`"pubstatus":"usable"`, Unknown, "", false, "does not signal that this is news content"},
		{`"pubstatus":"usable","signals":[]`, Unknown, "", false, "does not signal that this is news content"},
		{`"pubstatus":"usable","signals":["NewsroomReady"]`, Unknown, "", false, "does not signal that this is news content"},
		{`"pubstatus":"embargoed","embargoed":"2026-03-03T06:00:00Z"`, Unknown, "2026-03-03T06:00:00Z", false, "does not signal that this is news content"},
		// 2. What has been taken back is taken back, whatever it is.
		{`"pubstatus":"canceled"`, Canceled, "", false, ""},
		{`"pubstatus":"Withheld"`, Withheld, "", false, ""},
		{`"pubstatus":"withheld","signals":["newscontent"]`, Withheld, "", false, ""},
		{usable + `,"editorialtypes":["Kill"]`, Canceled, "", false, ""},
		{usable + `,"editorialtypes":["Elimination"]`, Canceled, "", false, ""},
		{usable + `,"editorialtypes":"Withhold"`, Withheld, "", false, ""},
		{`"pubstatus":"canceled","editorialtypes":["Withhold"],"signals":["newscontent"]`, Canceled, "", false, ""},
		// 3. An embargo holds to its end, and one without an end holds.
		{`"pubstatus":"embargoed","embargoed":"2026-03-03T06:00:00Z","signals":["newscontent"]`, Usable, "2026-03-03T06:00:00Z", false, ""},
		{`"pubstatus":"embargoed","releasedatetime":"2026-03-03T06:00:00Z","signals":["newscontent"]`, Usable, "2026-03-03T06:00:00Z", false, ""},
		{`"pubstatus":"embargoed","signals":["newscontent"]`, Usable, "", true, ""},
		{usable + `,"embargoed":"2026-03-03T06:00:00Z"`, Usable, "2026-03-03T06:00:00Z", false, ""},
		{usable + `,"embargoed":{}`, Usable, "", true, ""},
		{usable + `,"editorialtypes":["HoldForRelease"]`, Usable, "", true, ""},
		// 4. What we do not understand, an editor reads.
		{`"pubstatus":"OPEN","signals":["newscontent"]`, Unknown, "", false, `"OPEN", which we do not know`},
		{`"pubstatus":["usable"],"signals":["newscontent"]`, Unknown, "", false, "which we do not know"},
		{`"pubstatus":"usable","signals":["newscontent","rightsreview"]`, Unknown, "", false, `["rightsreview"], which we do not know`},
		{`"pubstatus":"usable","signals":[{"newscontent":true},"newscontent"]`, Unknown, "", false, "which we do not know"},
		{`"pubstatus":"usable","signals":["newscontent","Test"]`, Unknown, "", false, "a test"},
		{`"pubstatus":"usable","signals":["newscontent","explicitcontent"]`, Unknown, "", false, "explicit"},
		{usable + `,"editorialtypes":["Advisory"]`, Unknown, "", false, "speaks to editors"},
		{usable + `,"profile":"Daybook"`, Unknown, "", false, "note to editors"},
	} {
		it := readOne(t, `{"api_version":"2","data":{"item":{"altids":{"itemid":"a"},"type":"text",`+test.members+`}}}`)
		until := ""
		if !it.Embargo.IsZero() {
			until = it.Embargo.Format(time.RFC3339)
		}
		if it.Status != test.status || until != test.until || it.EmbargoOpen != test.open {
			t.Errorf("%s: %s until %q, open %v; want %s, %q, %v", test.members, it.Status, until, it.EmbargoOpen, test.status, test.until, test.open)
		}
		if reason := judge(Source{Publish: Auto}, &it, Ruling{}); test.status == Unknown && !strings.Contains(reason, test.says) || test.status == Usable && reason != "" {
			t.Errorf("%s: held because %q; want %q", test.members, reason, test.says)
		}
	}
}

// TestAPText holds what the text brings with it when it has come: what it says
// of itself counts where it allows less.
func TestAPText(t *testing.T) {
	for _, test := range []struct {
		docdata, body string
		status        Status
		embargo       string
	}{
		{``, `<p>Text.</p>`, Usable, "2026-03-03T06:00:00Z"},
		{`<docdata management-status="canceled"/>`, `<p>Text.</p>`, Canceled, "2026-03-03T06:00:00Z"},
		{`<docdata management-status="OPEN"/>`, `<p>Text.</p>`, Unknown, "2026-03-03T06:00:00Z"},
		{`<docdata><date.issue norm="20260302T000000Z"/><date.release norm="20260304T060000Z"/></docdata>`, `<p>Text.</p>`, Usable, "2026-03-04T06:00:00Z"},
		{`<docdata><date.issue norm="20260302T000000Z"/><date.release norm="20260302T060000Z"/></docdata>`, `<p>Text.</p>`, Usable, "2026-03-03T06:00:00Z"},
		{``, strings.Repeat("<p>x</p>", 2_500), Unknown, "2026-03-03T06:00:00Z"},
	} {
		text := `<nitf><head>` + test.docdata + `</head><body><body.content>` + test.body + `</body.content></body></nitf>`
		it := readOne(t, fmt.Sprintf(`{"api_version":"2","data":{"item":{"altids":{"itemid":"a"},"type":"text","signals":["newscontent"],"embargoed":"2026-03-03T06:00:00Z",
			"renditions":{"nitf":{"href":"https://ap.example/a","nitf":%q}}}}}`, text))
		if it.Status != test.status || it.Embargo.Format(time.RFC3339) != test.embargo || len(it.Body.Blocks) == 0 || it.BodyAt != "" {
			t.Errorf("%s: %s until %s, %d blocks, text at %q", test.docdata, it.Status, it.Embargo, len(it.Body.Blocks), it.BodyAt)
		}
	}
	it := readOne(t, `{"api_version":"2","data":{"item":{"altids":{"itemid":"a"},"type":"text","signals":["newscontent"],"headline":"H","renditions":{"nitf":{"nitf":"<nitf><body>"}}}}}`)
	if it.Status != Unknown || !strings.Contains(it.Advisory, "Its text is damaged") {
		t.Errorf("a damaged text: %s, %q", it.Status, it.Advisory)
	}
}

// TestAPPictures holds that a story shows only those of its pictures that may be
// published by themselves.
func TestAPPictures(t *testing.T) {
	for _, test := range []struct {
		members  string
		pictures int
		told     bool
	}{
		{`"signals":["newscontent"]`, 1, false},
		{`"signals":["newscontent"],"pubstatus":"usable","type":"Picture"`, 1, false},
		{`"pubstatus":"usable"`, 0, true},
		{`"signals":["newscontent"],"pubstatus":"canceled"`, 0, true},
		{`"signals":["newscontent"],"editorialtypes":["Elimination"]`, 0, true},
		{`"signals":["newscontent","explicitcontent"]`, 0, true},
		{`"signals":["newscontent"],"pubstatus":"embargoed"`, 0, true},
		{`"signals":["newscontent"],"embargoed":"2099-01-01T00:00:00Z"`, 0, true},
		{`"signals":["newscontent"],"type":"video"`, 0, false},
	} {
		it := readOne(t, `{"item":{"altids":{"itemid":"a"},"type":"text","signals":["newscontent"],"headline":"H","nitf":"<nitf><body><body.content><p>T</p></body.content></body></nitf>",
			"associations":{"1":{"altids":{"itemid":"p"},"uri":"https://ap.example/p","type":"picture","renditions":{"main":{"mimetype":"image/jpeg","href":"https://ap.example/p.jpg"}},`+test.members+`}}}}`)
		if len(it.Pictures) != test.pictures || (it.Advisory != "") != test.told || it.Status != Usable {
			t.Errorf("%s: %d pictures, %q, %s", test.members, len(it.Pictures), it.Advisory, it.Status)
		}
	}
}

// TestAPTextComesLater delivers a story that only points at its text, and then
// with it: the version is not taken for one that came before.
func TestAPTextComesLater(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := newRoom(t, d)
		page, err := os.ReadFile(filepath.Join("testdata", "ap-feed.json"))
		if err != nil {
			t.Fatal(err)
		}
		deliver := func(name string, data []byte) Result {
			t.Helper()
			results, err := r.Deliver(t.Context(), r.hpa, name, data, nil)
			if err != nil || len(results) == 0 {
				t.Fatalf("%s: %d results, %v", name, len(results), err)
			}
			return results[0]
		}
		parts, _, err := ap.Split(page)
		if err != nil {
			t.Fatal(err)
		}
		if res := deliver("page.json", page); res.Decision != Kept || res.Reason != noBody || r.read(r.hpa, "00aa") != "404" {
			t.Errorf("without its text it is %s: %s", res.Decision, res.Reason)
		}
		if res := deliver("part.json", parts[0].Data); res.Decision != Kept || res.Reason != "This version came before." {
			t.Errorf("once more without its text it is %s: %s", res.Decision, res.Reason)
		}
		a, err := ap.Parse(parts[0].Data)
		if err != nil {
			t.Fatal(err)
		}
		text := []byte(`<nitf><body><body.content><p>KAWARA BAY, Hokuto (BP) — The crane is second to none.</p></body.content></body></nitf>`)
		whole, err := ap.Join(parts[0].Data, map[string][]byte{a.Wants()[0]: text})
		if err != nil {
			t.Fatal(err)
		}
		if res := deliver("whole.json", whole); res.Decision != Released || r.read(r.hpa, "00aa") != "Kawara Bay gets a second crane" {
			t.Errorf("with its text it is %s: %s; readers have %q", res.Decision, res.Reason, r.read(r.hpa, "00aa"))
		}
		if got := r.story(r.hpa, "00aa"); got == nil || got.Body.Text() != "The crane is second to none." {
			t.Errorf("the article: %+v", got)
		}
		for _, again := range [][]byte{append(slices.Clone(whole), ' '), append(slices.Clone(parts[0].Data), ' ')} {
			if res := deliver(db.NewID(), again); res.Decision != Kept || res.Reason != "This version came before." {
				t.Errorf("once more it is %s: %s", res.Decision, res.Reason)
			}
		}
		// A version that nobody said had a text elsewhere came before, and that is that.
		if got := r.deliver(r.hpa, version(1, doc{"body_html": ""}), version(1, nil)); !slices.Equal(got, []Decision{Kept, Kept}) {
			t.Errorf("a story without a text, and again with one: %q", got)
		}
		if n := r.count("wire_item where id = '00aa'"); n != 1 {
			t.Errorf("%d versions are kept", n)
		}
		if n := r.count("wire_story where id = '00aa' and versions = 1"); n != 1 {
			t.Error("the story counts its text as a version")
		}
		r.whole()
	})
}

func BenchmarkReadAP(b *testing.B)           { benchmarkRead(b, "ap-feed.json") }
func BenchmarkReadDigitalwires(b *testing.B) { benchmarkRead(b, "digitalwires-text.json") }

func benchmarkRead(b *testing.B, name string) {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		b.Fatal(err)
	}
	items := 0
	for b.Loop() {
		got, err := Read(name, data)
		if err != nil {
			b.Fatal(err)
		}
		items += len(got)
	}
	b.ReportMetric(float64(items)/b.Elapsed().Seconds(), "items/s")
}

// TestChangeOf holds what editors are told of what a version changes, in the
// words of each agency.
func TestChangeOf(t *testing.T) {
	for _, test := range []struct {
		advisory string
		signals  []string
		want     string
	}{
		{"", nil, ""},
		{"\nCORRECTS the year in para 3.\nMore.", []string{"sig:update"}, "CORRECTS the year in para 3."},
		{"", []string{"newscontent", "sig:correction"}, "correction"},
		{"", []string{"newscontent", "Lead", "Writethru"}, "update"},
		{"", []string{"newscontent", "Corrective"}, "correction"},
		{"", []string{"edStat:C"}, "correction"},
		{"", []string{"newscontent", "singlesource"}, ""},
	} {
		if got := changeOf(Item{Advisory: test.advisory, Signals: test.signals}); got != test.want {
			t.Errorf("changeOf(%q, %q) = %q, want %q", test.advisory, test.signals, got, test.want)
		}
	}
}
