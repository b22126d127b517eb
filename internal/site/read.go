package site

import "kawaraban/internal/page"

// countRead counts that somebody has an article before him. A page says so once,
// when it is looked at, without a cookie; whether there is such an article is
// asked by who looks at the counts, so that counting costs no query.
func (s *Site) countRead(v *visit) (*page.Answer, error) {
	if s.Audience != nil {
		s.Audience.Opened(v.Path("article"), v.Address(), v.Agent())
	}
	return page.Nothing(), nil
}
