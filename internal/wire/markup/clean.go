package markup

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// clean returns in, which is UTF-8, with elements and text only.
//
// The XML declaration, document types, comments and instructions are dropped
// (their line breaks stay, so that messages name the sender's lines), CDATA
// becomes escaped text, and an ampersand or angle bracket that means itself is
// escaped. It fails on files over the limits.
func clean(in []byte) ([]byte, error) {
	c := cleaner{in: in, out: make([]byte, 0, len(in)+len(in)/16)}
	for c.pos < len(c.in) {
		if err := c.next(); err != nil {
			return nil, err
		}
		if c.tokens > MaxTokens {
			return nil, tooLarge("has more than %d tags, attributes and runs of text", MaxTokens, MaxTokens)
		}
		if len(c.out) > 2*MaxBytes {
			return nil, tooLarge("grows to more than %d bytes when its letters are escaped", 2*MaxBytes, 2*MaxBytes)
		}
	}
	return c.out, nil
}

type cleaner struct {
	in, out []byte
	pos     int // of the next byte of in
	depth   int
	tokens  int
}

// next moves one token from in to out.
func (c *cleaner) next() error {
	rest := c.in[c.pos:]
	switch {
	case rest[0] != '<':
		end := bytes.IndexByte(rest, '<')
		if end < 0 {
			end = len(rest)
		}
		c.text(rest[:end])
		return nil
	case bytes.HasPrefix(rest, []byte("<!--")):
		return c.drop(4, "-->", "a comment that does not end")
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return c.cdata()
	case bytes.HasPrefix(rest, []byte("<!")):
		return c.doctype()
	case bytes.HasPrefix(rest, []byte("<?")):
		return c.drop(2, "?>", "an instruction that does not end")
	case bytes.HasPrefix(rest, []byte("</")):
		end := bytes.IndexByte(rest, '>')
		if end < 0 {
			return malformed(c.line(), "a closing tag that does not end")
		}
		c.tokens++
		c.depth--
		c.emit(end + 1)
		return nil
	case len(rest) > 1 && isNameStart(rest[1]):
		return c.start()
	default: // "less than"
		c.out = append(c.out, "&lt;"...)
		c.pos++
		return nil
	}
}

// start copies a start tag and counts its attributes.
func (c *cleaner) start() error {
	rest := c.in[c.pos:]
	attrs, from := 0, 0
	for {
		i := bytes.IndexAny(rest[from:], `"'>`)
		if i < 0 {
			return malformed(c.line(), "a tag that does not end")
		}
		at := from + i
		if rest[at] == '>' {
			if c.tokens++; rest[at-1] == '/' {
				c.tokens++ // its end
			} else if c.depth++; c.depth > MaxDepth {
				return tooLarge("has elements inside elements more than %d deep", MaxDepth, MaxDepth)
			}
			c.out = append(c.out, rest[from:at+1]...)
			c.pos += at + 1
			return nil
		}
		end := bytes.IndexByte(rest[at+1:], rest[at])
		if end < 0 {
			return malformed(c.line(), "an attribute that does not end")
		}
		end += at + 1
		c.out = append(c.out, rest[from:at+1]...)
		c.escape(rest[at+1:end], true)
		c.out = append(c.out, rest[at])
		from = end + 1
		if attrs++; attrs > maxAttrs {
			return tooLarge("has an element with more than %d attributes", maxAttrs, maxAttrs)
		}
		c.tokens++
	}
}

// text copies a run of text, repairing what is not a reference.
func (c *cleaner) text(run []byte) {
	c.tokens++
	c.pos += len(run)
	c.escape(run, true)
}

func (c *cleaner) cdata() error {
	const open = len("<![CDATA[")
	end := bytes.Index(c.in[c.pos+open:], []byte("]]>"))
	if end < 0 {
		return malformed(c.line(), "a CDATA section that does not end")
	}
	c.tokens++
	c.escape(c.in[c.pos+open:c.pos+open+end], false)
	c.pos += open + end + len("]]>")
	return nil
}

// escape writes run as text. References inside it are kept if references is
// true and they mean a character; everything else means itself.
func (c *cleaner) escape(run []byte, references bool) {
	for len(run) > 0 {
		n := bytes.IndexFunc(run, special)
		if n < 0 {
			n = len(run)
		}
		c.out = append(c.out, run[:n]...)
		if run = run[n:]; len(run) == 0 {
			return
		}
		r, size := utf8.DecodeRune(run)
		switch {
		case r == '<':
			c.out = append(c.out, "&lt;"...)
		case r == '>':
			c.out = append(c.out, "&gt;"...) // "]]>" may not stand in text
		case r == '&' && references:
			size = c.reference(run)
		case r == '&':
			c.out = append(c.out, "&amp;"...)
		case r < ' ':
			c.out = append(c.out, ' ') // no XML may hold control characters, some does
		default:
			c.out = append(c.out, "\uFFFD"...)
		}
		run = run[size:]
	}
}

