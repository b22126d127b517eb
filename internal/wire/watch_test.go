package wire

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
)

// A folder is a watched folder and the Watcher that looks into it when told.
type folder struct {
	*room
	w    *Watcher
	src  Source
	path string
}

func newFolder(t *testing.T) *folder {
	t.Helper()
	r, path := newRoom(t, papertest.SQLite(t)), t.TempDir()
	return &folder{room: r, w: &Watcher{Store: r.Store}, src: r.source(Source{Name: "Kestrel", Folder: path, Publish: Auto}), path: path}
}

func (f *folder) write(name string, data []byte) {
	f.t.Helper()
	path := filepath.Join(f.path, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		f.t.Fatal(err)
	}
}

// look lets the watcher look n times, and returns how many deliveries there are.
func (f *folder) look(n int) (deliveries int) {
	f.t.Helper()
	for range n {
		f.w.Look(f.t.Context(), &f.src)
	}
	return f.count("wire_delivery")
}

// wants fails the test when readers of the ferry's story have something else.
func (f *folder) wants(headline string) {
	f.t.Helper()
	if got := f.read(f.src, "urn:hpa.example:ferry"); got != headline {
		f.t.Errorf("readers have %s, want %s", got, headline)
	}
}

func TestWatchHalfWritten(t *testing.T) {
	f := newFolder(t)
	data := version(1, nil).bytes()
	f.write("one.json", data[:20])
	if f.look(1) != 0 {
		t.Error("a file is taken at first sight")
	}
	f.write("one.json", data)
	if f.look(1) != 0 {
		t.Error("a file that grows is taken")
	}
	if f.look(1) != 1 {
		t.Error("a file that is whole is not taken")
	}
	f.wants("Ferry 1")

	// The same size and another time is another file: it has been written again.
	again := []byte(strings.Replace(string(version(2, nil).bytes()), "Ferry 2", "Ferry B", 1))
	f.write("one.json", again)
	if err := os.Chtimes(filepath.Join(f.path, "one.json"), time.Time{}, time.Unix(1_700_000_000, 0)); err != nil {
		t.Fatal(err)
	}
	if n := f.look(2); n != 2 {
		t.Errorf("%d deliveries after the file was written over", n)
	}
	f.wants("Ferry B")
	if n := f.look(3); n != 2 {
		t.Errorf("%d deliveries, and nothing new came", n)
	}
}

func TestWatchNames(t *testing.T) {
	f := newFolder(t)
	data := version(1, nil).bytes()
	passed := []string{"one.json.tmp", "one.TMP", ".one.json", "one.json~", "one.part", "one.filepart", ".hidden/one.json", "a/b/c/d/e/one.json"}
	for _, name := range passed {
		f.write(name, data)
	}
	f.write("empty.json", nil)
	outside := filepath.Join(t.TempDir(), "outside.json")
	if err := os.WriteFile(outside, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(f.path, "link.json")); err != nil {
		t.Fatal(err)
	}
	if n := f.look(3); n != 0 {
		t.Errorf("%d files are taken that are none", n)
	}
	if err := os.Rename(filepath.Join(f.path, "one.json.tmp"), filepath.Join(f.path, "one.json")); err != nil {
		t.Fatal(err)
	}
	if n := f.look(2); n != 1 {
		t.Errorf("%d deliveries after the file got its name", n)
	}
	f.write("a/b/c/two.json", version(2, nil).bytes())
	f.look(2)
	f.wants("Ferry 2")
	for _, name := range append(passed[1:], "one.json") {
		if got, err := os.ReadFile(filepath.Join(f.path, name)); err != nil || string(got) != string(data) {
			t.Errorf("%s is not what it was: %v", name, err)
		}
	}
}

