// Package blob keeps bytes by key: pictures, which are too large for a database.
//
// A key is a path of plain names, such as "rendition/3f/3f9a….webp". It is
// checked before it meets the file system, and the file system is an os.Root,
// so that no key, and no symbolic link, leads out of the folder. What is put is
// there whole or not at all, also after a power cut.
package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"kawaraban/internal/problem"
)

// maxKey is the length of the longest key, in bytes.
const maxKey = 200

// temporary is the folder for what is being written. Its name is no key's.
const temporary = ".writing"

// abandoned is the age at which a file in the temporary folder is nobody's.
const abandoned = 24 * time.Hour

// A Folder keeps each blob as a file. It is safe for use by many goroutines
// and by many processes.
type Folder struct {
	Root *os.Root
}

// Info describes a blob.
type Info struct {
	Key     string
	Size    int64
	ModTime time.Time
}

// A File is an open blob. Its user closes it.
type File struct {
	io.ReadSeekCloser
	Info
}

// OpenFolder returns the folder at path, which it makes when there is none, and
// removes what an earlier process has left half written.
func OpenFolder(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, full(fmt.Errorf("open the blobs: %w", err))
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("open the blobs: %w", err)
	}
	f := &Folder{Root: root}
	if err := f.sweep(time.Now().Add(-abandoned)); err != nil {
		root.Close()
		return nil, full(fmt.Errorf("open the blobs: %w", err))
	}
	return f, nil
}

// Close lets go of the folder.
func (f *Folder) Close() error { return f.Root.Close() }

// sweep makes the temporary folder and removes what is in it from before old.
func (f *Folder) sweep(old time.Time) error {
	if err := f.Root.MkdirAll(temporary, 0o700); err != nil {
		return err
	}
	return fs.WalkDir(f.Root.FS(), temporary, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.ModTime().Before(old) {
			err = f.Root.Remove(name)
		}
		if errors.Is(err, fs.ErrNotExist) { // another process has finished with it
			return nil
		}
		return err
	})
}

// CheckKey returns a Problem for what is not a key: one or more names between
// slashes, each of ASCII letters, digits, "-", "_" and ".", and none beginning
// with a dot.
func CheckKey(key string) error {
	bad := &problem.Problem{Kind: problem.NotFound, Detail: "There is no file of this name."}
	if len(key) > maxKey {
		return bad
	}
	for name := range strings.SplitSeq(key, "/") {
		if name == "" || name[0] == '.' || strings.IndexFunc(name, notInName) >= 0 {
			return bad
		}
	}
	return nil
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

// Put stores what r holds under key, instead of what was there, and returns
// the SHA-256 of it in hexadecimal. After an error, what was there is still
// there. A full disk is a Problem of kind Unavailable.
func (f *Folder) Put(ctx context.Context, key string, r io.Reader) (sum string, err error) {
	if err := CheckKey(key); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = full(fmt.Errorf("store %s: %w", key, err))
		}
	}()
	temp := path.Join(temporary, rand.Text())
	sum, err = f.write(ctx, temp, r)
	if err != nil {
		return "", errors.Join(err, f.remove(temp))
	}
	if err := f.makeFolder(path.Dir(key)); err != nil {
		return "", errors.Join(err, f.remove(temp))
	}
	if err := f.Root.Rename(temp, key); err != nil {
		return "", errors.Join(err, f.remove(temp))
	}
	return sum, f.sync(path.Dir(key))
}

// write makes the file name from r, safe on the disk.
func (f *Folder) write(ctx context.Context, name string, r io.Reader) (sum string, err error) {
	file, err := f.Root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(file, hash), reader{ctx, r})
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// makeFolder makes a folder and those above it, their names safe on the disk.
func (f *Folder) makeFolder(name string) error {
	if name == "." {
		return nil
	}
	if _, err := f.Root.Stat(name); err == nil {
		return nil
	}
	if err := f.makeFolder(path.Dir(name)); err != nil {
		return err
	}
	if err := f.Root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return f.sync(path.Dir(name))
}

// sync makes the names in a folder survive a power cut.
func (f *Folder) sync(folder string) error {
	d, err := f.Root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// remove removes a file that may not be there.
func (f *Folder) remove(name string) error {
	if err := f.Root.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Open returns the blob of a key; a Problem of kind NotFound without one.
func (f *Folder) Open(_ context.Context, key string) (*File, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	file, err := f.Root.Open(key)
	if absent(err) {
		return nil, notFound(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", key, err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", key, err), file.Close())
	}
	if !info.Mode().IsRegular() {
		return nil, errors.Join(notFound(fs.ErrNotExist), file.Close())
	}
	return &File{file, Info{Key: key, Size: info.Size(), ModTime: info.ModTime()}}, nil
}

// Exists reports whether there is a blob of this key.
func (f *Folder) Exists(_ context.Context, key string) (bool, error) {
	if err := CheckKey(key); err != nil {
		return false, nil
	}
	info, err := f.Root.Stat(key)
	if absent(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for %s: %w", key, err)
	}
	return info.Mode().IsRegular(), nil
}

// Delete removes the blob of a key, for good after a power cut too. There may
// be none: a kill must be repeatable.
func (f *Folder) Delete(_ context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	info, err := f.Root.Lstat(key)
	if absent(err) {
		return nil
	}
	if err == nil && info.IsDir() {
		return notFound(fs.ErrNotExist) // an empty folder would be removed as well
	}
	if err == nil {
		err = f.remove(key)
	}
	if err == nil {
		err = f.sync(path.Dir(key))
	}
	if err != nil {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return nil
}

// Walk calls visit for every blob under a prefix of whole names, "" for all,
// in the order of their names, until visit returns an error.
func (f *Folder) Walk(ctx context.Context, prefix string, visit func(Info) error) error {
	if prefix == "" {
		prefix = "."
	} else if err := CheckKey(prefix); err != nil {
		return err
	}
	return fs.WalkDir(f.Root.FS(), prefix, func(name string, d fs.DirEntry, err error) error {
		if name == temporary {
			return fs.SkipDir
		}
		if err == nil {
			err = ctx.Err()
		}
		if absent(err) { // deleted since its folder was read, or never there
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if absent(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return visit(Info{Key: name, Size: info.Size(), ModTime: info.ModTime()})
	})
}

// absent reports whether err says that there is no such file. A name that goes
// through a file as if it were a folder is one of those.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func notFound(err error) error {
	return &problem.Problem{Kind: problem.NotFound, Detail: "There is no file of this name.", Err: err}
}

// full turns the error of a full disk into a Problem, for the person who sent
// the picture can do nothing but wait, and should know that.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &problem.Problem{
			Kind:   problem.Unavailable,
			Detail: "The disk of this paper is full, so that nothing can be stored. Please tell its publisher, and try again later.",
			Err:    err,
		}
	}
	return err
}

// reader ends when its context does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
