package reader

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kawaraban/internal/audit"
	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

const password = "correct horse battery staple"

func newStore(t *testing.T, d *db.DB) *Store {
	t.Helper()
	keys, clock := secret.NewKeyring(), new(papertest.Clock)
	blobs, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	s := &Store{
		Blobs: blobs, DB: d, Passwords: secret.CheapPasswords(keys), Keys: keys, Jobs: job.New(d, slog.New(slog.DiscardHandler)),
		Audit: &audit.Log{DB: d, Keys: keys, Now: clock.Now}, Now: clock.Now, ID: db.NewID,
	}
	job.Handle(s.Jobs, LetterJob, func(context.Context, Letter) error { return nil })
	s.Work()
	return s
}

func TestAdd(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		good := New{Email: "ana@paper.example", Name: "Ana Ruiz", Role: Editor, Password: password}
		for _, test := range []struct {
			name  string
			spoil func(n *New)
			field string
		}{
			{"no address", func(n *New) { n.Email = " " }, "email"},
			{"no mailbox", func(n *New) { n.Email = "@paper.example" }, "email"},
			{"a name before it", func(n *New) { n.Email = "Ana <ana@paper.example>" }, "email"},
			{"two addresses", func(n *New) { n.Email = "ana@paper.example,bo@paper.example" }, "email"},
			{"a line break", func(n *New) { n.Email = "ana@paper.example\r\nBcc: x@evil.example" }, "email"},
			{"no name", func(n *New) { n.Name = " \t" }, "name"},
			{"a long name", func(n *New) { n.Name = strings.Repeat("é", 61) }, "name"},
			{"no role", func(n *New) { n.Role = "" }, "role"},
			{"no such role", func(n *New) { n.Role = "owner" }, "role"},
			{"a short password", func(n *New) { n.Password = "elevenchars" }, "password"},
			{"a long password", func(n *New) { n.Password = secret.Password(strings.Repeat("x", 257)) }, "password"},
		} {
			n := good
			test.spoil(&n)
			_, err := s.Add(ctx, n)
			if p := problem.Of(err); p == nil || p.Kind != problem.Invalid || p.Fields[test.field] == "" {
				t.Errorf("%s: %v", test.name, err)
			} else if strings.Contains(p.Detail, string(n.Password)) {
				t.Errorf("%s: the message shows the password", test.name)
			}
		}

		n := good
		n.Email, n.Name = "  Ana@Paper.Example ", "Ana \t Ruiz"
		id, err := s.Add(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		var email, name, role, hash string
		if err := d.QueryRow(ctx, `select email, name, role, password from reader where id = $1`, id).Scan(&email, &name, &role, &hash); err != nil {
			t.Fatal(err)
		}
		if email != "ana@paper.example" || name != "Ana Ruiz" || role != "editor" {
			t.Errorf("stored %q, %q, %q", email, name, role)
		}
		if ok, _, err := s.Passwords.Check(ctx, password, secret.PasswordHash(hash)); !ok || err != nil {
			t.Errorf("the password does not fit: %v", err)
		}
		if ok, _, err := s.Passwords.Check(ctx, password+" ", secret.PasswordHash(hash)); ok || err != nil {
			t.Errorf("another password fits: %v", err)
		}
		good.Email = "ANA@paper.example"
		if _, err := s.Add(ctx, good); !problem.Is(err, problem.Conflict) {
			t.Errorf("a second account of one address: %v", err)
		}
		good.Email = "bo@paper.example"
		if _, err := s.Add(ctx, good); err != nil {
			t.Error(err)
		}
		var hashes int
		if err := d.QueryRow(ctx, `select count(distinct password) from reader`).Scan(&hashes); err != nil || hashes != 2 {
			t.Errorf("two accounts with one password have %d hashes, %v", hashes, err)
		}
	})
}

// TestNoPasswordOnDisk looks for a password in every file of the database.
func TestNoPasswordOnDisk(t *testing.T) {
	d := papertest.SQLite(t)
	s, ctx := newStore(t, d), t.Context()
	if _, err := s.Add(ctx, New{Email: "ana@paper.example", Name: "Ana", Role: Member, Password: password}); err != nil {
		t.Fatal(err)
	}
	var path string
	if err := d.QueryRow(ctx, `select file from pragma_database_list where name = 'main'`).Scan(&path); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(data, []byte("ana@paper.example"))
		if bytes.Contains(data, []byte(password)) {
			t.Errorf("%s holds the password", filepath.Base(file))
		}
	}
	if !found {
		t.Errorf("the account is in none of %q: the test looks in the wrong place", files)
	}
}

func TestAddUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		var added, refused atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				n := New{Email: "ana@paper.example", Name: "Ana", Role: Member, Password: password}
				if i%2 == 1 {
					n.Email = "Ana@Paper.Example"
				}
				switch _, err := s.Add(ctx, n); {
				case err == nil:
					added.Add(1)
				case problem.Is(err, problem.Conflict):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if added.Load() != 1 || refused.Load() != 7 {
			t.Errorf("%d accounts were added and %d refused", added.Load(), refused.Load())
		}
	})
}
