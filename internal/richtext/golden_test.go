package richtext

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"kawaraban/internal/papertest"
)

// TestPage reads a whole page that somebody pasted and writes it in every form.
func TestPage(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("testdata", "page.html"))
	if err != nil {
		t.Fatal(err)
	}
	d := checkFixed(t, string(source), "https://tidings.example/city/fog.html")
	var stored bytes.Buffer
	if err := json.Indent(&stored, d.JSON(), "", "\t"); err != nil {
		t.Fatal(err)
	}
	papertest.Golden(t, "page.json", stored.String()+"\n")
	papertest.Golden(t, "page.web.html", string(d.Web(figure)))
	papertest.Golden(t, "page.feed.html", d.Feed("https://paper.example/", nil))
	papertest.Golden(t, "page.txt", d.Text()+"\n")
}
