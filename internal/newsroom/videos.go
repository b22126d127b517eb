package newsroom

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// videos is the address of the videos of the library.
const videos = "/newsroom/videos"

func videoPath(id string) string { return videos + "/" + id }

// videosView is the view of the library that shows videos.
const videosView = "videos"

// foundVideos is how many videos the dialog of a story shows.
const foundVideos = 8

// A filmLine is a video in the list.
type filmLine struct {
	Path, Small    string // Small is the poster, "" for none
	Title, Credit  string
	When, At       string
	Length, Kind   string
	Rights         string
	Ended, Foreign bool // Foreign lives elsewhere
}

// A streamForm is the form for a video that lives elsewhere.
type streamForm struct {
	Address, Title, Duration, Width, Height string
	Open                                    bool // something was typed
	Error                                   string
	Errors                                  streamErrors
}

// streamErrors say what is wrong, each at its field.
type streamErrors struct{ Address, Title, Duration, Width string }

func (d *Desk) filmLine(w *page.Language, v *media.Video) filmLine {
	l := filmLine{
		Path: videoPath(v.ID), Title: excerpt(cmp.Or(v.Title, v.Name, v.Address), 160), Credit: excerpt(v.Credit, 80),
		When: w.Moment(v.Created), At: w.Machine(v.Created), Length: v.Clock(), Kind: kindOfVideo(v.Kind),
		Rights: d.lasts(w, v.Expires, v.Ended), Ended: v.Ended, Foreign: v.Kind == media.HLS,
	}
	if v.Poster != "" {
		l.Small = picturePath(v.Poster) + "/small"
	}
	if l.Title == "" {
		l.Title = w.Say("pictures.untitled")
	}
	return l
}

func kindOfVideo(k media.VideoKind) string {
	switch k {
	case media.WebM:
		return "WebM"
	case media.HLS:
		return "HLS"
	}
	return "MP4"
}

// listVideos sets the videos of the library into its page.
func (d *Desk) listVideos(v *visit, a *reader.Actor, p *picturesPage) (older string, err error) {
	list, older, err := d.Work.Videos(v.Context(), a, media.VideoFilter{Words: p.Words, Before: v.Get("before"), Limit: picturesPerPage})
	for _, one := range list {
		p.Films = append(p.Films, d.filmLine(v.words, one))
	}
	return older, err
}

// addStream takes a video that lives elsewhere into the library.
func (d *Desk) addStream(v *visit, a *reader.Actor) (*page.Answer, error) {
	f := streamForm{Address: v.Field("address"), Title: v.Field("title"), Duration: v.Field("duration"), Width: v.Field("width"), Height: v.Field("height"), Open: true}
	t := media.Stream{Address: f.Address, Title: strings.TrimSpace(f.Title)}
	var err error
	if t.Duration, err = parseClock(f.Duration); err == nil {
		if t.Width, t.Height, err = parseSides(f.Width, f.Height); err == nil {
			var id string
			if id, _, err = d.Work.AddStream(v.Context(), a, t); err == nil {
				return page.SeeOther(videoPath(id) + "?done=added"), nil
			}
		}
	}
	bad := problem.Of(err)
	if bad == nil {
		return nil, err
	}
	p, err := d.libraryPage(v, a, videosView)
	if err != nil {
		return nil, err
	}
	f.Error = v.tells(bad)
	for field, said := range bad.Fields {
		into := map[string]*string{"address": &f.Errors.Address, "title": &f.Errors.Title, "duration": &f.Errors.Duration, "width": &f.Errors.Width}[field]
		if into != nil {
			*into = v.words.Say(said)
		}
	}
	p.Stream = f
	return page.WithStatus(v.pictures.With(p), bad.Kind.Status()), nil
}

// parseClock reads minutes and seconds: "2:30", "1:02:30", "45"; "" is not known.
func parseClock(text string) (time.Duration, error) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, nil
	}
	parts := strings.Split(text, ":")
	total := 0
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || n > 86_400 || i > 0 && (n > 59 || len(part) != 2) || len(parts) > 3 {
			return 0, &problem.Problem{
				Kind: problem.Invalid, Detail: "Write minutes and seconds, as 2:30.", Fields: map[string]string{"duration": "Write minutes and seconds, as 2:30."},
			}
		}
		total = total*60 + n
	}
	return time.Duration(total) * time.Second, nil
}

func parseSides(width, height string) (w, h int, err error) {
	width, height = strings.TrimSpace(width), strings.TrimSpace(height)
	if width == "" && height == "" {
		return 0, 0, nil
	}
	w, bad := strconv.Atoi(width)
	h, worse := strconv.Atoi(height)
	if bad != nil || worse != nil || w < 1 || h < 1 {
		return 0, 0, &problem.Problem{
			Kind: problem.Invalid, Detail: "Give width and height in pixels, or neither.", Fields: map[string]string{"width": "Give width and height in pixels, or neither."},
		}
	}
	return w, h, nil
}

// findVideos are the videos that the dialog of a story offers, before its pictures.
func (d *Desk) findVideos(v *visit, a *reader.Actor) (found []foundPicture, err error) {
	list, _, err := d.Work.Videos(v.Context(), a, media.VideoFilter{Words: v.Get("q"), Usable: true, Limit: foundVideos})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, one := range list {
		ids = append(ids, one.Poster)
	}
	posters, err := d.Work.Media.Pictures(v.Context(), ids...)
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		p := posters[one.Poster]
		if p == nil || p.Ended {
			continue
		}
		found = append(found, videoFound(one, p))
	}
	return found, nil
}

// videoFound is a video to choose for a story; p is its poster, nil for none.
func videoFound(v *media.Video, p *media.Picture) foundPicture {
	f := foundPicture{ID: v.Poster, Caption: v.Title, Credit: v.Credit, Video: v.ID, Length: v.Clock()}
	if p != nil {
		f.Caption, f.Credit, f.Alt = cmp.Or(f.Caption, p.Caption), cmp.Or(f.Credit, p.Credit), p.Alt
	}
	return f
}
