package vast

import (
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
)

// promotion is what the paper offers to others: everything that is written.
func promotion() Ad {
	return Ad{
		ID: "01K7MILL", SystemVersion: "1.0", ServingID: "01K7MILL-8f2a", Title: "Bread & butter <from the mill>", Advertiser: "The Old Mill Bakery", Description: "Baked at four in the morning.",
		Categories: []Category{{Authority: "https://www.iabtechlab.com/categoryauthority", Code: "IAB8-5"}}, Expires: time.Hour, Type: Video,
		Impressions: []Link{{ID: "paper", Address: "https://paper.example/promotion/seen?a=1&b=[CACHEBUSTING]"}, {Address: "https://oldmill.example/seen"}},
		Errors:      []string{"https://paper.example/promotion/error?code=[ERRORCODE]"},
		Viewable:    Viewable{ID: "v", Viewable: []string{"https://paper.example/promotion/viewable"}, NotViewable: []string{"https://paper.example/promotion/hidden"}, Undetermined: []string{"https://paper.example/promotion/unsure"}},
		Linear: &Linear{
			ID: "film", AdID: "MILL-20", UniversalIDs: []UniversalID{{"paper.example", "01K7MILL"}, {"ad-id.org", "MILL0020H"}}, Duration: 20*time.Second + 500*time.Millisecond, Skip: &Offset{Time: 5 * time.Second},
			Media: []MediaFile{
				{ID: "1", Delivery: Progressive, Type: MP4, Width: 1280, Height: 720, Codec: "avc1.64001F", Bitrate: 2000, Scalable: true, KeepRatio: true, Size: 5_000_000, Address: "https://paper.example/media/mill.mp4"},
				{ID: "2", Delivery: Progressive, Type: WebM, Width: 640, Height: 360, Scalable: true, KeepRatio: true, Address: "https://paper.example/media/mill.webm"},
				{ID: "3", Delivery: Streaming, Type: HLS, Width: 1920, Height: 1080, MinBitrate: 500, MaxBitrate: 5000, Address: "https://paper.example/media/mill.m3u8"},
			},
			Captions:      []Caption{{Type: "text/vtt", Language: "en", Address: "https://paper.example/media/mill.en.vtt"}, {Type: "text/vtt", Language: "ja", Address: "https://paper.example/media/mill.ja.vtt"}},
			ClickThrough:  "https://oldmill.example/?from=paper&of=[DOMAIN]",
			ClickTracking: []Link{{ID: "paper", Address: "https://paper.example/promotion/click"}},
			Trackings: []Tracking{
				{Event: Start, Address: "https://paper.example/promotion/start"},
				{Event: Complete, Address: "https://paper.example/promotion/complete"},
				{Event: Progress, Offset: &Offset{Time: 10*time.Second + 250*time.Millisecond}, Address: "https://paper.example/promotion/ten"},
				{Event: Progress, Offset: &Offset{Percent: 62.5}, Address: "https://paper.example/promotion/most"},
			},
		},
	}
}

// plain is the least that a promotion needs.
func plain() Ad {
	return Ad{
		ServingID: "s", Title: "T", Type: Video,
		Linear: &Linear{Duration: 15 * time.Second, Media: []MediaFile{{Type: MP4, Address: "https://paper.example/a.mp4"}}},
	}
}

// TestMarshal holds the documents that we write, and that they are read as they
// were written.
func TestMarshal(t *testing.T) {
	whole, least := promotion(), plain()
	for name, d := range map[string]Document{
		"written-whole.xml.golden": {Ads: []Ad{whole}},
		"written-least.xml.golden": {Ads: []Ad{least}},
		"written-empty.xml.golden": {},
		"written-error.xml.golden": {Errors: []string{"https://paper.example/promotion/none?code=[ERRORCODE]"}},
	} {
		data, err := d.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		papertest.Golden(t, name, data)
		checkOrder(t, data)
		got, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		want := d
		want.Version = "4.2"
		if len(d.Ads) > 0 {
			want.Ads = slices.Clone(d.Ads)
			want.Ads[0].System = "Kawaraban"
			l := *want.Ads[0].Linear
			l.Media = slices.Clone(l.Media)
			for i := range l.Media {
				l.Media[i].Delivery = delivery(l.Media[i].Type)
			}
			want.Ads[0].Linear = &l
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: read\n%+v\nwritten\n%+v", name, got, want)
		}
	}
}

