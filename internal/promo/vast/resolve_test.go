package vast

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kawaraban/internal/papertest"
)

// servers are ad servers by address; called notes what they were asked.
type servers struct {
	docs   map[string]string
	called []string
}

func (s *servers) fetch(_ context.Context, address string) ([]byte, error) {
	s.called = append(s.called, address)
	doc, ok := s.docs[address]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(doc), nil
}

// film is an ad in line that can be played.
func film(id, attrs string) string {
	return fmt.Sprintf(`<Ad id="%s" %s><InLine><AdSystem>S</AdSystem><AdTitle>T</AdTitle><Error>https://t.example/error/%[1]s/[ERRORCODE]</Error>`+
		`<Impression>https://t.example/seen/%[1]s</Impression><Category authority="https://c.example/">C-%[1]s</Category><Creatives><Creative><Linear><Duration>00:00:10</Duration>`+
		`<MediaFiles><MediaFile type="video/mp4" width="640">https://v.example/%[1]s.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad>`, id, attrs)
}

// sound is an ad in line that cannot.
func sound(id string) string {
	return strings.Replace(film(id, `adType="audio"`), "video/mp4", "audio/mpeg", 1)
}

// wrap is a wrapper to the document of a server.
func wrap(id, attrs, to string) string {
	return fmt.Sprintf(`<Ad id="%s"><Wrapper %s><AdSystem>S</AdSystem><VASTAdTagURI>%s</VASTAdTagURI><Error>https://t.example/error/%[1]s/[ERRORCODE]</Error>`+
		`<Impression>https://t.example/seen/%[1]s</Impression></Wrapper></Ad>`, id, attrs, to)
}

func vast(ads ...string) string { return "<VAST>" + strings.Join(ads, "") + "</VAST>" }

