package richtext

import (
	"bytes"
	"strings"
)

// A trait is what there is to know about all elements of one name.
type trait uint16

const (
	inline  trait = 1 << iota // lives inside a line of text
	void                      // has no content in HTML
	raw                       // the tokenizer reads its content as text
	cell                      // nothing inside it closes what is outside
	dropped                   // its content is not text for readers
	aside                     // becomes a block of its own even inside a line

	// What is looked for below an element: see node.below.
	anchor  // a link
	caption // of a figure
	heading // of a table's rows or columns, or of the table
	part    // a table with one of these lays out a page
	signed  // says whose a quotation is
	visible // a run of text that is not white space
)

// An element is a name with its traits.
type element struct {
	name  string
	trait trait
}

// elements are the elements of HTML and NITF that have a trait.
var elements = traits(map[trait]string{
	inline: "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark q rb rp rt ruby s samp small " +
		"span strike strong sub sup time tt u var wbr " +
		"alt-code chron classifier copyrite event fn frac frac-num numer frac-sep frac-den denom function lang location money num object.title org " +
		"person postaddr pronounce virtloc",
	void: "area base br col embed frame hr img input link meta param source track wbr",
	raw:  "iframe noembed noframes noscript plaintext script style textarea title xmp",
	cell: "td th caption table fn",
	// What is struck out (del, s) must not read as if it stood.
	dropped: "script style svg math template noscript noembed noframes select datalist xmp plaintext textarea title " +
		"object applet canvas button input map nav dialog progress meter link meta base frameset del s strike rp " +
		"docdata head body.head body.end media-metadata media-object nitf-table-metadata ds note",
	aside: "img figure picture iframe video audio table nitf-table media pre",

	anchor:  "a",
	caption: "figcaption",
	heading: "th caption",
	part:    "table img figure iframe blockquote ul ol h1 h2 h3 h4",
	signed:  "footer credit",

	// Known, so that their names are not copied from each tag.
	0: "p div li tr tbody thead tfoot dl dt dd body.content section article main header",
})

func traits(names map[trait]string) map[string]element {
	m := map[string]element{}
	for t, list := range names {
		for name := range strings.FieldsSeq(list) {
			m[name] = element{name, m[name].trait | t}
		}
	}
	return m
}

// lookup finds the element of a tag, which begins with its name. That may have a
// namespace prefix.
func lookup(tag []byte) element {
	if i := bytes.IndexAny(tag, " \n\r\t\f/>"); i >= 0 {
		tag = tag[:i]
	}
	if i := bytes.LastIndexByte(tag, ':'); i >= 0 && i < len(tag)-1 {
		tag = tag[i+1:]
	}
	var lower [16]byte // longer names are rare
	tag = append(lower[:0], tag...)
	for i, b := range tag {
		if 'A' <= b && b <= 'Z' {
			tag[i] = b + 'a' - 'A'
		}
	}
	if el, ok := elements[string(tag)]; ok {
		return el
	}
	return element{name: string(tag)}
}

// words is the words of names, by themselves.
func words(names string) map[string]string {
	m := map[string]string{}
	for name := range strings.FieldsSeq(names) {
		m[name] = name
	}
	return m
}

// set is the words of names.
func set(names string) map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		m[name] = true
	}
	return m
}
