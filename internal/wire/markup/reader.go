package markup

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A reader takes a document apart for [xml.Decoder], in the place of its own
// scanner: that one stops at the damage of real feeds, knows no limits and
// needs a second for five megabytes.
//
// It hands on elements and text only. The XML declaration, document types,
// comments and instructions are passed over, and what means nothing as markup
// means itself.
type reader struct {
	in     []byte // valid UTF-8
	pos    int    // of the next byte
	tokens int
	open   []string          // the names of the elements that pos is inside of
	closed bool              // the last tag was "<a/>": its end is next
	names  map[string]string // one string for all uses of a name
}

// Token implements [xml.TokenReader]. Its errors are Problems.
func (r *reader) Token() (xml.Token, error) {
	if r.closed {
		r.closed = false
		return r.end(r.open[len(r.open)-1])
	}
	for r.pos < len(r.in) {
		if r.tokens > MaxTokens {
			return nil, tooLarge("has more than %d tags, attributes, references and runs of text", MaxTokens, MaxTokens)
		}
		rest := r.in[r.pos:]
		switch {
		case rest[0] != '<':
			end := bytes.IndexByte(rest, '<')
			if end < 0 {
				end = len(rest)
			}
			return r.text(end)
		case bytes.HasPrefix(rest, []byte("<!--")):
			if err := r.pass(4, "-->", "a comment that does not end"); err != nil {
				return nil, err
			}
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			return r.cdata()
		case bytes.HasPrefix(rest, []byte("<!")):
			if err := r.doctype(); err != nil {
				return nil, err
			}
		case bytes.HasPrefix(rest, []byte("<?")):
			if err := r.pass(2, "?>", "an instruction that does not end"); err != nil {
				return nil, err
			}
		case bytes.HasPrefix(rest, []byte("</")):
			n := bytes.IndexByte(rest, '>')
			if n < 0 {
				return nil, r.malformed("a closing tag that does not end")
			}
			if n > maxName {
				return nil, tooLarge("has a name of %d bytes", n, maxName)
			}
			r.pos += n + 1
			return r.end(string(bytes.TrimSpace(rest[2:n])))
		case startsTag(rest):
			return r.start()
		default: // "less than", or an address in angle brackets
			return r.text(1)
		}
	}
	if len(r.open) > 0 {
		return nil, r.malformed("it ends inside the element <" + r.open[len(r.open)-1] + ">")
	}
	return nil, io.EOF
}

// start reads a start tag.
func (r *reader) start() (xml.Token, error) {
	r.tokens++
	r.pos++ // "<"
	name, err := r.name()
	if err != nil {
		return nil, err
	}
	if r.open = append(r.open, name); len(r.open) > MaxDepth {
		return nil, tooLarge("has elements inside elements more than %d deep", MaxDepth, MaxDepth)
	}
	start := xml.StartElement{Name: split(name)}
	for {
		r.space()
		rest := r.in[r.pos:]
		switch {
		case len(rest) == 0:
			return nil, r.malformed("a tag that does not end")
		case rest[0] == '>':
			r.pos++
			return start, nil
		case bytes.HasPrefix(rest, []byte("/>")):
			r.pos += 2
			r.closed = true
			return start, nil
		}
		a, err := r.attr()
		if err != nil {
			return nil, err
		}
		if start.Attr = append(start.Attr, a); len(start.Attr) > maxAttrs {
			return nil, tooLarge("has an element with more than %d attributes", maxAttrs, maxAttrs)
		}
	}
}

// attr reads an attribute, from its name to the quote after its value.
func (r *reader) attr() (xml.Attr, error) {
	r.tokens++
	name, err := r.name()
	if err != nil {
		return xml.Attr{}, err
	}
	r.space()
	if r.pos >= len(r.in) || r.in[r.pos] != '=' {
		return xml.Attr{}, r.malformed("the attribute " + name + " has no value")
	}
	r.pos++
	r.space()
	rest := r.in[r.pos:]
	if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
		return xml.Attr{}, r.malformed("the attribute " + name + " has no quotes")
	}
	end := bytes.IndexByte(rest[1:], rest[0])
	if end < 0 {
		return xml.Attr{}, r.malformed("an attribute that does not end")
	}
	r.pos += 1 + end + 1
	value := r.unescape(rest[1 : 1+end])
	return xml.Attr{Name: split(name), Value: string(value)}, nil
}

