package wire

import (
	"strings"
	"testing"
	"time"
)

// TestDigitalwiresDecides holds what may be done with an entry, and from when.
func TestDigitalwiresDecides(t *testing.T) {
	for _, test := range []struct {
		members string
		status  Status
		until   string // RFC 3339; "" for none
		open    bool
		says    string // why it is held
	}{
		{`"pubstatus":"usable"`, Usable, "", false, ""},
		{`"pubstatus":null`, Usable, "", false, ""}, // as in NewsML-G2
		{`"pubstatus":"canceled"`, Canceled, "", false, ""},
		{`"pubstatus":"withheld"`, Withheld, "", false, ""},
		{`"pubstatus":"usable","categories":[{"type":"dnltype:pubstatus","name":"canceled","qcode":"stat:canceled"}]`, Canceled, "", false, ""},
		{`"pubstatus":null,"categories":[{"type":"dnltype:pubstatus","name":"withheld","qcode":null}]`, Withheld, "", false, ""},
		{`"pubstatus":"canceled","categories":[{"type":"dnltype:pubstatus","qcode":"stat:usable"}]`, Canceled, "", false, ""},
		{`"pubstatus":"frei"`, Unknown, "", false, `"frei", which we do not know`},
		{`"pubstatus":{}`, Unknown, "", false, "which we do not know"},
		{`"signal":"sig:update"`, Usable, "", false, ""},
		{`"signal":["sig:correction","sig:repeat"]`, Usable, "", false, ""},
		{`"signal":"dpasig:isplanned"`, Unknown, "", false, `["dpasig:isplanned"], which we do not know`},
		{`"categories":[{"type":"dnltype:signal","qcode":"dpasig:isplanned"}]`, Unknown, "", false, `["dpasig:isplanned"], which we do not know`},
		{`"categories":[{"type":"dnltype:signal","qcode":"apsig:newscontent"},{"type":"dnltype:signal","qcode":"apsig:consumerready"}]`, Usable, "", false, ""},
		{`"categories":[{"type":"dnltype:signal","qcode":"apsig:newsroomready"}]`, Unknown, "", false, "not signal that this is news content"},
		{`"genre_names":["Achtung"]`, Unknown, "", false, "note to editors"},
		{`"categories":[{"type":"dnltype:genre","name":"Vorschau"}]`, Unknown, "", false, "note to editors"},
		{`"embargoed":"2026-03-03T19:00:00+01:00"`, Usable, "2026-03-03T18:00:00Z", false, ""},
		{`"embargoed":"2026-03-03"`, Usable, "2026-03-03T23:00:00Z", false, ""},
		{`"embargoed":[]`, Usable, "", true, ""},
		{`"embargoed":null,"ednotes":[{"role":"dpaednoterole:embargo","ednote":"Sperrfrist 19 Uhr","is_publishable":true}]`, Unknown, "", false, "A note speaks of an embargo"},
		{`"embargoed":"2026-03-03T19:00:00+01:00","ednotes":[{"role":"dpaednoterole:embargo","ednote":"Sperrfrist 19 Uhr"}]`, Usable, "2026-03-03T18:00:00Z", false, ""},
	} {
		it := readOne(t, `{"format":"digitalwires@0.9.1","urn":"u","version_created":"2026-03-02T10:00:00+01:00","article_html":"<p>T</p>",`+test.members+`}`)
		until := ""
		if !it.Embargo.IsZero() {
			until = it.Embargo.Format(time.RFC3339)
		}
		if it.Status != test.status || until != test.until || it.EmbargoOpen != test.open {
			t.Errorf("%s: %s until %q, open %v; want %s, %q, %v", test.members, it.Status, until, it.EmbargoOpen, test.status, test.until, test.open)
		}
		if reason := judge(Source{Publish: Auto}, &it, Ruling{}); test.status == Unknown && !strings.Contains(reason, test.says) || test.status == Usable && reason != "" {
			t.Errorf("%s: held because %q; want %q", test.members, reason, test.says)
		}
	}
}

func TestDigitalwiresClass(t *testing.T) {
	const image, audio = `{"type":"image","urn":"i","renditions":[{"mimetype":"image/jpeg","url":"https://kpa.example/i.jpg"}]}`, `{"type":"audio","urn":"u"}`
	for _, test := range []struct {
		members  string
		want     Class
		pictures int
	}{
		{`"article_html":"<p>T</p>"`, Text, 0},
		{`"article_html":"<p>T</p>","associations":[` + image + `]`, Text, 1},
		{`"article_html":" ","associations":[` + image + `]`, Picture, 1},
		{`"associations":[` + image + `,` + audio + `]`, Other, 1},
		{`"associations":[` + audio + `]`, Other, 0},
		{`"headline":"H"`, Text, 0},
	} {
		it := readOne(t, `{"format":"digitalwires@0.9.1","urn":"u",`+test.members+`}`)
		if it.Class != test.want || len(it.Pictures) != test.pictures {
			t.Errorf("%s: %s with %d pictures, want %s with %d", test.members, it.Class, len(it.Pictures), test.want, test.pictures)
		}
	}
}
