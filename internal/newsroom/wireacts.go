package newsroom

import (
	"cmp"
	"net/url"
	"path"
	"strconv"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
	"kawaraban/internal/wire"
)

// wireStory reads which story the address names.
func (d *Desk) wireStory(v *visit) (first int64, err error) {
	if d.Wire == nil {
		return 0, &problem.Problem{Kind: problem.NotFound}
	}
	first, err = strconv.ParseInt(v.Path("story"), 36, 64)
	if err != nil || strconv.FormatInt(first, 36) != v.Path("story") {
		return 0, &problem.Problem{Kind: problem.NotFound, Detail: "The wire has no such story."}
	}
	return first, nil
}

// actOnWire does with a story what an editor has chosen.
func (d *Desk) actOnWire(v *visit, a *reader.Actor) (*page.Answer, error) {
	first, err := d.wireStory(v)
	if err != nil {
		return nil, err
	}
	l, _, err := d.Wire.Story(v.Context(), first)
	if err != nil {
		return nil, err
	}
	done := ""
	switch v.Field("act") {
	case "use":
		if err, done = d.useWire(v, a, l), "used"; l.Sealed || l.Embargo.After(d.Now()) {
			done = "waits"
		}
	case "edit":
		if l.Article == "" {
			return nil, &problem.Problem{Kind: problem.Conflict, Detail: "There is no article of this story. Only text can be edited."}
		}
		return page.SeeOther(storyPath(l.Article)), d.Wire.Mark(v.Context(), first, wire.Used, a.Reader.ID)
	case "ignore":
		err, done = d.Wire.Mark(v.Context(), first, wire.Ignored, a.Reader.ID), "ignored"
	case "open":
		err, done = d.Wire.Mark(v.Context(), first, wire.Open, ""), "open"
	case "alert":
		if l.Article == "" || l.Alert != wire.AlertDrafted {
			return nil, &problem.Problem{Kind: problem.Conflict, Detail: "No news alert is drafted for this story."}
		}
		return page.SeeOther(alertPath(l.Article)), d.Wire.SetAlert(v.Context(), first, wire.AlertDone)
	case "no-alert":
		err, done = d.Wire.SetAlert(v.Context(), first, wire.AlertDone), "no-alert"
	case "assign":
		if err := d.Wire.Assign(v.Context(), first, v.Field("who")); err != nil {
			return nil, err
		}
		return page.SeeOther(wirePath(first) + "?done=assigned"), nil
	default:
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "There is no such act."}
	}
	if p := problem.Of(err); p != nil && p.Kind != problem.NotFound {
		return d.wireWrong(v, a, first, p)
	}
	if err != nil {
		return nil, err
	}
	return page.SeeOther(d.wireBack(v, done, first)), nil
}

// wireBack is the list from which an act came, with what was done.
func (d *Desk) wireBack(v *visit, done string, first int64) string {
	query, err := url.ParseQuery(v.Field("back"))
	if err != nil {
		query = url.Values{}
	}
	query.Set("done", done)
	if first != 0 {
		query.Set("story", strconv.FormatInt(first, 36))
	}
	return wireAt + "?" + query.Encode()
}

// useWire publishes a story as it came.
func (d *Desk) useWire(v *visit, a *reader.Actor, l wire.Line) error {
	switch {
	case l.Recall != "":
		return &problem.Problem{Kind: problem.Conflict, Detail: "The agency has recalled this story. It cannot be used."}
	case l.Article == "":
		return &problem.Problem{Kind: problem.Conflict, Detail: "There is no article of this story. Only text can be used."}
	}
	at := desk.At{Page: secret.NewToken().Reveal()}
	err := d.publishWire(v, a, l.Article, at)
	// The list has the seat no longer than for this.
	if _, other := d.Work.Seat(v.Context(), a, l.Article, at.Page, desk.Leave); err == nil {
		err = other
	}
	if err != nil {
		return err
	}
	return d.Wire.Mark(v.Context(), l.First, wire.Used, a.Reader.ID)
}

// publishWire publishes the article of a story, with the version that waits for it.
func (d *Desk) publishWire(v *visit, a *reader.Actor, id string, at desk.At) error {
	t, err := d.Work.Open(v.Context(), a, id)
	if err != nil {
		return err
	}
	at.Version = t.Version
	p := desk.Publication{At: at}
	if t.Article.State == article.Published {
		p.Reason = article.Update
	}
	sent, err := d.Wire.Pending(v.Context(), id)
	if err != nil {
		return err
	}
	if sent == nil {
		return d.Work.Publish(v.Context(), a, id, p)
	}
	// What is merged twice is as what is merged once, so the version waits until it is out.
	clashes, err := d.Work.TakeIn(v.Context(), a, id, at, sent.Had, sent.Has)
	if err != nil {
		return err
	}
	if len(clashes) > 0 {
		return &problem.Problem{Kind: problem.Conflict, Detail: "The paper and the agency have changed the same words. Open the article, and merge them there."}
	}
	if t, err = d.Work.Open(v.Context(), a, id); err != nil {
		return err
	}
	p.Version = t.Version
	if err := d.Work.Publish(v.Context(), a, id, p); err != nil {
		return err
	}
	return d.Wire.Settled(v.Context(), sent.First, sent.Version, a.Reader.ID)
}

