package newsroom

import (
	"strconv"
	"time"

	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

const planning = "/newsroom/plan"

func (d *Desk) planRoutes(rt *page.Router) {
	d.room(rt, room{planning, "plan.title", "l", reader.MayWrite, nil}, d.showPlans)
	d.staff(rt, "POST /newsroom/plan", reader.MayWrite, d.addPlan)
	d.staff(rt, "GET /newsroom/plan/{id}", reader.MayWrite, d.showPlan)
	d.staff(rt, "POST /newsroom/plan/{id}", reader.MayWrite, d.actOnPlan)
}

// plansPage is what plans.html shows: what is coming, day by day, and ideas.
type plansPage struct {
	chrome
	Days    []planDay
	Earlier string // address of the two weeks before
	Later   string
	Now     string // address of today, "" there
	Ideas   []planLine
	Older   string
	Form    planForm
	Done    string
}

// A planDay is what one day brings.
type planDay struct {
	Name    string
	At      string // for machines
	Today   bool
	Entries []planLine
}

// A planLine is one thing to come.
type planLine struct {
	Path  string
	Title string
	Time  string // of the day, "" for all day
	What  string // "due", "appears", "embargo ends"
	Who   string
	Where string // the section
	Late  bool
}

// A planForm is the form of a plan.
type planForm struct {
	Action     string
	Title      string
	Note       string
	Due        string
	Zone       string
	Version    int
	Sections   []option
	People     []option
	TitleError string
	NoteError  string
	DueError   string
	WhoError   string
	Error      string
	Open       bool
}

// planDays is how many days the calendar shows.
const planDays = 14

func (d *Desk) showPlans(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.plansPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.plans.With(p)), nil
}

func (d *Desk) plansPage(v *visit, a *reader.Actor) (p plansPage, err error) {
	w, now := v.words, d.Now().In(d.Paper.Zone)
	if p.chrome, err = d.chrome(v, "plan.title"); err != nil {
		return p, err
	}
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, d.Paper.Zone)
	from := today
	if text := v.Get("from"); text != "" {
		if from, err = time.ParseInLocation("2006-01-02", text, d.Paper.Zone); err != nil {
			return p, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such day.", Err: err}
		}
		p.Now = planning
	}
	to := from.AddDate(0, 0, planDays)
	p.Earlier = planning + "?from=" + from.AddDate(0, 0, -planDays).Format("2006-01-02")
	p.Later = planning + "?from=" + to.Format("2006-01-02")
	begin := from
	if p.Now == "" {
		begin = from.AddDate(-1, 0, 0) // what is late is today's
	}
	coming, err := d.Work.Calendar(v.Context(), a, begin, to)
	if err != nil {
		return p, err
	}
	ideas, older, err := d.Work.Ideas(v.Context(), a, v.Get("ideas"))
	if err != nil {
		return p, err
	}
	if older != "" {
		p.Older = planning + "?ideas=" + older
	}
	names, sections, err := d.planNames(v, coming, ideas)
	if err != nil {
		return p, err
	}
	for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
		next := day.AddDate(0, 0, 1)
		pd := planDay{Name: w.LongDay(day), At: day.Format("2006-01-02"), Today: day.Equal(today)}
		for _, c := range coming {
			late := c.At.Before(from) && day.Equal(from)
			if late && c.Story != nil || !late && (c.At.Before(day) || !c.At.Before(next)) {
				continue
			}
			pd.Entries = append(pd.Entries, d.comingLine(w, c, names, sections, c.At.Before(now)))
		}
		p.Days = append(p.Days, pd)
	}
	for _, idea := range ideas {
		p.Ideas = append(p.Ideas, d.planLine(w, idea, names, sections))
	}
	p.Done = planDone(w, v.Get("done"))
	p.Form, err = d.planForm(v, a, desk.Plan{})
	p.Keys = append([]shortcut{
		{[]string{"n"}, w.Say("plan.add")}, {[]string{"j"}, w.Say("stories.down")}, {[]string{"k"}, w.Say("stories.up")},
	}, p.Keys...)
	return p, err
}

