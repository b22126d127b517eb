package newsroom

import (
	"net/url"
	"strings"

	"kawaraban/internal/desk"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// pictures is the address of the library.
const pictures = "/newsroom/pictures"

const (
	picturesPerPage = 60
	foundPictures   = 24 // that the dialog of a story shows
)

func picturePath(id string) string { return pictures + "/" + id }

// picturesPage is what pictures.html shows: the library.
type picturesPage struct {
	chrome
	Views    []view
	View     string
	Words    string
	Lines    []pictureLine
	Older    string // address of the next page, "" on the last
	First    string // and of the first, "" there
	Filtered bool
	Sent     []sentFile // what became of files that a form has brought
	Upload   uploadWords
}

// A pictureLine is a picture in the list.
type pictureLine struct {
	Path, Small string
	Caption     string
	Credit      string
	When, At    string
	Width       int // of the small picture
	Height      int
	Bare        bool
	State       string // that it is being drawn, or why it cannot be; "" when it is ready
	Rights      string // until when it may be shown, "" for ever
	Ended       bool
}

// A sentFile is a file and what became of it.
type sentFile struct {
	Name, Path, Said string
	Bad              bool
}

// uploadWords are the words of the script that sends files.
type uploadWords map[string]string

func (d *Desk) uploadWords(w *page.Language) uploadWords {
	return uploadWords{
		"waiting": w.Say("upload.waiting"), "sending": w.Say("upload.sending"), "lost": w.Say("upload.lost"), "reading": w.Say("upload.reading"),
		"done": w.Say("upload.done"), "known": w.Say("upload.known"), "failed": w.Say("upload.failed"), "login": w.Say("upload.login"),
		"stopped": w.Say("upload.stopped"), "cancel": w.Say("upload.cancel"), "again": w.Say("upload.again"), "open": w.Say("upload.open"),
		"point": w.Say("picture.point.at"), "none": w.Say("picture.replace.none"),
	}
}

// pictureView is how the views of the library narrow it.
func pictureView(name string, f *desk.PictureFilter) string {
	switch name {
	case "bare":
		f.Bare = true
	case "ending":
		f.Ending = true
	case "unused":
		f.Unused = true
	default:
		return ""
	}
	return name
}

func (d *Desk) showPictures(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.picturesPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.pictures.With(p)), nil
}

func (d *Desk) picturesPage(v *visit, a *reader.Actor) (p picturesPage, err error) {
	w := v.words
	p = picturesPage{Words: v.Get("q"), Upload: d.uploadWords(w)}
	if p.chrome, err = d.chrome(v, "pictures.title"); err != nil {
		return p, err
	}
	f := desk.PictureFilter{Filter: media.Filter{Words: p.Words, Before: v.Get("before"), Limit: picturesPerPage}}
	p.View = pictureView(v.Get("view"), &f)
	for _, o := range []view{
		{"", w.Say("pictures.all"), false},
		{"bare", w.Say("pictures.bare"), false},
		{"ending", w.Say("pictures.ending"), false},
		{"unused", w.Say("pictures.unused"), false},
	} {
		o.Here = o.Path == p.View
		if o.Path != "" {
			o.Path = "?view=" + o.Path
		}
		o.Path = pictures + o.Path
		p.Views = append(p.Views, o)
	}
	p.Filtered = p.View != "" || p.Words != ""
	list, older, err := d.Work.Pictures(v.Context(), a, f)
	if err != nil {
		return p, err
	}
	for _, one := range list {
		p.Lines = append(p.Lines, d.pictureLine(w, one))
	}
	here := url.Values{}
	for key, value := range map[string]string{"view": p.View, "q": p.Words} {
		if value != "" {
			here.Set(key, value)
		}
	}
	if f.Before != "" {
		p.First = strings.TrimSuffix(pictures+"?"+here.Encode(), "?")
	}
	if older != "" {
		here.Set("before", older)
		p.Older = pictures + "?" + here.Encode()
	}
	p.Keys = append([]shortcut{
		{[]string{"/"}, w.Say("pictures.find")},
		{[]string{"u"}, w.Say("upload.choose")},
		{[]string{"j"}, w.Say("stories.down")},
		{[]string{"k"}, w.Say("stories.up")},
	}, p.Keys...)
	return p, nil
}

