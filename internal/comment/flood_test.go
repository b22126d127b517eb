package comment

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"kawaraban/internal/comment/sift"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// floods are texts that were made to cost much, each as long as a form takes.
func floods() map[string]string {
	fill := func(s string) string { return strings.Repeat(s, 8*MaxBody/len(s)) }
	to := func(s string) string { return strings.Repeat(s, MaxBody/utf8.RuneCountInString(s)) }
	various := func(f func(i int) string) string {
		var b strings.Builder
		for i := 0; utf8.RuneCountInString(b.String()) < MaxBody-40; i++ {
			b.WriteString(f(i))
		}
		return b.String()
	}
	return map[string]string{
		"letters":          fill("a"),
		"almost words":     to("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "),
		"spaces":           fill(" "),
		"lines":            fill("a\n"),
		"quotations":       fill("> a\n"),
		"carriage returns": fill("\r"),
		"marks":            fill("\u0301"),
		"marked letters":   to("a\u0301\u0323\u0308\u0304"),
		"joined":           to("\u200d\U0001f469"),
		"wide":             to("Ａ"),
		"long forms":       to("ﷺ"),
		"hangul":           to("\u1112\u1161\u11ab"),
		"kanji":            to("馬"),
		"voiced":           to("か\u3099"),
		"links":            to("http://a.b "),
		"almost links":     to("http://http://"),
		"www":              to("www."),
		"mentions":         to("@aa "),
		"at":               to("@"),
		"brackets":         to("http://a.b/((((((((("),
		"bad bytes":        fill("\xff\xc0"),
		"different words":  various(func(i int) string { return fmt.Sprintf("w%d ", i) }),
		"different kanji":  various(func(i int) string { return string(rune(0x4e00 + i)) }),
		"turns":            fill("\u202e"),
		"far too long":     strings.Repeat("a\u0301\u0323 \n", 1<<20),
		"far too many":     strings.Repeat("http://a.b ", 1<<19),
	}
}

// TestReg_R44 (metascraper #3609, Mastodon CVE-2026-23962): no comment costs more
// than 50 ms and 64 MiB, whatever stands in it, in the paper's list of words, and
// in what the filter has learnt. It was red with Find() looking for each word of
// the list by itself, and with Clean() or words() looking at texts of any length.
func TestReg_R44(t *testing.T) {
	k := newKit(t, papertest.SQLite(t))
	var list strings.Builder
	for i := range sift.MaxList / 4 {
		fmt.Fprintf(&list, "%sb%d\n馬馬馬馬馬馬馬馬馬馬%c\naaaa%d*\nw%d\n", strings.Repeat("a", 8), i, 0x4e00+i, i, i)
	}
	check(t, k.SetSettings(t.Context(), "pia", Settings{Links: 2, Words: list.String(), Filter: true, Threshold: 0.95}))
	// What the filter knows must not be little, and its rows not few.
	check(t, k.DB.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into sift_word (word, good, bad) values ('', 1000, 1000)`)
		for i := 0; i < 20_000 && err == nil; i++ {
			_, err = tx.Exec(t.Context(), `insert into sift_word (word, good, bad) values ($1, 1, 2)`, fmt.Sprintf("w%d", i))
		}
		return err
	}))
	if _, err := k.sift(t.Context(), "ana", "warm", ""); err != nil {
		t.Fatal(err)
	}
	most := papertest.Cost{CPU: papertest.Slow(50 * time.Millisecond), Allocated: 64 << 20}
	for name, text := range floods() {
		cost := papertest.Measure(t, papertest.Cost{CPU: most.CPU / 3, Allocated: most.Allocated / 4}, func() {
			clean, err := Clean(text)
			if err != nil {
				if problem.Of(err) == nil {
					t.Errorf("%s: %v", name, err)
				}
				return
			}
			Mentions(clean)
			if _, err := k.sift(t.Context(), "ana", clean, ""); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
		t.Logf("%s: %s", name, cost)
		if !cost.Within(most) {
			t.Errorf("%s costs %s", name, cost)
		}
	}
	// A report, a reason and an appeal are cleaned too.
	for name, text := range floods() {
		cost := papertest.Measure(t, papertest.Cost{CPU: most.CPU / 3, Allocated: most.Allocated / 4}, func() { words("text", text, true) })
		if !cost.Within(most) {
			t.Errorf("%s as a reason costs %s", name, cost)
		}
	}
}

// TestFloodReaches: enough of the floods get through Clean to be worth measuring.
func TestFloodReaches(t *testing.T) {
	through := 0
	for _, text := range floods() {
		if _, err := Clean(text); err == nil {
			through++
		}
	}
	if through < 8 {
		t.Errorf("only %d floods are comments", through)
	}
}

// FuzzClean: what Clean lets pass is short, can be read, and is clean.
func FuzzClean(f *testing.F) {
	for name, text := range floods() {
		if len(text) < 20_000 {
			f.Add(text)
		}
		f.Add(name)
	}
	for _, seed := range []string{"a\r\nb\u2028c", "> a\n\n\n> b\nc", "\u202eabc", "e\u0301\u0301\u0301\u0301\u0301", "\u1112\u1161\u11ab\u0301", "a\u034f\u0301"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		clean, err := Clean(text)
		if err != nil {
			if problem.Of(err) == nil {
				t.Fatal(err)
			}
			return
		}
		if utf8.RuneCountInString(clean) > MaxBody || !utf8.ValidString(clean) || strings.TrimFunc(clean, blank) == "" {
			t.Errorf("Clean(%q) = %q", text, clean)
		}
		for _, r := range clean {
			if r != '\n' && unicode.IsControl(r) || turns(r) {
				t.Errorf("Clean(%q) has %U", text, r)
			}
		}
		if again, err := Clean(clean); again != clean {
			t.Errorf("Clean(%q) = %q, and of that %q, %v", text, clean, again, err)
		}
	})
}
