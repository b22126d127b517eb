package newsroom

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// actOnEdition does what a button of an edition says. Those of the form save what is
// typed first, so that none of them loses it.
func (d *Desk) actOnEdition(v *visit, a *reader.Actor) (*page.Answer, error) {
	id, act := v.Path("id"), v.Field("act")
	if done, err, is := d.stepEdition(v, a, id, act); is {
		return d.stepped(v, a, id, done, err)
	}
	base, err := version(v)
	if err != nil {
		return nil, err
	}
	typed, err := editionTyped(v)
	if err != nil {
		return nil, err
	}
	e, err := d.Newsletters.EditionByID(v.Context(), a, id)
	if err != nil {
		return nil, err
	}
	to := partAct{act: act, to: "?done=saved", gone: -1}
	typed.Parts, err = d.changeParts(v, a, e.List, typed.Parts, &to)
	if err == nil {
		e, err = d.Newsletters.Write(v.Context(), a, id, base, typed)
	}
	if err != nil {
		return d.notWritten(v, a, id, typed, err)
	}
	if v.WantsJSON() {
		return page.JSON(struct {
			Version int `json:"version"`
		}{e.Version})
	}
	path := editionAt + "/" + id
	switch act {
	case "schedule":
		var at time.Time
		if at, err = d.timeTyped(v, "at"); err == nil && at.IsZero() {
			err = &problem.Problem{Kind: problem.Invalid, Detail: "Choose a day and a time.", Fields: map[string]string{"at": "Choose a day and a time."}}
		}
		if err == nil {
			e, err = d.Newsletters.Schedule(v.Context(), a, id, e.Version, at)
		}
		if err != nil {
			return d.notWritten(v, a, id, typed, err)
		}
		return page.SeeOther(path + "?done=" + scheduledAs(e)), nil
	case "try":
		if err = d.Newsletters.TestSend(v.Context(), a, id); err != nil {
			return d.notWritten(v, a, id, typed, err)
		}
		return page.SeeOther(path + "?done=tried"), nil
	case "review":
		if err = d.Newsletters.Ready(v.Context(), a, id); err != nil {
			return d.notWritten(v, a, id, typed, err)
		}
		return page.SeeOther(path + "/send"), nil
	case "compose":
		if _, err = d.Newsletters.Compose(v.Context(), a, id, e.Version); err != nil {
			return d.notWritten(v, a, id, typed, err)
		}
		return page.SeeOther(path + "?done=composed"), nil
	}
	if to.gone >= 0 {
		return d.tookOut(v, a, e, to)
	}
	return page.SeeOther(path + to.to), nil
}

// scheduledAs is what has been done when an edition was scheduled.
func scheduledAs(e newsletter.Edition) string {
	switch e.Stage {
	case newsletter.Waiting:
		return "asked"
	case newsletter.Sending:
		return "begun"
	}
	return "scheduled"
}

// stepEdition takes a step that has nothing to do with what is typed.
func (d *Desk) stepEdition(v *visit, a *reader.Actor, id, act string) (done string, err error, is bool) {
	ctx, s := v.Context(), d.Newsletters
	base, wrong := version(v)
	versioned := func(f func(version int) error) error {
		if wrong != nil {
			return wrong
		}
		return f(base)
	}
	switch act {
	case "pause":
		_, err = s.Pause(ctx, a, id)
		return "paused", err, true
	case "resume":
		_, err = s.Resume(ctx, a, id)
		return "resumed", err, true
	case "cancel":
		_, err = s.Cancel(ctx, a, id)
		return "cancelled", err, true
	case "undiscard":
		_, err = s.Undiscard(ctx, a, id)
		return "back", err, true
	case "discard":
		return "discarded", versioned(func(n int) error { return s.Discard(ctx, a, id, n) }), true
	case "unschedule":
		return "unscheduled", versioned(func(n int) error { _, err := s.Unschedule(ctx, a, id, n); return err }), true
	case "approve", "send":
		var e newsletter.Edition
		err = versioned(func(n int) (err error) {
			if act == "approve" {
				e, err = s.Approve(ctx, a, id, n)
			} else {
				e, err = s.Schedule(ctx, a, id, n, time.Time{})
			}
			return err
		})
		return scheduledAs(e), err, true
	}
	return "", nil, false
}

// stepped leads on after a step, or says why it was not taken.
func (d *Desk) stepped(v *visit, a *reader.Actor, id, done string, err error) (*page.Answer, error) {
	if err == nil {
		switch {
		case done == "discarded":
			return page.SeeOther(newsletters + "?discarded=" + id), nil
		case v.Field("back") == "list":
			return page.SeeOther(newsletters + "?done=" + done), nil
		}
		return page.SeeOther(editionAt + "/" + id + "?done=" + done), nil
	}
	bad := problem.Of(err)
	if bad == nil || bad.Kind == problem.NotFound {
		return nil, err
	}
	e, err := d.Newsletters.EditionByID(v.Context(), a, id)
	if err != nil {
		return nil, err
	}
	p, err := d.editionPage(v, a, e)
	if err != nil {
		return nil, err
	}
	p.say(v, bad)
	return d.edition(v, p).Status(bad.Kind.Status()), nil
}

