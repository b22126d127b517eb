package newsroom

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/audience"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/promo"
	"kawaraban/internal/reader"
)

// bookingPage is what promobooking.html shows: one booking, what readers see of it, and
// what has become of it.
type bookingPage struct {
	promoPage
	ID, Path         string
	Row              bookingRow
	Undo             *undoRule
	Run, Halt, Draft bool // what can be done with it

	Words, Link, Host string
	Picture           string // address of the poster, "" for none
	Width, Height     int    // of it
	Film              string // address in the library, "" for none
	Facts             []fact
	Note              string

	Forecast, Beyond string

	Numbers []fact
	Plot    plot
	Drawn   bool // there is something to plot
	Table   string

	Report string // address that the sponsor has, "" for none
	Log    string // address of the audit log about it, "" for those who may not see it
}

// mostDays is how many days a plot has.
const mostDays = 366

func (d *Desk) showBooking(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.bookingPage(v, a)
	if err != nil {
		return nil, err
	}
	p.done(v)
	return page.Show(v.booking.With(p)), nil
}

// done says what has just been done, and offers to take it back.
func (p *bookingPage) done(v *visit) {
	w := v.words
	switch v.Get("done") {
	case "added":
		p.Notice = w.Say("booking.done.added")
	case "changed":
		p.Notice = w.Say("booking.done.changed")
	case "on", "began":
		if p.Notice = w.Say("booking.done.on"); p.Halt && p.Manage {
			p.Undo = &undoRule{Act: "stop", Words: w.Say("network.undo")}
			if v.Get("done") == "began" { // it was a draft
				p.Undo.Act = "draft"
			}
		}
	case "draft":
		p.Notice = w.Say("booking.done.draft")
	case "ran":
		p.Notice = w.Say("booking.done.ran")
	case "stopped":
		if p.Notice = w.Say("booking.done.stopped"); p.Run && p.Manage {
			p.Undo = &undoRule{Act: "run", Words: w.Say("network.undo")}
		}
	case "link":
		p.Notice = w.Say("booking.done.link")
	case "unlinked":
		p.Notice = w.Say("booking.done.unlinked")
	}
}

func (d *Desk) bookingPage(v *visit, a *reader.Actor) (p bookingPage, err error) {
	if p.promoPage, err = d.promoPage(v, a, "booking.title"); err != nil {
		return p, err
	}
	ctx, w := v.Context(), v.words
	b, err := d.Promo.Get(ctx, v.Path("id"))
	if err != nil {
		return p, err
	}
	total, err := d.Promo.Total(ctx, b.ID)
	if err != nil {
		return p, err
	}
	shown, err := d.shownOf(v, []*promo.Booking{b})
	if err != nil {
		return p, err
	}
	places, err := d.placeNames(v)
	if err != nil {
		return p, err
	}
	p.ID, p.Title = b.ID, b.Sponsor
	p.Path, p.Table = bookingAt(b.ID), bookingAt(b.ID)+"/table"
	p.Row = d.bookingRow(w, b, shown, places, total[promo.Viewed])
	over := b.Phase(d.Now()) == promo.Over
	p.Run, p.Halt, p.Draft = b.State != promo.On && !over, b.State == promo.On && !over, b.State == promo.Draft
	p.show(w, b, shown)
	if p.Facts, err = d.bookingFacts(v, b, shown); err != nil {
		return p, err
	}
	if p.Run || b.Begins.After(d.Now()) { // later the plan tells more
		if p.Forecast, p.Beyond, err = d.forecast(v, b); err != nil {
			return p, err
		}
	}
	p.Numbers = bookingNumbers(w, total)
	if err := d.plotBooking(v, &p, b); err != nil {
		return p, err
	}
	if token := d.Promo.Link(b); token != "" {
		p.Report = d.Paper.BaseURL + "/promo/report/" + token
	}
	if p.Manage {
		p.Log = auditAt + "?about=" + b.ID
	}
	return p, nil
}

