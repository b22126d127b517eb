package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"kawaraban/internal/problem"
)

const (
	// settle is how long a file must stay as it is before it is taken, in one visit.
	settle = 2 * time.Second
	// visit is how long files are taken before the place is asked anew. What is left
	// comes at once after it.
	visit = pollTime / 2
	// maxEntries and maxFolders bound what one place may hold (and trouble says so).
	maxEntries = 100_000
	maxFolders = 500
	// unsure is how far from ours the clock may be that wrote a time without a zone.
	unsure = 16 * time.Hour
)

// A remoteFolder is a folder on a server from which files are fetched; SFTP and FTP are two
// ways to it. Nothing there is changed. What was taken is remembered by name, size and
// time (memory.go), and stored once by its content.
type remoteFolder struct {
	s     *Store
	valid func(w *Way) error
	enter func(ctx context.Context, w *Way) (session, error)
	wait  func(ctx context.Context) error // between two looks; nil: for as long as settle
}

// A session is a conversation with a server of files.
type session interface {
	list(ctx context.Context, dir string, most int) (entries []entry, more bool, err error)
	read(ctx context.Context, e entry, limit int64) ([]byte, error)
	Close() error
}

// An entry is a file or a folder of a place.
type entry struct {
	name     string // from the place's folder on, in UTF-8
	path     string // as the server knows it
	dir      bool
	size     int64         // -1: not known
	modified time.Time     // as well as we know it
	listed   time.Time     // as the server writes it: what is compared
	exact    time.Duration // to what both are exact
}

func (p *remoteFolder) check(w *Way) error { return p.valid(w) }

// look tells what lies there and has not been taken.
func (p *remoteFolder) look(ctx context.Context, src Source, w *Way) (g Glance, err error) {
	there, err := p.enter(ctx, w)
	if err != nil {
		return g, err
	}
	defer there.Close()
	seen, err := p.survey(ctx, there, folderOf(w))
	if err != nil {
		return g, err
	}
	known := memory{}
	if w.Cursor != "" {
		if known, err = p.s.remembered(ctx, src.ID); err != nil {
			return g, err
		}
	}
	g.More = seen.more
	for _, e := range seen.files {
		if e.modified.After(g.Newest) {
			g.Newest = e.modified
		}
		if !known.has(e) {
			g.Waiting++
		}
	}
	return g, nil
}

// remembering is the cursor of a place whose memory holds. A way that has changed has
// none: what is remembered was about another place.
const remembering = "files"

// collect takes what is new and whole. A file is whole when two looks in one visit have
// found it the same. What could not be read waits for the next visit.
func (p *remoteFolder) collect(ctx context.Context, src Source, w *Way, take func(context.Context, Piece) error) (h Haul, err error) {
	if w.Cursor == "" {
		if err := p.s.forgetPlace(ctx, src.ID); err != nil {
			return h, err
		}
	}
	h.Cursor = remembering
	there, err := p.enter(ctx, w)
	if err != nil {
		return h, err
	}
	defer there.Close()
	first, err := p.survey(ctx, there, folderOf(w))
	if err != nil {
		return h, err
	}
	v := &visitor{remoteFolder: p, src: src, there: there, take: take, begun: time.Now()}
	if v.known, err = p.s.remembered(ctx, src.ID); err != nil {
		return h, err
	}
	if err := v.forget(ctx, first); err != nil {
		return h, err
	}
	if len(v.fresh(first)) == 0 {
		h.Trouble = first.trouble()
		return h, nil
	}
	if err := p.pause(ctx); err != nil {
		return h, err
	}
	second, err := p.survey(ctx, there, folderOf(w))
	if err != nil {
		return h, err
	}
	if h.More, err = v.takeAll(ctx, whole(first, second)); err != nil {
		return h, err
	}
	if len(v.vanished) > 0 { // or are they still listed?
		if second, err = p.survey(ctx, there, folderOf(w)); err != nil {
			return h, err
		}
	}
	h.Trouble = cmp.Or(v.unread(second), second.trouble())
	return h, nil
}

