package ninjs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestParseShapes holds that the three generations say the same.
func TestParseShapes(t *testing.T) {
	want := Doc{
		URI: "u", Type: "text", Version: "2", PubStatus: "usable", Urgency: "3", VersionCreated: "2026-03-02T10:00:00Z",
		Headlines: []Label{{Role: "main", Value: "H"}},
		Bodies:    []Label{{Role: "xhtml", ContentType: "", Value: "<p>B</p>"}},
		Renditions: Renditions{
			{Name: "main", Href: "https://hpa.example/1.jpg", Width: "800"},
			{Name: "small", Href: "https://hpa.example/2.jpg", Width: "80"},
		},
		Associations: []Doc{{Generation: 1, Name: "pic", URI: "p", Type: "picture"}, {Generation: 1, Name: "list", URI: "l"}},
	}
	for _, test := range []struct {
		generation int
		data       string
	}{
		{1, `{"uri":"u","type":"text","version":"2","pubstatus":"usable","urgency":"3","versioncreated":"2026-03-02T10:00:00Z",
			"headline_main":"H","body_xhtml":"<p>B</p>",
			"renditions":{"main":{"href":"https://hpa.example/1.jpg","width":800},"small":{"href":"https://hpa.example/2.jpg","width":"80"}},
			"associations":{"pic":{"uri":"p","type":"picture"},"list":{"uri":"l"}}}`},
		{2, `{"uri":"u","type":"text","version":2,"pubstatus":"usable","urgency":3,"versioncreated":"2026-03-02T10:00:00Z",
			"headlines":[{"role":"main","value":"H"}],"bodies":[{"role":"xhtml","value":"<p>B</p>"}],
			"renditions":[{"name":"main","href":"https://hpa.example/1.jpg","width":800},{"name":"small","href":"https://hpa.example/2.jpg","width":80}],
			"associations":[{"name":"pic","uri":"p","type":"picture"},{"name":"list","uri":"l"}]}`},
		{3, "\ufeff" + `{"uri":"u","type":"text","version":"2","pubStatus":"usable","urgency":3,"versionCreated":"2026-03-02T10:00:00Z",
			"headlines":[{"role":"main","value":"H"}],"bodies":[{"role":"xhtml","value":"<p>B</p>"}],
			"renditions":[{"name":"main","href":"https://hpa.example/1.jpg","width":800},{"name":"small","href":"https://hpa.example/2.jpg","width":80}],
			"associations":[{"name":"pic","uri":"p","type":"picture"},{"name":"list","uri":"l"}]}`},
	} {
		docs, err := Parse([]byte(test.data))
		if err != nil || len(docs) != 1 {
			t.Fatalf("generation %d: %d documents, %v", test.generation, len(docs), err)
		}
		want.Generation = test.generation
		if diff := cmp.Diff(want, docs[0]); diff != "" {
			t.Errorf("generation %d (-want +got):\n%s", test.generation, diff)
		}
	}
}

// TestParseSafely holds that what stops a story is never mistaken for absent.
func TestParseSafely(t *testing.T) {
	for _, test := range []struct{ data, status, embargo string }{
		{`{"uri":"u"}`, "", ""},
		{`{"uri":"u","pubstatus":null,"embargoed":null}`, "", ""},
		{`{"uri":"u","pubstatus":[],"embargoed":{}}`, "[]", "{}"},
		{`{"uri":"u","pubstatus":false,"embargoed":20260302}`, "false", "20260302"},
		{`{"uri":"u","PubStatus":"canceled","EMBARGOED":"2026-03-02"}`, "canceled", "2026-03-02"},
	} {
		docs, err := Parse([]byte(test.data))
		if err != nil {
			t.Errorf("Parse(%s): %v", test.data, err)
			continue
		}
		if d := docs[0]; string(d.PubStatus) != test.status || string(d.Embargoed) != test.embargo {
			t.Errorf("Parse(%s): status %q, embargo %q; want %q, %q", test.data, d.PubStatus, d.Embargoed, test.status, test.embargo)
		}
	}
}

