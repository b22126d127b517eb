package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/problem"
)

const (
	// look is how often folders are read. A file is taken when two looks found
	// it the same: so the first appearance on a page is about two looks away.
	look = 700 * time.Millisecond
	// depth is how many folders below the source's own are read.
	depth = 4
)

// A Watcher takes what arrives in the sources' folders. Files are never changed
// and never deleted; what was taken is remembered by name, size and content.
type Watcher struct {
	Store *Store
	seen  map[string]map[string]*file // by source id and name
}

// A file is what the last look found.
type file struct {
	size     int64
	modified time.Time
	taken    bool
}

// Run watches until ctx ends. Sources added meanwhile are found.
func (w *Watcher) Run(ctx context.Context) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		sources, err := w.Store.Sources(ctx)
		if err != nil && ctx.Err() == nil {
			w.Store.Log.Error("wire sources cannot be read", "error", err)
		}
		for _, src := range sources {
			if ctx.Err() != nil {
				return nil
			}
			if src.Folder != "" {
				w.Look(ctx, &src)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Look reads a source's folder once, and takes the files that have not changed
// since the look before.
func (w *Watcher) Look(ctx context.Context, src *Source) {
	root, err := os.OpenRoot(src.Folder)
	if err != nil {
		w.Store.report(ctx, src, fmt.Sprintf("The folder %s cannot be opened: %v.", src.Folder, reason(err)))
		return
	}
	defer root.Close()
	found, err := list(root)
	if err != nil {
		w.Store.report(ctx, src, fmt.Sprintf("The folder %s cannot be read: %v.", src.Folder, reason(err)))
		return
	}
	stable := w.compare(src.ID, found)
	beside := func(name string) ([]byte, error) {
		if f := w.seen[src.ID][name]; f == nil || !slices.Contains(stable, name) && !f.taken {
			return nil, fs.ErrNotExist
		}
		return read(root, name)
	}
	failed := false
	for _, name := range stable {
		f := w.seen[src.ID][name]
		if f.taken || ctx.Err() != nil {
			continue
		}
		err := w.take(ctx, *src, root, name, f, beside)
		if err == nil {
			f.taken = true
		} else if ctx.Err() == nil {
			// Ours, not the file's: it is tried again at the next look.
			failed = true
			w.Store.Log.Error("a wire file waits", "source", src.Name, "file", name, "error", err)
		}
	}
	if failed {
		w.Store.report(ctx, src, "Files wait, because they could not be stored. The log says why.")
	} else {
		w.Store.report(ctx, src, "")
	}
}

// compare remembers what was found and returns the names that are as they were
// at the look before, pictures first: a text finds its pictures beside it.
func (w *Watcher) compare(source string, found map[string]fs.FileInfo) (stable []string) {
	if w.seen == nil {
		w.seen = map[string]map[string]*file{}
	}
	before := w.seen[source]
	now := make(map[string]*file, len(found))
	for name, info := range found {
		f := before[name]
		if f != nil && f.size == info.Size() && f.modified.Equal(info.ModTime()) {
			stable = append(stable, name)
		} else {
			f = &file{size: info.Size(), modified: info.ModTime()}
		}
		now[name] = f
	}
	w.seen[source] = now
	slices.SortFunc(stable, picturesFirst)
	return stable
}

// take delivers one file.
func (w *Watcher) take(ctx context.Context, src Source, root *os.Root, name string, f *file, beside Beside) error {
	var results []Result
	var err error
	switch {
	case isPicture(name):
		results, err = w.Store.Attach(ctx, src, name, beside)
	case f.size > maxKept:
		results, err = w.Store.Refuse(ctx, src, name, f.size)
	default:
		var data []byte
		if data, err = read(root, name); err == nil {
			results, err = w.Store.Deliver(ctx, src, name, data, beside)
		}
	}
	for _, r := range results {
		if r.Decision != Known {
			w.Store.Log.Info("wire", "source", src.Name, "file", r.Name, "decision", r.Decision, "item", r.ID, "version", r.Version, "reason", r.Reason)
		}
	}
	return err
}

// list finds the files below root that may be deliveries. Those that are still
// being written by their name, and hidden ones, are passed over.
func list(root *os.Root) (map[string]fs.FileInfo, error) {
	found := map[string]fs.FileInfo{}
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if name == "." {
				return err
			}
			return nil // gone meanwhile, or not ours to read
		}
		base := path.Base(name)
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(base, ".") || strings.Count(name, "/") >= depth) {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || unfinished(base) {
			return nil
		}
		info, err := d.Info()
		if err == nil && info.Size() > 0 {
			found[name] = info
		}
		return nil
	})
	return found, err
}

// lookInto tells how many files lie in a folder, and of when the newest is.
func lookInto(folder string) (g Glance, err error) {
	root, err := os.OpenRoot(folder)
	if err == nil {
		defer root.Close()
		var found map[string]fs.FileInfo
		found, err = list(root)
		for _, info := range found {
			if g.Waiting++; info.ModTime().After(g.Newest) {
				g.Newest = info.ModTime()
			}
		}
	}
	if err != nil {
		return g, &problem.Problem{Kind: problem.Invalid, Detail: fmt.Sprintf("The folder %s cannot be opened: %v.", folder, reason(err)), Err: err}
	}
	return g, nil
}

// unfinished reports whether a name is one under which files are written before
// they are renamed.
func unfinished(base string) bool {
	if strings.HasPrefix(base, ".") || strings.HasSuffix(base, "~") {
		return true
	}
	switch strings.ToLower(path.Ext(base)) {
	case ".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".writing", ".swp":
		return true
	}
	return false
}

func isPicture(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp":
		return true
	}
	return false
}

// maxPicture is the size up to which a picture's bytes are read; media refuses
// those over its own limit.
const maxPicture = 26 << 20

func read(root *os.Root, name string) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxPicture))
}

// DeliverFile takes one file in from a folder that is not watched.
func (s *Store) DeliverFile(ctx context.Context, src Source, root *os.Root, name string) ([]Result, error) {
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxKept {
		return s.Refuse(ctx, src, name, info.Size())
	}
	data, err := read(root, name)
	if err != nil {
		return nil, err
	}
	return s.Deliver(ctx, src, name, data, func(n string) ([]byte, error) { return read(root, n) })
}

// reason is what the system says, without the path that the sentence names.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
