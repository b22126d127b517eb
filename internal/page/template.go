package page

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
)

// Views are the templates of a site: files that all pages share (the layout,
// the card, the picture) and one file per page.
type Views struct {
	shared *template.Template
	files  fs.FS
}

// NewViews parses the shared files. funcs are what templates may call.
func NewViews(files fs.FS, funcs template.FuncMap, shared ...string) (*Views, error) {
	t, err := template.New("").Funcs(funcs).Option("missingkey=error").ParseFS(files, shared...)
	if err != nil {
		return nil, fmt.Errorf("parse the shared templates: %w", err)
	}
	return &Views{shared: t, files: files}, nil
}

// A Template shows a T and nothing else. T is one struct per page.
type Template[T any] struct {
	t *template.Template
}

// View parses the page in file on top of the shared templates. Rendering begins
// at the template named entry, which the layout defines.
func View[T any](v *Views, file, entry string) (Template[T], error) {
	t, err := v.shared.Clone()
	if err == nil {
		t, err = t.ParseFS(v.files, file)
	}
	if err != nil {
		return Template[T]{}, fmt.Errorf("parse %s: %w", file, err)
	}
	if t = t.Lookup(entry); t == nil {
		return Template[T]{}, fmt.Errorf("parse %s: there is no template %q", file, entry)
	}
	return Template[T]{t}, nil
}

// With is the page that shows data.
func (t Template[T]) With(data T) *Body {
	return Rendered("", func(b *bytes.Buffer) error { return t.t.Execute(b, data) })
}

// Fragment renders data now, for a place in another page.
func (t Template[T]) Fragment(data T) (template.HTML, error) {
	var b bytes.Buffer
	if err := t.t.Execute(&b, data); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil
}

// HTML is the template itself, for the test that holds it against T.
func (t Template[T]) HTML() *template.Template { return t.t }

// AppLink is an address that opens a program for one-time codes. Templates take
// such an address for one that a stranger has made up, and would not show it.
func AppLink(address string) (template.URL, error) {
	if !strings.HasPrefix(address, "otpauth://totp/") {
		return "", fmt.Errorf("%q is no address of one-time codes", address)
	}
	return template.URL(address), nil
}
