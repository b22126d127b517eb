package wire

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kawaraban/internal/wire/ap"
)

// TestCorpusAP reads the AP's answers as they are described to customers, and
// takes a story the way to its text.
func TestCorpusAP(t *testing.T) {
	folder := shared(t, "wire", "ap")
	data := func(name string) []byte {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, test := range []struct {
		name, id, version, headline, credit, copyright string
		class                                          Class
		bodyAt                                         string
	}{
		{"ap_media_feed.json", "95e8bd71fed448cda1a0be35d8ddbd2f", "0 0a1aza3c0", "AC2: An Intimate Evening", "Charles Sykes/Invision/AP", "© 2019 Invision", Picture, ""},
		{"ap_media_item.json", "95e8bd71fed448cda1a0be35d8ddbd2f", "0 0a1aza3c0", "headline", "John Doe/Something/AP", "© 2019 Someone", Picture, ""},
		{"ap_media_picture.json", "171b16d930db49a396159714c732af9c", "0 0a1aza3c0", "US Paul Simon Poets Society", "john Doe/Something/AP", "© 2018 AP", Picture, ""},
		{"ap_media_text_feed.json", "5ee9b4b40ea5fe9c9ca60f890fb2e1d9", "0 0a1aza0c0", "BC-BBN--Top Ten", "AP", "Copyright 2019", Text, "https://a.b.c/media/v/content/5ee9b4b40ea5fe9c9ca60f890fb2e1d9.0/download?type=text&format=NITF"},
		{"ap_media_text_item.json", "5ee9b4b40ea5fe9c9ca60f890fb2e1d9", "0 0a4aza0c0", "BC-BBN--Top Ten", "AP", "Copyright 2019", Text, "https://d.e.f/media/v/content/5ee9b4b40ea5fe9c9ca60f890fb2e1d9.0/download?type=text&format=NITF"},
	} {
		items, err := try(t, test.name, data(test.name))
		if err != nil || len(items) != 1 {
			t.Errorf("%s: %d items, %v", test.name, len(items), err)
			continue
		}
		it := items[0]
		checkReadable(t, test.name, &it)
		if it.ID != test.id || it.Version != test.version || it.Class != test.class || it.Status != Usable || it.Credit != test.credit ||
			!strings.HasPrefix(it.Headline, test.headline) || !strings.HasPrefix(it.Copyright, test.copyright) || !strings.HasPrefix(it.BodyAt, test.bodyAt) {
			t.Errorf("%s: %+v", test.name, it)
		}
		if (it.Class == Picture) != (len(it.Pictures) == 1) || it.Class == Picture && (it.Pictures[0].Width < 3000 || it.Pictures[0].Type != "image/jpeg") {
			t.Errorf("%s: pictures %+v", test.name, it.Pictures)
		}
	}
	answer := data("ap_media_text_feed.json")
	a, err := ap.Parse(answer)
	if err != nil || len(a.Wants()) != 1 || a.Next == "" {
		t.Fatalf("it wants %q, then %q, %v", a.Wants(), a.Next, err)
	}
	joined, err := ap.Join(answer, map[string][]byte{a.Wants()[0]: data("ap_media_text_nitf.xml")})
	if err != nil {
		t.Fatal(err)
	}
	items, err := try(t, "joined", joined)
	if err != nil || len(items) != 1 {
		t.Fatalf("joined: %d items, %v", len(items), err)
	}
	it := items[0]
	checkReadable(t, "joined", &it)
	if it.BodyAt != "" || len(it.Body.Blocks) == 0 || it.Status != Usable || it.ID != string(a.Items[0].AltIDs.ItemID) {
		t.Errorf("joined: %+v", it)
	}
}
