package wire

import (
	"slices"
	"strings"

	"kawaraban/internal/wire/markup"
	"kawaraban/internal/wire/newsml"
)

// line returns the first line of a sort that is not empty, from the component
// nearest to the story outwards.
func line(way []*newsml.Component, sort func(*newsml.Lines) []markup.Text) string {
	for _, c := range slices.Backward(way) {
		for _, text := range sort(&c.Lines) {
			if text != "" {
				return string(text)
			}
		}
	}
	return ""
}

// v1Lines takes over the words and the metadata of the components that the
// story stands in.
func (it *Item) v1Lines(in *newsml.Item1, way []*newsml.Component) {
	it.Headline = line(way, func(l *newsml.Lines) []markup.Text { return l.Head })
	it.Standfirst = first(line(way, func(l *newsml.Lines) []markup.Text { return l.SubHead }), textOf(way, "lead", "summary", "abstract"))
	it.Slugline = first(string(in.NameLabel), line(way, func(l *newsml.Lines) []markup.Text { return l.Slug }))

	var provider, holder string
	tags := []string{in.Lang}
	for _, c := range slices.Backward(way) {
		provider = first(provider, party(c.Administrative.Provider), party(c.Administrative.Source))
		for _, r := range c.Rights.Copyright {
			holder = first(holder, string(r.Holder))
		}
		it.v1Terms(c)
		for _, d := range []newsml.Descriptive{c.Descriptive, c.Misspelt} {
			it.v1Describe(d)
			for _, l := range d.Languages {
				tags = append(tags, l.FormalName)
			}
		}
		tags = append(tags, c.Lang)
	}
	it.Language = languageTag(tags...)
	it.Credit = first(line(way, func(l *newsml.Lines) []markup.Text { return l.Credit }), provider)
	it.Copyright = notice(line(way, func(l *newsml.Lines) []markup.Text { return l.Copyright }), first(holder, provider),
		localTime(zoneOf(in.Management.FirstCreated, in.Management.Created), it.Created, it.Updated))
	it.Bylines = persons(v1Bylines(way), it.Credit)
}

// v1Terms takes over what a component says to editors.
func (it *Item) v1Terms(c *newsml.Component) {
	advisory, notes, terms := []string{it.Advisory}, []string{it.EdNote}, []string{it.UsageTerms}
	for _, l := range c.Lines.Other {
		for _, text := range l.Text {
			switch squash(l.Type.FormalName) {
			case "advisoryline", "advisory":
				advisory = append(advisory, string(text))
				// "RESTRICTED TO EDITORIAL USE …" is a right, told in an advisory.
				if upper := strings.ToUpper(string(text)); strings.Contains(upper, "RESTRICTED") || strings.Contains(upper, "NO ARCHIV") {
					terms = append(terms, string(text))
				}
			case "productline", "ednote", "editorialnote", "editornote":
				notes = append(notes, string(text))
			}
		}
	}
	for _, text := range c.Lines.Rights {
		terms = append(terms, string(text))
	}
	for _, u := range c.Rights.Usage {
		terms = append(terms, strings.Join(compact([]string{
			string(u.Type), string(u.Geography), string(u.Limitations), string(u.Start), string(u.End),
		}), "; "))
	}
	for _, p := range c.Administrative.Properties {
		if squash(p.Name) == "editorialinfo" {
			notes = append(notes, p.Value)
		}
	}
	it.Advisory, it.EdNote, it.UsageTerms = lines(advisory...), lines(notes...), lines(terms...)
}

// v1Describe takes over subjects and places.
func (it *Item) v1Describe(d newsml.Descriptive) {
	for _, g := range d.Genres {
		it.Genres = append(it.Genres, g.FormalName)
		it.holdAdvisory(g.FormalName)
	}
	for _, set := range d.Subjects {
		for _, code := range set.Codes {
			it.Subjects = append(it.Subjects, code.FormalName)
		}
	}
	it.Subjects = compact(it.Subjects)
	places := d.Properties
	for _, l := range d.Locations {
		places = append(places, l.Properties...)
	}
	for _, p := range d.Properties {
		if p.Name == "Location" {
			places = append(places, p.Properties...)
		}
	}
	for _, name := range []string{"City", "Area", "CountryArea", "Country"} {
		for _, p := range places {
			if p.Name == name {
				it.Places = append(it.Places, strings.TrimSpace(p.Value))
			}
		}
	}
	it.Places = compact(it.Places)
}

