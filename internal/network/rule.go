package network

import (
	"context"
	"fmt"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A RuleKind says what a rule does with what it names.
type RuleKind string

const (
	Pin           RuleKind = "pin"      // an item, by its address here, stands first
	BlockItem     RuleKind = "item"     // an item, by its address here, is not shown
	BlockWord     RuleKind = "word"     // nor is what has this in its title
	BlockCategory RuleKind = "category" // nor what is of this category
)

// A Rule is what an editor wants of the panel.
type Rule struct {
	Kind  RuleKind
	Value string
	Label string // what people call it
}

const maxRules = 200

// Rules lists the rules, the newest first.
func (s *Store) Rules(ctx context.Context) (list []Rule, err error) {
	rows, err := s.DB.Query(ctx, `select kind, value, label from network_rule where removed = 0 order by created desc, kind, value limit $1`, maxRules)
	if err != nil {
		return nil, fmt.Errorf("list rules of the panel: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Rule
		if err := rows.Scan(&r.Kind, &r.Value, &r.Label); err != nil {
			return nil, fmt.Errorf("list rules of the panel: %w", err)
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// SetRule adds a rule, or takes it away.
func (s *Store) SetRule(ctx context.Context, actor string, r Rule, there bool) error {
	r.Value, r.Label = text(r.Value, maxTitle), text(r.Label, maxTitle)
	switch r.Kind {
	case Pin, BlockItem:
		if !isID(r.Value) {
			return &problem.Problem{Kind: problem.NotFound, Detail: "There is no such item in the panel any more."}
		}
	case BlockWord, BlockCategory:
		if r.Value == "" {
			const detail = "Type a word or a category."
			return &problem.Problem{Kind: problem.Invalid, Detail: detail, Fields: map[string]string{"value": detail}}
		}
		r.Label, r.Value = r.Value, article.Fold(r.Value)
	default:
		return &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
	}
	removed, what := db.Time{}, "set"
	if !there {
		removed, what = db.Time(s.Now()), "lifted"
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into network_rule (kind, value, label, removed, author, created) values ($1, $2, $3, $4, $5, $6)
			on conflict (kind, value) do update
			set label = case when excluded.label = '' then network_rule.label else excluded.label end, removed = excluded.removed, author = excluded.author`,
			r.Kind, r.Value, r.Label, removed, actor, db.Time(s.Now()))
		if err != nil {
			return fmt.Errorf("set a rule of the panel: %w", err)
		}
		if err := s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: RuleSet, Subject: r.Value, Detail: what + " " + string(r.Kind) + " " + r.Label}); err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
}

// rules are the rules as the mix asks them.
type rules struct {
	pins       []string
	items      map[string]bool
	words      []string // folded
	categories map[string]bool
}

func sorted(list []Rule) rules {
	r := rules{items: map[string]bool{}, categories: map[string]bool{}}
	for _, rule := range list {
		switch rule.Kind {
		case Pin:
			r.pins = append(r.pins, rule.Value)
		case BlockItem:
			r.items[rule.Value] = true
		case BlockWord:
			r.words = append(r.words, rule.Value)
		case BlockCategory:
			r.categories[rule.Value] = true
		}
	}
	return r
}

// blocks reports whether an item is not wanted. Words count from the beginning of one
// on: "art" is in "arts", and not in "start".
func (r rules) blocks(i PanelItem) bool {
	if r.items[i.ID] || i.Category != "" && r.categories[article.Fold(i.Category)] {
		return true
	}
	title := " " + i.folded
	for _, word := range r.words {
		at := strings.Index(title, word)
		for at >= 0 {
			if at == 0 || !wordly(title[at-1]) || word[0] >= 0x80 {
				return true
			}
			next := strings.Index(title[at+1:], word)
			if next < 0 {
				break
			}
			at += 1 + next
		}
	}
	return false
}

// wordly reports whether a byte is part of a word. Scripts without spaces between words
// have no beginnings of words that could be seen here.
func wordly(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b >= 0x80
}
