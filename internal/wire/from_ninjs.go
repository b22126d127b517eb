package wire

import (
	"cmp"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/richtext"
	"kawaraban/internal/wire/ninjs"
	"kawaraban/internal/wire/nitf"
)

// fromNinjs says in the wire's words what ninjs documents say.
func fromNinjs(docs []ninjs.Doc) []Item {
	items := make([]Item, 0, len(docs))
	for i := range docs {
		items = append(items, fromNinjsDoc(&docs[i]))
	}
	return items
}

func fromNinjsDoc(d *ninjs.Doc) Item {
	zone := zoneOf(string(d.VersionCreated), string(d.FirstCreated))
	it := Item{
		Format: "ninjs-" + strconv.Itoa(d.Generation),
		ID:     ninjsID(d), Version: string(d.Version), Class: ninjsClass(d),
		Urgency: rank(string(d.Urgency)), Signals: slices.Concat(d.Signal, d.Signals),
		Language: languageTag(string(d.Language)),
		Headline: flat(ninjsHeadline(d)), Slugline: string(d.Slugline),
		Created: parseTime(string(d.FirstCreated), zone),
		Updated: parseTime(string(d.VersionCreated), zone), RawUpdated: string(d.VersionCreated),
		Expires: parseTime(string(d.Expires), zone),
		EdNote:  flatNote(string(d.EdNote)), UsageTerms: flatNote(string(d.UsageTerms)),
	}
	it.Version = first(it.Version, it.RawUpdated, "1")
	it.Order = orderKey(it.Version, it.Updated)
	if it.Created.IsZero() {
		it.Created = parseTime(string(d.ContentCreated), zone)
	}
	it.Status, it.RawStatus = Usable, string(d.PubStatus) // usable is the standard's default
	ninjsEmbargo(&it, string(d.Embargoed), zone)
	switch {
	case d.PubStatus == "":
	case local(it.RawStatus) == "embargoed": // not in the standard, but agencies send it
		it.EmbargoOpen = it.EmbargoOpen || it.Embargo.IsZero()
	default:
		it.Status = statusOf(it.RawStatus)
	}

	for _, t := range slices.Concat(d.Subject, d.Subjects) {
		it.Subjects = append(it.Subjects, t.ID())
	}
	for _, t := range slices.Concat(d.Place, d.Places) {
		it.Places = append(it.Places, first(string(t.Name), t.ID()))
	}
	for _, t := range slices.Concat(d.Service, d.Products) {
		it.Products = append(it.Products, t.ID(), string(t.Name))
	}
	for _, t := range slices.Concat(d.Genre, d.Genres) {
		it.Genres = append(it.Genres, t.ID(), string(t.Name))
	}
	it.Bylines = ninjsBylines(d)
	it.Credit = ninjsCredit(d)
	it.Copyright = notice(string(d.CopyrightNotice), string(d.CopyrightHolder), cmp.Or(it.Created, it.Updated))
	ninjsContents(&it, d)
	it.tidy(first(string(d.Located), ninjsDateline(d)))
	return it
}

// ninjsContents reads the text, the pictures and, of a package, the parts.
func ninjsContents(it *Item, d *ninjs.Doc) {
	body, internal, over := ninjsBody(d)
	it.print(body, over)
	it.Internal = internal
	if it.Class == Picture {
		// Its text is a caption: there is no story beside it.
		it.Body = richtext.Doc{}
		if p, ok := ninjsPicture(d); ok {
			p.Ref = "" // no body names it
			it.Pictures = []PictureRef{p}
		}
		return
	}
	summary := ninjsLabel(d.Descriptions, "text", "lead", "summary", "abstract", "main", "standfirst", "")
	it.Standfirst = standfirst(flat(summary), it.Body)
	for i := range d.Associations {
		a := &d.Associations[i]
		if p, ok := ninjsPicture(a); ok && ninjsClass(a) == Picture {
			nameFigures(it.Body.Blocks, a, p.Ref)
			it.Pictures = append(it.Pictures, p)
		}
		if id := ninjsID(a); id != "" && it.Class == Package {
			it.Parts = append(it.Parts, id)
		}
	}
}

// ninjsID returns the identifier that all versions share. The AP puts the
// customer's query and the version's tag behind it.
func ninjsID(d *ninjs.Doc) string {
	id := strings.TrimSpace(d.ID())
	if u, err := url.Parse(id); err == nil && u.Host == "api.ap.org" && u.RawQuery != "" {
		query := u.Query()
		query.Del("qt")
		query.Del("et")
		u.RawQuery = query.Encode()
		return u.String()
	}
	return id
}

