package newsroom

import (
	"net/url"
	"time"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/wire"
)

// sourcesAt is the address of the agencies and their ways in.
const sourcesAt = wireAt + "/sources"

// wireSourcesPage is what wiresources.html shows: how each agency's copy comes.
type wireSourcesPage struct {
	chrome
	Notice string
	Bad    bool
	Manage bool
	Rows   []sourceRow
	Kinds  []option // in which one can be added
}

// A sourceRow is one agency.
type sourceRow struct {
	ID, Path, Name     string
	State, Mark, Shape string
	Way, Where, Every  string
	Section, Publish   string
	Times              []string
	Trouble            string
	MayTest, MayHurry  bool
	Paused, MayPause   bool
}

func (d *Desk) showSources(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.sourcesPage(v, a)
	if err != nil {
		return nil, err
	}
	switch v.Get("done") {
	case "added":
		p.Notice = v.words.Say("sources.done.added")
	case "saved":
		p.Notice = v.words.Say("sources.done.saved")
	case "paused":
		p.Notice = v.words.Say("sources.done.paused")
	case "resumed":
		p.Notice = v.words.Say("sources.done.resumed")
	case "hurried":
		p.Notice = v.words.Say("sources.done.hurried")
	case "removed":
		p.Notice = v.words.Say("sources.done.removed")
	}
	return page.Show(v.wireWays.With(p)), nil
}

func (d *Desk) sourcesPage(v *visit, a *reader.Actor) (p wireSourcesPage, err error) {
	if d.Wire == nil {
		return p, &problem.Problem{Kind: problem.NotFound}
	}
	if p.chrome, err = d.chrome(v, "wire.sources"); err != nil {
		return p, err
	}
	p.Manage = a.May(reader.MayManage)
	sources, err := d.Wire.Sources(v.Context())
	if err != nil {
		return p, err
	}
	ways, err := d.Wire.Ways(v.Context())
	if err != nil {
		return p, err
	}
	places, err := d.placeNames(v)
	if err != nil {
		return p, err
	}
	for _, s := range sources {
		r := d.sourceRow(v.words, s, ways[s.ID])
		if name := places[s.Section]; name != "" {
			r.Section = name
		}
		p.Rows = append(p.Rows, r)
	}
	for _, k := range d.Wire.Kinds() {
		p.Kinds = append(p.Kinds, option{sourcesAt + "/new/" + string(k), kindName(v.words, k), false})
	}
	return p, nil
}

func (d *Desk) sourceRow(w *page.Language, s wire.Source, way wire.Way) sourceRow {
	r := sourceRow{
		ID: s.ID, Path: sourcesAt + "/" + s.ID, Name: s.Name, Section: s.Section, Trouble: w.Say(s.Problem),
		Way: kindName(w, way.Kind), Where: host(way), Paused: way.Paused, MayPause: way.Kind != "",
		MayTest: way.Kind.Pulled() || way.Kind == wire.ByFolder, MayHurry: way.Kind.Pulled() && !way.Paused,
	}
	if r.Publish = w.Say("sources.hold"); s.Publish == wire.Auto {
		r.Publish = w.Say("sources.auto")
	}
	if way.Kind.Pulled() {
		r.Every = everyWords(w, way.Every)
	}
	switch way.Health(s) {
	case wire.Well:
		r.State, r.Mark, r.Shape = w.Say("sources.state.ok"), "●", "published"
	case wire.Fresh:
		r.State, r.Mark, r.Shape = w.Say("sources.state.waiting"), "◷", "scheduled"
	case wire.InNeed:
		r.State, r.Mark, r.Shape = w.Say("sources.state.trouble"), "×", "withdrawn"
	case wire.Resting:
		r.State, r.Mark = w.Say("sources.state.paused"), "–"
	default:
		r.State, r.Mark = w.Say("sources.state.hand"), "·"
	}
	if !s.Received.IsZero() {
		r.Times = append(r.Times, w.Say("sources.received", d.shortMoment(w, s.Received)))
	}
	if way.Kind.Pulled() && !way.Succeeded.IsZero() {
		r.Times = append(r.Times, w.Say("sources.succeeded", d.shortMoment(w, way.Succeeded)))
	}
	if way.Kind.Pulled() && way.Polled.After(way.Succeeded) {
		r.Times = append(r.Times, w.Say("sources.polled", d.shortMoment(w, way.Polled)))
	}
	if !way.Newest.IsZero() {
		r.Times = append(r.Times, w.Say("sources.lag", ageWords(w, way.Lag)))
	}
	if way.Failures > 0 && !way.Paused {
		r.Times = append(r.Times, w.Count("sources.failures", way.Failures))
		if way.Due.After(d.Now()) {
			r.Times = append(r.Times, w.Say("sources.due", d.shortMoment(w, way.Due)))
		}
	}
	return r
}

