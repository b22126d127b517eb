package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// TestRedelivery delivers one story three times under three names, and each
// file twice.
func TestRedelivery(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := newRoom(t, d)
		two := []byte(" [" + string(version(1, nil).bytes()) + ",\n" + string(version(1, doc{"uri": "urn:hpa.example:quay"}).bytes()) + "]")
		for i, name := range []string{"a.json", "a.json", "b.json", "in/a.json", "b.json"} {
			results, err := r.Deliver(t.Context(), r.hpa, name, two, nil)
			if err != nil {
				t.Fatal(err)
			}
			want := []Decision{Kept, Kept}
			switch i {
			case 0:
				want = []Decision{Released, Released}
			case 1, 4:
				want = []Decision{Known}
			}
			if got := decisions(results); !slices.Equal(got, want) {
				t.Errorf("delivery %d, %s: %q, want %q", i+1, name, got, want)
			}
		}
		if a, rev := r.count("article"), r.count("revision"); a != 2 || rev != 2 {
			t.Errorf("%d articles, %d revisions", a, rev)
		}
		var raw []byte
		if err := d.QueryRow(t.Context(), `select raw from wire_delivery where name = 'b.json'`).Scan(&raw); err != nil || !bytes.Equal(raw, two) {
			t.Errorf("the delivery is kept as %q, %v", raw, err)
		}
		// Another source's story of the same id is another story.
		other := r.source(Source{Name: "Kestrel", Publish: Auto})
		if got := r.deliver(other, version(1, nil)); !slices.Equal(got, []Decision{Released}) {
			t.Errorf("of another source: %q", got)
		}
		r.whole()
		execute(t, d, `update wire_delivery set raw = $1 where name = 'b.json'`, []byte("other bytes"))
		var told []string
		if err := r.Verify(t.Context(), func(s string) { told = append(told, s) }); err != nil || len(told) != 1 || !strings.Contains(told[0], "b.json") {
			t.Errorf("changed bytes: %q, %v", told, err)
		}
	})
}

func decisions(results []Result) (list []Decision) {
	for _, r := range results {
		list = append(list, r.Decision)
	}
	return list
}

func execute(t *testing.T, d *db.DB, sql string, args ...any) {
	t.Helper()
	err := d.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestVerifyRecall puts back by hand what an agency has killed.
func TestVerifyRecall(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	r.deliver(r.hpa, version(1, nil), version(2, doc{"pubstatus": "canceled"}))
	r.whole()
	a := r.story(r.hpa, "urn:hpa.example:ferry")
	err := r.DB.Tx(t.Context(), func(tx *db.Tx) error { return r.Articles.Restore(t.Context(), tx, a.ID, "the editors") })
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	if err := r.Verify(t.Context(), func(s string) { told = append(told, s) }); err != nil || len(told) != 1 || !strings.Contains(told[0], "urn:hpa.example:ferry") {
		t.Errorf("a killed story that readers have: %q, %v", told, err)
	}
}

// TestQuarantine holds that what cannot be read is kept as it came, with the
// reason, once.
func TestQuarantine(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		damaged := []byte("<?xml version='1.0'?><newsItem xmlns='http://iptc.org/std/nar/2006-10-01/'><unclosed")
		results, err := r.Deliver(ctx, r.hpa, "damaged.xml", damaged, nil)
		if err != nil || len(results) != 1 || results[0].Decision != Quarantined || results[0].Reason == "" {
			t.Fatalf("Deliver = %+v, %v", results, err)
		}
		again, err := r.Deliver(ctx, r.hpa, "damaged.xml", damaged, nil)
		if err != nil || again[0].Decision != Known {
			t.Errorf("again: %+v, %v", again, err)
		}
		var raw []byte
		var state, reason string
		err = d.QueryRow(ctx, `select raw, state, reason from wire_delivery`).Scan(&raw, &state, &reason)
		if err != nil || !bytes.Equal(raw, damaged) || state != "quarantined" || reason != results[0].Reason {
			t.Errorf("kept %q, %s, %q, %v", raw, state, reason, err)
		}

		// A file that is too large is known by its size and not read.
		for i, want := range []Decision{Quarantined, Known} {
			results, err := r.Refuse(ctx, r.hpa, "large.xml", 3<<30)
			if err != nil || results[0].Decision != want {
				t.Errorf("refused %d: %+v, %v", i+1, results, err)
			}
		}
		var size int64
		if err := d.QueryRow(ctx, `select size, raw, reason from wire_delivery where name = 'large.xml'`).Scan(&size, &raw, &reason); err != nil ||
			size != 3<<30 || len(raw) != 0 || !strings.Contains(reason, "3072 MB") {
			t.Errorf("kept %d bytes of %d, %q, %v", len(raw), size, reason, err)
		}
		r.whole()
	})
}

