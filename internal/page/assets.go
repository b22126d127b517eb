package page

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"net/http"
	"path"
	"strings"

	"kawaraban/internal/problem"
)

// Assets are the files that pages load: style sheets, scripts, icons. Each has
// an address that changes with its content, so that it may be kept for ever.
type Assets struct {
	byName map[string]Asset
	files  map[string]*stored
}

// An Asset is where a file is, and the hash by which the browser checks it.
type Asset struct {
	Path      string // "/assets/paper.3f2a9c81.css"
	Integrity string // "sha384-…", Subresource Integrity
}

var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".webmanifest": "application/manifest+json",
	".woff2": "font/woff2",
}

// NewAssets takes files by name, which a face serves under a path such as
// "/assets/".
func NewAssets(under string, files map[string][]byte) *Assets {
	a := &Assets{byName: map[string]Asset{}, files: map[string]*stored{}}
	var compress compressors
	for name, content := range files {
		sum := sha256.Sum256(content)
		ext := path.Ext(name)
		file := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		check := sha512.Sum384(content)
		s := newStored(&Body{Type: cmp.Or(assetTypes[ext], "application/octet-stream")}, content).compressed(&compress)
		s.add("Cache-Control", "public, max-age=31536000, immutable")
		a.files[file] = s
		a.byName[name] = Asset{Path: under + file, Integrity: "sha384-" + base64.StdEncoding.EncodeToString(check[:])}
	}
	return a
}

// Lean is a style sheet or a script of ours without its comments and indentation:
// readers load what acts. A comment begins its line; no text of ours goes over
// several lines.
func Lean(source []byte) []byte {
	var b bytes.Buffer
	inside := false
	for line := range bytes.Lines(source) {
		line = bytes.TrimLeft(line, " \t")
		inside = inside || bytes.HasPrefix(line, []byte("/*"))
		if inside {
			_, after, ended := bytes.Cut(line, []byte("*/"))
			inside, line = !ended, bytes.TrimLeft(after, " \t")
		}
		if len(bytes.TrimSpace(line)) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			b.Write(line)
		}
	}
	return b.Bytes()
}

// LeanSheet is Lean for a style sheet, without the spaces around its rules and between
// their parts as well. What stands in quotes is left as it is.
func LeanSheet(source []byte) []byte {
	spaces := strings.NewReplacer(" { ", "{", " {\n", "{", "; }\n", "}", ";\n}\n", "}", "; }", "}", ";\n}", "}", "}\n", "}", ";\n", ";", "; ", ";", ": ", ":", ", ", ",", ",\n", ",")
	parts := strings.Split(string(Lean(source)), `"`)
	for i := 0; i < len(parts); i += 2 {
		parts[i] = spaces.Replace(parts[i])
	}
	return []byte(strings.Join(parts, `"`))
}

// LeanScript is Lean for a script, without the spaces around what joins its parts, and
// without the ends of lines after which a statement ends or a block begins. A line in
// which something might be a pattern, a comment or another text than one in double quotes
// is left as it is.
func LeanScript(source []byte) []byte {
	spaces := strings.NewReplacer(" = ", "=", " === ", "===", " => ", "=>", ", ", ",", ": ", ":", "; ", ";", ") {", "){", "{ ", "{", " }", "}",
		" && ", "&&", " || ", "||", " ? ", "?", " : ", ":", " ?? ", "??", " < ", "<", " > ", ">", "if (", "if(", "for (", "for(")
	var b strings.Builder
	for line := range strings.Lines(string(Lean(source))) {
		if strings.ContainsAny(line, "\\'`") || strings.Contains(line, "/") && !strings.Contains(line, `"`) || strings.Contains(line, "//") {
			b.WriteString(line)
			continue
		}
		parts := strings.Split(strings.TrimSuffix(line, "\n"), `"`)
		for i := 0; i < len(parts); i += 2 {
			parts[i] = spaces.Replace(parts[i])
		}
		line = strings.Join(parts, `"`)
		b.WriteString(line)
		if !strings.HasSuffix(line, ";") && !strings.HasSuffix(line, "{") {
			b.WriteByte('\n')
		}
	}
	return []byte(b.String())
}

// Named returns the asset that was given as name; the zero Asset if none was.
func (a *Assets) Named(name string) Asset { return a.byName[name] }

// Serve answers the route under which the files are, with {file} for a name.
func (a *Assets) Serve(w http.ResponseWriter, r *http.Request) error {
	s, ok := a.files[r.PathValue("file")]
	if !ok {
		return &problem.Problem{Kind: problem.NotFound}
	}
	s.send(w, r)
	return nil
}

// Funcs lets templates name assets: {{(asset "paper.css").Path}}.
func (a *Assets) Funcs() template.FuncMap { return template.FuncMap{"asset": a.Named} }
