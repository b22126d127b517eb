package page

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"html/template"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func TestAssets(t *testing.T) {
	files := map[string][]byte{
		"paper.css": long("p{color:black}"), "share.js": []byte("'use strict'"), "seal.svg": []byte("<svg/>"),
		"seal.png": []byte("\x89PNG"), "text.woff2": []byte("wOF2"), "notes": []byte("<script>"),
	}
	types := map[string]string{
		"paper.css": "text/css; charset=utf-8", "share.js": "text/javascript; charset=utf-8", "seal.svg": "image/svg+xml",
		"seal.png": "image/png", "text.woff2": "font/woff2", "notes": "application/octet-stream",
	}
	p, a := newPaper(t), NewAssets("/assets/", files)
	p.Plain("GET /assets/{file}", a.Serve)
	for name, content := range files {
		asset := a.Named(name)
		stem, ext, _ := strings.Cut(name, ".")
		if !regexp.MustCompile(`^/assets/` + stem + `\.[0-9a-f]{12}(\.` + ext + `)?$`).MatchString(asset.Path) {
			t.Errorf("%s is at %s", name, asset.Path)
		}
		for _, coding := range []string{"", "gzip", "br"} {
			res := p.do(http.MethodGet, asset.Path, "Accept-Encoding", coding)
			got := decoded(t, res.Header.Get("Content-Encoding"), body(t, res))
			if res.StatusCode != http.StatusOK || got != string(content) {
				t.Errorf("%s answers %d %q", asset.Path, res.StatusCode, got)
			}
			// What the browser computes of what it gets.
			sum := sha512.Sum384([]byte(got))
			if want := "sha384-" + base64.StdEncoding.EncodeToString(sum[:]); asset.Integrity != want {
				t.Errorf("%s has the integrity %s, want %s", name, asset.Integrity, want)
			}
			if res.Header.Get("Content-Type") != types[name] || res.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
				t.Errorf("%s has the headers %v", asset.Path, res.Header)
			}
		}
		etag := p.do(http.MethodGet, asset.Path).Header.Get("Etag")
		if res := p.do(http.MethodGet, asset.Path, "If-None-Match", etag); res.StatusCode != http.StatusNotModified {
			t.Errorf("%s answers %d to who has it", asset.Path, res.StatusCode)
		}
	}
	changed := NewAssets("/assets/", map[string][]byte{"share.js": []byte("'use strict';")})
	if changed.Named("share.js").Path == a.Named("share.js").Path {
		t.Error("a changed file keeps its address")
	}
	for _, path := range []string{"/assets/paper.css", "/assets/paper.000000000000.css", "/assets/", "/assets/..%2Fpaper.css", changed.Named("share.js").Path} {
		if res := p.do(http.MethodGet, path); res.StatusCode != http.StatusNotFound || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s answers %d, %s", path, res.StatusCode, res.Header.Get("Cache-Control"))
		}
	}
	if (a.Named("nothing") != Asset{}) {
		t.Error("there is an asset that nobody gave")
	}
}

