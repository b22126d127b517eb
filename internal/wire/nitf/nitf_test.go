package nitf

import (
	"strings"
	"testing"

	"kawaraban/internal/problem"
	"kawaraban/internal/wire/markup"
)

func TestParse(t *testing.T) {
	for _, open := range []string{
		`<nitf>`, `<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/">`,
		`<!DOCTYPE nitf SYSTEM "nitf-3-2.dtd"><nitf>`, `<n:nitf xmlns:n="http://iptc.org/std/NITF/2006-10-18/">`,
	} {
		data := open + `<head><title>Slug</title>
			<docdata management-status="usable"><doc-id id-string="hpa-1" regsrc="HPA"/><urgency ed-urg="4"/>
				<date.issue norm="20260302T114005+0100"/><du-key key="ferry" version="3"/><key-list><keyword key="A"/><keyword key="B"/></key-list></docdata></head>
			<body><body.head><hedline><hl1>Night <em>ferry</em>
				returns</hl1></hedline><byline>By <person>Mara Lind</person>, <person>Jon Ek</person><byttl>Desk</byttl></byline></body.head>
			<body.content><p>One.</p><block><note type="npa"><p>No.</p></note><p>Two.</p></block>
				<media media-type="image"><media-reference source="a.jpg" width="10"/><media-caption>C.</media-caption></media></body.content></body></nitf>`
		if strings.HasPrefix(open, "<n:") {
			data = strings.NewReplacer("<n:", "<n:", "</", "</n:", "<", "<n:").Replace(strings.ReplaceAll(data, "n:", ""))
			data = strings.Replace(data, `<n:nitf xmlns`, `<n:nitf xmlns:n`, 1)
			data = strings.Replace(data, `xmlns:n:n`, `xmlns:n`, 1)
		}
		d, err := Parse([]byte(data))
		if err != nil {
			t.Errorf("%s: %v", open, err)
			continue
		}
		head, content := d.Head.DocData, d.Body.Content
		switch {
		case head.ManagementStatus != "usable", head.DocID.IDString != "hpa-1", head.Urgency.EdUrg != "4",
			head.Issue.Norm != "20260302T114005+0100", head.DUKey.Version != "3", len(head.Keywords) != 2, d.Head.Title != "Slug":
			t.Errorf("%s: head %+v", open, d.Head)
		case d.Body.Hedline.HL1 != "Night ferry returns", d.Body.Bylines[0].Name() != "Mara Lind, Jon Ek", d.Body.Bylines[0].Title != "Desk":
			t.Errorf("%s: body.head %+v", open, d.Body)
		case strings.Contains(content.Inner, "No."), !strings.Contains(content.Inner, "<p>One.</p><block><p>Two.</p></block>"):
			t.Errorf("%s: content %q", open, content.Inner)
		case len(content.Notes) != 1, content.Notes[0].Type != "npa", content.Notes[0].Text != "No.":
			t.Errorf("%s: notes %+v", open, content.Notes)
		case len(content.Media) != 1, content.Media[0].References[0].Source != "a.jpg", content.Media[0].Captions[0] != "C.":
			t.Errorf("%s: media %+v", open, content.Media)
		}
	}
}

func TestLocationName(t *testing.T) {
	for _, test := range []struct{ data, want string }{
		{`<location>Haven</location>`, "Haven"},
		{`<location><city>Haven</city><region>North Coast</region></location>`, "Haven"},
		{`<location><country>Havenland</country></location>`, "Havenland"},
		{`<location> Port
			Aldous <country>Havenland</country></location>`, "Port Aldous"},
		{`<location/>`, ""},
	} {
		var l Location
		if err := markup.Decode([]byte(test.data), &l); err != nil || l.Name() != test.want {
			t.Errorf("%s: %q, %v; want %q", test.data, l.Name(), err, test.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, data := range []string{``, `nitf`, `<html/>`, `<nitf><head></nitf>`, `<nitf>`} {
		if _, err := Parse([]byte(data)); !problem.Is(err, problem.Invalid) {
			t.Errorf("Parse(%q) = %v, want a Problem", data, err)
		}
	}
}

// FuzzNITF holds that Parse answers anything, and that notes never stay in the
// content.
func FuzzNITF(f *testing.F) {
	for _, seed := range []string{
		`<nitf><head><docdata><du-key key="k" version="1"/></docdata></head><body><body.content><p>A</p></body.content></body></nitf>`,
		`<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/"><body><body.content><note><note type="npa">x</note></note><br/>&amp;</body.content></body></nitf>`,
		`<nitf><body><body.content><block><media><media-reference source="&quot;"/><note/></media></block></body.content></body></nitf>`,
		`<!DOCTYPE nitf [<!ENTITY a "b">]><nitf><body><body.head><note noteclass="hd"/><hedline><hl1>&a;&nbsp;<br/></hl1></hedline></body.head></body></nitf>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		if err != nil {
			if problem.Of(err) == nil {
				t.Fatalf("not a Problem: %v", err)
			}
			return
		}
		var again Content
		if err := again.split(d.Body.Content.Inner); err != nil {
			t.Fatalf("what was kept is not well-formed: %v\n%s", err, d.Body.Content.Inner)
		}
		for _, n := range again.Notes {
			if n.Text != "" {
				t.Fatalf("a note is left: %+v in %q", n, d.Body.Content.Inner)
			}
		}
	})
}
