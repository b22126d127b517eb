package page

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func speak(t *testing.T, name, zone string) *Language {
	t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Skipf("NOT TESTED: this machine does not know the zone %s", zone)
	}
	l, err := NewLanguage(name, z)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLanguages(t *testing.T) {
	for _, name := range []string{"en", "en-GB", "ja", "ja-JP"} {
		speak(t, name, "UTC")
	}
	for _, name := range []string{"", "fr", "../en", "e", "english please"} {
		if _, err := NewLanguage(name, time.UTC); err == nil || !strings.Contains(err.Error(), "en") {
			t.Errorf("the language %q gives the error %v", name, err)
		}
	}
}

var verb = regexp.MustCompile(`%.`)

// TestCatalogues holds the languages against each other: the same messages,
// none empty, each with the same things to fill in. Messages whose key is the
// English sentence itself need no entry in English.
func TestCatalogues(t *testing.T) {
	en := speak(t, "en", "UTC")
	for _, name := range Languages() {
		l := speak(t, name, "UTC")
		for key, english := range en.messages {
			s, ok := l.messages[key]
			if !ok {
				t.Errorf("%s does not say %q", name, key)
				continue
			}
			for form, text := range s {
				if text == "" {
					t.Errorf("%s: %q is empty", name, key)
				}
				if form == "one" { // "1 comment", "a comment"
					continue
				}
				got, want := verb.FindAllString(text, -1), verb.FindAllString(english["other"], -1)
				if !slices.Equal(got, want) {
					t.Errorf("%s: %q fills in %v, English %v", name, key, got, want)
				}
			}
		}
		for _, key := range l.Keys() {
			if _, ok := en.messages[key]; !ok && !strings.HasSuffix(key, ".") {
				t.Errorf("%s says %q, which is no message and no sentence", name, key)
			}
		}
		if !slices.IsSorted(l.Keys()) {
			t.Errorf("the keys of %s are not sorted", name)
		}
	}
}

func TestSay(t *testing.T) {
	en, ja := speak(t, "en", "UTC"), speak(t, "ja", "UTC")
	for _, test := range []struct{ got, want string }{
		{en.Say("image", "POOL/AFP"), "Image: POOL/AFP"},
		{ja.Say("image", "POOL/AFP"), "画像：POOL/AFP"},
		{en.Say("names.and", "A", "B"), "A and B"},
		{en.Say("There is no such article."), "There is no such article."},
		{ja.Say("There is no such article."), "お探しの記事は見つかりません。"},
		{en.Say("100% of it"), "100% of it"},
		{en.Count("nothing", 2), "nothing"},
		{en.Number(1234567), "1,234,567"},
		{ja.Number(1234567), "1,234,567"},
		{en.Number(-1), "-1"},
	} {
		if strings.ReplaceAll(test.got, "\u2212", "-") != test.want {
			t.Errorf("said %q, want %q", test.got, test.want)
		}
	}
}

