package richtext

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

// squash makes white space single, so that tests can be read.
func squash(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' }), " ")
}

// written are the elements that we write, and their attributes.
var written = map[string]string{
	"p": "class", "h2": "", "h3": "", "ins": "", "del": "", "blockquote": "", "footer": "", "ul": "", "ol": "", "li": "", "pre": "tabindex", "br": "",
	"strong": "", "em": "", "sub": "", "sup": "", "code": "", "a": "href rel", "figure": "class", "figcaption": "",
	"div": "class tabindex role aria-label", "table": "", "caption": "", "thead": "", "tbody": "", "tr": "", "td": "class",
	"th": "scope class", "img": "src alt", "span": "class",
}

// checkHTML reads page as a browser does and reports what we would never write.
func checkHTML(t testing.TB, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader("<!DOCTYPE html><body>" + page))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch n.Type {
		case html.ElementNode:
			if n.Namespace != "" {
				t.Errorf("element of %s", n.Namespace)
			}
			checkElement(t, n)
		case html.CommentNode, html.RawNode:
			t.Errorf("a comment: %q", n.Data)
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(root)
}

func checkElement(t testing.TB, n *html.Node) {
	t.Helper()
	attrs, ok := written[n.Data]
	if !ok {
		if n.Data != "html" && n.Data != "head" && n.Data != "body" || len(n.Attr) > 0 {
			t.Errorf("element <%s>", n.Data)
		}
		return
	}
	for _, a := range n.Attr {
		if !slices.Contains(strings.Fields(attrs), a.Key) {
			t.Errorf("attribute %s on <%s>", a.Key, n.Data)
		}
		switch a.Key {
		case "href":
			if !allowedHref(a.Val) {
				t.Errorf("link to %q", a.Val)
			}
		case "src":
			if !allowedPicture(a.Val) {
				t.Errorf("picture at %q", a.Val)
			}
		case "class":
			if a.Val != "table" && a.Val != "embed" && a.Val != "credit" && a.Val != "caption" && a.Val != "figures" && a.Val != "unseen" && a.Val != "told" {
				t.Errorf("class %q", a.Val)
			}
		}
	}
}

// checkDoc holds d to what is true of every body that was read from outside.
func checkDoc(t testing.TB, d Doc) {
	t.Helper()
	if err := d.Check(); err != nil {
		t.Errorf("Check: %v", err)
	}
	page := string(d.Web(figure))
	checkHTML(t, page)
	checkHTML(t, d.Feed("https://paper.example/", figure))
	stored, err := Parse(d.JSON())
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	if diff := compare(d, stored); diff != "" {
		t.Errorf("stored form is another body (-was +is):\n%s", diff)
	}
	for _, b := range d.Blocks {
		for spans := range b.lines {
			for i, s := range spans {
				if s.Text == "" {
					t.Errorf("empty span in %+v", b)
				}
				if i > 0 && s.marks() == spans[i-1].marks() {
					t.Errorf("spans %d and %d of %+v should be one", i-1, i, b)
				}
			}
			if text := Plain(spans); b.Kind != Preformatted && text != strings.TrimSpace(text) {
				t.Errorf("white space at the edge of %q", text)
			}
		}
	}
	d.Text()
	d.Words()
	if got := d.FirstSentence(40); len([]rune(got)) > 40 {
		t.Errorf("FirstSentence(40) = %q", got)
	}
}

// checkFixed reads source, and what we made of it, and wants the same twice.
func checkFixed(t testing.TB, source, base string) Doc {
	t.Helper()
	d := FromHTML(source, base)
	checkDoc(t, d)
	if diff := compare(d, FromHTML(string(d.Web(figure)), base)); diff != "" {
		t.Errorf("not a fixed point (-first +second):\n%s\n%s", diff, d.Web(figure))
	}
	return d
}

// compare is cmp.Diff, which is slow for what is the same and long.
func compare(a, b Doc) string {
	if reflect.DeepEqual(a, b) {
		return ""
	}
	return cmp.Diff(a, b)
}

