package config

import (
	"encoding"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A field is one setting: a field of the struct and what its tags say.
type field struct {
	name                     string // as on the command line, without the dashes
	help, def, example, enum string
	value                    reflect.Value
}

func (f field) key() string      { return strings.ReplaceAll(f.name, "-", "_") }
func (f field) variable() string { return prefix + strings.ToUpper(f.key()) }
func (f field) secret() bool     { return f.value.Type() == secretType }

var (
	secretType   = reflect.TypeFor[Secret]()
	durationType = reflect.TypeFor[time.Duration]()
	urlType      = reflect.TypeFor[*url.URL]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// valueOf lets config.go set a Secret without importing reflect for it.
func valueOf(s Secret) reflect.Value { return reflect.ValueOf(s) }

// fieldsOf lists the settings of the struct that v points to, in its order.
// Its errors are mistakes in the struct, not in anyone's settings.
func fieldsOf(v any) ([]field, error) {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer || rv.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("config: settings are a pointer to a struct, not %T", v)
	}
	fields, err := walk(rv.Elem(), "")
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f.name] {
			return nil, fmt.Errorf("config: two settings are called %s", f.name)
		}
		seen[f.name] = true
	}
	return fields, nil
}

// walk lists the settings of the struct v, and of the structs embedded in it
// as kong embeds them (`embed:"" prefix:"mail-"`).
func walk(v reflect.Value, before string) (fields []field, err error) {
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		if _, embedded := sf.Tag.Lookup("embed"); embedded || sf.Anonymous {
			inner, err := walk(v.Field(i), before+sf.Tag.Get("prefix"))
			if err != nil {
				return nil, err
			}
			fields = append(fields, inner...)
			continue
		}
		f := field{
			name: before + sf.Tag.Get("name"), help: sf.Tag.Get("help"), def: sf.Tag.Get("default"),
			example: sf.Tag.Get("example"), enum: sf.Tag.Get("enum"), value: v.Field(i),
		}
		if f.name == before || !sf.IsExported() {
			return nil, fmt.Errorf("%s.%s is not exported or has no name", v.Type(), sf.Name)
		}
		if sortOf(sf.Type) == "" {
			return nil, fmt.Errorf("%s.%s: settings of type %s cannot be read", v.Type(), sf.Name, sf.Type)
		}
		fields = append(fields, f)
	}
	return fields, nil
}

// sortOf names a type for people: "whole number", "list of text"; "" when it
// is none that a setting may have.
func sortOf(t reflect.Type) string {
	switch {
	case t == secretType:
		return "secret"
	case t == durationType:
		return "duration"
	case t == urlType:
		return "URL"
	case reflect.PointerTo(t).Implements(textType):
		return strings.ToLower(t.Name())
	}
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "whole number"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Slice:
		if inner := sortOf(t.Elem()); inner != "" && t.Elem().Kind() != reflect.Slice && t.Elem() != secretType {
			return "list of " + inner
		}
	}
	return ""
}

// isList reports whether t is a list of settings, and not a slice that is read
// as one text, such as a net.IP.
func isList(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && !reflect.PointerTo(t).Implements(textType)
}

// a puts the right article before a sort.
func a(sort string) string {
	if strings.HasPrefix(sort, "text") || strings.HasPrefix(sort, "true") {
		return sort
	}
	if strings.ContainsRune("aeio", rune(sort[0])) { // "a URL"
		return "an " + sort
	}
	return "a " + sort
}

// setRaw sets f from a variable's text or from a value of the file.
func (f field) setRaw(raw any) error {
	if text, ok := raw.(textual); ok && isList(f.value.Type()) {
		raw = splitList(string(text))
	}
	v := reflect.New(f.value.Type()).Elem()
	if err := set(v, raw); err != nil {
		return err
	}
	if f.enum != "" {
		if allowed := strings.Split(f.enum, ","); !slices.Contains(allowed, show(v)) {
			return fmt.Errorf("is %q, and may be one of %s", show(v), strings.Join(allowed, ", "))
		}
	}
	f.value.Set(v)
	return nil
}

