package reader

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// admitted adds a reader who has just logged in.
func (s *Store) admitted(t *testing.T, name string) *Actor {
	t.Helper()
	id, err := s.Add(t.Context(), New{Email: strings.ToLower(name) + "@paper.example", Name: name, Role: Member, Password: password})
	check(t, err)
	return s.actor(t, id)
}

// advance moves the clock of the tests.
func (s *Store) advance(t *testing.T, by time.Duration) {
	t.Helper()
	now := s.Now().Add(by)
	s.Now = func() time.Time { return now }
	s.Audit.Now = s.Now
}

// logIn opens a real session.
func (s *Store) logIn(t *testing.T, email string, pw secret.Password) *Actor {
	t.Helper()
	e, err := s.Login(t.Context(), email, pw, Browser{Agent: "Firefox/1 Linux"})
	check(t, err)
	who, err := s.Who(t.Context(), e.Token.Reveal())
	check(t, err)
	if who.Actor == nil {
		t.Fatalf("%s is not let in: %+v", email, who)
	}
	return who.Actor
}

// runJobs does the jobs of one kind that wait, whatever their time.
func runJobs[T any](t *testing.T, s *Store, kind string, f func(context.Context, T) error) {
	t.Helper()
	for _, arg := range jobsOf[T](t, s, kind) {
		check(t, f(t.Context(), arg))
	}
}

func TestSetProfile(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		ana, bo := s.admitted(t, "Ana"), s.admitted(t, "Bo-Li")
		for _, test := range []struct {
			name  string
			p     Profile
			field string
		}{
			{"no name", Profile{Name: " ", Handle: "ana"}, "name"},
			{"a name that cannot be seen", Profile{Name: "An\u202ea", Handle: "ana"}, "name"},
			{"no handle", Profile{Name: "Ana"}, "handle"},
			{"a short handle", Profile{Name: "Ana", Handle: "an"}, "handle"},
			{"a path", Profile{Name: "Ana", Handle: "../etc"}, "handle"},
			{"the paper's", Profile{Name: "Ana", Handle: "editor"}, "handle"},
			{"one who is gone", Profile{Name: "Ana", Handle: "~ana"}, "handle"},
			{"somebody's", Profile{Name: "Ana", Handle: "bo-li"}, "handle"},
			{"a long story", Profile{Name: "Ana", Handle: "ana", Bio: strings.Repeat("é", 301)}, "bio"},
		} {
			err := s.SetProfile(ctx, ana, test.p)
			if p := problem.Of(err); p == nil || p.Fields[test.field] == "" {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		check(t, s.SetProfile(ctx, ana, Profile{Name: "Ana  Ruiz", Handle: " Ana-Ruiz ", Bio: "Baker.\r\n\r\n\r\nAt the \u202eweir.\x00 "}))
		r, err := s.Member(ctx, "ana-ruiz")
		if err != nil || r.Name != "Ana Ruiz" || r.Bio != "Baker.\n\nAt the weir." {
			t.Errorf("the profile is %+v, %v", r, err)
		}
		if _, err := s.Member(ctx, "ana"); !problem.Is(err, problem.NotFound) {
			t.Errorf("the address before: %v", err)
		}
		check(t, s.SetProfile(ctx, bo, Profile{Name: "Bo", Handle: "ana"}))
		var log string
		check(t, d.QueryRow(ctx, `select detail from audit where subject = $1 and act = $2 order by seq limit 1`, ana.Reader.ID, string(ProfileChanged)).Scan(&log))
		if log != "name, handle, bio" {
			t.Errorf("the log says %q", log)
		}
	})
}

// TestHandleUnderEight has eight readers take one handle at once: one has it.
func TestHandleUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		var taken, refused atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			a := s.admitted(t, "Reader"+string(rune('a'+i)))
			wg.Go(func() {
				switch err := s.SetProfile(ctx, a, Profile{Name: "Ana", Handle: "the-one"}); {
				case err == nil:
					taken.Add(1)
				case problem.Is(err, problem.Conflict) && problem.Of(err).Fields["handle"] != "":
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if taken.Load() != 1 || refused.Load() != 7 {
			t.Errorf("%d have the handle and %d were refused", taken.Load(), refused.Load())
		}
	})
}

func TestSetSettings(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		ana := s.admitted(t, "Ana")
		check(t, s.SetSettings(ctx, ana, Settings{Language: "ja", Letters: LettersDaily}))
		if r, err := s.ByID(ctx, ana.Reader.ID); err != nil || r.Language != "ja" || r.Letters != LettersDaily {
			t.Errorf("the settings are %q, %v, %v", r.Language, r.Letters, err)
		}
	})
}

// keys lists the blobs of a store.
func (s *Store) keys(t *testing.T) (list []string) {
	t.Helper()
	check(t, s.Blobs.Walk(t.Context(), "", func(i blob.Info) error { list = append(list, i.Key); return nil }))
	return list
}

func TestSetPortrait(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		ana, bo := s.admitted(t, "Ana"), s.admitted(t, "Bob")
		face := []byte("a face")
		for _, a := range []*Actor{ana, ana, bo} {
			check(t, s.SetPortrait(ctx, a, face))
		}
		r, err := s.ByID(ctx, ana.Reader.ID)
		check(t, err)
		file := r.PortraitFile()
		f, err := s.OpenPortrait(ctx, file)
		check(t, err)
		got, err := io.ReadAll(f)
		check(t, err)
		check(t, f.Close())
		if !bytes.Equal(got, face) {
			t.Errorf("the portrait holds %q", got)
		}
		runJobs(t, s, dropJob, s.drop)
		if keys := s.keys(t); len(keys) != 2 {
			t.Errorf("after one was replaced, there are %q", keys)
		}
		for _, bad := range []string{"", "-", ".jpg", "x-y.jpg", r.ID + "-.jpg", r.ID + "-../../x.jpg", bo.Reader.ID + "-" + r.Portrait + ".jpg", strings.TrimSuffix(file, ".jpg")} {
			if _, err := s.OpenPortrait(ctx, bad); !problem.Is(err, problem.NotFound) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		check(t, s.SetPortrait(ctx, ana, nil))
		if _, err := s.OpenPortrait(ctx, file); !problem.Is(err, problem.NotFound) {
			t.Errorf("a portrait that was removed: %v", err)
		}
		runJobs(t, s, dropJob, s.drop)
		if keys := s.keys(t); len(keys) != 1 {
			t.Errorf("after one was removed, there are %q", keys)
		}
	})
}

// FuzzCleanBio finds no text that others would see otherwise than it is.
func FuzzCleanBio(f *testing.F) {
	f.Add("Baker.\r\nAt the weir.")
	f.Add("\u202e\x00\xff\n\n\n\n")
	f.Fuzz(func(t *testing.T, bio string) {
		got, err := cleanBio(bio)
		if err != nil {
			return
		}
		if again, err := cleanBio(got); err != nil || again != got {
			t.Errorf("%q becomes %q and then %q, %v", bio, got, again, err)
		}
		if strings.ContainsAny(got, "\x00\r\u202e\u2066") || strings.Contains(got, "\n\n\n") {
			t.Errorf("%q becomes %q", bio, got)
		}
	})
}
