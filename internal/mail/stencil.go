package mail

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"mime/quotedprintable"
	"slices"
	"strings"

	"kawaraban/internal/problem"
)

// maxValue is the length of the longest text that may stand at a mark.
const maxValue = 200

// maxLine is how many characters stand in an encoded line before the one that
// says that it goes on (RFC 2045, 6.7).
const maxLine = 75

// A Stencil is a letter to many: it was composed once, with places for the
// texts that differ. It is safe for use by many goroutines.
type Stencil struct {
	head    []byte // the fields that all letters have
	domain  string // of the Message-ID
	leave   []piece
	parts   []part
	end     []byte
	inURL   []bool // whether a mark stands in List-Unsubscribe
	inHTML  []bool
	nearly  int // how long a letter is, about
	noLeave bool
}

// A part is one form of the letter, encoded.
type part struct {
	before []byte // its own fields
	pieces []piece
}

// A piece is the text between two marks, after the value of the first of them.
type piece struct {
	mark  int // -1 for the first piece, which has none
	text  []byte
	width int // of the last line of text
}

// A Filling is what one recipient's letter has that the others' have not.
type Filling struct {
	To       string   // the address
	ReturnTo string   // the envelope's sender, which tells whose letter came back; "" for the sender's address
	ID       string   // the left side of the Message-ID
	Values   []string // what stands at the marks, in their order
}

// Stencil composes m once for many. Each of marks, plain letters and digits that
// the caller made at random, stands for a text that differs from letter to
// letter; it may stand more than once in Text, HTML and List.Unsubscribe, and
// nowhere else. To, ToName, ReturnTo and ID of m are not looked at.
func (s *Sender) Stencil(m Message, marks ...string) (*Stencil, error) {
	if err := checkMarks(m, marks); err != nil {
		return nil, err
	}
	m.To, m.ToName, m.ID = "stencil@stencil.example", "", "stencil"
	raw, err := s.Compose(m)
	if err != nil {
		return nil, err
	}
	st := &Stencil{domain: domainOf(s.From), head: common(raw), noLeave: m.List == nil}
	text, html := body(m.Text), body(m.HTML)
	if !strings.HasSuffix(text, "\n") {
		text += "\n" // a letter ends with its line
	}
	if m.List != nil {
		st.leave = cut(m.List.Unsubscribe, marks, func(s string) []byte { return []byte(s) })
		st.inURL = stand(m.List.Unsubscribe, marks)
	}
	st.inHTML = stand(html, marks)
	st.form(part{pieces: cut(text, marks, encode)}, part{pieces: cut(html, marks, encode)}, html != "", boundary(text, html))
	st.nearly = len(raw) + len(raw)/8 + 4*maxValue
	return st, nil
}

// form puts the parts between the lines that MIME wants.
func (st *Stencil) form(text, html part, both bool, line string) {
	const fields = "Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/%s; charset=UTF-8\r\n\r\n"
	if !both {
		text.before = fmt.Appendf(nil, fields, "plain")
		st.parts = []part{text}
		return
	}
	text.before = fmt.Appendf(nil, "Content-Type: multipart/alternative;\r\n boundary=%s\r\n\r\n--%s\r\n"+fields, line, line, "plain")
	html.before = fmt.Appendf(nil, "\r\n--%s\r\n"+fields, line, "html") // the last part is the one that a program prefers
	st.parts, st.end = []part{text, html}, fmt.Appendf(nil, "\r\n--%s--\r\n", line)
}

// Fill appends the letter of one recipient to dst. It is a Problem when a value
// could change what stands around it.
func (st *Stencil) Fill(dst []byte, f Filling) ([]byte, error) {
	to, err := st.check(f)
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst = slices.Grow(dst, st.nearly)
	dst = append(dst, st.head...)
	dst = append(append(append(dst, "To: <"...), to...), ">\r\n"...)
	dst = append(append(append(append(append(dst, "Message-ID: <"...), f.ID...), '@'), st.domain...), ">\r\n"...)
	if !st.noLeave {
		dst = append(dst, "List-Unsubscribe:\r\n <"...)
		began := len(dst)
		for _, p := range st.leave {
			if p.mark >= 0 {
				dst = append(dst, f.Values[p.mark]...)
			}
			dst = append(dst, p.text...)
		}
		if len(dst)-began > maxHeader {
			return dst[:start], refuse("List-Unsubscribe", fmt.Sprintf("is longer than %d bytes", maxHeader))
		}
		dst = append(dst, ">\r\n"...)
	}
	for _, p := range st.parts {
		dst = p.fill(append(dst, p.before...), f.Values)
	}
	return append(dst, st.end...), nil
}