// TestWatchRestart holds that a new process takes nothing twice, and what came
// while none was there.
func TestWatchRestart(t *testing.T) {
	f := newFolder(t)
	f.write("1.json", version(1, nil).bytes())
	f.write("2.json", []byte("{damaged"))
	f.write("3.jpg", photo(1))
	large, err := os.Create(filepath.Join(f.path, "large.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := large.Truncate(1 << 40); err != nil { // would take longer to read than anybody waits
		t.Skipf("no sparse files here: %v", err)
	}
	large.Close()
	f.write("z.json", version(2, nil).bytes())
	if n := f.look(2); n != 4 {
		t.Errorf("%d deliveries, want 4: what is bad must not stop the rest", n)
	}
	f.wants("Ferry 2")
	if f.src.Problem != "" {
		t.Errorf("the source has a problem: %s", f.src.Problem)
	}
	f.w = &Watcher{Store: f.Store}
	f.write("4.json", version(3, nil).bytes())
	if n := f.look(2); n != 5 {
		t.Errorf("%d deliveries after a restart, want one more", n)
	}
	f.wants("Ferry 3")
	f.whole()
}

// TestWatchProblems holds that what is wrong with a source is told in a
// sentence, until it is well again, and that files wait for us.
func TestWatchProblems(t *testing.T) {
	f := newFolder(t)
	told := func(want string) {
		t.Helper()
		src, err := f.Source(t.Context(), "Kestrel")
		if err != nil {
			t.Fatal(err)
		}
		if want == "" && src.Problem != "" || !strings.Contains(src.Problem, want) || src.Problem != f.src.Problem {
			t.Errorf("the problem is %q, want %q", src.Problem, want)
		}
	}
	f.look(1)
	told("")
	away := f.path + "-away"
	if err := os.Rename(f.path, away); err != nil {
		t.Fatal(err)
	}
	f.look(2)
	told("cannot be opened: no such file")
	if err := os.Rename(away, f.path); err != nil {
		t.Fatal(err)
	}
	f.write("1.json", version(1, nil).bytes())
	f.look(2)
	told("")
	f.wants("Ferry 1")

	execute(t, f.DB, `alter table revision rename to revision_gone`)
	f.write("2.json", version(2, nil).bytes())
	f.look(3)
	told("could not be stored")
	execute(t, f.DB, `alter table revision_gone rename to revision`)
	f.look(1)
	told("")
	f.wants("Ferry 2")
}

// TestWatchPictures brings the text first, or the picture first, or another
// story's picture of the same name.
func TestWatchPictures(t *testing.T) {
	story := func(id string) []byte {
		return version(1, doc{"uri": id, "associations": doc{"main": doc{
			"type": "picture", "description_text": "The quay", "renditions": doc{"original": doc{"href": "img/photo.jpg", "mimetype": "image/jpeg"}},
		}}}).bytes()
	}
	f := newFolder(t)
	lead := func(id string) string { return f.story(f.src, id).Lead.Picture }
	f.write("a/story.json", story("urn:a"))
	f.look(2)
	f.write("b/img/photo.jpg", photo(2))
	f.look(2)
	if got := lead("urn:a"); got != "" {
		t.Errorf("the story has the picture of another folder, %s", got)
	}
	f.write("a/img/photo.jpg", photo(1))
	f.look(2)
	f.write("b/story.json", story("urn:b"))
	f.look(2)
	if a, b := lead("urn:a"), lead("urn:b"); a == "" || b == "" || a == b {
		t.Errorf("the pictures are %q and %q", a, b)
	}

	// Both at once: the text waits for a picture that is still being written.
	f.write("c/story.json", story("urn:c"))
	f.write("c/img/photo.jpg", photo(3)[:100])
	f.look(1)
	f.write("c/img/photo.jpg", photo(3))
	f.look(1)
	f.look(1)
	if lead("urn:c") == "" {
		t.Error("the picture that came last is not there")
	}
	if n := f.count("picture"); n != 3 {
		t.Errorf("%d pictures", n)
	}
}

// TestWatchMany measures a folder that nobody ever empties.
func TestWatchMany(t *testing.T) {
	f, files := newFolder(t), 2000
	if testing.Short() {
		files = 200
	}
	for i := range files {
		f.write(fmt.Sprintf("%02d/%d.json", i%20, i), version(1, doc{"uri": fmt.Sprint("urn:hpa.example:", i), "headline": fmt.Sprint("Story ", i)}).bytes())
	}
	f.look(1)
	measure := func(what string, do func()) {
		begin := time.Now()
		do()
		t.Logf("%s: %s", what, time.Since(begin))
	}
	measure(fmt.Sprintf("taking %d files", files), func() { f.look(1) })
	if n := f.count("article"); n != files {
		t.Errorf("%d articles", n)
	}
	measure("a look at all of them again", func() { f.look(1) })
	f.w = &Watcher{Store: f.Store}
	measure("all of them after a restart", func() { f.look(2) })
	if n := f.count("wire_delivery"); n != files {
		t.Errorf("%d deliveries", n)
	}
}

// TestWatcherRuns holds that a source that is added while the watcher runs is
// found, and that the end of the context ends it.
func TestWatcherRuns(t *testing.T) {
	f := newFolder(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- f.w.Run(ctx) }()
	f.write("1.json", version(1, nil).bytes())
	papertest.Eventually(t, func() bool { return f.read(f.src, "urn:hpa.example:ferry") == "Ferry 1" })
	path := t.TempDir()
	late := f.source(Source{Name: "Late", Folder: path, Publish: Auto})
	if err := os.WriteFile(filepath.Join(path, "1.json"), version(1, nil).bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	papertest.Eventually(t, func() bool { return f.read(late, "urn:hpa.example:ferry") == "Ferry 1" })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestDeliverFile takes a file with its picture from a folder that is not watched.
func TestDeliverFile(t *testing.T) {
	f := newFolder(t)
	f.write("in/1.json", version(1, doc{"associations": doc{"main": doc{
		"type": "picture", "renditions": doc{"original": doc{"href": "photo.jpg", "mimetype": "image/jpeg"}},
	}}}).bytes())
	f.write("in/photo.jpg", photo(1))
	root, err := os.OpenRoot(f.path)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	results, err := f.DeliverFile(t.Context(), f.src, root, "in/1.json")
	if err != nil || len(results) != 1 || results[0].Decision != Released {
		t.Fatalf("DeliverFile = %+v, %v", results, err)
	}
	if f.story(f.src, "urn:hpa.example:ferry").Lead.Picture == "" {
		t.Error("its picture is missing")
	}
	if _, err := f.DeliverFile(t.Context(), f.src, root, "in/none.json"); err == nil {
		t.Error("a file that is not there is delivered")
	}
}
