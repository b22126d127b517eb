package teletype

import (
	"testing"
	"time"
)

func TestText(t *testing.T) {
	for data, want := range map[string]string{
		"F\xe4hre \x84Haven\x93\r\nb\rc": "Fähre „Haven“\nb\nc", // Windows-1252
		"\xef\xbb\xbfFähre „Haven“":      "Fähre „Haven“",
		"":                               "",
	} {
		if got := Text([]byte(data)); got != want {
			t.Errorf("Text(%q) = %q, want %q", data, got, want)
		}
	}
}

func TestTypeset(t *testing.T) {
	for s, want := range map[string]string{
		"``I `saw' it,'' he said _ twice": "“I ‘saw' it,” he said — twice",
		"a 20'' pipe -- new":              "a 20'' pipe – new",
		"file_name":                       "file_name",
	} {
		if got := Typeset(s); got != want {
			t.Errorf("Typeset(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestTime(t *testing.T) {
	for _, test := range []struct{ year, month, day, hour, minute, zone, want string }{
		{"26", "Mar", "02", "09", "40", "", "2026-03-02T09:40:00Z"},
		{"2026", "Mär", "02", "09", "40", "GMT", "2026-03-02T09:40:00Z"},
		{"26", "Okt", "25", "23", "59", "EST", "2026-10-26T04:59:00Z"},
		{"18", "Dez", "10", "11", "37", "GMT", "2018-12-10T11:37:00Z"},
		{"24", "févr", "29", "00", "00", "", "2024-02-29T00:00:00Z"},
		{"25", "feb", "29", "00", "00", "", ""},
		{"25", "juin", "3", "0", "0", "", "2025-06-03T00:00:00Z"},
		{"25", "juil", "3", "0", "0", "", "2025-07-03T00:00:00Z"},
		{"26", "xyz", "02", "09", "40", "", ""},
		{"26", "Mar", "32", "09", "40", "", ""},
		{"26", "Mar", "02", "24", "40", "", ""},
	} {
		got := Time(test.year, Month(test.month), test.day, test.hour, test.minute, Zone(test.zone))
		if want, _ := time.Parse(time.RFC3339, test.want); !got.Equal(want) {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

func TestSign(t *testing.T) {
	for text, want := range map[string]string{
		"It is.\n\nhpa wsz jln npr":          "hpa wsz jln npr",
		"It is.\n\nhpa kre/su n1 sck":        "hpa kre/su n1 sck",
		"It is. \n(HPA/mf ba)\n":             "(HPA/mf ba)",
		"It is.\n==Haveno":                   "==Haveno",
		"It is.\n   more ug\n   HPA RESULTS": "more ug\nHPA RESULTS",
		"It is.\nNATO summit":                "",
		"It is.":                             "",
		"the end of it":                      "",
		"A line.\nas it was said to be":      "",
	} {
		rest, signed := Sign(text)
		if signed != want || want != "" && rest != "It is." {
			t.Errorf("Sign(%q) = %q, %q; want %q", text, rest, signed, want)
		}
	}
}

func TestAside(t *testing.T) {
	for line, want := range map[string][2]bool{
		"# Notizblock":   {true, false},
		"--- Notizblock": {true, false},
		"Notizblock":     {true, false},
		"# hpa NOTEBOOK": {true, false},
		"* * * *":        {true, false},
		"The following information is not for publication":                         {true, true},
		"The following information is not intended for publication":                {true, true},
		"Die folgenden Informationen sind nicht zur Veröffentlichung bestimmt":     {true, true},
		"Contacts (not for publication):":                                          {true, true},
		"NOT FOR PUBLICATION":                                                      {true, true},
		"The notebook was found.":                                                  {false, false},
		"minister, whose letter had been marked as not for publication by himself": {false, false},
		"": {false, false},
	} {
		note, private := Aside(line)
		if note != want[0] || private != want[1] {
			t.Errorf("Aside(%q) = %v, %v", line, note, private)
		}
	}
}
