package bounce

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestCorpus reads mails that came back to other people, and holds what Parse
// makes of them against what we make of them, written down in expect.tsv: the
// name of a file, its kind, how many recipients, and the kinds of these where
// they differ. The mails are not part of the project.
func TestCorpus(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "..", "shared", "data", "mail", "bounces")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the mails that came back are not here (%s): nothing to compare with", folder)
	}
	expect := readExpected(t)
	files, err := filepath.Glob(filepath.Join(folder, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".eml")
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, ok := expect[name]
		if !ok {
			t.Errorf("%s: nothing is written down about it", name)
		}
		for ends, raw := range map[string]string{
			"as it is": string(raw),
			"CRLF":     strings.ReplaceAll(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n", "\r\n"),
			"bare CR":  strings.ReplaceAll(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n", "\r"),
		} {
			r, err := Parse([]byte(raw))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if got := inShort(r); got != want {
				t.Errorf("%s, %s: %s; want %s\n%+v", name, ends, got, want, r)
			}
		}
	}
	if len(files) != len(expect) {
		t.Errorf("%d files, and something is written down about %d", len(files), len(expect))
	}
}

// inShort is a report as a line of expect.tsv tells it.
func inShort(r Report) string {
	s := string(r.Kind) + "\t" + strconv.Itoa(len(r.Recipients))
	for _, rec := range r.Recipients {
		if rec.Kind != r.Kind {
			s += "\t" + kinds(r)
			break
		}
	}
	return s
}

func kinds(r Report) string {
	var list []string
	for _, rec := range r.Recipients {
		list = append(list, string(rec.Kind))
	}
	return strings.Join(list, " ")
}

func readExpected(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "expect.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list := map[string]string{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, rest, ok := strings.Cut(lines.Text(), "\t"); ok {
			list[name] = rest
		}
	}
	return list
}
