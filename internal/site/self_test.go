package site

import (
	"bytes"
	"context"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

func TestProfilePage(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		ana := p.insider("Ana")
		p.insider("Bob")
		if status, body := ana.look("/account"); status != http.StatusOK || !strings.Contains(body, "@ana") || !strings.Contains(body, "/account/leave") {
			t.Fatalf("the account shows %d\n%s", status, body)
		}
		before := p.page("/member/ana")
		if !strings.Contains(before, "Member since Nov. 3, 2025") || !strings.Contains(before, `content="noindex"`) {
			t.Errorf("the profile is\n%s", before)
		}
		status, body, _ := ana.send("/account/profile", url.Values{"name": {"Ana R"}, "handle": {"bob"}, "bio": {"<b>Baker</b>"}})
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "Somebody has this handle") || !strings.Contains(body, `value="Ana R"`) ||
			!strings.Contains(body, "&lt;b&gt;Baker") || !strings.Contains(body, `aria-describedby="e-handle"`) {
			t.Errorf("a handle that is taken: %d\n%s", status, body)
		}
		if to := ana.sends("/account/profile", url.Values{"name": {"Ana R"}, "handle": {"ana-r"}, "bio": {"<b>Baker</b>\nat the weir"}}); to != "/account/profile?done=profile" {
			t.Errorf("goes on to %s", to)
		}
		if _, body := ana.look("/account/profile?done=profile"); !strings.Contains(body, "Your profile is changed.") {
			t.Errorf("nothing is said:\n%s", body)
		}
		if status, _ := p.get("/member/ana"); status != http.StatusNotFound {
			t.Errorf("the address before answers %d", status)
		}
		after := p.page("/member/ana-r")
		if !strings.Contains(after, "&lt;b&gt;Baker&lt;/b&gt;\nat the weir") || !strings.Contains(after, "@ana-r") {
			t.Errorf("the profile is\n%s", after)
		}

		ana.sends("/account/profile/settings", url.Values{"language": {"ja"}, "letters": {"off"}})
		if _, body := ana.look("/account"); !strings.Contains(body, `<html lang="ja">`) || !strings.Contains(body, "アカウントの削除") {
			t.Errorf("the account in Japanese is\n%s", body)
		}
		r, err := p.Readers.ByID(t.Context(), ana.id)
		if err != nil || r.Letters != reader.LettersOff {
			t.Errorf("letters about answers still come: %v", err)
		}
		if status, _, _ := ana.send("/account/profile/settings", url.Values{"language": {"../x"}}); status != http.StatusUnprocessableEntity {
			t.Errorf("a language that there is not: %d", status)
		}

		check(t, p.Readers.SetRole(t.Context(), nil, ana.id, reader.Editor))
		p.tx(func(*db.Tx) error { return nil })
		if body := p.page("/member/ana-r"); !strings.Contains(body, "<em>Editor</em>") {
			t.Errorf("the profile of an editor is\n%s", body)
		}
	})
}