// ninjsClass says what d carries. Events and planning are news for editors
// only; a composite with a text is that text with its pictures, one without
// points at others.
func ninjsClass(d *ninjs.Doc) Class {
	kind := strings.ToLower(string(d.Type))
	if d.Event || d.Planning {
		return Other
	}
	switch kind {
	case "text", "story", "article":
		return Text
	case "picture", "image", "photo":
		return Picture
	case "composite":
		if len(d.Bodies) == 0 && len(d.Associations) > 0 {
			return Package
		}
		return Text
	case "":
		if _, picture := best(ninjsFiles(d)); picture && len(d.Bodies) == 0 {
			return Picture
		}
		return Text
	}
	return Other
}

// ninjsEmbargo reads the end of the embargo. A date alone, which version 1.0
// allowed, holds to the end of that day, in the zone that the agency's other
// dates are in, else in the last zone on earth to see it.
func ninjsEmbargo(it *Item, sent string, zone *time.Location) {
	if strings.TrimSpace(sent) == "" {
		return
	}
	end, layout, _ := parseDate(sent, zone)
	if end.IsZero() {
		it.EmbargoOpen = true
		it.Advisory = advise(it.Advisory, "The embargo is not a date that we can read, so the item is held: "+sent)
		return
	}
	it.Embargo = embargoEnd(sent, zone)
	until := it.Embargo.Format("2006-01-02 15:04 MST")
	switch {
	case !strings.Contains(layout, "15"):
		it.Advisory = advise(it.Advisory, "The embargo is a date without a time ("+sent+"): held to the end of that day, "+until+". Ask the agency if that is late.")
	case !strings.Contains(layout, "Z07"):
		it.Advisory = advise(it.Advisory, "The embargo has no time zone ("+sent+"): held until "+until+". Ask the agency if that is late.")
	}
}

// ninjsHeadline returns the headline among several, which are for other uses,
// else the title, which is metadata.
func ninjsHeadline(d *ninjs.Doc) string {
	return first(ninjsLabel(d.Headlines, "", "main", "headline", "text"), string(d.Title))
}

// ninjsLabel returns the first label with the first of roles that there is,
// else the first label in plain words.
func ninjsLabel(labels []ninjs.Label, roles ...string) string {
	for _, role := range roles {
		for _, l := range labels {
			if strings.EqualFold(l.Role, role) {
				return l.Value
			}
		}
	}
	for _, l := range labels {
		if !offRecord(l.Role) && !strings.EqualFold(l.Role, "creditline") && !strings.EqualFold(l.Role, "writer") {
			return l.Value
		}
	}
	return ""
}

// ninjsBody returns the best of the bodies, which are one text in several
// forms, and beside it what is not for readers. The error is richtext's, for one
// whose end is lost.
func ninjsBody(d *ninjs.Doc) (body richtext.Doc, internal string, over error) {
	var chosen ninjs.Label
	var notes []string
	top := 0
	for _, b := range d.Bodies {
		if offRecord(b.Role) {
			notes = append(notes, flatNote(b.Value))
			continue
		}
		if score := fitness(b); score > top {
			chosen, top = b, score
		}
	}
	switch {
	case top == 0:
	case isNITF(chosen):
		value := chosen.Value
		if doc, err := nitf.Parse([]byte(value)); err == nil && doc.Body.Content.Inner != "" {
			value = doc.Body.Content.Inner
		}
		body, over = richtext.ReadNITF(value)
	case isHTML(chosen):
		body, over = richtext.ReadHTML(chosen.Value, "")
	default:
		body, over = richtext.ReadText(chosen.Value)
	}
	return body, lines(notes...), over
}

// fitness ranks a body: the story before captions and teasers, then by how much
// of the story's shape its form can say.
func fitness(b ninjs.Label) int {
	if strings.TrimSpace(b.Value) == "" {
		return 0
	}
	score := 1
	switch strings.ToLower(b.Role) {
	case "", "main", "body", "text", "xhtml", "html", "html5", "nitf", "x", "article":
		score += 10
	}
	switch {
	case isNITF(b):
		score += 2
	case isHTML(b):
		score += 3
	}
	return score
}

func isNITF(b ninjs.Label) bool {
	return strings.Contains(strings.ToLower(b.ContentType), "nitf") || strings.EqualFold(b.Role, "nitf")
}

