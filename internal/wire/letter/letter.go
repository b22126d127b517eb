// Package letter reads e-mail by which copy comes: press offices and
// correspondents send it so. It takes a mail apart into its text, its pictures
// and the names of what else is attached.
//
// Anybody can write a mail in anybody's name, and nothing here tells who did.
package letter

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"path"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"

	"kawaraban/internal/problem"
)

// Limits of a mail. What is beyond them is left out, and named.
const (
	maxDepth   = 8         // parts within parts
	maxParts   = 100       // in all
	maxHeader  = 64 << 10  // bytes of one
	maxText    = 256 << 10 // bytes of a text
	maxNames   = 50        // attachments that are named
	maxSubject = 2_000     // bytes
	maxLooks   = 10_000    // places at which a boundary may be
)

// A Mail is a mail taken apart.
type Mail struct {
	ID      string // Message-Id without its brackets
	Subject string
	From    string    // name and address, as people read it
	Sent    time.Time // UTC; zero when not given
	RawSent string

	Text  string // text/plain, its soft breaks joined
	HTML  string // text/html; the same words, if Text is not empty
	Extra []File // texts that were attached

	Pictures []File
	Others   []string // names of what else is attached, and of what is over a limit
	Cut      bool     // a text was longer than is read, or the mail has too many parts

	parts int
}

// A File is a part with a name.
type File struct {
	Name string // without folders; "" when none was given
	Type string // "image/jpeg"
	ID   string // Content-Id without its brackets: how HTML names it
	Data []byte

	Inline bool // it belongs to the look of the mail: often the sender's sign
}

// Parse reads a mail. The error is a Problem.
func Parse(data []byte) (*Mail, error) {
	data = bytes.TrimLeft(data, "\ufeff \t\r\n")
	head, body := cutHeader(data)
	msg, err := mail.ReadMessage(io.MultiReader(bytes.NewReader(head), strings.NewReader("\r\n\r\n")))
	if err != nil || len(head) == 0 {
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "This e-mail has a damaged header.", Err: err}
	}
	m := &Mail{
		ID: strings.Trim(msg.Header.Get("Message-Id"), "<> "), Subject: words(msg.Header.Get("Subject")),
		From: words(msg.Header.Get("From")), RawSent: msg.Header.Get("Date"),
	}
	if t, err := mail.ParseDate(m.RawSent); err == nil {
		m.Sent = t.UTC()
	}
	m.take(header(msg.Header), body, 0)
	if m.Text == "" && m.HTML == "" && len(m.Pictures) == 0 && len(m.Extra) == 0 && len(m.Others) == 0 {
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "This e-mail has nothing in it."}
	}
	return m, nil
}

// cutHeader parts a mail, or a part of one, at its first empty line.
func cutHeader(data []byte) (head, body []byte) {
	limit := data[:min(len(data), maxHeader)]
	for i := 0; i < len(limit); {
		line, _, more := bytes.Cut(limit[i:], []byte("\n"))
		next := i + len(line)
		if more {
			next++
		}
		if len(bytes.TrimRight(line, " \t\r")) == 0 {
			return data[:i], data[next:]
		}
		i = next
	}
	return limit, data[len(limit):]
}

type header mail.Header

func (h header) get(name string) string { return mail.Header(h).Get(name) }

// partHeader reads the header of a part. One that is damaged says nothing.
func partHeader(head []byte) header {
	msg, err := mail.ReadMessage(io.MultiReader(bytes.NewReader(head), strings.NewReader("\r\n\r\n")))
	if err != nil {
		return header{}
	}
	return header(msg.Header)
}

// take looks at one part, and at what is in it.
func (m *Mail) take(h header, body []byte, depth int) {
	if m.parts++; m.parts > maxParts || depth > maxDepth {
		m.Cut = true
		return
	}
	kind, params, err := mime.ParseMediaType(h.get("Content-Type"))
	if err != nil && kind == "" {
		kind = "text/plain"
	}
	disposition, given, _ := mime.ParseMediaType(h.get("Content-Disposition"))
	name := fileName(first(given["filename"], params["name"]))
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		for _, part := range split(body, params["boundary"], &m.Cut) {
			head, inner := cutHeader(part)
			m.take(partHeader(head), inner, depth+1)
		}
	case kind == "image/jpeg" || kind == "image/png" || kind == "image/gif" || kind == "image/webp":
		m.Pictures = append(m.Pictures, File{
			Name: name, Type: kind, ID: strings.Trim(h.get("Content-Id"), "<> "), Data: unpack(h, body), Inline: disposition == "inline",
		})
	case kind == "text/plain" && (disposition == "attachment" || name != ""):
		text := m.text(h, body, params)
		m.Extra = append(m.Extra, File{Name: name, Type: kind, Data: []byte(text)})
	case kind == "text/plain":
		if text := m.text(h, body, params); m.Text == "" {
			m.Text = text
		} else {
			m.Extra = append(m.Extra, File{Type: kind, Data: []byte(text)})
		}
	case kind == "text/html" && disposition != "attachment":
		if text := m.text(h, body, params); m.HTML == "" {
			m.HTML = text
		}
	case len(m.Others) < maxNames:
		m.Others = append(m.Others, first(name, kind))
	default:
		m.Cut = true
	}
}

