package wire

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"kawaraban/internal/article"
	"kawaraban/internal/papertest"
	"kawaraban/internal/richtext"
)

// TestCorpusDeliver delivers every agency file that there is, with the pictures
// that lie beside it, and looks at each article as an editor would. With -v it
// logs what was decided, and the articles too where KAWARABAN_TEST_READ is a
// part of a file's name.
func TestCorpusDeliver(t *testing.T) {
	dir := shared(t, "wire")
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	r := newRoom(t, papertest.SQLite(t))
	sources, tally := map[string]Source{}, map[Decision]int{}
	walk(t, dir, func(name string, data []byte) {
		agency, _, _ := strings.Cut(name, "/")
		src, ok := sources[agency]
		if !ok {
			src = r.source(Source{Name: agency, Publish: Auto, Feeds: true})
			sources[agency] = src
		}
		results, err := r.Deliver(t.Context(), src, name, data, func(n string) ([]byte, error) { return read(root, n) })
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, res := range results {
			tally[res.Decision]++
			if testing.Verbose() {
				t.Logf("%s: %s %.60s v%s %q %s", name, res.Decision, res.ID, res.Version, res.Headline, res.Reason)
			}
			if res.Article == "" {
				continue
			}
			a, err := r.Articles.Get(t.Context(), r.DB, res.Article)
			if err != nil {
				t.Fatal(err)
			}
			lookAt(t, name, a)
			if part := os.Getenv("KAWARABAN_TEST_READ"); part != "" && strings.Contains(name, part) {
				t.Log(printed(a))
			}
		}
	})
	t.Logf("decisions: %v", tally)
	checkRecalls(t, r)
	r.whole()
}

// printed is an article as its reader meets it.
func printed(a *article.Article) string {
	return fmt.Sprintf("%s %s\n# %s\n%s\nby %q, %s\nlead %+v\n%s —\n%s\n%s\n", a.State, a.Language, a.Headline, a.Standfirst, a.Bylines,
		a.Published.Format("2006-01-02 15:04"), a.Lead, a.Dateline, a.Body.Text(), a.SourceNotice)
}

var (
	signed   = regexp.MustCompile(`(?m)^[a-z]{2,4}([-/][a-z]{2,4})+$`)
	notes    = regexp.MustCompile(`(?i)not? (intended )?for publication|nicht zur Veröffentlichung|Notizblock|advisory:`)
	artefact = regexp.MustCompile(`\([A-Z][A-Za-z]{1,8}\)|\d|[-–—]$`)
)

// lookAt holds what is true of every article that the wire makes.
func lookAt(t *testing.T, name string, a *article.Article) {
	t.Helper()
	text := a.Body.Text()
	complain := func(what string, words any) { t.Helper(); t.Errorf("%s: %s: %q", name, what, words) }
	if strings.TrimSpace(a.Headline) == "" {
		complain("no headline", a.ID)
	}
	if len(a.Body.Blocks) == 0 && a.Lead.Picture == "" {
		complain("nothing in it", a.Headline)
	}
	if last := text[strings.LastIndexByte(strings.TrimSpace(text), '\n')+1:]; signed.MatchString(strings.TrimSpace(last)) {
		complain("signed by the desk", last)
	}
	if found := notes.FindString(text + a.Standfirst); found != "" {
		complain("a note for editors", found)
	}
	if artefact.MatchString(a.Dateline) {
		complain("the dateline is not a place", a.Dateline)
	}
	if !strings.HasPrefix(a.SourceNotice, "©") && !strings.Contains(strings.ToLower(a.SourceNotice), "copyright") && !strings.HasPrefix(a.SourceNotice, "(c)") {
		complain("the notice", a.SourceNotice)
	}
	for _, s := range []string{a.Headline, a.Standfirst, a.Lead.Caption, a.Lead.Credit, a.Dateline, strings.Join(a.Bylines, " ")} {
		if strings.ContainsAny(s, "<>\ufffd") || strings.Contains(s, "&amp;") || strings.ContainsFunc(s, unicode.IsControl) {
			complain("markup", s)
		}
	}
	if a.Standfirst != "" && len(a.Body.Blocks) > 0 && squash(richtext.Plain(a.Body.Blocks[0].Text)) == squash(a.Standfirst) {
		complain("the standfirst is the first paragraph", a.Standfirst)
	}
}

// checkRecalls holds that readers have nothing of a story whose newest word
// is that they must not.
func checkRecalls(t *testing.T, r *room) {
	t.Helper()
	rows, err := r.DB.Query(t.Context(), `select i.id, i.status, i.version, w.article
		from wire_item i
		join wire_story w on w.source = i.source and w.id = i.id
		where w.article <> ''
		order by i.source, i.id, i.ord`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	newest := map[string]Status{}
	ids := map[string]string{}
	for rows.Next() {
		var id, version, article string
		var status Status
		if err := rows.Scan(&id, &status, &version, &article); err != nil {
			t.Fatal(err)
		}
		if newest[article] != Canceled {
			newest[article] = status
		}
		ids[article] = id
	}
	readable := 0
	for article, status := range newest {
		path, err := r.Articles.Locate(t.Context(), article)
		if err != nil {
			continue
		}
		readable++
		if slices.Contains([]Status{Withheld, Canceled}, status) {
			t.Errorf("%s is %s and readers have it at %s", ids[article], status, path)
		}
		a, err := r.Articles.Get(t.Context(), r.DB, article)
		if err != nil {
			t.Fatal(err)
		}
		if a.EmbargoOpen || a.Embargo.After(r.clock.Now()) {
			t.Errorf("%s is embargoed and readers have it at %s", ids[article], path)
		}
	}
	t.Logf("%d stories, of which readers have %d", len(newest), readable)
}
