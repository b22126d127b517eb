package mail

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// signed are the fields that a signature covers. Each is named once more than a
// letter has it, so that nobody can add another (RFC 6376, 8.15).
var signed = []string{
	"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
	"Auto-Submitted", "Feedback-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Archive", "Precedence",
}

// A press signs letters with the keys of one domain (RFC 6376, relaxed/relaxed).
// It keeps its memory from letter to letter, and is for one goroutine.
type press struct {
	keys   []Key
	domain string

	body   []byte   // in canonical form
	fields [][]byte // those of the letter, whole, with their line ends
	chosen []byte   // those that are signed, in canonical form
	names  []byte   // h=
	plain  []byte   // a field without its fold, before it is canonical
}

// sign appends a letter with a signature of each key before it to dst. The
// letter's lines end with CR LF, and its head with an empty line.
func (p *press) sign(dst, raw []byte) ([]byte, error) {
	if len(p.keys) == 0 {
		return append(dst, raw...), nil
	}
	head, body, ok := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !ok {
		return dst, fmt.Errorf("mail: a letter without an empty line after its head")
	}
	if !isCanonical(body) {
		p.body = canonicalBody(p.body[:0], body)
		body = p.body
	}
	sum := sha256.Sum256(body)
	p.choose(raw[:len(head)+2])
	for _, k := range p.keys {
		var err error
		if dst, err = p.signature(dst, k, sum[:]); err != nil {
			return dst, err
		}
	}
	return append(dst, raw...), nil
}

// signature appends the field DKIM-Signature of one key.
func (p *press) signature(dst []byte, k Key, body []byte) ([]byte, error) {
	began := len(dst)
	algorithm, hash := "rsa-sha256", crypto.SHA256
	if _, ok := k.signer.Public().(ed25519.PublicKey); ok {
		algorithm, hash = "ed25519-sha256", crypto.Hash(0) // it signs the sum as a text (RFC 8463, 3)
	}
	dst = fmt.Appendf(dst, "DKIM-Signature: v=1; a=%s; c=relaxed/relaxed;\r\n d=%s; s=%s;\r\n h=", algorithm, p.domain, k.selector)
	dst = append(append(dst, p.names...), ";\r\n bh="...)
	dst = append(base64.StdEncoding.AppendEncode(dst, body), ";\r\n b="...)

	sum := sha256.New()
	sum.Write(p.chosen)
	p.plain = canonicalField(p.plain[:0], dst[began:])
	sum.Write(p.plain) // the only one without an end of line
	signature, err := k.signer.Sign(rand.Reader, sum.Sum(nil), hash)
	if err != nil {
		return dst[:began], fmt.Errorf("sign a letter: %w", err)
	}
	for text := base64.StdEncoding.EncodeToString(signature); text != ""; {
		n := min(len(text), 72)
		dst = append(append(dst, "\r\n "...), text[:n]...)
		text = text[n:]
	}
	return append(dst, "\r\n"...), nil
}

// choose makes ready the fields of a head that are signed, and their names.
func (p *press) choose(head []byte) {
	p.fields, p.chosen, p.names = divide(p.fields[:0], head), p.chosen[:0], p.names[:0]
	width := len(" h=")
	name := func(s string) {
		if width += len(s) + 1; width > 76 {
			p.names, width = append(p.names, "\r\n "...), len(s)+2
		}
		p.names = append(p.names, s...)
	}
	for _, s := range signed {
		for i := len(p.fields) - 1; i >= 0; i-- { // the last is taken first (RFC 6376, 5.4.2)
			if is(p.fields[i], s) {
				p.chosen = append(canonicalField(p.chosen, p.fields[i]), "\r\n"...)
				name(s + ":")
			}
		}
		if s == signed[len(signed)-1] {
			name(s)
		} else {
			name(s + ":")
		}
	}
}

// is reports whether a field has this name.
func is(field []byte, name string) bool {
	return len(field) > len(name) && field[len(name)] == ':' && bytes.EqualFold(field[:len(name)], []byte(name))
}

// divide appends the fields of a head to list, each with the lines that go on.
func divide(list [][]byte, head []byte) [][]byte {
	for len(head) > 0 {
		end := 0
		for {
			n := bytes.IndexByte(head[end:], '\n')
			if n < 0 {
				end = len(head)
				break
			}
			if end += n + 1; end == len(head) || head[end] != ' ' && head[end] != '\t' {
				break
			}
		}
		list, head = append(list, head[:end]), head[end:]
	}
	return list
}

// canonicalField appends a field with its name in small letters, unfolded, each
// run of white space as one space and none at the ends (RFC 6376, 3.4.2).
func canonicalField(dst, field []byte) []byte {
	name, value, _ := bytes.Cut(field, []byte(":"))
	dst = append(append(dst, bytes.ToLower(bytes.TrimRight(name, " \t"))...), ':')
	space, began := false, false
	for _, c := range value {
		switch c {
		case ' ', '\t':
			space = true
		case '\r', '\n':
		default:
			if space && began {
				dst = append(dst, ' ')
			}
			dst, space, began = append(dst, c), false, true
		}
	}
	return dst
}

// isCanonical reports whether a body is in canonical form already, as most are. It may
// say no of one that is.
func isCanonical(body []byte) bool {
	if len(body) < 3 || !bytes.HasSuffix(body, []byte("\r\n")) || bytes.HasSuffix(body, []byte("\n\r\n")) {
		return false
	}
	for i, c := range body {
		if c > ' ' {
			continue
		}
		if c == '\t' || c == ' ' && body[i+1] <= ' ' { // the last byte is no space
			return false
		}
	}
	return true
}

// canonicalBody appends a body without white space at the ends of lines, with
// each other run of it as one space, and without empty lines at its end (RFC
// 6376, 3.4.4).
func canonicalBody(dst, body []byte) []byte {
	began, kept := len(dst), len(dst) // where the last line that is not empty ended
	for len(body) > 0 {
		line, rest, _ := bytes.Cut(body, []byte("\r\n"))
		body = rest
		start := len(dst)
		dst = appendSqueezed(dst, line)
		empty := len(dst) == start
		if dst = append(dst, "\r\n"...); !empty {
			kept = len(dst)
		}
	}
	return dst[:max(began, kept)]
}

// appendSqueezed appends a line of a body. Most lines have nothing to change.
func appendSqueezed(dst, line []byte) []byte {
	line = bytes.TrimRight(line, " \t")
	if bytes.IndexByte(line, '\t') < 0 && !bytes.Contains(line, []byte("  ")) {
		return append(dst, line...)
	}
	space := false
	for _, c := range line {
		if c == ' ' || c == '\t' {
			space = true
			continue
		}
		if space {
			dst = append(dst, ' ')
		}
		dst, space = append(dst, c), false
	}
	return dst
}
