package newsroom

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
	"kawaraban/internal/wire"
)

// actOnStory does what a button of the page of a story says. A browser without the
// editor sends the story's text along, which is saved first, by the same way.
func (d *Desk) actOnStory(v *visit, a *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	typed, at, err := d.saveTyped(v, a, id)
	if err != nil {
		return d.storyWrong(v, a, id, typed, err)
	}
	if err := d.savePoll(v, a, id); err != nil {
		return d.storyWrong(v, a, id, nil, err)
	}
	switch v.Field("act") {
	case "catch":
		return d.catch(v, a, id, at)
	case "take-in":
		return d.takeIn(v, a, id, at)
	}
	done, err := d.do(v, a, id, v.Field("act"), at)
	if err != nil {
		return d.storyWrong(v, a, id, nil, err)
	}
	return page.SeeOther(storyPath(id) + "?done=" + done), nil
}

// saveTyped saves what a form without a script holds. typed is nil when it holds
// nothing: then the page has saved before.
func (d *Desk) saveTyped(v *visit, a *reader.Actor, id string) (typed *desk.Copy, at desk.At, err error) {
	at.Page = v.Field("page")
	if at.Version, err = strconv.Atoi(v.Field("version")); err != nil {
		return nil, at, &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
	}
	if !v.Checked("source") {
		return nil, at, nil
	}
	c, bad := copyTyped(v)
	if bad != nil {
		return &c, at, bad
	}
	// Each page that is shown to such a browser is another one: the seat goes along.
	if _, err := d.Work.Seat(v.Context(), a, id, at.Page, desk.Take); err != nil {
		return &c, at, err
	}
	saved, err := d.Work.Save(v.Context(), a, id, desk.Save{Page: at.Page, Version: at.Version, Copy: c})
	at.Version = saved.Version
	return &c, at, err
}

// copyTyped reads the form of a story.
func copyTyped(v *visit) (c desk.Copy, err error) {
	c = desk.Copy{
		Section: v.Field("section"), Slug: v.Field("slug"),
		Class:   article.Class{Kind: article.Kind(v.Field("kind")), Format: article.Format(v.Field("format")), Language: v.Field("language")},
		Sources: v.Field("sources"), Notes: v.Field("notes"),
	}
	c.Headline, c.Kicker, c.Standfirst, c.Dateline = v.Field("headline"), v.Field("kicker"), v.Field("standfirst"), v.Field("dateline")
	c.SourceNotice, c.Sponsor = v.Field("source_notice"), v.Field("sponsor")
	c.Bylines, c.Topics = strings.Split(v.Field("bylines"), "\n"), strings.Split(v.Field("topics"), "\n")
	c.Lead = article.Lead{Picture: v.Field("lead_picture"), Caption: v.Field("lead_caption"), Credit: v.Field("lead_credit"), Alt: v.Field("lead_alt"), Video: v.Field("lead_video")}
	c.Weight, _ = strconv.Atoi(v.Field("weight"))
	if c.Body, err = richtext.FromSource(v.Field("source")); err != nil {
		return c, err
	}
	return c, c.Tidy()
}

// do does one act and returns its name.
func (d *Desk) do(v *visit, a *reader.Actor, id, act string, at desk.At) (done string, err error) {
	ctx := v.Context()
	switch act {
	case "", "save":
		return "saved", nil
	case "poll":
		return act, nil // it has been saved
	case "poll-close", "poll-reopen":
		return act, d.endPoll(v, a, id, act == "poll-close")
	case "keep":
		return "kept", d.Work.Keep(ctx, a, id, at)
	case "leave-out":
		return "left", d.leaveOut(v, a, id)
	case "submit":
		return "submitted", d.Work.Submit(ctx, a, id, at)
	case "back":
		return "back", d.Work.SendBack(ctx, a, id, v.Field("words"))
	case "publish":
		return "published", d.Work.Publish(ctx, a, id, desk.Publication{At: at, Bare: v.Field("bare")})
	case "revise":
		reason := article.Reason(v.Field("reason"))
		if done = "revised"; reason == article.Correction {
			done = "corrected"
		}
		return done, d.Work.Publish(ctx, a, id, desk.Publication{At: at, Reason: reason, Note: v.Field("note"), Bare: v.Field("bare")})
	case "schedule":
		when, err := d.parseLocal(v.Field("at"), "at")
		if err != nil {
			return "", err
		}
		return "scheduled", d.Work.Publish(ctx, a, id, desk.Publication{At: at, When: when, Bare: v.Field("bare")})
	case "withdraw":
		return "withdrawn", d.Work.Withdraw(ctx, a, id, v.Field("by"), v.Field("why"))
	case "return":
		return "returned", d.Work.Return(ctx, a, id)
	case "embargo":
		var until time.Time
		if text := v.Field("until"); text != "" && !v.Checked("open") {
			if until, err = d.parseLocal(text, "until"); err != nil {
				return "", err
			}
		}
		return "embargo", d.Work.SetEmbargo(ctx, a, id, until, v.Checked("open"))
	}
	return "", &problem.Problem{Kind: problem.Invalid, Detail: "There is no such act."}
}

// catch merges into the copy what has become of the article since. Where both
// changed the same words the page shows them side by side.
func (d *Desk) catch(v *visit, a *reader.Actor, id string, at desk.At) (*page.Answer, error) {
	clashes, err := d.Work.Catch(v.Context(), a, id, at)
	if err != nil {
		return d.storyWrong(v, a, id, nil, err)
	}
	return d.mergedIn(v, a, id, at, clashes)
}

