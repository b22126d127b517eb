package mail

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// sender returns a Sender of an invented paper whose letters do not change
// from run to run.
func sender(t *testing.T) *Sender {
	return &Sender{
		From: "post@harbour-courier.example", FromName: "The Harbour Courier", ReplyTo: "desk@harbour-courier.example",
		Outbox: filepath.Join(t.TempDir(), "outbox"),
		Now:    func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 8000, time.FixedZone("", 9*3600)) },
		ID:     func() string { return "01HQXX" },
	}
}

var letter = Message{
	To: "reader@mail.example", ToName: "Ana Müller", Subject: "Your Harbour Courier for Wednesday",
	Text: "Good morning,\n\nthe ferry runs again. Read more: https://harbour-courier.example/a/1\n",
}

func TestCompose(t *testing.T) {
	long := letter
	long.Subject = "フェリー再開：港湾局が水曜日から通常ダイヤに戻すと発表、利用客からは安堵の声 — and the fares stay the same, says the harbour office"
	long.HTML = "<!doctype html>\n<p>Good morning,</p>\n<p>the ferry <b>runs</b> again = really. " + strings.Repeat("A long line. ", 20) + "</p>\n.\n"
	long.FromName = "Morning letter, Harbour Courier"
	long.ID = "edition-weekly-12.reader-7"
	long.List = &List{
		ID:          "morning",
		Unsubscribe: "https://harbour-courier.example/unsubscribe/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		Archive:     "https://harbour-courier.example/newsletter/morning",
	}
	automatic := letter
	automatic.Automatic, automatic.ToName, automatic.ReplyTo = true, "", "noreply@harbour-courier.example"
	for name, m := range map[string]Message{"plain.eml": letter, "edition.eml": long, "automatic.eml": automatic} {
		raw, err := sender(t).Compose(m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for line := range strings.SplitSeq(string(raw), "\r\n") {
			if len(line) > 200 || strings.ContainsAny(line, "\r\n") {
				t.Errorf("%s: the line %q", name, line)
			}
		}
		papertest.Golden(t, name, string(raw))
		subject, text, html := parse(t, raw)
		if subject != m.Subject || text != m.Text || html != m.HTML {
			t.Errorf("%s is read as %q, %q, %q", name, subject, text, html)
		}
	}
}

// parse reads a letter as a mail program does.
func parse(t *testing.T, raw []byte) (subject, text, html string) {
	t.Helper()
	msg, err := netmail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	read := func(r io.Reader) string {
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(b), "\r\n", "\n")
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind == "text/plain" {
		return subject, read(quotedprintable.NewReader(msg.Body)), ""
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for _, into := range []struct {
		kind string
		text *string
	}{{"text/plain", &text}, {"text/html", &html}} {
		part, err := parts.NextPart() // undoes quoted-printable
		if err != nil {
			t.Fatal(err)
		}
		if kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind != into.kind {
			t.Errorf("a part of type %s, want %s", kind, into.kind)
		}
		*into.text = read(part)
	}
	return subject, text, html
}

// No value makes a header line of its own (R43).
func TestReg_R43(t *testing.T) {
	attacks := []string{
		"a\r\nBcc: all@example.com", "a\nBcc: all@example.com", "a\rBcc: all@example.com", "a\x00b", "\r\n\r\n<script>", "a\r\n b", "\xff\xfe",
		strings.Repeat("a", 1000),
	}
	places := map[string]func(m *Message, s string){
		"To":               func(m *Message, s string) { m.To = s + "@mail.example" },
		"To, domain":       func(m *Message, s string) { m.To = "a@mail.example" + s },
		"ToName":           func(m *Message, s string) { m.ToName = s },
		"Subject":          func(m *Message, s string) { m.Subject = s },
		"FromName":         func(m *Message, s string) { m.FromName = s },
		"ReplyTo":          func(m *Message, s string) { m.ReplyTo = "a@mail.example" + s },
		"ReturnTo":         func(m *Message, s string) { m.ReturnTo = s + "@mail.example" },
		"ID":               func(m *Message, s string) { m.ID = s },
		"FeedbackID":       func(m *Message, s string) { m.FeedbackID = s },
		"List.Name":        func(m *Message, s string) { m.List = &List{ID: "a", Name: s, Unsubscribe: "https://a.example/"} },
		"List.ID":          func(m *Message, s string) { m.List = &List{ID: s, Unsubscribe: "https://a.example/"} },
		"List.Unsubscribe": func(m *Message, s string) { m.List = &List{ID: "a", Unsubscribe: "https://a.example/" + s} },
		"List.Archive":     func(m *Message, s string) { m.List = &List{ID: "a", Unsubscribe: "https://a.example/", Archive: s} },
	}
	for place, set := range places {
		for _, attack := range attacks {
			m, s := letter, sender(t)
			set(&m, attack)
			if err := s.Send(t.Context(), m); err == nil {
				t.Errorf("%s: %q was sent", place, attack)
			}
			if files, _ := os.ReadDir(s.Outbox); len(files) > 0 {
				t.Errorf("%s: %q is in the outbox", place, attack)
			}
		}
	}
	for _, bad := range []string{"https://a.example/>, <mailto:x@example.com", "javascript:alert(1)", "https://a.example/a b", "https://a.example/é", "/unsubscribe", "http://a.example/", ""} {
		m := letter
		m.List = &List{ID: "a", Unsubscribe: bad}
		if _, err := sender(t).Compose(m); !problem.Is(err, problem.Invalid) {
			t.Errorf("unsubscribe at %q: %v", bad, err)
		}
	}
	// What looks dangerous and is not arrives as it was written.
	for _, name := range []string{`"Ana" <x@example.com>`, "Ana, Bcc: all@example.com", "Ana\tB", "=?utf-8?q?x?=", "Ана", "a  b"} {
		m := letter
		m.ToName = name
		raw, err := sender(t).Compose(m)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		msg, err := netmail.ReadMessage(strings.NewReader(string(raw)))
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		to, err := msg.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != "reader@mail.example" || msg.Header.Get("Bcc") != "" {
			t.Errorf("%q is read as %v, %v", name, to, err)
		}
	}
}

// A letter whose text holds what looks like the end of a part stays whole.
func TestPartsDoNotEnd(t *testing.T) {
	m := letter
	m.HTML = "<p>x</p>"
	raw, err := sender(t).Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(raw), "boundary=")
	boundary, _, _ := strings.Cut(after, "\r\n")
	m.Text = "a\r\n--" + boundary + "--\r\n\r\n.\r\n--" + boundary + "\r\nContent-Type: text/html\r\n\r\nfalse\n"
	if raw, err = sender(t).Compose(m); err != nil {
		t.Fatal(err)
	}
	if _, text, html := parse(t, raw); html != m.HTML || text != strings.ReplaceAll(m.Text, "\r\n", "\n") {
		t.Errorf("read as %q, %q", text, html)
	}
}

func TestParseAddress(t *testing.T) {
	for in, want := range map[string]string{
		"reader@mail.example":                   "reader@mail.example",
		"Reader+News@MAIL.Example":              "Reader+News@mail.example",
		"o'neil_!#$%&*=?^`{|}~@a-b.co":          "o'neil_!#$%&*=?^`{|}~@a-b.co",
		"a@bücher.example":                      "a@xn--bcher-kva.example",
		"a@1.2.3.com":                           "a@1.2.3.com",
		strings.Repeat("a", 64) + "@b.co":       strings.Repeat("a", 64) + "@b.co",
		"":                                      "",
		"a":                                     "",
		"@b.co":                                 "",
		"a@":                                    "",
		"a@b":                                   "",
		"a@b.":                                  "",
		"a@.b.co":                               "",
		"a@b..co":                               "",
		"a@-b.co":                               "",
		"a@b_c.co":                              "",
		"a@1.2.3.4":                             "",
		"a@[1.2.3.4]":                           "",
		"a@b.co, c@d.co":                        "",
		"a@b@c.co":                              "",
		"Ana <a@b.co>":                          "",
		"<a@b.co>":                              "",
		`"a b"@c.co`:                            "",
		"a(x)@b.co":                             "",
		" a@b.co":                               "",
		"a@b.co\n":                              "",
		"a\x00@b.co":                            "",
		".a@b.co":                               "",
		"a.@b.co":                               "",
		"a..b@c.co":                             "",
		"ä@b.co":                                "",
		strings.Repeat("a", 65) + "@b.co":       "",
		"a@" + strings.Repeat("b.", 126) + "co": "",
		strings.Repeat("a@", 1<<20):             "",
	} {
		got, err := ParseAddress(in)
		if got != want || (err == nil) != (want != "") || err != nil && !problem.Is(err, problem.Invalid) {
			t.Errorf("%.60q: %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestOutbox(t *testing.T) {
	s := sender(t)
	second := letter
	second.To = "other@mail.example"
	var sent []int
	s.SendAll(t.Context(), []Message{letter, {To: "x"}, second}, func(i int, err error) {
		if err != nil {
			if i != 1 || !Permanent(err) {
				t.Errorf("letter %d: %v", i, err)
			}
			return
		}
		sent = append(sent, i)
	})
	if !slices.Equal(sent, []int{0, 2}) {
		t.Errorf("sent %v", sent)
	}
	before := s.Now()
	s.Now = func() time.Time { return before.Add(time.Microsecond) }
	if err := s.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(s.Outbox)
	if err != nil || len(files) != 3 {
		t.Fatalf("the outbox holds %v, %v", files, err)
	}
	for i, file := range files {
		info, err := file.Info()
		want := []string{"20260303T200607.000008Z-", "20260303T200607.000008Z-", "20260303T200607.000009Z-"}[i]
		if err != nil || info.Mode().Perm() != 0o600 || !strings.HasPrefix(file.Name(), want) || filepath.Ext(file.Name()) != ".eml" {
			t.Errorf("%s, %v, %v", file.Name(), info.Mode(), err)
		}
	}
	last, err := os.ReadFile(filepath.Join(s.Outbox, files[2].Name()))
	if err != nil {
		t.Fatal(err)
	}
	if subject, text, _ := parse(t, last); subject != letter.Subject || text != letter.Text {
		t.Errorf("the last letter is %q, %q", subject, text)
	}
}

func TestOutboxCannotBeWritten(t *testing.T) {
	s := sender(t)
	s.Outbox = filepath.Join(t.TempDir(), "file", "outbox")
	if err := os.WriteFile(filepath.Dir(s.Outbox), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), letter); err == nil || Permanent(err) {
		t.Errorf("error %v", err)
	}
	if err := s.Send(t.Context(), Message{To: letter.To}); !errors.Is(err, errNoText) {
		t.Errorf("no text: %v", err)
	}
}

func FuzzHeaders(f *testing.F) {
	f.Add("Ana", "Subject", "01HQ", "weekly", "https://a.example/u/1")
	f.Add("Ana\r\nBcc: x@y.example", "=?utf-8?q?=0D=0AX:_y?=", "a@b", "a>b", "https://a.example/>")
	f.Add("日本", strings.Repeat("語", 200), "", "-", "http://[::1]/\x7f")
	f.Fuzz(func(t *testing.T, name, subject, id, list, unsubscribe string) {
		s := Sender{From: "post@harbour-courier.example", FromName: name}
		raw, err := s.Compose(Message{
			To: "reader@mail.example", ToName: name, Subject: subject, Text: subject + "\n", ID: id,
			List: &List{ID: list, Unsubscribe: unsubscribe},
		})
		if err != nil {
			return
		}
		msg, err := netmail.ReadMessage(strings.NewReader(string(raw)))
		if err != nil {
			t.Fatalf("cannot be read: %v\n%s", err, raw)
		}
		for header, values := range msg.Header {
			known := []string{
				"Date", "From", "To", "Subject", "Message-Id", "Mime-Version", "List-Id", "List-Unsubscribe",
				"List-Unsubscribe-Post", "Precedence", "Content-Type", "Content-Transfer-Encoding",
			}
			if !slices.Contains(known, header) || len(values) != 1 {
				t.Fatalf("header %s: %q", header, values)
			}
		}
		if to, err := msg.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "reader@mail.example" {
			t.Fatalf("To is read as %v, %v\n%s", to, err, raw)
		}
	})
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"a@b.co", "Ana <a@b.co>", "a@xn--bcher-kva.example", "ß@ß.de", "a@ß.de", "a@\u202eb.co"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		if again, err := ParseAddress(a); err != nil || again != a {
			t.Fatalf("%q became %q, which becomes %q, %v", s, a, again, err)
		}
		if std, err := netmail.ParseAddress(a); err != nil || std.Address != a {
			t.Fatalf("%q became %q, which the library reads as %v, %v", s, a, std, err)
		}
	})
}
