package site

import (
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

func (s *Site) staffRoutes(rt *page.Router) {
	s.anyone(rt, "GET /invite", s.showInvite)
	s.anyone(rt, "POST /invite", s.accept)
	s.sure(rt, "GET /account/people", reader.MayManage, s.showPeople)
	s.sure(rt, "POST /account/people", reader.MayManage, s.appoint)
	s.sure(rt, "POST /account/people/{id}", reader.MayManage, s.setRole)
}

// showInvite is where somebody who was invited sets up the account. Opening it
// changes nothing.
func (s *Site) showInvite(v *visit) (*page.Answer, error) {
	token := v.Get("token")
	r, err := s.Readers.Invited(v.Context(), token)
	if err != nil {
		return s.deadLink(v, err, link{"/login", v.words.Say("login.again")}, link{"/forgot-password", v.words.Say("login.forgot")})
	}
	return page.Show(v.form.With(s.invitePage(v, &r, token, r.Name))), nil
}

func (s *Site) invitePage(v *visit, r *reader.Reader, token, name string) formPage {
	w := v.words
	return formPage{
		chrome: s.personal(v, "invite.title"), Lead: w.Say("invite.lead", r.Email, v.role(r.Role)), Script: "password.js",
		Forms: []form{{
			Action: "/invite", Button: w.Say("invite.button"),
			Fields: []field{
				{Name: "token", Type: "hidden", Value: token},
				{Name: "name", Label: w.Say("name"), Type: "text", Value: name, Auto: "name", Need: true, Max: 60, Hint: w.Say("invite.name")},
				s.newPassword(v),
			},
		}},
	}
}

func (s *Site) accept(v *visit) (*page.Answer, error) {
	token, name := v.Field("token"), v.Field("name")
	e, err := s.Readers.Accept(v.Context(), token, name, secret.Password(v.Field("password")), v.browser())
	if err == nil {
		return s.welcome(e, "/account"), nil
	}
	if fields, other := wrong(err); other == nil {
		r, err := s.Readers.Invited(v.Context(), token)
		if err != nil {
			return nil, err
		}
		shown := s.invitePage(v, &r, token, name)
		shown.Forms[0].says(v, fields)
		return page.Wrong(v.form.With(shown)), nil
	}
	return s.deadLink(v, err, link{"/login", v.words.Say("login.again")}, link{"/forgot-password", v.words.Say("login.forgot")})
}

// peoplePage is what people.html shows: who works for the paper.
type peoplePage struct {
	chrome
	Notice string
	Bad    bool
	List   []person
	Forms  []form
	Links  []link
}

type person struct {
	reader.Colleague
	Role     string // in words
	Yourself bool
	Change   form
}

func (s *Site) showPeople(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := s.peoplePage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.people.With(p)), nil
}

func (s *Site) peoplePage(v *visit, a *reader.Actor) (p peoplePage, err error) {
	w := v.words
	list, err := s.Readers.Staff(v.Context())
	if err != nil {
		return p, err
	}
	p = peoplePage{chrome: s.personal(v, "people.title"), Links: []link{{"/account", w.Say("account.back")}}}
	for _, r := range list {
		p.List = append(p.List, person{
			Colleague: r, Role: v.role(r.Role), Yourself: r.ID == a.Reader.ID,
			Change: form{
				Action: "/account/people/" + r.ID, Button: w.Say("people.change"), Quiet: true,
				Fields: []field{v.roles("role", w.Say("people.role.of", r.Name), r.Role, "role-"+r.ID)},
			},
		})
	}
	p.Forms = []form{{
		Action: "/account/people", Legend: w.Say("people.invite"), Button: w.Say("people.invite.button"),
		Fields: []field{
			{Name: "email", Label: w.Say("email"), Type: "email", Value: v.Field("email"), Auto: "off", Need: true, Hint: w.Say("people.invite.hint")},
			{Name: "name", Label: w.Say("name"), Type: "text", Value: v.Field("name"), Auto: "off", Need: true, Max: 60},
			v.roles("role", w.Say("people.role"), reader.Role(v.Field("role")), "role"),
		},
	}}
	return p, nil
}

// roles is a field to choose a role.
func (v *visit) roles(name, label string, chosen reader.Role, id string) field {
	f := field{Name: name, ID: id, Label: label, Type: "select"}
	for _, r := range reader.Roles() {
		f.Options = append(f.Options, option{Value: string(r), Name: v.role(r), On: r == chosen})
	}
	return f
}

// role is the name of a role.
func (v *visit) role(r reader.Role) string { return roleName(v.words, r) }

func roleName(w *page.Language, r reader.Role) string {
	switch r {
	case reader.Contributor:
		return w.Say("role.contributor")
	case reader.Moderator:
		return w.Say("role.moderator")
	case reader.Editor:
		return w.Say("role.editor")
	case reader.Publisher:
		return w.Say("role.publisher")
	default:
		return w.Say("role.reader")
	}
}

func (s *Site) appoint(v *visit, a *reader.Actor) (*page.Answer, error) {
	_, err := s.Readers.Appoint(v.Context(), a, v.Field("email"), v.Field("name"), reader.Role(v.Field("role")))
	if err == nil {
		return page.SeeOther("/account/people"), nil
	}
	return s.peopleWrong(v, a, err)
}

func (s *Site) setRole(v *visit, a *reader.Actor) (*page.Answer, error) {
	err := s.Readers.SetRole(v.Context(), a, v.Path("id"), reader.Role(v.Field("role")))
	if err == nil {
		return page.SeeOther("/account/people"), nil
	}
	return s.peopleWrong(v, a, err)
}

func (s *Site) peopleWrong(v *visit, a *reader.Actor, err error) (*page.Answer, error) {
	told := problem.Of(err)
	if told == nil || told.Kind == problem.Unavailable || told.Kind == problem.NotFound {
		return nil, err
	}
	p, err := s.peoplePage(v, a)
	if err != nil {
		return nil, err
	}
	if p.Forms[0].says(v, told.Fields); len(told.Fields) == 0 {
		p.Notice, p.Bad = v.told(told.Detail), true
	}
	return page.WithStatus(v.people.With(p), told.Kind.Status()), nil
}
