package page

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kawaraban/internal/problem"
)

// odd are headers that have changed what some server kept for others
// (SECURITY R27), each with a word that must come back in no answer.
var odd = func() (headers [][2]string) {
	for _, name := range strings.Fields(`
		Accept Accept-Charset Accept-Language Accept-Datetime Authorization Cache-Control Client-IP CF-Connecting-IP
		Cookie DNT Expect-CT Fastly-Client-IP Forwarded From Front-End-Https If-Match If-Modified-Since If-Range
		If-Unmodified-Since Max-Forwards Origin Pragma Proxy Proxy-Authorization Purpose Range Referer Save-Data
		Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-GPC Surrogate-Capability TE Tenant-Id True-Client-IP
		Upgrade-Insecure-Requests User-Agent Via Viewport-Width Width X-Api-Version X-Client-IP X-CSRF-Token X-Debug
		X-Forwarded-By X-Forwarded-For X-Forwarded-Host X-Forwarded-Path X-Forwarded-Port X-Forwarded-Prefix
		X-Forwarded-Proto X-Forwarded-Scheme X-Forwarded-Server X-Host X-HTTP-Method X-HTTP-Method-Override
		X-Method-Override X-Original-Host X-Original-URL X-PJAX X-Real-IP X-Requested-With X-Rewrite-URL
		X-Wap-Profile X-Middleware-Subrequest`) {
		headers = append(headers, [2]string{name, "canary-" + strings.ToLower(name)})
	}
	return append(headers,
		[2]string{"X-HTTP-Method-Override", "PURGE"}, [2]string{"Range", "bytes=0-3"}, [2]string{"Cache-Control", "no-cache"},
		[2]string{"X-Forwarded-Proto", "http"}, [2]string{"X-Original-URL", "/feed"}, [2]string{"If-Match", "*"},
		[2]string{"If-Modified-Since", "Mon, 03 Nov 2025 09:00:00 GMT"}, [2]string{"Cookie", "session=canary"})
}()

// TestOddRequestsChangeNothing sends to each public page every odd header,
// alone, before and after the page is in the cache, and odd parameters. The
// answer, and the next reader's, is byte for byte what it was.
func TestOddRequestsChangeNothing(t *testing.T) {
	p := newPaper(t)
	p.Public("GET /{$}", told())
	p.Public("GET /category/{section}", told("section"), "after")
	p.Public("GET /missing", func(context.Context, Query) (*Body, error) {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such article."}
	})
	p.Public("GET /moved", func(context.Context, Query) (*Body, error) { return Moved("/"), nil })
	for _, path := range []string{"/", "/category/city", "/category/city?after=1", "/missing", "/moved", "/nothing"} {
		clean := dump(t, p.do(http.MethodGet, path))
		check := func(what string, res *http.Response) {
			t.Helper()
			if got := dump(t, res); got != clean {
				t.Errorf("%s, %s: the answer is\n%s\nnot\n%s", path, what, got, clean)
			}
			if got := dump(t, p.do(http.MethodGet, path)); got != clean {
				t.Errorf("%s, after %s: the next reader gets\n%s\nnot\n%s", path, what, got, clean)
			}
		}
		for _, h := range odd {
			check(h[0], p.do(http.MethodGet, path, h[0], h[1]))
			p.Cache.PurgeAll()
			check(h[0], p.do(http.MethodGet, path, h[0], h[1]))
		}
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		for _, param := range []string{"_method=PURGE", "callback=canary", "cb=1", "debug=1", "utm_content=canary", "__proto__=1", "after[]=1", "lang=canary", "amp=1", "x=%0d%0aSet-Cookie:a=b"} {
			check(param, p.do(http.MethodGet, path+sep+param))
			p.Cache.PurgeAll()
			check(param, p.do(http.MethodGet, path+sep+param))
		}
	}
}

// TestOddMethodsChangeNothing is about methods that some caches obey
// (SECURITY R28).
func TestOddMethodsChangeNothing(t *testing.T) {
	p := newPaper(t)
	p.Public("GET /{$}", told())
	clean := dump(t, p.do(http.MethodGet, "/"))
	for _, method := range []string{"PURGE", "BAN", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "HEAD", "GETT", "get"} {
		for range 2 {
			p.do(method, "http://paper.example/")
			if got := dump(t, p.do(http.MethodGet, "/")); got != clean {
				t.Errorf("after %s the next reader gets\n%s\nnot\n%s", method, got, clean)
			}
			p.Cache.PurgeAll()
		}
	}
}

// TestPublicIsPublic makes sure that no answer that others may keep carries a
// cookie, and that none that carries a fault may be kept (SECURITY R28, R29).
func TestPublicIsPublic(t *testing.T) {
	p := newPaper(t)
	kinds := problem.Kinds()
	p.Public("GET /problem/{n}", func(_ context.Context, q Query) (*Body, error) {
		var n int
		fmt.Sscan(q.Path("n"), &n)
		return nil, &problem.Problem{Kind: kinds[n]}
	})
	p.Public("GET /{$}", told())
	paths := []string{"/", "/", "/nothing", "/nothing/"}
	for i := range kinds {
		paths = append(paths, fmt.Sprint("/problem/", i))
	}
	for _, path := range paths {
		res := p.do(http.MethodGet, path, "Cookie", "session=1")
		caching := res.Header.Get("Cache-Control")
		if res.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", path)
		}
		if caching == "" || strings.HasPrefix(caching, "public") != (res.StatusCode < 400) {
			t.Errorf("%s answers %d with Cache-Control %q", path, res.StatusCode, caching)
		}
	}
}

func dump(t *testing.T, res *http.Response) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintln(&b, res.StatusCode)
	res.Header.Write(&b)
	return b.String() + "\n" + body(t, res)
}
