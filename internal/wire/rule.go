package wire

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"kawaraban/internal/problem"
	"kawaraban/internal/topic"
)

// Do is what a rule of the desk decides about an item.
type Do string

const (
	Sort    Do = ""        // nothing: it sorts, and the rules below it are read too
	Release Do = "publish" // as far as the safety of the wire allows (see forbids)
	Retain  Do = "hold"    // a draft for an editor
	Drop    Do = "drop"    // no article; the item is kept and listed
)

// Dos lists what a rule can decide, in the order in which a form offers it.
func Dos() []Do { return []Do{Sort, Release, Retain, Drop} }

// An Alerting says what a rule does about a news alert when what it holds for is published.
type Alerting string

const (
	NoAlert    Alerting = ""
	DraftAlert Alerting = "draft" // an editor sends it
	SendAlert  Alerting = "send"  // it is sent
)

// Rules are all rules of the desk in their order, over all sources. They are read from
// the top. A rule that sorts is obeyed and the next one is read; the first that publishes,
// holds or drops is the last that is read. Of the sections and weights the first counts,
// topics come together. Where no rule decides, the source's own does.
type Rules []DeskRule

// A DeskRule says what becomes of the items for which its conditions hold.
type DeskRule struct {
	Name string  `json:"name"`
	Off  bool    `json:"off,omitempty"`
	When When    `json:"when,omitzero"`
	Then Actions `json:"then,omitzero"`
}

// When is for which items a rule holds: all that is given must fit, and of a list one
// thing. The zero When is for all.
type When struct {
	Sources    []string `json:"sources,omitempty"`    // ids; names where people read them
	Products   []string `json:"products,omitempty"`   // the agency's product or service
	Categories []string `json:"categories,omitempty"` // the agency's, with or without its scheme
	Topics     []string `json:"topics,omitempty"`     // codes of Media Topics; narrower ones fit too
	Places     []string `json:"places,omitempty"`
	Languages  []string `json:"languages,omitempty"` // "en" fits "en-GB" too
	Urgency    Span     `json:"urgency,omitzero"`
	Words      []string `json:"words,omitempty"` // in headline or text
	Signals    []string `json:"signals,omitempty"`
	Genres     []string `json:"genres,omitempty"`
	Hours      Hours    `json:"hours,omitzero"`
}

// A Span is a range of urgencies, both included. The zero Span is for all, also for items
// without one.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Hours are the times at which a rule holds, by the clock on the paper's wall. The zero
// Hours are always.
type Hours struct {
	Days []string `json:"days,omitempty"` // "mon" to "sun"; none: every day
	From string   `json:"from,omitempty"` // "22:00"; "" with To: all day
	To   string   `json:"to,omitempty"`   // not included; not after From: on the next day
}

// Actions are what a rule does.
type Actions struct {
	Do      Do       `json:"do,omitempty"`
	Section string   `json:"section,omitempty"` // slug
	Topics  []string `json:"topics,omitempty"`  // entries, or tags in the paper's own words
	Weight  int      `json:"weight,omitempty"`  // 1 to 5; 0: by the agency's urgency
	Alert   Alerting `json:"alert,omitempty"`
}

// Days are the days of a week as rules name them.
func Days() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// Limits of a set of rules.
const (
	mostRules    = 200
	mostValues   = 100
	longestValue = 100
	longestName  = 60
	mostTags     = 10
)

// A Fault is what is wrong with a rule, at one of its fields.
type Fault struct {
	Rule   int    // its place, from 0; -1: the rules as a whole
	Field  string // "name", "when.urgency", "then.topics[2]", as in JSON
	Detail string // a sentence
}

// Whereabouts are what rules can name: the sections and sources of the paper.
type Whereabouts struct {
	Sections map[string]bool // by slug
	Sources  map[string]bool // by id
}

// Check returns what is wrong with the rules.
func (rs Rules) Check(known Whereabouts) (faults []Fault) {
	if len(rs) > mostRules {
		return []Fault{{-1, "rules", "There are at most 200 rules. Take some together."}}
	}
	names := map[string]int{}
	for i, r := range rs {
		faults = append(faults, r.check(i, known)...)
		key := foldWords(r.Name)
		if _, twice := names[key]; twice && key != "" {
			faults = append(faults, Fault{i, "name", "Another rule has this name. Choose another."})
		}
		names[key] = i
	}
	return faults
}

func (r DeskRule) check(i int, known Whereabouts) (faults []Fault) {
	wrong := func(field, detail string) { faults = append(faults, Fault{i, field, detail}) }
	if name := oneLine(r.Name, longestName+1); name == "" || utf8.RuneCountInString(name) > longestName {
		wrong("name", "Give the rule a name of at most 60 letters, such as: Sport at night.")
	}
	for field, list := range r.When.lists() {
		if len(list) > mostValues {
			wrong(field, "These are too many. A rule names at most 100 of one sort.")
			continue
		}
		for k, value := range list {
			at := fmt.Sprintf("%s[%d]", field, k)
			if detail := wrongValue(field, value, known); detail != "" {
				wrong(at, detail)
			}
		}
	}
	if u := r.When.Urgency; u != (Span{}) && (u.From < 1 || u.To > 9 || u.From > u.To) {
		wrong("when.urgency", "Urgencies go from 1, the highest, to 9. Write the smaller number first.")
	}
	for field, detail := range r.When.Hours.wrong() {
		wrong(field, detail)
	}
	for field, detail := range r.Then.wrong(known) {
		wrong(field, detail)
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return strings.Compare(a.Field, b.Field) })
	return faults
}

