package richtext

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Limits on what is read from outside. What lies beyond them is cut off.
const (
	maxInput = 2 << 20 // bytes
	maxNodes = 80_000  // more than the largest body that may be stored has when it is written
	maxDepth = 64
)

// A node is an element or, when name is empty, a run of text.
type node struct {
	name     string // lower case, without a namespace prefix
	trait    trait
	text     string
	attr     []html.Attribute // of those that wanted names
	children []*node
}

// get returns the attribute with this name, "" when there is none.
func (n *node) get(name string) string {
	for _, a := range n.attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// find returns the first element below n with one of these names, or nil.
func (n *node) find(names ...string) *node {
	for _, c := range n.children {
		if c.name != "" && slices.Contains(names, c.name) {
			return c
		}
		if found := c.find(names...); found != nil {
			return found
		}
	}
	return nil
}

// all calls f for each element below n with this name, in reading order.
func (n *node) all(name string, f func(*node)) {
	for _, c := range n.children {
		if c.name == name {
			f(c)
		} else {
			c.all(name, f)
		}
	}
}

// wanted are the attributes that mean something to us.
var wanted = set("href src alt title cite class style hidden width height type colspan rowspan " +
	"data-src data-instgrm-permalink source data-location media-type")

// is reports whether n has trait t.
func (n *node) is(t trait) bool { return n.trait&t != 0 }

// A tree is built from tags as they come.
//
// It is not the tree of the HTML standard. That one exists so that all browsers
// misread a broken page alike, and its repairs cost time that grows with the
// square of the damage. Nothing of the source is ever copied into our pages, so
// a simple reading in one pass is as safe, and is enough for articles.
type tree struct {
	root     *node
	declared bool           // a DTD has been skipped
	open     []*node        // the root and the open elements below it
	names    map[string]int // how many of each are open
	count    int
}

// parse reads HTML or XML. Entities of a DTD are never resolved: they stay as
// the text that they were written as.
func parse(s string) *node {
	if len(s) > maxInput {
		s = s[:maxInput]
	}
	t := &tree{root: &node{name: "body"}, names: map[string]int{}}
	t.open = []*node{t.root}
	for len(s) > 0 && t.count < maxNodes {
		s = s[t.read(s):]
	}
	return t.root
}

// manyAttributes is where a tokenizer is thrown away: it keeps a table of
// attribute names that it clears for each tag, at the size of its largest tag.
// A flood of attributes followed by many small tags would take minutes.
const manyAttributes = 64

// read adds what s holds and returns how much of it was read.
func (t *tree) read(s string) (n int) {
	z := html.NewTokenizer(strings.NewReader(s))
	z.AllowCDATA(true)
	for t.count < maxNodes {
		kind := z.Next()
		n += len(z.Raw())
		switch kind {
		case html.ErrorToken:
			return len(s)
		case html.DoctypeToken:
			// The tokenizer takes the first ">" of a DTD's own declarations for its end.
			// They are looked for once, as a page may begin them many times.
			if !t.declared && bytes.IndexByte(z.Raw(), '[') > 0 {
				t.declared = true
				if end := strings.Index(s[n:], "]>"); end >= 0 {
					return n + end + len("]>")
				}
			}
		case html.TextToken:
			if cdata, ok := bytes.CutPrefix(z.Raw(), []byte("<![CDATA[")); ok {
				// The tokenizer would read references in it, which have no meaning there.
				t.text(string(bytes.TrimSuffix(cdata, []byte("]]>"))))
			} else {
				t.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			tag, more := z.TagName()
			what := lookup(tag)
			el := &node{name: what.name, trait: what.trait}
			attributes := 0
			for more {
				var key, val []byte
				key, val, more = z.TagAttr()
				if attributes++; wanted[string(key)] {
					el.attr = append(el.attr, html.Attribute{Key: string(key), Val: string(val)})
				}
			}
			// In XHTML and XML <iframe/> is a whole element, and nothing after it is raw.
			if kind == html.SelfClosingTagToken {
				z.NextIsNotRawText()
			}
			t.start(el, kind == html.SelfClosingTagToken || el.is(void))
			t.count += attributes / 8 // they cost as well
			if attributes > manyAttributes && kind == html.StartTagToken && !el.is(raw) {
				return n
			}
		case html.EndTagToken:
			tag, _ := z.TagName()
			t.end(lookup(tag))
		}
	}
	return n
}

func (t *tree) top() *node { return t.open[len(t.open)-1] }

func (t *tree) text(s string) {
	if s != "" {
		t.add(&node{text: s})
	}
}

func (t *tree) add(n *node) {
	t.count++
	top := t.top()
	top.children = append(top.children, n)
}

// start opens an element, after closing those that it ends by coming.
func (t *tree) start(el *node, empty bool) {
	switch el.name {
	case "body":
		t.closeWithin("head")
	case "a":
		t.closeWithin("a", "td", "th", "caption", "table")
	case "li":
		t.closeWithin("li", "ul", "ol", "dl", "td", "th", "table")
	case "dt", "dd":
		t.closeWithin("dt", "dd", "dl", "ul", "ol", "td", "th", "table")
		t.closeWithin("dd", "dl", "ul", "ol", "td", "th", "table")
	case "td", "th":
		t.closeWithin("td", "tr", "table")
		t.closeWithin("th", "tr", "table")
	case "tr", "thead", "tbody", "tfoot":
		t.closeWithin("tr", "table")
		if el.name != "tr" {
			t.closeWithin("thead", "table")
			t.closeWithin("tbody", "table")
		}
	}
	if !el.is(inline|void|raw) || el.name == "hr" {
		t.closeParagraph()
	}
	t.add(el)
	// Deeper than that, elements stand beside their content instead of around it.
	if !empty && (len(t.open) < maxDepth || el.is(raw)) {
		t.push(el)
	}
}

func (t *tree) push(el *node) {
	t.open = append(t.open, el)
	t.names[el.name]++
}

// pop closes the i-th open element and those inside it.
func (t *tree) pop(i int) {
	for _, el := range t.open[i:] {
		t.names[el.name]--
	}
	t.open = t.open[:i]
}

// closeWithin closes the innermost open element of this name, unless one of
// scope is nearer.
func (t *tree) closeWithin(name string, scope ...string) {
	for i := len(t.open) - 1; i > 0 && t.names[name] > 0; i-- {
		if t.open[i].name == name {
			t.pop(i)
			return
		}
		if slices.Contains(scope, t.open[i].name) {
			return
		}
	}
}

// closeParagraph closes an open paragraph that only inline elements are open in.
func (t *tree) closeParagraph() {
	for i := len(t.open) - 1; i > 0 && t.names["p"] > 0; i-- {
		if t.open[i].name == "p" {
			t.pop(i)
			return
		}
		if !t.open[i].is(inline) || t.open[i].is(cell) {
			return
		}
	}
}

// end closes the innermost open element of this name. Inline elements that
// were opened in it and not closed go on after it, as in <b>a<i>b</b>c</i>.
func (t *tree) end(what element) {
	switch what.name {
	case "br": // </br> is a line break, as browsers have it
		t.add(&node{name: "br", trait: what.trait})
		return
	case "table", "tr", "thead", "tbody", "tfoot":
		t.closeWithin(what.name)
		return
	}
	for i := len(t.open) - 1; i > 0 && t.names[what.name] > 0; i-- {
		el := t.open[i]
		if el.name == what.name {
			again := slices.Clone(t.open[i+1:])
			t.pop(i)
			if what.trait&inline != 0 {
				t.reopen(again)
			}
			return
		}
		if el.is(cell) {
			return
		}
	}
}

func (t *tree) reopen(elements []*node) {
	for _, el := range elements {
		el = &node{name: el.name, trait: el.trait, attr: el.attr}
		t.add(el)
		t.push(el)
	}
}
