package wire

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"kawaraban/internal/richtext"
	"kawaraban/internal/wire/nitf"
)

// fromNITF says in the wire's words what an NITF document says.
//
// Its identity is the du-key where that has a version, since then the pair is
// what NITF means by a version of a story; else the doc-id; else the du-key.
func fromNITF(d *nitf.Doc) Item {
	head := &d.Head.DocData
	zone := zoneOf(head.Issue.Norm, head.Release.Norm)
	it := Item{
		Format: "nitf", Class: Text,
		ID:         cmp.Or(head.DocID.IDString, head.DUKey.Key),
		Urgency:    rank(head.Urgency.EdUrg),
		Language:   languageTag(d.BaseLang, d.Lang),
		Headline:   first(string(d.Body.Hedline.HL1), string(d.Head.Title)),
		Slugline:   nitfSlug(d),
		Standfirst: first(richtext.FromNITF(string(d.Body.Abstract)).Text(), nitfSubhead(d)),
		Credit:     nitfCredit(d),
		Created:    parseTime(head.Issue.Norm, zone), RawUpdated: head.Issue.Norm,
		Expires: parseTime(head.Expire.Norm, zone),
	}
	if head.DUKey.Key != "" && head.DUKey.Version != "" {
		it.ID, it.Version = head.DUKey.Key, head.DUKey.Version
	}
	it.Updated = it.Created
	for _, r := range d.Head.Revision {
		if t := parseTime(r.Norm, zone); t.After(it.Updated) {
			it.Updated, it.RawUpdated = t, r.Norm
		}
	}
	it.Version = first(it.Version, it.RawUpdated, "1")
	it.Order = orderKey(it.Version, it.Updated)
	nitfStatus(&it, head)
	nitfRights(&it, d)
	nitfNotes(&it, d)
	it.print(richtext.ReadNITF(d.Body.Content.Inner))

	for _, b := range d.Body.Bylines {
		if name := byline(b.Name()); !isSignature(name) { // some sign with the desk's initials
			it.Bylines = append(it.Bylines, name)
		}
	}
	for _, s := range d.Head.TObject.Subjects {
		it.Subjects = append(it.Subjects, cmp.Or(s.RefNum, s.Code))
	}
	for _, c := range head.Identified.Classifiers {
		it.Subjects = append(it.Subjects, cmp.Or(c.Value, c.IDCode))
	}
	for _, l := range head.EvLoc {
		it.Places = append(it.Places, l.City, l.CountyDist, l.StateProv, l.Country)
	}
	for _, l := range head.Identified.Locations {
		it.Places = append(it.Places, l.Name())
	}
	for _, m := range d.Body.Content.Media {
		if p, ok := nitfPicture(m); ok {
			it.Pictures = append(it.Pictures, p)
		}
	}
	dateline := strings.Join(strings.Fields(d.Body.Dateline.Text), " ")
	if len(d.Body.Dateline.Locations) > 0 {
		dateline = d.Body.Dateline.Locations[0].Name() + " " + dateline
	}
	it.tidy(dateline, string(d.Head.Title), string(d.Body.Hedline.HL1))
	return it
}

// nitfStatus reads what may be done and from when. management-status is usable
// when absent; "embargoed" without a date of release is open-ended.
func nitfStatus(it *Item, head *nitf.DocData) {
	it.RawStatus = head.ManagementStatus
	zone := zoneOf(head.Release.Norm, head.Issue.Norm)
	release := embargoEnd(head.Release.Norm, zone)
	if strings.TrimSpace(head.Release.Norm) != "" && release.IsZero() {
		it.EmbargoOpen = true // a date that we cannot read is no reason to publish
	}
	switch {
	case local(head.ManagementStatus) == "embargoed":
		it.Status, it.Embargo = Usable, release
		it.EmbargoOpen = release.IsZero()
		return
	case head.ManagementStatus == "":
		it.Status = Usable
	default:
		it.Status = statusOf(head.ManagementStatus)
	}
	// Many agencies repeat the date of issue as that of release.
	if parseTime(head.Release.Norm, zone).After(it.Created) {
		it.Embargo = release
	}
}

// nitfCredit returns who delivered the story.
func nitfCredit(d *nitf.Doc) string {
	head := &d.Head.DocData
	names := []string{string(d.Body.Distributor), meta(d, "aap-source"), head.DocID.RegSrc}
	for _, s := range head.Sources {
		names = append(names, s.Name)
	}
	for _, r := range head.Rights {
		names = append(names, r.Owner)
	}
	return first(names...)
}

