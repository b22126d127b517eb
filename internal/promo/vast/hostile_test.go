package vast

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// inline is an ad in line with what stands in its video, and besides it.
func inline(linear, besides string) string {
	return `<VAST version="3.0"><Ad id="a"><InLine><AdSystem>S</AdSystem><AdTitle>T</AdTitle>` + besides +
		`<Creatives><Creative><Linear><Duration>00:00:10</Duration>` + linear + `</Linear></Creative></Creatives></InLine></Ad></VAST>`
}

// TestRefused holds which documents are refused, with which code and words.
func TestRefused(t *testing.T) {
	media := `<MediaFile type="video/mp4">https://v.example/a.mp4</MediaFile>`
	track := `<Tracking event="start">https://t.example/</Tracking>`
	deep := strings.Repeat("<Extension>", 40) + strings.Repeat("</Extension>", 40)
	for _, test := range []struct {
		name, in string
		code     Code
		want     string
	}{
		{"nothing", "", XMLParsingError, "The answer is no XML: it has no element."},
		{"a comment", "<!-- no ad -->", XMLParsingError, "The answer is no XML: it has no element."},
		{"words", "No ad today.", XMLParsingError, "The answer is no XML: it begins with other text."},
		{"JSON", `{"ad":"<VAST/>"}`, XMLParsingError, "The answer is no XML: it begins with other text."},
		{"HTML", "<html><body>Not found</body></html>", SchemaValidationError, "The document is no VAST: its first element is <html>."},
		{"VMAP", `<vmap:VMAP xmlns:vmap="http://www.iab.net/videosuite/vmap"/>`, SchemaValidationError, "The document is VMAP, a plan of breaks in a film. Ask the ad server for VAST."},
		{"VAST 1", "<VideoAdServingTemplate/>", VersionNotSupported, "The document is VAST 1. Versions 2 to 4 are read."},
		{"VAST 5", `<VAST version="5.0"/>`, VersionNotSupported, "The document is VAST 5.0. Versions 2 to 4 are read."},
		{"cut off", `<VAST version="3.0"><Ad>`, XMLParsingError, "The XML ends inside the element <ad>."},
		{"wrong end", `<VAST><Ad></VAST>`, XMLParsingError, "The answer is not well-formed XML: </vast> stands where <ad> is open."},
		{"no start", `</VAST>`, XMLParsingError, "The answer is not well-formed XML: </vast> stands where <> is open."},
		{"no end of a tag", `<VAST version="3.0`, XMLParsingError, "The answer is not well-formed XML."},
		{"a forbidden letter", "<VAST>\x00</VAST>", XMLParsingError, "The answer is not well-formed XML."},
		{"a charset", "<?xml version='1.0' encoding='x-quay'?><VAST>\xe9</VAST>", XMLParsingError, `The XML is written in the charset "x-quay", which is not known.`},
		{"a charset of browsers", "<?xml version='1.0' encoding='iso-2022-kr'?><VAST>\xe9</VAST>", XMLParsingError, `The XML is written in the charset "iso-2022-kr", which is not known.`},
		{"a document type", `<!DOCTYPE VAST SYSTEM "https://evil.example/vast.dtd"><VAST/>`, XMLParsingError, "The XML declares a document type. VAST has none: such a declaration can only do harm."},
		{
			"laughter", `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><VAST>&b;</VAST>`, XMLParsingError,
			"The XML declares a document type. VAST has none: such a declaration can only do harm.",
		},
		{"many bytes", "<VAST>" + strings.Repeat(" ", MaxBytes) + "</VAST>", XMLParsingError, "The document has 524301 bytes; at most 524288 are read."},
		{"many bytes in UTF-8", "\xfe\xff" + strings.Repeat("\x30\x42", 200_000), XMLParsingError, "The document has 600000 bytes as UTF-8; at most 524288 are read."},
		{"depth", inline("", deep), XMLParsingError, "The document has elements inside elements more than 32 deep."},
		{"elements", inline("", strings.Repeat("<x/>", maxElements)), XMLParsingError, "The document has more than 10000 elements."},
		{"attributes", inline(fmt.Sprintf("<x %s/>", strings.Repeat("a='' ", 65)), ""), XMLParsingError, "The document has an element with more than 64 attributes."},
		{"ads", "<VAST>" + strings.Repeat("<Ad><InLine/></Ad>", 21) + "</VAST>", SchemaValidationError, "The document has 21 ads; at most 20 are read."},
		{"files", inline("<MediaFiles>"+strings.Repeat(media, 51)+"</MediaFiles>", ""), SchemaValidationError, "The document has 51 media files of one video; at most 50 are read."},
		{
			"captions", inline("<MediaFiles><ClosedCaptionFiles>"+strings.Repeat("<ClosedCaptionFile/>", 51)+"</ClosedCaptionFiles></MediaFiles>", ""),
			SchemaValidationError, "The document has 51 files of captions; at most 50 are read.",
		},
		{
			"trackings", inline("<TrackingEvents>"+strings.Repeat(track, 201)+"</TrackingEvents>", ""), SchemaValidationError,
			"The document has 201 trackings of one video; at most 200 are read.",
		},
		{
			"trackings of a wrapper", "<VAST><Ad><Wrapper><Creatives>" + strings.Repeat("<Creative><Linear><TrackingEvents>"+strings.Repeat(track, 101)+"</TrackingEvents></Linear></Creative>", 2) + "</Creatives></Wrapper></Ad></VAST>",
			SchemaValidationError, "The document has 202 trackings of one ad; at most 200 are read.",
		},
		{"impressions", inline("", strings.Repeat("<Impression/>", 201)), SchemaValidationError, "The document has 201 <impression> elements; at most 200 are read."},
		{"errors", inline("", strings.Repeat("<Error/>", 201)), SchemaValidationError, "The document has 201 <error> elements; at most 200 are read."},
		{"errors of nothing", "<VAST>" + strings.Repeat("<Error/>", 201) + "</VAST>", SchemaValidationError, "The document has 201 <error> elements; at most 200 are read."},
		{
			"views", inline("", "<ViewableImpression>"+strings.Repeat("<Viewable/>", 201)+"</ViewableImpression>"), SchemaValidationError,
			"The document has 201 <viewable> elements; at most 200 are read.",
		},
		{
			"clicks", inline("<VideoClicks>"+strings.Repeat("<ClickTracking/>", 201)+"</VideoClicks>", ""), SchemaValidationError,
			"The document has 201 <clicktracking> elements; at most 200 are read.",
		},
	} {
		_, err := Parse([]byte(test.in))
		if got := code(t, err); got != test.code || err.(*Error).Detail != test.want {
			t.Errorf("%s: %v, want %d: %s", test.name, err, test.code, test.want)
		}
	}
}

