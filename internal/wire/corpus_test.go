package wire

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/problem"
)

// shared returns a folder of other people's files, which are never part of the
// project: the tests over them run where the folder is.
func shared(t *testing.T, parts ...string) string {
	t.Helper()
	folder := filepath.Join(append([]string{"..", "..", "..", "shared", "data"}, parts...)...)
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the agencies' files are not here (%s): nothing to compare with", folder)
	}
	return folder
}

// walk calls f for each file below folder, in order.
func walk(t *testing.T, folder string, f func(name string, data []byte)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		f(filepath.ToSlash(name), data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// archive calls f for each file in a tar.gz.
func archive(t *testing.T, path string, f func(name string, data []byte)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Skipf("the archive of feeds is not here: %v", err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		f(h.Name, data)
	}
}

// try reads data and holds what is true of every answer.
func try(t *testing.T, name string, data []byte) ([]Item, error) {
	t.Helper()
	sent := bytes.Clone(data)
	items, err := Read(name, data)
	if !bytes.Equal(sent, data) {
		t.Errorf("%s: reading it has changed it", name)
	}
	if err != nil {
		p := problem.Of(err)
		if p == nil {
			t.Errorf("%s: not a Problem: %v", name, err)
		} else if p.Err != nil && strings.Contains(p.Err.Error(), "panic:") {
			t.Errorf("%s: %v", name, p.Err)
		}
	}
	for i := range items {
		checkItem(t, &items[i])
	}
	return items, err
}

// TestCorpusWire reads every agency file that there is, and measures how fast.
func TestCorpusWire(t *testing.T) {
	type delivery struct {
		name string
		data []byte
	}
	var all []delivery
	walk(t, shared(t, "wire"), func(name string, data []byte) { all = append(all, delivery{name, data}) })

	outcomes, formats := map[string]int{}, map[string]int{}
	for _, d := range all {
		items, err := try(t, d.name, d.data)
		for _, it := range items {
			formats[it.Format]++
		}
		if err == nil {
			outcomes["read"]++
			continue
		}
		outcomes[string(problem.Of(err).Kind)]++
		if problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", d.name, errors.Unwrap(problem.Of(err)))
		}
		if testing.Verbose() {
			t.Logf("%s: %v", d.name, err)
		}
	}
	t.Logf("%d files: %v; items: %v", len(all), outcomes, formats)

	const rounds = 3
	size, begin := 0, time.Now()
	for range rounds {
		for _, d := range all {
			size += len(d.data)
			_, _ = Read(d.name, d.data)
		}
	}
	took := time.Since(begin)
	t.Logf("%.0f files a second, %.1f MB a second", float64(rounds*len(all))/took.Seconds(), float64(size)/1e6/took.Seconds())
}

// TestCorpusNinjs reads the IPTC's test suites and examples: what should pass
// is read, what should fail may be, since we read for a newsroom and do not
// judge a sender's schema.
func TestCorpusNinjs(t *testing.T) {
	passed, tolerated := 0, 0
	walk(t, shared(t, "wire", "iptc-ninjs"), func(name string, data []byte) {
		items, err := try(t, name, data)
		switch {
		case strings.Contains(name, "should_fail"):
			if err == nil {
				tolerated++
			}
		case err != nil:
			t.Errorf("%s: %v", name, errors.Unwrap(problem.Of(err)))
		case len(items) == 0:
			t.Errorf("%s: no items", name)
		default:
			passed++
		}
	})
	t.Logf("%d should pass and do; %d should fail by the schema and are read as far as they go", passed, tolerated)
}

// TestCorpusFeeds reads the test files of two feed readers.
func TestCorpusFeeds(t *testing.T) {
	folder := shared(t, "feeds")
	for _, test := range []struct {
		archive string
		floor   int // how many were read when this was written
	}{
		{"gofeed-testdata.tar.gz", 533}, {"feedparser-tests.tar.gz", 1301},
	} {
		files, read, entries := 0, 0, 0
		reasons := map[string]int{}
		archive(t, filepath.Join(folder, test.archive), func(name string, data []byte) {
			if filepath.Ext(name) != ".xml" && !bytes.Contains(data, []byte("jsonfeed.org/version")) {
				return // the others are what the readers should find
			}
			files++
			items, err := try(t, name, data)
			entries += len(items)
			if err == nil {
				read++
				return
			}
			reasons[err.Error()]++
			if testing.Verbose() {
				t.Logf("%s: %v", name, err)
			}
		})
		t.Logf("%s: %d of %d files read, %d entries", test.archive, read, files, entries)
		for reason, n := range reasons {
			t.Logf("  %d × %s", n, reason)
		}
		if read < test.floor {
			t.Errorf("%s: %d files read, want at least %d", test.archive, read, test.floor)
		}
	}
}

const (
	noVersion = "NITF has no version there: the date of issue orders the versions"
	noStatus  = "the standard's default where management-status is absent"
	unnamed   = "no doc-id, no du-key: known by its content, and held"
)

// nitfDiffers says why an item differs from what another program found.
var nitfDiffers = map[string]string{
	"aap/aap-1.xml version":             noVersion,
	"aap/aap-1.xml status":              noStatus,
	"aap/aap-cyber.xml version":         noVersion,
	"aap/aap-finance.xml version":       noVersion,
	"aap/aap-finance.xml status":        noStatus,
	"aap/aap.xml version":               noVersion,
	"aap/aap.xml status":                noStatus,
	"ap/ap_media_text_nitf.xml id":      unnamed,
	"ap/ap_media_text_nitf.xml version": noVersion,
	"ap/ap_media_text_nitf.xml status":  unnamed,
	"efe/efe_nitf.xml version":          noVersion,
	"ntb/nitf-ntb.xml id":               "the du-key has a version, so the pair is the identity; the doc-id changes with each version",
	"ntb/nitf-ntb.xml status":           noStatus,
	"pa/pa1.xml version":                noVersion,
	"pa/pa2.xml version":                noVersion,
	"pa/pa2.xml headline":               "a table without a headline: the document's title is its working title",
	"pa/pa4.xml version":                noVersion,
}

// TestCorpusNITF compares what becomes of the agencies' NITF files with what
// another program found in them. A difference needs a reason, and a reason
// needs a difference.
func TestCorpusNITF(t *testing.T) {
	folder := shared(t)
	table, err := os.ReadFile(filepath.Join(folder, "EXPECT-wire.tsv"))
	if err != nil {
		t.Skipf("nothing to compare with: %v", err)
	}
	r := csv.NewReader(bytes.NewReader(table))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	differs := map[string]bool{}
	for _, row := range rows {
		if len(row) < 10 || row[1] != "NITF" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(row[0])))
		if err != nil {
			t.Fatal(err)
		}
		items, err := try(t, row[0], data)
		if err != nil || len(items) != 1 {
			t.Errorf("%s: %d items, %v", row[0], len(items), err)
			continue
		}
		it := items[0]
		for _, field := range []struct{ name, got, want string }{
			{"id", it.ID, row[2]},
			{"version", it.Version, row[3]},
			{"status", string(it.Status), row[4]},
			{"headline", squash(it.Headline), squash(row[9])},
		} {
			key := strings.TrimPrefix(row[0], "wire/") + " " + field.name
			if field.got == field.want {
				continue
			}
			differs[key] = true
			if nitfDiffers[key] == "" {
				t.Errorf("%s: got %q, the other program has %q, and no reason is given", key, field.got, field.want)
			}
		}
	}
	for key, reason := range nitfDiffers {
		if !differs[key] {
			t.Errorf("%s: does not differ any more, so the reason is stale: %s", key, reason)
		}
	}
}
