package newsroom

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/promo"
	"kawaraban/internal/reader"
)

// bookingForm is what promoform.html shows: a booking to be made or changed.
type bookingForm struct {
	promoPage
	Path   string // where the form is sent
	Back   string
	New    bool
	Dirty  bool   // it holds what is not kept
	Seen   string // the version that it began with
	Theirs []fact // what somebody else has written meanwhile

	Sources    []option
	Kinds      []option
	Priorities []option
	Places     []option
	Films      []filmChoice
	Upload     string // address of the library

	Sponsor, Headline, Words, Link bookingField
	Film, Address, Goal, Share     bookingField
	Poster                         posterField
	Begins, Ends, Cap, Note        bookingField

	Labels choiceLabels

	SourceWrong, KindWrong, PlacesWrong, PriorityWrong string

	First string // what is wrong first

	Forecast string // what can be promised, "" while the days are not known
	Beyond   string // that more is promised than is usual
}

// choiceLabels are the labels of what is chosen and not typed.
type choiceLabels struct{ Source, Film, Kind, Places, Priority string }

// A bookingField is one that is typed into.
type bookingField struct {
	Name, Label, Value, Hint string
	Wrong                    string
	Focus                    bool // the first that is wrong
	Type, Mode               string
	Max                      int
	Long                     bool
}

// A filmChoice is a video of the library to choose.
type filmChoice struct {
	ID, Title, About string
	Small            string // "" without a poster
	On               bool
}

// typedBooking is what stands in the form.
type typedBooking struct {
	Sponsor, Title, Words, Link       string
	Source, Film, FilmID, Address     string
	Poster, Kind, Goal, Share         string
	Begins, Ends, Priority, Cap, Note string
	Places                            []string

	Sought string // words by which a poster is looked for
}

func bookingTyped(v *visit) typedBooking {
	f := func(name string) string { return strings.TrimSpace(v.Field(name)) }
	return typedBooking{
		Sponsor: f("sponsor"), Title: f("title"), Words: f("words"), Link: f("link"), Source: f("source"), Film: f("film"), FilmID: f("film_id"),
		Address: f("address"), Poster: f("poster"), Kind: f("kind"), Goal: f("goal"), Share: f("share"), Begins: f("begins"), Ends: f("ends"),
		Priority: f("priority"), Cap: f("cap"), Note: f("note"), Places: v.Fields("place"), Sought: f("poster_find"),
	}
}

// typedFrom is a booking as the form has it.
func typedFrom(b *promo.Booking, zone *time.Location) typedBooking {
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	t := typedBooking{
		Sponsor: b.Sponsor, Title: b.Title, Words: b.Words, Link: b.Link, Source: string(b.Source), Film: b.Video, Address: b.Address, Poster: b.Poster,
		Kind: string(b.Kind), Goal: number(b.Goal), Share: number(b.Share), Begins: b.Begins.In(zone).Format(dayField),
		Priority: number(b.Priority), Cap: number(b.Cap), Note: b.Note, Places: b.Places,
	}
	if !b.Ends.IsZero() {
		t.Ends = lastDay(b.Ends).In(zone).Format(dayField)
	}
	return t
}

// fields are the fields of the form that brings a booking back.
func (t typedBooking) fields() (list []keptField) {
	for _, f := range []keptField{
		{"sponsor", t.Sponsor},
		{"title", t.Title},
		{"words", t.Words},
		{"link", t.Link},
		{"source", t.Source},
		{"film", t.Film},
		{"address", t.Address},
		{"poster", t.Poster},
		{"kind", t.Kind},
		{"goal", t.Goal},
		{"share", t.Share},
		{"begins", t.Begins},
		{"ends", t.Ends},
		{"priority", t.Priority},
		{"cap", t.Cap},
		{"note", t.Note},
	} {
		if f.Value != "" {
			list = append(list, f)
		}
	}
	for _, p := range t.Places {
		list = append(list, keptField{"place", p})
	}
	return list
}

