package feed

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, data string
		want       Feed
	}{
		{
			"rss",
			`<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
				<channel><title>Courier</title><language>en</language><copyright>C</copyright>
				<item><title>T</title><link> https://courier.example/1 </link><guid>g-1</guid><dc:creator>Mara Lind</dc:creator>
				<pubDate>Mon, 02 Mar 2026 09:00:00 +0100</pubDate><description>S</description><content:encoded>C</content:encoded>
				<enclosure url="https://courier.example/1.jpg" type="image/jpeg"/><enclosure url="https://courier.example/1.mp3" type="audio/mpeg"/></item>
				<item><link>https://courier.example/2</link></item></channel></rss>`,
			Feed{Format: "rss", Title: "Courier", Language: "en", Copyright: "C", Entries: []Entry{
				{
					ID: "g-1", Link: "https://courier.example/1", Title: "T", Summary: "S", Content: "C", Authors: []string{"Mara Lind"},
					Published: at, RawUpdated: "Mon, 02 Mar 2026 09:00:00 +0100",
					Pictures: []Picture{{URL: "https://courier.example/1.jpg", Type: "image/jpeg"}},
				},
				{ID: "https://courier.example/2", Link: "https://courier.example/2"},
			}},
		},
		{
			"atom",
			`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="sv"><title>Hamn</title><entry><id>tag:1</id><title>T</title>
				<link href="https://hamn.example/1"/><updated>2026-03-02T09:00:00+01:00</updated><author><name>Jon Ek</name></author>
				<summary>S</summary><content>C</content></entry></feed>`,
			Feed{Format: "atom", Title: "Hamn", Language: "sv", Entries: []Entry{{
				ID: "tag:1", Link: "https://hamn.example/1", Title: "T", Summary: "S", Content: "C", Authors: []string{"Jon Ek"},
				Published: at, Updated: at, RawUpdated: "2026-03-02T09:00:00+01:00",
			}}},
		},
		{
			"jsonfeed",
			`{"version":"https://jsonfeed.org/version/1.1","title":"Blog","items":[{"id":"7","url":"https://blog.example/7","content_html":"<p>C</p>","image":"https://blog.example/7.jpg"}]}`,
			Feed{Format: "jsonfeed", Title: "Blog", Entries: []Entry{{
				ID: "7", Link: "https://blog.example/7", Content: "<p>C</p>", Pictures: []Picture{{URL: "https://blog.example/7.jpg"}},
			}}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse([]byte(test.data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, *got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestPictures holds how Media RSS says whose a picture is.
func TestPictures(t *testing.T) {
	for _, test := range []struct {
		name, media string
		want        []Picture
	}{
		{
			"own words first", `<media:credit>Paper</media:credit><media:content url="https://a.example/1" medium="image" width="9"><media:credit>Ole</media:credit></media:content>`,
			[]Picture{{URL: "https://a.example/1", Width: 9, Credit: "Ole"}},
		},
		{
			"words around", `<media:description>D</media:description><media:title>T</media:title><media:content url="https://a.example/1.png"/>`,
			[]Picture{{URL: "https://a.example/1.png", Description: "D", Title: "T"}},
		},
		{
			"one of a group", `<media:group><media:copyright>C</media:copyright><media:content url="https://a.example/s" type="image/jpeg" width="10" height="10"/><media:content url="https://a.example/l" type="image/jpeg" width="20" height="20"/></media:group>`,
			[]Picture{{URL: "https://a.example/l", Type: "image/jpeg", Width: 20, Height: 20, Copyright: "C"}},
		},
		{"film", `<media:content url="https://a.example/1.mp4" type="video/mp4"/><media:content url="https://a.example/2" medium="video"/>`, nil},
		{
			"thumbnail if nothing else", `<media:thumbnail url="https://a.example/t.jpg" width="-4" height="75"/>`,
			[]Picture{{URL: "https://a.example/t.jpg", Height: 75, Thumbnail: true}},
		},
		{
			"once", `<media:content url="https://a.example/1.jpg" medium="image"/><enclosure url="https://a.example/1.jpg" type="image/jpeg"/>`,
			[]Picture{{URL: "https://a.example/1.jpg"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := Parse([]byte(`<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><item>` + test.media + `</item></channel></rss>`))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, f.Entries[0].Pictures); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, data := range []string{``, `text`, `<html/>`} {
		if _, err := Parse([]byte(data)); !errors.Is(err, ErrNotFeed) {
			t.Errorf("Parse(%q) = %v, want ErrNotFeed", data, err)
		}
	}
	for _, data := range []string{`{"version":`, `{"version":"https://jsonfeed.org/version/1","items":[{"authors":[null]}]}`} {
		if f, err := Parse([]byte(data)); err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", data, f)
		}
	}
}

// FuzzFeed holds that Parse answers anything, and its pictures have addresses.
func FuzzFeed(f *testing.F) {
	for _, seed := range []string{
		`<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><item><title>&lt;b&gt;</title><media:group><media:content url="u" medium="image"/></media:group></item></channel></rss>`,
		`<feed xmlns="http://www.w3.org/2005/Atom"><entry><content type="xhtml"><div>x</div></content><link rel="enclosure" type="image/png" href="u"/></entry></feed>`,
		`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><item><title>t</title></item></rdf:RDF>`,
		`{"version":"https://jsonfeed.org/version/1","items":[{"id":7,"authors":[null]},null]}`,
		`<?xml version="1.0" encoding="koi8-r"?><rss><channel><item/></channel></rss>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Parse(data)
		if (err == nil) == (got == nil) {
			t.Fatalf("Parse = %v, %v", got, err)
		}
		if got == nil {
			return
		}
		for _, e := range got.Entries {
			for _, p := range e.Pictures {
				if p.URL == "" || p.Width < 0 || p.Height < 0 {
					t.Fatalf("picture %+v", p)
				}
			}
		}
	})
}
