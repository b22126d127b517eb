package comment

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// kills is how often TestKilled kills its child on each database. The step
// "integrity" of cmd/bench does more.
const kills = 6

// worldChild is the environment variable that makes the test program do anything
// in the thread of the database that it names until it is killed.
const worldChild = "KAWARABAN_TEST_THREAD"

// TestKilled kills a process in which readers and moderators do anything at
// once: what was acknowledged is there afterwards, and all numbers are what their rows
// add up to. It was red with the tally written in a transaction of its own.
func TestKilled(t *testing.T) {
	if address := os.Getenv(worldChild); address != "" {
		doUntilKilled(t, address)
	}
	onBoth(t, func(k *kit) {
		k.rule("Insults")
		for i := range 6 {
			k.reader(fmt.Sprint("reader", i))
		}
		address := papertest.Address(t, k.DB)
		acked, killed := 0, 0
		// A slow child may be killed before its first vote: then it takes some more.
		busy := func() bool {
			return acked > 0 && k.count(`select count(*) from vote`)+k.count(`select count(*) from decision`) > 0
		}
		for killed < kills || killed < 10*kills && !busy() {
			killed++
			posted := runAndKill(t, address)
			acked += len(posted)
			for _, id := range posted {
				if k.count(`select count(*) from comment where id = $1`, id) != 1 {
					t.Errorf("%s was acknowledged and is gone", id)
				}
			}
			k.whole()
		}
		if !busy() {
			t.Error("the child did nothing, so this test showed nothing")
		}
		t.Logf("%d kills, %d comments acknowledged, all there", killed, acked)
	})
}

// runAndKill kills a child a little while after its first acknowledgement and returns
// the comments that it has acknowledged.
func runAndKill(t *testing.T, address string) (posted []string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	child.Env = append(os.Environ(), worldChild+"="+address)
	out, err := child.StdoutPipe()
	check(t, err)
	check(t, child.Start())
	var aim sync.Once
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, whole := strings.CutSuffix(lines.Text(), ".")
		if !whole {
			t.Fatalf("the child says %q", lines.Text())
		}
		posted = append(posted, id)
		aim.Do(func() {
			time.AfterFunc(rand.N(200*time.Millisecond), func() { child.Process.Kill() })
		})
	}
	child.Wait() // it was killed: the error says only that
	return posted
}

func doUntilKilled(t *testing.T, address string) {
	d, err := db.Open(t.Context(), db.Settings{URL: address})
	check(t, err)
	k := openKit(t, d)
	k.about = k.aboutArticle("bridge")
	rules, err := k.Rules(t.Context())
	check(t, err)
	var steps atomic.Int64
	steps.Store(1000 + rand.Int64N(1<<40)) // no two children say the same; the clock stands still
	var all sync.WaitGroup
	for n := range 8 {
		w := &world{kit: k, rule: rules[0].ID, rand: rand.New(rand.NewPCG(rand.Uint64(), uint64(n)))}
		for i := range 6 {
			w.readers = append(w.readers, fmt.Sprint("reader", i))
		}
		all.Go(func() {
			for {
				before := len(w.comments)
				w.step(context.WithoutCancel(t.Context()), int(steps.Add(1)))
				if len(w.comments) > before {
					fmt.Println(w.comments[before] + ".") // one write, so a line is whole or absent
				}
			}
		})
	}
	all.Wait()
}