func (p *remoteFolder) pause(ctx context.Context) error {
	if p.wait != nil {
		return p.wait(ctx)
	}
	timer := time.NewTimer(settle)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A survey is what a look has found: the files by name.
type survey struct {
	files  map[string]entry
	more   bool   // there are more than we look at
	closed string // a folder below that cannot be read; "" for none
}

// trouble says what of a place is not looked at.
func (s *survey) trouble() string {
	switch {
	case s.more:
		return "The folder holds more than 100,000 files or 500 folders; what is beyond is not looked at. Move old ones away."
	case s.closed != "":
		return fmt.Sprintf("The folder %s cannot be read. All others are.", s.closed)
	}
	return ""
}

// survey lists a place and the folders below it, as deep as watched folders are read.
func (p *remoteFolder) survey(ctx context.Context, there session, root string) (*survey, error) {
	s := &survey{files: map[string]entry{}}
	folders := []entry{{path: root, dir: true}}
	for n := 0; n < len(folders); n++ {
		if n == maxFolders {
			s.more = true
			break
		}
		at := folders[n]
		list, more, err := there.list(ctx, at.path, maxEntries-len(s.files))
		if err != nil && at.name != "" && ctx.Err() == nil && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
			s.closed = at.name // gone meanwhile, or not ours to read
			continue
		}
		if err != nil {
			return nil, err
		}
		s.more = s.more || more
		for _, e := range list {
			base := readable(e.name)
			e.path, e.name = join(at.path, e.name), path.Join(at.name, base)
			switch {
			case e.dir:
				if !strings.HasPrefix(base, ".") && strings.Count(e.name, "/") < depth {
					folders = append(folders, e)
				}
			case e.size != 0 && !unfinished(base):
				s.files[e.name] = e
			}
		}
	}
	return s, nil
}

// readable is a name in UTF-8: old servers have names in Latin-1.
func readable(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	decoded, err := charmap.ISO8859_1.NewDecoder().String(name)
	if err != nil {
		return strings.ToValidUTF8(name, "_")
	}
	return decoded
}

// join is path.Join, which would take dots out of what an operator wrote.
func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return strings.TrimSuffix(dir, "/") + "/" + name
}

// whole are the files that two looks have found the same, pictures first: a text finds
// its pictures beside it.
func whole(first, second *survey) map[string]entry {
	same := map[string]entry{}
	for name, e := range second.files {
		if before, ok := first.files[name]; ok && before.size == e.size && before.listed.Equal(e.listed) {
			same[name] = e
		}
	}
	return same
}

// picturesFirst puts names in the order in which files are taken.
func picturesFirst(a, b string) int {
	if pa, pb := isPicture(a), isPicture(b); pa != pb {
		if pa {
			return -1
		}
		return 1
	}
	return strings.Compare(a, b)
}

// A visitor takes files, and remembers them.
type visitor struct {
	*remoteFolder
	src   Source
	there session
	take  func(context.Context, Piece) error
	begun time.Time

	known    memory
	taken    []entry           // and not yet written to the memory
	doubtful []string          // taken, and to be looked at again
	cut      error             // the session broke
	unsteady map[string]string // files that were not read, and why
	vanished []string          // files that were not there any more
}

// fresh are the files that have not been taken as they are.
func (v *visitor) fresh(s *survey) (names []string) {
	now := v.s.Now()
	for name, e := range s.files {
		if !v.known.has(e) || v.known.again(e, now) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, picturesFirst)
	return names
}

