package richtext

import (
	"strings"
	"testing"
)

func TestLetterText(t *testing.T) {
	long := "https://paper.example/category/city/" + strings.Repeat("a-long-address-", 8)
	for _, test := range []struct{ name, source, want string }{
		{"nothing", "", ""},
		{"words that are a link", `<p>See <a href="/category/city">the city</a>, and <b>more</b>.</p>`, "See the city [1], and more.\n\n[1] https://paper.example/category/city"},
		{"the same link twice", `<p><a href="/a">One</a> and <a href="/a">two</a> and <a href="/b">three</a></p>`, "One [1] and two [1] and three [2]\n\n[1] https://paper.example/a\n[2] https://paper.example/b"},
		{"bold words in a link", `<p><a href="/a">One <b>two</b> three</a>.</p>`, "One two three [1].\n\n[1] https://paper.example/a"},
		{"an address as its own words", `<p>At <a href="https://x.example/a">https://x.example/a</a> or <a href="https://x.example/a">x.example/a</a>.</p>`, "At https://x.example/a or https://x.example/a."},
		{"mail", `<p><a href="mailto:desk@paper.example">desk@paper.example</a> or <a href="mailto:ida@paper.example">Ida</a></p>`, "desk@paper.example or Ida [1]\n\n[1] ida@paper.example"},
		{
			"long lines", `<p>The ferry to the island did not leave on Monday because of the fog, <a href="` + long + `">and the second one</a> turned back at the lighthouse.</p>`,
			"The ferry to the island did not leave on Monday because of the fog, and the\nsecond one [1] turned back at the lighthouse.\n\n[1] " + long,
		},
		{
			"a number stays with its words", `<p>The ferry to the island did not leave on Monday because of the fog and <a href="/a">rain</a>.</p>`,
			"The ferry to the island did not leave on Monday because of the fog and\nrain [1].\n\n[1] https://paper.example/a",
		},
		{"a list", "<ul><li>one</li><li>" + strings.Repeat("two three ", 9) + "</li></ul>", "• one\n• " + strings.TrimSpace(strings.Repeat("two three ", 7)) + " two\n  three two three"},
		{"numbers", "<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"},
		{"a quotation", "<blockquote><p>We go on.</p><footer>Ida Holm</footer></blockquote>", "We go on.\n— Ida Holm"},
		{"a table", `<table><tr><th>Town</th><th>Rain</th></tr><tr><td>Arl</td><td><a href="/a">12</a></td></tr></table>`, "Town | Rain\nArl | 12 [1]\n\n[1] https://paper.example/a"},
		{"preformatted", "<pre>a  b\n   c</pre>", "a  b\n   c"},
		{"an embed", `<iframe src="https://films.example/1" title="A film"></iframe>`, "A film\nhttps://films.example/1"},
		{
			"Japanese", `<p>` + strings.Repeat("川の水位が上がっています。", 4) + `</p>`,
			"川の水位が上がっています。川の水位が上がっています。川の水位が上がっていま\nす。川の水位が上がっています。",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			doc, err := FromSource(test.source)
			if err != nil {
				t.Fatal(err)
			}
			got := doc.LetterText(76, func(href string) string {
				if strings.HasPrefix(href, "/") {
					return "https://paper.example" + href
				}
				return href
			})
			if got != test.want {
				t.Errorf("it reads\n%s\n\nnot\n%s", got, test.want)
			}
		})
	}
}

func FuzzLetterText(f *testing.F) {
	f.Add("<p>See <a href='https://x.example/a'>this</a> 川の水位が、上がっています。</p>")
	f.Add("<ul><li>one<li>two</ul><pre> a\n b</pre><table><tr><td>a<td><a href='/b'>b</a></table>")
	f.Fuzz(func(t *testing.T, source string) {
		doc, err := FromSource(source)
		if err != nil {
			return
		}
		const address = "https://paper.example/to/1/2/a-click"
		text := doc.LetterText(76, func(string) string { return address })
		if strings.Contains(text, glue) && !strings.Contains(source, glue) && !strings.Contains(source, "&#") {
			t.Errorf("%q has a mark of ours in it", text)
		}
		for line := range strings.SplitSeq(text, "\n") {
			if strings.Contains(line, "https://paper.example/to") && !strings.Contains(line, address) {
				t.Errorf("an address is broken in %q", line)
			}
		}
	})
}

// FuzzWrap holds that nothing but spaces is lost, and that a line is too wide only
// where a word is.
func FuzzWrap(f *testing.F) {
	f.Add("The ferry to the island did not leave on Monday because of the fog", 20)
	f.Add("川の水位が、上がっています。https://x.example/川", 10)
	f.Fuzz(func(t *testing.T, text string, columns int) {
		if columns < 1 || columns > 200 {
			return
		}
		got := Wrap(text, columns)
		bare := strings.NewReplacer(" ", "", "\n", "")
		if bare.Replace(got) != bare.Replace(text) {
			t.Errorf("%q became %q", text, got)
		}
		for line := range strings.SplitSeq(got, "\n") {
			if cells(line) > columns && len(unbroken(line)) > 1 {
				t.Errorf("%q is wider than %d", line, columns)
			}
		}
	})
}
