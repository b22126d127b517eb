package richtext

import (
	"encoding/json"
	"slices"
)

// A unit is what is compared as a whole before its words are: a block, an item
// of a list, a row or a cell of a table.
type unit struct {
	key   string   // equal for equal units only
	kind  Kind     // of what only its like can become
	name  string   // those of one name are one, whatever else they say; "" for none
	words []string // what it says
}

func unitOf(kind Kind, value any, lines ...[]Span) unit {
	key, err := json.Marshal(value)
	if err != nil {
		panic("richtext: a block that is no JSON: " + err.Error()) // only strings, bools and slices of them
	}
	u := unit{key: string(key), kind: kind}
	for _, line := range lines {
		for _, w := range wordsOf(line) {
			if w.says() {
				u.words = append(u.words, w.Text)
			}
		}
	}
	return u
}

func blockUnit(b Block) unit {
	u := unitOf(b.Kind, b, slices.Collect(b.lines)...)
	for _, s := range []string{b.Picture, b.URL, b.Video} {
		if s != "" {
			u.words = append(u.words, s)
		}
	}
	return u
}

func itemUnit(item []Span) unit { return unitOf("", item, item) }

func rowUnit(r Row) unit {
	u := unitOf("", r, r.Cells...)
	if len(r.Cells) > 1 {
		u.name = Plain(r.Cells[0])
	}
	return u
}

func unitsOf[T any](list []T, of func(T) unit) []unit {
	units := make([]unit, len(list))
	for i, t := range list {
		units[i] = of(t)
	}
	return units
}

// alignUnits aligns units. One that became another much like it is a hunk of its
// own, with pair set, and so is each that only went.
func alignUnits(before, after []unit) (list []hunk) {
	keys := func(units []unit) []string {
		out := make([]string, len(units))
		for i, u := range units {
			out[i] = u.key
		}
		return out
	}
	for _, h := range align(keys(before), keys(after)) {
		lo, from := h.lo, h.from
		rest := func(hi, to int) {
			switch {
			case from == to:
				for ; lo < hi; lo++ {
					list = append(list, hunk{lo: lo, hi: lo + 1, from: from, to: to})
				}
			default:
				list = append(list, hunk{lo: lo, hi: hi, from: from, to: to})
			}
		}
		for _, p := range pairs(before[h.lo:h.hi], after[h.from:h.to]) {
			i, j := h.lo+p[0], h.from+p[1]
			rest(i, j)
			list = append(list, hunk{lo: i, hi: i + 1, from: j, to: j + 1, pair: true})
			lo, from = i+1, j+1
		}
		rest(h.hi, h.to)
	}
	return list
}

// pairs finds which unit became which: the words say it. Those that two units
// share are found by comparing the words of all, so that pairs never cross and
// the cost is that of one comparison.
func pairs(before, after []unit) [][2]int {
	if len(before) == 0 || len(after) == 0 {
		return nil
	}
	type word struct {
		kind Kind
		text string
	}
	flatten := func(units []unit) (words []word, owner []int) {
		for i, u := range units {
			for _, w := range u.words {
				words, owner = append(words, word{u.kind, w}), append(owner, i)
			}
		}
		return words, owner
	}
	a, ownerA := flatten(before)
	b, ownerB := flatten(after)
	type candidate struct{ i, j, shared int }
	var found []candidate // in reading order
	x, y := 0, 0
	share := func(end int) { // a[x:end] is b[y:…]
		for ; x < end; x, y = x+1, y+1 {
			i, j := ownerA[x], ownerB[y]
			if n := len(found); n == 0 || found[n-1].i != i || found[n-1].j != j {
				found = append(found, candidate{i: i, j: j})
			}
			found[len(found)-1].shared++
		}
	}
	for _, h := range align(a, b) {
		share(h.lo)
		x, y = h.hi, h.to
	}
	share(len(a))

	slices.SortStableFunc(found, func(p, q candidate) int { return q.shared - p.shared })
	takenA, takenB := make([]bool, len(before)), make([]bool, len(after))
	var out [][2]int
	for _, c := range found {
		if takenA[c.i] || takenB[c.j] {
			continue
		}
		u, v := before[c.i], after[c.j]
		n, m := len(u.words), len(v.words)
		if (u.name == "" || u.name != v.name) && (2*c.shared < min(n, m) || 5*c.shared < max(n, m)) {
			continue
		}
		takenA[c.i], takenB[c.j] = true, true
		out = append(out, [2]int{c.i, c.j})
	}
	slices.SortFunc(out, func(p, q [2]int) int { return p[0] - q[0] })
	return out
}
