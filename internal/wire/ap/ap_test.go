package ap

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kawaraban/internal/problem"
)

// TestParseShapes holds where the items of an answer may stand.
func TestParseShapes(t *testing.T) {
	const item = `{"uri":"u","altids":{"itemid":"a"}}`
	for _, test := range []struct {
		name, data, ids, next string
	}{
		{"feed", `{"api_version":"2","data":{"next_page":"https://ap.example/2","items":[{"meta":{},"item":` + item + `},{"item":{"altids":{"itemid":"b"}}}]}}`, "a b", "https://ap.example/2"},
		{"item", `{"api_version":2.1,"data":{"item":` + item + `}}`, "a", ""},
		{"no envelope", `{"items":[{"item":` + item + `}],"next_page":"n"}`, "a", "n"},
		{"a file of the agent", "\ufeff {\"item\":" + item + "}", "a", ""},
		{"items without a wrapping", `{"data":{"items":[` + item + `,7,null,[]]}}`, "a", ""},
		{"an empty page", `{"api_version":"2","data":{"current_item_count":0,"items":[]}}`, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, err := Parse([]byte(test.data))
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, it := range a.Items {
				ids = append(ids, string(it.AltIDs.ItemID))
			}
			if got := strings.Join(ids, " "); got != test.ids || a.Next != test.next {
				t.Errorf("items %q, next %q; want %q, %q", got, a.Next, test.ids, test.next)
			}
		})
	}
}

// TestParseRefuses holds what is said of an answer without items.
func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ data, says string }{
		{`{"api_version":"2","error":{"status":401,"message":"Invalid API key"}}`, `The AP answered with an error instead of items: "401 Invalid API key". It is kept as it came.`},
		{`{"api_version":"2","data":{"monitors":[{"name":"idle"}]}}`, `This is an answer of the AP Media API about an account or a monitor: it holds no items. It is kept as it came.`},
		{`{"api_version":"2","data":{"items":{}}}`, `This is an answer of the AP Media API about an account or a monitor: it holds no items. It is kept as it came.`},
	} {
		a, err := Parse([]byte(test.data))
		if p := problem.Of(err); p == nil || p.Kind != problem.Unsupported || p.Detail != test.says || a != nil {
			t.Errorf("Parse(%s) = %v, %v", test.data, a, err)
		}
	}
	for _, data := range []string{``, `[]`, `"a"`, `{"data":`, `null`} {
		if a, err := Parse([]byte(data)); err == nil {
			t.Errorf("Parse(%s) = %+v, want an error", data, a)
		}
	}
}

