package media

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/bep/imagemeta"
)

// maxField is how many bytes of one field we keep; the longest captions of
// agencies have about 2,000.
const maxField = 4000

// Meta is what a picture says about itself (IPTC Photo Metadata Standard
// 2025.1). Text is clean UTF-8 in one or more lines; a field that the picture
// does not have is empty.
type Meta struct {
	Headline string
	Caption  string // what is to be seen; never the credit
	Alt      string // for those who do not see it
	Byline   string // who took it; several are joined by ", "
	Credit   string // what must be printed beside it; never the caption
	Source   string

	Copyright    string
	UsageTerms   string // prose
	WebStatement string // http(s) address of the rights
	Licensor     string
	LicensorURL  string // http(s) address where a licence is sold
	DataMining   string // PLUS term, such as "DMI-PROHIBITED-AIMLTRAINING"

	Instructions  string // to editors; never leaves the newsroom, not even in a rendition
	DigitalSource string // IPTC term, such as "trainedAlgorithmicMedia"
	AISystem      string // the generator that a picture names

	Event    string
	City     string
	Country  string
	Keywords []string
	Created  time.Time // in the zone that the picture states, UTC when it states none
}

// readMeta merges what XMP, IIM and Exif say. XMP wins field by field, because
// the tools of this century write it and IIM is cut to its lengths; IIM fills
// what XMP leaves empty, Exif what both do. It returns the orientation of the
// stored pixels as well, 1 when none is given.
func readMeta(data []byte, f Format, found segments) (Meta, int) {
	m := parseXMP(found.xmp)
	m.fill(parseIIM(found.iim))
	orientation := 1
	if found.exif {
		var exif Meta
		exif, orientation = readExif(data, f)
		m.fill(exif)
	}
	return m, orientation
}

// fill takes from other what m does not have.
func (m *Meta) fill(other Meta) {
	to, from := m.texts(), other.texts()
	for i := range to {
		if *to[i] == "" {
			*to[i] = *from[i]
		}
	}
	if len(m.Keywords) == 0 {
		m.Keywords = other.Keywords
	}
	if m.Created.IsZero() {
		m.Created = other.Created
	}
}

// texts lists the fields that are plain text, always in the same order.
func (m *Meta) texts() []*string {
	return []*string{
		&m.Headline, &m.Caption, &m.Alt, &m.Byline, &m.Credit, &m.Source,
		&m.Copyright, &m.UsageTerms, &m.WebStatement, &m.Licensor, &m.LicensorURL, &m.DataMining,
		&m.Instructions, &m.DigitalSource, &m.AISystem, &m.Event, &m.City, &m.Country,
	}
}

// readExif reads the few Exif fields that newsrooms use. Exif is a graph of
// offsets that hostile files bend into loops: the reader gets a number of tags,
// a size and a time, and an answer that comes too late is not looked at.
func readExif(data []byte, f Format) (Meta, int) {
	format, ok := map[Format]imagemeta.ImageFormat{
		JPEG: imagemeta.JPEG, PNG: imagemeta.PNG, WebP: imagemeta.WebP,
	}[f]
	if !ok {
		return Meta{}, 1
	}
	wanted := map[string]bool{
		"Orientation": true, "Artist": true, "Copyright": true, "ImageDescription": true,
		"DateTimeOriginal": true, "OffsetTimeOriginal": true,
	}
	tags := map[string]string{}
	_, err := imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(data), ImageFormat: format, Sources: imagemeta.EXIF,
		LimitNumTags: 500, LimitTagSize: maxField, Timeout: 200 * time.Millisecond,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool {
			// IFD1 describes the thumbnail.
			return wanted[t.Tag] && strings.HasPrefix(t.Namespace, "IFD0")
		},
		HandleTag: func(t imagemeta.TagInfo) error {
			tags[t.Tag] = fmt.Sprint(t.Value)
			return nil
		},
	})
	if err != nil && !imagemeta.IsInvalidFormat(err) {
		return Meta{}, 1 // timed out: the reader may still be writing to tags
	}
	m := Meta{
		Caption:   clean(tags["ImageDescription"]),
		Byline:    clean(tags["Artist"]),
		Copyright: clean(tags["Copyright"]),
	}
	if taken := tags["DateTimeOriginal"]; len(taken) >= 19 { // "2006:01:02 15:04:05"
		m.Created = parseTime(strings.Replace(taken[:10], ":", "-", 2) + "T" + taken[11:19] + tags["OffsetTimeOriginal"])
	}
	orientation := 1
	if o := tags["Orientation"]; len(o) == 1 && o >= "1" && o <= "8" {
		orientation = int(o[0] - '0')
	}
	return m, orientation
}

// parseTime reads the dates of XMP (a profile of ISO 8601); the zero time when
// it cannot.
func parseTime(s string) time.Time {
	s = strings.Replace(s, " +", "+", 1) // so writes a large agency
	for _, layout := range []string{
		"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999",
		"2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02",
	} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1 {
			return t
		}
	}
	return time.Time{}
}

// clean makes text fit to be kept: valid UTF-8, no control characters but line
// breaks, no space around it, at most maxField bytes.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1 // also those that turn the direction of what follows on the page
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.TrimSpace(cut(strings.TrimSpace(s), maxField))
}

// cut shortens s to at most n bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}

// webAddress returns s when it is an absolute http or https address, else "".
func webAddress(s string) string {
	s = clean(s)
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return s
}