// nitfRights reads whose the story is and on what terms.
func nitfRights(it *Item, d *nitf.Doc) {
	var holder, year string
	for _, c := range d.Head.DocData.Copyright {
		holder, year = first(holder, c.Holder), first(year, c.Year)
	}
	switch {
	case holder != "" && year != "":
		it.Copyright = "© " + year + " " + holder
	case holder != "":
		it.Copyright = notice("", holder, it.Created)
	}
	var terms []string
	for _, r := range d.Head.DocData.Rights {
		terms = append(terms, r.Type, r.Limitations)
		if r.Geography != "" {
			terms = append(terms, "Where: "+r.Geography)
		}
		if r.EndDate != "" {
			terms = append(terms, "The rights end: "+r.EndDate)
		}
	}
	for _, r := range d.Body.Rights {
		if it.Copyright == "" {
			it.Copyright = notice("", string(r.Owner), it.Created)
		}
		terms = append(terms, strings.Join(strings.Fields(r.Text), " "), string(r.Type), string(r.Limitations))
		if r.EndDate != "" {
			terms = append(terms, "The rights end: "+string(r.EndDate))
		}
	}
	it.UsageTerms = lines(terms...)
}

// nitfNotes gathers what speaks to editors. A note of type "npa" is not for
// publication; the others might be, and an editor decides.
func nitfNotes(it *Item, d *nitf.Doc) {
	var edNote, internal, advisory []string
	for _, m := range d.Head.DocData.EdMsg {
		edNote = append(edNote, m.Info)
	}
	for _, c := range d.Head.DocData.Correction {
		it.Signals = append(it.Signals, "correction")
		edNote = append(edNote, c.Info)
		if c.IDString != "" {
			advisory = append(advisory, "Corrects "+c.IDString)
		}
	}
	for _, n := range append(d.Body.Notes, d.Body.Content.Notes...) {
		if strings.EqualFold(n.Type, "npa") {
			internal = append(internal, n.Text)
		} else {
			edNote = append(edNote, n.Text)
		}
	}
	for _, r := range d.Head.Revision {
		advisory = append(advisory, r.Comment)
	}
	for _, t := range d.Body.Tagline {
		internal = append(internal, string(t))
	}
	it.EdNote, it.Internal, it.Advisory = lines(edNote...), lines(internal...), lines(advisory...)
}

// nitfPicture returns the picture in m: its largest file, with what its first
// is called in the body. It is not ok for sound and film.
func nitfPicture(m nitf.Media) (PictureRef, bool) {
	var files []rendition
	for _, r := range m.References {
		kind := r.MIMEType
		if kind == "" && strings.EqualFold(m.Type, "image") {
			kind = mediaType("", first(r.Source, "x.jpg"))
		}
		files = append(files, rendition{
			Href: r.Source, Type: kind, Role: r.Name, Width: number(r.Width), Height: number(r.Height),
		})
	}
	p, ok := best(files)
	if !ok {
		return PictureRef{}, false
	}
	chosen := m.References[slices.IndexFunc(m.References, func(r nitf.Reference) bool { return r.Source == p.Href })]
	p.Ref = first(m.References[0].Source, strings.TrimPrefix(m.References[0].DataLocation, "#"))
	p.Credit, p.Copyright, p.Alt = chosen.Credit, chosen.Copyright, chosen.Alternate
	var captions []string
	for _, c := range m.Captions {
		captions = append(captions, string(c))
	}
	var told string
	p.Caption, told = splitCaption(strings.Join(captions, " "))
	for _, producer := range m.Producers {
		p.Credit = first(p.Credit, string(producer))
	}
	for _, data := range m.Metadata {
		switch strings.ToLower(data.Name) {
		case "credit":
			p.Credit = first(p.Credit, data.Value)
		case "copyright":
			p.Copyright = first(p.Copyright, data.Value)
		}
	}
	p.Credit = first(p.Credit, told)
	return p, true
}

// nitfSlug returns the agency's name for the running story.
func nitfSlug(d *nitf.Doc) string {
	var keys []string
	for _, k := range d.Head.DocData.Keywords {
		keys = append(keys, k.Key)
	}
	return first(meta(d, "anpa-keyword"), strings.Join(keys, "/"), meta(d, "NTBStikkord"), d.Head.DocData.DUKey.Key)
}

// nitfSubhead returns the line below the headline, unless it repeats the slug.
func nitfSubhead(d *nitf.Doc) string {
	for _, l := range d.Body.Hedline.HL2 {
		if squash(string(l)) != squash(nitfSlug(d)) {
			return string(l)
		}
	}
	return ""
}

func meta(d *nitf.Doc, name string) string {
	for _, m := range d.Head.Meta {
		if strings.EqualFold(m.Name, name) {
			return strings.TrimSpace(m.Content)
		}
	}
	return ""
}

// rank returns an urgency from 1 to 9, or 0 for anything else.
func rank(s string) int {
	if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && n >= 1 && n <= 9 {
		return n
	}
	return 0
}
