package newsroom

import (
	"cmp"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/promo"
	"kawaraban/internal/reader"
)

// promoAt is the address of the room of sponsored videos.
const promoAt = "/newsroom/promo"

func bookingAt(id string) string { return promoAt + "/" + id }

const bookingsPerPage = 40

func (d *Desk) promoRoutes(rt *page.Router) {
	d.room(rt, room{promoAt, "booking.title", "b", reader.MayEdit, nil}, d.showBookings)
	d.staff(rt, "POST "+promoAt, reader.MayManage, d.addBooking)
	d.staff(rt, "GET "+promoAt+"/new", reader.MayManage, d.showNewBooking)
	d.staff(rt, "GET "+promoAt+"/{id}", reader.MayEdit, d.showBooking)
	d.staff(rt, "POST "+promoAt+"/{id}", reader.MayManage, d.actOnBooking)
	d.staff(rt, "GET "+promoAt+"/{id}/change", reader.MayManage, d.showChangeBooking)
	d.staff(rt, "POST "+promoAt+"/{id}/change", reader.MayManage, d.changeBooking)
	d.staff(rt, "GET "+promoAt+"/{id}/table", reader.MayEdit, d.bookingTable)
}

// promoPage is what the pages of the room have alike.
type promoPage struct {
	chrome
	Manage bool   // this person may book
	Notice string // what has just happened, or is wrong with all of it
	Bad    bool
	Warns  bool // a form warns before what was typed is lost
}

func (d *Desk) promoPage(v *visit, a *reader.Actor, title string) (p promoPage, err error) {
	if d.Promo == nil {
		return p, &problem.Problem{Kind: problem.NotFound}
	}
	p.chrome, err = d.chrome(v, title)
	p.Manage = a.May(reader.MayManage)
	return p, err
}

// bookingsPage is what promo.html shows: what runs, what is to come and what is not let
// run, or what is over.
type bookingsPage struct {
	promoPage
	Views []tab
	Over  bool
	Rows  []bookingRow
	First string
	Older string
	Back  []keptField // a draft that was just removed, to bring it back
}

// A keptField is a field of a form that nobody fills in.
type keptField struct{ Name, Value string }

// A bookingRow is one booking in the list.
type bookingRow struct {
	Path, Sponsor, Title string
	Small                string // its poster, "" for none
	Kind, When, Where    string
	State, Mark, Shape   string
	Says                 string // what has been reached
	Reached, Goal        int    // of a bar; no goal, no bar
	Trouble              []string
}

func (d *Desk) showBookings(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.bookingsPage(v, a, v.Get("view") == "over", v.Get("before"))
	if err != nil {
		return nil, err
	}
	return page.Show(v.bookings.With(p)), nil
}

func (d *Desk) bookingsPage(v *visit, a *reader.Actor, over bool, before string) (p bookingsPage, err error) {
	if p.promoPage, err = d.promoPage(v, a, "booking.title"); err != nil {
		return p, err
	}
	w := v.words
	p.Over = over
	p.Views = []tab{{promoAt, w.Say("booking.view.now"), !over}, {promoAt + "?view=over", w.Say("booking.view.over"), over}}
	list, older, err := d.Promo.List(v.Context(), promo.Filter{Over: over, Before: before, Limit: bookingsPerPage})
	if err != nil {
		return p, err
	}
	here := promoAt + "?"
	if over {
		here += "view=over&"
	}
	if before != "" {
		p.First = strings.TrimRight(here, "?&")
	}
	if older != "" {
		p.Older = here + "before=" + older
	}
	p.Rows, err = d.bookingRows(v, list)
	return p, err
}

// bookingRows says of each booking what it is and how it stands.
func (d *Desk) bookingRows(v *visit, list []*promo.Booking) (rows []bookingRow, err error) {
	ids := make([]string, len(list))
	for i, b := range list {
		ids[i] = b.ID
	}
	totals, err := d.Promo.Totals(v.Context(), ids...)
	if err != nil {
		return nil, err
	}
	shown, err := d.shownOf(v, list)
	if err != nil {
		return nil, err
	}
	places, err := d.placeNames(v)
	if err != nil {
		return nil, err
	}
	for _, b := range list {
		rows = append(rows, d.bookingRow(v.words, b, shown, places, totals[b.ID][promo.Viewed]))
	}
	return rows, nil
}

