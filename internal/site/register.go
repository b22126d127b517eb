package site

import (
	"net/url"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

func (s *Site) showRegister(v *visit) (*page.Answer, error) {
	if v.who.Actor != nil {
		return page.SeeOther("/account"), nil
	}
	return page.Show(v.form.With(s.registerPage(v, safeNext(v.Get("next"))))), nil
}

func (s *Site) registerPage(v *visit, next string) formPage {
	w := v.words
	p := formPage{
		chrome: s.personal(v, "register.title"), Lead: w.Say("register.lead"), Script: "password.js",
		Forms: []form{{
			Action: "/register", Button: w.Say("register.button"), Next: next,
			Fields: []field{
				{Name: "email", Label: w.Say("email"), Type: "email", Value: v.Field("email"), Auto: "email", Need: true, First: v.Field("email") == "", Hint: w.Say("register.email")},
				{Name: "name", Label: w.Say("name"), Type: "text", Value: v.Field("name"), Auto: "nickname", Need: true, Max: 60, Hint: w.Say("register.name")},
				s.newPassword(v),
			},
		}},
		Links: []link{{withNext("/login", next), w.Say("register.login")}},
	}
	p.Forms = append(p.Forms, s.providerForms(v, next)...)
	return p
}

// newPassword is the field for a password that is chosen.
func (s *Site) newPassword(v *visit) field {
	return field{
		Name: "password", Label: v.words.Say("password.new"), Type: "password", Auto: "new-password", Need: true, Max: 256, Least: reader.MinPassword,
		Hint: v.words.Say("password.hint"),
	}
}

func (s *Site) register(v *visit) (*page.Answer, error) {
	next := safeNext(v.Field("next"))
	browser, err := s.Readers.Register(v.Context(), reader.Registration{
		Email: v.Field("email"), Name: v.Field("name"), Password: secret.Password(v.Field("password")),
		Language: v.words.Tag.String(), Next: next,
	}, v.browser())
	if err == nil {
		return page.SeeOther("/verify-email").
			Keep(page.Cookie{Name: joiningCookie, Value: browser.Reveal(), Life: joiningLife}), nil
	}
	p := problem.Of(err)
	if p == nil || p.Kind == problem.Unavailable {
		return nil, err
	}
	shown := s.registerPage(v, next)
	shown.Forms[0].says(v, p.Fields)
	if len(p.Fields) == 0 {
		shown.Notice, shown.Bad = v.told(p.Detail), true
	}
	return page.WithStatus(v.form.With(shown), p.Kind.Status()).Wait(p.Wait), nil
}

// joiningLife is how long the browser that registers remembers that it did.
const joiningLife = reader.ConfirmLife

// showVerify says that a letter is on its way; with the link of that letter it
// has a button. Opening it changes nothing: mail scanners open it too.
func (s *Site) showVerify(v *visit) (*page.Answer, error) {
	token := v.Get("token")
	w := v.words
	if token == "" {
		return page.Show(v.note.With(notePage{
			chrome: s.personal(v, "verify.sent"), Lead: w.Say("verify.sent.lead"),
			Text:  []string{w.Say("verify.sent.wait"), w.Say("verify.sent.none")},
			Links: []link{{"/register", w.Say("verify.once")}, {"/", w.Say("home")}},
		})), nil
	}
	c, err := s.Readers.Claim(v.Context(), token, v.Cookie(joiningCookie))
	if err != nil {
		return s.deadLink(v, err, link{"/register", w.Say("verify.once")})
	}
	return page.Show(v.form.With(s.verifyPage(v, c, token))), nil
}

func (s *Site) verifyPage(v *visit, c reader.Claim, token string) formPage {
	w := v.words
	f := form{
		Action: "/verify-email", Button: w.Say("verify.button"),
		Fields: []field{{Name: "token", Type: "hidden", Value: token}},
	}
	if !c.Ours {
		f.Fields = append(f.Fields, field{
			Name: "password", Label: w.Say("password"), Type: "password", Auto: "current-password", Need: true, First: true,
			Hint: w.Say("verify.password"),
		})
	}
	return formPage{chrome: s.personal(v, "verify.title"), Lead: w.Say("verify.lead", c.Email), Forms: []form{f}}
}

func (s *Site) verify(v *visit) (*page.Answer, error) {
	token, browser := v.Field("token"), v.Cookie(joiningCookie)
	e, err := s.Readers.Verify(v.Context(), token, browser, secret.Password(v.Field("password")), v.browser())
	if err == nil {
		return s.welcome(e, "/account"), nil
	}
	if fields, other := wrong(err); other == nil {
		c, err := s.Readers.Claim(v.Context(), token, browser)
		if err != nil {
			return nil, err
		}
		shown := s.verifyPage(v, c, token)
		shown.Forms[0].says(v, fields)
		return page.Wrong(v.form.With(shown)), nil
	}
	return s.deadLink(v, err, link{"/login", v.words.Say("login.again")}, link{"/register", v.words.Say("verify.once")})
}

// deadLink is the page of a link that does not work any more: it offers what
// does.
func (s *Site) deadLink(v *visit, err error, links ...link) (*page.Answer, error) {
	p := problem.Of(err)
	if p == nil || p.Kind == problem.Unavailable {
		return nil, err
	}
	return page.WithStatus(v.note.With(notePage{
		chrome: s.personal(v, "link.dead"), Lead: v.told(p.Detail), Links: append(links, link{"/", v.words.Say("home")}),
	}), p.Kind.Status()).Wait(p.Wait), nil
}

// withNext is a path with where to go on from there.
func withNext(path, next string) string {
	if next == "" || next == "/" {
		return path
	}
	return path + "?next=" + escapeNext(next)
}

func escapeNext(next string) string { return url.QueryEscape(next) }