// order is the order of elements in elements, after IAB's vast_4.2.xsd: a type's
// base comes before what extends it. The schema lets the children of Creative
// stand as they like. Those with a plus may be many.
var order = map[string]string{
	"VAST":               "Ad | Error+",
	"Ad":                 "InLine",
	"InLine":             "AdSystem Error+ Extensions Impression+ Pricing ViewableImpression AdServingId AdTitle AdVerifications Advertiser Category+ Creatives Description Expires Survey",
	"ViewableImpression": "Viewable+ NotViewable+ ViewUndetermined+",
	"Creatives":          "Creative+",
	"Creative":           "UniversalAdId+ Linear",
	"Linear":             "Icons TrackingEvents AdParameters Duration MediaFiles VideoClicks",
	"TrackingEvents":     "Tracking+",
	"MediaFiles":         "ClosedCaptionFiles MediaFile+ Mezzanine+ InteractiveCreativeFile+",
	"ClosedCaptionFiles": "ClosedCaptionFile+",
	"VideoClicks":        "ClickTracking+ CustomClick+ ClickThrough",
}

// required are elements and attributes that the schema demands.
var required = map[string]string{
	"VAST": "@version", "InLine": "AdSystem Impression AdServingId AdTitle Creatives", "Creatives": "Creative", "Creative": "UniversalAdId",
	"UniversalAdId": "@idRegistry", "Linear": "Duration MediaFiles", "MediaFiles": "MediaFile", "MediaFile": "@delivery @type @width @height",
	"Tracking": "@event", "Category": "@authority",
}

// checkOrder holds a document against the schema's order and demands.
func checkOrder(t *testing.T, data []byte) {
	t.Helper()
	type element struct {
		name     string
		children []string
	}
	d := xml.NewDecoder(strings.NewReader(string(data)))
	var open []element
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err) // strict: it is XML
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			if token.Name.Space != Namespace {
				t.Errorf("<%s> is of the namespace %q", name, token.Name.Space)
			}
			if n := len(open); n > 0 {
				open[n-1].children = append(open[n-1].children, name)
			}
			open = append(open, element{name: name})
			for want := range strings.FieldsSeq(required[name]) {
				if attr, ok := strings.CutPrefix(want, "@"); ok && !slices.ContainsFunc(token.Attr, func(a xml.Attr) bool { return a.Name.Local == attr && a.Value != "" }) {
					t.Errorf("<%s> has no attribute %s", name, attr)
				}
			}
		case xml.EndElement:
			last := open[len(open)-1]
			open = open[:len(open)-1]
			checkChildren(t, last.name, last.children)
		}
	}
}

func checkChildren(t *testing.T, name string, children []string) {
	t.Helper()
	places := strings.Fields(strings.ReplaceAll(order[name], "|", ""))
	at := 0
	for i, child := range children {
		place := slices.IndexFunc(places, func(p string) bool { return strings.TrimSuffix(p, "+") == child })
		if place < at {
			t.Errorf("<%s> has <%s> in the wrong place: %v", name, child, children)
			return
		}
		if i > 0 && children[i-1] == child && !strings.HasSuffix(places[place], "+") {
			t.Errorf("<%s> has two <%s>", name, child)
		}
		at = place
	}
	for want := range strings.FieldsSeq(required[name]) {
		if !strings.HasPrefix(want, "@") && !slices.Contains(children, want) {
			t.Errorf("<%s> has no <%s>", name, want)
		}
	}
}

