package richtext

import (
	"testing"

	"kawaraban/internal/problem"
	"pgregory.net/rapid"
)

func FuzzHTML(f *testing.F) {
	for _, s := range []string{
		"", "x", "<p>a<b>b<p>c</b>d", "<ul><li>a<ol><li>b</ul>c", "<table><tr><td>a<td colspan=3>b<tr><th>c<table><td>d</table>",
		"<blockquote>a<footer>b<p>c</footer><cite>d</cite></blockquote>", "<figure><img src=/a><figcaption>b<i class=credit>c</i>",
		"<pre>\n\n a\r\n<br>b<img src=//c></pre>", `<a href="https://x.example/?a=b&amp;c#d">e</a f>`, "<iframe src=https://x.example/a title=b></iframe>",
		"a<br><br>b\u00a0 c\u200d\u2028d", "<svg><p><style><a title='</style><img src=x onerror=y>'>", "<q>a<q>b", "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
		"<![CDATA[a]]><!--b--><?c?>", "<ruby>a<rt>b</ruby>", "<noscript><p title='</noscript><img src=x>'>", "<a href=' java\tscript:x'>a<a href=mailto:b@c>d",
		"<blockquote class=twitter-tweet><p>a</p><a href=https://x.example/>b</a></blockquote>", "<b style='font-weight:normal'><span style=font-style:italic>a",
	} {
		f.Add(s, "https://paper.example/a/b")
	}
	f.Fuzz(func(t *testing.T, s, base string) { checkFixed(t, s, base) })
}

func FuzzNITF(f *testing.F) {
	for _, s := range []string{
		"<p>a</p>", "<hl2>- a -</hl2><p>- b -</p>", "- 0 -<B>000 -", "<bq><block>a</block><credit>- b</credit></bq>", "<fn><p>a</p></fn>b",
		"<media><media-reference source='#a'/><media-caption>b<media>c</media></media-caption><media-producer>d</media>",
		"<frac><numer>1</numer><denom>2</denom></frac>", "<nitf-table><table><tr><td>a</nitf-table>", "<p>a <br/>b<br/><br/>c",
		"<!DOCTYPE nitf [<!ENTITY % a SYSTEM 'b'>%a;]><nitf><body.head>a</body.head><body.content>b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkDoc(t, FromNITF(s)) })
}

func FuzzText(f *testing.F) {
	for _, s := range []string{
		"a\n\nb", " a\nb\n c", "a  b\nc  d\ne  f", "| a | b |\n| c | d |", "* a\n* b\nc", "a\tb\nc\td", "\u3000a\n\u3000b\u2029c\r\rd", "\x00\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := FromText(s)
		checkDoc(t, d)
		if again := FromHTML(string(d.Web(nil)), ""); again.Text() != d.Text() {
			t.Errorf("as a page it says %q, not %q", again.Text(), d.Text())
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"blocks":[{"kind":"paragraph","text":[{"text":"a\n\nb","em":true,"href":"/c"}]}]}`,
		`{"blocks":[{"kind":"table","text":[{"text":"t"}],"rows":[{"head":true,"cells":[[{"text":"a"}],null]},{"cells":[]}]}]}`,
		`{"blocks":[{"kind":"figure","url":"/a","alt":" b ","credit":"\u200b"},{"kind":"embed","url":"https://x.example"}]}`,
		`{"blocks":[{"kind":"list","ordered":true,"items":[[],[{"text":" "}],[{"text":"a","sub":true,"code":true}]]}]}`,
		`{"blocks":[{"kind":"quote","text":[{"text":"a"}],"attribution":[{"text":"— b","sup":true}]},{"kind":"preformatted","text":[{"text":"\n a\n"}]}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		if err != nil {
			if problem.Of(err) == nil {
				t.Errorf("%v is no problem", err)
			}
			return
		}
		checkDoc(t, d)
	})
}

// TestPlainAddress holds that the short way to judge an address never says yes
// where the long one says no.
func TestPlainAddress(t *testing.T) {
	plain := 0
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom([]string{"http://", "https://", "https:/", "HTTP://", "", "//", "mailto:"}).Draw(t, "scheme") +
			rapid.StringOfN(rapid.SampledFrom([]rune("aZ9.-/:?=&+,#%@[]~_ é\\")), 0, 12, -1).Draw(t, "rest")
		if plainAddress(s) {
			plain++
			if !soundAddress(s) {
				t.Errorf("%q passes for an address", s)
			}
		}
	})
	if plain == 0 {
		t.Error("nothing was judged the short way")
	}
}

// spansGen makes spans that are not tidy.
func spansGen() *rapid.Generator[[]Span] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Span {
		flag := func(name string) bool { return rapid.IntRange(0, 3).Draw(t, name) == 0 }
		return Span{
			Text:   rapid.StringOfN(rapid.SampledFrom([]rune("ab \n\u00a0<&\"'>\u200d日本—. \u3000")), 0, 6, -1).Draw(t, "text"),
			Strong: flag("strong"), Em: flag("em"), Sub: flag("sub"), Sup: flag("sup"), Code: flag("code"),
			Href: rapid.SampledFrom([]string{"", "", "", "/a", "https://x.example/?a=b&c", "mailto:a@x.example"}).Draw(t, "href"),
		}
	}), 0, 4)
}

// docGen makes bodies in their canonical form.
func docGen() *rapid.Generator[Doc] {
	return rapid.Custom(func(t *rapid.T) Doc {
		var blocks []Block
		for range rapid.IntRange(0, 4).Draw(t, "blocks") {
			b := Block{Kind: rapid.SampledFrom([]Kind{Paragraph, CrossHead, Quote, List, Table, Figure, Embed, Preformatted}).Draw(t, "kind")}
			switch b.Kind {
			case List:
				b.Ordered = rapid.Bool().Draw(t, "ordered")
				b.Items = rapid.SliceOfN(spansGen(), 0, 3).Draw(t, "items")
			case Table:
				for range rapid.IntRange(0, 3).Draw(t, "rows") {
					b.Rows = append(b.Rows, Row{Head: rapid.Bool().Draw(t, "head"), Cells: rapid.SliceOfN(spansGen(), 0, 3).Draw(t, "cells")})
				}
			case Figure:
				b.URL = rapid.SampledFrom([]string{"/a.jpg", "https://x.example/a.jpg"}).Draw(t, "url")
				b.Alt, b.Credit = Plain(spansGen().Draw(t, "alt")), Plain(spansGen().Draw(t, "credit"))
			case Embed:
				b.URL, b.Title = "https://www.video.example/a/", Plain(spansGen().Draw(t, "title"))
			case Quote:
				b.Attribution = spansGen().Draw(t, "attribution")
			}
			if b.Kind != List && b.Kind != Embed {
				b.Text = spansGen().Draw(t, "text")
			}
			blocks = b.tidy(blocks)
		}
		return Doc{Blocks: blocks}
	})
}

// TestPages holds for all bodies, not only those read from HTML: what the page
// shows is read back as the same body.
func TestPages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := docGen().Draw(t, "doc")
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
		page := string(d.Web(figure))
		if again := FromHTML(page, ""); string(again.JSON()) != string(d.JSON()) {
			t.Fatalf("%s\nis read from\n%s\nas\n%s", d.JSON(), page, again.JSON())
		}
	})
}
