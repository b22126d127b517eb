package richtext

import (
	"slices"
	"strings"
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
	last, joined := -1, newLine()
	for i, b := range inside {
		if b.Kind != Paragraph {
			r.out = append(r.out, b)
			if b.Kind == Quote {
				last = len(r.out) - 1
			}
			continue
		}
		// A paragraph after a quotation goes on with it.
		if last < 0 || last != len(r.out)-1 || r.out[last].Attribution != nil {
			r.out = append(r.out, Block{Kind: Quote})
			last = len(r.out) - 1
		}
		q := &r.out[last]
		if joined.empty() {
			joined.addAll(q.Text)
		}
		joined.add(Span{Text: "\n"})
		joined.addAll(b.Text)
		if i+1 == len(inside) || inside[i+1].Kind != Paragraph {
			q.Text = joined.take()
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
		if c.is(signed) {
			return c
		}
		if c.name == "blockquote" || c.name == "bq" || c.below&signed == 0 {
			continue
		}
		if found := signature(c); found != nil {
			return found
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
		if href := r.address(a.get("href"), address); allowedEmbed(href) {
			where = href // the last link is the post's own
		}
	})
	for _, key := range []string{"cite", "data-instgrm-permalink"} {
		if href := r.address(n.get(key), address); allowedEmbed(href) {
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
