package site

import (
	"context"
	"net/http"
	"time"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
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
	p.Title, p.NoIndex, p.Canonical = r.Name, true, s.Paper.URL(memberPath(&r))
	b := s.dated(s.views.member.With(p)).Tagged(reader.Tag(r.ID))
	b.Robots = "noindex"
	return b, nil
}
