package site

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// letterKit is a paper with a digest and a list of alerts.
func letterKit(t *testing.T) (p *press, lists []newsletter.List) {
	t.Helper()
	p = start(t, papertest.SQLite(t), nil)
	p.Letters.Sources = newsletter.Sources{
		Front: func(ctx context.Context) ([]string, error) { return nil, nil },
		Read:  func(context.Context, time.Time) ([]string, error) { return nil, nil },
		Best:  func(context.Context, time.Time) (string, error) { return "", nil },
	}
	check(t, p.Letters.Seed(t.Context(), []newsletter.List{
		{Slug: "daily", Kind: newsletter.Written, Name: "The <Daily>", Promise: "every morning & evening", Open: true, Public: true},
		{Slug: "alerts", Kind: newsletter.Alert, Name: "News alerts", Promise: "at once", Open: true},
	}))
	lists, err := p.Letters.Lists(t.Context())
	check(t, err)
	return p, lists
}

// anEdition is an edition of a list with one text.
func anEdition(l newsletter.List, subject, text string) newsletter.Content {
	return newsletter.Content{
		List:    l,
		Edition: newsletter.Edition{Subject: subject, Number: 1, Code: 77},
		Parts:   []newsletter.Shown{{Part: newsletter.Part{Block: newsletter.Block{Kind: newsletter.Words, Text: text}}}},
		Places:  newsletter.Places{Unsubscribe: "MARKone", Preferences: "MARKtwo", Click: "MARKthree"},
	}
}

// TestReg_R18 holds what templates may call against a list that is short, and sees that
// what staff writes is text and no template. Seen red with a function "env" in funcs.
func TestReg_R18(t *testing.T) {
	p, lists := letterKit(t)
	want := []string{"applink", "asset", "clock", "day", "loginpath", "longday", "machine", "moment", "n", "number", "outlook", "percent", "sameday", "shortday", "t", "time"}
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(p.funcs(p.lang))) {
		if !slices.Contains(want, name) {
			unknown = append(unknown, name)
		}
		for _, bad := range []string{"env", "file", "http", "exec", "reflect", "read", "glob", "include", "call", "html", "js", "url", "sprig", "index"} {
			if strings.Contains(strings.ToLower(name), bad) {
				t.Errorf("templates may call %s", name)
			}
		}
	}
	if len(unknown) > 0 {
		t.Errorf("templates may call %v besides what this list knows: look whether that is safe", unknown)
	}
	hostile := `{{env "HOME"}} {{.Paper}} {{template "letter" .}} <script>alert(1)</script> ${HOME}`
	html, text, err := p.Proofread(t.Context(), anEdition(lists[0], hostile, hostile))
	check(t, err)
	if !strings.Contains(text, `{{env "HOME"}} {{.Paper}}`) || strings.Contains(string(html), "<script") || !strings.Contains(string(html), "{{.Paper}}") {
		t.Errorf("what staff wrote became\n%s\n%s", html, text)
	}
}

// TestEditionFits holds an edition against what programs for mail can read: everything
// inside the letter, whole addresses, words for pictures, and not too long.
func TestEditionFits(t *testing.T) {
	p, lists := letterKit(t)
	c := anEdition(lists[0], "The wind", `<p>Good <em>morning</em>, with <a href="/category/city">a link</a> in it.</p><ul><li>One</li></ul>`)
	c.Edition.Preview = "and what it did to the quay"
	c.Edition.Begun = p.clock.Now()
	city := article.Section{Slug: "city", Name: "City", Address: "city"}
	card := func(headline, standfirst string) newsletter.Linked {
		return newsletter.Linked{Card: article.Card{ID: article.Slug(headline), Section: city, Slug: article.Slug(headline), Headline: headline, Standfirst: standfirst}, Link: "/to/25/1/MARKthree"}
	}
	part := func(kind newsletter.BlockKind, change func(*newsletter.Shown)) {
		s := newsletter.Shown{Part: newsletter.Part{Block: newsletter.Block{Kind: kind}}}
		change(&s)
		c.Parts = append(c.Parts, s)
	}
	part(newsletter.Front, func(s *newsletter.Shown) {
		s.Cards = []newsletter.Linked{card("Harbour opens <Monday>", "After nine years & a day."), card("The ferry stops", "")}
	})
	part(newsletter.Section, func(s *newsletter.Shown) { s.Cards = []newsletter.Linked{card("Benches are back", "Eleven of them.")} })
	part(newsletter.Best, func(s *newsletter.Shown) {
		s.Cards, s.Link = []newsletter.Linked{card("The ferry stops", "")}, "/to/25/9/MARKthree"
		s.Quoted = &newsletter.Quoted{Author: "Ana Ruiz", Text: "I walked.", Net: 12}
	})
	part(newsletter.Corrections, func(s *newsletter.Shown) {
		s.Corrected = []newsletter.Correction{{Linked: card("The wall", ""), Note: "It is six millimetres, not nine."}}
	})
	part(newsletter.Sponsor, func(s *newsletter.Shown) {
		s.By, s.Text, s.Link = "Odo Bakery", "<p>Bread at five.</p>", "/to/25/10/MARKthree"
	})
	c.Notices = []newsletter.Notice{{Kind: newsletter.WasWithdrawn, By: "AFP", Sent: p.clock.Now().Add(-24 * time.Hour)}}
	html, text, err := p.Proofread(t.Context(), c)
	check(t, err)
	for _, bad := range []string{"<link", "<script", "<form", "<iframe", "display:flex", "display:grid", "position:", "float:", "var(--", `href="/`, `src="/`} {
		if strings.Contains(string(html), bad) {
			t.Errorf("a letter has %s in it", bad)
		}
	}
	if len(html) > 100<<10 {
		t.Errorf("a letter of %d bytes is cut by Gmail", len(html))
	}
	papertest.Golden(t, "edition.html", html)
	papertest.Golden(t, "edition.txt", text)
}

