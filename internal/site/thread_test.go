package site

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// joined adds a reader who does not log in.
func (p *press) joined(name string) (id string) {
	p.t.Helper()
	id, err := p.Readers.Add(p.t.Context(), reader.New{
		Email: strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@members.example", Name: name, Role: reader.Member,
	})
	check(p.t, err)
	return id
}

// says posts a comment that everybody can read.
func (p *press) says(author, article, parent, body string) comment.Comment {
	p.t.Helper()
	a, err := p.Articles.Known(p.t.Context(), article)
	check(p.t, err)
	c, err := p.Comments.Post(p.t.Context(), comment.New{About: about(a), Author: author, Parent: parent, Body: body, Vetted: true})
	check(p.t, err)
	if c.State != comment.Visible {
		p.t.Fatalf("%q is %s", body, c.State)
	}
	p.tx(func(*db.Tx) error { return nil }) // tells the site of the facts
	return c
}

// argue fills the thread of the day's lead.
func (p *press) argue(article string) {
	p.t.Helper()
	ida, jon, mei := p.joined("Ida Holm"), p.joined("Jon Bell"), p.joined("Mei Sund")
	first := p.says(ida, article, "", "The old bridge carried carts for 150 years.\n\n> It will stand longer than I.\n\nSo will the invoice: https://mill.example/invoice?year=2025&part=2.")
	answer := p.says(jon, article, first.ID, "It carried two carts a day.\nNot two hundred.")
	p.says(mei, article, answer.ID, "Three, on market days.")
	gone := p.says(jon, article, "", "A word that is taken back.")
	check(p.t, p.Comments.Delete(p.t.Context(), jon, gone.ID))
	a, err := p.Articles.Known(p.t.Context(), article)
	check(p.t, err)
	for voter, way := range map[string]comment.Way{jon: comment.Up, mei: comment.Down} {
		_, err := p.Comments.Vote(p.t.Context(), comment.Ballot{About: about(a), Comment: first.ID, Voter: voter, Way: way})
		check(p.t, err)
	}
	p.tx(func(*db.Tx) error { return nil })
}

// TestThreadPages reads a long thread as a reader would: every page by its
// links, each comment once, and every permanent address at its place.
func TestThreadPages(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		id := p.publish(story("city", "A long thread"), time.Hour)
		ana, bo := p.joined("Ana"), p.joined("Boris")
		var tops, replies []comment.Comment
		for i := range 120 {
			tops = append(tops, p.says(ana, id, "", fmt.Sprintf("Top comment number %d", i)))
		}
		for i := range 12 {
			replies = append(replies, p.says(bo, id, tops[3].ID, fmt.Sprintf("Reply number %d", i)))
		}
		path := "/category/city/a-long-thread"
		anchor := regexp.MustCompile(`<article class="remark" id="comment-(\w+)"`)
		next := regexp.MustCompile(`rel="next" href="([^"#]+)#comments"`)
		for _, order := range []string{"", "?comment-order=oldest", "?comment-order=popular"} {
			seen := map[string]int{}
			pages := 0
			for at := path + order; at != ""; pages++ {
				body := p.page(at)
				for _, m := range anchor.FindAllStringSubmatch(body, -1) {
					seen[m[1]]++
				}
				at = ""
				if m := next.FindStringSubmatch(body); m != nil {
					at = strings.ReplaceAll(m[1], "&amp;", "&")
				}
			}
			if pages != 3 || len(seen) != 120+comment.Unfolded {
				t.Errorf("%q has %d pages with %d comments", order, pages, len(seen))
			}
			for c, n := range seen {
				if n != 1 {
					t.Errorf("%q shows %s %d times", order, c, n)
				}
			}
		}
		for _, c := range append(tops, replies...) {
			res := p.do(httptest.NewRequest(http.MethodGet, "https://post.example/comment/"+c.ID, nil))
			to, err := url.Parse(res.Header.Get("Location"))
			check(t, err)
			if res.StatusCode != http.StatusFound || to.Fragment != "comment-"+c.ID {
				t.Fatalf("%s leads to %d %s", c.ID, res.StatusCode, to)
			}
			to.Fragment = ""
			if !strings.Contains(p.page(to.String()), `id="comment-`+c.ID+`"`) {
				t.Errorf("%q is not at %s", c.Body, to)
			}
		}
		if body := p.page(path + "?comment-order=oldest"); !strings.Contains(body, `?branch=`+tops[3].ID+`#comments">9 more replies</a>`) {
			t.Error("the rest of a branch is not led to")
		}
		if body := p.page(path); !strings.Contains(body, ">132 Comments<") {
			t.Error("the count is wrong")
		}
		for _, lie := range []string{"?after=-1", "?after=x", "?comment-order=popular&after=1", "?branch=nope", "?branch=" + replies[0].ID, "?after=99999999999"} {
			if status, _ := p.get(path + lie); status != http.StatusNotFound {
				t.Errorf("%s answers %d", lie, status)
			}
		}
	})
}