// TestUnwritten holds what is a fault of ours, and says where.
func TestUnwritten(t *testing.T) {
	for want, change := range map[string]func(*Ad){
		"no serving id, or no title":                           func(a *Ad) { a.Title = "" },
		"no video, no duration of less than a day, or no file": func(a *Ad) { a.Linear = nil },
		"a wrapper":                            func(a *Ad) { a.Wrapper = &Wrapper{} },
		`a file of the type "video/quicktime"`: func(a *Ad) { a.Linear.Media[0].Type = "video/quicktime" },
		`<MediaFile> has no https address: "http://a.example/"`: func(a *Ad) { a.Linear.Media[0].Address = "http://a.example/" },
		`<ClickThrough> has no https address: "javascript:x"`:   func(a *Ad) { a.Linear.ClickThrough = "javascript:x" },
		`<Impression> has no https address: ""`:                 func(a *Ad) { a.Impressions = []Link{{ID: "x"}} },
		`<Error> has no https address: "/x"`:                    func(a *Ad) { a.Errors = []string{"/x"} },
		`<Viewable> has no https address: "/x"`:                 func(a *Ad) { a.Viewable.Viewable = []string{"/x"} },
		`<Tracking> has no https address: "/x"`:                 func(a *Ad) { a.Linear.Trackings = []Tracking{{Event: Start, Address: "/x"}} },
		`<ClosedCaptionFile> has no https address: "/x"`:        func(a *Ad) { a.Linear.Captions = []Caption{{Address: "/x"}} },
		`<ClickTracking> has no https address: "about:blank"`:   func(a *Ad) { a.Linear.ClickTracking = []Link{{Address: "about:blank"}} },
		"the category bread has no authority":                   func(a *Ad) { a.Categories = []Category{{Code: "bread"}} },
	} {
		a := plain()
		change(&a)
		if _, err := (Document{Ads: []Ad{a}}).Marshal(); err == nil || err.Error() != "write VAST: "+want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := (Document{Ads: []Ad{plain(), plain()}}).Marshal(); err == nil {
		t.Error("two ads were written")
	}
	// Nothing that stands in a text becomes markup.
	a := plain()
	a.Title = `]]></AdTitle><Impression>https://evil.example/</Impression>` + "\x00"
	a.Linear.ClickThrough = "https://oldmill.example/?]]></ClickThrough>"
	data, err := Document{Ads: []Ad{a}}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	checkOrder(t, data)
	d, err := Parse(data)
	if err != nil || len(d.Ads[0].Impressions) != 0 || d.Ads[0].Title != strings.ReplaceAll(a.Title, "\x00", "\uFFFD") || d.Ads[0].Linear.ClickThrough != "https://oldmill.example/?]]%3E%3C/ClickThrough%3E" {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestLoopback holds that the demo, which has no https, can offer its promotions,
// and that nobody else can without it.
func TestLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"http://127.0.0.1:8080/seen?a=[CACHEBUSTING]": true, "http://localhost/seen": true, "http://localhost": true,
		"http://localhost.evil.example/": false, "http://127.0.0.1@evil.example/": false, "http://evil.example/127.0.0.1": false, "http://": false,
		"http://127.0.0.1:8080/ ": true, "http://localhost:x/": false,
	} {
		a := plain()
		a.Impressions = []Link{{Address: address}}
		data, err := Document{Ads: []Ad{a}}.Marshal()
		if (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
		if err == nil && !strings.Contains(string(data), "<Impression><![CDATA["+strings.TrimSpace(address)+"]]></Impression>") {
			t.Errorf("%s becomes %s", address, data)
		}
		if d, err := Parse(data); want && (err != nil || d.Ads[0].Dropped.Insecure != 1) {
			t.Errorf("%s is read: %+v, %v", address, d, err)
		}
	}
}
