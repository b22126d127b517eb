package imports

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// required finds what go.mod asks for itself: lines without "// indirect".
var required = regexp.MustCompile(`(?m)^(?:require)?\s+(\S+\.\S+/\S+) v\S+$`)

// row finds a line of the table in docs/dependencies.md.
var row = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]+) \\| ([^|]+) \\|")

// TestDependencies holds go.mod, the homes and docs/dependencies.md against one
// another.
func TestDependencies(t *testing.T) {
	gomod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile(filepath.Join(root, dependencies))
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string][]string{}
	for _, m := range required.FindAllStringSubmatch(string(gomod), -1) {
		modules[m[1]] = nil
	}
	asked := len(modules)
	if asked == 0 || asked > direct {
		t.Errorf("%d direct dependencies; at most %d", asked, direct)
	}
	reasons := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(doc), -1) {
		module, home, reason := m[1], strings.TrimSpace(m[2]), strings.TrimSpace(m[3])
		reasons[module] = reason
		if !strings.Contains(string(gomod), module+" v") {
			t.Errorf("%s tells of %s, which go.mod does not name", dependencies, module)
		}
		modules[module] = nil
		if want := homeOf(module, modules); home != want {
			t.Errorf("%s says that %s lives in %q, the law says %q", dependencies, module, home, want)
		}
	}
	for module := range modules {
		if len(reasons[module]) < 20 {
			t.Errorf("%s gives no reason for %s", dependencies, module)
		}
	}
}

// homeOf is where the law lets a module and its parts live, without the word
// internal, as the document writes it. A part may be a module of its own.
func homeOf(module string, modules map[string][]string) string {
	var all []string
	for name, places := range homes {
		if longest(modules, name) != module {
			continue
		}
		for _, place := range places {
			if place == anywhere {
				place = "anywhere"
			}
			all = append(all, strings.TrimPrefix(place, "internal/"))
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ", ")
}
