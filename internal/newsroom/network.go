package newsroom

import (
	"cmp"
	"net/url"
	"time"

	"kawaraban/internal/network"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// networkAt is the address of the room of the sister papers and the panel.
const networkAt = "/newsroom/network"

func (d *Desk) networkRoutes(rt *page.Router) {
	d.room(rt, room{networkAt, "network.title", "w", reader.MayEdit, nil}, d.showNetwork)
	d.staff(rt, "POST "+networkAt, reader.MayEdit, d.actOnPanel)
	d.staff(rt, "POST "+networkAt+"/sisters", reader.MayManage, d.addSister)
	d.staff(rt, "POST "+networkAt+"/sisters/{id}", reader.MayManage, d.actOnSister)
}

// networkPage is what network.html shows: sister papers, the panel, and what editors
// want of it.
type networkPage struct {
	lettersPage
	Undo    *undoRule
	Host    *undoHost
	Manage  bool // this person may change who is a sister
	Address string
	Print   string // the fingerprint of our own key
	Sisters []sisterRow
	Typed   string
	Wrong   string // at the address of a sister
	Panel   []panelRow
	Offers  []offerRow
	Form    offerForm
	Rules   []ruleLine
	Word    string
	WordBad string
	Clicks  []clickRow
	Came    []cameRow
	Sent    []sentRow
}

// An undoRule takes back what has just been done.
type undoRule struct{ Act, Kind, Value, Words string }

// An undoHost takes back that links may lead to a host, or may not.
type undoHost struct{ Sister, Host, Act, Words string }

// A sisterRow is one sister paper.
type sisterRow struct {
	ID, Name, Address string
	State, Last       string
	Trouble           string
	Key               string // the one that is to be compared
	Print, Was        string
	New, On, Off      bool
	Changed           bool
	Ours              bool
	Hosts             []string  // to which the links of a feed may lead
	Elsewhere         []hostRow // and to which they lead and may not
}

// A hostRow is a host to which links of a feed lead.
type hostRow struct{ Host, Words string }

// A panelRow is one item of the panel as it is now.
type panelRow struct {
	ID, Title, Address, Site, Category string
	Pinned                             bool
}

type offerRow struct{ ID, Title, Address, When, Clicks string }

// An offerForm is what is typed of an offer.
type offerForm struct {
	Open                                    bool
	Kind, Title, Address, Category, Picture string
	From, To                                string
	TitleError, AddressError, PictureError  string
	FromError, ToError                      string
}

type ruleLine struct{ Kind, Value, Words string }

type clickRow struct{ Title, Site, Clicks string }

func (d *Desk) showNetwork(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.networkPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.network.With(p)), nil
}

func (d *Desk) networkPage(v *visit, a *reader.Actor) (p networkPage, err error) {
	if d.Network == nil {
		return p, &problem.Problem{Kind: problem.NotFound}
	}
	if p.chrome, err = d.chrome(v, "network.title"); err != nil {
		return p, err
	}
	p.Manage, p.Address = a.May(reader.MayManage), d.Paper.BaseURL
	key, err := d.Network.Key(v.Context())
	if err != nil {
		return p, err
	}
	p.Print = network.Fingerprint(key)
	sisters, err := d.Network.Sisters(v.Context())
	if err != nil {
		return p, err
	}
	names := map[string]string{"": d.Paper.Name}
	for _, x := range sisters {
		names[x.ID] = x.Name
		p.Sisters = append(p.Sisters, d.sisterRow(v.words, x))
	}
	if err := d.panelRows(v, &p); err != nil {
		return p, err
	}
	if err := d.trafficRows(v, &p, sisters); err != nil {
		return p, err
	}
	clicks, err := d.Network.Clicks(v.Context(), d.Now().AddDate(0, 0, -7), 10)
	if err != nil {
		return p, err
	}
	for _, c := range clicks {
		p.Clicks = append(p.Clicks, clickRow{c.Title, names[c.Sister], v.words.Count("network.clicks", c.Clicks)})
	}
	d.networkDone(v, &p)
	return p, nil
}

