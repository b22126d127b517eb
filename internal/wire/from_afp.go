package wire

import (
	"slices"
	"strings"

	"kawaraban/internal/richtext"
	"kawaraban/internal/wire/afp"
	"kawaraban/internal/wire/markup"
)

// fromAFP says in the wire's words what the documents of AFP Core say.
func fromAFP(docs []afp.Doc) []Item {
	items := make([]Item, 0, len(docs))
	for i := range docs {
		items = append(items, afpItem(&docs[i]))
	}
	return items
}

func afpItem(in *afp.Doc) Item {
	zone := zoneOf(string(in.Published), string(in.Created))
	it := Item{
		Format: "afp", ID: strings.TrimSpace(string(in.UNO)), Version: first(string(in.Revision), "1"), Class: afpClass(in),
		Urgency: rank(string(in.Urgency)), Signals: slices.Clone(in.Signal), Language: languageTag(string(in.Language)),
		Headline: flat(first(string(in.Headline), string(in.Title))), Slugline: strings.Join(in.Slug, "-"),
		Credit:  first(flat(string(in.Provider)), "AFP"),
		Created: parseTime(string(in.Created), zone),
		Updated: parseTime(string(in.Published), zone), RawUpdated: string(in.Published),
		Subjects: compact(slices.Concat(in.MediaTopics, in.IPTC)), Places: compact([]string{flat(string(in.City)), flat(string(in.CountryName))}),
	}
	it.Order = orderKey(it.Version, it.Updated)
	it.Copyright = notice("", it.Credit, localTime(zone, it.Created, it.Updated))
	for _, b := range in.Byline {
		it.Bylines = append(it.Bylines, byline(flat(b)))
	}
	it.Bylines = persons(it.Bylines, it.Credit)
	for _, a := range in.Advisory { // among it what may not be done, in prose
		it.Advisory = lines(it.Advisory, flatNote(a))
	}
	afpStatus(&it, in)
	if it.Class == Text {
		it.print(afpBody(in))
	}
	it.Standfirst = standfirst(flat(first(strings.Join(in.Abstract, " "), string(in.Subheadline))), it.Body)
	it.tidy(flat(string(in.City)), string(in.Title), it.Slugline)
	return it
}

func afpClass(in *afp.Doc) Class {
	switch strings.ToLower(string(in.Class)) {
	case "text", "webstory":
		return Text
	case "picture":
		return Picture
	}
	return Other
}

// afpStatus reads what may be done. An embargo may be a date, or only be said.
func afpStatus(it *Item, in *afp.Doc) {
	sent := strings.TrimSpace(string(in.Status))
	it.Status, it.RawStatus = Usable, sent
	until := strings.TrimSpace(string(in.Embargo))
	said := strings.EqualFold(until, "true") || strings.EqualFold(sent, "embargoed")
	if !strings.EqualFold(until, "true") && !strings.EqualFold(until, "false") {
		ninjsEmbargo(it, until, zoneOf(string(in.Published), string(in.Created)))
	}
	switch {
	case said:
		it.EmbargoOpen = it.EmbargoOpen || it.Embargo.IsZero()
	case sent != "":
		it.Status = statusOf(sent)
	}
	var unknown []string
	for _, s := range in.Signal {
		if !slices.Contains([]string{"update", "correction", "repeat"}, local(s)) {
			unknown = append(unknown, s)
		}
	}
	it.holdUnknown("AFP", unknown)
	it.holdAdvisory(in.Genre...)
}

// afpBody returns the paragraphs as text. Where they are HTML their words are kept.
func afpBody(in *afp.Doc) (richtext.Doc, error) {
	text := make([]string, 0, len(in.News))
	for _, p := range in.News {
		if strings.Contains(p, "</") {
			p = plain(markup.Inner(p))
		}
		text = append(text, strings.TrimSpace(p))
	}
	return richtext.ReadText(strings.Join(text, "\n\n"))
}