// booking is what was typed as a booking; wrong says what cannot be read.
func (d *Desk) booking(t typedBooking) (b *promo.Booking, wrong map[string]string) {
	wrong = map[string]string{}
	number := func(text string) int {
		if text == "" {
			return 0
		}
		return numeral(strings.NewReplacer(",", "", " ", "", "\u00a0", "").Replace(text))
	}
	b = &promo.Booking{
		Sponsor: t.Sponsor, Title: t.Title, Words: t.Words, Link: t.Link, Source: promo.Source(t.Source), Address: t.Address, Poster: t.Poster,
		Kind: promo.Kind(t.Kind), Goal: number(t.Goal), Share: number(t.Share), Priority: number(t.Priority), Cap: number(t.Cap), Note: t.Note,
		Places: slices.Clone(t.Places),
	}
	if b.Source == promo.Library {
		b.Video = t.Film
		if t.FilmID != "" {
			b.Video = t.FilmID
		}
	}
	day := func(text, field string, later int) time.Time {
		if text == "" {
			return time.Time{}
		}
		at, err := time.ParseInLocation(dayField, text, d.Paper.Zone)
		if err != nil || at.Year() < 1970 || at.Year() > 9998 {
			wrong[field] = "Choose a day."
			return time.Time{}
		}
		return time.Date(at.Year(), at.Month(), at.Day()+later, 0, 0, 0, 0, d.Paper.Zone)
	}
	b.Begins, b.Ends = day(t.Begins, "begins", 0), day(t.Ends, "ends", 1)
	return b, wrong
}

// refused says all that is wrong with a booking, each at its field; nil when nothing is.
func (d *Desk) refused(v *visit, b *promo.Booking, wrong map[string]string) (*problem.Problem, error) {
	bad := problem.Of(b.Check())
	if bad == nil {
		bad = &problem.Problem{Kind: problem.Invalid, Detail: "The booking was not kept. Look at what is marked.", Fields: map[string]string{}}
	}
	if b.Source == promo.Library && b.Video != "" {
		found, err := d.Work.Media.Videos(v.Context(), b.Video)
		if err != nil {
			return nil, err
		}
		if found[b.Video] == nil {
			wrong["video"] = "There is no such video in the library. Choose another."
		}
	}
	if b.Poster != "" {
		found, err := d.Work.Media.Pictures(v.Context(), b.Poster)
		if err != nil {
			return nil, err
		}
		if found[b.Poster] == nil {
			wrong["poster"] = "There is no such picture in the library. Choose another, or leave it empty."
		}
	}
	places, err := d.placeNames(v)
	if err != nil {
		return nil, err
	}
	for _, p := range b.Places {
		if places[p] == "" {
			wrong["places"] = "There is no such section. Choose again."
		}
	}
	if maps.Copy(bad.Fields, wrong); len(bad.Fields) == 0 {
		return nil, nil
	}
	return bad, nil
}

func (d *Desk) showNewBooking(v *visit, a *reader.Actor) (*page.Answer, error) {
	t := typedBooking{Source: string(promo.Library), Kind: string(promo.Impressions), Priority: "2"}
	if d.Promo != nil && v.Get("copy") != "" {
		b, err := d.Promo.Get(v.Context(), v.Get("copy"))
		if err != nil {
			return nil, err
		}
		t = typedFrom(b, d.Paper.Zone)
		t.Begins, t.Ends = "", ""
	}
	p, err := d.bookingForm(v, a, nil, t, nil)
	if err != nil {
		return nil, err
	}
	return page.Show(v.books.With(p)), nil
}

func (d *Desk) showChangeBooking(v *visit, a *reader.Actor) (*page.Answer, error) {
	was, err := d.oneBooking(v)
	if err != nil {
		return nil, err
	}
	p, err := d.bookingForm(v, a, was, typedFrom(was, d.Paper.Zone), nil)
	if err != nil {
		return nil, err
	}
	return page.Show(v.books.With(p)), nil
}

func (d *Desk) oneBooking(v *visit) (*promo.Booking, error) {
	if d.Promo == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	return d.Promo.Get(v.Context(), v.Path("id"))
}

func (d *Desk) addBooking(v *visit, a *reader.Actor) (*page.Answer, error) {
	if d.Promo == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	return d.keepBooking(v, a, nil)
}

