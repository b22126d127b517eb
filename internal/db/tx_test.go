package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

const insertSection = `insert into section (slug, name, position, shown) values ($1, $2, $3, $4)`

// addSection writes one small row.
func addSection(ctx context.Context, tx *db.Tx, slug string) error {
	_, err := tx.Exec(ctx, insertSection, slug, "Name", 1, true)
	return err
}

// sections are the slugs that are there.
func sections(t testing.TB, d *db.DB) map[string]bool {
	t.Helper()
	rows, err := d.Query(context.Background(), `select slug from section order by slug`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	there := map[string]bool{}
	for rows.Next() {
		var slug string
		if err := rows.Scan(&slug); err != nil {
			t.Fatal(err)
		}
		there[slug] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return there
}

// occupy keeps the SQLite writer busy until release is called, so that what is
// written meanwhile queues up and shares a commit. On PostgreSQL, where nobody
// queues, it occupies nobody.
func occupy(t *testing.T, d *db.DB) (release func()) {
	t.Helper()
	began, end := make(chan bool), make(chan bool)
	var done sync.WaitGroup
	done.Go(func() {
		err := d.Tx(context.Background(), func(*db.Tx) error {
			began <- true
			<-end
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-began
	return func() { close(end); done.Wait() }
}

// TestGroupCommit writes from 256 goroutines, of which some fail, panic or give
// up: each gets its own answer, and none takes anything from the others.
func TestGroupCommit(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		ours := errors.New("ours")
		release := occupy(t, d)
		answers := make([]error, db.MaxBatch)
		panics := make([]any, db.MaxBatch)
		var writers sync.WaitGroup
		for i := range answers {
			writers.Go(func() {
				defer func() { panics[i] = recover() }()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				answers[i] = d.Tx(ctx, func(tx *db.Tx) error {
					if err := addSection(ctx, tx, fmt.Sprint(i)); err != nil {
						return err
					}
					switch i % 8 {
					case 1:
						return ours
					case 2:
						panic(i)
					case 3: // the statement itself is refused
						return addSection(ctx, tx, fmt.Sprint(i))
					case 4: // the person has gone, but what has begun is finished
						cancel()
						return addSection(ctx, tx, fmt.Sprintf("%d again", i))
					}
					return nil
				})
			})
		}
		release()
		writers.Wait()

		there := sections(t, d)
		for i, err := range answers {
			kept := err == nil && panics[i] == nil
			if there[fmt.Sprint(i)] != kept {
				t.Errorf("%d: answer %v, panic %v, but row there: %v", i, err, panics[i], !kept)
			}
			switch i % 8 {
			case 1:
				if err != ours {
					t.Errorf("%d: error %v, want its own", i, err)
				}
			case 2:
				if panics[i] != i {
					t.Errorf("%d: panic %v, want its own", i, panics[i])
				}
			case 3:
				if !db.IsUnique(err) {
					t.Errorf("%d: error %v, want that of the key", i, err)
				}
			default:
				if !kept {
					t.Errorf("%d: %v, panic %v", i, err, panics[i])
				}
			}
		}
	})
}

func TestCancelledBeforeItBegins(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := d.Tx(ctx, func(tx *db.Tx) error { return addSection(ctx, tx, "a") })
		if !errors.Is(err, context.Canceled) || len(sections(t, d)) != 0 {
			t.Errorf("error %v, rows %v", err, sections(t, d))
		}
	})
}

// TestCancelledInTheQueue gives up while another closure is being written.
func TestCancelledInTheQueue(t *testing.T) {
	d := papertest.SQLite(t)
	release := occupy(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error)
	go func() {
		answer <- d.Tx(ctx, func(tx *db.Tx) error { return addSection(ctx, tx, "a") })
	}()
	cancel()
	release()
	if err := <-answer; !errors.Is(err, context.Canceled) || len(sections(t, d)) != 0 {
		t.Errorf("error %v, rows %v", err, sections(t, d))
	}
}

// TestCloseWhileWriting closes the database under 32 writers: what was
// acknowledged is there when it is opened again.
func TestCloseWhileWriting(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, watcher *db.DB) {
		d := papertest.Again(t, watcher)
		var acked sync.Map
		var count atomic.Int32
		var writers sync.WaitGroup
		for i := range 32 {
			writers.Go(func() {
				for n := 0; ; n++ {
					slug := fmt.Sprintf("%d-%d", i, n)
					if d.Tx(context.Background(), func(tx *db.Tx) error {
						return addSection(context.Background(), tx, slug)
					}) != nil {
						return
					}
					acked.Store(slug, true)
					count.Add(1)
				}
			})
		}
		papertest.Eventually(t, func() bool { return count.Load() > 100 })
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		writers.Wait()
		there := sections(t, watcher)
		acked.Range(func(slug, _ any) bool {
			if !there[slug.(string)] {
				t.Errorf("%s was acknowledged and is gone", slug)
			}
			return true
		})
		if err := d.Tx(t.Context(), func(*db.Tx) error { return nil }); err == nil {
			t.Error("a closed database took a write")
		}
	})
}

