package wire

import (
	"fmt"
	"testing"
	"time"
)

// readOne reads a delivery of one item.
func readOne(t *testing.T, data string) Item {
	t.Helper()
	items, err := Read("test", []byte(data))
	if err != nil || len(items) != 1 {
		t.Fatalf("Read(%s) = %d items, %v", data, len(items), err)
	}
	return items[0]
}

// TestNinjsEmbargo holds that an embargo is never read as ending too early.
func TestNinjsEmbargo(t *testing.T) {
	const east, utc = "2026-03-02T10:00:00+09:00", "2026-03-02T01:00:00Z"
	for _, test := range []struct {
		embargoed, created string
		until              string // RFC 3339; "" for none
		open, flagged      bool
	}{
		{`null`, utc, "", false, false},
		{`""`, utc, "", false, false},
		{`"2026-03-03T06:00:00+01:00"`, utc, "2026-03-03T05:00:00Z", false, false},
		{`"2026-03-03T06:00:00Z"`, east, "2026-03-03T06:00:00Z", false, false},
		{`"2026-03-03"`, east, "2026-03-03T15:00:00Z", false, true}, // the end of the day in the agency's zone
		{`"2026-03-03"`, utc, "2026-03-04T12:00:00Z", false, true},  // … everywhere
		{`"2026-03-03T06:00:00"`, east, "2026-03-02T21:00:00Z", false, true},
		{`"2026-03-03T06:00:00"`, utc, "2026-03-03T18:00:00Z", false, true},
		{`"tomorrow"`, utc, "", true, true},
		{`{}`, utc, "", true, true},
		{`true`, utc, "", true, true},
	} {
		it := readOne(t, fmt.Sprintf(`{"uri":"u","embargoed":%s,"versioncreated":%q}`, test.embargoed, test.created))
		until := ""
		if !it.Embargo.IsZero() {
			until = it.Embargo.Format(time.RFC3339)
		}
		if until != test.until || it.EmbargoOpen != test.open || (it.Advisory != "") != test.flagged || it.Status != Usable {
			t.Errorf("embargoed %s of %s: until %q, open %v, %q", test.embargoed, test.created, until, it.EmbargoOpen, it.Advisory)
		}
	}
}

func TestNinjsStatus(t *testing.T) {
	for _, test := range []struct {
		pubstatus string
		want      Status
		open      bool
	}{
		{`null`, Usable, false},
		{`"usable"`, Usable, false},
		{`"stat:usable"`, Usable, false},
		{`"USABLE"`, Usable, false},
		{`"withheld"`, Withheld, false},
		{`"canceled"`, Canceled, false},
		{`"Cancelled"`, Canceled, false},
		{`"embargoed"`, Usable, true},
		{`"sub judice"`, Unknown, false},
		{`" "`, Unknown, false},
		{`[]`, Unknown, false},
		{`["usable"]`, Unknown, false},
		{`1`, Unknown, false},
	} {
		it := readOne(t, `{"uri":"u","pubstatus":`+test.pubstatus+`}`)
		if it.Status != test.want || it.EmbargoOpen != test.open {
			t.Errorf("pubstatus %s: %s, open %v; want %s, %v", test.pubstatus, it.Status, it.EmbargoOpen, test.want, test.open)
		}
	}
}

func TestNinjsClass(t *testing.T) {
	for _, test := range []struct {
		members string
		want    Class
	}{
		{`"type":"text"`, Text},
		{`"type":"story"`, Text},
		{`"headline":"H"`, Text},
		{`"type":"picture"`, Picture},
		{`"renditions":[{"href":"a.jpg"}]`, Picture},
		{`"type":"composite","body_text":"B"`, Text},
		{`"type":"composite","associations":{"a":{"uri":"v"}}`, Package},
		{`"type":"video"`, Other},
		{`"type":"event"`, Other},
		{`"type":"advisory","body_text":"B"`, Other},
		{`"type":"text","eventDetails":{}`, Other},
		{`"plannedCoverage":[]`, Other},
	} {
		if it := readOne(t, `{"uri":"u",`+test.members+`}`); it.Class != test.want {
			t.Errorf("%s: %s, want %s", test.members, it.Class, test.want)
		}
	}
}

// TestNinjsBody holds which of several bodies is the story.
func TestNinjsBody(t *testing.T) {
	for _, test := range []struct{ members, want, internal string }{
		{`"body_text":"T","body_html":"<p>H</p>"`, "H", ""},
		{`"body_text":"T","body_x":"<p>X</p>"`, "X", ""},
		{`"body_text":"a < b"`, "a < b", ""},
		{`"body_html":"","body_text":"T"`, "T", ""},
		{`"body_nonpublic":"Secret","body_text":"T"`, "T", "Secret"},
		{`"bodies":[{"role":"teaser","contentType":"text/html","value":"<p>Teaser</p>"},{"role":"main","contentType":"text/plain","value":"T"}]`, "T", ""},
		{`"bodies":[{"role":"x-notepad","value":"Secret"}]`, "", "Secret"},
		{`"bodies":[{"role":"nitf","contentType":"application/nitf+xml","value":"<nitf><head><title>No</title></head><body><body.content><p>N</p><note type=\"npa\">No</note></body.content></body></nitf>"}]`, "N", ""},
		{`"bodies":["T"]`, "T", ""},
	} {
		it := readOne(t, `{"uri":"u","headline":"Headline",`+test.members+`}`)
		if it.Body.Text() != test.want || it.Internal != test.internal {
			t.Errorf("%s: body %q, internal %q; want %q, %q", test.members, it.Body.Text(), it.Internal, test.want, test.internal)
		}
	}
}

// TestNITFStatus holds what may be done with a story, and from when.
func TestNITFStatus(t *testing.T) {
	for _, test := range []struct {
		status, release string
		want            Status
		until           string
		open            bool
	}{
		{"", "", Usable, "", false},
		{"usable", "20260302T100000+0100", Usable, "", false}, // the date of issue again
		{"usable", "20260303T060000+0100", Usable, "2026-03-03T05:00:00Z", false},
		{"Embargoed", "20260303", Usable, "2026-03-03T23:00:00Z", false},
		{"embargoed", "", Usable, "", true},
		{"embargoed", "soon", Usable, "", true},
		{"usable", "soon", Usable, "", true},
		{"withheld", "", Withheld, "", false},
		{"canceled", "20260303T060000+0100", Canceled, "2026-03-03T05:00:00Z", false},
		{"OPEN", "", Unknown, "", false},
	} {
		it := readOne(t, `<nitf><head><docdata management-status="`+test.status+`"><doc-id id-string="a"/>`+
			`<date.issue norm="20260302T100000+0100"/><date.release norm="`+test.release+`"/></docdata></head></nitf>`)
		until := ""
		if !it.Embargo.IsZero() {
			until = it.Embargo.Format(time.RFC3339)
		}
		if it.Status != test.want || until != test.until || it.EmbargoOpen != test.open {
			t.Errorf("%q released %q: %s, until %q, open %v", test.status, test.release, it.Status, until, it.EmbargoOpen)
		}
	}
}
