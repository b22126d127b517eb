package site

import (
	"time"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// factorRoutes are where a second factor is shown, and set up.
func (s *Site) factorRoutes(rt *page.Router) {
	s.pending(rt, "GET /login/second-factor", s.showFactor)
	s.pending(rt, "POST /login/second-factor", s.factor)
	s.pending(rt, "GET /login/enrol", s.showEnrol)
	s.pending(rt, "POST /login/enrol", s.enrol)
	s.pending(rt, "POST /login/enrol/options", s.askEnrol)
	s.sure(rt, "GET /account/second-factor", reader.MayManageSelf, s.showTOTP)
	s.sure(rt, "POST /account/second-factor", reader.MayManageSelf, s.setTOTP)
	s.sure(rt, "POST /account/second-factor/remove", reader.MayManageSelf, s.removeTOTP)
	s.sure(rt, "GET /account/recovery-codes", reader.MayManageSelf, s.showCodes)
	s.sure(rt, "POST /account/recovery-codes", reader.MayManageSelf, s.newCodes)
}

// showFactor asks for the second factor, or leads to where one is set up.
func (s *Site) showFactor(v *visit, p *reader.Pending) (*page.Answer, error) {
	next := safeNext(v.Get("next"))
	if p.Enrol() {
		return page.SeeOther(withNext("/login/enrol", next)), nil
	}
	shown, err := s.factorPage(v, p, next)
	if err != nil {
		return nil, err
	}
	return page.Show(v.form.With(shown)), nil
}

// factorPage has a form for each second factor that the account has.
func (s *Site) factorPage(v *visit, p *reader.Pending, next string) (formPage, error) {
	w := v.words
	shown := formPage{
		chrome: s.personal(v, "factor.ask"), Lead: w.Say("factor.ask.lead"), Script: "passkey.js",
		Links: []link{{"/logout", w.Say("logout.title")}},
	}
	ways, err := s.Readers.Ways(v.Context(), p.Reader.ID)
	if err != nil {
		return shown, err
	}
	if ways.Passkeys > 0 && s.party(v).Possible() {
		f := s.passkeyForm(v, "/login/second-factor", next, w.Say("factor.passkey"))
		f.Quiet, f.Without = ways.TOTP, w.Say("passkey.without")
		shown.Forms = append(shown.Forms, f)
	}
	if ways.TOTP {
		f := form{Action: "/login/second-factor", Next: next, Button: w.Say("factor.button"), Fields: []field{s.codeField(v)}}
		shown.Forms = append([]form{f}, shown.Forms...)
	}
	if ways.Codes > 0 {
		shown.Forms = append(shown.Forms, form{
			Action: "/login/second-factor", Next: next, Button: w.Say("factor.recovery.button"), Quiet: true, Legend: w.Say("factor.recovery"),
			Fields: []field{{Name: "recovery", Label: w.Say("factor.recovery.code"), Type: "text", Auto: "off", Need: true, Max: 40, Hint: w.Say("factor.recovery.hint")}},
		})
	}
	return shown, nil
}

func (s *Site) codeField(v *visit) field {
	return field{
		Name: "code", Label: v.words.Say("factor.code"), Type: "text", Auto: "one-time-code", Mode: "numeric", Need: true, Max: 20, First: true,
		Hint: v.words.Say("factor.code.hint"),
	}
}

func (s *Site) factor(v *visit, p *reader.Pending) (*page.Answer, error) {
	next := safeNext(v.Field("next"))
	var e reader.Entry
	var err error
	switch {
	case v.Field("answer") != "":
		e, err = s.Readers.PasskeyFactor(v.Context(), p, s.party(v), v.answer(), v.browser())
	case v.Field("recovery") != "":
		e, err = s.Readers.RecoveryCode(v.Context(), p, v.Field("recovery"), v.browser())
	default:
		e, err = s.Readers.Code(v.Context(), p, v.Field("code"), v.browser())
	}
	if err == nil {
		return s.welcome(e, next), nil
	}
	shown, other := s.factorPage(v, p, next)
	if other != nil {
		return nil, other
	}
	return s.failedForm(v, shown, err)
}

// codesPage is what codes.html shows, once.
type codesPage struct {
	chrome
	Notice string
	Codes  []string
	Made   time.Time
	Links  []link
}

// enrolled answers who has set up a second factor: with the recovery codes that
// came with it, else with where to go on. said is a key of the catalogue.
func (s *Site) enrolled(v *visit, done reader.Enrolled, said, next string) *page.Answer {
	var a *page.Answer
	switch {
	case done.Codes == nil && done.Entry != nil:
		return s.welcome(*done.Entry, next)
	case done.Codes == nil:
		return page.SeeOther(next)
	}
	p := codesPage{
		chrome: s.personal(v, "codes.title"), Notice: v.words.Say(said), Codes: done.Codes, Made: s.Now(),
		Links: []link{{next, v.words.Say("codes.go")}},
	}
	if done.Entry != nil {
		p.Member = &done.Entry.Reader
	}
	if a = page.Show(v.codes.With(p)); done.Entry != nil {
		a = admit(a, *done.Entry)
	}
	return a
}

// showEnrol leads somebody who must have a second factor to one.
func (s *Site) showEnrol(v *visit, p *reader.Pending) (*page.Answer, error) {
	next := safeNext(v.Get("next"))
	if !p.Enrol() {
		return page.SeeOther(withNext("/login/second-factor", next)), nil
	}
	seed, err := s.Readers.BegunTOTP(v.Context(), p, s.party(v))
	if err != nil {
		return nil, err
	}
	if seed == nil || v.Get("choose") != "" {
		return page.Show(v.form.With(s.enrolPage(v, next))), nil
	}
	shown, err := s.enrolTOTP(v, seed, next)
	if err != nil {
		return nil, err
	}
	return page.Show(v.totp.With(shown)), nil
}

func (s *Site) enrolPage(v *visit, next string) formPage {
	w := v.words
	p := formPage{
		chrome: s.personal(v, "enrol.title"), Lead: w.Say("enrol.lead"), Script: "passkey.js",
		Links: []link{{"/logout", w.Say("logout.title")}},
	}
	if s.party(v).Possible() {
		f := s.newPasskeyForm(v, "/login/enrol", next)
		f.Legend = w.Say("enrol.passkey")
		p.Forms = append(p.Forms, f)
	}
	p.Forms = append(p.Forms, form{
		Action: "/login/enrol", Next: next, Button: w.Say("totp.begin"), Legend: w.Say("enrol.totp"), Quiet: len(p.Forms) > 0,
		Fields: []field{{Name: "begin", Type: "hidden", Value: "1"}},
	})
	return p
}

func (s *Site) enrolTOTP(v *visit, seed *reader.Seed, next string) (totpPage, error) {
	p, err := s.totpPage(v, seed, "/login/enrol", next)
	choose := "/login/enrol?choose=1"
	if next != "/" {
		choose += "&next=" + escapeNext(next)
	}
	p.Links = []link{{choose, v.words.Say("totp.other")}, {"/logout", v.words.Say("logout.title")}}
	return p, err
}

// enrol takes what showEnrol asks for: the wish for one-time codes, a code, or
// a passkey.
func (s *Site) enrol(v *visit, p *reader.Pending) (*page.Answer, error) {
	next := safeNext(v.Field("next"))
	switch {
	case v.Field("begin") != "":
		if err := s.Readers.BeginTOTP(v.Context(), p); err != nil {
			return s.failedForm(v, s.enrolPage(v, next), err)
		}
		return page.SeeOther(withNext("/login/enrol", next)), nil
	case v.Field("answer") != "":
		done, err := s.Readers.AddPasskey(v.Context(), p, s.party(v), v.answer(), v.Field("name"), v.browser())
		if err == nil {
			return s.enrolled(v, done, "passkeys.done", next), nil
		}
		return s.failedForm(v, s.enrolPage(v, next), err)
	}
	done, err := s.Readers.ConfirmTOTP(v.Context(), p, v.Field("code"), v.browser())
	if err == nil {
		return s.enrolled(v, done, "totp.done", next), nil
	}
	if !problem.Is(err, problem.Invalid) {
		return s.failedForm(v, s.enrolPage(v, next), err)
	}
	seed, other := s.Readers.BegunTOTP(v.Context(), p, s.party(v))
	if other != nil || seed == nil {
		return s.failedForm(v, s.enrolPage(v, next), err)
	}
	shown, other := s.enrolTOTP(v, seed, next)
	if other != nil {
		return nil, other
	}
	return s.failedTOTP(v, shown, err)
}

func (s *Site) askEnrol(v *visit, p *reader.Pending) (*page.Answer, error) {
	if err := v.asked(); err != nil {
		return nil, err
	}
	return challenge(s.Readers.AskNewPasskey(v.Context(), p, s.party(v), v.Cookie(ceremonyCookie), v.browser()))
}

// showCodes says how many recovery codes are left. It cannot show them: only
// their hashes are kept.
func (s *Site) showCodes(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := s.codesState(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.form.With(p)), nil
}

func (s *Site) codesState(v *visit, a *reader.Actor) (formPage, error) {
	w := v.words
	p := formPage{
		chrome: s.personal(v, "codes.title"), Lead: w.Say("codes.none"),
		Links: []link{{totpPath, w.Say("factor.title")}, {"/account", w.Say("account.back")}},
	}
	ways, err := s.Readers.Ways(v.Context(), a.Reader.ID)
	if err != nil {
		return p, err
	}
	if ways.TOTP || ways.Passkeys > 0 {
		p.Lead = w.Count("codes.left", ways.Codes) + ". " + w.Say("codes.about")
		p.Forms = []form{{Action: "/account/recovery-codes", Button: w.Say("codes.new"), Legend: w.Say("codes.replace")}}
	}
	return p, nil
}

func (s *Site) newCodes(v *visit, a *reader.Actor) (*page.Answer, error) {
	list, err := s.Readers.NewRecoveryCodes(v.Context(), a)
	if err == nil {
		return s.enrolled(v, reader.Enrolled{Codes: list}, "codes.done", "/account/recovery-codes"), nil
	}
	p, other := s.codesState(v, a)
	if other != nil {
		return nil, other
	}
	return s.failedForm(v, p, err)
}