// planNames are the people and sections that plans name.
func (d *Desk) planNames(v *visit, coming []desk.Coming, ideas []desk.Plan) (n names, sections map[string]string, err error) {
	var who []string
	for _, c := range coming {
		if c.Plan != nil {
			who = append(who, c.Plan.Assignee)
		}
	}
	for _, p := range ideas {
		who = append(who, p.Assignee)
	}
	if n, err = d.names(v, who...); err != nil {
		return n, nil, err
	}
	list, err := d.Articles.Sections(v.Context())
	if err != nil {
		return n, nil, err
	}
	sections = map[string]string{}
	for _, s := range list {
		sections[s.Slug] = s.Name
	}
	return n, sections, nil
}

func (d *Desk) comingLine(w *page.Language, c desk.Coming, n names, sections map[string]string, past bool) planLine {
	if c.Plan != nil {
		line := d.planLine(w, *c.Plan, n, sections)
		line.Time, line.Late = c.At.In(d.Paper.Zone).Format("15:04"), past
		if line.What = w.Say("plan.due"); past {
			line.What = w.Say("plan.late", w.Moment(c.At))
		}
		return line
	}
	story := d.storyLine(w, *c.Story)
	line := planLine{Path: story.Path, Title: story.Headline, Time: c.At.In(d.Paper.Zone).Format("15:04"), Who: story.Owner, Where: story.Section}
	if line.What = w.Say("plan.appears"); c.At.Equal(c.Story.Embargo) {
		line.What = w.Say("plan.embargo")
	}
	return line
}

func (d *Desk) planLine(w *page.Language, p desk.Plan, n names, sections map[string]string) planLine {
	line := planLine{Path: planning + "/" + p.ID, Title: p.Title, Where: sections[p.Section]}
	if line.Who = w.Say("plan.nobody"); p.Assignee != "" {
		line.Who = n.name(p.Assignee)
	}
	return line
}

func planDone(w *page.Language, done string) string {
	switch done {
	case "added":
		return w.Say("plan.done.added")
	case "saved":
		return w.Say("plan.done.saved")
	case "done":
		return w.Say("plan.done.done")
	case "dropped":
		return w.Say("plan.done.dropped")
	}
	return ""
}

// planForm is the form of a plan as it is, or of a new one.
func (d *Desk) planForm(v *visit, a *reader.Actor, p desk.Plan) (f planForm, err error) {
	f = planForm{Action: planning, Title: p.Title, Note: p.Note, Zone: d.Now().In(d.Paper.Zone).Format("MST"), Version: p.Version}
	if p.ID != "" {
		f.Action = planning + "/" + p.ID
	}
	if !p.Due.IsZero() {
		f.Due = p.Due.In(d.Paper.Zone).Format(localTime)
	}
	if f.Sections, err = d.sectionOptions(v, p.Section); err != nil {
		return f, err
	}
	if !a.May(reader.MayEdit) {
		f.People = []option{{a.Reader.ID, a.Reader.Name, p.Assignee == a.Reader.ID}}
		return f, nil
	}
	staff, err := d.Readers.Staff(v.Context())
	if err != nil {
		return f, err
	}
	for _, c := range staff {
		if c.Role.May(reader.MayWrite) {
			f.People = append(f.People, option{c.ID, c.Name, c.ID == p.Assignee})
		}
	}
	return f, nil
}

// planTyped reads the form of a plan.
func (d *Desk) planTyped(v *visit) (p desk.Plan, err error) {
	p = desk.Plan{Title: v.Field("title"), Note: v.Field("note"), Section: v.Field("section"), Assignee: v.Field("assignee")}
	if text := v.Field("due"); text != "" {
		p.Due, err = d.parseLocal(text, "due")
	}
	return p, err
}

