package search

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func said1(list []string) string {
	return strings.Trim(strings.ReplaceAll(strings.Join(list, " "), gap, "|"), " |")
}

func TestWords(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"The Council's votes", "the council vote"},
		{"Élections à Zürich, Straße", "election a zurich strasse"},
		{"ＫＡＷＡＲＡ　ﬁsh", "kawara fish"},
		{"tram-line 3,500", "tram line 3 500"},
		{"O’Brien’s boxes, churches, cities, glass, crisis, bus, news", "o brien box church city glass crisis bus news"},
		{"東京都", "東京 京都 都"},
		{"東京に行く tomorrow", "東京 京に に行 行く く tomorrow"},
		{"ｶﾞﾗｽ ガラス", "ガラ ラス ス ガラ ラス ス"},
		{"はし ばし", "はし し ばし し"},
		{"iPhone発売", "iphone 発売 売"},
		{"한국어", "한국 국어 어"},
		{"שָׁלוֹם", "שלום"},
		{"so\u00adft hy\u200dphen", "soft hyphen"},
		{"🙂 — …", ""},
		{"a\x00b \xff\xfec", "a b c"},
		{"й И", "и и"},
	} {
		if got := said1(words(test.text)); got != test.want {
			t.Errorf("words(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func TestManyWords(t *testing.T) {
	list := held(words(strings.Repeat("の町", 20_000)))
	if len(list) > maxTokens {
		t.Errorf("%d words", len(list))
	}
	longer := held(words(strings.Repeat("the ", maxTokens), "beyond the end", "beyond this"))
	if got := said1(longer[maxTokens:]); got != "beyond | end | this" {
		t.Errorf("of what is too long there is %q", got)
	}
	times := map[string]int{}
	for _, w := range list {
		times[w]++
	}
	if times["の町"] != most {
		t.Errorf("one word stands %d times", times["の町"])
	}
}

// soften puts a soft hyphen after each word of ASCII: it is the same word, and takes
// the longer way.
func soften(text string) string {
	var b strings.Builder
	for i := range len(text) {
		b.WriteByte(text[i])
		if plain(text[i]) && (i+1 == len(text) || !plain(text[i+1])) {
			b.WriteString("\u00ad")
		}
	}
	return b.String()
}

// FuzzAnalyse holds every text to words that both databases keep as they are, with
// places that are whole characters of it.
func FuzzAnalyse(f *testing.F) {
	for _, s := range []string{"The Council's votes", "東京都に行く", "ｶﾞﾗｽ", "a\x00b\xff", "\u0301a\u0301", "ﷺ", "½ ² ①", "'s", "İstanbul ſ ß"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := norm.NFC.String(s)
		if plain, slow := said1(words(text)), said1(words(soften(text))); plain != slow {
			t.Errorf("the words of %q are %q, and %q with what cannot be seen", text, plain, slow)
		}
		for _, k := range analyse(text) {
			if k.word == "" || k.start < 0 || k.end <= k.start || k.end > len(text) {
				t.Fatalf("%q: %+v", text, k)
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[k.start:k.end]) {
				t.Errorf("%q is cut to %q", text, text[k.start:k.end])
			}
			for _, r := range k.word {
				if r < utf8.RuneSelf && !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') || !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) {
					t.Errorf("the word %q of %q has %q", k.word, text, r)
				}
			}
		}
	})
}
