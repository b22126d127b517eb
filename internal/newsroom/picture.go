package newsroom

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/desk"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// picturePage is what picture.html shows: one picture, what is said of it, where it
// stands.
type picturePage struct {
	chrome
	held
	Done   string
	Undo   string // id of the picture that was replaced, to put it back; "" for none
	Error  string
	Large  string // address of the rendition, "" while there is none
	Width  int    // in which the page shows it
	Height int
	State  string
	Focus  string // classes
	X, Y   string // of the focal point, in hundredths; "" for none
	Words  media.Words
	Facts  []fact
	File   []fact // what the file says of itself where editors say something else
	Errors pictureErrors
	By     string // typed: what takes its place
	Upload uploadWords
}

// A fact is something to know about a picture.
type fact struct{ Name, Value string }

// pictureErrors say what is wrong, each at its field.
type pictureErrors struct{ Caption, Alt, Byline, Credit, Copyright, UsageTerms, Until, Rights, By, Focus string }

func (e *pictureErrors) put(field, said string) {
	into := map[string]*string{
		"caption": &e.Caption, "alt": &e.Alt, "byline": &e.Byline, "credit": &e.Credit, "copyright": &e.Copyright, "usage_terms": &e.UsageTerms,
		"until": &e.Until, "rights": &e.Rights, "by": &e.By, "focus": &e.Focus,
	}[field]
	if into != nil {
		*into = said
	}
}

// lastDay is the day on which what expires may be shown for the last time.
func lastDay(expires time.Time) time.Time { return expires.Add(-time.Microsecond) }

const dayField = "2006-01-02"

// parseDay reads a day as browsers write it, and returns when it has ended; the zero
// time for none.
func (d *Desk) parseDay(text, field string) (time.Time, error) {
	if text = strings.TrimSpace(text); text == "" {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation(dayField, text, d.Paper.Zone)
	if err != nil || day.Year() < 1970 || day.Year() > 9999 {
		return time.Time{}, &problem.Problem{Kind: problem.Invalid, Detail: "Choose a day.", Fields: map[string]string{field: "Choose a day."}}
	}
	return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, d.Paper.Zone), nil
}

func (d *Desk) showOnePicture(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.picturePage(v, a)
	if err != nil {
		return nil, err
	}
	w := v.words
	switch v.Get("done") {
	case "words":
		p.Done = w.Say("picture.done.words")
	case "rights":
		p.Done = w.Say("picture.done.rights")
	case "replaced":
		n, _ := strconv.Atoi(v.Get("n"))
		booked, _ := strconv.Atoi(v.Get("booked"))
		if p.Done, p.Undo = w.Count("picture.done.replaced", n), v.Get("undo"); booked > 0 {
			p.Done = w.Say("picture.done.replaced.booked", w.Count("picture.done.articles", n), w.Count("picture.done.bookings", booked))
		}
	}
	return page.Show(v.picture.With(p)), nil
}

func (d *Desk) picturePage(v *visit, a *reader.Actor) (p picturePage, err error) {
	w := v.words
	if p.chrome, err = d.chrome(v, "picture.title"); err != nil {
		return p, err
	}
	one, err := d.Work.Media.Picture(v.Context(), v.Path("id"))
	if err != nil {
		return p, err
	}
	p.ID, p.Path, p.Words = one.ID, picturePath(one.ID), media.WordsOf(one.Meta)
	p.Width, p.Height = fits(one.Width, one.Height)
	p.Title = d.pictureLine(w, one).Caption
	p.Mine, p.State = desk.MayDescribe(a, one), stateOfPicture(w, one)
	p.Hint, p.Delete = w.Say("picture.until.hint"), w.Say("picture.delete")
	if err := d.hold(v, a, &p.held, one.Edited, one.Expires, one.Ended, one.Rights); err != nil {
		return p, err
	}
	if p.Focus = one.Focus.Classes(); p.Focus != "" {
		p.X, p.Y = hundredths(one.Focus.X), hundredths(one.Focus.Y)
	}
	for _, f := range one.Renditions {
		if f.Format == media.JPEG && (p.Large == "" || f.Width <= largeWidth) {
			p.Large = pictureBase + f.Key
		}
	}
	if p.Facts, p.File, err = d.facts(v, one); err != nil {
		return p, err
	}
	p.Upload = d.uploadWords(w)
	p.Keys = append([]shortcut{{[]string{"f"}, w.Say("picture.point")}}, p.Keys...)
	return p, nil
}