// panelRows fills in the panel, the offers and the rules.
func (d *Desk) panelRows(v *visit, p *networkPage) error {
	w := v.words
	// What has just been changed is to be seen, whatever this process has heard of it.
	if err := d.Network.Refresh(v.Context()); err != nil {
		return err
	}
	for _, i := range d.Network.Panel().Items {
		p.Panel = append(p.Panel, panelRow{i.ID, i.Title, i.Address, i.Site, i.Category, i.Pinned})
	}
	offers, err := d.Network.Offers(v.Context())
	if err != nil {
		return err
	}
	here, away, err := d.Network.OfferClicks(v.Context(), d.Now().AddDate(0, 0, -trafficDays))
	if err != nil {
		return err
	}
	for _, o := range offers {
		row := offerRow{ID: o.ID, Title: o.Title, Address: o.Address, When: w.Say("network.offer.from", w.Day(o.Begins))}
		switch now := d.Now(); {
		case !o.Ends.IsZero() && !now.Before(o.Ends):
			row.When = w.Say("network.offer.ended", w.Day(o.Ends.Add(-time.Second)))
		case !o.Ends.IsZero():
			row.When = w.Say("network.offer.between", w.Day(o.Begins), w.Day(o.Ends.Add(-time.Second)))
		}
		if n := here[o.ID]; n > 0 {
			row.Clicks = w.Count("network.offer.here", n)
		}
		if n := away[o.ID]; n > 0 {
			row.Clicks = joined(row.Clicks, w.Count("network.offer.away", n))
		}
		p.Offers = append(p.Offers, row)
	}
	rules, err := d.Network.Rules(v.Context())
	for _, r := range rules {
		p.Rules = append(p.Rules, ruleLine{string(r.Kind), r.Value, ruleWords(w, r)})
	}
	return err
}

func ruleWords(w *page.Language, r network.Rule) string {
	label := cmp.Or(r.Label, r.Value)
	switch r.Kind {
	case network.Pin:
		return w.Say("network.rule.pin", label)
	case network.BlockItem:
		return w.Say("network.rule.item", label)
	case network.BlockWord:
		return w.Say("network.rule.word", label)
	default:
		return w.Say("network.rule.category", label)
	}
}

func (d *Desk) sisterRow(w *page.Language, x network.Sister) sisterRow {
	r := sisterRow{
		ID: x.ID, Name: x.Name, Address: x.Address, Ours: x.Source == network.Ours, Trouble: troubleWords(w, x.Trouble),
		New: x.State == network.New, On: x.State == network.On, Off: x.State == network.Off, Changed: x.State == network.Stopped,
		Last: w.Say("network.last", w.Moment(x.Good), w.Count("network.lag", int(x.Lag(d.Now()).Minutes()))),
	}
	if r.Key = x.Key; r.Ours {
		r.Print = network.Fingerprint(x.Key)
	}
	r.Hosts = x.Hosts
	for _, e := range x.Elsewhere {
		r.Elsewhere = append(r.Elsewhere, hostRow{e.Host, w.Count("network.links", e.Links)})
	}
	switch x.State {
	case network.New:
		r.State = w.Say("network.state.new")
	case network.On:
		r.State = w.Say("network.state.on")
	case network.Off:
		r.State = w.Say("network.state.off")
	default:
		r.State = w.Say("network.state.stopped")
		r.Key, r.Was, r.Print = x.Other, r.Print, network.Fingerprint(x.Other)
	}
	return r
}

