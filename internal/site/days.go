package site

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

// daysPage is what days.html shows: the years and months in which something
// appeared, the days of a month, or the stories of a day.
type daysPage struct {
	chrome
	Up     []link // what it is a part of
	Years  []yearView
	Days   []link
	List   []card
	Day    bool  // it is the page of a day
	Before *link // the nearest earlier one in which something appeared
	After  *link
	Older  string // address of the next page of a day, "" on the last
}

type yearView struct {
	Name   string
	Months []link
}

const (
	yearPath  = "/archive/2006"
	monthPath = "/archive/2006/01"
	dayPath   = "/archive/2006/01/02"
)

// perDay is how many stories of a day stand on one page.
const perDay = 100

// at is a day in the paper's zone; what is too much rolls on, as in time.Date.
func (s *Site) at(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, s.lang.Zone)
}

// showYears lists all months in which something appeared, or those of a year.
func (s *Site) showYears(ctx context.Context, q page.Query) (*page.Body, error) {
	p := daysPage{chrome: s.chrome("history")}
	p.Title, p.Canonical = s.lang.Say("archive.title"), s.Paper.URL("/archive")
	before, from := s.Now().Add(time.Nanosecond), time.Time{}
	if year := q.Path("year"); year != "" {
		first, err := time.ParseInLocation("2006", year, s.lang.Zone)
		if err != nil {
			return nil, &problem.Problem{Kind: problem.NotFound, Err: err}
		}
		from = s.at(first.Year(), 1, 1)
		if end := s.at(first.Year()+1, 1, 1); end.Before(before) {
			before = end
		}
		p.Title, p.Canonical = s.lang.Say("archive.of", year), s.Paper.URL(first.Format(yearPath))
		p.Up = []link{{"/archive", s.lang.Say("archive.title")}}
	}
	for {
		newest, err := s.Articles.Before(ctx, before)
		if err != nil {
			return nil, err
		}
		if newest.IsZero() || newest.Before(from) {
			break
		}
		y, m, _ := newest.In(s.lang.Zone).Date()
		before = s.at(y, m, 1)
		if name := strconv.Itoa(y); len(p.Years) == 0 || p.Years[len(p.Years)-1].Name != name {
			p.Years = append(p.Years, yearView{Name: name})
		}
		last := &p.Years[len(p.Years)-1]
		last.Months = append(last.Months, link{before.Format(monthPath), s.lang.Month(before)})
	}
	if len(p.Years) == 0 && len(p.Up) > 0 {
		return nil, noDays()
	}
	return s.daysBody(p), nil
}

func noDays() error {
	return &problem.Problem{Kind: problem.NotFound, Detail: "Nothing appeared at that time. The archive says when something did."}
}

func (s *Site) daysBody(p daysPage) *page.Body {
	p.Description = s.lang.Say("archive.description", p.Title, s.Paper.Name)
	b := s.dated(s.views.days.With(p)).Tagged(article.ListTag)
	if p.NoIndex {
		b.Robots = "noindex"
	}
	return b
}

// showMonth lists the days of a month on which something appeared.
func (s *Site) showMonth(ctx context.Context, q page.Query) (*page.Body, error) {
	first, err := time.ParseInLocation("2006/01", q.Path("year")+"/"+q.Path("month"), s.lang.Zone)
	if err != nil {
		return nil, &problem.Problem{Kind: problem.NotFound, Err: err}
	}
	end := s.at(first.Year(), first.Month()+1, 1)
	p := daysPage{chrome: s.chrome("history")}
	p.Title, p.Canonical = s.lang.Month(first), s.Paper.URL(first.Format(monthPath))
	p.Up = []link{{"/archive", s.lang.Say("archive.title")}, {first.Format(yearPath), first.Format("2006")}}
	for before := end; ; {
		newest, err := s.Articles.Before(ctx, before)
		if err != nil {
			return nil, err
		}
		if newest.Before(first) {
			break
		}
		y, m, d := newest.In(s.lang.Zone).Date()
		before = s.at(y, m, d)
		p.Days = append(p.Days, link{before.Format(dayPath), s.lang.Day(before)})
	}
	if len(p.Days) == 0 {
		return nil, noDays()
	}
	return s.walk(ctx, p, first, end, monthPath, s.lang.Month)
}

// walk adds where something appeared before and after a time.
func (s *Site) walk(ctx context.Context, p daysPage, from, end time.Time, path string, name func(time.Time) string) (*page.Body, error) {
	earlier, err := s.Articles.Before(ctx, from)
	if err != nil {
		return nil, err
	}
	later, err := s.Articles.From(ctx, end)
	if err != nil {
		return nil, err
	}
	for _, w := range []struct {
		at time.Time
		to **link
	}{{earlier, &p.Before}, {later, &p.After}} {
		if at := w.at.In(s.lang.Zone); !w.at.IsZero() {
			*w.to = &link{at.Format(path), name(at)}
		}
	}
	if p.Before == nil && len(p.List)+len(p.Days) == 0 {
		return nil, noDays() // the paper had not begun
	}
	return s.daysBody(p), nil
}

// showDay lists the stories that appeared on a day.
func (s *Site) showDay(ctx context.Context, q page.Query) (*page.Body, error) {
	day, err := time.ParseInLocation("2006/01/02", q.Path("year")+"/"+q.Path("month")+"/"+q.Path("day"), s.lang.Zone)
	if err != nil || day.After(s.Now()) {
		return nil, &problem.Problem{Kind: problem.NotFound, Err: err}
	}
	y, m, d := day.Date()
	day, end := s.at(y, m, d), s.at(y, m, d+1)
	list, older, err := s.Articles.Latest(ctx, article.Filter{Since: day, Until: end, Before: q.Get("before"), Limit: perDay})
	if err != nil {
		return nil, err
	}
	p := daysPage{chrome: s.chrome("history"), Day: true}
	path := day.Format(dayPath)
	p.Title, p.Canonical = s.lang.Day(day), s.Paper.URL(path)
	p.Up = []link{{"/archive", s.lang.Say("archive.title")}, {day.Format(yearPath), day.Format("2006")}, {day.Format(monthPath), s.lang.Month(day)}}
	p.List = lister{s, p.Today, nil, nil, formatted{}}.cards(list)
	if older != "" {
		p.Older = path + "?" + url.Values{"before": {older}}.Encode()
	}
	p.NoIndex = len(list) == 0 || q.Get("before") != ""
	b, err := s.walk(ctx, p, day, end, dayPath, s.lang.Day)
	if err != nil {
		return nil, err
	}
	return ends(b, list), nil
}
