package richtext

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"kawaraban/internal/papertest"
	"pgregory.net/rapid"
)

var testMarks = Marks{Picture: "Picture", Credit: "Image:"}

// marked is a difference as a test reads it.
func marked(list []Change) string {
	var w strings.Builder
	for _, c := range list {
		switch c.How {
		case Kept:
			w.WriteString("= ")
		case Changed:
			w.WriteString("~ ")
		case Added:
			w.WriteString("+ ")
		case Removed:
			w.WriteString("- ")
		}
		w.WriteString(squash(string(c.HTML(testMarks))) + "\n")
	}
	return w.String()
}

func TestDiff(t *testing.T) {
	for _, test := range []struct{ name, before, after, want string }{
		{
			"a word", "<p>The bridge is closed until Monday.</p><p>Nobody was hurt.</p>", "<p>The bridge is closed until Tuesday.</p><p>Nobody was hurt.</p>",
			"~ <p>The bridge is closed until <del>Monday</del><ins>Tuesday</ins>.</p>\n= <p>Nobody was hurt.</p>\n",
		},
		{
			"a paragraph more", "<p>One.</p><p>Three.</p>", "<p>One.</p><p>Two.</p><p>Three.</p>",
			"= <p>One.</p>\n+ <p><ins>Two.</ins></p>\n= <p>Three.</p>\n",
		},
		{
			"a sentence in other words", "<p>He said that it would rain all day. Then he went home to his wife and slept.</p>", "<p>She told us on Monday the sun might shine soon. Then he went home to his wife and slept.</p>",
			"~ <p><del>He said that it would rain all day</del><ins>She told us on Monday the sun might shine soon</ins>. Then he went home to his wife and slept.</p>\n",
		},
		{
			"two neighbours", "<p>The old stone bridge is closed today.</p>", "<p>The new steel bridge is closed today.</p>",
			"~ <p>The <del>old stone</del><ins>new steel</ins> bridge is closed today.</p>\n",
		},
		{
			"moved", "<p>One is here.</p><p>Two is there.</p><p>Three follows.</p>", "<p>Two is there.</p><p>Three follows.</p><p>One is here.</p>",
			"- <p><del>One is here.</del></p>\n= <p>Two is there.</p>\n= <p>Three follows.</p>\n+ <p><ins>One is here.</ins></p>\n",
		},
		{
			"a link taken away", `<p>Read <a href="https://x.example/">the report</a> now.</p>`, "<p>Read the report now.</p>",
			"~ <p>Read <del>the report</del><ins>the report</ins> now.</p>\n",
		},
		{
			"items", "<ul><li>tea with milk</li><li>bread</li></ul>", "<ul><li>tea with honey</li><li>bread</li><li>salt</li></ul>",
			"~ <ul> <li>tea with <del>milk</del><ins>honey</ins></li> <li>bread</li> <li><ins>salt</ins></li> </ul>\n",
		},
		{
			"a column more", "<table><tr><th>Team<th>Won<tr><td>Ayase<td>3</table>", "<table><tr><th>Team<th>Won<th>Lost<tr><td>Ayase<td>4<td>1</table>",
			`~ <div class="table" tabindex="0"> <table> <tr><th scope="col">Team</th><th scope="col">Won</th><th scope="col"><ins>Lost</ins></th></tr> ` +
				"<tr><td>Ayase</td><td><del>3</del></td><td><ins>4</ins></td><td><ins>1</ins></td></tr> </table> </div>\n",
		},
		{
			"a caption", `<figure><img src="01A" alt="A quay"><figcaption>The quay at dawn. <span class=credit>AFP</span></figcaption></figure>`,
			`<figure><img src="01A" alt="A quay"><figcaption>The quay at dusk. <span class=credit>POOL</span></figcaption></figure>`,
			`~ <figure> <p class="told">Picture: A quay</p> <figcaption><span class="caption">The quay at <del>dawn</del><ins>dusk</ins>.</span> <span class="credit">Image: <del>AFP</del><ins>POOL</ins></span></figcaption> </figure>` + "\n",
		},
		{
			"another picture", `<figure><img src="01A" alt=""><figcaption>The quay at dawn.</figcaption></figure>`,
			`<figure><img src="01B" alt="A quay"><figcaption>The quay at dawn.</figcaption></figure>`,
			`~ <figure> <p class="told"><del>Picture</del><ins>Picture: A quay</ins></p> <figcaption><span class="caption">The quay at dawn.</span></figcaption> </figure>` + "\n",
		},
		{
			"Japanese", "<p>橋は月曜日まで通行止めです。</p>", "<p>橋は火曜日まで通行止めです。</p>",
			"~ <p>橋は<del>月</del><ins>火</ins>曜日まで通行止めです。</p>\n",
		},
		{
			"a quotation", "<blockquote>It rained all day.<footer>The mayor</footer></blockquote>", "<blockquote>It rained all day.<footer>The old mayor</footer></blockquote>",
			"~ <blockquote> <p>It rained all day.</p> <footer>The <ins>old </ins>mayor</footer> </blockquote>\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := marked(Diff(source(t, test.before), source(t, test.after))); got != test.want {
				t.Errorf("Diff:\n%s, want\n%s", got, test.want)
			}
		})
	}
}