// TestUnsubscribeList ends a subscription by one POST of a program for mail, which has no
// cookie and comes from elsewhere; a GET ends nothing.
func TestUnsubscribeList(t *testing.T) {
	p, lists := letterKit(t)
	check(t, p.Letters.Enrol(t.Context(), "ana@readers.example", "test", "words", "daily"))
	a := &reader.Actor{Reader: reader.Reader{Role: reader.Publisher}}
	found, _, err := p.Letters.Find(t.Context(), a, "ana", "", 1)
	check(t, err)
	path := "/unsubscribe/" + p.Letters.LeaveToken(lists[0].ID, found[0].ID)
	members := func() int {
		l, err := p.Letters.ListByID(t.Context(), lists[0].ID)
		check(t, err)
		return l.Members
	}
	g := p.guest()
	for range 2 {
		if res, body := g.send(http.MethodGet, path, nil); res.StatusCode != http.StatusOK || !strings.Contains(body, "Shall we stop") || members() != 1 {
			t.Fatalf("%d, %d members\n%s", res.StatusCode, members(), body)
		}
	}
	for range 2 {
		res, body := g.send(http.MethodPost, path, url.Values{"List-Unsubscribe": {"One-Click"}})
		if res.StatusCode != http.StatusOK || !strings.Contains(body, "does not come any more") || members() != 0 {
			t.Fatalf("%d, %d members\n%s", res.StatusCode, members(), body)
		}
	}
	if res, body := g.send(http.MethodGet, path, nil); !strings.Contains(body, "You do not get this") {
		t.Errorf("%d\n%s", res.StatusCode, body)
	}
}

// TestFollowLink leads on from a letter, whoever asks, and nowhere else.
func TestFollowLink(t *testing.T) {
	p, _ := letterKit(t)
	for _, path := range []string{"/to/abc/1/key", "/to/!/1/key", "/to/abc/-1/key", "/to/abc/x/key", "/to/zzzzzzzzzzzz/1/k"} {
		if res, _ := p.guest().send(http.MethodGet, path, nil); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

var (
	styled     = regexp.MustCompile(`style="([^"]*)"`)
	properties = regexp.MustCompile(`(?:^|;|\}\})\s*([a-z-]+):`)
	tabled     = regexp.MustCompile("`([a-z-]+)`")
)

// TestAlertHead gives an alert that is about no article its own words as a headline, and
// one that is about an article that article's alone.
//
// Seen red: a letter that began with its second sentence.
func TestAlertHead(t *testing.T) {
	p, lists := letterKit(t)
	p.publish(story("city", "The bridge is closed"), time.Hour)
	alerts := lists[slices.IndexFunc(lists, func(l newsletter.List) bool { return l.Slug == "alerts" })]
	c := anEdition(alerts, "Bridge & tunnel closed", "Drive by the coast.")
	for _, with := range []bool{false, true} {
		if with {
			all, _, err := p.Articles.Latest(t.Context(), article.Filter{Limit: 1})
			check(t, err)
			c.Parts = append(c.Parts, newsletter.Shown{Part: newsletter.Part{Block: newsletter.Block{Kind: newsletter.Stories}}, Cards: []newsletter.Linked{{Card: all[0], Link: all[0].Path()}}})
		}
		html, text, err := p.Proofread(t.Context(), c)
		check(t, err)
		if got := strings.Contains(string(html), ">Bridge &amp; tunnel closed</h1>"); got == with {
			t.Errorf("with an article: %t; the letter\n%s", with, html)
		}
		if got := strings.Contains(text, "Bridge & tunnel closed\n-----"); got == with {
			t.Errorf("with an article: %t; the text\n%s", with, text)
		}
	}
}

// TestLetterProperties holds that letters have no property of which docs/newsletters.md
// does not say what programs for mail make of it. Seen red with "float" in mailStyle.
func TestLetterProperties(t *testing.T) {
	doc, err := os.ReadFile("../../docs/newsletters.md")
	check(t, err)
	known := map[string]bool{"mso-hide": true}
	for line := range strings.Lines(string(doc)) {
		if cells := strings.SplitN(line, "|", 3); len(cells) == 3 {
			for _, m := range tabled.FindAllStringSubmatch(cells[1], -1) {
				known[m[1]] = true
			}
		}
	}
	used := map[string]bool{}
	for _, name := range []string{"letter.html", "newsletter.html"} {
		source, err := os.ReadFile(name)
		check(t, err)
		for _, m := range styled.FindAllStringSubmatch(string(source), -1) {
			for _, p := range properties.FindAllStringSubmatch(m[1], -1) {
				used[p[1]] = true
			}
		}
	}
	for _, element := range []string{"p", "h2", "ul", "ol", "li", "blockquote", "quote", "quote-text", "attribution", "caption", "table", "th", "td", "pre", "a"} {
		for _, p := range properties.FindAllStringSubmatch(mailStyle(element), -1) {
			used[p[1]] = true
		}
	}
	if len(used) < 15 {
		t.Fatalf("only %d properties were found", len(used))
	}
	for name := range used {
		if !known[name] {
			t.Errorf("letters have %s, and docs/newsletters.md says nothing of it", name)
		}
	}
}
