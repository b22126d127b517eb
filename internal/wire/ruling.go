package wire

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A Ruling is what the rules of the desk say of an item, and which of them. It is stored
// with the item, so that it can be told for ever and a late picture changes nothing. The
// zero Ruling leaves all to the source's own rule.
type Ruling struct {
	Version int64    `json:"version"`          // of the rules
	Do      Do       `json:"do,omitempty"`     // Sort: no rule has decided
	By      Named    `json:"by,omitzero"`      // the rule that has decided
	Sorted  []Named  `json:"sorted,omitempty"` // the rules that have sorted
	Section string   `json:"section,omitempty"`
	Topics  []string `json:"topics,omitempty"`
	Weight  int      `json:"weight,omitempty"`
	Alert   Alerting `json:"alert,omitempty"`
}

// An Alert is a news alert that a rule asks for: of which story, and who has made the rule
// live.
type Alert struct{ Source, Story, Article, Who string }

// Named is a rule as it is told: by its number, from 1, and its name.
type Named struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
}

func (n Named) String() string { return fmt.Sprintf("rule %d, “%s”", n.Number, n.Name) }

// Ruled reports whether a rule has said anything.
func (r Ruling) Ruled() bool { return r.By.Number > 0 || len(r.Sorted) > 0 }

// stored is a ruling as a row has it.
func (r Ruling) stored() string {
	if !r.Ruled() {
		return ""
	}
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts and numbers
	}
	return string(b)
}

// ruling reads what stored has written. What cannot be read any more says nothing: it is
// told, and decides nothing.
func ruling(stored string) (r Ruling) {
	if stored == "" || json.Unmarshal([]byte(stored), &r) != nil {
		return Ruling{}
	}
	return r
}

// says is what an editor is told of an item that a rule has held or dropped.
func (r Ruling) says() string {
	if r.Do == Drop {
		return fmt.Sprintf("Dropped by %s.", r.By)
	}
	return fmt.Sprintf("Held by %s.", r.By)
}

// dropsNothing is said where a rule drops what the paper has already.
func (r Ruling) dropsNothing() string {
	return fmt.Sprintf("It would be dropped by %s, and the paper has this story already.", r.By)
}

// judge says why an item waits for an editor, "" when it does not. What is forbidden comes
// first; then the rules of the desk; then the source's own.
func judge(src Source, it *Item, r Ruling) string {
	reason := forbids(src, it)
	switch {
	case reason != "" && it.Status != Usable:
		return reason
	case r.Do == Retain:
		return r.says()
	case r.Do == Drop:
		return r.dropsNothing()
	case r.Do == Sort && src.Publish != Auto && (reason == "" || it.LowTrust):
		return HeldByRule
	}
	return reason
}

// forbids says why an item is never published by itself, whatever its source's rule and
// the rules of the desk say, "" when they may decide. It is the one place for that: no
// rule is read here, and nothing publishes without asking it. What depends on the story
// (a kill, an embargo, an editor's own words) release and update see to.
func forbids(src Source, it *Item) string {
	switch unknown := it.unknownSignals(); {
	case it.Status != Usable && (it.RawStatus == "" || statusOf(it.RawStatus) == Usable || local(it.RawStatus) == "embargoed"):
		// We hold it ourselves, and have said why in the last line to editors.
		return orElse(it.Advisory[strings.LastIndexByte(it.Advisory, '\n')+1:], "It is for an editor to release.")
	case it.Status != Usable:
		return fmt.Sprintf("The agency calls its status %q, which we do not know.", it.RawStatus)
	case it.noNews():
		return "The AP does not signal that this is news content."
	case len(unknown) > 0:
		return fmt.Sprintf("It signals %q, which we do not know.", unknown[:min(len(unknown), toldSignals)])
	case it.Format == "mail":
		return mailTrust
	case it.LowTrust && !src.Feeds:
		return "Entries of open feeds are held for an editor."
	}
	return ""
}

// topics are those of an item with those that rules add, which come first: a desk that
// adds a tag wants to find it.
func (r Ruling) topics(of []string) []string {
	all := slices.Clone(r.Topics)
	for _, t := range of {
		if !slices.Contains(all, t) && len(all) < maxTopics {
			all = append(all, t)
		}
	}
	return all
}

// toldSignals is how many unknown signals are told; the others are among the item's.
const toldSignals = 5

// noNews reports whether an item is the AP's and does not say that it is news content: its
// advisories and daybooks come the same way.
func (it *Item) noNews() bool {
	said := slices.ContainsFunc(it.Signals, func(s string) bool { return local(s) == "newscontent" })
	theirs := it.Format == "ap" || slices.ContainsFunc(it.Signals, func(s string) bool { return strings.HasPrefix(strings.ToLower(s), "apsig:") })
	return theirs && !said
}

// unknownSignals are those of an item that we do not know. A signal asks for special
// handling (NewsML-G2, and ninjs after it), so one that we do not know is for a person.
// The AP and the dpa have their own, which are read with their formats; what is called a
// signal in text wires and NewsML 1 are words of ours.
func (it *Item) unknownSignals() (unknown []string) {
	if it.Format != "newsml-g2" && !strings.HasPrefix(it.Format, "ninjs-") {
		return nil
	}
	for _, s := range it.Signals {
		if !harmless(s) {
			unknown = append(unknown, s)
		}
	}
	return unknown
}

// harmless reports whether a signal asks for nothing that we would not do anyway: it says
// what has changed, how a delivery was sorted, or what is in it.
func harmless(signal string) bool {
	word, scheme := local(signal), ""
	if i := strings.LastIndexAny(signal, ":/#"); i >= 0 {
		scheme = local(signal[:i])
	}
	switch scheme {
	case "edstat": // Reuters: new, update, correction; "d" goes with a kill
		return word == "n" || word == "u" || word == "c"
	case "apaind", "pmt", "prodid", "sic", "update": // what is in it, of which product, and how it has grown
		return true
	case "apsig":
		switch word {
		case "newscontent", "newsroomready", "consumerready", "apwhollyowned", "whitelisted", "singlesource", "derived", "derivedlatest", "isnotdigitized":
			return true
		}
		return false
	}
	switch word {
	case "update", "correction", "repeat", "routing", "atomic":
		return true
	}
	return false
}

// Held reports whether a rule, and nothing else, is the reason why an item is held.
func (r Ruling) Held(reason string) bool { return r.Do == Retain && reason == r.says() }

// Spared reports whether an item is held because a rule would drop it, and the paper has
// its story.
func (r Ruling) Spared(reason string) bool { return r.Do == Drop && reason == r.dropsNothing() }

// Tells reports whether a reason is the ruling itself, which is told in words of its own.
func (r Ruling) Tells(reason string) bool {
	return r.Held(reason) || r.Spared(reason) || r.Do == Drop && reason == r.says()
}
