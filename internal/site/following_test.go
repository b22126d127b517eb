package site

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/follow"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// TestFollowLetters writes what followers are told: to those who may be written to,
// with a way out, and of nothing that readers may not have.
func TestFollowLetters(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		ana, bo := p.member("ana", reader.Member), p.member("bo", reader.Member)
		id := p.publish(story("city", "The bridge"), time.Hour)
		for _, who := range []string{ana, bo} {
			for _, w := range []follow.What{{Kind: follow.Section, Key: "city"}, {Kind: follow.Author, Key: "Ida Fjeld"}, {Kind: follow.Thread, Key: id}} {
				check(t, p.Follows.Add(t.Context(), who, w, follow.Mail))
			}
		}
		r, err := p.Readers.ByID(t.Context(), bo)
		check(t, err)
		_, err = p.Letters.Suppress(t.Context(), nil, "asked by mail", r.Email)
		check(t, err)
		send := func(l follow.Letter) []string {
			t.Helper()
			before := len(p.letters())
			check(t, p.SendFollowed(t.Context(), l))
			return p.letters()[before:]
		}
		got := send(follow.Letter{Reader: ana, Article: id, What: "appeared", Way: follow.Mail})
		if len(got) != 1 {
			t.Fatalf("%d letters were sent", len(got))
		}
		for _, want := range []string{"Subject: The bridge", "List-Unsubscribe:", "<https://post.example/unsubscribe/", "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "City", "Ida Fjeld"} {
			if !strings.Contains(got[0], want) {
				t.Errorf("the letter misses %q:\n%s", want, got[0])
			}
		}
		if got := send(follow.Letter{Reader: bo, Article: id, What: "appeared", Way: follow.Mail}); len(got) != 0 {
			t.Errorf("an address on the list of suppressions gets %q", got)
		}
		if got := send(follow.Letter{Reader: ana, Article: id, What: fmt.Sprint("hour:", p.clock.Now().Unix()), Way: follow.Mail, Comments: 3}); len(got) != 1 || !strings.Contains(got[0], "Subject: 3 new comments: The bridge") {
			t.Errorf("of a thread: %q", got)
		}
		p.tx(func(tx *db.Tx) error {
			return p.Articles.Withdraw(t.Context(), tx, id, article.Withdrawal{By: "the editors", Why: "It was wrong.", At: p.clock.Now()})
		})
		for _, what := range []string{"appeared", "hour:0", "version:9"} {
			if got := send(follow.Letter{Reader: ana, Article: id, What: what, Way: follow.Mail, Comments: 1}); len(got) != 0 {
				t.Errorf("of what was withdrawn (%s): %q", what, got)
			}
		}
	})
}

// TestFollowFeeds has only what readers may have, and names that need care in addresses.
func TestFollowFeeds(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	n := story("city", "The bridge")
	n.Bylines, n.Topics = []string{`Ida "Fjeld" & Søn/Co`}, []string{"bridges & <ferries>"}
	id := p.publish(n, time.Hour)
	p.publish(story("city", "The weir"), time.Minute)
	hidden := story("city", "Nobody has this")
	hidden.Topics = n.Topics
	p.draft(hidden)
	for _, path := range []string{nameFeed(follow.Author, n.Bylines[0]), nameFeed(follow.Topic, n.Topics[0])} {
		status, body := p.get(path)
		if status != 200 || !strings.Contains(body, "The bridge") || strings.Contains(body, "The weir") || strings.Contains(body, "Nobody has this") {
			t.Errorf("%s: %d\n%s", path, status, body)
		}
	}
	if status, _ := p.get("/feed/topic?" + url.Values{"name": {"x"}}.Encode()); status != 404 {
		t.Errorf("a topic that nothing is about: %d", status)
	}
	p.clock.Add(time.Minute)
	p.tx(func(tx *db.Tx) error {
		return p.Articles.Revise(t.Context(), tx, id, n.Content, article.Revision{Reason: article.Correction, Note: "It is a weir."})
	})
	if status, body := p.get("/feed/story/" + id); status != 200 || !strings.Contains(body, "Correction: The bridge") || !strings.Contains(body, "It is a weir.") {
		t.Errorf("the feed of a story: %d\n%s", status, body)
	}
}
