package article

import (
	"strings"
	"testing"
)

// What is quoted is found whatever its case, its marks and its accents, and nothing that
// only happens to have the same words.
func TestQuoted(t *testing.T) {
	const source = "The harbour of Tarsund was closed on Friday after a crane fell across both of its tracks, the board said."
	const japanese = "港湾局は金曜日、クレーンが線路に倒れたためターズンド港を閉鎖したと発表した。"
	for _, test := range []struct {
		name, text, want string
	}{
		{"whole", source, "the harbour of tarsund was closed on friday after a crane fell across both of its tracks the board said"},
		{"in other marks", "We hear: “the HARBOUR of Tarsund, was closed – on Friday – after a crane fell!”", "the harbour of tarsund was closed on friday after a crane fell"},
		{"twelve words", "was closed on Friday after a crane fell across both of its", "was closed on friday after a crane fell across both of its"},
		{"eleven words", "was closed on Friday after a crane fell across both of", ""},
		{"broken by one", "was closed on Friday after the crane fell across both of its tracks", ""},
		{"the same words in another order", "its tracks, the board said, a crane fell across on Friday after the harbour was closed", ""},
		{"nothing", "", ""},
		{"without spaces", "発表によると、金曜日、クレーンが線路に倒れたためターズンド港を閉鎖したという。", "金曜日クレーンか線路に倒れたためターススント港を閉鎖した"},
		{"without spaces, too short", "クレーンが線路に倒れた", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := NewWording(12, source, japanese).Quoted(test.text)
			if (got == "") != (test.want == "") || test.want != "" && !strings.HasPrefix(test.name, "without") && got != test.want {
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
	if !Brief("Bridge shut", 3) || Brief("The bridge is shut", 3) || Brief("", 3) {
		t.Error("what is brief is not told")
	}
	// A table that says the same again and again costs no more than it has words.
	NewWording(12, strings.Repeat("0 0 0 ", 50_000)).Quoted(strings.Repeat("0 0 0 ", 50_000))
}
