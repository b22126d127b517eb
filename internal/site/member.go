package site

import (
	"context"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// memberPage is what member.html shows: a reader as others see them. There is
// no address in it, and nothing else that others have no business with.
type memberPage struct {
	chrome
	Gone     bool // the account was erased
	Portrait portrait
	Name     string
	Handle   string
	Bio      string
	Role     string // of staff; "" for a reader
	Since    time.Time
	Comments []posted
	Older    string // cursor of the next page
}

// posted is a comment on the page of its author.
type posted struct {
	Article, ArticlePath string
	Place                string
	When, At             string
	Body                 template.HTML
	Score                template.HTML
}

// postedPerPage is how many comments a profile shows at a time.
const postedPerPage = 25

// posted lists what a reader wrote, as far as readers may have the articles and
// those have threads.
func (s *Site) posted(ctx context.Context, p *memberPage, id, before string) (tags []string, err error) {
	list, older, err := s.Comments.ByAuthor(ctx, id, before, postedPerPage)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, c := range list {
		ids = append(ids, c.Article)
	}
	known, err := s.Articles.KnownAll(ctx, ids...)
	if err != nil {
		return nil, err
	}
	threads, err := s.counts(ctx, slices.Collect(maps.Values(known)))
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		tags = append(tags, article.Tag(c.Article), comment.Tag(c.Article))
		a := known[c.Article]
		if _, ok := threads[c.Article]; !ok {
			continue // readers may not have the article, or it has no thread
		}
		p.Comments = append(p.Comments, posted{
			Article: a.Headline, ArticlePath: a.Path(), Place: "/comment/" + c.ID,
			When: s.lang.Moment(c.Created), At: s.lang.Machine(c.Created),
			Body: richtext.Comment(c.Body), Score: scored(c.Score),
		})
	}
	p.Older = older
	return tags, nil
}

// showMember is the public profile of a reader.
func (s *Site) showMember(ctx context.Context, q page.Query) (*page.Body, error) {
	r, err := s.Readers.Member(ctx, q.Path("handle"))
	if problem.Is(err, problem.Gone) {
		p := memberPage{chrome: s.chrome("member-page"), Gone: true}
		p.Title, p.NoIndex = s.lang.Say("member.gone.title"), true
		b := s.dated(s.views.member.With(p))
		b.Status, b.Robots = http.StatusGone, "noindex"
		return b, nil
	}
	if err != nil {
		return nil, err
	}
	p := memberPage{
		chrome: s.chrome("member-page"), Portrait: newPortrait(&r),
		Name: r.Name, Handle: r.Handle, Bio: r.Bio, Since: r.Created,
	}
	if r.Role.Staff() {
		p.Role = roleName(s.lang, r.Role)
	}
	tags, err := s.posted(ctx, &p, r.ID, q.Get("before"))
	if err != nil {
		return nil, err
	}
	p.Title, p.NoIndex, p.Canonical = r.Name, true, s.Paper.URL(memberPath(&r))
	b := s.dated(s.views.member.With(p)).Tagged(reader.Tag(r.ID)).Tagged(tags...)
	b.Robots = "noindex"
	return b, nil
}