func (d *Desk) bookingRow(w *page.Language, b *promo.Booking, shown shownFilms, places map[string]string, views int) bookingRow {
	phase := b.Phase(d.Now())
	r := bookingRow{
		Path: bookingAt(b.ID), Sponsor: b.Sponsor, Title: b.Title, Kind: bookingKind(w, b), When: bookingDays(w, b), Where: bookingPlaces(w, b, places),
		Says: d.reached(w, b, views), Trouble: shown.trouble(w, b, d.Now()),
	}
	r.State, r.Mark, r.Shape = phaseWords(w, phase)
	if poster := shown.poster(b); poster != nil {
		r.Small = picturePath(poster.ID) + "/small"
	}
	if b.Kind == promo.Impressions {
		r.Reached, r.Goal = min(views, b.Goal), b.Goal
	}
	return r
}

// reached says how many impressions a booking has, and of one that is promised some, how
// many there should be by now.
func (d *Desk) reached(w *page.Language, b *promo.Booking, views int) string {
	if b.Kind != promo.Impressions {
		return w.Count("booking.impressions", views)
	}
	if due, ok := d.Promo.Due(b.ID); ok && b.Phase(d.Now()) == promo.Running {
		return w.Say("booking.reached.due", w.Number(views), w.Number(b.Goal), w.Number(due))
	}
	return w.Say("booking.reached", w.Number(views), w.Number(b.Goal))
}

func phaseWords(w *page.Language, p promo.Phase) (word, mark, shape string) {
	switch p {
	case promo.Running:
		return w.Say("booking.phase.running"), "●", "published"
	case promo.Coming:
		return w.Say("booking.phase.coming"), "◷", "scheduled"
	case promo.Halted:
		return w.Say("booking.phase.stopped"), "■", "withdrawn"
	case promo.Over:
		return w.Say("booking.phase.over"), "✓", ""
	default:
		return w.Say("booking.phase.draft"), "○", ""
	}
}

func bookingKind(w *page.Language, b *promo.Booking) string {
	switch b.Kind {
	case promo.Exclusive:
		return w.Say("booking.kind.exclusive")
	case promo.Impressions:
		return w.Count("booking.impressions", b.Goal)
	case promo.Share:
		return w.Say("booking.kind.share.of", b.Share)
	default:
		return w.Say("booking.kind.house")
	}
}

func bookingDays(w *page.Language, b *promo.Booking) string {
	if b.Ends.IsZero() {
		return w.Say("booking.days.from", w.Day(b.Begins))
	}
	last := lastDay(b.Ends)
	if w.SameDay(b.Begins, last) {
		return w.Day(b.Begins)
	}
	return w.Say("booking.days", w.Day(b.Begins), w.Day(last))
}

func bookingPlaces(w *page.Language, b *promo.Booking, names map[string]string) string {
	if len(b.Places) == 0 {
		return w.Say("booking.everywhere")
	}
	list := make([]string, len(b.Places))
	for i, p := range b.Places {
		list[i] = cmp.Or(names[p], p)
	}
	return strings.Join(list, ", ")
}

// placeNames is what the places are called.
func (d *Desk) placeNames(v *visit) (map[string]string, error) {
	sections, err := d.places(v)
	names := map[string]string{promo.Front: v.words.Say("front.title")}
	for _, s := range sections {
		names[s.Slug] = s.Name
	}
	return names, err
}

func (d *Desk) places(v *visit) ([]article.Arranged, error) {
	sections, _, err := d.Articles.ArrangedSections(v.Context())
	return sections, err
}

// shownFilms are the videos and pictures of some bookings, and what ad servers have said.
type shownFilms struct {
	answers  map[string]promo.Answer
	films    map[string]*media.Video
	pictures map[string]*media.Picture
}

