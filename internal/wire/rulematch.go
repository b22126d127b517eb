package wire

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kawaraban/internal/topic"
)

// A ruleBook is a set of rules made ready, so that an item costs some look-ups and one
// walk over its text, however many rules there are. It is never changed.
type ruleBook struct {
	version int64
	author  string // who has made it live
	rules   []readyRule
	words   map[string]bool // single words that any rule looks for
	reads   bool            // some rule looks into texts
}

// A readyRule is a rule with its conditions folded as items are.
type readyRule struct {
	DeskRule
	number  int // from 1, as people count
	sources map[string]bool
	lists   []readyList
	langs   []string
	words   []string // single words, to be found among those of the text
	phrases []string // more than one, or in a script without spaces
	days    [7]bool  // by time.Weekday
	from    int
	to      int
	hours   bool
}

// A readyList is one condition that an item fits by having one of its values.
type readyList struct {
	kind   kind
	values map[string]bool
}

// A kind is which of an item's values a condition is about.
type kind int

const (
	ofProduct kind = iota
	ofCategory
	ofTopic
	ofPlace
	ofSignal
	ofGenre
	kindCount
)

// book makes rules ready. It holds for any rules, also such as Check refuses: what cannot
// be read fits nothing.
func (rs Rules) book(version int64) *ruleBook {
	b := &ruleBook{version: version, words: map[string]bool{}}
	for i, r := range rs {
		if r.Off {
			continue
		}
		ready := readyRule{DeskRule: r, number: i + 1}
		if len(r.When.Sources) > 0 {
			ready.sources = set(r.When.Sources, func(s string) string { return s })
		}
		for kind, list := range map[kind][]string{
			ofProduct: r.When.Products, ofCategory: r.When.Categories, ofPlace: r.When.Places, ofSignal: r.When.Signals, ofGenre: r.When.Genres,
		} {
			if len(list) > 0 {
				fold := squashCode
				if kind == ofPlace {
					fold = foldWords
				}
				ready.lists = append(ready.lists, readyList{kind, set(list, fold)})
			}
		}
		if len(r.When.Topics) > 0 {
			ready.lists = append(ready.lists, readyList{ofTopic, set(r.When.Topics, topicCode)})
		}
		for _, l := range r.When.Languages {
			ready.langs = append(ready.langs, strings.ToLower(strings.TrimSpace(l)))
		}
		b.look(&ready)
		ready.clock()
		b.rules = append(b.rules, ready)
	}
	return b
}

// look makes the words of a rule ready.
func (b *ruleBook) look(r *readyRule) {
	for _, w := range r.When.Words {
		w = foldWords(w)
		switch {
		case w == "":
		case unspaced(w):
			r.phrases = append(r.phrases, w)
		case strings.Contains(w, " "):
			r.phrases = append(r.phrases, " "+w+" ")
		default:
			r.words = append(r.words, w)
			b.words[w] = true
		}
	}
	b.reads = b.reads || len(r.When.Words) > 0
}

// clock makes the hours of a rule ready.
func (r *readyRule) clock() {
	h := r.When.Hours
	r.hours = len(h.Days) > 0 || h.From != "" || h.To != ""
	for i, day := range Days() {
		r.days[(i+1)%7] = len(h.Days) == 0 || slices.Contains(h.Days, day)
	}
	r.to = 24 * 60
	if h.From == "" && h.To == "" {
		return
	}
	from, ok := minute(h.From)
	to, also := minute(h.To)
	if !ok || !also {
		r.days = [7]bool{} // never
		return
	}
	if r.from, r.to = from, to; to <= from {
		r.to += 24 * 60
	}
}

// open reports whether the rule holds at a time by the clock on the wall. A span that goes
// over midnight belongs to the day on which it begins. The clock is what counts when it is
// put forward or back: an hour that comes twice is twice in it, one that is left out never.
func (r *readyRule) open(at time.Time) bool {
	if !r.hours {
		return true
	}
	day := at.Weekday()
	now := at.Hour()*60 + at.Minute()
	yesterday := (day + 6) % 7
	return r.days[day] && now >= r.from && now < r.to || r.days[yesterday] && now+24*60 < r.to
}

// set is a list as folded values.
func set(list []string, fold func(string) string) map[string]bool {
	values := make(map[string]bool, len(list))
	for _, s := range list {
		if s = fold(s); s != "" {
			values[s] = true
		}
	}
	return values
}

