package mail

import (
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// edition is a letter to many with two marks.
func edition() Message {
	return Message{
		Subject:    "フェリー再開：水曜日から通常ダイヤ — and the fares stay the same, says the harbour office of the town of Kisaragi",
		Text:       "Good morning,\n\nthe ferry runs again.\n\nNo more of this: https://paper.example/unsubscribe/MARKMARK1\n-- \nMARKMARK2",
		HTML:       "<p>Good morning,</p>\n<p><a href=\"https://paper.example/unsubscribe/MARKMARK1\">No more of this</a> " + strings.Repeat("é=", 60) + "MARKMARK2MARKMARK1 \n</p>",
		Automatic:  true,
		FeedbackID: "e12:morning:courier",
		List: &List{
			ID: "morning", Name: "朝の便り, «Morning»",
			Unsubscribe: "https://paper.example/unsubscribe/MARKMARK1?from=letter", Archive: "https://paper.example/newsletter/morning",
		},
	}
}

var twoMarks = []string{"MARKMARK1", "MARKMARK2"}

// filled is the letter that somebody reads, whose text ends with its line.
func filled(m Message, values ...string) Message {
	if m.Text = body(m.Text); !strings.HasSuffix(m.Text, "\n") {
		m.Text += "\n"
	}
	m.HTML = body(m.HTML)
	for i, v := range values {
		m.Text, m.HTML = strings.ReplaceAll(m.Text, twoMarks[i], v), strings.ReplaceAll(m.HTML, twoMarks[i], v)
	}
	return m
}

// holdsTogether has a strict reader take a filled letter apart.
func holdsTogether(t *testing.T, raw []byte, want Message, to string) {
	t.Helper()
	head, rest, _ := strings.Cut(string(raw), "\r\n\r\n")
	for line := range strings.SplitSeq(rest, "\r\n") {
		if len(line) > 76 && !strings.HasPrefix(line, "Content-") || strings.ContainsAny(line, "\r\n") {
			t.Fatalf("the line %q", line)
		}
	}
	for line := range strings.SplitSeq(head, "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
			t.Fatalf("the line %q", line)
		}
	}
	msg, err := netmail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	for name, values := range msg.Header {
		if len(values) != 1 {
			t.Fatalf("%s: %q", name, values)
		}
	}
	if a, err := netmail.ParseAddress(msg.Header.Get("To")); err != nil || a.Address != to {
		t.Fatalf("To is %v, %v", a, err)
	}
	subject, text, html := parse(t, raw)
	if subject != want.Subject || text != want.Text || html != want.HTML {
		t.Fatalf("read as %q, %q, %q; want %q, %q, %q\n%s", subject, text, html, want.Subject, want.Text, want.HTML, raw)
	}
}

func TestStencil(t *testing.T) {
	s := sender(t)
	st, err := s.Stencil(edition(), twoMarks...)
	if err != nil {
		t.Fatal(err)
	}
	token := strings.Repeat("Ab-_", 37)
	f := Filling{To: "ana@BÜCHER.example", ReturnTo: "bounce+7@paper.example", ID: "edition-12.7", Values: []string{token, "Reader no. 7 = you"}}
	raw, err := st.Fill([]byte("before"), f)
	if err != nil {
		t.Fatal(err)
	}
	raw = raw[len("before"):]
	papertest.Golden(t, "stencil.eml", string(raw))
	holdsTogether(t, raw, filled(edition(), f.Values...), "ana@xn--bcher-kva.example")
	msg, err := netmail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"List-Unsubscribe": "<https://paper.example/unsubscribe/" + token + "?from=letter>", "Feedback-Id": "e12:morning:courier", "Precedence": "bulk",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Message-Id": "<edition-12.7@harbour-courier.example>", "Auto-Submitted": "auto-generated",
	} {
		if got := msg.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	plain := Message{Subject: "s", Text: "MARKMARK1"}
	if st, err = s.Stencil(plain, "MARKMARK1"); err != nil {
		t.Fatal(err)
	}
	f.Values = []string{strings.Repeat("=", 150)}
	if raw, err = st.Fill(nil, f); err != nil {
		t.Fatal(err)
	}
	holdsTogether(t, raw, filled(plain, f.Values...), "ana@xn--bcher-kva.example")
}

