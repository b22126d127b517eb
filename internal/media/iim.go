package media

import (
	"encoding/binary"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// The data sets of IIM 4.2 that we read and write, all in record 2.
const (
	iimKeyword      = 25
	iimInstructions = 40
	iimDate         = 55 // CCYYMMDD
	iimTime         = 60 // HHMMSS±HHMM
	iimByline       = 80
	iimCity         = 90
	iimCountry      = 101
	iimHeadline     = 105
	iimCredit       = 110
	iimSource       = 115
	iimCopyright    = 116
	iimCaption      = 120
)

// maxKeywords is how many keywords we keep.
const maxKeywords = 100

// parseIIM reads an IIM record stream: a marker, record, data set and length
// before each value (IIM 4.2 §1.5). It stops where the stream stops making sense.
func parseIIM(b []byte) Meta {
	var m Meta
	var date, clock string
	var bylines []string
	isUTF8 := false
	for len(b) >= 5 && b[0] == 0x1c {
		record, set, size := b[1], b[2], int(binary.BigEndian.Uint16(b[3:]))
		if size > len(b)-5 { // so end extended sizes, too: no field of ours needs one
			break
		}
		value := b[5 : 5+size]
		b = b[5+size:]
		if record == 1 && set == 90 { // coded character set, ISO 2022: ESC % G is UTF-8
			isUTF8 = string(value) == "\x1b%G"
		}
		if record != 2 {
			continue
		}
		text := iimText(value, isUTF8)
		switch set {
		case iimHeadline:
			m.Headline = text
		case iimCaption:
			m.Caption = text
		case iimByline:
			if text != "" && len(bylines) < maxKeywords {
				bylines = append(bylines, text)
			}
		case iimCredit:
			m.Credit = text
		case iimSource:
			m.Source = text
		case iimCopyright:
			m.Copyright = text
		case iimInstructions:
			m.Instructions = text
		case iimCity:
			m.City = text
		case iimCountry:
			m.Country = text
		case iimKeyword:
			if text != "" && len(m.Keywords) < maxKeywords {
				m.Keywords = append(m.Keywords, text)
			}
		case iimDate:
			date = text
		case iimTime:
			clock = text
		}
	}
	m.Byline = clean(strings.Join(bylines, ", "))
	m.Created = iimCreated(date, clock)
	return m
}

// iimText decodes a value. Many tools write UTF-8 without saying so, and older
// ones Windows' Western code page: what is valid UTF-8 is hardly ever that.
func iimText(value []byte, isUTF8 bool) string {
	if !isUTF8 && !utf8.Valid(value) {
		if text, err := charmap.Windows1252.NewDecoder().Bytes(value); err == nil {
			value = text
		}
	}
	return clean(string(value))
}

// iimCreated turns CCYYMMDD and HHMMSS±HHMM into a time; parts that are not
// known are zeros (IIM 4.2, 2:55 and 2:60).
func iimCreated(date, clock string) time.Time {
	if len(date) != 8 {
		return time.Time{}
	}
	s := date[:4] + "-" + date[4:6] + "-" + date[6:]
	if len(clock) >= 6 {
		s += "T" + clock[:2] + ":" + clock[2:4] + ":" + clock[4:6]
		if len(clock) == 11 {
			s += clock[6:9] + ":" + clock[9:]
		}
	}
	return parseTime(s)
}

// appendIIM writes what a rendition keeps as IIM records, each value cut to the
// standard's length: some readers refuse a longer one.
func appendIIM(b []byte, m Meta) []byte {
	put := func(record, set byte, value string, limit int) {
		if value = cut(value, limit); value == "" {
			return
		}
		b = append(b, 0x1c, record, set)
		b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
		b = append(b, value...)
	}
	put(1, 90, "\x1b%G", 3)
	put(2, 0, "\x00\x04", 2) // version 4
	put(2, iimByline, m.Byline, 32)
	put(2, iimHeadline, m.Headline, 256)
	put(2, iimCredit, m.Credit, 32)
	put(2, iimSource, m.Source, 32)
	put(2, iimCopyright, m.Copyright, 128)
	put(2, iimCaption, m.Caption, 2000)
	if !m.Created.IsZero() {
		put(2, iimDate, m.Created.Format("20060102"), 8)
		put(2, iimTime, m.Created.Format("150405-0700"), 11)
	}
	return b
}
