package media

import (
	"bytes"
	"encoding/xml"
	"io"
	"path"
	"strings"
)

// The namespaces of the fields that we read and write.
const (
	nsRDF       = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsDC        = "http://purl.org/dc/elements/1.1/"
	nsPhotoshop = "http://ns.adobe.com/photoshop/1.0/"
	nsRights    = "http://ns.adobe.com/xap/1.0/rights/"
	nsXMP       = "http://ns.adobe.com/xap/1.0/"
	nsCore      = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
	nsExt       = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
	nsPLUS      = "http://ns.useplus.org/ldf/xmp/1.0/"
	nsXML       = "http://www.w3.org/XML/1998/namespace"
)

// Limits of a packet's tree; real ones stay far below.
const (
	maxDepth    = 32
	maxElements = 20_000
)

// A node is one element of a packet: a property, a list, an item or a struct.
// Attributes are kept as nodes too, since RDF lets a property be either.
type node struct {
	name xml.Name
	text string
	kids []*node
}

// parseXMP reads the fields of Meta from a packet (XMP part 1, IPTC Photo
// Metadata 2025.1). A packet that is broken gives what stands before the break.
func parseXMP(packet []byte) Meta {
	var m Meta
	if len(packet) == 0 || len(packet) > maxPacket {
		return m
	}
	prop := map[xml.Name]*node{}
	for _, description := range descriptions(parseTree(packet)) {
		for _, p := range description.kids {
			if prop[p.name] == nil {
				prop[p.name] = p
			}
		}
	}
	get := func(space, local string) string { return prop[xml.Name{Space: space, Local: local}].value() }
	list := func(space, local string) []string { return prop[xml.Name{Space: space, Local: local}].list() }

	m.Headline = get(nsPhotoshop, "Headline")
	m.Caption = get(nsDC, "description")
	m.Alt = get(nsCore, "AltTextAccessibility")
	m.Byline = clean(strings.Join(list(nsDC, "creator"), ", "))
	m.Credit = get(nsPhotoshop, "Credit")
	m.Source = get(nsPhotoshop, "Source")
	m.Copyright = get(nsDC, "rights")
	m.UsageTerms = get(nsRights, "UsageTerms")
	m.WebStatement = webAddress(get(nsRights, "WebStatement"))
	m.DataMining = term(get(nsPLUS, "DataMining"))
	m.Instructions = get(nsPhotoshop, "Instructions")
	m.DigitalSource = term(get(nsExt, "DigitalSourceType"))
	m.AISystem = get(nsExt, "AISystemUsed")
	m.Event = get(nsExt, "Event")
	m.City = get(nsPhotoshop, "City")
	m.Country = get(nsPhotoshop, "Country")
	m.Keywords = list(nsDC, "subject")
	m.Created = parseTime(get(nsPhotoshop, "DateCreated"))
	if m.Created.IsZero() {
		m.Created = parseTime(get(nsXMP, "CreateDate"))
	}
	if licensor := prop[xml.Name{Space: nsPLUS, Local: "Licensor"}].first(); licensor != nil {
		m.Licensor = licensor.field(nsPLUS, "LicensorName").value()
		m.LicensorURL = webAddress(licensor.field(nsPLUS, "LicensorURL").value())
	}
	return m
}

// term returns the last part of a controlled vocabulary's address.
func term(s string) string {
	if s == "" {
		return ""
	}
	return path.Base(strings.TrimRight(s, "/"))
}

// parseTree reads XML into nodes, up to the limits. Entities are not expanded:
// encoding/xml knows only XML's own five.
func parseTree(packet []byte) *node {
	d := xml.NewDecoder(bytes.NewReader(packet))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // clean repairs the rest
	root := &node{}
	open := []*node{root}
	for elements := 0; elements < maxElements; {
		token, err := d.Token()
		if err != nil {
			break
		}
		top := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if len(open) > maxDepth {
				return root
			}
			n := &node{name: t.Name}
			for _, a := range t.Attr {
				n.kids = append(n.kids, &node{name: a.Name, text: a.Value})
			}
			elements += 1 + len(t.Attr)
			top.kids = append(top.kids, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(top.text) < maxField {
				top.text += string(t)
			}
		}
	}
	return root
}

// descriptions finds the rdf:Descriptions that hold the packet's properties.
func descriptions(n *node) []*node {
	var found []*node
	for _, kid := range n.kids {
		if n.is("RDF") && kid.is("Description") {
			found = append(found, kid)
		} else if kid.name.Local == "xmpmeta" || kid.name.Local == "xapmeta" || kid.is("RDF") {
			found = append(found, descriptions(kid)...)
		}
	}
	return found
}

// is reports whether n is the RDF element of that name.
func (n *node) is(local string) bool { return n.name.Space == nsRDF && n.name.Local == local }

// field returns a property or attribute of a struct; nil when it has none. The
// struct may be wrapped in an rdf:Description of its own.
func (n *node) field(space, local string) *node {
	if n == nil {
		return nil
	}
	for _, kid := range n.kids {
		if kid.name.Space == space && kid.name.Local == local {
			return kid
		}
		if kid.is("Description") {
			if f := kid.field(space, local); f != nil {
				return f
			}
		}
	}
	return nil
}

// items returns the members of an rdf:Alt, Bag or Seq; of anything else, nil.
func (n *node) items() []*node {
	if n == nil {
		return nil
	}
	for _, kid := range n.kids {
		if !kid.is("Alt") && !kid.is("Bag") && !kid.is("Seq") {
			continue
		}
		var items []*node
		for _, li := range kid.kids {
			if li.is("li") {
				items = append(items, li)
			}
		}
		return items
	}
	return nil
}

// first returns the first item of a list, or n itself when it is none.
func (n *node) first() *node {
	if items := n.items(); len(items) > 0 {
		return items[0]
	}
	return n
}

// value returns a property's text: of language alternatives the default one, of
// another list the first item, of a reference the address.
func (n *node) value() string {
	if n == nil {
		return ""
	}
	if items := n.items(); len(items) > 0 {
		for _, item := range items {
			if item.field(nsXML, "lang").value() == "x-default" {
				return item.value()
			}
		}
		return items[0].value()
	}
	if s := clean(n.text); s != "" {
		return s
	}
	for _, address := range []string{"resource", "value"} {
		if f := n.field(nsRDF, address); f != nil {
			return clean(f.text)
		}
	}
	return ""
}

// list returns a property's items that are not empty; a plain property is a
// list of one.
func (n *node) list() []string {
	var list []string
	items := n.items()
	if items == nil && n != nil {
		items = []*node{n}
	}
	for _, item := range items {
		if s := item.value(); s != "" && len(list) < maxKeywords {
			list = append(list, s)
		}
	}
	return list
}
