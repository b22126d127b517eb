// Package loose reads JSON whose values may be of another type than was agreed:
// a number as a string, one name where a list belongs, null. Agencies' programs
// change without notice, and one odd field must not stop a story.
//
// It never guesses in the dangerous direction: what is of the wrong type where a
// word belongs stays as its JSON text, which nobody can take for absent.
package loose

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

// A Text is what readers or editors are shown: a string, or a number as it was
// written, and "" for anything else, which is no text.
type Text string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *Text) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		return json.Unmarshal(data, (*string)(t))
	case '{', '[', 't', 'f', 'n':
		return nil
	default:
		*t = Text(data)
		return nil
	}
}

// Words is a list of scalars, or one; null and "" are none.
type Words []string

// UnmarshalJSON implements [json.Unmarshaler].
func (w *Words) UnmarshalJSON(data []byte) error {
	add := func(_ string, value json.RawMessage) error {
		var s Scalar
		if err := s.UnmarshalJSON(value); err != nil {
			return err
		}
		if s != "" {
			*w = append(*w, string(s))
		}
		return nil
	}
	if data[0] != '[' {
		return add("", data)
	}
	return Members(data, add)
}

// A List is a list of objects, or one; what is no object is left out.
type List[T any] []T

// UnmarshalJSON implements [json.Unmarshaler].
func (l *List[T]) UnmarshalJSON(data []byte) error {
	if data[0] == '{' {
		return l.add(data)
	}
	return Members(data, func(_ string, value json.RawMessage) error { return l.add(value) })
}

func (l *List[T]) add(value json.RawMessage) error {
	if value[0] != '{' {
		return nil
	}
	var t T
	if err := Unmarshal(value, &t); err != nil {
		return err
	}
	*l = append(*l, t)
	return nil
}

// Unmarshal is [json.Unmarshal], but a field of the wrong type is left out and is
// no error.
func Unmarshal(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		return nil
	}
	return err
}

// Members calls f for each member of an object, or each element of an array
// with an empty name, in the order written; nothing else has members. data is
// JSON that encoding/json has found valid, which is why looking for commas is
// enough: its Decoder would copy and check each value again, at each depth.
func Members(data []byte, f func(name string, value json.RawMessage) error) error {
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

var errNotJSON = errors.New("loose: a value is missing")

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