// largeWidth is how wide a picture is on its own page.
const largeWidth = 1280

// largeHeight is how high it is there at most, so that its fields stay in sight.
const largeHeight = 544

// fits is the size of a picture on its own page: said from the start, so that
// nothing moves when it comes.
func fits(width, height int) (int, int) {
	if height <= largeHeight {
		return width, height
	}
	return max(1, width*largeHeight/height), largeHeight
}

func hundredths(share float64) string { return strconv.Itoa(int(share*100 + .5)) }

// facts are what is known of a picture, and what its file says where editors say
// something else.
func (d *Desk) facts(v *visit, p *media.Picture) (facts, file []fact, err error) {
	w := v.words
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, fact{w.Say(name), value})
		}
	}
	data, info, err := d.Work.Media.Original(v.Context(), p)
	if err != nil && problem.Of(err) == nil {
		return nil, nil, err
	}
	people, err := d.names(v, p.Owner, p.EditedBy)
	if err != nil {
		return nil, nil, err
	}
	from := w.Say("stories.wire")
	if p.Owner != "" {
		from = people.name(p.Owner)
	}
	add("picture.fact.from", w.Say("picture.fact.from.when", from, w.Moment(p.Created)))
	if !p.Edited.IsZero() {
		add("picture.fact.edited", w.Say("picture.fact.from.when", people.name(p.EditedBy), w.Moment(p.Edited)))
	}
	add("picture.fact.name", p.Name)
	add("picture.fact.size", w.Say("picture.fact.size.is", strings.ToUpper(string(p.Format)), w.Number(p.Width), w.Number(p.Height), fmt.Sprintf("%.1f", float64(len(data))/1e6)))
	if info.Credentials {
		add("picture.fact.c2pa", w.Say("picture.fact.c2pa.is"))
	}
	add("picture.fact.headline", p.Headline)
	add("picture.fact.source", p.Source)
	add("picture.fact.place", strings.Trim(p.City+", "+p.Country, ", "))
	if !p.Meta.Created.IsZero() {
		add("picture.fact.taken", p.Meta.Created.Format("2006-01-02 15:04"))
	}
	add("picture.fact.keywords", strings.Join(p.Keywords, ", "))
	add("picture.fact.instructions", p.Instructions)
	add("picture.fact.digital", strings.TrimSpace(p.DigitalSource+" "+p.AISystem))
	add("picture.fact.licensor", strings.TrimSpace(p.Licensor+" "+p.LicensorURL))
	add("picture.fact.id", p.ID)
	said := media.WordsOf(info.Meta)
	for _, f := range []struct{ name, now, was string }{
		{"picture.caption", p.Caption, said.Caption},
		{"picture.alt", p.Alt, said.Alt},
		{"picture.byline", p.Byline, said.Byline},
		{"picture.credit", p.Credit, said.Credit},
		{"picture.copyright", p.Copyright, said.Copyright},
		{"picture.terms", p.UsageTerms, said.UsageTerms},
	} {
		if f.was != "" && f.was != f.now {
			file = append(file, fact{w.Say(f.name), f.was})
		}
	}
	return facts, file, nil
}

// pictureWrong shows a picture again with what could not be done.
func (d *Desk) pictureWrong(v *visit, a *reader.Actor, err error, typed func(*picturePage)) (*page.Answer, error) {
	bad := problem.Of(err)
	if bad == nil || bad.Kind == problem.NotFound {
		return nil, err
	}
	p, other := d.picturePage(v, a)
	if other != nil {
		return nil, other
	}
	typed(&p)
	if p.Error = v.tells(bad); bad.Kind == problem.Conflict {
		p.Seen = v.Field("seen") // who sends it once more has to look first
	}
	for field, said := range bad.Fields {
		p.Errors.put(field, v.words.Say(said))
	}
	return page.WithStatus(v.picture.With(p), bad.Kind.Status()), nil
}

