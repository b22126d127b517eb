package site

import (
	"context"
	"strings"

	"kawaraban/internal/desk"
	"kawaraban/internal/problem"
)

// SendAssignment writes to a colleague what there is to write. Who has been given
// to somebody else meanwhile, or has left, gets nothing.
func (s *Site) SendAssignment(ctx context.Context, a desk.Assignment) error {
	p, err := s.Desk.PlanToTell(ctx, a.Plan)
	if problem.Is(err, problem.NotFound) || err == nil && (p.Assignee != a.To || p.State != desk.PlanOpen) {
		return nil
	}
	if err != nil {
		return err
	}
	r, err := s.Readers.ByID(ctx, a.To)
	if problem.Is(err, problem.NotFound) || err == nil && r.Email == "" {
		return nil
	}
	if err != nil {
		return err
	}
	v, err := s.roomsIn(r.Language)
	if err != nil {
		return err
	}
	w := v.words
	set := letter{
		Language: w.Tag.String(), Paper: s.Paper.Name, Home: s.Paper.URL("/"), Accent: s.Paper.Colours.Light(), Notice: s.Paper.Notice,
		Subject: w.Say("assignment.subject", p.Title), Title: p.Title, Why: w.Say("assignment.why", s.Paper.Name),
		Button: w.Say("assignment.button"), Link: s.Paper.URL("/newsroom/plan/" + p.ID),
	}
	set.Text = []string{w.Say("assignment.text")}
	if !p.Due.IsZero() {
		set.Text = append(set.Text, w.Say("assignment.due", w.Moment(p.Due)))
	}
	for _, line := range strings.Split(p.Note, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			set.Text = append(set.Text, line)
		}
	}
	return s.deliver(ctx, v, "assignment", r.Email, set)
}
