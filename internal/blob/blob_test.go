package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"kawaraban/internal/problem"
)

func folder(t *testing.T) *Folder {
	t.Helper()
	f, err := OpenFolder(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func put(t *testing.T, f *Folder, key, text string) {
	t.Helper()
	sum, err := f.Put(t.Context(), key, strings.NewReader(text))
	if want := fmt.Sprintf("%x", sha256.Sum256([]byte(text))); err != nil || sum != want {
		t.Fatalf("put %s: %s, %v, want %s", key, sum, err, want)
	}
}

// get returns the text of a blob, or "" and that there is none.
func get(t *testing.T, f *Folder, key string) (text string, ok bool) {
	t.Helper()
	file, err := f.Open(t.Context(), key)
	if problem.Is(err, problem.NotFound) {
		return "", false
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	b, err := io.ReadAll(file)
	if err != nil || int64(len(b)) != file.Size || file.Key != key || file.ModTime.IsZero() {
		t.Fatalf("%s holds %d bytes, %+v, %v", key, len(b), file.Info, err)
	}
	return string(b), true
}

// inWriting counts what is in the temporary folder.
func inWriting(t *testing.T, f *Folder) int {
	t.Helper()
	left, err := os.ReadDir(filepath.Join(f.Root.Name(), temporary))
	if err != nil {
		t.Fatal(err)
	}
	return len(left)
}

func TestFolder(t *testing.T) {
	f := folder(t)
	keys := []string{"a", "original/01/01HQ.jpg", "original/02/01HR.jpg", "rendition/w320/01HQ.webp"}
	for _, key := range keys {
		put(t, f, key, "first "+key)
		put(t, f, key, "second "+key)
		if text, ok := get(t, f, key); !ok || text != "second "+key {
			t.Errorf("%s holds %q, %t", key, text, ok)
		}
		if ok, err := f.Exists(t.Context(), key); !ok || err != nil {
			t.Errorf("%s exists: %t, %v", key, ok, err)
		}
	}
	for prefix, want := range map[string][]string{"": keys, "original": keys[1:3], "original/02": keys[2:3], "a": keys[:1], "nothing": nil, "a/b": nil} {
		var got []string
		err := f.Walk(t.Context(), prefix, func(i Info) error {
			if i.Size != int64(len("second "+i.Key)) || i.ModTime.IsZero() {
				t.Errorf("%+v", i)
			}
			got = append(got, i.Key)
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("under %q are %q, %v, want %q", prefix, got, err, want)
		}
	}
	stop := errors.New("stop")
	if err := f.Walk(t.Context(), "", func(Info) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Walk: %v", err)
	}
	for range 2 { // a kill is repeatable
		if err := f.Delete(t.Context(), keys[1]); err != nil {
			t.Error(err)
		}
	}
	for _, key := range []string{keys[1], "original", "original/01", "a/b", "nothing"} {
		if _, ok := get(t, f, key); ok {
			t.Errorf("%s can be opened", key)
		}
		if ok, err := f.Exists(t.Context(), key); ok || err != nil {
			t.Errorf("%s exists: %t, %v", key, ok, err)
		}
	}
	if err := f.Delete(t.Context(), "original"); !problem.Is(err, problem.NotFound) {
		t.Errorf("deleting a folder: %v", err)
	}
	if n := inWriting(t, f); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func TestSeek(t *testing.T) {
	f := folder(t)
	put(t, f, "a", "0123456789")
	file, err := f.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Seek(-3, io.SeekEnd); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(file); string(b) != "789" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

// What cannot be read to its end leaves what was there, and nothing else.
func TestPutFails(t *testing.T) {
	f := folder(t)
	put(t, f, "a/b", "before")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("the line is dead")))
	if _, err := f.Put(t.Context(), "a/b", broken); err == nil || problem.Of(err) != nil {
		t.Errorf("a broken reader: %v", err)
	}
	if _, err := f.Put(cancelled, "a/b", strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := f.Put(t.Context(), "a/b/c", strings.NewReader("x")); err == nil {
		t.Error("a blob has become a folder")
	}
	if _, err := f.Put(t.Context(), "a", strings.NewReader("x")); err == nil {
		t.Error("a folder has become a blob")
	}
	if text, _ := get(t, f, "a/b"); text != "before" {
		t.Errorf("a/b holds %q", text)
	}
	if n := inWriting(t, f); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

// Whoever reads while eight write finds one of the eight, whole.
func TestPutTogether(t *testing.T) {
	f := folder(t)
	texts := make([]string, 8)
	for i := range texts {
		texts[i] = strings.Repeat(fmt.Sprint(i), 100_000)
	}
	put(t, f, "x/y", texts[0])
	var wg sync.WaitGroup
	for _, text := range texts {
		wg.Go(func() {
			for range 5 {
				if _, err := f.Put(t.Context(), "x/y", strings.NewReader(text)); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range 20 {
				file, err := f.Open(t.Context(), "x/y")
				if err != nil {
					t.Error(err)
					return
				}
				b, err := io.ReadAll(file)
				if err != nil || !slices.Contains(texts, string(b)) {
					t.Errorf("%d bytes, %v", len(b), err)
				}
				file.Close()
			}
		})
	}
	wg.Wait()
}

func TestSweep(t *testing.T) {
	f := folder(t)
	dir := filepath.Join(f.Root.Name(), temporary)
	for name, age := range map[string]time.Duration{"old": 25 * time.Hour, "new": time.Minute} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(dir, name), when, when); err != nil {
			t.Fatal(err)
		}
	}
	again, err := OpenFolder(f.Root.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() != "new" {
		t.Errorf("left are %v, %v", left, err)
	}
}

// traversal are keys that lead somewhere else, or nowhere.
var traversal = []string{
	"", ".", "..", "/", "//", "../x", "../../etc/passwd", "a/../../x", "a/..", "a/../b", "./a", "a/./b", "a//b", "/a", "a/", "/etc/passwd",
	"..%2Fx", "%2e%2e/x", "%2F..%2F", "..%2f..%2fetc%2fpasswd", "%252e%252e%252f", "..%c0%af", "..%5c", "..\\x", "a\\..\\..\\x", "C:\\x", "C:x", "\\\\host\\x",
	"a\x00b", "a\x00/../x", "a\nb", "a b", " a", "a ", "a:b", "a*", "a?", "~", "~root/x", "$HOME", "`id`", "-x;rm",
	".hidden", "a/.hidden", ".writing/x", ".git/config", "...", "a/...", "．．/x", "‥/x", "a／b", "a∕b", "é", "\xff", "\u202ea", strings.Repeat("a", 201),
	strings.Repeat("a/", 150) + "a",
}

// No key leads out of the folder (R08), nor does a link that stands in it.
func TestReg_R08(t *testing.T) {
	f := folder(t)
	outside := filepath.Join(filepath.Dir(f.Root.Name()), "x")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, key := range traversal {
		if _, err := f.Put(t.Context(), key, strings.NewReader("mine")); !problem.Is(err, problem.NotFound) {
			t.Errorf("put %q: %v", key, err)
		}
		if file, err := f.Open(t.Context(), key); !problem.Is(err, problem.NotFound) {
			t.Errorf("open %q: %v, %v", key, file, err)
		}
		if ok, err := f.Exists(t.Context(), key); ok || err != nil {
			t.Errorf("%q exists: %t, %v", key, ok, err)
		}
		if err := f.Delete(t.Context(), key); !problem.Is(err, problem.NotFound) {
			t.Errorf("delete %q: %v", key, err)
		}
		if err := f.Walk(t.Context(), key, func(i Info) error { return errors.New("found " + i.Key) }); key != "" && !problem.Is(err, problem.NotFound) {
			t.Errorf("walk %q: %v", key, err)
		}
	}
	for name, target := range map[string]string{"file": outside, "up": "..", "root": "/"} {
		if err := os.Symlink(target, filepath.Join(f.Root.Name(), name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"file", "up/x", "root/etc/passwd"} {
		if file, err := f.Open(t.Context(), key); err == nil {
			t.Errorf("opened %s through a link: %v", key, file)
		}
		if _, err := f.Put(t.Context(), key+"/new", strings.NewReader("mine")); err == nil {
			t.Errorf("wrote %s through a link", key)
		}
	}
	if err := f.Walk(t.Context(), "", func(i Info) error { return errors.New("found " + i.Key) }); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(outside); string(b) != "secret" || err != nil {
		t.Errorf("the file outside holds %q, %v", b, err)
	}
	if others, err := os.ReadDir(filepath.Dir(outside)); err != nil || len(others) != 2 {
		t.Errorf("outside are %v, %v", others, err)
	}
}

func TestFull(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT} {
		if err := full(fmt.Errorf("store a: %w", &os.PathError{Op: "write", Path: "a", Err: errno})); !problem.Is(err, problem.Unavailable) || !errors.Is(err, errno) {
			t.Errorf("%v: %v", errno, err)
		}
	}
	if err := full(syscall.EIO); problem.Of(err) != nil {
		t.Errorf("a broken disk: %v", err)
	}
}

func FuzzKey(f *testing.F) {
	for _, key := range append(traversal, "a", "original/01/01HQ.jpg") {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if CheckKey(key) != nil {
			return
		}
		if clean := filepath.Clean("/r/" + key); clean != "/r/"+key || !filepath.IsLocal(key) || bytes.ContainsAny([]byte(key), "\\\x00%: ") {
			t.Fatalf("%q is a key", key)
		}
	})
}
