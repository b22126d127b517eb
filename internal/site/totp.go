package site

import (
	"fmt"
	"strings"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// totpPage is what totp.html shows: the key of one-time codes as a picture, as
// a link and as text.
type totpPage struct {
	chrome
	Notice  string
	Seed    reader.Seed
	Size    int    // modules on a side, with the white around them
	Modules string // the path that draws the dark ones
	Forms   []form
	Links   []link
}

// margin is the white that a QR code needs around it, in modules (ISO 18004).
const margin = 4

// totpPage shows a seed and asks for a code. action is where that goes.
func (s *Site) totpPage(v *visit, seed *reader.Seed, action, next string) (p totpPage, err error) {
	w := v.words
	f := form{Action: action, Next: next, Button: w.Say("totp.confirm"), Fields: []field{s.codeField(v)}}
	f.Fields[0].First = false // the key comes first
	p = totpPage{chrome: s.personal(v, "totp.setup"), Seed: *seed, Forms: []form{f}}
	modules, err := seed.QR()
	if err != nil {
		return p, err
	}
	p.Size = len(modules) + 2*margin
	var path strings.Builder
	for y, row := range modules {
		for x := 0; x < len(row); x++ {
			run := 0
			for x+run < len(row) && row[x+run] {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+margin, y+margin, run, run)
				x += run
			}
		}
	}
	p.Modules = path.String()
	return p, nil
}

// failedTOTP shows a seed once more, because the code was not its.
func (s *Site) failedTOTP(v *visit, p totpPage, err error) (*page.Answer, error) {
	bad := problem.Of(err)
	if bad == nil {
		return nil, err
	}
	if !p.Forms[0].says(v, bad.Fields) {
		p.Notice = v.told(bad.Detail)
	}
	return page.WithStatus(v.totp.With(p), bad.Kind.Status()), nil
}

const totpPath = "/account/second-factor"

// showTOTP says whether one-time codes are on, or shows the key of those that
// are being set up.
func (s *Site) showTOTP(v *visit, a *reader.Actor) (*page.Answer, error) {
	if !a.Reader.TOTP {
		seed, err := s.Readers.BegunTOTP(v.Context(), a, s.party(v))
		if err != nil {
			return nil, err
		}
		if seed != nil {
			p, err := s.accountTOTP(v, seed)
			if err != nil {
				return nil, err
			}
			return page.Show(v.totp.With(p)), nil
		}
	}
	p, err := s.factorState(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.form.With(p)), nil
}

func (s *Site) accountTOTP(v *visit, seed *reader.Seed) (totpPage, error) {
	p, err := s.totpPage(v, seed, totpPath, "")
	p.Links = []link{{"/account", v.words.Say("account.back")}}
	return p, err
}

// factorState is the page of an account's second factor.
func (s *Site) factorState(v *visit, a *reader.Actor) (formPage, error) {
	w := v.words
	p := formPage{chrome: s.personal(v, "factor.title"), Lead: w.Say("factor.off")}
	ways, err := s.Readers.Ways(v.Context(), a.Reader.ID)
	if err != nil {
		return p, err
	}
	if ways.TOTP {
		p.Lead = w.Say("factor.on")
		p.Forms = []form{{Action: totpPath + "/remove", Button: w.Say("totp.remove"), Danger: true}}
	} else {
		p.Forms = []form{{Action: totpPath, Button: w.Say("totp.begin"), Fields: []field{{Name: "begin", Type: "hidden", Value: "1"}}}}
	}
	if ways.TOTP || ways.Passkeys > 0 {
		p.Links = append(p.Links, link{"/account/recovery-codes", w.Count("codes.left", ways.Codes)})
	}
	p.Links = append(p.Links, link{"/account/passkeys", w.Say("passkeys.title")}, link{"/account", w.Say("account.back")})
	return p, nil
}

// codesHint says in the overview how many recovery codes are left.
func (s *Site) codesHint(v *visit, ways reader.Ways) string {
	if !ways.TOTP && ways.Passkeys == 0 {
		return ""
	}
	return v.words.Count("codes.left", ways.Codes)
}

// setTOTP takes the wish for one-time codes, and then a code.
func (s *Site) setTOTP(v *visit, a *reader.Actor) (*page.Answer, error) {
	if v.Field("begin") != "" {
		if err := s.Readers.BeginTOTP(v.Context(), a); err != nil {
			return nil, err
		}
		return page.SeeOther(totpPath), nil
	}
	done, err := s.Readers.ConfirmTOTP(v.Context(), a, v.Field("code"), v.browser())
	if err == nil {
		return s.enrolled(v, done, "totp.done", totpPath), nil
	}
	seed, other := s.Readers.BegunTOTP(v.Context(), a, s.party(v))
	if other == nil && seed != nil && !a.Reader.TOTP {
		p, other := s.accountTOTP(v, seed)
		if other != nil {
			return nil, other
		}
		return s.failedTOTP(v, p, err)
	}
	return s.failedState(v, a, err)
}

func (s *Site) failedState(v *visit, a *reader.Actor, err error) (*page.Answer, error) {
	p, other := s.factorState(v, a)
	if other != nil {
		return nil, other
	}
	return s.failedForm(v, p, err)
}

func (s *Site) removeTOTP(v *visit, a *reader.Actor) (*page.Answer, error) {
	if err := s.Readers.RemoveTOTP(v.Context(), a); err != nil {
		return s.failedState(v, a, err)
	}
	return page.SeeOther(totpPath), nil
}
