package site

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
	"kawaraban/internal/poll"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// made is an article of a format.
func made(f article.Format, section, headline string) article.New {
	n := story(section, headline)
	n.Format = f
	return n
}

// puts publishes a poll about the weir and returns its id.
func (p *press) puts(options ...string) (id string) {
	p.t.Helper()
	id = p.publish(made(article.Poll, "city", "Shall the weir stay?"), time.Hour)
	p.options(id, time.Time{}, options...)
	return id
}

func (p *press) options(id string, closes time.Time, options ...string) {
	p.t.Helper()
	now, err := p.Polls.Of(p.t.Context(), id)
	check(p.t, err)
	p.tx(func(tx *db.Tx) error {
		_, err := p.Polls.Set(p.t.Context(), tx, id, poll.Draft{Options: options, Closes: closes, Version: now.Version}, 0)
		return err
	})
}

// polled has readers choose the options in turn: n[0] the first, and so on.
func (p *press) polled(id string, n ...int) {
	p.t.Helper()
	now, err := p.Polls.Of(p.t.Context(), id)
	check(p.t, err)
	for i, votes := range n {
		for j := range votes {
			_, err := p.Polls.Vote(p.t.Context(), id, p.joined(fmt.Sprint("Voter ", i, "x", j)), now.Options[i].ID)
			check(p.t, err)
		}
	}
	p.tx(func(*db.Tx) error { return nil })
}

const pollPath = "/category/city/shall-the-weir-stay"

// TestPollCanary looks for the results of a poll in everything that is kept or that
// somebody can reach who has not voted. Seen red with Results that lets everybody
// have them.
func TestPollCanary(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		id := p.puts("Stay", "Go", "Later")
		p.polled(id, 7, 3, 1) // 64 %, 27 %, 9 %
		ana, bo := p.insider("Ana"), p.insider("Boris")
		now, err := p.Polls.Of(t.Context(), id)
		check(t, err)
		told := func(body string) bool {
			for _, s := range []string{"64%", "27%", "9%", "7 votes", "3 votes", `width="64"`, `:7,`, `"votes":7`} {
				if strings.Contains(body, s) {
					return true
				}
			}
			return false
		}
		paths := []string{pollPath, "/", "/category/city", "/feed", "/feed.json", "/category/city/feed", "/scores/" + id, "/a/" + id, pollPath + "/history"}
		for _, path := range append(paths, "/poll/"+id, "/me/poll/"+id) {
			if _, body := p.get(path); told(body) {
				t.Errorf("%s tells the results\n%s", path, body)
			}
			if _, body := bo.look(path); told(body) {
				t.Errorf("%s tells the results to who has not voted", path)
			}
		}
		if to := ana.sends("/poll/"+id, url.Values{"option": {now.Options[1].ID}}); to != "/poll/"+id+"?done=voted" {
			t.Errorf("the vote leads to %s", to)
		}
		if status, body := ana.look("/poll/" + id); status != http.StatusOK || !strings.Contains(body, "33% · 4 votes") || !strings.Contains(body, "Your choice") {
			t.Errorf("who has voted sees\n%s", body)
		}
		var said pollSaid
		_, body := ana.look("/me/poll/" + id)
		check(t, json.Unmarshal([]byte(body), &said))
		if said.Options[now.Options[1].ID] != [3]string{"33", "33% · 4 votes", "Your choice"} || said.Voters != "12 readers have voted" {
			t.Errorf("the script is told %s", body)
		}
		for _, path := range paths {
			if _, body := ana.look(path); told(body) || strings.Contains(body, "33%") {
				t.Errorf("%s tells the results", path)
			}
		}
		// Nothing of one reader is kept.
		for _, path := range []string{"/poll/" + id, "/me/poll/" + id} {
			_, _, res := ana.ask(httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil))
			if got := res.Header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
				t.Errorf("%s says %q", path, got)
			}
		}
	})
}

// TestPollClock closes a poll by the clock: the page that is kept ends then.
func TestPollClock(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		id := p.puts("Stay", "Go")
		p.polled(id, 2, 1)
		ana := p.insider("Ana")
		end := p.clock.Now().Add(10 * time.Minute)
		p.options(id, end, "Stay", "Go")
		now, err := p.Polls.Of(t.Context(), id)
		check(t, err)
		p.clock.Set(end.Add(-time.Microsecond))
		if body := p.page(pollPath); !strings.Contains(body, `name="option"`) || !strings.Contains(body, "Open until Nov. 3, 2025") {
			t.Errorf("before its end the poll is\n%s", body)
		}
		p.clock.Set(end)
		if body := p.page(pollPath); strings.Contains(body, `name="option"`) || !strings.Contains(body, "67% · 2 votes") || !strings.Contains(body, "Closed since") {
			t.Errorf("after its end the poll is\n%s", body)
		}
		status, body, _ := ana.send("/poll/"+id, url.Values{"option": {now.Options[0].ID}})
		if status != http.StatusConflict || !strings.Contains(body, "This poll is closed") || !strings.Contains(body, "67% · 2 votes") {
			t.Errorf("a late vote answers %d\n%s", status, body)
		}
	})
}

