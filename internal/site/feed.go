package site

import (
	"bytes"
	"context"
	"encoding/xml"
	"html/template"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/richtext"
)

// feedCount is how many stories a feed holds.
const feedCount = 30

// An entry is a story as it leaves in feeds, whatever their format.
type entry struct {
	article.Reading
	Title   string // the headline
	Summary string
	Full    string // the text as HTML, "" where only the summary may leave
	Picture media.File
	Caption string
	Credit  string
	Alt     string
	Count   int // comments
}

// entries are the newest stories of a list that may leave in feeds. What is paid for is
// in none: a feed reader would show it without its label.
func (s *Site) entries(ctx context.Context, f article.Filter) ([]entry, []article.Card, map[string]*media.Picture, error) {
	f.Limit, f.Unpaid = feedCount, true
	list, err := s.Articles.Full(ctx, f)
	if err != nil {
		return nil, nil, nil, err
	}
	var ids []string
	var articles []article.Card
	for i := range list {
		if err := s.withReport(ctx, &list[i]); err != nil {
			return nil, nil, nil, err
		}
	}
	for _, r := range list {
		ids = append(ids, article.Content{Lead: r.Card.Lead, Body: r.Body}.Pictures()...)
		articles = append(articles, r.Card)
	}
	found, err := s.Media.Pictures(ctx, ids...)
	if err != nil {
		return nil, nil, nil, err
	}
	counted, err := s.counts(ctx, articles)
	if err != nil {
		return nil, nil, nil, err
	}
	var entries []entry
	var cards []article.Card
	for _, r := range list {
		if r.Feed == article.FeedNone {
			continue
		}
		p := found[r.Card.Lead.Picture]
		e := entry{Reading: r, Title: r.Headline, Summary: s.summary(&r), Picture: widest(p), Count: counted[r.ID]}
		if e.Picture.Key != "" {
			e.Caption, e.Credit, e.Alt = r.Card.Lead.Caption, credit(r.Card.Lead, p), r.Card.Lead.Alt
		}
		if r.Feed == article.FeedFull {
			e.Full = s.feedBody(r, found)
		}
		entries, cards = append(entries, e), append(cards, r.Card)
	}
	return entries, cards, found, nil
}

// feedFigure is what feedfigure.html shows: a picture away from our pages.
type feedFigure struct {
	Src, Alt      string
	Width, Height int
	Caption       template.HTML
	Credit        string
}

// feedBody is the article's text for feeds.
func (s *Site) feedBody(r article.Reading, found map[string]*media.Picture) string {
	return string(s.feedHTML(r, found, func(_ *media.Picture, f media.File) string { return s.Paper.URL("/media/" + f.Key) }))
}

// feedHTML is the article's text away from our pages, with dateline and source
// notice, which must go wherever it goes. where is the address of a picture.
func (s *Site) feedHTML(r article.Reading, found map[string]*media.Picture, where func(*media.Picture, media.File) string) template.HTML {
	blocks := append([]richtext.Block{}, r.Body.Blocks...)
	if r.Dateline != "" && len(blocks) > 0 && blocks[0].Kind == richtext.Paragraph {
		blocks[0].Text = append([]richtext.Span{{Text: r.Dateline + " — "}}, blocks[0].Text...)
	}
	if r.SourceNotice != "" {
		blocks = append(blocks, richtext.Block{Kind: richtext.Paragraph, Text: []richtext.Span{{Text: r.SourceNotice, Em: true}}})
	}
	first, last := s.feedFormat(r, found)
	blocks = append(append(first, blocks...), last...)
	return richtext.Doc{Blocks: blocks}.FeedHTML(s.Paper.URL("/"), func(b richtext.Block) template.HTML {
		f := widest(found[b.Picture])
		if f.Key == "" {
			return ""
		}
		html, err := s.views.feedFigure.Fragment(feedFigure{
			Src: where(found[b.Picture], f), Alt: b.Alt, Width: f.Width, Height: f.Height,
			Caption: richtext.PlainHTML(b.Text), Credit: b.Credit,
		})
		if err != nil {
			s.Log.Error("a figure is left out of a feed", "picture", b.Picture, "error", err)
		}
		return html
	})
}