// TestReadersDoNotWait reads while a transaction is open; they see the state
// before it.
func TestReadersDoNotWait(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			if err := addSection(t.Context(), tx, "a"); err != nil {
				return err
			}
			if there := sections(t, d); len(there) != 0 {
				t.Errorf("a reader sees %v before the commit", there)
			}
			var mine int
			if err := tx.QueryRow(t.Context(), `select count(*) from section`).Scan(&mine); err != nil || mine != 1 {
				t.Errorf("the transaction sees %d rows of its own, %v", mine, err)
			}
			return nil
		})
		if err != nil || !sections(t, d)["a"] {
			t.Errorf("after the commit: %v, %v", sections(t, d), err)
		}
	})
}

func TestReadersCannotWrite(t *testing.T) {
	d := papertest.SQLite(t)
	rows, err := d.Query(t.Context(), insertSection, "a", "A", 0, true)
	if err == nil {
		for rows.Next() {
		}
		err = errors.Join(rows.Err(), rows.Close())
	}
	if err == nil || len(sections(t, d)) != 0 {
		t.Errorf("a write outside Tx: %v, rows %v", err, sections(t, d))
	}
}

func TestWhatHappensAfterTheCommit(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		ctx, woken := t.Context(), d.Listen("news")
		for _, keep := range []bool{false, true} {
			var ran bool
			err := d.Tx(ctx, func(tx *db.Tx) error {
				tx.Notify("news")
				tx.AfterCommit(func() { ran = sections(t, d)["a"] })
				if err := addSection(ctx, tx, "a"); err != nil {
					return err
				}
				if !keep {
					return errors.New("undo")
				}
				return nil
			})
			if (err == nil) != keep || ran != keep {
				t.Errorf("kept %v: error %v, AfterCommit ran and saw the row: %v", keep, err, ran)
			}
			select {
			case <-woken:
				if !keep {
					t.Error("woken by what was undone")
				}
			default:
				if keep {
					t.Error("not woken")
				}
			}
		}
	})
}

// TestFullDisk lets SQLite run out of pages. Everybody who shared the commit is
// told in a sentence that a person understands, and writing goes on when there
// is room again.
func TestFullDisk(t *testing.T) {
	d := papertest.SQLite(t)
	ctx := t.Context()
	var pages int
	if err := d.QueryRow(ctx, `select page_count from pragma_page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit := func(n int) {
		if _, err := d.Writer().ExecContext(ctx, fmt.Sprintf(`pragma max_page_count = %d`, n)); err != nil {
			t.Fatal(err)
		}
	}
	limit(pages + 2)
	release := occupy(t, d)
	large := strings.Repeat("x", 64<<10)
	answers := make([]error, 16)
	var writers sync.WaitGroup
	for i := range answers {
		writers.Go(func() {
			answers[i] = d.Tx(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, insertSection, fmt.Sprint(i), large, 0, true)
				if err != nil {
					return fmt.Errorf("add section: %w", err)
				}
				return nil
			})
		})
	}
	release()
	writers.Wait()
	for i, err := range answers {
		p := problem.Of(err)
		if p == nil || p.Kind != problem.Unavailable || !strings.Contains(p.Detail, "disk is full") {
			t.Errorf("%d: %v is not the sentence about a full disk", i, err)
		}
	}
	if there := sections(t, d); len(there) != 0 {
		t.Errorf("%d rows of refused writes are there", len(there))
	}
	limit(pages + 1000)
	if err := d.Tx(ctx, func(tx *db.Tx) error { return addSection(ctx, tx, "again") }); err != nil {
		t.Errorf("after making room: %v", err)
	}
}

// BenchmarkTx writes one small row a transaction.
func BenchmarkTx(b *testing.B) {
	for _, clients := range []int{1, 256} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			d := papertest.SQLite(b)
			var n atomic.Int64
			var writers sync.WaitGroup
			b.ResetTimer()
			for range clients {
				writers.Go(func() {
					for {
						i := n.Add(1)
						if i > int64(b.N) {
							return
						}
						err := d.Tx(context.Background(), func(tx *db.Tx) error {
							return addSection(context.Background(), tx, fmt.Sprint(i))
						})
						if err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			writers.Wait()
		})
	}
}