// TestPollGone asks for polls that readers may not have, on every address.
func TestPollGone(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	ana := p.insider("Ana")
	draft := p.draft(made(article.Poll, "city", "A canary-draft"))
	late := made(article.Poll, "city", "A canary-embargo")
	late.Embargo = p.clock.Now().Add(time.Hour)
	embargoed := p.publish(late, time.Hour)
	lent := made(article.Poll, "city", "Lent")
	lent.Expires = p.clock.Now().Add(-time.Minute)
	expired := p.publish(lent, time.Hour)
	other := p.publish(story("city", "No poll"), time.Hour)
	for _, id := range []string{draft, embargoed, expired, other} {
		p.options(id, time.Time{}, "canary-one", "canary-two")
	}
	for name, id := range map[string]string{"a draft": draft, "an embargo": embargoed, "expired": expired, "no poll": other, "nothing": "x"} {
		now, err := p.Polls.Of(t.Context(), id)
		check(t, err)
		option := "x"
		if len(now.Options) > 0 {
			option = now.Options[0].ID
		}
		for _, path := range []string{"/poll/" + id, "/me/poll/" + id} {
			if status, body := ana.look(path); status != http.StatusNotFound || strings.Contains(body, bird) {
				t.Errorf("%s: %s answers %d\n%s", name, path, status, body)
			}
		}
		if status, body, _ := ana.send("/poll/"+id, url.Values{"option": {option}}); status != http.StatusNotFound || strings.Contains(body, bird) {
			t.Errorf("%s: a vote answers %d\n%s", name, status, body)
		}
	}
	for _, path := range []string{"/", "/category/city", "/feed", "/category/city/lent", "/category/city/no-poll"} {
		if body := p.page(path); strings.Contains(body, bird) {
			t.Errorf("%s shows %s", path, birds.FindString(body))
		}
	}
	if n := ana.id; n != "" {
		if choice, err := p.Polls.Choice(t.Context(), draft, n); err != nil || choice != "" {
			t.Errorf("a vote in a draft counts: %q, %v", choice, err)
		}
	}
}

// TestPollBan takes the votes of who is banned out of polls too, and counts them
// again.
func TestPollBan(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		id := p.puts("Stay", "Go")
		ana := p.insider("Ana")
		now, err := p.Polls.Of(t.Context(), id)
		check(t, err)
		ana.sends("/poll/"+id, url.Values{"option": {now.Options[0].ID}})
		rules := []comment.Rule{{Name: "Be kind", Text: "Be kind."}}
		check(t, p.Comments.SeedRules(t.Context(), rules))
		rules, err = p.Comments.Rules(t.Context())
		check(t, err)
		mod := p.joined("Mod")
		check(t, p.Comments.Jobs.Start(t.Context()))
		t.Cleanup(func() { check(t, p.Comments.Jobs.Stop(context.Background())) })
		seen := ""
		for _, step := range []struct {
			act  comment.Act
			want int
		}{{comment.ActBan, 0}, {comment.ActLift, 1}} {
			d, err := p.Comments.Sanction(t.Context(), comment.Sanction{
				Reader: ana.id, Act: step.act, Moderator: mod, Rule: rules[0].ID, Ground: comment.GroundRules, Reason: "Again.", Seen: seen,
			})
			check(t, err)
			seen = d.ID
			papertest.Eventually(t, func() bool {
				now, err := p.Polls.Of(t.Context(), id)
				return err == nil && now.Votes() == step.want
			})
			if step.act == comment.ActBan {
				if status, body, _ := ana.send("/poll/"+id, url.Values{"option": {now.Options[1].ID}}); status != http.StatusForbidden || !strings.Contains(body, "appeal") {
					t.Errorf("a banned voter: %d\n%s", status, body)
				}
			}
		}
	})
}