// show sets what readers see of a booking.
func (p *bookingPage) show(w *page.Language, b *promo.Booking, shown shownFilms) {
	p.Words, p.Link, p.Note = b.Words, b.Link, b.Note
	p.Host = strings.TrimPrefix(b.Link, "https://")
	p.Host, _, _ = strings.Cut(p.Host, "/")
	if film := shown.films[b.Video]; film != nil {
		p.Film = videoPath(film.ID)
	}
	if poster := shown.poster(b); poster != nil {
		p.Width, p.Height = fits(poster.Width, poster.Height)
		for _, f := range poster.Renditions {
			if f.Format == media.JPEG && (p.Picture == "" || f.Width <= 640) {
				p.Picture = pictureBase + f.Key
			}
		}
	}
}

// bookingFacts are what was agreed.
func (d *Desk) bookingFacts(v *visit, b *promo.Booking, shown shownFilms) (facts []fact, err error) {
	w := v.words
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, fact{name, value})
		}
	}
	add(w.Say("booking.kind"), bookingKind(w, b))
	add(w.Say("booking.days.are"), bookingDays(w, b))
	places, err := d.placeNames(v)
	if err != nil {
		return nil, err
	}
	add(w.Say("booking.places"), bookingPlaces(w, b, places))
	switch b.Source {
	case promo.Library:
		if film := shown.films[b.Video]; film != nil {
			l := d.filmLine(w, film)
			add(w.Say("booking.source.video"), strings.TrimRight(l.Title+" · "+l.Length, " ·"))
		}
	case promo.Embed:
		add(w.Say("booking.source.embed"), b.Address)
	case promo.Server:
		add(w.Say("booking.source.tag"), b.Address)
	}
	switch b.Priority {
	case 1:
		add(w.Say("booking.priority"), w.Say("booking.priority.first"))
	case 3:
		add(w.Say("booking.priority"), w.Say("booking.priority.last"))
	}
	if b.Cap > 0 {
		add(w.Say("booking.cap"), w.Count("booking.cap.times", b.Cap))
	}
	people, err := d.names(v, b.Author)
	if err != nil {
		return nil, err
	}
	by := w.Say("audit.console")
	if b.Author != "" {
		by = people.name(b.Author)
	}
	add(w.Say("booking.by"), w.Say("picture.fact.from.when", by, w.Moment(b.Created)))
	return facts, nil
}

// bookingNumbers are what was counted, with what that is of what.
func bookingNumbers(w *page.Language, n promo.Numbers) (list []fact) {
	part := func(of, whole int) string {
		if whole == 0 {
			return ""
		}
		return fmt.Sprintf(" · %.1f%%", 100*float64(of)/float64(whole))
	}
	add := func(name string, e promo.Event, of promo.Event) {
		list = append(list, fact{name, w.Number(n[e]) + part(n[e], n[of])})
	}
	list = append(list, fact{w.Say("booking.n.served"), w.Number(n[promo.Served])})
	add(w.Say("booking.n.viewed"), promo.Viewed, promo.Served)
	add(w.Say("booking.n.started"), promo.Started, promo.Viewed)
	add(w.Say("booking.n.quarter"), promo.Quarter, promo.Started)
	add(w.Say("booking.n.half"), promo.Half, promo.Started)
	add(w.Say("booking.n.third"), promo.Third, promo.Started)
	add(w.Say("booking.n.completed"), promo.Completed, promo.Started)
	add(w.Say("booking.n.clicked"), promo.Clicked, promo.Viewed)
	return append(list, fact{w.Say("booking.n.leftout"), w.Number(n[promo.LeftOut])})
}

