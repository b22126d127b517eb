package site

import (
	"slices"
	"strings"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// connectionsRow is what the overview of an account says about providers;
// nothing where there are none.
func (s *Site) connectionsRow(v *visit, a *reader.Actor) ([]accountRow, error) {
	list, err := s.Readers.Connections(v.Context(), a.Reader.ID)
	if err != nil || len(list)+len(s.Readers.Providers) == 0 {
		return nil, err
	}
	var names []string
	for _, c := range list {
		names = append(names, s.providerName(c.Slug))
	}
	w := v.words
	value := w.Say("connections.none")
	if len(names) > 0 {
		value = strings.Join(names, w.Say("names.comma"))
	}
	return []accountRow{{w.Say("connections.title"), value, "", "/account/connections", w.Say("account.show")}}, nil
}

// providerName is what people call a provider, also one that is no more in the
// settings.
func (s *Site) providerName(slug string) string {
	if p, err := s.Readers.Provider(slug); err == nil {
		return p.Label
	}
	return slug
}

// showConnections lists the providers, and which of them let this reader in.
func (s *Site) showConnections(v *visit, a *reader.Actor) (*page.Answer, error) {
	w := v.words
	list, err := s.Readers.Connections(v.Context(), a.Reader.ID)
	if err != nil {
		return nil, err
	}
	p := accountPage{chrome: s.personal(v, "connections.title"), Links: []link{{"/account", w.Say("account.back")}}}
	var slugs []string
	for _, known := range s.Readers.Providers {
		slugs = append(slugs, known.Slug)
	}
	for _, c := range list {
		if !slices.Contains(slugs, c.Slug) {
			slugs = append(slugs, c.Slug)
		}
	}
	for _, slug := range slugs {
		row := accountRow{Name: s.providerName(slug), Path: "/account/connections/" + slug, Value: w.Say("connections.off"), Do: w.Say("connections.connect")}
		if i := slices.IndexFunc(list, func(c reader.Connection) bool { return c.Slug == slug }); i >= 0 {
			row.Value, row.Hint, row.Do = w.Say("connections.since", w.Day(list[i].Since)), list[i].Email, w.Say("connections.disconnect")
			if slug == v.Get("done") {
				p.Notice = w.Say("connections.done", row.Name)
			}
		} else if slug == v.Get("ended") {
			p.Notice = w.Say("connections.ended", row.Name)
		}
		p.Rows = append(p.Rows, row)
	}
	if len(slugs) == 0 {
		p.Notice = w.Say("connections.empty")
	}
	return page.Show(v.account.With(p)), nil
}

// showConnection is about one provider: how to connect with it, or how to end
// that.
func (s *Site) showConnection(v *visit, a *reader.Actor) (*page.Answer, error) {
	shown, err := s.connectionPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.form.With(shown)), nil
}

func (s *Site) connectionPage(v *visit, a *reader.Actor) (shown formPage, err error) {
	w, slug := v.words, v.Path("provider")
	list, err := s.Readers.Connections(v.Context(), a.Reader.ID)
	if err != nil {
		return shown, err
	}
	name := s.providerName(slug)
	shown.chrome, shown.Links = s.personal(v, "connections.title"), []link{{"/account/connections", w.Say("connections.all")}}
	shown.Title = name
	if !slices.ContainsFunc(list, func(c reader.Connection) bool { return c.Slug == slug }) {
		if _, err := s.Readers.Provider(slug); err != nil {
			return shown, err
		}
		shown.Lead = w.Say("connections.connect.lead", name)
		shown.Forms = []form{{Action: "/account/connections/" + slug, Button: w.Say("connections.connect.button", name)}}
		return shown, nil
	}
	last, err := s.Readers.LastWayIn(v.Context(), a.Reader.ID, slug)
	if err != nil {
		return shown, err
	}
	if last {
		shown.Lead = w.Say("connections.last", name)
		shown.Links = append(s.waysIn(v, a), shown.Links...)
		return shown, nil
	}
	shown.Lead = w.Say("connections.disconnect.lead", name)
	shown.Forms = []form{{Action: "/account/connections/" + slug + "/end", Button: w.Say("connections.disconnect.button", name), Danger: true}}
	return shown, nil
}

// waysIn lead to where another way into the account can be made. A password
// needs an address to which letters go when it is forgotten.
func (s *Site) waysIn(v *visit, a *reader.Actor) []link {
	w := v.words
	if a.Reader.Email == "" {
		return []link{{"/account/email", w.Say("connections.email")}, {"/account/passkeys", w.Say("connections.passkey")}}
	}
	return []link{{"/account/password", w.Say("connections.password")}, {"/account/passkeys", w.Say("connections.passkey")}}
}

func (s *Site) addConnection(v *visit, a *reader.Actor) (*page.Answer, error) {
	return s.goTo(v, reader.Going{Aim: reader.ToConnect, Actor: a})
}

func (s *Site) endConnection(v *visit, a *reader.Actor) (*page.Answer, error) {
	slug := v.Path("provider")
	err := s.Readers.Disconnect(v.Context(), a, slug)
	if err == nil {
		return page.SeeOther("/account/connections?ended=" + escapeNext(slug)), nil
	}
	p := problem.Of(err)
	if p == nil || p.Kind != problem.Conflict {
		return nil, err
	}
	shown, err := s.connectionPage(v, a)
	if err != nil {
		return nil, err
	}
	shown.Notice, shown.Bad = v.told(p.Detail), true
	return page.WithStatus(v.form.With(shown), p.Kind.Status()), nil
}