// say puts a Problem at its fields, and above the form. The focus goes to the first of
// them.
func (p *editionPage) say(v *visit, bad *problem.Problem) {
	p.wrong(v, bad)
	said := func(field string) string {
		why := v.words.Say(bad.Fields[field])
		if why != "" && p.Focus == "" {
			p.Focus = field
		}
		return why
	}
	p.Errors.Subject, p.Errors.Preview, p.Errors.Parts = said("subject"), said("preview"), said("parts")
	for i := range p.Parts {
		part := &p.Parts[i]
		at := func(field string) string {
			had := p.Focus
			why := said(fmt.Sprintf("%s-%d", field, i))
			if p.Focus != had {
				part.Focus = field
			}
			return why
		}
		part.Wrong = partErrors{Title: at("title"), By: at("by"), Link: at("link"), Text: at("text"), Stories: at("stories")}
		part.blame()
	}
	p.Errors.At = said("at")
}

// blame marks the stories that make a part wrong.
func (p *partView) blame() {
	if p.Wrong.Stories == "" {
		return
	}
	for i := range p.Stories {
		row := &p.Stories[i]
		if row.Wrong = row.Gone; row.Wrong && p.Focus == "stories" {
			row.Focus, p.Focus = true, ""
		}
	}
}

// notWritten shows the form again with what was typed. When somebody else was faster
// it stands there with theirs beside it, and can be saved over it.
func (d *Desk) notWritten(v *visit, a *reader.Actor, id string, typed newsletter.Manuscript, err error) (*page.Answer, error) {
	bad := problem.Of(err)
	switch {
	case bad == nil || bad.Kind == problem.NotFound:
		return nil, err
	case v.WantsJSON():
		return d.refuse(v, err)
	}
	now, err := d.Newsletters.EditionByID(v.Context(), a, id)
	if err != nil {
		return nil, err
	}
	theirs := now
	if now.Stage == newsletter.Draft {
		now.Subject, now.Preview, now.Parts = typed.Subject, typed.Preview, typed.Parts
	}
	p, err := d.editionPage(v, a, now)
	if err != nil {
		return nil, err
	}
	p.say(v, bad)
	switch {
	case now.Stage != newsletter.Draft:
		p.Mine = asText(v.words, typed)
	case bad.Kind == problem.Conflict:
		p.Theirs = &theirEdition{theirs.Subject, asText(v.words, newsletter.Manuscript{Subject: theirs.Subject, Preview: theirs.Preview, Parts: theirs.Parts})}
	}
	return d.edition(v, p).Status(bad.Kind.Status()), nil
}

