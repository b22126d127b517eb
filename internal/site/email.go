package site

import (
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

func (s *Site) showEmail(v *visit, a *reader.Actor) (*page.Answer, error) {
	return page.Show(v.form.With(s.emailPage(v, a))), nil
}

func (s *Site) emailPage(v *visit, a *reader.Actor) formPage {
	w := v.words
	lead := w.Say("email.none")
	if a.Reader.Email != "" {
		lead = w.Say("email.lead", a.Reader.Email)
	}
	return formPage{
		chrome: s.personal(v, "email.title"), Lead: lead,
		Forms: []form{{
			Action: "/account/email", Button: w.Say("email.button"),
			Fields: []field{{
				Name: "email", Label: w.Say("email.new"), Type: "email", Value: v.Field("email"), Auto: "email", Need: true, First: true,
				Hint: w.Say("email.hint"),
			}},
		}},
		Links: []link{{"/account", w.Say("account.back")}},
	}
}

// askEmail answers the same whether the address has an account or not.
func (s *Site) askEmail(v *visit, a *reader.Actor) (*page.Answer, error) {
	w := v.words
	if err := s.Readers.AskEmail(v.Context(), a, v.Field("email")); err != nil {
		return s.complain(v, s.emailPage(v, a), err)
	}
	return page.Show(v.note.With(notePage{
		chrome: s.personal(v, "verify.sent"), Lead: w.Say("email.sent"),
		Text:  []string{w.Say("verify.sent.wait"), w.Say("verify.sent.none")},
		Links: []link{{"/account", w.Say("account.back")}},
	})), nil
}

// showNewEmail has the button of a letter's link. Opening it changes nothing.
func (s *Site) showNewEmail(v *visit, a *reader.Actor) (*page.Answer, error) {
	token, w := v.Get("token"), v.words
	email, err := s.Readers.NewEmail(v.Context(), a, token)
	if err != nil {
		return s.notHere(v, err, link{"/account/email", w.Say("link.once")})
	}
	return page.Show(v.form.With(formPage{
		chrome: s.personal(v, "email.confirm"), Lead: w.Say("email.confirm.lead", email),
		Forms: []form{{Action: "/account/email/confirm", Button: w.Say("email.confirm.button"), Fields: []field{{Name: "token", Type: "hidden", Value: token}}}},
		Links: []link{{"/account", w.Say("account.back")}},
	})), nil
}

func (s *Site) setEmail(v *visit, a *reader.Actor) (*page.Answer, error) {
	if _, err := s.Readers.SetEmail(v.Context(), a, v.Field("token")); err != nil {
		return s.notHere(v, err, link{"/account/email", v.words.Say("link.once")})
	}
	return page.SeeOther("/account?done=email"), nil
}

// showOldEmail has the button of the letter to the old address. Whoever has
// that letter may have been locked out, so nobody needs to be logged in.
func (s *Site) showOldEmail(v *visit) (*page.Answer, error) {
	token, w := v.Get("token"), v.words
	email, err := s.Readers.OldEmail(v.Context(), token)
	if err != nil {
		return s.deadLink(v, err, link{"/forgot-password", w.Say("login.forgot")}, link{"/login", w.Say("login.again")})
	}
	return page.Show(v.form.With(formPage{
		chrome: s.personal(v, "email.undo"), Lead: w.Say("email.undo.lead", email),
		Forms: []form{{Action: "/account/email/undo", Button: w.Say("email.undo.button"), Fields: []field{{Name: "token", Type: "hidden", Value: token}}}},
	})), nil
}

func (s *Site) undoEmail(v *visit) (*page.Answer, error) {
	w := v.words
	email, err := s.Readers.UndoEmail(v.Context(), v.Field("token"))
	if err != nil {
		return s.deadLink(v, err, link{"/forgot-password", w.Say("login.forgot")}, link{"/login", w.Say("login.again")})
	}
	return farewell(page.Show(v.note.With(notePage{
		chrome: s.personal(v, "email.undone"), Lead: w.Say("email.undone.lead", email), Text: []string{w.Say("email.undone.text")},
		Links: []link{{"/forgot-password", w.Say("reset.title")}},
	}))), nil
}

func (s *Site) showPassword(v *visit, a *reader.Actor) (*page.Answer, error) {
	w := v.words
	if a.Reader.Email == "" {
		return page.Show(v.note.With(notePage{
			chrome: s.personal(v, "reset.title"), Lead: v.told("One logs in with an address and a password, and your account has no address. Add one first."),
			Links: []link{{"/account/email", w.Say("email.title")}, {"/account", w.Say("account.back")}},
		})), nil
	}
	return page.Show(v.form.With(s.passwordPage(v))), nil
}

func (s *Site) passwordPage(v *visit) formPage {
	w := v.words
	return formPage{
		chrome: s.personal(v, "reset.title"), Lead: w.Say("reset.lead"), Script: "password.js",
		Forms: []form{{Action: "/account/password", Button: w.Say("reset.button"), Fields: []field{s.newPassword(v)}}},
		Links: []link{{"/account", w.Say("account.back")}},
	}
}

func (s *Site) setPassword(v *visit, a *reader.Actor) (*page.Answer, error) {
	if err := s.Readers.ChangePassword(v.Context(), a, secret.Password(v.Field("password"))); err != nil {
		return s.complain(v, s.passwordPage(v), err)
	}
	return page.SeeOther("/account?done=password"), nil
}
