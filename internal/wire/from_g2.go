package wire

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/richtext"
	"kawaraban/internal/wire/markup"
	"kawaraban/internal/wire/newsml"
)

// fromG2 returns the items of a NewsML-G2 document in its order.
func fromG2(d *newsml.DocG2) []Item {
	items := make([]Item, len(d.Items))
	for i := range d.Items {
		items[i] = g2Item(&d.Items[i])
	}
	return items
}

func g2Item(in *newsml.ItemG2) Item {
	meta, content := &in.Meta, &in.Content
	zone := zoneOf(meta.VersionCreated, meta.FirstCreated, content.Created, content.Modified)
	it := Item{
		Format:     "newsml-g2",
		ID:         strings.TrimSpace(in.GUID),
		Version:    first(in.Version, "1"), // the standard's default
		Class:      g2Class(in),
		Status:     Usable, // the standard's default
		Language:   g2Language(in),
		Headline:   g2Headline(in),
		Slugline:   label(content.Sluglines),
		Standfirst: g2Standfirst(content),
		Credit:     strings.Trim(first(label(content.Credits), meta.Provider.Name()), " -–—"),
		Created:    parseTime(first(meta.FirstCreated, content.Created), zone),
		Updated:    parseTime(meta.VersionCreated, zone),
		Expires:    parseTime(meta.Expires, zone),
		RawUpdated: strings.TrimSpace(meta.VersionCreated),
		Parts:      g2Parts(in.Groups),
	}
	it.Order = orderKey(it.Version, it.Updated)
	it.Urgency, _ = strconv.Atoi(strings.TrimSpace(content.Urgency))
	if meta.Status != nil {
		it.RawStatus = first(meta.Status.ID(), meta.Status.Name())
		it.Status = statusOf(it.RawStatus)
	}
	if meta.Embargoed != nil {
		it.Embargo = embargoEnd(*meta.Embargoed, zone)
		it.EmbargoOpen = it.Embargo.IsZero()
	}
	for _, s := range meta.Signals {
		it.Signals = append(it.Signals, s.ID())
	}
	for _, by := range content.By {
		it.Bylines = append(it.Bylines, byline(string(by.Text)))
	}
	it.Bylines = persons(it.Bylines, it.Credit)
	it.describe(content)
	it.rightsG2(in, zone)
	it.notesG2(in)
	for _, service := range meta.Services {
		it.Products = append(it.Products, service.ID(), service.Name())
	}
	for _, g := range content.Genres {
		it.Genres = append(it.Genres, g.ID(), g.Name())
		it.holdAdvisory(g.Name(), g.ID())
	}
	it.holdUnlessContent()
	if it.Class != Package {
		it.Pictures = g2Pictures(in, &it)
	}
	it.print(g2Body(in.Contents, in.Meta.Links))
	nameFiguresG2(it.Body.Blocks, it.Pictures)
	for i := range it.Pictures {
		it.Pictures[i].Credit = first(it.Pictures[i].Credit, it.Credit)
	}
	it.tidy(label(content.Datelines), repeatedG2(content)...)
	return it
}

// g2Class returns what an item of a kind and class is to us. A class that we do
// not know carries nothing that could be published without a person's help.
func g2Class(in *newsml.ItemG2) Class {
	switch in.XMLName.Local {
	case "packageItem":
		return Package
	case "newsItem":
	default:
		return Other
	}
	hasText := slices.ContainsFunc(slices.Concat(in.Contents.XML, in.Contents.Data), isBody)
	switch class := local(in.Meta.Class.ID()); {
	case class == "text", class == "composite" && hasText, class == "" && hasText:
		return Text
	case class == "picture", class == "photo":
		return Picture
	case class == "" && slices.ContainsFunc(in.Contents.Remote, func(r newsml.Remote) bool { return isImage(r.ContentType, r.Href) }):
		return Picture
	}
	return Other
}

func g2Language(in *newsml.ItemG2) string {
	var tags []string
	for _, l := range in.Content.Languages {
		tags = append(tags, l.Tag)
	}
	return languageTag(append(tags, in.Lang)...)
}

// label returns the first text that is not empty.
func label(labels []newsml.Label) string {
	for _, l := range labels {
		if l.Text != "" {
			return string(l.Text)
		}
	}
	return ""
}

// g2Headline returns the headline of the best rank that is not a sub-headline,
// else the item's title or its concept's name.
func g2Headline(in *newsml.ItemG2) string {
	best, rank := "", 0
	for _, l := range in.Content.Headlines {
		n, err := strconv.Atoi(l.Rank)
		if err != nil {
			n = 1
		}
		if l.Text != "" && !strings.Contains(local(l.Role), "sub") && (best == "" || n < rank) {
			best, rank = string(l.Text), n
		}
	}
	if best == "" && in.Concept != nil {
		best = label(in.Concept.Names)
	}
	return cmp.Or(best, label(in.Meta.Titles))
}

// g2Standfirst returns the agency's summary, else its sub-headline.
func g2Standfirst(c *newsml.ContentMeta) string {
	for _, d := range c.Descriptions {
		switch local(d.Role) {
		case "teaser", "summary", "abstract", "lead", "intro", "standfirst":
			if d.Text != "" {
				return string(d.Text)
			}
		}
	}
	for _, h := range c.Headlines {
		if strings.Contains(local(h.Role), "sub") && h.Text != "" {
			return string(h.Text)
		}
	}
	return ""
}

