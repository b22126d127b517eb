package site

import (
	"cmp"
	"context"
	"html/template"
	"strings"
	"unicode/utf8"

	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/poll"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// formatted is what lists say of articles that are no stories.
type formatted struct {
	quotes map[string]richtext.Block
	polled map[string]int  // how many have voted
	live   map[string]bool // the live reports that go on
}

// formats finds out what lists say of articles that are no stories.
func (s *Site) formats(ctx context.Context, lists ...[]article.Card) (f formatted, err error) {
	if f.quotes, err = s.Articles.Quotations(ctx, of(article.Quote, lists)...); err != nil {
		return f, err
	}
	if f.live, err = s.Live.Running(ctx, of(article.LiveReport, lists)...); err != nil {
		return f, err
	}
	f.polled, err = s.Polls.Counts(ctx, of(article.Poll, lists)...)
	return f, err
}

// of are the articles of lists that have a format.
func of(format article.Format, lists [][]article.Card) (ids []string) {
	for _, list := range lists {
		for _, c := range list {
			if c.Format == format {
				ids = append(ids, c.ID)
			}
		}
	}
	return ids
}

// pollTags are the tags of a page that says how many have voted in polls.
func pollTags(lists ...[]article.Card) (tags []string) {
	for _, id := range of(article.Poll, lists) {
		tags = append(tags, poll.CountTag(id))
	}
	return tags
}

// marked reports whether something in lists is no story, or is sponsored.
func marked(lists ...[]article.Card) bool {
	for _, list := range lists {
		for _, c := range list {
			if c.Format != article.Story && c.Format != "" || c.Paid() {
				return true
			}
		}
	}
	return false
}

// maxSaid is how many characters of a quotation a list shows.
const maxSaid = 280

// format says on a card what an article is that is no story, and who has paid for it.
func (l lister) format(v *card) {
	if v.Mark = mark(l.s.lang, v.Card); v.Mark == "" {
		return
	}
	switch v.Format {
	case article.Quote:
		if q, ok := l.quotes[v.ID]; ok {
			v.Said = l.s.quoted(shortened(richtext.Plain(q.Text), maxSaid))
			v.Who = richtext.Plain(q.Attribution)
		}
	case article.Question:
		if n, ok := l.count[v.ID]; ok {
			v.Tally = l.s.lang.Count("answers", n)
		}
	case article.Poll:
		if n, ok := l.polled[v.ID]; ok {
			v.Tally = votersWord(l.s.lang, n)
		}
	}
}

// mark is what stands over the headline of an article wherever it is named.
func mark(w *page.Language, c article.Card) string {
	format := formatMark(w, c.Format)
	switch {
	case !c.Paid():
		return format
	case format == "":
		return sponsored(w, c)
	}
	return sponsored(w, c) + " · " + format
}

// sponsored says who has paid for an article; "" where nobody has.
func sponsored(w *page.Language, c article.Card) string {
	if !c.Paid() {
		return ""
	}
	return w.Say("sponsored", c.Sponsor)
}

// formatMark is what a list says of a format; "" for a story, and for what says itself
// what it is.
func formatMark(w *page.Language, f article.Format) string {
	switch f {
	case article.Picture:
		return w.Say("format.picture")
	case article.Quote:
		return w.Say("format.quote")
	case article.Question:
		return w.Say("format.question")
	case article.Poll:
		return w.Say("format.poll")
	}
	return ""
}

// quoted sets a text between the quotes of the paper's language, unless it has some.
func (s *Site) quoted(text string) string {
	if first, _ := utf8.DecodeRuneInString(text); strings.ContainsRune("\"“„«»‘‹「『", first) {
		return text
	}
	return s.lang.Say("quoted", text)
}

// shortened is a text in one line, of at most so many characters.
func shortened(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	text = string([]rune(text)[:most-1])
	if i := strings.LastIndexByte(text, ' '); i > most/2 {
		text = text[:i]
	}
	return strings.TrimRight(text, " ,;:.–-") + "…"
}

// A saying is a quotation with who said it, as a page shows it.
type saying struct{ Text, Who template.HTML }

// dress makes a page what its article's format asks for.
func (s *Site) dress(ctx context.Context, p *articlePage, r *article.Reading) error {
	switch r.Format {
	case article.Quote:
		if q, rest, ok := article.Quotation(r.Body); ok {
			p.Quotation = &saying{player{paid: r.Paid()}.line(q.Text), player{paid: r.Paid()}.line(q.Attribution)}
			r.Body = rest
		}
	case article.Picture:
		if p.Lead != nil {
			p.Lead.Picture.Sizes = wideSizes
		}
	case article.Poll:
		asked, err := s.Polls.Of(ctx, r.ID)
		if err != nil {
			return err
		}
		if len(asked.Options) > 0 {
			p.Poll = s.pollView(s.lang, r.Card, asked, ballot{})
		}
	}
	return nil
}

// A bestView is the answer that readers value most.
type bestView struct {
	remark
	author string // a reader's id
}

// best is the answer to a question that readers value most; nil where none has more
// up than down.
func (s *Site) best(ctx context.Context, a article.Card, v *threadView, part comment.Part) (*bestView, error) {
	if a.Format != article.Question || part.Branch != "" || part.After != "" || part.Order == comment.Popular {
		return nil, nil
	}
	l, err := s.Comments.List(ctx, a.ID, comment.Part{Order: comment.Popular})
	if problem.Is(err, problem.NotFound) || err == nil && len(l.Branches) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c := l.Branches[0].Comment
	if c.State != comment.Visible || c.Score.Net() <= 0 {
		return nil, nil
	}
	faces, err := s.Readers.Faces(ctx, c.Author)
	if err != nil {
		return nil, err
	}
	found := setter{s: s, words: s.lang, faces: faces, thread: v}.remark(c)
	return &bestView{found, c.Author}, nil
}

// formatData says to machines what an article of a format is.
func (s *Site) formatData(n *node, r *article.Reading) {
	switch r.Format {
	case article.Picture:
		if len(n.Image) > 0 {
			main := n.Image[0]
			n.Main = &main
		}
	case article.Quote:
		if q, _, ok := article.Quotation(r.Body); ok {
			who := node{Type: "Person", Name: richtext.Plain(q.Attribution)}
			n.Main = &node{Type: "Quotation", Text: richtext.Plain(q.Text), Speaker: &who, Creator: &who}
		}
	}
}

// questionData is a question with its answers for machines (schema.org QAPage).
func (s *Site) questionData(v *threadView, l comment.Listing, a article.Card) *node {
	if v == nil {
		return nil
	}
	at := s.Paper.URL(a.Path())
	q := &node{
		Type: "Question", ID: at + "#question", Name: a.Headline, Text: a.Headline, Published: s.lang.Machine(a.Published),
		Author: []node{*s.publisher()}, Answers: &v.Count,
	}
	for _, c := range s.remarksData(v, l) {
		c.Type = "Answer"
		c.Up, c.Down = c.Up-c.Down, 0 // the vocabulary has one number for an answer
		q.Suggested = append(q.Suggested, c)
	}
	return &node{Type: "QAPage", ID: at + "#comments", URL: at, Main: q}
}

// feedFormat is what a feed has of a format beside the body: the picture, and where to
// vote or answer.
func (s *Site) feedFormat(r article.Reading, found map[string]*media.Picture) (first, last []richtext.Block) {
	link := func(words, anchor string) []richtext.Block {
		return []richtext.Block{{Kind: richtext.Paragraph, Text: []richtext.Span{{Text: words, Href: s.Paper.URL(r.Path()) + anchor}}}}
	}
	switch r.Format {
	case article.Picture:
		lead := r.Card.Lead
		if p := found[lead.Picture]; p != nil {
			first = []richtext.Block{{
				Kind: richtext.Figure, Picture: lead.Picture, Alt: cmp.Or(lead.Alt, p.Alt), Credit: credit(lead, p),
				Text: []richtext.Span{{Text: cmp.Or(lead.Caption, p.Caption)}},
			}}
		}
	case article.Question:
		last = link(s.lang.Say("question.feed"), "#comments")
	case article.Poll:
		last = link(s.lang.Say("poll.feed"), "#poll")
	}
	return first, last
}
