package richtext

import (
	"cmp"
	"reflect"
	"slices"
)

// A Clash is a place where two people changed the same words, each in another
// way. The merged text has mine.
type Clash struct {
	Block              int    // its place in the merged body
	Base, Mine, Theirs string // the words; "" where there are none

	// Others would take the place of Count blocks of the merged body, from At on, if
	// it were theirs that stands. Clashes in one block have one place.
	At, Count int
	Others    []Block
}

// Merge returns base with the changes that lead to mine and those that lead to
// theirs: of blocks, and of words inside a block that both changed. Of a place
// where both cannot stand, the result has mine, and a Clash. All three are in
// their canonical form, and so is the result; it may have outgrown what Check
// allows.
func Merge(base, mine, theirs Doc) (merged Doc, clashes []Clash) {
	b, m, t := unitsOf(base.Blocks, blockUnit), unitsOf(mine.Blocks, blockUnit), unitsOf(theirs.Blocks, blockUnit)
	type part struct {
		blocks  []Block
		both    bool // made of both
		clashes []Clash
	}
	parts := func(blocks []Block) []part {
		list := make([]part, len(blocks))
		for i := range blocks {
			list[i].blocks = blocks[i : i+1]
		}
		return list
	}
	all := merge3(parts(base.Blocks), parts(mine.Blocks), parts(theirs.Blocks), alignUnits(b, m), alignUnits(b, t),
		func(b, m, t []part, pair bool) []part {
			if pair {
				var both part
				block, clashes := mergeBlock(b[0].blocks[0], m[0].blocks[0], t[0].blocks[0])
				both.both, both.clashes = true, clashes
				both.blocks = []Block{block}
				if len(clashes) > 0 {
					other, _ := mergeBlock(b[0].blocks[0], t[0].blocks[0], m[0].blocks[0])
					for i := range both.clashes {
						both.clashes[i].Others = other.tidy(nil)
					}
				}
				return []part{both}
			}
			doc := func(parts []part) (d Doc) {
				for _, p := range parts {
					d.Blocks = append(d.Blocks, p.blocks...)
				}
				return d
			}
			clash := clashOf(doc(b), doc(m), doc(t), Doc.Text)
			clash.Count, clash.Others = len(m), doc(t).Blocks
			// An empty part in front, as mine may have nothing here.
			return append([]part{{clashes: []Clash{clash}}}, m...)
		})
	for _, p := range all {
		at := len(merged.Blocks)
		if !p.both {
			merged.Blocks = append(merged.Blocks, p.blocks...)
		} else {
			for _, b := range p.blocks {
				merged.Blocks = b.tidy(merged.Blocks)
			}
		}
		for _, c := range p.clashes {
			c.Block, c.At = at, at
			if p.both {
				c.Count = len(merged.Blocks) - at
			}
			clashes = append(clashes, c)
		}
	}
	for i := range clashes {
		clashes[i].Block = max(min(clashes[i].Block, len(merged.Blocks)-1), 0)
	}
	return merged, clashes
}

// MergeText is Merge for a headline, a standfirst or another text without marks.
func MergeText(base, mine, theirs string) (merged string, clash bool) {
	spans, clashes := mergeSpans(textSpans(base), textSpans(mine), textSpans(theirs))
	return Plain(spans), clashes != nil
}

func textSpans(s string) []Span {
	if s == "" {
		return nil
	}
	return []Span{{Text: s}}
}