func TestPortraitPage(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	ana := p.insider("Ana")
	p.page("/member/ana")
	file := portraitSample(t)
	for name, test := range map[string]struct {
		file []byte
		code int
		said string
	}{
		"none":      {nil, http.StatusUnsupportedMediaType, "This file is empty."},
		"a page":    {[]byte("<html>"), http.StatusUnsupportedMediaType, "not a picture"},
		"a drawing": {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), http.StatusUnsupportedMediaType, "SVG"},
		"half":      {file[:len(file)/2], http.StatusUnprocessableEntity, "damaged"},
		"a big one": {append(bytes.Clone(file), make([]byte, maxPortrait)...), http.StatusRequestEntityTooLarge, `id="e-portrait">This file has 6 MB; the limit is 5.`},
		"huge":      {append(bytes.Clone(file), make([]byte, 5*maxPortrait)...), http.StatusRequestEntityTooLarge, "too large"},
	} {
		if status, body := ana.gives("/account/profile/portrait", "portrait", test.file); status != test.code || !strings.Contains(body, test.said) {
			t.Errorf("%s: %d, want %d and %q\n%s", name, status, test.code, test.said, body)
		}
	}
	if status, body := ana.gives("/account/profile/portrait", "portrait", file); status != http.StatusSeeOther {
		t.Fatalf("a picture: %d\n%s", status, body)
	}
	found := regexp.MustCompile(`src="(/portrait/[^"]+)"`).FindStringSubmatch(p.page("/member/ana"))
	if found == nil {
		t.Fatal("the profile shows no portrait")
	}
	res := p.do(httptest.NewRequest(http.MethodGet, "https://post.example"+found[1], nil))
	b, err := io.ReadAll(res.Body)
	check(t, err)
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil || img.Bounds().Dx() != media.PortraitSide || img.Bounds().Dy() != media.PortraitSide {
		t.Errorf("the portrait: %v", err)
	}
	for name, want := range map[string]string{
		"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": portraitLife,
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if status, _ := ana.gives("/account/profile/portrait", "portrait", file); status != http.StatusSeeOther {
		t.Error("the same picture again is refused")
	}
	if status, _ := p.get(found[1]); status != http.StatusNotFound {
		t.Errorf("a portrait that was replaced answers %d", status)
	}
	found = regexp.MustCompile(`src="(/portrait/[^"]+)"`).FindStringSubmatch(p.page("/member/ana"))
	ana.sends("/account/profile/portrait/remove", nil)
	if status, _ := p.get(found[1]); status != http.StatusNotFound {
		t.Errorf("a portrait that was removed answers %d", status)
	}
	if strings.Contains(p.page("/member/ana"), "/portrait/") {
		t.Error("the profile still shows it")
	}
}

// portraitSample is a photograph of the demo.
func portraitSample(t *testing.T) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "cmd", "kawaraban", "demo", "pictures", "*.jpg"))
	check(t, err)
	if len(files) == 0 {
		t.Fatal("the demo has no pictures")
	}
	slices.Sort(files)
	b, err := os.ReadFile(files[0])
	check(t, err)
	return b
}

func TestEmailPages(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		ana, bo := p.insider("Ana"), p.insider("Bob")
		p.posted()
		status, body, _ := ana.send("/account/email", url.Values{"email": {"no address"}})
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, `value="no address"`) || !strings.Contains(body, "One looks like name@example.com") {
			t.Errorf("no address: %d\n%s", status, body)
		}
		// R07: the same bytes for an address that has an account.
		status, taken, _ := ana.send("/account/email", url.Values{"email": {bo.email}})
		other, free, _ := ana.send("/account/email", url.Values{"email": {"ana@new.example"}})
		if status != http.StatusOK || other != status || taken != free {
			t.Errorf("the answers differ: %d and %d", status, other)
		}
		letters := p.posted()
		if letters[reader.EmailTaken] == nil || letters[reader.EmailTaken].To != bo.email {
			t.Errorf("the owner is not told: %v", letters)
		}
		link := p.linkIn(letters[reader.ConfirmEmail])
		if status, body := bo.look(link); status != http.StatusForbidden || !strings.Contains(body, "another account") {
			t.Errorf("the link of another account: %d\n%s", status, body)
		}
		if status, body := ana.look(link); status != http.StatusOK || !strings.Contains(body, "ana@new.example") {
			t.Errorf("the link: %d\n%s", status, body)
		}
		if to := ana.sends("/account/email/confirm", url.Values{"token": {tokenOf(t, link)}}); to != "/account?done=email" {
			t.Errorf("goes on to %s", to)
		}
		if status, body := ana.look(link); status != http.StatusGone || !strings.Contains(body, "/account/email") {
			t.Errorf("the link again: %d\n%s", status, body)
		}

		undo := p.linkIn(p.posted()[reader.EmailWasSet])
		nobody := &insider{press: p}
		if status, body := nobody.look(undo); status != http.StatusOK || !strings.Contains(body, ana.email) {
			t.Errorf("the link to undo it: %d\n%s", status, body)
		}
		status, body, _ = nobody.send("/account/email/undo", url.Values{"token": {tokenOf(t, undo)}})
		if status != http.StatusOK || !strings.Contains(body, "/forgot-password") {
			t.Errorf("undoing it: %d\n%s", status, body)
		}
		if status, _, res := ana.ask(httptest.NewRequest(http.MethodGet, "https://post.example/account", nil)); status != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/login") {
			t.Errorf("the session goes on: %d", status)
		}
		if status, _ := nobody.look(undo); status != http.StatusGone {
			t.Errorf("the link to undo it, again: %d", status)
		}
	})
}

