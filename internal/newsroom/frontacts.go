package newsroom

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A drafted is what our script is told about a draft: its places, and what would
// stand on the page.
type drafted struct {
	Places []article.Place `json:"places"`
	Areas  []areaView      `json:"areas"`
}

// actOnFront does what a button of the page says. Our script collects changes: it
// sends the places of its draft along, and gets those of the next one. A form
// without a script changes the page at once.
func (d *Desk) actOnFront(v *visit, a *reader.Actor) (*page.Answer, error) {
	of, act, ctx := pageOf(v.Path("section")), v.Field("act"), v.Context()
	base := numberTyped(v.Field("base"))
	switch act {
	case "undo":
		_, err := d.Work.Undo(ctx, a, of, base)
		return d.frontActed(v, a, of, nil, "undone", err)
	case "again":
		_, err := d.Work.BringBack(ctx, a, of, base, numberTyped(v.Field("number")))
		return d.frontActed(v, a, of, nil, "again", err)
	case "unschedule":
		return d.frontActed(v, a, of, nil, "unscheduled", d.Work.TakeBack(ctx, a, of, numberTyped(v.Field("number"))))
	}
	places, err := d.draftPlaces(v, a, of, base)
	if err != nil {
		return nil, err
	}
	var at time.Time
	done := "published"
	switch act {
	case "publish":
	case "schedule":
		done = "scheduled"
		if at, err = d.parseLocal(v.Field("at"), "at"); err != nil {
			return d.frontActed(v, a, of, places, "", err)
		}
	default:
		if places, err = d.placed(v, act, places); err != nil {
			return d.frontActed(v, a, of, nil, "", err)
		}
	}
	if v.WantsJSON() {
		return d.showDraft(v, a, of, places)
	}
	_, err = d.Work.Curate(ctx, a, of, base, places, at)
	return d.frontActed(v, a, of, places, done, err)
}

// draftPlaces are the places that a form is about: those that it brings, else those
// of the version that it was made from.
func (d *Desk) draftPlaces(v *visit, a *reader.Actor, of desk.Page, base int) ([]article.Place, error) {
	if v.Checked("layout") {
		return placesTyped(v)
	}
	if base == 0 {
		return []article.Place{}, nil
	}
	l, err := d.Work.Version(v.Context(), a, of, base)
	return l.Layout().Places, err
}

func placesTyped(v *visit) ([]article.Place, error) {
	places := []article.Place{}
	if text := v.Field("layout"); text != "" {
		if err := json.Unmarshal([]byte(text), &places); err != nil {
			return nil, &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again.", Err: err}
		}
	}
	return places, nil
}

// numberTyped reads a number of our own forms; 0 for what is none.
func numberTyped(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// placed are the places after one step.
func (d *Desk) placed(v *visit, act string, places []article.Place) ([]article.Place, error) {
	story := v.Field("story")
	area, slot := article.Area(v.Field("area")), numberTyped(v.Field("slot"))
	if to := v.Field("to"); to != "" {
		name, number, _ := strings.Cut(to, "/")
		area, slot = article.Area(name), numberTyped(number)
	}
	i := slices.IndexFunc(places, func(p article.Place) bool { return p.Article == story })
	switch {
	case act == "draft":
		return places, nil
	case story == "":
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "Choose a story."}
	case act == "place":
		if slot < 0 || slot >= area.Size() {
			return nil, &problem.Problem{Kind: problem.Invalid, Detail: "There is no such place on this page."}
		}
		places = put(places, area, slot, story)
		if v.Field("until") == "" {
			return places, nil
		}
		i = slices.IndexFunc(places, func(p article.Place) bool { return p.Article == story })
		return d.pinned(v, places, i)
	case i < 0:
		return nil, &problem.Problem{Kind: problem.Conflict, Detail: "This story does not stand there any more."}
	case act == "remove":
		return without(places, story), nil
	case act == "up":
		return put(places, places[i].Area, max(places[i].Slot-1, 0), story), nil
	case act == "down":
		return put(places, places[i].Area, min(places[i].Slot+1, places[i].Area.Size()-1), story), nil
	case act == "until":
		return d.pinned(v, places, i)
	}
	return nil, &problem.Problem{Kind: problem.Invalid, Detail: "There is no such act."}
}

