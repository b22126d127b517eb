package wire

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	jst := time.FixedZone("", 9*60*60)
	for _, test := range []struct {
		sent string
		zone *time.Location
		want string // RFC 3339, "" for no date
	}{
		{"20020225T143000-0500", nil, "2002-02-25T19:30:00Z"},
		{"20260302T191500Z", jst, "2026-03-02T19:15:00Z"},
		{"20260302T191500", nil, "2026-03-02T19:15:00Z"},
		{"20260302T191500", jst, "2026-03-02T10:15:00Z"},
		{"2026-03-02T19:15:00.250+01:00", nil, "2026-03-02T18:15:00.25Z"},
		{"2016-04-13 04:52:21+00:00", nil, "2016-04-13T04:52:21Z"},
		{" 2008-11-05T19:04:00-08:00 ", nil, "2008-11-06T03:04:00Z"},
		{"2026-03-02T19:15", nil, "2026-03-02T19:15:00Z"},
		{"2026-03-02", nil, "2026-03-02T00:00:00Z"},
		{"20260302", nil, "2026-03-02T00:00:00Z"},
		{"2026-03", nil, "2026-03-01T00:00:00Z"},
		{"2026", nil, "2026-01-01T00:00:00Z"},
		{"0000-00-00", nil, ""},
		{"20261301", nil, ""},
		{"yesterday", nil, ""},
		{"", nil, ""},
	} {
		got := parseTime(test.sent, test.zone)
		if test.want == "" {
			if !got.IsZero() {
				t.Errorf("parseTime(%q) = %s, want none", test.sent, got)
			}
			continue
		}
		if s := got.Format(time.RFC3339Nano); s != test.want {
			t.Errorf("parseTime(%q) = %s, want %s", test.sent, s, test.want)
		}
	}
}

// TestEmbargoEnd holds that what an agency leaves open never ends an embargo too
// early.
func TestEmbargoEnd(t *testing.T) {
	cet := time.FixedZone("", 60*60)
	for _, test := range []struct {
		sent string
		zone *time.Location
		want string
	}{
		{"2025-01-23T19:00:00+01:00", nil, "2025-01-23T18:00:00Z"},
		{"2025-01-23T19:00:00", cet, "2025-01-23T18:00:00Z"},
		{"2025-01-23T19:00:00", nil, "2025-01-24T07:00:00Z"}, // the last place on earth
		{"2025-01-23", cet, "2025-01-23T23:00:00Z"},          // the end of the day
		{"2025-01-23", nil, "2025-01-24T12:00:00Z"},
		{"2025-01", cet, "2025-01-31T23:00:00Z"},
		{"2025", cet, "2025-12-31T23:00:00Z"},
		{"soon", cet, "0001-01-01T00:00:00Z"},
		{"", nil, "0001-01-01T00:00:00Z"},
	} {
		if got := embargoEnd(test.sent, test.zone).Format(time.RFC3339); got != test.want {
			t.Errorf("embargoEnd(%q) = %s, want %s", test.sent, got, test.want)
		}
	}
}

func TestZoneOf(t *testing.T) {
	if zone := zoneOf("", "20260302T191500Z", "20260302T191500", "20260302T191500+0900"); zone == nil || zone.String() != "" {
		t.Errorf("zone %v", zone)
	} else if _, offset := time.Date(2026, 1, 1, 0, 0, 0, 0, zone).Zone(); offset != 9*60*60 {
		t.Errorf("offset %d", offset)
	}
	if zone := zoneOf("20260302T191500Z", "2026-03-02"); zone != nil {
		t.Errorf("zone %v, want none", zone)
	}
}

func TestOrderKey(t *testing.T) {
	updated := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		version string
		want    int64
	}{
		{"0", 0},
		{"24", 24},
		{"978556838", 978556838},
		{"9223372036854775807", 1<<63 - 1},
		{"9223372036854775808", updated.UnixMicro()},
		{"2a", updated.UnixMicro()},
	} {
		if got := orderKey(test.version, updated); got != test.want {
			t.Errorf("orderKey(%q) = %d, want %d", test.version, got, test.want)
		}
	}
	if got := orderKey("x", time.Time{}); got != 0 {
		t.Errorf("orderKey without anything = %d", got)
	}
}
