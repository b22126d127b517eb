package richtext

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// source reads a body for a test.
func source(t testing.TB, s string) Doc {
	t.Helper()
	d, err := FromSource(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestMerge(t *testing.T) {
	for _, test := range []struct {
		name, base, mine, theirs, want string
		clashes                        []Clash
	}{
		{
			name:   "two paragraphs",
			base:   "<p>The bridge is closed.</p><p>Nobody was hurt.</p>",
			mine:   "<p>The old bridge is closed.</p><p>Nobody was hurt.</p>",
			theirs: "<p>The bridge is closed.</p><p>Two people were hurt.</p>",
			want:   "<p>The old bridge is closed.</p><p>Two people were hurt.</p>",
		},
		{
			name:   "two words of one paragraph",
			base:   "<p>The bridge over the Sumi is closed until Monday.</p>",
			mine:   "<p>The <strong>bridge</strong> over the Sumi is closed until Monday.</p>",
			theirs: "<p>The bridge over the Sumi is closed until Tuesday morning.</p>",
			want:   "<p>The <strong>bridge</strong> over the Sumi is closed until Tuesday morning.</p>",
		},
		{
			name:    "one word in two ways",
			base:    "<p>Three people were hurt in the storm.</p>",
			mine:    "<p>Four people were hurt in the storm.</p>",
			theirs:  "<p>Five people were hurt in the great storm.</p>",
			want:    "<p>Four people were hurt in the great storm.</p>",
			clashes: []Clash{{Block: 0, Base: "Three", Mine: "Four", Theirs: "Five"}},
		},
		{
			name:   "the agency adds around what the desk changed",
			base:   "<p>One stands here now.</p><p>Two stands here now.</p>",
			mine:   "<p>One stands here now.</p><p>Two stands there now.</p>",
			theirs: "<p>Zero is new.</p><p>One stands here now.</p><p>Half is new.</p><p>Two stands here now.</p><p>Three is new.</p>",
			want:   "<p>Zero is new.</p><p>One stands here now.</p><p>Half is new.</p><p>Two stands there now.</p><p>Three is new.</p>",
		},
		{
			name:    "changed here, gone there",
			base:    "<p>One stands here.</p><p>Two stands here.</p><p>Three stands here.</p>",
			mine:    "<p>One stands here.</p><p>Two stands there.</p><p>Three stands here.</p>",
			theirs:  "<p>One stands here.</p><p>Three stands here.</p>",
			want:    "<p>One stands here.</p><p>Two stands there.</p><p>Three stands here.</p>",
			clashes: []Clash{{Block: 1, Base: "Two stands here.", Mine: "Two stands there.", Theirs: ""}},
		},
		{
			name:   "neighbours gone",
			base:   "<p>One.</p><p>Two.</p><p>Three.</p>",
			mine:   "<p>One.</p><p>Three.</p>",
			theirs: "<p>One.</p><p>Two.</p>",
			want:   "<p>One.</p>",
		},
		{
			name:    "two new ends",
			base:    "<p>One.</p>",
			mine:    "<p>One.</p><p>Ours.</p>",
			theirs:  "<p>One.</p><p>Theirs.</p>",
			want:    "<p>One.</p><p>Ours.</p>",
			clashes: []Clash{{Block: 1, Base: "", Mine: "Ours.", Theirs: "Theirs."}},
		},
		{
			name:   "items",
			base:   "<ul><li>tea with milk</li><li>bread and salt</li></ul>",
			mine:   "<ul><li>green tea with milk</li><li>bread and salt</li></ul>",
			theirs: "<ol><li>tea with milk</li><li>bread and fresh salt</li><li>fish</li></ol>",
			want:   "<ol><li>green tea with milk</li><li>bread and fresh salt</li><li>fish</li></ol>",
		},
		{
			name:    "cells",
			base:    "<table><tr><td>Ayase</td><td>3</td><td>1</td></tr><tr><td>Sumi</td><td>2</td><td>2</td></tr></table>",
			mine:    "<table><tr><td>Ayase</td><td>4</td><td>1</td></tr><tr><td>Sumi</td><td>2</td><td>2</td></tr></table>",
			theirs:  "<table><tr><td>Ayase</td><td>5</td><td>2</td></tr><tr><td>Sumi</td><td>2</td><td>2</td></tr><tr><td>Kiba</td><td>1</td><td>0</td></tr></table>",
			want:    "<table><tbody><tr><td>Ayase</td><td>4</td><td>2</td></tr><tr><td>Sumi</td><td>2</td><td>2</td></tr><tr><td>Kiba</td><td>1</td><td>0</td></tr></tbody></table>",
			clashes: []Clash{{Block: 0, Base: "3", Mine: "4", Theirs: "5"}},
		},
		{
			name:   "caption and credit",
			base:   `<figure><img src="01A" alt="A quay"><figcaption>The quay at dusk. <span class="credit">AFP</span></figcaption></figure>`,
			mine:   `<figure><img src="01A" alt="A quay"><figcaption>The old quay at dusk. <span class="credit">AFP</span></figcaption></figure>`,
			theirs: `<figure><img src="01A" alt="A quay in rain"><figcaption>The quay at dusk. <span class="credit">POOL/AFP</span></figcaption></figure>`,
			want:   `<figure><img src="01A" alt="A quay in rain"><figcaption>The old quay at dusk. <span class="credit">POOL/AFP</span></figcaption></figure>`,
		},
		{
			name:    "two pictures",
			base:    `<figure><img src="01A" alt="A quay"><figcaption>The quay at dusk.</figcaption></figure>`,
			mine:    `<figure><img src="01B" alt="A quay"><figcaption>The quay at dusk.</figcaption></figure>`,
			theirs:  `<figure><img src="01C" alt="A quay"><figcaption>The quay at dusk.</figcaption></figure>`,
			want:    `<figure><img src="01B" alt="A quay"><figcaption>The quay at dusk.</figcaption></figure>`,
			clashes: []Clash{{Block: 0, Base: "01A", Mine: "01B", Theirs: "01C"}},
		},
		{
			name:   "marks of one word",
			base:   "<p>The bridge is closed.</p>",
			mine:   "<p>The <strong>bridge</strong> is closed.</p>",
			theirs: `<p>The <a href="/bridge">bridge</a> is closed.</p>`,
			want:   `<p>The <a href="/bridge"><strong>bridge</strong></a> is closed.</p>`,
		},
		{
			name:    "two links",
			base:    "<p>The bridge is closed.</p>",
			mine:    `<p>The <a href="/a">bridge</a> is closed.</p>`,
			theirs:  `<p>The <a href="/b">bridge</a> is closed.</p>`,
			want:    `<p>The <a href="/a">bridge</a> is closed.</p>`,
			clashes: []Clash{{Block: 0, Base: "<p>bridge</p>\n", Mine: "<p><a href=\"/a\">bridge</a></p>\n", Theirs: "<p><a href=\"/b\">bridge</a></p>\n"}},
		},
		{
			name:   "Japanese",
			base:   "<p>橋は月曜日まで通行止めです。</p>",
			mine:   "<p>橋は火曜日まで通行止めです。</p>",
			theirs: "<p>橋は月曜日まで通行止めでした。</p>",
			want:   "<p>橋は火曜日まで通行止めでした。</p>",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			merged, clashes := Merge(source(t, test.base), source(t, test.mine), source(t, test.theirs))
			if got := strings.ReplaceAll(Source(merged), "\n", ""); got != test.want {
				t.Errorf("Merge:\n%s, want\n%s", got, test.want)
			}
			for i := range clashes { // where they stand is checkMerge's to hold
				clashes[i] = Clash{Block: clashes[i].Block, Base: clashes[i].Base, Mine: clashes[i].Mine, Theirs: clashes[i].Theirs}
			}
			if !slices.EqualFunc(clashes, test.clashes, func(a, b Clash) bool { return reflect.DeepEqual(a, b) }) {
				t.Errorf("clashes: %+v, want %+v", clashes, test.clashes)
			}
		})
	}
}

func TestMergeText(t *testing.T) {
	for _, test := range []struct {
		base, mine, theirs, want string
		clash                    bool
	}{
		{"Storm hits harbour", "Storm hits old harbour", "Great storm hits harbour", "Great storm hits old harbour", false},
		{"Storm hits harbour", "Storm spares harbour", "Storm misses harbour", "Storm spares harbour", true},
		{"", "a", "", "a", false},
		{"", "a", "b", "a", true},
		{"a", "", "a", "", false},
	} {
		if got, clash := MergeText(test.base, test.mine, test.theirs); got != test.want || clash != test.clash {
			t.Errorf("MergeText(%q, %q, %q) = %q, %t", test.base, test.mine, test.theirs, got, clash)
		}
	}
}

// edited makes another body of d: some blocks go, come or change.
func edited(t *rapid.T, name string, d Doc) Doc {
	other := docGen().Draw(t, name+" new").Blocks
	var blocks []Block
	for _, b := range d.Blocks {
		switch rapid.IntRange(0, 4).Draw(t, name) {
		case 0:
			continue
		case 1:
			if len(other) > 0 {
				blocks = append(blocks, other[0])
				other = other[1:]
			}
		case 2:
			var once Block
			if err := copyBlock(b, &once); err != nil {
				t.Fatal(err)
			}
			for line := range once.lines {
				for i := range line {
					words := strings.SplitAfter(line[i].Text, " ")
					words[rapid.IntRange(0, len(words)-1).Draw(t, name+" word")] = rapid.SampledFrom([]string{"", "new ", "日", "a b"}).Draw(t, name+" words")
					line[i].Text = strings.Join(words, "")
				}
			}
			blocks = once.tidy(blocks)
			continue
		}
		blocks = append(blocks, b)
	}
	return Doc{Blocks: append(blocks, other...)}
}

func copyBlock(b Block, to *Block) error {
	d, err := Parse(Doc{Blocks: []Block{b}}.JSON())
	if err != nil || len(d.Blocks) != 1 {
		return fmt.Errorf("a copy of %+v: %d blocks, %w", b, len(d.Blocks), err)
	}
	*to = d.Blocks[0]
	return nil
}

// checkMerge holds what is true of every merge.
func checkMerge(t interface {
	Helper()
	Fatalf(string, ...any)
}, base, mine, theirs Doc,
) {
	t.Helper()
	is := func(what string, got Doc, clashes []Clash, want Doc) {
		t.Helper()
		if clashes != nil || string(got.JSON()) != string(want.JSON()) {
			t.Fatalf("%s:\n%s, want\n%s, clashes %+v", what, got.JSON(), want.JSON(), clashes)
		}
	}
	d, clashes := Merge(base, base, theirs)
	is("only theirs", d, clashes, theirs)
	d, clashes = Merge(base, mine, base)
	is("only mine", d, clashes, mine)
	d, clashes = Merge(base, mine, mine)
	is("both the same", d, clashes, mine)
	d, clashes = Merge(base, mine, theirs)
	if err := d.Check(); err != nil {
		t.Fatalf("the merged body: %v", err)
	}
	if again, err := Parse(d.JSON()); err != nil || string(again.JSON()) != string(d.JSON()) {
		t.Fatalf("%v\n%s is not in its canonical form:\n%s", err, d.JSON(), again.JSON())
	}
	for _, c := range clashes {
		if c.Block < 0 || c.Block >= max(len(d.Blocks), 1) {
			t.Fatalf("a clash in block %d of %d", c.Block, len(d.Blocks))
		}
		if c.Mine == c.Theirs {
			t.Fatalf("no clash: %+v", c)
		}
	}
	// Whoever takes theirs in every place has what they would have merged.
	chosen, place := slices.Clone(d.Blocks), -1
	for _, c := range slices.Backward(clashes) {
		if c.At < 0 || c.At+c.Count > len(d.Blocks) {
			t.Fatalf("a clash of %d blocks at %d of %d", c.Count, c.At, len(d.Blocks))
		}
		if c.At == place && c.Count > 0 {
			continue // another clash in the same block
		}
		place = c.At
		chosen = slices.Replace(chosen, c.At, c.At+c.Count, c.Others...)
	}
	other, _ := Merge(base, theirs, mine)
	if got := (Doc{Blocks: chosen}); string(got.JSON()) != string(other.JSON()) {
		t.Fatalf("theirs in every place:\n%s, want\n%s", got.JSON(), other.JSON())
	}
}

func TestMergeOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := placed(t, docGen().Draw(t, "base"))
		checkMerge(t, base, edited(t, "mine", base), edited(t, "theirs", base))
		checkMerge(t, base, docGen().Draw(t, "mine"), docGen().Draw(t, "theirs"))
	})
}

