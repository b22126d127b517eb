package page

import (
	"html/template"
	"strings"
	"testing"
	"testing/fstest"
)

type badge struct{ Name, Link string }

func TestStencil(t *testing.T) {
	v, err := NewViews(fstest.MapFS{
		"shared.html":  {Data: []byte(`{{define "x"}}{{end}}`)},
		"good.html":    {Data: []byte(`{{define "badge"}}<a title="{{.Name}}" href="/member/{{.Link}}?to={{.Link}}">{{.Name}}</a>{{end}}`)},
		"address.html": {Data: []byte(`{{define "badge"}}<a href="{{.Link}}">x</a>{{end}}`)},
		"bare.html":    {Data: []byte(`{{define "badge"}}<a title={{.Name}}>x</a>{{end}}`)},
		"script.html":  {Data: []byte(`{{define "badge"}}<script>let x = "{{.Name}}"</script>{{end}}`)},
	}, template.FuncMap{}, "shared.html")
	if err != nil {
		t.Fatal(err)
	}
	set := func(mark func(int) string) badge { return badge{Name: mark(0), Link: mark(1)} }
	good, err := View[badge](v, "good.html", "badge")
	if err != nil {
		t.Fatal(err)
	}
	s, err := good.Stencil(set)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []badge{{"Ana", "ana"}, {`"><script>alert(1)</script>`, "x"}, {"O'Neil & zqx1xqz", "o-neil"}, {"", ""}} {
		var b strings.Builder
		s.Fill(&b, Escape(test.Name), Escape(test.Link))
		want, err := good.Fragment(test)
		if err != nil {
			t.Fatal(err)
		}
		// The two escape a little differently, and mean the same.
		if got := b.String(); got != strings.NewReplacer("&#43;", "+").Replace(string(want)) {
			t.Errorf("%q is\n%s, a template makes\n%s", test, got, want)
		}
	}
	for _, name := range []string{"address.html", "bare.html", "script.html"} {
		bad, err := View[badge](v, name, "badge")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bad.Stencil(set); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
