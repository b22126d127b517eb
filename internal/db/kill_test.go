package db_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
)

// kills is how often TestKilledProcess kills its child.
const kills = 30

// writingChild is the environment variable that makes the test program write
// into the database that it names until it is killed.
const writingChild = "KAWARABAN_TEST_WRITE"

// TestKilledProcess kills a process that writes from eight goroutines and says
// on a pipe what was acknowledged: all of that must be there afterwards.
func TestKilledProcess(t *testing.T) {
	path := os.Getenv(writingChild)
	if path != "" {
		writeUntilKilled(t, path)
	}
	path = filepath.Join(t.TempDir(), "paper.db")
	d, err := db.Open(t.Context(), db.Settings{URL: path})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	acked := 0
	for range kills {
		heard := runAndKill(t, path)
		acked += len(heard)
		d, err := db.Open(t.Context(), db.Settings{URL: path})
		if err != nil {
			t.Fatal(err)
		}
		there := sections(t, d)
		for _, slug := range heard {
			if !there[slug] {
				t.Errorf("%s was acknowledged and is gone", slug)
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if acked == 0 {
		t.Error("the child wrote nothing, so this test showed nothing")
	}
	t.Logf("%d kills, %d acknowledged writes, all there", kills, acked)
}

// runAndKill kills a writing child up to 60 ms after its first acknowledgement
// and returns what it acknowledged.
func runAndKill(t *testing.T, path string) (acked []string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$")
	child.Env = append(os.Environ(), writingChild+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var aim sync.Once
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		slug, whole := strings.CutSuffix(lines.Text(), ".")
		if !whole {
			t.Fatalf("the child says %q", lines.Text())
		}
		acked = append(acked, slug)
		aim.Do(func() {
			time.AfterFunc(rand.N(60*time.Millisecond), func() { child.Process.Kill() })
		})
	}
	child.Wait() // it was killed: the error says only that
	return acked
}

func writeUntilKilled(t *testing.T, path string) {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Settings{URL: path})
	if err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for {
				slug := db.NewID()
				if err := d.Tx(ctx, func(tx *db.Tx) error { return addSection(ctx, tx, slug) }); err != nil {
					t.Error(err)
					return
				}
				fmt.Println(slug + ".") // one write, so a line is whole or absent
			}
		})
	}
	writers.Wait()
}