// TestReg_R39 plants words in comments that readers must not have, and looks for
// them in everything they can reach. Seen red with public that lets the body
// of what is not visible through.
func TestReg_R39(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		n := story("city", "Much is said")
		id := p.publish(n, time.Hour)
		hidden := p.publish(story("world", "Soon gone"), time.Hour)
		ana, mod := p.joined("Ana"), p.joined("Mod")
		open := p.says(ana, id, "", "This can be read.")
		a, err := p.Articles.Known(t.Context(), id)
		check(t, err)
		held, err := p.Comments.Post(t.Context(), comment.New{About: about(a), Author: p.joined("New"), Body: "A canary-held."})
		check(t, err)
		if held.State != comment.Held {
			t.Fatalf("a first comment is %s", held.State)
		}
		reply, err := p.Comments.Post(t.Context(), comment.New{About: about(a), Author: p.joined("Newer"), Parent: open.ID, Body: "A canary-held-reply."})
		check(t, err)
		deleted := p.says(ana, id, "", "A canary-deleted.")
		check(t, p.Comments.Delete(t.Context(), ana, deleted.ID))
		changed := p.says(ana, id, "", "A canary-before.")
		_, err = p.Comments.Edit(t.Context(), changed.ID, comment.New{About: about(a), Author: ana, Body: "Something else."})
		check(t, err)
		rules := []comment.Rule{{Name: "Be kind", Text: "Be kind."}}
		check(t, p.Comments.SeedRules(t.Context(), rules))
		rules, err = p.Comments.Rules(t.Context())
		check(t, err)
		removed := p.says(ana, id, "", "A canary-removed.")
		_, err = p.Comments.Judge(t.Context(), comment.Judgement{
			Comment: removed.ID, Version: removed.Version, Act: comment.ActRemove, Moderator: mod, Rule: rules[0].ID, Ground: comment.GroundRules, Reason: "A canary-reason.",
		})
		check(t, err)
		p.says(ana, hidden, "", "A canary-on-what-is-gone.")
		p.tx(func(tx *db.Tx) error {
			return p.Articles.Withdraw(t.Context(), tx, hidden, article.Withdrawal{By: "Valley Wire"})
		})
		reported := p.insider("Carla")
		if status, body, _ := reported.send("/comment/"+open.ID+"/report", url.Values{"reason": {"other"}, "text": {"A canary-report."}}); status != http.StatusOK {
			t.Fatalf("reporting answers %d\n%s", status, body)
		}
		p.tx(func(*db.Tx) error { return nil })

		paths := []string{
			"/", "/category/city", "/category/city/much-is-said", "/category/city/much-is-said?comment-order=oldest", "/category/city/much-is-said?comment-order=popular",
			"/category/city/much-is-said?branch=" + open.ID, "/scores/" + id, "/scores/" + hidden, "/feed", "/feed.json", "/category/city/feed", "/sitemap.xml",
			"/sitemap/2025-11.xml", "/moderation", "/rules", "/member/ana", "/member/new", "/category/world/soon-gone", "/a/" + hidden,
		}
		for _, c := range []comment.Comment{open, held, reply, deleted, changed, removed} {
			paths = append(paths, "/comment/"+c.ID, "/comment/"+c.ID+"/report", "/category/city/much-is-said?branch="+c.ID)
		}
		for _, path := range paths {
			res := p.do(httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil))
			_, body := p.get(path)
			if found := birds.FindString(body + fmt.Sprint(res.Header)); found != "" {
				t.Errorf("%s shows %s", path, found)
			}
		}
		for _, path := range []string{"/thread/" + id, "/comment/" + held.ID + "/edit", "/comment/" + removed.ID + "/edit", "/comment/" + open.ID + "/delete", "/me/thread/" + id, "/account/notices", "/account/decisions"} {
			if _, body := reported.look(path); birds.FindString(body) != "" {
				t.Errorf("%s shows %s to another reader", path, birds.FindString(body))
			}
		}
		for _, c := range []comment.Comment{held, reply} {
			if status, _ := p.get("/comment/" + c.ID); status != http.StatusNotFound {
				t.Errorf("a held comment's address answers %d", status)
			}
		}
		if body := p.page("/category/city/much-is-said"); !strings.Contains(body, ">2 Comments<") || !strings.Contains(body, "A moderator has removed") {
			t.Errorf("the thread is\n%s", body)
		}
	})
}

