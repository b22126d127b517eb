package site

import (
	"kawaraban/internal/page"
)

// deletionAnswer is what Facebook wants to hear of a deletion, to show it to
// whoever asked.
type deletionAnswer struct {
	URL  string `json:"url"`
	Code string `json:"confirmation_code"`
}

// facebookDeletes takes the wish of one of Facebook's users that we delete what
// we have from there. Facebook signs it.
func (s *Site) facebookDeletes(v *page.Visit) (*page.Answer, error) {
	code, err := s.Readers.DeleteFacebookData(v.Context(), v.Field("signed_request"))
	if err != nil {
		return nil, err
	}
	return page.JSON(deletionAnswer{URL: s.Paper.URL("/connect/facebook/deletion?code=" + code), Code: code})
}

// facebookTakesBack hears that one of Facebook's users has taken the paper out
// of the list of apps.
func (s *Site) facebookTakesBack(v *page.Visit) (*page.Answer, error) {
	if err := s.Readers.DeauthoriseFacebook(v.Context(), v.Field("signed_request")); err != nil {
		return nil, err
	}
	return page.Nothing(), nil
}

// showDeletion tells somebody what became of the wish.
func (s *Site) showDeletion(v *visit) (*page.Answer, error) {
	d, err := s.Readers.Deletion(v.Context(), v.Get("code"))
	if err != nil {
		return nil, err
	}
	w := v.words
	shown := notePage{
		chrome: s.personal(v, "deletion.title"), Lead: w.Say("deletion.asked", w.Moment(d.Asked)),
		Links: []link{{"/", w.Say("home")}},
	}
	switch {
	case !d.Known:
		shown.Text = []string{w.Say("deletion.nothing")}
	case d.Erased:
		shown.Text = []string{w.Say("deletion.connection"), w.Say("deletion.erased")}
	case !d.Leaving.IsZero():
		shown.Text = []string{w.Say("deletion.connection"), w.Say("deletion.leaving", w.Day(d.Leaving))}
	default:
		shown.Text = []string{w.Say("deletion.connection"), w.Say("deletion.stays")}
		shown.Links = []link{{"/account", w.Say("account.title")}, {"/", w.Say("home")}}
	}
	return page.Show(v.note.With(shown)), nil
}
