package wire

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kawaraban/internal/richtext"
)

// teletypist matches what only a teleprinter writes.
var teletypist = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f\ufffd]|``|(?m:^#)|\\* \\* \\*|(?m:^[<^])|[<=]$")

// TestCorpusText reads the agencies' text wires and mails, and looks at each as
// an editor would. The table of what another program found does not have them.
func TestCorpusText(t *testing.T) {
	read := 0
	walk(t, shared(t, "wire"), func(name string, data []byte) {
		f, err := detect(data)
		if err != nil || !slices.Contains([]format{text7901, textANPA, mailMIME}, f) {
			return
		}
		items, err := try(t, name, data)
		if err != nil || len(items) != 1 {
			t.Errorf("%s: %d items, %v", name, len(items), err)
			return
		}
		read++
		it := &items[0]
		text := it.Headline + "\n" + it.Standfirst + "\n" + it.Dateline + "\n" + it.Body.Text()
		if found := teletypist.FindString(text); found != "" {
			t.Errorf("%s: %q is left in it", name, found)
		}
		if it.Headline == "" || len(it.Body.Blocks) == 0 || it.Updated.IsZero() {
			t.Errorf("%s: headline %q, %d blocks, sent %s", name, it.Headline, len(it.Body.Blocks), it.Updated)
		}
		if f == mailMIME && it.Status != Unknown {
			t.Errorf("%s: a mail is %s", name, it.Status)
		}
		for line := range strings.Lines(it.Internal) {
			if line = strings.TrimSpace(line); len(line) > 20 && strings.Contains(text, line) {
				t.Errorf("%s: what is for editors is shown: %.60q", name, line)
			}
		}
		for _, b := range it.Body.Blocks {
			// A paragraph in which a line ends in the middle of a sentence was not joined.
			for line := range strings.Lines(richtext.Plain(b.Text)) {
				if it.Status == Usable && b.Kind == richtext.Paragraph && strings.HasSuffix(line, "\n") && len(line) > 55 && !strings.ContainsAny(line[len(line)-2:], ".:!?») ") {
					t.Errorf("%s: not joined: %.80q", name, line)
				}
			}
		}
	})
	if read < 15 {
		t.Errorf("%d text wires and mails read", read)
	}
}

// TestCorpusTextTwins compares stories that the agency sent as IPTC 7901 and as
// NewsML-G2: what readers get is the same.
func TestCorpusTextTwins(t *testing.T) {
	folder := shared(t, "wire", "dpa")
	twins := 0
	walk(t, filepath.Join(folder, "iptc7901"), func(name string, data []byte) {
		other, err := os.ReadFile(filepath.Join(folder, "newsml-g2", strings.ReplaceAll(strings.TrimSuffix(name, ".iptc"), "-", "_")+".xml"))
		if os.IsNotExist(err) {
			other, err = os.ReadFile(filepath.Join(folder, "newsml-g2", strings.TrimSuffix(name, ".iptc")+".xml"))
		}
		if err != nil {
			return
		}
		a, err := Read(name, data)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Read(name, other)
		if err != nil {
			t.Fatal(err)
		}
		twins++
		if squash(a[0].Headline) != squash(b[0].Headline) {
			t.Errorf("%s: headline %q and %q", name, a[0].Headline, b[0].Headline)
		}
		if squash(a[0].Dateline) != squash(b[0].Dateline) {
			t.Errorf("%s: dateline %q and %q", name, a[0].Dateline, b[0].Dateline)
		}
		x, y := squash(a[0].Standfirst+a[0].Body.Text()), squash(b[0].Standfirst+b[0].Body.Text())
		if x != y {
			i := 0
			for i < min(len(x), len(y)) && x[i] == y[i] {
				i++
			}
			t.Errorf("%s: the texts differ at %d of %d and %d: %.60q and %.60q", name, i, len(x), len(y), x[i:], y[i:])
		}
	})
	if twins < 4 {
		t.Errorf("%d twins", twins)
	}
}

// BenchmarkText reads the fixtures; the goal is a thousand items a second.
func BenchmarkText(b *testing.B) {
	files, err := filepath.Glob(filepath.Join("testdata", "text", "*.*"))
	if err != nil || len(files) == 0 {
		b.Fatal(err)
	}
	var all [][]byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, data)
	}
	items := 0
	for b.Loop() {
		for _, data := range all {
			list, err := Read("bench", data)
			if err != nil {
				b.Fatal(err)
			}
			items += len(list)
		}
	}
	b.ReportMetric(float64(items)/b.Elapsed().Seconds(), "items/s")
}
