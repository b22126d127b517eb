package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/wire/markup"
)

// TestReadGolden holds what becomes of each fixture, whole. The fixtures are of
// invented agencies; what must never reach a reader is marked "canary" in them.
func TestReadGolden(t *testing.T) {
	for _, name := range []string{
		"ninjs1-superdesk.json", "ninjs2-kill.json", "ninjs3-embargo.json", "ninjs3-picture.json",
		"ninjs3-event.json", "ninjs-answer.json", "nitf-embargo.xml", "nitf-kill.xml",
		"ap-feed.json", "ap-top.json", "digitalwires-text.json", "digitalwires-queue.json",
		"feed-rss.xml", "feed-atom.xml", "feed-json.json", "feed-rdf.xml",
	} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			items, err := Read(name, data)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range items {
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
			papertest.Golden(t, "read/"+name+".golden", got.Bytes())
		})
	}
}

// TestReadRefuses holds what is said of a delivery that is not read.
func TestReadRefuses(t *testing.T) {
	for _, test := range []struct {
		name, data string
		kind       problem.Kind
		says       string
	}{
		{"nothing", " \r\n", problem.Invalid, "This file is empty."},
		{"text", "HAVEN: the ferry is late.\n", problem.Unsupported, "This is plain text, which is not read yet; it is kept as it came."},
		{"jpeg", "\xff\xd8\xff\xe0\x00\x10JFIF", problem.Unsupported, "This is a picture (image/jpeg) by itself, which is not read yet; it is kept as it came."},
		{"ap error", `{"api_version":"2","error":{"status":404,"message":"Not found"}}`, problem.Unsupported, `The AP answered with an error instead of items: "404 Not found". It is kept as it came.`},
		{"ap monitors", `{"api_version":"2","data":{}}`, problem.Unsupported, "This is an answer of the AP Media API about an account or a monitor: it holds no items. It is kept as it came."},
		{"ap cut off", `{"api_version":"2","data":{"item":{`, problem.Invalid, "This file begins like JSON and is not: it may have been cut off."},
		{"queue", `{"entries":[{"format":"digitalwires@1"},7]}`, problem.Invalid, "This dpa-digitalwires file is damaged and could not be read; it is kept as it came."},
		{"json", `{"swagger":"2.0"}`, problem.Unsupported, "This is JSON of a kind that we do not know, which is not read yet; it is kept as it came."},
		{"cut off", `{"uri":"u","headline":"H`, problem.Invalid, "This file begins like JSON and is not: it may have been cut off."},
		{"no id", `[{"headline":"H"}]`, problem.Unsupported, "This is JSON of a kind that we do not know, which is not read yet; it is kept as it came."},
		{"sportsml", `<sports-content xmlns="http://iptc.org/std/nar/2006-10-01/"/>`, problem.Unsupported, "This is SportsML, which is not read yet; it is kept as it came."},
		{"xml", `<Warehouse/>`, problem.Unsupported, "This is XML with the root element <Warehouse>, which is not read yet; it is kept as it came."},
		{"page", `<!DOCTYPE html><html></html>`, problem.Unsupported, "This is a web page, which is not read yet; it is kept as it came."},
		{"not an item", `[1]`, problem.Invalid, "This ninjs file is damaged and could not be read; it is kept as it came."},
	} {
		t.Run(test.name, func(t *testing.T) {
			items, err := Read(test.name, []byte(test.data))
			p := problem.Of(err)
			if p == nil || p.Kind != test.kind || p.Detail != test.says || items != nil {
				t.Errorf("Read = %v, %v; want %s: %s", items, err, test.kind, test.says)
			}
		})
	}
}

// TestReadWithoutID holds that an item without an id is kept once and held, and
// that a kill still finds one whose id is too long to keep.
func TestReadWithoutID(t *testing.T) {
	read := func(data string) Item {
		t.Helper()
		items, err := Read("test", []byte(data))
		if err != nil || len(items) != 1 {
			t.Fatalf("Read = %d items, %v", len(items), err)
		}
		return items[0]
	}
	const nitf = `<nitf><body><body.head><hedline><hl1>Ferry late</hl1></hedline></body.head><body.content><p>It is fog.</p></body.content></body></nitf>`
	first, again := read(nitf), read(nitf)
	other := read(strings.Replace(nitf, "fog", "ice", 1))
	if first.ID != again.ID || first.ID == other.ID || !strings.HasPrefix(first.ID, "sha256:") {
		t.Errorf("ids %s, %s, %s; want the first two the same", first.ID, again.ID, other.ID)
	}
	if first.Status != Unknown || first.Advisory == "" {
		t.Errorf("status %s, advisory %q; want it held, with a reason", first.Status, first.Advisory)
	}
	long := strings.Repeat("u", maxID+1)
	story, kill := read(`{"uri":"`+long+`","headline":"H"}`), read(`{"uri":"`+long+`","pubstatus":"canceled"}`)
	if story.ID != kill.ID || len(story.ID) > maxID || kill.Status != Canceled {
		t.Errorf("story %s, kill %s (%s)", story.ID, kill.ID, kill.Status)
	}
}

