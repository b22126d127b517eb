package wire

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// saying is an item with a text.
func saying(text string, more func(it *Item)) *Item {
	it := &Item{
		Format: "newsml-g2", Class: Text, Status: Usable, Language: "en", Urgency: 4, Headline: "Harbour is open",
		Body: richtext.Doc{Blocks: []richtext.Block{{Kind: richtext.Paragraph, Text: []richtext.Span{{Text: text}}}}},
	}
	if more != nil {
		more(it)
	}
	return it
}

// TestConditions asks of single conditions whether they fit an item.
func TestConditions(t *testing.T) {
	item := saying("The Café São Jorge burnt down, said Mr O’Neill. 東京都が規制を決めた。ｶﾞﾗｽ工房。", func(it *Item) {
		it.Language, it.Urgency, it.Dateline = "en-GB", 3, "TARSUND"
		it.Subjects = []string{"medtop:20000822", "anpa:S", "Market"}
		it.Signals = []string{"sig:update", "http://cv.example.org/signal/Cutline"}
		it.Places, it.Products, it.Genres = []string{"Orrin, North Isle", "Zürich"}, []string{"hpaserv:BDT", "Basic Service"}, []string{"genre:Current", "Feature"}
	})
	for _, test := range []struct {
		name string
		when When
		fits bool
	}{
		{"nothing is asked", When{}, true},
		{"source", When{Sources: []string{"x", "hpa"}}, true},
		{"another source", When{Sources: []string{"x"}}, false},
		{"product by its code", When{Products: []string{"bdt"}}, true},
		{"product by its whole code", When{Products: []string{"HPASERV:bdt"}}, true},
		{"product by its name", When{Products: []string{"basic  service"}}, true},
		{"product by a part", When{Products: []string{"basic"}}, false},
		{"category", When{Categories: []string{"s"}}, true},
		{"category with its scheme", When{Categories: []string{"anpa:s"}}, true},
		{"category of a feed", When{Categories: []string{"market"}}, true},
		{"category with another scheme", When{Categories: []string{"cat:s"}}, false},
		{"topic", When{Topics: []string{"medtop:20000822"}}, true},
		{"broader topic", When{Topics: []string{"medtop:15000000"}}, true},
		{"narrower topic", When{Topics: []string{"medtop:20001065"}}, false},
		{"another topic", When{Topics: []string{"medtop:01000000"}}, false},
		{"no such topic", When{Topics: []string{"medtop:99999999"}}, false},
		{"place", When{Places: []string{"orrin"}}, true},
		{"place without its accent", When{Places: []string{"Zurich"}}, true},
		{"dateline", When{Places: []string{"Tarsund"}}, true},
		{"a part of a place's name", When{Places: []string{"Isle"}}, false},
		{"language", When{Languages: []string{"en"}}, true},
		{"language of a country", When{Languages: []string{"EN-gb"}}, true},
		{"language of another country", When{Languages: []string{"en-US"}}, false},
		{"another language", When{Languages: []string{"de", "e"}}, false},
		{"urgency", When{Urgency: Span{1, 3}}, true},
		{"lower urgency", When{Urgency: Span{4, 9}}, false},
		{"word", When{Words: []string{"burnt"}}, true},
		{"word of the headline, in any case", When{Words: []string{"HARBOUR"}}, true},
		{"word without its accents", When{Words: []string{"cafe"}}, true},
		{"word with an accent that the text has not", When{Words: []string{"bürnt"}}, true},
		{"a part of a word", When{Words: []string{"burn"}}, false},
		{"words in a row", When{Words: []string{"cafe sao jorge"}}, true},
		{"words in a row, cut", When{Words: []string{"cafe sao jor"}}, false},
		{"words that are apart", When{Words: []string{"cafe jorge"}}, false},
		{"word with an apostrophe", When{Words: []string{"O'Neill"}}, true},
		{"Japanese inside other signs", When{Words: []string{"京都"}}, true},
		{"Japanese with marks, in half width", When{Words: []string{"ガラス"}}, true},
		{"Japanese without the marks is another word", When{Words: []string{"カラス"}}, false},
		{"Japanese that is not there", When{Words: []string{"大阪"}}, false},
		{"one of several words", When{Words: []string{"nothing", "規制"}}, true},
		{"signal", When{Signals: []string{"sig:update"}}, true},
		{"signal without its scheme", When{Signals: []string{"cutline"}}, true},
		{"signal with another scheme", When{Signals: []string{"edstat:update"}}, false},
		{"no such signal", When{Signals: []string{"flash", "correction"}}, false},
		{"genre", When{Genres: []string{"feature"}}, true},
		{"genre by its code", When{Genres: []string{"current"}}, true},
		{"all at once", When{Sources: []string{"hpa"}, Languages: []string{"en"}, Words: []string{"burnt"}, Places: []string{"Orrin"}}, true},
		{"all but one", When{Sources: []string{"hpa"}, Languages: []string{"en"}, Words: []string{"burnt"}, Places: []string{"Berg"}}, false},
	} {
		book := Rules{{Name: "r", When: test.when, Then: Actions{Do: Retain}}}.book(1)
		if got := book.rule(Source{ID: "hpa"}, item, "ja", time.Now()); (got.Do == Retain) != test.fits {
			t.Errorf("%s: %+v fits: %v", test.name, test.when, !test.fits)
		}
	}
	flash := saying("x", func(it *Item) { it.Urgency, it.Language, it.Signals = 1, "", []string{"edStat:C"} })
	for _, when := range []When{{Signals: []string{"flash"}}, {Signals: []string{"correction"}}, {Languages: []string{"ja"}}} {
		book := Rules{{Name: "r", When: when, Then: Actions{Do: Retain}}}.book(1)
		if got := book.rule(Source{}, flash, "ja", time.Now()); got.Do != Retain {
			t.Errorf("%+v does not fit a flash in the paper's language that corrects", when)
		}
	}
	if (Rules{{When: When{Urgency: Span{1, 9}}, Then: Actions{Do: Retain}}}).book(1).rule(Source{}, saying("x", func(it *Item) { it.Urgency = 0 }), "en", time.Now()).Do == Retain {
		t.Error("an item without an urgency has one of 1 to 9")
	}
}

