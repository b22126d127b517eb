// Package topic knows the IPTC Media Topics, the words with which the news
// industry says what an article is about.
//
// A topic has a code that is never given to another one, and a name that may
// change with a release; so it is the code that is stored. In a list of topics
// that people write and read, a Media Topic is its name followed by its code,
// "animation (medtop:20000003)", and everything else is in the paper's own words.
//
// The vocabulary is embedded. topics.tsv is made from the spreadsheet of the
// mappings of Media Topics, release of 24 October 2023, that the IPTC publishes
// under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/,
// http://cv.iptc.org/newscodes/mediatopic/); a test holds the two against one
// another and makes the file anew from the next release. The Japanese names of
// the broader topics in japanese.tsv are our own.
package topic

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var (
	//go:embed topics.tsv
	table string

	//go:embed japanese.tsv
	japanese string
)

// A Topic is one of the IPTC Media Topics.
type Topic struct {
	Code     string // 8 digits
	Name     string // in British English, the language of the standard
	Parent   string // code of the broader topic; "" for one of the 17 at the top
	Retired  string // the day since which it is not to be chosen any more; "" for one in use
	Subject  string // its code among the older IPTC subject codes, "" for none
	Wikidata string // "Q2018526", "" for none

	japanese string   // our own translation; "" for none
	folded   []string // what it is found by
}

// A Vocabulary is all the topics of one release.
type Vocabulary struct {
	topics   []*Topic // as the standard orders them
	codes    map[string]*Topic
	subjects map[string]*Topic
}

// Load returns the embedded vocabulary, which is read once.
func Load() *Vocabulary { return load() }

var load = sync.OnceValue(func() *Vocabulary {
	v, err := parse(table, japanese)
	if err != nil {
		panic(err) // both files are parts of the program; a test reads them
	}
	return v
})

// parse reads a vocabulary and its Japanese names.
func parse(table, japanese string) (*Vocabulary, error) {
	v := &Vocabulary{codes: map[string]*Topic{}, subjects: map[string]*Topic{}}
	for line := range strings.Lines(table) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 6 || len(f[0]) != codeLength || f[5] == "" {
			return nil, fmt.Errorf("the line %q of the topics is damaged", line)
		}
		t := &Topic{Code: f[0], Parent: f[1], Retired: f[2], Subject: f[3], Wikidata: f[4], Name: f[5], folded: []string{fold(f[5])}}
		v.topics = append(v.topics, t)
		v.codes[t.Code] = t
		if was := v.subjects[t.Subject]; t.Subject != "" && (was == nil || was.Retired != "" && t.Retired == "") {
			v.subjects[t.Subject] = t
		}
	}
	for line := range strings.Lines(japanese) {
		code, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
		t := v.codes[code]
		if t == nil || name == "" {
			return nil, fmt.Errorf("the line %q of the Japanese names is damaged", line)
		}
		t.japanese, t.folded = name, append(t.folded, fold(name))
	}
	return v, nil
}

const codeLength = 8

// Known returns the topic that a source means by a code: one of the Media Topics
// ("medtop:20000003", or its address at the IPTC), or one of the older subject
// codes ("subj:01001000", "01001000"). It is nil for everything else.
func (v *Vocabulary) Known(id string) *Topic {
	id = strings.TrimSpace(id)
	code := id[strings.LastIndexAny(id, ":/")+1:]
	scheme := strings.ToLower(strings.TrimSuffix(id, code))
	media, subject := v.codes[code], v.subjects[code]
	switch {
	case strings.Contains(scheme, "medtop") || strings.Contains(scheme, "mediatopic"):
		return media
	case strings.Contains(scheme, "subj"):
		return subject
	case scheme != "":
		return nil
	case subject != nil: // the two at the top have the same codes
		return subject
	}
	return media
}

// Entries are the topics that a source means by these codes, each once, as they
// stand in a list; codes that are nobody's are left out, and so is what is not to
// be chosen any more.
func (v *Vocabulary) Entries(ids []string) (list []string) {
	for _, id := range ids {
		t := v.Known(id)
		if t != nil && t.Retired == "" && !slices.Contains(list, t.Entry()) {
			list = append(list, t.Entry())
		}
	}
	return list
}

// mark stands between the name and the code of a topic where people read it.
const mark = " (medtop:"

// Entry is the topic as it stands in a list.
func (t *Topic) Entry() string { return t.Name + mark + t.Code + ")" }

// URI is the topic's address in the vocabulary of the IPTC.
func (t *Topic) URI() string { return "http://cv.iptc.org/newscodes/mediatopic/" + t.Code }

// Word is what the topic is called in a language.
func (t *Topic) Word(lang string) string {
	if t.japanese != "" && lang == "ja" {
		return t.japanese
	}
	return t.Name
}

// Read returns the topic of an entry; nil for one in the paper's own words.
func (v *Vocabulary) Read(entry string) *Topic {
	rest, ok := strings.CutSuffix(entry, ")")
	if at := strings.LastIndex(rest, mark); ok && at >= 0 {
		return v.codes[rest[at+len(mark):]]
	}
	return nil
}

// Word is how readers see an entry: by the name that the topic has now, without
// its code.
func (v *Vocabulary) Word(entry, lang string) string {
	if t := v.Read(entry); t != nil {
		return t.Word(lang)
	}
	return entry
}

// Path is the topic with all that are broader, the broadest first.
func (v *Vocabulary) Path(t *Topic) (path []*Topic) {
	for ; t != nil && len(path) < maxDepth; t = v.codes[t.Parent] {
		path = append(path, t)
	}
	slices.Reverse(path)
	return path
}

const maxDepth = 6 // the standard has no more levels

// A match says how well a topic fits what is looked for; more is better.
type match struct {
	topic *Topic
	fits  int
}

// Find returns at most limit topics in use whose names have a word that begins
// with each word of text: first those that are called so, then those that begin
// so, each from the broadest down. Of no text it returns the topics at the top.
func (v *Vocabulary) Find(text string, limit int) (found []*Topic) {
	wanted := fold(text)
	var all []match
	for _, t := range v.topics {
		if t.Retired != "" || wanted == "" && t.Parent != "" {
			continue
		}
		best := 0
		for _, name := range t.folded {
			best = max(best, fits(name, wanted))
		}
		if strings.HasPrefix(t.Code, wanted) && len(wanted) > 3 {
			best = exact
		}
		if best > 0 {
			all = append(all, match{t, best})
		}
	}
	slices.SortStableFunc(all, func(a, b match) int {
		return cmp.Or(b.fits-a.fits, len(v.Path(a.topic))-len(v.Path(b.topic)))
	})
	for _, m := range all[:min(limit, len(all))] {
		found = append(found, m.topic)
	}
	return found
}

const (
	words  = 1 + iota // every word begins a word of the name
	starts            // the name begins so
	exact             // the name is this
)

// fits says how well a folded name fits what is looked for, 0 for not at all.
func fits(name, wanted string) int {
	switch {
	case name == wanted:
		return exact
	case strings.HasPrefix(name, wanted):
		return starts
	}
	for w := range strings.FieldsSeq(wanted) {
		if !strings.Contains(" "+name, " "+w) && (ascii(w) || !strings.Contains(name, w)) {
			return 0
		}
	}
	return words
}

// ascii reports whether w is of a script that has spaces between its words.
func ascii(w string) bool { return w[0] < utf8.RuneSelf }

// fold leaves out what nobody types when he is in a hurry: case, accents,
// punctuation.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r) && r < 0x3000: // Japanese has marks that are no accents
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