// TestMergeApart holds that changes of different words both survive.
func TestMergeApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "words")
		base := make([]string, n)
		for i := range base {
			base[i] = fmt.Sprintf("w%d", i)
		}
		mine, theirs, want := slices.Clone(base), slices.Clone(base), slices.Clone(base)
		for i := range base {
			switch rapid.IntRange(0, 5).Draw(t, "who") {
			case 0:
				mine[i] = fmt.Sprintf("m%d", i)
				want[i] = mine[i]
			case 1:
				theirs[i] = fmt.Sprintf("t%d", i)
				want[i] = theirs[i]
			}
		}
		say := func(words []string) string { return strings.Join(words, " ") }
		if got, clash := MergeText(say(base), say(mine), say(theirs)); clash || got != say(want) {
			t.Fatalf("%q and %q are merged as %q, want %q", say(mine), say(theirs), got, say(want))
		}
		// The same as blocks that are nothing like one another.
		doc := func(words []string) (d Doc) {
			for _, w := range words {
				d.Blocks = append(d.Blocks, Block{Kind: Paragraph, Text: []Span{{Text: w}}})
			}
			return d
		}
		if got, _ := Merge(doc(base), doc(mine), doc(base)); got.Text() != doc(mine).Text() {
			t.Fatalf("blocks are merged as %q", got.Text())
		}
	})
}

