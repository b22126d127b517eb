package site

import (
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// accountPage is what account.html shows: all that belongs to an account, with
// its state and where to change it.
type accountPage struct {
	chrome
	Notice  string
	Leaving string // when the account is erased; "" if it stays
	Undo    form   // keeps it
	Rows    []accountRow
	Forms   []form
	Links   []link // where else to go from here
}

// accountRow is one thing that can be changed.
type accountRow struct {
	Name, Value, Hint string
	Path, Do          string
}

// showAccount is the overview of an account.
func (s *Site) showAccount(v *visit, a *reader.Actor) (*page.Answer, error) {
	w, r := v.words, &a.Reader
	p := accountPage{chrome: s.personal(v, "account.title")}
	p.Notice = v.done()
	if !r.Leaving.IsZero() {
		p.Leaving = w.Say("leaving.banner", w.Moment(r.Leaving))
		p.Undo = form{Action: "/account/leave/stay", Button: w.Say("leaving.undo"), Quiet: true}
	}
	ways, err := s.Readers.Ways(v.Context(), r.ID)
	if err != nil {
		return nil, err
	}
	totp, keys := w.Say("account.off"), w.Say("account.off")
	if r.TOTP {
		totp = w.Say("account.on")
	}
	if ways.Passkeys > 0 {
		keys = w.Count("passkeys.count", ways.Passkeys)
	}
	unread, err := s.Comments.Unread(v.Context(), r.ID)
	if err != nil {
		return nil, err
	}
	answers := w.Say("account.notices.none")
	if unread > 0 {
		answers = w.Count("account.notices.some", unread)
	}
	p.Rows = append(s.selfRows(v, a),
		accountRow{w.Say("account.notices"), answers, "", "/account/notices", w.Say("account.show")},
		accountRow{w.Say("choose.title"), w.Say("choose.row"), "", "/account/newsletters", w.Say("account.show")},
		accountRow{w.Say("following.title"), w.Say("following.row"), "", followingPath, w.Say("account.show")},
		accountRow{w.Say("decisions.title"), w.Say("decisions.row"), "", "/account/decisions", w.Say("account.show")},
		accountRow{w.Say("factor.title"), totp, s.codesHint(v, ways), totpPath, w.Say("account.change")},
		accountRow{w.Say("passkeys.title"), keys, "", "/account/passkeys", w.Say("account.change")})
	connections, err := s.connectionsRow(v, a)
	if err != nil {
		return nil, err
	}
	p.Rows = append(append(p.Rows, connections...),
		accountRow{w.Say("sessions.title"), a.Session.Device, w.Say("sessions.here"), "/account/sessions", w.Say("account.show")})
	if a.May(reader.MayManage) {
		p.Rows = append(p.Rows, accountRow{w.Say("people.title"), w.Say("people.hint"), "", "/account/people", w.Say("account.show")})
	}
	p.Rows = append(p.Rows, s.dataRows(v)...)
	p.Forms = []form{{Action: "/logout", Button: w.Say("logout.button"), Quiet: true}}
	return page.Show(v.account.With(p)), nil
}

// sessionsPage is what sessions.html shows.
type sessionsPage struct {
	chrome
	List  []sessionRow
	Forms []form
	Links []link
}

type sessionRow struct {
	reader.Session
	Here bool // this browser
	End  form
}

func (s *Site) showSessions(v *visit, a *reader.Actor) (*page.Answer, error) {
	w := v.words
	list, err := s.Readers.Sessions(v.Context(), a.Reader.ID)
	if err != nil {
		return nil, err
	}
	p := sessionsPage{chrome: s.personal(v, "sessions.title"), Links: []link{{"/account", w.Say("account.back")}}}
	for _, at := range list {
		at.Way = s.way(v, at.Way)
		p.List = append(p.List, sessionRow{Session: at, Here: at.ID == a.Session.ID, End: form{
			Action: "/account/sessions/" + at.ID, Button: w.Say("sessions.end"), Quiet: true,
		}})
	}
	if len(list) > 1 {
		p.Forms = []form{{Action: "/account/sessions", Button: w.Say("sessions.endall"), Danger: true}}
	}
	return page.Show(v.sessions.With(p)), nil
}

// way names how somebody logged in.
func (s *Site) way(v *visit, way string) string {
	switch way {
	case "password":
		return v.words.Say("way.password")
	case "passkey":
		return v.words.Say("way.passkey")
	}
	return way
}

func (s *Site) endSession(v *visit, a *reader.Actor) (*page.Answer, error) {
	if err := s.Readers.EndSession(v.Context(), a, v.Path("id")); err != nil {
		return nil, err
	}
	return page.SeeOther("/account/sessions"), nil
}

func (s *Site) endSessions(v *visit, a *reader.Actor) (*page.Answer, error) {
	if err := s.Readers.EndOthers(v.Context(), a); err != nil {
		return nil, err
	}
	return page.SeeOther("/account/sessions"), nil
}
