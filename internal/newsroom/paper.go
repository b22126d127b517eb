package newsroom

import (
	"context"
	"slices"
	"strconv"

	"kawaraban/internal/page"
	"kawaraban/internal/paper"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

const (
	paperPath = "/newsroom/paper"
	arranging = paperPath + "/sections"
	menuPath  = paperPath + "/menu"
	pagesPath = paperPath + "/pages"
)

// maxPageForm is how long the form with a page about the paper may be.
const maxPageForm = 2 << 20

// paperRoutes are those of the room of the publishers: what the paper is.
func (d *Desk) paperRoutes(rt *page.Router) {
	d.room(rt, room{paperPath, "paper.title", "o", reader.MayManage, nil}, d.showIdentity)
	d.staff(rt, "POST /newsroom/paper", reader.MayManage, d.setIdentity)
	d.staff(rt, "GET /newsroom/paper/sections", reader.MayManage, d.showArrangement)
	d.staff(rt, "POST /newsroom/paper/sections", reader.MayManage, d.arrangeSections)
	d.staff(rt, "GET /newsroom/paper/menu", reader.MayManage, d.showMenu)
	d.staff(rt, "POST /newsroom/paper/menu", reader.MayManage, d.setMenu)
	d.staff(rt, "GET /newsroom/paper/pages", reader.MayManage, d.showPages)
	d.staff(rt, "GET /newsroom/paper/pages/{id}", reader.MayManage, d.showPage)
	d.long(rt, "POST /newsroom/paper/pages/{id}", reader.MayManage, maxPageForm, d.savePage)
	d.staff(rt, "GET /newsroom/paper/people", reader.MayManage, func(*visit, *reader.Actor) (*page.Answer, error) {
		return page.SeeOther("/account/people"), nil
	})
}

// A paperTab is one page of the room: its name and the words by which it is found
// are keys of the catalogue.
type paperTab struct{ path, name, words string }

func paperTabs() []paperTab {
	return []paperTab{
		{paperPath, "paper.tab.identity", "paper.tab.identity.words"},
		{arranging, "paper.tab.sections", "paper.tab.sections.words"},
		{menuPath, "paper.tab.menu", "paper.tab.menu.words"},
		{pagesPath, "paper.tab.pages", "paper.tab.pages.words"},
		{"/account/people", "people.title", "paper.tab.people.words"},
	}
}

// paperPage is what the pages of the room have in common.
type paperPage struct {
	chrome
	Tabs   []door
	Notice string // what has just happened, or is wrong with all of it
	Bad    bool
}

func (d *Desk) paperPage(v *visit, here, title string) (p paperPage, err error) {
	if p.chrome, err = d.chrome(v, title); err != nil {
		return p, err
	}
	for _, t := range paperTabs() {
		p.Tabs = append(p.Tabs, door{Path: t.path, Name: v.words.Say(t.name), Here: t.path == here})
	}
	switch v.Get("done") {
	case "saved":
		p.Notice = v.words.Say("paper.saved")
	case "back":
		p.Notice = v.words.Say("paper.back.done")
	}
	return p, nil
}

// renew gives the paper its new face before whoever changed it looks.
func (d *Desk) renew(ctx context.Context) error {
	if d.Renew == nil {
		return nil
	}
	return d.Renew(ctx)
}

// identityPage is what identity.html shows.
type identityPage struct {
	paperPage
	Version int
	Since   string // when it was set, and by whom; "" for never
	Back    bool   // there is a version before
	Fields  []identityField
}

// An identityField is one part of the identity in the form.
type identityField struct {
	Name, Label, Hint, Value string
	Options                  []option // of a select
	Colour                   bool
	Fixed                    string // where the operator has set it
	Error                    string
	Theirs                   string // what somebody else has saved meanwhile
	Differs                  bool
}

func (d *Desk) showIdentity(v *visit, _ *reader.Actor) (*page.Answer, error) {
	p, _, err := d.identityPage(v, nil)
	if err != nil {
		return nil, err
	}
	return page.Show(v.identity.With(p)), nil
}

// identityPage shows the identity that holds, or what was typed.
func (d *Desk) identityPage(v *visit, typed *paper.Identity) (p identityPage, holds paper.Version, err error) {
	if p.paperPage, err = d.paperPage(v, paperPath, "paper.title"); err != nil {
		return p, holds, err
	}
	if holds, err = d.Papers.Identity(v.Context()); err != nil {
		return p, holds, err
	}
	p.Version, p.Back = holds.Number, holds.Number > 1
	if holds.Number > 0 {
		if p.Since, err = d.since(v, v.words.Moment(holds.At), holds.Author); err != nil {
			return p, holds, err
		}
	}
	shown := holds.Identity
	if typed != nil {
		shown = *typed
	}
	for _, part := range paper.Parts() {
		f := identityField{Name: string(part), Value: *part.Of(&shown)}
		f.Label, f.Hint = v.partWords(part)
		switch part {
		case paper.Language:
			f.Options = spokenOptions(f.Value)
		case paper.Zone:
			f.Options = zoneOptions(v, f.Value)
		case paper.Accent, paper.AccentDark:
			f.Colour = true
		}
		if from := d.Papers.Fixed[part]; from != "" {
			f.Fixed, f.Value = v.words.Say("paper.fixed", from), *part.Of(&holds.Identity)
		}
		p.Fields = append(p.Fields, f)
	}
	return p, holds, nil
}

// since says when something was set, and by whom.
func (d *Desk) since(v *visit, when, author string) (string, error) {
	if author == "" {
		return v.words.Say("paper.since", when), nil
	}
	names, err := d.names(v, author)
	if err != nil {
		return "", err
	}
	return v.words.Say("paper.since.by", when, names.name(author)), nil
}

// partWords are the label of a part and what it is for.
func (v *visit) partWords(p paper.Part) (label, hint string) {
	w := v.words
	switch p {
	case paper.Name:
		return w.Say("paper.name"), w.Say("paper.name.hint")
	case paper.Edition:
		return w.Say("paper.edition"), w.Say("paper.edition.hint")
	case paper.Notice:
		return w.Say("paper.notice"), w.Say("paper.notice.hint")
	case paper.Publisher:
		return w.Say("paper.publisher"), w.Say("paper.publisher.hint")
	case paper.Contact:
		return w.Say("paper.contact"), w.Say("paper.contact.hint")
	case paper.Language:
		return w.Say("paper.language"), w.Say("paper.language.hint")
	case paper.Zone:
		return w.Say("paper.zone"), w.Say("paper.zone.hint")
	case paper.Accent:
		return w.Say("paper.accent"), w.Say("paper.accent.hint")
	default:
		return w.Say("paper.accent.dark"), w.Say("paper.accent.dark.hint")
	}
}

// spokenOptions are the languages in which the interface speaks.
func spokenOptions(on string) []option {
	return slices.DeleteFunc(languageOptions(on), func(o option) bool { return o.Value != on && !slices.Contains(page.Languages(), o.Value) })
}

// zones are those that a paper is likely to be in; the settings know all others.
var zones = []string{
	"UTC", "Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "America/Anchorage", "America/Argentina/Buenos_Aires",
	"America/Bogota", "America/Chicago", "America/Denver", "America/Halifax", "America/Lima", "America/Los_Angeles", "America/Mexico_City",
	"America/New_York", "America/Phoenix", "America/Santiago", "America/Sao_Paulo", "America/St_Johns", "America/Toronto", "America/Vancouver",
	"Asia/Bangkok", "Asia/Dhaka", "Asia/Dubai", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Jerusalem", "Asia/Karachi", "Asia/Kathmandu", "Asia/Kolkata",
	"Asia/Manila", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore", "Asia/Taipei", "Asia/Tehran", "Asia/Tokyo", "Atlantic/Reykjavik",
	"Australia/Adelaide", "Australia/Brisbane", "Australia/Perth", "Australia/Sydney", "Europe/Amsterdam", "Europe/Athens", "Europe/Berlin",
	"Europe/Brussels", "Europe/Bucharest", "Europe/Copenhagen", "Europe/Dublin", "Europe/Helsinki", "Europe/Istanbul", "Europe/Kyiv", "Europe/Lisbon",
	"Europe/London", "Europe/Madrid", "Europe/Oslo", "Europe/Paris", "Europe/Prague", "Europe/Rome", "Europe/Stockholm", "Europe/Vienna",
	"Europe/Warsaw", "Europe/Zurich", "Pacific/Auckland", "Pacific/Honolulu",
}

func zoneOptions(v *visit, on string) (list []option) {
	for _, z := range zones {
		list = append(list, option{z, z, z == on})
	}
	if !slices.Contains(zones, on) {
		name := on
		if on == "Local" {
			name = v.words.Say("paper.zone.local")
		}
		list = append([]option{{on, name, true}}, list...)
	}
	return list
}

func (d *Desk) setIdentity(v *visit, a *reader.Actor) (*page.Answer, error) {
	base, err := version(v)
	if err != nil {
		return nil, err
	}
	ctx := v.Context()
	if v.Field("act") == "back" {
		earlier, err := d.Papers.Earlier(ctx, base-1)
		if err == nil {
			err = d.Papers.SetIdentity(ctx, a.Reader.ID, base, earlier.Identity)
		}
		return d.identitySet(v, "back", nil, err)
	}
	holds, err := d.Papers.Identity(ctx)
	if err != nil {
		return nil, err
	}
	id := holds.Identity
	for _, part := range paper.Parts() {
		if v.Checked(string(part)) { // a fixed one is no field of the form
			*part.Of(&id) = v.Field(string(part))
		}
	}
	return d.identitySet(v, "saved", &id, d.Papers.SetIdentity(ctx, a.Reader.ID, base, id))
}

// identitySet answers a form about the identity.
func (d *Desk) identitySet(v *visit, done string, typed *paper.Identity, err error) (*page.Answer, error) {
	if err == nil {
		return page.SeeOther(paperPath + "?done=" + done), d.renew(v.Context())
	}
	bad := problem.Of(err)
	if bad == nil {
		return nil, err
	}
	p, holds, other := d.identityPage(v, typed)
	if other != nil {
		return nil, other
	}
	said := false
	_, late := paper.Seen(err)
	for i := range p.Fields {
		f := &p.Fields[i]
		if wrong := bad.Fields[f.Name]; wrong != "" {
			f.Error, said = v.words.Say(wrong), true
			if f.Colour && typed != nil {
				f.Error = v.pale(paper.Part(f.Name), *typed, f.Error)
			}
		}
		theirs := *paper.Part(f.Name).Of(&holds.Identity)
		if f.Differs = late && typed != nil && theirs != f.Value; f.Differs {
			f.Theirs = theirs
		}
	}
	if p.Notice, p.Bad = v.tells(bad), true; said {
		p.Notice = v.words.Say("paper.wrong")
	}
	return page.Show(v.identity.With(p)).Status(bad.Kind.Status()), nil
}

// pale says with numbers why an accent cannot be read, in the language of whoever
// chose it.
func (v *visit) pale(part paper.Part, id paper.Identity, said string) string {
	c := page.Colours{Accent: id.Accent, AccentDark: id.AccentDark}
	if part == paper.Accent {
		c.AccentDark = page.Colours{}.Dark()
	}
	if p := problem.Of(c.Check()); p != nil {
		return v.tells(p)
	}
	return said
}

// version is the one that a form was made from.
func version(v *visit) (int, error) {
	n, err := strconv.Atoi(v.Field("version"))
	if err != nil || n < 0 {
		return 0, &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again.", Err: err}
	}
	return n, nil
}
