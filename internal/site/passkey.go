package site

import (
	"context"
	"encoding/json"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// passkeyRoutes are where passkeys are made, shown and kept.
func (s *Site) passkeyRoutes(rt *page.Router) {
	rt.Public("GET /.well-known/passkey-endpoints", s.showPasskeyEndpoints)
	s.anyone(rt, "POST /login/passkey/options", s.askPasskey)
	s.anyone(rt, "POST /login/passkey", s.loginPasskey)
	s.sure(rt, "GET /account/passkeys", reader.MayManageSelf, s.showPasskeys)
	s.sure(rt, "POST /account/passkeys/options", reader.MayManageSelf, s.askNewPasskey)
	s.sure(rt, "POST /account/passkeys", reader.MayManageSelf, s.addPasskey)
	s.sure(rt, "GET /account/passkeys/{id}", reader.MayManageSelf, s.showPasskey)
	s.sure(rt, "POST /account/passkeys/{id}", reader.MayManageSelf, s.renamePasskey)
	s.sure(rt, "POST /account/passkeys/{id}/remove", reader.MayManageSelf, s.removePasskey)
}

// showPasskeyEndpoints tells password managers where passkeys are made and kept
// (W3C, A Well-Known URL for Relying Party Passkey Endpoints).
func (s *Site) showPasskeyEndpoints(context.Context, page.Query) (*page.Body, error) {
	if !(reader.Party{Name: s.Paper.Name, URL: s.Paper.BaseURL}).Possible() {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	where := s.Paper.URL("/account/passkeys")
	content, err := json.Marshal(map[string]string{"enroll": where, "manage": where})
	if err != nil {
		return nil, err
	}
	return page.Text("application/json", content), nil
}

// party is the paper as passkeys know it. A paper without a name, such as one that
// is tried out at 127.0.0.1, has one for those who sit before it.
func (s *Site) party(v *visit) reader.Party {
	p := reader.Party{Name: s.Paper.Name, URL: s.Paper.BaseURL}
	if here := (reader.Party{Name: s.Paper.Name, URL: "http://" + v.Host()}); !p.Possible() && here.Possible() {
		return here
	}
	return p
}

// passkeyForm is a form that the page's script fills with what a passkey
// answers, and sends. It is hidden until the script knows that it can.
func (s *Site) passkeyForm(v *visit, action, next, button string) form {
	return form{
		Action: action, Next: next, Button: button, Quiet: true,
		Data: "get", Options: "/login/passkey/options", Failed: v.words.Say("passkey.failed"),
		Fields: []field{{Name: "answer", Type: "hidden"}},
	}
}

// newPasskeyForm is passkeyForm for a passkey that is to be made.
func (s *Site) newPasskeyForm(v *visit, action, next string) form {
	w := v.words
	return form{
		Action: action, Next: next, Button: w.Say("passkeys.button"),
		Data: "create", Options: action + "/options", Failed: w.Say("passkey.failed"), Without: w.Say("passkey.without"),
		Fields: []field{
			{Name: "name", Label: w.Say("passkeys.name"), Type: "text", Value: reader.Device(v.Agent()), Hint: w.Say("passkeys.name.hint"), Max: 60},
			{Name: "answer", Type: "hidden"},
		},
	}
}

// answer is what a passkey has answered, with what the browser is known by.
func (v *visit) answer() reader.Shown {
	return reader.Shown{Answer: v.Field("answer"), Browser: v.Cookie(ceremonyCookie)}
}

// challenge answers a script with a challenge, which the browser remembers.
func challenge(c reader.Challenge, err error) (*page.Answer, error) {
	if err != nil {
		return nil, err
	}
	a, err := page.JSON(c.Options)
	if err != nil {
		return nil, err
	}
	return a.Keep(page.Cookie{Name: ceremonyCookie, Value: c.Browser.Reveal(), Life: reader.CeremonyLife, Strict: true}), nil
}

// maxQuestion is the length of what a script asks for a challenge with: {}.
const maxQuestion = 256

// asked refuses what our script does not send. A form of another site cannot be
// JSON.
func (v *visit) asked() error {
	b, err := v.Body(maxQuestion)
	if err != nil {
		return err
	}
	var nothing map[string]struct{}
	if err := json.Unmarshal(b, &nothing); err != nil || len(nothing) > 0 {
		return &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again.", Err: err}
	}
	return nil
}

func (s *Site) askPasskey(v *visit) (*page.Answer, error) {
	if err := v.asked(); err != nil {
		return nil, err
	}
	return challenge(s.Readers.AskPasskey(v.Context(), v.who, s.party(v), v.Cookie(ceremonyCookie), v.browser()))
}

func (s *Site) loginPasskey(v *visit) (*page.Answer, error) {
	next := safeNext(v.Field("next"))
	e, err := s.Readers.LoginPasskey(v.Context(), s.party(v), v.answer(), v.browser())
	if err == nil {
		return s.welcome(e, next), nil
	}
	return s.failedForm(v, s.loginPage(v, "", next), err)
}

// failedForm shows a page once more with what is wrong: at the fields that it is
// about, else above them all.
func (s *Site) failedForm(v *visit, shown formPage, err error) (*page.Answer, error) {
	p := problem.Of(err)
	if p == nil || p.Kind == problem.Unavailable {
		return nil, err
	}
	placed := false
	for i := range shown.Forms {
		placed = shown.Forms[i].says(v, p.Fields) || placed
	}
	if !placed {
		shown.Notice, shown.Bad = v.told(p.Detail), true
	}
	return page.WithStatus(v.form.With(shown), p.Kind.Status()).Wait(p.Wait), nil
}

// passkeysPage is what passkeys.html shows.
type passkeysPage struct {
	chrome
	Notice string
	List   []reader.Passkey
	Forms  []form
	Links  []link
}

func (s *Site) passkeysPage(v *visit, a *reader.Actor) (p passkeysPage, err error) {
	p = passkeysPage{chrome: s.personal(v, "passkeys.title"), Links: []link{{"/account", v.words.Say("account.back")}}}
	if s.party(v).Possible() {
		p.Forms = []form{s.newPasskeyForm(v, "/account/passkeys", "")}
		p.Forms[0].Legend = v.words.Say("passkeys.new")
	} else {
		p.Notice = v.words.Say("passkeys.impossible")
	}
	p.List, err = s.Readers.Passkeys(v.Context(), a.Reader.ID)
	return p, err
}

func (s *Site) showPasskeys(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := s.passkeysPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.passkeys.With(p)), nil
}

func (s *Site) askNewPasskey(v *visit, a *reader.Actor) (*page.Answer, error) {
	if err := v.asked(); err != nil {
		return nil, err
	}
	return challenge(s.Readers.AskNewPasskey(v.Context(), a, s.party(v), v.Cookie(ceremonyCookie), v.browser()))
}

func (s *Site) addPasskey(v *visit, a *reader.Actor) (*page.Answer, error) {
	done, err := s.Readers.AddPasskey(v.Context(), a, s.party(v), v.answer(), v.Field("name"), v.browser())
	if err == nil {
		return s.enrolled(v, done, "passkeys.done", "/account/passkeys"), nil
	}
	problem := problem.Of(err)
	if problem == nil {
		return nil, err
	}
	p, err := s.passkeysPage(v, a)
	if err != nil {
		return nil, err
	}
	if len(p.Forms) == 0 || !p.Forms[0].says(v, problem.Fields) {
		p.Notice = v.told(problem.Detail)
	}
	return page.WithStatus(v.passkeys.With(p), problem.Kind.Status()).Wait(problem.Wait), nil
}

// passkeyPage is where one passkey is renamed or removed.
func (s *Site) passkeyPage(v *visit, a *reader.Actor) (p formPage, err error) {
	w := v.words
	k, err := s.Readers.Passkey(v.Context(), a.Reader.ID, v.Path("id"))
	if err != nil {
		return p, err
	}
	p = formPage{
		chrome: s.personal(v, "passkey.title"),
		Forms: []form{
			{Action: "/account/passkeys/" + k.ID, Button: w.Say("passkey.rename"), Fields: []field{
				{Name: "name", Label: w.Say("passkeys.name"), Type: "text", Value: k.Name, Need: true, Max: 60},
			}},
			{Action: "/account/passkeys/" + k.ID + "/remove", Button: w.Say("passkey.remove"), Danger: true, Legend: w.Say("passkey.removing")},
		},
		Links: []link{{"/account/passkeys", w.Say("passkeys.title")}, {"/account", w.Say("account.back")}},
	}
	return p, nil
}

func (s *Site) showPasskey(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := s.passkeyPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.form.With(p)), nil
}

func (s *Site) renamePasskey(v *visit, a *reader.Actor) (*page.Answer, error) {
	return s.changePasskey(v, a, s.Readers.RenamePasskey(v.Context(), a, v.Path("id"), v.Field("name")))
}

func (s *Site) removePasskey(v *visit, a *reader.Actor) (*page.Answer, error) {
	return s.changePasskey(v, a, s.Readers.RemovePasskey(v.Context(), a, v.Path("id")))
}

func (s *Site) changePasskey(v *visit, a *reader.Actor, changed error) (*page.Answer, error) {
	if changed == nil {
		return page.SeeOther("/account/passkeys"), nil
	}
	p, err := s.passkeyPage(v, a)
	if err != nil {
		return nil, err
	}
	if len(p.Forms[0].Fields) > 0 && v.Field("name") != "" {
		p.Forms[0].Fields[0].Value = v.Field("name")
	}
	if problem.Is(changed, problem.Conflict) {
		// The way out: another factor, or a password.
		p.Links = append([]link{{"/account/password", v.words.Say("passkey.password")}, {"/account/second-factor", v.words.Say("factor.title")}}, p.Links...)
	}
	return s.failedForm(v, p, changed)
}