// TestReadRefusesHostile holds that what is made to hurt costs next to nothing.
// The limit is 50 ms on a quiet machine; the test allows for a busy one.
func TestReadRefusesHostile(t *testing.T) {
	const patience = 500 * time.Millisecond
	for _, test := range []struct {
		name string
		data string
		kind problem.Kind
	}{
		{"6 MB", `{"uri":"` + strings.Repeat("u", 6<<20) + `"}`, problem.TooLarge},
		{"deep JSON", strings.Repeat(`{"associations":`, 100_000), problem.TooLarge},
		{"deep arrays", strings.Repeat(`[`, 5_000_000), problem.TooLarge},
		{"many values", `{"uri":"u","subject":[` + strings.Repeat("0,", 2_000_000) + `0]}`, problem.TooLarge},
		{"many items", `[` + strings.Repeat(`{"uri":"u"},`, 30_000) + `{"uri":"u"}]`, problem.TooLarge},
		{"open string", `{"uri":"` + strings.Repeat(`\"`, 150_000), problem.Invalid},
		{"deep XML", "<nitf>" + strings.Repeat("<block>", 500_000), problem.TooLarge},
		{"deep feed", "<rss><channel><item>" + strings.Repeat("<description>", 300_000), problem.TooLarge},
		{"entities", `<!DOCTYPE nitf [<!ENTITY a "` + strings.Repeat("a", 1000) + `"><!ENTITY b "` + strings.Repeat("&a;", 1000) + `">]><nitf>` + strings.Repeat("&b;", 100_000), problem.Invalid},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := []byte(test.data)
			papertest.InTime(t, "to refuse it", patience, func() time.Duration {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				begin := time.Now()
				_, err := Read(test.name, data)
				took := time.Since(begin)
				runtime.ReadMemStats(&after)
				allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
				t.Logf("%d bytes refused in %v with %d MiB: %v", len(data), took, allocated, err)
				if allocated > 64 {
					t.Errorf("Read allocated %d MiB", allocated)
				}
				if !problem.Is(err, test.kind) {
					t.Errorf("Read = %v, want a Problem of kind %s", err, test.kind)
				}
				return took
			})
		})
	}
}

// TestUnreadable holds that the cause of a damage is for the log only.
func TestUnreadable(t *testing.T) {
	cause := errors.New("panic: index out of range")
	err := unreadable("a.json", ninjsJSON, cause)
	if p := problem.Of(err); p == nil || !errors.Is(err, cause) || strings.Contains(p.Detail, "panic") {
		t.Errorf("unreadable = %v; want a Problem that keeps its cause to itself", err)
	}
	if err := unreadable("a.xml", nitfXML, &problem.Problem{Kind: problem.TooLarge, Detail: "Too deep."}); !problem.Is(err, problem.TooLarge) {
		t.Errorf("unreadable = %v, want the parser's own Problem", err)
	}
}