func TestPasswordPage(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	ana := p.insider("Ana")
	second := &insider{press: p, email: ana.email}
	second.logIn(goodPassword)
	status, body, _ := ana.send("/account/password", url.Values{"password": {"short"}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "at least 12") || strings.Contains(body, `value="short"`) {
		t.Errorf("a short one: %d\n%s", status, body)
	}
	ana.sends("/account/password", url.Values{"password": {"a new and better one"}})
	if res := p.do(httptest.NewRequest(http.MethodGet, "https://post.example/.well-known/change-password", nil)); res.Header.Get("Location") != "/account/password" {
		t.Errorf("password managers are led to %q", res.Header.Get("Location"))
	}
	if status, _ := ana.look("/account?done=password"); status != http.StatusOK {
		t.Errorf("this session ends: %d", status)
	}
	if status, _ := second.look("/account"); status != http.StatusSeeOther {
		t.Errorf("the other session goes on: %d", status)
	}
	// After ten minutes one has to prove again who this is.
	p.clock.Add(reader.ProofLife)
	for _, path := range []string{"/account/password", "/account/email", "/account/leave", "/account/data", "/account/data/file?token=x"} {
		status, _, res := ana.ask(httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil))
		if to := res.Header.Get("Location"); status != http.StatusSeeOther || to != "/login/again?next="+url.QueryEscape(path) {
			t.Errorf("%s answers %d to %s", path, status, to)
		}
	}
}

func TestExportPages(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	p.clock.Set(time.Now()) // jobs for later are kept by the machine's own clock
	check(t, p.Readers.Jobs.Start(t.Context()))
	t.Cleanup(func() { check(t, p.Readers.Jobs.Stop(context.Background())) })
	ana := p.insider("Ana")
	status, body, _ := ana.send("/account/data", nil)
	if status != http.StatusOK || !strings.Contains(body, ana.email) {
		t.Fatalf("asking for the data: %d\n%s", status, body)
	}
	var letter string
	papertest.Eventually(t, func() bool {
		files, err := filepath.Glob(filepath.Join(p.Mail.Outbox, "*.eml"))
		check(t, err)
		for _, file := range files {
			b, err := os.ReadFile(file)
			check(t, err)
			if strings.Contains(string(b), "/account/data/file?token=3D") {
				letter = string(b)
			}
		}
		return letter != ""
	})
	letter = strings.ReplaceAll(strings.ReplaceAll(letter, "=\r\n", ""), "=\n", "")
	token := regexp.MustCompile(`/account/data/file\?token=3D([\w-]{43})`).FindStringSubmatch(letter)
	if token == nil {
		t.Fatalf("the letter has no link\n%s", letter)
	}
	bo := p.insider("Bob")
	if status, _ := bo.look("/account/data/file?token=" + token[1]); status != http.StatusForbidden {
		t.Errorf("another reader gets %d", status)
	}
	status, body, res := ana.ask(httptest.NewRequest(http.MethodGet, "https://post.example/account/data/file?token="+token[1], nil))
	if status != http.StatusOK || !strings.HasPrefix(body, "PK") || res.Header.Get("Content-Disposition") != `attachment; filename="ana.zip"` || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the file: %d, %v", status, res.Header)
	}
	if status, _ := ana.look("/account/data/file?token=forged"); status != http.StatusGone {
		t.Errorf("a forged link: %d", status)
	}
}

