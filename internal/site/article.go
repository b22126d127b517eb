package site

import (
	"context"
	"errors"
	"html/template"
	"slices"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/media"
	"kawaraban/internal/network"
	"kawaraban/internal/page"
	"kawaraban/internal/poll"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// articlePage is what article.html shows.
type articlePage struct {
	chrome
	card
	Ended       bool // the licence has ended: headline and notice only
	Lead        *figure
	Opening     template.HTML    // the first paragraph, which the dateline begins; "" if the body begins otherwise
	Body        template.HTML    // the rest
	Changed     string           // "Updated 09:40", "" if it never was
	Same        []card           // about the same
	Related     []card           // more of the section
	Corrections []correctionView // newest first
	Versions    bool             // readers had more than one, and may compare them
	Report      *reportView      // its live report; nil where it is none
	Thread      *threadView      // nil where there is none
	Poll        *pollView        // nil where the article is none
	Quotation   *saying          // of a quote of the day
	Join        *signup          // the paper's first newsletter; nil where there is none
	Slot        *slotView        // the sponsored video; nil where nothing is booked
	Panel       template.HTML    // what is trending at sister papers; "" for nothing
	Draft       string           // that it is not published, for those who may look before; "" for what is
}

// A figure is a picture with its caption and, apart from it, its credit.
type figure struct {
	Picture *picture
	Caption template.HTML
	Credit  string
	Video   *video // in the place of the picture, which is its poster; nil for a picture
}

// relatedCount is how many other stories of the section an article names.
const relatedCount = 5

func (s *Site) showArticle(ctx context.Context, q page.Query) (*page.Body, error) {
	r, moved, err := s.Articles.Read(ctx, q.Path("section"), q.Path("slug"))
	if err != nil {
		return s.showGone(ctx, err)
	}
	if moved != "" {
		return movedTo(moved, q), nil
	}
	same, related, err := s.related(ctx, r)
	if err != nil {
		return nil, err
	}
	corrections, versions, err := s.Articles.CorrectionsOf(ctx, r)
	if err != nil {
		return nil, err
	}
	report, err := s.readReport(ctx, r, q.Get("entry"))
	if err != nil {
		return nil, err
	}
	found, err := s.Media.Pictures(ctx, append(article.Content{Body: r.Body, Lead: r.Card.Lead}.Pictures(), report.pictures()...)...)
	if err != nil {
		return nil, err
	}
	formats, err := s.formats(ctx, same, related)
	if err != nil {
		return nil, err
	}

	films, err := s.Media.Videos(ctx, article.Content{Body: r.Body, Lead: r.Card.Lead}.Videos()...)
	if err != nil {
		return nil, err
	}
	show := player{s, found, films, ""}

	c, err := s.newsChrome(ctx, "article")
	if err != nil {
		return nil, err
	}
	p := articlePage{chrome: c, Ended: r.Ended}
	l := lister{s, p.Today, found, nil, formats}
	p.card, p.Same, p.Related = l.card(r.Card), l.cards(same), l.cards(related)
	p.Lead = show.lead(r.Card.Lead)
	p.Report = s.reportView(report, r.Path(), found)
	p.Changed = s.later(r.Published, r.Updated)
	p.Here, p.Title = r.Section.Slug, r.Headline
	p.NoIndex = r.NoIndex
	if p.Canonical = r.Canonical; p.Canonical == "" {
		p.Canonical = s.Paper.URL(r.Path())
	}
	view, listing, authors, err := s.thread(ctx, s.lang, r.Card, partOf(q.Get), r.Path())
	if err != nil {
		return nil, err
	}
	if p.Thread = view; view != nil {
		if err := s.remarks.set(view); err != nil {
			return nil, err
		}
		p.Comments = view.Count
		best, err := s.best(ctx, r.Card, view, listing.Part)
		if err != nil {
			return nil, err
		}
		if view.Best = best; best != nil {
			authors = append(authors, best.author)
		}
	}
	if len(s.Paper.Offers) > 0 {
		p.Join = &signup{"article", s.Paper.Offers[:1]}
	}
	if p.Panel, err = s.panel(); err != nil {
		return nil, err
	}
	slot, slotted := s.slot(r.Section.Slug)
	p.Slot = slot
	p.Versions = versions
	for _, c := range corrections {
		p.Corrections = append(p.Corrections, s.correctionView(c))
	}
	if !r.Ended {
		p.Description = s.summary(r)
		p.Share = s.articleShare(r, found[r.Card.Lead.Picture])
		p.Data = s.articleData(r, p.Description, found[r.Card.Lead.Picture], corrections)
		p.Data.Graph = append(p.Data.Graph, show.data(r)...)
		if err := s.dress(ctx, &p, r); err != nil {
			return nil, err
		}
		p.Opening, p.Body = show.body(r.Body)
		if report != nil {
			s.liveData(&p.Data.Graph[0], r, report)
		}
		talk := s.threadData
		if r.Format == article.Question {
			talk = s.questionData
		}
		if n := talk(view, listing, r.Card); n != nil {
			p.Data.Graph = append(p.Data.Graph, *n)
		}
	}

	// A new story elsewhere in the section need not be named at once, so the
	// page does not carry the tag of lists; but one that is taken away must go.
	b := slotted(s.withBar(s.views.article.With(p), p.Bar)).Tagged(article.Tag(r.ID), network.Tag).Tagged(threadTags(view, authors)...)
	if !r.Ended {
		b.Counted(r.ID)
	}
	for _, c := range slices.Concat(same, related) {
		b.Tagged(article.Tag(c.ID))
	}
	if p.Poll != nil {
		b.Tagged(poll.Tag(r.ID))
		if p.Poll.Open {
			b.Until(p.Poll.closes)
		}
	}
	if r.NoIndex {
		b.Robots = "noindex"
	}
	return ends(s.dated(show.on(b)), []article.Card{{Expires: r.Expires}}, same, related), nil
}

// findArticle leads from an article's permanent address to its present one.
func (s *Site) findArticle(ctx context.Context, q page.Query) (*page.Body, error) {
	path, err := s.Articles.Locate(ctx, q.Path("id"))
	if err != nil {
		return s.showGone(ctx, err)
	}
	return page.Moved(path), nil
}

// webBody is a text with its pictures.
func (s *Site) webBody(d richtext.Doc, found map[string]*media.Picture) template.HTML {
	return player{s: s, found: found}.text(d)
}

// credit is who must be named for a picture in this use of it.
func credit(lead article.Lead, p *media.Picture) string {
	if lead.Credit == "" && p != nil {
		return p.Credit
	}
	return lead.Credit
}

// later says when an article was updated: the time alone on the day of its
// publication.
func (s *Site) later(published, updated time.Time) string {
	switch {
	case !updated.After(published):
		return ""
	case s.lang.SameDay(published, updated):
		return s.lang.Say("updated", updated.In(s.lang.Zone).Format("15:04"))
	default:
		return s.lang.Say("updated", s.lang.Moment(updated))
	}
}

// summaryLength is how many characters other sites show of a story at most.
const summaryLength = 300

// summary is an article in a sentence.
func (s *Site) summary(r *article.Reading) string {
	if q, _, ok := article.Quotation(r.Body); ok && r.Format == article.Quote {
		return shortened(s.quoted(richtext.Plain(q.Text))+" — "+richtext.Plain(q.Attribution), summaryLength)
	}
	if r.Standfirst != "" {
		return r.Standfirst
	}
	return r.Body.FirstSentence(summaryLength)
}

// gonePage is what gone.html shows: that an article was withdrawn, by whom and
// when, and nothing of what it said.
type gonePage struct {
	chrome
	Withdrawal article.Withdrawal
	Latest     []card
}

// goneLatest is how many stories stand in place of the one that is gone.
const goneLatest = 5

// showGone answers for an article that was withdrawn. Any other err is passed on.
func (s *Site) showGone(ctx context.Context, err error) (*page.Body, error) {
	var w article.Withdrawal
	if !problem.Is(err, problem.Gone) || !errors.As(err, &w) {
		return nil, err
	}
	list, _, err := s.Articles.Latest(ctx, article.Filter{Limit: goneLatest})
	if err != nil {
		return nil, err
	}
	p := gonePage{chrome: s.chrome("problem"), Withdrawal: w}
	p.Latest = lister{s, p.Today, nil, nil, formatted{}}.cards(list)
	p.Title, p.NoIndex = s.lang.Say("gone.title"), true
	b := s.views.gone.With(p)
	b.Status, b.Robots = problem.Gone.Status(), "noindex"
	return b, nil
}
