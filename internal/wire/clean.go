package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kawaraban/internal/richtext"
)

// How long the parts of an item may be, in runes, and how many there may be.
// Real ones stay far below; what is over was not written by a journalist.
const (
	maxID       = 500 // bytes; of a longer id its hash is kept, since a cut could make two one
	maxHeadline = 300
	maxLine     = 500
	maxCaption  = 3_000
	maxNotes    = 20_000
	maxAddress  = 2_000

	maxNames    = 50 // bylines, signals, places, products, genres
	maxSubjects = 200
	maxPictures = 100
	maxParts    = 2_000
)

// clean makes of an item, which a stranger wrote, one that the newsroom can
// keep: text is NFC without control characters and bounded, addresses lead
// where they may lead, and a body that richtext refuses is left out, which
// holds the item.
func clean(it *Item) {
	cleanID(it)
	for _, f := range []struct {
		text *string
		max  int
	}{
		{&it.Version, maxLine},
		{&it.RawStatus, maxLine},
		{&it.RawUpdated, maxLine},
		{&it.Language, 35},
		{&it.Headline, maxHeadline},
		{&it.Slugline, maxLine},
		{&it.Standfirst, maxCaption},
		{&it.Dateline, maxLine},
		{&it.Credit, maxLine},
		{&it.Copyright, maxLine},
	} {
		*f.text = oneLine(*f.text, f.max)
	}
	it.Bylines = names(it.Bylines, maxNames)
	it.Signals = names(it.Signals, maxNames)
	it.Places = names(it.Places, maxNames)
	it.Products = names(it.Products, maxNames)
	it.Genres = names(it.Genres, maxNames)
	it.Subjects = names(it.Subjects, maxSubjects)
	it.Parts = names(it.Parts, maxParts)
	it.Link, it.BodyAt = webAddress(it.Link), webAddress(it.BodyAt)
	if it.Urgency < 1 || it.Urgency > 9 {
		it.Urgency = 0
	}
	if !storable(it.Embargo) {
		it.Embargo, it.EmbargoOpen = time.Time{}, true
	}
	for _, t := range []*time.Time{&it.Created, &it.Updated, &it.Expires} {
		if !storable(*t) {
			*t = time.Time{}
		}
	}
	cleanPictures(it)
	if err := it.Body.Check(); err != nil {
		it.Body.Blocks = nil
		it.Status = hold(it.Status)
		it.Advisory = advise(it.Advisory, fmt.Sprintf("The body was left out and the item is held: %v", err))
	}
	for _, n := range []*string{&it.EdNote, &it.Advisory, &it.Internal, &it.UsageTerms} {
		*n = prose(*n)
	}
}

// cleanID gives the item an id that the store can keep. One that came without
// is known by its content, so that what is delivered twice is kept once; it is
// held, because neither an update nor a kill can ever find it.
func cleanID(it *Item) {
	it.ID = printable(it.ID, false)
	switch {
	case it.ID == "":
		it.ID = contentID(it.Format, it.RawUpdated, it.Headline, it.Body.Text())
		it.Status = hold(it.Status)
		it.Advisory = advise(it.Advisory, noID)
	case len(it.ID) > maxID:
		it.ID = contentID(it.ID)
	}
}

// noID is said of an item whose id is made of its content.
const noID = "The agency gave this item no identifier: neither an update nor a kill of it can be recognised."