func TestParseLists(t *testing.T) {
	for _, test := range []struct {
		data string
		ids  string
	}{
		{`[{"uri":"a"},{"guid":"b"}]`, "a b"},
		{`{"total":2,"item":[{"uri":"a"},{"uri":"b"}]}`, "a b"},
		{`{"_items":[{"guid":"a"}]}`, "a"},
		{`{"items":{"uri":"a"}}`, "a"},
		{`{"uri":"a","items":[{"uri":"b"}]}`, "a"},
		{`[{"uri":"a"},{}]`, "a "},
		{`[]`, ""},
	} {
		docs, err := Parse([]byte(test.data))
		var ids []string
		for i := range docs {
			ids = append(ids, docs[i].ID())
		}
		if got := strings.Join(ids, " "); got != test.ids || err != nil {
			t.Errorf("Parse(%s) = %q, %v; want %q", test.data, got, err, test.ids)
		}
	}
	for _, data := range []string{``, `{}`, `{"uri":""}`, `{"items":7}`, `[1]`, `{"uri":"a"`, `"a"`} {
		if docs, err := Parse([]byte(data)); err == nil {
			t.Errorf("Parse(%s) = %d documents, want an error", data, len(docs))
		}
	}
}

func TestGeneration(t *testing.T) {
	for _, test := range []struct {
		data string
		want int
	}{
		{`{"uri":"u","$standard":{"version":"1.4"},"versionCreated":"x"}`, 1},
		{`{"uri":"u","standard":{"schema":"http://www.iptc.org/std/ninjs/ninjs-schema_2.2.json"}}`, 2},
		{`{"uri":"u","standard":{"version":"3.0"}}`, 3},
		{`{"uri":"u","standard":{"version":"next"},"pubStatus":"usable"}`, 3},
		{`{"uri":"u","subjects":[]}`, 2},
		{`{"uri":"u","subject":[]}`, 1},
	} {
		docs, err := Parse([]byte(test.data))
		if err != nil || docs[0].Generation != test.want {
			t.Errorf("Parse(%s): generation %+v, %v; want %d", test.data, docs, err, test.want)
		}
	}
}

func TestThings(t *testing.T) {
	docs, err := Parse([]byte(`{"uri":"u","altids":{"itemid":"1","etag":2},
		"subject":["ferries",{"code":"04"},{"scheme":"http://cv.example/","code":"f"},{"scheme":"own","code":"g"},{"name":"N"},7,null],
		"places":{"name":"Haven"},"signal":"correction","signals":[{"uri":"sig:update"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	d := docs[0]
	var ids []string
	for _, s := range d.Subject {
		ids = append(ids, s.ID())
	}
	if got, want := strings.Join(ids, " "), "ferries 04 http://cv.example/f g N 7 "; got != want {
		t.Errorf("subjects %q, want %q", got, want)
	}
	if len(d.Places) != 1 || d.Places[0].Name != "Haven" || d.AltIDs["etag"] != "2" ||
		cmp.Diff(d.Signal, Strings{"correction"}) != "" || cmp.Diff(d.Signals, Strings{"sig:update"}) != "" {
		t.Errorf("got %+v", d)
	}
}

func TestScalarInt(t *testing.T) {
	for _, test := range []struct {
		s    Scalar
		want int
	}{{"172", 172}, {" 172.9 ", 172}, {"1e3", 1000}, {"-1", 0}, {"NaN", 0}, {"1e99", 0}, {"{}", 0}, {"", 0}} {
		if got := test.s.Int(); got != test.want {
			t.Errorf("%q.Int() = %d, want %d", test.s, got, test.want)
		}
	}
}

// FuzzNinjs holds that Parse answers anything with documents or an error.
func FuzzNinjs(f *testing.F) {
	for _, seed := range []string{
		`{"uri":"u","headline":"H","body_html":"<p>B</p>","associations":{"a":{"uri":"b","renditions":{"r":{"href":"x"}}}}}`,
		`{"uri":"u","headlines":[{"role":"main","value":"H"}],"bodies":["B"],"renditions":[{"name":"r"}],"altIds":[{"role":"r","value":"v"}]}`,
		`{"item":[{"guid":"u","eventDetails":{},"plannedCoverage":[]}]}`,
		`[{"uri":1,"subject":{},"place":"p","renditions":7,"associations":[null,1,"a",[]]}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, err := Parse(data)
		if err != nil && docs != nil {
			t.Fatalf("documents and an error: %v", err)
		}
		for i := range docs {
			if d := &docs[i]; d.Generation < 1 || d.Generation > 3 || len(docs) == 1 && d.ID() == "" {
				t.Fatalf("document %d: id %q, generation %d", i, d.ID(), d.Generation)
			}
		}
	})
}
