package site

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

const plainText = "text/plain"

// showRobots tells crawlers where the sitemaps are (RFC 9309).
func (s *Site) showRobots(context.Context, page.Query) (*page.Body, error) {
	return page.Text(plainText, fmt.Appendf(nil, "User-agent: *\nAllow: /\nDisallow: /network/to/\n\nSitemap: %s\nSitemap: %s\n",
		s.Paper.URL("/sitemap.xml"), s.Paper.URL("/news-sitemap.xml"))), nil
}

// nobodySells is the record by which a file without sellers says that there
// are none (IAB ads.txt 1.1, 3.2.1).
const nobodySells = "placeholder.example.com, placeholder, DIRECT, placeholder"

// showAds says who may sell the paper's space.
func (s *Site) showAds(context.Context, page.Query) (*page.Body, error) {
	lines := s.Paper.AdsTxt
	if len(lines) == 0 {
		lines = []string{nobodySells}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "OWNERDOMAIN=%s\n", s.Paper.OwnerDomain)
	for _, line := range lines {
		fmt.Fprintln(&b, line)
	}
	return page.Text(plainText, b.Bytes()), nil
}

// securityAge is how long security.txt says that it is true. It is written anew
// all the time, and RFC 9116, 2.5.5 recommends less than a year.
const securityAge = 180 * 24 * time.Hour

// showSecurity says where holes are reported (RFC 9116).
func (s *Site) showSecurity(context.Context, page.Query) (*page.Body, error) {
	contact := s.Paper.SecurityContact
	if contact == "" {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	if strings.Contains(contact, "@") && !strings.Contains(contact, ":") {
		contact = "mailto:" + contact
	}
	expires := s.Now().UTC().Truncate(24 * time.Hour).Add(securityAge)
	return page.Text(plainText, fmt.Appendf(nil, "Contact: %s\nExpires: %s\nPreferred-Languages: %s\nCanonical: %s\n",
		contact, expires.Format(time.RFC3339), s.lang.Tag, s.Paper.URL("/.well-known/security.txt"))), nil
}

// iconSize is the width of the seal in the browser's list of open pages.
const iconSize = 48

// showIcon is the seal for browsers that ask for it without being told where.
func (s *Site) showIcon(context.Context, page.Query) (*page.Body, error) {
	picture, err := sealPNG(s.Paper.Colours.Light(), iconSize)
	if err != nil {
		return nil, err
	}
	return page.Text("image/x-icon", iconFile(picture, iconSize)), nil
}

// alive answers while the process does.
func (s *Site) alive(w http.ResponseWriter, _ *http.Request) error { return ok(w) }

// ready answers while the paper can be read.
func (s *Site) ready(w http.ResponseWriter, r *http.Request) error {
	if s.Ready != nil {
		if err := s.Ready(r.Context()); err != nil {
			s.Log.Error("not ready", "error", err)
			return &problem.Problem{Kind: problem.Unavailable, Err: err}
		}
	}
	return ok(w)
}

func ok(w http.ResponseWriter) error {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	_, err := io.WriteString(w, "ok\n")
	return err
}

// PictureLife lets a browser keep a picture for a day. What is shared by many
// keeps it for seconds (PictureShared, and as long again while it asks), because a kill
// must reach every copy that we can reach.
const (
	PictureLife   = 24 * time.Hour
	PictureShared = 20 * time.Second
)

// pictureCaching says so, of a picture whose rights end at a time; zero is never.
func pictureCaching(expires, now time.Time) string {
	life, stale := PictureLife, PictureShared/2
	if !expires.IsZero() {
		life = min(life, expires.Sub(now))
		stale = 0
	}
	return fmt.Sprintf("public, max-age=%d, s-maxage=%d, stale-while-revalidate=%d",
		int(life.Seconds()), int(min(life, PictureShared/2).Seconds()), int(stale.Seconds()))
}

// servePicture answers /media/{key} while a story that readers may have shows
// the picture or the video; else there is none.
func (s *Site) servePicture(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Media.Open(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	defer p.Close()
	may, err := s.Articles.MayShow(r.Context(), p.Picture)
	if err != nil {
		return err
	}
	if !may {
		if may, err = s.showsLive(r.Context(), p.Picture); err != nil {
			return err
		}
	}
	may = may || s.Promo != nil && s.Promo.MayShow(p.Picture)
	if !may || p.Ended {
		return &problem.Problem{Kind: problem.NotFound}
	}
	h := w.Header()
	h.Set("Content-Type", p.Type)
	h.Set("Content-Disposition", "inline")
	h.Set("Cache-Control", pictureCaching(p.Expires, s.Now()))
	h.Set("Surrogate-Key", media.Tag(p.Picture))
	h.Set("Etag", `"`+p.Hash+`"`)
	// A picture is never a page: opened by itself it can do nothing, not even
	// if a browser takes it for something else. Feed readers may show it.
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	page.Send(w, r, p.Modified, p)
	return nil
}