// TestCount is about plurals, from the forms that Unicode's CLDR lists.
func TestCount(t *testing.T) {
	read := func(text string) (s sentence) {
		t.Helper()
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	en, ja := speak(t, "en", "UTC"), speak(t, "ja", "UTC")
	en.messages = map[string]sentence{
		"comments": read(`{"one": "%d Comment", "other": "%d Comments"}`),
		"votes":    read(`"Votes: %d"`),
	}
	ja.messages = map[string]sentence{"comments": read(`{"other": "コメント%d件"}`)}
	for _, test := range []struct{ got, want string }{
		{en.Count("comments", 0), "0 Comments"},
		{en.Count("comments", 1), "1 Comment"},
		{en.Count("comments", 2), "2 Comments"},
		{en.Count("comments", 21), "21 Comments"},
		{en.Count("comments", 1000), "1,000 Comments"},
		{en.Count("votes", 1), "Votes: 1"},
		{ja.Count("comments", 1), "コメント1件"},
		{ja.Count("comments", 10000), "コメント10,000件"},
	} {
		if test.got != test.want {
			t.Errorf("counted %q, want %q", test.got, test.want)
		}
	}
	if err := json.Unmarshal([]byte(`{"other": 1}`), new(sentence)); err == nil {
		t.Error("a number is taken for a message")
	}
}

func TestTimes(t *testing.T) {
	en, ja := speak(t, "en", "Asia/Tokyo"), speak(t, "ja", "Asia/Tokyo")
	at := time.Date(2026, time.November, 21, 22, 12, 30, 0, time.UTC) // the 22nd in Tokyo
	for _, test := range []struct{ got, want string }{
		{en.Day(at), "Nov. 22, 2026"},
		{en.ShortDay(at), "Nov. 22"},
		{en.LongDay(at), "Sunday, November 22, 2026"},
		{en.Clock(at), "07:12 JST"},
		{en.Moment(at), "Nov. 22, 2026, 07:12 JST"},
		{en.Machine(at), "2026-11-22T07:12:30+09:00"},
		{ja.Day(at), "2026年11月22日"},
		{ja.ShortDay(at), "11月22日"},
		{ja.LongDay(at), "2026年11月22日（日）"},
		{ja.Moment(at), "2026年11月22日 07:12 JST"},
		{ja.Machine(at), "2026-11-22T07:12:30+09:00"},
	} {
		if test.got != test.want {
			t.Errorf("wrote %q, want %q", test.got, test.want)
		}
	}
	var days []string
	for m := time.January; m <= time.December; m++ {
		days = append(days, en.ShortDay(time.Date(2026, m, 5, 0, 0, 0, 0, time.UTC)))
	}
	const want = "Jan. 5 Feb. 5 March 5 April 5 May 5 June 5 July 5 Aug. 5 Sept. 5 Oct. 5 Nov. 5 Dec. 5"
	if got := strings.Join(days, " "); got != want {
		t.Errorf("the months are %s", got)
	}
	if !en.SameDay(at, at.Add(16*time.Hour)) || en.SameDay(at, at.Add(17*time.Hour)) || en.SameDay(at, at.AddDate(1, 0, 0)) {
		t.Error("a day is not a day in the paper's zone")
	}
}

// TestMidnight is about where a day ends, also where clocks are changed at
// midnight: the day after begins at one o'clock there, or has midnight twice.
func TestMidnight(t *testing.T) {
	for _, test := range []struct{ zone, at, want string }{
		{"UTC", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"},
		{"Asia/Tokyo", "2026-11-22T00:00:00+09:00", "2026-11-23T00:00:00+09:00"},
		{"Asia/Tokyo", "2026-11-21T15:00:00Z", "2026-11-23T00:00:00+09:00"},
		{"America/New_York", "2026-03-08T12:00:00-04:00", "2026-03-09T00:00:00-04:00"},
		{"America/Sao_Paulo", "2018-11-03T23:30:00-03:00", "2018-11-04T01:00:00-02:00"},
		{"America/Havana", "2025-03-08T12:00:00-05:00", "2025-03-09T01:00:00-04:00"},
		{"Asia/Beirut", "2025-03-29T12:00:00+02:00", "2025-03-30T01:00:00+03:00"},
		{"Africa/Cairo", "2025-04-24T12:00:00+02:00", "2025-04-25T01:00:00+03:00"},
		{"America/Asuncion", "2023-09-30T23:59:59-04:00", "2023-10-01T01:00:00-03:00"},
		{"Pacific/Apia", "2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00"}, // had no 30th
	} {
		t.Run(test.zone, func(t *testing.T) {
			l := speak(t, "en", test.zone)
			at, err := time.Parse(time.RFC3339, test.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := l.Machine(l.Midnight(at)); got != test.want {
				t.Errorf("the day of %s ends at %s, want %s", test.at, got, test.want)
			}
		})
	}
}

// TestEveryDayEnds walks a few years by the hour, in zones with odd changes:
// midnight always comes, soon enough, and is a new day.
func TestEveryDayEnds(t *testing.T) {
	for _, zone := range []string{"America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Atlantic/Azores", "Australia/Lord_Howe", "Asia/Gaza"} {
		t.Run(zone, func(t *testing.T) {
			l := speak(t, "en", zone)
			for at := time.Date(2016, 1, 1, 0, 30, 0, 0, time.UTC); at.Year() < 2020; at = at.Add(time.Hour) {
				end := l.Midnight(at)
				if !end.After(at) || end.Sub(at) > 25*time.Hour || l.SameDay(at, end) {
					t.Fatalf("the day of %s ends at %s", l.Machine(at), l.Machine(end))
				}
			}
		})
	}
}

func TestFuncs(t *testing.T) {
	f := speak(t, "en", "UTC").Funcs()
	for _, name := range []string{"t", "n", "number", "day", "longday", "clock", "moment", "machine", "sameday"} {
		if f[name] == nil {
			t.Errorf("templates cannot call %s", name)
		}
	}
}
