package site

import (
	"context"
	"encoding/xml"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

const sitemapSpace = "http://www.sitemaps.org/schemas/sitemap/0.9"

// sitemapIndex lists the sitemaps (sitemaps.org 0.9): one of the sections, and
// one for each month of articles.
type sitemapIndex struct {
	XMLName xml.Name     `xml:"sitemapindex"`
	Space   string       `xml:"xmlns,attr"`
	Maps    []sitemapURL `xml:"sitemap"`
}

type sitemap struct {
	XMLName xml.Name     `xml:"urlset"`
	Space   string       `xml:"xmlns,attr"`
	News    string       `xml:"xmlns:news,attr,omitempty"`
	URLs    []sitemapURL `xml:"url"`
}

type sitemapURL struct {
	Loc     string       `xml:"loc"`
	Changed string       `xml:"lastmod,omitempty"`
	News    *sitemapNews `xml:"news:news"`
}

// sitemapNews is a story for news search (Google's news sitemap 0.9).
type sitemapNews struct {
	Name     string `xml:"news:publication>news:name"`
	Language string `xml:"news:publication>news:language"`
	Date     string `xml:"news:publication_date"` // the original one, also of what was updated since
	Title    string `xml:"news:title"`
}

const (
	sectionsFile = "sections.xml"
	monthFile    = "2006-01.xml"
)

func (s *Site) showSitemapIndex(ctx context.Context, _ page.Query) (*page.Body, error) {
	first, last, err := s.Articles.Span(ctx)
	if err != nil {
		return nil, err
	}
	index := sitemapIndex{Space: sitemapSpace, Maps: []sitemapURL{{Loc: s.Paper.URL("/sitemap/" + sectionsFile)}}}
	if !first.IsZero() {
		for m := monthOf(first); !m.After(last); m = m.AddDate(0, 1, 0) {
			index.Maps = append(index.Maps, sitemapURL{Loc: s.Paper.URL("/sitemap/" + m.Format(monthFile))})
		}
	}
	return page.Rendered("application/xml", writeXML(index)).Tagged(article.ListTag), nil
}

func (s *Site) showSitemap(ctx context.Context, q page.Query) (*page.Body, error) {
	file := q.Path("file")
	m := sitemap{Space: sitemapSpace}
	if file == sectionsFile {
		m.URLs = []sitemapURL{{Loc: s.Paper.URL("/")}}
		for _, sec := range s.Paper.Sections {
			m.URLs = append(m.URLs, sitemapURL{Loc: s.Paper.URL(sec.Path())})
		}
		m.URLs = append(m.URLs, sitemapURL{Loc: s.Paper.URL("/archive")})
		for _, p := range s.Paper.Pages {
			m.URLs = append(m.URLs, sitemapURL{Loc: s.Paper.URL(p.Path()), Changed: s.lang.Machine(p.Changed)})
		}
		return page.Rendered("application/xml", writeXML(m)).Tagged(article.ListTag), nil
	}
	month, err := time.Parse(monthFile, file)
	if err != nil {
		return nil, &problem.Problem{Kind: problem.NotFound, Err: err}
	}
	first, last, err := s.Articles.Span(ctx)
	if err != nil {
		return nil, err
	}
	if first.IsZero() || month.Before(monthOf(first)) || month.After(last) {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	list, err := s.Articles.Month(ctx, month)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		m.URLs = append(m.URLs, sitemapURL{Loc: s.Paper.URL(l.Path), Changed: s.lang.Machine(l.Changed)})
	}
	return page.Rendered("application/xml", writeXML(m)).Tagged(article.ListTag), nil
}

func monthOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

const (
	newsAge   = 48 * time.Hour // what is older is no news to search engines
	newsCount = 1000
)

func (s *Site) showNewsSitemap(ctx context.Context, _ page.Query) (*page.Body, error) {
	list, _, err := s.Articles.Latest(ctx, article.Filter{Since: s.Now().Add(-newsAge), Unpaid: true, Limit: newsCount})
	if err != nil {
		return nil, err
	}
	m := sitemap{Space: sitemapSpace, News: "http://www.google.com/schemas/sitemap-news/0.9"}
	for _, c := range list {
		if c.NoIndex {
			continue
		}
		m.URLs = append(m.URLs, sitemapURL{Loc: s.Paper.URL(c.Path()), News: &sitemapNews{
			Name: s.Paper.Name, Language: s.newsLanguage(c.Language),
			Date: s.lang.Machine(c.Published), Title: c.Headline,
		}})
	}
	b := page.Rendered("application/xml", writeXML(m)).Tagged(article.ListTag)
	if n := len(list); n > 0 {
		b.Until(list[n-1].Published.Add(newsAge))
	}
	return ends(b, list), nil
}

// newsLanguage is a language as news search wants it: ISO 639 without a region.
func (s *Site) newsLanguage(lang string) string {
	if lang == "" {
		lang = s.lang.Tag.String()
	}
	base, _, _ := strings.Cut(lang, "-")
	return strings.ToLower(base)
}
