package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"log/slog"
	"maps"
	"testing"

	"kawaraban/internal/article"
	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/media"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// A room is a Store on an empty database, with an agency that publishes by
// itself, HPA, and the clock on the wall.
type room struct {
	*Store
	t     testing.TB
	clock *papertest.Clock
	hpa   Source
}

func newRoom(t testing.TB, d *db.DB) *room {
	t.Helper()
	r := openRoom(t, d)
	r.hpa = r.source(Source{Name: "HPA", Publish: Auto})
	return r
}

// openRoom is a room without an agency, on a database that may have some.
func openRoom(t testing.TB, d *db.DB) *room {
	t.Helper()
	clock, log := &papertest.Clock{}, slog.New(slog.DiscardHandler)
	jobs := job.New(d, log)
	blobs, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	articles := &article.Store{DB: d, Jobs: jobs, Now: clock.Now, ID: db.NewID}
	pictures := &media.Store{DB: d, Blobs: blobs, Jobs: jobs, Now: clock.Now, ID: db.NewID, Log: log}
	job.Handle(jobs, article.DueKind, articles.ComeDue)
	job.Handle(jobs, media.DrawKind, pictures.Draw)
	if err := articles.SetSections(t.Context(), []article.Section{{Slug: "world", Name: "World"}}); err != nil {
		t.Fatal(err)
	}
	return &room{
		Store: &Store{
			DB: d, Articles: articles, Media: pictures, Keys: secret.NewKeyring(), Language: func() string { return "en" }, Now: clock.Now, ID: db.NewID, Log: log,
		},
		t: t, clock: clock,
	}
}

func (r *room) source(src Source) Source {
	r.t.Helper()
	src.Section = "world"
	src, err := r.AddSource(r.t.Context(), src)
	if err != nil {
		r.t.Fatal(err)
	}
	return src
}

// A doc is a ninjs document that a test writes. Its keys are the standard's.
type doc map[string]any

// version is a version of a story about a ferry.
func version(n int, more doc) doc {
	d := doc{
		"uri": "urn:hpa.example:ferry", "version": fmt.Sprint(n), "type": "text", "pubstatus": "usable",
		"headline": fmt.Sprint("Ferry ", n), "body_html": fmt.Sprintf("<p>This is what version %d says.</p>", n),
	}
	maps.Copy(d, more)
	return d
}

func (d doc) bytes() []byte {
	data, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return data
}

// deliver delivers documents, each by itself, and returns what was decided.
func (r *room) deliver(src Source, docs ...doc) (decisions []Decision) {
	r.t.Helper()
	for _, d := range docs {
		results, err := r.Deliver(r.t.Context(), src, db.NewID()+".json", d.bytes(), nil)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, res := range results {
			decisions = append(decisions, res.Decision)
		}
	}
	return decisions
}

// story is the article of a story, nil when there is none.
func (r *room) story(src Source, id string) *article.Article {
	r.t.Helper()
	var a string
	err := db.Found(r.DB.QueryRow(r.t.Context(), `select article from wire_story where source = $1 and id = $2`, src.ID, id).Scan(&a), "")
	if problem.Is(err, problem.NotFound) || a == "" {
		return nil
	}
	if err != nil {
		r.t.Fatal(err)
	}
	found, err := r.Articles.Get(r.t.Context(), r.DB, a)
	if err != nil {
		r.t.Fatal(err)
	}
	return found
}

// read is the headline that readers have of a story, or "404" or "410".
func (r *room) read(src Source, id string) string {
	r.t.Helper()
	a := r.story(src, id)
	if a == nil {
		return "404"
	}
	reading, _, err := r.Articles.Read(r.t.Context(), a.Section.Slug, a.Slug)
	switch {
	case problem.Is(err, problem.Gone):
		return "410"
	case problem.Is(err, problem.NotFound):
		return "404"
	case err != nil:
		r.t.Fatal(err)
	}
	return reading.Headline
}

// whole fails the test when Verify has anything to tell.
func (r *room) whole() {
	r.t.Helper()
	tell := func(sentence string) { r.t.Errorf("verify: %s", sentence) }
	if err := r.Verify(r.t.Context(), tell); err != nil {
		r.t.Fatal(err)
	}
	if err := r.Articles.Verify(r.t.Context(), tell); err != nil {
		r.t.Fatal(err)
	}
}

// count counts the rows that a query finds.
func (r *room) count(from string, args ...any) (n int) {
	r.t.Helper()
	if err := r.DB.QueryRow(r.t.Context(), `select count(*) from `+from, args...).Scan(&n); err != nil {
		r.t.Fatal(err)
	}
	return n
}

// photo draws a small picture; each shade is another one.
func photo(shade uint8) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 48, 32))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	img.Set(1, 1, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// beside opens the files of a folder that is a map.
func beside(files map[string][]byte) Beside {
	return func(name string) ([]byte, error) {
		data, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return data, nil
	}
}
