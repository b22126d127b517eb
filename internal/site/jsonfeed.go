package site

import (
	"bytes"
	"context"
	"encoding/json"

	"kawaraban/internal/article"
	"kawaraban/internal/page"
)

// jsonFeed is a feed in JSON Feed 1.1.
type jsonFeed struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	HomePage    string       `json:"home_page_url"`
	FeedURL     string       `json:"feed_url"`
	Description string       `json:"description,omitempty"`
	Icon        string       `json:"icon"`
	Language    string       `json:"language"`
	Authors     []jsonAuthor `json:"authors"`
	Items       []jsonItem   `json:"items"`
}

type jsonAuthor struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

// jsonItem is a story. Where its text may not leave, content_text is the
// summary: an item must have one or the other.
type jsonItem struct {
	ID          string       `json:"id"`
	URL         string       `json:"url"`
	Title       string       `json:"title"`
	Summary     string       `json:"summary,omitempty"`
	HTML        string       `json:"content_html,omitempty"`
	Text        string       `json:"content_text,omitempty"`
	Image       string       `json:"image,omitempty"`
	Published   string       `json:"date_published"`
	Modified    string       `json:"date_modified,omitempty"`
	Authors     []jsonAuthor `json:"authors,omitempty"`
	Tags        []string     `json:"tags"`
	Language    string       `json:"language,omitempty"`
	Attachments []jsonMedia  `json:"attachments,omitempty"`
	Rights      *jsonRights  `json:"_rights,omitempty"`
	Comments    jsonComments `json:"_comments"`
}

type jsonMedia struct {
	URL   string `json:"url"`
	Type  string `json:"mime_type"`
	Title string `json:"title,omitempty"`
}

// jsonRights is our extension: whose the words and the picture are.
type jsonRights struct {
	Notice string `json:"notice,omitempty"`
	Image  string `json:"image_credit,omitempty"`
}

// jsonComments is our extension: where readers argue, and how much.
type jsonComments struct {
	URL   string `json:"url"`
	Count int    `json:"count"`
}

func (s *Site) showJSONFeed(ctx context.Context, _ page.Query) (*page.Body, error) {
	entries, cards, found, err := s.entries(ctx, article.Filter{})
	if err != nil {
		return nil, err
	}
	f := jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: s.Paper.Name, HomePage: s.Paper.URL("/"), FeedURL: s.Paper.URL("/feed.json"),
		Description: s.Paper.about(), Icon: s.mark(), Language: s.lang.Tag.String(),
		Authors: []jsonAuthor{{Name: s.Paper.Publisher, URL: s.Paper.URL("/")}}, Items: []jsonItem{},
	}
	for _, e := range entries {
		f.Items = append(f.Items, s.jsonItem(e))
	}
	b := page.Rendered("application/feed+json", func(b *bytes.Buffer) error {
		enc := json.NewEncoder(b)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false) // it is never read as a page
		return enc.Encode(f)
	}).Tagged(article.ListTag).Tagged(countTags(cards)...)
	return ends(shows(b, found), cards), nil
}

func (s *Site) jsonItem(e entry) jsonItem {
	it := jsonItem{
		ID: s.Paper.URL("/a/" + e.ID), URL: s.Paper.URL(fed(e.Path())), Title: e.Title, Summary: e.Summary,
		Published: s.lang.Machine(e.Published), Tags: []string{e.Section.Name}, Language: s.foreign(e.Card.Language),
		Comments: jsonComments{s.Paper.URL(e.Path()) + "#comments", e.Count},
	}
	if it.HTML = e.Full; it.HTML == "" {
		it.Text = e.Summary
	}
	if e.Updated.After(e.Published) {
		it.Modified = s.lang.Machine(e.Updated)
	}
	for _, name := range e.Bylines {
		it.Authors = append(it.Authors, jsonAuthor{Name: name})
	}
	if f := e.Picture; f.Key != "" {
		it.Image = s.Paper.URL("/media/" + f.Key)
		it.Attachments = []jsonMedia{{URL: it.Image, Type: f.Format.Type(), Title: e.Caption}}
	}
	if e.SourceNotice != "" || e.Credit != "" {
		it.Rights = &jsonRights{Notice: e.SourceNotice, Image: e.Credit}
	}
	return it
}
