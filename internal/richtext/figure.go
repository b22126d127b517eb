package richtext

import (
	"slices"
	"strconv"
	"strings"
)

// embed reads a frame or a player: an address of https or nothing.
func (r *reader) embed(n *node) {
	src := n.get("src")
	if s := n.find("source"); src == "" && s != nil {
		src = s.get("src")
	}
	if src == "" {
		src = n.get("data-src")
	}
	where := r.address(src, address)
	switch {
	case allowedEmbed(where):
		r.emit(Block{Kind: Embed, URL: where, Title: n.get("title")})
	case r.source:
		r.lose(invalid("What is embedded must have an address that starts with https://."))
	}
}

// image reads a picture. Counting pixels and pictures inside the address
// (data:) are not pictures.
func (r *reader) image(n *node) {
	for _, side := range []string{"width", "height"} {
		value := strings.TrimSuffix(n.get(side), "px")
		if value == "" {
			continue
		}
		if size, err := strconv.Atoi(value); err == nil && size <= 2 {
			return
		}
	}
	if r.source {
		r.picture(n)
		return
	}
	src := r.address(n.get("src"), address)
	if src == "" {
		src = r.address(n.get("data-src"), address)
	}
	if src != "" {
		r.emit(Block{Kind: Figure, URL: src, Alt: n.get("alt")})
	}
}

// emoji reports whether a picture is only the drawing of a character.
func emoji(n *node) bool {
	class := n.get("class")
	return strings.Contains(class, "emoji") || strings.Contains(class, "wp-smiley")
}

// figure reads a figure: the caption goes to the picture, table or quotation
// in it.
func (r *reader) figure(n *node) {
	if slices.Contains(strings.Fields(n.get("class")), "embed") {
		if a := n.find("a"); a != nil {
			if where := r.address(a.get("href"), address); allowedEmbed(where) {
				r.emit(Block{Kind: Embed, URL: where, Title: r.plain(a)})
				return
			}
		}
	}
	caption := figcaption(n)
	skip, out := r.skip, r.out
	r.skip, r.out = append(r.skip, caption), nil
	r.flow(n, Span{})
	r.flush()
	inside := r.out
	r.skip, r.out = skip, out
	if caption != nil {
		inside = r.caption(inside, caption)
	}
	r.out = append(r.out, inside...)
}

// figcaption finds the caption of n, not that of a figure inside it.
func figcaption(n *node) *node {
	for _, c := range n.children {
		if c.name == "figcaption" {
			return c
		}
		if c.name == "figure" || c.below&caption == 0 {
			continue
		}
		if found := figcaption(c); found != nil {
			return found
		}
	}
	return nil
}

// caption gives the first of blocks that can have one the caption n.
func (r *reader) caption(blocks []Block, n *node) []Block {
	by := credit(n)
	skip := r.skip
	r.skip = append(r.skip, by)
	text := r.phrase(n, Span{})
	r.skip = skip
	for i := range blocks {
		b := &blocks[i]
		switch {
		case b.Kind == Figure && b.Text == nil && b.Credit == "":
			b.Text = text
			if by != nil {
				b.Credit = r.plain(by)
			}
		case b.Kind == Table && b.Text == nil:
			b.Text = text
		case b.Kind == Quote && b.Attribution == nil:
			b.Attribution = trimLeft(text, attributionDashes)
		default:
			continue
		}
		return blocks
	}
	return Block{Kind: Paragraph, Text: text}.tidy(blocks)
}

// credit finds the part of a caption that says whose picture it is.
func credit(n *node) *node {
	for _, c := range n.children {
		if c.is(aside) {
			continue // has its own
		}
		if strings.Contains(strings.ToLower(c.get("class")), "credit") {
			return c
		}
		if found := credit(c); found != nil {
			return found
		}
	}
	return nil
}
