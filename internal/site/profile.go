package site

import (
	"net/http"
	"slices"
	"unicode/utf8"

	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// maxPortrait is how large a file may be from which a portrait is made.
const maxPortrait = 5 << 20

// profilePage is what profile.html shows: what others see of a reader, and how
// the paper speaks to them.
type profilePage struct {
	chrome
	Notice   string
	Bad      bool
	Portrait portrait
	Picture  []form // changes the portrait
	Forms    []form
	Links    []link
}

// A portrait is the picture of a reader, or the first letter of the name.
type portrait struct {
	File   string // "" for none
	Letter string
	Name   string
}

func newPortrait(r *reader.Reader) portrait {
	_, size := utf8.DecodeRuneInString(r.Name)
	return portrait{File: r.PortraitFile(), Letter: r.Name[:size], Name: r.Name}
}

// Forms of the profile page, by their place.
const (
	profileForm  = 0
	settingsForm = 1
)

func (s *Site) showProfile(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := s.profilePage(v, a, reader.Profile{Name: a.Reader.Name, Handle: a.Reader.Handle, Bio: a.Reader.Bio})
	if err != nil {
		return nil, err
	}
	p.Notice = v.done()
	return page.Show(v.profile.With(p)), nil
}

func (s *Site) profilePage(v *visit, a *reader.Actor, typed reader.Profile) (p profilePage, err error) {
	w, r := v.words, &a.Reader
	language, err := s.languageField(v, r.Language)
	if err != nil {
		return p, err
	}
	p = profilePage{
		chrome: s.personal(v, "profile.title"), Portrait: newPortrait(r),
		Picture: []form{{
			Action: "/account/profile/portrait", Files: true, Button: w.Say("portrait.button"), Quiet: true,
			Fields: []field{{
				Name: "portrait", Label: w.Say("portrait.file"), Type: "file", Need: true, Hint: w.Say("portrait.hint"),
				Accept: "image/jpeg,image/png,image/webp,image/gif",
			}},
		}},
		Links: []link{{memberPath(r), w.Say("profile.own")}, {"/account", w.Say("account.back")}},
	}
	if r.Portrait != "" {
		p.Picture = append(p.Picture, form{Action: "/account/profile/portrait/remove", Button: w.Say("portrait.remove"), Danger: true})
	}
	p.Forms = []form{
		profileForm: {
			Action: "/account/profile", Legend: w.Say("profile.public"), Button: w.Say("profile.button"),
			Fields: []field{
				{Name: "name", Label: w.Say("name"), Type: "text", Value: typed.Name, Auto: "nickname", Need: true, Max: 60, Hint: w.Say("register.name")},
				{Name: "handle", Label: w.Say("profile.handle"), Type: "text", Value: typed.Handle, Auto: "off", Need: true, Max: 30, Hint: w.Say("profile.handle.hint", s.Paper.URL("/member/"))},
				{Name: "bio", Label: w.Say("profile.bio"), Type: "textarea", Value: typed.Bio, Max: 300, Hint: w.Say("profile.bio.hint")},
			},
		},
		settingsForm: {
			Action: "/account/profile/settings", Legend: w.Say("settings.title"), Button: w.Say("profile.button"),
			Fields: []field{
				language,
				lettersField(v, r.Letters),
			},
		},
	}
	return p, nil
}

// languageField chooses the language of the pages and letters.
func (s *Site) languageField(v *visit, chosen string) (field, error) {
	f := field{Name: "language", Label: v.words.Say("settings.language"), Type: "select"}
	names := append([]string{""}, page.Languages()...)
	for _, name := range names {
		r, err := s.roomsIn(name)
		if err != nil {
			return f, err
		}
		text := r.words.Say("language") // in itself, for who cannot read another
		if name == "" {
			text = v.words.Say("settings.language.paper", text)
		}
		f.Options = append(f.Options, option{Value: name, Name: text, On: name == chosen})
	}
	return f, nil
}

func (s *Site) setProfile(v *visit, a *reader.Actor) (*page.Answer, error) {
	typed := reader.Profile{Name: v.Field("name"), Handle: v.Field("handle"), Bio: v.Field("bio")}
	err := s.Readers.SetProfile(v.Context(), a, typed)
	if err == nil {
		return page.SeeOther("/account/profile?done=profile"), nil
	}
	fields, err := wrong(err)
	if err != nil {
		return nil, err
	}
	shown, err := s.profilePage(v, a, typed)
	if err != nil {
		return nil, err
	}
	shown.Forms[profileForm].says(v, fields)
	return page.Wrong(v.profile.With(shown)), nil
}

func (s *Site) setSettings(v *visit, a *reader.Actor) (*page.Answer, error) {
	n := reader.Settings{Language: v.Field("language"), Letters: reader.Letters(v.Field("letters"))}
	if n.Language != "" && !slices.Contains(page.Languages(), n.Language) {
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "The paper does not speak this language."}
	}
	if err := s.Readers.SetSettings(v.Context(), a, n); err != nil {
		return nil, err
	}
	return page.SeeOther("/account/profile?done=settings"), nil
}

