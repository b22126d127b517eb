package page

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kawaraban/internal/problem"
)

func TestPageIsRenderedOnce(t *testing.T) {
	p, front := newPaper(t), &press{}
	p.Public("GET /{$}", front.print)
	for range 3 {
		p.shows("/", "1 /")
	}
	if s := p.Cache.Stats(); s.Misses != 1 || s.Hits != 2 {
		t.Errorf("one render and two hits are counted as %+v", s)
	}
}

func TestPurge(t *testing.T) {
	p, city, world := newPaper(t), &press{tags: []string{"lists", "article:1"}}, &press{tags: []string{"lists", "article:2"}}
	p.Public("GET /city", city.print)
	p.Public("GET /world", world.print)
	apart(p.Cache, "lists", "article:1", "article:2", "article:3", "nothing", everything)
	for _, step := range []struct {
		purge       []string
		city, world string
	}{
		{nil, "1 /city", "1 /world"},
		{[]string{"article:1"}, "2 /city", "1 /world"},
		{[]string{"article:2"}, "2 /city", "2 /world"},
		{[]string{"article:3", "nothing"}, "2 /city", "2 /world"},
		{[]string{"lists"}, "3 /city", "3 /world"},
		{[]string{"article:1", "article:2", "lists"}, "4 /city", "4 /world"},
		{nil, "4 /city", "4 /world"},
	} {
		if step.purge != nil {
			p.Cache.Purge(step.purge...)
		}
		for range 2 {
			p.shows("/city", step.city)
			p.shows("/world", step.world)
		}
	}
	p.Cache.PurgeAll()
	p.shows("/city", "5 /city")
	p.shows("/world", "5 /world")
	if n := p.Cache.Stats().Purges; n != 6 {
		t.Errorf("%d purges are counted, want 6", n)
	}
}

// apart gives a new cache a seed with which these tags share no place: they do once in a
// thousand times.
func apart(c *Cache, tags ...string) {
	for {
		taken := map[uint16]bool{}
		for _, t := range tags {
			taken[c.place(t)] = true
		}
		if len(taken) == len(tags) {
			return
		}
		c.seed = maphash.MakeSeed()
	}
}

// TestTagsThatShareAPlace is about two tags whose hashes fall together: the
// pages of both go, and none stays that should not.
func TestTagsThatShareAPlace(t *testing.T) {
	p := newPaper(t)
	byPlace := map[uint16]string{}
	var one, other string
	for i := 0; other == ""; i++ {
		tag := fmt.Sprint("article:", i)
		place := p.Cache.place(tag)
		if one = byPlace[place]; one != "" {
			other = tag
		}
		byPlace[place] = tag
	}
	a, b := &press{tags: []string{one}}, &press{tags: []string{other}}
	p.Public("GET /a", a.print)
	p.Public("GET /b", b.print)
	p.shows("/a", "1 /a")
	p.shows("/b", "1 /b")
	p.Cache.Purge(one)
	p.shows("/a", "2 /a")
	p.shows("/b", "2 /b")
	p.shows("/a", "2 /a")
}

// TestUntil is about the hour at which a page stops being true: an embargo or a
// licence ends, and no event tells of it.
func TestUntil(t *testing.T) {
	p, n := newPaper(t), 0
	end := p.clock.now().Add(30 * time.Second)
	p.Public("GET /lent", func(context.Context, Query) (*Body, error) {
		n++
		b := Text("", fmt.Append(nil, n)).Until(time.Time{})
		if p.clock.now().Before(end) {
			b.Until(end.Add(time.Hour)).Until(end).Until(end.Add(time.Minute))
		}
		return b, nil
	})
	p.shows("/lent", "1")
	p.clock.add(30*time.Second - 1)
	p.shows("/lent", "1")
	p.clock.add(1)
	p.shows("/lent", "2")
	p.shows("/lent", "2")
}

// TestMaxStale is about a page that nobody asked for, for long: it is not shown
// even once more.
func TestMaxStale(t *testing.T) {
	p, front := newPaper(t), &press{}
	p.Public("GET /{$}", front.print)
	p.shows("/", "1 /")
	p.clock.add(maxStale)
	p.shows("/", "2 /")
}

// TestStale is about a page that is a minute old: the reader gets it at once,
// and it is rendered behind his back, once however many ask.
func TestStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, n, gate := newPaper(t), 0, make(chan struct{})
		p.Public("GET /{$}", func(context.Context, Query) (*Body, error) {
			if n++; n > 1 {
				<-gate
			}
			return Text("", fmt.Append(nil, n)), nil
		})
		p.shows("/", "1")
		p.clock.add(fresh - 1)
		p.shows("/", "1")
		synctest.Wait()
		if n != 1 {
			t.Fatalf("a fresh page is rendered %d times", n)
		}
		p.clock.add(1)
		for range 100 {
			p.shows("/", "1")
		}
		synctest.Wait()
		close(gate)
		synctest.Wait()
		for range 100 {
			p.shows("/", "2")
		}
		if n != 2 {
			t.Errorf("a stale page is rendered %d times, want one more", n)
		}
		if s := p.Cache.Stats(); s.Hits != 201 || s.Misses != 2 {
			t.Errorf("201 hits and two renders are counted as %+v", s)
		}
	})
}

