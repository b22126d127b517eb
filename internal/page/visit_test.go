package page

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
)

const urlencoded = "application/x-www-form-urlencoded"

// send sends a body as one of our own pages would.
func (p *paper) send(target, kind, body string, header ...string) *http.Response {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Host = "paper.example"
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Result()
}

// TestForms is about what may come in a form, and how much of it.
func TestForms(t *testing.T) {
	p := newPaper(t)
	var got *Visit
	called := 0
	h := func(v *Visit) (*Answer, error) {
		got, called = v, called+1
		return Nothing(), nil
	}
	p.Personal("POST /form", h)
	p.Upload("POST /file", 1<<20, h)
	many := func(n int) string {
		v := url.Values{}
		for i := range n {
			v.Set(fmt.Sprint("f", i), "x")
		}
		return v.Encode()
	}
	parts := func(pairs ...string) (kind, body string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for i := 0; i < len(pairs); i += 2 {
			if name, ok := strings.CutPrefix(pairs[i], "file:"); ok {
				part, err := w.CreateFormFile(name, "../../a.jpg")
				check(t, err)
				io.WriteString(part, pairs[i+1])
			} else {
				check(t, w.WriteField(pairs[i], pairs[i+1]))
			}
		}
		check(t, w.Close())
		return w.FormDataContentType(), b.String()
	}
	kind, small := parts("name", "Ana", "file:portrait", "picture")
	_, longText := parts("name", strings.Repeat("x", maxForm+1), "file:portrait", "picture")
	_, longFile := parts("name", "Ana", "file:portrait", strings.Repeat("x", 1<<20+1))
	_, hugeFile := parts("file:portrait", strings.Repeat("x", patient<<20+maxForm+1))
	_, bad := parts("name", "An\xffa")
	_, longer := parts("name", strings.Repeat("é", 1000))
	boundary := func(body string) string {
		return "multipart/form-data; boundary=" + strings.TrimPrefix(strings.SplitN(body, "\r\n", 2)[0], "--")
	}
	for _, test := range []struct {
		name, target, kind, body string
		status                   int
		field, want              string
	}{
		{"a form", "/form", urlencoded, "name=Ana+Ru%C3%ADz&ok=", 204, "name", "Ana Ruíz"},
		{"with a charset", "/form", urlencoded + "; charset=utf-8", "name=Ana", 204, "name", "Ana"},
		{"a field twice", "/form", urlencoded, "name=Ana&name=Eve", 204, "name", "Ana"},
		{"fields of the address do not count", "/form?name=Eve", urlencoded, "", 204, "name", ""},
		{"nor before those of the form", "/form?name=Eve", urlencoded, "name=Ana", 204, "name", "Ana"},
		{"as many fields as may be", "/form", urlencoded, many(maxFields), 204, "f7", "x"},
		{"a button alone", "/form", "", "", 204, "name", ""},
		{"a script's", "/form", "application/json", `{"name":"Ana"}`, 204, "name", ""},
		{"too many fields", "/form", urlencoded, many(maxFields + 1), 413, "", ""},
		{"too long", "/form", urlencoded, "name=" + strings.Repeat("x", maxForm), 413, "", ""},
		{"no UTF-8", "/form", urlencoded, "name=An%ffa", 422, "", ""},
		{"half a letter", "/form", urlencoded, "name=%e6%a9", 422, "", ""},
		{"a NUL", "/form", urlencoded, "name=An%00a", 422, "", ""},
		{"a bad escape", "/form", urlencoded, "name=%zz", 422, "", ""},
		{"a semicolon", "/form", urlencoded, "name=a;b=c", 422, "", ""},
		{"text", "/form", "text/plain", "name=Ana", 415, "", ""}, // what a form of another site may send
		{"no type", "/form", "", "name=Ana", 415, "", ""},
		{"a strange type", "/form", "application/x-www-form-urlencoded/x", "name=Ana", 415, "", ""},
		{"XML", "/form", "text/xml", "<name>Ana</name>", 415, "", ""},
		{"a file where none may be", "/form", kind, small, 415, "", ""},
		{"a file", "/file", kind, small, 204, "name", "Ana"},
		{"long text, no file", "/file", boundary(longer), longer, 204, "name", strings.Repeat("é", 1000)},
		{"a form where a file may be", "/file", urlencoded, "name=Ana", 204, "name", "Ana"},
		{"text as long as a file", "/file", boundary(longText), longText, 413, "", ""},
		{"too long a file", "/file", boundary(longFile), longFile, 204, "name", "Ana"},
		{"far too long a file", "/file", boundary(hugeFile), hugeFile, 413, "", ""},
		{"no UTF-8 beside a file", "/file", boundary(bad), bad, 422, "", ""},
		{"no boundary", "/file", "multipart/form-data", small, 422, "", ""},
		{"cut off", "/file", kind, small[:len(small)-20], 422, "", ""},
		{"mixed", "/file", strings.Replace(kind, "form-data", "mixed", 1), small, 415, "", ""},
	} {
		got, called = nil, 0
		res := p.send(test.target, test.kind, test.body)
		if res.StatusCode != test.status || (called == 1) != (test.status == 204) {
			t.Errorf("%s: %d, the handler is called %d times; want %d", test.name, res.StatusCode, called, test.status)
		}
		if res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: Cache-Control is %q", test.name, res.Header.Get("Cache-Control"))
		}
		if got != nil && test.field != "" && got.Field(test.field) != test.want {
			t.Errorf("%s: %s is %q, want %q", test.name, test.field, got.Field(test.field), test.want)
		}
	}

	// A file is read; one that was not chosen is none.
	p.Upload("POST /read", 1<<20, func(v *Visit) (*Answer, error) {
		a, err := v.File("portrait")
		if err != nil {
			return nil, err
		}
		b, err := v.File("other")
		return Download("x.txt", "text/plain", fmt.Appendf(nil, "%q %v", a, b == nil)), err
	})
	res := p.send("/read", kind, small)
	if got := body(t, res); got != `"picture" true` || res.Header.Get("Content-Disposition") != `attachment; filename="x.txt"` {
		t.Errorf("the file is %s", got)
	}

	if got := p.send("/read", boundary(longFile), longFile); got.StatusCode != 413 {
		t.Errorf("too long a file answers %d", got.StatusCode)
	}

	// A body that is no form.
	p.Personal("POST /answer", func(v *Visit) (*Answer, error) {
		b, err := v.Body(10)
		if err != nil {
			return nil, err
		}
		return JSON(string(b))
	})
	if res := p.send("/answer", "application/json", `"0123456"`); body(t, res) != `"\"0123456\""` || res.Header.Get("Content-Type") != "application/json" {
		t.Errorf("a body of 9 bytes: %d", res.StatusCode)
	}
	if res := p.send("/answer", "application/json", `"0123456789"`); res.StatusCode != 413 {
		t.Errorf("a body of 12 bytes: %d", res.StatusCode)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestNoText is about addresses that are no text: no handler, and so no
// database, sees them.
func TestNoText(t *testing.T) {
	p := newPaper(t)
	p.Public("GET /public/{x}", told("x"), "after")
	p.Personal("GET /own/{x}", func(v *Visit) (*Answer, error) {
		return Show(Text("", []byte(v.Path("x")+"|"+v.Get("after")))), nil
	})
	p.Personal("POST /own/{x}", func(*Visit) (*Answer, error) { return Nothing(), nil })
	for _, bad := range []string{"%ff", "%00", "a%0ab", "%e6%a9", "%7f", "%c2%85", "%ed%a0%80", "%f5%80%80%80", "%c0%af"} {
		for _, path := range []string{"/public/", "/own/"} {
			if status, text := p.get(path + bad); status != http.StatusNotFound {
				t.Errorf("%s%s answers %d %q", path, bad, status, text)
			}
		}
		if res := p.send("/own/"+bad, urlencoded, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("POST /own/%s answers %d", bad, res.StatusCode)
		}
		p.shows("/public/x?after="+bad, "x||")
		p.shows("/own/x?after="+bad, "x|")
	}
	p.shows("/own/caf%C3%A9?after=%E6%A9%8B", "café|橋")
	p.shows("/public/caf%C3%A9?after=%E6%A9%8B", "café|橋|")
}

// TestSameOrigin is about who may change something: a page of ours, and nobody
// else whose form the browser sends with our cookie (SECURITY D6, R20).
func TestSameOrigin(t *testing.T) {
	p := newPaper(t)
	changed := 0
	p.Personal("POST /form", func(*Visit) (*Answer, error) { changed++; return Nothing(), nil })
	p.Personal("GET /form", func(*Visit) (*Answer, error) { return Nothing(), nil })
	p.Machine("POST /machine", func(v *Visit) (*Answer, error) {
		if v.Cookie("session") != "" {
			t.Error("a machine's address sees a cookie")
		}
		return Nothing(), nil
	})
	for _, test := range []struct {
		site, origin string
		status       int
	}{
		{"same-origin", "http://paper.example", 204},
		{"same-origin", "", 204},
		{"none", "", 204}, // the reader's own doing, such as a reload
		{"", "http://paper.example", 204},
		{"", "https://paper.example", 204}, // behind a proxy we do not see the scheme
		{"", "", 403},
		{"cross-site", "http://paper.example", 403},
		{"same-site", "http://paper.example", 403},
		{"same-site", "http://blog.paper.example", 403},
		{"cross-site", "https://evil.example", 403},
		{"cross-site", "", 403},
		{"nonsense", "http://paper.example", 403},
		{"", "https://evil.example", 403},
		{"", "http://paper.example:8080", 403},
		{"", "http://paper.example.evil.example", 403},
		{"", "null", 403},
		{"", "nonsense", 403},
	} {
		changed = 0
		res := p.do(http.MethodPost, "/form", "Sec-Fetch-Site", test.site, "Origin", test.origin)
		if res.StatusCode != test.status || (changed == 1) != (test.status == 204) {
			t.Errorf("Sec-Fetch-Site %q, Origin %q: %d, want %d", test.site, test.origin, res.StatusCode, test.status)
		}
		if res := p.do(http.MethodGet, "/form", "Sec-Fetch-Site", test.site, "Origin", test.origin); res.StatusCode != 204 {
			t.Errorf("GET with Sec-Fetch-Site %q, Origin %q: %d", test.site, test.origin, res.StatusCode)
		}
		if res := p.do(http.MethodPost, "/machine", "Sec-Fetch-Site", test.site, "Origin", test.origin, "Cookie", "session=1"); res.StatusCode != 204 {
			t.Errorf("a machine with Sec-Fetch-Site %q, Origin %q: %d", test.site, test.origin, res.StatusCode)
		}
	}
}

// TestAddress is about whose address counts behind proxies: the right-most one
// that is not ours, and nothing that somebody says about themselves.
func TestAddress(t *testing.T) {
	for _, test := range []struct {
		proxies, remote, forwarded, want string
	}{
		{"", "198.51.100.7:1234", "", "198.51.100.7"},
		{"", "198.51.100.7:1234", "203.0.113.9", "198.51.100.7"}, // no proxy is ours
		{"10.0.0.0/8", "198.51.100.7:1234", "203.0.113.9", "198.51.100.7"},
		{"10.0.0.0/8", "10.0.0.1:1234", "203.0.113.9", "203.0.113.9"},
		{"10.0.0.0/8", "10.0.0.1:1234", "1.2.3.4, 203.0.113.9", "203.0.113.9"}, // the first is what the reader says
		{"10.0.0.0/8", "10.0.0.1:1234", "1.2.3.4, 203.0.113.9, 10.0.0.2", "203.0.113.9"},
		{"10.0.0.0/8", "10.0.0.1:1234", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
		{"10.0.0.0/8", "10.0.0.1:1234", "", "10.0.0.1"},
		{"10.0.0.0/8", "10.0.0.1:1234", "nonsense", "10.0.0.1"},
		{"10.0.0.0/8", "10.0.0.1:1234", "203.0.113.9, nonsense", "10.0.0.1"},
		{"10.0.0.0/8", "10.0.0.1:1234", "203.0.113.9:55555", "203.0.113.9"},
		{"10.0.0.0/8", "10.0.0.1:1234", "2001:db8::7", "2001:db8::7"},
		{"10.0.0.0/8", "10.0.0.1:1234", "[2001:db8::7]:443", "2001:db8::7"},
		{"10.0.0.0/8", "[::ffff:10.0.0.1]:1234", "::ffff:203.0.113.9", "203.0.113.9"},
		{"fd00::/8", "[fd00::1%eth0]:1234", "203.0.113.9", "203.0.113.9"},
		{"10.0.0.0/8", "", "203.0.113.9", "invalid IP"},
	} {
		p := newPaper(t)
		if test.proxies != "" {
			p.Proxies = []netip.Prefix{netip.MustParsePrefix(test.proxies)}
		}
		var got netip.Addr
		p.Personal("GET /x", func(v *Visit) (*Answer, error) { got = v.Address(); return Nothing(), nil })
		r := httptest.NewRequest(http.MethodGet, "/x", nil)
		r.Host, r.RemoteAddr = "paper.example", test.remote
		for i, part := range strings.SplitAfterN(test.forwarded, ", ", 2) { // as two lines, too
			if part = strings.TrimSuffix(part, ", "); part != "" || i > 0 {
				r.Header[textproto.CanonicalMIMEHeaderKey("x-forwarded-for")] = append(r.Header["X-Forwarded-For"], part)
			}
		}
		p.ServeHTTP(httptest.NewRecorder(), r)
		if got.String() != test.want {
			t.Errorf("%q through %q from %q is %s, want %s", test.forwarded, test.proxies, test.remote, got, test.want)
		}
	}
	for _, test := range []struct{ addr, network, region string }{
		{"203.0.113.9", "203.0.113.9", "203.0.113.0/24"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"},
		{"2001:db8:1:ffff::1", "2001:db8:1:ffff::/64", "2001:db8:1::/48"},
	} {
		a := netip.MustParseAddr(test.addr)
		if Network(a) != test.network || Region(a) != test.region {
			t.Errorf("%s is in %s and %s", a, Network(a), Region(a))
		}
	}
	if Network(netip.Addr{}) != Region(netip.Addr{}) {
		t.Error("nobody's address is in two networks")
	}
}
