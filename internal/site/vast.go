package site

import (
	"strings"

	"kawaraban/internal/audience"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/promo"
)

// showVAST is what is booked for a place, for players elsewhere (VAST 4.2). Each answer
// has a ticket of its own.
func (s *Site) showVAST(v *page.Visit) (*page.Answer, error) {
	place, xml := strings.CutSuffix(v.Path("file"), ".xml")
	if s.Promo == nil || !xml || !s.place(place) {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	if err := s.brakes.read(v.Address()); err != nil {
		return nil, err
	}
	x, ticket := s.Promo.Serve(promo.Visit{
		Place: place, From: v.Address(), Agent: v.Agent(), Machine: audience.Program(v.Agent()), Library: true,
	})
	content, err := s.Promo.VAST(x, ticket)
	if err != nil {
		return nil, err
	}
	return page.Picture("application/xml", content).Anywhere(), nil
}

// countEvent counts what a player elsewhere tells of a video.
func (s *Site) countEvent(v *page.Visit) (*page.Answer, error) {
	what, known := promo.EventOf(v.Path("what"))
	if s.Promo == nil || !known && v.Path("what") != "error" {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	if err := s.brakes.read(v.Address()); err != nil {
		return nil, err
	}
	if known {
		s.Promo.Count(promo.Ticket(v.Path("ticket")), what, promo.Visit{From: v.Address(), Agent: v.Agent(), Machine: audience.Program(v.Agent())})
	} else {
		s.Log.Info("a player elsewhere could not show a promotion", "code", v.Get("code"))
	}
	return page.Nothing().Anywhere(), nil
}
