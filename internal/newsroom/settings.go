package newsroom

import (
	"strconv"
	"strings"

	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// settingsPage is what settings.html shows: the paper's choices about its
// threads.
type settingsPage struct {
	modPage
	First, Links, Threshold                            string
	Words                                              string
	Names, Filter                                      bool
	FirstError, LinksError, ThresholdError, WordsError string
}

func (d *Desk) showSettings(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.settingsPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.settings.With(p)), nil
}

func (d *Desk) settingsPage(v *visit, a *reader.Actor) (p settingsPage, err error) {
	if p.modPage, err = d.modPage(v, a, "mod.settings"); err != nil {
		return p, err
	}
	set, err := d.Comments.Settings(v.Context())
	if err != nil {
		return p, err
	}
	p.First, p.Links = strconv.Itoa(set.First), strconv.Itoa(set.Links)
	p.Threshold = strconv.FormatFloat(set.Threshold, 'g', -1, 64)
	p.Words, p.Names, p.Filter = set.Words, set.Names, set.Filter
	return p, nil
}

func (d *Desk) setSettings(v *visit, a *reader.Actor) (*page.Answer, error) {
	err := func() (err error) {
		set := comment.Settings{Words: v.Field("words"), Names: v.Checked("names"), Filter: v.Checked("filter")}
		if set.First, err = strconv.Atoi(v.Field("first")); err != nil {
			return missing("first", "From 0 to 100 comments of a new account can wait.")
		}
		if set.Links, err = strconv.Atoi(v.Field("links")); err != nil {
			return missing("links", "From 0 to 20 links can be let pass.")
		}
		if set.Threshold, err = strconv.ParseFloat(strings.TrimSpace(v.Field("threshold")), 64); err != nil {
			return missing("threshold", "The filter holds from a probability between 0.5 and 0.999.")
		}
		return d.Comments.SetSettings(v.Context(), a.Reader.ID, set)
	}()
	if err == nil {
		return page.SeeOther(moderation + "/settings?kept=1"), nil
	}
	p := problem.Of(err)
	if p == nil {
		return nil, err
	}
	shown, other := d.settingsPage(v, a)
	if other != nil {
		return nil, other
	}
	shown.First, shown.Links, shown.Threshold, shown.Words = v.Field("first"), v.Field("links"), v.Field("threshold"), v.Field("words")
	shown.Names, shown.Filter = v.Checked("names"), v.Checked("filter")
	said := false
	for field, put := range map[string]*string{
		"first": &shown.FirstError, "links": &shown.LinksError, "threshold": &shown.ThresholdError, "words": &shown.WordsError,
	} {
		if p.Fields[field] == "" {
			continue
		}
		*put, said = v.words.Say(p.Fields[field]), true
		if p.Format != "" {
			*put = v.tells(p)
		}
	}
	if !said {
		shown.Notice, shown.Bad = v.tells(p), true
	}
	return page.WithStatus(v.settings.With(shown), p.Kind.Status()), nil
}