// text is a text part as it is read.
func (m *Mail) text(h header, body []byte, params map[string]string) string {
	if most := 4 * maxText; len(body) > most { // packed, it has up to three times as many bytes
		body, m.Cut = body[:most], true
	}
	raw := unpack(h, body)
	if len(raw) > maxText {
		raw, m.Cut = raw[:maxText], true
	}
	s := decode(raw, params["charset"])
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if strings.EqualFold(params["format"], "flowed") {
		s = unflow(s, strings.EqualFold(params["delsp"], "yes"))
	}
	return strings.Trim(s, "\n")
}

// unpack undoes how a part was packed; of what is broken, as much as can be read.
func unpack(h header, body []byte) []byte {
	switch strings.ToLower(strings.TrimSpace(h.get("Content-Transfer-Encoding"))) {
	case "base64":
		packed := make([]byte, 0, len(body))
		for _, c := range body {
			if c > ' ' && c != '=' {
				packed = append(packed, c)
			}
		}
		out := make([]byte, base64.RawStdEncoding.DecodedLen(len(packed)))
		n, _ := base64.RawStdEncoding.Decode(out, packed) // up to what is broken
		return out[:n]
	case "quoted-printable":
		out, _ := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body))) // up to what is broken
		return out
	}
	return body
}

// decode reads text in a charset. What is valid UTF-8 is UTF-8, whatever its part
// says; an unknown charset is Windows-1252.
func decode(raw []byte, name string) string {
	if name == "" || strings.EqualFold(name, "utf-8") || strings.EqualFold(name, "us-ascii") {
		if s := string(raw); strings.ToValidUTF8(s, "") == s {
			return s
		}
		name = "windows-1252"
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		e = charmap.Windows1252
	}
	if out, err := e.NewDecoder().Bytes(raw); err == nil {
		return string(out)
	}
	return strings.ToValidUTF8(string(raw), "\ufffd")
}

// unflow joins the lines that a mail program broke (RFC 3676).
func unflow(s string, delete bool) string {
	var w strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		soft := strings.HasSuffix(line, " ") && line != "-- "
		switch {
		case soft && delete:
			w.WriteString(strings.TrimSuffix(line, " "))
		case soft:
			w.WriteString(line)
		default:
			w.WriteString(line + "\n")
		}
	}
	return w.String()
}

// words is a field's value as people read it.
func words(s string) string {
	s = s[:min(len(s), maxSubject)]
	d := mime.WordDecoder{CharsetReader: func(name string, r io.Reader) (io.Reader, error) {
		e, err := htmlindex.Get(name)
		if err != nil {
			return nil, err
		}
		return e.NewDecoder().Reader(r), nil
	}}
	out, err := d.DecodeHeader(s)
	if err != nil {
		out = s
	}
	if strings.ToValidUTF8(out, "") != out {
		out, _ = charmap.Windows1252.NewDecoder().String(out) // every byte has a meaning
	}
	return strings.Join(strings.Fields(out), " ")
}

// fileName is a name without folders, which a stranger gave.
func fileName(s string) string {
	s = path.Base(strings.ReplaceAll(words(s), `\`, "/"))
	if s == "." || s == "/" || s == ".." {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`:*?"<>|`, r) {
			return '_'
		}
		return r
	}, s)
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// split returns the parts of a body between the lines of its boundary.
func split(body []byte, boundary string, over *bool) (parts [][]byte) {
	if boundary == "" {
		return nil
	}
	line := []byte("--" + boundary)
	begin, looks := -1, 0
	for at := 0; at < len(body) && looks < maxLooks; looks++ {
		i := bytes.Index(body[at:], line)
		if i < 0 {
			break
		}
		i += at
		end := i + len(line)
		at = end
		if i > 0 && body[i-1] != '\n' {
			continue
		}
		rest, _, _ := bytes.Cut(body[end:min(len(body), end+200)], []byte("\n"))
		last := bytes.HasPrefix(rest, []byte("--"))
		if tail := bytes.TrimRight(rest, " \t\r"); len(tail) > 0 && !bytes.Equal(tail, []byte("--")) {
			continue // a longer boundary that begins alike
		}
		if begin >= 0 {
			if len(parts) == maxParts {
				*over = true
				return parts
			}
			parts = append(parts, body[begin:i])
		}
		begin = min(end+len(rest)+1, len(body))
		if last {
			return parts
		}
	}
	if begin >= 0 && begin < len(body) {
		parts = append(parts, body[begin:])
	}
	return parts
}