// check returns the address of a letter whose filling is fit for it.
func (st *Stencil) check(f Filling) (string, error) {
	to, err := ParseAddress(f.To)
	if err != nil {
		return "", err
	}
	if f.ReturnTo != "" {
		if _, err := ParseAddress(f.ReturnTo); err != nil {
			return "", err
		}
	}
	if !isName(f.ID) {
		return "", fmt.Errorf("mail: %q cannot be part of a Message-ID", f.ID)
	}
	if len(f.Values) != len(st.inHTML) {
		return "", fmt.Errorf("mail: %d values for %d marks", len(f.Values), len(st.inHTML))
	}
	for i, v := range f.Values {
		if !isValue(v, st.inHTML[i], !st.noLeave && st.inURL[i]) {
			return "", &problem.Problem{Kind: problem.Invalid, Detail: "The letter cannot be sent: a text that differs from letter to letter has a character that may not stand in it, or is too long."}
		}
	}
	return to, nil
}

// isValue reports whether v is short plain text that changes nothing around it.
func isValue(v string, html, url bool) bool {
	if len(v) > maxValue || strings.TrimSpace(v) != v {
		return false
	}
	for i := range len(v) {
		switch c := v[i]; {
		case alphanumeric(rune(c)), strings.IndexByte("-._~", c) >= 0:
		case c < ' ', c > '~', url, html && strings.IndexByte(`<>&"'`, c) >= 0:
			return false
		}
	}
	return true
}

// fill appends the pieces of a part and the values between them. A value begins
// a line of its own where the last one is full, and so does the text after it:
// that text was encoded for a line of its own.
func (p *part) fill(dst []byte, values []string) []byte {
	width := 0
	for _, c := range p.pieces {
		if c.mark >= 0 {
			dst, width = appendValue(dst, width, values[c.mark])
		}
		if len(c.text) == 0 {
			continue
		}
		if width > 0 && c.text[0] != '\r' {
			dst = append(dst, "=\r\n"...)
		}
		dst, width = append(dst, c.text...), c.width
	}
	return dst
}

// appendValue appends v, encoded, to a line of this width, and returns the width
// of the line that it ends on.
func appendValue(dst []byte, width int, v string) ([]byte, int) {
	for i := range len(v) {
		wide := v[i] == '=' || i == 0 && (v[i] == '-' || v[i] == '.') // neither the end of a part nor of a letter
		need := 1
		if wide {
			need = 3
		}
		if width+need > maxLine {
			dst, width = append(dst, "=\r\n"...), 0
		}
		if wide {
			dst = fmt.Appendf(dst, "=%02X", v[i])
		} else {
			dst = append(dst, v[i])
		}
		width += need
	}
	return dst, width
}

// encode returns text as quoted-printable.
func encode(text string) []byte {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(text)) // a buffer takes all
	_ = w.Close()
	return b.Bytes()
}

// cut divides text at the marks.
func cut(text string, marks []string, encode func(string) []byte) (list []piece) {
	mark := -1
	for {
		at, next := len(text), -1
		for i, m := range marks {
			if found := strings.Index(text, m); found >= 0 && found < at {
				at, next = found, i
			}
		}
		encoded := encode(text[:at])
		list = append(list, piece{mark, encoded, len(encoded) - 1 - bytes.LastIndexByte(encoded, '\n')})
		if next < 0 {
			return list
		}
		mark, text = next, text[at+len(marks[next]):]
	}
}

// stand says of each mark whether it stands in text.
func stand(text string, marks []string) (list []bool) {
	for _, m := range marks {
		list = append(list, strings.Contains(text, m))
	}
	return list
}

// checkMarks is a fault when a mark is none, or stands where nothing can differ.
func checkMarks(m Message, marks []string) error {
	other := func(r rune) bool { return !alphanumeric(r) }
	fixed := []string{m.Subject, m.FromName, m.ReplyTo, m.FeedbackID}
	if m.List != nil {
		fixed = append(fixed, m.List.ID, m.List.Name, m.List.Archive)
	}
	for i, mark := range marks {
		if len(mark) < 8 || len(mark) > maxValue || strings.IndexFunc(mark, other) >= 0 {
			return fmt.Errorf("mail: the mark %q is not letters and digits, eight or more", mark)
		}
		for k, m := range marks {
			if i != k && strings.Contains(m, mark) {
				return fmt.Errorf("mail: the mark %q is part of another", mark)
			}
		}
		for _, text := range fixed {
			if strings.Contains(text, mark) {
				return fmt.Errorf("mail: the mark %q stands in a header", mark)
			}
		}
	}
	return nil
}

// ownFields are those that a stencil writes itself.
var ownFields = []string{"To", "Message-ID", "List-Unsubscribe", "Content-Type", "Content-Transfer-Encoding"}

// common returns the fields of a composed letter that all have.
func common(raw []byte) (head []byte) {
	before, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	kept := true
	for line := range bytes.Lines(append(before, "\r\n"...)) {
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := bytes.Cut(line, []byte(":"))
			kept = !slices.ContainsFunc(ownFields, func(own string) bool { return strings.EqualFold(own, string(name)) })
		}
		if kept {
			head = append(head, line...)
		}
	}
	return head
}

// boundary is the line between the parts. Made from the letter itself, it can
// stand in none of them: who writes a letter cannot know it.
func boundary(texts ...string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(texts, "\x00"))))[:40]
}
