package pretend

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// maxLetters is how many letters the list shows, the newest first.
const maxLetters = 50

// A letterPage is one letter of the paper that nobody has sent.
type letterPage struct {
	Name, File  string
	To, Subject string
	At          time.Time
	Text        string
	HTML        string // shown in a frame that runs nothing
}

type lettersPage struct {
	Name    string
	Letters []letterPage
}

// nearby lets in only who sits at this machine and calls it so: with what is in
// the letters one can log in.
func nearby(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		to, errHost := url.Parse("http://" + r.Host)
		if err != nil || errHost != nil || !from.Addr().Unmap().IsLoopback() || !isLoopback(to.Hostname()) {
			http.Error(w, "the letters of the demo are shown on the machine that it runs on", http.StatusForbidden)
			return
		}
		h(w, r)
	}
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// letters lists what lies in the outbox.
func (p *Provider) letters(w http.ResponseWriter, _ *http.Request) {
	files, err := filepath.Glob(filepath.Join(p.Outbox, "*.eml"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	slices.Reverse(files) // their names begin with the time
	page := lettersPage{Name: mailbox}
	for _, file := range files[:min(len(files), maxLetters)] {
		l, err := readLetter(file)
		if err != nil {
			continue // it is written at this moment, or taken away
		}
		page.Letters = append(page.Letters, l)
	}
	p.show(w, "letters", page)
}

const mailbox = "Pretend mailbox"

func (p *Provider) letter(w http.ResponseWriter, r *http.Request) {
	l, err := readLetter(filepath.Join(p.Outbox, filepath.Base(r.PathValue("file"))))
	if errors.Is(err, fs.ErrNotExist) {
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	p.show(w, "letter", l)
}

// readLetter takes a letter apart that package mail has composed: text, and HTML
// beside it.
func readLetter(file string) (l letterPage, err error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return l, err
	}
	m, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		return l, err
	}
	l = letterPage{Name: mailbox, File: filepath.Base(file)}
	to, err := mail.ParseAddress(m.Header.Get("To"))
	if err != nil {
		return l, err
	}
	l.To = to.Address
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return l, err
	}
	if l.At, err = m.Header.Date(); err != nil {
		return l, err
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return l, err
	}
	if kind != "multipart/alternative" {
		text, err := decoded(m.Body, m.Header.Get("Content-Transfer-Encoding"))
		l.Text = text
		return l, err
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextPart() // it decodes quoted-printable
		if errors.Is(err, io.EOF) {
			return l, nil
		}
		if err != nil {
			return l, err
		}
		text, err := decoded(part, part.Header.Get("Content-Transfer-Encoding"))
		if err != nil {
			return l, err
		}
		if kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind == "text/html" {
			l.HTML = text
		} else {
			l.Text = text
		}
	}
}

func decoded(r io.Reader, coding string) (string, error) {
	if coding == "quoted-printable" {
		r = quotedprintable.NewReader(r)
	}
	b, err := io.ReadAll(r)
	return string(b), err
}

// Framed is the letter as a frame shows it: its links open in the whole window.
func (l letterPage) Framed() string { return `<base target="_top">` + l.HTML }
