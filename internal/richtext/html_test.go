package richtext

import (
	"html/template"
	"reflect"
	"testing"
)

// figure is how the tests show a picture.
func figure(b Block) template.HTML {
	var w writer
	w.put("<figure>")
	if b.URL != "" {
		w.put(`<img src="`)
		w.attr(b.URL)
		w.put(`" alt="`)
		w.attr(b.Alt)
		w.put(`">`)
	}
	w.put("<figcaption>")
	w.spans(b.Text)
	w.put(` <span class="credit">`)
	w.text(b.Credit)
	w.put("</span></figcaption></figure>")
	return template.HTML(w.String())
}

func TestFromHTML(t *testing.T) {
	for _, test := range []struct{ name, html, want string }{
		{"bare text", "Rain fell.", "<p>Rain fell.</p>"},
		{"two breaks", "One<br><br/>Two<br>\n <br>\n<br>Three<br>four", "<p>One</p> <p>Two</p> <p>Three<br>four</p>"},
		{"div soup", "<div>One<div><div>Two</div></div>Three <span>four</span></div>", "<p>One</p> <p>Two</p> <p>Three four</p>"},
		{"empty paragraphs", "<p> </p><p>&nbsp;</p><p/><p>\u200b</p><p><b> </b></p><p>x</p>", "<p>x</p>"},
		{"white space", "<p>  a \n\t b <b> c </b> d</p>", "<p>a b <strong>c</strong> d</p>"},
		{"no-break space", "<p>10&nbsp;000 «&nbsp;x&nbsp;» a&nbsp; b&nbsp;&nbsp;c&nbsp;</p>", "<p>10\u00a0000 «\u00a0x\u00a0» a b c</p>"},
		{"marks merge", "<b>a</b><strong>b</strong><i>c</i><em>d</em>", "<p><strong>ab</strong><em>cd</em></p>"},
		{"misnested", "<b>a<i>b</b>c</i>d", "<p><strong>a</strong><strong><em>b</em></strong><em>c</em>d</p>"},
		{"unclosed", "<p>a <b>b<p>c", "<p>a <strong>b</strong></p> <p>c</p>"},
		{"space outside a link", `a<a href="https://x.example/"> b </a>c`, `<p>a <a href="https://x.example/" rel="noopener">b</a> c</p>`},
		{"bold inside a link", `<a href="/a">x <b>y</b></a>`, `<p><a href="/a">x <strong>y</strong></a></p>`},
		{"heading", "<h1>One</h1><h4><b>Two</b></h4>x", "<h2>One</h2> <h2>Two</h2> <p>x</p>"},
		{"namespace", `<xhtml:body xmlns:xhtml="http://www.w3.org/1999/xhtml"><xhtml:p>a<xhtml:br/>b</xhtml:p></xhtml:body>`, "<p>a<br>b</p>"},
		{"whole document", `<?xml version="1.0"?><!DOCTYPE html><html><head><title>No</title><style>p{}</style></head><body><p>Yes</p></body></html>`, "<p>Yes</p>"},
		{"cdata", "<![CDATA[<p>a &amp; b</p>]]>", "<p>&lt;p&gt;a &amp;amp; b&lt;/p&gt;</p>"},
		{"nested lists", "<ul><li>a<ul><li>b</li><li>c</ul>d<li>e</ul>", "<ul> <li>a</li> <li>b</li> <li>c</li> <li>d</li> <li>e</li> </ul>"},
		{"ordered", "<ol><li><p>a</p><p>b</p></li></ol>", "<ol> <li>a<br>b</li> </ol>"},
		{"items without a list", "<li>a<li>b<p>c", "<ul> <li>a</li> <li>b<br>c</li> </ul>"},
		{"definitions", "<dl><dt>a<dd>b</dl>", "<p><strong>a</strong></p> <p>b</p>"},
		{"quote with footer", "<blockquote><p>a</p><p>b</p><footer>— Ann</footer></blockquote>", "<blockquote> <p>a<br>b</p> <footer>Ann</footer> </blockquote>"},
		{"quote with cite", "<blockquote>a <cite>Ann</cite></blockquote>", "<blockquote> <p>a</p> <footer>Ann</footer> </blockquote>"},
		{"cite inside", "<blockquote>in <cite>Book</cite> he says</blockquote>", "<blockquote> <p>in <em>Book</em> he says</p> </blockquote>"},
		{"quote in a figure", "<figure><blockquote>a</blockquote><figcaption>Ann</figcaption></figure>", "<blockquote> <p>a</p> <footer>Ann</footer> </blockquote>"},
		{"quote in a quote", "<blockquote>a<blockquote>b<footer>Bo</footer></blockquote></blockquote>", "<blockquote> <p>a</p> </blockquote> <blockquote> <p>b</p> <footer>Bo</footer> </blockquote>"},
		{"figure", `<figure><a href="/x"><img src="//pix.example/a.jpg" alt="A cat"></a><figcaption>A cat. <span class="photo-credit">Ann</span></figcaption></figure>`, `<figure><img src="https://pix.example/a.jpg" alt="A cat"><figcaption>A cat. <span class="credit">Ann</span></figcaption></figure>`},
		{"picture in a paragraph", `<p>One <img src="https://x.example/a.jpg"> two</p><p>three</p>`, `<p>One two</p> <figure><img src="https://x.example/a.jpg" alt=""><figcaption> <span class="credit"></span></figcaption></figure> <p>three</p>`},
		{"counting pixel", `<p>a<img src="https://x.example/a.gif" width="1" height="1"></p>`, "<p>a</p>"},
		{"emoji", `a <img class="wp-smiley" alt="☃" src="https://x.example/s.png"> b`, "<p>a ☃ b</p>"},
		{"frame", `<iframe src="https://www.video.example/embed/1" title="The flood"></iframe>b`, `<figure class="embed"><a href="https://www.video.example/embed/1" rel="nofollow noopener external">The flood</a><figcaption>video.example</figcaption></figure> <p>b</p>`},
		{"frame in xhtml", `<iframe src="https://video.example/1"/><p>b</p>`, `<figure class="embed"><a href="https://video.example/1" rel="nofollow noopener external">video.example/1</a><figcaption>video.example</figcaption></figure> <p>b</p>`},
		{"frame without https", `<iframe src="http://video.example/1"></iframe><video src="javascript:alert(1)"></video>b`, "<p>b</p>"},
		{"post", `<blockquote class="twitter-tweet"><p>Fog again</p>— Ann (@ann) <a href="https://twitter.com/ann/status/1?s=2">May 1</a></blockquote><script src="//x"></script>`, `<figure class="embed"><a href="https://twitter.com/ann/status/1?s=2" rel="nofollow noopener external">Fog again</a><figcaption>twitter.com</figcaption></figure>`},
		{"table", `<table><caption>Ward</caption><thead><tr><td></td><td>Yes</td></tr></thead><tr><td>North<td>1</table>`, `<div class="table" tabindex="0" role="region" aria-label="Ward"> <table> <caption>Ward</caption> <thead> <tr><td></td><th scope="col" class="figures">Yes</th></tr> </thead> <tbody> <tr><td>North</td><td class="figures">1</td></tr> </tbody> </table> </div>`},
		{"table with spans", `<table><tr><th>A<th>B<th>C<tr><td rowspan=2>1<td colspan=2>2<tr><td>3<td>4</table>`, `<div class="table" tabindex="0" role="region" aria-label="A, B, C"> <table> <thead> <tr><th scope="col" class="figures">A</th><th scope="col" class="figures">B</th><th scope="col" class="figures">C</th></tr> </thead> <tbody> <tr><td class="figures">1</td><td class="figures">2</td><td class="figures"></td></tr> <tr><td class="figures"></td><td class="figures">3</td><td class="figures">4</td></tr> </tbody> </table> </div>`},
		{"layout table", `<table><tr><td><img src="https://x.example/a.jpg"></td><td><p>a</p><p>b</p></td></tr></table>`, `<figure><img src="https://x.example/a.jpg" alt=""><figcaption> <span class="credit"></span></figcaption></figure> <p>a</p> <p>b</p>`},
		{"one column", "<table><tr><td>a<br>b</td></tr><tr><td></td></tr><tr><td>c</td></tr></table>", "<p>a<br>b</p> <p>c</p>"},
		{"preformatted", "<pre>\n a  b\n<b>c</b>\td  \n</pre>", "<pre tabindex=\"0\"> a  b <strong>c</strong>\td</pre>"},
		{"quotation marks", "He said <q>no</q> and <q>“yes”</q>.", "<p>He said “no” and “yes”.</p>"},
		{"ruby", "<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>", "<p>漢字（かんじ）</p>"},
		{"struck out", "<p>It costs <s>4</s> <del>5</del> 6 yen</p>", "<p>It costs 6 yen</p>"},
		{"hidden", `<p>a</p><p hidden>b</p><div style="Display : none">c</div>`, "<p>a</p>"},
		{"word processor", `<b style="font-weight:normal"><p><span style="font-weight:700">a</span> <span style="font-style: italic">b</span></p></b>`, "<p><strong>a</strong> <em>b</em></p>"},
		{"dropped", "a<script>x</script><style>x</style><svg><text>x</text></svg><math>x</math><template>x</template><noscript>x</noscript>" +
			"<select><option>x</select><xmp>x</xmp><object>x</object><textarea>x</textarea><button>x</button><nav>x</nav>b", "<p>ab</p>"},
		{"form", "<form><p>a</p><input value=x></form>", "<p>a</p>"},
		{"plaintext", "a<plaintext><b>x", "<p>a</p>"},
		{"picture named by an outsider", `<media><media-reference source="01ABC"/><media-caption>x</media-caption></media><figure data-picture="01ABC">y</figure>`, "<p>x</p> <p>y</p>"},
		{"control characters", "<p>a\x00b\x1bc\u202ed\u2066e&#7;f</p>", "<p>abcdef</p>"},
		{"joiners", "<p>👩\u200d🚒 می\u200cخواهم in\u200dvisible 🏴\U000e0067\U000e0062\U000e007f x\U000e0067</p>", "<p>👩\u200d🚒 می\u200cخواهم invisible 🏴\U000e0067\U000e0062\U000e007f x</p>"},
		{"undeclared entity", "<p>&unknown; &eacute; &#8364;</p>", "<p>&amp;unknown; é €</p>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			doc := FromHTML(test.html, "")
			if got := squash(string(doc.Web(figure))); got != squash(test.want) {
				t.Errorf("FromHTML(%q):\n got %s\nwant %s", test.html, got, squash(test.want))
			}
			checkDoc(t, doc)
		})
	}
}

