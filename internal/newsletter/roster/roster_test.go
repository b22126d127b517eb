package roster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// told is a table as Read tells it, a line for each row.
func told(r io.Reader) (string, error) {
	var out strings.Builder
	s, err := Read(r, func(row Row) error {
		since := "-"
		if !row.Since.IsZero() {
			since = row.Since.Format(time.RFC3339)
		}
		fmt.Fprintf(&out, "%d %s %s %s %q %s", row.Line, row.Address, row.State, since, row.Lists, row.Language)
		if row.Problem != nil {
			fmt.Fprintf(&out, " (%s)", row.Problem.Detail)
		}
		out.WriteByte('\n')
		return nil
	})
	fmt.Fprintf(&out, "%s: %d rows, %d problems", s.Form, s.Rows, s.Problems)
	for _, state := range States() {
		if n := s.States[state]; n > 0 {
			fmt.Fprintf(&out, ", %d %s", n, state)
		}
	}
	return out.String() + "\n", err
}

// TestRead reads tables that we wrote in the form of each program.
func TestRead(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d tables, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got, err := told(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			papertest.Golden(t, strings.TrimSuffix(filepath.Base(path), ".csv")+".golden", got)
			// However it is written, it says the same.
			for name, same := range map[string]string{
				"CR": strings.ReplaceAll(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n", "\r"),
				"CRLF, empty lines": strings.ReplaceAll(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n", "\r\n") +
					"\r\n\r\n",
				"UTF-16": wide(string(raw), false), "UTF-16 the other way": wide(string(raw), true),
				"no line end": strings.TrimRight(string(raw), "\r\n"),
			} {
				if again, err := told(strings.NewReader(same)); err != nil || again != got {
					t.Errorf("%s: %v\n%s", name, err, again)
				}
			}
		})
	}
}

// wide is a text in UTF-16 with a mark.
func wide(s string, big bool) string {
	var out []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + strings.TrimPrefix(s, "\ufeff"))) {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return string(out)
}

// TestElsewhere reads exports that other people published, which are not part of
// the project.
func TestElsewhere(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "..", "shared", "data", "migration", "members")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the exports are not here (%s): nothing to compare with", folder)
	}
	for name, want := range map[string]string{
		"cleaned.csv":                    "mailchimp: 5 rows, 0 problems, 5 bounced\n",
		"subscribed.csv":                 "mailchimp: 5 rows, 0 problems, 5 subscribed\n",
		"unsubscribed.csv":               "mailchimp: 5 rows, 0 problems, 5 unsubscribed\n",
		"fixtures_signup_emails.csv":     "substack",
		"fixtures_subscriber_emails.csv": "substack",
		"invalid.csv":                    ": 0 rows, 0 problems\n",
	} {
		f, err := os.Open(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		got, err := told(f)
		if name == "invalid.csv" != problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		last := got[strings.LastIndex(strings.TrimSuffix(got, "\n"), "\n")+1:]
		if !strings.HasPrefix(last, want) {
			t.Errorf("%s: %s; want %s", name, got, want)
		}
		t.Logf("%s: %s", name, last)
	}
}

