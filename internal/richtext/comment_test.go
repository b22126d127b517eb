package richtext

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"kawaraban/internal/papertest"
)

// to is a link as Comment writes it.
func to(href, text string) string {
	return `<a href="` + href + `" rel="ugc nofollow noopener">` + text + `</a>`
}

func TestComment(t *testing.T) {
	long := "https://long.example/" + strings.Repeat("a", maxURL)
	for _, test := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"a line", "One.", "<p>One.</p>\n"},
		{"lines", "One.\nTwo.", "<p>One.<br>\nTwo.</p>\n"},
		{"paragraphs", "One.\n\nTwo.\n\n\n\nThree.\n", "<p>One.</p>\n<p>Two.</p>\n<p>Three.</p>\n"},
		{"a quotation", "> One.\n>Two.\nThree.", "<blockquote>\n<p>One.<br>\nTwo.</p>\n</blockquote>\n<p>Three.</p>\n"},
		{"paragraphs of a quotation", "> One.\n>\n> Two.", "<blockquote>\n<p>One.</p>\n<p>Two.</p>\n</blockquote>\n"},
		{"two quotations", "> One.\n\n> Two.", "<blockquote>\n<p>One.</p>\n</blockquote>\n<blockquote>\n<p>Two.</p>\n</blockquote>\n"},
		{"an empty quotation", ">", "<blockquote>\n</blockquote>\n"},
		{"a quotation in a quotation", "> One.\n> > Two.", "<blockquote>\n<p>One.</p>\n<blockquote>\n<p>Two.</p>\n</blockquote>\n</blockquote>\n"},
		{"as deep as it goes", ">>>> One.", "<blockquote>\n<blockquote>\n<blockquote>\n<p>&gt; One.</p>\n</blockquote>\n</blockquote>\n</blockquote>\n"},
		{"a mark inside a line", "3 > 2", "<p>3 &gt; 2</p>\n"},
		{"HTML", `<b onclick="x">One</b> &amp; <!-- two -->`, `<p>&lt;b onclick="x"&gt;One&lt;/b&gt; &amp;amp; &lt;!-- two --&gt;</p>` + "\n"},
		{"Markdown", "# One\n* **two** _three_ [four](/five) `six`", "<p># One<br>\n* **two** _three_ [four](/five) `six`</p>\n"},
		{"a link", "See https://a.example/b?c=d&e=f#g now", "<p>See " + to("https://a.example/b?c=d&amp;e=f#g", "https://a.example/b?c=d&amp;e=f#g") + " now</p>\n"},
		{"a link in a quotation", "> http://a.example", "<blockquote>\n<p>" + to("http://a.example", "http://a.example") + "</p>\n</blockquote>\n"},
		{"a quotation mark", `"https://a.example/"`, `<p>"` + to("https://a.example/", "https://a.example/") + `"</p>` + "\n"},
		{"angles", "<https://a.example/>", "<p>&lt;" + to("https://a.example/", "https://a.example/") + "&gt;</p>\n"},
		{"an apostrophe inside", "https://a.example/it's", "<p>" + to("https://a.example/it's", "https://a.example/it's") + "</p>\n"},
		{"somebody's name before the host", "https://bank.example@evil.example/", "<p>" + to("https://evil.example/", "https://bank.example@evil.example/") + "</p>\n"},
		{"other letters", "https://bücher.example/ä", "<p>" + to("https://xn--bcher-kva.example/%C3%A4", "https://bücher.example/ä") + "</p>\n"},
		{"a very long address", long, "<p>" + long + "</p>\n"},
		{"a script", "javascript:alert(1) javascript://x%0aalert(1)", "<p>javascript:alert(1) javascript://x%0aalert(1)</p>\n"},
	} {
		if got := string(Comment(test.in)); got != test.want {
			t.Errorf("%s: %q is\n%s\nwant\n%s", test.name, test.in, got, test.want)
		}
		checkComment(t, test.in)
	}
}

