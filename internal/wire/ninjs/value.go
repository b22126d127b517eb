package ninjs

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

// A Scalar is a string, or a number or boolean as it was written; "" when
// absent or null. A list or an object where a scalar belongs stays as its JSON,
// so that it is never mistaken for absent.
type Scalar string

// UnmarshalJSON implements [json.Unmarshaler].
func (s *Scalar) UnmarshalJSON(data []byte) error {
	switch {
	case string(data) == "null":
		return nil
	case data[0] == '"':
		return json.Unmarshal(data, (*string)(s))
	default:
		*s = Scalar(data)
		return nil
	}
}

// Int returns the number that s says, rounded down, or 0: sizes come as 172,
// 172.0 and "172".
func (s Scalar) Int() int {
	f, err := strconv.ParseFloat(strings.TrimSpace(string(s)), 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > math.MaxInt32 {
		return 0
	}
	return int(f)
}

// Strings is a list of strings, or one.
type Strings []string

// UnmarshalJSON implements [json.Unmarshaler]. Of an object it takes the uri,
// code, literal or name.
func (s *Strings) UnmarshalJSON(data []byte) error {
	var things Things
	if err := things.UnmarshalJSON(data); err != nil {
		return err
	}
	for _, t := range things {
		if id := t.ID(); id != "" {
			*s = append(*s, id)
		}
	}
	return nil
}

// Things is a list of things, or one; a bare string is a thing's name.
type Things []Thing

// UnmarshalJSON implements [json.Unmarshaler].
func (ts *Things) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if data[0] != '[' {
		data = append(append([]byte{'['}, data...), ']')
	}
	return members(data, func(_ string, value json.RawMessage) error {
		var t Thing
		if value[0] == '{' {
			if err := json.Unmarshal(value, &t); err != nil {
				return err
			}
		} else if err := t.Name.UnmarshalJSON(value); err != nil {
			return err
		}
		*ts = append(*ts, t)
		return nil
	})
}

// ID returns what names t best for a machine: uri, scheme and code, code,
// literal, else its name.
func (t Thing) ID() string {
	code := string(t.Code)
	if strings.Contains(string(t.Scheme), "/") && code != "" {
		code = string(t.Scheme) + code // a scheme that is a URI is made to be joined
	}
	return firstOf(string(t.URI), code, string(t.Literal), string(t.Name))
}

// Renditions is an object of renditions by name (1.x) or a list (2.x, 3.x).
type Renditions []Rendition

// UnmarshalJSON implements [json.Unmarshaler].
func (rs *Renditions) UnmarshalJSON(data []byte) error {
	return members(data, func(name string, value json.RawMessage) error {
		type plain Rendition
		var r struct {
			plain
			Name Scalar `json:"name"`
		}
		if value[0] != '{' || json.Unmarshal(value, &r) != nil {
			return nil
		}
		r.plain.Name = firstOf(name, string(r.Name))
		*rs = append(*rs, Rendition(r.plain))
		return nil
	})
}

// Mime returns the media type of the file, as sent.
func (r Rendition) Mime() string { return firstOf(string(r.ContentType), string(r.MIME)) }

// AltIDs are other identifiers of an item, by role.
type AltIDs map[string]string

// UnmarshalJSON implements [json.Unmarshaler]: 1.x has an object, 2.x and 3.x a
// list of role and value.
func (a *AltIDs) UnmarshalJSON(data []byte) error {
	*a = AltIDs{}
	return members(data, func(name string, value json.RawMessage) error {
		var alt struct{ Role, Value Scalar }
		if value[0] == '{' {
			if err := json.Unmarshal(value, &alt); err != nil {
				return err
			}
		} else if err := alt.Value.UnmarshalJSON(value); err != nil {
			return err
		}
		if role := firstOf(name, string(alt.Role)); role != "" && alt.Value != "" {
			(*a)[role] = string(alt.Value)
		}
		return nil
	})
}

// addText adds the value of "body_xhtml" and the like. The extension is both
// the role and the only word about its type.
func addText(labels []Label, role string, value json.RawMessage) []Label {
	var text Scalar
	if text.UnmarshalJSON(value) != nil || text == "" {
		return labels
	}
	return append(labels, Label{Role: role, Value: string(text)})
}

// addLabels adds a list of role, content type and value; a bare string counts.
func addLabels(labels []Label, value json.RawMessage) []Label {
	_ = members(value, func(_ string, value json.RawMessage) error {
		var l struct{ Role, ContentType, Value Scalar }
		if value[0] != '{' {
			labels = addText(labels, "", value)
		} else if json.Unmarshal(value, &l) == nil && l.Value != "" {
			labels = append(labels, Label{Role: string(l.Role), ContentType: string(l.ContentType), Value: string(l.Value)})
		}
		return nil
	})
	return labels
}

// members calls f for each member of an object, or each element of an array
// with an empty name, in the order written; nothing else has members. data is
// JSON that encoding/json has found valid, which is why looking for commas is
// enough: its Decoder would copy and check each value again, at each depth.
func members(data []byte, f func(name string, value json.RawMessage) error) error {
	data = bytes.TrimLeft(data, space)
	if len(data) == 0 || data[0] != '{' && data[0] != '[' {
		return nil
	}
	object := data[0] == '{'
	for data = bytes.TrimLeft(data[1:], space); len(data) > 0 && data[0] != '}' && data[0] != ']'; {
		var name string
		if object {
			n := extent(data)
			if err := json.Unmarshal(data[:n], &name); err != nil {
				return err
			}
			data = bytes.TrimLeft(data[n:], space+":")
		}
		n := extent(data)
		if n == 0 {
			return errNotJSON
		}
		if err := f(name, json.RawMessage(data[:n])); err != nil {
			return err
		}
		data = bytes.TrimLeft(data[n:], space+",")
	}
	return nil
}

// space is what may stand between the tokens of JSON.
const space = " \t\r\n"

var errNotJSON = errors.New("ninjs: a value is missing")

// extent returns how many bytes the value at the start of data has.
func extent(data []byte) int {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return min(i+1, len(data))
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i // a number or a word, last in what it stands in
			}
			if depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return len(data)
}

// firstOf returns the first text that is not blank, or "".
func firstOf(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}
