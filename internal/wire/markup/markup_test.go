package markup

import (
	"bytes"
	"encoding/xml"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// decoded is the text of <t> and the attribute of <a> in an element of any name.
type decoded struct {
	Text string `xml:"t"`
	Link struct {
		Href string `xml:"href,attr"`
	} `xml:"a"`
	Line  Text  `xml:"line"`
	Inner Inner `xml:"inner"`
}

// TestRepairs holds what becomes of damage that real feeds show.
func TestRepairs(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"plain", "<d><t>a</t></d>", "a"},
		{"bare ampersand", "<d><t>Marks & Spencer &Co; AT&T</t></d>", "Marks & Spencer &Co; AT&T"},
		{"HTML's entities", "<d><t>a&nbsp;&eacute;&hellip;</t></d>", "a\u00a0é…"},
		{"XML's entities", "<d><t>&lt;&amp;amp;&gt;&quot;&apos;</t></d>", `<&amp;>"'`},
		{"numbers", "<d><t>&#233;&#xE9;&#XE9;&#0233;</t></d>", "éééé"},
		{"Windows' numbers", "<d><t>&#147;it&#146;s&#148;</t></d>", "“it’s”"},
		{"forbidden numbers", "<d><t>&#0;&#xFFFF;&#xD800;&#99999999999;</t></d>", "\uFFFD\uFFFD\uFFFD&#99999999999;"},
		{"forbidden characters", "<d><t>a\x00b\x1bc\uFFFFd</t></d>", "a b c\uFFFDd"},
		{"less than", "<d><t>1 < 2 <3</t></d>", "1 < 2 <3"},
		{"address", "<d><t>to <desk@kna.example></t></d>", "to <desk@kna.example>"},
		{"end of CDATA in text", "<d><t>a]]>b</t></d>", "a]]>b"},
		{"CDATA", "<d><t><![CDATA[<b>&amp;</b> ]] >]]></t></d>", "<b>&amp;</b> ]] >"},
		{"two CDATA", "<d><t><![CDATA[a]]]]><![CDATA[>b]]></t></d>", "a]]>b"},
		{"comments", "<d><!-- a -- b --><t>a<!-- <t> -->b</t></d>", "ab"},
		{"instructions", "<?xml version='1.1'?><?x <y> ?><d><t>a<?z?>b</t></d>", "ab"},
		{"two declarations", "<?xml version='1.0'?>\n<?xml version='1.0'?><d><t>a</t></d>", "a"},
		{"after the end", "<d><t>a</t></d><d><t>b</t></d> & < trailing", "a"},
		{"prefixes nobody declared", "<x:d><y:t>a</y:t></x:d>", "a"},
		{"line ends", "<d><t>a\r\nb</t></d>", "a\nb"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var d decoded
			if err := Decode([]byte(test.in), &d); err != nil {
				t.Fatal(err)
			}
			if d.Text != test.want {
				t.Errorf("%q, want %q", d.Text, test.want)
			}
		})
	}
}

func TestAttributes(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{`<d><a href="http://x.example/?a=1&b=2&amp;c=3"/></d>`, "http://x.example/?a=1&b=2&c=3"},
		{`<d><a href='a<b>"c"'/></d>`, `a<b>"c"`},
		{`<d><a title="a > b" href="x"></a></d>`, "x"},
	} {
		var d decoded
		if err := Decode([]byte(test.in), &d); err != nil || d.Link.Href != test.want {
			t.Errorf("%s: %q, %v, want %q", test.in, d.Link.Href, err, test.want)
		}
	}
}

// TestDoctype holds that a document type is neither obeyed nor in the way.
func TestDoctype(t *testing.T) {
	for _, doctype := range []string{
		`<!DOCTYPE d>`,
		`<!DOCTYPE d PUBLIC "urn:x" "../DTD/x.dtd" [<!ENTITY % nitf SYSTEM "nitf.dtd"> %nitf; ]>`,
		`<!DOCTYPE d [<!-- ]> ' --><!ENTITY e "]>"><!ELEMENT d (t)>]>`,
		`<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>`,
	} {
		var d decoded
		if err := Decode([]byte(doctype+"<d><t>[&e;]</t></d>"), &d); err != nil || d.Text != "[&e;]" {
			t.Errorf("%s: %q, %v", doctype, d.Text, err)
		}
	}
}

