package wire

import (
	"strconv"
	"strings"
	"time"
)

// layouts are the forms of a date that agencies send: ISO 8601 in full and
// basic, with a zone and without, down to the day, the month or the year.
var layouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05 Z07:00",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05 Z07:00",
	"2006-01-02T15:04Z07:00",
	"20060102T150405Z0700",
	"20060102T150405Z07:00",
	"20060102T1504Z0700",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04",
	"20060102T150405",
	"20060102T1504",
	"20060102150405",
	"2006-01-02Z07:00",
	"2006-01-02",
	"20060102",
	"2006-01",
	"2006",
}

// maxDate is how many bytes a date may have, spaces included. What is longer is
// none, and would be quoted in the error of each layout.
const maxDate = 200

// parseTime reads an agency's date, and answers in UTC. A date without a zone
// is taken to be in zone; nil means UTC. The zero time means that s is no date.
func parseTime(s string, zone *time.Location) time.Time {
	t, _, _ := parseDate(s, zone)
	return t
}

// parseDate is parseTime that also tells the layout and the zone that s has.
func parseDate(s string, zone *time.Location) (t time.Time, layout string, own *time.Location) {
	if zone == nil {
		zone = time.UTC
	}
	if len(s) > maxDate {
		return time.Time{}, "", nil
	}
	s = strings.Join(strings.Fields(s), " ")
	for _, layout := range layouts {
		t, err := time.ParseInLocation(layout, s, zone)
		if err != nil {
			continue
		}
		if t.Year() < 1 || t.Year() > 9999 {
			break
		}
		// "Z" is how programs write any time; "+00:00" is where somebody is.
		if strings.Contains(layout, "Z07") && !strings.HasSuffix(s, "Z") {
			_, offset := t.Zone()
			own = time.FixedZone("", offset)
		}
		return t.UTC(), layout, own
	}
	return time.Time{}, "", nil
}

// zoneOf returns the zone in which an agency writes its dates: that of the
// first of them that names one. It is nil when none does.
func zoneOf(dates ...string) *time.Location {
	for _, s := range dates {
		if _, _, zone := parseDate(s, nil); zone != nil {
			return zone
		}
	}
	return nil
}

// embargoEnd reads the end of an embargo. What s leaves open is read so that
// nothing goes out too early: a day without a time ends at its midnight, and a
// time without a zone is that of the last place on earth to see it. zone is the
// agency's if it is known. The zero time means that s is no date.
func embargoEnd(s string, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.FixedZone("", -12*60*60)
	}
	t, layout, _ := parseDate(s, zone)
	switch {
	case t.IsZero():
	case layout == "2006":
		t = t.AddDate(1, 0, 0)
	case layout == "2006-01":
		t = t.AddDate(0, 1, 0)
	case !strings.Contains(layout, "15"):
		t = t.AddDate(0, 0, 1)
	}
	return t
}

// orderKey returns the number that sorts the versions of one item: the version
// itself where it is a number, else the time in microseconds.
func orderKey(version string, updated time.Time) int64 {
	if n, err := strconv.ParseInt(version, 10, 64); err == nil {
		return n
	}
	if updated.IsZero() {
		return 0
	}
	return updated.UnixMicro()
}

// localTime returns the first of times that is known, on the clock of zone: the
// year of a notice is the agency's, which is not always the year in UTC.
func localTime(zone *time.Location, times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() && zone != nil {
			return t.In(zone)
		} else if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