func wordsTyped(v *visit) media.Words {
	return media.Words{
		Caption: v.Field("caption"), Alt: v.Field("alt"), Byline: v.Field("byline"), Credit: v.Field("credit"),
		Copyright: v.Field("copyright"), UsageTerms: v.Field("usage_terms"),
	}
}

// focusTyped reads the two numbers of a focal point; none is the centre.
func focusTyped(v *visit) (f media.Focus, err error) {
	for name, into := range map[string]*float64{"x": &f.X, "y": &f.Y} {
		text := strings.TrimSpace(v.Field(name))
		if text == "" {
			return media.Focus{}, nil
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !(n >= 0 && n <= 100) {
			return f, &problem.Problem{
				Kind: problem.Invalid, Detail: "A focal point lies inside the picture: two numbers from 0 to 100.",
				Fields: map[string]string{"focus": "A focal point lies inside the picture: two numbers from 0 to 100."},
			}
		}
		*into = n / 100
	}
	if f == (media.Focus{}) {
		f = media.Focus{X: .001, Y: .001} // the corner, and not none
	}
	return f, nil
}

func (d *Desk) describePicture(v *visit, a *reader.Actor) (*page.Answer, error) {
	focus, err := focusTyped(v)
	if err == nil {
		said := desk.Description{Words: wordsTyped(v), Focus: focus}
		if n, _ := strconv.ParseInt(v.Field("seen"), 10, 64); n > 0 {
			said.Seen = time.UnixMicro(n)
		}
		err = d.Work.Describe(v.Context(), a, v.Path("id"), said)
	}
	if err != nil {
		return d.pictureWrong(v, a, err, func(p *picturePage) { p.Words, p.X, p.Y = wordsTyped(v), v.Field("x"), v.Field("y") })
	}
	return page.SeeOther(picturePath(v.Path("id")) + "?done=words"), nil
}

func (d *Desk) setPictureRights(v *visit, a *reader.Actor) (*page.Answer, error) {
	until, err := d.parseDay(v.Field("until"), "until")
	if err == nil {
		err = d.Work.SetPictureRights(v.Context(), a, v.Path("id"), until, v.Field("rights"))
	}
	if err != nil {
		return d.pictureWrong(v, a, err, func(p *picturePage) { p.Until, p.Note = v.Field("until"), v.Field("rights") })
	}
	return page.SeeOther(picturePath(v.Path("id")) + "?done=rights"), nil
}

func (d *Desk) replacePicture(v *visit, a *reader.Actor) (*page.Answer, error) {
	id, by := v.Path("id"), strings.TrimSpace(v.Field("by"))
	r, err := d.Work.ReplacePicture(v.Context(), a, id, by)
	if err != nil {
		return d.pictureWrong(v, a, err, func(p *picturePage) { p.By = by })
	}
	to := picturePath(by) + "?done=replaced&n=" + strconv.Itoa(r.Articles)
	if r.Elsewhere > 0 {
		to += "&booked=" + strconv.Itoa(r.Elsewhere)
	}
	if r.Fresh && r.Articles+r.Elsewhere > 0 {
		to += "&undo=" + id
	}
	return page.SeeOther(to), nil
}

func (d *Desk) deletePicture(v *visit, a *reader.Actor) (*page.Answer, error) {
	if err := d.Work.DeletePicture(v.Context(), a, v.Path("id")); err != nil {
		return d.pictureWrong(v, a, err, func(*picturePage) {})
	}
	return page.SeeOther(pictures), nil
}

// showOriginal gives a colleague the file as it came. No browser shows it.
func (d *Desk) showOriginal(v *visit, _ *reader.Actor) (*page.Answer, error) {
	p, err := d.Work.Media.Picture(v.Context(), v.Path("id"))
	if err != nil {
		return nil, err
	}
	data, _, err := d.Work.Media.Original(v.Context(), p)
	if err != nil && problem.Of(err) == nil {
		return nil, err
	}
	return page.Download("picture-"+strings.ToLower(p.ID)+p.Format.Ext(), p.Format.Type(), data), nil
}