// TestTolerated holds what is read although it is wrong, and what is not there.
func TestTolerated(t *testing.T) {
	for _, version := range []string{"", ` version=""`, ` version="vast"`, ` version="1.0"`, ` version="4"`, ` version="4.3"`, " version='3.0 beta'"} {
		if _, err := Parse([]byte("<VAST" + version + "/>")); err != nil {
			t.Errorf("version%s: %v", version, err)
		}
	}
	// Nobody's text is taken for more than it is.
	d, err := Parse([]byte(inline(`<MediaFiles><MediaFile type="video/mp4">&lt;![CDATA[https://v.example/a.mp4]]&gt;</MediaFile></MediaFiles>`,
		"<Description>"+strings.Repeat("word ", 1000)+"</Description><Extensions><Error>https://e.example/</Error></Extensions>")))
	if err != nil {
		t.Fatal(err)
	}
	if a := d.Ads[0]; len(a.Linear.Media) != 0 || a.Dropped.Unreadable != 1 || len(a.Errors) != 0 || len(a.Description) != maxText-1 {
		t.Errorf("%+v", a)
	}
	// An ad in line is in line, even if it says that it is a wrapper, too.
	d, err = Parse([]byte("<VAST><Ad><Wrapper/><InLine/></Ad><Ad><InLine></InLine></Ad><Ad/><Ad><Other/></Ad></VAST>"))
	if err != nil || len(d.Ads) != 2 || d.Ads[0].Wrapper != nil {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestPrograms holds that nothing is ever offered that would be executed.
func TestPrograms(t *testing.T) {
	for _, file := range []string{
		`<MediaFile type="application/javascript" apiFramework="VPAID">https://v.example/a.js</MediaFile>`,
		`<MediaFile type="application/x-javascript">https://v.example/a.js</MediaFile>`,
		`<MediaFile type="text/javascript">https://v.example/a.mp4</MediaFile>`,
		`<MediaFile type="video/mp4" apiFramework="VPAID">https://v.example/a.mp4</MediaFile>`,
		`<MediaFile type="video/mp4" APIFRAMEWORK=" vpaid ">https://v.example/a.mp4</MediaFile>`,
		`<MediaFile type="video/mp4" apiFramework="SIMID">https://v.example/a.mp4</MediaFile>`,
		`<MediaFile type="text/html">https://v.example/a.mp4</MediaFile>`,
		`<MediaFile type="application/x-shockwave-flash">https://v.example/a.mp4</MediaFile>`,
		`<InteractiveCreativeFile type="text/html" apiFramework="SIMID">https://v.example/a.mp4</InteractiveCreativeFile>`,
	} {
		d, err := Parse([]byte(inline("<MediaFiles>"+file+"</MediaFiles>", "")))
		if err != nil {
			t.Fatal(err)
		}
		if a := d.Ads[0]; len(a.Linear.Media) != 0 || a.Dropped.Programs != 1 || a.playable().Code != MediaFileNotSupported {
			t.Errorf("%s: %+v", file, a.Linear.Media)
		}
	}
	// A plain video of a creative that has a program besides is a video.
	d, err := Parse([]byte(`<VAST><Ad><InLine><Creatives><Creative apiFramework="VPAID"><Linear><MediaFiles>` +
		`<MediaFile type="video/mp4">https://v.example/a.mp4</MediaFile><MediaFile type="video/mp4" apiFramework="VPAID">https://v.example/b.mp4</MediaFile>` +
		`</MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>`))
	if err != nil || len(d.Ads[0].Linear.Media) != 1 || d.Ads[0].Linear.Media[0].Address != "https://v.example/a.mp4" {
		t.Errorf("the video beside a program: %+v, %v", d, err)
	}
}

// TestCharsets holds that a document may be written as its server likes.
func TestCharsets(t *testing.T) {
	for _, test := range []struct {
		label, title string
		enc          encoding.Encoding
	}{
		{"utf-8", "Bäckerei 朝の渡し船", encoding.Nop},
		{"iso-8859-1", "Bäckerei", encoding.Nop}, // it is UTF-8
		{"iso-8859-1", "Bäckerei", charmap.ISO8859_1},
		{"windows-1252", "“Bäckerei” €", charmap.Windows1252},
		{"Shift_JIS", "朝の渡し船", japanese.ShiftJIS},
		{"euc-jp", "朝の渡し船", japanese.EUCJP},
		{"iso-2022-jp", "朝の渡し船", japanese.ISO2022JP},
		{"utf-16", "朝の渡し船", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
		{"utf-16", "朝の渡し船", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
		{"utf-8", "B\uFFFDckerei", charmap.ISO8859_1},
	} {
		text := fmt.Sprintf(`<?xml version="1.0" encoding="%s"?><VAST><Ad><InLine><AdTitle>%s</AdTitle></InLine></Ad></VAST>`, test.label, test.title)
		if test.label == "utf-8" && test.enc != encoding.Nop {
			text = strings.ReplaceAll(text, "\uFFFD", "ä")
		}
		data, err := test.enc.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		d, err := Parse(data)
		if err != nil || d.Ads[0].Title != test.title {
			t.Errorf("%s: %+v, %v", test.label, d.Ads, err)
		}
	}
}