func TestCharset(t *testing.T) {
	encoded := func(s string, encode func(string) (string, error)) string {
		out, err := encode(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	latin := func(s string) string { return encoded(s, charmap.ISO8859_1.NewEncoder().String) }
	windows := func(s string) string { return encoded(s, charmap.Windows1252.NewEncoder().String) }
	for _, test := range []struct{ name, in, want string }{
		{"UTF-8", "<d><t>é</t></d>", "é"},
		{"UTF-8 with a mark", "\xef\xbb\xbf<?xml version='1.0'?><d><t>é</t></d>", "é"},
		{"declared latin, is UTF-8", "<?xml version='1.0' encoding='iso-8859-1'?><d><t>é</t></d>", "é"},
		{"declared latin, is latin", latin("<?xml version='1.0' encoding='iso-8859-1'?><d><t>é</t></d>"), "é"},
		{"latin 9", encoded("<?xml version='1.0' encoding='ISO-8859-15'?><d><t>5 € à</t></d>", charmap.ISO8859_15.NewEncoder().String), "5 € à"},
		{"declared UTF-8, is Windows", windows("<?xml version='1.0' encoding='utf-8'?><d><t>“é” – à</t></d>"), "“é” – à"},
		{"nothing declared, is Windows", windows("<d><t>“é”</t></d>"), "“é”"},
		{"UTF-8 with a broken letter", "<d><t>é à \xe9 ü</t></d>", "é à \uFFFD ü"},
		{"Greek", encoded("<?xml version='1.0' encoding='windows-1253'?><d><t>Αθήνα</t></d>", charmap.Windows1253.NewEncoder().String), "Αθήνα"},
		{"Shift JIS", encoded("<?xml version='1.0' encoding='Shift_JIS'?><d><t>瓦版</t></d>", japanese.ShiftJIS.NewEncoder().String), "瓦版"},
		{"iso-2022-jp", encoded("<?xml version='1.0' encoding='iso-2022-jp'?><d><t>瓦版</t></d>", japanese.ISO2022JP.NewEncoder().String), "瓦版"},
		{"UTF-16 with a mark", encoded("<?xml version='1.0' encoding='UTF-16'?><d><t>é</t></d>", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String), "é"},
		{"UTF-16 without", encoded("<?xml version='1.0'?><d><t>é</t></d>", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String), "é"},
		{"declared UTF-16, is ASCII", "<?xml version='1.0' encoding='utf-16'?><d><t>a</t></d>", "a"},
		{"utf8 without a dash", "<?xml version='1.0' encoding='utf8'?><d><t>é</t></d>", "é"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := []byte(test.in)
			var d decoded
			if err := Decode(in, &d); err != nil {
				t.Fatal(err)
			}
			if d.Text != test.want {
				t.Errorf("%q, want %q", d.Text, test.want)
			}
			if string(in) != test.in {
				t.Error("the sender's bytes were changed")
			}
		})
	}
}

func TestInnerAndText(t *testing.T) {
	var d decoded
	err := Decode([]byte(`<d xmlns:h="u"><line> A <h:em>b</h:em><br/>c
		d</line><inner><h:p h:class="x" xmlns:z="w">1 &lt; 2<h:br/><i/> &amp;nbsp; &nbsp;<!-- no --></h:p><![CDATA[<b>]]></inner></d>`), &d)
	if err != nil {
		t.Fatal(err)
	}
	if d.Line != "A b c d" {
		t.Errorf("text %q", d.Line)
	}
	if want := Inner("<p class=\"x\">1 &lt; 2<br/><i></i> &amp;nbsp; \u00a0</p>&lt;b&gt;"); d.Inner != want {
		t.Errorf("inner %q, want %q", d.Inner, want)
	}
}

func TestRoot(t *testing.T) {
	space, local, err := Root([]byte("\n<?xml version='1.0'?><!DOCTYPE a><!-- b --><x:NewsML xmlns:x='urn:n'><broken"))
	if space != "urn:n" || local != "NewsML" || err != nil {
		t.Errorf("%q %q %v", space, local, err)
	}
	for _, in := range []string{"", " ", `{"a":"<p>b</p>"}`, "text", "<!-- a -->"} {
		if _, _, err := Root([]byte(in)); !problem.Is(err, problem.Invalid) {
			t.Errorf("Root(%q): %v", in, err)
		}
	}
}

// TestRefused holds what is said of files that are not read.
func TestRefused(t *testing.T) {
	for _, test := range []struct {
		name, in string
		kind     problem.Kind
		says     string
	}{
		{"wrong end", "<d>\n<!-- \n --><t>a</d>", problem.Invalid, "The file is not well-formed XML: </d> where <t> is open (line 3)."},
		{"no end", "<d>\n\n<t>a</t", problem.Invalid, "The file is not well-formed XML: a closing tag that does not end (line 3)."},
		{"cut off", "<d><t>a</t>", problem.Invalid, "The file is not well-formed XML: it ends inside the element <d> (line 1)."},
		{"open tag", "<d><t href='", problem.Invalid, "The file is not well-formed XML: an attribute that does not end (line 1)."},
		{"open comment", "<d>\n<!-- a", problem.Invalid, "The file is not well-formed XML: a comment that does not end (line 2)."},
		{"open CDATA", "<d><![CDATA[a", problem.Invalid, "The file is not well-formed XML: a CDATA section that does not end (line 1)."},
		{"open document type", "<!DOCTYPE d [", problem.Invalid, "The file is not well-formed XML: a document type that does not end (line 1)."},
		{"attribute without quotes", "<d a=b></d>", problem.Invalid, "The file is not well-formed XML: the attribute a has no quotes (line 1)."},
		{"unknown charset", "<?xml version='1.0' encoding='klingon'?><d>\xe9</d>", problem.Unsupported, `The XML file is written in the charset "klingon", which we do not know.`},
		{"charset that hides tags", "<?xml version='1.0' encoding='iso-2022-kr'?><d>\x1b$)C\x0e\x21\xff</d>", problem.Unsupported, `The XML file is written in the charset "iso-2022-kr", which we do not know.`},
		{"empty", "", problem.Invalid, "The file has no XML document that we can read."},
	} {
		t.Run(test.name, func(t *testing.T) {
			var d decoded
			p := problem.Of(Decode([]byte(test.in), &d))
			if p == nil || p.Kind != test.kind || p.Detail != test.says {
				t.Errorf("%+v, want %s: %s", p, test.kind, test.says)
			}
		})
	}
}

// TestHostile holds that files made to hurt are refused, or read, for little
// time and memory. The limits on a quiet machine are 50 ms and 64 MiB; the test
// is more patient, because machines are busy.
func TestHostile(t *testing.T) {
	const patience = time.Second
	for _, test := range []struct {
		name string
		in   string
		kind problem.Kind // "" when it is read
	}{
		{"1,000,000 elements inside each other", strings.Repeat("<a>", 1_000_000), problem.TooLarge},
		{"1,000,000 closed elements", "<d>" + strings.Repeat("<a/>", 1_000_000) + "</d>", problem.TooLarge},
		{"800,000 attributes", "<d " + strings.Repeat(" a=''", 800_000) + "/>", problem.TooLarge},
		{"100 MB", "<d>" + strings.Repeat("a", 100<<20) + "</d>", problem.TooLarge},
		{"a file of text", "<d><t>" + strings.Repeat("a", MaxBytes-20) + "</t></d>", ""},
		{"a file of CDATA", "<d><t><![CDATA[" + strings.Repeat("<", MaxBytes-40) + "]]></t></d>", ""},
		{"1,000,000 references", "<d><t>" + strings.Repeat("&lt;", 1_000_000) + "</t></d>", problem.TooLarge},
		{"a file that grows", "<d><t>" + strings.Repeat("&", MaxBytes-20) + "</t></d>", problem.TooLarge},
		{"a file of another charset", "<?xml version='1.0' encoding='iso-8859-1'?><d><t>" + strings.Repeat("\xe9", MaxBytes-100) + "</t></d>", problem.TooLarge},
		{
			"billion laughs", `<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><d><t>&c;</t></d>`, "",
		},
		{"quadratic blow-up", `<!DOCTYPE d [<!ENTITY a "` + strings.Repeat("a", 100_000) + `">]><d><t>` + strings.Repeat("&a;", 8_000) + `</t></d>`, ""},
		{"external DTD", `<!DOCTYPE d SYSTEM "http://127.0.0.1:1/x.dtd" [<!ENTITY % p SYSTEM "file:///dev/zero">%p;]><d/>`, ""},
		{"a name of 4 MB", "<" + strings.Repeat("a", 4<<20) + "/>", problem.TooLarge},
		{"comments that begin", "<d>" + strings.Repeat("<!--", 90_000), problem.Invalid},
		{"document types that begin", strings.Repeat("<!DOCTYPE d [", 30_000), problem.Invalid},
		{"closing tags", "<d>" + strings.Repeat("</a>", 90_000), problem.Invalid},
		{"references that do not end", "<d><t>" + strings.Repeat("&#", 500_000) + "</t></d>", problem.TooLarge},
		{"less than", "<d><t>" + strings.Repeat("< ", 1_000_000) + "</t></d>", problem.TooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := []byte(test.in)
			papertest.InTime(t, "to read it", patience, func() time.Duration {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				begin := time.Now()
				var d decoded
				err := Decode(in, &d)
				took := time.Since(begin)
				runtime.ReadMemStats(&after)
				taken := (after.TotalAlloc - before.TotalAlloc) >> 20
				t.Logf("%v, %d MiB: %v", took.Round(100*time.Microsecond), taken, err)
				switch {
				case test.kind == "" && err != nil:
					t.Errorf("refused: %v", err)
				case test.kind != "" && !problem.Is(err, test.kind):
					t.Errorf("%v, want a Problem %s", err, test.kind)
				}
				if taken > 64 {
					t.Errorf("took %d MiB", taken)
				}
				return took
			})
		})
	}
}