// asText is a manuscript to be copied from.
func asText(w *page.Language, m newsletter.Manuscript) string {
	lines := []string{m.Subject, m.Preview}
	for _, p := range m.Parts {
		lines = append(lines, "", blockWord(w, p.Kind)+" "+p.Title, p.Text)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// editionTyped reads the form: the parts as they were, with what was typed into them.
func editionTyped(v *visit) (m newsletter.Manuscript, err error) {
	whole := func(err error) error {
		return &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again.", Err: err}
	}
	m = newsletter.Manuscript{Subject: v.Field("subject"), Preview: v.Field("preview")}
	if err := json.Unmarshal([]byte(v.Field("held")), &m.Parts); err != nil {
		return m, whole(err)
	}
	title, text, by, link := v.Fields("part_title"), v.Fields("part_text"), v.Fields("part_by"), v.Fields("part_link")
	blocks := v.Fields("part_blocks")
	if blocks == nil { // a form without editors
		blocks = make([]string, len(m.Parts))
	}
	for _, typed := range [][]string{title, text, by, link, blocks} {
		if len(typed) != len(m.Parts) {
			return m, whole(fmt.Errorf("%d fields for %d parts", len(typed), len(m.Parts)))
		}
	}
	for i := range m.Parts {
		p := &m.Parts[i]
		p.Title, p.By, p.Link = strings.TrimSpace(title[i]), strings.TrimSpace(by[i]), strings.TrimSpace(link[i])
		p.Text = strings.ReplaceAll(text[i], "\r\n", "\n")
		if blocks[i] == "" {
			continue
		}
		// What comes from the editor is kept as the source that would have been typed.
		doc, err := richtext.ParseDraft([]byte(blocks[i]))
		if err != nil {
			return m, err
		}
		p.Text = richtext.Source(doc)
	}
	return m, nil
}

// A partAct is what a button of the form does with the parts, and where it leads.
type partAct struct {
	act  string
	to   string // what the address has behind its path
	gone int    // the place of a part that was taken out, -1 for none
	part newsletter.Part
}

// changeParts does what a button says with the parts.
func (d *Desk) changeParts(v *visit, a *reader.Actor, list string, parts []newsletter.Part, to *partAct) ([]newsletter.Part, error) {
	act, rest, _ := strings.Cut(to.act, "/")
	at, story, _ := strings.Cut(rest, "/")
	i, err := strconv.Atoi(at)
	if err != nil || i < 0 || i >= len(parts) {
		i = -1
	}
	here := func(n int) { to.to = fmt.Sprintf("#part-%d", n) }
	switch {
	case act == "add":
		here(len(parts))
		return d.addPart(v, a, list, parts)
	case act == "putback":
		return d.putBack(v, parts, to)
	case i < 0:
		return parts, nil
	case act == "up" && i > 0:
		parts[i-1], parts[i] = parts[i], parts[i-1]
		here(i - 1)
	case act == "down" && i < len(parts)-1:
		parts[i+1], parts[i] = parts[i], parts[i+1]
		here(i + 1)
	case act == "out":
		to.gone, to.part = i, parts[i]
		return slices.Delete(parts, i, i+1), nil
	case act == "find":
		words := ""
		if q := v.Fields("q"); len(q) > 0 {
			words = q[0]
		}
		to.to = "?" + url.Values{"part": {at}, "q": {words}}.Encode() + fmt.Sprintf("#part-%d", i)
	default:
		parts[i] = moveStory(parts[i], act, story)
		here(i)
		if act == "take" {
			to.to = "?" + url.Values{"part": {at}, "q": {v.Field("q")}}.Encode() + fmt.Sprintf("#part-%d", i)
		}
	}
	return parts, nil
}

// moveStory puts a story into a part, moves it there, or takes it out.
func moveStory(p newsletter.Part, act, story string) newsletter.Part {
	i := slices.Index(p.Stories, story)
	p.Stories = slices.Clone(p.Stories)
	switch {
	case p.Kind == newsletter.Corrections: // they stand beside the numbers of what was corrected
	case act == "take" && i < 0 && story != "":
		p.Stories = append(p.Stories, story)
	case i < 0:
	case act == "storyup" && i > 0:
		p.Stories[i-1], p.Stories[i] = p.Stories[i], p.Stories[i-1]
	case act == "storydown" && i < len(p.Stories)-1:
		p.Stories[i+1], p.Stories[i] = p.Stories[i], p.Stories[i+1]
	case act == "storyout":
		p.Stories = slices.Delete(p.Stories, i, i+1)
	}
	return p
}

// limitOf is how many stories a part brings that is added by hand.
const limitOf = 5

// addPart adds what was chosen at the end.
func (d *Desk) addPart(v *visit, a *reader.Actor, list string, parts []newsletter.Part) ([]newsletter.Part, error) {
	kind, section, _ := strings.Cut(v.Field("add"), ":")
	b := newsletter.Block{Kind: newsletter.BlockKind(kind), Section: section, Limit: limitOf}
	switch b.Kind {
	case newsletter.Words, newsletter.Events, newsletter.Sponsor, newsletter.Stories:
		b.Limit = 0
		return append(parts, newsletter.Part{Block: b}), nil
	case newsletter.Front, newsletter.Section, newsletter.Read, newsletter.Best, newsletter.Corrections:
		p, err := d.Newsletters.Fill(v.Context(), a, list, b)
		return append(parts, p), err
	}
	return parts, &problem.Problem{Kind: problem.Invalid, Detail: "Choose what the block brings.", Fields: map[string]string{"parts": "Choose what the block brings."}}
}

// putBack puts a part back that was taken out.
func (d *Desk) putBack(v *visit, parts []newsletter.Part, to *partAct) ([]newsletter.Part, error) {
	var p newsletter.Part
	at, err := strconv.Atoi(v.Field("gone_at"))
	if err == nil {
		err = json.Unmarshal([]byte(v.Field("gone")), &p)
	}
	if err != nil {
		return parts, &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again.", Err: err}
	}
	at = max(0, min(at, len(parts)))
	to.to = fmt.Sprintf("#part-%d", at)
	return slices.Insert(parts, at, p), nil
}

// tookOut shows the edition without a part, which can be put back.
func (d *Desk) tookOut(v *visit, a *reader.Actor, e newsletter.Edition, to partAct) (*page.Answer, error) {
	p, err := d.editionPage(v, a, e)
	if err != nil {
		return nil, err
	}
	gone, err := json.Marshal(to.part)
	if err != nil {
		return nil, fmt.Errorf("keep a part that was taken out: %w", err)
	}
	p.Gone, p.GoneAt = string(gone), to.gone
	return d.edition(v, p), nil
}