// letters returns the letters in the outbox.
func (p *press) letters() (all []string) {
	p.t.Helper()
	files, err := filepath.Glob(filepath.Join(p.Mail.Outbox, "*.eml"))
	check(p.t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		check(p.t, err)
		all = append(all, string(b))
	}
	return all
}

// TestNotices tells a reader of an answer as the reader wants it: at once, once
// a day, not at all; and one click ends it.
func TestNotices(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		id := p.publish(story("city", "The weir"), time.Hour)
		ana := p.insider("Ana")
		bo := p.joined("Boris")
		c := p.says(ana.id, id, "", "A question.")
		notice := func(body string) string {
			t.Helper()
			p.says(bo, id, c.ID, body)
			list, _, err := p.Comments.Notices(t.Context(), ana.id, "", 1)
			check(t, err)
			check(t, p.SendNotice(t.Context(), list[0].ID))
			check(t, p.SendNotice(t.Context(), list[0].ID)) // a job may run twice
			return list[0].ID
		}
		notice("An answer.")
		sent := p.letters()
		if len(sent) != 1 || !strings.Contains(sent[0], "To: <ana@readers.example>") || !strings.Contains(sent[0], "Boris has answered your comment") ||
			!strings.Contains(sent[0], "List-Unsubscribe-Post: List-Unsubscribe=One-Click") {
			t.Fatalf("the letters are %d\n%s", len(sent), sent)
		}
		if _, body := ana.look("/account"); !strings.Contains(body, "1 new") {
			t.Error("the account does not tell of it")
		}
		if _, body := ana.look("/account/notices"); !strings.Contains(body, "Boris has answered your comment on “The weir”.") || !strings.Contains(body, "<em>new</em>") {
			t.Errorf("the notices are\n%s", body)
		}
		if _, body := ana.look("/account/notices"); strings.Contains(body, "<em>new</em>") {
			t.Error("what was seen is still new")
		}

		ana.sends("/account/profile/settings", url.Values{"letters": {"daily"}})
		notice("A second answer.")
		notice("A third answer.")
		if n := len(p.letters()); n != 1 {
			t.Errorf("%d letters before the day is over", n)
		}
		check(t, p.SendDaily(t.Context(), comment.Daily{Reader: ana.id}))
		check(t, p.SendDaily(t.Context(), comment.Daily{Reader: ana.id}))
		sent = p.letters()
		if len(sent) != 2 || strings.Count(sent[1], "Boris has answered") != 4 { // twice as text, twice as HTML
			t.Errorf("the day's letter is %d\n%s", len(sent), sent[len(sent)-1])
		}

		// Opening the link ends nothing; a POST without a cookie does.
		link := regexp.MustCompile(`https://post.example(/unsubscribe/[\w-]+)`).FindStringSubmatch(strings.ReplaceAll(sent[1], "=\r\n", ""))
		if link == nil {
			t.Fatalf("no way out in\n%s", sent[1])
		}
		if body := p.page(link[1]); !strings.Contains(body, "No more letters") {
			t.Errorf("the link shows\n%s", body)
		}
		if r, err := p.Readers.ByID(t.Context(), ana.id); err != nil || r.Letters != reader.LettersDaily {
			t.Errorf("opening the link made it %q", r.Letters)
		}
		for range 2 {
			r := httptest.NewRequest(http.MethodPost, "https://post.example"+link[1], strings.NewReader("List-Unsubscribe=One-Click"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if res := p.do(r); res.StatusCode != http.StatusOK {
				t.Errorf("one click answers %d", res.StatusCode)
			}
		}
		notice("A fourth answer.")
		check(t, p.SendDaily(t.Context(), comment.Daily{Reader: ana.id}))
		if n := len(p.letters()); n != 2 {
			t.Errorf("%d letters after the end", n)
		}
		for _, lie := range []string{link[1] + "A", link[1][:len(link[1])-1], "/unsubscribe/x"} {
			r := httptest.NewRequest(http.MethodPost, "https://post.example"+lie, nil)
			if res := p.do(r); res.StatusCode != http.StatusNotFound {
				t.Errorf("%s answers %d", lie, res.StatusCode)
			}
		}

		// Whoever is muted is not heard.
		ana.sends("/account/profile/settings", url.Values{"letters": {"now"}})
		ana.sends("/member/boris/mute", url.Values{"mute": {"on"}})
		p.says(bo, id, c.ID, "A fifth answer.")
		if n, err := p.Comments.Unread(t.Context(), ana.id); err != nil || n != 3 { // the second to the fourth
			t.Errorf("%d unread, %v", n, err)
		}
		if _, body := ana.look("/thread/" + id); strings.Contains(body, "A fifth answer") || !strings.Contains(body, "You have muted this member") {
			t.Errorf("a muted member is heard\n%s", body)
		}
		if _, body := ana.look("/account/muted"); !strings.Contains(body, "/member/boris/mute") {
			t.Errorf("the muted are\n%s", body)
		}
	})
}