// setPortrait draws the portrait at once, so that what is wrong with the
// picture is said to whoever sent it.
func (s *Site) setPortrait(v *visit, a *reader.Actor) (*page.Answer, error) {
	sent, err := v.File("portrait")
	var drawn []byte
	if err == nil {
		drawn, err = s.drawPortrait(sent)
	}
	if err == nil {
		if err := s.Readers.SetPortrait(v.Context(), a, drawn); err != nil {
			return nil, err
		}
		return page.SeeOther("/account/profile?done=portrait"), nil
	}
	p := problem.Of(err)
	if p == nil {
		return nil, err
	}
	shown, err := s.profilePage(v, a, reader.Profile{Name: a.Reader.Name, Handle: a.Reader.Handle, Bio: a.Reader.Bio})
	if err != nil {
		return nil, err
	}
	shown.Picture[0].says(v, map[string]string{"portrait": v.tells(p)})
	return page.WithStatus(v.profile.With(shown), p.Kind.Status()), nil
}

// drawPortrait draws one portrait at a time: each may open a picture of 200 MB.
func (s *Site) drawPortrait(sent []byte) ([]byte, error) {
	s.drawing.Lock()
	defer s.drawing.Unlock()
	return media.Portrait(sent)
}

func (s *Site) removePortrait(v *visit, a *reader.Actor) (*page.Answer, error) {
	if err := s.Readers.SetPortrait(v.Context(), a, nil); err != nil {
		return nil, err
	}
	return page.SeeOther("/account/profile?done=portrait"), nil
}

// portraitLife lets browsers keep a portrait: another one has another name.
// What is shared by many asks every few seconds whether it is still there.
const portraitLife = "public, max-age=31536000, immutable, s-maxage=10"

// lettersField asks how letters about answers come.
func lettersField(v *visit, now reader.Letters) field {
	w := v.words
	f := field{Name: "letters", Label: w.Say("settings.letters"), Type: "select", Hint: w.Say("settings.hint")}
	for _, o := range []option{
		{Value: string(reader.LettersNow), Name: w.Say("settings.letters.now")},
		{Value: string(reader.LettersDaily), Name: w.Say("settings.letters.daily")},
		{Value: string(reader.LettersOff), Name: w.Say("settings.letters.off")},
	} {
		o.On = o.Value == string(now)
		f.Options = append(f.Options, o)
	}
	return f
}

// servePortrait answers /portrait/{file} while it is somebody's portrait.
func (s *Site) servePortrait(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Readers.OpenPortrait(r.Context(), r.PathValue("file"))
	if err != nil {
		return err
	}
	defer f.Close()
	h := w.Header()
	h.Set("Content-Type", media.JPEG.Type())
	h.Set("Cache-Control", portraitLife)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	http.ServeContent(w, r, "", f.ModTime, f)
	return nil
}
