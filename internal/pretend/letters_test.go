package pretend

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kawaraban/internal/mail"
)

// TestLetters reads what package mail writes, and shows it to who sits here.
func TestLetters(t *testing.T) {
	outbox := t.TempDir()
	p := &Provider{URL: "http://127.0.0.1:8083", Name: "Pretend ID", Outbox: outbox}
	get := func(host, from, path string) (int, string) {
		r := httptest.NewRequest("GET", "http://"+host+path, nil)
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	if status, body := get("localhost:8083", "127.0.0.1:5", "/letters"); status != 200 || !strings.Contains(body, "There are none yet") {
		t.Errorf("an empty mailbox: %d\n%s", status, body)
	}
	s := &mail.Sender{From: "paper@paper.example", FromName: "紙", Outbox: outbox}
	letter := mail.Message{
		To: "zoe@post.example", ToName: "Zoë", Subject: "「確認」 & <b>", Text: "Text é", HTML: `<p title="x">Hällo <a href="http://127.0.0.1:8080/x?token=1">Confirm</a></p>`,
	}
	if err := s.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(outbox, "9-broken.eml"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(outbox, "2*.eml"))
	if len(files) != 1 {
		t.Fatalf("the outbox holds %v", files)
	}
	name := filepath.Base(files[0])
	if status, body := get("127.0.0.1:8083", "[::1]:5", "/letters"); status != 200 || !strings.Contains(body, `href="/letters/`+name+`">「確認」 &amp; &lt;b&gt;`) {
		t.Errorf("the mailbox: %d\n%s", status, body)
	}
	if status, body := get("127.0.0.1:8083", "127.0.0.1:5", "/letters/"+name); status != 200 ||
		!strings.Contains(body, `srcdoc="&lt;base target=&#34;_top&#34;&gt;`) || !strings.Contains(body, "H&auml;llo") && !strings.Contains(body, "Hällo") || !strings.Contains(body, "<pre>Text é") {
		t.Errorf("the letter: %d\n%s", status, body)
	}
	for _, test := range []struct{ host, from, path string }{
		{"127.0.0.1:8083", "192.0.2.1:5", "/letters"},
		{"evil.example:8083", "127.0.0.1:5", "/letters"}, // a name that was made to point here
		{"evil.example", "127.0.0.1:5", "/letters/" + name},
		{"127.0.0.1:8083", "127.0.0.1:5", "/letters/..%2f..%2fetc%2fpasswd"},
		{"127.0.0.1:8083", "127.0.0.1:5", "/letters/none.eml"},
	} {
		if status, body := get(test.host, test.from, test.path); status != 403 && status != 404 {
			t.Errorf("%v: %d\n%s", test, status, body)
		}
	}
}
