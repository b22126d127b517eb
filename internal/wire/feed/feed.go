// Package feed reads what publishers offer to everybody: RSS 0.9 to 2.0, Atom
// 0.3 and 1.0, and JSON Feed. It keeps of them what a newsroom can use.
//
// The reading itself is gofeed's, which knows the damage of twenty years of
// feeds. What this package adds is the shape: one Entry for an item of any of
// them, with Media RSS resolved into pictures.
package feed

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	ext "github.com/mmcdole/gofeed/extensions"
)

// A Feed is a list of entries and whose it is.
type Feed struct {
	Format    string // "rss", "atom" or "jsonfeed"
	Title     string
	Language  string // as sent
	Copyright string
	Entries   []Entry
}

// An Entry is one item of a feed. Title, Summary and Content may be HTML
// whatever they claim.
type Entry struct {
	ID         string // guid, id or link
	Link       string // where the entry can be read
	Title      string
	Summary    string
	Content    string // the whole text, if it is there
	Authors    []string
	Categories []string
	Rights     string // dc:rights or Atom's rights
	Language   string // dc:language

	Published, Updated time.Time // UTC; zero when not given or not readable
	RawUpdated         string    // the date that Updated, else Published, was read from

	Pictures []Picture
}

// A Picture is one that an entry carries.
type Picture struct {
	URL           string
	Type          string // MIME type as sent
	Width, Height int    // pixels; 0 when not given
	Title         string
	Description   string
	Credit        string
	Copyright     string
	Thumbnail     bool // too small for anything but want of a better
}

// ErrNotFeed says that data is none of the formats.
var ErrNotFeed = errors.New("feed: neither RSS nor Atom nor JSON Feed")

// MaxEntries is how many entries are kept of a feed, which begins with its
// newest.
const MaxEntries = 500

// Parse reads data. The caller holds the limits of size and depth.
func Parse(data []byte) (*Feed, error) {
	in, err := universal(data)
	if errors.Is(err, gofeed.ErrFeedTypeNotDetected) {
		return nil, ErrNotFeed
	}
	if err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	out := &Feed{
		Format: in.FeedType, Title: in.Title, Language: in.Language, Copyright: in.Copyright,
	}
	if out.Format == "json" {
		out.Format = "jsonfeed"
	}
	for _, item := range in.Items[:min(len(in.Items), MaxEntries)] {
		if item != nil {
			out.Entries = append(out.Entries, entry(item))
		}
	}
	return out, nil
}

// universal is gofeed's reading of data. Its version 1.4.2 panics on a JSON Feed
// that has null among the authors.
func universal(data []byte) (f *gofeed.Feed, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, fmt.Errorf("gofeed failed: %v", r)
		}
	}()
	p := gofeed.NewParser()
	// Else it reads each text as a whole web page to find one picture, which costs
	// more than all the rest. What an entry's text shows, its reader knows.
	p.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	return p.Parse(bytes.NewReader(data))
}

func entry(in *gofeed.Item) Entry {
	e := Entry{
		ID:   cmp.Or(strings.TrimSpace(in.GUID), strings.TrimSpace(in.Link)),
		Link: strings.TrimSpace(in.Link), Title: in.Title, Summary: in.Description, Content: in.Content,
		Categories: in.Categories, Published: instant(in.PublishedParsed), Updated: instant(in.UpdatedParsed),
		RawUpdated: cmp.Or(in.Updated, in.Published),
	}
	for _, a := range in.Authors {
		if a != nil {
			e.Authors = append(e.Authors, cmp.Or(a.Name, a.Email))
		}
	}
	if dc := in.DublinCoreExt; dc != nil {
		if len(e.Authors) == 0 {
			e.Authors = dc.Creator
		}
		e.Rights = strings.Join(dc.Rights, " ")
		e.Language = strings.Join(dc.Language[:min(1, len(dc.Language))], "")
	}
	e.Pictures = pictures(in)
	return e
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// pictures returns the entry's pictures: Media RSS first, which says whose they
// are, then enclosures and what the formats call the entry's image.
func pictures(in *gofeed.Item) (list []Picture) {
	seen := make(map[string]bool)
	add := func(p Picture) {
		if p.URL = strings.TrimSpace(p.URL); p.URL != "" && !seen[p.URL] {
			seen[p.URL] = true
			list = append(list, p)
		}
	}
	media := in.Extensions["media"]
	for _, p := range contents(media, Picture{}) {
		add(p)
	}
	for _, group := range media["group"] {
		// The members of a group are one picture in several sizes.
		if all := contents(group.Children, described(group.Children, described(media, Picture{}))); len(all) > 0 {
			add(largest(all))
		}
	}
	for _, e := range in.Enclosures {
		if e != nil && strings.HasPrefix(strings.ToLower(e.Type), "image/") {
			add(Picture{URL: e.URL, Type: e.Type})
		}
	}
	if in.Image != nil {
		add(Picture{URL: in.Image.URL, Title: in.Image.Title})
	}
	if len(list) == 0 {
		for _, t := range media["thumbnail"] { // better small than none
			add(described(media, Picture{URL: t.Attrs["url"], Width: number(t.Attrs["width"]), Height: number(t.Attrs["height"]), Thumbnail: true}))
		}
	}
	return list
}

// contents returns the pictures among media:content. What an element does not
// say is said by those around it.
func contents(media map[string][]ext.Extension, around Picture) (list []Picture) {
	for _, c := range media["content"] {
		kind := strings.ToLower(cmp.Or(c.Attrs["type"], c.Attrs["medium"]+"/"))
		if !strings.HasPrefix(kind, "image/") && (kind != "/" || !looksLikePicture(c.Attrs["url"])) {
			continue
		}
		p := described(media, around)
		p.URL, p.Type = c.Attrs["url"], c.Attrs["type"]
		p.Width, p.Height = number(c.Attrs["width"]), number(c.Attrs["height"])
		list = append(list, described(c.Children, p))
	}
	return list
}

// described returns p with what media:title, media:description, media:credit
// and media:copyright say instead.
func described(media map[string][]ext.Extension, p Picture) Picture {
	p.Title = value(media, "title", p.Title)
	p.Description = value(media, "description", p.Description)
	p.Credit = value(media, "credit", p.Credit)
	p.Copyright = value(media, "copyright", p.Copyright)
	return p
}

func value(media map[string][]ext.Extension, name, otherwise string) string {
	if list := media[name]; len(list) > 0 {
		return cmp.Or(strings.TrimSpace(list[0].Value), otherwise)
	}
	return otherwise
}

func largest(list []Picture) Picture {
	best := list[0]
	for _, p := range list[1:] {
		if p.Width*p.Height > best.Width*best.Height {
			best = p
		}
	}
	return best
}

// looksLikePicture judges an address by its ending, where a feed says nothing.
func looksLikePicture(address string) bool {
	address, _, _ = strings.Cut(strings.ToLower(address), "?")
	for _, ending := range []string{".jpg", ".jpeg", ".png", ".webp"} {
		if strings.HasSuffix(address, ending) {
			return true
		}
	}
	return false
}

// number returns s as a size in pixels, or 0.
func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 || n > 1_000_000 {
		return 0
	}
	return n
}
