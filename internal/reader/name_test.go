package reader

import (
	"fmt"
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

func TestName(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{" Ana \t Ruíz ", "Ana Ruíz"},
		{"Ana Rui\u0301z", "Ana Ruíz"}, // one spelling
		{"佐藤 芽衣", "佐藤 芽衣"},
		{"佐藤　芽衣", "佐藤 芽衣"},
		{"O'Brien-Łukasz, Jr.", "O'Brien-Łukasz, Jr."},
		{"नेहा क्षत्रिय", "नेहा क्षत्रिय"},
		{"Nguyễn Thị Ánh", "Nguyễn Thị Ánh"},
		{"Ida ❤️", "Ida ❤️"},
		{"x", "x"},
		{strings.Repeat("é", 60), strings.Repeat("é", 60)},
		{"Ana\r\nBcc: x@evil.example", "Ana Bcc: x@evil.example"},
		{"Ana\u2028Ruiz", "Ana Ruiz"},
	} {
		if got, err := cleanName(test.name); err != nil || got != test.want {
			t.Errorf("%q is %q, %v; want %q", test.name, got, err, test.want)
		}
	}
	for _, bad := range []string{
		"", " ", "\u3000", "\u00a0", strings.Repeat("é", 61),
		"Ana\u202eziur", "\u200bAna", "An\u00ada", "Ana\u2066", "\ufeffAna", "Ana\U000e0041", // what cannot be seen, and turns what can
		"\u3164", "\u115f\u1160", "\u2800", "\uffa0", // blank letters
		"\u0301", "\u0301Ana", "A" + strings.Repeat("\u0301\u0316", 20), // marks without a letter, or over the whole page
		"Ana\xff", "\ufffd", "\ue000", "\U0010ffff",
	} {
		if got, err := cleanName(bad); err == nil {
			t.Errorf("%q is taken as %q", bad, got)
		}
	}
}

func TestHandle(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"Ana Ruíz", "ana-ruiz"},
		{"O'Brien — Łukasz", "obrien-ukasz"},
		{"佐藤 芽衣", "reader"},
		{"Al", "reader"},
		{"--A--b--c--", "a-b-c"},
		{"a very long name that goes on and on", "a-very-long-name-that-go"},
		{"１２３", "123"},
	} {
		got := handleOf(test.name)
		if got != test.want {
			t.Errorf("%q becomes %q, want %q", test.name, got, test.want)
		}
		if err := CheckHandle(got); err != nil {
			t.Errorf("%q: %v", got, err)
		}
	}
	for _, bad := range []string{"", "ab", "-ab", "ab-", "a_b", "Ana", "añb", "admin", "editor", strings.Repeat("a", 31), "a/b", "a.b", "a b", "a%b"} {
		if CheckHandle(bad) == nil {
			t.Errorf("the handle %q is taken", bad)
		}
	}
}

// TestHandlesOfOneName adds many people of one name, and one who is called as
// the paper calls itself.
func TestHandlesOfOneName(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newGate(t, d)
		insert := func(i int, name string) (handle string) {
			k.check(d.Tx(t.Context(), func(tx *db.Tx) error {
				id, err := k.insert(t.Context(), tx, New{Email: fmt.Sprintf("a%d@paper.example", i), Name: name, Role: Member}, "")
				if err != nil {
					return err
				}
				return tx.QueryRow(t.Context(), `select handle from reader where id = $1`, id).Scan(&handle)
			}))
			return handle
		}
		for i := range 200 {
			if h := insert(i, "Anastasia Konstantinopolitana"); CheckHandle(h) != nil || !strings.HasPrefix(h, "anastasia-konstantinopol"[:20]) {
				t.Errorf("the handle %q", h)
			}
		}
		if h := insert(200, "Admin"); CheckHandle(h) != nil {
			t.Errorf("a name of the paper's makes the handle %q", h)
		}
	})
}

func TestMailbox(t *testing.T) {
	for _, test := range []struct{ email, want string }{
		{"ana@paper.example", "ana@paper.example"},
		{"ana+news+2@paper.example", "ana@paper.example"},
		{"a.n.a@paper.example", "a.n.a@paper.example"},
		{"a.n.a+x@gmail.com", "ana@gmail.com"},
		{"ana@googlemail.com", "ana@gmail.com"},
		{"+@paper.example", "@paper.example"},
	} {
		if got := mailbox(test.email); got != test.want {
			t.Errorf("%q goes to %q, want %q", test.email, got, test.want)
		}
	}
}