// TestNotesStayInside holds that nothing of what an agency tells editors is in
// an article, whatever the format.
func TestNotesStayInside(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	files := []string{"ninjs1-superdesk.json", "ninjs3-picture.json", "ninjs-answer.json", "nitf-embargo.xml"}
	for _, pattern := range []string{"testdata/*.*", "testdata/newsml/*.xml"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Deliver(t.Context(), r.hpa, file, data, everyPicture); err != nil {
			t.Fatal(err)
		}
	}
	note := "canary heron: call +00 555 0199"
	r.deliver(r.hpa, version(1, doc{
		"ednote": note, "usageterms": note, "signal": note, "body_nonpublic": "<p>" + note + "</p>", "slugline": note,
		"associations": doc{"main": doc{
			"type": "picture", "ednote": note, "usageterms": note,
			"renditions": doc{"original": doc{"href": "p.jpg", "mimetype": "image/jpeg"}},
		}},
	}))
	rows, err := r.DB.Query(t.Context(), `select content from revision order by article, number`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var content string
		if err := rows.Scan(&content); err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"canary", "heron", "555"} {
			if strings.Contains(content, word) {
				t.Errorf("an article holds %q: %s", word, content)
			}
		}
		n++
	}
	if n < 10 {
		t.Errorf("%d articles were looked at", n)
	}
	var kept int
	if err := r.DB.QueryRow(t.Context(), `select count(*) from wire_item where content like '%heron%'`).Scan(&kept); err != nil || kept != 1 {
		t.Errorf("%d items keep the note for editors, %v", kept, err)
	}
}

func everyPicture(string) ([]byte, error) { return photo(40), nil }

