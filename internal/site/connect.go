package site

import (
	"net/url"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// connectRoutes are the ways to the providers that let readers in, and back.
func (s *Site) connectRoutes(rt *page.Router) {
	s.anyone(rt, "GET /connect/{provider}", s.showConnect)
	s.anyone(rt, "POST /connect/{provider}", s.connect)
	s.anyone(rt, "GET /connect/{provider}/callback", s.comeBack)
	s.machine(rt, "POST /connect/{provider}/callback", s.comeBackByForm)
	s.member(rt, "POST /login/again/{provider}", reader.MayManageSelf, s.proveByProvider)

	s.member(rt, "GET /account/connections", reader.MayManageSelf, s.showConnections)
	s.sure(rt, "GET /account/connections/{provider}", reader.MayManageSelf, s.showConnection)
	s.sure(rt, "POST /account/connections/{provider}", reader.MayManageSelf, s.addConnection)
	s.sure(rt, "POST /account/connections/{provider}/end", reader.MayManageSelf, s.endConnection)

	s.machine(rt, "POST /connect/facebook/deletion", s.facebookDeletes)
	s.anyone(rt, "GET /connect/facebook/deletion", s.showDeletion)
	s.machine(rt, "POST /connect/facebook/deauthorize", s.facebookTakesBack)
}

// awayLife is how long a browser remembers that it went to a provider.
const awayLife = reader.ConnectLife

// providerForms are the buttons of the providers: Facebook's in a region of its
// own, as its users expect it.
func (s *Site) providerForms(v *visit, next string) (forms []form) {
	w := v.words
	others := w.Say("connect.others")
	for _, p := range s.Readers.Providers {
		f := form{Action: "/connect/" + p.Slug, Next: next, Quiet: true}
		if p.Facebook {
			f.Legend, f.Button = w.Say("facebook.users"), w.Say("facebook.button")
		} else {
			f.Legend, f.Button, others = others, w.Say("connect.button", p.Label), ""
		}
		forms = append(forms, f)
	}
	return forms
}

// showConnect is where somebody is sent who wants to log in with a provider:
// only the button on it begins that, so that no other site can.
func (s *Site) showConnect(v *visit) (*page.Answer, error) {
	p, err := s.Readers.Provider(v.Path("provider"))
	if err != nil {
		return nil, err
	}
	if v.who.Actor != nil {
		return page.SeeOther("/account/connections"), nil
	}
	w, next := v.words, safeNext(v.Get("next"))
	shown := formPage{
		chrome: s.personal(v, "login.title"), Lead: w.Say("connect.lead", p.Label),
		Links: []link{{withNext("/login", next), w.Say("connect.otherwise")}},
	}
	for _, f := range s.providerForms(v, next) {
		if f.Action == "/connect/"+p.Slug {
			f.Legend, f.Quiet = "", false
			shown.Forms = []form{f}
		}
	}
	return page.Show(v.form.With(shown)), nil
}

// connect sends somebody to a provider to log in or to register.
func (s *Site) connect(v *visit) (*page.Answer, error) {
	switch {
	case v.who.Pending != nil:
		return s.askLogin(v)
	case v.who.Actor != nil:
		return page.SeeOther("/account/connections"), nil
	}
	return s.goTo(v, reader.Going{Aim: reader.ToLogin, Next: safeNext(v.Field("next"))})
}

// proveByProvider sends somebody to a provider to show that this is still the
// same person.
func (s *Site) proveByProvider(v *visit, a *reader.Actor) (*page.Answer, error) {
	return s.goTo(v, reader.Going{Aim: reader.ToProve, Actor: a, Next: safeNext(v.Field("next"))})
}

// goTo sends a browser to a provider.
func (s *Site) goTo(v *visit, g reader.Going) (*page.Answer, error) {
	g.Provider, g.Language, g.Bound = v.Path("provider"), v.words.Tag.String(), v.Cookie(awayCookie)
	g.Callback = s.callback(g.Provider)
	to, err := s.Readers.GoToProvider(v.Context(), g, v.browser())
	if err != nil {
		return s.stranded(v, to.Provider, g.Aim, g.Next, err)
	}
	w := v.words
	shown := notePage{
		chrome: s.personal(v, "connect.going"), Lead: w.Say("connect.going.lead", to.Provider.Label),
		Links: []link{{to.Address, w.Say("connect.going.link", to.Provider.Label)}},
	}
	return page.Show(v.note.With(shown)).GoOn(to.Address).
		Keep(page.Cookie{Name: awayCookie, Value: to.Bound.Reveal(), Life: awayLife}), nil
}

// callback is where a provider sends back to. Each has an address of its own, so
// that the answer of one is never taken for that of another (RFC 9700, 4.4).
func (s *Site) callback(provider string) string {
	return s.Paper.URL("/connect/" + provider + "/callback")
}

// comeBack takes somebody in whom a provider has sent back. It is the one GET
// that changes something: the protocol has no other. What it changes needs the
// state and the cookie of a form that was sent from our own page.
func (s *Site) comeBack(v *visit) (*page.Answer, error) {
	at, err := s.Readers.ComeBack(v.Context(), reader.Answered{
		Provider: v.Path("provider"), Callback: s.callback(v.Path("provider")), Bound: v.Cookie(awayCookie),
		State: v.Get("state"), Code: v.Get("code"), Issuer: v.Get("iss"), Error: v.Get("error"),
		Nameless: v.words.Say("connect.nameless"),
	}, v.browser())
	if err != nil {
		return s.stranded(v, at.Provider, at.Aim, at.Next, err)
	}
	switch at.Aim {
	case reader.ToConnect:
		return page.SeeOther("/account/connections?done=" + at.Provider.Slug), nil
	case reader.ToProve:
		return page.SeeOther(safeNext(at.Next)), nil
	default:
		return s.welcome(at.Entry, at.Next), nil
	}
}

// comeBackByForm takes the answer of a provider that has the browser send it as
// a form (Apple). Such a form comes from another site, and our cookies do not
// come with it: the browser is sent on to the address with which they do.
func (s *Site) comeBackByForm(v *page.Visit) (*page.Answer, error) {
	p, err := s.Readers.Provider(v.Path("provider"))
	if err != nil {
		return nil, err
	}
	if !p.FormPost {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	q := url.Values{}
	for _, name := range []string{"state", "code", "iss", "error"} {
		if value := v.Field(name); value != "" {
			q.Set(name, value)
		}
	}
	return page.SeeOther("/connect/" + p.Slug + "/callback?" + q.Encode()), nil
}

// stranded is the page of somebody whose way over a provider has failed. What is
// a fault of ours is none.
func (s *Site) stranded(v *visit, p *reader.Provider, aim reader.Aim, next string, err error) (*page.Answer, error) {
	said := problem.Of(err)
	if said == nil || p == nil {
		return nil, err
	}
	w := v.words
	shown := notePage{chrome: s.personal(v, "connect.failed"), Lead: v.told(said.Detail)}
	switch aim {
	case reader.ToConnect:
		shown.Links = []link{{"/account/connections", w.Say("connections.title")}}
	case reader.ToProve:
		shown.Links = []link{{withNext("/login/again", next), w.Say("again.title")}, {"/logout", w.Say("logout.title")}}
	default:
		shown.Links = []link{
			{withNext("/connect/"+p.Slug, next), w.Say("connect.again", p.Label)},
			{withNext("/login", next), w.Say("connect.otherwise")},
		}
	}
	shown.Links = append(shown.Links, link{"/", w.Say("home")})
	return page.WithStatus(v.note.With(shown), said.Kind.Status()).Wait(said.Wait), nil
}

// againByProvider adds to the page that asks for proof the providers that may
// give it.
func (s *Site) againByProvider(v *visit, a *reader.Actor, next string, shown *formPage) error {
	list, err := s.Readers.Connections(v.Context(), a.Reader.ID)
	if err != nil {
		return err
	}
	for _, c := range list {
		if p, err := s.Readers.Provider(c.Slug); err == nil {
			shown.Forms = append(shown.Forms, form{
				Action: "/login/again/" + p.Slug, Button: v.words.Say("again.provider", p.Label), Next: next, Quiet: len(shown.Forms) > 0,
			})
		}
	}
	return nil
}
