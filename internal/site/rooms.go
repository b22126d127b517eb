package site

import (
	"slices"
	"strings"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// rooms are the pages that are made for one reader, in one language. They are
// parsed when somebody first wants one in that language, so that the paper opens
// no later for them.
type rooms struct {
	words      *page.Language
	form       page.Template[formPage]
	note       page.Template[notePage]
	again      page.Template[againPage]
	account    page.Template[accountPage]
	sessions   page.Template[sessionsPage]
	people     page.Template[peoplePage]
	profile    page.Template[profilePage]
	letter     page.Template[letter]
	newsletter page.Template[newsletterPage]
	choose     page.Template[choosePage]
	following  page.Template[followingPage]
	totp       page.Template[totpPage]
	codes      page.Template[codesPage]
	passkeys   page.Template[passkeysPage]
	remarks    remarks
	talk       page.Template[talkPage]
	ballot     page.Template[pollPage]
	notices    page.Template[noticesPage]
	muted      page.Template[mutedPage]
	decisions  page.Template[decisionsPage]
	decision   page.Template[decisionPage]
	sponsor    page.Template[sponsorPage]
}

// roomsIn returns the rooms in a language; the paper's when it is "" or one that
// we do not speak.
func (s *Site) roomsIn(language string) (*rooms, error) {
	if !slices.Contains(page.Languages(), language) {
		language = s.Paper.Language
	}
	s.roomMu.Lock()
	defer s.roomMu.Unlock()
	if r := s.room[language]; r != nil {
		return r, nil
	}
	words, err := page.NewLanguage(language, s.Paper.Zone)
	if err != nil {
		return nil, err
	}
	r, err := s.parseRooms(words)
	if err != nil {
		return nil, err
	}
	if s.room == nil {
		s.room = map[string]*rooms{}
	}
	s.room[language] = r
	return r, nil
}

func (s *Site) parseRooms(words *page.Language) (r *rooms, err error) {
	v, err := page.NewViews(files, s.funcs(words), "layout.html", "picture.html", "card.html", "field.html", "portrait.html", "thread.html", "poll.html", "signup.html")
	if err != nil {
		return nil, err
	}
	letters, err := page.NewViews(files, s.funcs(words), "letter.html")
	if err != nil {
		return nil, err
	}
	r = &rooms{words: words}
	for _, parse := range []func() error{
		func() (err error) { r.form, err = page.View[formPage](v, "form.html", "page"); return },
		func() (err error) { r.note, err = page.View[notePage](v, "note.html", "page"); return },
		func() (err error) { r.again, err = page.View[againPage](v, "again.html", "page"); return },
		func() (err error) { r.account, err = page.View[accountPage](v, "account.html", "page"); return },
		func() (err error) { r.sessions, err = page.View[sessionsPage](v, "sessions.html", "page"); return },
		func() (err error) { r.people, err = page.View[peoplePage](v, "people.html", "page"); return },
		func() (err error) { r.profile, err = page.View[profilePage](v, "profile.html", "page"); return },
		func() (err error) { r.letter, err = page.View[letter](v, "letter.html", "letter"); return },
		func() (err error) {
			r.newsletter, err = page.View[newsletterPage](letters, "newsletter.html", "letter")
			return
		},
		func() (err error) { r.choose, err = page.View[choosePage](v, "choose.html", "page"); return },
		func() (err error) { r.following, err = page.View[followingPage](v, "following.html", "page"); return },
		func() (err error) { r.totp, err = page.View[totpPage](v, "totp.html", "page"); return },
		func() (err error) { r.codes, err = page.View[codesPage](v, "codes.html", "page"); return },
		func() (err error) { r.notices, err = page.View[noticesPage](v, "notices.html", "page"); return },
		func() (err error) { r.muted, err = page.View[mutedPage](v, "muted.html", "page"); return },
		func() (err error) { r.decisions, err = page.View[decisionsPage](v, "decisions.html", "page"); return },
		func() (err error) { r.decision, err = page.View[decisionPage](v, "decision.html", "page"); return },
		func() (err error) { r.sponsor, err = page.View[sponsorPage](v, "sponsor.html", "page"); return },
		func() (err error) { r.remarks.template, err = page.View[remark](v, "remark.html", "remark"); return },
		func() (err error) { r.talk, err = page.View[talkPage](v, "talk.html", "page"); return },
		func() (err error) { r.ballot, err = page.View[pollPage](v, "ballot.html", "page"); return },
		func() (err error) { r.passkeys, err = page.View[passkeysPage](v, "passkeys.html", "page"); return },
	} {
		if err := parse(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// personal is what is around a page that is made for one reader: the title is a
// key of the catalogue.
func (s *Site) personal(v *visit, title string) chrome {
	c := s.chrome("account-page")
	c.Language, c.NoIndex, c.Personal = v.words.Tag.String(), true, true
	c.Title = v.words.Say(title)
	if a := v.who.Actor; a != nil {
		c.Member, c.Newsroom = &a.Reader, hasNewsroom(a)
	}
	return c
}

// A formPage is a page with one form: what form.html shows.
type formPage struct {
	chrome
	Lead   string // a sentence under the title, "" for none
	Notice string // what has just happened, or is wrong with all of it
	Bad    bool   // the notice is of something wrong
	Forms  []form
	Links  []link // where else to go from here
	Script string // the script of the page, "" for none
}

// A form is what a reader fills in. What is typed wrong comes back as it was
// typed, with a message at its field; a password never does.
type form struct {
	Action string
	Files  bool // it has a field for a file
	Legend string
	Fields []field
	Next   string // where to go on afterwards
	Button string
	Quiet  bool   // the button is not what the page is about
	Danger bool   // the button takes something away
	Data   string // what the page's script does with it; it is hidden until the script shows it

	Options string // where the script asks how
	Failed  string // what the script says when nothing comes of it
	Without string // what is said where the script cannot work
}

// A field is one input of a form. Label, Hint and the options' names are in the
// reader's language already.
type field struct {
	Name    string
	ID      string // where a page has several fields of one name; "" is the name
	Label   string
	Type    string // of the input; "textarea", "select", "checkbox", "hidden", "radio"
	Value   string
	Auto    string // what a browser may fill in (WHATWG HTML, autofill)
	Hint    string
	Error   string
	Max     int
	Least   int    // characters of a new password
	Mode    string // inputmode
	Accept  string // types of files
	Options []option
	Need    bool
	On      bool // a checkbox is checked
	First   bool // the cursor begins here
}

// An option is one choice of a field.
type option struct {
	Value, Name string
	On          bool
}

// A link leads somewhere.
type link struct{ Path, Text string }

// notePage is a page that says something: what note.html shows.
type notePage struct {
	chrome
	Lead  string
	Text  []string
	Links []link
}

// againPage opens itself once more from our own site: what again.html shows.
type againPage struct {
	chrome
	To string
}

// says puts the errors of a form at its fields, and reports whether one of them
// is there to be read.
func (f *form) says(v *visit, errors map[string]string) (placed bool) {
	for i := range f.Fields {
		if said := errors[f.Fields[i].Name]; said != "" && f.Fields[i].Type != "hidden" {
			f.Fields[i].Error, placed = v.words.Say(said), true
		}
	}
	return placed
}

// tells is what a Problem tells in the reader's language, with its numbers.
func (v *visit) tells(p *problem.Problem) string {
	if p.Format == "" {
		return v.words.Say(p.Detail)
	}
	return v.words.Say(p.Format, p.Args...)
}

// told is a Problem's sentence in the reader's language.
func (v *visit) told(detail string) string { return v.words.Say(detail) }

// loginPath is where to log in and come back to a page of ours.
func (s *Site) loginPath(canonical string) string {
	path := strings.TrimPrefix(canonical, s.Paper.BaseURL)
	if path == "" || path == "/" {
		return "/login"
	}
	return "/login?next=" + escapeNext(path)
}

// memberPath is the address of a profile.
func memberPath(r *reader.Reader) string { return "/member/" + r.Handle }
