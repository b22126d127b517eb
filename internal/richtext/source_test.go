package richtext

import (
	"strings"
	"testing"

	"kawaraban/internal/problem"
	"pgregory.net/rapid"
)

func TestSource(t *testing.T) {
	d := Doc{Blocks: []Block{
		{Kind: Paragraph, Text: []Span{{Text: "Rain & "}, {Text: "wind", Strong: true, Href: "https://x.example/"}, {Text: "\nall day."}}},
		{Kind: CrossHead, Text: []Span{{Text: "Harbour"}}},
		{Kind: Figure, Picture: "01J", Text: []Span{{Text: "The quay."}}, Credit: "POOL/AFP", Alt: `A "quay"`},
		{Kind: Quote, Text: []Span{{Text: "It rained."}}, Attribution: []Span{{Text: "The mayor"}}},
		{Kind: List, Ordered: true, Items: [][]Span{{{Text: "one"}}, {{Text: "two", Em: true}}}},
		{Kind: Table, Text: []Span{{Text: "Tides"}}, Rows: []Row{
			{Head: true, Cells: [][]Span{{{Text: "Hour"}}, {{Text: "Metres"}}}}, {Cells: [][]Span{{{Text: "6:00"}}, {{Text: "1.4"}}}},
		}},
		{Kind: Embed, URL: "https://video.example/1", Title: "The storm"},
		{Kind: Preformatted, Text: []Span{{Text: " 1  2\n 3  4"}}},
	}}
	want := `<p>Rain &amp; <a href="https://x.example/"><strong>wind</strong></a><br>all day.</p>
<h2>Harbour</h2>
<figure><img src="01J" alt="A &#34;quay&#34;"><figcaption>The quay. <span class="credit">POOL/AFP</span></figcaption></figure>
<blockquote>
<p>It rained.</p>
<footer>The mayor</footer>
</blockquote>
<ol>
<li>one</li>
<li><em>two</em></li>
</ol>
<table>
<caption>Tides</caption>
<thead>
<tr><th>Hour</th><th>Metres</th></tr>
</thead>
<tbody>
<tr><td>6:00</td><td>1.4</td></tr>
</tbody>
</table>
<iframe src="https://video.example/1" title="The storm"></iframe>
<pre> 1  2
 3  4</pre>
`
	if got := Source(d); got != want {
		t.Errorf("Source(d) =\n%s, want\n%s", got, want)
	}
	checkSource(t, d)
	// A browser sends the lines of a form so.
	got, err := FromSource(strings.ReplaceAll(want, "\n", "\r\n"))
	if err != nil || compare(got, d) != "" {
		t.Errorf("FromSource: %v\n%s", err, compare(got, d))
	}
}

func TestFromSource(t *testing.T) {
	for _, test := range []struct{ name, source, want, wrong string }{
		{"nothing", " \n", ``, ""},
		{"typed without tags", "One\nline.\n \nTwo <b>bold\n\nThree</b>", `<p>One line.</p><p>Two <strong>bold</strong></p><p><strong>Three</strong></p>`, ""},
		{"a script", `<p onclick="x()">a<script>alert(1)</script></p><form><input value=b></form>`, `<p>a</p>`, ""},
		{"a picture with an address", `<img src="/media/a.jpg" alt="b">`, `<figure><img src="/media/a.jpg" alt="b"></figure>`, ""},
		{"a link to nowhere", `<p><a href="harbour.example/a">a</a></p>`, "", `The link "harbour.example/a" leads nowhere`},
		{"a link that is a script", `<a href="javascript:alert(1)">a</a>`, "", "leads nowhere"},
		{"an embed without https", `<iframe src="http://video.example/"></iframe>`, "", "https://"},
		{"too many blocks", strings.Repeat("<p>a</p>", 2001), "", "2000 is the most"},
		{"too long", strings.Repeat("a", 300<<10), "", "256 is the most"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := FromSource(test.source)
			if test.wrong != "" {
				if p := problem.Of(err); p == nil || !strings.Contains(p.Detail, test.wrong) {
					t.Errorf("FromSource: %v, want a problem with %q", err, test.wrong)
				}
				return
			}
			if got := strings.ReplaceAll(Source(d), "\n", ""); err != nil || got != test.want {
				t.Errorf("FromSource: %v\n%s, want\n%s", err, got, test.want)
			}
		})
	}
}

// checkSource holds that d is read from its own source.
func checkSource(t testing.TB, d Doc) {
	t.Helper()
	again, err := FromSource(Source(d))
	if err != nil {
		t.Fatalf("FromSource: %v\n%s", err, Source(d))
	}
	if diff := compare(d, again); diff != "" {
		t.Errorf("is read as another body (-was +is):\n%s\n%s", diff, Source(d))
	}
}

// placed gives the figures of a body pictures of ours, some beside their address.
func placed(t *rapid.T, d Doc) Doc {
	for _, f := range d.Figures() {
		f.Picture = rapid.SampledFrom([]string{"", "01J8Z", "/a.jpg", `a "b" <c>`, "tag:x,2026:1", "#ref", "//x.example/y"}).Draw(t, "picture")
		if f.Picture != "" && rapid.Bool().Draw(t, "stored") {
			f.URL = ""
		}
	}
	return d
}

func TestSourceOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := placed(t, docGen().Draw(t, "doc"))
		again, err := FromSource(Source(d))
		if err != nil || string(again.JSON()) != string(d.JSON()) {
			t.Fatalf("%s\nis read from\n%s\nas\n%s, %v", d.JSON(), Source(d), again.JSON(), err)
		}
	})
}

// TestSourceOfLargest holds that no body that may be stored is too long to be edited.
func TestSourceOfLargest(t *testing.T) {
	var quotes, breaks, cells Doc
	for range 75 {
		quotes.Blocks = append(quotes.Blocks, Block{Kind: Figure, Picture: strings.Repeat(`"`, 800), Alt: strings.Repeat(`"`, 800)})
	}
	breaks.Blocks = []Block{{Kind: Paragraph, Text: []Span{{Text: "a" + strings.Repeat("\na", 19_000)}}}}
	row := Row{Cells: make([][]Span, 19_000)}
	for i := range row.Cells {
		row.Cells[i] = []Span{}
	}
	row.Cells[0] = []Span{{Text: "a"}}
	cells.Blocks = []Block{{Kind: Table, Text: []Span{{Text: "a"}}, Rows: []Row{row}}}
	for name, d := range map[string]Doc{"quotes": quotes, "breaks": breaks, "cells": cells} {
		t.Run(name, func(t *testing.T) {
			if err := d.Check(); err != nil {
				t.Fatal(err)
			}
			checkSource(t, d)
		})
	}
}

func FuzzSource(f *testing.F) {
	for _, s := range []string{
		"a\n\nb", `<figure><img src="01J" data-picture="/a" alt="b"><figcaption>c <span class="credit">d</span></figcaption></figure>`,
		`<iframe src="https://x.example/" title="a"></iframe>`, "<pre>\n\n a\r\n</pre>", "<blockquote>a\n\nb<footer>c</footer></blockquote>",
		"<img src='//x' alt=\"\n\n\">", "<table><caption>a</caption><tr><th>b<td></table>", "<li>a\n\nb<li>c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := FromSource(s)
		if err != nil {
			if problem.Of(err) == nil {
				t.Errorf("%v is no problem", err)
			}
			return
		}
		checkDoc(t, d)
		checkSource(t, d)
	})
}
