package imports

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the project's folder as seen from here.
const root = "../.."

// TestLaw holds every Go file of the project against the law.
func TestLaw(t *testing.T) {
	files := 0
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipped(name):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		files++
		offences, err := offences(name, source)
		if err != nil {
			return err
		}
		for _, o := range offences {
			t.Error(o)
		}
		if lines := strings.Count(string(source), "\n"); lines > longFile && lines <= tooLongFile {
			t.Logf("%s has %d lines: time to think of two files", name, lines)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("only %d Go files found under %s", files, root)
	}
}

func skipped(dir string) bool {
	return dir == "node_modules" || dir == "bin" || path.Base(dir) == "testdata" ||
		dir != "." && strings.HasPrefix(path.Base(dir), ".")
}

// A file is a Go file that is being judged.
type file struct {
	name string // slashed path from the root
	dir  string
	test bool
	tree *ast.File
	set  *token.FileSet
	bad  []string
}

// offences says what the file called name breaks, one sentence each.
func offences(name string, source []byte) ([]string, error) {
	f := &file{name: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), set: token.NewFileSet()}
	var err error
	if f.tree, err = parser.ParseFile(f.set, name, source, parser.ParseComments); err != nil {
		return nil, err
	}
	f.checkPlace()
	for _, spec := range f.tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		f.checkImport(spec.Pos(), imported)
	}
	f.checkUses()
	f.checkWords()
	if lines := strings.Count(string(source), "\n"); lines > tooLongFile {
		f.offend(f.tree.End(), "the file has %d lines, and %d is the most", lines, tooLongFile)
	}
	return f.bad, nil
}

func (f *file) offend(pos token.Pos, format string, args ...any) {
	f.bad = append(f.bad, fmt.Sprintf("%s:%d: ", f.name, f.set.Position(pos).Line)+fmt.Sprintf(format, args...))
}

// ours is the name of the package under internal that dir holds; "" elsewhere.
func ours(dir string) string {
	name, _ := strings.CutPrefix(dir, "internal/")
	if name == dir {
		return ""
	}
	return name
}

func (f *file) checkPlace() {
	name := ours(f.dir)
	switch {
	case name == "" && !strings.HasPrefix(f.dir, "cmd/"):
		f.offend(f.tree.Package, "Go files live under cmd and internal")
	case strings.Count(name, "/") > 1:
		f.offend(f.tree.Package, "two levels under internal are enough")
	case name != "":
		if _, listed := house[name]; !listed {
			f.offend(f.tree.Package, "package %s is not in the law: list it in internal/imports, with three lines in docs/decisions", name)
		}
	}
}

func (f *file) checkImport(pos token.Pos, imported string) {
	if inner, ok := strings.CutPrefix(imported, "kawaraban/"); ok {
		f.checkArrow(pos, inner)
		return
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		if homes, listed := standard[imported]; listed && !f.atHome(homes) {
			f.offend(pos, "%s is at home in %s", imported, strings.Join(homes, ", "))
		}
		return
	}
	module := longest(homes, imported)
	if module == "" {
		f.offend(pos, "%s has no home in internal/imports", imported)
	} else if !f.atHome(homes[module]) {
		f.offend(pos, "%s is at home in %s", module, strings.Join(homes[module], ", "))
	}
}

// checkArrow judges an import of one of our packages. Tests may import any:
// they build what cmd builds.
func (f *file) checkArrow(pos token.Pos, imported string) {
	to := ours(imported)
	if to == "" {
		f.offend(pos, "nobody imports %s", imported)
		return
	}
	from := ours(f.dir)
	if f.test || from == "" {
		return
	}
	here, there := house[from], house[to]
	if slices.Contains(here.may, to) || slices.Contains(common[here.layer], to) || here.layer == face && there.layer == subject {
		return
	}
	f.offend(pos, "%s may not import %s", from, to)
}

func (f *file) atHome(homes []string) bool {
	return slices.ContainsFunc(homes, func(home string) bool {
		switch home {
		case anywhere:
			return true
		case tests:
			return f.test
		case "subjects":
			here, listed := house[ours(f.dir)]
			return listed && here.layer == subject
		}
		return home == f.dir
	})
}

// longest finds the longest key that is imported or a path above it.
func longest(m map[string][]string, imported string) string {
	fits := slices.Collect(maps.Keys(m))
	fits = slices.DeleteFunc(fits, func(p string) bool { return imported != p && !strings.HasPrefix(imported, p+"/") })
	if len(fits) == 0 {
		return ""
	}
	return slices.MaxFunc(fits, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
}

// checkUses looks for init functions and for what `calls` keeps at home. Inside
// synctest.Test time is not real, and sleeping costs nothing.
func (f *file) checkUses() {
	local := map[string]string{} // name in this file → import path
	for _, spec := range f.tree.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		local[name] = imported
	}
	called := map[ast.Expr]bool{} // functions and types that are called; a call is met before them
	ast.Inspect(f.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Name.Name == "init" && n.Recv == nil {
				f.offend(n.Pos(), "no init: what happens before main, nobody sees")
			}
		case *ast.CallExpr:
			called[n.Fun] = true
			if pkg, name := selected(n.Fun); local[pkg] == "testing/synctest" && name == "Test" {
				return false
			}
		case *ast.SelectorExpr:
			pkg, name := selected(n)
			for _, c := range calls {
				// A struct may have a field of trusted HTML; what makes it is a conversion.
				named := c.pkg == "html/template" && !called[n]
				if local[pkg] == c.pkg && slices.Contains(c.names, name) && !named && !f.atHome(c.homes) {
					f.offend(n.Pos(), "%s.%s: %s", pkg, name, c.why)
				}
			}
		}
		return true
	})
}

func selected(e ast.Expr) (pkg, name string) {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return x.Name, s.Sel.Name
}

// checkWords refuses promises: what is not done is not in the code.
func (f *file) checkWords() {
	for _, group := range f.tree.Comments {
		for _, word := range []string{"TO" + "DO", "FIX" + "ME", "XX" + "X"} {
			if strings.Contains(group.Text(), word) {
				f.offend(group.Pos(), "%s: do it, or write an issue", word)
			}
		}
	}
}
