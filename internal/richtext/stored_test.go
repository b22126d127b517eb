package richtext

import (
	"strings"
	"testing"

	"kawaraban/internal/problem"
)

func TestParse(t *testing.T) {
	many := func(n int, s string) string {
		return `{"blocks":[` + strings.TrimSuffix(strings.Repeat(s+",", n), ",") + `]}`
	}
	for _, test := range []struct {
		name, json string
		kind       problem.Kind // "" when it is accepted
	}{
		{"empty", `{}`, ""},
		{"paragraph", `{"blocks":[{"kind":"paragraph","text":[{"text":"a","strong":true,"href":"/b"}]}]}`, ""},
		{"figure", `{"blocks":[{"kind":"figure","picture":"01J","credit":"POOL","alt":"x"}]}`, ""},
		{"no JSON", `<p>`, problem.Invalid},
		{"nothing", ``, problem.Invalid},
		{"two bodies", `{}{}`, problem.Invalid},
		{"unknown kind", `{"blocks":[{"kind":"script","text":[{"text":"x"}]}]}`, problem.Invalid},
		{"no kind", `{"blocks":[{"text":[{"text":"x"}]}]}`, problem.Invalid},
		{"unknown field", `{"blocks":[{"kind":"paragraph","style":"x"}]}`, problem.Invalid},
		{"unknown mark", `{"blocks":[{"kind":"paragraph","text":[{"text":"a","onclick":"x"}]}]}`, problem.Invalid},
		{"field of another kind", `{"blocks":[{"kind":"paragraph","text":[{"text":"a"}],"url":"https://x.example/"}]}`, problem.Invalid},
		{"script link", `{"blocks":[{"kind":"paragraph","text":[{"text":"a","href":"javascript:alert(1)"}]}]}`, problem.Invalid},
		{"script link in a cell", `{"blocks":[{"kind":"table","rows":[{"cells":[[{"text":"a","href":"data:x"}]]}]}]}`, problem.Invalid},
		{"link to nowhere", `{"blocks":[{"kind":"list","items":[[{"text":"a","href":"x.example/y"}]]}]}`, problem.Invalid},
		{"embed without https", `{"blocks":[{"kind":"embed","url":"http://x.example/"}]}`, problem.Invalid},
		{"embed without address", `{"blocks":[{"kind":"embed"}]}`, problem.Invalid},
		{"picture by mail", `{"blocks":[{"kind":"figure","url":"mailto:a@b"}]}`, problem.Invalid},
		{"control character", `{"blocks":[{"kind":"paragraph","text":[{"text":"a\u0000"}]}]}`, problem.Invalid},
		{"long title", `{"blocks":[{"kind":"embed","url":"https://x.example/","title":"` + strings.Repeat("x", 2000) + `"}]}`, problem.Invalid},
		{"many blocks", many(2001, `{"kind":"paragraph","text":[{"text":"a"}]}`), problem.TooLarge},
		{"many cells", `{"blocks":[{"kind":"table","rows":[{"cells":[` + strings.TrimSuffix(strings.Repeat("[],", 30_000), ",") + `]}]}]}`, problem.TooLarge},
		{"long", many(1, `{"kind":"paragraph","text":[{"text":"`+strings.Repeat("x", 1<<20)+`"}]}`), problem.TooLarge},
		{"long when written", many(1, `{"kind":"paragraph","text":[{"text":"`+strings.Repeat("<", 400_000)+`"}]}`), problem.TooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := Parse([]byte(test.json))
			switch {
			case test.kind == "" && err != nil:
				t.Errorf("Parse: %v", err)
			case test.kind != "" && !problem.Is(err, test.kind):
				t.Errorf("Parse: %v, want a problem of kind %s", err, test.kind)
			case err == nil && string(d.JSON()) != test.json:
				t.Errorf("JSON() = %s", d.JSON())
			}
		})
	}
}

// TestParseTidies shows that what an editor sends is stored in one form only.
func TestParseTidies(t *testing.T) {
	d, err := Parse([]byte(`{"blocks":[
		{"kind":"paragraph","text":[{"text":" a "},{"text":""},{"text":" b","strong":true},{"text":"c ","strong":true},{"text":"d","href":" HTTPS://X.example/港?a=b c"}]},
		{"kind":"paragraph","text":[{"text":" "}]},
		{"kind":"crosshead","text":[{"text":"d","strong":true}]},
		{"kind":"table","rows":[{"cells":[null,[{"text":"x"}]]},{"cells":[null,null]}]},
		{"kind":"embed","url":"https://www.video.example/v/"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"blocks":[{"kind":"paragraph","text":[{"text":"a "},{"text":"bc","strong":true},{"text":" "},{"text":"d","href":"https://x.example/%E6%B8%AF?a=b%20c"}]},{"kind":"crosshead","text":[{"text":"d"}]},` +
		`{"kind":"table","rows":[{"cells":[[],[{"text":"x"}]]}]},{"kind":"embed","url":"https://www.video.example/v/","title":"video.example/v"}]}`
	if got := string(d.JSON()); got != want {
		t.Errorf("JSON() =\n%s, want\n%s", got, want)
	}
	checkDoc(t, d)
}

// TestWebOfAnything writes bodies that Check refuses: what is written is safe all the same.
func TestWebOfAnything(t *testing.T) {
	evil := []Span{{Text: `<script>"'&`, Href: `javascript:alert(1)`, Strong: true}, {Text: "\x00", Href: `https://x.example/"onclick="x`}}
	var d Doc
	for _, k := range []Kind{Paragraph, CrossHead, Quote, List, Table, Embed, Preformatted, "script", ""} {
		d.Blocks = append(d.Blocks, Block{
			Kind: k, Text: evil, Attribution: evil, Items: [][]Span{evil}, Rows: []Row{{Head: true, Cells: [][]Span{evil, nil}}, {}},
			URL: `javascript:alert(1)//https://`, Title: `"><script>`, Alt: `"`, Credit: `<b>`,
		})
	}
	if err := d.Check(); !problem.Is(err, problem.Invalid) {
		t.Errorf("Check() = %v", err)
	}
	checkHTML(t, string(d.Web(figure)))
	checkHTML(t, d.Feed("javascript:alert(1)", nil))
	checkHTML(t, string(PlainHTML(evil)))
}

// TestSurelyShort holds that what is not measured would fit if it were: no text
// grows more in JSON than surelyShort allows for.
func TestSurelyShort(t *testing.T) {
	worst := Span{Text: strings.Repeat("<", 40), Strong: true, Em: true, Sub: true, Sup: true, Code: true, Href: strings.Repeat("&", 40)}
	for _, b := range []Block{
		{Kind: Preformatted, Ordered: true, Text: []Span{worst}, Attribution: []Span{worst}, Picture: "\x01", Credit: "\x02", Alt: "\u2028", URL: "\xff", Title: ">"},
		{Kind: List, Items: [][]Span{{{Text: "\x00"}}, {}, {worst}}},
		{Kind: Table, Rows: []Row{{Head: true, Cells: [][]Span{{}, {worst}}}, {}}},
		{Kind: Paragraph, Text: []Span{{Text: "\xff"}}},
		{},
	} {
		var blocks []Block
		for surelyShort(blocks) {
			blocks = append(blocks, b)
		}
		blocks = blocks[1:] // the most that is surely short
		if size := len(Doc{Blocks: blocks}.JSON()); size > maxStored {
			t.Errorf("%d blocks like %+v are taken for short and have %d bytes", len(blocks), b, size)
		}
	}
}
