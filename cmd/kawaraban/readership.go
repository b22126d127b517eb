package main

import (
	"context"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/fetch"
)

// A readership is the simulated one of the demo: it opens articles as people would, by the
// paper's own address and with the requests of its pages, so that the board of the
// newsroom moves. Each of its readers says of itself that it is none, and so does the
// board.
type readership struct {
	articles *article.Store
	own      *fetch.Client // reaches the paper and nothing else
	at       string        // where the paper listens
	host     string        // as the paper is called
	pause    time.Duration
	reads    time.Duration // how long a reader stays, about
	looks    time.Duration // until one says the next thing of a video
	leaves   chances
}

// chances are how many readers there are to one who follows a link of the panel of sister
// papers, or of the sponsored video that he looks at.
type chances struct{ panel, slot int }

const (
	readerNames = 600 // as many different readers come by
	readerPause = 700 * time.Millisecond
	readerStays = 15 * time.Second
	hotFor      = 4 * time.Minute // one story is what everybody wants
	readerPick  = 60              // newest stories that they choose from
	readerLooks = 2500 * time.Millisecond
)

// simulate has readers come until ctx ends.
func (r *demoRun) simulate(ctx context.Context) {
	base, err := url.Parse(r.settings.base())
	if err != nil {
		return
	}
	at, err := netip.ParseAddrPort(r.listener.Addr().String())
	if err != nil {
		return
	}
	if at.Addr().IsUnspecified() {
		at = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), at.Port())
	}
	addr := at.Addr().Unmap()
	own := fetch.New(fetch.Settings{
		AllowPrivate: []netip.Prefix{netip.PrefixFrom(addr, addr.BitLen())}, AllowPorts: []uint16{at.Port()}, PerHost: 8,
	})
	s := readership{r.articles, own, netip.AddrPortFrom(addr, at.Port()).String(), base.Host, readerPause, readerStays, readerLooks, chances{panel: 12, slot: 15}}
	s.run(ctx)
}

func (s readership) run(ctx context.Context) {
	var readers sync.WaitGroup
	defer readers.Wait()
	var hot string
	var until time.Time
	for wait(ctx, time.Duration(rand.ExpFloat64()*float64(s.pause))) {
		list, _, err := s.articles.Latest(ctx, article.Filter{Limit: readerPick})
		if err != nil || len(list) == 0 {
			continue
		}
		if time.Now().After(until) {
			hot, until = list[rand.IntN(len(list))].ID, time.Now().Add(hotFor)
		}
		// Few stories have most of the readers, and one of them more than its share.
		card := list[int(float64(len(list))*rand.Float64()*rand.Float64()*rand.Float64())]
		for _, c := range list {
			if c.ID == hot && rand.IntN(3) == 0 {
				card = c
			}
		}
		readers.Go(func() { s.read(ctx, card) })
	}
}

// read is one reader of one article.
func (s readership) read(ctx context.Context, c article.Card) {
	agent := fmt.Sprintf("Mozilla/5.0 (simulated reader %d of the Kawaraban demo)", rand.IntN(readerNames))
	content, err := s.send(ctx, http.MethodGet, c.Path(), agent, nil)
	if err != nil || rand.IntN(10) == 0 { // one in ten has no script
		return
	}
	from := []string{"", "", "http://" + s.host, "http://" + s.host, "https://www.google.com", "https://duckduckgo.com", "https://bsky.app", "https://mail.proton.me", "https://feedly.com", "https://harbour.example"}
	query := ""
	if rand.IntN(12) == 0 {
		query = "?utm_campaign=lantern-night"
	}
	at := "/read/" + c.ID
	if _, err := s.send(ctx, http.MethodPost, at, agent, url.Values{"from": {from[rand.IntN(len(from))]}, "q": {query}}); err != nil {
		return
	}
	s.look(ctx, c, agent)
	if far := rand.IntN(5); wait(ctx, time.Duration(rand.ExpFloat64()*float64(s.reads))) && far > 0 {
		_, _ = s.send(ctx, http.MethodPost, at, agent, url.Values{"far": {fmt.Sprint(far)}})
	}
	if rand.IntN(s.leaves.panel) == 0 {
		s.follow(ctx, content, "/network/to/", agent)
	}
}

// follow follows one of the links of a page that begin like that: as far as the paper, which
// counts it and sends the reader on. Where that is, nobody comes.
func (s readership) follow(ctx context.Context, content, begin, agent string) {
	links := strings.Split(content, ` href="`+begin)[1:]
	if len(links) == 0 {
		return
	}
	rest, _, _ := strings.Cut(links[rand.IntN(len(links))], `"`)
	_, _ = s.send(ctx, http.MethodGet, begin+html.UnescapeString(rest), agent, nil)
}

// send sends what a browser would. A demo that stops answers no more, and nobody minds.
func (s readership) send(ctx context.Context, method, path, agent string, says url.Values) (content string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var body io.Reader
	if says != nil {
		body = strings.NewReader(says.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://"+s.at+path, body)
	if err != nil {
		return "", err
	}
	r.Host = s.host
	r.Header.Set("User-Agent", agent)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if says != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		r.Header.Set("Sec-Fetch-Mode", "navigate")
	}
	browser := *s.own.HTTP()
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := browser.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err == nil && res.StatusCode >= 400 {
		err = fmt.Errorf("%s answers %s", path, res.Status)
	}
	return string(b), err
}

// look is what a reader has of the sponsored video below an article: most come as far,
// some look at it, few play it, and fewer follow its link.
func (s readership) look(ctx context.Context, c article.Card, agent string) {
	if rand.IntN(3) == 0 {
		return
	}
	spot, err := s.send(ctx, http.MethodPost, "/promo/slot/"+c.Section.Slug, agent, url.Values{})
	_, ticket, served := strings.Cut(spot, ` data-ticket="`)
	ticket, _, _ = strings.Cut(ticket, `"`)
	if err != nil || !served {
		return
	}
	for _, what := range []string{"viewed", "started", "quarter", "half", "third", "completed"}[:1+rand.IntN(6)*rand.IntN(2)*rand.IntN(2)] {
		if !wait(ctx, s.looks) {
			return
		}
		if _, err := s.send(ctx, http.MethodPost, "/promo/count", agent, url.Values{"ticket": {ticket}, "what": {what}}); err != nil {
			return
		}
	}
	if rand.IntN(s.leaves.slot) == 0 {
		s.follow(ctx, spot, "/promo/to/", agent)
	}
}

// wait waits, and reports whether there is still somebody to wait for.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
