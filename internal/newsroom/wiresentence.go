package newsroom

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kawaraban/internal/page"
	"kawaraban/internal/topic"
	"kawaraban/internal/wire"
)

// RuleNames are what a sentence about a rule calls sources and sections, by their ids.
type RuleNames struct{ Sources, Sections map[string]string }

func named(names map[string]string, id string) string {
	if n := names[id]; n != "" {
		return n
	}
	return id
}

// RuleSentence is a rule of the wire as a sentence: "From AFP, in English, between 22:00
// and 06:00 → hold".
func RuleSentence(w *page.Language, r wire.DeskRule, names RuleNames) string {
	when := strings.Join(ruleWhen(w, r.When, names), w.Say("rules.and"))
	if when == "" {
		when = w.Say("rules.everything")
	}
	return capital(when) + " → " + strings.Join(ruleThen(w, r.Then, names), w.Say("rules.and"))
}

// capital is a sentence that begins as one.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// ruleWhen says the conditions of a rule, one by one.
func ruleWhen(w *page.Language, when wire.When, names RuleNames) (parts []string) {
	add := func(key string, list []string, say func(string) string) {
		if len(list) == 0 {
			return
		}
		words := ""
		for i, s := range list {
			if s = say(s); i == 0 {
				words = s
			} else {
				words = w.Say("rules.or", words, s)
			}
		}
		parts = append(parts, w.Say(key, words))
	}
	plain := func(s string) string { return s }
	quoted := func(s string) string { return w.Say("rules.quoted", s) }
	add("rules.is.source", when.Sources, func(id string) string { return named(names.Sources, id) })
	add("rules.is.product", when.Products, plain)
	add("rules.is.category", when.Categories, plain)
	add("rules.is.topic", when.Topics, func(code string) string { return topicWord(w, code) })
	add("rules.is.place", when.Places, plain)
	add("rules.is.language", when.Languages, func(code string) string { return languageWord(w, code) })
	add("rules.is.word", when.Words, quoted)
	add("rules.is.signal", when.Signals, plain)
	add("rules.is.genre", when.Genres, plain)
	switch u := when.Urgency; {
	case u == wire.Span{}:
	case u.From == u.To:
		parts = append(parts, w.Say("rules.is.urgency", strconv.Itoa(u.From)))
	default:
		parts = append(parts, w.Say("rules.is.urgencies", strconv.Itoa(u.From), strconv.Itoa(u.To)))
	}
	add("rules.is.day", when.Hours.Days, func(day string) string { return dayWord(w, day) })
	if when.Hours.From != "" {
		parts = append(parts, w.Say("rules.is.hours", when.Hours.From, when.Hours.To))
	}
	return parts
}

// ruleThen says what a rule does.
func ruleThen(w *page.Language, a wire.Actions, names RuleNames) (parts []string) {
	if a.Do != wire.Sort {
		parts = append(parts, doWord(w, a.Do))
	}
	if a.Section != "" {
		parts = append(parts, w.Say("rules.does.section", named(names.Sections, a.Section)))
	}
	if len(a.Topics) > 0 {
		var words []string
		for _, t := range a.Topics {
			words = append(words, topicWord(w, t))
		}
		parts = append(parts, w.Say("rules.does.topics", strings.Join(words, ", ")))
	}
	if a.Weight > 0 {
		parts = append(parts, w.Say("rules.does.weight", strconv.Itoa(a.Weight)))
	}
	switch a.Alert {
	case wire.DraftAlert:
		parts = append(parts, w.Say("rules.does.draft"))
	case wire.SendAlert:
		parts = append(parts, w.Say("rules.does.send"))
	}
	return parts
}

func doWord(w *page.Language, do wire.Do) string {
	switch do {
	case wire.Release:
		return w.Say("rules.does.publish")
	case wire.Retain:
		return w.Say("rules.does.hold")
	case wire.Drop:
		return w.Say("rules.does.drop")
	}
	return w.Say("rules.does.sort")
}

// topicWord is how people see a topic by its entry or its code.
func topicWord(w *page.Language, s string) string {
	if t := topic.Load().Known(s); t != nil {
		return t.Word(w.Tag.String())
	}
	return topic.Load().Word(s, w.Tag.String())
}

func dayWord(w *page.Language, day string) string {
	at := slices.Index(wire.Days(), day) // from Monday on
	if at < 0 {
		return day
	}
	return weekday(w, time.Weekday((at+1)%7))
}

// ruledWord says which rule has decided about a version, or has sorted it, "" where none
// has.
func ruledWord(w *page.Language, decision wire.Decision, reason string, r wire.Ruling) string {
	by := func(key string) string { return w.Say(key, r.By.Number, r.By.Name) }
	switch {
	case r.Held(reason):
		return by("rules.held")
	case r.Spared(reason):
		return by("rules.spared")
	case decision == wire.Dropped:
		return by("rules.dropped")
	case r.Do == wire.Release && (decision == wire.Released || decision == wire.Updated || decision == wire.Embargoed):
		return by("rules.published")
	case r.Do == wire.Sort && len(r.Sorted) > 0:
		var all []string
		for _, n := range r.Sorted {
			all = append(all, w.Say("rules.one", n.Number, n.Name))
		}
		return w.Say("rules.sorted", strings.Join(all, ", "))
	}
	return ""
}
