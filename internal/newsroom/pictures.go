package newsroom

import (
	"net/url"
	"strings"
	"time"

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
	Videos   bool // it shows videos
	Films    []filmLine
	Stream   streamForm
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
	case videosView:
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
	return d.libraryPage(v, a, v.Get("view"))
}

func (d *Desk) libraryPage(v *visit, a *reader.Actor, chosen string) (p picturesPage, err error) {
	w := v.words
	p = picturesPage{Words: v.Get("q"), Upload: d.uploadWords(w)}
	if p.chrome, err = d.chrome(v, "pictures.title"); err != nil {
		return p, err
	}
	f := desk.PictureFilter{Filter: media.Filter{Words: p.Words, Before: v.Get("before"), Limit: picturesPerPage}}
	p.View = pictureView(chosen, &f)
	for _, o := range []view{
		{"", w.Say("pictures.all"), false},
		{videosView, w.Say("pictures.videos"), false},
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
	older := ""
	if p.Videos = p.View == videosView; p.Videos {
		older, err = d.listVideos(v, a, &p)
	} else {
		older, err = d.listPictures(v, a, f, &p)
	}
	if err != nil {
		return p, err
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

// listPictures sets the pictures of the library into its page.
func (d *Desk) listPictures(v *visit, a *reader.Actor, f desk.PictureFilter, p *picturesPage) (older string, err error) {
	list, older, err := d.Work.Pictures(v.Context(), a, f)
	for _, one := range list {
		p.Lines = append(p.Lines, d.pictureLine(v.words, one))
	}
	return older, err
}

func (d *Desk) pictureLine(w *page.Language, p *media.Picture) pictureLine {
	l := pictureLine{
		Path: picturePath(p.ID), Small: picturePath(p.ID) + "/small", Caption: excerpt(p.Caption, 160), Credit: excerpt(p.Credit, 80),
		When: w.Moment(p.Created), At: w.Machine(p.Created), Bare: p.Credit == "", Rights: d.lasts(w, p.Expires, p.Ended), Ended: p.Ended,
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

// lasts says until when something may be shown; "" for ever.
func (d *Desk) lasts(w *page.Language, expires time.Time, ended bool) string {
	switch last := lastDay(expires); {
	case expires.IsZero():
		return ""
	case ended:
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
	Video   string `json:"video,omitempty"` // id of the video for which the picture stands
	Length  string `json:"length,omitempty"`
}

// findPictures answers the dialogs in which a picture is chosen.
func (d *Desk) findPictures(v *visit, a *reader.Actor) (*page.Answer, error) {
	list, _, err := d.Work.Pictures(v.Context(), a, desk.PictureFilter{Filter: media.Filter{Words: v.Get("q"), Usable: true, Limit: foundPictures}})
	if err != nil {
		return d.refuse(v, err)
	}
	found := []foundPicture{}
	if v.Get("videos") != "" {
		if found, err = d.findVideos(v, a); err != nil {
			return d.refuse(v, err)
		}
	}
	for _, p := range list {
		found = append(found, foundPicture{ID: p.ID, Caption: p.Caption, Credit: p.Credit, Alt: p.Alt})
	}
	return page.JSON(found)
}

// sendPictures takes the files of a form, of a browser without a script.
func (d *Desk) sendPictures(v *visit, a *reader.Actor) (*page.Answer, error) {
	var sent []sentFile
	for _, f := range v.Files("pictures") {
		s := sentFile{Name: f.Name}
		path, known, err := d.sendFile(v, a, f)
		switch p := problem.Of(err); {
		case p != nil:
			s.Bad, s.Said = true, v.tells(p)
		case err != nil:
			return nil, err
		default:
			s.Path, s.Said = path, v.words.Say("upload.done")
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

// sendFile takes a picture or a video, and returns where it is now.
func (d *Desk) sendFile(v *visit, a *reader.Actor, f page.File) (path string, known bool, err error) {
	data, err := f.Bytes()
	if err != nil {
		return "", false, err
	}
	id, known, err := d.Work.SendPicture(v.Context(), a, f.Name, data)
	if media.IsVideo(data) {
		return videoPath(id), known, err
	}
	return picturePath(id), known, err
}

func (d *Desk) sendPicture(v *visit, a *reader.Actor, f page.File) (id string, known bool, err error) {
	data, err := f.Bytes()
	if err != nil {
		return "", false, err
	}
	return d.Work.SendPicture(v.Context(), a, f.Name, data)
}