// host is where a way leads, without what may be a key in its address.
func host(way wire.Way) string {
	if u, err := url.Parse(way.Address); err == nil && u.Host != "" {
		return u.Host
	}
	return way.Address
}

func kindName(w *page.Language, k wire.Kind) string {
	switch k {
	case wire.ByFolder:
		return w.Say("sources.kind.folder")
	case wire.BySFTP:
		return w.Say("sources.kind.sftp")
	case wire.ByFTP:
		return w.Say("sources.kind.ftp")
	case wire.ByMail:
		return w.Say("sources.kind.mail")
	case wire.ByFeed:
		return w.Say("sources.kind.feed")
	case wire.ByAP:
		return w.Say("sources.kind.ap")
	case wire.ByDPA:
		return w.Say("sources.kind.dpa")
	case wire.ByAFP:
		return w.Say("sources.kind.afp")
	case wire.ByPush:
		return w.Say("sources.kind.push")
	}
	return w.Say("sources.kind.hand")
}

func everyWords(w *page.Language, every time.Duration) string {
	if every%time.Minute == 0 {
		return w.Count("sources.every.minutes", int(every/time.Minute))
	}
	return w.Count("sources.every.seconds", int(every/time.Second))
}

// ageWords says how long a time is, as exactly as anybody wants to know.
func ageWords(w *page.Language, age time.Duration) string {
	switch {
	case age < 2*time.Minute:
		return w.Count("sources.age.seconds", int(age.Seconds()))
	case age < 2*time.Hour:
		return w.Count("sources.age.minutes", int(age.Minutes()))
	}
	return w.Count("sources.age.hours", int(age.Hours()))
}

func sourcesDone(done string) *page.Answer { return page.SeeOther(sourcesAt + "?done=" + done) }

// actOnSource changes an agency, or looks what waits there.
func (d *Desk) actOnSource(v *visit, a *reader.Actor) (*page.Answer, error) {
	if d.Wire == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	ctx, who, id, done := v.Context(), a.Reader.ID, v.Path("id"), ""
	var err error
	switch v.Field("act") {
	case "save":
		return d.saveSource(v, a)
	case "test":
		return d.testSource(v, a)
	case "secret":
		return d.showSecret(v, a, id)
	case "pause":
		err, done = d.Wire.Pause(ctx, who, id, true), "paused"
	case "resume":
		err, done = d.Wire.Pause(ctx, who, id, false), "resumed"
	case "now":
		err, done = d.Wire.Hurry(ctx, id), "hurried"
	case "remove":
		err, done = d.Wire.Remove(ctx, who, id), "removed"
	default:
		err = &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
	}
	if err != nil {
		return nil, err
	}
	return sourcesDone(done), nil
}

// testSource tells what waits at an agency, or what is wrong there. Nothing is taken.
func (d *Desk) testSource(v *visit, a *reader.Actor) (*page.Answer, error) {
	w := v.words
	v.Takes(time.Minute)
	g, err := d.Wire.Look(v.Context(), v.Path("id"))
	bad := problem.Of(err)
	if err != nil && (bad == nil || bad.Kind == problem.NotFound && bad.Detail == "") {
		return nil, err
	}
	p, err := d.sourcesPage(v, a)
	if err != nil {
		return nil, err
	}
	name := ""
	for _, r := range p.Rows {
		if r.ID == v.Path("id") {
			name = r.Name
		}
	}
	if name == "" {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such wire source."}
	}
	switch {
	case bad != nil:
		p.Notice, p.Bad = w.Say("sources.looked.bad", name, v.tells(bad)), true
	case g.Waiting == 0:
		p.Notice = w.Say("sources.looked.none", name)
	case g.More:
		p.Notice = w.Say("sources.looked", name, w.Count("sources.looked.more", g.Waiting))
	default:
		p.Notice = w.Say("sources.looked", name, w.Count("sources.looked.items", g.Waiting))
	}
	if bad == nil && !g.Newest.IsZero() {
		p.Notice = p.Notice + " " + w.Say("sources.looked.newest", d.shortMoment(w, g.Newest))
	}
	return page.Show(v.wireWays.With(p)), nil
}
