package site

import (
	"kawaraban/internal/article"
	"kawaraban/internal/media"
	"kawaraban/internal/topic"
)

// schema is the vocabulary of what machines read (schema.org).
const schema = "https://schema.org"

// data is a page as machines read it (JSON-LD 1.1). html/template writes it
// into the page, escaped so that no text of ours can end the element.
type data struct {
	Context string `json:"@context"`
	Graph   []node `json:"@graph"`
}

// A node is one thing of the vocabulary. Fields that its type does not have
// are empty.
type node struct {
	Type        string   `json:"@type"`
	ID          string   `json:"@id,omitempty"`
	URL         string   `json:"url,omitempty"`
	Name        string   `json:"name,omitempty"`
	Headline    string   `json:"headline,omitempty"`
	Description string   `json:"description,omitempty"`
	Image       []node   `json:"image,omitempty"`
	Logo        *node    `json:"logo,omitempty"`
	Published   string   `json:"datePublished,omitempty"`
	Modified    string   `json:"dateModified,omitempty"`
	Author      []node   `json:"author,omitempty"`
	Publisher   *node    `json:"publisher,omitempty"`
	Page        string   `json:"mainEntityOfPage,omitempty"`
	Section     string   `json:"articleSection,omitempty"`
	Keywords    []string `json:"keywords,omitempty"`
	About       []node   `json:"about,omitempty"`
	SameAs      string   `json:"sameAs,omitempty"`
	Dateline    string   `json:"dateline,omitempty"`
	Language    string   `json:"inLanguage,omitempty"`
	Words       int      `json:"wordCount,omitempty"`
	Free        bool     `json:"isAccessibleForFree,omitempty"`
	Copyright   string   `json:"copyrightNotice,omitempty"`
	Expires     string   `json:"expires,omitempty"`
	Width       int      `json:"width,omitempty"`
	Height      int      `json:"height,omitempty"`
	Caption     string   `json:"caption,omitempty"`
	Credit      string   `json:"creditText,omitempty"`
	License     string   `json:"license,omitempty"`
	Items       []crumb  `json:"itemListElement,omitempty"`
	Alternate   string   `json:"alternateName,omitempty"`
	Text        string   `json:"text,omitempty"`
	Count       int      `json:"commentCount,omitempty"`
	Comments    []node   `json:"comment,omitempty"`
	Corrections []node   `json:"correction,omitempty"`
	Main        *node    `json:"mainEntity,omitempty"`
	Speaker     *node    `json:"spokenByCharacter,omitempty"`
	Creator     *node    `json:"creator,omitempty"`
	Answers     *int     `json:"answerCount,omitempty"`
	Suggested   []node   `json:"suggestedAnswer,omitempty"`
	Up          int      `json:"upvoteCount,omitempty"`
	Down        int      `json:"downvoteCount,omitempty"`
	Thumbnail   string   `json:"thumbnailUrl,omitempty"`
	Uploaded    string   `json:"uploadDate,omitempty"`
	Duration    string   `json:"duration,omitempty"`
	Content     string   `json:"contentUrl,omitempty"`
	Began       string   `json:"coverageStartTime,omitempty"`
	Over        string   `json:"coverageEndTime,omitempty"`
	Updates     []node   `json:"liveBlogUpdate,omitempty"`
	Email       string   `json:"email,omitempty"`
	Ethics      string   `json:"ethicsPolicy,omitempty"`
	Principles  string   `json:"publishingPrinciples,omitempty"`
	Sponsor     *node    `json:"sponsor,omitempty"`
	Correcting  string   `json:"correctionsPolicy,omitempty"`
}

// A crumb is one step of the way from the front page to this one.
type crumb struct {
	Type     string `json:"@type"`
	Position int    `json:"position"`
	Name     string `json:"name"`
	Item     string `json:"item,omitempty"`
}

// publisher is who answers for the paper.
func (s *Site) publisher() *node {
	n := &node{
		Type: "NewsMediaOrganization", ID: s.Paper.URL("/#publisher"), Name: s.Paper.Publisher, URL: s.Paper.URL("/"),
		Logo: &node{Type: "ImageObject", URL: s.mark(), Width: markSize, Height: markSize},
	}
	if n.Name != s.Paper.Name {
		n.Alternate = s.Paper.Name
	}
	s.policies(n)
	return n
}