// TestHours reads the clock on the wall: over midnight, and where it is put forward and back.
func TestHours(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err) // go has them all
	}
	night, weekend, friday := Hours{From: "22:00", To: "06:00"}, Hours{Days: []string{"sat", "sun"}}, Hours{Days: []string{"fri"}, From: "22:00", To: "06:00"}
	for _, test := range []struct {
		hours Hours
		at    string // on the wall
		open  bool
	}{
		{Hours{}, "2026-03-02 12:00", true},
		{night, "2026-03-02 21:59", false},
		{night, "2026-03-02 22:00", true},
		{night, "2026-03-03 00:00", true},
		{night, "2026-03-03 05:59", true},
		{night, "2026-03-03 06:00", false},
		{weekend, "2026-03-06 23:59", false}, // a Friday
		{weekend, "2026-03-07 00:00", true},
		{weekend, "2026-03-08 23:59", true},
		{weekend, "2026-03-09 00:00", false},
		{friday, "2026-03-06 05:00", false}, // the night from Thursday
		{friday, "2026-03-06 22:00", true},
		{friday, "2026-03-07 05:59", true}, // still Friday's night
		{friday, "2026-03-07 22:00", false},
		{Hours{Days: []string{"sun"}, From: "22:00", To: "02:00"}, "2026-03-09 01:00", true}, // Monday after Sunday
		{Hours{From: "09:00", To: "17:00"}, "2026-03-02 09:00", true},
		{Hours{From: "09:00", To: "17:00"}, "2026-03-02 17:00", false},
		{Hours{From: "08:00", To: "08:00"}, "2026-03-02 07:00", true}, // all day
		{Hours{From: "8", To: "09:00"}, "2026-03-02 08:30", false},    // cannot be read: never
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", test.at, berlin)
		if err != nil {
			t.Fatal(err)
		}
		book := Rules{{When: When{Hours: test.hours}, Then: Actions{Do: Retain}}}.book(1)
		if got := book.rule(Source{}, saying("x", nil), "en", at).Do == Retain; got != test.open {
			t.Errorf("%+v at %s holds: %v", test.hours, test.at, got)
		}
	}
	// On March 29 there is no half past two in Berlin; on October 25 there are two.
	early := Rules{{When: When{Hours: Hours{From: "02:00", To: "03:00"}}, Then: Actions{Do: Retain}}}.book(1)
	count := func(day time.Time) (minutes int) {
		for at := day; at.Before(day.Add(26 * time.Hour)); at = at.Add(time.Minute) {
			if local := at.In(berlin); local.Day() == day.In(berlin).Day() && early.rule(Source{}, saying("x", nil), "en", local).Do == Retain {
				minutes++
			}
		}
		return minutes
	}
	for day, want := range map[string]int{"2026-03-28": 60, "2026-03-29": 0, "2026-10-25": 120} {
		at, err := time.ParseInLocation(time.DateOnly, day, berlin)
		if err != nil {
			t.Fatal(err)
		}
		if got := count(at); got != want {
			t.Errorf("from two to three are %d minutes on %s, want %d", got, day, want)
		}
	}
}

