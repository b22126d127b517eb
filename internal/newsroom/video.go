package newsroom

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"kawaraban/internal/desk"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// videoPage is what video.html shows: one video, what is said of it, where it stands.
type videoPage struct {
	chrome
	held
	Done       string
	Error      string
	Warning    string // that not every browser plays it
	Src, Type  string // the file; "" for what lives elsewhere
	Address    string // where that is
	Width      int    // in which the page shows it
	Height     int
	Length     string
	Poster     string // id
	PosterSrc  string
	PosterPath string
	Captions   string // address of the file, "" for none
	Language   string
	Spoken     string
	Lines      []captionLine
	Words      media.VideoWords
	Facts      []fact
	Errors     videoErrors
	By         string // typed: the number of a poster
	Tongue     string // typed: the language of captions
	Upload     uploadWords
}

// A captionLine is one caption, as text.
type captionLine struct{ At, Text string }

// videoErrors say what is wrong, each at its field.
type videoErrors struct{ Title, Credit, Until, Rights, By, Captions, Language string }

func (e *videoErrors) put(field, said string) {
	into := map[string]*string{
		"title": &e.Title, "credit": &e.Credit, "until": &e.Until, "rights": &e.Rights, "by": &e.By, "captions": &e.Captions, "language": &e.Language,
	}[field]
	if into != nil {
		*into = said
	}
}

// shownCaptions is how many captions a video's page shows as text.
const shownCaptions = 500

func (d *Desk) showVideo(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.videoPage(v, a)
	if err != nil {
		return nil, err
	}
	w := v.words
	switch v.Get("done") {
	case "words":
		p.Done = w.Say("video.done.words")
	case "rights":
		p.Done = w.Say("picture.done.rights")
	case "poster":
		p.Done = w.Say("video.done.poster")
	case "captions":
		p.Done = w.Say("video.done.captions")
	case "silent":
		p.Done = w.Say("video.done.silent")
	case "added":
		p.Done = w.Say("video.done.added")
	}
	return page.Show(v.video.With(p)), nil
}

func (d *Desk) videoPage(v *visit, a *reader.Actor) (p videoPage, err error) {
	w := v.words
	if p.chrome, err = d.chrome(v, "video.title"); err != nil {
		return p, err
	}
	one, err := d.Work.Media.Video(v.Context(), v.Path("id"))
	if err != nil {
		return p, err
	}
	p.ID, p.Path, p.Title = one.ID, videoPath(one.ID), d.filmLine(w, one).Title
	p.Words = media.VideoWords{Title: one.Title, Credit: one.Credit}
	p.Width, p.Height = fits(one.Width, one.Height)
	p.Type, p.Address, p.Length = one.Kind.Type(), one.Address, one.Clock()
	p.Mine, p.Hint, p.Delete = desk.MayDescribeVideo(a, one), w.Say("video.until.hint"), w.Say("video.delete")
	if err := d.hold(v, a, &p.held, one.Edited, one.Expires, one.Ended, one.Rights); err != nil {
		return p, err
	}
	if key := one.Key(); key != "" {
		p.Src = pictureBase + key
	}
	if one.Codec == "H.265" {
		p.Warning = w.Say("video.h265")
	}
	if err := d.setPoster(v, &p, one); err != nil {
		return p, err
	}
	if err := d.setCaptions(v, &p, one); err != nil {
		return p, err
	}
	if p.Facts, err = d.videoFacts(v, one); err != nil {
		return p, err
	}
	p.Upload = d.uploadWords(w)
	return p, nil
}

// setPoster sets the picture that stands for the video into its page.
func (d *Desk) setPoster(v *visit, p *videoPage, one *media.Video) error {
	if one.Poster == "" {
		return nil
	}
	found, err := d.Work.Media.Pictures(v.Context(), one.Poster)
	if err != nil {
		return err
	}
	p.Poster, p.PosterPath = one.Poster, picturePath(one.Poster)
	if poster := found[one.Poster]; poster != nil {
		for _, f := range poster.Renditions {
			if f.Format == media.JPEG && (p.PosterSrc == "" || f.Width <= largeWidth) {
				p.PosterSrc = pictureBase + f.Key
			}
		}
	}
	return nil
}

// setCaptions sets the captions of the video into its page, as a file and as text.
func (d *Desk) setCaptions(v *visit, p *videoPage, one *media.Video) error {
	p.Tongue = cmp.Or(one.Language, v.words.Tag.String())
	key := one.CaptionsKey()
	if key == "" {
		return nil
	}
	p.Captions, p.Language, p.Spoken = pictureBase+key, one.Language, page.TongueOf(one.Language)
	list, err := d.Work.Media.CaptionsOf(v.Context(), one)
	if err != nil {
		return err
	}
	for _, c := range list[:min(len(list), shownCaptions)] {
		s := int(c.From.Seconds())
		p.Lines = append(p.Lines, captionLine{fmt.Sprintf("%d:%02d", s/60, s%60), c.Plain()})
	}
	return nil
}