func TestLinks(t *testing.T) {
	const base = "https://paper.example/city/story"
	for _, test := range []struct{ href, alone, based string }{
		{"https://x.example/a?b=c&d#e", "https://x.example/a?b=c&d#e", "https://x.example/a?b=c&d#e"},
		{"HTTP://X.example", "http://x.example", "http://x.example"},
		{" \n https://x.ex\nample/a b\"<>` ", "https://x.example/a%20b%22%3C%3E%60", "https://x.example/a%20b%22%3C%3E%60"},
		{"/a/b", "/a/b", "https://paper.example/a/b"},
		{"//x.example/a", "https://x.example/a", "https://x.example/a"},
		{"other", "", "https://paper.example/city/other"},
		{"#note", "", base + "#note"},
		{"?q", "", base + "?q"},
		{"mailto:ann@x.example", "mailto:ann@x.example", "mailto:ann@x.example"},
		{"MAILTO:ann@x.example?subject=x", "mailto:ann@x.example", "mailto:ann@x.example"},
		{"mailto:nobody", "", ""},
		{"https://bank.example@evil.example/", "https://evil.example/", "https://evil.example/"},
		{"https://bücher.example/", "https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"},
		{"javascript:alert(1)", "", ""},
		{"JaVa\tScRiPt:alert(1)", "", ""},
		{"\x01javascript:alert(1)", "", ""},
		{"java\u200bscript:alert(1)", "", ""},
		{"vbscript:x", "", ""},
		{"data:text/html,x", "", ""},
		{"file:///etc/passwd", "", ""},
		{"ftp://x.example/", "", ""},
		{"/\\evil.example", "", ""},
		{"\\\\evil.example", "", ""},
		{"///evil.example", "", "https://paper.example///evil.example"},
		{"https:evil", "", ""},
		{"https://", "", ""},
		{"http://%zz/", "", ""},
		{"", "", base},
	} {
		if got := link(test.href, nil); got != test.alone {
			t.Errorf("link(%q) = %q, want %q", test.href, got, test.alone)
		}
		if test.href == "" {
			continue
		}
		if got := link(test.href, parseBase(base)); got != test.based {
			t.Errorf("link(%q) on %s = %q, want %q", test.href, base, got, test.based)
		}
	}
}

