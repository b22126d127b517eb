package wire

import (
	"context"
	"fmt"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/richtext"
	"kawaraban/internal/topic"
)

// agency is who asks for a recall, as readers are told.
func agency(src Source, it Item) string { return orElse(it.Credit, src.Name) }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// maxTopics is how many of an agency's topics an article takes over: the first
// are what the item is about, and an editor adds his own.
const maxTopics = 10

// weight puts an agency's urgency, 1 to 9, on the paper's scale.
func weight(urgency int) int {
	switch urgency {
	case 1, 2:
		return 4
	case 3:
		return 3
	case 4, 5:
		return 2
	default:
		return 1
	}
}

// content is what readers get of an item. Nothing that is for editors is in it.
func (s *Store) content(ctx context.Context, tx *db.Tx, src Source, it Item, kept map[string]*media.Kept) (article.Content, error) {
	c := article.Content{
		Headline: it.Headline, Standfirst: it.Standfirst, Bylines: it.Bylines, Dateline: it.Dateline, Body: it.Body,
		SourceNotice: it.Copyright, Topics: topic.Load().Entries(it.Subjects),
	}
	c.Topics = c.Topics[:min(len(c.Topics), maxTopics)]
	if c.SourceNotice == "" {
		at := it.Created
		if at.IsZero() {
			at = s.Now()
		}
		c.SourceNotice = fmt.Sprintf("© %d %s", at.Year(), agency(src, it))
	}
	byRef, used := map[string]richtext.Block{}, map[string]bool{}
	var first *richtext.Block
	for _, p := range it.Pictures {
		k := kept[p.Href]
		if k == nil {
			continue
		}
		id, err := s.Media.Add(ctx, tx, k)
		if err != nil {
			return c, err
		}
		b := figure(id, p, k)
		for _, ref := range []string{p.Ref, p.Href} {
			if ref != "" {
				byRef[ref] = b
			}
		}
		if first == nil {
			first = &b
		}
	}
	c.Body.Blocks = make([]richtext.Block, 0, len(it.Body.Blocks))
	for _, b := range it.Body.Blocks {
		if b.Kind != richtext.Figure {
			c.Body.Blocks = append(c.Body.Blocks, b)
			continue
		}
		pic, ok := byRef[orElse(b.Picture, b.URL)]
		if !ok {
			continue // its picture has not come, and we do not show other people's servers
		}
		if used[pic.Picture] {
			continue
		}
		used[pic.Picture] = true
		if len(b.Text) > 0 {
			pic.Text = b.Text
		}
		pic.Credit, pic.Alt = orElse(b.Credit, pic.Credit), orElse(b.Alt, pic.Alt)
		c.Body.Blocks = append(c.Body.Blocks, pic)
	}
	if first != nil {
		if used[first.Picture] {
			c.Body.Blocks = without(c.Body.Blocks, first.Picture)
		}
		c.Lead = article.Lead{Picture: first.Picture, Caption: richtext.Plain(first.Text), Credit: orElse(first.Credit, agency(src, it)), Alt: first.Alt}
	}
	return c, nil
}

// maxAlt is how long the words in place of a picture may be, in runes: a body
// holds no longer ones.
const maxAlt = 1_000

// figure is a picture of the wire as a block: the item's words before those in
// the file.
func figure(id string, p PictureRef, k *media.Kept) richtext.Block {
	b := richtext.Block{
		Kind: richtext.Figure, Picture: id,
		Credit: oneLine(orElse(p.Credit, k.Meta.Credit), maxLine), Alt: oneLine(orElse(p.Alt, k.Meta.Alt), maxAlt),
	}
	if caption := oneLine(orElse(p.Caption, k.Meta.Caption), maxCaption); caption != "" {
		b.Text = []richtext.Span{{Text: caption}}
	}
	return b
}

// without leaves out the figure that leads the article already.
func without(blocks []richtext.Block, picture string) (rest []richtext.Block) {
	for _, b := range blocks {
		if b.Kind != richtext.Figure || b.Picture != picture {
			rest = append(rest, b)
		}
	}
	return rest
}
