package imports

import (
	"strings"
	"testing"
)

// TestOffences shows that the law finds what it forbids, and nothing else.
func TestOffences(t *testing.T) {
	for _, test := range []struct {
		file, source string
		want         string // a part of the only offence; "" when there is none
	}{
		{"internal/wire/x.go", `import "kawaraban/internal/article"`, ""},
		{"internal/article/x.go", `import "kawaraban/internal/wire"`, "article may not import wire"},
		{"internal/comment/x.go", `import "kawaraban/internal/reader"`, "comment may not import reader"},
		{"internal/comment/x_test.go", `import "kawaraban/internal/reader"`, ""},
		{"internal/article/x.go", `import "kawaraban/internal/page"`, "article may not import page"},
		{"internal/db/x.go", `import "kawaraban/internal/article"`, "db may not import article"},
		{"internal/site/x.go", `import "kawaraban/internal/article"`, ""},
		{"internal/site/x.go", `import "kawaraban/internal/newsroom"`, "site may not import newsroom"},
		{"internal/site/x.go", `import "kawaraban/internal/db"`, "site may not import db"},
		{"internal/site/x.go", `import "database/sql"`, "database/sql is at home"},
		{"internal/wire/nitf/x.go", `import "kawaraban/internal/wire"`, "wire/nitf may not import wire"},
		{"internal/article/x.go", `import "kawaraban/cmd/kawaraban"`, "nobody imports cmd/kawaraban"},
		{"cmd/kawaraban/x.go", `import "kawaraban/internal/site"`, ""},
		{"internal/helpers/x.go", ``, "package helpers is not in the law"},
		{"internal/wire/newsml/v1/x.go", ``, "two levels"},
		{"tools/x.go", ``, "live under cmd and internal"},
		{"internal/article/x.go", `import _ "modernc.org/sqlite"`, "modernc.org/sqlite is at home in internal/db"},
		{"internal/article/x.go", `import "golang.org/x/text/unicode/norm"`, ""},
		{"internal/richtext/x.go", `import "golang.org/x/net/html/charset"`, "golang.org/x/net/html/charset is at home in internal/wire/markup"},
		{"internal/article/x.go", `import "github.com/stranger/orm"`, "has no home"},
		{"internal/article/x_test.go", `import "github.com/google/go-cmp/cmp"`, ""},
		{"internal/article/x.go", `func init() {}`, "no init"},
		{"internal/article/x.go", `type a struct{}; func (a) init() {}`, ""},
		{"internal/site/x.go", `import "html/template"; var a = template.HTML("x")`, "template.HTML"},
		{"internal/site/x.go", `import "html/template"; type a struct{ b template.HTML }`, ""},
		{"internal/site/x.go", `import h "html/template"; var a = h.JS("x")`, "h.JS"},
		{"internal/richtext/x.go", `import "html/template"; var a = template.HTML("x")`, ""},
		{"internal/network/x.go", `import "net/http"; var a, b = http.Get("x")`, "the way out"},
		{"internal/network/x.go", `import "net/http"; var a = &http.Client{}`, "the way out"},
		{"internal/network/x.go", `import "net/http"; var a = http.StatusOK`, ""},
		{"internal/page/x.go", `import "net"; var a net.Dialer`, "the way out"},
		{"internal/site/x.go", `import "kawaraban/internal/secret"; var a = secret.CheapPasswords(nil)`, "cost as much to guess"},
		{"internal/site/x_test.go", `import "kawaraban/internal/secret"; var a = secret.CheapPasswords(nil)`, ""},
		{"internal/job/x_test.go", `import "time"; func a() { time.Sleep(1) }`, "wait for a condition"},
		{
			"internal/job/x_test.go",
			`import ("testing"; "testing/synctest"; "time"); func a(t *testing.T) { synctest.Test(t, func(*testing.T) { time.Sleep(1) }) }`, "",
		},
		{"internal/job/x.go", "// TO" + "DO: later", "do it"},
		{"internal/job/x.go", strings.Repeat("\n", tooLongFile+1), "lines, and 600 is the most"},
	} {
		got, err := offences(test.file, []byte("package x\n\n"+test.source))
		if err != nil {
			t.Errorf("%s: %v", test.source, err)
			continue
		}
		switch {
		case test.want == "" && len(got) > 0:
			t.Errorf("%s: %s: offences where there are none: %q", test.file, test.source, got)
		case test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)):
			t.Errorf("%s: %s: got %q, want one with %q", test.file, test.source, got, test.want)
		}
	}
}
