package digitalwires

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestParseShapes holds where entries may stand.
func TestParseShapes(t *testing.T) {
	for _, test := range []struct{ name, data, urns string }{
		{"one", "\ufeff {\"format\":\"digitalwires@0.9.1\",\"urn\":\"a\"}", "a"},
		{"a list", `[{"urn":"a"},{"urn":"b"}]`, "a b"},
		{"the queue", `{"entries":[{"_wireq_receipt":"r","urn":"a"},{"urn":"b"}]}`, "a b"},
		{"an empty queue", `{"entries":[]}`, ""},
		{"an entry with entries of its own", `{"format":"digitalwires@2","urn":"a","entries":[{"urn":"b"}]}`, "a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			entries, err := Parse([]byte(test.data))
			if err != nil {
				t.Fatal(err)
			}
			var urns []string
			for _, e := range entries {
				urns = append(urns, string(e.URN))
			}
			if got := strings.Join(urns, " "); got != test.urns {
				t.Errorf("entries %q, want %q", got, test.urns)
			}
		})
	}
	for _, data := range []string{``, `7`, `"a"`, `null`, `{"entries":7}`, `{"entries":[1]}`, `[[]]`, `{"urn":"a"`} {
		if entries, err := Parse([]byte(data)); err == nil {
			t.Errorf("Parse(%s) = %+v, want an error", data, entries)
		}
	}
}

// TestParseSafely holds that what stops a story, or keeps a note inside, is never
// mistaken for absent, and that an odd field takes nothing else with it.
func TestParseSafely(t *testing.T) {
	entries, err := Parse([]byte(`{"format":"digitalwires","urn":7,"pubstatus":["usable"],"signal":["a",{"b":1}],"embargoed":true,"headline":{"de":"H"},
		"notepad":"canary","ednotes":{"ednote":"n","is_publishable":"false"},"associations":null,"categories":["x",{"type":"t","rank":"2"}],"usageterms":"u"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := Entry{
		Format: "digitalwires", URN: "7", PubStatus: `["usable"]`, Signal: []string{"a", `{"b":1}`}, Embargoed: "true",
		EdNotes: []EdNote{{Text: "n", Publishable: "false"}}, Categories: []Category{{Type: "t", Rank: "2"}}, UsageTerms: []string{"u"},
	}
	if diff := cmp.Diff(want, entries[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestIs(t *testing.T) {
	for _, test := range []struct {
		format, entries string
		want            bool
	}{
		{`"digitalwires@0.9.1"`, ``, true},
		{`"ninjs"`, ``, false},
		{`7`, ``, false},
		{``, `[{"format":"digitalwires@1"}]`, true},
		{``, `[{"_wireq_receipt":"r"}]`, true},
		{``, `[]`, true},
		{``, `[ ]`, true},
		{``, `[{"uri":"a"}]`, false},
		{``, `["digitalwires"]`, false},
		{``, `{}`, false},
		{``, ``, false},
	} {
		if got := Is(json.RawMessage(test.format), json.RawMessage(test.entries)); got != test.want {
			t.Errorf("Is(%s, %s) = %v", test.format, test.entries, got)
		}
	}
}

func fixture(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// TestSplit holds that each entry of the queue's answer is a delivery of its own,
// the same each time that it comes, and keeps its receipt apart.
func TestSplit(t *testing.T) {
	answer := string(fixture(t, "digitalwires-queue.json"))
	parts, err := Split([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Split([]byte(strings.ReplaceAll(answer, "AQEB-", "AQEC-")))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := Parse([]byte(answer))
	if err != nil || len(parts) != 4 || len(again) != 4 {
		t.Fatalf("%d parts, %d again, %v", len(parts), len(again), err)
	}
	for i, p := range parts {
		if p.Receipt != string(entries[i].Receipt) || again[i].Receipt == p.Receipt || p.URN != string(entries[i].URN) || p.Version != string(entries[i].Version) {
			t.Errorf("part %d is %q %q %q", i, p.Receipt, p.URN, p.Version)
		}
		if string(p.Data) != string(again[i].Data) {
			t.Errorf("part %d is not the same when it comes again", i)
		}
		one, err := Parse(p.Data)
		if err != nil || len(one) != 1 {
			t.Fatalf("part %d: %d entries, %v", i, len(one), err)
		}
		entries[i].Receipt = ""
		if diff := cmp.Diff(entries[i], one[0]); diff != "" {
			t.Errorf("part %d (-in the answer +apart):\n%s", i, diff)
		}
	}
}

// FuzzDigitalwires holds that Parse and Split answer anything with entries or an
// error, and the same ones.
func FuzzDigitalwires(f *testing.F) {
	f.Add(fixture(f, "digitalwires-text.json"))
	f.Add(fixture(f, "digitalwires-queue.json"))
	for _, seed := range []string{`{"entries":[{"_wireq_receipt":7,"ednotes":[1]}]}`, `[{"associations":[{"renditions":{}}],"categories":null}]`, `{"format":"digitalwires","notepad":[]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := Parse(data)
		parts, splitErr := Split(data)
		if (err == nil) != (splitErr == nil) || err == nil && len(parts) != len(entries) {
			t.Fatalf("%d entries, %v; %d parts, %v", len(entries), err, len(parts), splitErr)
		}
		for i, p := range parts {
			one, err := Parse(p.Data)
			if err != nil {
				t.Fatalf("part %d: %v", i, err)
			}
			if len(one) == 1 && one[0].Receipt != "" {
				t.Fatalf("part %d keeps its receipt", i)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	data := fixture(b, "digitalwires-text.json")
	items := 0
	for b.Loop() {
		entries, err := Parse(data)
		if err != nil {
			b.Fatal(err)
		}
		items += len(entries)
	}
	b.ReportMetric(float64(items)/b.Elapsed().Seconds(), "items/s")
}
