package richtext

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		diff(t, got, string(want))
	}
}

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
	golden(t, "page.json", stored.String()+"\n")
	golden(t, "page.web.html", string(d.Web(figure)))
	golden(t, "page.feed.html", d.Feed("https://paper.example/", nil))
	golden(t, "page.txt", d.Text()+"\n")
}
