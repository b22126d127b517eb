package site

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/jba/templatecheck"

	"kawaraban/internal/article"
	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
	"kawaraban/internal/richtext"
)

// TestTemplates holds each template against the struct that it shows.
func TestTemplates(t *testing.T) {
	v := start(t, papertest.SQLite(t), nil).views
	for _, test := range []struct {
		name string
		err  error
	}{
		{"front.html", templatecheck.CheckHTML(v.front.HTML(), frontPage{})},
		{"section.html", templatecheck.CheckHTML(v.section.HTML(), sectionPage{})},
		{"lists.html", templatecheck.CheckHTML(v.lists.HTML(), listsPage{})},
		{"archive.html", templatecheck.CheckHTML(v.archive.HTML(), archivePage{})},
		{"edition.html", templatecheck.CheckHTML(v.edition.HTML(), editionPage{})},
		{"asked.html", templatecheck.CheckHTML(v.asked.HTML(), askedPage{})},
		{"draft.html", templatecheck.CheckHTML(v.draft.HTML(), draftPage{})},
		{"article.html", templatecheck.CheckHTML(v.article.HTML(), articlePage{})},
		{"gone.html", templatecheck.CheckHTML(v.gone.HTML(), gonePage{})},
		{"problem.html", templatecheck.CheckHTML(v.problem.HTML(), problemPage{})},
		{"member.html", templatecheck.CheckHTML(v.member.HTML(), memberPage{})},
		{"moderation.html", templatecheck.CheckHTML(v.moderation.HTML(), moderationPage{})},
		{"rules.html", templatecheck.CheckHTML(v.rules.HTML(), rulesPage{})},
		{"news.html", templatecheck.CheckHTML(v.news.HTML(), newsPage{})},
		{"figure.html", templatecheck.CheckHTML(v.figure.HTML(), figure{})},
		{"feedfigure.html", templatecheck.CheckHTML(v.feedFigure.HTML(), feedFigure{})},
	} {
		if test.err != nil {
			t.Errorf("%s: %v", test.name, test.err)
		}
	}
}

// TestWords is about the catalogues of all faces: each key that is used is in
// every language, and none is unused. A key with spaces is a sentence of a
// Problem, which only languages other than its own need.
func TestWords(t *testing.T) {
	comment := regexp.MustCompile(`(?m)^\s*//.*$`)
	called := regexp.MustCompile(`(?:\bt|\bn|\.Say|\.Count)\(?[ (]?"([a-z][a-z.]*)"`)
	var sources strings.Builder
	used := map[string]bool{}
	for _, root := range []string{"..", filepath.Join("..", "..", "cmd")} {
		check(t, filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".html") {
				return err
			}
			b, err := os.ReadFile(path)
			b = comment.ReplaceAll(b, nil)
			sources.Write(b)
			for _, m := range called.FindAllSubmatch(b, -1) {
				used[string(m[1])] = true
			}
			return err
		}))
	}
	if len(used) < 20 {
		t.Fatalf("only %d keys were found in the sources", len(used))
	}
	catalogues := map[string]map[string]bool{}
	for _, name := range page.Languages() {
		l, err := page.NewLanguage(name, time.UTC)
		check(t, err)
		catalogues[name] = map[string]bool{}
		for _, key := range l.Keys() {
			catalogues[name][key] = true
			if !strings.HasPrefix(key, "letter.") && !strings.Contains(sources.String(), `"`+key+`"`) { // TestLetters knows those
				t.Errorf("%s: %q is in the catalogue and nowhere else", name, key)
			}
		}
		for key := range used {
			if !catalogues[name][key] {
				t.Errorf("%s: there is no %q", name, key)
			}
		}
	}
	for name, keys := range catalogues {
		for key := range keys {
			if !catalogues["en"][key] && !strings.Contains(key, " ") {
				t.Errorf("%s has %q, en has not", name, key)
			}
			if !catalogues["ja"][key] {
				t.Errorf("%s has %q, ja has not", name, key)
			}
		}
	}
}

