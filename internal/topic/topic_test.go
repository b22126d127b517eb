package topic

import (
	"slices"
	"strings"
	"testing"
)

// TestVocabulary is about what a vocabulary must be, whatever the release.
func TestVocabulary(t *testing.T) {
	v, err := parse(table, japanese)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(v.topics); n < 1000 || n != len(v.codes) {
		t.Errorf("%d topics with %d codes", n, len(v.codes))
	}
	top := 0
	for _, c := range v.topics {
		if c.Retired != "" {
			continue
		}
		if c.Parent == "" {
			top++
		} else if p := v.codes[c.Parent]; p == nil || p.Retired != "" {
			t.Errorf("%s is below %q, which is not in use", c.Entry(), c.Parent)
		}
		if path := v.Path(c); path[0].Parent != "" {
			t.Errorf("the path of %s begins with %s", c.Entry(), path[0].Entry())
		}
		if got := v.Read(c.Entry()); got != c {
			t.Errorf("%q is read as %v", c.Entry(), got)
		}
	}
	if top != 17 {
		t.Errorf("%d topics at the top, want 17", top)
	}
}

func TestFind(t *testing.T) {
	v := Load()
	for _, test := range []struct{ text, first string }{
		{"", "arts, culture, entertainment and media"},
		{"animation", "animation"},
		{"ANIMATION", "animation"},
		{"clim", "climate change"},
		{"change climate", "climate change"},
		{"  jewell ", "jewellery"},
		{"coup d'etat", "coup d'etat"},
		{"coup d etat", "coup d'etat"},
		{"20000003", "animation"},
		{"road cycling", "road cycling"},
		{"気候", "climate change"},
		{"変動", "climate change"},
		{"ライフスタイル", "lifestyle"},
		{"xyzzy", ""},
		{"'", "arts, culture, entertainment and media"},
	} {
		first := ""
		found := v.Find(test.text, 5)
		if len(found) > 0 {
			first = found[0].Name
		}
		if first != test.first || len(found) > 5 {
			t.Errorf("%q finds %q and %d in all, want %q", test.text, first, len(found), test.first)
		}
		for _, f := range found {
			if f.Retired != "" {
				t.Errorf("%q finds %s, which is retired", test.text, f.Entry())
			}
		}
	}
}

func TestKnown(t *testing.T) {
	v := Load()
	for _, test := range []struct{ id, code string }{
		{"medtop:20000003", "20000003"},
		{"http://cv.iptc.org/newscodes/mediatopic/20000003", "20000003"},
		{"subj:01025000", "20000003"},
		{"01025000", "20000003"},
		{"http://cv.iptc.org/newscodes/subjectcode/01025000", "20000003"},
		{"20000003", "20000003"},
		{"01000000", "01000000"},
		{"medtop:20000436", "20000436"}, // retired, and still known
		{"medtop:99999999", ""},
		{"apa:20000003", ""},
		{"animation", ""},
		{"", ""},
	} {
		code := ""
		if c := v.Known(test.id); c != nil {
			code = c.Code
		}
		if code != test.code {
			t.Errorf("%q is %q, want %q", test.id, code, test.code)
		}
	}
}

func TestWord(t *testing.T) {
	v := Load()
	for _, test := range []struct{ entry, lang, word string }{
		{"animation (medtop:20000003)", "en", "animation"},
		{"what it was called before (medtop:20000003)", "en", "animation"},
		{"climate change (medtop:20000418)", "ja", "気候変動"},
		{"Harbour ferry", "ja", "Harbour ferry"},
		{"a bracket (medtop:)", "en", "a bracket (medtop:)"},
		{"an unknown one (medtop:99999999)", "en", "an unknown one (medtop:99999999)"},
	} {
		if got := v.Word(test.entry, test.lang); got != test.word {
			t.Errorf("%q is %q in %s, want %q", test.entry, got, test.lang, test.word)
		}
	}
}

func TestDamaged(t *testing.T) {
	for _, test := range []struct{ table, japanese string }{
		{"1\t2", ""},
		{strings.Repeat("\t", 5) + "\n", ""},
		{"", "20000003\tアニメーション"},
	} {
		if _, err := parse(test.table, test.japanese); err == nil {
			t.Errorf("%q with %q is taken", test.table, test.japanese)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"", "clim", "気候", "é ", "\xff", "medtop:20000003", "a (medtop:20000003)"} {
		f.Add(s)
	}
	v := Load()
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range v.Find(text, 10) {
			if !slices.Contains(v.topics, c) {
				t.Errorf("%q finds what is no topic", text)
			}
		}
		v.Known(text)
		v.Word(text, "ja")
	})
}

func BenchmarkFind(b *testing.B) {
	v := Load()
	for b.Loop() {
		v.Find("climate", 10)
	}
}
