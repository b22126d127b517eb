package site

import (
	"context"
	"net/url"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// threadView is what thread.html shows: a part of the thread of an article.
type threadView struct {
	Article  string // its id
	Count    int
	Notice   string      // why nobody can write, "" where somebody can
	Takes    bool        // readers can write and vote
	Query    string      // which part this is, for our script
	Orders   []orderLink // the ways of reading it; none where there is nothing to order
	Branches []branch
	Next     string // address of the part that follows, "" on the last
	Back     string // address of the whole thread where this is not its beginning
	Write    string // address of the form
	Asks     bool   // the comments are answers to a question of the paper
	Best     *bestView
	Mine     *mine // what is one reader's own; nil on the page for everybody
}

type orderLink struct {
	Path, Name string
	On         bool
}

// about is what a thread has to know of its article.
func about(c article.Card) comment.About {
	return comment.About{Article: c.ID, Section: c.Section.Slug, Quiet: c.Kind == article.Obituary, Published: c.Published}
}

// partOf reads which part of a thread is wanted.
func partOf(get func(string) string) comment.Part {
	p := comment.Part{After: get("after"), Branch: get("branch")}
	if p.Branch == "" {
		p.Order = comment.ParseOrder(get("comment-order"))
	}
	return p
}

// threadParams are the parameters that make different parts of a thread.
var threadParams = []string{"comment-order", "after", "branch"}

// articleParams are those that make different pages of an article: a part of its
// thread, or of its live report.
func articleParams() []string { return append([]string{"entry"}, threadParams...) }

// partQuery is the query of a part; "" is the newest comments.
func partQuery(p comment.Part) string {
	v := url.Values{}
	if p.Branch != "" {
		v.Set("branch", p.Branch)
	} else if p.Order != comment.Latest && p.Order != "" {
		v.Set("comment-order", string(p.Order))
	}
	if p.After != "" {
		v.Set("after", p.After)
	}
	return v.Encode()
}

// partPath is the address of a part on the page at path.
func partPath(path string, p comment.Part, anchor string) string {
	if q := partQuery(p); q != "" {
		path += "?" + q
	}
	return path + "#" + anchor
}

// thread sets a part of the thread of an article for the page at path. It is
// nil where there is no thread. authors are those whom it shows.
func (s *Site) thread(ctx context.Context, w *page.Language, a article.Card, p comment.Part, path string) (v *threadView, l comment.Listing, authors []string, err error) {
	t, err := s.Comments.Thread(ctx, about(a))
	if err != nil || t.State == comment.Off {
		return nil, l, nil, err
	}
	if l, err = s.Comments.List(ctx, a.ID, p); err != nil {
		return nil, l, nil, err
	}
	v = &threadView{
		Article: a.ID, Count: t.Visible, Takes: t.Takes(), Query: partQuery(l.Part),
		Write: "/thread/" + a.ID, Asks: a.Format == article.Question,
	}
	switch {
	case t.Late:
		v.Notice = w.Say("thread.late")
	case t.State == comment.Closed:
		v.Notice = w.Say("thread.closed")
	}
	if t.Seats > 1 && p.Branch == "" {
		v.Orders = []orderLink{
			{partPath(path, comment.Part{Order: comment.Latest}, "comments"), w.Say("thread.latest"), l.Order == comment.Latest},
			{partPath(path, comment.Part{Order: comment.Oldest}, "comments"), w.Say("thread.oldest"), l.Order == comment.Oldest},
			{partPath(path, comment.Part{Order: comment.Popular}, "comments"), w.Say("thread.popular"), l.Order == comment.Popular},
		}
	}
	if l.Next != "" {
		v.Next = partPath(path, comment.Part{Order: l.Order, Branch: p.Branch, After: l.Next}, "comments")
	}
	if p.Branch != "" || p.After != "" {
		v.Back = partPath(path, comment.Part{Order: l.Order}, "comments")
	}
	authors, faces, err := s.authors(ctx, l)
	if err != nil {
		return nil, l, nil, err
	}
	set := setter{s: s, words: w, faces: faces, thread: v}
	v.Branches = make([]branch, len(l.Branches))
	for i, b := range l.Branches {
		set.top = b.ID
		v.Branches[i] = branch{remark: set.remark(b.Comment)}
		if b.More > 0 {
			v.Branches[i].More = w.Count("thread.fold", b.More)
			v.Branches[i].Fold = partPath(path, comment.Part{Branch: b.ID}, "comments")
		}
		for _, c := range b.Below {
			v.Branches[i].Below = append(v.Branches[i].Below, set.remark(c))
		}
	}
	return v, l, authors, nil
}

// findComment leads from a comment's permanent address to its place in the
// thread at the moment.
func (s *Site) findComment(ctx context.Context, q page.Query) (*page.Body, error) {
	c, p, err := s.Comments.Place(ctx, q.Path("id"))
	if err != nil {
		return nil, err
	}
	a, err := s.Articles.Known(ctx, c.Article)
	if err != nil {
		return s.showGone(ctx, err)
	}
	if there, err := s.counts(ctx, []article.Card{a}); err != nil {
		return nil, err
	} else if _, ok := there[a.ID]; !ok {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "This article has no comments."}
	}
	return page.Leads(partPath(a.Path(), p, "comment-"+c.ID)), nil
}

// threadTags are the tags of a page that shows a thread.
func threadTags(v *threadView, authors []string) []string {
	if v == nil {
		return nil
	}
	tags := []string{comment.Tag(v.Article)}
	for _, id := range authors {
		tags = append(tags, reader.Tag(id))
	}
	return tags
}

// counts returns how many comments articles in lists have; one without a thread
// is missing.
func (s *Site) counts(ctx context.Context, lists ...[]article.Card) (map[string]int, error) {
	var all []comment.About
	for _, list := range lists {
		for _, c := range list {
			all = append(all, about(c))
		}
	}
	return s.Comments.Counts(ctx, all...)
}

// countTags are the tags of a page that says how many comments articles have.
func countTags(lists ...[]article.Card) (tags []string) {
	for _, list := range lists {
		for _, c := range list {
			tags = append(tags, comment.CountTag(c.ID))
		}
	}
	return tags
}

// threadData is a thread for machines (schema.org DiscussionForumPosting).
func (s *Site) threadData(v *threadView, l comment.Listing, a article.Card) *node {
	if v == nil || v.Count == 0 {
		return nil
	}
	at := s.Paper.URL(a.Path())
	n := &node{
		Type: "DiscussionForumPosting", ID: at + "#comments", URL: at + "#comments", Headline: a.Headline, Text: a.Headline,
		Published: s.lang.Machine(a.Published), Author: []node{*s.publisher()}, Page: at, Count: v.Count,
	}
	n.Comments = s.remarksData(v, l)
	return n
}

// remarksData are the top comments of a part of a thread for machines.
func (s *Site) remarksData(v *threadView, l comment.Listing) (list []node) {
	for i, b := range v.Branches {
		if b.Gone != "" || len(list) == dataComments {
			continue
		}
		c := l.Branches[i]
		author := node{Type: "Person", Name: b.Name}
		if b.Handle != "" {
			author.URL = s.Paper.URL("/member/" + b.Handle)
		}
		list = append(list, node{
			Type: "Comment", URL: s.Paper.URL("/comment/" + b.ID), Text: strings.TrimSpace(c.Body), Published: b.At, Author: []node{author},
			Up: c.Score.Up, Down: c.Score.Down,
		})
	}
	return list
}

// dataComments is how many comments a page names for machines.
const dataComments = 20
