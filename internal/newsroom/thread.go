package newsroom

import (
	"strconv"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// about is what a thread has to know of its article.
func about(c article.Card) comment.About {
	return comment.About{Article: c.ID, Section: c.Section.Slug, Quiet: c.Kind == article.Obituary, Published: c.Published}
}

// threadPage is what thread.html shows: what readers may do in the thread of an
// article.
type threadPage struct {
	modPage
	Headline  string
	Path      string
	Section   string
	Now       string // what readers may do at the moment
	Late      bool
	Visible   int
	Action    string
	Choices   []choice
	Seen      string
	Slow      string // seconds
	SeenSlow  string
	Reason    string
	SlowError string
	Conflict  *decisionView
}

// A choice is one of a few, in words.
type choice struct {
	Value, Name string
	On          bool
}

// choices are what readers may be let do; a section says nothing itself when it
// is open by the paper's own rule.
func choices(v *visit, on comment.Switch) (all []choice) {
	for _, s := range comment.Switches() {
		all = append(all, choice{string(s), setting(v.words, s), s == on})
	}
	return all
}

func (d *Desk) showThread(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.threadPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.thread.With(p)), nil
}

func (d *Desk) threadPage(v *visit, a *reader.Actor) (p threadPage, err error) {
	art, err := d.Articles.Known(v.Context(), v.Path("id"))
	if err != nil {
		return p, err
	}
	if p.modPage, err = d.modPage(v, a, "mod.thread"); err != nil {
		return p, err
	}
	set, err := d.Comments.ThreadSetting(v.Context(), art.ID)
	if err != nil {
		return p, err
	}
	now, err := d.Comments.Thread(v.Context(), about(art))
	if err != nil {
		return p, err
	}
	p.Headline, p.Path, p.Section, p.Action = art.Headline, art.Path(), art.Section.Name, moderation+"/thread/"+art.ID
	p.Now, p.Late, p.Visible = setting(v.words, now.State), now.Late, now.Visible
	p.Choices, p.Seen = choices(v, set.State), string(set.State)
	p.Slow = strconv.Itoa(int(set.Slow / time.Second))
	p.SeenSlow = p.Slow
	return p, nil
}

// parseSwitch reads a switch strictly.
func parseSwitch(s string) (comment.Switch, error) {
	for _, one := range comment.Switches() {
		if string(one) == s {
			return one, nil
		}
	}
	return "", &problem.Problem{Kind: problem.Invalid, Detail: "Choose what readers may do in the thread."}
}

// maxSlow is how long a reader may have to wait between two comments.
const maxSlow = 3600

func (d *Desk) setThread(v *visit, a *reader.Actor) (*page.Answer, error) {
	c := comment.ThreadChange{Article: v.Path("id"), Moderator: a.Reader.ID, Reason: v.Field("reason")}
	err := func() (err error) {
		if c.Set.State, err = parseSwitch(v.Field("state")); err != nil {
			return err
		}
		if c.Seen.State, err = parseSwitch(v.Field("seen")); err != nil {
			return err
		}
		slow, err := strconv.Atoi(v.Field("slow"))
		if err != nil || slow < 0 || slow > maxSlow {
			return missing("slow", "Write a number of seconds from 0 to 3,600.")
		}
		seen, err := strconv.Atoi(v.Field("seenslow"))
		if err != nil {
			return &problem.Problem{Kind: problem.Invalid, Detail: "This form is not whole. Open the page again.", Err: err}
		}
		c.Set.Slow, c.Seen.Slow = time.Duration(slow)*time.Second, time.Duration(seen)*time.Second
		_, err = d.Comments.SetThread(v.Context(), c)
		return err
	}()
	if err == nil {
		return page.SeeOther(moderation + "/thread/" + c.Article + "?kept=1"), nil
	}
	p := problem.Of(err)
	if p == nil {
		return nil, err
	}
	shown, other := d.threadPage(v, a)
	if other != nil {
		return nil, other
	}
	shown.Choices, shown.Slow, shown.Reason = choices(v, c.Set.State), v.Field("slow"), v.Field("reason")
	if shown.SlowError = p.Fields["slow"]; shown.SlowError != "" {
		shown.SlowError = v.words.Say(shown.SlowError)
	} else {
		shown.Notice, shown.Bad = v.tells(p), true
	}
	if shown.Conflict, other = d.conflict(v, err); other != nil {
		return nil, other
	}
	return page.WithStatus(v.thread.With(shown), p.Kind.Status()), nil
}