// takeAll takes the files that are new among those that are whole. More says that the
// time was over before the last.
func (v *visitor) takeAll(ctx context.Context, files map[string]entry) (more bool, err error) {
	v.unsteady = map[string]string{}
	beside := func(name string) ([]byte, error) { return v.beside(ctx, files, name) }
	for _, name := range v.fresh(&survey{files: files}) {
		if err = ctx.Err(); err != nil || v.cut != nil {
			break
		}
		if more = time.Since(v.begun) > visit; more {
			break
		}
		var took bool
		if took, err = v.takeOne(ctx, files[name], beside); err != nil {
			break
		}
		if took {
			v.taken = append(v.taken, files[name])
		}
		if len(v.taken) >= batch {
			if err = v.remember(ctx); err != nil {
				break
			}
		}
	}
	// Also when we are stopping: else all of it would be fetched again.
	if e := v.remember(context.WithoutCancel(ctx)); err == nil {
		err = e
	}
	if err == nil {
		err = v.cut
	}
	return more, err
}

// unread says which files are listed and could not be read.
func (v *visitor) unread(s *survey) string {
	for _, name := range v.vanished {
		if _, there := s.files[name]; there {
			v.unsteady[name] = "the server says that it is not there, or does not let us read it."
		}
	}
	if len(v.unsteady) == 0 {
		return ""
	}
	name := slices.Min(slices.Collect(maps.Keys(v.unsteady)))
	return fmt.Sprintf("%d files are listed and were not read, such as %s: %s They are tried again.", len(v.unsteady), name, v.unsteady[name])
}

// takeOne takes one file, and reports whether it has been. An error is a fault of ours.
func (v *visitor) takeOne(ctx context.Context, e entry, beside Beside) (took bool, err error) {
	piece, limit := Piece{Name: e.name, Beside: beside}, int64(maxKept)
	if isPicture(e.name) {
		waiting, err := v.s.waiting(ctx, v.src.ID, e.name)
		if err != nil || len(waiting) == 0 {
			return err == nil, err
		}
		// It is read first: who waits for it is asked once.
		limit = maxPicture
	}
	if e.size > limit {
		piece.Size = e.size
	} else {
		piece.Data, err = v.there.read(ctx, e, limit)
		switch {
		case problem.Is(err, problem.TooLarge): // and the list did not say so
			piece.Data, piece.Size = nil, limit+1
		case err != nil:
			return false, v.failed(ctx, e, err)
		case e.size >= 0 && int64(len(piece.Data)) != e.size:
			v.unsteady[e.name] = "it changes while it is read."
			return false, nil
		}
	}
	if isPicture(e.name) {
		data := piece.Data
		piece = Piece{Name: e.name, Beside: func(name string) ([]byte, error) {
			if name == e.name && data != nil {
				return data, nil
			}
			return beside(name)
		}}
	}
	err = v.take(ctx, piece)
	return err == nil, err
}

// failed notes that a file was not read. Its error is that the session has ended.
func (v *visitor) failed(ctx context.Context, e entry, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, fs.ErrNotExist):
		v.vanished = append(v.vanished, e.name)
		return nil
	case errors.Is(err, fs.ErrPermission):
		v.unsteady[e.name] = "the server does not let us."
		return nil
	}
	v.cut = err
	return nil
}

// beside reads a picture for an item. Where it cannot be read now, the item is taken
// without it and waits for it: then the picture is not remembered as taken.
func (v *visitor) beside(ctx context.Context, files map[string]entry, name string) ([]byte, error) {
	e, ok := files[name]
	if !ok || v.cut != nil {
		if ok {
			v.doubt(e)
		}
		return nil, fs.ErrNotExist
	}
	data, err := v.there.read(ctx, e, maxPicture)
	if err == nil && e.size >= 0 && int64(len(data)) != e.size {
		err = fmt.Errorf("%w: %s changes while it is read", fs.ErrNotExist, name)
	}
	if err == nil || problem.Is(err, problem.TooLarge) {
		return data, err
	}
	v.doubt(e)
	if err := v.failed(ctx, e, err); err != nil {
		return nil, err
	}
	return nil, fs.ErrNotExist
}