// pinned lets a pin end when a form says, or never.
func (d *Desk) pinned(v *visit, places []article.Place, i int) (list []article.Place, err error) {
	list = slices.Clone(places)
	if list[i].Until = (time.Time{}); v.Field("until") == "" {
		return list, nil
	}
	if list[i].Until, err = d.parseLocal(v.Field("until"), "until"); err == nil && !list[i].Until.After(d.Now()) {
		err = &problem.Problem{Kind: problem.Invalid, Detail: "This time has passed. Choose one that is to come."}
	}
	return list, err
}

// showDraft answers our script with the page that its places would make.
func (d *Desk) showDraft(v *visit, a *reader.Actor, of desk.Page, places []article.Place) (*page.Answer, error) {
	holds, _, err := d.Work.Holds(v.Context(), of)
	if err != nil {
		return nil, err
	}
	areas, err := d.compose(v, a, of, holds, places)
	if err != nil {
		return nil, err
	}
	return page.JSON(drafted{places, areas})
}

// frontActed leads back to the page, or shows it again and says what was wrong:
// with the places that were to be published, of which nothing is lost.
func (d *Desk) frontActed(v *visit, a *reader.Actor, of desk.Page, mine []article.Place, done string, err error) (*page.Answer, error) {
	path := "/newsroom/" + string(of)
	bad := problem.Of(err)
	switch {
	case err == nil:
		return page.SeeOther(path + "?done=" + done), nil
	case bad == nil || bad.Kind == problem.NotFound:
		return nil, err
	case v.WantsJSON():
		return d.refuse(v, err)
	}
	holds, _, other := d.Work.Holds(v.Context(), of)
	if other != nil {
		return nil, other
	}
	p, other := d.frontPage(v, a, of, holds, mine)
	if other != nil {
		return nil, other
	}
	p.Error, p.At = v.tells(bad), v.Field("at")
	if said := bad.Fields["at"]; said != "" {
		p.AtError = v.words.Say(said)
	}
	var late *desk.Overtaken
	if errors.As(err, &late) && mine != nil {
		if p.Clash, other = d.clashes(v, a, of, holds, p.Areas); other != nil {
			return nil, other
		}
	}
	return d.front(v, p).Status(bad.Kind.Status()), nil
}

// clashes are the places in which what was to be published is not what holds now.
func (d *Desk) clashes(v *visit, a *reader.Actor, of desk.Page, holds desk.Layout, mine []areaView) (list []clashView, err error) {
	theirs, err := d.compose(v, a, of, holds, holds.Layout().Places)
	if err != nil {
		return nil, err
	}
	for i, area := range mine {
		for j, s := range area.Slots {
			if o := theirs[i].Slots[j]; (s.Placed || o.Placed) && (s.Story != o.Story || s.Until != o.Until) {
				list = append(list, clashView{s.Name, s.Headline, o.Headline})
			}
		}
	}
	return list, nil
}

// frontDone says what has been done.
func frontDone(w *page.Language, done string) string {
	switch done {
	case "published":
		return w.Say("front.done.published")
	case "scheduled":
		return w.Say("front.done.scheduled")
	case "undone":
		return w.Say("front.done.undone")
	case "again":
		return w.Say("front.done.again")
	case "unscheduled":
		return w.Say("front.done.unscheduled")
	case "raised":
		return w.Say("front.done.raised")
	case "lowered":
		return w.Say("front.done.lowered")
	}
	return ""
}

// frontSays are the words of the script.
func frontSays(w *page.Language) map[string]string {
	return map[string]string{
		"picked":    w.Say("front.says.picked"),
		"over":      w.Say("front.says.over"),
		"dropped":   w.Say("front.says.dropped"),
		"cancelled": w.Say("front.says.cancelled"),
		"changed":   w.Say("front.says.changed"),
		"same":      w.Say("front.says.same"),
		"failed":    w.Say("quick.failed"),
		"none":      w.Say("quick.none"),
	}
}
