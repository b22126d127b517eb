package wire

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"kawaraban/internal/wire/ap"
	"kawaraban/internal/wire/nitf"
)

// fromAP says in the wire's words what the AP's items say.
func fromAP(a *ap.Answer) []Item {
	items := make([]Item, 0, len(a.Items))
	for i := range a.Items {
		items = append(items, apItem(&a.Items[i]))
	}
	return items
}

func apItem(in *ap.Item) Item {
	zone := zoneOf(string(in.VersionCreated), string(in.FirstCreated))
	it := Item{
		Format: "ap", ID: first(string(in.AltIDs.ItemID), string(in.URI)),
		Version: apVersion(in), Class: apClass(in),
		Urgency: rank(string(in.Urgency)), Signals: slices.Concat(in.Signals, in.EditorialTypes),
		Language: languageTag(string(in.Language)),
		Headline: flat(first(string(in.Headline), string(in.Title))), Slugline: string(in.Slugline),
		Credit:  apCredit(in),
		Created: parseTime(string(in.FirstCreated), zone),
		Updated: parseTime(string(in.VersionCreated), zone), RawUpdated: string(in.VersionCreated),
		Expires: parseTime(string(in.Expires), zone),
		EdNote:  lines(flatNote(string(in.EdNote)), flatNote(string(in.Aside))),
	}
	it.Order = orderKey(strings.TrimSpace(string(in.Version)), it.Updated)
	it.Copyright, it.UsageTerms = apNotice(in), apTerms(in)
	for _, l := range in.Links {
		if strings.EqualFold(string(l.Rel), "canonical") {
			it.Link = string(l.Href)
		}
	}
	for _, b := range in.Bylines {
		it.Bylines = append(it.Bylines, byline(flat(string(b.By))))
	}
	it.Bylines = persons(it.Bylines, it.Credit)
	it.Genres = []string{string(in.Profile)}
	apTags(&it, in)
	apStatus(&it, in)
	dateline := string(in.Dateline.City)
	if it.Class == Picture {
		if p, ok := apPicture(in); ok {
			it.Pictures = []PictureRef{p}
		}
		it.tidy(dateline)
		return it
	}
	for i := range in.Associations {
		with := &in.Associations[i]
		it.showAP(with)
		if it.Class == Package {
			it.Parts = append(it.Parts, first(string(with.AltIDs.ItemID), string(with.URI)))
		}
	}
	dateline = apStory(&it, in, dateline)
	it.Standfirst = standfirst(flat(string(in.Summary)), it.Body)
	it.tidy(dateline, it.Slugline, string(in.Title))
	return it
}

// showAP shows a picture that belongs to a story, if it may be published by
// itself: it is an item with a status of its own.
func (it *Item) showAP(with *ap.Item) {
	p, ok := apPicture(with)
	if !ok || apClass(with) != Picture {
		return
	}
	var own Item
	apStatus(&own, with)
	if own.Status != Usable || own.EmbargoOpen || !own.Embargo.IsZero() {
		it.Advisory = lines("A picture was left out: the AP has not released it as it has the story.", it.Advisory)
		return
	}
	it.Pictures = append(it.Pictures, p)
}

// apVersion returns the version's number, from 0, with what the tag of this
// revision has more than the item's id: what is not the text may change under
// the same number.
func apVersion(in *ap.Item) string {
	number := first(string(in.Version), "0")
	tag := strings.TrimLeft(strings.TrimPrefix(string(in.AltIDs.ETag), string(in.AltIDs.ItemID)), "_")
	if tag == "" {
		return number
	}
	return number + " " + tag
}

// apClass says what an item carries. A text that only points at others is one of
// the AP's lists of top headlines.
func apClass(in *ap.Item) Class {
	switch strings.ToLower(string(in.Type)) {
	case "picture":
		return Picture
	case "text":
		text, href := in.Story()
		lists := slices.ContainsFunc(in.Associations, func(with ap.Item) bool { return strings.EqualFold(string(with.Type), "text") })
		if text == "" && href == "" && lists {
			return Package
		}
		return Text
	}
	return Other
}

