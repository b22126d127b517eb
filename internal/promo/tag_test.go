package promo

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/job"
	"kawaraban/internal/media"
	"kawaraban/internal/papertest"
)

// An adServer answers with what a test wants, and remembers what it was asked and told.
type adServer struct {
	*httptest.Server
	mu     sync.Mutex
	answer func() string
	film   []byte
	asked  []string
	heads  []http.Header
}

func newAdServer(t *testing.T) *adServer {
	a := &adServer{film: papertest.MP4(papertest.Film{Width: 640, Height: 360, Length: 20 * time.Second, Codec: "avc1"})}
	a.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.asked, a.heads = append(a.asked, r.URL.RequestURI()), append(a.heads, r.Header)
		answer := a.answer
		a.mu.Unlock()
		switch {
		case r.URL.Path == "/tag":
			fmt.Fprint(w, answer())
		case r.URL.Path == "/slow":
			<-r.Context().Done()
		case r.URL.Path == "/film.mp4":
			w.Write(a.film)
		case strings.HasPrefix(r.URL.Path, "/told/"):
			w.WriteHeader(http.StatusNoContent)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *adServer) says(answer string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = func() string { return strings.ReplaceAll(answer, "$AT", a.URL) }
}

func (a *adServer) was(path string) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, x := range a.asked {
		if x == path {
			n++
		}
	}
	return n
}

const goodTag = `<VAST version="4.2" xmlns="http://www.iab.com/VAST"><Ad id="1"><InLine><AdSystem>Fjeld</AdSystem>
<Impression><![CDATA[$AT/told/impression?at=[TIMESTAMP]]]></Impression><AdServingId>s1</AdServingId><AdTitle>Bread</AdTitle>
<Error><![CDATA[$AT/told/error?code=[ERRORCODE]]]></Error>
<Creatives><Creative><UniversalAdId idRegistry="unknown">u</UniversalAdId><Linear><Duration>00:00:20</Duration>
<TrackingEvents><Tracking event="start">$AT/told/start</Tracking><Tracking event="complete">$AT/told/complete</Tracking></TrackingEvents>
<VideoClicks><ClickThrough>https://bakery.example/six</ClickThrough><ClickTracking>$AT/told/click</ClickTracking></VideoClicks>
<MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="640" height="360">$AT/film.mp4</MediaFile></MediaFiles>
</Linear></Creative></Creatives></InLine></Ad></VAST>`

// asking is a kit whose paper may ask that server.
func (k *kit) asking(a *adServer, private bool) {
	t := k.t
	t.Helper()
	blobs, err := blob.OpenFolder(t.TempDir())
	check(t, err)
	u, err := url.Parse(a.URL)
	check(t, err)
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	check(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate())
	s := fetch.Settings{Agent: "Kawaraban", Timeout: time.Minute, RootCAs: roots}
	if private {
		s.AllowPrivate, s.AllowPorts = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, []uint16{uint16(port)}
	}
	k.Fetch, k.Jobs = fetch.New(s), job.New(k.DB, slog.New(slog.DiscardHandler))
	k.Media = &media.Store{DB: k.DB, Blobs: blobs, Jobs: k.Jobs, Now: k.clock.Now, ID: db.NewID, Log: k.Log}
	k.Work()
}

// ask asks the server of a booking, and reads what is booked again.
func (k *kit) ask(b *Booking) Answer {
	k.t.Helper()
	check(k.t, k.Ask(k.t.Context(), Asking{b.ID}))
	check(k.t, k.Refresh(k.t.Context()))
	t, err := k.AnswerOf(k.t.Context(), b.ID)
	check(k.t, err)
	return t
}

