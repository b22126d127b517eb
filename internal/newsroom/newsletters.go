package newsroom

import (
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// The addresses of the room of newsletters.
const (
	newsletters  = "/newsroom/newsletters"
	editionAt    = "/newsroom/edition"
	alertAt      = "/newsroom/alert"
	listsAt      = "/newsroom/lists"
	listAt       = "/newsroom/list"
	subscribers  = "/newsroom/subscribers"
	intakeAt     = "/newsroom/subscribers/import"
	subscriberAt = "/newsroom/subscriber"
	suppressions = "/newsroom/suppressions"
)

// letterRoutes are those of the room of newsletters.
func (d *Desk) letterRoutes(rt *page.Router) {
	d.room(rt, room{newsletters, "letters.title", "n", reader.MayEdit, nil}, d.showNewsletters)
	d.staff(rt, "POST "+newsletters, reader.MayEdit, d.beginEdition)
	d.staff(rt, "GET /newsroom/edition/{id}", reader.MayEdit, d.showEdition)
	d.long(rt, "POST /newsroom/edition/{id}", reader.MayEdit, maxEdition, d.actOnEdition)
	d.staff(rt, "GET /newsroom/edition/{id}/send", reader.MayEdit, d.askToSend)
	d.staff(rt, "GET /newsroom/edition/{id}/proof/{look}", reader.MayEdit, d.showEditionProof)
	d.staff(rt, "GET "+alertAt, reader.MayEdit, d.showAlert)
	d.staff(rt, "POST "+alertAt, reader.MayEdit, d.sendAlert)
	d.staff(rt, "GET /newsroom/alert/proof", reader.MayEdit, d.showAlertProof)
	d.staff(rt, "POST /newsroom/alert/proof", reader.MayEdit, d.showAlertProof)
	d.staff(rt, "GET "+listsAt, reader.MayManage, d.showLists)
	d.staff(rt, "GET /newsroom/list/{id}", reader.MayManage, d.showList)
	d.long(rt, "POST /newsroom/list/{id}", reader.MayManage, maxEdition, d.actOnList)
	d.staff(rt, "GET "+subscribers, reader.MayManage, d.showSubscribers)
	d.staff(rt, "GET "+intakeAt, reader.MayManage, d.showIntake)
	d.slow(rt, "POST "+intakeAt, reader.MayManage, maxTable, tableTime, d.takeTable)
	d.staff(rt, "GET "+intakeAt+"/progress", reader.MayManage, d.showIntakeProgress)
	d.staff(rt, "POST "+subscribers+"/export", reader.MayManage, d.exportSubscribers)
	d.staff(rt, "GET /newsroom/subscriber/{id}", reader.MayManage, d.showSubscriber)
	d.staff(rt, "POST /newsroom/subscriber/{id}", reader.MayManage, d.actOnSubscriber)
	d.staff(rt, "GET "+suppressions, reader.MayManage, d.showSuppressions)
	d.staff(rt, "POST "+suppressions, reader.MayManage, d.actOnSuppressions)
}

// lettersPage is what the pages of the room have in common.
type lettersPage struct {
	chrome
	Tabs   []door
	Notice string // what has just happened, or is wrong with all of it
	Bad    bool
	Writes bool // with the editor
}

// lettersPage makes it; here is the tab to which the page belongs.
func (d *Desk) lettersPage(v *visit, a *reader.Actor, here, title string) (p lettersPage, err error) {
	if p.chrome, err = d.chrome(v, title); err != nil {
		return p, err
	}
	for i := range p.Rooms {
		p.Rooms[i].Here = p.Rooms[i].Path == newsletters
	}
	for _, t := range letterTabs() {
		if a.May(t.Permission) {
			p.Tabs = append(p.Tabs, door{Path: t.Path, Name: v.words.Say(t.Name), Here: t.Path == here})
		}
	}
	p.Notice = lettersDone(v.words, v.Get("done"))
	return p, nil
}

// letterTabs are the pages of the room that have a tab.
func letterTabs() []room {
	return []room{
		{Path: newsletters, Name: "letters.tab.now", Permission: reader.MayEdit},
		{Path: alertAt, Name: "alert.title", Permission: reader.MayEdit},
		{Path: listsAt, Name: "letters.lists", Permission: reader.MayManage},
		{Path: subscribers, Name: "subs.title", Permission: reader.MayManage},
		{Path: suppressions, Name: "supp.title", Permission: reader.MayManage},
	}
}

// wrong tells what is wrong with all of a page.
func (p *lettersPage) wrong(v *visit, bad *problem.Problem) {
	p.Notice, p.Bad = v.tells(bad), true
}

// lettersDone says what has just been done.
func lettersDone(w *page.Language, done string) string {
	switch done {
	case "saved":
		return w.Say("letters.done.saved")
	case "made":
		return w.Say("letters.done.made")
	case "tried":
		return w.Say("letters.done.tried")
	case "composed":
		return w.Say("letters.done.composed")
	case "scheduled":
		return w.Say("letters.done.scheduled")
	case "asked":
		return w.Say("letters.done.asked")
	case "unscheduled":
		return w.Say("letters.done.unscheduled")
	case "begun":
		return w.Say("letters.done.begun")
	case "paused":
		return w.Say("letters.done.paused")
	case "resumed":
		return w.Say("letters.done.resumed")
	case "cancelled":
		return w.Say("letters.done.cancelled")
	case "back":
		return w.Say("letters.done.back")
	case "alerted":
		return w.Say("letters.done.alerted")
	case "retired":
		return w.Say("letters.done.retired")
	case "reopened":
		return w.Say("letters.done.reopened")
	case "ended":
		return w.Say("letters.done.ended")
	case "suppressed":
		return w.Say("letters.done.suppressed")
	case "lifted":
		return w.Say("letters.done.lifted")
	}
	return ""
}

// newslettersPage is what newsletters.html shows: what goes out, and what will.
type newslettersPage struct {
	lettersPage
	Now     []sendingView
	Waiting []editionLine
	Coming  []editionLine
	Drafts  []editionLine
	Sent    []editionLine
	Older   string
	Begin   []option     // lists of which somebody can begin an edition
	Lists   bool         // there are any
	May     bool         // lists can be made
	Servers []serverLine // none when all is well
	Undo    string       // the address of a draft that was just thrown away
}

// A sendingView is an edition on its way.
type sendingView struct {
	ID, Path, Subject, List, State string
	Paused                         bool
	Done, Wanted                   int
	Says                           string // "1,204 of 5,000"
	About                          string // how fast, and when it will be through
}

// An editionLine is an edition in a list.
type editionLine struct{ Path, Subject, List, When, At, Who, About string }

const (
	maxEditions = 100
	lastSent    = 20
)

func (d *Desk) showNewsletters(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.newslettersPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.newsletters.With(p)), nil
}