func (d *Desk) addPlan(v *visit, a *reader.Actor) (*page.Answer, error) {
	plan, err := d.planTyped(v)
	if err == nil {
		_, err = d.Work.AddPlan(v.Context(), a, plan)
	}
	if err == nil {
		return page.SeeOther(planning + "?done=added"), nil
	}
	bad := problem.Of(err)
	if bad == nil {
		return nil, err
	}
	p, err := d.plansPage(v, a)
	if err != nil {
		return nil, err
	}
	if p.Form, err = d.planForm(v, a, plan); err != nil {
		return nil, err
	}
	p.Form.Due = v.Field("due")
	p.Form.say(v, bad)
	return page.Show(v.plans.With(p)).Status(bad.Kind.Status()), nil
}

// say puts a Problem at its field, or above the form.
func (f *planForm) say(v *visit, p *problem.Problem) {
	f.Open = true
	at := map[string]*string{"title": &f.TitleError, "note": &f.NoteError, "due": &f.DueError, "assignee": &f.WhoError}
	said := false
	for field, text := range p.Fields {
		if into := at[field]; into != nil {
			*into, said = v.words.Say(text), true
		}
	}
	if !said {
		f.Error = v.tells(p)
	}
}

// planPage is what plan.html shows: one plan.
type planPage struct {
	chrome
	Form  planForm
	Story string // address of the article that was made of it
	Open  bool
	May   bool
	Note  string
	State string
	Done  string
}

func (d *Desk) showPlan(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.planPage(v, a, v.Path("id"))
	if err != nil {
		return nil, err
	}
	return page.Show(v.plan.With(p)), nil
}

func (d *Desk) planPage(v *visit, a *reader.Actor, id string) (p planPage, err error) {
	plan, err := d.Work.Plan(v.Context(), a, id)
	if err != nil {
		return p, err
	}
	if p.chrome, err = d.chrome(v, "plan.one"); err != nil {
		return p, err
	}
	p.Title, p.Open, p.May, p.Note = plan.Title, plan.State == desk.PlanOpen, plan.May(a), plan.Note
	if plan.Article != "" {
		p.Story = storyPath(plan.Article)
	}
	switch plan.State {
	case desk.PlanDone:
		p.State = v.words.Say("plan.state.done")
	case desk.PlanDropped:
		p.State = v.words.Say("plan.state.dropped")
	}
	p.Done = planDone(v.words, v.Get("done"))
	p.Form, err = d.planForm(v, a, plan)
	return p, err
}

func (d *Desk) actOnPlan(v *visit, a *reader.Actor) (*page.Answer, error) {
	id, ctx := v.Path("id"), v.Context()
	version, err := strconv.Atoi(v.Field("version"))
	if err != nil {
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
	}
	var plan desk.Plan
	to := planning + "/" + id
	switch act := v.Field("act"); act {
	case "write":
		sections, err := d.Articles.Sections(ctx)
		if err != nil {
			return nil, err
		}
		first := ""
		if len(sections) > 0 {
			first = sections[0].Slug
		}
		story, err := d.Work.WritePlan(ctx, a, id, d.Paper.Language, first)
		if err != nil {
			return nil, err
		}
		return page.SeeOther(storyPath(story)), nil
	case string(desk.PlanDone), string(desk.PlanDropped), string(desk.PlanOpen):
		err = d.Work.SettlePlan(ctx, a, id, version, desk.PlanState(act))
		to += "?done=" + act
	default:
		if plan, err = d.planTyped(v); err == nil {
			err = d.Work.ChangePlan(ctx, a, id, version, plan)
		}
		to += "?done=saved"
	}
	if err == nil {
		return page.SeeOther(to), nil
	}
	bad := problem.Of(err)
	if bad == nil || bad.Kind == problem.NotFound {
		return nil, err
	}
	p, err := d.planPage(v, a, id)
	if err != nil {
		return nil, err
	}
	if plan.Title != "" || v.Checked("title") {
		newest := p.Form.Version
		plan.ID, plan.Version = id, newest
		if p.Form, err = d.planForm(v, a, plan); err != nil {
			return nil, err
		}
		p.Form.Due = v.Field("due")
	}
	p.Form.say(v, bad)
	return page.Show(v.plan.With(p)).Status(bad.Kind.Status()), nil
}