// FuzzRead holds that Read answers anything with clean items or a Problem.
func FuzzRead(f *testing.F) {
	fixtures, err := filepath.Glob(filepath.Join("testdata", "*.*"))
	if err != nil {
		f.Fatal(err)
	}
	texts, err := filepath.Glob(filepath.Join("testdata", "text", "*.*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(fixtures, texts...) {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("\xff\xfe<\x00n\x00i\x00t\x00f\x00/\x00>\x00"))
	f.Add([]byte(`{"uri":{},"pubstatus":[],"embargoed":7,"renditions":[{}],"associations":{"a":null}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		items, err := Read("fuzz", data)
		if err != nil {
			p := problem.Of(err)
			if p == nil {
				t.Fatalf("not a Problem: %v", err)
			}
			if p.Err != nil && strings.Contains(p.Err.Error(), "panic:") {
				t.Fatal(p.Err)
			}
		}
		for i := range items {
			checkItem(t, &items[i])
		}
	})
}

// checkItem holds what is true of every item that Read returns.
func checkItem(t *testing.T, it *Item) {
	t.Helper()
	again := *it
	again.Pictures = append([]PictureRef(nil), it.Pictures...)
	clean(&again)
	if diff := cmp.Diff(*it, again); diff != "" {
		t.Errorf("%s was not clean (-read +cleaned):\n%s", it.ID, diff)
	}
	switch {
	case it.ID == "" || it.Format == "" || it.Class == "" || it.Status == "":
		t.Errorf("%q lacks an id, format, class or status: %+v", it.ID, it)
	case it.Embargo.IsZero() && it.RawStatus == "embargoed" && !it.EmbargoOpen && it.Format != "nitf":
		t.Errorf("%s is embargoed and free", it.ID)
	}
	if _, err := json.Marshal(it); err != nil {
		t.Errorf("%s: %v", it.ID, err)
	}
}

// TestReadLosesNothingSilently holds that a story whose end was left out, because
// it is over a limit, waits for an editor, who is told why.
func TestReadLosesNothingSilently(t *testing.T) {
	const many = 2_500 // paragraphs
	paragraphs := strings.Repeat("<p>x</p>", many)
	for _, test := range []struct{ name, data string }{
		{"nitf", `<nitf><head><docdata><doc-id id-string="a"/></docdata></head><body><body.head><hedline><hl1>h</hl1></hedline></body.head><body.content>` + paragraphs + `</body.content></body></nitf>`},
		{"g2", `<newsItem guid="a"><contentMeta><headline>h</headline></contentMeta><contentSet><inlineXML contenttype="application/xhtml+xml">` + paragraphs + `</inlineXML></contentSet></newsItem>`},
		{"newsml", v1Data + paragraphs + v1End},
		{"ninjs", `{"uri":"a","headline":"h","body_xhtml":"` + paragraphs + `"}`},
		{"ap", `{"item":{"altids":{"itemid":"a"},"type":"text","signals":["newscontent"],"nitf":"<nitf><body><body.content>` + paragraphs + `</body.content></body></nitf>"}}`},
		{"digitalwires", `{"format":"digitalwires@0.9.1","urn":"a","article_html":"` + paragraphs + `"}`},
		{"ninjs text", `{"uri":"a","headline":"h","body_text":"` + strings.Repeat(`x\n\n`, many) + `"}`},
		{"rss", `<rss><channel><item><guid>a</guid><title>h</title><description><![CDATA[` + paragraphs + `]]></description></item></channel></rss>`},
	} {
		t.Run(test.name, func(t *testing.T) {
			items, err := Read(test.name, []byte(test.data))
			if err != nil || len(items) != 1 {
				t.Fatalf("%d items, %v", len(items), err)
			}
			it := items[0]
			if it.Status != Unknown || !strings.Contains(it.Advisory, "2000 is the most") {
				t.Errorf("status %s, advisory %q; want it held, with the limit", it.Status, it.Advisory)
			}
			if reason := judge(Source{Publish: Auto, Feeds: true}, &it, Ruling{}); !strings.Contains(reason, "The end of the text was left out") {
				t.Errorf("held because %q", reason)
			}
		})
	}
}

// TestReadTooMuch holds what is said of a file that is over a limit.
func TestReadTooMuch(t *testing.T) {
	for _, test := range []struct{ name, data, says string }{
		{"bytes", "<nitf>" + strings.Repeat("x", maxBytes), "This file has 393222 bytes; the limit is 393216. Send it in parts."},
		{"tags", "<nitf>" + strings.Repeat("<a/>", markup.MaxTokens), "The XML file has more than 10000 tags, attributes, references and runs of text; the limit is 10000. Send it in parts, or made simpler."},
		{"headline", "<nitf><head><title>" + strings.Repeat("x", 70_000) + "</title></head></nitf>", "The XML file has a headline, a name or another line of 70000 bytes; the limit is 65536. Send it in parts, or made simpler."},
		{"values", `[` + strings.Repeat(`0,`, maxJSONTokens) + `0]`, "This JSON has more than 10000 values, names and brackets. Send it in parts."},
		{"dates", `<rss><channel>` + strings.Repeat("<item><pubDate>x</pubDate></item>", maxDates+1) + `</channel></rss>`, "This feed has 501 dates; the limit is 500. Ask for one with fewer entries."},
		{"dates in JSON", `{"version":"https://jsonfeed.org/version/1","items":[` + strings.Repeat(`{"date_published":"x"},`, maxDates+1) + `{}]}`, "This feed has 501 dates; the limit is 500. Ask for one with fewer entries."},
	} {
		t.Run(test.name, func(t *testing.T) {
			items, err := Read(test.name, []byte(test.data))
			if p := problem.Of(err); p == nil || p.Kind != problem.TooLarge || p.Detail != test.says || items != nil {
				t.Errorf("%d items, %v; want %s", len(items), err, test.says)
			}
		})
	}
}