// TestJapanese prints the paper in its other language.
func TestJapanese(t *testing.T) {
	p := start(t, papertest.SQLite(t), func(p *Paper) { p.Language = "ja" })
	n := story("city", "橋の架け替えを可決")
	n.Language, n.Slug, n.Bylines = "ja", "bridge", []string{"佐藤芽衣", "青木順"}
	p.publish(n, time.Hour)
	english := story("city", "In English")
	p.publish(english, 2*time.Hour)
	body := p.page("/category/city/bridge")
	for _, want := range []string{`<html lang="ja">`, "2025年11月3日（月）", "佐藤芽衣、青木順", "2025年11月3日 17:00 JST", `lang="en">In English`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %s\n%s", want, body)
		}
	}
	_, body = p.get("/category/nothing")
	if !strings.Contains(body, "この新聞にその面はありません。") {
		t.Errorf("a problem is told in another language\n%s", body)
	}
}

const (
	maxCSS  = 30 << 10 // before compression
	maxJS   = 15 << 10
	maxPage = 30 << 10 // a long article with its style, compressed
)

// TestBudget weighs what a reader loads.
func TestBudget(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	long := story("city", "A long story")
	var paragraphs []string
	for i := range 60 {
		words := strings.Fields("the council of the valley has heard engineers and masons speak about stone water frost money and time before it rose to vote again")
		for j := range words {
			words[j] = words[(j*(i+3)+i)%len(words)]
		}
		paragraphs = append(paragraphs, strings.Repeat(strings.Join(words, " ")+". ", 4))
	}
	long.Body = text(paragraphs...)
	p.publish(long, time.Hour)
	html := p.page("/category/city/a-long-story")
	css := p.page(p.assets.Named("paper.css").Path) + p.page(p.assets.Named("thread.css").Path) + p.page(p.assets.Named("livereport.css").Path) + p.page(p.assets.Named("promo.css").Path)
	js := p.page(p.assets.Named("share.js").Path) + p.page(p.assets.Named("me.js").Path) + p.page(p.assets.Named("thread.js").Path) + p.page(p.assets.Named("livereport.js").Path) + p.page(p.assets.Named("promo.js").Path)
	t.Logf("%d of CSS, %d of JavaScript", len(css), len(js))
	if len(css) > maxCSS || len(js) > maxJS {
		t.Errorf("%d bytes of CSS and %d of JavaScript; at most %d and %d", len(css), len(js), maxCSS, maxJS)
	}
	if n := packed(t, html) + packed(t, css); n > maxPage {
		t.Errorf("a long article with its style takes %d bytes; at most %d", n, maxPage)
	}
}

func packed(t *testing.T, s string) int {
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, 5)
	_, err := w.Write([]byte(s))
	check(t, err)
	check(t, w.Close())
	return b.Len()
}

// FuzzArticle writes pages of any text: none may fail, and none may hold more
// scripts than our two.
func FuzzArticle(f *testing.F) {
	f.Add("A headline", "A standfirst", "A paragraph.")
	f.Add("</script><script>", "<!--", "]]>\u2028\x00")
	s := &Site{Paper: Paper{Name: "Post", Language: "en", BaseURL: "https://post.example"}, Cache: page.NewCache(1<<20, time.Now), Now: time.Now}
	if _, err := s.Handler(); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, headline, standfirst, body string) {
		r := article.Reading{Card: article.Card{Headline: headline, Standfirst: standfirst, Section: testSections[0]}, Body: richtext.FromText(body)}
		p := articlePage{chrome: chrome{Paper: &s.Paper, Title: headline, Data: s.articleData(&r, standfirst, nil, nil), Share: s.articleShare(&r, nil)}}
		p.card.Card = r.Card
		p.Opening, p.Body = player{s: s}.body(r.Body)
		html, err := s.views.article.Fragment(p)
		check(t, err)
		if n := strings.Count(strings.ToLower(string(html)), "<script"); n != 3 {
			t.Errorf("%d scripts", n)
		}
	})
}