// name reads the name of an element or attribute.
func (r *reader) name() (string, error) {
	n := r.pos
	for n < len(r.in) && inName(r.in[n]) {
		n++
	}
	name := r.in[r.pos:n]
	switch {
	case len(name) == 0:
		return "", r.malformed("a tag with something else than attributes")
	case len(name) > maxName:
		return "", tooLarge("has a name of %d bytes", len(name), maxName)
	}
	r.pos = n
	known, ok := r.names[string(name)]
	if !ok {
		known = string(name)
		r.names[known] = known
	}
	return known, nil
}

// end closes the element name.
func (r *reader) end(name string) (xml.Token, error) {
	r.tokens++
	if len(r.open) == 0 {
		return nil, r.malformed("</" + name + "> closes nothing")
	}
	last := len(r.open) - 1
	if r.open[last] != name {
		return nil, r.malformed("</" + name + "> where <" + r.open[last] + "> is open")
	}
	r.open = r.open[:last]
	return xml.EndElement{Name: split(name)}, nil
}

// text reads n bytes of text.
func (r *reader) text(n int) (xml.Token, error) {
	r.tokens++
	run := r.in[r.pos : r.pos+n]
	r.pos += n
	return xml.CharData(r.unescape(run)), nil
}

// cdata reads a CDATA section, in which every letter means itself.
func (r *reader) cdata() (xml.Token, error) {
	const open, end = "<![CDATA[", "]]>"
	n := bytes.Index(r.in[r.pos:], []byte(end))
	if n < 0 {
		return nil, r.malformed("a CDATA section that does not end")
	}
	r.tokens++
	section := r.in[r.pos+len(open) : r.pos+n]
	r.pos += n + len(end)
	if !slices.ContainsFunc(section, func(b byte) bool { return b < ' ' || b == 0xEF }) || !bytes.ContainsFunc(section, forbidden) {
		return xml.CharData(section), nil
	}
	return xml.CharData(bytes.Map(allowed, section)), nil
}

// doctype passes over a document type with its internal subset. Nothing in it
// is ever obeyed: no entity is defined, no file is fetched.
func (r *reader) doctype() error {
	rest := r.in[r.pos:]
	subset := false
	for i := 2; i < len(rest); i++ {
		switch b := rest[i]; {
		case b == '"' || b == '\'':
			end := bytes.IndexByte(rest[i+1:], b)
			if end < 0 {
				return r.malformed("a document type that does not end")
			}
			i += 1 + end
		case b == '<' && bytes.HasPrefix(rest[i:], []byte("<!--")):
			end := bytes.Index(rest[i:], []byte("-->"))
			if end < 0 {
				return r.malformed("a comment that does not end")
			}
			i += end + 2
		case b == '[':
			subset = true
		case b == ']':
			subset = false
		case b == '>' && !subset:
			r.pos += i + 1
			return nil
		}
	}
	return r.malformed("a document type that does not end")
}

// pass leaves out what runs from here, after an opening of n bytes, to end.
func (r *reader) pass(n int, end, unless string) error {
	i := bytes.Index(r.in[r.pos+n:], []byte(end))
	if i < 0 {
		return r.malformed(unless)
	}
	r.pos += n + i + len(end)
	return nil
}

// space passes over white space.
func (r *reader) space() {
	for r.pos < len(r.in) && isSpace(r.in[r.pos]) {
		r.pos++
	}
}

func (r *reader) malformed(what string) error {
	return malformed(1+bytes.Count(r.in[:min(r.pos, len(r.in))], []byte("\n")), what)
}

