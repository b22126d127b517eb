package site

import (
	"time"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

// showLogin is where a reader logs in, or finds out to be logged in already.
func (s *Site) showLogin(v *visit) (*page.Answer, error) {
	next := safeNext(v.Get("next"))
	switch {
	case v.who.Pending != nil:
		return page.SeeOther(withNext("/login/second-factor", next)), nil
	case v.who.Actor != nil && next != "/":
		return page.SeeOther(next), nil
	case v.who.Actor != nil:
		return page.SeeOther("/account"), nil
	}
	return page.Show(v.form.With(s.loginPage(v, "", next))), nil
}

func (s *Site) loginPage(v *visit, email, next string) formPage {
	w := v.words
	p := formPage{
		chrome: s.personal(v, "login.title"),
		Forms: []form{{
			Action: "/login", Button: w.Say("login.button"), Next: next,
			Fields: []field{
				{Name: "email", Label: w.Say("email"), Type: "email", Value: email, Auto: "username webauthn", Need: true, First: email == ""},
				{Name: "password", Label: w.Say("password"), Type: "password", Auto: "current-password", Need: true, First: email != ""},
			},
		}},
		Links: []link{
			{"/forgot-password", w.Say("login.forgot")},
			{withNext("/register", next), w.Say("login.register")},
		},
	}
	if s.party(v).Possible() {
		p.Script = "passkey.js"
		p.Forms = append(p.Forms, s.passkeyForm(v, "/login/passkey", next, w.Say("login.passkey")))
	}
	p.Forms = append(p.Forms, s.providerForms(v, next)...)
	return p
}

func (s *Site) login(v *visit) (*page.Answer, error) {
	email, next := v.Field("email"), safeNext(v.Field("next"))
	e, err := s.Readers.Login(v.Context(), email, secret.Password(v.Field("password")), v.browser())
	if err == nil {
		return s.welcome(e, next), nil
	}
	return s.failedForm(v, s.loginPage(v, email, next), err)
}

// showAgain asks for proof that this is still the same person.
func (s *Site) showAgain(v *visit, a *reader.Actor) (*page.Answer, error) {
	if a.Sure(s.Now()) {
		return page.SeeOther(safeNext(v.Get("next"))), nil
	}
	shown, err := s.againForm(v, a, safeNext(v.Get("next")))
	if err != nil {
		return nil, err
	}
	return page.Show(v.form.With(shown)), nil
}

func (s *Site) againForm(v *visit, a *reader.Actor, next string) (p formPage, err error) {
	w := v.words
	p = formPage{chrome: s.personal(v, "again.title"), Lead: w.Say("again.lead"), Links: []link{{"/account", w.Say("account.back")}}}
	if a.Reader.Password {
		p.Forms = append(p.Forms, form{
			Action: "/login/again", Button: w.Say("again.button"), Next: next,
			Fields: []field{{Name: "password", Label: w.Say("password"), Type: "password", Auto: "current-password", Need: true, First: true}},
		})
	}
	if a.Passkeys && s.party(v).Possible() {
		f := s.passkeyForm(v, "/login/again", next, w.Say("factor.passkey"))
		if !a.Reader.Password {
			f.Quiet, f.Without = false, w.Say("passkey.without")
		}
		p.Script, p.Forms = "passkey.js", append(p.Forms, f)
	}
	if err := s.againByProvider(v, a, next, &p); err != nil {
		return p, err
	}
	if len(p.Forms) == 0 {
		// Nothing proves who this is: a password does, once there is one.
		p.Lead = w.Say("again.nothing")
		p.Links = append([]link{{"/forgot-password", w.Say("reset.title")}}, p.Links...)
	}
	return p, nil
}

func (s *Site) again(v *visit, a *reader.Actor) (*page.Answer, error) {
	next := safeNext(v.Field("next"))
	var err error
	if v.Field("answer") != "" {
		err = s.Readers.ProvePasskey(v.Context(), a, s.party(v), v.answer())
	} else {
		err = s.Readers.Prove(v.Context(), a, secret.Password(v.Field("password")), v.browser())
	}
	if err == nil {
		return page.SeeOther(next), nil
	}
	shown, wrong := s.againForm(v, a, next)
	if wrong != nil {
		return nil, wrong
	}
	return s.failedForm(v, shown, err)
}

// logout ends the session of this browser.
func (s *Site) logout(v *visit) (*page.Answer, error) {
	if err := s.Readers.Logout(v.Context(), v.Cookie(sessionCookie)); err != nil {
		return nil, err
	}
	return farewell(page.SeeOther("/logout")), nil
}

// showLogout says that the reader is logged out, or how to.
func (s *Site) showLogout(v *visit) (*page.Answer, error) {
	w := v.words
	if v.who.Actor == nil && v.who.Pending == nil {
		return page.Show(v.note.With(notePage{
			chrome: s.personal(v, "logout.done"), Lead: w.Say("logout.lead"),
			Links: []link{{"/", w.Say("home")}, {"/login", w.Say("login.again")}},
		})), nil
	}
	return page.Show(v.form.With(formPage{
		chrome: s.personal(v, "logout.title"), Lead: w.Say("logout.ask"),
		Forms: []form{{Action: "/logout", Button: w.Say("logout.button")}},
		Links: []link{{"/account/sessions", w.Say("sessions.title")}, {"/", w.Say("home")}},
	})), nil
}

// A me is what a page for everybody does not say: who its reader is.
type me struct {
	Name  string `json:"name"`
	Links []item `json:"links"`
	Out   string `json:"out"` // the words of the button that logs out
}

// An item is one line of the account's menu.
type item struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// showMe answers the script of the masthead.
func (s *Site) showMe(v *visit) (*page.Answer, error) {
	a := v.who.Actor
	if a == nil {
		// Only the hint goes: the session may be one that waits for its second
		// factor, or have begun since this was asked.
		return page.Nothing().Keep(page.Cookie{Name: memberCookie}), nil
	}
	m := me{
		Name: a.Reader.Name, Out: v.words.Say("logout.button"),
		Links: []item{
			{"/account", v.words.Say("account.title")},
			{memberPath(&a.Reader), v.words.Say("profile.own")},
		},
	}
	if hasNewsroom(a) {
		m.Links = append(m.Links, item{"/newsroom", v.words.Say("newsroom.title")})
	}
	return page.JSON(m)
}

// hasNewsroom reports whether there is work for somebody in the newsroom.
func hasNewsroom(a *reader.Actor) bool { return a.May(reader.MayModerate) }

// maxOpen is how many pages of one reader may wait for news at once.
const maxOpen = 20

// live tells an open page when its reader is logged out somewhere else.
func (s *Site) live(v *visit) (*page.Answer, error) {
	over := func(to *page.Stream) error { return to.Tell("ended", v.words.Say("session.ended")) }
	if v.who.Actor == nil {
		return page.Streams(over), nil // it ended while the page was cut off
	}
	id, token := v.who.Actor.Reader.ID, v.Cookie(sessionCookie)
	if s.watchers.watching(id) >= maxOpen {
		return nil, &problem.Problem{Kind: problem.TooMany}
	}
	return page.Streams(func(to *page.Stream) error {
		ended, leave := s.watchers.watch(id)
		defer leave()
		beat := time.NewTicker(to.Beat())
		defer beat.Stop()
		for {
			who, err := s.Readers.Look(v.Context(), token)
			if err != nil {
				return err
			}
			if who.Actor == nil {
				return over(to)
			}
			select {
			case <-to.Done():
				return nil
			case <-ended:
			case <-beat.C:
				if err := to.Tell("", ""); err != nil {
					return err
				}
			}
		}
	}), nil
}
