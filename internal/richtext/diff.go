package richtext

import (
	"cmp"
	"slices"
)

// How is what became of a block, a line or some words.
type How int

const (
	Kept How = iota
	Changed
	Added
	Removed
)

// A Change is what became of one block of a body. A block that was moved is
// removed in one place and added in the other.
type Change struct {
	How     How
	Kind    Kind
	Ordered bool // of a list
	Parts   []Part
}

// A Part is a line of a block: its text, an item, a row.
type Part struct {
	Place Place
	How   How
	Head  bool    // of a row: its cells are headings
	Cells [][]Run // one, but of a row as many as it has, and of a picture that took another's place both
	Video []bool  // of a picture, which of Cells stand for a video; nil when none does
}

// A Place says where in its block a part stands.
type Place int

const (
	InText Place = iota
	InAttribution
	InPicture // what the picture shows, for those who do not see it
	InCredit
	InTitle // of an embed, as a link
	InItem
	InRow
)

// A Run is words of which the same has become: kept, added or removed.
type Run struct {
	How   How
	Spans []Span
}

// Diff returns how before has become after: each block of both, in reading order.
func Diff(before, after Doc) (list []Change) {
	add := func(how How, blocks []Block) {
		for _, b := range blocks {
			list = append(list, whole(how, b))
		}
	}
	done := 0
	for _, h := range alignUnits(unitsOf(before.Blocks, blockUnit), unitsOf(after.Blocks, blockUnit)) {
		add(Kept, before.Blocks[done:h.lo])
		done = h.hi
		if h.pair {
			list = append(list, diffBlock(before.Blocks[h.lo], after.Blocks[h.from]))
			continue
		}
		add(Removed, before.Blocks[h.lo:h.hi])
		add(Added, after.Blocks[h.from:h.to])
	}
	add(Kept, before.Blocks[done:])
	return list
}

// DiffText is Diff for a headline, a caption or another text without marks.
func DiffText(before, after string) []Run {
	return diffLine(textSpans(before), textSpans(after))
}

// whole is a block all of which was kept, added or removed.
func whole(how How, b Block) Change {
	c := Change{How: how, Kind: b.Kind, Ordered: b.Ordered}
	line := func(place Place, text []Span) {
		if len(text) > 0 {
			c.Parts = append(c.Parts, Part{Place: place, How: how, Cells: [][]Run{{{how, text}}}})
		}
	}
	switch b.Kind {
	case Figure:
		c.Parts = []Part{{Place: InPicture, How: how, Cells: [][]Run{{{how, textSpans(b.Alt)}}}, Video: videos(b)}}
	case Embed:
		line(InTitle, embedLine(b))
	}
	line(InText, b.Text)
	line(InAttribution, b.Attribution)
	line(InCredit, textSpans(b.Credit))
	for _, item := range b.Items {
		line(InItem, item)
	}
	for _, row := range b.Rows {
		c.Parts = append(c.Parts, wholeRow(how, row))
	}
	return c
}

// videos tells which of some figures show a video; nil when none does.
func videos(figures ...Block) (list []bool) {
	for i, b := range figures {
		if b.Video != "" {
			if list == nil {
				list = make([]bool, len(figures))
			}
			list[i] = true
		}
	}
	return list
}

func wholeRow(how How, row Row) Part {
	p := Part{Place: InRow, How: how, Head: row.Head}
	for _, cell := range row.Cells {
		p.Cells = append(p.Cells, []Run{{how, cell}})
	}
	return p
}

// embedLine is an embed in a line: its title, which leads to where it lives.
func embedLine(b Block) []Span {
	return []Span{{Text: cmp.Or(b.Title, display(b.URL), b.URL), Href: b.URL}}
}

// diffBlock compares a block with what it was changed into.
func diffBlock(before, after Block) Change {
	c := Change{How: Changed, Kind: after.Kind, Ordered: after.Ordered}
	line := func(place Place, before, after []Span) {
		if len(before) > 0 || len(after) > 0 {
			runs := diffLine(before, after)
			c.Parts = append(c.Parts, Part{Place: place, How: howOf(runs), Cells: [][]Run{runs}})
		}
	}
	switch {
	case after.Kind == Embed:
		line(InTitle, embedLine(before), embedLine(after))
	case after.Kind == Figure && (before.Picture != after.Picture || before.URL != after.URL || before.Video != after.Video):
		c.Parts = []Part{{Place: InPicture, How: Changed, Cells: [][]Run{{{Removed, textSpans(before.Alt)}}, {{Added, textSpans(after.Alt)}}}, Video: videos(before, after)}}
	case after.Kind == Figure:
		runs := diffLine(textSpans(before.Alt), textSpans(after.Alt))
		c.Parts = []Part{{Place: InPicture, How: howOf(runs), Cells: [][]Run{runs}, Video: videos(after)}}
	}
	line(InText, before.Text, after.Text)
	line(InAttribution, before.Attribution, after.Attribution)
	line(InCredit, textSpans(before.Credit), textSpans(after.Credit))

	parts(&c, before.Items, after.Items, itemUnit,
		func(how How, item []Span) Part { return Part{Place: InItem, How: how, Cells: [][]Run{{{how, item}}}} },
		func(before, after []Span) Part {
			return Part{Place: InItem, How: Changed, Cells: [][]Run{diffLine(before, after)}}
		})
	parts(&c, before.Rows, after.Rows, rowUnit, wholeRow, diffRow)
	return c
}

