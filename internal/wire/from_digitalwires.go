package wire

import (
	"cmp"
	"slices"
	"strings"

	"kawaraban/internal/richtext"
	"kawaraban/internal/wire/digitalwires"
	"kawaraban/internal/wire/markup"
	"kawaraban/internal/wire/newsml"
)

// fromDigitalwires says in the wire's words what the dpa's entries say.
func fromDigitalwires(entries []digitalwires.Entry) []Item {
	items := make([]Item, 0, len(entries))
	for i := range entries {
		items = append(items, dpaItem(&entries[i]))
	}
	return items
}

func dpaItem(in *digitalwires.Entry) Item {
	zone := zoneOf(string(in.VersionCreated))
	it := Item{
		Format: "digitalwires", ID: strings.TrimSpace(string(in.URN)),
		Version: first(string(in.Version), "1"), Class: dpaClass(in),
		Urgency: rank(string(in.Urgency)), Language: languageTag(string(in.Language)),
		Headline: flat(string(in.Headline)),
		Created:  parseTime(string(in.ContentCreated), zone),
		Updated:  parseTime(string(in.VersionCreated), zone), RawUpdated: string(in.VersionCreated),
	}
	it.Order = orderKey(it.Version, it.Updated)
	it.Credit = strings.Trim(flat(first(string(in.CreditLine), dpaName(in, "provider"))), " -–—")
	it.Bylines = persons([]string{byline(flat(string(in.Byline)))}, it.Credit)
	holder := it.Credit
	if strings.Contains(holder, "/") { // with the name of a person
		holder = first(dpaName(in, "provider"), holder)
	}
	it.Copyright = notice(flat(string(in.CopyrightNotice)), holder, localTime(zone, it.Created, it.Updated))
	it.UsageTerms = terms(in.UsageTerms)
	dpaTags(&it, in)
	dpaNotes(&it, in)
	ninjsEmbargo(&it, string(in.Embargoed), zone)
	dpaStatus(&it, in)
	it.Pictures = dpaPictures(&it, in)
	// What the dpa asks those to show who publish without an editor is the notice.
	it.Copyright = first(flat(string(in.AutoPublishNotice)), it.Copyright)
	if it.Class == Text {
		it.print(dpaBody(in, it.Pictures))
		nameFiguresG2(it.Body.Blocks, it.Pictures)
	}
	it.Standfirst = standfirst(flat(first(string(in.Teaser), string(in.Subhead))), it.Body)
	it.tidy(string(in.Dateline), string(in.Teaser), string(in.Byline), string(in.Dateline))
	return it
}

// dpaClass says what an entry carries: all are "composite", so that is told by
// what is there.
func dpaClass(in *digitalwires.Entry) Class {
	if strings.TrimSpace(string(in.ArticleHTML)) != "" || len(in.Associations) == 0 {
		return Text
	}
	own := in.Associations[0]
	for _, a := range in.Associations {
		if a.URN == in.URN {
			own = a
			break
		}
	}
	if own.Type == "image" {
		return Picture
	}
	return Other
}

// dpaStatus reads what may be done. The status stands in two places, of which the
// one that allows less counts.
func dpaStatus(it *Item, in *digitalwires.Entry) {
	it.Status = Usable // where there is none, as in NewsML-G2
	told := []string{string(in.PubStatus)}
	for _, c := range in.Categories {
		if local(string(c.Type)) == "pubstatus" {
			told = append(told, first(string(c.QCode), string(c.Name)))
		}
	}
	for _, word := range told {
		if word == "" {
			continue
		}
		if s := worse(it.Status, statusOf(word)); s != it.Status || it.RawStatus == "" {
			it.Status, it.RawStatus = s, word
		}
	}
	var others, unknown []string
	for _, s := range it.Signals {
		if strings.HasPrefix(s, "apsig:") { // an item of the AP's, passed on
			others = append(others, local(s))
		} else if !slices.Contains([]string{"update", "correction", "repeat"}, local(s)) {
			unknown = append(unknown, s)
		}
	}
	it.obeySignals(others)
	it.holdUnknown("dpa", unknown)
	genres := slices.Clone(in.Genres)
	for _, c := range in.Categories {
		if local(string(c.Type)) == "genre" {
			genres = append(genres, string(c.Name), string(c.QCode))
		}
	}
	it.Genres = genres
	it.holdAdvisory(genres...)
	it.holdUnlessContent()
	if it.Embargo.IsZero() && !it.EmbargoOpen && slices.ContainsFunc(in.EdNotes, func(n digitalwires.EdNote) bool { return local(string(n.Role)) == "embargo" }) {
		it.holdBecause("A note speaks of an embargo, and the entry has none.")
	}
}

