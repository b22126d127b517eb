package db

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestNoKeyIsSetToItself is about the way in which a row is locked. SQLite looks
// through all rows that point at a key when a statement sets it, even to what it
// is: setting the key made votes on 20,000 comments ten times slower than
// setting another column.
func TestNoKeyIsSetToItself(t *testing.T) {
	itself := regexp.MustCompile(`update (\w+) set (\w+) = (\w+) where`)
	keys := map[string]string{"reader": "id", "article": "id", "comment": "id", "thread": "article", "picture": "id", "wire_story": "id"}
	found := 0
	for _, root := range []string{"..", filepath.Join("..", "..", "cmd")} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			b, err := os.ReadFile(path)
			for _, m := range itself.FindAllStringSubmatch(string(b), -1) {
				if m[2] != m[3] {
					continue
				}
				if found++; m[2] == keys[m[1]] {
					t.Errorf("%s sets the key of %s to itself: set a column that is in no index", path, m[1])
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 5 {
		t.Fatalf("only %d rows are locked", found)
	}
}
