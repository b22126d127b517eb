package reader

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/ccojocar/zxcvbn-go/data"
	"golang.org/x/text/unicode/norm"
)

// How many guesses a password costs is found as zxcvbn does (Wheeler, USENIX
// Security 2016): it is cut into the parts that a guesser tries, words, rows of
// keys, repeats, dates, so that all of them together cost the least. We use the
// word lists of zxcvbn-go and not its code, which reads them at the start of
// every command, a tenth of a second, and takes minutes for a hostile password:
// here each letter begins at most as many parts as the longest word has letters.

const (
	longestWord  = 24 // letters of a word in the lists
	longestBlock = 16 // letters of what is repeated
	partBits     = 1  // what each further part costs beside its own guesses
	leetBits     = 1  // what it costs to try the usual figures for letters
)

// words are the lists of a guesser: each word with its place.
type words map[string]int32

// lists are read when the first password is chosen.
var lists = sync.OnceValue(func() words {
	all := words{}
	for _, name := range []string{"Passwords", "English", "MaleNames", "FemaleNames", "Surnames"} {
		var list struct{ List []string }
		if err := json.Unmarshal(data.MustAsset("data/"+name+".json"), &list); err != nil {
			panic("reader: the word list " + name + ": " + err.Error()) // it is part of the program
		}
		for i, w := range list.List {
			all.add(strings.ToLower(w), int32(i+1))
		}
	}
	for i, w := range strings.Fields(oftenHere) {
		all.add(w, int32(i+1))
	}
	return all
})

// oftenHere are words that the lists, which are of the year 2012 and American,
// do not have and everybody uses.
const oftenHere = `corona covid lockdown bitcoin instagram whatsapp tiktok netflix youtube discord minecraft fortnite iphone android
	sakura doraemon pikachu pokemon totoro naruto nippon nihon tokyo osaka kyoto hokkaido fujisan konnichiwa arigato aishiteru daisuki
	zeitung journal journaliste journalist reporter newspaper newsroom newsletter redaktion editor publisher kawaraban
	passwort passwort1 motdepasse contrasena mima pasuwado himitsu geheim secret1 changeme letmein welcome admin administrator
	qwertyuiop asdfghjkl zxcvbnm qazwsx qazwsxedc 1qaz2wsx 1q2w3e4r azertyuiop qwertzuiop yxcvbnm`

func (w words) add(word string, place int32) {
	if n := len(word); n > longestWord*utf8.UTFMax {
		return
	}
	if before, ok := w[word]; !ok || place < before {
		w[word] = place
	}
}

// keys are rows of a keyboard, there and back.
var keys = []string{
	"qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
	"1234567890", "!@#$%^&*()", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp",
	"poiuytrewq", "lkjhgfdsa", "mnbvcxz", "0987654321", "147258369", "789456123",
}

// A guess is what it takes to find a password.
type guess struct {
	bits float64 // twice as many guesses for each
	kind part    // the cheapest sort of what stands in it
}

// A part is a sort of thing that guessers try.
type part int

const (
	letters part = iota // nothing that one could know
	word
	row    // of keys, of letters, of figures, or a date
	repeat // of what stands before
	own    // a word that has to do with the account
)

