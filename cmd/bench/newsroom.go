package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/richtext"
	"kawaraban/internal/secret"
)

// An editor works in the newsroom of a running paper.
type editor struct {
	*process
	session string
}

// hire makes an account of an editor who is logged in, in a paper that is closed.
func hire(ctx context.Context, folder string) (token secret.Token, err error) {
	p, err := openPaper(ctx, folder, nil)
	if err != nil {
		return token, err
	}
	defer p.close()
	token = secret.NewToken()
	id, now := db.NewID(), db.Time(time.Now())
	return token, p.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
			values ($1, $1, 'Ada Kern', $1, '', '', 'en', 'editor', '', '', 0, 'off', 0, '', 0, $2)`, id, now)
		if err == nil {
			_, err = tx.Exec(ctx, `insert into session (hash, id, reader, kind, way, device, proved, seen, created) values ($1, $2, $3, 'staff', 'password', '', $4, $4, $4)`,
				token.Hash().String(), db.NewID(), id, now)
		}
		if err == nil { // nobody waits for what was told while the paper was filled
			_, err = tx.Exec(ctx, `delete from outbox`)
		}
		return err
	})
}

// ask sends what a page of the newsroom would and returns the answer.
func (e *editor) ask(ctx context.Context, method, path, kind string, body []byte) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, e.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	u, err := url.Parse(e.url)
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Cookie", "session-"+u.Port()+"="+e.session)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if kind == "application/json" {
		r.Header.Set("Accept", kind)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK && res.StatusCode != http.StatusSeeOther {
		err = fmt.Errorf("%s %s answers %s", method, path, res.Status)
	}
	return res, said, err
}

// timed asks n times and returns how long each took.
func (e *editor) timed(ctx context.Context, n int, path func() string) (times []time.Duration, err error) {
	for range n {
		began := time.Now()
		if _, _, err := e.ask(ctx, http.MethodGet, path(), "", nil); err != nil {
			return nil, err
		}
		times = append(times, time.Since(began))
	}
	return times, nil
}

// measureNewsroom is about the pages of those who write, in an old paper.
func (b *bench) measureNewsroom(ctx context.Context) error {
	folder := filepath.Join(b.dir, fmt.Sprint("paper-", b.articles))
	p, err := openPaper(ctx, folder, sections)
	if err != nil {
		return err
	}
	_, last, err := p.articles.Span(ctx)
	if err == nil && last.IsZero() { // measureFront has not filled it
		err = p.fill(ctx, b.articles)
	}
	var ids []string
	if err == nil {
		ids, err = p.some(ctx, 200)
	}
	p.close()
	if err != nil {
		return err
	}
	token, err := hire(ctx, folder)
	if err != nil {
		return err
	}
	data := b.data
	b.data = folder
	server, _, err := b.serve(ctx, "")
	b.data = data
	if err != nil {
		return err
	}
	defer server.end()
	e := &editor{server, token.Reveal()}
	if err := e.settle(ctx); err != nil {
		return err
	}

	const n = 100
	times, err := e.timed(ctx, n, func() string { return "/newsroom/articles/" + ids[rand.IntN(len(ids))] })
	if err != nil {
		return err
	}
	how := fmt.Sprintf("the server's part, each time another of %d articles; the browser's is in the tests", b.articles)
	b.atMost("an article opens in the newsroom, p95", milliseconds(quantile(times, 0.95)), 500, " ms", how)
	for _, list := range []struct{ name, path string }{
		{"the list of articles, p95", "/newsroom/articles"},
		{"words in a headline that are rare, p95", "/newsroom/articles?q=99999th"},
		{"words in a headline that are nowhere, p95", "/newsroom/articles?q=nowhere"},
	} {
		if times, err = e.timed(ctx, n/4, func() string { return list.path }); err != nil {
			return err
		}
		b.tell(list.name, number(milliseconds(quantile(times, 0.95)))+" ms", fmt.Sprintf("among %d articles", b.articles))
	}
	return b.measureDesk(ctx, e)
}

// some are ids of articles from all over the paper.
func (p *paper) some(ctx context.Context, n int) (ids []string, err error) {
	rows, err := p.db.Query(ctx, `select id from article where abs(published / 900000000) % 97 = 3 order by id limit $1`, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// measureDesk writes, saves and publishes.
func (b *bench) measureDesk(ctx context.Context, e *editor) error {
	const saves, published = 200, 20
	var took []time.Duration
	text := strings.Repeat("<p>The harbour of Kawara Bay is to have a second crane, the council decided. Fishermen had asked for one since the old one stood still for a winter.</p>", 80)
	body := richtext.FromHTML(text, "")
	story, err := e.begin(ctx, "A crane for the harbour")
	if err != nil {
		return err
	}
	version := 1
	for i := range saves {
		c := desk.Copy{Section: "city", Class: article.Class{Language: "en"}, Notes: fmt.Sprint("the ", i, "th thought")}
		c.Headline, c.Body = "A crane for the harbour", body
		sent, err := json.Marshal(map[string]any{"version": version, "page": "the page of the bench", "copy": c})
		if err != nil {
			return err
		}
		began := time.Now()
		_, said, err := e.ask(ctx, http.MethodPost, story+"/copy", "application/json", sent)
		if err != nil {
			return err
		}
		took = append(took, time.Since(began))
		var answer struct{ Version int }
		if err := json.Unmarshal(said, &answer); err != nil {
			return err
		}
		version = answer.Version
	}
	how := fmt.Sprintf("%d saves of %d words, one after the other, each on the disk when it is answered", saves, body.Words())
	b.atMost("a save, p50", milliseconds(median(took)), 50, " ms", how)
	b.atMost("a save, p95", milliseconds(quantile(took, 0.95)), 50, " ms", how)

	took = nil
	for i := range published {
		headline := fmt.Sprintf("The %dth story of the bench", i)
		story, err := e.begin(ctx, headline)
		if err != nil {
			return err
		}
		if _, err := get(ctx, e.url+"/", "gzip"); err != nil { // the front page is in the cache
			return err
		}
		form := url.Values{
			"act": {"publish"}, "version": {"1"}, "page": {"the page of the bench"}, "section": {"city"}, "kind": {"news"}, "language": {"en"}, "weight": {"5"},
			"headline": {headline}, "source": {"<p>It is about a crane.</p>"},
		}
		if _, _, err := e.ask(ctx, http.MethodPost, story, "application/x-www-form-urlencoded", []byte(form.Encode())); err != nil {
			return err
		}
		began := time.Now()
		for {
			a, err := get(ctx, e.url+"/", "")
			if err != nil {
				return err
			}
			if bytes.Contains(a.content, []byte(headline)) {
				break
			}
		}
		took = append(took, time.Since(began))
	}
	how = fmt.Sprintf("from the answer to the editor until the cached front page has the story, asked for without a pause; %d stories", published)
	b.atMost("published to visible, p50", milliseconds(median(took)), 300, " ms", how)
	b.atMost("published to visible, slowest", milliseconds(quantile(took, 1)), 300, " ms", how)
	return nil
}

// begin begins a story and returns its address.
func (e *editor) begin(ctx context.Context, headline string) (path string, err error) {
	res, _, err := e.ask(ctx, http.MethodPost, "/newsroom/articles", "application/x-www-form-urlencoded", []byte(url.Values{"headline": {headline}}.Encode()))
	if err != nil {
		return "", err
	}
	return res.Header.Get("Location"), nil
}
