package audit

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/secret"
)

func newLog(t *testing.T, d *db.DB) *Log {
	return &Log{DB: d, Keys: secret.NewKeyring(), Now: new(papertest.Clock).Now, Witness: filepath.Join(t.TempDir(), "audit.head")}
}

// add writes n entries, about two people in turn.
func add(t *testing.T, l *Log, n int) {
	t.Helper()
	err := l.DB.Tx(t.Context(), func(tx *db.Tx) error {
		for i := range n {
			e := Entry{Actor: "ana", Act: "reader.role", Subject: []string{"bo", "eve"}[i%2], Detail: fmt.Sprint("reader to editor ", i)}
			if err := l.Add(t.Context(), tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func verify(t *testing.T, l *Log) (said []string) {
	t.Helper()
	if err := l.Verify(t.Context(), func(s string) { said = append(said, s) }); err != nil {
		t.Fatal(err)
	}
	return said
}

// TestRead is about what was written: whole, in order, by subject, beyond one
// page.
func TestRead(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		l := newLog(t, d)
		if said := verify(t, l); said != nil {
			t.Errorf("an empty log: %q", said)
		}
		add(t, l, 2*page+1)
		for subject, want := range map[string]int{"": 2*page + 1, "bo": page + 1, "eve": page, "nobody": 0} {
			n, last := 0, int64(0)
			err := Read(t.Context(), d, subject, 0, func(e Entry, _ string) error {
				if e.Seq <= last || subject != "" && e.Subject != subject || e.Detail != fmt.Sprint("reader to editor ", e.Seq-1) || !e.At.Equal(l.Now()) {
					return fmt.Errorf("after %d comes %+v", last, e)
				}
				n, last = n+1, e.Seq
				return nil
			})
			if err != nil || n != want {
				t.Errorf("about %q there are %d entries, want %d: %v", subject, n, want, err)
			}
		}
		if said := verify(t, l); said != nil {
			t.Errorf("a whole log: %q", said)
		}
		// What fails leaves nothing behind.
		d.Tx(t.Context(), func(tx *db.Tx) error {
			return cmpErr(l.Add(t.Context(), tx, Entry{Act: "x"}), context.Canceled)
		})
		add(t, l, 1)
		if said := verify(t, l); said != nil {
			t.Errorf("after a transaction that failed: %q", said)
		}
	})
}

func cmpErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// TestRefused is about the database itself: it keeps what stands in the log.
func TestRefused(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		l := newLog(t, d)
		add(t, l, 3)
		statements := []string{`update audit set detail = 'x' where seq = 2`, `update audit set seq = seq`, `delete from audit where seq = 3`, `delete from audit`}
		if d.Postgres() {
			statements = append(statements, `truncate audit`)
		}
		for _, s := range statements {
			err := d.Tx(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), s)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "never changed") {
				t.Errorf("%s: %v", s, err)
			}
		}
		if said := verify(t, l); said != nil {
			t.Error(said)
		}
	})
}

// TestTamper is about somebody who may do anything to the database, and has not
// the keys: whatever is done to any row is found.
func TestTamper(t *testing.T) {
	const n = 5
	type deed struct{ name, statements string }
	var deeds []deed
	for seq := 1; seq <= n; seq++ {
		for _, set := range []string{`at = at + 1`, `actor = 'eve'`, `act = 'reader.login'`, `subject = 'ana'`, `detail = 'nothing'`, `hash = 'beef'`, `actor = 'an', act = 'areader.role'`} {
			deeds = append(deeds, deed{fmt.Sprint("edit ", seq, " ", set), fmt.Sprintf(`update audit set %s where seq = %d`, set, seq)})
		}
		deeds = append(deeds, deed{fmt.Sprint("delete ", seq), fmt.Sprintf(`delete from audit where seq = %d`, seq)},
			deed{fmt.Sprint("delete and close the gap ", seq), fmt.Sprintf(`delete from audit where seq = %d; update audit set seq = -seq where seq > %[1]d; update audit set seq = -seq - 1 where seq < 0`, seq)})
		for other := seq + 1; other <= n; other++ {
			deeds = append(deeds, deed{fmt.Sprint("swap ", seq, other), fmt.Sprintf(`update audit set seq = -1 where seq = %d; update audit set seq = %[1]d where seq = %d; update audit set seq = %[2]d where seq = -1`, seq, other)})
		}
	}
	deeds = append(deeds,
		deed{"cut off, and the head with it", `delete from audit where seq > 3; update audit_head set seq = 3, hash = (select hash from audit where seq = 3)`},
		deed{"add", `insert into audit (seq, at, actor, act, subject, detail, hash) values (6, 0, 'ana', 'reader.role', 'eve', 'publisher', 'beef')`},
		deed{"another signature", `update audit_head set sign = 'beef'`},
		deed{"no signature", `update audit_head set sign = ''`},
		deed{"put back an older log", `delete from audit where seq > 3; update audit_head set seq = 3, hash = (select hash from audit where seq = 3), sign = (select detail from old)`},
		deed{"an empty log", `delete from audit; update audit_head set seq = 0, hash = '', sign = ''`},
	)
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		l := newLog(t, d)
		unguard := []string{`drop trigger audit_update`, `drop trigger audit_delete`}
		if d.Postgres() {
			unguard = []string{`drop trigger audit_change on audit`}
		}
		do := func(tx *db.Tx, statements ...string) error {
			for _, s := range statements {
				if _, err := tx.Exec(t.Context(), s); err != nil {
					return fmt.Errorf("%s: %w", s, err)
				}
			}
			return nil
		}
		check := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		add(t, l, 3)
		check(d.Tx(t.Context(), func(tx *db.Tx) error {
			return do(tx, append(unguard, `create table old as select sign as detail from audit_head`)...)
		}))
		add(t, l, n-3)
		check(l.Remember(t.Context()))
		check(d.Tx(t.Context(), func(tx *db.Tx) error {
			return do(tx, `create table kept as select * from audit`, `create table kept_head as select * from audit_head`)
		}))
		for _, deed := range deeds {
			check(d.Tx(t.Context(), func(tx *db.Tx) error { return do(tx, strings.Split(deed.statements, ";")...) }))
			if said := verify(t, l); said == nil {
				t.Errorf("%s is not found", deed.name)
			}
			check(l.Remember(t.Context())) // must not make it good
			if said := verify(t, l); said == nil {
				t.Errorf("%s is forgotten", deed.name)
			}
			check(d.Tx(t.Context(), func(tx *db.Tx) error {
				return do(tx, `delete from audit`, `delete from audit_head`, `insert into audit select * from kept`, `insert into audit_head select * from kept_head`)
			}))
			if said := verify(t, l); said != nil {
				t.Fatalf("the test does not put back what %s has changed: %q", deed.name, said)
			}
		}
		// Another paper's keys sign nothing here.
		l.Keys = secret.NewKeyring()
		if said := verify(t, l); !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, "signature") }) {
			t.Errorf("with other keys: %q", said)
		}
	})
}

// TestEight has eight write at once: no entry is lost, none has two followers.
func TestEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		l := newLog(t, d)
		const each = 25
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range each {
					err := d.Tx(t.Context(), func(tx *db.Tx) error {
						return l.Add(t.Context(), tx, Entry{Actor: "ana", Act: "x", Subject: "bo"})
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		n := 0
		if err := d.QueryRow(t.Context(), `select count(*) from audit`).Scan(&n); err != nil || n != 8*each {
			t.Errorf("%d entries, %v", n, err)
		}
		if said := verify(t, l); said != nil {
			t.Error(said)
		}
	})
}