// TestResolve holds which ad is found, what is asked for, and who is told of a
// failure.
func TestResolve(t *testing.T) {
	const a, b, c = "https://s.example/a", "https://s.example/b", "https://s.example/c"
	chain := map[string]string{}
	for i := range 7 {
		chain[fmt.Sprintf("https://s.example/%d", i)] = vast(wrap(fmt.Sprintf("w%d", i), "", fmt.Sprintf("https://s.example/%d", i+1)))
	}
	five := map[string]string{"https://s.example/5": vast(film("f", ""))}
	for i := range 5 {
		five[fmt.Sprintf("https://s.example/%d", i)] = chain[fmt.Sprintf("https://s.example/%d", i)]
	}
	many := map[string]string{a: vast()}
	var list []string
	for i := range 19 {
		at := fmt.Sprintf("https://s.example/many/%d", i)
		list, many[at] = append(list, wrap(fmt.Sprintf("m%d", i), "fallbackOnNoAd='1'", at)), "<VAST/>"
	}
	many[a] = vast(list...)

	for _, test := range []struct {
		name, from string
		docs       map[string]string
		ad         string // its id; "" is a failure
		code       Code
		detail     string
		tell       []string // of the failure; of an ad: of those that failed before, with their codes
		fetched    int
	}{
		{name: "in line", from: a, docs: map[string]string{a: vast(film("f", ""))}, ad: "f", fetched: 1},
		{name: "wrapped", from: a, docs: map[string]string{a: vast(wrap("w", "", b)), b: vast(film("f", ""))}, ad: "f", fetched: 2},
		{name: "five wrappers", from: "https://s.example/0", docs: five, ad: "f", fetched: 6},
		{
			name: "six wrappers", from: "https://s.example/0", docs: chain, code: WrapperLimitReached, detail: "There are more than 5 wrappers, and no video.", fetched: 6,
			tell: []string{"w0", "w1", "w2", "w3", "w4", "w5"},
		},
		{
			name: "a circle", from: a, docs: map[string]string{a: vast(wrap("w", "", b)), b: vast(wrap("x", "", a))}, code: WrapperLimitReached,
			detail: "The wrappers go in a circle: s.example was there before.", tell: []string{"w", "x"}, fetched: 2,
		},
		{
			name: "no server", from: a, docs: map[string]string{a: vast(wrap("w", "", b))}, code: WrapperTimeout, detail: "s.example did not answer with a document.",
			tell: []string{"w"}, fetched: 2,
		},
		{name: "no first server", from: a, code: WrapperTimeout, detail: "s.example did not answer with a document.", fetched: 1},
		{
			name: "no VAST", from: a, docs: map[string]string{a: vast(wrap("w", "", b)), b: "<html/>"}, code: SchemaValidationError,
			detail: "The document is no VAST: its first element is <html>.", tell: []string{"w"}, fetched: 2,
		},
		{
			name: "no ad", from: a, docs: map[string]string{a: vast(wrap("w", "", b)), b: "<VAST><Error>https://t.example/error/none/[ERRORCODE]</Error></VAST>"}, code: NoVASTResponse,
			detail: "The ad server has no ad.", tell: []string{"w", "none"}, fetched: 2,
		},
		{name: "no ad at once", from: a, docs: map[string]string{a: "<VAST/>"}, code: NoVASTResponse, detail: "The ad server has no ad.", fetched: 1},
		{
			name: "no address to go on", from: a, docs: map[string]string{a: vast(wrap("w", "", "http://s.example/b"))}, code: GeneralWrapperError,
			detail: "A wrapper of S has no https address to go on.", tell: []string{"w"}, fetched: 1,
		},
		{name: "no https", from: "http://s.example/a", code: GeneralWrapperError, detail: "The address of the ad server is no https address."},
		{
			name: "no further wrappers", from: a, docs: map[string]string{a: vast(wrap("w", "followAdditionalWrappers='false'", b)), b: vast(wrap("x", "", c)), c: vast(film("f", ""))},
			code: NoVASTResponse, detail: "The ad server answers with a wrapper, and the wrapper before forbids it.", tell: []string{"w"}, fetched: 2,
		},
		{
			name: "no further wrappers, but an ad", from: a, docs: map[string]string{a: vast(wrap("w", "followAdditionalWrappers='0'", b)), b: vast(wrap("x", "", c), film("f", ""))},
			ad: "f", fetched: 2,
		},
		{name: "audio", from: a, docs: map[string]string{a: vast(sound("s"))}, code: TraffickingError, detail: "The ad is audio, no video.", tell: []string{"s"}, fetched: 1},
		{
			name: "an overlay", from: a, docs: map[string]string{a: vast(`<Ad><InLine><Creatives><Creative><NonLinearAds><NonLinear/></NonLinearAds></Creative></Creatives></InLine></Ad>`)},
			code: UnexpectedLinearity, detail: "The ad has no video (left out: 1 overlay, companion or further video).", fetched: 1,
		},
		{
			name: "http only", from: a, docs: map[string]string{a: vast(strings.ReplaceAll(film("f", ""), "https://v.", "http://v."))}, code: MediaFileNotSupported,
			detail: "The ad has no file of its video that we can play (left out: 1 address that is not https).", tell: []string{"f"}, fetched: 1,
		},
		// Which ad of several.
		{name: "first of those that stand alone", from: a, docs: map[string]string{a: vast(film("p", "sequence='1'"), film("f", ""), film("g", ""))}, ad: "f", fetched: 1},
		{name: "first of the pod", from: a, docs: map[string]string{a: vast(film("q", "sequence='2'"), film("p", "sequence='1'"))}, ad: "p", fetched: 1},
		{
			name: "the pod's second is not its first", from: a, docs: map[string]string{a: vast(strings.Replace(sound("s"), "<Ad ", "<Ad sequence='1' ", 1), film("q", "sequence='2'"))},
			code: TraffickingError, detail: "The ad is audio, no video.", tell: []string{"s"}, fetched: 1,
		},
		{name: "the next one in line", from: a, docs: map[string]string{a: vast(sound("s"), film("f", ""))}, ad: "f", tell: []string{"s 200"}, fetched: 1},
		{
			name: "one ad is allowed", from: a, docs: map[string]string{a: vast(wrap("w", "", b)), b: vast(sound("s"), film("f", ""))}, code: TraffickingError,
			detail: "The ad is audio, no video.", tell: []string{"w", "s"}, fetched: 2,
		},
		{
			name: "several are allowed", from: a, docs: map[string]string{a: vast(wrap("w", "allowMultipleAds='true'", b)), b: vast(sound("s"), film("f", ""))}, ad: "f",
			tell: []string{"w 200", "s 200"}, fetched: 2,
		},
		{
			name: "falling back", from: a, docs: map[string]string{a: vast(wrap("w", "fallbackOnNoAd='true'", b), film("f", "")), b: "<VAST/>"}, ad: "f",
			tell: []string{"w 303"}, fetched: 2,
		},
		{
			name: "not falling back", from: a, docs: map[string]string{a: vast(wrap("w", "", b), film("f", "")), b: "<VAST/>"}, code: NoVASTResponse,
			detail: "The ad server has no ad.", tell: []string{"w"}, fetched: 2,
		},
		{
			name: "falling back in vain", from: a, docs: map[string]string{a: vast(wrap("w", "fallbackOnNoAd='true'", b), sound("s")), b: "<VAST/>"}, code: NoVASTResponse,
			detail: "The ad server has no ad.", tell: []string{"w", "s 200"}, fetched: 2,
		},
		{
			name: "too many documents", from: a, docs: many, code: NoVASTResponse, detail: "The ad server has no ad.", fetched: maxFetches,
			tell: []string{
				"m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "m10",
				"m11 302", "m12 302", "m13 302", "m14 302", "m15 302", "m16 302", "m17 302", "m18 302",
			},
		},
		{
			name: "a category that is not wanted", from: a, code: CategoryBlocked, detail: "The ad is of the category C-f, which a wrapper does not want.", tell: []string{"w", "f"}, fetched: 2,
			docs: map[string]string{a: vast(strings.Replace(wrap("w", "", b), "<Impression>", `<BlockedAdCategories authority="https://c.example/">C-x, C-f</BlockedAdCategories><Impression>`, 1)), b: vast(film("f", ""))},
		},
		{
			name: "another list's category", from: a, ad: "f", fetched: 2,
			docs: map[string]string{a: vast(strings.Replace(wrap("w", "", b), "<Impression>", `<BlockedAdCategories authority="https://d.example/">C-f</BlockedAdCategories><Impression>`, 1)), b: vast(film("f", ""))},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := servers{docs: test.docs}
			ad, err := Resolve(t.Context(), test.from, Macros{}, s.fetch)
			if got := code(t, err); got != test.code || ad.ID != test.ad || len(s.called) != test.fetched {
				t.Fatalf("ad %q, %v, after %v", ad.ID, err, s.called)
			}
			var tell, want []string
			for _, name := range test.tell {
				name, c, ok := strings.Cut(name, " ")
				if !ok {
					c = fmt.Sprint(int(test.code))
				}
				want = append(want, "https://t.example/error/"+name+"/"+c)
			}
			if err != nil {
				tell = err.(*Error).Tell
				if got := err.(*Error).Detail; got != test.detail {
					t.Errorf("said %q, want %q", got, test.detail)
				}
			}
			for _, e := range ad.Failed {
				tell = append(tell, e.Tell...)
			}
			if !slices.Equal(tell, want) {
				t.Errorf("tell %q, want %q", tell, want)
			}
			if err == nil && ad.playable() != nil {
				t.Errorf("not playable: %v", ad.playable())
			}
		})
	}
}