// rss is a feed (RSS 2.0.11) with the modules of Atom, Dublin Core, content,
// slash and Media RSS.
type rss struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Content string     `xml:"xmlns:content,attr"`
	DC      string     `xml:"xmlns:dc,attr"`
	Media   string     `xml:"xmlns:media,attr"`
	Slash   string     `xml:"xmlns:slash,attr"`
	Gone    string     `xml:"xmlns:at,attr,omitempty"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Self        rssSelf   `xml:"atom:link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language"`
	Copyright   string    `xml:"copyright,omitempty"`
	Built       string    `xml:"lastBuildDate,omitempty"`
	Image       rssImage  `xml:"image"`
	Items       []rssItem `xml:"item"`
	Gone        []rssGone `xml:"at:deleted-entry"`
}

// rssGone is a tombstone (RFC 6721): what feed readers had is withdrawn. It has no words.
type rssGone struct {
	Ref  string `xml:"ref,attr"` // as its guid was
	When string `xml:"when,attr"`
}

const (
	goneSpace = "http://purl.org/atompub/tombstones/1.0"
	goneFor   = 14 * 24 * time.Hour
)

type rssSelf struct {
	Href string `xml:"href,attr"`
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
}

type rssImage struct {
	URL   string `xml:"url"`
	Title string `xml:"title"`
	Link  string `xml:"link"`
}

type rssItem struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	GUID        rssGUID   `xml:"guid"`
	Published   string    `xml:"pubDate"`
	Updated     string    `xml:"atom:updated,omitempty"`
	Creators    []string  `xml:"dc:creator"`
	Category    string    `xml:"category"`
	Thread      string    `xml:"comments,omitempty"`
	Comments    *int      `xml:"slash:comments"` // nil where there is no thread
	Rights      string    `xml:"dc:rights,omitempty"`
	Description string    `xml:"description"`
	Content     *cdata    `xml:"content:encoded"`
	Media       *rssMedia `xml:"media:content"`
}

// rssGUID names a story for ever: its permanent address, whatever its versions
// and its headline.
type rssGUID struct {
	Permanent bool   `xml:"isPermaLink,attr"`
	Value     string `xml:",chardata"`
}

type cdata struct {
	Text string `xml:",cdata"`
}

type rssMedia struct {
	URL         string `xml:"url,attr"`
	Type        string `xml:"type,attr"`
	Medium      string `xml:"medium,attr"`
	Width       int    `xml:"width,attr"`
	Height      int    `xml:"height,attr"`
	Credit      string `xml:"media:credit,omitempty"`
	Description string `xml:"media:description,omitempty"`
}

// showRSS is the feed of the paper and those of its sections.
func (s *Site) showRSS(ctx context.Context, q page.Query) (*page.Body, error) {
	ch := s.channel("/", "/feed")
	section := ""
	if address := q.Path("section"); address != "" {
		sec, err := s.Articles.SectionAt(ctx, address)
		if err != nil {
			return nil, err
		}
		if sec.Address != address {
			return movedTo(sec.Path()+"/feed", q), nil
		}
		section = sec.Slug
		ch.Title, ch.Link = s.lang.Say("title", sec.Name, s.Paper.Name), s.Paper.URL(sec.Path())
		ch.Description = s.lang.Say("section.description", sec.Name, s.Paper.Name)
		ch.Self.Href = s.Paper.URL(sec.Path() + "/feed")
	}
	return s.feed(ctx, ch, article.Filter{Section: section})
}

// feed is the feed of a list.
func (s *Site) feed(ctx context.Context, ch rssChannel, f article.Filter) (*page.Body, error) {
	ch.Image = rssImage{URL: s.mark(), Title: ch.Title, Link: ch.Link}
	entries, cards, found, err := s.entries(ctx, f)
	if err != nil {
		return nil, err
	}
	var built time.Time
	for _, e := range entries {
		ch.Items = append(ch.Items, s.rssItem(e))
		if e.Newest().After(built) {
			built = e.Newest()
		}
	}
	if f.Topic == "" && f.Author == "" && f.Among == nil {
		gone, err := s.Articles.Tombstones(ctx, f.Section, s.Now().Add(-goneFor), feedCount)
		if err != nil {
			return nil, err
		}
		for _, t := range gone {
			ch.Gone = append(ch.Gone, rssGone{s.Paper.URL("/a/" + t.ID), s.lang.Machine(t.At)})
			if t.At.After(built) {
				built = t.At
			}
		}
	}
	if !built.IsZero() {
		ch.Built = rfc822(built.In(s.lang.Zone))
	}
	b := page.Rendered("application/rss+xml", writeXML(newRSS(ch))).Tagged(article.ListTag).Tagged(countTags(cards)...)
	return ends(shows(b, found), cards), nil
}

func newRSS(ch rssChannel) rss {
	gone := ""
	if len(ch.Gone) > 0 {
		gone = goneSpace
	}
	return rss{
		Gone:    gone,
		Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Content: "http://purl.org/rss/1.0/modules/content/",
		DC: "http://purl.org/dc/elements/1.1/", Media: "http://search.yahoo.com/mrss/", Slash: "http://purl.org/rss/1.0/modules/slash/", Channel: ch,
	}
}

func (s *Site) rssItem(e entry) rssItem {
	it := rssItem{
		Title: e.Title, Link: s.Paper.URL(fed(e.Path())), GUID: rssGUID{true, s.Paper.URL("/a/" + e.ID)},
		Published: rfc822(e.Published.In(s.lang.Zone)), Creators: e.Bylines, Category: e.Section.Name,
		Thread: s.Paper.URL(e.Path()) + "#comments", Comments: &e.Count,
		Rights: e.SourceNotice, Description: e.Summary,
	}
	if e.Updated.After(e.Published) {
		it.Updated = s.lang.Machine(e.Updated)
	}
	if e.Full != "" {
		it.Content = &cdata{e.Full}
	}
	if f := e.Picture; f.Key != "" {
		it.Media = &rssMedia{
			URL: s.Paper.URL("/media/" + f.Key), Type: f.Format.Type(), Medium: "image", Width: f.Width, Height: f.Height,
			Credit: e.Credit, Description: e.Caption,
		}
	}
	return it
}

// rfc822 writes a time as RSS wants it: RFC 822 with a year of four digits.
func rfc822(t time.Time) string { return t.Format(time.RFC1123Z) }

// writeXML writes a document with its declaration.
func writeXML(doc any) func(*bytes.Buffer) error {
	return func(b *bytes.Buffer) error {
		b.WriteString(xml.Header)
		enc := xml.NewEncoder(b)
		enc.Indent("", "  ")
		if err := enc.Encode(doc); err != nil {
			return err
		}
		b.WriteByte('\n')
		return nil
	}
}
