package promo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/fetch"
	"kawaraban/internal/job"
	"kawaraban/internal/media"
	"kawaraban/internal/problem"
	"kawaraban/internal/promo/vast"
)

// AskKind is the job of asking an ad server what it has for a booking.
const AskKind = "promo.ask"

// Asking names the booking.
type Asking struct{ Booking string }

const (
	askEvery = 10 * time.Minute
	askTime  = time.Minute // for the answer, those behind it, and the film
	tagLife  = time.Hour   // after which the last good answer of a silent server is no longer shown
	maxTag   = 25 << 20    // bytes of a film that a server offers
	filmWide = 1280        // pixels, of the place for which a file is chosen
)

// Trackers are what an ad server has said beside its film: where a click leads, and the
// addresses that want to be told.
type Trackers struct {
	Click string // https, "" for nowhere
	Asset string // the address of the film
	Tell  map[Event][]string
}

// An Answer is what an ad server last said for a booking.
type Answer struct {
	Tried, Good time.Time
	Trouble     Trouble
	Trackers
}

// Work says what does the jobs of this package.
func (s *Store) Work() { job.Handle(s.Jobs, AskKind, s.Ask) }

// ShownUntil is until when the film of the last good answer is shown while the server
// answers with nothing better; zero for none.
func (t Answer) ShownUntil() time.Time {
	if t.Good.IsZero() || t.Trouble == NoAd {
		return time.Time{}
	}
	return t.Good.Add(tagLife)
}

// Answers returns what the ad servers of some bookings last said; those that were never
// asked are not in it.
func (s *Store) Answers(ctx context.Context, bookings ...string) (map[string]Answer, error) {
	return s.readTags(ctx, bookings)
}

// AnswerOf returns what the ad server of a booking last said; the zero Answer before it
// was asked.
func (s *Store) AnswerOf(ctx context.Context, booking string) (t Answer, err error) {
	all, err := s.readTags(ctx, []string{booking})
	return all[booking], err
}

func (s *Store) readTags(ctx context.Context, ids []string) (map[string]Answer, error) {
	all := map[string]Answer{}
	for some := range slices.Chunk(ids, 500) {
		var args []any
		rows, err := s.DB.Query(ctx, `select booking, tried, good, trouble, answer from promo_tag where booking `+db.In(&args, some)+` order by booking`, args...)
		if err != nil {
			return nil, fmt.Errorf("read tags: %w", err)
		}
		_, err = scanAll(rows, func(row interface{ Scan(...any) error }) (id string, err error) {
			var t Answer
			var answer string
			err = row.Scan(&id, (*db.Time)(&t.Tried), (*db.Time)(&t.Good), &t.Trouble, &answer)
			if err == nil && answer != "" {
				err = json.Unmarshal([]byte(answer), &t.Trackers)
			}
			all[id] = t
			return id, err
		})
		if err != nil {
			return nil, fmt.Errorf("read tags: %w", err)
		}
	}
	return all, nil
}

// tags are the trackers of those bookings whose ad server has answered well lately.
func (s *Store) tags(ctx context.Context, list []*Booking) (map[string]*Trackers, error) {
	var ids []string
	for _, b := range list {
		if b.Source == Server {
			ids = append(ids, b.ID)
		}
	}
	all, err := s.readTags(ctx, ids)
	if err != nil {
		return nil, err
	}
	good := map[string]*Trackers{}
	for id, t := range all {
		if s.Now().Before(t.ShownUntil()) {
			good[id] = &t.Trackers
		}
	}
	return good, nil
}

// askDue adds jobs for the bookings whose servers were last asked a while ago. Of several
// processes one gets the row.
func (s *Store) askDue(ctx context.Context) error {
	now := s.Now()
	for _, x := range s.now().spots {
		if x.Source != Server || x.Phase(now) != Running {
			continue
		}
		err := s.DB.Tx(ctx, func(tx *db.Tx) error {
			err := db.One(tx.Exec(ctx, `insert into promo_tag (booking, tried, good, trouble, answer) values ($1, $2, 0, '', '')
				on conflict (booking) do update set tried = excluded.tried
				where promo_tag.tried <= $3`, x.ID, db.Time(now), db.Time(now.Add(-askEvery))))
			if problem.Is(err, problem.NotFound) {
				return nil // not yet
			}
			if err != nil {
				return err
			}
			return s.Jobs.AddUnique(ctx, tx, AskKind, time.Time{}, Asking{x.ID})
		})
		if err != nil {
			return fmt.Errorf("ask the server of booking %s: %w", x.ID, err)
		}
	}
	return nil
}