// TestResolved holds all that an ad has of its wrappers.
func TestResolved(t *testing.T) {
	s := servers{docs: map[string]string{
		"https://ads.quayside.example/vast?slot=front&r=00000042": string(read(t, "testdata/wrapper-4.2.xml")),
		"https://ads.quayside.example/vast?page=-2":               string(read(t, "testdata/inline-4.2.xml")),
	}}
	d := parse(t, "wrapper-2.0.xml")
	before := parse(t, "wrapper-2.0.xml")
	ad, err := d.Resolve(t.Context(), Macros{Random: 42}, s.fetch)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(d, before) {
		t.Error("resolving changed the document")
	}
	var b strings.Builder
	dump(&b, "", reflect.ValueOf(ad))
	papertest.Golden(t, "resolved.golden", b.String())
	if got := len(ad.Linear.Tracked(Complete)); got != 2 {
		t.Errorf("%d trackings of the end, want those of the ad and of a wrapper", got)
	}
	// Where a click leads, the ad says; else the wrapper that is next to it.
	for _, test := range []struct{ through, want string }{
		{`<ClickThrough id="shop"><![CDATA[https://oldmill.example/?from=paper]]></ClickThrough>`, "https://oldmill.example/?from=paper"},
		{"", "https://exchange.harbour.example/landing"},
	} {
		at := "https://ads.quayside.example/vast?page=-2"
		s.docs[at] = strings.Replace(string(read(t, "testdata/inline-4.2.xml")), `<ClickThrough id="shop"><![CDATA[https://oldmill.example/?from=paper]]></ClickThrough>`, test.through, 1)
		ad, err := d.Resolve(t.Context(), Macros{Random: 42}, s.fetch)
		if err != nil || ad.Linear.ClickThrough != test.want {
			t.Errorf("a click leads to %q, %v, want %q", ad.Linear.ClickThrough, err, test.want)
		}
	}
}

