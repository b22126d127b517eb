package site

import (
	"kawaraban/internal/page"
)

// showWantAlerts is where the link of an invitation to the news alerts leads.
// Opening it orders nothing: mail scanners open links too.
func (s *Site) showWantAlerts(v *visit) (*page.Answer, error) {
	token, w := v.Get("token"), v.words
	email, err := s.Readers.MayWantAlerts(v.Context(), token)
	if err != nil {
		return s.deadLink(v, err)
	}
	return page.Show(v.form.With(formPage{
		chrome: s.personal(v, "alerts.title"), Lead: w.Say("alerts.lead", email),
		Forms: []form{{
			Action: "/newsletter/confirm", Button: w.Say("alerts.button"),
			Fields: []field{{Name: "token", Type: "hidden", Value: token}},
		}},
		Links: []link{{"/", w.Say("home")}},
	})), nil
}

// wantAlerts notes the wish. There are no alerts yet, and the page says so.
func (s *Site) wantAlerts(v *visit) (*page.Answer, error) {
	email, err := s.Readers.WantAlerts(v.Context(), v.Field("token"))
	if err != nil {
		return s.deadLink(v, err)
	}
	w := v.words
	return page.Show(v.note.With(notePage{
		chrome: s.personal(v, "alerts.noted"), Lead: w.Say("alerts.noted.lead", email), Links: []link{{"/", w.Say("home")}},
	})), nil
}