func (d *Desk) shownOf(v *visit, list []*promo.Booking) (s shownFilms, err error) {
	var films, pictures, tags []string
	for _, b := range list {
		if films, pictures = append(films, b.Video), append(pictures, b.Poster); b.Source == promo.Server {
			tags = append(tags, b.ID)
		}
	}
	if s.answers, err = d.Promo.Answers(v.Context(), tags...); err != nil {
		return s, err
	}
	if s.films, err = d.Work.Media.Videos(v.Context(), films...); err != nil {
		return s, err
	}
	for _, f := range s.films {
		pictures = append(pictures, f.Poster)
	}
	s.pictures, err = d.Work.Media.Pictures(v.Context(), pictures...)
	return s, err
}

// poster is the picture that stands for a booking, nil for none.
func (s shownFilms) poster(b *promo.Booking) *media.Picture {
	id := b.Poster
	if film := s.films[b.Video]; film != nil {
		id = cmp.Or(id, film.Poster)
	}
	return s.pictures[id]
}

// trouble says what keeps a booking from being shown, or will before it ends.
func (s shownFilms) trouble(w *page.Language, b *promo.Booking, now time.Time) (list []string) {
	if b.Phase(now) == promo.Over {
		return nil
	}
	before := func(expires time.Time) bool {
		return !expires.IsZero() && (b.Ends.IsZero() || expires.Before(b.Ends))
	}
	film, poster := s.films[b.Video], s.poster(b)
	if said := s.tagTrouble(w, b, now); said != "" {
		list = append(list, said)
	}
	switch {
	case film == nil:
	case film.Ended:
		list = append(list, w.Say("booking.trouble.ended"))
	case before(film.Expires):
		list = append(list, w.Say("booking.trouble.ends", w.Day(lastDay(film.Expires))))
	}
	switch {
	case poster == nil && film != nil:
		list = append(list, w.Say("booking.trouble.poster"))
	case poster == nil:
	case poster.Ended:
		list = append(list, w.Say("booking.trouble.poster.ended"))
	case before(poster.Expires):
		list = append(list, w.Say("booking.trouble.poster.ends", w.Day(lastDay(poster.Expires))))
	case poster.State != media.Drawn:
		list = append(list, stateOfPicture(w, poster))
	}
	return list
}

// tagTrouble says why an ad server has nothing to show for a booking, what that means, and
// what can be done; "" when nothing is wrong, or it has no ad server.
func (s shownFilms) tagTrouble(w *page.Language, b *promo.Booking, now time.Time) string {
	if b.Source != promo.Server {
		return ""
	}
	t := s.answers[b.ID]
	until := t.ShownUntil()
	switch {
	case t.Trouble == promo.NoTrouble && t.Good.IsZero():
		return w.Say("booking.tag.asked")
	case t.Trouble == promo.NoTrouble && now.Before(until):
		return ""
	case t.Trouble == promo.NoTrouble:
		return w.Say("booking.tag.old")
	}
	said := tagWords(w, t.Trouble)
	if now.Before(until) && s.films[b.Video] != nil {
		said += " " + w.Say("booking.tag.until", w.Moment(until))
	}
	return said
}

func tagWords(w *page.Language, t promo.Trouble) string {
	switch t {
	case promo.NoAd:
		return w.Say("booking.tag.empty")
	case promo.Late:
		return w.Say("booking.tag.late")
	case promo.Refused:
		return w.Say("booking.tag.refused")
	case promo.Unreachable:
		return w.Say("booking.tag.unreachable")
	case promo.Wrapped:
		return w.Say("booking.tag.wrapped")
	case promo.NoFilm:
		return w.Say("booking.tag.film")
	case promo.Program:
		return w.Say("booking.tag.program")
	case promo.NotBrought:
		return w.Say("booking.tag.brought")
	default:
		return w.Say("booking.tag.unreadable")
	}
}

// A bookingUse is a booking that has something of the library.
type bookingUse struct{ Path, Sponsor string }

// bookedBy are the bookings that have a picture or a video, for those who may see them.
func (d *Desk) bookedBy(v *visit, a *reader.Actor, id string) (list []bookingUse, err error) {
	if d.Promo == nil || !a.May(reader.MayEdit) {
		return nil, nil
	}
	booked, err := d.Promo.Uses(v.Context(), id)
	for _, b := range booked {
		list = append(list, bookingUse{bookingAt(b.ID), b.Sponsor})
	}
	return list, err
}
