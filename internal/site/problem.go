package site

import (
	"time"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

// problemPage is what problem.html shows. It is made without asking anybody,
// because it must work when nothing else does.
type problemPage struct {
	chrome
	Status int
	Text   string
	Number string // under which the log has it; "" for what is no fault of ours
}

// told are the kinds of problems for which the catalogue has words of their
// own; all others are told by their own sentence.
var told = map[problem.Kind][2]string{
	problem.NotFound:    {"notfound.title", "notfound.text"},
	problem.Gone:        {"gone.title", "gone.text"},
	problem.Method:      {"method.title", "method.text"},
	problem.Misdirected: {"misdirected.title", "misdirected.text"},
	problem.TooMany:     {"toomany.title", "toomany.text"},
	problem.Unavailable: {"unavailable.title", "unavailable.text"},
	problem.Internal:    {"internal.title", "internal.text"},
}

// showProblem makes the page of a problem. A problem's own sentence is put in
// the paper's language where the catalogue knows it.
func (s *Site) showProblem(p *problem.Problem, number string) (*page.Body, error) {
	words, ok := told[p.Kind]
	if !ok {
		words = [2]string{"refused.title", "refused.text"}
	}
	v := problemPage{chrome: s.chrome("problem"), Status: p.Kind.Status(), Text: s.lang.Say(words[1]), Number: number}
	v.Today, v.NoIndex = time.Time{}, true // the page is made once and outlives the day
	v.Title = s.lang.Say(words[0])
	if p.Detail != "" {
		v.Text = s.lang.Say(p.Detail)
	}
	if p.Kind == problem.Misdirected {
		v.Home, v.Menu = s.Paper.URL("/"), nil // paths would stay at the wrong host
	}
	b := s.views.problem.With(v)
	b.Robots = "noindex"
	return b, nil
}
