package wire

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kawaraban/internal/problem"
	"kawaraban/internal/wire/markup"
	"kawaraban/internal/wire/newsml"
)

// notNewsML are the files of the standard's folder that are no documents, and
// why they are refused.
var notNewsML = map[string]string{
	"iptc-newsml-g2/LISTING_25_An_NITF_marked-up_article_conveyed_in_inlineXML.xml":         "a contentSet without its item",
	"iptc-newsml-g2/LISTING_28_Illustrating_Located_Subject_and_Dateline.xml":               "a contentMeta without its item",
	"iptc-newsml-g2/LISTING_7_Group_Set_example_showing_Hierarchical_Package_Structure.xml": "a groupSet without its item",
	"iptc-newsml-g2/LISTING_8_Group_Set_example_showing_an_ALT_Package_Mode.xml":            "a groupSet without its item",
	"iptc-newsml-g2/LISTING_9_Group_Set_example_showing_a_SEQ_Package_Mode.xml":             "a groupSet without its item",
	"iptc-newsml-g2/unit/2.32/should_pass/CR00216_authoritystatus_on_catalog.xml":           "a catalog without its item",
	"iptc-newsml-g2/unit/2.32/should_pass/CR00216_authoritystatus_on_catalog_uri.xml":       "a catalog without its item",
	"iptc-newsml-g2/unit/2.32/should_pass/CR00216_authoritystatus_on_scheme.xml":            "a catalog without its item",
	"reuters/channel1":       "an answer of Reuters' interface that lists items",
	"ritzau/ritzau_feed.xml": "Ritzau's own queue",
	"ritzau/ritzau_news.xml": "Ritzau's own format",
}

// TestNewsMLCorpus reads every NewsML file of the agencies, and compares what
// another program found in them. What differs must be explained, and what is
// explained must differ.
func TestNewsMLCorpus(t *testing.T) {
	expected := expectations(t)
	explained := make(map[string]bool)
	files, items, compared := 0, 0, 0
	walk(t, shared(t, "wire"), func(name string, data []byte) {
		if filepath.Ext(name) == ".json" || !strings.HasPrefix(strings.TrimLeft(string(data), "\xef\xbb\xbf \r\n\t"), "<") {
			return
		}
		got, err := readNewsML(t, data)
		if err == nil && got == nil {
			return // another format
		}
		files++
		if err != nil {
			if problem.Of(err) == nil || notNewsML[name] == "" {
				t.Errorf("%s: %v", name, err)
			}
			explained[name] = true
			return
		}
		items += len(got)
		for i := range got {
			checkReadable(t, name, &got[i])
		}
		want, ok := expected["wire/"+name]
		if !ok {
			return
		}
		for i, field := range []string{"id", "version", "status", "headline"} {
			var is string
			if len(got) > 0 {
				is = []string{got[0].ID, got[0].Version, string(got[0].Status), got[0].Headline}[i]
			}
			compared++
			key := name + " " + field
			if same(field, is, want[field]) {
				continue
			}
			if differences[key] == "" {
				t.Errorf("%s: %q, expected %q, and nobody says why", key, is, want[field])
			}
			explained[key] = true
		}
	})
	for _, table := range []map[string]string{notNewsML, differences} {
		for key := range table {
			if !explained[key] {
				t.Errorf("%s is explained (%s) but does not differ any more", key, table[key])
			}
		}
	}
	t.Logf("%d files, %d items, %d fields compared, %d differences explained", files, items, compared, len(differences))
}

// readNewsML returns the items of a NewsML document, nil for another format.
func readNewsML(t *testing.T, data []byte) ([]Item, error) {
	t.Helper()
	_, root, err := markup.Root(data)
	if err != nil {
		return nil, err
	}
	switch root {
	case "NewsML":
		d, err := newsml.Parse1(data)
		if err != nil {
			return nil, err
		}
		return fromNewsML1(d), nil
	case "nitf", "rss", "feed", "Publish":
		return nil, nil
	}
	d, err := newsml.ParseG2(data)
	if err != nil {
		return nil, err
	}
	return append([]Item{}, fromG2(d)...), nil
}

// checkReadable holds what is true of every item, whoever sent it.
func checkReadable(t *testing.T, name string, it *Item) {
	t.Helper()
	words := forReaders(*it)
	for _, note := range strings.Split(it.Internal, "\n") {
		// A note may name what the story names, too; a telephone number or an
		// address to write to is the newsroom's alone.
		if strings.ContainsAny(note, "@+") && len(note) > 12 && strings.Contains(words, note) {
			t.Errorf("%s shows what is for editors only: %q", name, note)
		}
	}
	if it.Class == Text && it.Headline == "" && len(it.Body.Blocks) > 0 {
		t.Errorf("%s: %s has a story and no working title", name, it.ID)
	}
	if err := it.Body.Check(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for _, p := range it.Pictures {
		if p.Href == "" {
			t.Errorf("%s: a picture without an address", name)
		}
	}
}

// expectations reads what another program found in the files, by file and field.
func expectations(t *testing.T) map[string]map[string]string {
	t.Helper()
	file, err := os.Open(filepath.Join(shared(t), "EXPECT-wire.tsv"))
	if err != nil {
		t.Skip(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]map[string]string)
	for _, row := range rows[1:] {
		fields := make(map[string]string)
		for i, name := range rows[0] {
			if i < len(row) {
				fields[name] = row[i]
			}
		}
		all[row[0]] = fields
	}
	return all
}

// same reports whether a field is what was expected, but for how it is written:
// the other program cut headlines at 120 characters and kept the schemes of
// codes and the default in words.
func same(field, is, expected string) bool {
	switch field {
	case "status":
		if expected == "(default usable)" {
			expected = "usable"
		}
		return strings.EqualFold(is, local(expected))
	case "headline":
		return is == expected || len([]rune(expected)) >= 119 && strings.HasPrefix(is, expected)
	}
	return is == expected
}