// contentID returns an id made of parts: the same for the same.
func contentID(parts ...string) string {
	sum := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(sum, "%d:%s", len(p), p)
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

// print makes body what the item says to readers. One that has lost its end, for
// the reason over, must not go out as if it were whole.
func (it *Item) print(body richtext.Doc, over error) {
	it.Body = body
	if over != nil {
		it.Status = hold(it.Status)
		it.Advisory = advise(it.Advisory, fmt.Sprintf("The end of the text was left out and the item is held. %v", over))
	}
}

// hold returns the status of an item that s may not publish by itself. What is
// already withheld or canceled stays so.
func hold(s Status) Status {
	if s == Usable {
		return Unknown
	}
	return s
}

// advise adds a line to what editors are told about an item.
func advise(advisory, more string) string {
	if advisory == "" {
		return more
	}
	return advisory + "\n" + more
}

func cleanPictures(it *Item) {
	if len(it.Pictures) > maxPictures {
		it.Pictures = it.Pictures[:maxPictures]
	}
	kept := it.Pictures[:0]
	for _, p := range it.Pictures {
		sent := p.Href
		if p.Href = fileOrWeb(sent); p.Href == "" && sent != "" {
			it.Advisory = advise(it.Advisory, "A picture was left out, because its address is not one of a file or of the web.")
			continue
		}
		p.Ref, p.Type = oneLine(p.Ref, maxLine), oneLine(p.Type, 100)
		p.Caption, p.Alt = oneLine(p.Caption, maxCaption), oneLine(p.Alt, maxCaption)
		p.Credit, p.Copyright = oneLine(p.Credit, maxLine), oneLine(p.Copyright, maxLine)
		p.UsageTerms = prose(p.UsageTerms)
		p.Width, p.Height = max(p.Width, 0), max(p.Height, 0)
		kept = append(kept, p)
	}
	it.Pictures = kept
	if len(kept) == 0 {
		it.Pictures = nil
	}
}

// oneLine returns s on one line, in at most limit runes.
func oneLine(s string, limit int) string {
	return shorten(strings.Join(strings.Fields(printable(clip(s, 16*limit), false)), " "), limit)
}

// clip returns the first limit bytes of s, or a few less, so that no letter is
// cut in two. What is shortened to fewer runes later is clipped to far more
// before, since each of a dozen steps reads all of it.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// names cleans a list: empty and repeated ones go, and what is over the limit.
func names(list []string, limit int) []string {
	var kept []string
	seen := map[string]bool{}
	for _, s := range list {
		if s = oneLine(s, maxLine); s != "" && !seen[s] && len(kept) < limit {
			seen[s] = true
			kept = append(kept, s)
		}
	}
	return kept
}

// compact returns names without the empty and the repeated.
func compact(names []string) (out []string) {
	seen := map[string]bool{"": true}
	for _, s := range names {
		if !seen[s] {
			out = append(out, s)
		}
		seen[s] = true
	}
	return out
}

// prose returns a note to editors: its line breaks stay, blank lines become one.
func prose(s string) string {
	var kept []string
	for l := range strings.Lines(printable(clip(s, 8*maxNotes), true)) {
		l = strings.TrimSpace(l)
		if l == "" && (len(kept) == 0 || kept[len(kept)-1] == "") {
			continue
		}
		kept = append(kept, l)
	}
	return shorten(strings.TrimSpace(strings.Join(kept, "\n")), maxNotes)
}

// shorten returns s in at most limit runes, the last one "…" if it was longer.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n == limit-1 {
			if rest := []rune(s[i:]); len(rest) > 1 {
				return strings.TrimRight(s[:i], " ") + "…"
			}
			return s
		}
		n++
	}
	return s
}

// printable returns s in NFC without what cannot be seen: control characters,
// marks that turn the direction of what follows, and spaces of no width. The
// joiners stay, because Persian and emoji are spelt with them.
func printable(s string, breaks bool) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && breaks:
			return r
		case r == '\n', r == '\t', r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r), r == '\u00ad', r == '\u200b', r == '\u2060', r == '\ufeff',
			r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(norm.NFC.String(s))
}

// storable reports whether t has a year that every format and database can hold.
func storable(t time.Time) bool { return t.IsZero() || t.Year() > 1 && t.Year() < 9999 }

// webAddress returns s if it is an absolute http or https address, else "".
func webAddress(s string) string {
	if len(s) > 2*maxAddress {
		return ""
	}
	s = printable(s, false)
	u, err := url.Parse(s)
	if err != nil || len(s) > maxAddress || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return s
}

// fileOrWeb returns s if it is an address of the web, or a file beside the
// delivery that is truly beside it.
func fileOrWeb(s string) string {
	if web := webAddress(s); web != "" {
		return web
	}
	if len(s) > 2*maxAddress {
		return ""
	}
	s = printable(s, false)
	if u, err := url.Parse(s); err == nil && (u.Scheme != "" || u.Host != "") {
		return ""
	}
	if len(s) > maxAddress || strings.ContainsAny(s, `\:`) || !filepath.IsLocal(s) {
		return ""
	}
	return s
}
