package markup

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"kawaraban/internal/problem"
)

// declared finds the charset that an XML declaration names.
var declared = regexp.MustCompile(`^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// UTF8 returns data as UTF-8 without a byte order mark.
//
// Validity comes before the declaration: many files that declare iso-8859-1 are
// UTF-8, and text in a one-byte charset is hardly ever valid UTF-8 by accident.
func UTF8(data []byte) ([]byte, error) {
	if text, ok, err := utf16(data); ok {
		return text, err
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	label := "utf-8"
	if m := declared.FindSubmatch(data[:min(len(data), 1024)]); m != nil {
		label = strings.ToLower(string(m[1]))
	}
	// iso-2022 hides its letters behind escape sequences in plain ASCII.
	escaped := strings.HasPrefix(label, "iso-2022") && bytes.IndexByte(data, 0x1b) >= 0
	if utf8.Valid(data) && !escaped {
		return data, nil
	}
	if strings.HasPrefix(label, "utf") || label == "us-ascii" || label == "ascii" {
		return repairUTF8(data), nil
	}
	enc, name := charset.Lookup(label)
	if enc == nil || name == "replacement" {
		return nil, &problem.Problem{
			Kind:   problem.Unsupported,
			Detail: fmt.Sprintf("The XML file is written in the charset %q, which we do not know.", label),
		}
	}
	return decode(enc, data)
}

// utf16 converts data if a byte order mark or the shape of its first
// characters says that it is UTF-16.
func utf16(data []byte) (text []byte, ok bool, err error) {
	order := unicode.BigEndian
	switch {
	case bytes.HasPrefix(data, []byte("\xfe\xff")), bytes.HasPrefix(data, []byte("\x00<\x00")):
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("<\x00")):
		order = unicode.LittleEndian
	default:
		return nil, false, nil
	}
	text, err = decode(unicode.UTF16(order, unicode.UseBOM), data)
	return text, true, err
}

// repairUTF8 reads text that claims to be UTF-8 and is not. Mostly good text
// with a broken letter keeps the rest; text where hardly anything is UTF-8 is
// the one-byte charset that half the world calls ASCII.
func repairUTF8(data []byte) []byte {
	good, bad := 0, 0
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			bad++
		} else {
			good++
		}
		i += size
	}
	if good < bad {
		// Every byte has a meaning in this charset: it cannot fail.
		text, _ := charmap.Windows1252.NewDecoder().Bytes(data)
		return text
	}
	return bytes.ToValidUTF8(data, []byte("\uFFFD"))
}

func decode(enc encoding.Encoding, data []byte) ([]byte, error) {
	text, err := enc.NewDecoder().Bytes(data)
	if err != nil {
		return nil, &problem.Problem{
			Kind: problem.Invalid, Detail: "The XML file's letters cannot be read in the charset that it declares.", Err: err,
		}
	}
	return text, nil
}
