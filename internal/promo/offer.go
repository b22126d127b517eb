package promo

import (
	"fmt"

	"kawaraban/internal/media"
	"kawaraban/internal/promo/vast"
)

// EventOf is what a player elsewhere tells us of a video, by the format's name (VAST 4.2,
// 3.14.1). Its impression, the first picture shown, is our beginning; viewable is our
// impression.
func EventOf(name string) (e Event, ok bool) {
	switch name {
	case "impression":
		e = Started
	case "viewable":
		e = Viewed
	case "click":
		e = Clicked
	case string(vast.FirstQuartile):
		e = Quarter
	case string(vast.Midpoint):
		e = Half
	case string(vast.ThirdQuartile):
		e = Third
	case string(vast.Complete):
		e = Completed
	}
	return e, e != ""
}

// VAST is a promotion for a player elsewhere, by its ticket; the empty answer for nil.
func (s *Store) VAST(x *Spot, t Ticket) ([]byte, error) {
	var d vast.Document
	if x != nil {
		d.Ads = []vast.Ad{s.ad(x, t)}
	}
	content, err := d.Marshal()
	if err != nil {
		return nil, fmt.Errorf("write VAST: %w", err)
	}
	return content, nil
}

func (s *Store) url(path string) string { return s.Base + path }

func (s *Store) ad(x *Spot, t Ticket) vast.Ad {
	id := string(t)
	if id == "" {
		id = x.ID
	}
	tell := func(what string) string { return s.url("/promo/event/" + id + "/" + what) }
	f := vast.MediaFile{
		Delivery: vast.Progressive, Type: vast.MP4, Width: x.Film.Width, Height: x.Film.Height, Codec: x.Film.Codec, Size: x.Film.Size,
		Address: s.url("/media/" + x.Film.Key()),
	}
	switch x.Film.Kind {
	case media.WebM:
		f.Type = vast.WebM
	case media.HLS:
		f.Delivery, f.Type, f.Address = vast.Streaming, vast.HLS, x.Film.Address
	}
	l := &vast.Linear{ID: x.ID, UniversalIDs: []vast.UniversalID{{Registry: "unknown", Value: "unknown"}}, Duration: x.Film.Duration, Media: []vast.MediaFile{f}}
	if key := x.Film.CaptionsKey(); key != "" {
		l.Captions = []vast.Caption{{Type: "text/vtt", Language: x.Film.Language, Address: s.url("/media/" + key)}}
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
