package newsletter

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// imports brings a table to a list.
func (k *kit) imports(l List, table string, dry bool) Intake {
	k.t.Helper()
	done, err := k.Import(k.t.Context(), k.pat, l.ID, strings.NewReader(table), Importing{Dry: dry})
	check(k.t, err)
	return done
}

// stands is what an address has of a list, and why it gets nothing, if so.
func (k *kit) stands(l List, email string) string {
	k.t.Helper()
	out := string(k.reason(email))
	found, _, err := k.Find(k.t.Context(), k.pat, email, "", 1)
	check(k.t, err)
	for _, u := range found {
		have, err := k.Subscriptions(k.t.Context(), u.ID)
		check(k.t, err)
		for _, h := range have {
			if h.List == l.ID {
				out = strings.TrimSpace(strings.Join([]string{string(h.State), string(h.Why), out}, " "))
			}
		}
	}
	return out
}

const head = "address,state,since,lists,language\n"

// TestImport brings what others say of addresses to what the paper knows of them.
func TestImport(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(1, 1))
		k.clock.Set(time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC))
		for _, email := range []string{"here", "left", "later", "earlier", "back", "unknown"} {
			k.member(l, email+"@example.com")
		}
		left := k.member(l, "left@example.com")
		check(t, k.RemoveFrom(t.Context(), k.pat, l.ID, left))
		_, err := k.Suppress(t.Context(), k.pat, "by telephone", "silent@example.com")
		check(t, err)
		table := head +
			"new@example.com,subscribed,2024-01-02T03:04:05Z,,ja\n" +
			"new@example.com,subscribed,,,\n" +
			"Here@Example.com,subscribed,,,\n" +
			"left@example.com,subscribed,,,\n" +
			"silent@example.com,subscribed,,,\n" +
			"no@example.com,unsubscribed,2024-01-02T03:04:05Z,,\n" +
			"later@example.com,unsubscribed,2027-01-02T03:04:05Z,,\n" +
			"earlier@example.com,unsubscribed,2024-01-02T03:04:05Z,,\n" +
			"gone@example.com,bounced,2024-01-02T03:04:05Z,,\n" +
			"spam@example.com,complained,,,\n" +
			"back@example.com,bounced,2024-01-02T03:04:05Z,,\n" +
			"unknown@example.com,complained,,,\n" +
			"both@example.com,subscribed,,,\nboth@example.com,unsubscribed,,,\n" +
			"wait@example.com,pending,,,\n" +
			"not an address,subscribed,,,\n" +
			"é@example.com,subscribed,,,\n"
		want := Intake{Form: "kawaraban", Rows: 17, Added: 1, Had: 3, Left: 1, Silent: 1, Ended: 3, Struck: 2, Kept: 3, Pending: 1, Problems: 2}
		var bad []int
		done, err := k.Import(t.Context(), nil, l.ID, strings.NewReader(table), Importing{Dry: true, Bad: func(line int, _ *problem.Problem) { bad = append(bad, line) }})
		check(t, err)
		if done != want || fmt.Sprint(bad) != "[17 18]" {
			t.Errorf("a dry run tells %+v, %v; want %+v", done, bad, want)
		}
		if got := k.stands(l, "new@example.com"); got != "" {
			t.Fatalf("a dry run does something: %s", got)
		}
		if done = k.imports(l, table, false); done != want {
			t.Errorf("the import tells %+v; want %+v", done, want)
		}
		for email, want := range map[string]string{
			"new": "active", "here": "active", "left": "ended staff", "silent": "staff", "no": "ended import", "later": "ended import", "earlier": "active",
			"gone": "hard", "spam": "complaint", "back": "active", "unknown": "active", "both": "ended import", "wait": "",
		} {
			if got := k.stands(l, email+"@example.com"); got != want {
				t.Errorf("%s: %q; want %q", email, got, want)
			}
		}
		found, _, err := k.Find(t.Context(), k.pat, "new@example.com", "", 1)
		check(t, err)
		have, err := k.Subscriptions(t.Context(), found[0].ID)
		check(t, err)
		if h := have[0]; h.Source != "import kawaraban" || h.Confirmed.Year() != 2024 || h.Promise != "As kawaraban has it: confirmed there." || found[0].Language != "ja" {
			t.Errorf("the proof is %+v, the language %q", h, found[0].Language)
		}
		if l, err = k.ListByID(t.Context(), l.ID); err != nil || l.Members != 5 {
			t.Errorf("%d members, %v", l.Members, err)
		}

		// Once more changes nothing; and who was imported can be ended by another table.
		if again := k.imports(l, table, false); again.Added != 0 || again.Struck != 0 || again.Ended != 0 {
			t.Errorf("once more: %+v", again)
		}
		k.imports(l, "Email Address,UNSUB_TIME,LEID\nnew@example.com,2020-01-01 00:00:00,1\n", false)
		if got := k.stands(l, "new@example.com"); got != "ended import" {
			t.Errorf("the table of those who left comes second: %s", got)
		}
		if again := k.imports(l, table, false); again.Left != 2 {
			t.Errorf("who has left comes back: %+v", again)
		}
	})
}

