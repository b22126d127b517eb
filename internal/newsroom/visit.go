package newsroom

import (
	"cmp"
	"net/url"
	"time"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A visit is a request of one person, and the words in which to answer.
type visit struct {
	*page.Visit
	who reader.Visitor
	*views
}

// A right is what a route asks of who comes, for the table that the tests hold
// against every role.
type right struct {
	Pattern    string
	Permission reader.Permission
}

// staff adds a page for those who may do p.
func (d *Desk) staff(rt *page.Router, pattern string, p reader.Permission, h handler) {
	rt.Personal(pattern, d.checked(pattern, p, h))
}

// A handler answers somebody who may be here.
type handler func(v *visit, a *reader.Actor) (*page.Answer, error)

// long is staff for a form with a long text.
func (d *Desk) long(rt *page.Router, pattern string, p reader.Permission, limit int64, h handler) {
	rt.Long(pattern, limit, d.checked(pattern, p, h))
}

// upload is staff for a form with files, of at most limit bytes each.
func (d *Desk) upload(rt *page.Router, pattern string, p reader.Permission, limit int64, h handler) {
	rt.Upload(pattern, limit, d.checked(pattern, p, h))
}

// slow is upload for a file that may take so long to arrive and to be worked on.
func (d *Desk) slow(rt *page.Router, pattern string, p reader.Permission, limit int64, most time.Duration, h handler) {
	rt.Slow(pattern, limit, d.checked(pattern, p, func(v *visit, a *reader.Actor) (*page.Answer, error) {
		if err := v.Receive(most); err != nil {
			return nil, err
		}
		return h(v, a)
	}))
}

// bytes is staff for what a script sends that is no form.
func (d *Desk) bytes(rt *page.Router, pattern string, p reader.Permission, h handler) {
	rt.Bytes(pattern, d.checked(pattern, p, h))
}

// checked is h for those who may do p.
func (d *Desk) checked(pattern string, p reader.Permission, h handler) page.Visited {
	d.rights = append(d.rights, right{pattern, p})
	return func(pv *page.Visit) (*page.Answer, error) {
		v, err := d.visit(pv)
		if err != nil {
			return nil, err
		}
		switch a := v.who.Actor; {
		case a == nil && v.WantsJSON():
			return tellLogin(v)
		case a == nil:
			return d.askLogin(v)
		case !a.May(reader.MayEnter):
			return nil, &problem.Problem{Kind: problem.Forbidden, Detail: "The newsroom is for those who work for the paper."}
		case !a.May(p):
			return nil, &problem.Problem{Kind: problem.Forbidden, Detail: "Your role may not do this. Ask a publisher if you need it for your work."}
		default:
			return h(v, a)
		}
	}
}

// visit finds out who asks, and speaks their language.
func (d *Desk) visit(pv *page.Visit) (*visit, error) {
	who, err := d.Readers.Who(pv.Context(), pv.Cookie(reader.SessionCookie))
	if err != nil {
		return nil, err
	}
	language := ""
	if who.Actor != nil {
		language = who.Actor.Reader.Language
	}
	views, err := d.viewsIn(language)
	return &visit{Visit: pv, who: who, views: views}, err
}

// back is where to go on after a log-in: the page that was asked for, or for a
// form, which has to be filled in once more, the page that it stands on.
func (v *visit) back() string {
	if !v.Sends() {
		return v.Here()
	}
	return cmp.Or(v.From(), "/newsroom")
}

// askLogin sends who is not logged in to where that can be done, and back.
func (d *Desk) askLogin(v *visit) (*page.Answer, error) {
	next := "?" + url.Values{"next": {v.back()}}.Encode()
	switch {
	case v.who.Pending != nil:
		return page.SeeOther("/login/second-factor" + next), nil
	case v.CrossSite() && !v.Sends():
		// The cookie of staff does not come along when another site leads here:
		// from our own page it does.
		c, err := d.chrome(v, "newsroom.title")
		return page.Show(v.again.With(againPage{chrome: c, To: v.Here()})), err
	default:
		return page.SeeOther("/login" + next), nil
	}
}

// tells is what a Problem tells in the language of whoever asks, with its
// numbers.
func (v *visit) tells(p *problem.Problem) string {
	if p.Format == "" {
		return v.words.Say(p.Detail)
	}
	return v.words.Say(p.Format, p.Args...)
}