// formatday prints one of each format.
func formatday(t *testing.T, p *press) map[article.Format]string {
	t.Helper()
	picture := made(article.Picture, "city", "The weir at dusk")
	picture.Lead = article.Lead{Picture: p.picture(90, "The weir.", true), Caption: "The weir at dusk.", Alt: "A weir."}
	quote := made(article.Quote, "city", "Ola Moen on stone")
	quote.Body = richtext.FromHTML(`<p>He was asked on Monday.</p><blockquote><p>It will stand longer than I.</p><footer>Ola Moen, mason</footer></blockquote>`, "")
	question := made(article.Question, "city", "What do you hear at night?")
	p.publish(picture, 3*time.Hour)
	p.publish(quote, 2*time.Hour)
	asked := p.publish(question, 4*time.Hour)
	check(t, p.db.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into comment_setting (name, value) values ('first', '0') on conflict do nothing`)
		return err
	}))
	p.Comments.ForgetSettings()
	first := p.says(p.joined("Vera Lund"), asked, "", "The bell of the mill.")
	a, err := p.Articles.Known(t.Context(), asked)
	check(t, err)
	_, err = p.Comments.Vote(t.Context(), comment.Ballot{About: about(a), Comment: first.ID, Voter: p.joined("Nils Berg"), Way: comment.Up})
	check(t, err)
	p.clock.Add(time.Minute)
	p.says(p.joined("Tove Haug"), asked, "", "Nothing, since the weir.")
	id := p.puts("Stay, with a lock beside it", "Go")
	p.polled(id, 2, 1)
	return map[article.Format]string{
		article.Picture: "/category/city/the-weir-at-dusk", article.Quote: "/category/city/ola-moen-on-stone",
		article.Question: "/category/city/what-do-you-hear-at-night", article.Poll: pollPath,
	}
}

// TestFormatPages holds a page of each format, and the lists that they stand in,
// against golden files.
func TestFormatPages(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	for format, path := range formatday(t, p) {
		papertest.Golden(t, "format-"+string(format)+".html", plain(p.page(path)))
	}
	papertest.Golden(t, "format-front.html", plain(p.page("/")))
	papertest.Golden(t, "format-section.html", plain(p.page("/category/city")))
	papertest.Golden(t, "format-feed.xml", p.page("/feed"))
}

// TestFormatHTML has the Nu checker read each format.
func TestFormatHTML(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	pages := map[string]string{}
	for _, path := range formatday(t, p) {
		pages[path] = p.page(path)
	}
	pages["front"], pages["section"] = p.page("/"), p.page("/category/city")
	for _, m := range papertest.HTML(t, pages) {
		if m.Type == "error" {
			t.Error(fmt.Sprint(m))
		}
	}
}

// TestPollBudget weighs what a reader of a poll loads.
func TestPollBudget(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	js := 0
	for _, name := range []string{"share.js", "me.js", "thread.js", "poll.js"} {
		js += len(p.page(p.assets.Named(name).Path))
	}
	if js > maxJS {
		t.Errorf("%d bytes of JavaScript; at most %d", js, maxJS)
	}
}

// TestFormatLooks shows each format before it is published as it will look, on the
// page, in a feed and as a link.
func TestFormatLooks(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	formatday(t, p)
	rt := &page.Router{Cache: page.NewCache(1<<20, time.Now), Problem: func(*problem.Problem, string) (*page.Body, error) { return page.Text("", nil), nil }}
	check(t, rt.Start())
	for format, want := range map[article.Format]map[Look]string{
		article.Picture:  {LookPage: `class="sheet made-picture"`, LookFeed: "Image: Valley Wire/Ida Fjeld", LookCard: "/pictures/"},
		article.Quote:    {LookPage: `class="saying whole"`, LookFeed: "Ola Moen, mason", LookCard: "“It will stand longer than I.” — Ola Moen, mason"},
		article.Question: {LookPage: "<b>Question to readers</b>", LookFeed: "Answer it on our page.", LookCard: "What do you hear at night?"},
		article.Poll:     {LookPage: "Stay, with a lock beside it", LookFeed: "Vote on our page.", LookCard: "Shall the weir stay?"},
	} {
		var id string
		check(t, p.db.QueryRow(t.Context(), `select id from article where format = $1`, format).Scan(&id))
		a, err := p.Articles.Get(t.Context(), p.db, id)
		check(t, err)
		for look, want := range want {
			b, err := p.ShowDraft(t.Context(), a, look, "/pictures/")
			check(t, err)
			path := "/" + string(format) + "/" + string(look)
			rt.Personal("GET "+path, func(*page.Visit) (*page.Answer, error) { return page.Show(b), nil })
			w := httptest.NewRecorder()
			rt.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if html := w.Body.String(); !strings.Contains(html, want) {
				t.Errorf("%s as %s does not say %q\n%s", format, look, want, html)
			}
		}
	}
}
