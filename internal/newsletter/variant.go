package newsletter

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"kawaraban/internal/db"
	"kawaraban/internal/mail"
)

// candidates are all stories that this edition may bring somebody.
func (t *turnOf) candidates() []string { return append(stories(t.e.Parts), t.followed...) }

// maxVariants is how many variants are kept printed: some 40 KB each.
const maxVariants = 64

// variant is the edition as somebody gets it who has had these stories and reads
// these sections.
func (t *turnOf) variant(had map[string]bool, c claimed) *variant {
	picked := pick(t.e.Parts, t.may, had, c.sections, t.lines[c.account])
	key := keyOf(picked)
	v := t.variants[key]
	if v == nil {
		if len(t.variants) >= maxVariants {
			for k, old := range t.variants { // any: those who hold it still do
				if old.number > 0 {
					delete(t.variants, k)
					break
				}
			}
		}
		v = &variant{picked: picked}
		t.variants[key] = v
	}
	return v
}

func keyOf(picked [][]string) string {
	var b strings.Builder
	for _, ids := range picked {
		b.WriteString(strings.Join(ids, ","))
		b.WriteByte(';')
	}
	return b.String()
}

// nothing reports whether a variant brings no story.
func (v *variant) nothing() bool {
	return !slices.ContainsFunc(v.picked, func(ids []string) bool { return len(ids) > 0 })
}

// numbered stores which stories a variant brings.
func (t *turnOf) numbered(ctx context.Context, tx *db.Tx, v *variant) error {
	if v.number > 0 && v.stored {
		return nil
	}
	if v.number == 0 {
		t.count++
		v.number = t.count
	}
	for _, ids := range v.picked {
		for _, id := range ids {
			_, err := tx.Exec(ctx, `insert into edition_story (edition, variant, article) values ($1, $2, $3) on conflict do nothing`, t.e.ID, v.number, id)
			if err != nil {
				return fmt.Errorf("store a variant: %w", err)
			}
		}
	}
	tx.AfterCommit(func() { v.stored = true })
	return nil
}

// print sets a variant in the paper's face, unless it is what was set last.
func (t *turnOf) print(ctx context.Context, v *variant) error {
	if v.printing == t.printing {
		return nil
	}
	places := Places{Unsubscribe: rand.Text(), Preferences: rand.Text(), Click: rand.Text()}
	w, err := t.s.ways(ctx, t.e, places.Click)
	if err != nil {
		return err
	}
	c, err := t.s.content(ctx, t.l, t.e, v.picked, w)
	if err != nil {
		return err
	}
	var st *mail.Stencil
	if c.Places = places; !t.void(c) {
		if st, err = t.s.Press(ctx, c); err != nil {
			return err
		}
	}
	v.stencil.Store(st)
	v.printing = t.printing
	return nil
}

// void reports whether an edition must not be sent as it is: the story that an alert
// is about is gone, or all that a digest brought.
func (t *turnOf) void(c Content) bool {
	cards := slices.ContainsFunc(c.Parts, func(p Shown) bool { return len(p.Cards) > 0 })
	switch t.l.Kind {
	case Alert:
		return t.e.Article != "" && !cards
	case Digest:
		return !cards && !t.l.Empty
	}
	return len(c.Parts) == 0
}
