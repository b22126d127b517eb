package iptc7901

import (
	"slices"
	"strings"
	"testing"

	"kawaraban/internal/problem"
)

const whole = "\x01bdt0112 2 pl 211  hpa 0112\r\n\r\nHarbour/Haven/\r\n\x02(Urgent\r\n - two lines)\r\n2ND LEAD\r\nFerry is back\r\nin Haven\r\nBy Mara Lind, hpa =\r\n\r\n" +
	"Haven (hpa) - The ferry is\r\nback.\r\n\r\n# Notebook\r\n- a link\r\n\r\n* * * *\r\nThe following information is not for publication\r\n- a number\r\n\r\nhpa ml n1\r\n\r\n\x03131137 GMT Nov 13 \r\n\x7f\x04"

func TestParse(t *testing.T) {
	list, err := Parse([]byte(whole))
	if err != nil || len(list) != 1 {
		t.Fatalf("%d messages, %v", len(list), err)
	}
	m := list[0]
	switch {
	case m.Service != "bdt", m.Number != "0112", m.Priority != 2, m.Category != "pl", m.Words != 211, m.Info != "hpa 0112", m.Slug != "Harbour/Haven":
		t.Errorf("header %+v", m)
	case m.Headline != "Ferry is back in Haven", !slices.Equal(m.Notes, []string{"Urgent - two lines"}), !slices.Equal(m.Marks, []string{"2ND LEAD"}), !slices.Equal(m.Bylines, []string{"By Mara Lind, hpa"}):
		t.Errorf("heading %+v", m)
	case m.Body != "Haven (hpa) - The ferry is\nback.", m.Notebook != "# Notebook\n- a link", !strings.Contains(m.Private, "a number"):
		t.Errorf("body %q, notebook %q, private %q", m.Body, m.Notebook, m.Private)
	case m.Sent.Format("2006-01-02 15:04") != "2013-11-13 11:37":
		t.Errorf("sent %s", m.Sent)
	}
}

// TestParseLost holds what is read of messages that have lost something.
func TestParseLost(t *testing.T) {
	for _, test := range []struct{ name, data, slug, headline, body string }{
		{"its end", "\x01eca0045 2 i 20  x\n\nfog/\n\x02Fog =\n\nIt is.\n", "fog", "Fog", "It is."},
		{"its sign", "\x01eca0045 2 i 20  x\n\nfog/\n\x02Fog\n\nIt is.\n\x03", "fog", "Fog", "It is."},
		{"its slug", "\x01eca0045 2 i 20  x\n\x02Fog =\n\nIt is.\n\x03", "", "Fog", "It is."},
		{"its header", "\x01nonsense\n\nfog/\n\x02Fog =\n\nIt is.\n\x03", "fog", "Fog", "It is."},
		{"its marks", "\neca0045 2 i 20 gef 1\n\nfog\n\nFog =\n\nIt is.\n\nhpa ab cd\n\n211005 jan 19", "fog", "Fog", "It is."},
		{"a bracket", "\x01eca0045 2 i 20  x\n\nfog/\n\x02(Urgent\nFog =\n\nIt is.\n\x03", "fog", "(Urgent Fog", "It is."},
		{"telex", "ZCZC HPA\nYY X\n:POTTED :Fog at sea\nIt is.\n    HPA RESULTS\n\nNNNN\n", "POTTED/Fog at sea", "Fog at sea", "It is."},
	} {
		list, err := Parse([]byte(test.data))
		if err != nil || len(list) != 1 {
			t.Errorf("%s: %d messages, %v", test.name, len(list), err)
			continue
		}
		if m := list[0]; m.Slug != test.slug || m.Headline != test.headline || m.Body != test.body {
			t.Errorf("%s: slug %q, headline %q, body %q", test.name, m.Slug, m.Headline, m.Body)
		}
	}
}

func TestIs(t *testing.T) {
	for data, want := range map[string]bool{
		whole: true, "ZCZC AAP\n": true, "  ZCZC\r\n": true, "\nbsf037 4 su 174 gef 1388\r\n": true,
		"": false, "ZCZCX\n": false, "HAVEN: the ferry is late.\n": false, "abc 123 4 su 174\n": false,
	} {
		if Is([]byte(data)) != want {
			t.Errorf("Is(%.20q) = %v", data, !want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct {
		data string
		kind problem.Kind
	}{
		{"", problem.Invalid},
		{"\x01\x04\x01\n\x04", problem.Invalid},
		{strings.Repeat("\x01a\x04", 300), problem.TooLarge},
		{strings.Repeat("\x01a", 300), problem.TooLarge},
	} {
		if _, err := Parse([]byte(test.data)); !problem.Is(err, test.kind) {
			t.Errorf("%.20q: %v, want %s", test.data, err, test.kind)
		}
	}
}

// FuzzIPTC7901 holds that Parse answers anything, and that what is not for
// publication is never in what readers may see.
func FuzzIPTC7901(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("\nbsf037 4 su 61 gef 1388\n\nPort\n\nPort: \nLe bac = \n\nHaven (hpa) Le bac. \n\n(HPA/mf ba) \n\n021005 mar 26"))
	f.Add([]byte("ZCZC FMG000\nYY TDR\n$J\n*T\n:POTTED :Downs\nRace one\n  3.00 Lark\n HPA BETTING\n\nNNNN\n"))
	f.Add([]byte("\x01a\x01eca0045 2 i 20\n\x02(\x03\x04\x01\xe9\x02=\x03990000 Mar 26"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := Parse(data)
		if err != nil && problem.Of(err) == nil {
			t.Fatalf("not a Problem: %v", err)
		}
		for _, m := range list {
			for _, s := range []string{m.Slug, m.Headline, m.Body} {
				if strings.ContainsAny(s, "\x00\x01\x02\x03\x04\x08\x10\x7f") {
					t.Errorf("a mark is left in %q", s)
				}
			}
			for line := range strings.Lines(m.Body) {
				if strings.TrimSpace(line) == "The following information is not for publication" {
					t.Errorf("the notice is in the body: %q", m.Body)
				}
			}
			if m.Priority < 0 || m.Priority > 9 || m.Sent.Year() > 9999 {
				t.Errorf("priority %d, sent %s", m.Priority, m.Sent)
			}
		}
	})
}
