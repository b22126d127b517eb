package newsroom

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// listPage is what list.html shows: one list with its form.
type listPage struct {
	lettersPage
	Action  string
	New     bool
	Digest  bool
	Alert   bool
	Kind    string
	Version int
	L       newsletter.List
	Kinds   []option
	Tongues []option
	Days    []option
	Time    string
	Zone    string
	Cap     string
	Blocks  []blockView
	Add     []option
	Members string
	Retired string // since when
	Public  string
	Growth  []growthRow
	Hours   []hourRow
	Changed bool // what is shown is not stored
	Wrong   listErrors
}

// listErrors are what is wrong, at its field.
type listErrors struct{ Kind, Slug, Name, Promise, Sender, Reply, Cap, Minute, Blocks string }

// A blockView is a block of a digest in the form.
type blockView struct {
	N                       int
	Kind, Name, Title       string
	Limit, Hours            string
	Text, By, Link, Section string
	Sections                []option
	Counts, Looks           bool // it brings so many; it looks back
	Writes, Sponsor         bool
	First, Last             bool
}

// A growthRow is a day of a list: how many came and went.
type growthRow struct {
	Day                  string
	Joined, Left         int
	Most                 int
	JoinedSays, LeftSays string
}

// An hourRow is an hour of the day and the clicks of it.
type hourRow struct {
	Hour         string
	Clicks, Most int
	Says         string
}

func (d *Desk) showList(v *visit, a *reader.Actor) (*page.Answer, error) {
	l := newsletter.List{Kind: newsletter.Digest, Open: true, Public: true, Calendar: newsletter.Calendar{Days: newsletter.Weekdays, Minute: 7 * 60}}
	if id := v.Path("id"); id != "new" {
		var err error
		if l, err = d.Newsletters.ListByID(v.Context(), id); err != nil {
			return nil, err
		}
	} else {
		if k := newsletter.Kind(v.Get("kind")); slices.Contains(newsletter.Kinds(), k) {
			l.Kind = k
		}
		l.Blocks = []newsletter.Block{{Kind: newsletter.Front, Limit: limitOf}, {Kind: newsletter.Read, Limit: 3}}
	}
	p, err := d.listPage(v, a, l)
	if err != nil {
		return nil, err
	}
	return page.Show(v.list.With(p)), nil
}

// listPage shows a list as it is, or as it was typed.
func (d *Desk) listPage(v *visit, a *reader.Actor, l newsletter.List) (p listPage, err error) {
	w := v.words
	if p.lettersPage, err = d.lettersPage(v, a, listsAt, "list.new"); err != nil {
		return p, err
	}
	p.L, p.New, p.Version = l, l.ID == "", l.Version
	p.Action = listAt + "/" + cmp.Or(l.ID, "new")
	p.Digest, p.Alert, p.Kind = l.Kind == newsletter.Digest, l.Kind == newsletter.Alert, listKind(w, l.Kind)
	for _, k := range newsletter.Kinds() {
		p.Kinds = append(p.Kinds, option{string(k), listKind(w, k), k == l.Kind})
	}
	p.Tongues = []option{{"", w.Say("list.language.paper"), l.Language == ""}}
	for _, x := range page.Languages() {
		p.Tongues = append(p.Tongues, option{x, languageWord(w, x), x == l.Language})
	}
	sunday := time.Date(2023, 1, 1, 12, 0, 0, 0, time.UTC)
	for i := range 7 { // from Monday
		day := time.Weekday((i + 1) % 7)
		p.Days = append(p.Days, option{strconv.Itoa(int(day)), weekday(w, sunday.AddDate(0, 0, int(day)).Weekday()), l.Calendar.On(day)})
	}
	p.Time, p.Zone, p.Cap = fmt.Sprintf("%02d:%02d", l.Calendar.Minute/60, l.Calendar.Minute%60), d.Now().In(d.Paper.Zone).Format("MST"), strconv.Itoa(l.Cap)
	if p.Blocks, err = d.blockViews(v, l.Blocks); err != nil {
		return p, err
	}
	for _, k := range newsletter.BlockKinds() {
		p.Add = append(p.Add, option{string(k), blockWord(w, k), false})
	}
	if p.New {
		return p, nil
	}
	p.Title, p.Members = l.Name, w.Count("letters.people", l.Members)
	if l.Public {
		p.Public = l.Path()
	}
	if !l.Retired.IsZero() {
		p.Retired = w.Moment(l.Retired)
	}
	return p, d.growth(v, a, &p)
}

// languageWord names a language of letters.
func languageWord(w *page.Language, tag string) string {
	switch tag {
	case "en":
		return w.Say("language.en")
	case "ja":
		return w.Say("language.ja")
	}
	return tag
}

// weekday names a day of the week.
func weekday(w *page.Language, d time.Weekday) string {
	switch d {
	case time.Monday:
		return w.Say("weekday.1")
	case time.Tuesday:
		return w.Say("weekday.2")
	case time.Wednesday:
		return w.Say("weekday.3")
	case time.Thursday:
		return w.Say("weekday.4")
	case time.Friday:
		return w.Say("weekday.5")
	case time.Saturday:
		return w.Say("weekday.6")
	default:
		return w.Say("weekday.0")
	}
}

func (d *Desk) blockViews(v *visit, blocks []newsletter.Block) (list []blockView, err error) {
	for i, b := range blocks {
		x := blockView{
			N: i, Kind: string(b.Kind), Name: blockWord(v.words, b.Kind), Title: b.Title, Text: b.Text, By: b.By, Link: b.Link, Section: b.Section,
			Limit: typedNumber(b.Limit), Hours: typedNumber(b.Hours), First: i == 0, Last: i == len(blocks)-1, Sponsor: b.Kind == newsletter.Sponsor,
		}
		switch b.Kind {
		case newsletter.Events, newsletter.Sponsor, newsletter.Words:
			x.Writes = true
		case newsletter.Best:
			x.Looks = true
		default:
			x.Counts, x.Looks = true, true
		}
		if b.Kind == newsletter.Section {
			if x.Sections, err = d.sectionOptions(v, b.Section); err != nil {
				return nil, err
			}
		}
		list = append(list, x)
	}
	return list, nil
}

// typedNumber is a number in a form; one that goes without saying is empty.
func typedNumber(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// growthDays is how many days the growth of a list is told of.
const growthDays = 30

// growth adds how a list grew, and when it is read.
func (d *Desk) growth(v *visit, a *reader.Actor, p *listPage) error {
	w := v.words
	days, err := d.Newsletters.Days(v.Context(), a, p.L.ID, d.Now().AddDate(0, 0, -growthDays))
	if err != nil {
		return err
	}
	most := 1
	for _, x := range days {
		most = max(most, x.Joined, x.Departed+x.Bounced+x.Complained)
	}
	for _, x := range slices.Backward(days) {
		at, err := time.ParseInLocation(time.DateOnly, x.Day, d.Paper.Zone)
		if err != nil {
			return fmt.Errorf("read a day of list %s: %w", p.L.ID, err)
		}
		left := x.Departed + x.Bounced + x.Complained
		p.Growth = append(p.Growth, growthRow{w.Day(at), x.Joined, left, most, "+" + w.Number(x.Joined), "−" + w.Number(left)})
	}
	hours, err := d.Newsletters.Hours(v.Context(), a, p.L.ID)
	if err != nil {
		return err
	}
	top := slices.Max(hours[:])
	for h, n := range hours {
		if top > 0 && n > 0 {
			p.Hours = append(p.Hours, hourRow{fmt.Sprintf("%02d:00", h), n, top, w.Number(n)})
		}
	}
	return nil
}
