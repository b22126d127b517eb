package richtext

import (
	"bytes"
	"strings"
)

// A trait is what there is to know about all elements of one name.
type trait uint8

const (
	inline  trait = 1 << iota // lives inside a line of text
	void                      // has no content in HTML
	raw                       // the tokenizer reads its content as text
	cell                      // nothing inside it closes what is outside
	dropped                   // its content is not text for readers
	aside                     // becomes a block of its own even inside a line
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

// lookup finds the element of a tag, whose name may have a namespace prefix.
func lookup(tag []byte) element {
	if i := bytes.LastIndexByte(tag, ':'); i >= 0 && i < len(tag)-1 {
		tag = tag[i+1:]
	}
	if el, ok := elements[string(tag)]; ok {
		return el
	}
	return element{name: string(tag)}
}

// set is the words of names.
func set(names string) map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		m[name] = true
	}
	return m
}
