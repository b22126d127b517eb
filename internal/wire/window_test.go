package wire

import (
	"fmt"
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/wire/feed"
)

// TestWindow is about feeds that are longer than a file may be: their first
// entries are read, at no greater cost, and what was left out is said.
func TestWindow(t *testing.T) {
	rss := func(n int, entry string) string {
		var b strings.Builder
		b.WriteString(`<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Long</title>`)
		for i := range n {
			fmt.Fprintf(&b, "<item><guid>%d</guid><title>Story %d</title>%s</item>\n", i, i, entry)
		}
		return b.String() + "</channel></rss>"
	}
	text := "<content:encoded><![CDATA[" + strings.Repeat("<p>A paragraph of some length, as people write them.</p>", 200) + "]]></content:encoded>"
	escaped := "<description>" + strings.Repeat("&lt;p&gt;A paragraph &amp;amp; more.&lt;/p&gt;", 200) + "</description>"
	atom := strings.NewReplacer("<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>", `<feed xmlns="http://www.w3.org/2005/Atom">`,
		"</channel></rss>", "</feed>", "<item>", "<entry>", "</item>", "</entry>", "guid>", "id>", "<content:encoded><![CDATA[", `<content type="html"><![CDATA[`, "]]></content:encoded>", "]]></content>")
	for name, test := range map[string]struct {
		file  string
		least int // entries
		whole bool
	}{
		"a short feed":      {rss(20, text), 20, true},
		"5 MB of full text": {rss(400, text), 20, false},
		"5 MB of Atom":      {atom.Replace(rss(400, text)), 20, false},
		"escaped text":      {rss(500, escaped), 2, false},
		"many entries":      {rss(feed.MaxEntries, ""), feed.MaxEntries, true},
		"more entries":      {rss(3*feed.MaxEntries, ""), feed.MaxEntries, false},
	} {
		t.Run(name, func(t *testing.T) {
			var short []byte
			var left string
			var items []Item
			var err error
			most := papertest.Cost{CPU: papertest.Slow(100e6), Allocated: 64 << 20}
			cost := papertest.Measure(t, most, func() {
				short, left = window([]byte(test.file))
				items, err = Read(name, short)
			})
			if err != nil || len(items) < test.least || (left == "") != test.whole {
				t.Errorf("of %d KB %d entries are read, left is %q, %v", len(test.file)>>10, len(items), left, err)
			}
			if len(items) > 0 && items[len(items)-1].Headline != fmt.Sprintf("Story %d", len(items)-1) {
				t.Errorf("the last is %q of %d", items[len(items)-1].Headline, len(items))
			}
			if left != "" && !strings.Contains(left, fmt.Sprintf("its first %d entries", len(items))) {
				t.Errorf("%d entries are read and it says %q", len(items), left)
			}
			if !cost.Within(most) {
				t.Errorf("it costs %v", cost)
			}
			t.Logf("%d of %d KB read, %d entries, %v", len(short)>>10, len(test.file)>>10, len(items), cost)
		})
	}
	for _, other := range []string{"", "<rss", "<rss>", "<rss><channel>" + strings.Repeat("<item>", 100_000), "{}", "<nitf/>", "<rss><item>" + strings.Repeat("x", maxBytes) + "</item></rss>"} {
		if short, left := window([]byte(other)); string(short) != other || left != "" {
			t.Errorf("%.30q became %.30q, %q", other, short, left)
		}
	}
}

// TestLongFeed takes one in: all of it is kept, and what was read is said.
func TestLongFeed(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := newRoom(t, d)
		file := "<rss><channel><title>Long</title>" + strings.Repeat("<item><guid>x</guid><title>A story</title><description>"+strings.Repeat("word ", 20_000)+"</description></item>", 10) + "</channel></rss>"
		results, err := r.Deliver(t.Context(), r.hpa, "long.xml", []byte(file), nil)
		if err != nil || len(results) != 4 || results[0].Decision != Kept || !strings.Contains(results[0].Reason, "its first 3 entries") {
			t.Fatalf("%+v, %v", results, err)
		}
		var size int64
		var reason string
		check := d.QueryRow(t.Context(), `select size, reason from wire_delivery where name = 'long.xml'`).Scan(&size, &reason)
		if check != nil || size != int64(len(file)) || reason != results[0].Reason {
			t.Errorf("kept are %d of %d bytes, because %q, %v", size, len(file), reason, check)
		}
	})
}
