package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/richtext"
)

// A chain is what all versions of one item share.
type chain struct {
	article  string // id, "" before the first draft
	newest   int64  // order of the newest version that was filed
	recall   Status // Withheld or Canceled, "" for none
	recalled int64  // order of the recall
}

// file stores an item and decides what follows from it. Versions of one story
// wait for one another here.
func (s *Store) file(ctx context.Context, tx *db.Tx, d delivery, it Item, kept map[string]*media.Kept) (Result, error) {
	r := Result{Name: d.name, ID: it.ID, Version: it.Version, Headline: it.Headline}
	ch, err := takeChain(ctx, tx, d.source.ID, it.ID)
	if err != nil {
		return r, err
	}
	fresh, err := s.storeItem(ctx, tx, d, it)
	if err != nil {
		return r, err
	}
	switch {
	case it.Status == Canceled, it.Status == Withheld:
		err = s.recall(ctx, tx, d.source, it, &ch, &r)
	case !fresh:
		r.Decision, r.Reason, r.Article = Kept, "This version came before.", ch.article
		return r, nil
	default:
		if err := s.want(ctx, tx, d.source, it, kept); err != nil {
			return r, err
		}
		err = s.release(ctx, tx, d.source, it, kept, article.FromWire, &ch, &r)
	}
	if err != nil {
		return r, err
	}
	return r, s.filed(ctx, tx, d.source, it, &ch, &r)
}

// filed stores what was decided.
func (s *Store) filed(ctx context.Context, tx *db.Tx, src Source, it Item, ch *chain, r *Result) error {
	r.Article = ch.article
	_, err := tx.Exec(ctx, `update wire_story set article = $3, newest = $4, recall = $5, recalled = $6 where source = $1 and id = $2`,
		src.ID, it.ID, ch.article, max(ch.newest, it.Order), ch.recall, ch.recalled)
	if err != nil {
		return fmt.Errorf("store the story: %w", err)
	}
	_, err = tx.Exec(ctx, `update wire_item set decision = $4, reason = $5 where source = $1 and id = $2 and version = $3`,
		src.ID, it.ID, it.Version, r.Decision, r.Reason)
	if err != nil {
		return fmt.Errorf("store the decision: %w", err)
	}
	return nil
}

// takeChain takes the story's row, making it if need be.
func takeChain(ctx context.Context, tx *db.Tx, source, id string) (ch chain, err error) {
	err = tx.QueryRow(ctx, `insert into wire_story (source, id, article, newest, recall, recalled) values ($1, $2, '', $3, '', 0)
		on conflict (source, id) do update set id = excluded.id
		returning article, newest, recall, recalled`, source, id, beforeAll).Scan(&ch.article, &ch.newest, &ch.recall, &ch.recalled)
	if err != nil {
		return ch, fmt.Errorf("take the story: %w", err)
	}
	return ch, nil
}

// beforeAll is older than every version.
const beforeAll = -1 << 62