// TestImportRefused is about imports that cannot be.
func TestImportRefused(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(1, 1))
		for name, f := range map[string]func() error{
			"an editor":     func() error { _, err := k.Import(t.Context(), k.ida, l.ID, nil, Importing{}); return err },
			"an editor out": func() error { _, err := k.Export(t.Context(), k.ida, l.ID, nil); return err },
			"no list":       func() error { _, err := k.Import(t.Context(), k.pat, "x", nil, Importing{}); return err },
			"no list out":   func() error { _, err := k.Export(t.Context(), k.pat, "x", nil); return err },
			"no table": func() error {
				_, err := k.Import(t.Context(), k.pat, l.ID, strings.NewReader("x\n"), Importing{})
				return err
			},
		} {
			if err := f(); problem.Of(err) == nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		// What came before a row that cannot be read stays, and is told.
		done, err := k.Import(t.Context(), k.pat, l.ID, strings.NewReader(head+strings.Repeat("x,subscribed,,,\n", 3)+`"`), Importing{})
		if !problem.Is(err, problem.Invalid) || done.Problems != 3 {
			t.Errorf("%+v, %v", done, err)
		}
	})
}

// TestImportMany imports the same table eight times at once, while its addresses
// subscribe here: everybody is counted once.
func TestImportMany(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(1, 1))
		const rows = 1200
		var table strings.Builder
		table.WriteString(head)
		for i := range rows {
			fmt.Fprintf(&table, "reader%04d@example.com,subscribed,,,\n", i)
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		added := 0
		for i := range 8 {
			all.Go(func() {
				if i == 0 {
					for n := range 20 {
						if _, _, err := k.Invited(t.Context(), fmt.Sprintf("reader%04d@example.com", n*57), Digest, "yes", reader.Browser{}); err != nil {
							t.Error(err)
						}
					}
					return
				}
				done, err := k.Import(t.Context(), k.pat, l.ID, strings.NewReader(table.String()), Importing{})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				added += done.Added
				mu.Unlock()
			})
		}
		all.Wait()
		l, err := k.ListByID(t.Context(), l.ID)
		check(t, err)
		var active, joined int
		check(t, k.DB.QueryRow(t.Context(), `select count(*) from subscription where list = $1 and state = 'active'`, l.ID).Scan(&active))
		check(t, k.DB.QueryRow(t.Context(), `select sum(joined) from list_day where list = $1`, l.ID).Scan(&joined))
		if active != rows || l.Members != rows || joined != rows || added > rows || added < rows-20 {
			t.Errorf("%d have the list, %d are counted, %d joined, %d were added; want %d", active, l.Members, joined, added, rows)
		}
		var out bytes.Buffer // in several pages
		if n, err := k.Export(t.Context(), k.pat, "", &out); err != nil || n != rows || strings.Count(out.String(), "@") != rows {
			t.Errorf("%d rows of %d are exported, %v", n, rows, err)
		}
	})
}

// TestExport writes lists, which an empty paper reads.
func TestExport(t *testing.T) {
	onBoth(t, func(k *kit) {
		k.clock.Set(time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC))
		l, other := k.list(digest(1, 1)), k.list(List{Name: "Weekly", Open: true})
		k.member(l, "ana@example.com")
		k.member(other, "ana@example.com")
		check(t, k.RemoveFrom(t.Context(), k.pat, l.ID, k.member(l, "bo@example.com")))
		k.member(l, "=cy@example.com")
		_, err := k.Suppress(t.Context(), k.pat, "", "=cy@example.com", "dee@example.com")
		check(t, err)
		k.imports(l, head+"eve@example.com,bounced,,,\n", false)
		var one, all bytes.Buffer
		n, err := k.Export(t.Context(), k.pat, l.ID, &one)
		check(t, err)
		if n != 3 {
			t.Errorf("%d rows", n)
		}
		n, err = k.Export(t.Context(), nil, "", &all)
		check(t, err)
		if n != 6 {
			t.Errorf("%d rows of all", n)
		}
		papertest.Golden(t, "export.csv", one.String()+"\n"+all.String())
		if _, err := k.Export(t.Context(), k.pat, l.ID, full{}); !errors.Is(err, errFull) {
			t.Errorf("a disk that is full: %v", err)
		}
		done := k.imports(other, one.String(), true)
		if done.Rows != 3 || done.Problems != 0 {
			t.Errorf("read again: %+v", done)
		}
	})
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