// TestTemplates is about how pages are put together from files.
func TestTemplates(t *testing.T) {
	files := fstest.MapFS{
		"layout.html": {Data: []byte(`{{define "page"}}<html>{{template "main" .}}</html>{{end}}`)},
		"story.html":  {Data: []byte(`{{define "main"}}<p title="{{.Name}}">{{shout .Name}}</p>{{end}}`)},
		"loose.html":  {Data: []byte(`{{define "aside"}}{{.Name}}{{end}}`)},
		"wrong.html":  {Data: []byte(`{{define "main"}}{{.Nothing}}{{end}}`)},
		"broken.html": {Data: []byte(`{{define "main"}}{{if}}{{end}}`)},
	}
	type story struct{ Name string }
	v, err := NewViews(files, template.FuncMap{"shout": strings.ToUpper}, "layout.html")
	if err != nil {
		t.Fatal(err)
	}
	view, err := View[story](v, "story.html", "page")
	if err != nil {
		t.Fatal(err)
	}
	const want = `<html><p title="&#34;a&lt;b">&#34;A&lt;B</p></html>`
	var b bytes.Buffer
	page := view.With(story{`"a<b`})
	if err := page.render(&b); err != nil || b.String() != want || page.contentType() != "text/html; charset=utf-8" {
		t.Errorf("the page is %s, %v", &b, err)
	}
	if html, err := view.Fragment(story{`"a<b`}); err != nil || string(html) != want {
		t.Errorf("the fragment is %s, %v", html, err)
	}
	if view.HTML().Name() != "page" {
		t.Errorf("the template is called %s", view.HTML().Name())
	}
	wrong, err := View[story](v, "wrong.html", "page")
	if err != nil {
		t.Fatal(err)
	}
	if html, err := wrong.Fragment(story{}); err == nil || html != "" {
		t.Errorf("a field that is not there shows %q", html)
	}
	for _, test := range []struct{ file, entry string }{{"broken.html", "page"}, {"missing.html", "page"}, {"story.html", "nothing"}} {
		if _, err := View[story](v, test.file, test.entry); err == nil || !strings.Contains(err.Error(), test.file) {
			t.Errorf("%s gives the error %v", test.file, err)
		}
	}
	if _, err := NewViews(files, nil, "missing.html"); err == nil {
		t.Error("shared files may be missing")
	}
}

// TestHalfAPage is about a template that fails in the middle: nothing of it is
// sent.
func TestHalfAPage(t *testing.T) {
	files := fstest.MapFS{"page.html": {Data: []byte(`{{define "page"}}<p>the beginning {{.Late}}{{end}}`)}}
	v, err := NewViews(files, nil, "page.html")
	if err != nil {
		t.Fatal(err)
	}
	view, err := View[late](v, "page.html", "page")
	if err != nil {
		t.Fatal(err)
	}
	p := newPaper(t)
	p.Public("GET /{$}", func(context.Context, Query) (*Body, error) { return view.With(late{}), nil })
	if status, text := p.get("/"); status != http.StatusInternalServerError || strings.Contains(text, "beginning") {
		t.Errorf("half a page is sent: %d %s", status, text)
	}
}

// late fails when it is shown.
type late struct{}

func (late) Late() (string, error) { return "", io.ErrUnexpectedEOF }

// TestLean is about what readers load of our style sheets and scripts.
func TestLean(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"// what it is\nconst a = `b // c`;\n\n  go(a); // and why\n", "const a = `b // c`;\ngo(a); // and why\n"},
		{"/* Of the\n   page. */\na { b: c; }\n\t/* one */\n\td { e: url(//f); }", "a { b: c; }\nd { e: url(//f); }"},
		{"/* one */ a { b: c; }\n/* two\n*/ d { e: f; }\n", "a { b: c; }\nd { e: f; }\n"},
		{"", ""},
	} {
		if got := string(Lean([]byte(test.source))); got != test.want {
			t.Errorf("Lean(%q) = %q, want %q", test.source, got, test.want)
		}
	}
	const sheet = `a, b:not(c, d) { e: f; g: h(1, 2); }
	@media (min-width: 1rem) {
		i :is(j) { k: "l; }: , "; m: var(--n); }
	}
o,
p {
	--q: r;
}
`
	const lean = `a,b:not(c,d){e:f;g:h(1,2)}@media (min-width:1rem){i :is(j){k:"l; }: , ";m:var(--n)}}o,p{--q:r}`
	if got := string(LeanSheet([]byte(sheet))); got != lean {
		t.Errorf("a sheet is %q, want %q", got, lean)
	}
	const script = `// why
if (a === b) {
  const { c } = (d) => ({ ...e, f: -g });
  h(", { ", i = j); // = k
  l = m ? n + +o : "/p = q";
  r = / = s/.test(t)
}
`
	const thin = `if(a===b){const {c}=(d)=>({...e,f:-g});h(", { ", i = j); // = k
l=m?n + +o:"/p = q";r = / = s/.test(t)
}
`
	if got := string(LeanScript([]byte(script))); got != thin {
		t.Errorf("a script is %q, want %q", got, thin)
	}
}
