package wire

import (
	"reflect"
	"strings"
	"testing"

	"kawaraban/internal/problem"
)

// ruleSources are the sources that files of rules name in these tests.
func ruleSources() ([]Source, Whereabouts) {
	return []Source{{ID: "id-1", Name: "MHP"}, {ID: "id-2", Name: "HPA"}},
		Whereabouts{Sections: map[string]bool{"world": true, "sport": true}, Sources: map[string]bool{"id-1": true, "id-2": true}}
}

// TestRuleFiles writes rules and reads them again.
func TestRuleFiles(t *testing.T) {
	sources, known := ruleSources()
	rules := Rules{
		{Name: "Everything <else>", Off: true, Then: Actions{Do: Release}},
		{
			Name: "Sport at night",
			When: When{
				Sources: []string{"id-2"}, Products: []string{"bdt"}, Categories: []string{"s"}, Topics: []string{"medtop:15000000"}, Places: []string{"Orrin"},
				Languages: []string{"en", "ja"}, Urgency: Span{1, 3}, Words: []string{"goal", "試合"}, Signals: []string{"sig:update"}, Genres: []string{"Feature"},
				Hours: Hours{Days: []string{"sat"}, From: "22:00", To: "06:00"},
			},
			Then: Actions{Do: Retain, Section: "sport", Topics: []string{"Cup", "sport (medtop:15000000)"}, Weight: 3, Alert: DraftAlert},
		},
	}
	s := &Store{}
	data, err := s.ExportRules(rules, sources)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), `"HPA"`) || !strings.Contains(string(data), "Everything <else>") {
		t.Errorf("nobody can read %s", data)
	}
	got, err := s.ImportRules(data, sources, known)
	if err != nil || !reflect.DeepEqual(got, rules) {
		t.Errorf("read again they are %+v (%v)", got, err)
	}
	if empty, err := s.ExportRules(nil, nil); err != nil || !strings.Contains(string(empty), `"rules": []`) {
		t.Errorf("no rules are %s (%v)", empty, err)
	}
}

// TestRuleFilesWrong names line and field of what is wrong.
func TestRuleFilesWrong(t *testing.T) {
	sources, known := ruleSources()
	for _, test := range []struct{ file, want string }{
		{``, "Line 1: this is no JSON"},
		{"{\n\"rules\": [\n{\"name\": \"a\",}]}", "Line 3: this is no JSON"},
		{"{\"rules\": []} x", "Line 1: this is no JSON"},
		{"{\"rules\": []}\n{}", "Line 2: this is no JSON: something stands behind the end."},
		{"[]", "Line 1, the file: Write an object, in { and }."},
		{"{}", "Line 1, rules: The rules are missing."},
		{"{\"rules\": {}}", "Line 1, rules: Write a list, in [ and ]."},
		{"{\"rules\": [], \"rules\": []}", `Line 1: this is no JSON: "rules" stands twice in one object.`},
		{"{\n \"rule\": []}", "Line 2, rule: There is no such field. There are: rules."},
		{"{\"rules\": [\n {\"name\": 7, \"then\": {\"do\": \"hold\"}}]}", "Line 2, rules[0].name: Write a text, in quotation marks."},
		{"{\"rules\": [\n {\"name\": \"a\",\n \"when\": {\"source\": [\"MHP\"]}, \"then\": {\"do\": \"hold\"}}]}", "Line 3, rules[0].when.source: There is no such field."},
		{"{\"rules\": [\n {\"name\": \"a\", \"when\": {\"sources\": [\n\"MHP\",\n\"APA\"]}, \"then\": {\"do\": \"hold\"}}]}", "Line 4, rules[0].when.sources[1]: There is no wire source APA."},
		{"{\"rules\": [{\"name\": \"a\", \"when\": {\"urgency\": {\"from\": 1.5}}}]}", "Line 1, rules[0].when.urgency.from: Write a whole number."},
		{"{\"rules\": [{\"name\": \"a\", \"when\": {\"urgency\": {\"from\": 0, \"to\": 0}}, \"then\": {\"do\": \"hold\"}}]}", "Line 1, rules[0].when.urgency: Urgencies go from 1"},
		{"{\"rules\": [{\"name\": \"a\", \"off\": \"no\", \"then\": {\"do\": \"hold\"}}]}", "Line 1, rules[0].off: Write true or false."},
		{"{\"rules\": [{\"name\": \"a\", \"then\": {\"do\": \"hold\"}},\n{\"name\": \"b\",\n\"when\": {\"topics\": [\"medtop:1\"]}, \"then\": {\"do\": \"hold\"}}]}", "Line 3, rules[1].when.topics[0]: There is no such Media Topic."},
		{"{\"rules\": [{\"name\": \"a\", \"when\": {\"hours\": {\"from\": \"8\",\n\"to\": \"09:00\"}}, \"then\": {\"do\": \"hold\"}}]}", "Line 1, rules[0].when.hours.from: Write times as 22:00"},
		{"{\"rules\": [\n{\"then\": {\"do\": \"hold\"}}]}", "Line 2, rules[0].name: Give the rule a name"},
		{"{\"rules\": [\n{\"name\": \"a\", \"then\":\n {\"do\": \"hold\", \"section\": \"moon\"}}]}", "Line 3, rules[0].then.section: This paper has no such section."},
		{strings.Repeat("[", 50), "Line 1: this is no JSON: it is nested too deep."},
	} {
		_, err := (&Store{}).ImportRules([]byte(test.file), sources, known)
		if p := problem.Of(err); p == nil || !strings.Contains(p.Detail, test.want) {
			t.Errorf("%s\nis answered with %v, want %s", test.file, err, test.want)
		}
	}
	if _, err := (&Store{}).ImportRules(make([]byte, maxRuleFile+1), sources, known); !problem.Is(err, problem.TooLarge) {
		t.Errorf("a file of 2 MB: %v", err)
	}
}

// FuzzRuleFile reads whatever there is as rules: it is refused with a reason, or what is
// read is the same when it is written and read again, and can be asked.
func FuzzRuleFile(f *testing.F) {
	sources, known := ruleSources()
	f.Add([]byte(`{"rules": [{"name": "a", "when": {"sources": ["MHP"], "words": ["x y"], "hours": {"days": ["mon"], "from": "22:00", "to": "06:00"}}, "then": {"do": "hold", "topics": ["Cup"]}}]}`))
	f.Add([]byte(`{"rules": [{"name": "a", "off": true, "when": {"urgency": {"from": 1, "to": 9}, "topics": ["medtop:15000000"], "languages": ["en"]}, "then": {"section": "sport", "weight": 5, "alert": "send"}}]}`))
	f.Add([]byte("{\"rules\": [\n{}"))
	item := saying("A goal. 試合", nil)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &Store{}
		rules, err := s.ImportRules(data, sources, known)
		if err != nil {
			if p := problem.Of(err); p == nil || p.Detail == "" {
				t.Fatalf("%q is refused without a reason: %v", data, err)
			}
			return
		}
		written, err := s.ExportRules(rules, sources)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.ImportRules(written, sources, known)
		if err != nil || len(again) != len(rules) {
			t.Fatalf("%q is written as %s and not read again: %v", data, written, err)
		}
		if twice, _ := s.ExportRules(again, sources); string(twice) != string(written) {
			t.Fatalf("%s is read and written as %s", written, twice)
		}
		now := (&Store{}).wallClock(item.Updated)
		if a, b := rules.book(1).rule(sources[0], item, "en", now), again.book(1).rule(sources[0], item, "en", now); !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v and %+v are ruled by the same rules", a, b)
		}
	})
}