func isHTML(b ninjs.Label) bool {
	kind, role := strings.ToLower(b.ContentType), strings.ToLower(b.Role)
	switch {
	case strings.Contains(kind, "html"), strings.Contains(kind, "xml"):
		return true
	case kind != "":
		return false
	case strings.HasSuffix(role, "html"), role == "html5":
		return true
	case role == "text":
		return false
	}
	return strings.Contains(b.Value, "</") || strings.Contains(b.Value, "/>")
}

// offRecord reports whether a role says that its text stays in the newsroom.
func offRecord(role string) bool {
	word := squash(role)
	return editorsOnly(role) || strings.Contains(word, "notepad") || strings.Contains(word, "ednote") ||
		strings.Contains(word, "internal") || strings.Contains(word, "private") || strings.Contains(word, "contacts")
}

// ninjsBylines returns who wrote it: the byline as printed before the list of
// all who had a hand in it.
func ninjsBylines(d *ninjs.Doc) (names []string) {
	if by := first(string(d.Byline), string(d.By)); by != "" {
		return []string{byline(flat(by))}
	}
	for _, a := range d.Authors {
		if role := strings.ToLower(string(a.Role)); a.Name != "" && (role == "" || role == "writer" || role == "author") {
			names = append(names, string(a.Name))
		}
	}
	return names
}

// ninjsCredit returns who delivered the item.
func ninjsCredit(d *ninjs.Doc) string {
	for _, l := range d.Descriptions {
		if strings.EqualFold(l.Role, "creditline") {
			return flat(l.Value)
		}
	}
	var source string
	for _, t := range slices.Concat(d.InfoSource, d.InfoSources) {
		source = first(source, string(t.Name), string(t.Literal))
	}
	return first(string(d.CreditLine), string(d.Source), source, string(d.CopyrightHolder))
}

// ninjsDateline returns the place in Superdesk's dateline, which is a text or
// an object with one.
func ninjsDateline(d *ninjs.Doc) string {
	var object struct{ Text ninjs.Scalar }
	if json.Unmarshal([]byte(d.Dateline), &object) == nil && object.Text != "" {
		return string(object.Text)
	}
	if strings.HasPrefix(string(d.Dateline), "{") {
		return ""
	}
	return string(d.Dateline)
}

// ninjsPicture returns the picture that d is. Caption and credit are apart: a
// caption that carries its credit at the end gives it up.
func ninjsPicture(d *ninjs.Doc) (PictureRef, bool) {
	p, ok := best(ninjsFiles(d))
	if !ok {
		return PictureRef{}, false
	}
	caption, credit := splitCaption(flat(first(
		ninjsLabel(d.Descriptions, "caption", "text", "caption_text", "main", "", "xhtml", "html"),
		bodyText(d), ninjsHeadline(d))))
	by := ""
	if names := ninjsBylines(d); len(names) > 0 {
		by = names[0]
	}
	created := parseTime(first(string(d.FirstCreated), string(d.VersionCreated)), nil)
	p.Ref = first(d.Name, d.ID())
	p.Caption, p.Credit = caption, pictureCredit(by, ninjsCredit(d), credit)
	p.Copyright = notice(string(d.CopyrightNotice), string(d.CopyrightHolder), created)
	p.UsageTerms = lines(flatNote(string(d.UsageTerms)), flatNote(string(d.EdNote))) // "TURKEY OUT" stands in the note
	return p, true
}

// bodyText returns a picture's text, where some agencies put the caption.
func bodyText(d *ninjs.Doc) string {
	if ninjsClass(d) != Picture {
		return ""
	}
	body, _, _ := ninjsBody(d)
	return body.Text()
}

// ninjsFiles returns the files of what d is.
func ninjsFiles(d *ninjs.Doc) []rendition {
	files := make([]rendition, 0, len(d.Renditions))
	for _, r := range d.Renditions {
		files = append(files, rendition{
			Href: string(r.Href), Type: r.Mime(), Role: r.Name, Width: r.Width.Int(), Height: r.Height.Int(),
		})
	}
	return files
}

// nameFigures lets the figures of a body that show one of a's files name the
// picture instead of its address.
func nameFigures(blocks []richtext.Block, a *ninjs.Doc, ref string) {
	for i := range blocks {
		if blocks[i].Kind != richtext.Figure {
			continue
		}
		for _, r := range a.Renditions {
			if r.Href != "" && string(r.Href) == blocks[i].URL {
				blocks[i].Picture = ref
			}
		}
	}
}

// flatNote returns a note's text: editors' systems write them in HTML.
func flatNote(s string) string {
	s = clip(s, maxMarkup)
	if strings.Contains(s, "</") || strings.Contains(s, "<br") {
		return richtext.FromHTML(s, "").Text()
	}
	return html.UnescapeString(s)
}
