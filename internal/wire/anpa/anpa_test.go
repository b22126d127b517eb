package anpa

import (
	"strings"
	"testing"

	"kawaraban/internal/problem"
)

const whole = "\x16\x16\x01W2870\x1fcoast\nr i\x13\x11 BC-HV--Haven-NightFe 1stLd-Writethru  03-02 0120\n" +
	"\x02^BC-HV--Haven-Night Ferry, 1st Ld-Writethru,110<\n^Night ferry is back <\n^By MARA LIND=\n" +
	"\t   HAVEN (HPA) _ The ``night'' ferry.\n \n\t   ___\n\t   Ana Ruiz helped.\n\n\t   \x03HPA-WF-03-02-26 0915EST<\n\x0c\n\x04"

func TestParse(t *testing.T) {
	list, err := Parse([]byte(whole + strings.Replace(whole, "W2870", "W2871", 1)))
	if err != nil || len(list) != 2 {
		t.Fatalf("%d messages, %v", len(list), err)
	}
	m := list[0]
	switch {
	case m.Service != "W", m.Number != "2870", m.Selector != "coast", m.Priority != "r", m.Category != "i", m.Columns,
		m.Keyword != "BC-HV--Haven-NightFe", m.Take != "1stLd-Writethru", m.Month != 3, m.Day != 2, m.Words != 120:
		t.Errorf("header %+v", m)
	case m.Slug != "BC-HV--Haven-Night Ferry", m.SlugTake != "1st Ld-Writethru", len(m.Lines) != 2, m.Lines[0] != Line{"Night ferry is back", false}, m.Lines[1] != Line{"By MARA LIND", true}:
		t.Errorf("heading %+v", m)
	case len(m.Body) != 2, m.Body[0].Text != "HAVEN (HPA) — The “night” ferry.", m.Body[1].Text != "Ana Ruiz helped.":
		t.Errorf("body %+v", m.Body)
	case m.Agency != "HPA", m.Sent.Format("2006-01-02 15:04") != "2026-03-02 14:15":
		t.Errorf("sent by %q at %s", m.Agency, m.Sent)
	}
	if list[1].Number != "2871" {
		t.Errorf("the second is %s", list[1].Number)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct {
		data string
		kind problem.Kind
	}{
		{"", problem.Invalid},
		{"\x16\x16\x01", problem.Invalid},
		{strings.Repeat("\x01a\x04", 300), problem.TooLarge},
	} {
		if _, err := Parse([]byte(test.data)); !problem.Is(err, test.kind) {
			t.Errorf("%.20q: %v, want %s", test.data, err, test.kind)
		}
	}
}

// FuzzANPA holds that Parse answers anything, with nothing in it that only a
// machine reads.
func FuzzANPA(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("\x01a0105HPA\x1fkoko-\r\nu s\x14\x12 BC-Row   02-03 0070\r\n\x02BC-Row\r\nHaven win+\r\n     HAVEN, March 2 Haveno - x\r\nAldous.\r\n==Haveno\r\n\x03KWS-21:37-02-03-26\x04"))
	f.Add([]byte("\x16\x16\x01z9631\x1f-----\nr s\x14\x12 BC-ROW   03-02 0080\n\x02^BC-ROW< \n^Standings= \n^All Times= \n^By The HPA= \n\x08^;W;L\x10 \n\x08Port\x10 A;1;3{\x10 \n\t  ___= \n\t   A 7, B 5<\n\x03HPA-WF-13-32-26 2567GMT<\n\x04"))
	f.Add([]byte("\x16\x16\x01\n^\n\x08\n\t\xe9\n^=\n_"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := Parse(data)
		if err != nil && problem.Of(err) == nil {
			t.Fatalf("not a Problem: %v", err)
		}
		for _, m := range list {
			for _, s := range []string{m.Slug, m.SlugTake, m.Keyword} {
				if strings.ContainsAny(s, "\n\x02\x03") {
					t.Errorf("a mark is left in %q", s)
				}
			}
			for _, b := range m.Body {
				if strings.ContainsAny(b.Text, "\x01\x02\x03\x04\x08\x10\x11") || b.Kind == Table && len(b.Rows) == 0 {
					t.Errorf("a mark is left in %+v", b)
				}
			}
			if m.Sent.Year() > 9999 {
				t.Errorf("sent %s", m.Sent)
			}
		}
	})
}