func (d *Desk) changeBooking(v *visit, a *reader.Actor) (*page.Answer, error) {
	was, err := d.oneBooking(v)
	if err != nil {
		return nil, err
	}
	return d.keepBooking(v, a, was)
}

// keepBooking adds what was typed, or changes a booking to it.
func (d *Desk) keepBooking(v *visit, a *reader.Actor, was *promo.Booking) (*page.Answer, error) {
	t := bookingTyped(v)
	b, wrong := d.booking(t)
	seeks := seeksPoster(v)
	if seeks || v.Field("act") == "look" { // for a poster, or at how much can be promised
		p, err := d.bookingForm(v, a, was, t, nil)
		if err != nil {
			return nil, err
		}
		p.Dirty = true
		if was != nil {
			p.Seen = v.Field("seen")
		}
		if p.Poster.Seeking = seeks; !seeks && p.Forecast == "" {
			p.Ends.Wrong, p.Ends.Focus = v.words.Say("booking.forecast.days"), true
		}
		return page.Show(v.books.With(p)), nil
	}
	bad, err := d.refused(v, b, wrong)
	if err != nil {
		return nil, err
	}
	if bad == nil {
		done := "added"
		if was == nil {
			err = d.Promo.Add(v.Context(), a.Reader.ID, b)
		} else {
			done = "changed"
			b.ID, b.Edited = was.ID, seenAt(v)
			err = d.Promo.Set(v.Context(), a.Reader.ID, b)
		}
		if err == nil {
			return d.toBooking(v, b.ID, done)
		}
		if bad = problem.Of(err); bad == nil || bad.Kind == problem.NotFound {
			return nil, err
		}
	}
	p, err := d.bookingForm(v, a, was, t, bad)
	if err != nil {
		return nil, err
	}
	return page.WithStatus(v.books.With(p), bad.Kind.Status()), nil
}

// toBooking goes on to a booking that has changed. What is shown there is to be what is
// so now, whatever this process has heard.
func (d *Desk) toBooking(v *visit, id, done string) (*page.Answer, error) {
	return page.SeeOther(bookingAt(id) + "?done=" + done), d.Promo.Refresh(v.Context())
}

// seenAt is the version of a booking that a form began with.
func seenAt(v *visit) time.Time {
	n, _ := strconv.ParseInt(v.Field("seen"), 10, 64)
	return time.UnixMicro(n).UTC()
}

// bookingForm makes the form of a booking, nil for a new one; bad says what is wrong.
func (d *Desk) bookingForm(v *visit, a *reader.Actor, was *promo.Booking, t typedBooking, bad *problem.Problem) (p bookingForm, err error) {
	w := v.words
	if p.promoPage, err = d.promoPage(v, a, "booking.new"); err != nil {
		return p, err
	}
	p.New, p.Path, p.Back, p.Upload, p.Warns = was == nil, promoAt, promoAt, pictures+"?view="+videosView, true
	if was != nil {
		p.Title = w.Say("booking.change", was.Sponsor)
		p.Path, p.Back, p.Seen = bookingAt(was.ID)+"/change", bookingAt(was.ID), strconv.FormatInt(was.Edited.UnixMicro(), 10)
	}
	p.choose(w, t)
	if err := d.choosePlaces(v, &p, t); err != nil {
		return p, err
	}
	if err := d.chooseFilms(v, &p, t); err != nil {
		return p, err
	}
	p.fill(w, t)
	if err := d.choosePosters(v, a, &p, t); err != nil {
		return p, err
	}
	if bad != nil {
		p.Dirty = true
		p.refuse(v, bad)
		if bad.Kind == problem.Conflict && len(bad.Fields) == 0 {
			p.Theirs = p.differences(t, typedFrom(was, d.Paper.Zone))
		} else {
			p.Seen = v.Field("seen")
		}
	}
	b, wrong := d.booking(t)
	if was != nil {
		b.ID = was.ID
	}
	if len(wrong) == 0 {
		err = d.foretell(v, &p, b)
	}
	return p, err
}