// paperData is the front page for machines.
func (s *Site) paperData() *data {
	return &data{Context: schema, Graph: []node{
		{
			Type: "WebSite", ID: s.Paper.URL("/#site"), Name: s.Paper.Name, URL: s.Paper.URL("/"),
			Description: s.Paper.about(), Language: s.lang.Tag.String(), Publisher: &node{Type: "NewsMediaOrganization", ID: s.Paper.URL("/#publisher")},
		},
		*s.publisher(),
	}}
}

// kinds are the vocabulary's words for our kinds of articles.
var kinds = map[article.Kind]string{
	article.Opinion: "OpinionNewsArticle", article.Analysis: "AnalysisNewsArticle", article.Criticism: "ReviewNewsArticle",
}

// articleData is an article for machines.
func (s *Site) articleData(r *article.Reading, description string, p *media.Picture, corrections []article.Correcting) *data {
	kind := kinds[r.Kind]
	if kind == "" {
		kind = "NewsArticle"
	}
	if r.Paid() {
		kind = "AdvertiserContentArticle"
	}
	at := s.Paper.URL(r.Path())
	n := node{
		Type: kind, ID: at + "#article", URL: at, Page: at, Headline: r.Headline, Description: description,
		Published: s.lang.Machine(r.Published), Modified: s.lang.Machine(r.Newest()),
		Publisher: s.publisher(), Section: r.Section.Name, Dateline: r.Dateline,
		Language: r.Language, Words: r.Words, Free: true, Copyright: r.SourceNotice,
	}
	if r.Paid() {
		n.Sponsor = &node{Type: "Organization", Name: r.Sponsor}
	}
	if !r.Expires.IsZero() {
		n.Expires = s.lang.Machine(r.Expires)
	}
	for _, c := range corrections {
		n.Corrections = append(n.Corrections, node{Type: "CorrectionComment", Text: c.Note, Published: s.lang.Machine(c.At), URL: at + "#corrections"})
	}
	for _, name := range r.Bylines {
		n.Author = append(n.Author, node{Type: "Person", Name: name})
	}
	n.Keywords, n.About = s.topics(r.Topics)
	if f := widest(p); f.Key != "" {
		n.Image = []node{{
			Type: "ImageObject", URL: s.Paper.URL("/media/" + f.Key), Width: f.Width, Height: f.Height,
			Caption: r.Lead.Caption, Credit: credit(r.Lead, p), Copyright: p.Copyright, License: p.WebStatement,
		}}
	}
	s.formatData(&n, r)
	return &data{Context: schema, Graph: []node{n, s.crumbs(r.Section, r.Headline, at)}}
}

// topics are what an article is about, in words, and those that everybody knows as
// things of their own.
func (s *Site) topics(entries []string) (words []string, about []node) {
	v := topic.Load()
	for _, e := range entries {
		word := v.Word(e, s.lang.Tag.String())
		words = append(words, word)
		if t := v.Read(e); t != nil {
			n := node{Type: "Thing", Name: word, ID: t.URI()}
			if t.Wikidata != "" {
				n.SameAs = "https://www.wikidata.org/entity/" + t.Wikidata
			}
			about = append(about, n)
		}
	}
	return words, about
}

// crumbs is the way to a section, or through it to a story.
func (s *Site) crumbs(sec article.Section, headline, at string) node {
	items := []crumb{
		{Type: "ListItem", Position: 1, Name: s.Paper.Name, Item: s.Paper.URL("/")},
		{Type: "ListItem", Position: 2, Name: sec.Name, Item: s.Paper.URL(sec.Path())},
	}
	if headline != "" {
		items = append(items, crumb{Type: "ListItem", Position: 3, Name: headline, Item: at})
	}
	return node{Type: "BreadcrumbList", Items: items}
}

// articleShare is an article as other sites show it.
func (s *Site) articleShare(r *article.Reading, p *media.Picture) *share {
	v := &share{
		Type: "article", Title: r.Headline, Section: r.Section.Name, Author: s.names(r.Bylines),
		Released: r.Published, Modified: r.Updated,
		Card: "summary", Image: s.mark(), Width: markSize, Height: markSize,
	}
	if r.Paid() { // other sites show the title, whatever else they leave out
		v.Title = s.lang.Say("title", sponsored(s.lang, r.Card), r.Headline)
	}
	v.Topics, _ = s.topics(r.Topics)
	if f := widest(p); f.Key != "" {
		v.Card, v.Image, v.Width, v.Height = "summary_large_image", s.Paper.URL("/media/"+f.Key), f.Width, f.Height
		if v.Alt = r.Lead.Alt; v.Alt == "" {
			v.Alt = p.Alt
		}
	}
	return v
}
