package papertest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

func TestDatabasesAreEmptyAndApart(t *testing.T) {
	for range 2 { // the second round must not see the rows of the first
		papertest.Databases(t, func(t *testing.T, d *db.DB) {
			ctx := t.Context()
			err := d.Tx(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `insert into section (slug, name, position, shown) values ($1, $2, 0, true)`, "city", "City")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			var name string
			other := papertest.Again(t, d)
			if err := other.QueryRow(ctx, `select name from section where slug = $1`, "city").Scan(&name); err != nil || name != "City" {
				t.Errorf("a second opening reads %q, %v", name, err)
			}
		})
	}
}

func TestClock(t *testing.T) {
	var c papertest.Clock
	start := c.Now()
	if start.Weekday() != time.Monday || !c.Now().Equal(start) {
		t.Errorf("the zero clock shows %s", start)
	}
	if got := c.Add(time.Hour); got != start.Add(time.Hour) || c.Now() != got {
		t.Errorf("after an hour it shows %s", got)
	}
	c.Set(start)
	if c.Now() != start {
		t.Errorf("set back, it shows %s", c.Now())
	}
}

// TestClusterGoesWithItsProcess kills a process that started a cluster and
// waits for the cluster to go.
func TestClusterGoesWithItsProcess(t *testing.T) {
	if os.Getenv("PAPERTEST_CHILD") != "" {
		s, err := papertest.StartPostgres()
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(os.Getenv("PAPERTEST_CHILD"), []byte(s.Socket), 0o600)
		<-context.Background().Done() // until it is killed
		s.Stop()
	}
	papertest.Postgres(t) // skips where there is none
	told := filepath.Join(t.TempDir(), "dir")
	child := exec.Command(os.Args[0], "-test.run=^TestClusterGoesWithItsProcess$")
	child.Env = append(os.Environ(), "PAPERTEST_CHILD="+told)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var dir string
	papertest.Eventually(t, func() bool {
		b, _ := os.ReadFile(told)
		dir = string(b)
		return dir != ""
	})
	pid, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	process, _, _ := strings.Cut(string(pid), "\n")
	child.Process.Kill()
	child.Wait()
	papertest.Eventually(t, func() bool {
		_, folder := os.Stat(dir)
		_, server := os.Stat(filepath.Join("/proc", process))
		return os.IsNotExist(folder) && os.IsNotExist(server)
	})
}
