package site

import (
	"context"
	"net/http"
	"net/url"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A visit is a request of one reader, for a page that is made for that reader
// alone: who asks, and the words in which to answer.
type visit struct {
	*page.Visit
	who reader.Visitor
	*rooms
}

// The names of our cookies.
const (
	sessionCookie = reader.SessionCookie
	knownCookie   = "known"   // by which a browser is known in which somebody has logged in
	joiningCookie = "joining" // of the browser that registers
	awayCookie    = "away"    // of the browser that has gone to a provider
	memberCookie  = "member"  // tells our script that somebody is logged in, and nothing else

	ceremonyCookie = "ceremony" // of the browser that is asked for a passkey
)

// A right is what a personal route asks of who comes, for the table that the
// tests hold against every role.
type right struct {
	Pattern    string
	Kind       string // "anyone", "pending", "member", "sure", "machine"
	Permission reader.Permission
}

// anyone adds a personal page for everybody, logged in or not.
func (s *Site) anyone(rt *page.Router, pattern string, h func(v *visit) (*page.Answer, error)) {
	s.rights = append(s.rights, right{Pattern: pattern, Kind: "anyone"})
	rt.Personal(pattern, s.visited(h))
}

// machine adds an address for other people's servers, which prove what they
// send by itself.
func (s *Site) machine(rt *page.Router, pattern string, h page.Visited) {
	s.rights = append(s.rights, right{Pattern: pattern, Kind: "machine"})
	rt.Machine(pattern, h)
}

// machineBytes is machine for what is no form.
func (s *Site) machineBytes(rt *page.Router, pattern string, h page.Visited) {
	s.rights = append(s.rights, right{Pattern: pattern, Kind: "machine"})
	rt.MachineBytes(pattern, h)
}

// pending adds a page for those whose second factor is missing. It is all that
// they may have.
func (s *Site) pending(rt *page.Router, pattern string, h func(v *visit, p *reader.Pending) (*page.Answer, error)) {
	s.rights = append(s.rights, right{Pattern: pattern, Kind: "pending"})
	rt.Personal(pattern, s.visited(func(v *visit) (*page.Answer, error) {
		if v.who.Pending == nil {
			return s.askLogin(v)
		}
		return h(v, v.who.Pending)
	}))
}

// member adds a page for those who are logged in and may do p.
func (s *Site) member(rt *page.Router, pattern string, p reader.Permission, h func(v *visit, a *reader.Actor) (*page.Answer, error)) {
	s.rights = append(s.rights, right{pattern, "member", p})
	rt.Personal(pattern, s.visited(s.allowed(p, h)))
}

// upload is member for a form with a file of at most limit bytes.
func (s *Site) upload(rt *page.Router, pattern string, limit int64, p reader.Permission, h func(v *visit, a *reader.Actor) (*page.Answer, error)) {
	s.rights = append(s.rights, right{pattern, "member", p})
	rt.Upload(pattern, limit, s.visited(s.allowed(p, h)))
}

// sure adds a page for what is dangerous: those who may do p have proved who
// they are a short while ago, or do it now and are sent on.
func (s *Site) sure(rt *page.Router, pattern string, p reader.Permission, h func(v *visit, a *reader.Actor) (*page.Answer, error)) {
	s.rights = append(s.rights, right{pattern, "sure", p})
	rt.Personal(pattern, s.visited(s.allowed(p, func(v *visit, a *reader.Actor) (*page.Answer, error) {
		if a.Sure(s.Now()) {
			return h(v, a)
		}
		return page.SeeOther("/login/again?" + url.Values{"next": {v.back()}}.Encode()), nil
	})))
}

func (s *Site) allowed(p reader.Permission, h func(v *visit, a *reader.Actor) (*page.Answer, error)) func(v *visit) (*page.Answer, error) {
	return func(v *visit) (*page.Answer, error) {
		if v.who.Actor == nil {
			return s.askLogin(v)
		}
		if !v.who.Actor.May(p) {
			return nil, &problem.Problem{Kind: problem.Forbidden, Detail: "Your account may not do this."}
		}
		return h(v, v.who.Actor)
	}
}

// open adds what an open page asks by itself: it is no use of the session.
func (s *Site) open(rt *page.Router, pattern string, h func(v *visit) (*page.Answer, error)) {
	s.rights = append(s.rights, right{Pattern: pattern, Kind: "anyone"})
	rt.Personal(pattern, s.asked(s.Readers.Look, h))
}

// beacon adds what an open page says by itself, of nobody.
func (s *Site) beacon(rt *page.Router, pattern string, h func(r *http.Request, b *page.Beacon) error) {
	s.rights = append(s.rights, right{Pattern: pattern, Kind: "anyone"})
	rt.Beacon(pattern, h)
}

// visited finds out who asks, and speaks their language.
func (s *Site) visited(h func(v *visit) (*page.Answer, error)) page.Visited {
	return s.asked(s.Readers.Who, h)
}

func (s *Site) asked(who func(context.Context, string) (reader.Visitor, error), h func(v *visit) (*page.Answer, error)) page.Visited {
	return func(pv *page.Visit) (*page.Answer, error) {
		who, err := who(pv.Context(), pv.Cookie(sessionCookie))
		if err != nil {
			return nil, err
		}
		v := &visit{Visit: pv, who: who}
		if v.rooms, err = s.roomsIn(v.language()); err != nil {
			return nil, err
		}
		return h(v)
	}
}

// language is the one that the reader chose; "" is the paper's.
func (v *visit) language() string {
	switch {
	case v.who.Actor != nil:
		return v.who.Actor.Reader.Language
	case v.who.Pending != nil:
		return v.who.Pending.Reader.Language
	}
	return ""
}

// back is where to go on after something that had to come first: the page that
// was asked for, or for a form, which has to be filled in once more, the page
// that it stands on.
func (v *visit) back() string {
	if !v.Sends() {
		return v.Here()
	}
	if from := safeNext(v.From()); from != "/" {
		return from
	}
	return "/account"
}

// askLogin sends who is not logged in to where that can be done, and back.
func (s *Site) askLogin(v *visit) (*page.Answer, error) {
	if v.who.Pending != nil {
		return page.SeeOther(withNext("/login/second-factor", v.back())), nil
	}
	if v.CrossSite() && !v.Sends() {
		// The cookie of staff does not come along when another site leads here:
		// from our own page it does.
		return page.Show(v.again.With(againPage{chrome: s.personal(v, "again.title"), To: v.Here()})), nil
	}
	return page.SeeOther("/login?" + url.Values{"next": {v.back()}}.Encode()), nil
}

// browser is the reader's browser as package reader knows it.
func (v *visit) browser() reader.Browser {
	return reader.Browser{
		Agent: v.Agent(), Network: page.Network(v.Address()), Region: page.Region(v.Address()),
		Known: v.Cookie(knownCookie), Before: v.Cookie(sessionCookie),
	}
}

// knownLife is how long a browser is known.
const knownLife = reader.DeviceLife

// welcome answers a log-in: the browser keeps the session, and the reader goes
// on where they were going.
func (s *Site) welcome(e reader.Entry, next string) *page.Answer {
	if e.Next != "" {
		next = e.Next
	}
	next = safeNext(next)
	if e.Kind == reader.PendingSession {
		return admit(page.SeeOther(withNext("/login/second-factor", next)), e)
	}
	return admit(page.SeeOther(next), e)
}

// admit makes the browser keep a session, and know that it does.
func admit(a *page.Answer, e reader.Entry) *page.Answer {
	session := page.Cookie{Name: sessionCookie, Value: e.Token.Reveal(), Life: e.Kind.Life(), Strict: e.Kind == reader.StaffSession}
	if e.Kind == reader.PendingSession {
		return a.Keep(session)
	}
	return a.Keep(session,
		page.Cookie{Name: knownCookie, Value: e.Known.Reveal(), Life: knownLife},
		page.Cookie{Name: memberCookie, Value: "1", Life: e.Kind.Life(), Open: true},
		page.Cookie{Name: joiningCookie})
}

// farewell takes away what a log-in has left, but not what makes the browser
// known.
func farewell(a *page.Answer) *page.Answer {
	return a.Keep(page.Cookie{Name: sessionCookie}, page.Cookie{Name: memberCookie})
}

// wrong is the form of a Problem that says which field is wrong; other errors
// are not the form's.
func wrong(err error) (map[string]string, error) {
	p := problem.Of(err)
	if p == nil || len(p.Fields) == 0 {
		return nil, err
	}
	return p.Fields, nil
}
