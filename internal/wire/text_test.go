package wire

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kawaraban/internal/papertest"
)

// TestReadText holds what becomes of each text wire fixture and of each mail,
// whole. What must never reach a reader is marked "canary" in them.
func TestReadText(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "text", "*.*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			items, err := Read(name, data)
			if err != nil {
				t.Fatal(err)
			}
			for i := range items {
				it := &items[i]
				checkItem(t, it)
				if shown := it.Headline + it.Standfirst + it.Body.Text() + it.EdNote; strings.Contains(shown, "canary") {
					t.Errorf("%s shows what is not for publication: %q", it.ID, shown)
				}
			}
			var got bytes.Buffer
			e := json.NewEncoder(&got)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			if err := e.Encode(items); err != nil {
				t.Fatal(err)
			}
			papertest.Golden(t, "text-read/"+name+".golden", got.Bytes())
		})
	}
}