var vectorDiv = regexp.MustCompile(`(?s)<div id="\d+">.*?//\["'` + "`" + `-->\]\]>\]</div>`)

// hostile are attacks in our own words, for where the collections are absent.
var hostile = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<svg onload=alert(1)>`, `<a href="javascript:alert(1)">x</a>`,
	`<a href="java&#10;script:alert(1)">x</a>`, `<iframe srcdoc="<script>alert(1)</script>"></iframe>`, `<math><mtext><script>alert(1)</script>`,
	`<p title="</p><script>alert(1)</script>">x`, `<style>@import 'javascript:alert(1)'</style>`, `<template><img src=x onerror=alert(1)></template>`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<select><style><img src=x onerror=alert(1)></style></select>`,
	`<table><td background="javascript:alert(1)">x`, `<object data="data:text/html,<script>alert(1)</script>"></object>`, `<base href="javascript:alert(1)//"><a href="x">y</a>`,
	`<form action="javascript:alert(1)"><button>x</button></form>`, `<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>`,
	`<div style="background:url(javascript:alert(1))">x</div>`, `<video><source onerror=alert(1)></video>`, `<!--><img src=x onerror=alert(1)>-->`,
	`<![CDATA[<img src=x onerror=alert(1)>]]>`, `<xmp><p title="</xmp><img src=x onerror=alert(1)>">`, `<plaintext><img src=x onerror=alert(1)>`,
}

// vectors are ours and, where they lie beside the work tree, other people's.
func vectors(t *testing.T) []string {
	t.Helper()
	list := slices.Clone(hostile)
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "sanitise", "vectors.txt"))
	if errors.Is(err, os.ErrNotExist) {
		t.Log("no sanitiser vectors beside the work tree: only our own are tried")
		return list
	} else if err != nil {
		t.Fatal(err)
	}
	list = append(list, vectorDiv.FindAllString(string(data), -1)...)
	list = append(list, strings.Split(string(data), "\n")...)
	list = append(list, string(data))
	sheet, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "sanitise", "XSS_Filter_Evasion_Cheat_Sheet.md"))
	if err == nil {
		list = append(list, strings.Split(string(sheet), "\n")...)
		list = append(list, strings.Split(string(sheet), "```")...)
	}
	return list
}

func TestVectors(t *testing.T) {
	vectors := vectors(t)
	for _, v := range vectors {
		checkFixed(t, v, "")
		checkFixed(t, v, "https://paper.example/a/b")
		checkFixed(t, `<p title="`+v, "")
		checkDoc(t, FromNITF(v))
		checkDoc(t, FromText(v))
		if t.Failed() {
			t.Fatalf("with %q", v)
		}
	}
	t.Logf("%d vectors", len(vectors))
}

var described = regexp.MustCompile(`(?is)<(?:\w+:)?(?:description|content|summary|encoded|body|title|info|tagline|copyright|rights)\b[^>]*>(.*?)</(?:\w+:)?(?:description|content|summary|encoded|body|title|info|tagline|copyright|rights)>`)

func TestFeedArchives(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "feeds", "*.tar.gz"))
	if len(names) == 0 {
		t.Skip("no feed archives beside the work tree")
	}
	count := 0
	for _, name := range names {
		for file, data := range archive(t, name) {
			bodies := []string{string(data)}
			for _, m := range described.FindAllStringSubmatch(string(data), 400) {
				bodies = append(bodies, m[1], html.UnescapeString(m[1]), strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(m[1]), "<![CDATA["), "]]>"))
			}
			for _, body := range bodies {
				count++
				if _, err := ReadHTML(body, ""); err != nil {
					t.Errorf("a real text is over a limit: %v", err)
				}
				checkFixed(t, body, "https://paper.example/feed")
				if t.Failed() {
					t.Fatalf("%s: with %.2000q", file, body)
				}
			}
		}
	}
	t.Logf("%d bodies", count)
}