// Ask asks the ad server of a booking what it has, and keeps its film.
func (s *Store) Ask(ctx context.Context, a Asking) error {
	b, err := s.Get(ctx, a.Booking)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil || b.Source != Server {
		return err
	}
	was, err := s.AnswerOf(ctx, b.ID)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	t, video, bad := s.answer(limited, b, was)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if bad != nil {
		s.Log.Warn("an ad server has no film for a booking", "booking", b.ID, "error", bad)
	}
	answer, err := json.Marshal(t.Trackers)
	if err != nil {
		return fmt.Errorf("keep what an ad server answered: %w", err)
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into promo_tag (booking, tried, good, trouble, answer) values ($1, $2, $3, $4, $5)
			on conflict (booking) do update
			set tried = excluded.tried, good = excluded.good, trouble = excluded.trouble, answer = excluded.answer`,
			b.ID, db.Time(s.Now()), db.Time(t.Good), t.Trouble, string(answer))
		if err != nil {
			return fmt.Errorf("keep what an ad server answered: %w", err)
		}
		// The booking may have another address by now, and another source.
		_, err = tx.Exec(ctx, `update promo_booking set video = nullif($2, '') where id = $1 and source = 'tag' and address = $3`, b.ID, video, b.Address)
		if err != nil {
			return fmt.Errorf("keep the film of an ad server: %w", err)
		}
		return event.Record(ctx, tx, Changed{})
	})
}

// answer is what the server says now, and the film: what it was before when it says
// nothing that can be used.
func (s *Store) answer(ctx context.Context, b *Booking, was Answer) (t Answer, video string, err error) {
	t, video = was, b.Video
	ad, err := vast.Resolve(ctx, b.Address, s.macros(), s.document)
	if err != nil {
		var bad *vast.Error
		if t.Trouble = Unreadable; errors.As(err, &bad) {
			t.Trouble = troubleOf(bad)
			s.teller.say(bad.Tell)
		}
		return t, video, err
	}
	file, ok := ad.Linear.Pick(filmWide)
	if !ok {
		t.Trouble = NoFilm
		return t, video, nil
	}
	if file.Address != was.Asset || video == "" {
		if video, err = s.bring(ctx, b, ad, file); err != nil {
			t.Trouble, video = NotBrought, b.Video
			m := s.macros()
			m.Error = vast.FileNotFound
			s.teller.say(expanded(ad.Errors, m))
			return t, video, err
		}
	}
	return Answer{Good: s.Now(), Trackers: trackersOf(ad, file)}, video, nil
}

// document fetches one answer of an ad server.
func (s *Store) document(ctx context.Context, address string) ([]byte, error) {
	r, err := s.Fetch.Get(ctx, address, fetch.Options{Accept: "application/xml, text/xml;q=0.9, */*;q=0.1", MaxBytes: vast.MaxBytes})
	if err != nil {
		return nil, err
	}
	return r.Body, nil
}

// bring makes the film of an ad server one of the library: readers' browsers fetch
// nothing from there.
func (s *Store) bring(ctx context.Context, b *Booking, ad vast.Ad, file vast.MediaFile) (id string, err error) {
	if file.Type == vast.HLS {
		return id, s.DB.Tx(ctx, func(tx *db.Tx) error {
			id, _, err = s.Media.AddStream(ctx, tx, "", media.Stream{Address: file.Address, Title: b.Title, Duration: ad.Linear.Duration, Width: file.Width, Height: file.Height})
			return err
		})
	}
	r, err := s.Fetch.Get(ctx, file.Address, fetch.Options{Accept: "video/mp4, video/webm", MaxBytes: maxTag})
	if err != nil {
		return "", err
	}
	u, err := url.Parse(file.Address)
	if err != nil {
		return "", err
	}
	if id, _, err = s.Media.SendVideo(ctx, "", u.Hostname(), r.Body); err != nil {
		return "", err
	}
	for _, c := range ad.Linear.Captions {
		if c.Type != "text/vtt" {
			continue
		}
		text, err := s.Fetch.Get(ctx, c.Address, fetch.Options{Accept: c.Type, MaxBytes: 1 << 20})
		if err == nil {
			err = s.Media.SetCaptions(ctx, id, text.Body, c.Language)
		}
		if err != nil {
			s.Log.Warn("the captions of an ad server's film are left out", "booking", b.ID, "error", err)
		}
		break
	}
	return id, nil
}

// trackersOf are the addresses that an ad wants to be told at. A film in the slot begins
// by a click, in sight: what the format calls an impression, its first picture shown, is
// for us the beginning.
func trackersOf(ad vast.Ad, file vast.MediaFile) Trackers {
	t := Trackers{Click: ad.Linear.ClickThrough, Asset: file.Address, Tell: map[Event][]string{}}
	add := func(what Event, list ...string) { t.Tell[what] = append(t.Tell[what], list...) }
	for _, l := range ad.Impressions {
		add(Started, l.Address)
	}
	add(Started, ad.Viewable.Viewable...)
	for _, l := range ad.Linear.ClickTracking {
		add(Clicked, l.Address)
	}
	for of, what := range map[vast.Event]Event{
		vast.CreativeView: Started, vast.Start: Started, vast.FirstQuartile: Quarter, vast.Midpoint: Half, vast.ThirdQuartile: Third, vast.Complete: Completed,
	} {
		for _, x := range ad.Linear.Tracked(of) {
			add(what, x.Address)
		}
	}
	return t
}

func (s *Store) macros() vast.Macros {
	m := vast.Macros{Time: s.Now(), Random: rand.Uint32(), Server: true}
	if u, err := url.Parse(s.Base); err == nil {
		m.Domain = u.Hostname()
	}
	return m
}

func expanded(list []string, m vast.Macros) (out []string) {
	for _, a := range list {
		if a = vast.Expand(a, m); strings.HasPrefix(a, "https://") {
			out = append(out, a)
		}
	}
	return out
}

// tell tells the ad server of a booking what has become of its film, from here: it learns
// nothing of who it was.
func (s *Store) tell(x *Spot, what Event) {
	if x.Trackers == nil {
		return
	}
	m := s.macros()
	m.Asset = x.Trackers.Asset
	s.teller.say(expanded(x.Trackers.Tell[what], m))
}
