package media

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// pieces counts the blobs of files on their way.
func (s *Store) pieces(t *testing.T) (n int) {
	t.Helper()
	err := s.Blobs.Walk(t.Context(), uploadPrefix, func(blob.Info) error {
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestUpload sends a picture in pieces over a line that breaks.
func TestUpload(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, _ := newStore(t, d)
		ida, jon := s.employs(t, "ida"), s.employs(t, "jon")
		ctx, data := t.Context(), encodeAs(t, harbour(640, 480), JPEG)
		begin := func(size int) Upload {
			t.Helper()
			u, err := s.BeginUpload(ctx, ida, "DSC\x00 1.jpg", int64(size))
			if err != nil {
				t.Fatal(err)
			}
			return u
		}
		u := begin(len(data))
		half := len(data) / 2
		send := func(from, to int) Upload {
			t.Helper()
			now, err := s.Append(ctx, ida, u.ID, int64(from), data[from:to])
			if err != nil {
				t.Fatal(err)
			}
			return now
		}
		if got := send(0, half); got.Got != int64(half) || got.Picture != "" {
			t.Errorf("after one half: %+v", got)
		}
		if got := send(0, half); got.Got != int64(half) {
			t.Errorf("the answer was lost, and the same half came again: %+v", got)
		}
		if got := send(half+1, len(data)); got.Got != int64(half) {
			t.Errorf("a piece that leaves a gap is taken: %+v", got)
		}
		if _, err := s.Append(ctx, ida, u.ID, int64(half), append(data[half:], 'x')); !problem.Is(err, problem.Invalid) {
			t.Errorf("more than was said: %v", err)
		}
		if _, err := s.Uploaded(ctx, jon, u.ID); !problem.Is(err, problem.NotFound) {
			t.Errorf("somebody else sees it: %v", err)
		}
		if _, err := s.Append(ctx, jon, u.ID, int64(half), data[half:]); !problem.Is(err, problem.NotFound) {
			t.Errorf("somebody else adds to it: %v", err)
		}
		if now, err := s.Uploaded(ctx, ida, u.ID); err != nil || now.Got != int64(half) || s.pieces(t) != 1 {
			t.Errorf("what has arrived: %+v, %v, %d pieces", now, err, s.pieces(t))
		}
		done := send(half, len(data))
		if done.Picture == "" || done.Known || s.pieces(t) != 0 {
			t.Fatalf("the whole: %+v, %d pieces", done, s.pieces(t))
		}
		p, err := s.Picture(ctx, done.Picture)
		if err != nil || p.Owner != ida || p.Name != "DSC 1.jpg" || p.Width != 640 {
			t.Errorf("it became %+v, %v", p, err)
		}
		if again := send(half, len(data)); again.Picture != done.Picture {
			t.Errorf("when the last answer is lost: %+v", again)
		}
		original, info, err := s.Original(ctx, p)
		if err != nil || !bytes.Equal(original, data) || info.Format != JPEG {
			t.Errorf("the original is not what was sent (%v)", err)
		}

		// The same picture is there already.
		u = begin(len(data))
		if again := send(0, len(data)); again.Picture != done.Picture || !again.Known {
			t.Errorf("the same picture: %+v", again)
		}

		// What is no picture is given up, with the reason.
		junk := []byte("%PDF-1.7 and more")
		u = begin(len(junk))
		_, err = s.Append(ctx, ida, u.ID, 0, junk)
		if p := problem.Of(err); p == nil || !strings.Contains(p.Detail, "PDF") || s.pieces(t) != 0 {
			t.Errorf("a PDF: %v, %d pieces", err, s.pieces(t))
		}
		if _, err := s.Uploaded(ctx, ida, u.ID); !problem.Is(err, problem.NotFound) {
			t.Errorf("it is still on its way: %v", err)
		}
		for size, kind := range map[int64]problem.Kind{0: problem.Invalid, -1: problem.Invalid, MaxBytes + 1: problem.TooLarge} {
			if _, err := s.BeginUpload(ctx, ida, "x", size); !problem.Is(err, kind) {
				t.Errorf("%d bytes: %v", size, err)
			}
		}
	})
}

// TestUploadUnderEight sends the same pieces from eight places at once: each byte is
// taken once, and one picture comes of it.
//
// Seen red: "and got = $2" left out of take.
func TestUploadUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, _ := newStore(t, d)
		ida, data := s.employs(t, "ida"), encodeAs(t, harbour(320, 240), PNG)
		u, err := s.BeginUpload(t.Context(), ida, "x.png", int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				for now := u; now.Picture == ""; {
					end := min(now.Got+int64(1000+n), u.Size)
					next, err := s.Append(t.Context(), ida, u.ID, now.Got, data[now.Got:end])
					if err != nil {
						t.Error(err)
						return
					}
					now = next
				}
			})
		}
		all.Wait()
		now, err := s.Uploaded(t.Context(), ida, u.ID)
		if err != nil || now.Picture == "" || s.pieces(t) != 0 {
			t.Fatalf("%+v, %v, %d pieces", now, err, s.pieces(t))
		}
		p, err := s.Picture(t.Context(), now.Picture)
		if err != nil {
			t.Fatal(err)
		}
		if original, _, err := s.Original(t.Context(), p); err != nil || !bytes.Equal(original, data) {
			t.Errorf("the picture is not what was sent (%v)", err)
		}
	})
}

// TestSweep forgets what nobody goes on sending.
func TestSweep(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, _ := newStore(t, d)
		s.Now = time.Now
		ida := s.employs(t, "ida")
		u, err := s.BeginUpload(t.Context(), ida, "x", 100)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(t.Context(), ida, u.ID, 0, []byte("piece")); err != nil {
			t.Fatal(err)
		}
		if err := s.Sweep(t.Context()); err != nil || s.pieces(t) != 1 {
			t.Errorf("what is on its way is gone (%v)", err)
		}
		s.Now = func() time.Time { return time.Now().Add(uploadLife + 2*time.Hour) }
		if err := s.Sweep(t.Context()); err != nil || s.pieces(t) != 0 {
			t.Errorf("%d pieces stay (%v)", s.pieces(t), err)
		}
		if _, err := s.Uploaded(t.Context(), ida, u.ID); !problem.Is(err, problem.NotFound) {
			t.Errorf("it is still on its way: %v", err)
		}
	})
}

// TestUploadsAreCounted refuses the 201st file of one person.
func TestUploadsAreCounted(t *testing.T) {
	s, _ := newStore(t, papertest.SQLite(t))
	ida := s.employs(t, "ida")
	for range maxUploads {
		if _, err := s.BeginUpload(t.Context(), ida, "x", 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.BeginUpload(t.Context(), ida, "x", 1); !problem.Is(err, problem.TooMany) {
		t.Errorf("one more: %v", err)
	}
}
