package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCount(t *testing.T) {
	const run = `{"Action":"start","Package":"kawaraban/internal/a"}
{"Action":"run","Package":"kawaraban/internal/a","Test":"TestOne"}
{"Action":"pass","Package":"kawaraban/internal/a","Test":"TestOne"}
{"Action":"output","Package":"kawaraban/internal/a","Test":"TestTwo/postgres","Output":"    NOT TESTED: PostgreSQL is missing\n"}
{"Action":"skip","Package":"kawaraban/internal/a","Test":"TestTwo/postgres"}
{"Action":"output","Package":"kawaraban/internal/a","Test":"TestTwo/sqlite","Output":"a.go:1: wrong\n"}
{"Action":"fail","Package":"kawaraban/internal/a","Test":"TestTwo/sqlite"}
{"Action":"fail","Package":"kawaraban/internal/a","Test":"TestTwo"}
{"Action":"output","Package":"kawaraban/internal/a","Output":"FAIL\n"}
{"Action":"fail","Package":"kawaraban/internal/a"}
{"ImportPath":"kawaraban/internal/b","Action":"build-output","Output":"b.go:3:1: syntax error\n"}
{"ImportPath":"kawaraban/internal/b","Action":"build-fail"}
{"Action":"output","Package":"kawaraban/internal/b","Output":"FAIL\tkawaraban/internal/b [build failed]\n"}
{"Action":"fail","Package":"kawaraban/internal/b","FailedBuild":"kawaraban/internal/b"}
{"Action":"skip","Package":"kawaraban/internal/c"}
`
	got, err := count(strings.NewReader(run))
	if err != nil {
		t.Fatal(err)
	}
	want := tally{
		passed: 1, failed: 3, skipped: 1,
		troubles: []string{
			"kawaraban/internal/a TestTwo/sqlite\na.go:1: wrong\n",
			"kawaraban/internal/a TestTwo\n",
			"kawaraban/internal/b\nb.go:3:1: syntax error\nFAIL\tkawaraban/internal/b [build failed]\n",
		},
		untested: []string{"NOT TESTED: PostgreSQL is missing"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(tally{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := got.String(); got != "1 passed, 3 failed, 1 skipped" {
		t.Errorf("the last line is %q", got)
	}
	if _, err := count(strings.NewReader("no JSON")); err == nil {
		t.Error("output that is not JSON is read without an error")
	}
}
