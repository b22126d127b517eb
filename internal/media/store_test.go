package media

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// newStore is a Store on an empty database and an empty folder. Its jobs run
// between the call of start and the end of the test.
func newStore(t *testing.T, d *db.DB) (s *Store, start func()) {
	t.Helper()
	blobs, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	s = &Store{DB: d, Blobs: blobs, Jobs: job.New(d, log), Now: new(papertest.Clock).Now, ID: db.NewID, Log: log}
	job.Handle(s.Jobs, DrawKind, s.Draw)
	job.Handle(s.Jobs, ForgetKind, s.Forget)
	return s, func() {
		t.Helper()
		if err := s.Jobs.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := s.Jobs.Stop(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

// add keeps a picture and makes it one of the paper's.
func (s *Store) add(ctx context.Context, data []byte) (id string, err error) {
	k, err := s.Keep(ctx, data)
	if err != nil {
		return "", err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		id, err = s.Add(ctx, tx, k)
		return err
	})
	return id, err
}

func (s *Store) verify(t *testing.T) (told []string) {
	t.Helper()
	if err := s.Verify(t.Context(), func(sentence string) { told = append(told, sentence) }); err != nil {
		t.Fatal(err)
	}
	return told
}

// idle waits until every job has been done.
func (s *Store) idle(t *testing.T) {
	t.Helper()
	papertest.Eventually(t, func() bool {
		var open int
		err := s.DB.QueryRow(t.Context(), `select count(*) from river_job where kind = $1 and state <> 'completed'`, DrawKind).Scan(&open)
		return err == nil && open == 0
	})
}

// TestStore follows a picture from its bytes to what readers get of it.
func TestStore(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, start := newStore(t, d)
		ctx := t.Context()
		data := encodeAs(t, harbour(700, 400), JPEG)
		id, err := s.add(ctx, data)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := s.add(ctx, data); err != nil || again != id {
			t.Errorf("the same bytes are %s and %s, %v", id, again, err)
		}
		found, err := s.Pictures(ctx, id, "nothing")
		if err != nil || len(found) != 1 || found[id].Width != 700 || found[id].Height != 400 || len(found[id].Renditions) != 0 {
			t.Fatalf("before it is drawn: %+v, %v", found, err)
		}
		if n, err := s.Waiting(ctx); err != nil || n != 1 {
			t.Errorf("%d pictures wait, %v", n, err)
		}

		start()
		s.idle(t)
		if n, err := s.Waiting(ctx); err != nil || n != 0 {
			t.Errorf("%d pictures wait, %v", n, err)
		}
		if found, err = s.Pictures(ctx, id); err != nil {
			t.Fatal(err)
		}
		var widths []int
		for _, f := range found[id].Renditions {
			widths = append(widths, f.Width)
			o, err := s.Open(ctx, f.Key)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(o)
			o.Close()
			if err != nil || o.Picture != id || o.Type != f.Format.Type() || o.Modified.IsZero() {
				t.Errorf("%s opens as %+v, %v", f.Key, o, err)
			}
			if info, err := Inspect(got); err != nil || info.Width != f.Width || info.Height != f.Height || info.Format != f.Format {
				t.Errorf("%s is %+v, %v", f.Key, info, err)
			}
		}
		if !slices.Equal(widths, []int{320, 320, 640, 640, 700, 700}) {
			t.Errorf("widths %v", widths)
		}
		var ready, jobs int
		if err := d.QueryRow(ctx, `select count(*) from outbox where kind = 'media.ready' and subject = $1`, id).Scan(&ready); err != nil || ready != 2 {
			t.Errorf("told %d times that it is ready, %v", ready, err)
		}
		if err := d.QueryRow(ctx, `select count(*) from river_job where kind = $1`, DrawKind).Scan(&jobs); err != nil || jobs != 2 {
			t.Errorf("%d jobs for one picture, want one a pass, %v", jobs, err)
		}
		if err := s.Draw(ctx, Drawing{ID: id}); err != nil {
			t.Errorf("drawn again: %v", err)
		}
		if err := s.Draw(ctx, Drawing{ID: "nothing"}); err != nil {
			t.Errorf("nothing drawn: %v", err)
		}
		s.idle(t)

		for _, name := range []string{
			"", "x", ".jpg", "-320.jpg", id + ".jpg", id + "-320.png", id + "-321.jpg", id + "-0320.jpg", id + "-+320.jpg", id + "--320.jpg",
			id + "-320.jpg.jpg", id + "-320-320.jpg", "../" + id + "-320.jpg", strings.ToLower(id) + "-320.jpg", "nothing-320.jpg", id + "-320.jpg\x00",
		} {
			if o, err := s.Open(ctx, name); !problem.Is(err, problem.NotFound) {
				t.Errorf("Open(%q) = %+v, %v", name, o, err)
			}
		}
		if told := s.verify(t); told != nil {
			t.Errorf("verify: %q", told)
		}

		// Damage: a rendition gone, another one changed, the original changed.
		if err := s.Blobs.Delete(ctx, rendition(id+"-320.jpg")); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{rendition(id + "-640.webp"), original(sum(t, s, id))} {
			if _, err := s.Blobs.Put(ctx, key, strings.NewReader("other bytes")); err != nil {
				t.Fatal(err)
			}
		}
		told := s.verify(t)
		if len(told) != 3 || !strings.Contains(told[0], "original of picture "+id) ||
			!strings.Contains(told[1], "-320.jpg cannot be read") || !strings.Contains(told[2], "-640.webp is not") {
			t.Errorf("verify: %q", told)
		}
		if _, err := s.Open(ctx, id+"-320.jpg"); err == nil {
			t.Error("a rendition without bytes opens")
		}
	})
}

