package richtext

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Limits on what is read from outside. What lies beyond them is cut off.
const (
	maxInput  = 512 << 10 // bytes
	maxTokens = 50_000    // tags and runs of text; the largest body that may be stored has fewer when it is written
	maxLines  = 25_000    // of plain text; no more than maxPieces of them can be stored
	maxDepth  = 64
)

// A node is an element or, when name is empty, a run of text.
type node struct {
	name     string // lower case, without a namespace prefix
	trait    trait
	below    trait // of all elements inside it: what is not there need not be looked for
	text     string
	attr     []attribute // those that are wanted
	children []*node
}

type attribute struct{ key, val string }

// get returns the attribute with this name, "" when there is none.
func (n *node) get(name string) string {
	for _, a := range n.attr {
		if a.key == name {
			return a.val
		}
	}
	return ""
}

// find returns the first element below n with this name, or nil. Where elements
// that look for it may stand in one another, it must have a trait to be found
// by, or each looks through all that is in it.
func (n *node) find(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
		if what := elements[name].trait; c.below&what != what {
			continue
		}
		if found := c.find(name); found != nil {
			return found
		}
	}
	return nil
}

// child returns the first of n's own children with one of these names, or nil.
func (n *node) child(names ...string) *node {
	for _, c := range n.children {
		if c.name != "" && slices.Contains(names, c.name) {
			return c
		}
	}
	return nil
}

// all calls f for each element below n with this name, in reading order.
func (n *node) all(name string, f func(*node)) {
	for _, c := range n.children {
		if c.name == name {
			f(c)
		} else if what := elements[name].trait; c.below&what == what {
			c.all(name, f)
		}
	}
}

// wanted are the attributes that mean something to us, by their names.
var wanted = words("href src alt title cite class style hidden width height type colspan rowspan " +
	"data-src data-picture data-video data-instgrm-permalink source data-location media-type")

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
	count    int            // of what was read, in tokens

	// The children of the open elements, those of the root first; from says where
	// each begins. An element gets its own when it is closed.
	children []*node
	from     []int

	attr []attribute // of the element that is being read

	// Room for nodes, children and attributes: one by one they cost more than all
	// the rest.
	nodes      []node
	lists      []*node
	attributes []attribute
}

// parse reads HTML or XML. Entities of a DTD are never resolved: they stay as
// the text that they were written as. What is over a limit, the first of them most
// bytes, is left out, and the error says which limit.
func parse(s string, most int) (root *node, over error) {
	if len(s) > most {
		s, over = s[:most], longInput(len(s), most)
	}
	t := &tree{root: &node{name: "body"}, names: map[string]int{}}
	t.push(t.root)
	for len(s) > 0 {
		if t.count > maxTokens {
			over = tooLarge(fmt.Sprintf("The text has more than %d tags and runs of text.", maxTokens))
			break
		}
		s = s[t.read(s):]
	}
	t.pop(0)
	return t.root, over
}

func longInput(size, most int) error {
	return tooLarge(fmt.Sprintf("The text has %d KB with its tags; %d is the most.", (size+1<<10-1)>>10, most>>10))
}

// manyAttributes is where a tokenizer is thrown away: it keeps a table of
// attribute names that it clears for each tag, at the size of its largest tag.
// A flood of attributes followed by many small tags would take minutes. A new
// one costs as much as so many tokens.
const (
	manyAttributes = 64
	newTokenizer   = 16
)

// read adds what s holds and returns how much of it was read.
func (t *tree) read(s string) (n int) {
	z := html.NewTokenizer(strings.NewReader(s))
	z.AllowCDATA(true)
	for t.count <= maxTokens {
		kind := z.Next()
		n += len(z.Raw())
		t.count++
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
			what := lookup(z.Raw()[len("<"):])
			el := t.node(node{name: what.name, trait: what.trait})
			t.attr = t.attr[:0]
			attributes := 0
			for {
				key, val, more := z.TagAttr()
				if name, ok := wanted[string(key)]; ok {
					t.attr = append(t.attr, attribute{name, string(val)})
				}
				if attributes++; !more {
					break
				}
			}
			el.attr = keep(&t.attributes, t.attr)
			// In XHTML and XML <iframe/> is a whole element, and nothing after it is raw.
			if kind == html.SelfClosingTagToken {
				z.NextIsNotRawText()
			}
			t.start(el, kind == html.SelfClosingTagToken || el.is(void))
			t.count += attributes / 2 // they cost as well
			if attributes > manyAttributes && kind == html.StartTagToken && !el.is(raw) {
				t.count += newTokenizer
				return n
			}
		case html.EndTagToken:
			t.end(lookup(z.Raw()[len("</"):]))
		}
	}
	return n
}

func (t *tree) text(s string) {
	if s == "" {
		return
	}
	n := node{text: s}
	if strings.TrimSpace(s) != "" {
		n.trait = visible
	}
	t.add(t.node(n))
}

func (t *tree) node(n node) *node {
	if len(t.nodes) == cap(t.nodes) {
		t.nodes = make([]node, 0, more(cap(t.nodes)))
	}
	t.nodes = append(t.nodes, n)
	return &t.nodes[len(t.nodes)-1]
}

// more is how much room to make after there was room for n: little for a headline,
// and never much too much.
func more(n int) int { return min(max(2*n, 8), 512) }

// keep returns a copy of list, made in room.
func keep[T any](room *[]T, list []T) []T {
	if len(list) > cap(*room)-len(*room) {
		*room = make([]T, 0, max(more(cap(*room)), len(list)))
	}
	start := len(*room)
	*room = append(*room, list...)
	return (*room)[start:len(*room):len(*room)]
}

func (t *tree) add(n *node) {
	t.children = append(t.children, n)
	for _, around := range slices.Backward(t.open) {
		if around.below&n.trait == n.trait {
			return // so have those around it
		}
		around.below |= n.trait
	}
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
	t.from = append(t.from, len(t.children))
	t.names[el.name]++
}

// pop closes the i-th open element and those inside it.
func (t *tree) pop(i int) {
	for last := len(t.open) - 1; last >= i; last-- {
		el, from := t.open[last], t.from[last]
		el.children = keep(&t.lists, t.children[from:])
		t.children = t.children[:from]
		t.names[el.name]--
	}
	t.open, t.from = t.open[:i], t.from[:i]
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
		t.add(t.node(node{name: "br", trait: what.trait}))
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
		el = t.node(node{name: el.name, trait: el.trait, attr: el.attr})
		t.count++
		t.add(el)
		t.push(el)
	}
}
