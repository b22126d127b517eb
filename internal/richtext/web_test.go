package richtext

import (
	"slices"
	"strings"
	"testing"
)

// TestFigureColumns is about the columns of a table that a page sets flush right.
func TestFigureColumns(t *testing.T) {
	cells := func(head bool, texts ...string) Row {
		r := Row{Head: head}
		for _, s := range texts {
			var c []Span
			if s != "" {
				c = []Span{{Text: s}}
			}
			r.Cells = append(r.Cells, c)
		}
		return r
	}
	got := figureColumns([]Row{
		cells(true, "Club", "Won", "Goals", "Change", "When", "Left", ""),
		cells(false, "Railway", "9", "29–19", "+7.6 %", "15:00", "", ""),
		cells(false, "Athletic", "12", "1,204", "−0.5", "16:30", "31", ""),
		cells(false, "Harbour"),
	})
	want := []bool{false, true, true, true, false, true, false}
	if !slices.Equal(got, want) {
		t.Errorf("figureColumns = %v, want %v", got, want)
	}
	d := Doc{Blocks: []Block{{Kind: Table, Rows: []Row{cells(true, "Club", "Won"), cells(false, "Railway", "9")}}}}
	if html := string(d.Web(nil)); !strings.Contains(html, `<th scope="col" class="figures">Won</th>`) || !strings.Contains(html, `<td>Railway</td><td class="figures">9</td>`) {
		t.Errorf("the table's numbers are not marked: %s", html)
	}
	if html := d.Feed("", nil); strings.Contains(html, "class") {
		t.Errorf("a class leaves the house: %s", html)
	}
}

// TestLetter gives each element its style and each link its way.
func TestLetter(t *testing.T) {
	doc := FromText("One.\n\nTwo.")
	doc.Blocks = append(doc.Blocks, Block{Kind: List, Items: [][]Span{{{Text: "three", Href: "https://a.example/?x=1&y=2"}}}},
		Block{Kind: Quote, Text: []Span{{Text: "<four>", Strong: true}}, Attribution: []Span{{Text: "Ida"}}},
		Block{Kind: Table, Text: []Span{{Text: "Rain"}}, Rows: []Row{{Head: true, Cells: [][]Span{{{Text: "Town"}}, {}}}, {Cells: [][]Span{{{Text: "Arl"}}, {{Text: "12"}}}}}},
		Block{Kind: Preformatted, Text: []Span{{Text: "a   b\n c\td<"}}})
	look := func(name string) string {
		if name == "li" {
			return ""
		}
		return "margin:0;x:\"" + name + "\""
	}
	want := `<p style="margin:0;x:&#34;p&#34;">One.</p>
<p style="margin:0;x:&#34;p&#34;">Two.</p>
<ul style="margin:0;x:&#34;ul&#34;">
<li><a href="/to/1?&lt;" class="link" style="margin:0;x:&#34;a&#34;" rel="noopener">three</a></li>
</ul>
<blockquote style="margin:0;x:&#34;blockquote&#34;">
<table role="presentation" cellpadding="0" cellspacing="0"><tr><td style="margin:0;x:&#34;quote&#34;">
<p style="margin:0;x:&#34;quote-text&#34;"><strong>&lt;four&gt;</strong></p>
<p style="margin:0;x:&#34;attribution&#34;">— Ida</p>
</td></tr></table></blockquote>
<p style="margin:0;x:&#34;caption&#34;">Rain</p>
<table width="100%" cellpadding="0" cellspacing="0" style="margin:0;x:&#34;table&#34;">
<tr><th style="margin:0;x:&#34;th&#34;">Town</th><td style="margin:0;x:&#34;td&#34;"></td></tr>
<tr><td style="margin:0;x:&#34;td&#34;">Arl</td><td style="margin:0;x:&#34;td&#34;">12</td></tr>
</table>
<p style="margin:0;x:&#34;pre&#34;">a~~ b<br>~c~ ~ d&lt;</p>
`
	want = strings.ReplaceAll(want, "~", "\u00a0")
	if got := string(doc.Letter(look, func(string) string { return "/to/1?<" })); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