// TestScores holds F19 at the site: votes purge nothing, and the small resource
// tells them within a second.
func TestScores(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		id := p.publish(story("city", "The weir"), time.Hour)
		c := p.says(p.joined("Ana"), id, "", "A thing to vote on.")
		a, err := p.Articles.Known(t.Context(), id)
		check(t, err)
		p.page("/category/city/the-weir")
		p.page("/scores/" + id)
		before := p.Cache.Stats().Purges
		for i := range 50 {
			_, err := p.Comments.Vote(t.Context(), comment.Ballot{About: about(a), Comment: c.ID, Voter: p.joined(fmt.Sprint("Voter ", i)), Way: comment.Up})
			check(t, err)
		}
		p.Cache.Age(comment.Tag(id))
		p.clock.Add(2 * time.Second)
		var said scores
		check(t, json.Unmarshal([]byte(p.page("/scores/"+id)), &said))
		if said.Scores[c.ID] != "50 ( +50 / -0 )" || said.Comments != 1 {
			t.Errorf("the scores are %+v", said)
		}
		if purges := p.Cache.Stats().Purges - before; purges != 0 {
			t.Errorf("50 votes purged %d times", purges)
		}
	})
}

// TestTextIsKept is about what was typed where it cannot be taken any more: it
// comes back, to be sent as an answer or to be copied.
func TestTextIsKept(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	id := p.publish(story("city", "The weir"), time.Hour)
	ana := p.insider("Ana")
	c := p.says(ana.id, id, "", "Said before.")
	const typed = "A long thought that took an evening."
	p.clock.Add(comment.EditTime + time.Minute)
	for _, do := range []string{"post", "preview"} {
		status, body, _ := ana.send("/comment/"+c.ID+"/edit", url.Values{"body": {typed}, "do": {do}})
		if status != http.StatusConflict || !strings.Contains(body, typed) || !strings.Contains(body, `name="to" value="`+c.ID) || !strings.Contains(body, "10 minutes") {
			t.Errorf("%s of a change that comes too late answers %d\n%s", do, status, body)
		}
	}
	_, err := p.Comments.SetThread(t.Context(), comment.ThreadChange{Article: id, Set: comment.Setting{State: comment.Closed}, Moderator: p.joined("Mod")})
	check(t, err)
	for _, path := range []string{"/thread/" + id, "/comment/" + c.ID + "/edit"} {
		status, body, _ := ana.send(path, url.Values{"body": {typed}})
		if status != http.StatusConflict || !strings.Contains(body, typed+"</textarea>") || !strings.Contains(body, "readonly") {
			t.Errorf("%s of a closed thread answers %d\n%s", path, status, body)
		}
	}
}