func (d *Desk) pictureLine(w *page.Language, p *media.Picture) pictureLine {
	l := pictureLine{
		Path: picturePath(p.ID), Small: picturePath(p.ID) + "/small", Caption: excerpt(p.Caption, 160), Credit: excerpt(p.Credit, 80),
		When: w.Moment(p.Created), At: w.Machine(p.Created), Bare: p.Credit == "", Rights: d.rightsWord(w, p), Ended: p.Ended,
		Width: smallWidth, Height: max(1, p.Height*smallWidth/p.Width),
	}
	for _, text := range []string{p.Alt, p.Headline, p.Name} {
		if l.Caption == "" {
			l.Caption = excerpt(text, 160)
		}
	}
	if l.Caption == "" {
		l.Caption = w.Say("pictures.untitled")
	}
	l.State = stateOfPicture(w, p)
	return l
}

// stateOfPicture says that a picture is not ready, and why.
func stateOfPicture(w *page.Language, p *media.Picture) string {
	switch p.State {
	case media.Waiting:
		return w.Say("pictures.waiting")
	case media.Failed:
		return w.Say("pictures.failed", w.Say(p.Reason))
	}
	return ""
}

// rightsWord says until when a picture may be shown; "" for ever.
func (d *Desk) rightsWord(w *page.Language, p *media.Picture) string {
	switch last := lastDay(p); {
	case p.Expires.IsZero():
		return ""
	case p.Ended:
		return w.Say("pictures.ended", w.Day(last))
	default:
		return w.Say("pictures.until", w.Day(last))
	}
}

// A foundPicture is one to choose for a story.
type foundPicture struct {
	ID      string `json:"id"`
	Caption string `json:"caption"`
	Credit  string `json:"credit"`
	Alt     string `json:"alt"`
}

// findPictures answers the dialogs in which a picture is chosen.
func (d *Desk) findPictures(v *visit, a *reader.Actor) (*page.Answer, error) {
	list, _, err := d.Work.Pictures(v.Context(), a, desk.PictureFilter{Filter: media.Filter{Words: v.Get("q"), Usable: true, Limit: foundPictures}})
	if err != nil {
		return d.refuse(v, err)
	}
	found := []foundPicture{}
	for _, p := range list {
		found = append(found, foundPicture{p.ID, p.Caption, p.Credit, p.Alt})
	}
	return page.JSON(found)
}

// sendPictures takes the files of a form, of a browser without a script.
func (d *Desk) sendPictures(v *visit, a *reader.Actor) (*page.Answer, error) {
	var sent []sentFile
	for _, f := range v.Files("pictures") {
		s := sentFile{Name: f.Name}
		id, known, err := d.sendPicture(v, a, f)
		switch p := problem.Of(err); {
		case p != nil:
			s.Bad, s.Said = true, v.tells(p)
		case err != nil:
			return nil, err
		default:
			s.Path, s.Said = picturePath(id), v.words.Say("upload.done")
			if known {
				s.Said = v.words.Say("upload.known")
			}
		}
		sent = append(sent, s)
	}
	p, err := d.picturesPage(v, a)
	if err != nil {
		return nil, err
	}
	if p.Sent = sent; len(sent) == 0 {
		p.Sent = []sentFile{{Bad: true, Said: v.words.Say("upload.nothing")}}
	}
	if p.Sent[0].Bad {
		return page.Wrong(v.pictures.With(p)), nil
	}
	return page.Show(v.pictures.With(p)), nil
}

func (d *Desk) sendPicture(v *visit, a *reader.Actor, f page.File) (id string, known bool, err error) {
	data, err := f.Bytes()
	if err != nil {
		return "", false, err
	}
	return d.Work.SendPicture(v.Context(), a, f.Name, data)
}
