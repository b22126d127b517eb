package site

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
)

// A picture is one picture in one place of a page. Its place is there from the
// start, also while nothing can be shown in it yet.
type picture struct {
	Width, Height int    // proportions of the whole picture
	Src           string // the JPEG for browsers that choose nothing; "" while it is being drawn
	JPEG, WebP    string // srcset
	Sizes         string
	Alt           string
	Soon          bool   // in sight when the page opens
	First         bool   // and the biggest thing there
	Focus         string // classes that keep what matters in sight when it is cropped
}

// Tall reports whether the picture is higher than wide, so that a page can keep
// it from filling the screen.
func (p *picture) Tall() bool { return p.Height > p.Width }

// Sizes of a picture's place, for the browser's choice of a rendition. They
// follow the style sheet's columns.
const (
	leadSizes    = "(min-width: 60rem) 66vw, 100vw"
	cardSizes    = "(min-width: 60rem) 33vw, 100vw"
	thumbSizes   = "(min-width: 40rem) 14rem, 7rem"
	articleSizes = "(min-width: 60rem) 62rem, 100vw"
	wideSizes    = "(min-width: 80rem) 76rem, 100vw"
	bodySizes    = "(min-width: 44rem) 40rem, 100vw"
)

// fallbackWidth is the width of the JPEG that a browser without srcset gets.
const fallbackWidth = 960

// newPicture sets p in a place of the given sizes; nil when there is no such
// picture, or the right to show it has ended.
func newPicture(p *media.Picture, alt, sizes string) *picture {
	if p == nil || p.Ended {
		return nil
	}
	v := &picture{Width: p.Width, Height: p.Height, Alt: alt, Sizes: sizes, Focus: p.Focus.Classes()}
	if v.Alt == "" {
		v.Alt = p.Alt
	}
	base := cmp.Or(p.Base, "/media/")
	var jpeg, webp []string
	for _, f := range p.Renditions {
		entry := fmt.Sprintf("%s%s %dw", base, f.Key, f.Width)
		switch f.Format {
		case media.JPEG:
			jpeg = append(jpeg, entry)
			if v.Src == "" || f.Width <= fallbackWidth {
				v.Src = base + f.Key
			}
		case media.WebP:
			webp = append(webp, entry)
		}
	}
	v.JPEG, v.WebP = strings.Join(jpeg, ", "), strings.Join(webp, ", ")
	return v
}

// widest is the picture's widest JPEG, for other sites; the zero File when it
// has none, or the right to show it has ended.
func widest(p *media.Picture) (best media.File) {
	if p == nil || p.Ended {
		return best
	}
	for _, f := range p.Renditions {
		if f.Format == media.JPEG && f.Width > best.Width {
			best = f
		}
	}
	return best
}

// pictures finds the lead pictures of cards.
func (s *Site) pictures(ctx context.Context, lists ...[]article.Card) (map[string]*media.Picture, error) {
	var ids []string
	for _, list := range lists {
		for _, c := range list {
			if c.Lead.Picture != "" {
				ids = append(ids, c.Lead.Picture)
			}
		}
	}
	return s.Media.Pictures(ctx, ids...)
}

// shows notes for the cache which pictures a page shows: it is another page when one
// of them changes, or when the right to show it ends.
func shows(b *page.Body, found map[string]*media.Picture) *page.Body {
	for _, id := range slices.Sorted(maps.Keys(found)) {
		b.Tagged(media.Tag(id))
		if p := found[id]; !p.Ended {
			b.Until(p.Expires)
		}
	}
	return b
}
