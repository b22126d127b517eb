package wire

import (
	"strings"
	"testing"
	"time"

	"kawaraban/internal/richtext"
)

func TestPlace(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{"Moscow, May 16, 2021 (AFP) -", "Moscow"},
		{"MOSCOW, Monday (Reuters)", "MOSCOW"},
		{"Gaza City, Palestinian Territories, May 16, 2021 (AFP) -", "Gaza City, Palestinian Territories"},
		{"Berlin (dpa) - ", "Berlin"},
		{"Tel Aviv/Beirut (dpa) - ", "Tel Aviv/Beirut"},
		{"MADRID, 21 Nov. 2024 (Europa Press) -", "MADRID"},
		{"SYDNEY March 22 AAP -", "SYDNEY"},
		{"ANSA TEST - ROMA, 01 LUG -", "ROMA"},
		{"(ANSA) - ROMA, 1 LUG -", "ROMA"},
		{"ROUND ROCK, Texas", "ROUND ROCK, Texas"},
		{"Oslo", "Oslo"},
		{"  Port\n Sallow ", "Port Sallow"},
		{"Cape May, N.J.", "Cape May, N.J."},
		{"PARIS, 3 août 2025 (AFP) –", "PARIS"},
		{"PARIS, août 2025 (AFP) –", "PARIS"},
		{"2014-07-17 00:24:11 GMT+00:00", ""},
		{"4/4/2018", ""},
		{"(Philadelphia, Sports Network)", "Philadelphia, Sports Network"},
		{"-", ""},
		{"", ""},
	} {
		if got := place(test.line); got != test.want {
			t.Errorf("place(%q) = %q, want %q", test.line, got, test.want)
		}
	}
}

func TestSplitCaption(t *testing.T) {
	for _, test := range []struct{ sent, caption, credit string }{
		{"A crowd.\n\n / AFP / SAID KHATIB", "A crowd.", "AFP/SAID KHATIB"},
		{"A crowd (Photo by SAID KHATIB / AFP)", "A crowd", "SAID KHATIB/AFP"},
		{"Eine Menge. Foto: Ines Holm/dpa", "Eine Menge.", "Ines Holm/dpa"},
		{"A crowd, July 16, 2014.  REUTERS/Syria TV via Reuters TV ", "A crowd, July 16, 2014.", "REUTERS/Syria TV via Reuters TV"},
		{"He said: \"Photo: fine.\" and left", "He said: \"Photo: fine.\" and left", ""},
		{"From left to right / in the back row", "From left to right / in the back row", ""},
		{"(Photo by X / AFP)", "(Photo by X / AFP)", ""},
		{"", "", ""},
	} {
		if caption, credit := splitCaption(test.sent); caption != test.caption || credit != test.credit {
			t.Errorf("splitCaption(%q) = %q, %q, want %q, %q", test.sent, caption, credit, test.caption, test.credit)
		}
	}
}

