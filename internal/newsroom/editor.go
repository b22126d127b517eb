package newsroom

import (
	"embed"
	"errors"
	"io/fs"
)

// bundle is what make assets has made of editor/*.js: editor.js, or nothing but
// the file that keeps the folder.
//
//go:embed all:bundle
var bundle embed.FS

// editorBundle returns the script of the editor; nil in a program that was built
// without npm, where the newsroom has the plain source field.
func editorBundle() ([]byte, error) {
	b, err := bundle.ReadFile("bundle/editor.js")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}
