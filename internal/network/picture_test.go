package network

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// TestPictures draws a sister's pictures anew, and serves them while it is on.
func TestPictures(t *testing.T) {
	x := newSister(t)
	k := newKit(t, papertest.SQLite(t), x)
	ctx := t.Context()
	l := x.list(k.clock.Now(), "One", "Two", "Three")
	var b bytes.Buffer
	check(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 900, 600)), nil))
	for n, path := range []string{"/1.jpg", "/2.svg", "/3.jpg"} {
		l.Items[n].Picture = &Picture{x.URL + path, 900, 600}
	}
	document := x.signed(t, l)
	x.says(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case trendingPath:
			w.Write(document)
		case "/1.jpg":
			w.Write(b.Bytes())
		case "/2.svg":
			io.WriteString(w, `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)
		default:
			http.NotFound(w, r)
		}
	})
	id := k.befriend(x)
	check(t, k.Draw(ctx, Drawing{id}))
	check(t, k.Draw(ctx, Drawing{id})) // what could not be had waits
	check(t, k.Refresh(ctx))
	items := k.Panel().Items
	if items[0].Picture == "" || items[0].Width != 320 || items[0].Height != 213 || items[1].Picture != "" || items[2].Picture != "" {
		t.Fatalf("the panel has %+v", items)
	}
	if x.asked != 2+3 { // Add, Take, three pictures
		t.Errorf("the sister was asked %d times", x.asked)
	}
	name := strings.TrimPrefix(items[0].Picture, "/network/picture/")
	f, err := k.OpenPicture(ctx, name)
	check(t, err)
	if data, _ := io.ReadAll(f); !bytes.HasPrefix(data, []byte("\xff\xd8")) || bytes.Equal(data, b.Bytes()) {
		t.Error("it is served as it came")
	}
	f.Close()
	for _, bad := range []string{"", "x.jpg", "../../secret.jpg", strings.Repeat("a", 24) + ".jpg", strings.TrimSuffix(name, ".jpg")} {
		if _, err := k.OpenPicture(ctx, bad); !problem.Is(err, problem.NotFound) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	check(t, k.Switch(ctx, "pia", id, false))
	check(t, k.Refresh(ctx))
	if _, err := k.OpenPicture(ctx, name); !problem.Is(err, problem.NotFound) {
		t.Errorf("switched off: %v", err)
	}
}

// TestFeed reads another's feed.
func TestFeed(t *testing.T) {
	x := newSister(t)
	k := newKit(t, papertest.SQLite(t), x)
	x.says(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/feed" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, `<rss version="2.0"><channel><title>Blog &amp;amp; more</title>
			<item><title>Tom &amp;amp; Jerry &lt;b&gt;</title><link>%[1]s/1</link><category>LIFE</category></item>
			<item><title>Elsewhere</title><link>https://elsewhere.example/</link></item>
			<item><title>Relative</title><link>/2#top</link></item></channel></rss>`, x.URL)
	})
	id, err := k.Add(t.Context(), "pia", x.URL+"/feed")
	check(t, err)
	check(t, k.Confirm(t.Context(), "pia", id, ""))
	s := k.take(id)
	if s.Source != Other || s.Name != "Blog & more" || !slices.Equal(k.titles(), []string{"Tom & Jerry <b>", "Relative"}) {
		t.Errorf("%+v shows %q", s, k.titles())
	}
	if i := k.Panel().Items; i[0].Category != "Life" || i[1].Address != x.URL+"/2" {
		t.Errorf("the items are %+v", i)
	}
}

const corpus = "../../../shared/data/feeds/gofeed-testdata.tar.gz"

// TestFeedCorpus reads other people's feeds, broken ones among them: what is kept may be
// shown.
func TestFeedCorpus(t *testing.T) {
	f, err := os.Open(corpus)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not here", corpus)
	}
	check(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	check(t, err)
	k := &Store{}
	files, kept := 0, 0
	for archive := tar.NewReader(z); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		check(t, err)
		if h.Typeflag != tar.TypeReg || h.Size > maxFeed {
			continue
		}
		data, err := io.ReadAll(archive)
		check(t, err)
		files++
		for _, host := range []string{"example.org", "example.com"} {
			p, err := placeOf("https://"+host, false)
			check(t, err)
			g := k.readFeed(data, p, reach{place: p.site()})
			held(t, p, g.List)
			kept += len(g.Items)
		}
	}
	if files < 100 {
		t.Errorf("only %d files were read", files)
	}
	t.Logf("%d files, %d items kept", files, kept)
}