// TestTidy holds what a body keeps.
func TestTidy(t *testing.T) {
	for _, test := range []struct {
		name, dateline, credit, body string
		want, place                  string
	}{
		{"dateline field", "Velmora (KNA) - ", "KNA", "Velmora (KNA) - It rained.", "It rained.", "Velmora"},
		{"dateline in the text only", "", "KNA", "PORT SALLOW, March 3 (KNA) -- It rained.", "It rained.", "PORT SALLOW"},
		{"dateline without a place", "", "Reuters", "Jan 3 (Reuters) - It rained.", "It rained.", ""},
		{"regional desk", "Peine (dpa/lni) - ", "dpa", "Peine (dpa/lni) - Es regnete.", "Es regnete.", "Peine"},
		{"the place begins the sentence", "Velmora", "KNA", "Velmora is wet.", "Velmora is wet.", "Velmora"},
		{"not the agency", "", "KNA", "Acme (ACM) - a company - is wet.", "Acme (ACM) - a company - is wet.", ""},
		{"the agency and a stop", "", "Agencia KNA", "Port Sallow, Jan 2 (KNA).- It rained.", "It rained.", "Port Sallow"},
		{"nobody is named", "", "", "PORT SALLOW, Kestrel (KNA) -- It rained.", "It rained.", "PORT SALLOW, Kestrel"},
		{"no agency", "", "", "Acme (the firm) - is wet.", "Acme (the firm) - is wet.", ""},
		{"a day and no brackets", "", "KNA", "PORT SALLOW, Nov 26 KNA - It rained.", "It rained.", "PORT SALLOW"},
		{"a day in another language", "(KNA) - VELMORA", "KNA", "VELMORA, 1 LUG - It rained.", "It rained.", "VELMORA"},
		{"no day", "", "KNA", "Velmora, page 3 - the one that is wet - is torn.", "Velmora, page 3 - the one that is wet - is torn.", ""},
		{"the end", "", "KNA", "It rained.\n\nends", "It rained.", ""},
		{"the agency's initials", "", "KNA", "It rained.\n\nKNA sn/tk", "It rained.", ""},
		{"after the standfirst", "Velmora (KNA) -", "KNA", "Short.\n\nVelmora (KNA) - It rained.", "Short.\n\nIt rained.", "Velmora"},
		{"only the dateline", "Velmora (KNA) -", "KNA", "Velmora (KNA) - ", "Velmora (KNA) -", "Velmora"},
		{"initials", "", "AFP", "It rained.\n\nhh/ph/ts/hd", "It rained.", ""},
		{"initials of a bureau", "", "AFP", "It rained.\n\nbur-dar-gl/fz \n\n", "It rained.", ""},
		{"one signature only", "", "AFP", "It rained.\n\nand/or\n\nab/cd", "It rained.\n\nand/or", ""},
		{"no initials", "", "AFP", "It rained.\n\n24/7", "It rained.\n\n24/7", ""},
		{"headline again", "", "KNA", "Rain: in “Velmora”\n\nIt rained.", "It rained.", ""},
		{"nothing else", "", "KNA", "Rain in Velmora", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			it := Item{Headline: "Rain in Velmora", Credit: test.credit, Body: richtext.FromText(test.body)}
			it.tidy(test.dateline)
			if got := it.Body.Text(); strings.TrimSpace(got) != test.want || it.Dateline != test.place {
				t.Errorf("body %q dated %q, want %q dated %q", got, it.Dateline, test.want, test.place)
			}
		})
	}
}

func TestWorkingTitle(t *testing.T) {
	it := Item{Class: Text, Credit: "AFP", Body: richtext.FromText("Velmora (AFP) - The ferry is late. Nobody knows why.\n\nhh/ph")}
	if it.tidy("Velmora (AFP) -"); it.Headline != "The ferry is late." {
		t.Errorf("headline %q", it.Headline)
	}
	it = Item{Class: Picture, Pictures: []PictureRef{{Caption: "The ferry at night. It is late."}}}
	if it.tidy(""); it.Headline != "The ferry at night." {
		t.Errorf("headline %q", it.Headline)
	}
}

func TestRepeatedStandfirst(t *testing.T) {
	it := Item{Headline: "Rain in Velmora", Standfirst: "RAIN in “Velmora”", Body: richtext.FromText("It rained.")}
	if it.tidy(""); it.Standfirst != "" {
		t.Errorf("the standfirst says the headline again: %q", it.Standfirst)
	}
	long := "It has rained on the harbour and on the whole town of Velmora since the early hours of Monday, and nobody knows why it does not stop."
	for body, want := range map[string]string{
		"VELMORA KNA\n\n" + long + "\n\nSo it goes.": "", long: "", "It rained.": long,
	} {
		if got := standfirst(long, richtext.FromText(body)); got != want {
			t.Errorf("the standfirst over %q is %q", body, got)
		}
	}
}

// TestAdvisory holds that an agency's notes to editors wait for one, with a
// reason that names why.
func TestAdvisory(t *testing.T) {
	for genre, want := range map[string]Status{
		"Vorschau": Unknown, "Achtung": Unknown, "genre:Daybook": Unknown, "Advisory": Unknown,
		"genre:Article": Usable, "Meldung": Usable, "": Usable,
	} {
		it := Item{Status: Usable, RawStatus: "stat:usable", Advisory: "UPDATES the list"}
		it.holdAdvisory("genre:Current", genre)
		if it.Status != want {
			t.Errorf("of genre %q: %s", genre, it.Status)
		}
		if why := judge(Source{Publish: Auto}, &it, Ruling{}); (why == "") != (want == Usable) || strings.Contains(why, "UPDATES") {
			t.Errorf("of genre %q: held because of %q", genre, why)
		}
	}
	for signals, want := range map[string]Status{
		"apsig:consumerready": Unknown, "apsig:consumerready apsig:newscontent": Usable, "sig:update": Usable, "": Usable,
	} {
		it := Item{Status: Usable, RawStatus: "stat:usable", Signals: strings.Fields(signals)}
		if it.holdUnlessContent(); it.Status != want {
			t.Errorf("with the signals %q: %s", signals, it.Status)
		}
	}
	if why := judge(Source{Publish: Auto}, &Item{Status: Unknown}, Ruling{}); why == "" {
		t.Error("what we hold ourselves is released when nobody said why")
	}
	killed := Item{Status: Canceled}
	if killed.holdAdvisory("Advisory"); killed.Status != Canceled {
		t.Error("a kill is held")
	}
}