// TestRefused is about files that are no lists of subscribers.
func TestRefused(t *testing.T) {
	for name, test := range map[string]struct{ file, says string }{
		"nothing":      {"", "empty"},
		"empty lines":  {"\n\n\n", "empty"},
		"another head": {"name,email_address\nAna,ana@post.example\n", "name, email_address"},
		"a picture":    {"\x89PNG\r\n\x1a\n\x00\x00", "The first line"},
		"an open quote": {
			"address,state\nana@post.example,subscribed\n\"bo@post.example,subscribed\n" + strings.Repeat("x@post.example,subscribed\n", 10_000),
			"line 3 does not end",
		},
		"the end is missing": {"address,state\n\"ana@post.example", "line 2 does not end"},
		"columns":            {"address,state" + strings.Repeat(",", 1000), "more than 500 columns"},
		"one long line":      {strings.Repeat("a", 10<<20), "does not end"},
	} {
		_, err := told(strings.NewReader(test.file))
		if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v; want %s", name, err, test.says)
		}
	}
	stop := errors.New("enough")
	if s, err := Read(strings.NewReader("address,state\na@b.example,pending\na@b.example,pending\n"), func(Row) error { return stop }); !errors.Is(err, stop) || s.Rows != 1 {
		t.Errorf("it goes on: %+v, %v", s, err)
	}
	if _, err := Read(io.MultiReader(strings.NewReader("address,state\n"), broken{}), func(Row) error { return nil }); !errors.Is(err, errBroken) {
		t.Errorf("a file that breaks: %v", err)
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

// TestMany reads as many rows as a large paper has, in memory that does not grow
// with them.
func TestMany(t *testing.T) {
	const rows = 200_000
	var file strings.Builder
	file.WriteString("address,state,since,lists,language\n")
	for i := range rows {
		fmt.Fprintf(&file, "reader%d@post.example,subscribed,2024-01-02T03:04:05Z,daily alerts,en\n", i)
	}
	most := papertest.Cost{CPU: 3 * time.Second, Allocated: 1 << 30}
	cost := papertest.Measure(t, most, func() {
		n := 0
		if s, err := Read(strings.NewReader(file.String()), func(Row) error { n++; return nil }); err != nil || n != rows || s.States[Subscribed] != rows {
			t.Errorf("%d rows, %+v, %v", n, s, err)
		}
	})
	if !cost.Within(most) {
		t.Errorf("%d rows cost %v", rows, cost)
	}
	t.Logf("%d rows cost %v", rows, cost)
}

// TestWrite writes what a spreadsheet must not take for a formula, and reads it
// again.
func TestWrite(t *testing.T) {
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	rows := []Row{
		{Address: "ana@post.example", State: Subscribed, Since: at, Lists: []string{"daily", "alerts"}, Language: "ja"},
		{Address: "=cmd|'/c'!a1@post.example", State: Bounced},
		{Address: "+1@post.example", State: Complained},
		{Address: "-1@post.example", State: Unsubscribed, Lists: []string{"=evil"}},
		{Address: "@post.example", State: Pending},
		{Address: "o'hara@post.example", State: Pending},
	}
	var out bytes.Buffer
	n, err := Write(&out, func(yield func(Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	})
	if err != nil || n != len(rows) {
		t.Fatal(n, err)
	}
	papertest.Golden(t, "written.golden", out.String())
	for line := range strings.Lines(out.String()) {
		for cell := range strings.SplitSeq(strings.TrimSpace(line), ",") {
			if text := strings.TrimPrefix(cell, `"`); text != "" && strings.ContainsRune(dangerous, rune(text[0])) {
				t.Errorf("a formula: %s", line)
			}
		}
	}
	var again []Row
	if _, err := Read(&out, func(r Row) error { again = append(again, r); return nil }); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		again[i].Form, again[i].Line, again[i].Problem = "", 0, nil
		if !reflect.DeepEqual(rows[i], again[i]) {
			t.Errorf("%+v became %+v", rows[i], again[i])
		}
	}
}

// FuzzRead looks for tables that make Read panic or tell what it must not, and for
// rows that do not survive being written.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.csv"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte("sep=;\naddress;state\na@b.example;pending\n"))
	f.Add([]byte(wide("address,state\na@b.example,pending\n", true)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var rows []Row
		s, err := Read(bytes.NewReader(raw), func(r Row) error { rows = append(rows, r); return nil })
		if err != nil && problem.Of(err) == nil {
			t.Errorf("an error that nobody may see: %v", err)
		}
		good := rows[:0]
		for _, r := range rows {
			if r.Problem == nil {
				good = append(good, r)
			}
		}
		if s.Rows != s.Problems+len(good) {
			t.Errorf("%+v, and %d good rows", s, len(good))
		}
		var out bytes.Buffer
		if _, err := Write(&out, func(yield func(Row, error) bool) {
			for _, r := range good {
				if !yield(r, nil) {
					return
				}
			}
		}); err != nil {
			t.Fatal(err)
		}
		var again []Row
		if _, err := Read(&out, func(r Row) error { again = append(again, r); return nil }); err != nil || len(again) != len(good) {
			t.Fatalf("%d rows became %d: %v\n%q", len(good), len(again), err, out.String())
		}
		for i, r := range good {
			if again[i].Address != r.Address || again[i].State != r.State || again[i].Language != r.Language || again[i].Problem != nil {
				t.Errorf("%+v became %+v", r, again[i])
			}
		}
	})
}
