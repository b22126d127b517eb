package site

import (
	"io"

	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

func (s *Site) showExport(v *visit, a *reader.Actor) (*page.Answer, error) {
	return page.Show(v.form.With(s.exportPage(v, a))), nil
}

func (s *Site) exportPage(v *visit, a *reader.Actor) formPage {
	w := v.words
	p := formPage{
		chrome: s.personal(v, "export.title"), Lead: w.Say("export.lead"),
		Forms: []form{{Action: "/account/data", Button: w.Say("export.button")}},
		Links: []link{{"/account", w.Say("account.back")}},
	}
	if a.Reader.Email == "" {
		p.Links = append([]link{{"/account/email", w.Say("email.title")}}, p.Links...)
	}
	return p
}

func (s *Site) askExport(v *visit, a *reader.Actor) (*page.Answer, error) {
	w := v.words
	if err := s.Readers.AskExport(v.Context(), a); err != nil {
		return s.complain(v, s.exportPage(v, a), err)
	}
	return page.Show(v.note.With(notePage{
		chrome: s.personal(v, "export.sent"), Lead: w.Say("export.sent.lead", a.Reader.Email), Text: []string{w.Say("verify.sent.wait")},
		Links: []link{{"/account", w.Say("account.back")}},
	})), nil
}

// fetchExport sends the file of a letter's link to its owner.
func (s *Site) fetchExport(v *visit, a *reader.Actor) (*page.Answer, error) {
	f, err := s.Readers.OpenExport(v.Context(), a, v.Get("token"))
	if err != nil {
		return s.notHere(v, err, link{"/account/data", v.words.Say("export.again")})
	}
	defer f.Close()
	packed, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return page.Download(a.Reader.Handle+".zip", "application/zip", packed), nil
}

func (s *Site) showLeave(v *visit, a *reader.Actor) (*page.Answer, error) {
	w := v.words
	if a.Reader.Role.Staff() {
		return page.Show(v.note.With(notePage{
			chrome: s.personal(v, "leave.title"),
			Lead:   v.told("You work for the paper. Ask a publisher to make you a reader first; then you can delete the account."),
			Links:  []link{{"/account", w.Say("account.back")}},
		})), nil
	}
	if !a.Reader.Leaving.IsZero() {
		return page.SeeOther("/account"), nil
	}
	return page.Show(v.form.With(s.leavePage(v))), nil
}

func (s *Site) leavePage(v *visit) formPage {
	w := v.words
	return formPage{
		chrome: s.personal(v, "leave.title"), Lead: w.Say("leave.lead"),
		Forms: []form{{
			Action: "/account/leave", Button: w.Say("leave.button"), Danger: true,
			Fields: []field{{Name: "comments", Label: w.Say("leave.comments"), Type: "radio", Options: []option{
				{Value: string(reader.KeepComments), Name: w.Say("leave.keep"), On: true},
				{Value: string(reader.RemoveComments), Name: w.Say("leave.remove")},
			}}},
		}},
		Links: []link{{"/account/data", w.Say("export.title")}, {"/account", w.Say("account.back")}},
	}
}

func (s *Site) leave(v *visit, a *reader.Actor) (*page.Answer, error) {
	if err := s.Readers.BeginLeave(v.Context(), a, reader.Leave(v.Field("comments"))); err != nil {
		return s.complain(v, s.leavePage(v), err)
	}
	return page.SeeOther("/account"), nil
}

// stay keeps an account that was to be erased.
func (s *Site) stay(v *visit, a *reader.Actor) (*page.Answer, error) {
	if err := s.Readers.UndoLeave(v.Context(), a); err != nil {
		return nil, err
	}
	return page.SeeOther("/account?done=stay"), nil
}

// showUndoLeave has the button of a letter's link. Opening it changes nothing.
func (s *Site) showUndoLeave(v *visit) (*page.Answer, error) {
	token, w := v.Get("token"), v.words
	if err := s.Readers.MayUndoLeave(v.Context(), token); err != nil {
		return s.deadLink(v, err, link{"/login", w.Say("login.again")})
	}
	return page.Show(v.form.With(formPage{
		chrome: s.personal(v, "stay.title"), Lead: w.Say("stay.lead"),
		Forms: []form{{Action: "/account/leave/undo", Button: w.Say("leaving.undo"), Fields: []field{{Name: "token", Type: "hidden", Value: token}}}},
	})), nil
}

func (s *Site) undoLeave(v *visit) (*page.Answer, error) {
	w := v.words
	if err := s.Readers.UndoLeaveByLink(v.Context(), v.Field("token")); err != nil {
		return s.deadLink(v, err, link{"/login", w.Say("login.again")})
	}
	return page.Show(v.note.With(notePage{
		chrome: s.personal(v, "stay.done"), Lead: w.Say("done.stay"), Links: []link{{"/account", w.Say("account.back")}, {"/", w.Say("home")}},
	})), nil
}