func TestNotice(t *testing.T) {
	created := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		words, holder string
		created       time.Time
		want          string
	}{
		{"© 2025 AFP", "x", created, "© 2025 AFP"},
		{" (c) Copyright\n KNA ", "x", created, "(c) Copyright KNA"},
		{"KNA", "x", created, "© 2026 KNA"},
		{"", "AFP", created, "© 2026 AFP"},
		{"", "AFP", time.Time{}, "© AFP"},
		{"", "", created, ""},
		{"Copyright", "KNA", created, "© 2026 KNA"},
		{"Copyright", "", created, ""},
	} {
		if got := notice(test.words, test.holder, test.created); got != test.want {
			t.Errorf("notice(%q, %q) = %q, want %q", test.words, test.holder, got, test.want)
		}
	}
}

func TestBylines(t *testing.T) {
	got := persons([]string{byline("Von Marco Kreft und Sunita Sen, dpa"), byline("By  Ana Ruiz"), byline("Von dpa"), byline("Ana Ruiz"), byline("De Witt")}, "dpa")
	if want := "Marco Kreft und Sunita Sen|Ana Ruiz|De Witt"; strings.Join(got, "|") != want {
		t.Errorf("bylines %q, want %q", got, want)
	}
}

func TestStatusOf(t *testing.T) {
	for word, want := range map[string]Status{
		"stat:usable": Usable, "USABLE": Usable, " Usable ": Usable,
		"http://cv.iptc.org/newscodes/pubstatusg2/withheld": Withheld, "Canceled": Canceled, "stat:cancelled": Canceled,
		"OPEN": Unknown, "": Unknown, "stat:": Unknown, "unusable": Unknown,
	} {
		if got := statusOf(word); got != want {
			t.Errorf("statusOf(%q) = %s, want %s", word, got, want)
		}
	}
}

func TestLanguageTag(t *testing.T) {
	for _, test := range []struct {
		codes []string
		want  string
	}{
		{[]string{"swe"}, "sv"},
		{[]string{"EN"}, "en"},
		{[]string{"", "x-default", "GB", "fr-ca"}, "fr-CA"},
		{[]string{"zh-tw"}, "zh-TW"},
		{[]string{"no such"}, ""},
		{nil, ""},
	} {
		if got := languageTag(test.codes...); got != test.want {
			t.Errorf("languageTag(%q) = %q, want %q", test.codes, got, test.want)
		}
	}
}

func TestEditorsOnly(t *testing.T) {
	for code, want := range map[string]bool{
		"dpapconstraint:nonpublic": true, "dpa7901rendition:nonpublic": true, "sttnote:private": true,
		"dpaednoterole:dpacontacts": true, "dpaednoterole:notepad": true,
		"": false, "dpa7901rendition:public": false, "drol:caption": false, "dpaednoterole:embargo": false,
	} {
		if editorsOnly(code) != want {
			t.Errorf("editorsOnly(%q) = %t", code, !want)
		}
	}
}

func TestBestRendition(t *testing.T) {
	jpeg := func(role string, width int) rendition {
		return rendition{Href: role + ".jpg", Role: role, Width: width, Height: width}
	}
	for _, test := range []struct {
		name string
		all  []rendition
		want string
	}{
		{"largest", []rendition{jpeg("x:a", 100), jpeg("x:b", 300), jpeg("x:c", 200)}, "x:b.jpg"},
		{"no thumbnail, however large", []rendition{jpeg("Thumbnail", 900), jpeg("Main", 0)}, "Main.jpg"},
		{"JPEG before a larger TIFF", []rendition{{Href: "a.tif", Role: "main", Width: 9000, Height: 9000}, jpeg("preview", 500)}, "preview.jpg"},
		{"PNG before a thumbnail", []rendition{{Href: "a.png"}, jpeg("quicklook", 500)}, "a.png"},
		{"TIFF if there is nothing else", []rendition{{Href: "a", Type: "image/tiff"}, {Href: "a.mp4"}}, "a"},
		{"the agency's names of types", []rendition{{Href: "a", Type: "JPEG Baseline"}, {Href: "b", Type: "video/mp4", Width: 10, Height: 10}}, "a"},
		{"no picture", []rendition{{Href: "a.mp3"}, {Type: "image/jpeg"}}, ""},
	} {
		if got, ok := best(test.all); got.Href != test.want || ok != (test.want != "") {
			t.Errorf("%s: %q, want %q", test.name, got.Href, test.want)
		}
	}
}
