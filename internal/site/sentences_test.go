package site

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/page"
)

// TestSentences is about what a Problem says to somebody: the Japanese catalogue
// has every sentence that stands in the sources of the subjects with which
// readers and moderators deal, and of the faces.
//
// Seen red: thirteen sentences taken out of the catalogue, said at Detail, Format
// and Fields, by a helper, by a helper's helper, by a constant and by a variable.
func TestSentences(t *testing.T) {
	l, err := page.NewLanguage("ja", time.UTC)
	check(t, err)
	said := map[string]bool{}
	for _, key := range l.Keys() {
		said[key] = true
	}
	// Operators read English, and only they read these.
	said["The paper has no name. Give it one."] = true
	said["The mail server's password would be sent without encryption; set the security to starttls or tls."] = true
	said["A mailbox is written as imaps://user@host/INBOX, without a password; the name of a user that has an @ in it has %40 instead."] = true
	said["For sendgrid the verification key is needed that its page shows, in Base64."] = true
	for sentence, at := range sentences(t, "../wire") { // the ways in, of which a room tells
		if file := filepath.Base(at.Filename); !said[sentence] && (strings.HasPrefix(file, "way") || file == "web.go" || file == "manage.go" || file == "push.go") {
			t.Errorf("%s: ja.json has no %q", at, sentence)
		}
	}
	for _, dir := range []string{"comment", "mail", "media", "newsletter/bounce", "newsletter/roster", "newsroom", "page", "promo", "reader", "site"} {
		found := sentences(t, filepath.Join("..", dir))
		if len(found) == 0 {
			t.Errorf("%s says nothing: the test looks in the wrong place", dir)
		}
		for sentence, at := range found {
			if !said[sentence] {
				t.Errorf("%s: ja.json has no %q", at, sentence)
			}
		}
	}
}

// A speech is what is read out of the sources of one package.
type speech struct {
	files    *token.FileSet
	consts   map[string]ast.Expr       // of the package, by name
	funcs    []*ast.FuncDecl           // all of them
	helpers  map[string]map[int]bool   // which arguments of a function become what a Problem says
	known    int                       // how many of these
	sentence map[string]token.Position // where each was found
}

// sentences finds what the Problems of a package say: what stands at Detail,
// Format and Fields, and what is given to functions that put it there.
func sentences(t *testing.T, dir string) map[string]token.Position {
	s := speech{files: token.NewFileSet(), consts: map[string]ast.Expr{}, helpers: map[string]map[int]bool{}, sentence: map[string]token.Position{}}
	s.helps("Found", 1) // of package db
	parsed, err := filepath.Glob(filepath.Join(dir, "*.go"))
	check(t, err)
	for _, path := range parsed {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(s.files, path, nil, parser.SkipObjectResolution)
		check(t, err)
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				s.funcs = append(s.funcs, d)
			case *ast.GenDecl:
				s.name(d, s.consts)
			}
		}
	}
	// A helper may call another: until there is no further one.
	for before := -1; before != s.known; {
		before = s.known
		for _, f := range s.funcs {
			s.hear(f)
		}
	}
	return s.sentence
}

// name notes the constants and variables of a declaration.
func (s *speech) name(d *ast.GenDecl, into map[string]ast.Expr) {
	for _, spec := range d.Specs {
		if v, ok := spec.(*ast.ValueSpec); ok && len(v.Values) == len(v.Names) {
			for i, n := range v.Names {
				into[n.Name] = v.Values[i]
			}
		}
	}
}

// helps notes that an argument of a function is said.
func (s *speech) helps(function string, i int) {
	if s.helpers[function] == nil {
		s.helpers[function] = map[int]bool{}
	}
	if !s.helpers[function][i] {
		s.helpers[function][i] = true
		s.known++
	}
}

// hear reads one function.
func (s *speech) hear(f *ast.FuncDecl) {
	if f.Body == nil {
		return
	}
	params, n := map[string]int{}, 0
	for _, p := range f.Type.Params.List {
		for _, name := range p.Names {
			params[name.Name] = n
			n++
		}
	}
	local := map[string]ast.Expr{}
	var says func(e ast.Expr)
	says = func(e ast.Expr) {
		switch e := e.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(e.Value); err == nil && text != "" {
				s.sentence[text] = s.files.Position(e.Pos())
			}
		case *ast.Ident:
			if i, ok := params[e.Name]; ok {
				s.helps(f.Name.Name, i)
			} else if v, ok := local[e.Name]; ok {
				says(v)
			} else if v, ok := s.consts[e.Name]; ok {
				says(v)
			}
		case *ast.CompositeLit: // the messages of Fields
			for _, x := range e.Elts {
				if kv, ok := x.(*ast.KeyValueExpr); ok {
					says(kv.Value)
				}
			}
		}
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			s.name(n, local)
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if len(n.Rhs) != len(n.Lhs) {
					break
				}
				if name, ok := left.(*ast.Ident); ok {
					local[name.Name] = n.Rhs[i]
				} else if sel, ok := left.(*ast.SelectorExpr); ok && sel.Sel.Name == "Detail" {
					says(n.Rhs[i])
				}
			}
		case *ast.CompositeLit:
			if sel, ok := n.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Problem" {
				return true
			}
			format := false
			for _, x := range n.Elts {
				kv, ok := x.(*ast.KeyValueExpr)
				format = format || ok && kv.Key.(*ast.Ident).Name == "Format"
			}
			for _, x := range n.Elts {
				if kv, ok := x.(*ast.KeyValueExpr); ok {
					switch kv.Key.(*ast.Ident).Name {
					case "Detail":
						if !format {
							says(kv.Value)
						}
					case "Format", "Fields":
						says(kv.Value)
					}
				}
			}
		case *ast.CallExpr:
			name := ""
			switch fun := n.Fun.(type) {
			case *ast.Ident:
				name = fun.Name
			case *ast.SelectorExpr:
				name = fun.Sel.Name
			}
			for i, arg := range n.Args {
				if s.helpers[name][i] {
					says(arg)
				}
			}
		}
		return true
	})
}