// textual is text that may stand for any type, as in a variable or a default.
// In the file a number is written without quotes, and a string is only text.
type textual string

// set puts raw into v. An error completes the sentence "The setting …".
func set(v reflect.Value, raw any) error {
	if items, ok := raw.([]any); ok && isList(v.Type()) {
		v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
		for i, item := range items {
			if err := set(v.Index(i), item); err != nil {
				return fmt.Errorf("item %d %w", i+1, err)
			}
		}
		return nil
	}
	sort := sortOf(v.Type())
	text, ok := textFor(v, raw)
	if !ok && sort == "secret" { // what was found may be the secret: a PIN without quotes
		return errors.New("is to be text in quotes")
	}
	if !ok {
		return fmt.Errorf("is to be %s, not %s", a(sort), found(raw))
	}
	if err := parse(v, text); err != nil {
		if sort == "secret" {
			return err
		}
		if errors.Is(err, strconv.ErrRange) {
			return fmt.Errorf("is %s, which is out of range", text)
		}
		return fmt.Errorf("is %q, which is not %s", text, a(sort))
	}
	return nil
}

// textFor returns raw as the text that parse reads, and whether a value of
// raw's type may stand for one of v's.
func textFor(v reflect.Value, raw any) (text string, ok bool) {
	kind := v.Kind()
	if v.Type() == durationType || reflect.PointerTo(v.Type()).Implements(textType) || v.Type() == urlType {
		kind = reflect.String
	}
	switch raw := raw.(type) {
	case textual:
		return string(raw), kind != reflect.Slice
	case string:
		return raw, kind == reflect.String
	case bool:
		return strconv.FormatBool(raw), kind == reflect.Bool
	case int64:
		return strconv.FormatInt(raw, 10), kind >= reflect.Int && kind <= reflect.Float64
	case float64:
		return strconv.FormatFloat(raw, 'g', -1, 64), kind == reflect.Float32 || kind == reflect.Float64
	}
	return "", false
}

// found names what the file holds where something else was wanted.
func found(raw any) string {
	switch raw := raw.(type) {
	case textual:
		return strconv.Quote(string(raw))
	case string:
		return "text in quotes"
	case []any:
		return "a list"
	case map[string]any, []map[string]any:
		return "a table"
	case time.Time:
		return "a date"
	default:
		return fmt.Sprint(raw)
	}
}

// parse sets the scalar v from text.
func parse(v reflect.Value, text string) (err error) {
	if v.Type() == urlType {
		u, err := url.Parse(text)
		if err == nil && (u.Scheme == "" || u.Host == "") {
			err = errors.New("not absolute")
		}
		v.Set(reflect.ValueOf(u))
		return err
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch {
	case v.Type() == durationType:
		var d time.Duration
		d, err = time.ParseDuration(text)
		v.SetInt(int64(d))
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
	case v.CanInt():
		var n int64
		n, err = strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
	case v.CanUint():
		var n uint64
		n, err = strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(n)
	case v.CanFloat():
		var n float64
		n, err = strconv.ParseFloat(text, v.Type().Bits())
		v.SetFloat(n)
	}
	return err
}

// splitList reads the items of a list in a variable.
func splitList(text string) []any {
	var items []any
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, textual(item))
		}
	}
	return items
}

// show prints a setting's value as people write it.
func show(v reflect.Value) string {
	if isList(v.Type()) {
		items := make([]string, v.Len())
		for i := range items {
			items[i] = show(v.Index(i))
		}
		return strings.Join(items, ", ")
	}
	switch x := v.Interface().(type) {
	case *url.URL:
		if x == nil {
			return ""
		}
		return x.Redacted()
	case Secret:
		if x.IsZero() {
			return ""
		}
	}
	return fmt.Sprint(v.Interface())
}