// archive yields the files of a tar.gz.
func archive(t *testing.T, name string) func(yield func(string, []byte) bool) {
	return func(yield func(string, []byte) bool) {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		gz, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		for r := tar.NewReader(gz); ; {
			head, err := r.Next()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if head.Typeflag == tar.TypeReg && !yield(filepath.Base(name)+":"+head.Name, data) {
				return
			}
		}
	}
}

// bombs are small to send and were dear to read for somebody.
func bombs() map[string]string {
	attributes := func(n int) string {
		var w strings.Builder
		for i := range n {
			fmt.Fprintf(&w, " a%d=x", i)
		}
		return w.String()
	}
	return map[string]string{
		"nested div":            strings.Repeat("<div>", 100_000) + "x",
		"nested b":              strings.Repeat("<b>", 300_000) + "x",
		"nested blockquote":     strings.Repeat("<blockquote>", 100_000) + "x",
		"nested table":          strings.Repeat("<table><tr><td>", 60_000) + "x",
		"nested list":           strings.Repeat("<ul><li>x", 100_000),
		"nested figure":         strings.Repeat("<figure><figcaption>x", 50_000),
		"nested q":              strings.Repeat("<q>", 60) + strings.Repeat("x<q></q>", 100_000),
		"misnested":             strings.Repeat("<b><i><a href=/x><sub><sup><code>x</b>", 40_000),
		"open angles":           strings.Repeat("<", 1<<20),
		"open tag":              strings.Repeat("<a ", 1<<19),
		"open comments":         strings.Repeat("<!--", 1<<19),
		"end tags":              strings.Repeat("<p>"+strings.Repeat("<i>", 60), 100) + strings.Repeat("</b>", 400_000),
		"attribute flood":       "<p" + attributes(150_000) + ">x",
		"attributes, then tags": "<p" + attributes(100_000) + ">x" + strings.Repeat("<i a>", 150_000),
		"floods of attributes":  strings.Repeat("<i"+attributes(70)+">x", 4_000),
		"wide cells":            "<table>" + strings.Repeat("<tr><td colspan=50 rowspan=50>x", 60_000),
		"paragraphs":            strings.Repeat("<p>x", 400_000),
		"breaks":                strings.Repeat("x<br>", 300_000),
		"entities":              strings.Repeat("&amp;&lt;&unknown", 100_000),
		"declared entities":     `<!DOCTYPE x [<!ENTITY a "` + strings.Repeat("b", 1000) + `"><!ENTITY c "` + strings.Repeat("&a;", 1000) + `">]><p>` + strings.Repeat("&c;", 100_000),
		"doctypes":              strings.Repeat("<!DOCTYPE x [>", 100_000),
		"one long line":         strings.Repeat("word ", 400_000),
		"spaces":                strings.Repeat(" ", 2<<20),
		"zero width":            strings.Repeat("\u200b", 600_000),
		"changing marks":        strings.Repeat("<b>x</b>y", 60_000),
		"raw text":              strings.Repeat("<script>x</script>", 80_000) + strings.Repeat("<title>", 40_000),
		"nul":                   strings.Repeat("\x00", 2<<20),
		"over the limit":        strings.Repeat("<p>words in a paragraph</p>", 200_000),
		"table of text":         strings.Repeat("a  b  c\n", 200_000),
		"short lines":           strings.Repeat("a\n", 500_000),
		"indented lines":        strings.Repeat(" a line of a paragraph that is indented by a blank\n", 40_000),
	}
}

// TestBombs holds that what is made of a bomb is a body like any other; what it
// costs is TestFloods'.
func TestBombs(t *testing.T) {
	for name, bomb := range bombs() {
		t.Run(name, func(t *testing.T) {
			checkFixed(t, bomb, "")
			checkDoc(t, FromNITF(bomb))
			checkDoc(t, FromText(bomb))
		})
	}
}