// No value, address or mark becomes more than it is (R43, D15).
func TestStencilRefuses(t *testing.T) {
	s := sender(t)
	st, err := s.Stencil(edition(), twoMarks...)
	if err != nil {
		t.Fatal(err)
	}
	good := Filling{To: "a@b.example", ID: "1", Values: []string{"abc", "d e"}}
	if _, err := st.Fill(nil, good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(f *Filling, s string){
		"To":        func(f *Filling, s string) { f.To = s + "@b.example" },
		"domain":    func(f *Filling, s string) { f.To = "a@b.example" + s },
		"return to": func(f *Filling, s string) { f.ReturnTo = s + "@b.example" },
		"id":        func(f *Filling, s string) { f.ID = s },
		"URL":       func(f *Filling, s string) { f.Values = []string{s, ""} },
		"text":      func(f *Filling, s string) { f.Values = []string{"", s} },
	} {
		for _, attack := range []string{
			"a\r\nBcc: all@example.com", "a\nb", "a\rb", "a\x00b", "\xff", "é", "<b>", `a"b`, strings.Repeat("a", 256), " a",
			"a\tb", "\"a b\"", "a>, <mailto:x@y.example",
		} {
			f := good
			if change(&f, attack); f.To == "a@b.exampleé" {
				continue // a domain may be of such letters
			}
			if _, err := st.Fill(nil, f); err == nil {
				t.Errorf("%s: %q was taken", name, attack)
			} else if name == "URL" && !problem.Is(err, problem.Invalid) {
				t.Errorf("%s: %q: %v", name, attack, err)
			}
		}
	}
	good.Values = good.Values[:1]
	if _, err := st.Fill(nil, good); err == nil {
		t.Error("a mark without a value")
	}
	for name, m := range map[string]Message{
		"a mark in the subject":      {Subject: "MARKMARK1", Text: "x"},
		"a subject of two lines":     {Subject: "a\r\nb", Text: "x"},
		"no text":                    {Subject: "a"},
		"unsubscribing without TLS":  {Text: "x", List: &List{ID: "a", Unsubscribe: "http://paper.example/u/MARKMARK1"}},
		"a list of two lines":        {Text: "x", List: &List{ID: "a", Name: "a\r\nb", Unsubscribe: "https://paper.example/"}},
		"a feedback id of two lines": {Text: "x", FeedbackID: "a\r\nb"},
	} {
		if _, err := s.Stencil(m, twoMarks...); err == nil {
			t.Error(name)
		}
	}
	for _, marks := range [][]string{{"short"}, {"MARK MARK"}, {"MARKMARK", "MARKMARK1"}, {"MARKMARK", "MARKMARK"}} {
		if _, err := s.Stencil(Message{Text: "x"}, marks...); err == nil {
			t.Errorf("the marks %q", marks)
		}
	}
}

// TestStencilFits holds many texts and values against the strict reader.
func TestStencilFits(t *testing.T) {
	s := sender(t)
	piece := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"MARKMARK1", "MARKMARK2", " ", "\t", "\n", "\r\n", "=", ".", "--", strings.Repeat("a", 75), strings.Repeat("é", 30)}))
	text := rapid.Custom(func(r *rapid.T) string { return strings.Join(rapid.SliceOfN(piece, 1, 12).Draw(r, "pieces"), "") })
	value := rapid.OneOf(rapid.StringMatching(`[A-Za-z0-9_.-]{0,150}`), rapid.StringMatching(`[!-%*-;=?-~]{0,40}`))
	rapid.Check(t, func(r *rapid.T) {
		m := Message{Subject: "s", Text: "x" + text.Draw(r, "text"), HTML: text.Draw(r, "html")}
		fits(t, s, m, value.Draw(r, "one"), value.Draw(r, "two"))
	})
}

// fits holds what is filled with values against m with the values in it.
func fits(t *testing.T, s *Sender, m Message, values ...string) {
	st, err := s.Stencil(m, twoMarks...)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := st.Fill(nil, Filling{To: "a@b.example", ID: "1", Values: values})
	if err != nil {
		return
	}
	holdsTogether(t, raw, filled(m, values...), "a@b.example")
}

func FuzzStencil(f *testing.F) {
	f.Add("Hello MARKMARK1", "<p>MARKMARK2</p>", "abc", "d e")
	f.Add("MARKMARK1MARKMARK2\r\n.\r\n", "\xff\x00", strings.Repeat("=", 100), "-- a")
	f.Add("a \t", "\r\nMARKMARK1 \n.", ".", "")
	overlap := regexp.MustCompile(`MARKMARK[12]`)
	f.Fuzz(func(t *testing.T, text, html, one, two string) {
		if slices.ContainsFunc([]string{one, two}, overlap.MatchString) {
			return
		}
		fits(t, sender(t), Message{Subject: "s", Text: "x" + text, HTML: html}, one, two)
	})
}
