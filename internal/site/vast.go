package site

import (
	"fmt"
	"strings"

	"kawaraban/internal/audience"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/promo"
	"kawaraban/internal/promo/vast"
)

// vastEvents are what a player elsewhere tells us of a video, by the format's names. Its
// impression, the first picture shown, is our beginning; viewable is our impression.
var vastEvents = map[string]promo.Event{
	"impression": promo.Started, "viewable": promo.Viewed, "firstQuartile": promo.Quarter, "midpoint": promo.Half,
	"thirdQuartile": promo.Third, "complete": promo.Completed, "click": promo.Clicked,
}

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
	var d vast.Document
	x, ticket := s.Promo.Serve(promo.Visit{
		Place: place, From: v.Address(), Agent: v.Agent(), Machine: audience.Program(v.Agent()), Library: true,
	})
	if x != nil {
		d.Ads = []vast.Ad{s.vastAd(x, ticket)}
	}
	content, err := d.Marshal()
	if err != nil {
		return nil, fmt.Errorf("write VAST for %s: %w", place, err)
	}
	return page.Picture("application/xml", content).Anywhere(), nil
}

func (s *Site) vastAd(x *promo.Spot, t promo.Ticket) vast.Ad {
	id := string(t)
	if id == "" {
		id = x.ID
	}
	tell := func(what string) string { return s.Paper.URL("/promo/event/" + id + "/" + what) }
	f := vast.MediaFile{
		Delivery: vast.Progressive, Type: vast.MP4, Width: x.Film.Width, Height: x.Film.Height, Codec: x.Film.Codec, Size: x.Film.Size,
		Address: s.Paper.URL("/media/" + x.Film.Key()),
	}
	switch x.Film.Kind {
	case media.WebM:
		f.Type = vast.WebM
	case media.HLS:
		f.Delivery, f.Type, f.Address = vast.Streaming, vast.HLS, x.Film.Address
	}
	l := &vast.Linear{ID: x.ID, UniversalIDs: []vast.UniversalID{{Registry: "unknown", Value: "unknown"}}, Duration: x.Film.Duration, Media: []vast.MediaFile{f}}
	if key := x.Film.CaptionsKey(); key != "" {
		l.Captions = []vast.Caption{{Type: "text/vtt", Language: x.Film.Language, Address: s.Paper.URL("/media/" + key)}}
	}
	for _, e := range []vast.Event{vast.FirstQuartile, vast.Midpoint, vast.ThirdQuartile, vast.Complete} {
		l.Trackings = append(l.Trackings, vast.Tracking{Event: e, Address: tell(string(e))})
	}
	if x.To() != "" {
		l.ClickThrough, l.ClickTracking = x.To(), []vast.Link{{ID: x.ID, Address: tell("click")}}
	}
	return vast.Ad{
		ID: x.ID, System: "Kawaraban", ServingID: id, Title: x.Title, Advertiser: x.Sponsor, Description: x.Words, Linear: l,
		Impressions: []vast.Link{{ID: x.ID, Address: tell("impression")}}, Viewable: vast.Viewable{Viewable: []string{tell("viewable")}},
		Errors: []string{tell("error") + "?code=[ERRORCODE]"},
	}
}

// countEvent counts what a player elsewhere tells of a video.
func (s *Site) countEvent(v *page.Visit) (*page.Answer, error) {
	what, known := vastEvents[v.Path("what")]
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