// storeItem keeps the item; fresh is false when this version is here already.
func (s *Store) storeItem(ctx context.Context, tx *db.Tx, d delivery, it Item) (fresh bool, err error) {
	content, err := it.content()
	if err != nil {
		return false, fmt.Errorf("store the item: %w", err)
	}
	res, err := tx.Exec(ctx, `insert into wire_item (source, id, version, ord, delivery, format, class, status, headline, content, decision, reason, received)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'kept', '', $11)
		on conflict (source, id, version) do nothing`,
		d.source.ID, it.ID, it.Version, it.Order, d.id, it.Format, it.Class, it.Status, it.Headline, content, db.Time(s.Now()))
	if err != nil {
		return false, fmt.Errorf("store the item: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// recall obeys a kill or a withholding. A kill wins over every version, whenever
// it arrives; a withholding over every version that is not newer.
func (s *Store) recall(ctx context.Context, tx *db.Tx, src Source, it Item, ch *chain, r *Result) error {
	if it.Status == Withheld && it.Order < ch.newest && ch.recall == "" {
		r.Decision, r.Reason = Kept, "Withheld, and released again by a newer version that is here already."
		return nil
	}
	if ch.recall != Canceled {
		ch.recall, ch.recalled = it.Status, it.Order
	}
	if ch.article == "" {
		r.Decision, r.Reason = Kept, "A recall of a story that is not here. It is remembered."
		return nil
	}
	r.Decision = Recalled
	return s.Articles.Withdraw(ctx, tx, ch.article, article.Withdrawal{By: agency(src, it)})
}

// release decides on an item that the agency has not recalled.
func (s *Store) release(ctx context.Context, tx *db.Tx, src Source, it Item, kept map[string]*media.Kept, why article.Reason, ch *chain, r *Result) error {
	if reason := unprintable(it, kept); reason != "" {
		r.Decision, r.Reason = Kept, reason
		return nil
	}
	switch {
	case ch.recall == Canceled:
		r.Decision, r.Reason = Held, "The agency has killed this story. It is not published again by itself."
		return nil
	case ch.recall == Withheld && it.Order <= ch.recalled:
		r.Decision, r.Reason = Kept, "The agency has withheld this version."
		return nil
	case it.Order < ch.newest:
		r.Decision, r.Reason = Kept, "A newer version is here already."
		return nil
	}
	c, err := s.content(ctx, tx, src, it, kept)
	if err != nil {
		return err
	}
	rights := article.Rights{Embargo: it.Embargo, EmbargoOpen: it.EmbargoOpen}
	r.Reason = held(src, it)
	if ch.article == "" {
		ch.article, err = s.Articles.Create(ctx, tx, article.New{
			Section: src.Section, Language: orElse(it.Language, s.Language), Weight: weight(it.Urgency),
			Content: c, Rights: rights, By: src.Name,
		})
		r.Decision = Released
	} else {
		err = s.update(ctx, tx, src, c, rights, why, ch, r)
	}
	if err != nil {
		return err
	}
	if r.Reason != "" {
		r.Decision = Held
		return nil
	}
	if it.Embargo.After(s.Now()) {
		r.Decision, r.Reason = Embargoed, "Embargoed until "+it.Embargo.Format(time.RFC3339)+"."
	}
	return s.Articles.Publish(ctx, tx, ch.article, time.Time{})
}

// update gives the story's article the new version, unless that is for an
// editor to do: then r.Reason says why.
func (s *Store) update(ctx context.Context, tx *db.Tx, src Source, c article.Content, rights article.Rights, why article.Reason, ch *chain, r *Result) error {
	a, err := s.Articles.Get(ctx, tx, ch.article)
	if err != nil {
		return err
	}
	switch {
	case a.Edited:
		r.Reason = "An editor has changed this article. The new version waits to be merged."
	case a.State == article.Withdrawn && ch.recall == "":
		r.Reason = "The paper has withdrawn this article itself."
	}
	if r.Reason != "" && a.State != article.Draft {
		return nil
	}
	if ch.recall == Withheld { // and this version is newer
		ch.recall, ch.recalled = "", 0
		if err := s.Articles.Restore(ctx, tx, a.ID, src.Name); err != nil {
			return err
		}
	}
	r.Decision = Updated
	if err := s.Articles.Revise(ctx, tx, a.ID, c, article.Revision{Reason: why, By: src.Name}); err != nil {
		return err
	}
	return s.Articles.SetRights(ctx, tx, a.ID, rights)
}

// held says why an item waits for an editor, "" when it does not.
func held(src Source, it Item) string {
	switch {
	case it.Status != Usable:
		return fmt.Sprintf("The agency calls its status %q, which we do not know.", it.RawStatus)
	case it.EmbargoOpen:
		return "Embargoed, without an end."
	case src.Publish != Auto:
		return "This source's items are held for an editor."
	case it.LowTrust && !src.Feeds:
		return "Entries of open feeds are held for an editor."
	}
	return ""
}

// unprintable says why nothing of an item can be shown, "" when something can.
func unprintable(it Item, kept map[string]*media.Kept) string {
	switch it.Class {
	case Text:
		if len(it.Body.Blocks) == 0 {
			return "It has no text."
		}
	case Picture:
		for _, p := range it.Pictures {
			if kept[p.Href] != nil {
				return ""
			}
		}
		return "It is a picture, and the picture itself has not come."
	case Package:
		return "It is a package, which points at other items."
	default:
		return "It is neither text nor a picture."
	}
	return ""
}

// agency is who asks for a recall, as readers are told.
func agency(src Source, it Item) string { return orElse(it.Credit, src.Name) }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

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
		SourceNotice: it.Copyright,
	}
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

// figure is a picture of the wire as a block: the item's words before those in
// the file.
func figure(id string, p PictureRef, k *media.Kept) richtext.Block {
	caption := strings.TrimSpace(orElse(p.Caption, k.Meta.Caption))
	b := richtext.Block{
		Kind: richtext.Figure, Picture: id,
		Credit: orElse(p.Credit, k.Meta.Credit), Alt: orElse(p.Alt, k.Meta.Alt),
	}
	if caption != "" {
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

// want remembers the pictures that the item names and that have not come.
func (s *Store) want(ctx context.Context, tx *db.Tx, src Source, it Item, kept map[string]*media.Kept) error {
	for _, p := range it.Pictures {
		if !delivered(p.Href) || kept[p.Href] != nil {
			continue
		}
		_, err := tx.Exec(ctx, `insert into wire_wanted (source, name, id, version) values ($1, $2, $3, $4) on conflict do nothing`,
			src.ID, p.Href, it.ID, it.Version)
		if err != nil {
			return fmt.Errorf("remember the picture %s: %w", p.Href, err)
		}
	}
	return nil
}

// Attach gives a picture that has come to the items that wait for it. It does
// nothing for a picture that none names.
func (s *Store) Attach(ctx context.Context, src Source, name string, beside Beside) ([]Result, error) {
	items, err := s.wanted(ctx, src.ID, name)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	kept, err := s.pictures(ctx, items, beside)
	if err != nil {
		return nil, err
	}
	var results []Result
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		results = nil
		for _, it := range items {
			r := Result{Name: name, ID: it.ID, Version: it.Version, Headline: it.Headline}
			ch, err := takeChain(ctx, tx, src.ID, it.ID)
			if err != nil {
				return err
			}
			// Readers are not told of an update: only its picture was late.
			if err := s.release(ctx, tx, src, it, kept, article.Edit, &ch, &r); err != nil {
				return err
			}
			if err := s.filed(ctx, tx, src, it, &ch, &r); err != nil {
				return err
			}
			results = append(results, r)
		}
		_, err := tx.Exec(ctx, `delete from wire_wanted where source = $1 and name = $2`, src.ID, name)
		return err
	})
	return results, err
}

// wanted returns the items that wait for a picture of this name.
func (s *Store) wanted(ctx context.Context, source, name string) (items []Item, err error) {
	rows, err := s.DB.Query(ctx, `select i.content
		from wire_wanted w
		join wire_item i on i.source = w.source and i.id = w.id and i.version = w.version
		where w.source = $1 and w.name = $2
		order by w.id, w.version`, source, name)
	if err != nil {
		return nil, fmt.Errorf("who waits for %s: %w", name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var content string
		var it Item
		if err := rows.Scan(&content); err != nil {
			return nil, fmt.Errorf("who waits for %s: %w", name, err)
		}
		if err := json.Unmarshal([]byte(content), &it); err != nil {
			return nil, fmt.Errorf("a stored item is damaged: %w", err)
		}
		items = append(items, it)
	}
	return items, rows.Err()
}
