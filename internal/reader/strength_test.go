package reader

import (
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// TestCheckPassword holds passwords against what guessers try first.
func TestCheckPassword(t *testing.T) {
	about := []string{"ida.fjeld@post.example", "Ida Fjeld", "The Arl Valley Post"}
	const short, long, common, near, rows, soon = "at least 12", "too long", "tried first. Choose another", "have nothing to do with them", "Rows such as", "guessed soon"
	for _, test := range []struct{ pw, says string }{
		{"correct horse battery staple", ""},
		{"mill bridge ladder tuesday", ""},
		{"kqzvwhtxnbrj", ""},
		{"7194028365512", ""},
		{"Grandmother's teapot, 1974", ""},
		{"川沿いの古い橋と三毛猫の朝", ""},
		{"さくらのしたのながいいす", ""},
		{strings.Repeat("川沿いの古い橋と三毛猫", 7) + "の朝の", ""}, // 240 bytes
		{strings.Repeat("correct horse ", 18) + "end!", ""},

		{"", short},
		{"elevenchars", short},
		{"ｅｌｅｖｅｎ", short},
		{strings.Repeat("a long walk ", 22), long},
		{strings.Repeat("橋", 86), long},

		{"qwertyuiop123", rows},
		{"aaaaaaaaaaaa", rows},
		{"abcdefghijkl", rows},
		{"zyxwvutsrqponm", rows},
		{"123456789012", rows},
		{"1qaz2wsx3edc", rows},
		{"abcabcabcabcabc", rows},
		{"passwordpassword", rows},
		{"Password1234567", soon},
		{"11/22/197411/22/1974", rows},
		{"P@ssw0rdP@ssw0rd", rows},
		{"drowssapdrowssap", rows},
		{"idafjeldidafjeld", rows},
		{"ida.fjeld@post", near},
		{"Ida Fjeld Post", near},
		{"thearlvalleypost1", near},
		{"TheArlValleyPost", near},
		{"dlejf.adi.2024", near},
		{"ilovemonkeys", soon},
		{"mustangmonkey", soon},
	} {
		err := CheckPassword(secret.Password(test.pw), about...)
		p := problem.Of(err)
		switch {
		case test.says == "" && err != nil:
			t.Errorf("%q is refused (%.1f bits): %v", test.pw, guessesOf(test.pw, about).bits, err)
		case test.says != "" && (p == nil || !strings.Contains(p.Fields["password"], test.says)):
			t.Errorf("%q is told %v (%.1f bits), want %q", test.pw, err, guessesOf(test.pw, about).bits, test.says)
		case p != nil && test.pw != "" && strings.Contains(p.Detail, test.pw):
			t.Errorf("the message shows the password %q", test.pw)
		}
	}
}

// TestHostilePassword is about passwords that are made to take long.
func TestHostilePassword(t *testing.T) {
	lists() // what is read once is not the password's fault
	for _, part := range []string{
		"a", "1", "ab", "4@8({[<369!|1i0$5+7%2z", "p4ssw0rd!|7", "abcdefghijklmnopqrstuvwxyz", "11.11.1111", "qwertyuiop", "love", "1l|!i",
		"\u0301", "橋", "\xff", "ﷺ", "\U0001f469",
	} {
		pw := strings.Repeat(part, maxPassword)[:maxPassword]
		most := papertest.Cost{CPU: papertest.Slow(50 * time.Millisecond), Allocated: 8 << 20}
		cost := papertest.Measure(t, most, func() {
			CheckPassword(secret.Password(pw), strings.Repeat(part, 60), strings.Repeat(part, 60))
		})
		if !cost.Within(most) {
			t.Errorf("256 bytes of %q cost %s", part, cost)
		}
	}
}

func FuzzCheckPassword(f *testing.F) {
	for _, pw := range []string{"correct horse battery staple", "P@ssw0rd 2024-11-03", "\u0301\xff橋", "abcabc"} {
		f.Add(pw, "Ida Fjeld")
	}
	f.Fuzz(func(t *testing.T, pw, about string) {
		if len(pw) > maxPassword || len(about) > 300 {
			return
		}
		g := guessesOf(pw, []string{about})
		if more := guessesOf(pw+"k", []string{about}); g.bits < 0 || len(pw) < maxPassword && more.bits < g.bits-9 {
			t.Errorf("%q has %.1f bits, and %.1f with a letter more", pw, g.bits, more.bits)
		}
	})
}
