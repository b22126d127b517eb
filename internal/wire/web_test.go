package wire

import (
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/fetch"
	"kawaraban/internal/papertest"
)

// A server is an agency that a test plays; it remembers what it was asked.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	asked []*http.Request
	plays func(w http.ResponseWriter, r *http.Request)
}

// serves begins to play a server, which the room may ask.
func (r *room) serves(plays func(w http.ResponseWriter, r *http.Request)) *server {
	r.t.Helper()
	a := &server{plays: plays}
	a.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.asked = append(a.asked, r)
		plays := a.plays
		a.mu.Unlock()
		plays(w, r)
	}))
	a.Config.ErrorLog = nil
	r.t.Cleanup(a.Close)
	own := netip.MustParseAddrPort(a.Listener.Addr().String())
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate())
	r.Fetch = fetch.New(fetch.Settings{
		Timeout: 2 * time.Second, RootCAs: roots, AllowPrivate: []netip.Prefix{netip.PrefixFrom(own.Addr(), 32)}, AllowPorts: []uint16{own.Port()},
	})
	return a
}

// play changes what the agency does.
func (a *server) play(f func(w http.ResponseWriter, r *http.Request)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.plays, a.asked = f, nil
}

// heard are the methods and addresses that it was asked for.
func (a *server) heard() (list []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.asked {
		list = append(list, r.Method+" "+r.URL.RequestURI())
	}
	return list
}

func answers(kind, body string) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		io.WriteString(w, body)
	}
}

// deliveries is how many deliveries of a source are stored.
func (r *room) deliveries(src Source) int {
	return r.count("wire_delivery where source = $1", src.ID)
}

// rss is a feed with entries; built is the date in its head.
func rss(built time.Time, entries ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0"?><rss version="2.0"><channel><title>Kestrel</title><lastBuildDate>%s</lastBuildDate>`, built.Format(time.RFC1123Z))
	for i, e := range entries {
		fmt.Fprintf(&b, `<item><guid>k%d</guid><title>%s</title><pubDate>Mon, 03 Nov 2025 08:%02d:00 +0000</pubDate><description>&lt;p&gt;%s was seen.&lt;/p&gt;</description></item>`, i, e, i, e)
	}
	return b.String() + `</channel></rss>`
}

// TestFeed takes a feed when its entries have changed, and asks for no more than that.
//
// Seen red: a digest of the bytes; no ETag sent; a cursor that is lost.
func TestFeed(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	entries, builds := []string{"Heron"}, 0
	etag := `"one"`
	a := r.serves(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", etag)
		builds++
		answers("application/rss+xml", rss(r.Now().Add(time.Duration(builds)*time.Second), entries...))(w, req)
	})
	src := r.way("Kestrel", Way{Kind: ByFeed, Address: a.URL + "/news.rss"}, "")

	g, err := r.Look(t.Context(), src.ID)
	if err != nil || g.Waiting != 1 || g.Newest.Format(time.TimeOnly) != "08:00:00" || r.deliveries(src) != 0 {
		t.Errorf("a look: %+v, %v; %d deliveries", g, err, r.deliveries(src))
	}
	if w, trouble := r.polled(src); trouble != "" || r.deliveries(src) != 1 || w.Lag != time.Hour {
		t.Fatalf("the first time: %q, %d deliveries, lag %v", trouble, r.deliveries(src), w.Lag)
	}
	if _, trouble := r.polled(src); trouble != "" || r.deliveries(src) != 1 || builds != 2 {
		t.Errorf("not modified: %q, %d deliveries, built %d times", trouble, r.deliveries(src), builds)
	}
	etag = `"two"` // the same with another date in its head
	if _, trouble := r.polled(src); trouble != "" || r.deliveries(src) != 1 || builds != 3 {
		t.Errorf("nothing new: %q, %d deliveries, built %d times", trouble, r.deliveries(src), builds)
	}
	entries, etag = []string{"Heron", "Crane"}, `"three"`
	if _, trouble := r.polled(src); trouble != "" || r.deliveries(src) != 2 || r.count("wire_item where source = $1", src.ID) != 2 {
		t.Errorf("a new entry: %q, %d deliveries", trouble, r.deliveries(src))
	}
	if g, err := r.Look(t.Context(), src.ID); err != nil || g.Waiting != 0 {
		t.Errorf("a look when all has come: %+v, %v", g, err)
	}
}

