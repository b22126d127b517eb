package vast

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// A node is an element. Names are in small letters and without prefixes: ad
// servers write skipOffset and AdID, and namespaces as they like.
type node struct {
	name  string
	attrs map[string]string
	text  []byte // all of its own
	nodes []*node
}

// tree reads the elements of a document.
//
// The decoder is not strict: bare ampersands are in half of all addresses. It
// expands no entities but XML's own.
func tree(data []byte) (*node, error) {
	if len(data) > MaxBytes {
		return nil, tooLarge("has %d bytes; at most %d are read", len(data), MaxBytes)
	}
	text, err := toUTF8(data)
	if err != nil {
		return nil, err
	}
	if len(text) > MaxBytes {
		return nil, tooLarge("has %d bytes as UTF-8; at most %d are read", len(text), MaxBytes)
	}
	d := xml.NewDecoder(bytes.NewReader(body(text)))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	top := &node{}
	if err := top.read(d); err != nil {
		return nil, err
	}
	if len(top.nodes) == 0 {
		return nil, fail(XMLParsingError, "The answer is no XML: it has no element.")
	}
	return top.nodes[0], nil
}

// read reads the first element of a document, with all that is in it.
func (n *node) read(d *xml.Decoder) error {
	open, elements := []*node{n}, 0
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if len(open) > 1 {
				return fail(XMLParsingError, "The XML ends inside the element <%s>.", clip(open[len(open)-1].name))
			}
			return nil
		}
		if err != nil {
			return &Error{Code: XMLParsingError, Detail: "The answer is not well-formed XML.", Err: err}
		}
		last := open[len(open)-1]
		switch t := t.(type) {
		case xml.Directive:
			return fail(XMLParsingError, "The XML declares a document type. VAST has none: such a declaration can only do harm.")
		case xml.CharData:
			if last.text = append(last.text, t...); len(open) == 1 && len(bytes.TrimSpace(last.text)) > 0 {
				return fail(XMLParsingError, "The answer is no XML: it begins with other text.")
			}
		case xml.StartElement:
			if elements++; elements > maxElements {
				return tooLarge("has more than %d elements", maxElements)
			}
			if len(open) > maxDepth {
				return tooLarge("has elements inside elements more than %d deep", maxDepth)
			}
			if len(t.Attr) > maxAttrs {
				return tooLarge("has an element with more than %d attributes", maxAttrs)
			}
			in := element(t)
			last.nodes, open = append(last.nodes, in), append(open, in)
		case xml.EndElement:
			if name := strings.ToLower(t.Name.Local); name != last.name || len(open) == 1 {
				return fail(XMLParsingError, "The answer is not well-formed XML: </%s> stands where <%s> is open.", clip(name), clip(last.name))
			}
			if open = open[:len(open)-1]; len(open) == 1 {
				return nil // what follows the document is nobody's
			}
		}
	}
}

func element(t xml.StartElement) *node {
	n := &node{name: strings.ToLower(t.Name.Local)}
	for _, a := range t.Attr {
		if n.attrs == nil {
			n.attrs = make(map[string]string, len(t.Attr))
		}
		if name := strings.ToLower(a.Name.Local); n.attrs[name] == "" {
			n.attrs[name] = strings.TrimSpace(a.Value)
		}
	}
	return n
}

// child returns the first element of a name inside n; an empty one when there is
// none, so that one can look further without asking.
func (n *node) child(name string) *node {
	for _, in := range n.nodes {
		if in.name == name {
			return in
		}
	}
	return &node{}
}

// all returns the elements of a name inside n.
func (n *node) all(name string) []*node {
	var found []*node
	for _, in := range n.nodes {
		if in.name == name {
			found = append(found, in)
		}
	}
	return found
}

// here reports whether the element stands in the document.
func (n *node) here() bool { return n.name != "" }

// words returns the element's text as one line.
func (n *node) words() string { return clip(string(n.text)) }

// attr returns an attribute as one line.
func (n *node) attr(name string) string { return clip(n.attrs[name]) }

// clip makes one line of text, and a long one shorter.
func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxText {
		s = strings.TrimSpace(string([]rune(s)[:maxText]))
	}
	return s
}

// declaration is the XML declaration. The decoder would refuse XML 1.1.
var declaration = regexp.MustCompile(`^\s*<\?xml\s[^>]*\?>`)

func body(text []byte) []byte {
	for {
		at := declaration.FindIndex(text)
		if at == nil {
			return text
		}
		text = text[at[1]:]
	}
}

var declared = regexp.MustCompile(`^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// toUTF8 returns data as UTF-8 without a byte order mark. Validity comes before
// the declaration: many documents that declare iso-8859-1 are UTF-8.
func toUTF8(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xfe\xff")), bytes.HasPrefix(data, []byte("\x00<")):
		return decode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), data)
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("<\x00")):
		return decode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), data)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	// iso-2022-jp hides its letters behind escape sequences in plain ASCII.
	if utf8.Valid(data) && bytes.IndexByte(data, 0x1b) < 0 {
		return data, nil
	}
	label := "utf-8"
	if m := declared.FindSubmatch(data[:min(len(data), 1024)]); m != nil {
		label = strings.ToLower(string(m[1]))
	}
	if strings.HasPrefix(label, "utf") || strings.HasSuffix(label, "ascii") {
		return bytes.ToValidUTF8(data, []byte("\uFFFD")), nil
	}
	enc, err := htmlindex.Get(label)
	if err != nil || enc == encoding.Replacement {
		return nil, fail(XMLParsingError, "The XML is written in the charset %q, which is not known.", label)
	}
	return decode(enc, data)
}

func decode(enc encoding.Encoding, data []byte) ([]byte, error) {
	text, err := enc.NewDecoder().Bytes(data)
	if err != nil {
		return nil, &Error{Code: XMLParsingError, Detail: "The letters of the XML cannot be read in its charset.", Err: err}
	}
	return text, nil
}

func tooLarge(what string, args ...any) error {
	return fail(XMLParsingError, "The document "+what+".", args...)
}
