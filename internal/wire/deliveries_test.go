package wire

import (
	"bufio"
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// A sending is a file of an agency: the version of a story, or its recall.
type sending struct {
	story, version int
	name           string
	data           []byte
}

// sendings makes what an agency sends, in its order: of each story some versions, with
// corrections, embargoes, kills and withholdings among them.
func sendings(seed uint64, n int) (list []sending) {
	random := rand.New(rand.NewPCG(seed, 8))
	now := (&papertest.Clock{}).Now()
	for story := 0; len(list) < n; story++ {
		for v := 1; v <= 1+random.IntN(7); v++ {
			d := version(v, doc{"uri": fmt.Sprint("urn:hpa.example:", story), "headline": fmt.Sprintf("Story %d as of %d", story, v)})
			switch random.IntN(12) {
			case 0:
				d["pubstatus"] = "canceled"
				if random.IntN(2) == 0 {
					d["headline"] = ""
				}
			case 1:
				d["pubstatus"] = "withheld"
			case 2:
				d["embargoed"] = now.Add(time.Hour).Format(time.RFC3339)
			case 3:
				d["urgency"] = 1
			case 4:
				d["body_html"] = ""
			}
			list = append(list, sending{story, v, fmt.Sprintf("%d-%d.json", story, v), d.bytes()})
		}
	}
	return list
}

// shuffled is what arrives: all of it in any order, much of it twice.
func shuffled(seed uint64, list []sending) []sending {
	random := rand.New(rand.NewPCG(seed, 9))
	for _, s := range list {
		switch random.IntN(8) {
		case 0:
			list = append(list, s) // the same file again
		case 1:
			s.name = "again-" + s.name // the same under another name
			list = append(list, s)
		}
	}
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

func (r *room) arrive(s sending) error {
	_, err := r.Deliver(r.t.Context(), r.hpa, s.name, s.data, nil)
	return err
}

// known is what readers have of each story, and editors see of it.
func (r *room) known() (list []string) {
	r.t.Helper()
	rows, err := r.DB.Query(r.t.Context(), `select id, version, versions, headline, urgency, recall, decision from wire_story where source = $1 order by id`, r.hpa.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	type row struct {
		id, version, headline, recall, decision string
		versions, urgency                       int
	}
	var stories []row
	for rows.Next() {
		var w row
		if err := rows.Scan(&w.id, &w.version, &w.versions, &w.headline, &w.urgency, &w.recall, &w.decision); err != nil {
			r.t.Fatal(err)
		}
		stories = append(stories, w)
	}
	if err := cmp.Or(rows.Err(), rows.Close()); err != nil {
		r.t.Fatal(err)
	}
	for _, w := range stories {
		text, read := "", r.read(r.hpa, w.id)
		if read == "410" {
			read = "404" // whether it was there before depends on the order
		} else if read != "404" {
			text = r.story(r.hpa, w.id).Body.Text()
		}
		list = append(list, fmt.Sprintf("%s: readers have %q, %q; editors see version %s of %d, %q, urgency %d, %s; waits: %t",
			w.id, read, text, w.version, w.versions, w.headline, w.urgency, w.recall, w.decision == string(Held)))
	}
	return list
}

// hasCome compares what is known in two rooms, now and after the embargoes.
func hasCome(t *testing.T, got, want *room) {
	t.Helper()
	for _, when := range []string{"now", "when the embargoes have ended"} {
		is, shall := got.known(), want.known()
		if len(is) != len(shall) {
			t.Errorf("%s: %d stories, want %d", when, len(is), len(shall))
		}
		wrong := 0
		for i := range min(len(is), len(shall)) {
			if is[i] != shall[i] {
				if wrong++; wrong <= 5 {
					t.Errorf("%s:\n  %s\nand in order:\n  %s", when, is[i], shall[i])
				}
			}
		}
		if wrong > 5 {
			t.Errorf("%s: and %d more", when, wrong-5)
		}
		got.clock.Add(2 * time.Hour)
		want.clock.Add(2 * time.Hour)
	}
	got.whole()
}

// manyDeliveries is the environment variable that says how many TestDeliveries sends: a
// figure of the house is 10,000, which takes minutes.
const manyDeliveries = "KAWARABAN_TEST_DELIVERIES"

// takingChild is the environment variable that makes the test program take deliveries
// until it is killed: the database, the seed, and the first delivery.
const takingChild = "KAWARABAN_TEST_TAKE"

// TestDeliveries has what an agency sends arrive in any order, twice, by four at a time,
// and while the process is killed again and again: readers and editors have what they
// would have had if it had come in order.
func TestDeliveries(t *testing.T) {
	if child := os.Getenv(takingChild); child != "" {
		takeUntilKilled(t, strings.Split(child, " "))
		return
	}
	n := 250
	if more, err := strconv.Atoi(os.Getenv(manyDeliveries)); err == nil {
		n = more
	}
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		want := newRoom(t, papertest.SQLite(t))
		for _, s := range sendings(seed, n) {
			if err := want.arrive(s); err != nil {
				t.Fatal(err)
			}
		}
		t.Run("four at a time", func(t *testing.T) {
			got := newRoom(t, d)
			list := make(chan sending)
			var takers sync.WaitGroup
			for range 4 {
				takers.Go(func() {
					for s := range list {
						if err := got.arrive(s); err != nil {
							t.Errorf("%s: %v", s.name, err)
						}
					}
				})
			}
			for _, s := range shuffled(seed, sendings(seed, n)) {
				list <- s
			}
			close(list)
			takers.Wait()
			hasCome(t, got, want)
		})
		t.Run("killed", func(t *testing.T) {
			got := openRoom(t, d)
			got.hpa = got.source(Source{Name: "Killed", Publish: Auto})
			all := len(shuffled(seed, sendings(seed, n)))
			killed := 0
			for from := 0; from < all; killed++ {
				from = takeAndKill(t, d, seed, n, from)
			}
			want.clock.Set(got.clock.Now())
			hasCome(t, got, want)
			t.Logf("%d of %d deliveries, killed %d times", all, n, killed)
		})
	})
}

// takeAndKill has a child take deliveries from one on, kills it at some moment after the
// first, and returns the one that it did not acknowledge.
func takeAndKill(t *testing.T, d *db.DB, seed uint64, n, from int) int {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestDeliveries$")
	child.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d %d", takingChild, papertest.Address(t, d), seed, n, from))
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
		number, whole := strings.CutSuffix(lines.Text(), ".")
		took, err := strconv.Atoi(number)
		if !whole || err != nil {
			continue // what the testing package says
		}
		from = took + 1
		aim.Do(func() {
			time.AfterFunc(rand.N(600*time.Millisecond), func() { child.Process.Kill() })
		})
	}
	child.Wait() // it was killed, or had all: from says which
	return from
}

func takeUntilKilled(t *testing.T, args []string) {
	d, err := db.Open(t.Context(), db.Settings{URL: args[0]})
	if err != nil {
		t.Fatal(err)
	}
	seed, _ := strconv.ParseUint(args[1], 10, 64)
	n, _ := strconv.Atoi(args[2])
	from, _ := strconv.Atoi(args[3])
	r := openRoom(t, d)
	if r.hpa, err = r.Source(t.Context(), "Killed"); err != nil {
		t.Fatal(err)
	}
	list := shuffled(seed, sendings(seed, n))
	for i := from; i < len(list); i++ {
		if err := r.arrive(list[i]); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("%d.\n", i) // one write, so a line is whole or absent
	}
}
