package newsroom

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// shot is a JPEG of a shade, with IPTC words.
func shot(t testing.TB, shade uint8, caption, credit string) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 60, 40))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	img.SetGray(3, 3, color.Gray{Y: 255})
	var b bytes.Buffer
	check(t, jpeg.Encode(&b, img, nil))
	data, err := media.Embed(b.Bytes(), media.Meta{Caption: caption, Credit: credit})
	check(t, err)
	return data
}

// posts sends bytes of a type.
func (h *house) posts(target, token, kind string, content []byte) (*http.Response, string) {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, here+target, bytes.NewReader(content))
	r.Header.Set("Content-Type", kind)
	return h.send(r, token, "Accept", "application/json")
}

// sends sends a picture in two pieces, and returns its id.
func (h *house) sends(token string, data []byte) string {
	h.t.Helper()
	_, body := h.posts("/newsroom/uploads", token, "application/json", fmt.Appendf(nil, `{"name":"x.jpg","size":%d}`, len(data)))
	var u uploadAnswer
	check(h.t, json.Unmarshal([]byte(body), &u))
	for _, end := range []int{len(data) / 2, len(data)} {
		_, body = h.posts(fmt.Sprintf("/newsroom/uploads/%s?from=%d", u.ID, u.Got), token, "application/octet-stream", data[u.Got:end])
		check(h.t, json.Unmarshal([]byte(body), &u))
	}
	if u.Picture == nil {
		h.t.Fatalf("no picture came of it: %s", body)
	}
	return u.Picture.ID
}

// draws makes the renditions that wait.
func (h *house) draws(ids ...string) {
	h.t.Helper()
	for _, id := range ids {
		check(h.t, h.Work.Media.Draw(h.t.Context(), media.Drawing{ID: id}))
	}
}

// TestUploads sends pictures as the script does.
func TestUploads(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		ana := h.own(h.hires("Ana", reader.Contributor), reader.Contributor)
		other := h.own(h.hires("Bo", reader.Contributor), reader.Contributor)
		data := shot(t, 10, "The quay at noon", "Ada Ink/HPA")
		id := h.sends(ana, data)
		_, body := h.asks(http.MethodGet, "/newsroom/pictures/find?q=noon", ana)
		if want := fmt.Sprintf(`[{"id":%q,"caption":"The quay at noon","credit":"Ada Ink/HPA","alt":""}]`, id); body != want {
			t.Errorf("it is found as %s, want %s", body, want)
		}
		res, body := h.asks(http.MethodGet, "/newsroom/pictures/"+id+"/original", ana)
		if body != string(data) || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("the original: %d, %q", len(body), res.Header)
		}

		_, body = h.posts("/newsroom/uploads", ana, "application/json", []byte(`{"name":"x","size":9}`))
		var u uploadAnswer
		check(t, json.Unmarshal([]byte(body), &u))
		at := "/newsroom/uploads/" + u.ID
		for _, test := range []struct {
			what, target, token, kind, content string
			status                             int
			said                               string
		}{
			{"somebody else's", at + "?from=0", other, "application/octet-stream", "x", http.StatusNotFound, "not on its way"},
			{"no place", at, ana, "application/octet-stream", "x", http.StatusUnprocessableEntity, "could not be read"},
			{"more than was said", at + "?from=0", ana, "application/octet-stream", "0123456789", http.StatusUnprocessableEntity, "More came"},
			{"more than a piece", at + "?from=0", ana, "application/octet-stream", strings.Repeat("x", media.MaxPiece+1), http.StatusRequestEntityTooLarge, ""},
			{"what is no picture", at + "?from=0", ana, "application/octet-stream", "%PDF-1.7.", http.StatusUnsupportedMediaType, "This is a PDF"},
			{"what is gone then", at + "?from=0", ana, "application/octet-stream", "%PDF-1.7.", http.StatusNotFound, "not on its way"},
			{"an endless one", "/newsroom/uploads", ana, "application/json", `{"name":"x","size":99999999}`, http.StatusRequestEntityTooLarge, "100 MB"},
			{"no sizes", "/newsroom/uploads", ana, "application/json", `{`, http.StatusUnprocessableEntity, "could not be read"},
			{"bytes where a form belongs", "/newsroom/articles", ana, "application/octet-stream", "x", http.StatusUnsupportedMediaType, ""},
			{"a giving up", at + "/cancel", ana, "application/json", "", http.StatusNoContent, ""},
		} {
			res, body := h.posts(test.target, test.token, test.kind, []byte(test.content))
			if res.StatusCode != test.status || !strings.Contains(body, test.said) {
				t.Errorf("%s: %d %s", test.what, res.StatusCode, body)
			}
		}
		res, body = h.posts("/newsroom/uploads", "", "application/json", []byte(`{"name":"x","size":9}`))
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("nobody: %d %s", res.StatusCode, body)
		}
	})
}