// lists are the conditions that name things, by their fields.
func (w *When) lists() map[string][]string {
	return map[string][]string{
		"when.sources": w.Sources, "when.products": w.Products, "when.categories": w.Categories, "when.topics": w.Topics, "when.places": w.Places,
		"when.languages": w.Languages, "when.words": w.Words, "when.signals": w.Signals, "when.genres": w.Genres,
	}
}

// wrongValue says what is wrong with a thing that a condition names, "" for nothing.
func wrongValue(field, value string, known Whereabouts) string {
	if utf8.RuneCountInString(value) > longestValue || strings.TrimSpace(value) == "" {
		return "What a rule looks for has 1 to 100 letters."
	}
	switch field {
	case "when.sources":
		if !known.Sources[value] {
			return "There is no such wire source."
		}
	case "when.topics":
		if topicCode(value) == "" {
			return "There is no such Media Topic. Choose one from the list."
		}
	case "when.languages":
		if _, err := language.Parse(value); err != nil {
			return "Name a language by its code, such as en, de or ja."
		}
	case "when.words", "when.places":
		if foldWords(value) == "" {
			return "There is no letter or number in it."
		}
	}
	return ""
}

// tidied is the rules as they are kept: without blanks around what is named, and with
// topics by the names that the vocabulary gives them.
func (rs Rules) tidied() Rules {
	out := make(Rules, len(rs))
	for i, r := range rs {
		r.Name = oneLine(r.Name, longestName+1)
		w := &r.When
		for _, list := range []*[]string{&w.Sources, &w.Products, &w.Categories, &w.Topics, &w.Places, &w.Languages, &w.Words, &w.Signals, &w.Genres, &w.Hours.Days, &r.Then.Topics} {
			var kept []string
			for _, s := range *list {
				if s = strings.Join(strings.Fields(s), " "); s != "" && !slices.Contains(kept, s) {
					kept = append(kept, s)
				}
			}
			*list = kept
		}
		for i, t := range w.Topics {
			if code := topicCode(t); code != "" {
				w.Topics[i] = "medtop:" + code
			}
		}
		for i, t := range r.Then.Topics {
			if list := topic.Load().Entries([]string{t}); len(list) > 0 {
				r.Then.Topics[i] = list[0]
			}
		}
		out[i] = r
	}
	return out
}

// topicCode is the code of the Media Topic that somebody means, "" for none.
func topicCode(value string) string {
	v := topic.Load()
	t := v.Read(value)
	if t == nil {
		t = v.Known(value)
	}
	if t == nil {
		return ""
	}
	return t.Code
}

func (h Hours) wrong() map[string]string {
	wrong := map[string]string{}
	for i, day := range h.Days {
		if !slices.Contains(Days(), day) {
			wrong[fmt.Sprintf("when.hours.days[%d]", i)] = "Days are mon, tue, wed, thu, fri, sat and sun."
		}
	}
	const form = "Write times as 22:00 and 06:00, both or neither."
	for field, pair := range map[string][2]string{"when.hours.from": {h.From, h.To}, "when.hours.to": {h.To, h.From}} {
		if _, ok := minute(pair[0]); !ok && (pair[0] != "" || pair[1] != "") {
			wrong[field] = form
		}
	}
	return wrong
}

// minute reads "22:30" as the minutes of a day.
func minute(clock string) (int, bool) {
	t, err := time.Parse("15:04", clock)
	if err != nil || len(clock) != 5 {
		return 0, false
	}
	return t.Hour()*60 + t.Minute(), true
}

func (a Actions) wrong(known Whereabouts) map[string]string {
	wrong := map[string]string{}
	switch {
	case !slices.Contains(Dos(), a.Do):
		wrong["then.do"] = "A rule publishes, holds or drops, or it only sorts."
	case a.Do == Sort && a.Section == "" && len(a.Topics) == 0 && a.Weight == 0 && a.Alert == NoAlert:
		wrong["then.do"] = "This rule does nothing. Say what it is to do."
	case a.Do == Drop && (a.Section != "" || len(a.Topics) > 0 || a.Weight != 0 || a.Alert != NoAlert):
		wrong["then.do"] = "What is dropped gets no section, no topics, no weight and no alert."
	}
	if a.Section != "" && !known.Sections[a.Section] {
		wrong["then.section"] = "This paper has no such section."
	}
	if len(a.Topics) > mostTags {
		wrong["then.topics"] = "A rule adds at most 10 topics."
	}
	for i, t := range a.Topics {
		if strings.TrimSpace(t) == "" || utf8.RuneCountInString(t) > longestValue {
			wrong[fmt.Sprintf("then.topics[%d]", i)] = "What a rule looks for has 1 to 100 letters."
		}
	}
	if a.Weight < 0 || a.Weight > 5 {
		wrong["then.weight"] = "A weight is a number from 0 to 5."
	}
	if !slices.Contains([]Alerting{NoAlert, DraftAlert, SendAlert}, a.Alert) {
		wrong["then.alert"] = "A news alert is drafted or sent."
	}
	return wrong
}

// wrong makes a Problem of faults: of those of one rule, with its fields. Nil for none.
func wrong(faults []Fault) error {
	if len(faults) == 0 {
		return nil
	}
	p := &problem.Problem{Kind: problem.Invalid, Detail: faults[0].Detail, Fields: map[string]string{}}
	for _, f := range faults {
		field, _, _ := strings.Cut(f.Field, "[")
		if f.Rule == faults[0].Rule && p.Fields[field] == "" {
			p.Fields[field] = f.Detail
		}
	}
	return p
}