// TestOrder reads rules from the top until one decides.
func TestOrder(t *testing.T) {
	rules := Rules{
		{Name: "off", Off: true, Then: Actions{Do: Drop}},
		{Name: "sport", When: When{Words: []string{"goal"}}, Then: Actions{Section: "sport", Topics: []string{"Cup"}, Alert: DraftAlert}},
		{Name: "tags", Then: Actions{Section: "other", Topics: []string{"Cup", "Night"}, Weight: 2}},
		{Name: "hold", When: When{Words: []string{"goal"}}, Then: Actions{Do: Retain, Weight: 5}},
		{Name: "never read", Then: Actions{Do: Release, Topics: []string{"no"}}},
	}
	r := rules.book(7).rule(Source{}, saying("A late goal.", nil), "en", time.Now())
	want := Ruling{
		Version: 7, Do: Retain, By: Named{4, "hold"}, Sorted: []Named{{2, "sport"}, {3, "tags"}},
		Section: "sport", Topics: []string{"Cup", "Night"}, Weight: 2, Alert: DraftAlert,
	}
	if fmt.Sprint(r) != fmt.Sprint(want) {
		t.Errorf("ruled %+v, want %+v", r, want)
	}
	if got := ruling(r.stored()); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("stored and read it is %+v", got)
	}
	if got := rules.book(7).rule(Source{}, saying("Nothing.", nil), "en", time.Now()); got.By.Number != 5 || got.Section != "other" {
		t.Errorf("the last rule is not the fifth: %+v", got)
	}
	if got := (Ruling{Version: 3}).stored(); got != "" {
		t.Errorf("what no rule has said is stored: %s", got)
	}
	if got := ruling("{damaged"); got.Ruled() || got.Do != Sort {
		t.Errorf("what is damaged decides: %+v", got)
	}
}

// TestCheckRules names the field of what is wrong.
func TestCheckRules(t *testing.T) {
	known := Whereabouts{Sections: map[string]bool{"world": true}, Sources: map[string]bool{"hpa": true}}
	good := DeskRule{Name: "Sport at night", When: When{Sources: []string{"hpa"}, Topics: []string{"medtop:15000000"}}, Then: Actions{Do: Retain, Section: "world"}}
	for _, test := range []struct {
		field string
		spoil func(r *DeskRule)
	}{
		{"", func(*DeskRule) {}},
		{"name", func(r *DeskRule) { r.Name = " " }},
		{"name", func(r *DeskRule) { r.Name = strings.Repeat("é", 61) }},
		{"when.sources[0]", func(r *DeskRule) { r.When.Sources = []string{"apa"} }},
		{"when.topics[0]", func(r *DeskRule) { r.When.Topics = []string{"sport"} }},
		{"when.languages[1]", func(r *DeskRule) { r.When.Languages = []string{"de", "english please"} }},
		{"when.words[0]", func(r *DeskRule) { r.When.Words = []string{"!?"} }},
		{"when.words[0]", func(r *DeskRule) { r.When.Words = []string{strings.Repeat("x", 101)} }},
		{"when.words", func(r *DeskRule) { r.When.Words = make([]string, 101) }},
		{"when.urgency", func(r *DeskRule) { r.When.Urgency = Span{5, 2} }},
		{"when.urgency", func(r *DeskRule) { r.When.Urgency = Span{0, 2} }},
		{"when.hours.days[0]", func(r *DeskRule) { r.When.Hours.Days = []string{"Monday"} }},
		{"when.hours.to", func(r *DeskRule) { r.When.Hours.From = "22:00" }},
		{"when.hours.from", func(r *DeskRule) { r.When.Hours = Hours{From: "24:00", To: "06:00"} }},
		{"then.do", func(r *DeskRule) { r.Then.Do = "burn" }},
		{"then.do", func(r *DeskRule) { r.Then = Actions{} }},
		{"then.do", func(r *DeskRule) { r.Then.Do = Drop }},
		{"then.section", func(r *DeskRule) { r.Then.Section = "sport" }},
		{"then.topics[0]", func(r *DeskRule) { r.Then.Topics = []string{" "} }},
		{"then.weight", func(r *DeskRule) { r.Then.Weight = 6 }},
		{"then.alert", func(r *DeskRule) { r.Then.Alert = "shout" }},
	} {
		r := good
		test.spoil(&r)
		faults := Rules{r}.Check(known)
		if test.field == "" && len(faults) > 0 || test.field != "" && !slices.ContainsFunc(faults, func(f Fault) bool { return f.Field == test.field }) {
			t.Errorf("%+v: %+v, want a fault at %q", r, faults, test.field)
		}
	}
	if faults := (Rules{good, good}).Check(known); len(faults) != 1 || faults[0].Rule != 1 || faults[0].Field != "name" {
		t.Errorf("two rules of one name: %+v", faults)
	}
	if err := wrong(make(Rules, 201).Check(known)); !problem.Is(err, problem.Invalid) {
		t.Errorf("201 rules: %v", err)
	}
}

// TestUnknownSignals holds what a signal that nobody knows asks for.
func TestUnknownSignals(t *testing.T) {
	for signal, known := range map[string]bool{
		"sig:update": true, "http://cv.iptc.org/newscodes/signal/correction": true, "sig:repeat": true, "nmsig:atomic": true, "edStat:U": true,
		"apaind:bild": true, "apsig:newscontent": true, "update": true,
		"dpasig:isplanned": false, "edStat:D": false, "red-address:TEST": false, "apsig:test": false, "sig:embargo": false, "": false, ":": false,
	} {
		it := saying("x", func(it *Item) { it.Signals = []string{"apsig:newscontent", signal} })
		if reason := judge(Source{Publish: Auto}, it, Ruling{Do: Release, By: Named{1, "all"}}); (reason == "") != known {
			t.Errorf("%q is held: %q", signal, reason)
		}
	}
}
