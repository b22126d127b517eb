package sift

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPlain(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{" .,!\n", ""},
		{"Hello,  World!", " hello world "},
		{"ＦＵＬＬ　width", " full width "},
		{"Ünïcödé ſtraße ΟΔΟΣ", " unicode strasse οδοσ "},
		{"a\u0301b\u200bc\u00add\u2060e\ufefff", " abcdef "},
		{"don't", " don t "},
		{"これはfooです", " これは foo です "},
		{"馬・鹿", " 馬鹿 "},
		{"馬 鹿", " 馬鹿 "},
		{"馬。鹿", " 馬 鹿 "},
		{"ﾊﾞｶ か\u3099", " バカが "},
		{"ラーメン", " ラーメン "},
		{"한국어", " 한국어 "},
		{"हिन्दी", " हिन्दी "},
		{"ﷺ", " صلى الله عليه وسلم "},
		{"İstanbul Iğdır", " istanbul igdir "},
		{"①②", " 12 "},
		{"\xff\xfe", ""},
	} {
		if got := Plain(test.text); got != test.want {
			t.Errorf("Plain(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func TestWords(t *testing.T) {
	const list = `
# what nobody may say
darn
far*
silly goose
O'Neill
馬鹿
バカ野郎
X線
naïve
Köln*
`
	w, bad := Compile(list)
	if bad != "" || w.Len() != 9 {
		t.Fatalf("%d words, bad is %q", w.Len(), bad)
	}
	for _, test := range []struct{ text, want string }{
		{"Nothing of it.", ""},
		{"Darn!", "darn"},
		{"darned", ""},
		{"goddarn", ""},
		{"D\u200bA\u0301ＲN", "darn"},
		{"far", "far*"},
		{"farm and farmers", "far*"},
		{"afar", ""},
		{"A silly, silly\n goose", "silly goose"},
		{"a silly grey goose", ""},
		{"silly geese", ""},
		{"O’Neill", "O'Neill"},
		{"oneill", ""},
		{"この馬鹿者", "馬鹿"},
		{"馬・鹿", "馬鹿"},
		{"馬。鹿", ""},
		{"ﾊﾞｶ野郎め", "バカ野郎"},
		{"ハカ野郎", ""}, // another letter, not an accent
		{"Ｘ線をとる", "X線"},
		{"NAIVE", "naïve"},
		{"kolner", "Köln*"},
		{"darn far darn, silly goose", "darn, far*, silly goose"},
	} {
		if got := strings.Join(w.Find(Plain(test.text), 5), ", "); got != test.want {
			t.Errorf("%q has %q, want %q", test.text, got, test.want)
		}
	}
	if got := w.Find(Plain("darn far silly goose 馬鹿 naive"), 2); len(got) != 2 {
		t.Errorf("at most two: %q", got)
	}
	for _, bad := range []string{"*", "a*", "...", "in*ner", "**", strings.Repeat("x", 101), "\u200b"} {
		if _, got := Compile("good\n" + bad); got != bad {
			t.Errorf("Compile(%q) complains of %q", bad, got)
		}
	}
	var none *Words
	if none.Len() != 0 || none.Find(" x ", 1) != nil {
		t.Error("no list finds something")
	}
}

func TestTokens(t *testing.T) {
	if got := fmt.Sprint(Tokens(Plain("The bridge, the BRIDGE! a 馬鹿者 12"))); got != "[the bridge 馬鹿 鹿者 12]" {
		t.Errorf("tokens are %s", got)
	}
	if got := Tokens(Plain(strings.Repeat("x", 1000))); len(got) != 1 || len(got[0]) != maxToken {
		t.Errorf("a long word is %q", got)
	}
}

func TestJudge(t *testing.T) {
	all := Count{100, 50}
	known := map[string]Count{"pills": {0, 40}, "casino": {1, 30}, "order": {10, 20}, "bridge": {60, 0}, "council": {50, 1}, "the": {90, 45}, "odd": {-3, 0}}
	for _, test := range []struct {
		text     string
		from, to float64
		words    string
	}{
		{"pills casino order", 0.99, 1, "pills casino order"},
		{"the bridge of the council", 0, 0.01, ""},
		{"nobody knows these", 0.5, 0.5, ""},
		{"the odd", 0.4, 0.6, ""},
		{"pills for the council", 0.3, 0.9, "pills"},
		{"", 0.5, 0.5, ""},
	} {
		p, words := Judge(Tokens(Plain(test.text)), all, known)
		if p < test.from || p > test.to || strings.Join(words, " ") != test.words {
			t.Errorf("%q: %f for %q", test.text, p, words)
		}
	}
	if p, _ := Judge([]string{"pills"}, Count{0, 10}, known); p != 0.5 {
		t.Errorf("knowing one side only: %f", p)
	}
}

// FuzzWords: whatever stands in a text and in a list, looking for it ends, finds
// only what is in the list, and finds a word that stands there alone.
func FuzzWords(f *testing.F) {
	for _, seed := range [][2]string{
		{"darn", "D\u200bARN it"}, {"馬鹿", "馬・鹿"}, {"a b c*", "a b c"}, {"ß", "SS"}, {"\xff", "\xff"}, {"か\u3099", "が"}, {"א\u05b0", "\u05b0"}, {"가", "가"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, list, text string) {
		plain := Plain(text)
		if !utf8.ValidString(plain) || plain != "" && (plain[0] != ' ' || plain[len(plain)-1] != ' ' || strings.Contains(plain, "  ")) {
			t.Fatalf("Plain(%q) = %q", text, plain)
		}
		tokens := Tokens(plain)
		if len(tokens) > MaxTokens {
			t.Errorf("%d tokens", len(tokens))
		}
		seen := map[string]bool{}
		for _, token := range tokens {
			if seen[token] || token == "" || !strings.Contains(plain, token) || utf8.RuneCountInString(token) > maxToken {
				t.Errorf("the token %q of %q", token, plain)
			}
			seen[token] = true
		}
		w, bad := Compile(list)
		if bad != "" {
			return
		}
		for _, found := range w.Find(plain, 5) {
			if !strings.Contains(list, found) {
				t.Errorf("%q is not in %q", found, list)
			}
		}
		for line := range strings.SplitSeq(list, "\n") {
			if _, only := Compile(line); only != "" || strings.HasPrefix(strings.TrimSpace(line), "#") || strings.TrimSpace(line) == "" {
				continue
			}
			if len(w.Find(Plain(strings.TrimSuffix(strings.TrimSpace(line), "*")), 5)) == 0 {
				t.Errorf("%q is in the list and is not found alone", line)
			}
		}
	})
}
