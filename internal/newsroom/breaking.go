package newsroom

import (
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A barForm is the breaking news, to be put up, changed and taken down.
type barForm struct {
	Base    int
	Up      bool
	State   string // since when it is up, and who changed it last
	Words   string
	Ends    string
	Stories []option

	WordsError, EndsError, StoryError string
}

func (d *Desk) barForm(v *visit, a *reader.Actor) (*barForm, error) {
	b, err := d.Work.Bar(v.Context())
	if err != nil {
		return nil, err
	}
	now := d.Now()
	f := &barForm{Base: b.Number, Up: b.Up(now), Ends: now.Add(desk.BarLife).In(d.Paper.Zone).Format(localTime)}
	if f.Up {
		names, err := d.names(v, b.Author)
		if err != nil {
			return nil, err
		}
		f.Words, f.Ends = b.Words, b.Ends.In(d.Paper.Zone).Format(localTime)
		f.State = v.words.Say("bar.up", v.words.Moment(b.Begins), v.words.Moment(b.Updated), names.name(b.Author))
	} else {
		b.Article = ""
	}
	return f, d.barStories(v, a, f, b.Article)
}

// barStories are the stories that the bar can lead to.
func (d *Desk) barStories(v *visit, a *reader.Actor, f *barForm, chosen string) error {
	filters := []desk.Filter{{State: article.Scheduled, Coming: true, Limit: 10}, {State: article.Published, Limit: 20}}
	if chosen != "" {
		filters = append([]desk.Filter{{IDs: []string{chosen}, Limit: 1}}, filters...)
	}
	seen := map[string]bool{}
	for _, filter := range filters {
		list, _, err := d.Work.List(v.Context(), a, filter)
		if err != nil {
			return err
		}
		for _, l := range list {
			if !seen[l.ID] {
				seen[l.ID] = true
				f.Stories = append(f.Stories, option{l.ID, d.storyLine(v.words, l).Headline, l.ID == chosen})
			}
		}
	}
	return nil
}

// setBar puts up the breaking news, changes it or takes it down.
func (d *Desk) setBar(v *visit, a *reader.Actor) (*page.Answer, error) {
	base, done := numberTyped(v.Field("base")), "raised"
	var err error
	if v.Field("act") == "lower" {
		done, err = "lowered", d.Work.LowerBar(v.Context(), a, base)
	} else {
		var ends time.Time
		if text := v.Field("ends"); text != "" {
			ends, err = d.parseLocal(text, "ends")
		}
		if err == nil {
			err = d.Work.RaiseBar(v.Context(), a, base, desk.Bar{Words: v.Field("words"), Article: v.Field("article"), Ends: ends})
		}
	}
	bad := problem.Of(err)
	switch {
	case err == nil:
		return page.SeeOther(front + "?done=" + done), nil
	case bad == nil:
		return nil, err
	}
	holds, _, err := d.Work.Holds(v.Context(), desk.FrontPage)
	if err != nil {
		return nil, err
	}
	p, err := d.frontPage(v, a, desk.FrontPage, holds, nil)
	if err != nil {
		return nil, err
	}
	p.Error = v.tells(bad)
	p.Bar.Words, p.Bar.Ends, p.Bar.Stories = v.Field("words"), v.Field("ends"), nil
	if err := d.barStories(v, a, p.Bar, v.Field("article")); err != nil {
		return nil, err
	}
	for field, into := range map[string]*string{"words": &p.Bar.WordsError, "ends": &p.Bar.EndsError, "article": &p.Bar.StoryError} {
		if said := bad.Fields[field]; said != "" {
			*into = v.words.Say(said)
		}
	}
	return d.front(v, p).Status(bad.Kind.Status()), nil
}