// repeatedG2 returns the lines that agencies say again in their bodies.
func repeatedG2(c *newsml.ContentMeta) (lines []string) {
	for _, l := range slices.Concat(c.Headlines, c.Descriptions, c.By, c.Datelines) {
		lines = append(lines, string(l.Text))
	}
	return lines
}

// describe takes over subjects and places.
func (it *Item) describe(c *newsml.ContentMeta) {
	for _, s := range c.Subjects {
		it.Subjects = append(it.Subjects, s.ID())
	}
	it.Subjects = compact(it.Subjects)
	for _, l := range c.Located { // where it was written comes first
		it.Places = append(it.Places, first(label(l.Names), l.Literal))
	}
	for _, s := range c.Subjects {
		if local(s.Type) == "geoarea" {
			it.Places = append(it.Places, label(s.Names))
		}
	}
	it.Places = compact(it.Places)
}

// rightsG2 takes over the source notice and the terms.
func (it *Item) rightsG2(in *newsml.ItemG2, zone *time.Location) {
	var words, holder string
	var terms []string
	for _, r := range in.Rights {
		words = first(words, label(r.Notices))
		for _, h := range r.Holders {
			holder = first(holder, h.Name())
		}
		for _, u := range r.Usage {
			if u.Text != "None" { // what one agency's program says for nothing
				terms = append(terms, string(u.Text))
			}
		}
	}
	it.UsageTerms = lines(terms...)
	agency := it.Credit
	if strings.Contains(agency, "/") { // with the name of a person
		agency = in.Meta.Provider.Name()
	}
	it.Copyright = notice(words, first(holder, agency), localTime(zone, it.Created, it.Updated))
}

// notesG2 takes over what is for editors only.
func (it *Item) notesG2(in *newsml.ItemG2) {
	var notes, internal []string
	for _, n := range in.Meta.Notes {
		if editorsOnly(n.PubConstraint) || editorsOnly(n.Role) {
			internal = append(internal, plain(n.Text))
		} else {
			notes = append(notes, plain(n.Text))
		}
	}
	for _, c := range slices.Concat(in.Contents.XML, in.Contents.Data) {
		if editorsOnly(c.Rendition) || editorsOnly(c.PubConstraint) {
			internal = append(internal, plain(c.Content))
		}
	}
	for _, part := range in.Parts { // the shots of a video
		internal = append(internal, label(part.Headlines), label(part.Descriptions))
	}
	it.EdNote, it.Internal = lines(notes...), lines(internal...)
}

// plain returns markup as lines of text.
func plain(in markup.Inner) string {
	var out []string
	for _, b := range richtext.FromHTML(clip(string(in), maxMarkup), "").Blocks {
		out = append(out, richtext.Plain(b.Text))
		for _, item := range b.Items {
			out = append(out, richtext.Plain(item))
		}
		for _, row := range b.Rows {
			for _, cell := range row.Cells {
				out = append(out, richtext.Plain(cell))
			}
		}
	}
	return lines(out...)
}

// g2Parts returns the ids that a package points at, in the order of its tree.
func g2Parts(set *newsml.GroupSet) (parts []string) {
	if set == nil {
		return nil
	}
	groups := make(map[string]*newsml.Group)
	for i := range set.Groups {
		groups[set.Groups[i].ID] = &set.Groups[i]
	}
	var walk func(id string)
	walk = func(id string) {
		group := groups[id]
		if group == nil {
			return
		}
		delete(groups, id) // groups may point at each other
		for _, m := range group.Members {
			switch m.XMLName.Local {
			case "groupRef":
				walk(m.Group)
			case "itemRef":
				parts = append(parts, first(m.Item, m.Href))
			}
		}
	}
	walk(set.Root)
	return compact(parts)
}

// g2Pictures returns the item's own picture and those that its text is linked to.
func g2Pictures(in *newsml.ItemG2, it *Item) (pictures []PictureRef) {
	var renditions []rendition
	for _, r := range in.Contents.Remote {
		renditions = append(renditions, rendition{
			Ref: r.Ref, Href: r.Href, Type: r.ContentType, Role: r.Rendition,
			Width: number(r.Width), Height: number(r.Height), Size: number(r.Size),
		})
	}
	if p, ok := best(renditions); ok {
		p.Caption, p.Credit = splitCaption(g2Caption(in.Content.Descriptions))
		p.Credit = pictureCredit(photographer(in.Content.Creators), it.Credit, p.Credit)
		p.Copyright, p.UsageTerms = it.Copyright, it.UsageTerms
		pictures = append(pictures, p)
	}
	for _, l := range in.Meta.Links {
		if local(l.Class.ID()) == "picture" && l.Href != "" {
			pictures = append(pictures, PictureRef{Ref: l.Ref, Href: l.Href, Copyright: it.Copyright, UsageTerms: it.UsageTerms})
		}
	}
	return pictures
}

// g2Caption returns the caption among the descriptions, else one without a role.
func g2Caption(descriptions []newsml.Label) string {
	var other string
	for _, d := range descriptions {
		switch local(d.Role) {
		case "caption":
			return string(d.Text)
		case "":
			other = first(other, string(d.Text))
		}
	}
	return other
}

func photographer(creators []newsml.Code) string {
	for _, c := range creators {
		if local(c.Role) == "photographer" || local(c.QCode) == "photographer" {
			return c.Name()
		}
	}
	return ""
}