// TestSwitches is about what a thread is where somebody has switched it.
func TestSwitches(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		obituary := story("city", "Somebody has died")
		obituary.Kind = article.Obituary
		p.publish(obituary, time.Hour)
		if body := p.page("/category/city/somebody-has-died"); strings.Contains(body, "Comments") {
			t.Error("an obituary has a thread")
		}
		id := p.publish(story("city", "The weir"), time.Hour)
		ana := p.insider("Ana")
		c, mod := p.says(p.joined("Boris"), id, "", "Said before."), p.joined("Mod")
		for _, test := range []struct {
			state comment.Switch
			want  string
			post  int
			vote  int
		}{
			{comment.Closed, "This thread is closed", http.StatusConflict, http.StatusConflict},
			{comment.Off, "", http.StatusConflict, http.StatusConflict},
			{comment.OnHold, "Login to leave a comment", http.StatusSeeOther, http.StatusSeeOther},
		} {
			now, err := p.Comments.ThreadSetting(t.Context(), id)
			check(t, err)
			_, err = p.Comments.SetThread(t.Context(), comment.ThreadChange{Article: id, Set: comment.Setting{State: test.state}, Seen: now, Moderator: mod})
			check(t, err)
			p.tx(func(*db.Tx) error { return nil })
			body := p.page("/category/city/the-weir")
			if !strings.Contains(body, test.want) || strings.Contains(body, "Said before") == (test.state == comment.Off) {
				t.Errorf("%s: the page is\n%s", test.state, body)
			}
			if status, _, _ := ana.send("/thread/"+id, url.Values{"body": {"And " + string(test.state)}}); status != test.post && status != http.StatusNotFound {
				t.Errorf("%s: posting answers %d", test.state, status)
			}
			// Where there is no thread, nothing of it is left elsewhere.
			_, gone := p.get("/comment/" + c.ID)
			for where, body := range map[string]string{"the permanent address": gone, "the profile": p.page("/member/boris"), "a card": p.page("/"), "a feed": p.page("/feed")} {
				if test.state == comment.Off && (strings.Contains(body, "Said before") || strings.Contains(body, "1 Comment") || strings.Contains(body, "<slash:comments>1")) {
					t.Errorf("%s: %s still tells of it\n%s", test.state, where, body)
				}
			}
			if status, _ := p.get("/comment/" + c.ID); (status == http.StatusNotFound) != (test.state == comment.Off) {
				t.Errorf("%s: the permanent address answers %d", test.state, status)
			}
			if status, _, _ := ana.send("/comment/"+c.ID+"/vote", url.Values{"way": {"up"}}); status != test.vote {
				t.Errorf("%s: voting answers %d", test.state, status)
			}
		}
	})
}
