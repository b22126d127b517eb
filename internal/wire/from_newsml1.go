package wire

import (
	"html"
	"regexp"
	"slices"
	"strings"

	"kawaraban/internal/richtext"
	"kawaraban/internal/wire/markup"
	"kawaraban/internal/wire/newsml"
)

// fromNewsML1 returns the items of a NewsML 1.x document in its order. An item
// that stands inside another one follows it.
func fromNewsML1(d *newsml.Doc1) (items []Item) {
	for i := range d.Items {
		items = append(items, v1Item(&d.Items[i]))
		for _, inside := range nested(&d.Items[i].Component) {
			items = append(items, v1Item(inside))
		}
	}
	for i := range items {
		for _, p := range slices.Concat(d.Envelope.Products, d.Envelope.Services) {
			items[i].Products = append(items[i].Products, p.FormalName)
		}
	}
	return items
}

// nested returns the items inside a component, at any depth.
func nested(c *newsml.Component) (items []*newsml.Item1) {
	for i := range c.Items {
		items = append(items, &c.Items[i])
		items = append(items, nested(&c.Items[i].Component)...)
	}
	for i := range c.Components {
		items = append(items, nested(&c.Components[i])...)
	}
	return items
}

func v1Item(in *newsml.Item1) Item {
	m := &in.Management
	zone := zoneOf(m.Created, m.FirstCreated)
	it := Item{
		Format:     "newsml-1",
		ID:         v1ID(in),
		Version:    first(in.ID.Revision.Number, "1"),
		Status:     Unknown, // the standard demands one
		Created:    parseTime(m.FirstCreated, zone),
		Updated:    parseTime(m.Created, zone),
		RawUpdated: strings.TrimSpace(m.Created),
		Urgency:    number(m.Urgency.FormalName),
	}
	it.Order = orderKey(it.Version, it.Updated)
	if m.Status != nil {
		it.RawStatus = strings.TrimSpace(m.Status.FormalName)
		it.Status = statusOf(it.RawStatus)
	}
	it.willChange(m)
	if kind := strings.TrimSpace(m.Type.FormalName); kind != "" && !strings.EqualFold(kind, "news") {
		it.Signals = append(it.Signals, kind)
	}
	for _, i := range m.Instructions {
		it.Signals = append(it.Signals, i.FormalName)
	}
	it.holdAdvisory(it.Signals...)

	story := findStory(&in.Component)
	way := story.way
	if way == nil {
		way = []*newsml.Component{&in.Component}
	}
	it.v1Lines(in, way)
	it.v1Pictures(&in.Component, way)
	it.Parts = references(&in.Component)
	it.Class = v1Class(in, story.content != nil, &it)
	if story.content != nil {
		it.print(v1Body(*story.content))
	}
	if strings.HasPrefix(it.ID, "sha256:") {
		it.Advisory = lines(it.Advisory, noID)
	}
	it.tidy(line(way, func(l *newsml.Lines) []markup.Text { return l.Date }))
	return it
}

// revision matches the end of a PublicIdentifier: the revision and, sometimes,
// its sort.
var revision = regexp.MustCompile(`^(urn:newsml:.+:[^:]+:[^:]+):(\d+)[NUA]?$`)

// v1ID returns the id that an item's revisions have in common. It is the public
// identifier without the revision; where an agency sends none, or the same for
// all its items, it is made of the identifier's parts in the same form.
func v1ID(in *newsml.Item1) string {
	id := in.ID
	number := strings.TrimSpace(id.Revision.Number)
	if m := revision.FindStringSubmatch(strings.TrimSpace(string(id.Public))); m != nil && (number == "" || m[2] == number) {
		return m[1]
	}
	provider := strings.Join(strings.Fields(id.Provider), "")
	item := strings.TrimSuffix(strings.TrimSpace(id.Item), "-v"+number)
	if provider == "" || item == "" {
		return nameless(in)
	}
	// A DateId that is the revision's own time would make each revision another item.
	date := strings.TrimSpace(id.Date)
	if date == strings.TrimSpace(in.Management.Created) {
		date = first(in.Management.FirstCreated, date)
	}
	return "urn:newsml:" + provider + ":" + date + ":" + item
}

// willChange reads a change of the status that is told beforehand: the end of an
// embargo, or the day from which the item may not be used any more.
func (it *Item) willChange(m *newsml.Management) {
	next, at := Unknown, ""
	if m.WillChange != nil {
		next, at = statusOf(m.WillChange.Future.FormalName), m.WillChange.At
	}
	zone := zoneOf(m.Created, m.FirstCreated)
	switch {
	case strings.EqualFold(it.RawStatus, "embargoed"):
		it.Status = Usable
		if next == Usable {
			it.Embargo = embargoEnd(at, zone)
		}
		it.EmbargoOpen = it.Embargo.IsZero()
	case it.Status == Usable && (next == Withheld || next == Canceled):
		it.Expires = parseTime(at, zone)
	}
}

