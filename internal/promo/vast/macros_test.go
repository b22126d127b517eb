package vast

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestExpand holds what becomes of macros: those of the standard are filled, and
// nothing else is.
func TestExpand(t *testing.T) {
	m := Macros{
		Time: time.Date(2026, 3, 4, 8, 15, 7, 127_000_000, time.FixedZone("", 3600)), Random: 4_012_345_678, Error: MediaFileNotSupported,
		Asset: "https://v.example/a b.mp4?x=[1]&y", Playhead: new(65*time.Second + 250*time.Millisecond), ServingID: "Quay-1/ä",
		UniversalIDs: []UniversalID{{"ad-id.org", "MILL 1"}, {"clearcast.co.uk", "A/B,C"}}, Domain: "harbour.example",
	}
	for _, test := range []struct {
		in, want string
		m        Macros
	}{
		{"https://a.example/", "https://a.example/", m},
		{"?c=[ERRORCODE]", "?c=403", m},
		{"?t=[TIMESTAMP]", "?t=2026-03-04T07%3A15%3A07.127Z", m},
		{"?r=[CACHEBUSTING]", "?r=12345678", m},
		{"?r=[CACHEBUSTING]", "?r=00000000", Macros{}},
		{"?u=[ASSETURI]", "?u=https%3A%2F%2Fv.example%2Fa%20b.mp4%3Fx%3D%5B1%5D%26y", m},
		{"?p=[ADPLAYHEAD]", "?p=00%3A01%3A05.250", m},
		{"?p=[ADPLAYHEAD]", "?p=00%3A00%3A00.000", Macros{Playhead: new(-time.Second)}},
		{"?s=[ADSERVINGID]&d=[DOMAIN]", "?s=Quay-1%2F%C3%A4&d=harbour.example", m},
		{"?i=[UNIVERSALADID]", "?i=ad-id.org%20MILL%201,clearcast.co.uk%20A%2FB%2CC", m}, // a list keeps its commas
		{"?m=[MEDIAMIME]", "?m=video%2Fmp4,video%2Fwebm,application%2Fx-mpegURL", Macros{}},
		{"?s=[SERVERSIDE]", "?s=1", Macros{Server: true}},
		{"?s=[SERVERSIDE]", "?s=0", Macros{}},
		{"?a=[ADCOUNT]&b=[BREAKPOSITION]&t=[ADTYPE]", "?a=1&b=4&t=video", Macros{}},
		// What we do not tell: unknown, or not to be shared.
		{"?c=[ERRORCODE]&t=[TIMESTAMP]&u=[ASSETURI]&p=[ADPLAYHEAD]&s=[ADSERVINGID]&i=[UNIVERSALADID]", "?c=-1&t=-1&u=-1&p=-1&s=-1&i=-1", Macros{}},
		{"?p=[CONTENTPLAYHEAD]&q=[MEDIAPLAYHEAD]", "?p=-1&q=-1", m}, // there is no film around the ad
		{"?p=[CONTENTPLAYHEAD]&q=[MEDIAPLAYHEAD]", "?p=01%3A00%3A00.000&q=01%3A00%3A00.000", Macros{Content: new(time.Hour)}},
		{"?u=[PAGEURL]&i=[DEVICEIP]&a=[DEVICEUA]&f=[IFA]&l=[LATLONG]", "?u=-2&i=-2&a=-2&f=-2&l=-2", m},
		// However it is written.
		{"?r=[cachebusting]&c=%5BERRORCODE%5D&d=%5berrorcode%5d", "?r=12345678&c=403&d=403", m},
		{"/[ERRORCODE]/[ERRORCODE]", "/403/403", m},
		{"[[ERRORCODE]]", "%5B403%5D", m},
		// No macro of the standard: not filled, and no bracket left.
		{"?q=[QUAY]&ids[]=1&ids[0]=2&[ERROR CODE]=%5BQUAY%5D", "?q=%5BQUAY%5D&ids%5B%5D=1&ids%5B0%5D=2&%5BERROR CODE%5D=%5BQUAY%5D", m},
		{"?q=[ERRORCODE", "?q=%5BERRORCODE", m},
		// What is filled in is not read again.
		{"?u=[ASSETURI]", "?u=%5BERRORCODE%5D", Macros{Asset: "[ERRORCODE]", Error: 900}},
	} {
		if got := Expand(test.in, test.m); got != test.want {
			t.Errorf("Expand(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

// TestMacroLists holds that each macro of the standard is told, unknown or
// withheld, and that nobody can ask in a way that shows a reader.
func TestMacroLists(t *testing.T) {
	for _, list := range [][]string{withheld, unknown} {
		if !slices.IsSorted(list) {
			t.Errorf("not in order: %v", list)
		}
	}
	for _, name := range []string{ // as in the list that IAB keeps
		"TIMESTAMP", "CACHEBUSTING", "CONTENTPLAYHEAD", "MEDIAPLAYHEAD", "BREAKPOSITION", "BLOCKEDADCATEGORIES", "ADCATEGORIES", "ADCOUNT",
		"TRANSACTIONID", "PLACEMENTTYPE", "ADTYPE", "UNIVERSALADID", "BREAKMAXDURATION", "BREAKMAXADS", "BREAKMINADLENGTH", "BREAKMAXADLENGTH",
		"IFA", "IFATYPE", "CLIENTUA", "SERVERUA", "DEVICEUA", "SERVERSIDE", "DEVICEIP", "LATLONG", "DOMAIN", "PAGEURL", "APPBUNDLE",
		"VASTVERSIONS", "APIFRAMEWORKS", "EXTENSIONS", "VERIFICATIONVENDORS", "OMIDPARTNER", "MEDIAMIME", "PLAYERCAPABILITIES", "CLICKTYPE",
		"PLAYERSTATE", "INVENTORYSTATE", "PLAYERSIZE", "ADPLAYHEAD", "ASSETURI", "CONTENTID", "CONTENTURI", "PODSEQUENCE", "ADSERVINGID",
		"CLICKPOS", "ERRORCODE", "REASON", "LIMITADTRACKING", "REGULATIONS", "GDPRCONSENT", "STOREID", "STOREURL", "CONTENTCAT",
		"GPPSECTIONID", "GPPSTRING", "PLAYBACKMETHODS",
	} {
		got := Expand("["+name+"]", Macros{})
		if got == "" || strings.Contains(got, name) {
			t.Errorf("[%s] becomes %q", name, got)
		}
		if slices.Contains(withheld, name) && got != "-2" {
			t.Errorf("[%s] is not to be shared and becomes %q", name, got)
		}
		if slices.Contains(withheld, name) && slices.Contains(unknown, name) {
			t.Errorf("[%s] is in both lists", name)
		}
	}
}
