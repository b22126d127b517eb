package site

import (
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

func (s *Site) showForgot(v *visit) (*page.Answer, error) {
	return page.Show(v.form.With(s.forgotPage(v))), nil
}

func (s *Site) forgotPage(v *visit) formPage {
	w := v.words
	return formPage{
		chrome: s.personal(v, "forgot.title"), Lead: w.Say("forgot.lead"),
		Forms: []form{{
			Action: "/forgot-password", Button: w.Say("forgot.button"),
			Fields: []field{{Name: "email", Label: w.Say("email"), Type: "email", Value: v.Field("email"), Auto: "username", Need: true, First: true}},
		}},
		Links: []link{{"/login", w.Say("register.login")}},
	}
}

func (s *Site) forgot(v *visit) (*page.Answer, error) {
	w := v.words
	err := s.Readers.Forgot(v.Context(), v.Field("email"), v.browser())
	if err == nil {
		return page.Show(v.note.With(notePage{
			chrome: s.personal(v, "forgot.sent"), Lead: w.Say("forgot.sent.lead"),
			Text:  []string{w.Say("verify.sent.wait"), w.Say("forgot.sent.none")},
			Links: []link{{"/login", w.Say("login.again")}, {"/", w.Say("home")}},
		})), nil
	}
	p := problem.Of(err)
	if p == nil || p.Kind == problem.Unavailable {
		return nil, err
	}
	shown := s.forgotPage(v)
	shown.Forms[0].says(v, p.Fields)
	if len(p.Fields) == 0 {
		shown.Notice, shown.Bad = v.told(p.Detail), true
	}
	return page.WithStatus(v.form.With(shown), p.Kind.Status()).Wait(p.Wait), nil
}

func (s *Site) showReset(v *visit) (*page.Answer, error) {
	token := v.Get("token")
	if err := s.Readers.MayReset(v.Context(), token); err != nil {
		return s.deadLink(v, err, link{"/forgot-password", v.words.Say("link.once")})
	}
	return page.Show(v.form.With(s.resetPage(v, token))), nil
}

func (s *Site) resetPage(v *visit, token string) formPage {
	w := v.words
	return formPage{
		chrome: s.personal(v, "reset.title"), Lead: w.Say("reset.lead"), Script: "password.js",
		Forms: []form{{
			Action: "/reset-password", Button: w.Say("reset.button"),
			Fields: []field{{Name: "token", Type: "hidden", Value: token}, s.newPassword(v)},
		}},
	}
}

func (s *Site) reset(v *visit) (*page.Answer, error) {
	token, w := v.Field("token"), v.words
	err := s.Readers.Reset(v.Context(), token, secret.Password(v.Field("password")))
	if err == nil {
		return farewell(page.Show(v.note.With(notePage{
			chrome: s.personal(v, "reset.done"), Lead: w.Say("reset.done.lead"), Links: []link{{"/login", w.Say("login.again")}},
		}))), nil
	}
	if fields, other := wrong(err); other == nil {
		shown := s.resetPage(v, token)
		shown.Forms[0].says(v, fields)
		return page.Wrong(v.form.With(shown)), nil
	}
	return s.deadLink(v, err, link{"/forgot-password", w.Say("link.once")})
}