// merge3 merges lists by how mine and theirs differ from base. Where both differ
// in a place, both is asked, which is told whether each made of one unit one
// other; of what is equal in the end it is not.
func merge3[T any](base, mine, theirs []T, byMe, byThem []hunk, both func(b, m, t []T, pair bool) []T) (out []T) {
	done := 0 // of base
	for len(byMe) > 0 || len(byThem) > 0 {
		first := before(byMe, byThem)
		lo, hi := first.lo, first.hi
		n, o := 0, 0 // how many hunks of each belong to this place
		for {
			if n < len(byMe) && byMe[n].touches(lo, hi) {
				hi = max(hi, byMe[n].hi)
				n++
			} else if o < len(byThem) && byThem[o].touches(lo, hi) {
				hi = max(hi, byThem[o].hi)
				o++
			} else {
				break
			}
		}
		out = append(out, base[done:lo]...)
		done = hi
		m, t := version(base, mine, byMe[:n], lo, hi), version(base, theirs, byThem[:o], lo, hi)
		switch {
		case n == 0:
			out = append(out, t...)
		case o == 0 || reflect.DeepEqual(m, t):
			out = append(out, m...)
		default:
			pair := n == 1 && o == 1 && byMe[0].pair && byThem[0].pair
			out = append(out, both(base[lo:hi], m, t, pair)...)
		}
		byMe, byThem = byMe[n:], byThem[o:]
	}
	return append(out, base[done:]...)
}

// before returns the hunk of both lists that comes first; what is put in before
// a unit comes before what becomes of the unit.
func before(a, b []hunk) hunk {
	if len(a) == 0 || len(b) > 0 && (b[0].lo < a[0].lo || b[0].lo == a[0].lo && b[0].hi < a[0].hi) {
		return b[0]
	}
	return a[0]
}

// touches reports whether h changes something in base[lo:hi], or puts something
// in where something else is put in.
func (h hunk) touches(lo, hi int) bool {
	return h.lo < hi && lo < h.hi || h.lo == h.hi && lo == hi && h.lo == lo
}

// version returns what side has for base[lo:hi], where it has these hunks.
func version[T any](base, side []T, hunks []hunk, lo, hi int) []T {
	if len(hunks) == 0 {
		return base[lo:hi]
	}
	first, last := hunks[0], hunks[len(hunks)-1]
	return side[first.from-(first.lo-lo) : last.to+(hi-last.hi)]
}

// mergeBlock merges a block that both changed, but not its kind.
func mergeBlock(base, mine, theirs Block) (Block, []Clash) {
	var clashes []Clash
	line := func(b, m, t []Span) []Span {
		merged, c := mergeSpans(b, m, t)
		clashes = append(clashes, c...)
		return merged
	}
	text := func(b, m, t string) string { return Plain(line(textSpans(b), textSpans(m), textSpans(t))) }
	out := Block{
		Kind:        base.Kind,
		Text:        line(base.Text, mine.Text, theirs.Text),
		Attribution: line(base.Attribution, mine.Attribution, theirs.Attribution),
		Ordered:     mine.Ordered,
		Credit:      text(base.Credit, mine.Credit, theirs.Credit),
		Alt:         text(base.Alt, mine.Alt, theirs.Alt),
		Title:       text(base.Title, mine.Title, theirs.Title),
	}
	if mine.Ordered == base.Ordered {
		out.Ordered = theirs.Ordered
	}
	// A picture is its id, the address that it came from and the video that it stands
	// for, together, and not merged by its words.
	source := func(b Block) [3]string { return [3]string{b.Picture, b.URL, b.Video} }
	from := mine
	switch {
	case source(mine) == source(base):
		from = theirs
	case source(theirs) != source(base) && source(theirs) != source(mine):
		shown := func(b Block) string { return cmp.Or(b.Video, b.Picture, b.URL) }
		clashes = append(clashes, Clash{Base: shown(base), Mine: shown(mine), Theirs: shown(theirs)})
	}
	out.Picture, out.URL, out.Video = from.Picture, from.URL, from.Video

	b, m, t := unitsOf(base.Items, itemUnit), unitsOf(mine.Items, itemUnit), unitsOf(theirs.Items, itemUnit)
	out.Items = merge3(base.Items, mine.Items, theirs.Items, alignUnits(b, m), alignUnits(b, t),
		func(b, m, t [][]Span, pair bool) [][]Span {
			if pair {
				return [][]Span{line(b[0], m[0], t[0])}
			}
			list := func(items [][]Span) Doc { return Doc{Blocks: []Block{{Kind: List, Items: items}}} }
			clashes = append(clashes, clashOf(list(b), list(m), list(t), Doc.Text))
			return m
		})
	b, m, t = unitsOf(base.Rows, rowUnit), unitsOf(mine.Rows, rowUnit), unitsOf(theirs.Rows, rowUnit)
	out.Rows = merge3(base.Rows, mine.Rows, theirs.Rows, alignUnits(b, m), alignUnits(b, t),
		func(b, m, t []Row, pair bool) []Row {
			if pair && len(b[0].Cells) == len(m[0].Cells) && len(b[0].Cells) == len(t[0].Cells) {
				row := Row{Head: m[0].Head}
				if m[0].Head == b[0].Head {
					row.Head = t[0].Head
				}
				for i := range b[0].Cells {
					row.Cells = append(row.Cells, line(b[0].Cells[i], m[0].Cells[i], t[0].Cells[i]))
				}
				return []Row{row}
			}
			table := func(rows []Row) Doc { return Doc{Blocks: []Block{{Kind: Table, Rows: rows}}} }
			clashes = append(clashes, clashOf(table(b), table(m), table(t), Doc.Text))
			return m
		})
	return out, clashes
}