// special reports whether r may not stand in the text of a document as it is.
func special(r rune) bool {
	return r == '<' || r == '>' || r == '&' || !legal(r)
}

// legal reports whether XML 1.0 (§2.2) allows r.
func legal(r rune) bool {
	return r >= ' ' && r < 0xFFFE && (r < 0xD800 || r > 0xDFFF) || r == '\n' || r == '\r' || r == '\t' || r > 0xFFFF && r <= utf8.MaxRune
}

// reference writes the ampersand, or the whole reference, with which run begins
// and returns how much of run that was. An ampersand that begins no reference
// means itself; the number of a character that XML forbids is replaced by what
// the sender must have meant.
func (c *cleaner) reference(run []byte) int {
	end := bytes.IndexByte(run[:min(len(run), 40)], ';')
	if end < 2 {
		c.out = append(c.out, "&amp;"...)
		return 1
	}
	name := string(run[1:end])
	if digits, ok := strings.CutPrefix(name, "#"); ok {
		if hex := strings.TrimLeft(digits, "xX"); hex != digits {
			digits = "0x" + hex
		}
		n, err := strconv.ParseUint(digits, 0, 32)
		switch {
		case err != nil:
			c.out = append(c.out, "&amp;"...)
			return 1
		case n >= 0x80 && n <= 0x9F: // Windows' quotes and dashes
			c.out = utf8.AppendRune(c.out, charmap.Windows1252.DecodeByte(byte(n)))
		case n > utf8.MaxRune || !legal(rune(n)):
			c.out = append(c.out, "\uFFFD"...)
		default:
			c.out = fmt.Appendf(c.out, "&#%d;", n)
		}
		return end + 1
	}
	_, known := xml.HTMLEntity[name]
	if known = known || slices.Contains([]string{"amp", "lt", "gt", "quot", "apos"}, name); known {
		c.out = append(c.out, run[:end+1]...)
		return end + 1
	}
	c.out = append(c.out, "&amp;"...)
	return 1
}

// doctype drops a document type with its internal subset. Nothing in it is
// ever obeyed: no entity is defined, no file is fetched.
func (c *cleaner) doctype() error {
	rest := c.in[c.pos:]
	subset := false
	for i := 2; i < len(rest); i++ {
		switch b := rest[i]; {
		case b == '"' || b == '\'':
			end := bytes.IndexByte(rest[i+1:], b)
			if end < 0 {
				return malformed(c.line(), "a document type that does not end")
			}
			i += 1 + end
		case bytes.HasPrefix(rest[i:], []byte("<!--")):
			end := bytes.Index(rest[i:], []byte("-->"))
			if end < 0 {
				return malformed(c.line(), "a comment that does not end")
			}
			i += end + 2
		case b == '[':
			subset = true
		case b == ']':
			subset = false
		case b == '>' && !subset:
			c.skip(i + 1)
			return nil
		}
	}
	return malformed(c.line(), "a document type that does not end")
}

// drop leaves out what runs from here, after an opening of n bytes, to end.
func (c *cleaner) drop(n int, end, unless string) error {
	i := bytes.Index(c.in[c.pos+n:], []byte(end))
	if i < 0 {
		return malformed(c.line(), unless)
	}
	c.skip(n + i + len(end))
	return nil
}

// skip leaves out n bytes but their line breaks.
func (c *cleaner) skip(n int) {
	for range bytes.Count(c.in[c.pos:c.pos+n], []byte("\n")) {
		c.out = append(c.out, '\n')
	}
	c.pos += n
}

// emit copies n bytes.
func (c *cleaner) emit(n int) {
	c.out = append(c.out, c.in[c.pos:c.pos+n]...)
	c.pos += n
}

// line returns the number of the line at which c stands.
func (c *cleaner) line() int { return 1 + bytes.Count(c.in[:c.pos], []byte("\n")) }

func isNameStart(b byte) bool {
	return 'a' <= b|0x20 && b|0x20 <= 'z' || b == '_' || b == ':' || b >= utf8.RuneSelf
}