// v1Bylines returns the names in the bylines, else the creators that are
// persons: one word is a code or initials.
func v1Bylines(way []*newsml.Component) (names []string) {
	for _, c := range slices.Backward(way) {
		for _, text := range c.Lines.By {
			names = append(names, byline(string(text)))
		}
	}
	if names = compact(names); len(names) > 0 {
		return names
	}
	for _, c := range slices.Backward(way) {
		for _, p := range c.Administrative.Creator {
			if name := strings.Join(strings.Fields(p.FormalName), " "); strings.Contains(name, " ") {
				names = append(names, name)
			}
		}
	}
	return compact(names)
}

// party returns the first name that is not empty.
func party(all []newsml.Party) string {
	for _, p := range all {
		if name := strings.Join(strings.Fields(p.FormalName), " "); name != "" {
			return name
		}
	}
	return ""
}

// textOf returns the text of the component nearest to the story that has one of
// the roles and stands beside it.
func textOf(way []*newsml.Component, roles ...string) string {
	for _, c := range slices.Backward(way) {
		for _, beside := range c.Components {
			if !slices.Contains(roles, local(beside.Role.FormalName)) {
				continue
			}
			for _, content := range beside.Contents {
				if isText(&content) {
					text, _ := v1Body(content) // what is left over would not fit a line
					return lines(strings.Join(strings.Fields(text.Text()), " "))
				}
			}
		}
	}
	return ""
}

// v1Pictures takes over the pictures among the components. A picture is a
// component with its renditions, inside it or in components of its own beside a
// caption.
func (it *Item) v1Pictures(c *newsml.Component, way []*newsml.Component) {
	if local(c.Role.FormalName) == "logo" {
		return
	}
	if !slices.Contains(way, c) {
		way = append(slices.Clone(way), c)
	}
	all, names := v1Renditions(c)
	for i := range c.Components {
		part := &c.Components[i]
		inside, _ := v1Renditions(part)
		if ownPicture(part) || len(inside) == 0 {
			it.v1Pictures(part, way)
			continue
		}
		all = append(all, inside...)
		names = append(names, part.ID)
	}
	p, ok := best(all)
	if !ok {
		return
	}
	p.Ref = first(names...)
	caption := textOf([]*newsml.Component{c}, "caption")
	if caption == "" && ownPicture(c) {
		caption = line([]*newsml.Component{c}, func(l *newsml.Lines) []markup.Text { return l.Head })
	}
	var told, by string
	p.Caption, told = splitCaption(caption)
	for _, name := range v1Bylines([]*newsml.Component{c}) {
		by = first(by, name)
	}
	agency := first(party(c.Administrative.Provider), it.Credit)
	p.Credit = first(line([]*newsml.Component{c}, func(l *newsml.Lines) []markup.Text { return l.Credit }), pictureCredit(by, agency, told))
	made := localTime(nil, it.Created, it.Updated)
	p.Copyright = first(notice(line([]*newsml.Component{c}, func(l *newsml.Lines) []markup.Text { return l.Copyright }), "", made), it.Copyright)
	p.UsageTerms = it.UsageTerms
	it.Pictures = append(it.Pictures, p)
}

// ownPicture reports whether a component is a whole picture, not a rendition of
// its parent's.
func ownPicture(c *newsml.Component) bool {
	role := local(c.Role.FormalName)
	return role == "photo" || role == "picture" || role == "" && c.ID != "" || len(c.Lines.Head) > 0 ||
		slices.ContainsFunc(c.Components, func(c newsml.Component) bool { return local(c.Role.FormalName) == "caption" })
}

// v1Renditions returns a component's own files, and how a body names them.
func v1Renditions(c *newsml.Component) (all []rendition, names []string) {
	for _, content := range c.Contents {
		r := rendition{
			Href: strings.TrimSpace(content.Href),
			Type: first(content.MIME.FormalName, content.Format.FormalName),
			Role: first(property(content.Properties, "ImageUse"), c.Role.FormalName),
			Size: number(content.Size),
		}
		r.Width = number(first(property(content.Properties, "Width"), property(content.Properties, "PixelWidth")))
		r.Height = number(first(property(content.Properties, "Height"), property(content.Properties, "PixelHeight")))
		if r.Href != "" && isImage(r.Type, r.Href) {
			all = append(all, r)
		}
	}
	if len(all) > 0 || len(c.Components) > 0 {
		names = []string{c.ID}
	}
	return all, names
}

func property(all []newsml.Property, name string) string {
	for _, p := range all {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// nameless returns an id for an item to which its agency gave none: one that is
// made of what it says. It is "" when it says nothing.
func nameless(in *newsml.Item1) string {
	found := findStory(&in.Component)
	head := line(append([]*newsml.Component{&in.Component}, found.way...), func(l *newsml.Lines) []markup.Text { return l.Head })
	var text string
	if found.content != nil {
		text = string(found.content.Data)
	}
	if squash(head+text) == "" {
		return ""
	}
	return contentID(in.ID.Date, head, text)
}