// TestParseSafely holds that what stops a story is never mistaken for absent,
// and that an odd field takes nothing else with it.
func TestParseSafely(t *testing.T) {
	a, err := Parse([]byte(`{"item":{"altids":"x","version":0,"pubstatus":["canceled"],"embargoed":{},"signals":"newscontent","editorialtypes":[{"a":1}],
		"headline":["H"],"bylines":"me","photographer":"p","renditions":["r"],"associations":7,"subject":{"code":"s"},"usageterms":"U","urgency":[]}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := Item{
		Version: "0", PubStatus: `["canceled"]`, Embargoed: "{}", Signals: []string{"newscontent"}, EditorialTypes: []string{`{"a":1}`},
		Subjects: []Tag{{Code: "s"}}, UsageTerms: []string{"U"}, Urgency: "[]",
	}
	if diff := cmp.Diff(want, a.Items[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHolds(t *testing.T) {
	for _, test := range []struct {
		item, items string
		want        bool
	}{
		{`{"altids":{"itemid":"a"}}`, ``, true},
		{`{"altids":{"itemid":"a"},"standard":{"name":"ninjs"}}`, ``, false},
		{`{"altids":{}}`, ``, false},
		{`{"uri":"a"}`, ``, false},
		{`[{"uri":"a"}]`, ``, false},
		{``, `[{"item":{"altids":{"itemid":"a"}}}]`, true},
		{``, `[{"uri":"a"}]`, false},
		{``, `[]`, false},
		{``, `{}`, false},
		{``, ``, false},
	} {
		if got := Holds(json.RawMessage(test.item), json.RawMessage(test.items)); got != test.want {
			t.Errorf("Holds(%s, %s) = %v", test.item, test.items, got)
		}
	}
}

// fixture is a page of a feed whose first item is a story with a picture, and its
// text elsewhere.
func fixture(tb testing.TB) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "ap-feed.json"))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// TestJoin takes the way of whoever asks the AP: a page is split, what its items
// want is fetched, and put in.
func TestJoin(t *testing.T) {
	parts, next, err := Split(fixture(t))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range parts {
		names = append(names, p.ID+" "+p.ETag)
	}
	if diff := cmp.Diff([]string{"00aa 00aa_0a1", "00bb 00bb_0", "00dd 00dd_1", "00ee 00ee_3", "00ff 00ff_0"}, names); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if next != "https://ap.example/media/v/content/feed?qt=Zz&seq=7" {
		t.Errorf("the next page is at %q", next)
	}
	wants := func(data []byte) []string {
		t.Helper()
		a, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		return a.Wants()
	}
	text, picture := "https://ap.example/media/v/content/00aa.0/download?format=NITF", "https://ap.example/media/v/content/00bb"
	if got := wants(parts[0].Data); !slices.Equal(got, []string{text, picture}) {
		t.Errorf("the story wants %q", got)
	}
	for _, p := range parts[1:] {
		if got := wants(p.Data); len(got) > 0 { // one is a kill: there is nothing to fetch
			t.Errorf("%s wants %q", p.ID, got)
		}
	}
	const nitf = `<?xml version="1.0" encoding="iso-8859-1"?><nitf><body><body.content><p>Caf` + "\xe9" + `</p></body.content></body></nitf>`
	joined, err := Join(parts[0].Data, map[string][]byte{text: []byte(nitf), picture: parts[1].Data, "https://ap.example/other": []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	if got := wants(joined); len(got) > 0 {
		t.Errorf("joined, it wants %q", got)
	}
	a, err := Parse(joined)
	if err != nil || len(a.Items) != 1 {
		t.Fatalf("%d items, %v", len(a.Items), err)
	}
	it := a.Items[0]
	if story, href := it.Story(); !strings.Contains(story, "<p>Café</p>") || href != "" {
		t.Errorf("story %q at %q", story, href)
	}
	if len(it.Associations) != 2 || it.Associations[0].Taker.Name != "Ole Brandt" || len(it.Associations[0].Renditions) != 3 || it.Associations[1].Type != "video" {
		t.Errorf("associations %+v", it.Associations)
	}
	// What could not be fetched, or is something else, leaves the rest as it is.
	half, err := Join(parts[0].Data, map[string][]byte{text: []byte(nitf), picture: []byte(`{"error":{}}`)})
	if err != nil {
		t.Fatal(err)
	}
	if got := wants(half); !slices.Equal(got, []string{picture}) {
		t.Errorf("half joined, it wants %q", got)
	}
}

// FuzzAP holds that Parse, Split and Join answer anything with items or an error,
// and that what is split and joined can be read again.
func FuzzAP(f *testing.F) {
	f.Add(fixture(f))
	for _, seed := range []string{
		`{"api_version":"1","error":{"status":500}}`, `{"item":{"altids":{"itemid":"a"},"type":"text","renditions":{"nitf":{"href":"h"}}}}`,
		`{"data":{"items":[{"item":{"type":"text","associations":{"1":{"uri":"h","type":"picture"}}}},{"item":[]},1,null]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Parse(data)
		parts, _, splitErr := Split(data)
		if (err == nil) != (splitErr == nil) || err == nil && len(parts) != len(a.Items) {
			t.Fatalf("%d parts, %v, %v", len(parts), splitErr, err)
		}
		if err != nil {
			return
		}
		fetched := map[string][]byte{}
		for _, href := range a.Wants() {
			fetched[href] = data
		}
		joined, err := Join(data, fetched)
		if err != nil {
			if problem.Of(err) == nil {
				t.Fatalf("Join: %v", err)
			}
			return
		}
		again, err := Parse(joined)
		if err != nil || len(again.Items) != len(a.Items) {
			t.Fatalf("joined: %v", err)
		}
		for i, p := range parts {
			one, err := Parse(p.Data)
			if err != nil || len(one.Items) != 1 || one.Items[0].AltIDs != a.Items[i].AltIDs {
				t.Fatalf("part %d: %v", i, err)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	data := fixture(b)
	items := 0
	for b.Loop() {
		a, err := Parse(data)
		if err != nil {
			b.Fatal(err)
		}
		items += len(a.Items)
	}
	b.ReportMetric(float64(items)/b.Elapsed().Seconds(), "items/s")
}
