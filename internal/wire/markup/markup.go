// Package markup reads XML that strangers send.
//
// Agencies' files lie about their charset, forget to escape an ampersand, point
// at document types that we must never fetch and, in the worst case, are made
// to hurt. All XML formats read theirs through Decode: it sniffs the charset,
// drops what no format of ours needs (document types, comments, instructions),
// repairs the damage that real feeds show, and holds limits of size, depth and
// number before a single value is allocated. What cannot be read is a Problem
// that says why, so that one bad file never stops a feed.
package markup

import (
	"bytes"
	"encoding/xml"
	"fmt"

	"kawaraban/internal/problem"
)

// The limits of one file. The largest of 142 files of 25 agencies have 85 KB, 14
// elements inside each other and 2,300 tokens.
//
// No file may cost more than 50 ms of a processor: a byte costs up to 120 ns
// (read, taken apart, made a body of, cleaned), a token up to 3 µs. That is what
// sets MaxBytes and MaxTokens; wire's flood test holds it.
const (
	MaxBytes  = 384 << 10 // before and after conversion to UTF-8
	MaxDepth  = 64        // elements inside elements
	MaxTokens = 10_000    // tags, attributes, references and runs of text
	maxAttrs  = 256       // attributes of one element
	maxText   = 64 << 10  // bytes of a headline, a name, a caption
	maxName   = 4096      // bytes of a tag before, between and after its attributes' values
)

// Decode reads the XML document in data into v, which is as for [xml.Unmarshal].
// What follows the root element is ignored. An error is a Problem: TooLarge for
// a file over a limit, Unsupported for a charset that we do not know, Invalid
// for what is not XML even after repair.
func Decode(data []byte, v any) error {
	d, err := decoder(data)
	if err != nil {
		return err
	}
	if err := d.Decode(v); err != nil {
		return invalid(err)
	}
	return nil
}

// Root returns the namespace and the local name of the document's first
// element. What follows its first tag is not looked at. Errors are those of
// Decode.
func Root(data []byte) (space, local string, err error) {
	d, err := decoder(data)
	if err != nil {
		return "", "", err
	}
	for {
		t, err := d.Token()
		if err != nil {
			return "", "", invalid(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t.Name.Space, t.Name.Local, nil
		case xml.CharData:
			// Else a JSON file with markup in it would pass for XML.
			if len(bytes.TrimSpace(t)) > 0 {
				return "", "", invalid(nil)
			}
		}
	}
}

// Scan calls f with the name of each element of the document, as it begins,
// without allocating what the document holds; in Space is its prefix, not its
// namespace. It stops at the first error of f and returns it. Other errors are
// those of Decode.
func Scan(data []byte, f func(xml.Name) error) error {
	r, err := scanner(data)
	if err != nil {
		return err
	}
	for {
		t, err := r.Token()
		if err != nil {
			return invalid(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := f(t.Name); err != nil {
				return err
			}
		case xml.EndElement:
			if len(r.open) == 0 {
				return nil
			}
		}
	}
}

// decoder returns a decoder of a document of any charset.
func decoder(data []byte) (*xml.Decoder, error) {
	r, err := scanner(data)
	if err != nil {
		return nil, err
	}
	return xml.NewTokenDecoder(r), nil
}

// scanner returns a reader of a document of any charset.
func scanner(data []byte) (*reader, error) {
	if len(data) > MaxBytes {
		return nil, tooLarge("has %d bytes", len(data), MaxBytes)
	}
	text, err := UTF8(data)
	if err != nil {
		return nil, err
	}
	if len(text) > MaxBytes {
		return nil, tooLarge("has %d bytes as UTF-8", len(text), MaxBytes)
	}
	return &reader{in: text, names: make(map[string]string)}, nil
}

// tooLarge says which limit a file is over; what has one %d for got.
func tooLarge(what string, got, limit int) error {
	return &problem.Problem{
		Kind:   problem.TooLarge,
		Detail: fmt.Sprintf("The XML file "+what+"; the limit is %d. Send it in parts, or made simpler.", got, limit),
	}
}

func malformed(line int, what string) error {
	return &problem.Problem{
		Kind:   problem.Invalid,
		Detail: fmt.Sprintf("The file is not well-formed XML: %s (line %d).", what, line),
	}
}

// invalid makes a Problem of what encoding/xml says; what is one already, stays.
func invalid(err error) error {
	if p := problem.Of(err); p != nil {
		return p
	}
	return &problem.Problem{Kind: problem.Invalid, Detail: "The file has no XML document that we can read.", Err: err}
}