// guessesOf returns what it takes to find pw for somebody who knows own words of
// the account.
func guessesOf(pw string, known []string) guess {
	s := []rune(norm.NFKC.String(pw))
	s = s[:min(len(s), maxPassword)] // a letter may come apart into eighteen
	b := &book{s: s, readings: readingsOf(s), own: words{}}
	b.small = b.readings[0].s
	for _, k := range known {
		for _, w := range strings.FieldsFunc(strings.ToLower(norm.NFKC.String(k)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
			if utf8.RuneCountInString(w) >= 3 {
				b.own[w] = 1
			}
		}
	}
	b.find()
	return b.cheapest(0, len(s), true)
}

// A book is a password with the parts that begin at each of its letters.
type book struct {
	s        []rune
	small    []rune    // s in small letters
	readings []reading // small, and then with figures read as letters
	own      words
	parts    [][]cut
}

// A cut is a part from the letter that it stands at.
type cut struct {
	length int
	bits   float64
	kind   part
}

// leet is what figures and signs are read as. There are two readings of 1.
var leet = map[rune]rune{'4': 'a', '@': 'a', '8': 'b', '(': 'c', '3': 'e', '€': 'e', '6': 'g', '9': 'g', '!': 'i', '1': 'i', '|': 'l', '0': 'o', '$': 's', '5': 's', '+': 't', '7': 't', '2': 'z'}

// A reading is a text of which any part can be taken, there and back, without
// copying it: hostile passwords have very many parts.
type reading struct {
	s           []rune
	there, back string
	at, turned  []int // where each letter begins in there and in back
}

func newReading(s []rune) reading {
	r := reading{s: s}
	var there, back strings.Builder
	for i := range s {
		r.at, r.turned = append(r.at, there.Len()), append(r.turned, back.Len())
		there.WriteRune(s[i])
		back.WriteRune(s[len(s)-1-i])
	}
	r.there, r.back = there.String(), back.String()
	r.at, r.turned = append(r.at, len(r.there)), append(r.turned, len(r.back))
	return r
}

func (r reading) word(at, n int) string { return r.there[r.at[at]:r.at[at+n]] }

func (r reading) backwards(at, n int) string {
	from := len(r.s) - at - n
	return r.back[r.turned[from]:r.turned[from+n]]
}

// readingsOf returns s in small letters and, if it has figures, as letters.
func readingsOf(s []rune) (list []reading) {
	small, i, l := make([]rune, len(s)), make([]rune, len(s)), make([]rune, len(s))
	figures, ones := false, false
	for n, r := range s {
		small[n] = unicode.ToLower(r)
		i[n], l[n] = small[n], small[n]
		if as, ok := leet[r]; ok {
			i[n], l[n], figures = as, as, true
		}
		if r == '1' {
			l[n], ones = 'l', true
		}
	}
	list = append(list, newReading(small))
	if figures {
		list = append(list, newReading(i))
	}
	if ones {
		list = append(list, newReading(l))
	}
	return list
}

func (b *book) find() {
	b.parts = make([][]cut, len(b.s))
	all := lists()
	for at := range b.s {
		for n := 3; n <= longestWord && at+n <= len(b.s); n++ {
			b.word(all, at, n)
		}
		b.row(at)
		b.date(at)
	}
	b.repeats()
}

// word looks whether n letters are a word, in one of its readings.
func (b *book) word(all words, at, n int) {
	for i, r := range b.readings {
		if i > 0 && r.word(at, n) == b.readings[0].word(at, n) {
			continue // looked at already
		}
		kind, bits := word, 0.0
		switch text, turned := r.word(at, n), r.backwards(at, n); {
		case b.own[text] > 0:
			kind = own
		case b.own[turned] > 0:
			kind, bits = own, 1
		case all[text] > 0:
			bits = math.Log2(float64(all[text]))
		case all[turned] > 0:
			bits = math.Log2(float64(all[turned])) + 1
		default:
			continue
		}
		if i > 0 {
			bits += leetBits
		}
		if !slices.Equal(b.s[at:at+n], b.small[at:at+n]) { // capitals
			bits++
		}
		b.parts[at] = append(b.parts[at], cut{n, bits + 1, kind})
		return
	}
}

// row looks for letters or figures in their order, and for keys side by side.
func (b *book) row(at int) {
	small := b.small[at:]
	n := 1
	for step := rune(0); n < len(small); n++ {
		d := small[n] - small[n-1]
		if n == 1 {
			step = d
		}
		if d != step || d != 1 && d != -1 {
			break
		}
	}
	if n >= 3 {
		b.parts[at] = append(b.parts[at], cut{n, 4 + math.Log2(float64(n)), row})
	}
	for _, k := range keys {
		i := strings.IndexRune(k, small[0])
		if i < 0 {
			continue
		}
		n := 0
		for _, r := range k[i:] {
			if n == len(small) || small[n] != r {
				break
			}
			n++
		}
		if n >= 3 {
			b.parts[at] = append(b.parts[at], cut{n, 5 + math.Log2(float64(n)), row})
		}
	}
}

// date looks for a year, and for the figures of a day.
func (b *book) date(at int) {
	figures, n := 0, 0
	for n < len(b.s)-at && n < 10 {
		if r := b.s[at+n]; r >= '0' && r <= '9' {
			figures++
		} else if n == 0 || !strings.ContainsRune("-/. ", r) {
			break
		}
		n++
		if n == 4 && figures == 4 && (b.s[at] == '1' && b.s[at+1] == '9' || b.s[at] == '2' && b.s[at+1] == '0') {
			b.parts[at] = append(b.parts[at], cut{4, 7, row})
		}
		if figures == 6 || figures == 8 {
			b.parts[at] = append(b.parts[at], cut{n, 15, row})
		}
	}
}

// repeats looks for what stands there twice or more.
func (b *book) repeats() {
	for block := 1; block <= longestBlock; block++ {
		same := 0 // letters from here on that stand there once more, block further
		for at := len(b.s) - block - 1; at >= 0; at-- {
			if b.small[at] == b.small[at+block] {
				same++
			} else {
				same = 0
			}
			// Only where the repeat begins, and so once for each: within it the
			// cut at its first letter is the one that counts.
			if same >= block && (block > 1 || same >= 2) && (at == 0 || b.small[at-1] != b.small[at-1+block]) {
				times := 1 + same/block
				once := b.cheapest(at, at+block, false)
				b.parts[at] = append(b.parts[at], cut{block * times, once.bits + math.Log2(float64(times)), repeat})
			}
		}
	}
}

// cheapest is what it takes to guess the letters from begin to end. The parts
// after the first cost what it takes to try them in this order, too.
func (b *book) cheapest(begin, end int, whole bool) guess {
	least := make([]guess, end-begin+1) // up to each letter
	for i := range least[1:] {
		least[i+1].bits = math.Inf(1)
	}
	try := func(from, to int, bits float64, kind part) {
		g := least[from]
		if from > 0 && kind != letters {
			bits += partBits
		}
		g.bits += bits
		g.kind = max(g.kind, kind)
		if g.bits < least[to].bits {
			least[to] = g
		}
	}
	for at := begin; at < end; at++ {
		i := at - begin
		try(i, i+1, letterBits(b.s[at]), letters)
		for _, c := range b.parts[at] {
			if at+c.length <= end && (whole || c.kind != repeat) {
				try(i, i+c.length, c.bits, c.kind)
			}
		}
	}
	return least[end-begin]
}

// letterBits is what a letter costs that nothing is known of.
func letterBits(r rune) float64 {
	switch {
	case r >= '0' && r <= '9':
		return 3.3
	case r < 0x80:
		return 4.7
	case r >= 0x3400: // Chinese characters and all that comes after them
		return 8
	default:
		return 5.5
	}
}