// TestPictures holds what becomes of the pictures beside a text.
func TestPictures(t *testing.T) {
	r, ctx := newRoom(t, papertest.SQLite(t)), t.Context()
	page, err := os.ReadFile("testdata/newsml/v1-web.xml")
	if err != nil {
		t.Fatal(err)
	}
	deliver := func(src Source, name string, data []byte, files Beside) *article.Article {
		t.Helper()
		results, err := r.Deliver(ctx, src, name, data, files)
		if err != nil || len(results) != 1 {
			t.Fatalf("%+v, %v", results, err)
		}
		return r.story(src, results[0].ID)
	}

	// One picture, in the body and beside it: it leads, once.
	a := deliver(r.hpa, "in/web.xml", page, beside(map[string][]byte{"in/photo0-hd.jpg": photo(1), "photo0-hd.jpg": photo(2)}))
	if a.Lead.Picture == "" || a.Lead.Caption != "The school hall on Tuesday morning" || a.Lead.Credit != "INES HOLM / KNA" {
		t.Errorf("the lead is %+v", a.Lead)
	}
	if n := len(a.Body.Figures()); n != 0 {
		t.Errorf("the lead stands %d times in the body as well", n)
	}
	if p, err := r.Media.Pictures(ctx, a.Lead.Picture); err != nil || p[a.Lead.Picture].Width != 48 {
		t.Errorf("the picture is %+v, %v", p, err)
	}

	// It comes later: attached, and readers are not told of an update.
	kestrel := r.source(Source{Name: "Kestrel", Publish: Auto})
	a = deliver(kestrel, "in/web.xml", page, beside(nil))
	if a.Lead.Picture != "" || len(a.Body.Figures()) != 0 {
		t.Errorf("there is no picture, and the article has %+v", a.Lead)
	}
	r.clock.Add(3600e9)
	for _, name := range []string{"photo0-hd.jpg", "other/photo0-hd.jpg", "in/unnamed.jpg"} {
		if results, err := r.Attach(ctx, kestrel, name, everyPicture); err != nil || len(results) != 0 {
			t.Errorf("%s is attached: %+v, %v", name, results, err)
		}
	}
	// One that is gone before it is read, or is none yet, is still waited for.
	for _, files := range []map[string][]byte{nil, {"in/photo0-hd.jpg": photo(3)[:40]}} {
		if results, err := r.Attach(ctx, kestrel, "in/photo0-hd.jpg", beside(files)); err != nil || len(results) != 0 {
			t.Errorf("nothing is attached: %+v, %v", results, err)
		}
	}
	results, err := r.Attach(ctx, kestrel, "in/photo0-hd.jpg", beside(map[string][]byte{"in/photo0-hd.jpg": photo(3)}))
	if err != nil || len(results) != 1 || results[0].Decision != Updated {
		t.Errorf("Attach = %+v, %v", results, err)
	}
	if a = r.story(kestrel, results[0].ID); a.Lead.Picture == "" || !a.Updated.IsZero() || a.Revision != 2 {
		t.Errorf("attached: %+v, updated %v, revision %d", a.Lead, a.Updated, a.Revision)
	}
	if results, err := r.Attach(ctx, kestrel, "in/photo0-hd.jpg", everyPicture); err != nil || len(results) != 0 {
		t.Errorf("attached again: %+v, %v", results, err)
	}

	// A picture by itself waits for its file, and is an article then.
	alone := version(1, doc{
		"uri": "urn:hpa.example:alone", "type": "picture", "headline": "Fog", "description_text": "Fog on the quay.", "byline": "Ole Brandt",
		"renditions": doc{"original": doc{"href": "fog.jpg", "mimetype": "image/jpeg"}},
	})
	if got := r.deliver(kestrel, alone); !slices.Equal(got, []Decision{Kept}) {
		t.Errorf("a picture without its file: %q", got)
	}
	if results, err = r.Attach(ctx, kestrel, "fog.jpg", everyPicture); err != nil || len(results) != 1 || results[0].Decision != Released {
		t.Errorf("its file: %+v, %v", results, err)
	}
	if a = r.story(kestrel, "urn:hpa.example:alone"); a.Headline != "Fog" || a.Lead.Caption != "Fog on the quay." || a.Lead.Credit != "Ole Brandt" {
		t.Errorf("a picture by itself: %q, %+v", a.Headline, a.Lead)
	}

	// Figures keep their places, captions and credits; pictures that have not
	// come, or are broken, are left out and the story is not.
	a = deliver(kestrel, "four.xml", fourPictures(), beside(map[string][]byte{"one.jpg": photo(10), "two.jpg": photo(20), "broken.jpg": []byte("\xff\xd8\xffbroken")}))
	if a.Lead.Caption != "Caption of one.jpg" || a.Lead.Credit != "OLE BRANDT / KNA" {
		t.Errorf("the lead is %+v", a.Lead)
	}
	var kinds []string
	for _, b := range a.Body.Blocks {
		kinds = append(kinds, string(b.Kind)+" "+richtext.Plain(b.Text))
	}
	want := []string{"paragraph Before.", "figure Caption of two.jpg", "paragraph Between.", "paragraph After."}
	if !slices.Equal(kinds, want) || a.Body.Figures()[0].Credit != "OLE BRANDT / KNA" {
		t.Errorf("the body is %q, want %q", kinds, want)
	}
	r.whole()
}

// fourPictures is a story of the web product of an agency, with four pictures.
func fourPictures() []byte {
	var b strings.Builder
	b.WriteString(`<NewsML Version="1.2"><NewsItem xml:lang="en"><Identification><NewsIdentifier><ProviderId>kestrel.example</ProviderId>
		<DateId>20260303</DateId><NewsItemId>doc.four</NewsItemId><RevisionId PreviousRevision="0" Update="N">1</RevisionId></NewsIdentifier></Identification>
		<NewsManagement><NewsItemType FormalName="News"/><Status FormalName="Usable"/></NewsManagement>
		<NewsComponent><NewsLines><HeadLine>Four pictures</HeadLine></NewsLines>
		<NewsComponent><Role FormalName="Main"/><ContentItem><MediaType FormalName="Text"/><Format FormalName="bcNITF2.5"/><DataContent><p>Before.</p>
		<media media-type="image"><media-reference mime-type="image/jpeg" data-location="#photo1"/></media><p>Between.</p>
		<media media-type="image"><media-reference mime-type="image/jpeg" data-location="#photo2"/></media>
		<media media-type="image"><media-reference mime-type="image/jpeg" data-location="#photo3"/></media><p>After.</p></DataContent></ContentItem></NewsComponent>`)
	for i, name := range []string{"one.jpg", "two.jpg", "three.jpg", "broken.jpg"} {
		fmt.Fprintf(&b, `<NewsComponent Duid="photo%d"><NewsLines><CreditLine>OLE BRANDT / KNA</CreditLine></NewsLines>
			<NewsComponent><Role FormalName="Caption"/><ContentItem><Format FormalName="bcNITF2.5"/><DataContent><p>Caption of %s</p></DataContent></ContentItem></NewsComponent>
			<NewsComponent><Role FormalName="HighDef"/><ContentItem Href="%[2]s"><Format FormalName="JPEG"/></ContentItem></NewsComponent></NewsComponent>`, i, name)
	}
	b.WriteString(`</NewsComponent></NewsItem></NewsML>`)
	return []byte(b.String())
}