// apStatus goes the AP's own way to what may be published: what it has taken back
// is taken back; without the signal "newscontent" nothing is ever for readers;
// then come the status, the embargo and the kind of revision.
func apStatus(it *Item, in *ap.Item) {
	sent := strings.TrimSpace(string(in.PubStatus))
	it.Status, it.RawStatus = Usable, sent // usable is the default
	zone := zoneOf(string(in.VersionCreated), string(in.FirstCreated))
	ninjsEmbargo(it, first(string(in.Embargoed), string(in.Release)), zone)
	switch {
	case sent == "":
	case local(sent) == "embargoed":
		it.EmbargoOpen = it.EmbargoOpen || it.Embargo.IsZero()
	default:
		it.Status = statusOf(sent)
	}
	for _, kind := range in.EditorialTypes {
		it.obeyKind(squash(kind))
	}
	it.obeySignals(in.Signals)
	it.holdAdvisory(string(in.Profile))
	if !slices.ContainsFunc(in.Signals, func(s string) bool { return strings.EqualFold(s, "newscontent") }) {
		it.holdBecause("The AP does not signal that this is news content. It is for editors only, such as an advisory or a daybook.")
	}
}

// obeyKind obeys what an item of the AP calls itself, beside its status.
func (it *Item) obeyKind(kind string) {
	switch kind {
	case "kill", "elimination":
		it.Status = Canceled
	case "withhold":
		if it.Status != Canceled {
			it.Status = Withheld
		}
	case "holdforrelease":
		it.EmbargoOpen = it.EmbargoOpen || it.Embargo.IsZero()
	case "advisory", "disregard":
		it.holdBecause(fmt.Sprintf("The AP calls this %q: it speaks to editors.", kind))
	}
}

// obeySignals obeys the signals of the AP. One that we do not know may be the
// instruction that this item must not be used as the others are.
func (it *Item) obeySignals(signals []string) {
	var unknown []string
	for _, signal := range signals {
		switch strings.ToLower(signal) {
		case "newscontent", "newsroomready", "consumerready", "apwhollyowned", "whitelisted", "singlesource",
			"derived", "derivedlatest", "isnotdigitized":
		case "test":
			it.holdBecause("It is a test of the AP.")
		case "explicitcontent":
			it.holdBecause("The AP marks this as explicit: look before you publish.")
		default:
			unknown = append(unknown, signal)
		}
	}
	it.holdUnknown("AP", unknown)
}

// holdUnknown holds an item for signals that we do not know.
func (it *Item) holdUnknown(agency string, signals []string) {
	const told = 5 // the others are among the item's signals
	if len(signals) > 0 {
		it.holdBecause(fmt.Sprintf("The %s signals %q, which we do not know.", agency, signals[:min(len(signals), told)]))
	}
}

// holdBecause holds an item for an editor, who is told why, once.
func (it *Item) holdBecause(reason string) {
	it.Status = hold(it.Status)
	if !strings.Contains(it.Advisory, reason) {
		it.Advisory = advise(it.Advisory, reason)
	}
}

// apStory reads the text where it has come, and returns the dateline. Where it
// has not, the item keeps its address.
func apStory(it *Item, in *ap.Item, dateline string) string {
	text, href := in.Story()
	if !in.Recalled() {
		it.BodyAt = href
	}
	if text == "" {
		return dateline
	}
	d, err := nitf.Parse([]byte(text))
	if err != nil {
		it.holdBecause(fmt.Sprintf("Its text is damaged and could not be read: %v", err))
		return dateline
	}
	n := fromNITF(d)
	it.Status = worse(it.Status, n.Status)
	if n.Embargo.After(it.Embargo) {
		it.Embargo, it.EmbargoOpen = n.Embargo, false
	}
	it.EmbargoOpen = it.EmbargoOpen || n.EmbargoOpen && it.Embargo.IsZero()
	it.Body = n.Body
	it.Headline = first(it.Headline, string(d.Body.Hedline.HL1)) // not n's, which may be made of the text
	if len(it.Bylines) == 0 {
		it.Bylines = persons(n.Bylines, it.Credit)
	}
	it.Pictures = append(it.Pictures, n.Pictures...)
	it.EdNote, it.Internal = lines(it.EdNote, n.EdNote), n.Internal
	it.Advisory = lines(n.Advisory, it.Advisory) // the last line is why it is held
	return first(n.Dateline, dateline)
}

