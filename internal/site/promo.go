package site

import (
	"cmp"
	"net/http"
	"slices"

	"kawaraban/internal/article"
	"kawaraban/internal/audience"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/promo"
)

// promoRoutes are the addresses of the slot "Video promotion".
func (s *Site) promoRoutes(rt *page.Router) {
	s.open(rt, "POST /promo/slot/{place}", s.serveSpot)
	s.beacon(rt, "POST /promo/count", s.countSpot)
	s.open(rt, "GET /promo/to/{ticket}", s.followSpot)
	s.open(rt, "GET /promo/play/{ticket}", s.playSpot)
	s.machine(rt, "GET /promo/vast/{file}", s.showVAST)
	s.machine(rt, "GET /promo/event/{ticket}/{what}", s.countEvent)
	s.anyone(rt, "GET /promo/report/{token}", s.showSponsor)
	s.anyone(rt, "GET /promo/report/{token}/{file}", s.saveSponsor)
}

// A slotView is the slot on a page, with what it shows to nobody in particular.
type slotView struct {
	Place string
	Spot  spotView
}

// A spotView is one sponsored video.
type spotView struct {
	figure
	Ticket  string // "" where nothing is counted
	Sponsor string
	Title   string
	Words   string
	To      string // where it leads; "" for nowhere
	Play    string // the page on which another's player is; "" for a film of ours
	Host    string // where that is
	Length  string
	Frame   string // the address of that player
}

// slot is what a page has in the slot of a place, nil when nothing is booked there; on
// notes for the cache what that depends on.
func (s *Site) slot(place string) (view *slotView, on func(*page.Body) *page.Body) {
	if s.Promo == nil {
		return nil, func(b *page.Body) *page.Body { return b }
	}
	spot, until := s.Promo.Slot(place)
	tags := []string{promo.Tag}
	if spot != nil {
		view = &slotView{place, s.spotView(spot, "")}
		for _, id := range spot.Shows() {
			tags = append(tags, media.Tag(id))
		}
	}
	return view, func(b *page.Body) *page.Body { return b.Tagged(tags...).Until(until) }
}

func (s *Site) spotView(x *promo.Spot, t promo.Ticket) spotView {
	by := cmp.Or(string(t), x.ID)
	v := spotView{Ticket: string(t), Sponsor: x.Sponsor, Title: x.Title, Words: x.Words}
	if x.To() != "" {
		v.To = "/promo/to/" + by
	}
	v.Picture = newPicture(x.Picture, x.Title, bodySizes)
	switch {
	case x.Source == promo.Embed:
		v.Play, v.Host, v.Frame = "/promo/play/"+by, host(x.Address), x.Address
	case x.Film.Kind == media.HLS:
		v.Play, v.Host, v.Frame, v.Length = "/promo/play/"+by, host(x.Film.Address), x.Film.Address, x.Film.Clock()
	default:
		poster := cmp.Or(v.Picture, &picture{})
		v.Video = player{s: s, films: map[string]*media.Video{x.Film.ID: x.Film}}.video(x.Film.ID, poster)
		v.Video.Name, v.Length = x.Title, x.Film.Clock()
	}
	return v
}

// place reports whether there is a slot of that name.
func (s *Site) place(name string) bool {
	return name == promo.Front || slices.ContainsFunc(s.Paper.Sections, func(x article.Section) bool { return x.Slug == name })
}

func promoVisit(place string, v *visit) promo.Visit {
	return promo.Visit{Place: place, From: v.Address(), Agent: v.Agent(), Machine: audience.Program(v.Agent())}
}

func noSpot() error {
	return &problem.Problem{Kind: problem.NotFound, Detail: "This promotion is over. Our own stories are on the front page."}
}

// serveSpot answers a page whose reader has come near the slot.
func (s *Site) serveSpot(v *visit) (*page.Answer, error) {
	if s.Promo == nil || !s.place(v.Path("place")) {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	if err := s.brakes.read(v.Address()); err != nil {
		return nil, err
	}
	spot, ticket := s.Promo.Serve(promoVisit(v.Path("place"), v))
	if spot == nil {
		return page.Nothing(), nil
	}
	return page.Show(s.views.spot.With(s.spotView(spot, ticket))), nil
}

// countSpot counts what a page says of a video in its slot.
func (s *Site) countSpot(_ *http.Request, b *page.Beacon) error {
	if s.Promo == nil {
		return nil
	}
	from := b.Address()
	if err := s.brakes.read(from); err != nil {
		return err
	}
	s.Promo.Count(promo.Ticket(b.Field("ticket")), promo.Event(b.Field("what")), promo.Visit{From: from, Agent: b.Agent(), Machine: audience.Program(b.Agent())})
	return nil
}

// found is the booking of a ticket, or of a link that a page had for everybody.
func (s *Site) spotOf(name string) (*promo.Spot, promo.Ticket, error) {
	if s.Promo == nil {
		return nil, "", noSpot()
	}
	if x, ok := s.Promo.Spot(name); ok {
		return x, "", nil
	}
	if x, ok := s.Promo.Booked(promo.Ticket(name)); ok {
		return x, promo.Ticket(name), nil
	}
	return nil, "", noSpot()
}

// followSpot leads to the sponsor, and counts that. It leads nowhere else.
func (s *Site) followSpot(v *visit) (*page.Answer, error) {
	x, ticket, err := s.spotOf(v.Path("ticket"))
	if err != nil {
		return nil, err
	}
	if x.To() == "" {
		return nil, noSpot()
	}
	if err := s.byLink(v, ticket, promo.Clicked); err != nil {
		return nil, err
	}
	return page.SeeOther(x.To()), nil
}

// byLink counts what a reader has done by following a link of the slot, when it was a
// reader and that is what he did.
func (s *Site) byLink(v *visit, ticket promo.Ticket, what promo.Event) error {
	if err := notAhead(v); err != nil {
		return err
	}
	if byHand(v) {
		s.Promo.Count(ticket, what, promoVisit("", v))
	}
	return nil
}

// playPage is what play.html shows.
type playPage struct {
	chrome
	Spot   spotView
	Stream bool // a browser plays it itself
}

// playSpot is the page on which another's player is loaded: by a click, and not before.
func (s *Site) playSpot(v *visit) (*page.Answer, error) {
	x, ticket, err := s.spotOf(v.Path("ticket"))
	if err != nil {
		return nil, err
	}
	p := playPage{Spot: s.spotView(x, ticket), Stream: x.Source != promo.Embed}
	if p.Spot.Play == "" {
		return nil, noSpot()
	}
	if err := s.byLink(v, ticket, promo.Started); err != nil {
		return nil, err
	}
	p.chrome = s.personal(v, "promo.title")
	answer := page.Show(s.views.play.With(p))
	if p.Stream {
		return answer.Allow("media-src", "https://"+p.Spot.Host).Allow("connect-src", "'self' https://"+p.Spot.Host).Embeds(), nil
	}
	return answer.Allow("frame-src", "https://"+p.Spot.Host).Embeds(), nil
}
