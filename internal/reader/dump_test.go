package reader

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// jobsOf lists the arguments of the jobs of a kind, by the way that Forget
// reads them.
func jobsOf[T any](t *testing.T, s *Store, kind string) (list []T) {
	t.Helper()
	err := s.DB.Tx(t.Context(), func(tx *db.Tx) error {
		return job.Forget(t.Context(), s.Jobs, tx, kind, func(arg T) bool { list = append(list, arg); return false })
	})
	check(t, err)
	return list
}

// letters lists the letters that were ordered, and forgets them.
func (s *Store) letters(t *testing.T) (list []Letter) {
	t.Helper()
	err := s.DB.Tx(t.Context(), func(tx *db.Tx) error {
		list = nil
		return job.Forget(t.Context(), s.Jobs, tx, LetterJob, func(l Letter) bool { list = append(list, l); return true })
	})
	check(t, err)
	return list
}

// letter composes the one letter that was ordered, of this kind.
func (s *Store) letter(t *testing.T, kind LetterKind) *Post {
	t.Helper()
	var found []*Post
	for _, l := range s.letters(t) {
		p, err := s.Compose(t.Context(), l)
		check(t, err)
		if p != nil && p.Kind == kind {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d letters of the kind %s were ordered", len(found), kind)
	}
	return found[0]
}

// dump is all that the database holds, as text: every table, every row.
func dump(t *testing.T, d *db.DB) string {
	t.Helper()
	ctx := t.Context()
	list := `select name from sqlite_master where type = 'table' order by name`
	if d.Postgres() {
		list = `select tablename from pg_tables where schemaname = 'public' order by tablename`
	}
	var b strings.Builder
	var tables []string
	rows, err := d.Query(ctx, list)
	check(t, err)
	for rows.Next() {
		var name string
		check(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	check(t, rows.Close())
	for _, want := range []string{"reader", "session", "registration", "audit", "river_job", "outbox"} {
		if !slices.Contains(tables, want) {
			t.Fatalf("the dump misses %s: %q", want, tables)
		}
	}
	for _, name := range tables {
		dumpTable(t, ctx, d, &b, name)
	}
	return b.String()
}

func dumpTable(t *testing.T, ctx context.Context, d *db.DB, b *strings.Builder, name string) {
	t.Helper()
	query := "select * from " + name
	if name == "river_job" && !d.Postgres() {
		query = "select kind, json(args) from river_job"
	}
	rows, err := d.Query(ctx, query)
	check(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	check(t, err)
	for rows.Next() {
		cells, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		check(t, rows.Scan(into...))
		fmt.Fprintf(b, "%s:", name)
		for _, c := range cells {
			switch c := c.(type) {
			case []byte:
				fmt.Fprintf(b, " %s", c)
			case json.RawMessage:
				fmt.Fprintf(b, " %s", c)
			default:
				fmt.Fprintf(b, " %v", c)
			}
		}
		b.WriteByte('\n')
	}
	check(t, rows.Err())
}

// TestReg_R02 gives the thief all that stands in the database, and lets them try
// every word of it as every sort of secret.
//
// Seen red: the token itself in table session; a link of a letter kept as it is;
// a session that is looked up by what stands in the table, too.
func TestReg_R02(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		r := k.member("ana@paper.example", Member)
		staff := k.member("ed@paper.example", Editor)
		e := k.login(r, somewhere("home"))
		k.login(staff, somewhere("desk"))
		_, err := k.Register(ctx, wish("new@paper.example"), somewhere("n"))
		k.check(err)
		secrets := []string{password, e.Token.Reveal(), e.Known.Reveal(), k.letter(Confirm, "new@paper.example").Token.Reveal()}
		k.check(k.Forgot(ctx, "ana@paper.example", somewhere("home")))
		secrets = append(secrets, k.letter(ResetPassword, "ana@paper.example").Token.Reveal())
		for _, p := range []purpose{inviteLink, emailLink, emailUndoLink, leaveUndoLink, alertsLink, exportLink} {
			secrets = append(secrets, k.link(p, r.ID))
		}

		dump := k.dump()
		if len(dump) < 100 || !strings.Contains(strings.Join(dump, "\n"), "ana@paper.example") {
			t.Fatalf("the dump has %d values", len(dump))
		}
		for _, value := range dump {
			for _, s := range secrets {
				if strings.Contains(value, s) {
					t.Errorf("a secret stands in the database: %q", value)
				}
			}
			if v, err := k.Look(ctx, value); err != nil || v != (Visitor{}) {
				t.Errorf("%q is a session: %v", value, err)
			}
			if _, err := k.Claim(ctx, value, value); !problem.Is(err, problem.Gone) {
				t.Errorf("%q is a link to confirm: %v", value, err)
			}
			for _, p := range []purpose{resetLink, inviteLink, emailLink, emailUndoLink, leaveUndoLink, alertsLink, exportLink} {
				if _, _, err := k.Store.link(ctx, d, p, value); !problem.Is(err, problem.Gone) {
					t.Errorf("%q is a link for %s: %v", value, p, err)
				}
			}
			if known, err := k.knows(ctx, r.ID, Browser{Known: value}); err != nil || known {
				t.Errorf("%q is a browser that is known: %v", value, err)
			}
			if r := (registration{browser: e.Known.Hash().String()}); r.begunBy(value) {
				t.Errorf("%q is the browser of a registration", value)
			}
		}
		// A hash is no password, and without the paper's keys nothing to guess with.
		for _, value := range dump {
			if !strings.HasPrefix(value, "$argon2id$") {
				continue
			}
			k.clock.Add(time.Hour)
			if _, err := k.Login(ctx, "ana@paper.example", secret.Password(value), somewhere("thief")); !problem.Is(err, problem.Invalid) {
				t.Errorf("a hash as a password: %v", err)
			}
			thief := secret.NewPasswords(secret.NewKeyring())
			if ok, _, err := thief.Check(ctx, password, secret.PasswordHash(value)); ok || err == nil {
				t.Errorf("a hash can be held against guesses without the keys: %v", err)
			}
		}
	})
}

// dump is every value in every table, and every word of each.
func (k *gate) dump() (values []string) {
	k.t.Helper()
	ctx := k.t.Context()
	tables := `select name from sqlite_master where type = 'table' order by name`
	if k.DB.Postgres() {
		tables = `select tablename from pg_tables where schemaname = 'public' order by tablename`
	}
	var names []string
	k.check(each(ctx, k.DB, tables, func(row []any) { names = append(names, text(row[0])) }))
	seen := map[string]bool{}
	add := func(s string) {
		if s != "" && !seen[s] {
			seen[s] = true
			values = append(values, s)
		}
	}
	for _, name := range names {
		k.check(each(ctx, k.DB, `select * from `+name, func(row []any) {
			for _, v := range row {
				s := text(v)
				add(s)
				for _, w := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(` "{}[]:,;=$&?/`, r) }) {
					add(w)
				}
			}
		}))
	}
	return values
}

func text(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(v)
}

func each(ctx context.Context, d *db.DB, query string, f func(row []any)) error {
	rows, err := d.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		row := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return errors.Join(err, rows.Close())
		}
		f(row)
	}
	return rows.Err()
}