// troubleWords says why the last try at a sister has brought nothing.
func troubleWords(w *page.Language, t network.Trouble) string {
	switch t {
	case network.NoTrouble:
		return ""
	case network.Unreachable:
		return w.Say("network.trouble.unreachable")
	case network.Refused:
		return w.Say("network.trouble.refused")
	case network.Failing:
		return w.Say("network.trouble.failing")
	case network.TooLarge:
		return w.Say("network.trouble.large")
	case network.Unsigned:
		return w.Say("network.trouble.unsigned")
	case network.OtherKey:
		return w.Say("network.trouble.key")
	case network.OtherPaper:
		return w.Say("network.trouble.paper")
	case network.Replayed, network.Old, network.Ahead:
		return w.Say("network.trouble.clock")
	case network.Empty:
		return w.Say("network.trouble.empty")
	case network.Foreign:
		return w.Say("network.trouble.foreign")
	default:
		return w.Say("network.trouble.unreadable")
	}
}

// networkDone says what has just been done, and offers to take it back.
func (d *Desk) networkDone(v *visit, p *networkPage) {
	w := v.words
	switch v.Get("done") {
	case "added":
		p.Notice = w.Say("network.done.added")
	case "sister":
		p.Notice = w.Say("network.done.sister")
	case "fetch":
		p.Notice = w.Say("network.done.fetch")
	case "allow", "deny":
		p.Host = &undoHost{v.Get("sister"), v.Get("host"), "deny", w.Say("network.undo")}
		if p.Notice = w.Say("network.done.allow"); v.Get("done") == "deny" {
			p.Host.Act, p.Notice = "allow", w.Say("network.done.deny")
		}
	case "set", "lifted":
		kind, value := v.Get("kind"), v.Get("value")
		act := "lift"
		if p.Notice = w.Say("network.done.set"); v.Get("done") == "lifted" {
			act, p.Notice = "rule", w.Say("network.done.lifted")
		}
		p.Undo = &undoRule{act, kind, value, w.Say("network.undo")}
	case "offered":
		p.Notice = w.Say("network.done.offered")
	case "removed":
		p.Notice = w.Say("network.done.removed")
		p.Undo = &undoRule{"restore", "", v.Get("value"), w.Say("network.undo")}
	case "restored":
		p.Notice = w.Say("network.done.restored")
	}
}

func networkDone(done string, more url.Values) *page.Answer {
	if more == nil {
		more = url.Values{}
	}
	more.Set("done", done)
	return page.SeeOther(networkAt + "?" + more.Encode())
}

// addSister looks at an address and keeps what is there, to be confirmed.
func (d *Desk) addSister(v *visit, a *reader.Actor) (*page.Answer, error) {
	if d.Network == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	_, err := d.Network.Add(v.Context(), a.Reader.ID, v.Field("address"))
	if err == nil {
		return networkDone("added", nil), nil
	}
	return d.networkWrong(v, a, err, func(p *networkPage, bad *problem.Problem) bool {
		p.Typed, p.Wrong = v.Field("address"), v.words.Say(bad.Fields["address"])
		return bad.Fields["address"] != ""
	})
}

func (d *Desk) actOnSister(v *visit, a *reader.Actor) (*page.Answer, error) {
	if d.Network == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	ctx, id, done := v.Context(), v.Path("id"), "sister"
	var err error
	switch act := v.Field("act"); act {
	case "confirm":
		err = d.Network.Confirm(ctx, a.Reader.ID, id, v.Field("key"))
	case "on", "off":
		err = d.Network.Switch(ctx, a.Reader.ID, id, act == "on")
	case "fetch":
		err, done = d.Network.FetchNow(ctx, id), "fetch"
	case "forget":
		err = d.Network.Forget(ctx, a.Reader.ID, id)
	case "allow", "deny":
		host := v.Field("host")
		if err = d.Network.Allow(ctx, a.Reader.ID, id, host, act == "allow"); err == nil {
			return networkDone(act, url.Values{"sister": {id}, "host": {host}}), nil
		}
	default:
		err = &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
	}
	if err == nil {
		return networkDone(done, nil), nil
	}
	return d.networkWrong(v, a, err, func(*networkPage, *problem.Problem) bool { return false })
}

