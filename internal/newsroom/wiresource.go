package newsroom

import (
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/wire"
)

// wireSourcePage is what wiresource.html shows: one agency, and how its copy comes.
type wireSourcePage struct {
	lettersPage
	ID       string // "" of a new one
	Kind     string
	KindName string
	Lead     string // what this way is
	Sections []option
	F        sourceForm
	Asks     sourceAsks
	HasKey   bool // a password or key is kept
	Push     string
	Key      string // the key of a push, which is shown once
}

// A sourceForm is what is typed of an agency.
type sourceForm struct {
	Name, Section, Address, Account string
	Every, Header, Products         string
	HostKey, Zone                   string
	Auto, Feeds, Pictures, Plain    bool

	NameError, SectionError, AddressError, AccountError string
	PasswordError, EveryError, HeaderError              string
	HostKeyError, ZoneError                             string
}

// sourceAsks are the fields that a way has.
type sourceAsks struct {
	Address, AddressHint    string // labels; "" where there is no such field
	Account, Password       string
	PasswordHint            string
	Every, Header, Products bool
	Feeds, Pictures         bool
	HostKey, Zone, Plain    bool // of servers of files
	AddressNeeded           bool
	IsPush                  bool
}

// asks are the fields of a kind of way.
func asks(w *page.Language, k wire.Kind) sourceAsks {
	a := sourceAsks{Address: w.Say("sources.address"), AddressNeeded: true, Every: k.Pulled()}
	switch k {
	case wire.ByFolder:
		a.Address, a.AddressHint, a.Feeds = w.Say("sources.folder"), w.Say("sources.folder.hint"), true
	case wire.ByFeed:
		a.AddressHint, a.Account, a.Password = w.Say("sources.feed.hint"), w.Say("sources.account"), w.Say("sources.password.key")
		a.PasswordHint, a.Header, a.Feeds, a.Pictures = w.Say("sources.password.feed"), true, true, true
	case wire.ByAP:
		a.AddressHint, a.Password, a.Pictures = w.Say("sources.ap.hint"), w.Say("sources.key"), true
		a.AddressNeeded = false
	case wire.ByDPA:
		a.AddressHint, a.Pictures = w.Say("sources.dpa.hint"), true
	case wire.ByAFP:
		a.AddressHint, a.Account, a.Password, a.PasswordHint = w.Say("sources.afp.hint"), w.Say("sources.account"), w.Say("sources.password"), w.Say("sources.password.afp")
		a.Products, a.AddressNeeded = true, false
	case wire.ByPush:
		a.Address, a.IsPush, a.AddressNeeded, a.Feeds, a.Pictures = "", true, false, true, true
	default: // a server with files or letters
		a.Account, a.Password, a.PasswordHint = w.Say("sources.account"), w.Say("sources.password"), w.Say("sources.password.sealed")
		switch k {
		case wire.BySFTP:
			a.AddressHint, a.Password, a.PasswordHint = w.Say("sources.sftp.hint"), w.Say("sources.password.key"), w.Say("sources.password.sftp")
			a.HostKey, a.Feeds = true, true
		case wire.ByFTP:
			a.AddressHint, a.Zone, a.Plain, a.Feeds = w.Say("sources.ftp.hint"), true, true, true
		case wire.ByMail:
			a.AddressHint = w.Say("sources.mail.hint")
		}
	}
	return a
}

// lead says what a way is.
func lead(w *page.Language, k wire.Kind) string {
	switch k {
	case wire.ByFolder:
		return w.Say("sources.lead.folder")
	case wire.ByFeed:
		return w.Say("sources.lead.feed")
	case wire.ByAP:
		return w.Say("sources.lead.ap")
	case wire.ByDPA:
		return w.Say("sources.lead.dpa")
	case wire.ByAFP:
		return w.Say("sources.lead.afp")
	case wire.ByPush:
		return w.Say("sources.lead.push")
	}
	if k == wire.ByMail {
		return w.Say("sources.lead.mail")
	}
	return w.Say("sources.lead.files")
}

func (d *Desk) sourcePage(v *visit, kind wire.Kind, f sourceForm) (p wireSourcePage, err error) {
	if d.Wire == nil {
		return p, &problem.Problem{Kind: problem.NotFound}
	}
	if p.chrome, err = d.chrome(v, "wire.sources"); err != nil {
		return p, err
	}
	known := kind == ""
	for _, k := range d.Wire.Kinds() {
		known = known || k == kind
	}
	if !known {
		return p, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such way in."}
	}
	p.Kind, p.KindName, p.F = string(kind), kindName(v.words, kind), f
	if kind != "" {
		p.Asks, p.Lead = asks(v.words, kind), lead(v.words, kind)
	}
	p.Sections, err = d.sectionOptions(v, f.Section)
	return p, err
}

// newSource shows the form of a new agency.
func (d *Desk) newSource(v *visit, _ *reader.Actor) (*page.Answer, error) {
	p, err := d.sourcePage(v, wire.Kind(v.Path("kind")), sourceForm{Every: "30"})
	if err != nil {
		return nil, err
	}
	return page.Show(v.wireWay.With(p)), nil
}

// showSource shows the form of an agency that there is. Its password is never shown.
func (d *Desk) showSource(v *visit, _ *reader.Actor) (*page.Answer, error) {
	p, err := d.knownSource(v, v.Path("id"))
	if err != nil {
		return nil, err
	}
	return page.Show(v.wireWay.With(p)), nil
}

