package search

import (
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// tell writes terms as a person would type them.
func tell(terms []term) string {
	var list []string
	for _, t := range terms {
		s := strings.Join(t.words, " ")
		if len(t.words) > 1 {
			s = `"` + s + `"`
		}
		if t.prefix {
			s += "*"
		}
		if t.not {
			s = "-" + s
		}
		list = append(list, s)
	}
	return strings.Join(list, " ")
}

func TestParse(t *testing.T) {
	for _, test := range []struct{ typed, want string }{
		{"", ""},
		{"tram council", "tram council"},
		{`"Tide Gate" -tram`, `"tide gate" -tram`},
		{`“tide gate” 「東京都」`, `"tide gate" "東京 京都"`},
		{"tide-gate", `"tide gate"`},
		{`-"old bridge" new`, `-"old bridge" new`},
		{"−tram －bus", "-tram -bus"},
		{"- -- ---x", "x"},
		{`say "never ended`, `say "never ended"`},
		{"東", "東*"},
		{"議会 予算", "議会 予算"},
		{`NEAR(a b) AND OR NOT ^x col:y* + a & b | !c <-> '`, `"near a" b and or not x "col y" a b c`},
		{"🙂 ☆ …", ""},
		{"a\x00b\xffc", `"a b" c`},
	} {
		terms, more := parse(test.typed)
		if got := tell(terms); got != test.want || more {
			t.Errorf("parse(%q) = %s, want %s", test.typed, got, test.want)
		}
	}
	if terms, more := parse(strings.Repeat("word ", 1000)); len(terms) != MostTerms || !more {
		t.Errorf("a long query has %d terms, more: %t", len(terms), more)
	}
}

func TestMark(t *testing.T) {
	for _, test := range []struct{ text, typed, want string }{
		{"The council votes on trams", "vote tram", "The council [votes] on [trams]"},
		{"The tide gate, a gate for the tide", `"tide gate"`, "The [tide gate], a gate for the tide"},
		{"Élection", "election", "[Élection]"},
		{"東京都議会の予算", "議会", "東京都[議会]の予算"},
		{"東京都議会の予算", "京都議", "東[京都議]会の予算"},
		{"東京都", "京", "東[京]都"},
		{"nothing", "else", "nothing"},
		{"<b>bold</b>", "bold", "<b>[bold]</b>"},
	} {
		terms, _ := parse(test.typed)
		if got := bracket(mark(test.text, terms)); got != test.want {
			t.Errorf("%q in %q: %s, want %s", test.typed, test.text, got, test.want)
		}
	}
}

func bracket(list []Piece) string {
	var b strings.Builder
	for _, p := range list {
		if p.Marked {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestPassage(t *testing.T) {
	body := strings.Repeat("Nothing of this is looked for. ", 30) + "Then the lamplighters of Eastquay spoke about the tide gate." + strings.Repeat(" And more was said.", 30)
	terms, _ := parse("gate lamplighter")
	got := bracket(passage("", body, terms))
	if !strings.HasPrefix(got, "… ") || !strings.HasSuffix(got, " …") || !strings.Contains(got, "[lamplighters] of Eastquay spoke about the tide [gate]") || len(got) > 300 {
		t.Errorf("the passage is %q", got)
	}
	if got := bracket(passage("", strings.Repeat("漢字", 400)+"議会"+strings.Repeat("漢字", 400), []term{{words: []string{"議会"}}})); !strings.Contains(got, "[議会]") || len(got) > 320 {
		t.Errorf("the passage is %q", got)
	}
}

// FuzzParse asks both databases whatever is typed: none of it may be an operator.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`"tide gate" -tram`, `NEAR(a b)*`, `' | 'x':* & !`, "東 京都", "\x00\xff", `""""`, "-", `a" OR rowid:1`, "ß İ", "_all _in_city"} {
		f.Add(s)
	}
	lite, postgres := papertest.SQLite(f), papertest.Postgres(f)
	f.Fuzz(func(t *testing.T, typed string) {
		terms, _ := parse(typed)
		if len(terms) == 0 {
			return
		}
		for _, d := range []*db.DB{lite, postgres} {
			s := &Store{DB: d, Now: time.Now}
			if _, err := s.numbers(t.Context(), full, expression(d.Postgres(), terms, nil), ever(), 10); err != nil {
				t.Errorf("%q: %v", typed, err)
			}
		}
		for _, p := range mark(typed, terms) {
			if p.Text == "" {
				t.Errorf("%q is divided into nothing", typed)
			}
		}
	})
}
