package letter

import (
	"fmt"
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"kawaraban/internal/problem"
)

const mixed = "Message-ID: <a@b.example>\r\nFrom: =?iso-8859-1?Q?T=F8ve?= <t@b.example>\r\nSubject: =?utf-8?B?RsOkaHJl?=\r\nDate: Mon, 2 Mar 2026 09:10:00 +0100\r\n" +
	"Content-Type: multipart/mixed; boundary=\"o\"\r\n\r\nfor old programs\r\n--o\r\nContent-Type: multipart/alternative; boundary=\"o-i\"\r\n\r\n" +
	"--o-i\r\nContent-Type: text/plain; charset=windows-1252; format=flowed\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nThe ferry =96 at =20\r\nlast.\r\n" +
	"--o-i\r\nContent-Type: text/html\r\n\r\n<p>The ferry\r\n--o-i--\r\n" +
	"--o\r\nContent-Type: image/png; name=\"..\\a:b.png\"\r\nContent-Transfer-Encoding: base64\r\nContent-Id: <c1>\r\n\r\nAAEC\r\nAwQ=\r\n" +
	"--o\r\nContent-Type: text/plain; name=facts.txt\r\n\r\n120 m\r\n--o\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=plan.pdf\r\n\r\n%PDF\r\n--o--\r\n"

func TestParse(t *testing.T) {
	m, err := Parse([]byte(mixed))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case m.ID != "a@b.example", m.Subject != "Fähre", m.From != "Tøve <t@b.example>", m.Sent.Format("15:04") != "08:10":
		t.Errorf("header %+v", m)
	case m.Text != "The ferry – at  last.", m.HTML != "<p>The ferry":
		t.Errorf("text %q, html %q", m.Text, m.HTML)
	case len(m.Pictures) != 1, m.Pictures[0].Name != "a_b.png", m.Pictures[0].ID != "c1", string(m.Pictures[0].Data) != "\x00\x01\x02\x03\x04":
		t.Errorf("pictures %+v", m.Pictures)
	case len(m.Extra) != 1, m.Extra[0].Name != "facts.txt", string(m.Extra[0].Data) != "120 m", len(m.Others) != 1, m.Others[0] != "plan.pdf", m.Cut:
		t.Errorf("attached %+v, %q", m.Extra, m.Others)
	}
}

// TestParseMailbox holds that the line that some programs write before a mail is
// none of its header.
func TestParseMailbox(t *testing.T) {
	m, err := Parse([]byte("From desk@b.example Mon Mar  2 09:10:00 2026\n" + mixed))
	if err != nil || m.Subject != "Fähre" || m.From != "Tøve <t@b.example>" {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, data := range []string{"", "no header", "From: a@b.example\r\nSubject: x\r\n\r\n"} {
		if _, err := Parse([]byte(data)); !problem.Is(err, problem.Invalid) {
			t.Errorf("%q: %v", data, err)
		}
	}
}

// TestParseBounded holds that a mail with too much of something is read as far as
// it may be, and says so.
func TestParseBounded(t *testing.T) {
	head := "From: a@b.example\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n"
	nested := "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
	for level := range 20 {
		nested += fmt.Sprintf("--%c\r\nContent-Type: multipart/mixed; boundary=%c\r\n\r\n", 'a'+level, 'b'+level)
	}
	for name, data := range map[string]string{
		"parts":  head + strings.Repeat("--o\r\n\r\nx\r\n", 500),
		"text":   "From: a@b.example\r\n\r\n" + strings.Repeat("words ", 100_000),
		"depth":  nested + "--u\r\n\r\nx\r\n--a\r\n\r\ny",
		"others": head + strings.Repeat("--o\r\nContent-Type: a/b\r\n\r\nx\r\n", 90),
	} {
		m, err := Parse([]byte(data))
		if problem.Is(err, problem.Invalid) {
			continue // nothing is left of it
		}
		if err != nil || !m.Cut || len(m.Text) > maxText || len(m.Extra) > maxParts || len(m.Others) > maxNames {
			t.Errorf("%s: %v, %+v", name, err, m)
		}
	}
}

// FuzzMail holds that Parse answers anything, with names that are no paths.
func FuzzMail(f *testing.F) {
	f.Add([]byte(mixed))
	f.Add([]byte("From: a@b.example\r\nSubject: =?x-unknown?Q?=E9?=\r\nContent-Type: text/plain; charset=iso-2022-jp; format=flowed; delsp=yes\r\n\r\n\x1b$B$3\x1b(B \r\n-- \r\nx"))
	f.Add([]byte(" \r\nFrom: a@b.example\nContent-Type: multipart/mixed; boundary=\n\n--\n--\n"))
	f.Add([]byte("From: a@b.example\nContent-Type: image/gif; name*=utf-8''..%2F..%2Fa\nContent-Transfer-Encoding: BASE64\n\n====A"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err != nil {
			if problem.Of(err) == nil {
				t.Fatalf("not a Problem: %v", err)
			}
			return
		}
		if !utf8.ValidString(m.Text) || !utf8.ValidString(m.Subject) {
			t.Errorf("not UTF-8: %q, %q", m.Subject, m.Text)
		}
		for _, p := range m.Pictures {
			if p.Name != "" && (path.Base(p.Name) != p.Name || strings.ContainsAny(p.Name, `:\`)) {
				t.Errorf("a path: %q", p.Name)
			}
		}
	})
}