// takeIn merges into the copy what the article's agency has changed in a version that
// waits. The form names it: another one may have come since.
func (d *Desk) takeIn(v *visit, a *reader.Actor, id string, at desk.At) (*page.Answer, error) {
	p, err := d.pending(v, id)
	if err != nil {
		return d.storyWrong(v, a, id, nil, err)
	}
	clashes, err := d.Work.TakeIn(v.Context(), a, id, at, p.Had, p.Has)
	if err != nil {
		return d.storyWrong(v, a, id, nil, err)
	}
	if err := d.Wire.Settled(v.Context(), p.First, p.Version, a.Reader.ID); err != nil {
		return d.storyWrong(v, a, id, nil, err)
	}
	return d.mergedIn(v, a, id, at, clashes)
}

// leaveOut leaves the version that waits as it is.
func (d *Desk) leaveOut(v *visit, a *reader.Actor, id string) error {
	if !a.May(reader.MayEdit) {
		return &problem.Problem{Kind: problem.Forbidden, Detail: "Your role may not do this. Ask a publisher if you need it for your work."}
	}
	p, err := d.pending(v, id)
	if err != nil {
		return err
	}
	return d.Wire.Settled(v.Context(), p.First, p.Version, a.Reader.ID)
}

// pending is the version of the article's agency that the form is about.
func (d *Desk) pending(v *visit, id string) (p *wire.Pending, err error) {
	if d.Wire != nil {
		p, err = d.Wire.Pending(v.Context(), id)
	}
	if err != nil {
		return nil, err
	}
	if p == nil || p.Version != v.Field("agency-version") {
		return nil, &problem.Problem{Kind: problem.Conflict, Detail: "The agency has sent another version since. Look at it again."}
	}
	return p, nil
}

// mergedIn shows a story into which something was merged.
func (d *Desk) mergedIn(v *visit, a *reader.Actor, id string, at desk.At, clashes []desk.Clash) (*page.Answer, error) {
	if len(clashes) == 0 {
		return page.SeeOther(storyPath(id) + "?done=merged"), nil
	}
	t, err := d.Work.Open(v.Context(), a, id)
	if err != nil {
		return nil, err
	}
	p, err := d.storyPage(v, a, t)
	if err != nil {
		return nil, err
	}
	p.Open, p.Clashes, p.Done = at.Page, clashes, doneWord(v.words, "merged", "")
	return d.story(v, p), nil
}

// storyWrong shows a story again with what could not be done, and with what was
// typed: nothing of that is lost.
func (d *Desk) storyWrong(v *visit, a *reader.Actor, id string, typed *desk.Copy, err error) (*page.Answer, error) {
	p := problem.Of(err)
	if p == nil || p.Kind == problem.NotFound {
		return nil, err
	}
	t, other := d.Work.Open(v.Context(), a, id)
	if other != nil {
		return nil, other
	}
	shown, other := d.storyPage(v, a, t)
	if other != nil {
		return nil, other
	}
	if typed != nil {
		shown.Copy, shown.Source = *typed, v.Field("source")
		shown.Bylines, shown.Topics = v.Field("bylines"), v.Field("topics")
		shown.Sections, other = d.sectionOptions(v, typed.Section)
		if other != nil {
			return nil, other
		}
		if desk.IsStale(err) != nil {
			merged, clashes, other := d.mergeTyped(v, a, id, *typed, t)
			if other != nil {
				return nil, other
			}
			shown.Copy, shown.Source, shown.Clashes = merged, richtext.Source(merged.Body), clashes
			shown.Bylines, shown.Topics = strings.Join(merged.Bylines, "\n"), strings.Join(merged.Topics, "\n")
		}
	}
	shown.Open = v.Field("page")
	shown.Typed = storyTyped{
		At: v.Field("at"), Why: v.Field("why"), By: v.Field("by"), Note: v.Field("note"), Bare: v.Field("bare"), Words: v.Field("words"),
		Reason: v.Field("reason"), Until: v.Field("until"), Open: v.Checked("open"),
	}
	shown.Error = v.tells(p)
	for field, said := range p.Fields {
		shown.Errors.put(field, v.words.Say(said))
	}
	shown.Poll.typed(v)
	shown.Poll.OptionsWrong, shown.Poll.ClosesWrong = shown.Errors.Options, shown.Errors.Closes
	if typed != nil {
		shown.Formats, shown.Needs = formatOptions(v.words, typed.Format), formatNeeds(v.words, typed.Format)
	}
	return d.story(v, shown).Status(p.Kind.Status()), nil
}

// mergeTyped puts what was typed without a script together with what somebody has
// saved since. What it began from is the revision that both go back to.
func (d *Desk) mergeTyped(v *visit, a *reader.Actor, id string, typed desk.Copy, now *desk.Story) (desk.Copy, []desk.Clash, error) {
	base := now.Copy
	r, _, err := d.Work.Revision(v.Context(), a, id, now.Base)
	if err != nil {
		return base, nil, fmt.Errorf("find what both began from: %w", err)
	}
	base.Content = r.Content
	merged, clashes := desk.Merge(base, typed, now.Copy)
	return merged, clashes, nil
}
