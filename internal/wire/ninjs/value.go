package ninjs

import (
	"encoding/json"
	"strings"

	"kawaraban/internal/wire/loose"
)

// A Scalar is a value where a word belongs.
type Scalar = loose.Scalar

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
	return loose.Members(data, func(_ string, value json.RawMessage) error {
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
	return loose.Members(data, func(name string, value json.RawMessage) error {
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
	return loose.Members(data, func(name string, value json.RawMessage) error {
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
	_ = loose.Members(value, func(_ string, value json.RawMessage) error {
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

// firstOf returns the first text that is not blank, or "".
func firstOf(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}
