package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/richtext"
	"kawaraban/internal/secret"
)

const (
	threadConnections = 16
	threadReaders     = 20_000 // who write and vote in turn: the brakes let nobody do so faster than a person
	threadArticles    = 40
)

// A crowd are the readers of a paper that is filled for the measurement.
type crowd struct {
	folder   string
	articles []string
	tokens   []string
}

// gather makes a paper with articles, and readers who have commented before and
// are logged in.
func (b *bench) gather(ctx context.Context, folder string, readers, articles int) (c crowd, err error) {
	p, err := openPaper(ctx, folder, sections)
	if err != nil {
		return c, err
	}
	defer p.close()
	c = crowd{folder: folder, tokens: make([]string, readers)}
	now := time.Now()
	body := richtext.FromHTML(strings.Repeat("<p>The harbour is to have a second crane, the council decided.</p>", 20), "")
	err = p.db.Tx(ctx, func(tx *db.Tx) error {
		c.articles = nil
		for i := range articles {
			id, err := p.articles.Create(ctx, tx, article.New{
				Section: "city", Slug: fmt.Sprint("thread-", i), Class: article.Class{Language: "en"}, By: "bench",
				Content: article.Content{Headline: fmt.Sprint("Thread ", i), Body: body},
			})
			if err != nil {
				return err
			}
			if err := p.articles.Publish(ctx, tx, id, now.Add(-time.Hour)); err != nil {
				return err
			}
			c.articles = append(c.articles, id)
		}
		return nil
	})
	const batch = 1000
	for first := 0; err == nil && first < readers; first += batch {
		err = p.db.Tx(ctx, func(tx *db.Tx) error {
			for i := first; i < min(readers, first+batch); i++ {
				if err := c.join(ctx, tx, i, now); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return c, err
}

// join adds the i-th reader with a session.
func (c *crowd) join(ctx context.Context, tx *db.Tx, i int, now time.Time) error {
	id, t := fmt.Sprint("reader-", i), secret.NewToken()
	c.tokens[i] = t.Reveal()
	_, err := tx.Exec(ctx, `insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
		values ($1, $1 || '@readers.example', $1, $1, '', '', '', 'reader', '', '', 0, 'off', 0, '', 0, $2)`, id, db.Time(now.AddDate(0, -1, 0)))
	if err == nil {
		_, err = tx.Exec(ctx, `insert into session (hash, id, reader, kind, way, device, proved, seen, created) values ($1, $2, $2, 'reader', 'password', '', $3, $3, $3)`,
			t.Hash().String(), id, db.Time(now))
	}
	if err == nil {
		// Somebody who has commented before: the first comment would wait.
		_, err = tx.Exec(ctx, `insert into commenter (reader, posted, visible, warned, barred, until, last) values ($1, 1, 1, 0, '', 0, 0)`, id)
	}
	return err
}

// measureThreads sends comments and votes through the whole program for a
// minute each, and counts what it has acknowledged.
func (b *bench) measureThreads(ctx context.Context) error {
	c, err := b.gather(ctx, filepath.Join(b.dir, "threads"), threadReaders, threadArticles)
	if err != nil {
		return err
	}
	data := b.data
	b.data = c.folder
	p, _, err := b.serve(ctx, "", "--proxies", "127.0.0.1")
	b.data = data
	if err != nil {
		return err
	}
	defer p.end()
	var ids sync.Map
	var posted atomic.Int64
	post := func(ctx context.Context, s *sender, n int64) error {
		who := int(n) % len(c.tokens)
		place, err := s.post(c, who, "/thread/"+c.articles[int(n)%len(c.articles)], url.Values{
			"body": {fmt.Sprintf("The crane of the %dth morning stood still again, and nobody on the quay could say whose turn it was to climb up.", n)},
			"key":  {fmt.Sprint("k", n)}, "do": {"post"},
		})
		if _, id, ok := strings.Cut(place, "comment-"); ok {
			ids.Store(posted.Add(1)-1, strings.TrimSuffix(id, `","held":false}`))
		} else if err == nil {
			err = fmt.Errorf("a comment is not shown: %s", place)
		}
		return err
	}
	rate, p99, n, err := b.press(ctx, p, post)
	if err != nil {
		return err
	}
	b.atLeast("comments acknowledged", rate, 1000, " /s", fmt.Sprintf("%d in %s, %d connections, form to answer through the whole program, SQLite with synchronous=FULL, on the cores of the load", n, b.sustain, threadConnections))
	b.atMost("  p99", milliseconds(p99), 100, " ms", "of the same")
	if n < 20_000 {
		b.tell("  comments in all", number(float64(n)), "fewer than 20,000")
	}

	all := posted.Load()
	vote := func(ctx context.Context, s *sender, n int64) error {
		who := int(n*7) % len(c.tokens)
		id, ok := ids.Load(n * 31 % all)
		if !ok {
			return errors.New("a comment is missing")
		}
		way := "up"
		if n%3 == 0 {
			way = "down"
		}
		said, err := s.post(c, who, "/comment/"+id.(string)+"/vote", url.Values{"way": {way}})
		if err == nil && !strings.Contains(said, `"score":`) && !strings.Contains(said, "your own") {
			err = fmt.Errorf("a vote is answered with %s", said)
		}
		return err
	}
	rate, p99, n, err = b.press(ctx, p, vote)
	if err != nil {
		return err
	}
	b.atLeast("votes acknowledged", rate, 2000, " /s", fmt.Sprintf("%d in %s on %d comments, the same way", n, b.sustain, all))
	b.atMost("  p99", milliseconds(p99), 100, " ms", "of the same")
	return b.appears(ctx, p, c)
}

// press has all connections do something for b.sustain, and returns how often
// it was acknowledged a second.
func (b *bench) press(ctx context.Context, p *process, do func(ctx context.Context, s *sender, n int64) error) (rate float64, p99 time.Duration, n int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, b.sustain+patience)
	defer cancel()
	var next, done atomic.Int64
	times := make([][]time.Duration, threadConnections)
	errs := make([]error, threadConnections)
	var all sync.WaitGroup
	began := time.Now()
	for i := range threadConnections {
		all.Go(func() {
			s, err := dial(p.url)
			if err != nil {
				errs[i] = err
				return
			}
			defer s.conn.Close()
			for time.Since(began) < b.sustain && ctx.Err() == nil {
				from := time.Now()
				if err := do(ctx, s, next.Add(1)-1); errors.Is(err, errBraked) {
					continue
				} else if err != nil {
					errs[i] = err
					return
				}
				times[i] = append(times[i], time.Since(from))
				done.Add(1)
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	var together []time.Duration
	for _, t := range times {
		together = append(together, t...)
	}
	if err := errors.Join(errs...); err != nil {
		return 0, 0, 0, err
	}
	return float64(done.Load()) / took.Seconds(), quantile(together, 0.99), done.Load(), nil
}

// errBraked is that of a reader who was told to wait: readers share the places
// of a brake by their hash, and those of a full place are more than one. What is
// braked is not acknowledged, and not counted.
var errBraked = errors.New("told to wait")

// A sender is one connection that is kept. It speaks just enough HTTP: the
// load must not take the processor from what is measured.
type sender struct {
	conn net.Conn
	in   *bufio.Reader
	host string
	port string
}

func dial(address string) (*sender, error) {
	host := strings.TrimPrefix(address, "http://")
	_, port, err := net.SplitHostPort(host)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", host)
	return &sender{conn: conn, in: bufio.NewReader(conn), host: host, port: port}, err
}

// post sends a form as the who-th reader, from a network of its own, and
// returns the body of the answer. An answer that is not 200 is an error, unless
// it says that a comment is the voter's own.
func (s *sender) post(c crowd, who int, path string, form url.Values) (body string, err error) {
	text := form.Encode()
	_, err = fmt.Fprintf(s.conn, "POST %s HTTP/1.1\r\nHost: %s\r\nCookie: session-%s=%s\r\nSec-Fetch-Site: same-origin\r\nAccept: application/json\r\n"+
		"X-Forwarded-For: 10.%d.%d.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		path, s.host, s.port, c.tokens[who], who>>8, who&255, len(text), text)
	if err != nil {
		return "", err
	}
	status, err := s.in.ReadString('\n')
	if err != nil {
		return "", err
	}
	length := 0
	for {
		line, err := s.in.ReadString('\n')
		if err != nil {
			return "", err
		}
		if line = strings.TrimSpace(line); line == "" {
			break
		}
		if name, value, _ := strings.Cut(line, ": "); strings.EqualFold(name, "Content-Length") {
			if length, err = strconv.Atoi(value); err != nil {
				return "", err
			}
		}
	}
	content := make([]byte, length)
	if _, err := io.ReadFull(s.in, content); err != nil {
		return "", err
	}
	if strings.Contains(status, " 429 ") {
		return "", errBraked
	}
	if !strings.Contains(status, " 200 ") && !strings.Contains(string(content), "your own") {
		return "", fmt.Errorf("%s answers %s %s", path, strings.TrimSpace(status), content)
	}
	return string(content), nil
}

// appears takes the time from the acknowledgement of a comment until another
// reader gets the article's page with it.
func (b *bench) appears(ctx context.Context, p *process, c crowd) error {
	s, err := dial(p.url)
	if err != nil {
		return err
	}
	defer s.conn.Close()
	// The last article has a thread that nobody else writes in now.
	at := p.url + "/category/city/" + fmt.Sprint("thread-", len(c.articles)-1)
	var times []time.Duration
	for i := range 50 {
		if _, err := get(ctx, at, "gzip"); err != nil { // into the cache
			return err
		}
		word := fmt.Sprint("appearing", i)
		place, err := s.post(c, (i*37+11)%len(c.tokens), "/thread/"+c.articles[len(c.articles)-1], url.Values{
			"body": {"A quite particular remark: " + word}, "key": {word}, "do": {"post"},
		})
		if err != nil {
			return err
		}
		_, id, _ := strings.Cut(place, "comment-")
		id, _, _ = strings.Cut(id, `"`)
		began := time.Now()
		for {
			body, err := get(ctx, at, "")
			if err != nil {
				return err
			}
			if strings.Contains(string(body.content), "comment-"+id) {
				break
			}
		}
		times = append(times, time.Since(began))
	}
	b.atMost("new comment on a cached page, p95", milliseconds(quantile(times, 0.95)), 150, " ms",
		fmt.Sprintf("from its acknowledgement until another connection has the page with it; %d times, slowest %.1f ms", len(times), milliseconds(quantile(times, 1))))
	return nil
}
