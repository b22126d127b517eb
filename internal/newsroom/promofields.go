package newsroom

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/promo"
)

// fill sets what is typed into the fields of the form.
func (p *bookingForm) fill(w *page.Language, t typedBooking) {
	text := func(name, label, value, hint string, most int) bookingField {
		return bookingField{Name: name, Label: label, Value: value, Hint: hint, Max: most, Type: "text"}
	}
	number := func(name, label, value, hint string) bookingField {
		f := text(name, label, value, hint, 12)
		f.Mode = "numeric"
		return f
	}
	address := func(name, label, value, hint string) bookingField {
		f := text(name, label, value, hint, 2000)
		f.Mode = "url"
		return f
	}
	day := func(name, label, value, hint string) bookingField {
		return bookingField{Name: name, Label: label, Value: value, Hint: hint, Type: "date"}
	}
	p.Labels = choiceLabels{w.Say("booking.source"), w.Say("booking.film"), w.Say("booking.kind"), w.Say("booking.places"), w.Say("booking.priority")}
	p.Sponsor = text("sponsor", w.Say("booking.sponsor"), t.Sponsor, w.Say("booking.sponsor.hint"), 160)
	p.Headline = text("title", w.Say("booking.headline"), t.Title, "", 160)
	p.Words = text("words", w.Say("booking.words"), t.Words, w.Say("booking.words.hint"), 400)
	p.Link = address("link", w.Say("booking.link"), t.Link, w.Say("booking.link.hint"))
	p.Film = text("film_id", w.Say("booking.film.id"), t.FilmID, "", 40)
	p.Address = address("address", w.Say("booking.address"), t.Address, w.Say("booking.address.hint"))
	p.Poster.bookingField = text("poster", w.Say("booking.poster"), t.Poster, w.Say("booking.poster.hint"), 40)
	p.Goal = number("goal", w.Say("booking.goal"), t.Goal, "")
	p.Share = number("share", w.Say("booking.share"), t.Share, w.Say("booking.share.hint"))
	p.Begins = day("begins", w.Say("booking.begins"), t.Begins, "")
	p.Ends = day("ends", w.Say("booking.ends"), t.Ends, w.Say("booking.ends.hint"))
	p.Cap = number("cap", w.Say("booking.cap"), t.Cap, w.Say("booking.cap.hint"))
	p.Note = bookingField{Name: "note", Label: w.Say("booking.note"), Value: t.Note, Hint: w.Say("booking.note.hint"), Max: 2000, Long: true}
}

// refuse says what is wrong at each field, and looks at the first of them.
func (p *bookingForm) refuse(v *visit, bad *problem.Problem) {
	p.Notice, p.Bad = v.tells(bad), true
	said := func(field string) string {
		if bad.Fields[field] == "" {
			return ""
		}
		if bad.Kind == problem.Conflict {
			return p.Notice // which names who has the days
		}
		return v.words.Say(bad.Fields[field])
	}
	p.SourceWrong, p.KindWrong, p.PlacesWrong, p.PriorityWrong = said("source"), said("kind"), said("places"), said("priority")
	var choice bookingField // its words stand elsewhere
	for _, f := range []struct {
		name string
		at   *bookingField
	}{
		{"sponsor", &p.Sponsor},
		{"title", &p.Headline},
		{"words", &p.Words},
		{"link", &p.Link},
		{"source", &choice},
		{"video", &p.Film},
		{"address", &p.Address},
		{"poster", &p.Poster.bookingField},
		{"kind", &choice},
		{"begins", &p.Begins},
		{"ends", &p.Ends},
		{"goal", &p.Goal},
		{"share", &p.Share},
		{"places", &choice},
		{"priority", &choice},
		{"cap", &p.Cap},
		{"note", &p.Note},
	} {
		if f.at.Wrong = said(f.name); f.at.Wrong != "" && p.First == "" {
			p.First, f.at.Focus = f.name, true
		}
	}
}

// differences are what somebody else has written where this form says something else.
func (p *bookingForm) differences(mine, now typedBooking) (list []fact) {
	add := func(label, mine, now string) {
		if mine != now {
			list = append(list, fact{label, cmp.Or(now, "—")})
		}
	}
	name := func(options []option, value string) string {
		for _, o := range options {
			if o.Value == value {
				return o.Name
			}
		}
		return value
	}
	places := func(list []string) string {
		list = slices.Clone(list)
		slices.Sort(list)
		for i, one := range list {
			list[i] = name(p.Places, one)
		}
		return strings.Join(list, ", ")
	}
	add(p.Sponsor.Label, mine.Sponsor, now.Sponsor)
	add(p.Headline.Label, mine.Title, now.Title)
	add(p.Words.Label, mine.Words, now.Words)
	add(p.Link.Label, mine.Link, now.Link)
	add(p.Labels.Source, name(p.Sources, mine.Source), name(p.Sources, now.Source))
	add(p.Labels.Film, cmp.Or(mine.FilmID, mine.Film), now.Film)
	add(p.Address.Label, mine.Address, now.Address)
	add(p.Poster.Label, p.Poster.title(mine.Poster), p.Poster.title(now.Poster))
	add(p.Labels.Kind, name(p.Kinds, mine.Kind), name(p.Kinds, now.Kind))
	add(p.Goal.Label, mine.Goal, now.Goal)
	add(p.Share.Label, mine.Share, now.Share)
	add(p.Begins.Label, mine.Begins, now.Begins)
	add(p.Ends.Label, mine.Ends, now.Ends)
	add(p.Labels.Places, places(mine.Places), places(now.Places))
	add(p.Labels.Priority, name(p.Priorities, mine.Priority), name(p.Priorities, now.Priority))
	add(p.Cap.Label, mine.Cap, now.Cap)
	add(p.Note.Label, mine.Note, now.Note)
	return list
}