// TestFeedTrouble says in words what is wrong with each sort of answer, stores none of
// it, and goes on when all is well again.
func TestFeedTrouble(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	a := r.serves(nil)
	status := func(code int, header ...string) func(w http.ResponseWriter, _ *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
		}
	}
	good := rss(r.Now(), "Heron")
	src := r.way("Kestrel", Way{Kind: ByFeed, Address: a.URL + "/news.rss", Account: "paper"}, "pass word")
	for _, test := range []struct {
		name  string
		plays func(w http.ResponseWriter, r *http.Request)
		want  string
		waits time.Duration
	}{
		{"401", status(401), "does not let us in", 0},
		{"403", status(403), "does not let us in", 0},
		{"404", status(404), "nothing at this address", 0},
		{"429", status(429, "Retry-After", "1700"), "left alone", 1700 * time.Second},
		{"429 with a date", status(429, "Retry-After", "Mon, 03 Nov 2025 09:50:00 GMT"), "left alone", 0},
		{"500", status(500), "trouble of its own", 0},
		{"503", status(503, "Retry-After", "junk"), "trouble of its own", 0},
		{"418", status(418), "do not know", 0},
		{"nothing", answers("application/xml", " \n"), "answers with nothing", 0},
		{"a log-in", answers("text/html; charset=utf-8", "<!DOCTYPE html><title>Log in</title>"), "page for people", 0},
		{"huge", func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				io.WriteString(w, strings.Repeat("x", 1<<17))
			}
		}, "larger than", 0},
		{"cut", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(good)))
			io.WriteString(w, good[:len(good)/2])
			panic(http.ErrAbortHandler)
		}, "broke off", 0},
		{"slow", func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }, "in time", 0},
		{"elsewhere", status(302, "Location", "http://169.254.169.254/latest/meta-data/"), "not on the public internet", 0},
		{"to another port", status(302, "Location", "https://127.0.0.1:22/"), "not on the public internet", 0},
	} {
		a.play(test.plays)
		w, trouble := r.polled(src)
		if !strings.Contains(trouble, test.want) || r.deliveries(src) != 0 || w.Failures == 0 {
			t.Errorf("%s: %q, %d deliveries, %d failures", test.name, trouble, r.deliveries(src), w.Failures)
		}
		if wait := w.Due.Sub(r.Now()); test.waits > 0 && wait != test.waits || wait < 15*time.Second {
			t.Errorf("%s: asked again in %v", test.name, wait)
		}
	}
	a.play(answers("application/rss+xml", good))
	if w, trouble := r.polled(src); trouble != "" || r.deliveries(src) != 1 || w.Failures != 0 {
		t.Errorf("well again: %q, %d deliveries", trouble, r.deliveries(src))
	}
	if got := a.asked[0].Header.Get("Authorization"); got != basic("paper", "pass word") {
		t.Errorf("it says of itself %q", got)
	}

	// What cannot be read is kept with the reason, once.
	a.play(answers("application/xml", "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss><channel><item><title>H\xe9ron"))
	for range 2 {
		if _, trouble := r.polled(src); trouble != "" || r.count("wire_delivery where source = $1 and state = 'quarantined'", src.ID) != 1 {
			t.Errorf("damaged: %q, %d deliveries", trouble, r.deliveries(src))
		}
	}
	a.play(answers("application/xml; charset=utf-8", strings.Replace(rss(r.Now(), "Heron", "H\xe9ron"), `"1.0"?>`, `"1.0" encoding="iso-8859-1"?>`, 1)))
	if _, trouble := r.polled(src); trouble != "" || r.count("wire_item where source = $1 and headline = 'Héron'", src.ID) != 1 {
		t.Errorf("what the document says of its letters, and not the header, is right: %q", trouble)
	}
}

// TestFeedPictures fetches pictures from where entries name them, if the way says so, and
// tells their servers nothing that is for the agency.
func TestFeedPictures(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	a := r.serves(nil)
	feed := `{"version":"https://jsonfeed.org/version/1.1","title":"K","items":[{"id":"k1","title":"Heron","content_html":"<p>Seen.</p>","image":"` + a.URL + `/heron.jpg"},
		{"id":"k2","title":"Crane","content_html":"<p>Seen.</p>","image":"https://169.254.169.254/x.jpg"}]}`
	a.play(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/heron.jpg" {
			w.Write(photo(7))
			return
		}
		answers("application/feed+json", feed)(w, req)
	})
	without := r.way("Without", Way{Kind: ByFeed, Address: a.URL + "/feed.json"}, "")
	if _, trouble := r.polled(without); trouble != "" || len(a.heard()) != 1 {
		t.Errorf("%q; it was asked for %q", trouble, a.heard())
	}
	with := r.way("With", Way{Kind: ByFeed, Address: a.URL + "/feed.json", Options: Options{Pictures: true}}, "")
	if _, trouble := r.polled(with); trouble != "" || r.count("picture") != 1 || r.count("wire_item where source = $1", with.ID) != 2 {
		t.Errorf("%q; it was asked for %q; %d pictures", trouble, a.heard(), r.count("picture"))
	}
}

