package papertest

import (
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Tree is what lies on a server of files that a test plays; an SFTP and an FTP
// server show it. Names are absolute, with slashes.
type Tree struct {
	mu    sync.Mutex
	files map[string]leaf
	reads map[string]int
	cut   func(what, name string, n int) bool
}

type leaf struct {
	name     string // the last part
	data     []byte
	modified time.Time
	dir      bool
}

// Put writes a file, over one that is there.
func (t *Tree) Put(name string, data []byte, modified time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.files == nil {
		t.files = map[string]leaf{}
	}
	t.files[name] = leaf{name: path.Base(name), data: data, modified: modified}
}

// Remove takes a file away.
func (t *Tree) Remove(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.files, name)
}

// Rename gives a file another name.
func (t *Tree) Rename(from, to string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.files[from]
	delete(t.files, from)
	f.name = path.Base(to)
	t.files[to] = f
}

// Cut lets the server hang up where f says so: it is asked after each entry of a
// list ("list", the folder, how many) and after each part of a file ("read", its
// name, how many bytes).
func (t *Tree) Cut(f func(what, name string, n int) bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cut = f
}

// Reads is how often a file has been opened; "" counts all.
func (t *Tree) Reads(name string) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if name != "" {
		return t.reads[name]
	}
	for _, times := range t.reads {
		n += times
	}
	return n
}

// Names are the names of all files, in order.
func (t *Tree) Names() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Sorted(maps.Keys(t.files))
}

func (t *Tree) cuts(what, name string, n int) bool {
	t.mu.Lock()
	f := t.cut
	t.mu.Unlock()
	return f != nil && f(what, name, n)
}

// open returns a file.
func (t *Tree) open(name string) (leaf, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, ok := t.files[name]
	if ok {
		if t.reads == nil {
			t.reads = map[string]int{}
		}
		t.reads[name]++
	}
	return f, ok
}

// stat returns a file without opening it.
func (t *Tree) stat(name string) (leaf, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, ok := t.files[name]
	return f, ok
}

// list returns what a folder holds, by name. The root is always there.
func (t *Tree) list(dir string) (list []leaf, there bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	prefix := strings.TrimSuffix(dir, "/") + "/"
	dirs := map[string]bool{}
	for name, f := range t.files {
		rest, inside := strings.CutPrefix(name, prefix)
		if !inside {
			continue
		}
		there = true
		if sub, _, deeper := strings.Cut(rest, "/"); deeper {
			if !dirs[sub] {
				dirs[sub] = true
				list = append(list, leaf{name: sub, dir: true, modified: f.modified})
			}
			continue
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b leaf) int { return strings.Compare(a.name, b.name) })
	return list, there || prefix == "/"
}