// TestTokensAtTheLimit holds that the largest file that is read costs little.
func TestTokensAtTheLimit(t *testing.T) {
	in := []byte("<d>" + strings.Repeat("<a>b</a>", MaxTokens/3-10) + "</d>")
	var d decoded
	begin := time.Now()
	if err := Decode(in, &d); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %v", len(in), time.Since(begin))
}

func FuzzMarkup(f *testing.F) {
	for _, s := range []string{
		"<d><t>a</t><line>b</line><inner><p>c</p></inner></d>",
		`<?xml version="1.0" encoding="iso-8859-15"?><!DOCTYPE d [<!ENTITY % n "x">]><d a="b&c"><t><![CDATA[<]]>&nbsp;&#146;</t></d>`,
		"\xff\xfe<\x00d\x00/\x00>\x00",
		"<d><!-- --><?x?><inner><a b='<'>&lt;</a></inner></d>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		original := bytes.Clone(data)
		var d decoded
		err := Decode(data, &d)
		if err != nil && problem.Of(err) == nil {
			t.Errorf("not a Problem: %v", err)
		}
		if _, _, rootErr := Root(data); err == nil && rootErr != nil && !problem.Is(rootErr, problem.Invalid) {
			t.Errorf("read, but without a root: %v", rootErr)
		}
		if !bytes.Equal(data, original) {
			t.Error("the sender's bytes were changed")
		}
		if err != nil {
			return
		}
		// What was read is XML that reads the same.
		var again decoded
		if err := Decode([]byte("<d><inner>"+string(d.Inner)+"</inner></d>"), &again); err != nil {
			if !problem.Is(err, problem.TooLarge) {
				t.Errorf("%q: %v", d.Inner, err)
			}
		} else if again.Inner != d.Inner {
			t.Errorf("%q became %q", d.Inner, again.Inner)
		}
	})
}

func TestScan(t *testing.T) {
	var names []string
	err := Scan([]byte("<x:a><b/><x:c>d</x:c></x:a><after>"), func(name xml.Name) error {
		names = append(names, name.Space+":"+name.Local)
		return nil
	})
	if got := strings.Join(names, " "); got != "x:a :b x:c" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	stop := errors.New("stop")
	if err := Scan([]byte("<a><b"), func(xml.Name) error { return stop }); err != stop {
		t.Errorf("%v, want %v", err, stop)
	}
	if err := Scan([]byte("<a><b>"), func(xml.Name) error { return nil }); !problem.Is(err, problem.Invalid) {
		t.Errorf("%v", err)
	}
}