// TestPicturesWithoutScript sends a form with three files, one of them no picture.
func TestPicturesWithoutScript(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	ana := h.own(h.hires("Ana", reader.Contributor), reader.Contributor)
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for _, f := range []struct {
		name    string
		content []byte
	}{{"one.jpg", shot(t, 1, "One", "x")}, {"two.jpg", shot(t, 2, "Two", "x")}, {"notes.txt", []byte("no picture")}} {
		w, err := form.CreateFormFile("pictures", f.name)
		check(t, err)
		_, err = w.Write(f.content)
		check(t, err)
	}
	check(t, form.Close())
	res, body := h.posts("/newsroom/pictures", ana, form.FormDataContentType(), b.Bytes())
	if res.StatusCode != http.StatusOK {
		t.Errorf("it answers %d", res.StatusCode)
	}
	shows(t, body, "<b>one.jpg</b> Arrived.", "<b>two.jpg</b> Arrived.", "This is not a picture that we know", "<span>One</span>", "<span>Two</span>")
}

// TestPicture describes a picture, lends it for a time, replaces and deletes it.
func TestPicture(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		idaID := h.hires("Ida", reader.Editor)
		ida := h.own(idaID, reader.Editor)
		ana := h.own(h.hires("Ana", reader.Contributor), reader.Contributor)
		old, fresh := h.sends(ida, shot(t, 10, "The quay", "Ada Ink")), h.sends(ida, shot(t, 200, "The quay by night", "Bo Ink"))
		h.draws(old, fresh)
		at := "/newsroom/pictures/" + old
		res, body := h.asks(http.MethodGet, at, ida)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("it answers %d\n%s", res.StatusCode, body)
		}
		shows(t, body, "The quay", `value="Ada Ink"`, "It stands nowhere.", "JPEG, 60 × 40 pixels", "Delete this picture", "May be shown without end.")
		_, body = h.asks(http.MethodGet, at, ana)
		shows(t, body, "readonly", "An editor, or whoever sent this picture")
		if strings.Contains(body, "Delete this picture") || strings.Contains(body, `name="until"`) {
			t.Error("a contributor is shown what only editors may do")
		}
		res, _ = h.fills(at, ana, "caption", "Mine", "seen", "0")
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("a contributor changes the words of a colleague's picture: %d", res.StatusCode)
		}

		// Words and the focal point.
		res, body = h.fills(at, ida, "caption", "The quay at noon", "credit", "Ada Ink/HPA", "x", "20", "y", "101", "seen", "0")
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a point outside: %d", res.StatusCode)
		}
		shows(t, body, "A focal point lies inside the picture", "The quay at noon", `value="101"`)
		h.fills(at, ida, "caption", "The quay at noon", "credit", "Ada Ink/HPA", "x", "20", "y", "90", "seen", "0")
		_, body = h.asks(http.MethodGet, at+"?done=words", ida)
		shows(t, body, "What is said of the picture is saved.", `value="Ada Ink/HPA"`, "fx1 fy4", `value="20"`, "What the file says", "<dd>The quay</dd>")
		res, body = h.fills(at, ida, "caption", "Too late", "seen", "0")
		if res.StatusCode != http.StatusConflict {
			t.Errorf("words that somebody has changed meanwhile: %d", res.StatusCode)
		}
		shows(t, body, "Somebody has changed the words", "Too late")

		// Rights.
		res, body = h.fills(at+"/rights", ida, "until", "someday", "rights", "x")
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a day that is none: %d", res.StatusCode)
		}
		shows(t, body, "Choose a day.", `value="someday"`)
		day := h.clock.Now().In(h.Paper.Zone).AddDate(0, 0, 3)
		h.fills(at+"/rights", ida, "until", day.Format("2006-01-02"), "rights", "Lent by the museum.")
		_, body = h.asks(http.MethodGet, at, ida)
		shows(t, body, "Until "+day.Format("Jan"), `value="`+day.Format("2006-01-02")+`"`, "Lent by the museum.")
		_, body = h.asks(http.MethodGet, "/newsroom/pictures?view=ending", ida)
		shows(t, body, "The quay at noon")
		for _, view := range []string{"bare", "unused&q=harbour"} {
			if _, body = h.asks(http.MethodGet, "/newsroom/pictures?view="+view, ida); !strings.Contains(body, "No picture is like this.") {
				t.Errorf("%s is not empty", view)
			}
		}

		// Where it stands, and what takes its place.
		story := h.drafts(ida)
		id := story[strings.LastIndexByte(story, '/')+1:]
		_, body = h.asks(http.MethodGet, story, ida)
		version, open := regexp.MustCompile(`data-version="(\d+)"`).FindStringSubmatch(body)[1], regexp.MustCompile(`data-page="([^"]+)"`).FindStringSubmatch(body)[1]
		res, body = h.fills(story, ida, "version", version, "page", open, "source", "<p>x</p>", "headline", "At the quay", "section", "city", "kind", "news",
			"language", "en", "lead_picture", old, "act", "publish")
		if res.StatusCode != http.StatusSeeOther {
			t.Fatalf("publishing: %d\n%s", res.StatusCode, body)
		}
		_, body = h.asks(http.MethodGet, at, ida)
		shows(t, body, "At the quay", "Replace everywhere")
		res, _ = h.fills(at+"/delete", ida)
		if res.StatusCode != http.StatusConflict {
			t.Errorf("a picture that stands somewhere is deleted: %d", res.StatusCode)
		}
		res, body = h.fills(at+"/replace", ida, "by", "none")
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("by none: %d", res.StatusCode)
		}
		shows(t, body, "Choose the picture that takes its place.", `value="none"`)
		res, _ = h.fills(at+"/replace", ida, "by", fresh)
		to := res.Header.Get("Location")
		if want := "/newsroom/pictures/" + fresh + "?done=replaced&n=1&undo=" + old; to != want {
			t.Fatalf("it leads to %s, want %s", to, want)
		}
		_, body = h.asks(http.MethodGet, to, ida)
		shows(t, body, "in the place of the old one in 1 article", "Put the old picture back", "At the quay")
		a, err := h.Articles.Get(t.Context(), h.db, id)
		check(t, err)
		if a.Lead.Picture != fresh || a.Lead.Credit != "Bo Ink" {
			t.Errorf("the article has %+v", a.Lead)
		}

		// Readers have the picture while they may.
		key := ""
		found, err := h.Work.Media.Pictures(t.Context(), fresh)
		check(t, err)
		key = found[fresh].Renditions[0].Key
		if res, _ := h.asks(http.MethodGet, "/media/"+key, ""); res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Cache-Control"), "max-age=86400") {
			t.Errorf("the picture: %d, %s", res.StatusCode, res.Header)
		}
		_, body = h.asks(http.MethodGet, "/category/city/"+a.Slug, "")
		shows(t, body, "/media/"+key)
		h.fills("/newsroom/pictures/"+fresh+"/rights", ida, "until", h.clock.Now().In(h.Paper.Zone).Format("2006-01-02"), "rights", "")
		h.Hears(t)
		if res, _ := h.asks(http.MethodGet, "/media/"+key, ""); strings.Contains(res.Header.Get("Cache-Control"), "max-age=86400") {
			t.Errorf("browsers keep the picture beyond its end: %s", res.Header)
		}
		_, body = h.asks(http.MethodGet, "/category/city/"+a.Slug, "")
		shows(t, body, "/media/"+key)
		h.clock.Add(24 * time.Hour)
		ida = h.own(idaID, reader.Editor)
		if res, _ := h.asks(http.MethodGet, "/media/"+key, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("the picture after its end: %d", res.StatusCode)
		}
		if _, body = h.asks(http.MethodGet, "/category/city/"+a.Slug, ""); strings.Contains(body, key) || strings.Contains(body, "Bo Ink") || !strings.Contains(body, "At the quay") {
			t.Error("the article after the end of the picture's rights still shows it, or is gone")
		}
		if res, _ := h.asks(http.MethodGet, "/newsroom/media/"+key, ida); res.StatusCode != http.StatusOK {
			t.Errorf("a colleague does not see it any more: %d", res.StatusCode)
		}
		res, _ = h.fills(at+"/delete", ida)
		if res.StatusCode != http.StatusSeeOther {
			t.Errorf("deleting: %d", res.StatusCode)
		}
		if res, _ := h.asks(http.MethodGet, at, ida); res.StatusCode != http.StatusNotFound {
			t.Errorf("a deleted picture: %d", res.StatusCode)
		}
		var acts int
		check(t, h.db.QueryRow(t.Context(), `select count(*) from audit where act like 'picture.%'`).Scan(&acts))
		if acts != 4 {
			t.Errorf("%d entries of the audit log tell of pictures, want two about rights, one of a replacement, one of the deletion", acts)
		}
	})
}