func (d *Desk) newslettersPage(v *visit, a *reader.Actor) (p newslettersPage, err error) {
	if p.lettersPage, err = d.lettersPage(v, a, newsletters, "letters.title"); err != nil {
		return p, err
	}
	lists, err := d.Newsletters.Lists(v.Context())
	if err != nil {
		return p, err
	}
	named := map[string]newsletter.List{}
	for _, l := range lists {
		named[l.ID] = l
		if l.Retired.IsZero() {
			p.Lists = true
			if l.Kind != newsletter.Alert {
				p.Begin = append(p.Begin, option{l.ID, l.Name, false})
			}
			if !l.Next.IsZero() {
				p.Coming = append(p.Coming, d.calendarLine(v.words, a, l))
			}
		}
	}
	p.May, p.Servers = a.May(reader.MayManage), d.serverLines(v.words)
	if id := v.Get("discarded"); id != "" {
		p.Undo, p.Notice = editionAt+"/"+id, v.words.Say("letters.done.discarded")
	}
	if err := d.editionGroups(v, a, named, &p); err != nil {
		return p, err
	}
	p.Keys = append([]shortcut{{[]string{"j"}, v.words.Say("stories.down")}, {[]string{"k"}, v.words.Say("stories.up")}}, p.Keys...)
	return p, nil
}

// editionGroups puts editions where they stand.
func (d *Desk) editionGroups(v *visit, a *reader.Actor, named map[string]newsletter.List, p *newslettersPage) error {
	ctx := v.Context()
	open, _, err := d.Newsletters.Editions(ctx, a, "", "", maxEditions, newsletter.Draft, newsletter.Waiting, newsletter.Scheduled, newsletter.Sending, newsletter.Paused)
	if err != nil {
		return err
	}
	sent, older, err := d.Newsletters.Editions(ctx, a, "", v.Get("before"), lastSent, newsletter.Sent)
	if err != nil {
		return err
	}
	if older != "" {
		p.Older = newsletters + "?before=" + older
	}
	var who []string
	for _, e := range open {
		who = append(who, e.Author)
	}
	n, err := d.names(v, who...)
	if err != nil {
		return err
	}
	for _, e := range open {
		l := named[e.List]
		switch e.Stage {
		case newsletter.Sending, newsletter.Paused:
			p.Now = append(p.Now, d.sendingView(v.words, l, e))
		case newsletter.Waiting:
			p.Waiting = append(p.Waiting, d.editionLine(v.words, n, l, e))
		case newsletter.Scheduled:
			p.Coming = append(p.Coming, d.editionLine(v.words, n, l, e))
		default:
			p.Drafts = append(p.Drafts, d.editionLine(v.words, n, l, e))
		}
	}
	for _, e := range sent {
		line := d.editionLine(v.words, n, named[e.List], e)
		line.When, line.At = v.words.Moment(e.Ended), v.words.Machine(e.Ended)
		line.Who, line.About = "", v.words.Say("letters.sent.about", v.words.Number(e.Accepted), v.words.Number(e.Clicks), v.words.Number(e.Bounced+e.Refused))
		p.Sent = append(p.Sent, line)
	}
	return nil
}