// videoFacts are what is known of a video.
func (d *Desk) videoFacts(v *visit, one *media.Video) (facts []fact, err error) {
	w := v.words
	people, err := d.names(v, one.Owner, one.EditedBy)
	if err != nil {
		return nil, err
	}
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, fact{name, value})
		}
	}
	from := w.Say("stories.wire")
	if one.Owner != "" {
		from = people.name(one.Owner)
	}
	add(w.Say("picture.fact.from"), w.Say("picture.fact.from.when", from, w.Moment(one.Created)))
	if one.EditedBy != "" {
		add(w.Say("picture.fact.edited"), w.Say("picture.fact.from.when", people.name(one.EditedBy), w.Moment(one.Edited)))
	}
	add(w.Say("picture.fact.name"), one.Name)
	add(w.Say("video.fact.address"), one.Address)
	add(w.Say("video.fact.length"), one.Clock())
	if one.Kind == media.HLS {
		add(w.Say("picture.fact.size"), w.Say("video.fact.sides", w.Number(one.Width), w.Number(one.Height)))
	} else {
		add(w.Say("picture.fact.size"), w.Say("video.fact.size", kindOfVideo(one.Kind), one.Codec, w.Number(one.Width), w.Number(one.Height), fmt.Sprintf("%.1f", float64(one.Size)/1e6)))
	}
	add(w.Say("picture.fact.id"), one.ID)
	return facts, nil
}

// videoWrong shows a video again with what could not be done.
func (d *Desk) videoWrong(v *visit, a *reader.Actor, err error, field string, typed func(*videoPage)) (*page.Answer, error) {
	bad := problem.Of(err)
	if bad == nil || bad.Kind == problem.NotFound {
		return nil, err
	}
	p, other := d.videoPage(v, a)
	if other != nil {
		return nil, other
	}
	typed(&p)
	if p.Error = v.tells(bad); bad.Kind == problem.Conflict && field == "title" {
		p.Seen = v.Field("seen") // who sends it once more has to look first
	}
	for field, said := range bad.Fields {
		p.Errors.put(field, v.words.Say(said))
	}
	if len(bad.Fields) == 0 && field == "captions" {
		p.Errors.Captions = p.Error // with the number of the line
	}
	return page.WithStatus(v.video.With(p), bad.Kind.Status()), nil
}

func (d *Desk) describeVideo(v *visit, a *reader.Actor) (*page.Answer, error) {
	said := media.VideoWords{Title: v.Field("title"), Credit: v.Field("credit")}
	var seen time.Time
	if n, _ := strconv.ParseInt(v.Field("seen"), 10, 64); n > 0 {
		seen = time.UnixMicro(n)
	}
	if err := d.Work.DescribeVideo(v.Context(), a, v.Path("id"), seen, said); err != nil {
		return d.videoWrong(v, a, err, "title", func(p *videoPage) { p.Words = said })
	}
	return page.SeeOther(videoPath(v.Path("id")) + "?done=words"), nil
}

// choosePoster takes a picture of the library by its number, or a file.
func (d *Desk) choosePoster(v *visit, a *reader.Actor) (*page.Answer, error) {
	id, by := v.Path("id"), v.Field("by")
	var err error
	for _, f := range v.Files("file") {
		if by, _, err = d.sendPicture(v, a, f); err != nil {
			break
		}
	}
	if err == nil {
		err = d.Work.SetPoster(v.Context(), a, id, by)
	}
	if err != nil {
		return d.videoWrong(v, a, err, "by", func(p *videoPage) { p.By = by })
	}
	return page.SeeOther(videoPath(id) + "?done=poster"), nil
}

func (d *Desk) captionVideo(v *visit, a *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	if v.Field("act") == "remove" {
		if err := d.Work.RemoveCaptions(v.Context(), a, id); err != nil {
			return d.videoWrong(v, a, err, "captions", func(*videoPage) {})
		}
		return page.SeeOther(videoPath(id) + "?done=silent"), nil
	}
	data, err := v.File("captions")
	if err == nil {
		err = d.Work.SetCaptions(v.Context(), a, id, data, v.Field("language"))
	}
	if err != nil {
		return d.videoWrong(v, a, err, "captions", func(p *videoPage) { p.Tongue = v.Field("language") })
	}
	return page.SeeOther(videoPath(id) + "?done=captions"), nil
}

func (d *Desk) setVideoRights(v *visit, a *reader.Actor) (*page.Answer, error) {
	until, err := d.parseDay(v.Field("until"), "until")
	if err == nil {
		err = d.Work.SetVideoRights(v.Context(), a, v.Path("id"), until, v.Field("rights"))
	}
	if err != nil {
		return d.videoWrong(v, a, err, "until", func(p *videoPage) { p.Until, p.Note = v.Field("until"), v.Field("rights") })
	}
	return page.SeeOther(videoPath(v.Path("id")) + "?done=rights"), nil
}

func (d *Desk) deleteVideo(v *visit, a *reader.Actor) (*page.Answer, error) {
	if err := d.Work.DeleteVideo(v.Context(), a, v.Path("id")); err != nil {
		return d.videoWrong(v, a, err, "", func(*videoPage) {})
	}
	return page.SeeOther(pictures + "?view=" + videosView), nil
}
