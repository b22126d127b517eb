package newsml

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kawaraban/internal/problem"
	"kawaraban/internal/wire/markup"
)

const v1 = `<?xml version="1.0"?><!DOCTYPE NewsML SYSTEM "NewsML.dtd">
<NewsML Version="1.2"><NewsEnvelope><DateAndTime>20260302T191500Z</DateAndTime><SentFrom><Party FormalName="KNA"/></SentFrom><Priority FormalName="2"/></NewsEnvelope>
<NewsItem xml:lang="en"><Identification><NewsIdentifier><ProviderId>kna.example</ProviderId><DateId>20260302</DateId><NewsItemId>AB12</NewsItemId><RevisionId PreviousRevision="1" Update="N">2</RevisionId><PublicIdentifier>
urn:newsml:kna.example:20260302:AB12:2</PublicIdentifier></NewsIdentifier></Identification>
<NewsManagement><Status FormalName="Embargoed"/><StatusWillChange><FutureStatus FormalName="Usable"/><DateAndTime>20260303T000000Z</DateAndTime></StatusWillChange></NewsManagement>
<NewsComponent Duid="a"><NewsLines><HeadLine>A <i>b</i><br/>c</HeadLine></NewsLines><DescriptiveMetada><Language FormalName="en"/></DescriptiveMetada>
<NewsComponent Duid="b"><Role FormalName="Main"/><ContentItem Href="x.jpg"><Format FormalName="JPEG"/><Characteristics><Property FormalName="Width" Value="7"/></Characteristics></ContentItem>
<ContentItem><DataContent><p>One &amp; <em>two</em></p></DataContent></ContentItem><NewsItemRef NewsItem="urn:x"/></NewsComponent></NewsComponent></NewsItem>
<NewsItem><Update/></NewsItem></NewsML>`

func TestParse1(t *testing.T) {
	d, err := Parse1([]byte(v1))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Items) != 2 || d.Version != "1.2" || d.Envelope.Priority.FormalName != "2" || d.Envelope.From[0].FormalName != "KNA" {
		t.Fatalf("document %+v", d)
	}
	in := d.Items[0]
	if in.Lang != "en" || in.ID.Revision != (Revision{Number: "2", Previous: "1", Update: "N"}) ||
		in.ID.Public != "urn:newsml:kna.example:20260302:AB12:2" || in.ID.Item != "AB12" {
		t.Errorf("identity %+v", in.ID)
	}
	m := in.Management
	if m.Status == nil || m.Status.FormalName != "Embargoed" || m.WillChange == nil || m.WillChange.Future.FormalName != "Usable" {
		t.Errorf("management %+v", m)
	}
	c := in.Component
	if c.ID != "a" || c.Lines.Head[0] != "A b c" || c.Misspelt.Languages[0].FormalName != "en" || len(c.Components) != 1 {
		t.Fatalf("component %+v", c)
	}
	main := c.Components[0]
	if main.Role.FormalName != "Main" || main.Contents[0].Properties[0].Value != "7" || main.Contents[0].Href != "x.jpg" ||
		main.Contents[1].Data != "<p>One &amp; <em>two</em></p>" || main.References[0].Item != "urn:x" {
		t.Errorf("contents %+v", main)
	}
	if len(d.Items[1].Updates) != 1 || d.Items[1].Management.Status != nil {
		t.Errorf("update %+v", d.Items[1])
	}
}

const g2 = `<x:newsMessage xmlns:x="http://iptc.org/std/nar/2006-10-01/"><x:header><x:sent>2026-03-06T08:00:00Z</x:sent><x:channel>A</x:channel></x:header>
<x:itemSet><x:packageItem guid="p" version="2"><x:groupSet root="G"><x:group id="G"><x:itemRef residref="i" version="3"/><x:groupRef idref="H"/></x:group></x:groupSet></x:packageItem>
<x:somethingNew/><x:newsItem guid="i" xml:lang="en"><x:itemMeta><x:itemClass qcode="ninat:text"/><x:provider literal="kna"><x:name>KNA</x:name></x:provider><x:embargoed/><x:edNote pubconstraint="c:nonpublic">a<p xmlns="http://www.w3.org/1999/xhtml">b</p></x:edNote></x:itemMeta>
<x:contentMeta><x:headline rank="1" role="r:t" xml:lang="en">A <b>b</b></x:headline></x:contentMeta>
<x:contentSet><x:inlineData rendition="r:nonpublic" contenttype="text/plain">a &lt; b</x:inlineData><x:inlineXML contenttype="application/xhtml+xml"><h:html xmlns:h="u"><h:br/></h:html></x:inlineXML><x:remoteContent href="a.jpg" width="7"/></x:contentSet></x:newsItem></x:itemSet></x:newsMessage>`