// parts adds the items or rows of a changed block to c.
func parts[T any](c *Change, before, after []T, of func(T) unit, whole func(How, T) Part, changed func(before, after T) Part) {
	add := func(how How, list []T) {
		for _, t := range list {
			c.Parts = append(c.Parts, whole(how, t))
		}
	}
	done := 0
	for _, h := range alignUnits(unitsOf(before, of), unitsOf(after, of)) {
		add(Kept, before[done:h.lo])
		done = h.hi
		if h.pair {
			c.Parts = append(c.Parts, changed(before[h.lo], after[h.from]))
			continue
		}
		add(Removed, before[h.lo:h.hi])
		add(Added, after[h.from:h.to])
	}
	add(Kept, before[done:])
}

// diffRow compares a row with what it was changed into, cell by cell.
func diffRow(before, after Row) Part {
	p := Part{Place: InRow, How: Changed, Head: after.Head}
	if len(before.Cells) == len(after.Cells) {
		for i := range after.Cells {
			p.Cells = append(p.Cells, diffLine(before.Cells[i], after.Cells[i]))
		}
		return p
	}
	// A column came or went.
	cells := func(how How, list [][]Span) {
		for _, cell := range list {
			p.Cells = append(p.Cells, []Run{{how, cell}})
		}
	}
	done := 0
	for _, h := range alignUnits(unitsOf(before.Cells, itemUnit), unitsOf(after.Cells, itemUnit)) {
		cells(Kept, before.Cells[done:h.lo])
		done = h.hi
		if h.pair {
			p.Cells = append(p.Cells, diffLine(before.Cells[h.lo], after.Cells[h.from]))
			continue
		}
		cells(Removed, before.Cells[h.lo:h.hi])
		cells(Added, after.Cells[h.from:h.to])
	}
	cells(Kept, before.Cells[done:])
	return p
}

// howOf is what runs make of their line.
func howOf(runs []Run) How {
	for _, r := range runs {
		if r.How != runs[0].How {
			return Changed
		}
	}
	if len(runs) == 0 {
		return Kept
	}
	return runs[0].How
}

// diffLine compares a line of text by its words.
func diffLine(before, after []Span) (runs []Run) {
	if slices.Equal(before, after) {
		if len(after) == 0 {
			return nil
		}
		return []Run{{Kept, after}}
	}
	a, b := wordsOf(before), wordsOf(after)
	var how How
	var run []Span // words
	put := func(as How, words []Span) {
		if len(words) == 0 {
			return
		}
		if as != how && len(run) > 0 {
			runs = append(runs, Run{how, join(run)})
			run = nil
		}
		how, run = as, append(run, words...)
	}
	done := 0 // of b
	for _, h := range readable(a, b, wordHunks(a, b)) {
		put(Kept, b[done:h.from])
		done = h.to
		if shown(a[h.lo:h.hi]) || shown(b[h.from:h.to]) {
			put(Removed, a[h.lo:h.hi])
			put(Added, b[h.from:h.to])
		} else {
			put(Kept, b[h.from:h.to]) // white space is not worth a mark
		}
	}
	put(Kept, b[done:])
	if len(run) > 0 {
		runs = append(runs, Run{how, join(run)})
	}
	return runs
}

// shown reports whether words are more than white space.
func shown(words []Span) bool {
	return slices.ContainsFunc(words, func(s Span) bool {
		return kindOf([]rune(s.Text)[0]) != blank && s.Text != "\n"
	})
}

// readable returns differences that a person can follow: a word or two that
// stayed amid much that did not are part of the difference, and so is all of a
// line of which next to nothing stayed.
func readable(before, after []Span, hunks []hunk) (list []hunk) {
	for _, h := range hunks {
		if n := len(list); n > 0 {
			last := &list[n-1]
			stayed := said(before[last.hi:h.lo])
			if 4*stayed <= min(last.said(before, after), h.said(before, after)) {
				last.hi, last.to = h.hi, h.to
				continue
			}
		}
		list = append(list, h)
	}
	n, gone := said(before), 0
	for _, h := range list {
		gone += said(before[h.lo:h.hi])
	}
	if stayed := n - gone; len(list) > 1 && 4*stayed < min(n, said(after)) {
		return []hunk{{hi: len(before), to: len(after)}}
	}
	return list
}

// said counts words.
func said(words []Span) (n int) {
	for _, w := range words {
		if w.says() {
			n++
		}
	}
	return n
}

func (h hunk) said(before, after []Span) int {
	return max(said(before[h.lo:h.hi]), said(after[h.from:h.to]))
}