// TestTag shows the film of an ad server as one of ours, and tells the server what became
// of it, from here.
func TestTag(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, a := newKit(t, d), newAdServer(t)
		k.asking(a, true)
		a.says(goodTag)
		b := booking(Exclusive, today(), 2)
		b.Source, b.Video, b.Link, b.Address = Server, "", "", a.URL+"/tag"
		k.on(b)
		if x, _ := k.Slot("city"); x != nil {
			t.Error("it is shown before its server was asked")
		}
		if got := k.ask(b); got.Trouble != NoTrouble || got.Click != "https://bakery.example/six" {
			t.Fatalf("%+v", got)
		}
		x, _ := k.Slot("city")
		if x == nil || x.Film == nil || x.Film.Duration != 20*time.Second || x.To() != "https://bakery.example/six" {
			t.Fatalf("the slot has %+v", x)
		}
		k.ask(b)
		if n := a.was("/film.mp4"); n != 1 {
			t.Errorf("the same film was fetched %d times", n)
		}

		// What is counted is told, once, and nothing of who it was.
		_, ticket := k.Serve(Visit{Place: "city", From: netip.MustParseAddr("192.0.2.9"), Agent: "Mozilla/5.0 of Ida"})
		k.clock.Add(time.Second)
		for range 2 {
			k.Count(ticket, Started, Visit{})
			k.Count(ticket, Clicked, Visit{})
		}
		k.clock.Add(20 * time.Second)
		k.Count(ticket, Completed, Visit{})
		told := drain(k)
		want := []string{"/told/click", "/told/complete", "/told/impression", "/told/start"}
		for i, address := range told {
			u, err := url.Parse(address)
			check(t, err)
			if told[i] = u.Path; strings.ContainsAny(address, "[]") {
				t.Errorf("a macro was left in %s", address)
			}
		}
		slices.Sort(told)
		if !slices.Equal(told, want) {
			t.Errorf("the server is told %v, want %v", told, want)
		}
		k.call(t.Context(), a.URL+"/told/start")
		a.mu.Lock()
		for _, h := range a.heads {
			if strings.Contains(fmt.Sprint(h), "Ida") || strings.Contains(fmt.Sprint(h), "192.0.2.9") || h.Get("Cookie") != "" || h.Get("Referer") != "" {
				t.Errorf("the server learns %v", h)
			}
		}
		a.mu.Unlock()

		// One that is silent is shown for an hour; one that has nothing is not shown.
		a.says("<html>")
		if got := k.ask(b); got.Trouble != Unreadable {
			t.Errorf("a page: %q", got.Trouble)
		}
		if x, _ := k.Slot("city"); x == nil {
			t.Error("the last good answer is gone at once")
		}
		if got, err := k.AnswerOf(t.Context(), b.ID); err != nil || !got.ShownUntil().Equal(got.Good.Add(time.Hour)) {
			t.Errorf("it is shown until %v (%v)", got.ShownUntil(), err)
		}
		a.says(`<VAST version="4.2"/>`)
		if got := k.ask(b); got.Trouble != NoAd {
			t.Errorf("nothing: %q", got.Trouble)
		}
		if x, _ := k.Slot("city"); x != nil {
			t.Error("what the server does not offer any more is shown")
		}
		if got, err := k.AnswerOf(t.Context(), b.ID); err != nil || !got.ShownUntil().IsZero() {
			t.Errorf("it is shown until %v (%v)", got.ShownUntil(), err)
		}
		a.says(goodTag)
		k.ask(b)
		a.says("")
		k.clock.Add(2 * time.Hour)
		k.ask(b)
		if x, _ := k.Slot("city"); x != nil {
			t.Error("a server has been silent for two hours")
		}
	})
}

// drain takes what waits to be told.
func drain(k *kit) (list []string) {
	for {
		select {
		case a := <-k.teller.queue():
			list = append(list, a)
		default:
			return list
		}
	}
}

// TestHostileTag brings nothing of a server that means harm.
func TestHostileTag(t *testing.T) {
	wrapper := `<VAST version="4.2"><Ad id="1"><Wrapper><AdSystem>x</AdSystem><Impression>$AT/told/i</Impression><VASTAdTagURI>$AT/tag</VASTAdTagURI></Wrapper></Ad></VAST>`
	for name, c := range map[string]struct {
		path    string
		answer  string
		film    string
		private bool
		want    Trouble
	}{
		"a loop":                {"/tag", wrapper, "", true, Wrapped},
		"no video":              {"/tag", goodTag, "MZ this is a program", true, NotBrought},
		"an old format":         {"/tag", strings.ReplaceAll(goodTag, "video/mp4", "video/x-flv"), "", true, NoFilm},
		"only a script":         {"/tag", strings.ReplaceAll(goodTag, `type="video/mp4"`, `apiFramework="VPAID" type="application/javascript"`), "", true, Program},
		"a film in our house":   {"/tag", strings.ReplaceAll(goodTag, "$AT/film.mp4", "https://169.254.169.254/film.mp4"), "", true, NotBrought},
		"a film that is gone":   {"/tag", strings.ReplaceAll(goodTag, "/film.mp4", "/gone.mp4"), "", true, NotBrought},
		"a server in our house": {"/tag", goodTag, "", false, Refused},
		"one behind it":         {"/tag", strings.ReplaceAll(wrapper, "$AT/tag", "https://169.254.169.254/"), "", true, Refused},
		"no server":             {"/nothing", goodTag, "", true, Unreachable},
		"a slow server":         {"/slow", goodTag, "", true, Late},
		"a page":                {"/tag", "<!DOCTYPE html><title>Ads</title>", "", true, Unreadable},
		"entities":              {"/tag", `<!DOCTYPE x [<!ENTITY a "b">]><VAST version="4.2"/>`, "", true, Unreadable},
		"nothing":               {"/tag", `<VAST version="4.2"/>`, "", true, NoAd},
	} {
		t.Run(name, func(t *testing.T) {
			k, a := newKit(t, papertest.SQLite(t)), newAdServer(t)
			k.asking(a, c.private)
			a.says(c.answer)
			if c.film != "" {
				a.film = []byte(c.film)
			}
			b := booking(Exclusive, today(), 1)
			b.Source, b.Video, b.Address = Server, "", a.URL+c.path
			k.on(b)
			if got := k.ask(b); got.Trouble != c.want {
				t.Errorf("trouble %q, want %q", got.Trouble, c.want)
			}
			if x, _ := k.Slot("city"); x != nil {
				t.Errorf("the slot shows %v", x.Title)
			}
			list, _, err := k.Media.ListVideos(t.Context(), media.VideoFilter{Limit: 10})
			check(t, err)
			if len(list) != 1 { // the kit's own
				t.Errorf("%d videos are in the library", len(list))
			}
		})
	}
}

// TestSlowTeller drops what is too much for a slow server, and nobody waits.
func TestSlowTeller(t *testing.T) {
	var x teller
	for range maxTold + 50 {
		x.say([]string{"https://ads.example/"})
	}
	if n := x.dropped.Load(); n != 50 {
		t.Errorf("%d were dropped, want 50", n)
	}
}
