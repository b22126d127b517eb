package promo

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/media"
)

// A Spot is a booking that is on, with what is to be shown of it.
type Spot struct {
	*Booking
	Film     *media.Video   // nil for a player elsewhere
	Picture  *media.Picture // nil for none: the film's place is plain until it is played
	Trackers *Trackers      // of an ad server; nil for none

	plan plan
}

// A slate is what is booked, in memory: from it pages are made and readers are served.
type slate struct {
	made  time.Time
	spots []*Spot   // that are on and have not ended, also those that are to come
	next  time.Time // when the first of them begins or ends after that
}

const (
	slateLife = 30 * time.Second // after which only time has changed it
	maxSpots  = 500
)

// Refresh reads again what is booked.
func (s *Store) Refresh(ctx context.Context) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	now := s.Now()
	list, err := bookings(ctx, s.DB, `select `+bookingColumns+` from promo_booking as b
		where b.state = 'on' and (b.ends = 0 or b.ends > $1)
		order by b.priority, b.id
		limit $2`, db.Time(now), maxSpots)
	if err != nil {
		return err
	}
	next, err := s.newSlate(ctx, now, list)
	if err == nil {
		err = s.recount(ctx, next, nil)
	}
	if err != nil {
		return err
	}
	old := s.slate.Swap(next)
	if s.Vanished != nil && old != nil && differ(old, next, now) {
		s.Vanished()
	}
	return nil
}

func (s *Store) newSlate(ctx context.Context, now time.Time, list []*Booking) (*slate, error) {
	var films, pictures []string
	for _, b := range list {
		films, pictures = append(films, b.Video), append(pictures, b.Poster)
	}
	found, err := s.Media.Videos(ctx, films...)
	if err != nil {
		return nil, err
	}
	for _, v := range found {
		pictures = append(pictures, v.Poster)
	}
	drawn, err := s.Media.Pictures(ctx, pictures...)
	if err != nil {
		return nil, err
	}
	tags, err := s.tags(ctx, list)
	if err != nil {
		return nil, err
	}
	usual, err := s.usual(ctx, now)
	if err != nil {
		return nil, err
	}
	next := &slate{made: now}
	for _, b := range list {
		spot := &Spot{Booking: b, Film: found[b.Video], Trackers: tags[b.ID]}
		poster := b.Poster
		if spot.Film != nil {
			poster = cmp.Or(poster, spot.Film.Poster)
		}
		if spot.Picture = drawn[poster]; spot.Picture != nil && spot.Picture.Ended {
			spot.Picture = nil
		}
		if b.Kind == Impressions {
			spot.plan = newPlan(b, usual, s.alone(list, b), s.Zone())
		}
		next.spots = append(next.spots, spot)
		for _, at := range []time.Time{b.Begins, b.Ends} {
			if at.After(now) && (next.next.IsZero() || at.Before(next.next)) {
				next.next = at
			}
		}
	}
	return next, nil
}

// alone tells when an exclusive booking keeps another from all its places.
func (s *Store) alone(list []*Booking, b *Booking) func(time.Time) bool {
	var over []*Booking
	for _, x := range list {
		if x.Kind != Exclusive {
			continue
		}
		all := len(x.Places) == 0
		if !all && len(b.Places) > 0 {
			all = !slices.ContainsFunc(b.Places, func(p string) bool { return !x.At(p) })
		}
		if all {
			over = append(over, x)
		}
	}
	return func(t time.Time) bool {
		return slices.ContainsFunc(over, func(x *Booking) bool { return x.Phase(t) == Running })
	}
}

// differ reports whether something that the old slate showed now is shown no more, or
// what no page shows yet has begun.
func differ(old, next *slate, now time.Time) bool {
	return !slices.EqualFunc(old.running(old.made), next.running(now), func(a, b *Spot) bool {
		return a.ID == b.ID && a.Edited.Equal(b.Edited) && a.Video == b.Video && (a.Picture == nil) == (b.Picture == nil)
	})
}

// To is where a click leads; "" nowhere.
func (x *Spot) To() string {
	if x.Link == "" && x.Trackers != nil {
		return x.Trackers.Click
	}
	return x.Link
}

// Showable reports whether there is something to show at that moment: the rights of a
// film, and what a tag answers, may have ended.
func (x *Spot) Showable(at time.Time) bool {
	switch {
	case x.Phase(at) != Running:
		return false
	case x.Source == Embed:
		return x.Picture != nil
	case x.Source == Server && x.Trackers == nil:
		return false
	}
	return x.Film != nil && x.Film.MayShowAt(at)
}

func (s *slate) running(at time.Time) (list []*Spot) {
	for _, x := range s.spots {
		if x.Showable(at) {
			list = append(list, x)
		}
	}
	return list
}

// now is the slate in memory; an empty one before the first was read.
func (s *Store) now() *slate {
	if x := s.slate.Load(); x != nil {
		return x
	}
	return &slate{}
}

// Hear reads what is booked again when it has changed, here or in another process.
func (s *Store) Hear(ctx context.Context, e event.Event) error {
	if e.Kind != (Changed{}).EventKind() && e.Kind != (media.Ready{}).EventKind() {
		return nil
	}
	if e.Kind == (media.Ready{}).EventKind() && !s.shows(e.Subject) {
		return nil
	}
	if err := s.Refresh(ctx); err != nil {
		return err
	}
	return s.askDue(ctx)
}

// Shows lists the ids of its film and its picture.
func (x *Spot) Shows() (ids []string) {
	if x.Film != nil {
		ids = append(ids, x.Film.ID)
	}
	if x.Picture != nil {
		ids = append(ids, x.Picture.ID)
	}
	return ids
}

// shows reports whether a picture or a video is one of a booking that is on.
func (s *Store) shows(id string) bool {
	return slices.ContainsFunc(s.now().spots, func(x *Spot) bool {
		return x.Video == id || x.Poster == id || x.Film != nil && x.Film.Poster == id
	})
}

// MayShow reports whether a booking that runs shows that picture or video, so that
// readers may have it.
func (s *Store) MayShow(id string) bool {
	return id != "" && slices.ContainsFunc(s.now().running(s.Now()), func(x *Spot) bool {
		return slices.Contains(x.Shows(), id)
	})
}

// Spot returns a booking that runs.
func (s *Store) Spot(id string) (*Spot, bool) {
	for _, x := range s.now().running(s.Now()) {
		if x.ID == id {
			return x, true
		}
	}
	return nil, false
}

// Run writes down every two seconds what was counted, reads what is booked again when
// its time has come, and writes down the rest when ctx ends.
func (s *Store) Run(ctx context.Context) {
	var tellers sync.WaitGroup
	tellers.Go(func() { s.runTellers(ctx) })
	defer tellers.Wait()
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if err := s.Keep(context.WithoutCancel(ctx)); err != nil {
				s.Log.Error("what was seen of promotions in the last seconds is not counted", "error", err)
			}
			return
		case <-tick.C:
		}
		if err := s.Keep(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("what was seen of promotions waits to be counted", "error", err)
		}
		x := s.now()
		now := s.Now()
		if now.Sub(x.made).Abs() < slateLife && (x.next.IsZero() || now.Before(x.next)) {
			continue
		}
		err := s.Refresh(ctx)
		if err == nil {
			err = s.askDue(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Error("what is booked stays as it was", "error", err)
		}
	}
}