func TestLeavePages(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		ana := p.insider("Ana")
		p.page("/member/ana")
		if status, body, _ := ana.send("/account/leave", nil); status != http.StatusUnprocessableEntity || !strings.Contains(body, "Choose what becomes of your comments.") {
			t.Errorf("without a choice: %d\n%s", status, body)
		}
		ana.sends("/account/leave", url.Values{"comments": {"keep"}})
		if _, body := ana.look("/account"); !strings.Contains(body, "Your account will be erased on Nov. 17, 2025, 18:00 JST.") || !strings.Contains(body, "/account/leave/stay") {
			t.Errorf("the banner is not there\n%s", body)
		}
		letter, err := p.message(p.posted()[reader.LeaveBegins])
		check(t, err)
		if !strings.Contains(letter.Text, "will be erased on Nov. 17, 2025, 18:00 JST") {
			t.Errorf("the letter says\n%s", letter.Text)
		}
		ana.sends("/account/leave/stay", nil)
		if _, body := ana.look("/account?done=stay"); strings.Contains(body, "/account/leave/stay") || !strings.Contains(body, "Your account stays.") {
			t.Errorf("the banner is still there\n%s", body)
		}

		ana.sends("/account/leave", url.Values{"comments": {"remove"}})
		undo := p.linkIn(p.posted()[reader.LeaveBegins])
		nobody := &insider{press: p}
		if status, body := nobody.look(undo); status != http.StatusOK || !strings.Contains(body, "Keep my account") {
			t.Errorf("the link: %d\n%s", status, body)
		}
		if status, _, _ := nobody.send("/account/leave/undo", url.Values{"token": {tokenOf(t, undo)}}); status != http.StatusOK {
			t.Errorf("undoing it: %d", status)
		}

		ana.sends("/account/leave", url.Values{"comments": {"remove"}})
		undo = p.linkIn(p.posted()[reader.LeaveBegins])
		p.clock.Add(14*24*time.Hour + 2*time.Hour)
		check(t, p.Readers.Sweep(t.Context()))
		p.tx(func(*db.Tx) error { return nil })
		status, body := p.get("/member/ana")
		if status != http.StatusGone || !strings.Contains(body, "This member has left") {
			t.Errorf("the profile answers %d\n%s", status, body)
		}
		if status, body := nobody.look(undo); status != http.StatusGone || !strings.Contains(body, "cannot be brought back") {
			t.Errorf("the link, too late: %d\n%s", status, body)
		}
		if status, _ := p.get("/member/nobody"); status != http.StatusNotFound {
			t.Errorf("a profile that never was answers %d", status)
		}
	})
}

// TestCanaryMember looks for what others must not see of a reader.
func TestCanaryMember(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		in := p.insider("Canary-Mail")
		in.sends("/account/profile", url.Values{"name": {"Ida"}, "handle": {"ida"}, "bio": {"A reader."}})
		if status, _ := in.gives("/account/profile/portrait", "portrait", portraitSample(t)); status != http.StatusSeeOther {
			t.Fatal(status)
		}
		in.sends("/account/leave", url.Values{"comments": {"keep"}})
		for _, path := range []string{"/member/ida", "/", "/sitemap.xml", "/feed"} {
			res := p.do(httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil))
			_, body := p.get(path)
			if found := birds.FindString(body + fmt.Sprint(res.Header)); found != "" || strings.Contains(body, "readers.example") {
				t.Errorf("%s shows %s", path, found)
			}
			if path != "/member/ida" && strings.Contains(body, "/member/") {
				t.Errorf("%s leads to a profile", path)
			}
		}
		if body := p.page("/member/ida"); strings.Contains(body, "erased") {
			t.Errorf("the profile tells that the reader leaves\n%s", body)
		}
	})
}