// wireWrong shows a story with why it could not be done.
func (d *Desk) wireWrong(v *visit, a *reader.Actor, first int64, why *problem.Problem) (*page.Answer, error) {
	p, err := d.wireStoryPage(v, a, first)
	if err != nil {
		return nil, err
	}
	said := []string{v.tells(why)}
	for _, detail := range why.Fields {
		if s := v.words.Say(detail); s != said[0] {
			said = append(said, s)
		}
	}
	p.Notice, p.Bad = strings.Join(said, " "), true
	return page.Show(v.wireStory.With(p)).Status(why.Kind.Status()), nil
}

// keepWireView keeps the view that is looked at, or removes one.
func (d *Desk) keepWireView(v *visit, a *reader.Actor) (*page.Answer, error) {
	if d.Wire == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	if v.Field("act") == "drop" {
		err := d.Wire.DropView(v.Context(), a.Reader.ID, v.Field("name"))
		return page.SeeOther(d.wireBack(v, "dropped", 0)), err
	}
	query, err := url.ParseQuery(v.Field("back"))
	if err != nil || len(query) == 0 {
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "Choose what to see first: a source, a section, a topic or words."}
	}
	err = d.Wire.KeepView(v.Context(), a.Reader.ID, wire.Saved{Name: v.Field("name"), Query: query.Encode()})
	if err != nil {
		return nil, err
	}
	return page.SeeOther(d.wireBack(v, "kept", 0)), nil
}

// unreadPage is what wireunread.html shows: what came and could not be read.
type unreadPage struct {
	chrome
	Notice string
	Bad    bool
	Rows   []unreadRow
	First  string
	Older  string
}

// An unreadRow is a delivery that could not be read.
type unreadRow struct {
	Path, Name, Agency, Reason string
	Size, When, At             string
	Whole                      bool // its bytes are kept
}

func (d *Desk) showUnread(v *visit, _ *reader.Actor) (*page.Answer, error) {
	p, err := d.unreadPage(v)
	if err != nil {
		return nil, err
	}
	return page.Show(v.wireUnread.With(p)), nil
}

func (d *Desk) unreadPage(v *visit) (p unreadPage, err error) {
	if d.Wire == nil {
		return p, &problem.Problem{Kind: problem.NotFound}
	}
	if p.chrome, err = d.chrome(v, "wire.unread"); err != nil {
		return p, err
	}
	list, older, err := d.Wire.Quarantine(v.Context(), v.Get("before"))
	if err != nil {
		return p, err
	}
	for _, b := range list {
		p.Rows = append(p.Rows, unreadRow{
			Path: wireAt + "/unread/" + b.ID, Name: b.Name, Agency: b.Agency, Reason: v.words.Say(b.Reason), Whole: b.Whole,
			Size: v.words.Say("wire.bytes", v.words.Number(int(b.Size))), When: v.words.Moment(b.Received), At: v.words.Machine(b.Received),
		})
	}
	if v.Get("before") != "" {
		p.First = wireAt + "/unread"
	}
	if older != "" {
		p.Older = wireAt + "/unread?before=" + older
	}
	if v.Get("done") == "read" {
		p.Notice = v.words.Say("wire.done.read", v.Get("what"))
	}
	return p, nil
}

// readAgain reads a delivery once more that could not be read.
func (d *Desk) readAgain(v *visit, _ *reader.Actor) (*page.Answer, error) {
	if d.Wire == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	results, err := d.Wire.Again(v.Context(), v.Path("id"))
	why := problem.Of(err)
	if err != nil && (why == nil || why.Kind == problem.NotFound) {
		return nil, err
	}
	if why == nil && results[0].Decision != wire.Quarantined {
		return page.SeeOther(wireAt + "/unread?" + url.Values{"done": {"read"}, "what": {cmp.Or(results[0].Headline, results[0].Name)}}.Encode()), nil
	}
	p, err := d.unreadPage(v)
	if err != nil {
		return nil, err
	}
	p.Bad = true
	if why != nil {
		p.Notice = v.tells(why)
	} else {
		p.Notice = v.words.Say("wire.still", results[0].Name, v.words.Say(results[0].Reason))
	}
	return page.Show(v.wireUnread.With(p)).Status(problem.Invalid.Status()), nil
}

// showRaw gives a delivery as it came, to be kept and not to be shown.
func (d *Desk) showRaw(v *visit, _ *reader.Actor) (*page.Answer, error) {
	if d.Wire == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	name, data, err := d.Wire.Raw(v.Context(), v.Path("id"))
	if err != nil {
		return nil, err
	}
	return page.Download(path.Base(name), "application/octet-stream", data), nil
}