// untouched reports whether each byte of a run surely means itself.
func untouched(run []byte) bool {
	for _, b := range run {
		if b == '&' || b < ' ' && b != '\n' && b != '\t' || b == 0xEF { // U+FFFE begins with 0xEF
			return false
		}
	}
	return true
}

// unescape returns text with its references resolved, line ends as XML wants
// them (§2.11) and without characters that XML forbids. Each reference counts
// as a token.
func (r *reader) unescape(run []byte) []byte {
	if untouched(run) {
		return run
	}
	out := make([]byte, 0, len(run))
	for len(run) > 0 && r.tokens <= MaxTokens { // else Token refuses the file
		i := bytes.IndexAny(run, "&\r")
		if i < 0 {
			i = len(run)
		}
		out = append(out, run[:i]...)
		if run = run[i:]; len(run) == 0 {
			break
		}
		if run[0] == '\r' {
			run = run[1:]
			if len(run) == 0 || run[0] != '\n' {
				out = append(out, '\n')
			}
			continue
		}
		r.tokens++
		c, n := reference(run)
		out = append(out, c...)
		run = run[n:]
	}
	return bytes.Map(allowed, out)
}

// reference returns what the reference at the start of s means and how long it
// is. An ampersand that begins no reference means itself; the number of a
// character that no XML may hold means what the sender must have meant.
func reference(s []byte) (meaning string, n int) {
	end := bytes.IndexByte(s[:min(len(s), 40)], ';')
	if end < 2 {
		return "&", 1
	}
	name := string(s[1:end])
	switch name {
	case "amp":
		return "&", end + 1
	case "lt":
		return "<", end + 1
	case "gt":
		return ">", end + 1
	case "quot":
		return `"`, end + 1
	case "apos":
		return "'", end + 1
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		if meaning, ok := xml.HTMLEntity[name]; ok {
			return meaning, end + 1
		}
		return "&", 1
	}
	base := 10
	if hex, ok := strings.CutPrefix(strings.ToLower(digits), "x"); ok {
		digits, base = hex, 16
	}
	code, err := strconv.ParseUint(digits, base, 32)
	switch {
	case err != nil:
		return "&", 1
	case code >= 0x80 && code <= 0x9F: // Windows' quotes and dashes
		return string(charmap.Windows1252.DecodeByte(byte(code))), end + 1
	case code > utf8.MaxRune || forbidden(rune(code)):
		return "\uFFFD", end + 1
	}
	return string(rune(code)), end + 1
}

// forbidden reports whether XML 1.0 (§2.2) forbids c.
func forbidden(c rune) bool {
	return c < ' ' && c != '\n' && c != '\r' && c != '\t' || c >= 0xD800 && c <= 0xDFFF || c == 0xFFFE || c == 0xFFFF
}

// allowed returns c or a stand-in for it: some agencies send what XML forbids.
func allowed(c rune) rune {
	switch {
	case !forbidden(c):
		return c
	case c < ' ':
		return ' '
	}
	return utf8.RuneError
}

// startsTag reports whether s, which begins with "<", begins a start tag. Its
// name tells: "<desk@example.org>" and "< 3" are text.
func startsTag(s []byte) bool {
	n := 1
	for n < len(s) && inName(s[n]) {
		n++
	}
	if n == 1 || s[1] == '-' || s[1] == '.' || '0' <= s[1] && s[1] <= '9' {
		return false
	}
	return n == len(s) || isSpace(s[n]) || s[n] == '/' || s[n] == '>'
}

func inName(b byte) bool {
	return 'a' <= b|0x20 && b|0x20 <= 'z' || '0' <= b && b <= '9' || b == '_' || b == ':' || b == '-' || b == '.' || b >= utf8.RuneSelf
}

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\r' || b == '\t' }

// split returns a name with its prefix where [xml.Decoder] looks for it.
func split(name string) xml.Name {
	i := strings.LastIndexByte(name, ':')
	if i <= 0 || i == len(name)-1 {
		return xml.Name{Local: name}
	}
	return xml.Name{Space: name[:i], Local: name[i+1:]}
}