func TestParseG2(t *testing.T) {
	d, err := ParseG2([]byte(g2))
	if err != nil {
		t.Fatal(err)
	}
	if d.Header.Sent != "2026-03-06T08:00:00Z" || len(d.Items) != 2 {
		t.Fatalf("message %+v", d)
	}
	pack := d.Items[0]
	if pack.XMLName.Local != "packageItem" || pack.Groups == nil || pack.Groups.Groups[0].Members[0].Item != "i" || pack.Groups.Groups[0].Members[1].Group != "H" {
		t.Errorf("package %+v", pack)
	}
	in := d.Items[1]
	if in.GUID != "i" || in.Version != "" || in.Lang != "en" || in.Meta.Status != nil || in.Meta.Embargoed == nil || *in.Meta.Embargoed != "" {
		t.Errorf("item %+v", in)
	}
	if p := in.Meta.Provider; p.ID() != "kna" || p.Name() != "KNA" || in.Meta.Class.Name() != "text" {
		t.Errorf("codes %+v %+v", p, in.Meta.Class)
	}
	if n := in.Meta.Notes[0]; n.PubConstraint != "c:nonpublic" || n.Text != "a<p>b</p>" {
		t.Errorf("note %+v", n)
	}
	if h := in.Content.Headlines[0]; h != (Label{Role: "r:t", Lang: "en", Rank: "1", Text: "A b"}) {
		t.Errorf("headline %+v", h)
	}
	c := in.Contents
	if c.Data[0].Rendition != "r:nonpublic" || c.Data[0].Content != "a &lt; b" || c.XML[0].Content != "<html><br/></html>" || c.Remote[0].Width != "7" {
		t.Errorf("content %+v", c)
	}
}

func TestItemAlone(t *testing.T) {
	d, err := ParseG2([]byte(`<conceptItem guid="c"><concept><name>Ferry</name></concept></conceptItem>`))
	if err != nil || len(d.Items) != 1 || d.Items[0].XMLName.Local != "conceptItem" || d.Items[0].Concept.Names[0].Text != "Ferry" {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestRefused(t *testing.T) {
	for _, test := range []struct {
		data string
		kind problem.Kind
	}{
		{"", problem.Invalid},
		{"{}", problem.Invalid},
		{"<rss/>", problem.Unsupported},
		{"<newsMessage><itemSet>" + strings.Repeat("<newsItem/>", 1001) + "</itemSet></newsMessage>", problem.TooLarge},
		{"<NewsML><NewsItem>" + strings.Repeat("<NewsComponent/>", 1001) + "</NewsItem></NewsML>", problem.TooLarge},
		{"<" + strings.Repeat("x", 4000) + "/>", problem.Unsupported},
		{"<NewsML><NewsItem></NewsML>", problem.Invalid},
		{"<newsItem><itemMeta></newsItem>", problem.Invalid},
	} {
		if strings.HasPrefix(test.data, "<rss") {
			if _, err := ParseG2([]byte(`<NewsML/>`)); !problem.Is(err, problem.Unsupported) {
				t.Errorf("NewsML 1 as G2: %v", err)
			}
		}
		_, err1 := Parse1([]byte(test.data))
		_, err2 := ParseG2([]byte(test.data))
		for _, err := range []error{err1, err2} {
			p := problem.Of(err)
			if p == nil || p.Kind != test.kind && p.Kind != problem.Unsupported || len(p.Detail) > 300 {
				t.Errorf("%.40q: %v, want a Problem %s", test.data, err, test.kind)
			}
		}
	}
}

// seeds adds the fixtures of wire, which are ours.
func seeds(f *testing.F, pattern string) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "newsml", pattern))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

func FuzzNewsML1(f *testing.F) {
	f.Add([]byte(v1))
	seeds(f, "v1-*.xml")
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse1(data)
		fuzzed(t, d == nil, err)
	})
}

func FuzzG2(f *testing.F) {
	f.Add([]byte(g2))
	seeds(f, "g2-*.xml")
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseG2(data)
		fuzzed(t, d == nil, err)
		if err != nil {
			return
		}
		for _, in := range d.Items {
			for _, c := range in.Contents.XML {
				// What was read must be XML again: it goes on to other readers.
				var again struct {
					Inner markup.Inner `xml:"b"`
				}
				if err := markup.Decode([]byte("<a><b>"+string(c.Content)+"</b></a>"), &again); err != nil && problem.Is(err, problem.Invalid) {
					t.Errorf("%q: %v", c.Content, err)
				} else if err == nil && again.Inner != c.Content {
					t.Errorf("%q became %q", c.Content, again.Inner)
				}
			}
		}
	})
}

func fuzzed(t *testing.T, none bool, err error) {
	t.Helper()
	if none != (err != nil) {
		t.Errorf("document and error: %v", err)
	}
	if err != nil && problem.Of(err) == nil {
		t.Errorf("not a Problem: %v", err)
	}
}