// plotBooking draws the impressions of each day, with a place for those to come.
func (d *Desk) plotBooking(v *visit, p *bookingPage, b *promo.Booking) error {
	days, err := d.Promo.Days(v.Context(), b)
	if err != nil || len(days) == 0 {
		return err
	}
	points := make([]audience.Point, len(days))
	for i, one := range days {
		points[i] = audience.Point{At: one.Day, Opens: one.Numbers[promo.Viewed]}
		p.Drawn = p.Drawn || one.Numbers[promo.Served] > 0
	}
	for next := days[len(days)-1].Day.AddDate(0, 0, 1); next.Before(b.Ends) && len(points) < mostDays; next = next.AddDate(0, 0, 1) {
		points = append(points, audience.Point{At: next})
	}
	p.Plot = newPlot(v.words, points, day, "booking.impressions")
	p.Plot.Rows = p.Plot.Rows[:len(days)]
	for i := range p.Plot.Bars {
		p.Plot.Bars[i].Grows = i == len(days)-1 && b.Phase(d.Now()) != promo.Over
	}
	return nil
}

// bookingTable answers with what was counted on each day, for spreadsheets.
func (d *Desk) bookingTable(v *visit, _ *reader.Actor) (*page.Answer, error) {
	b, err := d.oneBooking(v)
	if err != nil {
		return nil, err
	}
	days, err := d.Promo.Days(v.Context(), b)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	head := []string{"day", "sponsor", "title"}
	for _, e := range promo.Events() {
		head = append(head, string(e))
	}
	if err := w.Write(head); err != nil {
		return nil, err
	}
	for _, one := range days {
		row := []string{one.Day.Format(time.DateOnly), plainCell(b.Sponsor), plainCell(b.Title)}
		for _, e := range promo.Events() {
			row = append(row, strconv.Itoa(one.Numbers[e]))
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	if w.Flush(); w.Error() != nil {
		return nil, w.Error()
	}
	name := "promotion-" + strings.ToLower(b.ID) + "-" + d.Now().In(d.Paper.Zone).Format(time.DateOnly) + ".csv"
	return page.Download(name, "text/csv; charset=utf-8", out.Bytes()), nil
}

// actOnBooking does what a button of a booking says.
func (d *Desk) actOnBooking(v *visit, a *reader.Actor) (*page.Answer, error) {
	b, err := d.oneBooking(v)
	if err != nil {
		return nil, err
	}
	ctx, who, done := v.Context(), a.Reader.ID, ""
	switch v.Field("act") {
	case "run":
		if err, done = d.Promo.Switch(ctx, who, b.ID, promo.On), "on"; b.State == promo.Draft {
			done = "began"
		}
	case "draft":
		err, done = d.Promo.Switch(ctx, who, b.ID, promo.Draft), "draft"
		if problem.Is(err, problem.Conflict) { // somebody has seen it meanwhile: what matters is that it ends
			err, done = d.Promo.Switch(ctx, who, b.ID, promo.Stopped), "ran"
		}
	case "stop":
		err, done = d.Promo.Switch(ctx, who, b.ID, promo.Stopped), "stopped"
	case "link":
		err, done = d.Promo.SetLink(ctx, who, b.ID, true), "link"
	case "unlink":
		err, done = d.Promo.SetLink(ctx, who, b.ID, false), "unlinked"
	case "remove":
		if err = d.Promo.Remove(ctx, who, b.ID); err == nil {
			return d.bookingRemoved(v, a, b)
		}
	default:
		err = &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
	}
	if err == nil {
		return d.toBooking(v, b.ID, done)
	}
	bad := problem.Of(err)
	if bad == nil || bad.Kind == problem.NotFound {
		return nil, err
	}
	p, err := d.bookingPage(v, a)
	if err != nil {
		return nil, err
	}
	p.Notice, p.Bad = v.tells(bad), true
	return page.WithStatus(v.booking.With(p), bad.Kind.Status()), nil
}

// bookingRemoved shows the list without a draft, and with all that brings it back.
func (d *Desk) bookingRemoved(v *visit, a *reader.Actor, b *promo.Booking) (*page.Answer, error) {
	p, err := d.bookingsPage(v, a, false, "")
	if err != nil {
		return nil, err
	}
	p.Notice, p.Back = v.words.Say("booking.done.removed", b.Sponsor), typedFrom(b, d.Paper.Zone).fields()
	return page.Show(v.bookings.With(p)), nil
}