func (d *Desk) knownSource(v *visit, id string) (p wireSourcePage, err error) {
	if d.Wire == nil {
		return p, &problem.Problem{Kind: problem.NotFound}
	}
	s, err := d.Wire.SourceByID(v.Context(), id)
	if err != nil {
		return p, err
	}
	way, err := d.Wire.Way(v.Context(), id)
	if err != nil {
		return p, err
	}
	p, err = d.sourcePage(v, way.Kind, sourceForm{
		Name: s.Name, Section: s.Section, Address: way.Address, Account: way.Account, Every: strconv.Itoa(int(way.Every / time.Second)),
		Header: way.Options.Header, Products: strings.Join(way.Options.Products, " "), Auto: s.Publish == wire.Auto, Feeds: s.Feeds, Pictures: way.Options.Pictures,
		HostKey: way.Options.HostKey, Zone: way.Options.Zone, Plain: way.Options.Plain,
	})
	p.ID, p.HasKey = id, way.HasSecret()
	if way.Kind == wire.ByPush {
		p.Push = d.Paper.BaseURL + "/wire/push/" + id
	}
	return p, err
}

// typedSource reads the form.
func typedSource(v *visit) (f sourceForm, s wire.Source, w wire.Way) {
	f = sourceForm{
		Name: v.Field("name"), Section: v.Field("section"), Address: v.Field("address"), Account: v.Field("account"), Every: v.Field("every"),
		Header: v.Field("header"), Products: v.Field("products"), Auto: v.Field("publish") == "auto", Feeds: v.Checked("feeds"), Pictures: v.Checked("pictures"),
		HostKey: v.Field("host-key"), Zone: v.Field("zone"), Plain: v.Checked("plain"),
	}
	s = wire.Source{ID: v.Path("id"), Name: f.Name, Section: f.Section, Publish: wire.Hold, Feeds: f.Feeds}
	if f.Auto {
		s.Publish = wire.Auto
	}
	w = wire.Way{Kind: wire.Kind(v.Field("kind")), Address: f.Address, Account: f.Account, Options: wire.Options{
		Header: strings.TrimSpace(f.Header), Pictures: f.Pictures, Products: strings.FieldsFunc(f.Products, func(r rune) bool { return r == ' ' || r == ',' }),
		HostKey: strings.TrimSpace(f.HostKey), Zone: strings.TrimSpace(f.Zone), Plain: f.Plain,
	}}
	if w.Kind.Pulled() {
		n, err := strconv.Atoi(strings.TrimSpace(f.Every))
		if err != nil || n <= 0 || n > 100_000 {
			n = 1 // which is too often, and is said
		}
		w.Every = time.Duration(n) * time.Second
	}
	return f, s, w
}

// addSource adds an agency. Of one that pushes the key is shown, this once.
func (d *Desk) addSource(v *visit, a *reader.Actor) (*page.Answer, error) {
	if d.Wire == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	f, s, w := typedSource(v)
	s, err := d.Wire.Add(v.Context(), a.Reader.ID, s, w, v.Field("password"))
	switch {
	case err != nil:
		return d.sourceWrong(v, "", w.Kind, f, err)
	case w.Kind == wire.ByPush:
		return d.showSecret(v, a, s.ID)
	}
	return sourcesDone("added"), nil
}

func (d *Desk) saveSource(v *visit, a *reader.Actor) (*page.Answer, error) {
	f, s, w := typedSource(v)
	before, err := d.Wire.Way(v.Context(), s.ID)
	if err != nil {
		return nil, err
	}
	w.Kind = before.Kind // another way is another agency's form
	if err := d.Wire.Change(v.Context(), a.Reader.ID, s, w, v.Field("password")); err != nil {
		return d.sourceWrong(v, s.ID, w.Kind, f, err)
	}
	return sourcesDone("saved"), nil
}

// showSecret makes the key with which an agency signs, and shows it: nobody sees it again.
func (d *Desk) showSecret(v *visit, a *reader.Actor, id string) (*page.Answer, error) {
	key, err := d.Wire.NewSecret(v.Context(), a.Reader.ID, id)
	if err != nil {
		return nil, err
	}
	p, err := d.knownSource(v, id)
	if err != nil {
		return nil, err
	}
	p.Key = key
	return page.Show(v.wireWay.With(p)), nil
}

// sourceWrong shows the form again with what was typed, but for the password, and what is
// wrong at its field.
func (d *Desk) sourceWrong(v *visit, id string, kind wire.Kind, f sourceForm, err error) (*page.Answer, error) {
	bad := problem.Of(err)
	if bad == nil || bad.Kind == problem.NotFound {
		return nil, err
	}
	at := false
	for field, put := range map[string]*string{
		"name": &f.NameError, "section": &f.SectionError, "address": &f.AddressError, "account": &f.AccountError, "password": &f.PasswordError,
		"every": &f.EveryError, "header": &f.HeaderError, "host_key": &f.HostKeyError, "zone": &f.ZoneError,
	} {
		if said := bad.Fields[field]; said != "" {
			*put, at = v.words.Say(said), true
		}
	}
	p, err := d.sourcePage(v, kind, f)
	if err != nil {
		return nil, err
	}
	if p.ID = id; id != "" {
		way, err := d.Wire.Way(v.Context(), id)
		if err != nil {
			return nil, err
		}
		p.HasKey = way.HasSecret()
	}
	if !at {
		p.wrong(v, bad)
	}
	return page.WithStatus(v.wireWay.With(p), bad.Kind.Status()), nil
}