// TestStaleWhileFailing is about a database that is away: the old page stays,
// the log says so, and the page is not tried again for each reader.
func TestStaleWhileFailing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, n, broken := newPaper(t), 0, false
		p.Public("GET /{$}", func(context.Context, Query) (*Body, error) {
			if n++; broken {
				return nil, errors.New("the database is away")
			}
			return Text("", fmt.Append(nil, n)), nil
		})
		p.shows("/", "1")
		p.clock.add(fresh)
		broken = true
		for range 100 {
			p.shows("/", "1")
			synctest.Wait()
		}
		if n != 2 {
			t.Errorf("100 readers make %d attempts, want 1", n-1)
		}
		if log := p.log.String(); strings.Count(log, "the database is away") != n-1 {
			t.Errorf("the log says\n%s", log)
		}
		broken = false
		p.clock.add(tryAgain)
		p.shows("/", "1")
		synctest.Wait()
		p.shows("/", "3")
	})
}

// TestPurgeDuringRender is about a page that is overtaken: what was rendered
// from before the purge is shown to nobody who asks after it.
func TestPurgeDuringRender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, n, gate, story := newPaper(t), 0, make(chan struct{}), "old"
		p.Public("GET /story", func(context.Context, Query) (*Body, error) {
			n++
			read := story
			if n == 1 {
				<-gate
			}
			return Text("", []byte(read)).Tagged("article:1"), nil
		})
		answers := make(chan string, 2)
		ask := func() {
			_, text := p.get("/story")
			answers <- text
		}
		go ask()
		synctest.Wait() // the first reader's page is being rendered from the old story
		story = "new"
		p.Cache.Purge("article:1")
		go ask() // a reader who comes after the purge, and joins the first
		synctest.Wait()
		close(gate)
		for range 2 {
			if text := <-answers; text != "new" {
				t.Errorf("after the purge a reader gets the %s story", text)
			}
		}
		p.shows("/story", "new")
		if n != 2 {
			t.Errorf("%d renders, want the overtaken one and another", n)
		}
	})
}

// TestAnswerDuringPurge is the same for answers that are no pages: who asks
// after the publication does not get the 404 from before it.
func TestAnswerDuringPurge(t *testing.T) {
	for _, before := range []struct {
		what   string
		answer func() (*Body, error)
	}{
		{"not found", func() (*Body, error) { return nil, &problem.Problem{Kind: problem.NotFound} }},
		{"redirect", func() (*Body, error) { return Moved("/elsewhere"), nil }},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, n, gate := newPaper(t), 0, make(chan struct{})
			p.Public("GET /story", func(context.Context, Query) (*Body, error) {
				if n++; n == 1 {
					<-gate
					return before.answer()
				}
				return Text("", []byte("published")).Tagged("article:1"), nil
			})
			go p.get("/story")
			synctest.Wait()
			p.Cache.Purge("article:1")
			status := make(chan int)
			go func() {
				s, _ := p.get("/story")
				status <- s
			}()
			synctest.Wait()
			close(gate)
			if s := <-status; s != http.StatusOK {
				t.Errorf("%s: who asks after the publication gets %d", before.what, s)
			}
		})
	}
}

// TestPurgeStorm is about purges that come faster than a page can be rendered:
// readers still get a page, from after they asked.
func TestPurgeStorm(t *testing.T) {
	p, n := newPaper(t), 0
	p.Public("GET /{$}", func(context.Context, Query) (*Body, error) {
		n++
		p.Cache.Purge("lists")
		return Text("", fmt.Append(nil, n)).Tagged("lists"), nil
	})
	p.shows("/", "3")
	p.shows("/", "6")
}

// TestNotKept is about answers that the next reader must not get.
func TestNotKept(t *testing.T) {
	for _, test := range []struct {
		what   string
		answer func() (*Body, error)
		status int
		caches string
	}{
		{"a fault", func() (*Body, error) { return nil, errors.New("a secret path") }, 500, "no-store"},
		{"a panic", func() (*Body, error) { panic("a secret path") }, 500, "no-store"},
		{"no answer", func() (*Body, error) { return nil, nil }, 500, "no-store"},
		{"not found", func() (*Body, error) { return nil, &problem.Problem{Kind: problem.NotFound} }, 404, "no-store"},
		{"withdrawn", func() (*Body, error) { return &Body{Status: 410, render: Text("", nil).render}, nil }, 410, "no-store"},
		{"a redirect", func() (*Body, error) { return Moved("/elsewhere"), nil }, 301, publicCaching},
	} {
		t.Run(test.what, func(t *testing.T) {
			p, n := newPaper(t), 0
			p.Public("GET /page", func(context.Context, Query) (*Body, error) {
				if n++; n == 1 {
					return test.answer()
				}
				return Text("", []byte("well")), nil
			})
			res := p.do(http.MethodGet, "/page")
			if text := body(t, res); res.StatusCode != test.status || strings.Contains(text, "secret") {
				t.Errorf("the first answer is %d %q, want %d", res.StatusCode, text, test.status)
			}
			if got := res.Header.Get("Cache-Control"); got != test.caches {
				t.Errorf("Cache-Control is %q, want %q", got, test.caches)
			}
			if test.status == 500 && !strings.Contains(p.log.String(), "/page") {
				t.Errorf("the log says %q", p.log)
			}
			p.shows("/page", "well")
		})
	}
}

// TestSmallBudget is about memory: the cache holds about what it may, and a
// page that it threw out is rendered again.
func TestSmallBudget(t *testing.T) {
	const budget = 100 << 10
	p := newPaperOf(t, budget)
	p.Public("GET /story/{id}", func(_ context.Context, q Query) (*Body, error) {
		return Text("", long(q.Path("id"))), nil
	})
	for i := range 200 {
		p.get(fmt.Sprint("/story/", i))
	}
	p.Cache.pages.CleanUp()
	if held := p.Cache.pages.WeightedSize(); held > budget || held == 0 {
		t.Errorf("the cache holds %d bytes, and may %d", held, budget)
	}
	p.shows("/story/0", string(long("0")))
}