// actOnPanel pins, blocks and offers.
func (d *Desk) actOnPanel(v *visit, a *reader.Actor) (*page.Answer, error) {
	if d.Network == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	ctx, who := v.Context(), a.Reader.ID
	act, kind := v.Field("act"), v.Field("kind")
	switch act { // the buttons at an item
	case "pin":
		act, kind = "rule", string(network.Pin)
	case "unpin":
		act, kind = "lift", string(network.Pin)
	case "block":
		act, kind = "rule", string(network.BlockItem)
	}
	switch act {
	case "rule", "lift":
		value := v.Field("value")
		r := network.Rule{Kind: network.RuleKind(kind), Value: value, Label: v.Field("label")}
		if err := d.Network.SetRule(ctx, who, r, act == "rule"); err != nil {
			return d.networkWrong(v, a, err, func(p *networkPage, bad *problem.Problem) bool {
				p.Word, p.WordBad = value, v.words.Say(bad.Fields["value"])
				return bad.Fields["value"] != ""
			})
		}
		done := map[bool]string{true: "set", false: "lifted"}[act == "rule"]
		return networkDone(done, url.Values{"kind": {kind}, "value": {value}}), nil
	case "remove", "restore":
		if err := d.Network.RemoveOffer(ctx, who, v.Field("value"), act == "remove"); err != nil {
			return nil, err
		}
		return networkDone(act+"d", url.Values{"value": {v.Field("value")}}), nil
	case "offer":
		return d.addOffer(v, a)
	default:
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
	}
}

func (d *Desk) addOffer(v *visit, a *reader.Actor) (*page.Answer, error) {
	f := offerForm{
		Open: true, Kind: v.Field("kind"), Title: v.Field("title"), Address: v.Field("address"), Category: v.Field("category"), Picture: v.Field("picture"),
		From: v.Field("from"), To: v.Field("to"),
	}
	o := network.OwnOffer{Kind: network.Kind(f.Kind), Title: f.Title, Address: f.Address, Category: f.Category, Picture: f.Picture}
	day := func(text string, later int) (time.Time, error) {
		if text == "" {
			return time.Time{}, nil
		}
		at, err := time.ParseInLocation(time.DateOnly, text, d.Paper.Zone)
		if err != nil || at.Year() < 1970 || at.Year() > 9999 {
			return at, missing("day", "Choose a day.")
		}
		return time.Date(at.Year(), at.Month(), at.Day()+later, 0, 0, 0, 0, d.Paper.Zone), nil
	}
	var err error
	if o.Begins, err = day(f.From, 0); err != nil {
		f.FromError = v.words.Say("Choose a day.")
	} else if o.Ends, err = day(f.To, 1); err != nil {
		f.ToError = v.words.Say("Choose a day.")
	} else if _, err = d.Network.AddOffer(v.Context(), a.Reader.ID, o); err == nil {
		return networkDone("offered", nil), nil
	}
	return d.networkWrong(v, a, err, func(p *networkPage, bad *problem.Problem) bool {
		for field, put := range map[string]*string{"title": &f.TitleError, "address": &f.AddressError, "picture": &f.PictureError, "ends": &f.ToError} {
			if bad.Fields[field] != "" {
				*put = v.words.Say(bad.Fields[field])
			}
		}
		p.Form = f
		return len(bad.Fields) > 0
	})
}

// networkWrong shows the page again with what is wrong, at its field where f finds one.
func (d *Desk) networkWrong(v *visit, a *reader.Actor, err error, f func(p *networkPage, bad *problem.Problem) bool) (*page.Answer, error) {
	bad := problem.Of(err)
	if bad == nil || bad.Kind == problem.NotFound {
		return nil, err
	}
	p, err := d.networkPage(v, a)
	if err != nil {
		return nil, err
	}
	if p.Notice, p.Undo, p.Host = "", nil, nil; !f(&p, bad) {
		p.wrong(v, bad)
	}
	return page.WithStatus(v.network.With(p), bad.Kind.Status()), nil
}