func TestFeed(t *testing.T) {
	d := FromHTML(`<p>See <a href="/a">a</a>.</p><iframe src="https://video.example/1" title="V"></iframe><table><tr><th>x<tr><td>1</table><pre>p</pre>`, "")
	got := squash(d.Feed("https://paper.example", nil))
	want := `<p>See <a href="https://paper.example/a">a</a>.</p> <p><a href="https://video.example/1" rel="noopener">V</a></p> ` +
		`<table> <thead> <tr><th scope="col">x</th></tr> </thead> <tbody> <tr><td>1</td></tr> </tbody> </table> <pre>p</pre>`
	if got != want {
		t.Errorf("Feed:\n got %s\nwant %s", got, want)
	}
}

func TestFigures(t *testing.T) {
	d := FromHTML(`<p>a</p><img src="https://x.example/1.jpg"><p>b</p><img src="https://x.example/2.jpg">`, "")
	for _, f := range d.Figures() {
		f.Picture, f.URL = "stored", ""
	}
	want := []Block{
		{Kind: Paragraph, Text: []Span{{Text: "a"}}},
		{Kind: Figure, Picture: "stored"},
		{Kind: Paragraph, Text: []Span{{Text: "b"}}},
		{Kind: Figure, Picture: "stored"},
	}
	if !reflect.DeepEqual(d.Blocks, want) {
		t.Errorf("blocks = %+v", d.Blocks)
	}
	if got := d.Web(nil); got != "<p>a</p>\n<p>b</p>\n" {
		t.Errorf("Web(nil) = %q", got)
	}
}