func TestDiffText(t *testing.T) {
	m := Marks{Added: "Added:", Removed: "Removed:"}
	for _, test := range []struct{ before, after, want string }{
		{"Storm hits harbour", "Storm hits harbour", "Storm hits harbour"},
		{"Storm hits <harbour>", "Storm spares <harbour>", `Storm <del><span class="unseen">Removed: </span>hits</del><ins><span class="unseen">Added: </span>spares</ins> &lt;harbour&gt;`},
		{"", "New", `<ins><span class="unseen">Added: </span>New</ins>`},
		{"", "", ""},
		{"Don’t pay 3.50", "Don’t pay 3.75", `Don’t pay <del><span class="unseen">Removed: </span>3.50</del><ins><span class="unseen">Added: </span>3.75</ins>`},
		{"The storm hits the harbour", "Fishermen of Ayase count the cost", `<del><span class="unseen">Removed: </span>The storm hits the harbour</del><ins><span class="unseen">Added: </span>Fishermen of Ayase count the cost</ins>`},
	} {
		if got := string(RunsHTML(DiffText(test.before, test.after), m)); got != test.want {
			t.Errorf("DiffText(%q, %q) =\n%s, want\n%s", test.before, test.after, got, test.want)
		}
	}
}

// said is what a difference says without what has become not: the letters and
// signs, since of white space the later stands.
func saying(list []Change, not How) string {
	var w strings.Builder
	for _, c := range list {
		for _, p := range c.Parts {
			for _, cell := range p.Cells {
				for _, r := range cell {
					if r.How != not {
						w.WriteString(Plain(r.Spans))
					}
				}
			}
		}
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, w.String())
}

// checkDiff holds what is true of every difference: both bodies can be read in it.
func checkDiff(t interface {
	Helper()
	Fatalf(string, ...any)
}, before, after Doc,
) []Change {
	t.Helper()
	all := func(d Doc) (list []Change) {
		for _, b := range d.Blocks {
			list = append(list, whole(Kept, b))
		}
		return list
	}
	list := Diff(before, after)
	if got, want := saying(list, Added), saying(all(before), Added); got != want {
		t.Fatalf("without what is new:\n%s, want\n%s", got, want)
	}
	if got, want := saying(list, Removed), saying(all(after), Removed); got != want {
		t.Fatalf("without what is gone:\n%s, want\n%s", got, want)
	}
	return list
}

func TestDiffOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := placed(t, docGen().Draw(t, "before"))
		checkDiff(t, before, edited(t, "after", before))
		checkDiff(t, before, docGen().Draw(t, "after"))
		if list := Diff(before, before); slices.ContainsFunc(list, func(c Change) bool { return c.How != Kept }) {
			t.Fatalf("%s differs from itself: %+v", before.JSON(), list)
		}
	})
}

func FuzzDiff(f *testing.F) {
	f.Add("<p>One two three.</p>", "<p>One four three.</p>")
	f.Add("<ul><li>a<li>b</ul>", "<ol><li>a c<li>b</ol>")
	f.Add("<table><tr><th>a<th>b<tr><td>1<td>2</table>", "<table><tr><th>a<tr><td>1</table>")
	f.Add(`<figure><img src="1" alt="a"><figcaption>b</figcaption></figure>`, `<iframe src="https://x.example/"></iframe><pre>a\n b</pre>`)
	f.Fuzz(func(t *testing.T, before, after string) {
		b, err := FromSource(before)
		a, other := FromSource(after)
		if err != nil || other != nil || len(before)+len(after) > 40_000 {
			return
		}
		for _, c := range checkDiff(t, b, a) {
			checkHTML(t, string(c.HTML(Marks{Added: "<+>", Removed: "<->", Picture: "<i>", Credit: "&"})))
		}
	})
}

// TestDiffCost holds that a difference costs little, whoever wrote the bodies.
func TestDiffCost(t *testing.T) {
	most := papertest.Cost{CPU: papertest.Slow(500 * time.Millisecond), Allocated: 256 << 20}
	for name, docs := range hostilePairs() {
		t.Run(name, func(t *testing.T) {
			before, after := docs[0], docs[1]
			for _, d := range docs {
				if err := d.Check(); err != nil {
					t.Fatal(err)
				}
			}
			cost := papertest.Measure(t, most, func() {
				for _, c := range Diff(before, after) {
					c.HTML(testMarks)
				}
			})
			t.Log("a difference: ", cost)
			if !cost.Within(most) {
				t.Errorf("a difference takes %s", cost)
			}
			theirs := Doc{Blocks: slices.Clone(after.Blocks)}
			slices.Reverse(theirs.Blocks)
			cost = papertest.Measure(t, most, func() { Merge(before, after, theirs) })
			t.Log("a merge: ", cost)
			if !cost.Within(most) {
				t.Errorf("a merge takes %s", cost)
			}
		})
	}
	t.Run("a long article", func(t *testing.T) {
		most := papertest.Cost{CPU: papertest.Slow(50 * time.Millisecond), Allocated: 64 << 20}
		before, after := longArticle(0), longArticle(17)
		cost := papertest.Measure(t, most, func() {
			for _, c := range Diff(before, after) {
				c.HTML(testMarks)
			}
		})
		t.Log(cost)
		if !cost.Within(most) {
			t.Errorf("a difference of 10,000 words takes %s", cost)
		}
	})
}

// longArticle has 10,000 words in paragraphs; each every-th of them is another.
func longArticle(every int) (d Doc) {
	vocabulary := strings.Fields("the harbour of Ayase was closed on Monday after a storm that nobody in town had seen coming and which broke three boats two piers and one old bridge")
	for i := range 200 {
		var words []string
		for j := range 50 {
			w := vocabulary[(i*7+j*j+j*i)%len(vocabulary)]
			if n := i*50 + j; every > 0 && n%every == 0 {
				w = "other" + w
			}
			words = append(words, w)
		}
		d.Blocks = append(d.Blocks, Block{Kind: Paragraph, Text: []Span{{Text: strings.Join(words, " ") + "."}}})
	}
	return d
}
