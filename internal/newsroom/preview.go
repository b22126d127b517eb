package newsroom

import (
	"context"
	"fmt"
	"io"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A Look is one way in which an article is seen before it is published. The face
// of the readers shows it: faces do not know each other, so cmd gives it here.
type Look struct {
	Name string // in addresses: "phone"
	Word string // its key in the catalogue
	Wide int    // pixels of the frame, 0: as wide as there is room
	Show func(ctx context.Context, a *article.Article, pictures string) (*page.Answer, error)
}

// previewPage is what preview.html shows: an article in a frame, as readers would
// have it.
type previewPage struct {
	chrome
	Story    string
	Headline string
	Views    []view
	Frame    string // address of what is in the frame
	Look     string
	Links    []linkView
	NewLink  string // that was just made, to be copied: nobody sees it again
	Expires  string
	Zone     string
	Note     string
	Error    string
	Done     string
	ID       string
}

const pictureBase = "/newsroom/media/"

func (d *Desk) showPreview(v *visit, a *reader.Actor) (*page.Answer, error) {
	t, err := d.Work.Story(v.Context(), a, v.Path("id"))
	if err != nil {
		return nil, err
	}
	p, err := d.previewPage(v, a, t)
	if err != nil {
		return nil, err
	}
	if v.Get("done") == "unshared" {
		p.Done = v.words.Say("story.done.unshared")
	}
	return d.framed(v, p), nil
}

// framed answers with a page that has one of ours in a frame.
func (d *Desk) framed(v *visit, p previewPage) *page.Answer {
	return page.Show(v.preview.With(p)).Allow("frame-src", "'self'")
}

func (d *Desk) previewPage(v *visit, a *reader.Actor, t *desk.Story) (p previewPage, err error) {
	id := t.Article.ID
	p = previewPage{Story: storyPath(id), ID: id, Headline: t.Copy.Headline, Zone: d.Now().In(d.Paper.Zone).Format("MST")}
	if p.chrome, err = d.chrome(v, "preview.title"); err != nil {
		return p, err
	}
	if p.Headline == "" {
		p.Headline = v.words.Say("stories.untitled")
	}
	p.Look = v.Get("as")
	if _, err := d.look(p.Look); err != nil {
		p.Look = d.Looks[0].Name
	}
	for _, l := range d.Looks {
		p.Views = append(p.Views, view{p.Story + "/preview?as=" + l.Name, v.words.Say(l.Word), l.Name == p.Look})
	}
	p.Frame = p.Story + "/preview/" + p.Look
	p.Expires = d.Now().In(d.Paper.Zone).Add(2 * 24 * time.Hour).Format(localTime)
	p.Links, err = d.links(v, a, id)
	return p, err
}

func (d *Desk) look(name string) (Look, error) {
	for _, l := range d.Looks {
		if l.Name == name {
			return l, nil
		}
	}
	return Look{}, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such preview."}
}

// showFrame is what stands in the frame of a preview.
func (d *Desk) showFrame(v *visit, a *reader.Actor) (*page.Answer, error) {
	l, err := d.look(v.Path("look"))
	if err != nil {
		return nil, err
	}
	t, err := d.Work.Story(v.Context(), a, v.Path("id"))
	if err != nil {
		return nil, err
	}
	return l.Show(v.Context(), t.Draft(), pictureBase)
}

// shareDraft makes a link for somebody outside the house, and shows it once.
func (d *Desk) shareDraft(v *visit, a *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	t, err := d.Work.Story(v.Context(), a, id)
	if err != nil {
		return nil, err
	}
	p, err := d.previewPage(v, a, t)
	if err != nil {
		return nil, err
	}
	p.Note, p.Expires = v.Field("note"), v.Field("expires")
	expires, err := d.parseLocal(p.Expires, "expires")
	if err == nil {
		token, shared := d.Work.ShareDraft(v.Context(), a, id, p.Note, expires)
		if err = shared; err == nil {
			p.NewLink = d.Paper.BaseURL + "/preview/" + token.Reveal()
			if p.Links, err = d.links(v, a, id); err != nil {
				return nil, err
			}
			return d.framed(v, p), nil
		}
	}
	bad := problem.Of(err)
	if bad == nil {
		return nil, err
	}
	p.Error = v.tells(bad)
	return d.framed(v, p).Status(bad.Kind.Status()), nil
}

// unshareDraft takes a link back.
func (d *Desk) unshareDraft(v *visit, a *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	if err := d.Work.Unshare(v.Context(), a, id, v.Path("link")); err != nil {
		return nil, err
	}
	return page.SeeOther(storyPath(id) + "/preview?done=unshared"), nil
}

// showPicture serves a rendition to those who write, also of a picture that no
// reader may have yet.
func (d *Desk) showPicture(v *visit, _ *reader.Actor) (*page.Answer, error) {
	f, err := d.Work.Media.Open(v.Context(), v.Path("key"))
	if err != nil {
		return nil, err
	}
	if f.Video {
		return page.Long(f.Type, f), nil
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("read a picture: %w", err)
	}
	return page.Picture(f.Type, content), nil
}

// smallWidth is how wide a picture is in the newsroom's lists.
const smallWidth = 320

// showSmall serves a picture as lists show it: the narrowest rendition that is wide
// enough.
func (d *Desk) showSmall(v *visit, _ *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	found, err := d.Work.Media.Pictures(v.Context(), id)
	if err != nil {
		return nil, err
	}
	key := ""
	if p := found[id]; p != nil {
		for _, f := range p.Renditions {
			if key == "" || f.Width <= smallWidth {
				key = f.Key
			}
		}
	}
	if key == "" {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such picture, or it is still being drawn."}
	}
	return page.SeeOther(pictureBase + key), nil
}