func sum(t *testing.T, s *Store, id string) (hash string) {
	t.Helper()
	if err := s.DB.QueryRow(t.Context(), `select hash from picture where id = $1`, id).Scan(&hash); err != nil {
		t.Fatal(err)
	}
	return hash
}

// TestBrokenPicture holds that a picture which begins well and cannot be drawn
// fails once, with the reason, and does not hold up the next one.
func TestBrokenPicture(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, start := newStore(t, d)
		ctx := t.Context()
		whole := encodeAs(t, harbour(700, 400), JPEG)
		broken, err := s.add(ctx, whole[:len(whole)/2])
		if err != nil {
			t.Fatalf("the test's picture is refused at once: %v", err)
		}
		good, err := s.add(ctx, whole)
		if err != nil {
			t.Fatal(err)
		}
		start()
		s.idle(t) // and nothing waits for another try
		state := func(id string) (state, reason string) {
			if err := d.QueryRow(ctx, `select state, reason from picture where id = $1`, id).Scan(&state, &reason); err != nil {
				t.Fatal(err)
			}
			return state, reason
		}
		if st, why := state(broken); st != "failed" || !strings.Contains(why, "damaged") {
			t.Errorf("the broken picture is %s because %q", st, why)
		}
		if st, why := state(good); st != "ready" || why != "" {
			t.Errorf("the good picture is %s because %q", st, why)
		}
		if again, err := s.add(ctx, whole[:len(whole)/2]); err != nil || again != broken {
			t.Errorf("the broken bytes again: %s, %v", again, err)
		}
	})
}

// TestKeepRefuses holds that what is no picture leaves nothing behind.
func TestKeepRefuses(t *testing.T) {
	s, _ := newStore(t, papertest.SQLite(t))
	for _, data := range [][]byte{nil, []byte("<svg/>"), []byte("\xff\xd8\xffbroken"), bytes.Repeat([]byte{0xff, 0xd8, 0xff}, MaxBytes)} {
		if k, err := s.Keep(t.Context(), data); problem.Of(err) == nil {
			t.Errorf("%.10q is kept: %+v, %v", data, k, err)
		}
	}
	err := s.Blobs.Walk(t.Context(), "", func(i blob.Info) error {
		t.Errorf("%s was left behind", i.Key)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestAddUnderEight holds that eight who bring the same bytes get one picture.
func TestAddUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, _ := newStore(t, d)
		data := encodeAs(t, harbour(60, 40), PNG)
		ids := make([]string, 8)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				var err error
				if ids[i], err = s.add(t.Context(), data); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if slices.Sort(ids); ids[0] == "" || ids[0] != ids[7] {
			t.Errorf("one picture has the ids %q", ids)
		}
		if told := s.verify(t); told != nil {
			t.Errorf("verify: %q", told)
		}
	})
}