// apTags takes over subjects and places: those that are meant before those that
// only contain them.
func apTags(it *Item, in *ap.Item) {
	for _, wider := range []bool{false, true} {
		for _, s := range in.Subjects {
			if ancestor(s) == wider {
				it.Subjects = append(it.Subjects, tagID(s))
			}
		}
	}
	it.Subjects = compact(it.Subjects)
	it.Places = append(it.Places, string(in.Dateline.City))
	for _, p := range in.Places {
		if !ancestor(p) {
			it.Places = append(it.Places, string(p.Name))
		}
	}
	it.Places = compact(it.Places)
}

func ancestor(t ap.Tag) bool {
	return slices.Contains(t.Rels, "ancestor") && !slices.Contains(t.Rels, "direct")
}

// tagID returns what names a subject: in the AP's vocabulary its address, and of
// one of the AP's categories which list it is from, since "a" alone says nothing.
func tagID(t ap.Tag) string {
	code := string(t.Code)
	switch {
	case code == "":
		return string(t.Name)
	case t.Scheme != "":
		return string(t.Scheme) + code
	case len(t.Rels) > 0:
		return t.Rels[0] + ":" + code
	}
	return code
}

// apCredit returns who delivered.
func apCredit(in *ap.Item) string {
	source := ""
	for _, s := range in.Sources {
		source = first(source, string(s.Name))
	}
	return flat(first(string(in.CreditLine), string(in.Provider), source, "AP"))
}

// apNotice returns the source notice; the AP writes some without the sign.
func apNotice(in *ap.Item) string {
	words := strings.Join(strings.Fields(string(in.Copyright)), " ")
	if bareYear.MatchString(words) {
		return "© " + words
	}
	created := parseTime(first(string(in.FirstCreated), string(in.VersionCreated)), nil)
	return notice(words, first(string(in.Provider), "AP"), created)
}

var bareYear = regexp.MustCompile(`^\d{4} \p{L}`)

// apTerms returns the terms of use, of which the AP has several fields.
func apTerms(in *ap.Item) string { return terms(slices.Concat(in.UsageTerms, in.RightsLine)) }

// maxTerms is how many terms of use are taken over; real items have three.
const maxTerms = 50

// terms returns terms of use as lines.
func terms(sent []string) string {
	var all []string
	for _, t := range sent[:min(len(sent), maxTerms)] {
		all = append(all, flatNote(t))
	}
	return lines(all...)
}

// apPicture returns the picture that an item is.
func apPicture(in *ap.Item) (PictureRef, bool) {
	var files []rendition
	for _, r := range in.Renditions {
		files = append(files, rendition{
			Href: string(r.Value.Href), Type: string(r.Value.MIME), Role: first(string(r.Value.Rel), r.Name),
			Width: r.Value.Width.Int(), Height: r.Value.Height.Int(), Size: r.Value.Size.Int(),
		})
	}
	p, ok := best(files)
	if !ok {
		return PictureRef{}, false
	}
	caption, told := apCaption(flat(first(string(in.Caption), string(in.Headline))))
	p.Ref = first(string(in.AltIDs.ItemID), string(in.URI))
	p.Caption = caption
	p.Credit = pictureCredit(first(flat(string(in.Taker.Name)), told), apCredit(in), told)
	p.Copyright = apNotice(in)
	p.UsageTerms = lines(apTerms(in), flatNote(string(in.EdNote)))
	return p, true
}

// apCredited matches what ends a caption of the AP: "(AP Photo/Ana Ruiz, File)".
var apCredited = regexp.MustCompile(`\s*\(AP (?:Photo|Foto)/([^()]{2,60}?)(?:, (?:[Ff]ile|[Pp]ool|[Aa]rchivo))?\)\s*$`)

// apCaption returns a caption without its credit, and who took the picture.
func apCaption(s string) (caption, by string) {
	if len(s) > maxCaption {
		return s, ""
	}
	if m := apCredited.FindStringSubmatchIndex(s); m != nil && m[0] > 0 {
		return s[:m[0]], s[m[2]:m[3]]
	}
	return splitCaption(s)
}