func TestCommentLinks(t *testing.T) {
	for _, test := range []struct {
		in   string
		want []string
	}{
		{"nothing at all", nil},
		{"https://a.example", []string{"https://a.example"}},
		{"HTTPS://A.example/B and HtTp://c.example", []string{"https://a.example/B", "http://c.example"}},
		{"https://a.example/. https://b.example/, https://c.example/!? https://d.example/…", []string{"https://a.example/", "https://b.example/", "https://c.example/", "https://d.example/"}},
		{"(https://a.example/b) [https://c.example/d] {https://e.example/f}.", []string{"https://a.example/b", "https://c.example/d", "https://e.example/f"}},
		{"https://a.example/b_(c) and (https://a.example/d_(e))", []string{"https://a.example/b_(c)", "https://a.example/d_(e)"}},
		{"https://a.example/b((( https://a.example/c)))", []string{"https://a.example/b(((", "https://a.example/c"}},
		{"*https://a.example/b* _https://c.example/d_ [x](https://e.example/f)", []string{"https://a.example/b", "https://c.example/d", "https://e.example/f"}},
		{"“https://a.example/b” «https://c.example/d» „https://e.example/f“", []string{"https://a.example/b", "https://c.example/d", "https://e.example/f"}},
		{"詳しくはhttps://a.example/b。こちら（https://c.example/d）「https://e.example/f」、終わり", []string{"https://a.example/b", "https://c.example/d", "https://e.example/f"}},
		{"https://ja.example/橋", []string{"https://ja.example/%E6%A9%8B"}},
		{"https://user@a.example/ https://user:word@b.example/", []string{"https://a.example/", "https://b.example/"}},
		{"javascript:alert(1) javascript://a.example/%0aalert(1) data://a.example vbscript://b", nil},
		{"ftp://a.example file:///etc/passwd mailto:a@b.example //a.example www.a.example", nil},
		{"xhttps://a.example 1http://a.example éhttp://a.example httpshttp://a.example", nil},
		{"https:// http://. https://[ https://a b https:///c", []string{"https://a"}},
		{`https://a.example\@b.example`, nil},
		{"https://a.example/" + strings.Repeat("b", maxURL), nil},
		{"https://a.example/" + strings.Repeat("b", maxURL) + " https://c.example", []string{"https://c.example"}},
		{"https://[https://a.example", []string{"https://a.example"}},
	} {
		if got := Links(test.in); !slices.Equal(got, test.want) {
			t.Errorf("%.80q has the links %q, want %q", test.in, got, test.want)
		}
		checkComment(t, test.in)
	}
}