// foretell says how many impressions are usual on the days of a booking that is to have
// some, and warns when they are fewer than it promises.
func (d *Desk) foretell(v *visit, p *bookingForm, b *promo.Booking) (err error) {
	p.Forecast, p.Beyond, err = d.forecast(v, b)
	return err
}

// longest is for how many days is looked ahead.
const longest = 366 * 24 * time.Hour

func (d *Desk) forecast(v *visit, b *promo.Booking) (said, beyond string, err error) {
	w := v.words
	if b.Kind != promo.Impressions || b.Begins.IsZero() || !b.Ends.After(b.Begins) || b.Ends.Sub(b.Begins) > longest {
		return "", "", nil
	}
	f, err := d.Promo.Forecast(v.Context(), b)
	if err != nil {
		return "", "", err
	}
	if !f.Known {
		return w.Say("booking.forecast.unknown"), "", nil
	}
	said = w.Say("booking.forecast", w.Number(f.Usual), w.Number(f.Promised))
	if left := max(0, f.Usual-f.Promised); b.Goal > left {
		beyond = w.Say("booking.forecast.beyond", w.Number(left))
	}
	return said, beyond, nil
}

// choose sets what is chosen from a few.
func (p *bookingForm) choose(w *page.Language, t typedBooking) {
	for _, o := range []option{
		{string(promo.Library), w.Say("booking.source.video"), false},
		{string(promo.Embed), w.Say("booking.source.embed"), false},
		{string(promo.Server), w.Say("booking.source.tag"), false},
	} {
		o.On = o.Value == t.Source
		p.Sources = append(p.Sources, o)
	}
	for _, o := range []option{
		{string(promo.Impressions), w.Say("booking.kind.impressions"), false},
		{string(promo.Exclusive), w.Say("booking.kind.exclusive"), false},
		{string(promo.Share), w.Say("booking.kind.share"), false},
		{string(promo.House), w.Say("booking.kind.house"), false},
	} {
		o.On = o.Value == t.Kind
		p.Kinds = append(p.Kinds, o)
	}
	for _, o := range []option{
		{"1", w.Say("booking.priority.first"), false},
		{"2", w.Say("booking.priority.usual"), false},
		{"3", w.Say("booking.priority.last"), false},
	} {
		o.On = o.Value == t.Priority
		p.Priorities = append(p.Priorities, o)
	}
}

func (d *Desk) choosePlaces(v *visit, p *bookingForm, t typedBooking) error {
	sections, err := d.places(v)
	p.Places = append(p.Places, option{promo.Front, v.words.Say("front.title"), slices.Contains(t.Places, promo.Front)})
	for _, s := range sections {
		if on := slices.Contains(t.Places, s.Slug); on || s.Shown {
			p.Places = append(p.Places, option{s.Slug, s.Name, on})
		}
	}
	return err
}

// filmsToChoose is how many videos the form shows; the others have their numbers.
const filmsToChoose = 12

// chooseFilms sets the newest videos into the form, and the one that is chosen.
func (d *Desk) chooseFilms(v *visit, p *bookingForm, t typedBooking) error {
	list, _, err := d.Work.Media.ListVideos(v.Context(), media.VideoFilter{Limit: filmsToChoose})
	if err != nil {
		return err
	}
	if t.Film != "" && !slices.ContainsFunc(list, func(f *media.Video) bool { return f.ID == t.Film }) {
		found, err := d.Work.Media.Videos(v.Context(), t.Film)
		if err != nil {
			return err
		}
		if one := found[t.Film]; one != nil {
			list = append([]*media.Video{one}, list...)
		}
	}
	for _, f := range list {
		l := d.filmLine(v.words, f)
		about := strings.Trim(l.Kind+" · "+l.Length, " ·")
		if l.Rights != "" {
			about += " · " + l.Rights
		}
		p.Films = append(p.Films, filmChoice{ID: f.ID, Title: l.Title, About: about, Small: l.Small, On: f.ID == t.Film})
	}
	return nil
}
