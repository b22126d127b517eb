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
	when := strings.Join(ruleWhen(w, r.When, names), w.Say("wirerules.and"))
	if when == "" {
		when = w.Say("wirerules.everything")
	}
	return capital(when) + " → " + strings.Join(ruleThen(w, r.Then, names), w.Say("wirerules.and"))
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
				words = w.Say("wirerules.or", words, s)
			}
		}
		parts = append(parts, w.Say(key, words))
	}
	plain := func(s string) string { return s }
	quoted := func(s string) string { return w.Say("wirerules.quoted", s) }
	add("wirerules.is.source", when.Sources, func(id string) string { return named(names.Sources, id) })
	add("wirerules.is.product", when.Products, plain)
	add("wirerules.is.category", when.Categories, plain)
	add("wirerules.is.topic", when.Topics, func(code string) string { return topicWord(w, code) })
	add("wirerules.is.place", when.Places, plain)
	add("wirerules.is.language", when.Languages, func(code string) string { return languageWord(w, code) })
	add("wirerules.is.word", when.Words, quoted)
	add("wirerules.is.signal", when.Signals, plain)
	add("wirerules.is.genre", when.Genres, plain)
	switch u := when.Urgency; {
	case u == wire.Span{}:
	case u.From == u.To:
		parts = append(parts, w.Say("wirerules.is.urgency", strconv.Itoa(u.From)))
	default:
		parts = append(parts, w.Say("wirerules.is.urgencies", strconv.Itoa(u.From), strconv.Itoa(u.To)))
	}
	add("wirerules.is.day", when.Hours.Days, func(day string) string { return dayWord(w, day) })
	if when.Hours.From != "" {
		parts = append(parts, w.Say("wirerules.is.hours", when.Hours.From, when.Hours.To))
	}
	return parts
}

// ruleThen says what a rule does.
func ruleThen(w *page.Language, a wire.Actions, names RuleNames) (parts []string) {
	if a.Do != wire.Sort {
		parts = append(parts, doWord(w, a.Do))
	}
	if a.Section != "" {
		parts = append(parts, w.Say("wirerules.does.section", named(names.Sections, a.Section)))
	}
	if len(a.Topics) > 0 {
		var words []string
		for _, t := range a.Topics {
			words = append(words, topicWord(w, t))
		}
		parts = append(parts, w.Say("wirerules.does.topics", strings.Join(words, ", ")))
	}
	if a.Weight > 0 {
		parts = append(parts, w.Say("wirerules.does.weight", strconv.Itoa(a.Weight)))
	}
	switch a.Alert {
	case wire.DraftAlert:
		parts = append(parts, w.Say("wirerules.does.draft"))
	case wire.SendAlert:
		parts = append(parts, w.Say("wirerules.does.send"))
	}
	return parts
}

func doWord(w *page.Language, do wire.Do) string {
	switch do {
	case wire.Release:
		return w.Say("wirerules.does.publish")
	case wire.Retain:
		return w.Say("wirerules.does.hold")
	case wire.Drop:
		return w.Say("wirerules.does.drop")
	}
	return w.Say("wirerules.does.sort")
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
		return by("wirerules.held")
	case r.Spared(reason):
		return by("wirerules.spared")
	case decision == wire.Dropped:
		return by("wirerules.dropped")
	case r.Do == wire.Release && (decision == wire.Released || decision == wire.Updated || decision == wire.Embargoed):
		return by("wirerules.published")
	case r.Do == wire.Sort && len(r.Sorted) > 0:
		var all []string
		for _, n := range r.Sorted {
			all = append(all, w.Say("wirerules.one", n.Number, n.Name))
		}
		return w.Say("wirerules.sorted", strings.Join(all, ", "))
	}
	return ""
}
