package bounce

import (
	"encoding/base64"
	"io"
	"mime"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// Limits of a mail's form. What is beyond them is left unread.
const (
	maxDepth  = 8        // parts within parts
	maxParts  = 100      // in all
	maxFields = 500      // of one header
	maxField  = 8 << 10  // bytes of one
	maxText   = 64 << 10 // bytes of what people are to read
)

// A letter is a mail taken apart, as far as reports need it.
type letter struct {
	header   fields
	text     string // what people are to read, without the letter that came back
	status   string // message/delivery-status (RFC 3464)
	feedback string // message/feedback-report (RFC 5965)
	original fields // the header of the letter that came back
	parts    int
}

// open takes a mail apart. It looks at each byte a fixed number of times, at
// most once for each level.
func open(raw string) *letter {
	raw = strings.ReplaceAll(raw, "\r\n", "\n")
	raw = strings.ReplaceAll(raw, "\r", "\n")
	m := &letter{}
	head, body := cutHeader(raw)
	m.header = parseFields(head)
	m.take(m.header, body, 0)
	m.cutCopy()
	if m.status == "" && m.feedback == "" {
		m.loose()
	}
	return m
}

// take looks at one part, and at what is in it.
func (m *letter) take(header fields, body string, depth int) {
	if m.parts++; m.parts > maxParts {
		return
	}
	kind, boundary := mediaType(header.get("content-type"))
	if strings.HasPrefix(kind, "multipart/") && depth < maxDepth {
		if parts := split(body, boundary); len(parts) > 0 {
			for _, p := range parts {
				head, inner := cutHeader(p)
				m.take(parseFields(head), inner, depth+1)
			}
			return
		}
	}
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		if m.status == "" {
			m.status = decode(header, body)
		}
	case "message/feedback-report":
		if m.feedback == "" {
			m.feedback = decode(header, body)
		}
	case "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers":
		if m.original == nil {
			head, _ := cutHeader(strings.TrimLeft(decode(header, body), "\n"))
			m.original = parseFields(head)
		}
	case "text/plain", "":
		m.read(decode(header, body))
	default: // a part of a form that has no parts, as some servers make them
		if strings.HasPrefix(kind, "multipart/") {
			m.read(body)
		}
	}
}

func (m *letter) read(text string) {
	if room := maxText - len(m.text); room > 0 {
		m.text += text[:min(room, len(text))] + "\n"
	}
}

// cutCopy parts the notice from the letter that stands below it as text.
func (m *letter) cutCopy() {
	at := 0
	for l := range strings.Lines(m.text) {
		if copyBegins(l) {
			if m.original == nil {
				head, _ := cutHeader(strings.TrimLeft(m.text[at+len(l):], "\n"))
				m.original = parseFields(head)
			}
			m.text = m.text[:at]
			return
		}
		at += len(l)
	}
}

// copyBegins reports whether a line says that the returned letter follows.
func copyBegins(l string) bool {
	trimmed := strings.TrimSpace(l)
	bare := strings.ToLower(strings.Trim(trimmed, "-|=* "))
	if bare == "original message headers:" {
		return true
	}
	if trimmed == "" || !strings.ContainsRune("-|=*", rune(trimmed[0])) {
		return false
	}
	for _, s := range []string{
		"this is a copy of", "original message", "below this line is a copy", "the header of the original", "message text follows",
		"message header follows", "unsent message below",
	} {
		if strings.HasPrefix(bare, s) {
			return true
		}
	}
	return false
}

// loose finds a status that stands in the text, in mails whose parts do not fit
// together.
func (m *letter) loose() {
	if i := strings.Index("\n"+m.text, "\nReporting-MTA:"); i >= 0 && m.daemon() {
		m.text, m.status = m.text[:i], m.text[i:]
	}
}

// daemon reports whether the mail says that a mail server wrote it.
func (m *letter) daemon() bool {
	if m.header.get("x-failed-recipients") != "" {
		return true
	}
	from := strings.ToLower(m.header.get("from"))
	local, _, _ := strings.Cut(bare(from), "@")
	return strings.Contains(local, "mailer-daemon") || strings.Contains(local, "postmaster") ||
		strings.Contains(from, "mail delivery s") // "system", "subsystem", "service"
}

var awayForm = regexp.MustCompile(`(?i)^(re: *)?(auto(matic)?[- ]?(reply|response|answer)|auto: |out of (the )?office|away from|abwesen|réponse automatique|自動(返信|応答))`)

// automatic reports whether a program answered for a person (RFC 3834, and the
// customs before it).
func (m *letter) automatic() bool {
	sent := strings.ToLower(strings.TrimSpace(m.header.get("auto-submitted")))
	if sent != "" && !strings.HasPrefix(sent, "no") {
		return true
	}
	for _, name := range []string{"x-autoreply", "x-autorespond", "x-autoresponder", "x-apple-action"} {
		if m.header.get(name) != "" {
			return true
		}
	}
	return strings.EqualFold(m.header.get("precedence"), "auto_reply") || awayForm.MatchString(words(m.header.get("subject")))
}

// words is a field's value as people read it.
func words(s string) string {
	d := mime.WordDecoder{CharsetReader: func(name string, r io.Reader) (io.Reader, error) {
		e, err := htmlindex.Get(name)
		if err != nil {
			return nil, err
		}
		return e.NewDecoder().Reader(r), nil
	}}
	if out, err := d.DecodeHeader(s[:min(len(s), 1000)]); err == nil {
		return out
	}
	return s
}

// decode undoes how a part was packed; of what is broken, as much as can be read.
func decode(header fields, body string) string {
	switch strings.ToLower(strings.TrimSpace(header.get("content-transfer-encoding"))) {
	case "base64":
		packed := strings.Map(func(r rune) rune {
			if r <= ' ' || r == '=' {
				return -1
			}
			return r
		}, body)
		out := make([]byte, base64.RawStdEncoding.DecodedLen(len(packed)))
		n, _ := base64.RawStdEncoding.Decode(out, []byte(packed)) // up to what is broken
		return strings.ReplaceAll(string(out[:n]), "\r", "")
	case "quoted-printable":
		return quoted(body)
	}
	return body
}

// quoted undoes quoted-printable (RFC 2045, 6.7), leaving what is none.
func quoted(s string) string {
	if !strings.Contains(s, "=") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '=' {
			out = append(out, s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\n' {
			i++
			continue
		}
		if i+2 < len(s) && digit(s[i+1]) >= 0 && digit(s[i+2]) >= 0 {
			out = append(out, byte(digit(s[i+1])<<4|digit(s[i+2])))
			i += 2
			continue
		}
		out = append(out, '=')
	}
	return string(out)
}

func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
