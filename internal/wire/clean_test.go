package wire

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"kawaraban/internal/richtext"
)

func TestOneLine(t *testing.T) {
	for _, test := range []struct {
		in, want string
		max      int
	}{
		{"  Night\tferry\r\n returns ", "Night ferry returns", 50},
		{"e\u0301te\u0301", "été", 50},                               // NFC
		{"a\x00b\u200bc\u202ed\u2066e\ufeff", "abcde", 50},           // nothing that cannot be seen
		{"\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e", 50}, // but what words are spelt with
		{"a\xffb", "a\ufffdb", 50},
		{"Hafen", "Hafen", 5},
		{"Hafens", "Hafe…", 5},
		{"Ha ens", "Ha…", 4},
		{"港のフェリー", "港のフ…", 4},
		{"", "", 5},
	} {
		if got := oneLine(test.in, test.max); got != test.want || utf8.RuneCountInString(got) > test.max {
			t.Errorf("oneLine(%q, %d) = %q, want %q", test.in, test.max, got, test.want)
		}
	}
}

func TestProse(t *testing.T) {
	if got, want := prose("\n\n A \r\n\n\n B\u2028C\x07\n\n"), "A\n\nB C"; got != want {
		t.Errorf("prose = %q, want %q", got, want)
	}
}

// TestFileOrWeb holds that a picture is of the web or beside the delivery.
func TestFileOrWeb(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"https://hpa.example/a.jpg?x=1", "https://hpa.example/a.jpg?x=1"},
		{" http://hpa.example/a.jpg\n", "http://hpa.example/a.jpg"},
		{"a.jpg", "a.jpg"},
		{"photos/a b.jpg", "photos/a b.jpg"},
		{"../../etc/passwd", ""},
		{"photos/../../a.jpg", ""},
		{"/etc/passwd", ""},
		{`..\a.jpg`, ""},
		{"C:a.jpg", ""},
		{"//hpa.example/a.jpg", ""},
		{"file:///etc/passwd", ""},
		{"javascript:alert(1)", ""},
		{"data:image/png;base64,AA==", ""},
		{"https:///a.jpg", ""},
		{"", ""},
	} {
		if got := fileOrWeb(test.in); got != test.want {
			t.Errorf("fileOrWeb(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

// TestCleanHolds holds that what clean has to leave out holds the item.
func TestCleanHolds(t *testing.T) {
	far := time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)
	it := Item{
		ID: "a", Status: Usable, Urgency: 12, Embargo: far, Expires: far, Link: "javascript:alert(1)",
		Body:     richtext.Doc{Blocks: []richtext.Block{{Kind: "script"}}},
		Pictures: []PictureRef{{Href: "../a.jpg"}, {Href: "b.jpg", Width: -1}},
		Subjects: []string{"x", " x", "", strings.Repeat("y", 2*maxLine)},
	}
	clean(&it)
	switch {
	case it.Status != Unknown || len(it.Body.Blocks) != 0 || !strings.Contains(it.Advisory, "body was left out"):
		t.Errorf("a body that richtext refuses: status %s, %v, %q", it.Status, it.Body, it.Advisory)
	case !it.EmbargoOpen || !it.Embargo.IsZero() || !it.Expires.IsZero():
		t.Errorf("an embargo that no database holds: %v, open %v", it.Embargo, it.EmbargoOpen)
	case it.Urgency != 0 || it.Link != "":
		t.Errorf("urgency %d, link %q", it.Urgency, it.Link)
	case len(it.Pictures) != 1 || it.Pictures[0].Href != "b.jpg" || it.Pictures[0].Width != 0:
		t.Errorf("pictures %+v", it.Pictures)
	case len(it.Subjects) != 2:
		t.Errorf("subjects %q", it.Subjects)
	}
	kill := Item{ID: "a", Status: Canceled, Body: richtext.Doc{Blocks: []richtext.Block{{Kind: "script"}}}}
	if clean(&kill); kill.Status != Canceled {
		t.Errorf("a kill became %s", kill.Status)
	}
}
