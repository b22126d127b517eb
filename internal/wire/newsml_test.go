package wire

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/wire/markup"
	"kawaraban/internal/wire/newsml"
)

// TestNewsMLGolden holds what becomes of each fixture, whole. All of it is
// written by us; the agencies and towns do not exist. What must never reach a
// reader is marked "canary".
func TestNewsMLGolden(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "newsml", "*.xml"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			items, err := Read(file, data)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range items {
				if strings.Contains(forReaders(it), "canary") {
					t.Errorf("%s shows what is not for publication: %s", it.ID, forReaders(it))
				}
			}
			got := brief(t, items)
			papertest.Golden(t, "newsml/"+strings.TrimSuffix(filepath.Base(file), ".xml")+".golden", got)
		})
	}
}

// forReaders returns all words of an item that readers may see.
func forReaders(it Item) string {
	words := []string{it.Headline, it.Standfirst, it.Dateline, it.Body.Text(), it.Credit, it.Copyright}
	words = append(words, it.Bylines...)
	for _, p := range it.Pictures {
		words = append(words, p.Caption, p.Credit, p.Copyright, p.Alt)
	}
	return strings.Join(words, "\n")
}

// brief writes items as JSON without the fields that are empty.
func brief(t *testing.T, items []Item) []byte {
	t.Helper()
	raw, err := json.Marshal(items)
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, fields := range all {
		prune(fields)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(all); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func prune(fields map[string]any) {
	for name, value := range fields {
		switch v := value.(type) {
		case nil:
			delete(fields, name)
		case string:
			if v == "" || v == (time.Time{}).Format(time.RFC3339) {
				delete(fields, name)
			}
		case bool:
			if !v {
				delete(fields, name)
			}
		case float64:
			if v == 0 {
				delete(fields, name)
			}
		case []any:
			for _, one := range v {
				if inside, ok := one.(map[string]any); ok {
					prune(inside)
				}
			}
		}
	}
}

// TestOneIDForAllVersions holds that the versions of an item share its id,
// however an agency names them.
func TestOneIDForAllVersions(t *testing.T) {
	item := func(provider, date, item, revision, public, first, this string) *newsml.Item1 {
		var in newsml.Item1
		in.ID = newsml.Identifier{Provider: provider, Date: date, Item: item, Revision: newsml.Revision{Number: revision}}
		in.ID.Public = markup.Text(public)
		in.Management.FirstCreated, in.Management.Created = first, this
		return &in
	}
	for _, test := range []struct {
		name string
		a, b *newsml.Item1
		want string
	}{
		{
			"public identifier",
			item("kna.example", "20260301", "x", "1", "urn:newsml:kna.example:20260301:x:1", "", ""),
			item("kna.example", "20260301", "x", "2", "urn:newsml:kna.example:20260301:x:2N", "", ""),
			"urn:newsml:kna.example:20260301:x",
		},
		{
			"provider with colons",
			item("kna.example:20260301:PH", "DV", "7", "1", "urn:newsml:kna.example:20260301:PH:DV:7:1", "", ""),
			item("kna.example:20260301:PH", "DV", "7", "9", "urn:newsml:kna.example:20260301:PH:DV:7:9", "", ""),
			"urn:newsml:kna.example:20260301:PH:DV:7",
		},
		{
			"version in the item's id",
			item("kna.example", "20260301", "x-v1", "1", "", "", ""),
			item("kna.example", "20260301", "x-v2", "2", "", "", ""),
			"urn:newsml:kna.example:20260301:x",
		},
		{
			"the revision's own time as date",
			item("kna.example", "20260301T080000", "7", "1", "urn:newsml:www.kna.example", "20260301T080000", "20260301T080000"),
			item("kna.example", "20260301T093000", "7", "4", "urn:newsml:www.kna.example", "20260301T080000", "20260301T093000"),
			"urn:newsml:kna.example:20260301T080000:7",
		},
		{
			"no revision and broken lines",
			item("kna.\n example", "20260301", "7", "", "", "", ""),
			item("kna.example", "20260301", " 7\n", "", "", "", ""),
			"urn:newsml:kna.example:20260301:7",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if a, b := v1ID(test.a), v1ID(test.b); a != test.want || b != test.want {
				t.Errorf("ids %q and %q, want %q", a, b, test.want)
			}
		})
	}
}

// TestNewsMLHostile holds that items of many small parts cost what their bytes
// cost: nothing in the mapping is quadratic.
func TestNewsMLHostile(t *testing.T) {
	const many, patience = 1_000, 3 * time.Second // as many as a file may have; 20 ms on a quiet machine
	repeat := func(format string) string {
		var b strings.Builder
		for i := range many {
			b.WriteString(strings.ReplaceAll(format, "#", strconv.Itoa(i)))
		}
		return b.String()
	}
	for _, test := range []struct{ name, in string }{
		{"subjects", `<newsItem guid="g"><contentMeta>` + repeat(`<subject qcode="a:#"/>`) + `</contentMeta></newsItem>`},
		{"notes", `<newsItem guid="g"><itemMeta>` + repeat(`<edNote>n#</edNote>`) + `</itemMeta></newsItem>`},
		{"signals", `<newsItem guid="g"><itemMeta>` + repeat(`<signal qcode="s:#"/>`) + `</itemMeta></newsItem>`},
		{"links", `<newsItem guid="g"><itemMeta>` + repeat(`<link residref="#" href="h#"><itemClass qcode="n:picture"/></link>`) + `</itemMeta></newsItem>`},
		{"renditions", `<newsItem guid="g"><contentSet>` + repeat(`<remoteContent href="#.jpg"/>`) + `</contentSet></newsItem>`},
		{"groups", `<packageItem guid="g"><groupSet root="0">` + repeat(`<group id="#"><groupRef idref="#"/><itemRef residref="#"/></group>`) + `</groupSet></packageItem>`},
		{"lines", `<NewsML><NewsItem><NewsComponent><NewsLines>` + repeat(`<RightsLine>r#</RightsLine>`) + `</NewsLines></NewsComponent></NewsItem></NewsML>`},
		{"codes", `<NewsML><NewsItem><NewsComponent><DescriptiveMetadata><SubjectCode>` + repeat(`<Subject FormalName="#"/>`) + `</SubjectCode></DescriptiveMetadata></NewsComponent></NewsItem></NewsML>`},
		{"references", `<NewsML><NewsItem><NewsComponent>` + repeat(`<NewsItemRef NewsItem="#"/>`) + `</NewsComponent></NewsItem></NewsML>`},
		{"items in items", `<NewsML>` + strings.Repeat(`<NewsItem><NewsComponent>`, 31) + strings.Repeat(`<NewsItem/>`, 900) + strings.Repeat(`</NewsComponent></NewsItem>`, 31) + `</NewsML>`},
	} {
		t.Run(test.name, func(t *testing.T) {
			papertest.InTime(t, "to read it", patience, func() time.Duration {
				begin := time.Now()
				items, err := readNewsML(t, []byte(test.in))
				took := time.Since(begin)
				t.Logf("%d bytes, %d items, %v", len(test.in), len(items), took.Round(time.Millisecond))
				if err != nil || len(items) == 0 {
					t.Errorf("%d items, %v", len(items), err)
				}
				return took
			})
		})
	}
}