// TestCropsAreHonest holds the sheet of the library against that of the site: what
// an editor sees cropped is what readers see.
func TestCropsAreHonest(t *testing.T) {
	ours, err := os.ReadFile("pictures.css")
	check(t, err)
	theirs, err := os.ReadFile("../site/base.css")
	check(t, err)
	rule := regexp.MustCompile(`(?m)^\.f[xy]\d \{.*$|object-position:[^;]+;`)
	for _, r := range rule.FindAll(theirs, -1) {
		if !bytes.Contains(ours, r) {
			t.Errorf("pictures.css lacks %s", r)
		}
	}
	for _, name := range []string{"front.css", "section.css"} {
		css, err := os.ReadFile("../site/" + name)
		check(t, err)
		for _, ratio := range regexp.MustCompile(`aspect-ratio: [^;]+`).FindAll(css, -1) {
			if !bytes.Contains(ours, ratio) {
				t.Errorf("%s crops to %s, which the library does not show", name, ratio)
			}
		}
	}
}

// TestPicturePlace is about the room that a picture has on its page before it comes.
func TestPicturePlace(t *testing.T) {
	for _, test := range []struct{ width, height, w, h int }{{1600, 1067, 815, 544}, {1067, 1600, 362, 544}, {300, 200, 300, 200}, {1, 16000, 1, 544}} {
		if w, h := fits(test.width, test.height); w != test.w || h != test.h {
			t.Errorf("%d by %d is shown at %d by %d, want %d by %d", test.width, test.height, w, h, test.w, test.h)
		}
	}
}