// TestTimeLimit holds that the time of the context is the limit, whatever a
// server does.
func TestTimeLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := Resolve(ctx, "https://s.example/0", Macros{}, func(ctx context.Context, address string) ([]byte, error) {
			if strings.HasSuffix(address, "/0") {
				return []byte(vast(wrap("w", "", "https://slow.example/"))), nil
			}
			<-ctx.Done()
			return nil, fmt.Errorf("get: %w", ctx.Err())
		})
		var e *Error
		if !errors.As(err, &e) || e.Code != WrapperTimeout || e.Detail != "slow.example did not answer in time." || !slices.Equal(e.Tell, []string{"https://t.example/error/w/301"}) {
			t.Errorf("%#v", err)
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v hides its cause", err)
		}
		// After the end, nobody is asked.
		_, err = Resolve(ctx, "https://s.example/0", Macros{}, func(context.Context, string) ([]byte, error) {
			t.Error("asked after the end of the time")
			return nil, nil
		})
		if code(t, err) != WrapperTimeout {
			t.Errorf("%v", err)
		}
	})
}

// TestPick holds which file is chosen for a width.
func TestPick(t *testing.T) {
	mill := parse(t, "inline-4.2.xml").Ads[0].Linear
	bread := parse(t, "pod-3.0.xml").Ads[1].Linear
	ferry := parse(t, "inline-2.0.xml").Ads[0].Linear
	stream := &Linear{Media: []MediaFile{{ID: "s", Type: HLS}}}
	rates := &Linear{Media: []MediaFile{{ID: "?", Type: MP4}, {ID: "none", Type: MP4, Width: 640}, {ID: "2000", Type: MP4, Width: 640, Bitrate: 2000}, {ID: "700", Type: WebM, Width: 640, MaxBitrate: 700}}}
	for _, test := range []struct {
		l     *Linear
		width int
		want  string
	}{
		{mill, 0, "mill-640.mp4"},
		{mill, 360, "mill-640.mp4"},
		{mill, 640, "mill-640.mp4"},
		{mill, 641, "mill-1280.mp4"},
		{mill, 4000, "mill-1280.mp4"}, // the stream would be wider
		{bread, 1280, "bread.mp4"},    // not every browser plays the other codec
		{ferry, 700, "17-1280.webm"},
		{ferry, 300, "17-640.mp4"},
	} {
		if f, ok := test.l.Pick(test.width); !ok || !strings.HasSuffix(f.Address, "/"+test.want) {
			t.Errorf("for %d pixels %s, want %s", test.width, f.Address, test.want)
		}
	}
	if f, ok := stream.Pick(640); !ok || f.ID != "s" {
		t.Errorf("only a stream: %+v", f)
	}
	if f, _ := rates.Pick(640); f.ID != "700" {
		t.Errorf("of one width the lightest is %s", f.ID)
	}
	for _, l := range []*Linear{nil, {}} {
		if _, ok := l.Pick(640); ok {
			t.Error("picked of nothing")
		}
	}
}