// squashCode is a code or a name as rules compare it.
func squashCode(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// facts are what rules ask of an item, each found out when a rule first asks.
type facts struct {
	it    *Item
	lists [kindCount]map[string]bool
	text  string          // folded, with a space at both ends
	words map[string]bool // those of the text that rules look for
}

// rule says what the rules say of an item of a source, at a time by the paper's clock. A
// language is that of items that name none.
func (b *ruleBook) rule(src Source, it *Item, lang string, at time.Time) Ruling {
	r := Ruling{Version: b.version}
	f := &facts{it: it}
	for i := range b.rules {
		rule := &b.rules[i]
		if !rule.fits(b, f, src, lang, at) {
			continue
		}
		n := Named{rule.number, rule.Name}
		r.sort(rule.Then)
		if rule.Then.Do != Sort {
			r.Do, r.By = rule.Then.Do, n
			return r
		}
		r.Sorted = append(r.Sorted, n)
	}
	return r
}

// sort adds what a rule does beside deciding.
func (r *Ruling) sort(a Actions) {
	r.Section = orElse(r.Section, a.Section)
	if r.Weight == 0 {
		r.Weight = a.Weight
	}
	if r.Alert == NoAlert {
		r.Alert = a.Alert
	}
	for _, t := range a.Topics {
		if !slices.Contains(r.Topics, t) {
			r.Topics = append(r.Topics, t)
		}
	}
}

// fits reports whether all that a rule asks for is so; what is cheap is asked first.
func (r *readyRule) fits(b *ruleBook, f *facts, src Source, lang string, at time.Time) bool {
	if r.sources != nil && !r.sources[src.ID] || !r.open(at) {
		return false
	}
	if u := r.When.Urgency; u != (Span{}) && (f.it.Urgency == 0 || f.it.Urgency < u.From || f.it.Urgency > u.To) {
		return false
	}
	if len(r.langs) > 0 {
		spoken := strings.ToLower(orElse(f.it.Language, lang))
		if !slices.ContainsFunc(r.langs, func(l string) bool { return spoken == l || strings.HasPrefix(spoken, l+"-") }) {
			return false
		}
	}
	for _, l := range r.lists {
		if !meet(f.of(l.kind), l.values) {
			return false
		}
	}
	return len(r.When.Words) == 0 || r.says(b, f)
}

// says reports whether one of the rule's words is in headline or text.
func (r *readyRule) says(b *ruleBook, f *facts) bool {
	f.read(b)
	if slices.ContainsFunc(r.words, func(w string) bool { return f.words[w] }) {
		return true
	}
	return slices.ContainsFunc(r.phrases, func(p string) bool { return strings.Contains(f.text, p) })
}

func meet(a, b map[string]bool) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for v := range a {
		if b[v] {
			return true
		}
	}
	return false
}

// of are the item's values of a kind.
func (f *facts) of(k kind) map[string]bool {
	if f.lists[k] != nil {
		return f.lists[k]
	}
	values := map[string]bool{}
	codes := func(list []string) {
		for _, s := range list {
			values[squashCode(s)] = true
			values[local(s)] = true
		}
	}
	switch k {
	case ofProduct:
		codes(f.it.Products)
	case ofCategory:
		codes(f.it.Subjects)
	case ofGenre:
		codes(f.it.Genres)
	case ofSignal:
		codes(f.it.Signals)
		values[changeOf(Item{Signals: f.it.Signals})] = true
		if f.it.Urgency == 1 || f.it.Urgency == 2 {
			values["flash"] = true
		}
	case ofTopic:
		v := topic.Load()
		for _, s := range f.it.Subjects {
			for _, t := range v.Path(v.Known(s)) {
				values[t.Code] = true
			}
		}
	case ofPlace:
		for _, s := range append([]string{f.it.Dateline}, f.it.Places...) {
			values[foldWords(s)] = true
			for part := range strings.SplitSeq(s, ",") {
				values[foldWords(part)] = true
			}
		}
	}
	delete(values, "")
	f.lists[k] = values
	return values
}

// read folds the text, once, and finds in it the words that rules look for.
func (f *facts) read(b *ruleBook) {
	if f.words != nil {
		return
	}
	f.text = " " + foldWords(f.it.Headline+"\n"+f.it.Standfirst+"\n"+f.it.Body.Text()) + " "
	f.words = map[string]bool{}
	for w := range strings.FieldsSeq(f.text) {
		if b.words[w] {
			f.words[w] = true
		}
	}
}

// foldWords is a text as rules read it: without case, accents, width and punctuation, its
// words one space apart. What Japanese writes above its signs makes other signs and stays.
func foldWords(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range norm.NFKD.String(s) {
		switch {
		case r < utf8.RuneSelf: // most of most texts
			letter := 'a' <= r && r <= 'z' || '0' <= r && r <= '9'
			if 'A' <= r && r <= 'Z' {
				r, letter = r+'a'-'A', true
			}
			if letter && gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			if gap = !letter; letter {
				b.WriteByte(byte(r))
			}
		case unicode.Is(unicode.Mn, r) && r < 0x3000:
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			switch r = unicode.ToLower(r); r {
			case 'ß':
				b.WriteString("ss")
			case 'æ':
				b.WriteString("ae")
			case 'œ':
				b.WriteString("oe")
			case 'ø':
				b.WriteByte('o')
			case 'ł':
				b.WriteByte('l')
			case 'đ':
				b.WriteByte('d')
			case 'ı':
				b.WriteByte('i')
			default:
				b.WriteRune(r)
			}
		default:
			gap = true
		}
	}
	return b.String()
}

// unspaced reports whether a word has signs of a script that puts no spaces between words.
func unspaced(w string) bool {
	return strings.ContainsFunc(w, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	})
}
