package site

import (
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
)

// TestTopics is about how machines learn what an article is about.
func TestTopics(t *testing.T) {
	p := start(t, papertest.SQLite(t), func(*Paper) {})
	n := story("city", "Ferry films")
	n.Topics = []string{"what it was called (medtop:20000003)", `The "Arl" & its </script> ferry`}
	p.publish(n, time.Hour)
	page := p.page("/category/city/ferry-films")
	for _, want := range []string{
		`"keywords":["animation","The \"Arl\" \u0026 its \u003c/script\u003e ferry"]`,
		`"about":[{"@type":"Thing","@id":"http://cv.iptc.org/newscodes/mediatopic/20000003","name":"animation","sameAs":"https://www.wikidata.org/entity/Q11425"}]`,
		`<meta property="article:tag" content="animation">`,
		`<meta property="article:tag" content="The &#34;Arl&#34; &amp; its &lt;/script&gt; ferry">`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if strings.Contains(page, "medtop:") {
		t.Error("readers see a code")
	}
}