// TestHostileNames holds that no name of a picture leads out of the folder or
// to another machine, and that none stops its story.
func TestHostileNames(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	for i, href := range []string{
		"../secret.jpg", "a/../../secret.jpg", "/etc/secret.jpg", "//evil.example/p.jpg", "http://evil.example/p.jpg", "https://evil.example/p.jpg",
		"file:///etc/secret.jpg", `..\secret.jpg`, `C:\secret.jpg`, "data:image/jpeg;base64,AAAA", ".", "..", "", "p\x00.jpg", strings.Repeat("a", 3000) + ".jpg",
	} {
		id := fmt.Sprint("urn:hpa.example:hostile-", i)
		d := version(1, doc{
			"uri": id, "body_html": fmt.Sprintf(`<p>A story.</p><figure><img src=%q></figure>`, href),
			"associations": doc{"main": doc{"type": "picture", "renditions": doc{"original": doc{"href": href, "mimetype": "image/jpeg"}}}},
		})
		var opened []string
		results, err := r.Deliver(t.Context(), r.hpa, "in/story.json", d.bytes(), func(name string) ([]byte, error) {
			opened = append(opened, name)
			return nil, errors.New("this cannot be read")
		})
		if err != nil || len(results) != 1 || results[0].Decision != Released {
			t.Errorf("%.40q: %+v, %v", href, results, err)
			continue
		}
		for _, name := range opened {
			if !fs.ValidPath(name) || !strings.HasPrefix(name, "in/") {
				t.Errorf("%.40q opens %q", href, name)
			}
		}
		if a := r.story(r.hpa, id); len(a.Body.Figures()) > 0 || a.Lead.Picture != "" {
			t.Errorf("%.40q: %+v", href, a.Content)
		}
	}
}

// TestLongParts holds that parts as long as formats let them be make an article.
func TestLongParts(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	long := strings.Repeat("Long words ", 1000)
	results, err := r.Deliver(t.Context(), r.hpa, "long.json", version(1, doc{
		"headline": long, "description_text": long, "byline": long, "located": long, "copyrightnotice": "© 2026 " + long, "source": long,
		"associations": doc{"main": doc{
			"type": "picture", "headline": long, "description_text": long, "byline": long, "source": long,
			"renditions": doc{"original": doc{"href": "p.jpg", "mimetype": "image/jpeg"}},
		}},
		"body_html": `<p>A story.</p><figure><img src="p.jpg" alt="` + long + `"><figcaption>` + long + `</figcaption></figure>`,
	}).bytes(), everyPicture)
	if err != nil || len(results) != 1 || results[0].Decision != Released {
		t.Fatalf("%+v, %v", results, err)
	}
}

func TestSources(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		for _, test := range []struct {
			source Source
			want   problem.Kind
		}{
			{Source{Name: " ", Section: "world", Publish: Auto}, problem.Invalid},
			{Source{Name: strings.Repeat("x", 61), Section: "world", Publish: Auto}, problem.Invalid},
			{Source{Name: "KNA", Section: "world", Publish: "now"}, problem.Invalid},
			{Source{Name: "KNA", Section: "nowhere", Publish: Auto}, problem.Invalid},
			{Source{Name: "HPA", Section: "world", Publish: Auto}, problem.Conflict},
		} {
			if _, err := r.AddSource(ctx, test.source); !problem.Is(err, test.want) {
				t.Errorf("%+v: %v", test.source, err)
			}
		}
		added := r.source(Source{Name: " Kestrel ", Publish: Hold, Feeds: true, Folder: "/in"})
		found, err := r.Source(ctx, "Kestrel")
		if err != nil || found != added {
			t.Errorf("Source = %+v, %v; want %+v", found, err, added)
		}
		if _, err := r.Source(ctx, "AFP"); !problem.Is(err, problem.NotFound) {
			t.Errorf("a source that is not: %v", err)
		}
		list, err := r.Sources(ctx)
		if err != nil || len(list) != 2 || list[0].Name != "HPA" {
			t.Errorf("Sources = %+v, %v", list, err)
		}
	})
}
