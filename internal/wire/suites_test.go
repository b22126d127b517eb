package wire

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kawaraban/internal/problem"
)

// noNews are the files of the suites that should pass and that we refuse.
var noNews = map[string]string{
	"unit/2.32/should_pass/CR00216_authoritystatus_on_catalog.xml":     "a catalog of codes by itself",
	"unit/2.32/should_pass/CR00216_authoritystatus_on_catalog_uri.xml": "a catalog of codes by itself",
	"unit/2.32/should_pass/CR00216_authoritystatus_on_scheme.xml":      "a catalog of codes by itself",
}

// TestSuites reads the IPTC's validation suites, all of them: what should pass is
// read, what should fail is read as far as it goes or refused in words.
func TestSuites(t *testing.T) {
	for _, suite := range []struct {
		folder, part string
		pass, fail   int // how many there were when this was written
	}{
		{"iptc-newsml-g2", "unit/", 20, 3},
		{"iptc-ninjs", "test_suite/", 30, 14},
	} {
		t.Run(suite.folder, func(t *testing.T) {
			pass, fail, lenient := 0, 0, 0
			walk(t, shared(t, "wire", suite.folder), func(name string, data []byte) {
				switch {
				case !strings.HasPrefix(name, suite.part):
					return
				case strings.Contains(name, "should_pass"):
					pass++
				case strings.Contains(name, "should_fail"):
					fail++
				default:
					t.Errorf("%s says neither that it should pass nor that it should fail", name)
				}
				items, err := try(t, name, data)
				switch {
				case err != nil && strings.TrimSpace(problem.Of(err).Detail) == "":
					t.Errorf("%s is refused without a word: %v", name, err)
				case strings.Contains(name, "should_fail"):
					if err == nil {
						lenient++
					}
				case noNews[name] != "":
					if err == nil {
						t.Errorf("%s is read: it is not %s any more", name, noNews[name])
					}
				case err != nil || len(items) == 0:
					t.Errorf("%s should pass: %d items, %v", name, len(items), err)
				}
			})
			if pass < suite.pass || fail < suite.fail {
				t.Errorf("%d that should pass and %d that should fail were found; there are %d and %d", pass, fail, suite.pass, suite.fail)
			}
			t.Logf("%d should pass; %d should fail, of which %d are read as far as they go", pass, fail, lenient)
		})
	}
}

// TestPartsKept holds that a package keeps what it points at, in its order, and a
// video what is said of its shots, where editors find it.
func TestPartsKept(t *testing.T) {
	folder := shared(t, "wire")
	read := func(name string) []Item {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		items, err := try(t, name, data)
		if err != nil || len(items) == 0 {
			t.Fatalf("%s: %d items, %v", name, len(items), err)
		}
		return items
	}
	for _, test := range []struct {
		name  string
		parts int
	}{
		{"iptc-newsml-g2/LISTING_6_Simple_NewsML-G2_Package.xml", 2},
		{"iptc-newsml-g2/LISTING_23_SportsML-G2_Package.xml", 2},
		{"apa/NewsMessagePackageItem_2.28.xml", 2},
	} {
		most := 0
		for _, it := range read(test.name) {
			if it.Class == Package {
				most = max(most, len(it.Parts))
			}
		}
		if most < test.parts {
			t.Errorf("%s: %d parts, want at least %d", test.name, most, test.parts)
		}
	}
	shots := read("iptc-newsml-g2/LISTING_5_Multi-part_Video_in_NewsML-G2.xml")[0]
	if n := strings.Count(shots.Internal, "\n") + 1; n < 8 || strings.Contains(forReaders(shots), strings.Split(shots.Internal, "\n")[0]) {
		t.Errorf("%d lines are said of the shots: %q", n, shots.Internal)
	}
}