// checkComment holds what Comment writes to what is true of every comment: a
// browser finds our few elements in it, and the words that were typed.
func checkComment(t testing.TB, text string) {
	t.Helper()
	page := string(Comment(text))
	root, err := html.Parse(strings.NewReader("<!DOCTYPE html><body>" + page))
	if err != nil {
		t.Fatal(err)
	}
	body := root.LastChild.LastChild
	var said strings.Builder
	var links []string
	for n := range body.Descendants() {
		switch n.Type {
		case html.TextNode:
			said.WriteString(n.Data)
		case html.ElementNode:
			if n.Data == "a" {
				links = append(links, checkLink(t, n))
			} else if !slices.Contains([]string{"p", "br", "blockquote"}, n.Data) || len(n.Attr) > 0 || n.Namespace != "" {
				t.Errorf("%q has <%s %v>", text, n.Data, n.Attr)
			}
		default:
			t.Errorf("%q has a node of type %d", text, n.Type)
		}
	}
	if root.FirstChild.NextSibling.FirstChild.FirstChild != nil || len(body.Attr) > 0 {
		t.Errorf("%q leaves its place", text)
	}
	// The mark of a quotation is gone where it made one; all else is there.
	if got, want := bare(said.String()), bare(text); got != want {
		t.Errorf("%q says %q", text, got)
	}
	if !slices.Equal(links, Links(text)) {
		t.Errorf("%q has the links %q in its page and %q in Links", text, links, Links(text))
	}
	// As a browser would write it: read again, it is the same.
	var first, second strings.Builder
	if err := html.Render(&first, body); err != nil {
		t.Fatal(err)
	}
	again, err := html.Parse(strings.NewReader("<!DOCTYPE html>" + first.String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := html.Render(&second, again.LastChild.LastChild); err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() {
		t.Errorf("%q is no fixed point:\n%s\n%s", text, first.String(), second.String())
	}
	for _, e := range []string{"p", "blockquote"} {
		if opened, closed := strings.Count(page, "<"+e+">"), strings.Count(page, "</"+e+">"); opened != closed || opened != strings.Count(first.String(), "<"+e+">") {
			t.Errorf("%q opens %d of <%s> and closes %d", text, opened, e, closed)
		}
	}
}

func checkLink(t testing.TB, n *html.Node) (href string) {
	t.Helper()
	if len(n.Attr) != 2 || n.Attr[0].Key != "href" || n.Attr[1] != (html.Attribute{Key: "rel", Val: "ugc nofollow noopener"}) {
		t.Fatalf("a link has %v", n.Attr)
	}
	href = n.Attr[0].Val
	if !strings.HasPrefix(href, "http://") && !strings.HasPrefix(href, "https://") || !allowedHref(href) {
		t.Errorf("a link leads to %q", href)
	}
	return href
}

// bare is a text without what Comment and browsers may change of it: white
// space, marks of quotations, characters that are none.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == '>' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// TestCommentVectors holds attacks that other people have collected against
// comments.
func TestCommentVectors(t *testing.T) {
	all := vectors(t) // says so where only ours are there
	for _, v := range all {
		checkComment(t, v)
		checkComment(t, "> "+v)
		checkComment(t, "https://a.example/"+v)
		if t.Failed() {
			t.Fatalf("with %q", v)
		}
	}
	t.Logf("%d vectors", len(all))
}

func FuzzComment(f *testing.F) {
	for _, s := range []string{
		"", "One.\nTwo.\n\nThree.", "> One.\n>> Two.\n>>>> Three.\nFour.", "(https://a.example/b_(c)). HTTP://d.example", `<a href="https://a.example" onclick=x>`,
		"https://user:word@a.example/?b=c&amp;d#e", "詳しくはhttps://a.example/橋。", "https://[https://[::1]:80/]", "javascript://a\nhttps://", "\x00\xff\u2028\r\n>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkComment(t, s) })
}

// TestCommentFlood holds that the longest comment costs little, whatever it is made of, and
// twenty times as much text no more than twenty times that: it would be much more
// if a comment cost the square of its length.
func TestCommentFlood(t *testing.T) {
	const size, times = 5000, 20
	for name, unit := range map[string]string{
		"links":            "http://a ",
		"links in a run":   "http://a/http://",
		"no links":         "://",
		"no links either":  "http://[",
		"wrong links":      `http://\`,
		"one link":         "http://a.example/?" + strings.Repeat("a", size),
		"marks":            ">",
		"marks and spaces": "> ",
		"marks on lines":   ">\n",
		"deep lines":       ">>>>>a\n",
		"in and out":       ">a\nb\n",
		"empty lines":      "\n",
		"lines":            "a\n",
		"paragraphs":       "a\n\n",
		"brackets":         "http://a)",
		"closing":          "))))]]]]",
		"stops":            "http://....",
		"to be escaped":    "<&>\"'",
		"Japanese":         "橋https://a.example/橋。",
		"marks of Unicode": "\u0301",
	} {
		for _, n := range []int{size, times * size} {
			text := strings.Repeat(unit, n/len(unit)+1)[:n]
			if name == "closing" || name == "stops" || name == "brackets" {
				text = "http://a.example/" + text
			}
			most := papertest.Cost{CPU: 5 * time.Millisecond * time.Duration(n/size), Allocated: 4 << 20 * uint64(n/size)}
			cost := papertest.Measure(t, most, func() { Comment(text); Links(text) })
			if t.Logf("%s, %d bytes: %v", name, n, cost); !cost.Within(most) {
				t.Errorf("%d bytes of %s cost %v", n, name, cost)
			}
		}
	}
}