func FuzzMerge(f *testing.F) {
	f.Add("<p>One two three.</p>", "<p>One four three.</p>", "<p>One two.</p><p>Three.</p>")
	f.Add("<ul><li>a<li>b</ul>", "<ol><li>a c<li>b</ol>", "<ul><li>a</ul>")
	f.Add("<table><tr><th>a<th>b<tr><td>1<td>2</table>", "<table><tr><th>a<th>c<tr><td>1<td>2</table>", "<table><tr><td>1<td>2</table>")
	f.Add(`<figure><img src="1" alt="a"><figcaption>b</figcaption></figure>`, `<img src="/2" alt="a">`, "<pre>a\n b</pre>")
	f.Fuzz(func(t *testing.T, base, mine, theirs string) {
		var docs [3]Doc
		for i, s := range []string{base, mine, theirs} {
			d, err := FromSource(s)
			if err != nil || len(s) > 20_000 {
				return
			}
			docs[i] = d
		}
		checkMerge(t, docs[0], docs[1], docs[2])
	})
}

// hostilePairs are bodies of the largest size, two versions of each, that are
// hard to compare.
func hostilePairs() map[string][2]Doc {
	doc := func(n int, block func(i int) Block) (d Doc) {
		for i := range n {
			d.Blocks = append(d.Blocks, block(i))
		}
		return d
	}
	p := func(s string) Block { return Block{Kind: Paragraph, Text: []Span{{Text: s}}} }
	word := func(i, of int) string { return string(rune('a'+(i*i+i/7)%of)) + string(rune('a'+(i*31)%of)) }
	say := func(n, from, of int) string {
		words := make([]string, n)
		for i := range words {
			words[i] = word(i+from, of)
		}
		return strings.Join(words, " ")
	}
	cells := func(from int) Block {
		row := Row{}
		for i := range 9_000 {
			row.Cells = append(row.Cells, []Span{{Text: word(i+from, 26)}})
		}
		return Block{Kind: Table, Text: []Span{{Text: "t"}}, Rows: []Row{row}}
	}
	items := func(from int) Block {
		b := Block{Kind: List}
		for i := range 6_500 {
			b.Items = append(b.Items, []Span{{Text: word(i*from, 9)}})
		}
		return b
	}
	return map[string][2]Doc{
		"one long paragraph": {doc(1, func(int) Block { return p(say(80_000, 0, 5)) }), doc(1, func(int) Block { return p(say(80_000, 13, 5)) })},
		"nothing in common":  {doc(1, func(int) Block { return p(say(80_000, 0, 26)) }), doc(1, func(int) Block { return p(strings.ToUpper(say(80_000, 3, 26))) })},
		"spaces":             {doc(1, func(int) Block { return p(say(70_000, 0, 9)) }), doc(1, func(int) Block { return p(strings.ReplaceAll(say(50_000, 0, 9), " ", "\u00a0")) })},
		"signs":              {doc(1, func(int) Block { return p(strings.Repeat(".,", 120_000)) }), doc(1, func(int) Block { return p(strings.Repeat(",;.", 80_000)) })},
		"small blocks":       {doc(2000, func(i int) Block { return p(say(20, i, 7)) }), doc(2000, func(i int) Block { return p(say(21, i*3, 7)) })},
		"the same words":     {doc(2000, func(i int) Block { return p("a b") }), doc(2000, func(i int) Block { return p("b a") })},
		"cells":              {doc(1, func(int) Block { return cells(0) }), doc(1, func(int) Block { return cells(1) })},
		"items":              {doc(1, func(int) Block { return items(1) }), doc(1, func(int) Block { return items(3) })},
		"characters":         {doc(1, func(int) Block { return p(strings.Repeat("一二三", 28_000)) }), doc(1, func(int) Block { return p(strings.Repeat("二一四", 28_000)) })},
	}
}