// clashOf returns a Clash of what text says of the three, or, when they say the
// same in another way, of their sources.
func clashOf(base, mine, theirs Doc, text func(Doc) string) Clash {
	c := Clash{Base: text(base), Mine: text(mine), Theirs: text(theirs)}
	if c.Mine == c.Theirs {
		c = Clash{Base: Source(base), Mine: Source(mine), Theirs: Source(theirs)}
	}
	return c
}

// mergeSpans merges a line of text by its words.
func mergeSpans(base, mine, theirs []Span) (merged []Span, clashes []Clash) {
	switch {
	case slices.Equal(mine, theirs), slices.Equal(base, theirs):
		return mine, nil
	case slices.Equal(base, mine):
		return theirs, nil
	}
	b, m, t := wordsOf(base), wordsOf(mine), wordsOf(theirs)
	words := merge3(b, m, t, wordHunks(b, m), wordHunks(b, t), func(b, m, t []Span, _ bool) []Span {
		if words, ok := mergeMarks(b, m, t); ok {
			return words
		}
		line := func(words []Span) Doc { return Doc{Blocks: []Block{{Kind: Paragraph, Text: join(words)}}} }
		clashes = append(clashes, clashOf(line(b), line(m), line(t), func(d Doc) string { return Plain(d.Blocks[0].Text) }))
		return m
	})
	return join(words), clashes
}

// mergeMarks merges words that are the same in all three and differ in their
// marks; ok is false when they do not, or lead to different places.
func mergeMarks(base, mine, theirs []Span) (merged []Span, ok bool) {
	if len(base) != len(mine) || len(base) != len(theirs) {
		return nil, false
	}
	mark := func(b, m, t bool) bool { return m != b && m || m == b && t }
	for i, b := range base {
		m, t := mine[i], theirs[i]
		if m.Text != b.Text || t.Text != b.Text || m.Href != b.Href && t.Href != b.Href && m.Href != t.Href {
			return nil, false
		}
		out := Span{
			Text: b.Text, Href: m.Href,
			Strong: mark(b.Strong, m.Strong, t.Strong), Em: mark(b.Em, m.Em, t.Em),
			Sub: mark(b.Sub, m.Sub, t.Sub), Sup: mark(b.Sup, m.Sup, t.Sup), Code: mark(b.Code, m.Code, t.Code),
		}
		if m.Href == b.Href {
			out.Href = t.Href
		}
		merged = append(merged, out)
	}
	return merged, true
}

// wordHunks aligns words. Two differences between which only white space and
// signs are equal are one.
func wordHunks(before, after []Span) (list []hunk) {
	for _, h := range align(before, after) {
		if n := len(list); n > 0 && !slices.ContainsFunc(before[list[n-1].hi:h.lo], Span.says) {
			list[n-1].hi, list[n-1].to = h.hi, h.to
			continue
		}
		list = append(list, h)
	}
	return list
}