// v1Class returns what an item is to us. What carries instructions instead of
// content, or a change of its management only, has nothing to publish.
func v1Class(in *newsml.Item1, text bool, it *Item) Class {
	update := strings.TrimSpace(in.ID.Revision.Update)
	switch {
	case len(in.Updates) > 0, strings.EqualFold(update, "U"), strings.EqualFold(update, "A"):
		return Other
	case text:
		return Text
	case len(it.Parts) > 0 || len(in.Component.Items) > 0:
		return Package
	case len(it.Pictures) > 0 && !hasMedia(&in.Component, "video", "audio", "graphic"):
		return Picture
	}
	return Other
}

// hasMedia reports whether a component has content of one of the kinds, by its
// role or type.
func hasMedia(c *newsml.Component, kinds ...string) bool {
	if slices.Contains(kinds, local(c.Role.FormalName)) {
		return true
	}
	for _, content := range c.Contents {
		mime := mediaType(first(content.MIME.FormalName, content.Format.FormalName), content.Href)
		kind, _, _ := strings.Cut(mime, "/")
		if slices.Contains(kinds, local(content.Media.FormalName)) || slices.Contains(kinds, kind) {
			return true
		}
	}
	return slices.ContainsFunc(c.Components, func(c newsml.Component) bool { return hasMedia(&c, kinds...) })
}

// references returns the items that a component points at, in its order: an
// agency's index of a page lists its stories so.
func references(c *newsml.Component) (parts []string) {
	for _, r := range c.References {
		id := strings.TrimSpace(r.Item)
		if m := revision.FindStringSubmatch(id); m != nil && strings.Count(id, ":") > 4 {
			id = m[1]
		}
		parts = append(parts, id)
	}
	for i := range c.Items {
		parts = append(parts, v1ID(&c.Items[i]))
	}
	for i := range c.Components {
		parts = append(parts, references(&c.Components[i])...)
	}
	return compact(parts)
}

// A story is the text of an item, and the components that it stands in, from
// the outermost to its own.
type story struct {
	content *newsml.Content
	way     []*newsml.Component
	rank    int
}

// findStory returns the text among an item's components, which may be
// alternatives or stand beside captions, titles and style sheets.
func findStory(root *newsml.Component) (found story) {
	var walk func(c *newsml.Component, way []*newsml.Component)
	walk = func(c *newsml.Component, way []*newsml.Component) {
		rank := storyRank(local(c.Role.FormalName))
		if rank == 0 {
			return
		}
		way = append(slices.Clone(way), c)
		for i := range c.Contents {
			content := &c.Contents[i]
			if rank > found.rank && isText(content) {
				found = story{content, way, rank}
			}
		}
		for i := range c.Components {
			walk(&c.Components[i], way)
		}
	}
	walk(root, nil)
	return found
}

// storyRank says how likely a component of a role holds the story; 0: never.
func storyRank(role string) int {
	switch role {
	case "body":
		return 3
	case "main", "text", "story", "article":
		return 2
	case "caption", "title", "headline", "subheadline", "lead", "summary", "abstract", "stylesheet", "contact",
		"photo", "picture", "image", "logo", "video", "audio", "graphic", "thumbnail", "preview", "highdef", "quicklook":
		return 0
	}
	return 1
}

// isText reports whether a content item holds a text in the document.
func isText(c *newsml.Content) bool {
	if squash(string(c.Data)) == "" || c.Href != "" {
		return false
	}
	mime := strings.ToLower(c.MIME.FormalName)
	return !strings.Contains(mime, "css") && !strings.EqualFold(c.Format.FormalName, "css") &&
		(mime == "" || strings.HasPrefix(mime, "text/") || strings.Contains(mime, "xml") || strings.Contains(mime, "html"))
}

// v1Body reads a text by what it is, because agencies' words for formats differ:
// "NITF3.1", "bcNITF2.5", "HTML", "Text", "". The error is richtext's, for one
// whose end is lost.
func v1Body(c newsml.Content) (richtext.Doc, error) {
	s := strings.TrimSpace(string(c.Data))
	format := strings.ToLower(c.Format.FormalName + c.MIME.FormalName)
	escaped := !strings.Contains(s, "<")
	switch {
	case strings.Contains(s, "<nitf"), strings.Contains(format, "nitf") && !escaped:
		return richtext.ReadNITF(s)
	case escaped && (strings.Contains(format, "html") || tag.MatchString(s)):
		return richtext.ReadHTML(html.UnescapeString(s), "")
	case escaped:
		return richtext.ReadText(html.UnescapeString(s))
	}
	return richtext.ReadHTML(s, "")
}

// tag matches an escaped tag: HTML that stands in a document as text.
var tag = regexp.MustCompile(`(?i)&lt;/?(p|br|b|i|em|strong|a|div|ul|li|h[1-6])(\s[^;]*)?/?&gt;`)
