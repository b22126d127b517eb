package site

import (
	"context"
	"html/template"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

// moderationPage is what moderation.html shows: what moderators did, for
// everybody.
type moderationPage struct {
	chrome
	Figures figuresView
	Log     []logRow
	Older   string
	Newest  bool
}

// A logRow is one decision. No removed text is in it, and nobody but perhaps
// the moderator is named.
type logRow struct {
	What, When, At string
	Rule, Ground   string
	Article, Path  string
	Until, By      string
	Appeal, Undone bool
}

// figuresView are the numbers of one month.
type figuresView struct {
	Month            string
	Earlier, Later   string // "2026-10", "" for none
	Acts             []actRow
	Reports, Appeals int
	Overturned       int
	ReportHours      string // "" for none
	HeldHours        string
}

type actRow struct {
	What, Rule string
	N          string
}

const (
	logPerPage = 50

	// moderationTag is that of the page with the public log.
	moderationTag = "moderation"
	rulesTag      = "rules"
)

func (s *Site) showModeration(ctx context.Context, q page.Query) (*page.Body, error) {
	entries, older, err := s.Comments.Log(ctx, q.Get("before"), logPerPage)
	if err != nil {
		return nil, err
	}
	set, err := s.Comments.Settings(ctx)
	if err != nil {
		return nil, err
	}
	p := moderationPage{chrome: s.chrome("member-page"), Older: older, Newest: q.Get("before") == ""}
	if p.Log, err = s.logRows(ctx, entries, set.Names); err != nil {
		return nil, err
	}
	if p.Figures, err = s.figures(ctx, q.Get("month")); err != nil {
		return nil, err
	}
	p.Title, p.Description = s.lang.Say("moderation.title"), s.lang.Say("moderation.lead", s.Paper.Name)
	p.Canonical = s.Paper.URL("/moderation")
	return s.dated(s.views.moderation.With(p)).Tagged(moderationTag), nil
}

func (s *Site) logRows(ctx context.Context, entries []comment.LogEntry, names bool) (rows []logRow, err error) {
	var articles, people []string
	for _, e := range entries {
		articles, people = append(articles, e.Article), append(people, e.Moderator)
	}
	known, err := s.Articles.KnownAll(ctx, articles...)
	if err != nil {
		return nil, err
	}
	faces, err := s.Readers.Faces(ctx, people...)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		r := logRow{
			What: actWords(s.lang, e.Act), When: s.lang.Moment(e.At), At: s.lang.Machine(e.At), Rule: e.Rule,
			By: s.lang.Say("moderation.by"), Appeal: e.Appeal, Undone: e.Undone,
		}
		if e.Ground == comment.GroundLaw {
			r.Ground = s.lang.Say("ground.law")
		}
		if !e.Until.IsZero() {
			r.Until = s.lang.Moment(e.Until)
		}
		if a, ok := known[e.Article]; ok {
			r.Article, r.Path = a.Headline, a.Path()
		} else if e.Section != "" {
			r.Article = e.Section
		}
		if f := faces[e.Moderator]; names && f.Name != "" {
			r.By = f.Name
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// figures are the numbers of a month, "2026-11"; "" is this one.
func (s *Site) figures(ctx context.Context, month string) (v figuresView, err error) {
	now := s.Now().In(s.lang.Zone)
	from := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, s.lang.Zone)
	if month != "" {
		at, err := time.ParseInLocation("2006-01", month, s.lang.Zone)
		if err != nil || at.After(now) || at.Year() < firstYear {
			return v, &problem.Problem{Kind: problem.NotFound, Detail: "There are no figures for this month."}
		}
		from = at
	}
	f, err := s.Comments.Figures(ctx, from, from.AddDate(0, 1, 0))
	if err != nil {
		return v, err
	}
	v = figuresView{
		Month:   s.lang.Month(from),
		Reports: f.Reports, Appeals: f.Appeals, Overturned: f.Overturned,
		ReportHours: s.hours(f.ReportHours), HeldHours: s.hours(f.HeldHours),
	}
	// Before its first story the paper had no threads.
	first, _, err := s.Articles.Span(ctx)
	if err != nil {
		return v, err
	}
	if !first.IsZero() && first.Before(from) {
		v.Earlier = from.AddDate(0, -1, 0).Format("2006-01")
	}
	if next := from.AddDate(0, 1, 0); !next.After(now) {
		v.Later = next.Format("2006-01")
	}
	for _, c := range f.Acts {
		v.Acts = append(v.Acts, actRow{actWords(s.lang, c.Act), c.Rule, s.lang.Number(c.N)})
	}
	return v, nil
}

// firstYear is before any paper of ours.
const firstYear = 2020

// hours writes how long something took: "40 minutes", "3 hours"; "" for none.
func (s *Site) hours(h float64) string {
	if h <= 0 {
		return ""
	}
	return s.span(s.lang, max(time.Minute, time.Duration(h*float64(time.Hour)).Round(time.Minute)))
}

// rulesPage is what rules.html shows.
type rulesPage struct {
	chrome
	Intro template.HTML // what the paper says above them, "" for nothing
	Rules []comment.Rule
}

func (s *Site) showRules(ctx context.Context, _ page.Query) (*page.Body, error) {
	rules, err := s.Comments.Rules(ctx)
	if err != nil {
		return nil, err
	}
	title, intro, err := s.houseRules(ctx)
	if err != nil {
		return nil, err
	}
	p := rulesPage{chrome: s.chrome("member-page"), Intro: intro, Rules: rules}
	p.Title, p.Description = s.lang.Say("rules.title"), s.lang.Say("rules.lead", s.Paper.Name)
	p.Canonical = s.Paper.URL("/rules")
	if title != "" {
		p.Title = title
	}
	return s.dated(s.views.rules.With(p)).Tagged(rulesTag, pagesTag), nil
}
