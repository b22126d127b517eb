package network

import (
	"slices"
	"strings"
	"unicode"

	"kawaraban/internal/article"
)

// Shown is how many items the panel has.
const Shown = 6

// offerEvery is the place of the first offer of ours, and how far behind it the next is.
const offerEvery = 3

// mix chooses what the panel shows, in order: what is pinned, then each paper's best in
// turn, so that no two neighbours are of one paper or one category where that can be
// helped, and nothing twice. Offers of ours have places of their own.
func mix(papers [][]PanelItem, offers []PanelItem, r rules) (shown []PanelItem) {
	m := mixer{addresses: map[string]bool{}, titles: map[string]bool{}}
	for _, id := range slices.Backward(r.pins) { // the first that was pinned stands first
		for _, list := range append(slices.Clone(papers), offers) {
			for _, i := range list {
				if i.ID == id && len(m.shown) < Shown {
					i.Pinned = true
					m.take(i)
				}
			}
		}
	}
	queues := make([][]PanelItem, len(papers))
	for n, list := range papers {
		queues[n] = slices.Clone(list)
	}
	turn := 0
	for len(m.shown) < Shown {
		if (len(m.shown)+1)%offerEvery == 0 && len(offers) > 0 {
			i := offers[0]
			if offers = offers[1:]; m.take(i) {
				continue
			}
		}
		if !m.next(queues, &turn) {
			if len(offers) == 0 {
				break
			}
			m.take(offers[0])
			offers = offers[1:]
		}
	}
	return m.shown
}

// A mixer is a panel that is being made.
type mixer struct {
	shown             []PanelItem
	addresses, titles map[string]bool
}

// take adds an item that is not there yet.
func (m *mixer) take(i PanelItem) bool {
	if m.addresses[i.Address] || m.titles[i.folded] {
		return false
	}
	m.addresses[i.Address], m.titles[i.folded] = true, true
	m.shown = append(m.shown, i)
	return true
}

// next takes the best item of the paper whose turn it is, or of the next that has one:
// of another category than its neighbour's, if it has one.
func (m *mixer) next(queues [][]PanelItem, turn *int) bool {
	for range queues {
		n := *turn % len(queues)
		*turn++
		for len(queues[n]) > 0 {
			at := 0
			if len(m.shown) > 0 {
				last := m.shown[len(m.shown)-1].Category
				if other := slices.IndexFunc(queues[n], func(i PanelItem) bool { return i.Category != last || last == "" }); other > 0 && other < offerEvery {
					at = other // not from too far below: the paper's own ranking counts
				}
			}
			i := queues[n][at]
			if queues[n] = slices.Delete(queues[n], at, at+1); m.take(i) {
				return true
			}
		}
	}
	return false
}

// spell gives each category one spelling over all papers: the first that was met, with a
// capital where there was none or nothing else.
func spell(papers ...[]PanelItem) {
	known := map[string]string{}
	for _, list := range papers {
		for n := range list {
			c := list[n].Category
			if c == "" {
				continue
			}
			folded := article.Fold(c)
			if known[folded] == "" {
				known[folded] = cased(c)
			}
			list[n].Category = known[folded]
		}
	}
}

// cased is a category that shouts or whispers in an ordinary voice; EU and UK stay.
func cased(c string) string {
	runes := []rune(c)
	if c == strings.ToUpper(c) && len(runes) > 3 || c == strings.ToLower(c) {
		return string(unicode.ToUpper(runes[0])) + strings.ToLower(string(runes[1:]))
	}
	return c
}