// TestWayRefused names the field of what cannot be.
func TestWayRefused(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	r.serves(nil)
	for _, test := range []struct {
		way      Way
		password string
		field    string
	}{
		{Way{Kind: ByFeed, Address: "ftp://feed.example/"}, "", "address"},
		{Way{Kind: ByFeed, Address: "https://me:pass@feed.example/"}, "", "address"},
		{Way{Kind: ByFeed, Address: "http://10.0.0.1/"}, "", "address"},
		{Way{Kind: ByFeed, Address: "http://feed.example/"}, "secret", "address"},
		{Way{Kind: ByFeed, Address: "https://feed.example/", Account: "me"}, "", "password"},
		{Way{Kind: ByFeed, Address: "https://feed.example/", Options: Options{Header: "Host"}}, "x", "header"},
		{Way{Kind: ByFeed, Address: "https://feed.example/", Options: Options{Header: "a b"}}, "x", "header"},
		{Way{Kind: ByFeed, Address: "https://feed.example/", Every: time.Second}, "", "every"},
		{Way{Kind: ByFeed, Address: "https://feed.example/", Every: 2 * time.Hour}, "", "every"},
		{Way{Kind: ByFolder, Address: "in/afp"}, "", "address"},
	} {
		_, err := r.Add(t.Context(), "", Source{Name: "Kestrel", Section: "world", Publish: Auto}, test.way, test.password)
		if fields := fieldsOf(err); fields[test.field] == "" {
			t.Errorf("%v: %v; fields %v", test.way, err, fields)
		}
	}
}

// TestTroubleOfAll has every server fail in every way: what is wrong is said in the same
// words, nothing is stored, where we were is kept, and all goes on afterwards.
func TestTroubleOfAll(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	a := r.serves(nil)
	const token = `{"access_token":"a1","expires_in":3600}`
	kinds := []struct {
		way      Way
		password string
		good     string
	}{
		{Way{Kind: ByFeed, Address: a.URL + "/feed"}, "k", `{"version":"https://jsonfeed.org/version/1.1","title":"K","items":[{"id":"k1","title":"Heron","content_html":"<p>Seen.</p>"}]}`},
		{Way{Kind: ByAP, Address: a.URL + "/feed"}, "k", apPage("", strings.Replace(sentByAP(a.URL, 1, 0, false), `"href"`, `"nitf": "<nitf><body><body.content><p>Text.</p></body.content></body></nitf>", "href"`, 1))},
		{Way{Kind: ByDPA, Address: a.URL + "/kunde"}, "", `{"entries":[{"format":"digitalwires@0.9.1","type":"composite","urn":"urn:1","version":1,"pubstatus":"usable","headline":"Kran","article_html":"<p>Er steht.</p>"}]}`},
		{Way{Kind: ByAFP, Address: a.URL, Account: "me"}, "k p", `{"response":{"docs":[{"uno":"u1","class":"text","revision":1,"status":"Usable","headline":"Crane","news":["It stands."]}]}}`},
	}
	for i, k := range kinds {
		src := r.way(fmt.Sprint("Agency ", i), k.way, k.password)
		status := func(code int, header ...string) func(w http.ResponseWriter, _ *http.Request) {
			return func(w http.ResponseWriter, _ *http.Request) {
				if len(header) > 0 {
					w.Header().Set(header[0], header[1])
				}
				w.WriteHeader(code)
			}
		}
		for _, test := range []struct {
			plays func(w http.ResponseWriter, r *http.Request)
			want  string
			waits time.Duration
		}{
			{status(401), "does not let us in", 0},
			{status(429, "Retry-After", "2000"), "left alone", 2000 * time.Second},
			{status(502), "trouble of its own", 0},
			{status(302, "Location", "http://169.254.169.254/"), "not on the public internet", 0},
			{func(w http.ResponseWriter, _ *http.Request) {
				for range 200 {
					io.WriteString(w, strings.Repeat("x", 1<<17))
				}
			}, "larger than", 0},
			{func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "1000")
				io.WriteString(w, k.good[:20])
				panic(http.ErrAbortHandler)
			}, "broke off", 0},
			{func(_ http.ResponseWriter, req *http.Request) {
				io.Copy(io.Discard, req.Body) // before that a server does not see that nobody listens
				<-req.Context().Done()
			}, "in time", 0},
		} {
			a.play(func(w http.ResponseWriter, req *http.Request) {
				if req.URL.Path == "/oauth/token" {
					answers("application/json", token)(w, req)
					return
				}
				test.plays(w, req)
			})
			w, trouble := r.polled(src)
			if wait := w.Due.Sub(r.Now()); !strings.Contains(trouble, test.want) || r.deliveries(src) != 0 || w.Failures == 0 || w.Cursor != "" || test.waits > 0 && wait != test.waits {
				t.Errorf("%s: want %q, says %q; %d deliveries, cursor %q, next in %v", k.way.Kind, test.want, trouble, r.deliveries(src), w.Cursor, wait)
			}
		}
		a.play(func(w http.ResponseWriter, req *http.Request) {
			if req.URL.Path == "/oauth/token" {
				answers("application/json", token)(w, req)
				return
			}
			answers("application/json", k.good)(w, req)
		})
		for range 2 { // the second time, nothing new
			if w, trouble := r.polled(src); trouble != "" || r.deliveries(src) != 1 || r.count("wire_item where source = $1", src.ID) != 1 || w.Failures != 0 {
				t.Errorf("%s, well again: %q, %d deliveries", k.way.Kind, trouble, r.deliveries(src))
			}
		}
	}
}
