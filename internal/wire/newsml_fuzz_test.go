package wire

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"kawaraban/internal/wire/newsml"
)

// FuzzNewsML holds what is true of whatever NewsML becomes: no panic, a class
// and a status that we know, and a body that can be kept.
func FuzzNewsML(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "newsml", "*.xml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var items []Item
		if d, err := newsml.Parse1(data); err == nil {
			items = fromNewsML1(d)
		} else if d, err := newsml.ParseG2(data); err == nil {
			items = fromG2(d)
		}
		for _, it := range items {
			if !slices.Contains([]Status{Usable, Withheld, Canceled, Unknown}, it.Status) {
				t.Errorf("status %q", it.Status)
			}
			if !slices.Contains([]Class{Text, Picture, Package, Other}, it.Class) {
				t.Errorf("class %q", it.Class)
			}
			if it.EmbargoOpen && !it.Embargo.IsZero() {
				t.Errorf("an open embargo that ends at %s", it.Embargo)
			}
			if it.Version == "" {
				t.Error("no version")
			}
			if err := it.Body.Check(); err != nil {
				t.Errorf("body: %v", err)
			}
		}
	})
}
