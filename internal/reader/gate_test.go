package reader

import (
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// A gate is a store with a clock that is set by hand.
type gate struct {
	*Store
	t     *testing.T
	clock *papertest.Clock
}

func newGate(t *testing.T, d *db.DB) *gate {
	t.Helper()
	k := &gate{newStore(t, d), t, new(papertest.Clock)}
	k.Now, k.Audit.Now = k.clock.Now, k.clock.Now
	return k
}

func (k *gate) check(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// is makes sure that an error is a Problem of a kind.
func (k *gate) is(err error, kind problem.Kind, what string) {
	k.t.Helper()
	if !problem.Is(err, kind) {
		k.t.Errorf("%s: %v, want %s", what, err, kind)
	}
}

// member adds an account.
func (k *gate) member(email string, role Role) Reader {
	k.t.Helper()
	id, err := k.Add(k.t.Context(), New{Email: email, Name: "Ana Ruiz", Role: role, Password: password})
	k.check(err)
	r, err := k.ByID(k.t.Context(), id)
	k.check(err)
	return r
}

// login begins a whole session, as a password and what else is needed would.
func (k *gate) login(r Reader, b Browser) Entry {
	k.t.Helper()
	var e Entry
	k.check(k.DB.Tx(k.t.Context(), func(tx *db.Tx) (err error) {
		e, err = k.enter(k.t.Context(), tx, r, "password", double, b)
		return err
	}))
	return e
}

// actor is who holds a token; nil is nobody.
func (k *gate) actor(token secret.Token) *Actor {
	k.t.Helper()
	v, err := k.Look(k.t.Context(), token.Reveal())
	k.check(err)
	return v.Actor
}

// letter composes the letter of a kind to an address, as the job would.
func (k *gate) letter(kind LetterKind, email string) *Post {
	k.t.Helper()
	p, err := k.Compose(k.t.Context(), Letter{Kind: kind, Email: email})
	k.check(err)
	return p
}

// letters lists the letters that wait to be written, by kind and address.
func (k *gate) letters() (list []string) {
	k.t.Helper()
	args := `json(args)`
	if k.DB.Postgres() {
		args = `cast(args as text)`
	}
	rows, err := k.DB.Query(k.t.Context(), `select `+args+` from river_job where kind = 'letter.send' order by id`)
	k.check(err)
	defer rows.Close()
	for rows.Next() {
		var arg string
		k.check(rows.Scan(&arg))
		list = append(list, arg)
	}
	k.check(rows.Err())
	return list
}

// written counts the letters that hold a text.
func (k *gate) written(text string) (n int) {
	for _, l := range k.letters() {
		if strings.Contains(strings.ReplaceAll(l, `": "`, `":"`), text) {
			n++
		}
	}
	return n
}

// count is the answer to a query.
func (k *gate) count(query string, args ...any) (n int) {
	k.t.Helper()
	k.check(k.DB.QueryRow(k.t.Context(), query, args...).Scan(&n))
	return n
}

func (k *gate) exec(query string, args ...any) {
	k.t.Helper()
	k.check(k.DB.Tx(k.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(k.t.Context(), query, args...)
		return err
	}))
}

// somewhere is a browser in a network of its own.
func somewhere(n string) Browser {
	return Browser{Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0", Network: "net " + n, Region: "region " + n}
}

const day = 24 * time.Hour
