package blob

import (
	"bytes"
	"path/filepath"
	"syscall"
	"testing"

	"kawaraban/internal/problem"
)

// A disk that is really full: what does not fit is refused with a sentence, and
// takes no place; what was there can be read.
func TestFullDisk(t *testing.T) {
	disk := filepath.Join(t.TempDir())
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("a small disk cannot be mounted here (it takes root): %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, 0) })
	f, err := OpenFolder(filepath.Join(disk, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	put(t, f, "a", "before")
	if _, err := f.Put(t.Context(), "a", bytes.NewReader(make([]byte, 1<<20))); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a full disk: %v", err)
	}
	if text, _ := get(t, f, "a"); text != "before" || inWriting(t, f) != 0 {
		t.Errorf("a holds %q", text)
	}
	put(t, f, "b", "after")
}