// calendarLine is the next digest of a list, which nobody has to write.
func (d *Desk) calendarLine(w *page.Language, a *reader.Actor, l newsletter.List) editionLine {
	line := editionLine{Subject: w.Say("letters.digest"), List: l.Name, When: w.Moment(l.Next), At: w.Machine(l.Next), About: w.Say("letters.by.calendar")}
	if a.May(reader.MayManage) {
		line.Path = listAt + "/" + l.ID
	}
	if l.Approve {
		line.About = w.Say("letters.by.calendar.approve")
	}
	return line
}

func (d *Desk) editionLine(w *page.Language, n names, l newsletter.List, e newsletter.Edition) editionLine {
	line := editionLine{
		Path: editionAt + "/" + e.ID, Subject: strings.TrimSpace(e.Subject), List: fmt.Sprintf("%s %d", l.Name, e.Number),
		When: w.Moment(e.Created), At: w.Machine(e.Created), Who: w.Say("letters.by.calendar"),
	}
	if line.Subject == "" {
		line.Subject = w.Say("letters.untitled")
	}
	if e.Author != "" {
		line.Who = n.name(e.Author)
	}
	switch {
	case e.Stage == newsletter.Waiting && e.At.IsZero():
		line.When, line.At = w.Say("letters.at.once"), ""
	case !e.At.IsZero():
		line.When, line.At = w.Moment(e.At), w.Machine(e.At)
	}
	return line
}

// sendingView tells how far an edition has got.
func (d *Desk) sendingView(w *page.Language, l newsletter.List, e newsletter.Edition) sendingView {
	s := sendingView{
		ID: e.ID, Path: editionAt + "/" + e.ID, Subject: e.Subject, List: fmt.Sprintf("%s %d", l.Name, e.Number),
		State: stageWord(w, e.Stage), Paused: e.Stage == newsletter.Paused, Done: e.Done(), Wanted: max(e.Wanted, e.Done(), 1),
		Says: w.Say("letters.progress", w.Number(e.Done()), w.Number(e.Wanted)),
	}
	end := e.End(d.Now())
	switch {
	case s.Paused:
	case e.Rate > 0 && !end.IsZero():
		s.About = w.Say("letters.rate", w.Number(e.Rate), w.Clock(end.Add(time.Minute)))
	case e.Later > 0:
		s.About = w.Say("letters.later", w.Number(e.Later))
	}
	return s
}

// stageWord says where an edition stands.
func stageWord(w *page.Language, s newsletter.Stage) string {
	switch s {
	case newsletter.Draft:
		return w.Say("stage.draft")
	case newsletter.Waiting:
		return w.Say("stage.waiting")
	case newsletter.Scheduled:
		return w.Say("stage.scheduled")
	case newsletter.Sending:
		return w.Say("stage.sending")
	case newsletter.Paused:
		return w.Say("stage.paused")
	case newsletter.Sent:
		return w.Say("stage.sent")
	default:
		return w.Say("stage.cancelled")
	}
}

func (d *Desk) beginEdition(v *visit, a *reader.Actor) (*page.Answer, error) {
	e, err := d.Newsletters.Begin(v.Context(), a, v.Field("list"))
	if err == nil {
		return page.SeeOther(editionAt + "/" + e.ID), nil
	}
	bad := problem.Of(err)
	if bad == nil || v.Field("list") != "" && bad.Kind == problem.NotFound {
		return nil, err
	}
	p, err := d.newslettersPage(v, a)
	if err != nil {
		return nil, err
	}
	p.wrong(v, bad)
	return page.Show(v.newsletters.With(p)).Status(bad.Kind.Status()), nil
}