// dpaTags takes over signals, subjects and places: each sort by rank, and what a
// story is about before where it happened and whose desk it is from.
func dpaTags(it *Item, in *digitalwires.Entry) {
	it.Signals = slices.Clone(in.Signal)
	ranked := slices.Clone(in.Categories)
	slices.SortStableFunc(ranked, func(a, b digitalwires.Category) int { return cmp.Compare(a.Rank.Int(), b.Rank.Int()) })
	var about, where, desks, written []string
	for _, c := range ranked {
		name, code := string(c.Name), first(string(c.QCode), string(c.Name))
		switch local(string(c.Type)) {
		case "signal":
			it.Signals = append(it.Signals, code)
		case "dpasubject", "subject":
			about = append(about, code)
		case "geosubject":
			where, it.Places = append(where, code), append(it.Places, name)
		case "desk":
			desks = append(desks, code)
			it.Products = append(it.Products, code, name)
		case "located", "locationcreated":
			written = append(written, name)
		}
	}
	it.Signals = compact(it.Signals)
	it.Subjects = compact(slices.Concat(about, where, desks))
	it.Places = compact(slices.Concat(written, it.Places))
}

// dpaName returns the name of the first category of a type.
func dpaName(in *digitalwires.Entry, kind string) string {
	for _, c := range in.Categories {
		if local(string(c.Type)) == kind && c.Name != "" {
			return string(c.Name)
		}
	}
	return ""
}

// dpaNotes takes over what is for editors. What does not say that it may be
// published is for the newsroom alone, and all of it stays out of the article.
func dpaNotes(it *Item, in *digitalwires.Entry) {
	var notes, internal []string
	for _, n := range in.EdNotes {
		text := flatNote(string(n.Text))
		if n.Publishable == "true" && !editorsOnly(string(n.Role)) {
			notes = append(notes, text)
		} else {
			internal = append(internal, text)
		}
	}
	// The notepad says most of that again.
	notes = append(notes, strings.Split(plain(markup.Inner(in.Notepad.PublicHTML)), "\n")...)
	internal = append(internal, strings.Split(plain(markup.Inner(in.Notepad.NonpublicHTML)), "\n")...)
	it.EdNote, it.Internal = lines(notes...), lines(internal...)
}

// dpaBody returns the story, with the box that belongs to it. The links of the
// other box are not part of it.
func dpaBody(in *digitalwires.Entry, pictures []PictureRef) (richtext.Doc, error) {
	links := make([]newsml.Link, 0, len(pictures))
	for _, p := range pictures {
		links = append(links, newsml.Link{Ref: p.Ref, Href: p.Href})
	}
	return richtext.ReadHTML(standard(string(in.ArticleHTML+in.InfoboxHTML), links), "")
}

// dpaPictures returns the pictures of an entry, the most important first.
func dpaPictures(it *Item, in *digitalwires.Entry) (pictures []PictureRef) {
	ranked := slices.Clone(in.Associations)
	slices.SortStableFunc(ranked, func(a, b digitalwires.Association) int { return cmp.Compare(a.Rank.Int(), b.Rank.Int()) })
	for _, a := range ranked {
		if a.Type != "image" {
			continue
		}
		var files []rendition
		for _, r := range a.Renditions {
			files = append(files, rendition{
				Href: string(r.URL), Type: string(r.MIME), Role: string(r.Role),
				Width: r.Width.Int(), Height: r.Height.Int(), Size: r.Size.Int(),
			})
		}
		p, ok := best(files)
		if !ok {
			continue
		}
		caption, by := apCaption(flat(first(string(a.Caption), dpaCaption(in, a))))
		p.Ref, p.Caption = string(a.URN), caption
		p.Credit = pictureCredit(by, first(flat(string(a.CreditLine)), it.Credit), by)
		p.Copyright, p.UsageTerms = it.Copyright, it.UsageTerms
		pictures = append(pictures, p)
	}
	return pictures
}

// dpaCaption returns the caption that stands with an entry that is a picture.
func dpaCaption(in *digitalwires.Entry, a digitalwires.Association) string {
	if a.URN != in.URN {
		return ""
	}
	for _, d := range in.Descriptions {
		if local(string(d.Role)) == "caption" {
			return string(d.Text)
		}
	}
	return ""
}
