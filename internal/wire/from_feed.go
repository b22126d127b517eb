package wire

import (
	"cmp"
	"html"
	"strings"
	"time"

	"kawaraban/internal/richtext"
	"kawaraban/internal/wire/feed"
)

// fromFeed makes an item of each entry. What anybody may publish is never
// trusted to be published by itself: LowTrust is set.
func fromFeed(f *feed.Feed) []Item {
	items := make([]Item, 0, len(f.Entries))
	for _, e := range f.Entries {
		items = append(items, fromEntry(f, e))
	}
	return items
}

// maxMarkup is how many bytes of a line or a note are looked at for its text: far
// more than is kept of it.
const maxMarkup = 100_000

func fromEntry(f *feed.Feed, e feed.Entry) Item {
	it := Item{
		Format: f.Format, LowTrust: true, Class: Text, Status: Usable,
		ID: e.ID, Link: e.Link,
		Created: e.Published, Updated: e.Updated, RawUpdated: e.RawUpdated,
		Language: languageTag(e.Language, f.Language),
		Headline: flat(e.Title),
		Bylines:  e.Authors, Credit: flat(f.Title), Copyright: notice(flat(first(e.Rights, f.Copyright)), "", cmp.Or(e.Published, e.Updated)),
		Subjects: e.Categories,
	}
	if it.Updated.IsZero() {
		it.Updated = it.Created
	}
	it.Version = "1"
	if !it.Updated.IsZero() {
		// One instant is written in many ways: the version must not change
		// because a server moved to another zone.
		it.Version = it.Updated.Format(time.RFC3339Nano)
	}
	it.Order = orderKey(it.Version, it.Updated)
	if strings.TrimSpace(e.Content) != "" {
		it.print(fromMarkup(e.Content, e.Link))
		it.Standfirst = standfirst(flat(e.Summary), it.Body)
	} else {
		it.print(fromMarkup(e.Summary, e.Link))
	}
	for _, p := range e.Pictures {
		it.Pictures = append(it.Pictures, PictureRef{
			Href: p.URL, Type: p.Type, Width: p.Width, Height: p.Height,
			Caption: cmp.Or(flat(p.Description), flat(p.Title)), Credit: flat(p.Credit), Copyright: flat(p.Copyright),
		})
	}
	if f.Format == "rss" && (len(e.Pictures) == 0 || e.Pictures[0].Thumbnail) {
		if address := shown(it.Body, e); address != "" {
			it.Pictures = []PictureRef{{Href: address}}
		}
	}
	it.tidy("")
	return it
}

// shown returns the address of the first picture in an entry's text, else in its
// summary: RSS itself has no field for a picture. It is "" when there is none.
func shown(body richtext.Doc, e feed.Entry) string {
	if address := firstFigure(body); address != "" {
		return address
	}
	if strings.TrimSpace(e.Content) == "" || !strings.ContainsRune(e.Summary, '<') {
		return "" // the summary is the body, or shows nothing
	}
	return firstFigure(richtext.FromHTML(clip(e.Summary, maxMarkup), e.Link))
}

func firstFigure(d richtext.Doc) string {
	for _, b := range d.Blocks {
		if b.Kind == richtext.Figure && b.URL != "" {
			return b.URL
		}
	}
	return ""
}

// fromMarkup reads a body that may be HTML or text: feeds rarely say which, or
// say what is not so. The error is richtext's, for one whose end is lost.
func fromMarkup(s, base string) (richtext.Doc, error) {
	if strings.ContainsRune(s, '<') {
		return richtext.ReadHTML(s, base)
	}
	return richtext.ReadText(html.UnescapeString(s))
}

// flat returns the text of a line that may have markup in it.
func flat(s string) string {
	s = clip(s, maxMarkup)
	if strings.ContainsAny(s, "<&") {
		s = richtext.FromHTML(s, "").Text()
	}
	return strings.Join(strings.Fields(s), " ")
}

// standfirst returns summary unless it is what body begins with anyway: most
// feeds cut their summaries out of the text.
func standfirst(summary string, body richtext.Doc) string {
	start := strings.TrimRight(summary, " .…")
	if start == "" || strings.HasPrefix(squash(body.FirstSentence(len(summary)+1)), squash(start)) ||
		repeats(squash(body.Text()), squash(start)) {
		return ""
	}
	return summary
}

// repeats reports whether text says summary again: at its start, or anywhere if
// that cannot be chance.
func repeats(text, summary string) bool {
	return strings.HasPrefix(text, summary) || len(summary) > 100 && strings.Contains(text, summary)
}
