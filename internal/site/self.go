package site

import (
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// selfRoutes are the pages where a reader changes what is the reader's own, and
// the profile that others see.
func (s *Site) selfRoutes(rt *page.Router) {
	rt.Public("GET /member/{handle}", s.showMember, "before")
	rt.Plain("GET /portrait/{file}", s.servePortrait)

	s.member(rt, "GET /account/profile", reader.MayManageSelf, s.showProfile)
	s.member(rt, "POST /account/profile", reader.MayManageSelf, s.setProfile)
	s.member(rt, "POST /account/profile/settings", reader.MayManageSelf, s.setSettings)
	s.upload(rt, "POST /account/profile/portrait", maxPortrait, reader.MayManageSelf, s.setPortrait)
	s.member(rt, "POST /account/profile/portrait/remove", reader.MayManageSelf, s.removePortrait)

	s.sure(rt, "GET /account/email", reader.MayManageSelf, s.showEmail)
	s.sure(rt, "POST /account/email", reader.MayManageSelf, s.askEmail)
	s.member(rt, "GET /account/email/confirm", reader.MayManageSelf, s.showNewEmail)
	s.member(rt, "POST /account/email/confirm", reader.MayManageSelf, s.setEmail)
	s.anyone(rt, "GET /account/email/undo", s.showOldEmail)
	s.anyone(rt, "POST /account/email/undo", s.undoEmail)

	s.sure(rt, "GET /account/password", reader.MayManageSelf, s.showPassword)
	s.sure(rt, "POST /account/password", reader.MayManageSelf, s.setPassword)
	s.anyone(rt, "GET /.well-known/change-password", s.leadToPassword)

	s.sure(rt, "GET /account/data", reader.MayManageSelf, s.showExport)
	s.sure(rt, "POST /account/data", reader.MayManageSelf, s.askExport)
	s.sure(rt, "GET /account/data/file", reader.MayManageSelf, s.fetchExport)

	s.sure(rt, "GET /account/leave", reader.MayManageSelf, s.showLeave)
	s.sure(rt, "POST /account/leave", reader.MayManageSelf, s.leave)
	s.member(rt, "POST /account/leave/stay", reader.MayManageSelf, s.stay)
	s.anyone(rt, "GET /account/leave/undo", s.showUndoLeave)
	s.anyone(rt, "POST /account/leave/undo", s.undoLeave)
}

// leadToPassword tells password managers where a password is changed (W3C, A
// Well-Known URL for Changing Passwords).
func (s *Site) leadToPassword(*visit) (*page.Answer, error) {
	return page.SeeOther("/account/password"), nil
}

// selfRows and dataRows are the lines of the account's overview that lead to
// those pages: the first and the last.
func (s *Site) selfRows(v *visit, a *reader.Actor) []accountRow {
	w, r := v.words, &a.Reader
	change, add := w.Say("account.change"), w.Say("account.add")
	address := accountRow{w.Say("email"), r.Email, "", "/account/email", change}
	if r.Email == "" {
		address.Value, address.Do = w.Say("account.off"), add
	}
	password := accountRow{w.Say("password"), w.Say("account.on"), "", "/account/password", change}
	if !r.Password {
		password.Value, password.Do = w.Say("account.off"), add
	}
	return []accountRow{
		{w.Say("profile.title"), r.Name, "@" + r.Handle, "/account/profile", change},
		address, password,
	}
}

func (s *Site) dataRows(v *visit) []accountRow {
	w := v.words
	return []accountRow{
		{w.Say("export.title"), w.Say("export.row"), "", "/account/data", w.Say("account.show")},
		{w.Say("leave.title"), w.Say("leave.row"), "", "/account/leave", w.Say("account.show")},
	}
}

// done is what has just happened, for the page that the reader was sent to.
func (v *visit) done() string {
	switch v.Get("done") {
	case "profile":
		return v.words.Say("done.profile")
	case "settings":
		return v.words.Say("done.settings")
	case "portrait":
		return v.words.Say("done.portrait")
	case "email":
		return v.words.Say("done.email")
	case "password":
		return v.words.Say("done.password")
	case "stay":
		return v.words.Say("done.stay")
	}
	return ""
}

// complain answers a form that could not be taken: its fields say why, or where
// none is to blame, the notice above it does.
func (s *Site) complain(v *visit, shown formPage, err error) (*page.Answer, error) {
	p := problem.Of(err)
	if p == nil || p.Kind == problem.Unavailable || p.Kind == problem.NotFound {
		return nil, err
	}
	shown.Forms[0].says(v, p.Fields)
	if len(p.Fields) == 0 {
		shown.Notice, shown.Bad = v.told(p.Detail), true
	}
	return page.WithStatus(v.form.With(shown), p.Kind.Status()).Wait(p.Wait), nil
}

// notHere is the page for a link that does not work for who has opened it.
func (s *Site) notHere(v *visit, err error, links ...link) (*page.Answer, error) {
	if !problem.Is(err, problem.Forbidden) {
		return s.deadLink(v, err, links...)
	}
	return page.WithStatus(v.note.With(notePage{
		chrome: s.personal(v, "link.other"), Lead: v.told(problem.Of(err).Detail),
		Links: []link{{"/logout", v.words.Say("logout.title")}, {"/account", v.words.Say("account.back")}},
	}), problem.Forbidden.Status()), nil
}
