package page

import (
	"regexp"
	"strings"
	"testing"
)

// TestColours holds the style sheet against colour.go, and every pair of
// colours against what eyes need.
func TestColours(t *testing.T) {
	light, dark, found := strings.Cut(tokens, "prefers-color-scheme: dark")
	if !found {
		t.Fatal("tokens.css has no dark colours")
	}
	colour := func(block, name string) string {
		m := regexp.MustCompile(`--` + name + `: (#[0-9a-f]{6});`).FindStringSubmatch(block)
		if m == nil {
			t.Fatalf("tokens.css does not say --%s", name)
		}
		return m[1]
	}
	for _, test := range []struct{ theme, block, paper, accent string }{
		{"light", light, PaperLight, accentLight}, {"dark", dark, PaperDark, accentDark},
	} {
		ground := colour(test.block, "paper")
		if ground != test.paper || colour(test.block, "accent") != test.accent {
			t.Errorf("%s: tokens.css and colour.go differ", test.theme)
		}
		for name, least := range map[string]float64{"ink": 7, "ink-soft": 4.5, "accent": 4.5, "link": 4.5, "good": 4.5, "bad": 4.5, "rule": 3} {
			if got, err := contrast(colour(test.block, name), ground); err != nil || got < least {
				t.Errorf("%s: --%s has a contrast of %.2f, want %.1f (%v)", test.theme, name, got, least, err)
			}
		}
		if got, err := contrast(colour(test.block, "ink"), colour(test.block, "mark")); err != nil || got < 4.5 {
			t.Errorf("%s: marked text has a contrast of %.2f (%v)", test.theme, got, err)
		}
	}
}

// TestColoursCheck is about accents that an operator may choose.
func TestColoursCheck(t *testing.T) {
	for _, test := range []struct{ accent, dark, want string }{
		{"", "", ""},
		{"#2f6b3a", "#8ccf97", ""},
		{"#1F5F8B", "#84C1EA", ""},
		{"#ff9900", "", "The accent colour #ff9900 has a contrast of 2.0 to 1 on the paper (#faf7f0); text needs 4.5. Choose a darker one."},
		{"#003300", "", "The accent colour for dark screens #003300 has a contrast of 1.2 to 1 on the paper (#161513); text needs 4.5. Choose a lighter one."},
		{"red", "", `"red" is no colour. Write it as # and six hexadecimal digits, such as #b5301b.`},
		{"", "#fff", `"#fff" is no colour. Write it as # and six hexadecimal digits, such as #b5301b.`},
	} {
		got := ""
		if err := (Colours{test.accent, test.dark}).Check(); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("Colours{%q, %q}.Check() = %q, want %q", test.accent, test.dark, got, test.want)
		}
	}
}

// TestContrast holds the formula against its two ends and a known middle.
func TestContrast(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#777777", 1}, {"#767676", "#ffffff", 4.54}} {
		if got, err := contrast(test.a, test.b); err != nil || got < test.want-0.01 || got > test.want+0.01 {
			t.Errorf("contrast(%s, %s) = %.3f, %v; want %.2f", test.a, test.b, got, err, test.want)
		}
	}
}
