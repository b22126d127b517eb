package richtext

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// attributionDashes stand before the name of who is quoted; they are not part of it.
const attributionDashes = "-–—―~"

// quote reads a block quotation. Its paragraphs become one quote; whatever
// else is in it stays a block of its own.
func (r *reader) quote(n *node, m Span) {
	if r.post(n) {
		return
	}
	source := attribution(n)
	skip, out := r.skip, r.out
	r.skip, r.out = append(r.skip, source), nil
	r.flow(n, m)
	r.flush()
	inside := r.out
	r.skip, r.out = skip, out

	var who []Span
	if source != nil {
		who = trimLeft(r.phrase(source, Span{}), attributionDashes)
	}
	last := -1
	for _, b := range inside {
		switch {
		case b.Kind != Paragraph:
			r.out = append(r.out, b)
			if b.Kind == Quote {
				last = len(r.out) - 1
			}
		case last >= 0 && last == len(r.out)-1 && r.out[last].Attribution == nil:
			q := &r.out[last]
			q.Text = tidy(slices.Concat(q.Text, []Span{{Text: "\n"}}, b.Text))
		default:
			r.out = append(r.out, Block{Kind: Quote, Text: b.Text})
			last = len(r.out) - 1
		}
	}
	switch {
	case who == nil:
	case last >= 0 && r.out[last].Attribution == nil:
		r.out[last].Attribution = who
	default:
		r.emit(Block{Kind: Paragraph, Text: who})
	}
}

// attribution finds the element of a quotation that says whose it is: a
// footer, NITF's credit, or a cite after which nothing comes.
func attribution(n *node) *node {
	if found := signature(n); found != nil {
		return found
	}
	return lastCite(n)
}

// signature finds the footer or credit of n, not that of a quotation inside it.
func signature(n *node) *node {
	for _, c := range n.children {
		switch c.name {
		case "footer", "credit":
			return c
		case "blockquote", "bq", "":
		default:
			if found := signature(c); found != nil {
				return found
			}
		}
	}
	return nil
}

// lastCite finds a cite at the end of n. One that has no text before it is the
// text.
func lastCite(n *node) *node {
	for i, c := range slices.Backward(n.children) {
		switch c.name {
		case "":
			if strings.TrimFunc(c.text, within(attributionDashes)) == "" {
				continue
			}
		case "cite":
			if slices.ContainsFunc(n.children[:i], func(b *node) bool { return first(b) != 0 }) {
				return c
			}
		case "p", "div":
			found := lastCite(c)
			if found == nil && len(c.children) == 1 && c.children[0].name == "cite" && i > 0 {
				found = c.children[0]
			}
			return found
		}
		return nil
	}
	return nil
}

// posts are the classes that networks give to a quotation that is a post of
// theirs.
var posts = set("twitter-tweet twitter-video instagram-media tiktok-embed bluesky-embed mastodon-embed reddit-embed-bq text-post-media")

// post reads a post of a social network as what it is: something that lives
// elsewhere. It reports whether n was one.
func (r *reader) post(n *node) bool {
	if !slices.ContainsFunc(strings.Fields(n.get("class")), func(c string) bool { return posts[c] }) {
		return false
	}
	where := ""
	n.all("a", func(a *node) {
		if href := address(a.get("href"), r.base); allowedEmbed(href) {
			where = href // the last link is the post's own
		}
	})
	for _, key := range []string{"cite", "data-instgrm-permalink"} {
		if href := address(n.get(key), r.base); allowedEmbed(href) {
			where = href
		}
	}
	if where == "" {
		return false
	}
	title := ""
	if p := n.find("p"); p != nil {
		later := r.later
		title = shorten(r.plain(p), 140)
		r.later = later
	}
	r.emit(Block{Kind: Embed, URL: where, Title: title})
	return true
}

// embed reads a frame or a player: an address of https or nothing.
func (r *reader) embed(n *node) {
	src := n.get("src")
	if s := n.find("source"); src == "" && s != nil {
		src = s.get("src")
	}
	if src == "" {
		src = n.get("data-src")
	}
	if where := address(src, r.base); allowedEmbed(where) {
		r.emit(Block{Kind: Embed, URL: where, Title: n.get("title")})
	}
}

// image reads a picture. Counting pixels and pictures inside the address
// (data:) are not pictures.
func (r *reader) image(n *node) {
	for _, side := range []string{"width", "height"} {
		if size, err := strconv.Atoi(strings.TrimSuffix(n.get(side), "px")); err == nil && size <= 2 {
			return
		}
	}
	src := address(n.get("src"), r.base)
	if !allowedPicture(src) || src == "" {
		src = address(n.get("data-src"), r.base)
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
			if where := address(a.get("href"), r.base); allowedEmbed(where) {
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
		switch c.name {
		case "figcaption":
			return c
		case "figure", "":
		default:
			if found := figcaption(c); found != nil {
				return found
			}
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

// trimLeft removes characters of cutset, and what shows nothing, from the start of spans.
func trimLeft(spans []Span, cutset string) []Span {
	for i, s := range spans {
		if s.Text = strings.TrimLeftFunc(s.Text, within(cutset)); s.Text != "" {
			return slices.Concat([]Span{s}, spans[i+1:])
		}
	}
	return nil
}

// trimRight removes characters of cutset, and what shows nothing, from the end of spans.
func trimRight(spans []Span, cutset string) []Span {
	for i, s := range slices.Backward(spans) {
		if s.Text = strings.TrimRightFunc(s.Text, within(cutset)); s.Text != "" {
			return slices.Concat(spans[:i], []Span{s})
		}
	}
	return nil
}

func within(cutset string) func(rune) bool {
	return func(r rune) bool {
		return strings.ContainsRune(cutset, r) || unicode.IsSpace(r) || invisible(r)
	}
}

// shorten cuts s to at most limit characters at the end of a word, with "…".
func shorten(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	if limit < 1 {
		return ""
	}
	kept := runes[:limit-1]
	for i := len(kept); i > len(kept)*2/3; i-- {
		if unicode.IsSpace(runes[i]) {
			kept = kept[:i]
			break
		}
	}
	return strings.TrimRightFunc(string(kept), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsPunct(r) && !strings.ContainsRune(`)]”’"'»」』`, r)
	}) + "…"
}
