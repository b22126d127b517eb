package comment

import (
	"context"
	"fmt"
	"slices"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// A Rule is one rule of the paper, to which decisions point. A rule is never
// changed: a change retires it and makes a new one, so that old decisions keep
// the text that they were taken under.
type Rule struct {
	ID       string
	Position int
	Name     string
	Text     string
	Retired  bool
}

const (
	maxRules    = 50
	maxRuleName = 100
	errNoRule   = "There is no such rule."
)

func ruleList(ctx context.Context, q db.Querier) (found []Rule, err error) {
	rows, err := q.Query(ctx, `select id, position, name, text, retired from house_rule where not retired order by position, id`)
	if err != nil {
		return nil, fmt.Errorf("read the paper's rules: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Rule
		if err := rows.Scan(&r.ID, &r.Position, &r.Name, &r.Text, &r.Retired); err != nil {
			return nil, fmt.Errorf("read the paper's rules: %w", err)
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// Rules lists the rules that are in force, in their order.
func (s *Store) Rules(ctx context.Context) ([]Rule, error) { return ruleList(ctx, s.DB) }

// RuleByID returns a rule, a retired one too.
func (s *Store) RuleByID(ctx context.Context, id string) (r Rule, err error) {
	err = s.DB.QueryRow(ctx, `select id, position, name, text, retired from house_rule where id = $1`, id).Scan(&r.ID, &r.Position, &r.Name, &r.Text, &r.Retired)
	return r, db.Found(err, errNoRule)
}

// clean makes a rule as it is kept.
func (r *Rule) clean() (err error) {
	if r.Name, err = line("name", r.Name, maxRuleName, true); err != nil {
		return err
	}
	r.Text, err = words("text", r.Text, true)
	return err
}

// changeRules runs f on the rules in force, while nobody else changes them.
func (s *Store) changeRules(ctx context.Context, actor string, act audit.Act, subject string, f func(tx *db.Tx, rules []Rule) error) error {
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		// There is no row that all rules share, so a setting stands for them.
		_, err := tx.Exec(ctx, `insert into comment_setting (name, value) values ('rules', '') on conflict (name) do update set value = ''`)
		if err != nil {
			return err
		}
		rules, err := ruleList(ctx, tx)
		if err != nil {
			return err
		}
		if err := f(tx, rules); err != nil {
			return err
		}
		if err := event.Record(ctx, tx, SettingsChanged{}); err != nil {
			return err
		}
		return s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: act, Subject: subject})
	})
	if err != nil && problem.Of(err) == nil {
		err = fmt.Errorf("change the paper's rules: %w", err)
	}
	return err
}

func insertRule(ctx context.Context, tx *db.Tx, r Rule) error {
	_, err := tx.Exec(ctx, `insert into house_rule (id, position, name, text, retired) values ($1, $2, $3, $4, false)`, r.ID, r.Position, r.Name, r.Text)
	return err
}

// AddRule adds a rule at the end. Problems name the fields name and text.
func (s *Store) AddRule(ctx context.Context, actor, name, text string) (Rule, error) {
	r := Rule{ID: s.ID(), Name: name, Text: text}
	if err := r.clean(); err != nil {
		return r, err
	}
	err := s.changeRules(ctx, actor, "comment.rule-added", r.ID, func(tx *db.Tx, rules []Rule) error {
		if len(rules) >= maxRules {
			return &problem.Problem{Kind: problem.Conflict, Detail: "A paper has at most 50 rules. Retire one first."}
		}
		r.Position = 1
		if n := len(rules); n > 0 {
			r.Position = rules[n-1].Position + 1
		}
		return insertRule(ctx, tx, r)
	})
	return r, err
}

// ChangeRule retires a rule and puts a new one in its place.
func (s *Store) ChangeRule(ctx context.Context, actor, id, name, text string) (Rule, error) {
	r := Rule{ID: s.ID(), Name: name, Text: text}
	if err := r.clean(); err != nil {
		return r, err
	}
	err := s.changeRules(ctx, actor, "comment.rule-changed", id, func(tx *db.Tx, rules []Rule) error {
		i, err := find(rules, id)
		if err != nil {
			return err
		}
		if rules[i].Name == r.Name && rules[i].Text == r.Text {
			r = rules[i]
			return nil
		}
		r.Position = rules[i].Position
		if err := retire(ctx, tx, id); err != nil {
			return err
		}
		return insertRule(ctx, tx, r)
	})
	return r, err
}

// RetireRule takes a rule out of force; decisions under it stay.
func (s *Store) RetireRule(ctx context.Context, actor, id string) error {
	return s.changeRules(ctx, actor, "comment.rule-retired", id, func(tx *db.Tx, rules []Rule) error {
		if _, err := find(rules, id); err != nil {
			return err
		}
		return retire(ctx, tx, id)
	})
}

func find(rules []Rule, id string) (int, error) {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return i, &problem.Problem{Kind: problem.Conflict, Detail: "This rule is not in force any more. Somebody may have changed it."}
	}
	return i, nil
}

func retire(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, `update house_rule set retired = true where id = $1`, id)
	return err
}

// OrderRules puts the rules in force in this order. It must name each once: if
// somebody has changed them meanwhile, that is a Problem Conflict.
func (s *Store) OrderRules(ctx context.Context, actor string, ids []string) error {
	return s.changeRules(ctx, actor, "comment.rules-ordered", "", func(tx *db.Tx, rules []Rule) error {
		there := make([]string, len(rules))
		for i, r := range rules {
			there[i] = r.ID
		}
		if !slices.Equal(slices.Sorted(slices.Values(ids)), slices.Sorted(slices.Values(there))) {
			return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has changed the rules in the meantime. Put them in order again."}
		}
		for i, id := range ids {
			if _, err := tx.Exec(ctx, `update house_rule set position = $2 where id = $1`, id, i+1); err != nil {
				return err
			}
		}
		return nil
	})
}

// SeedRules gives a paper that has none, and never had, its first rules: names
// and texts, in their order.
func (s *Store) SeedRules(ctx context.Context, rules []Rule) error {
	rules = slices.Clone(rules)
	for i := range rules {
		if err := rules[i].clean(); err != nil {
			return err
		}
	}
	var there bool
	if err := s.DB.QueryRow(ctx, `select exists (select 1 from house_rule)`).Scan(&there); err != nil || there {
		return err
	}
	return s.changeRules(ctx, audit.Console, "comment.rules-seeded", "", func(tx *db.Tx, _ []Rule) error {
		// Two processes may start at once.
		if err := tx.QueryRow(ctx, `select exists (select 1 from house_rule)`).Scan(&there); err != nil || there {
			return err
		}
		for i, r := range rules {
			if err := insertRule(ctx, tx, Rule{ID: s.ID(), Position: i + 1, Name: r.Name, Text: r.Text}); err != nil {
				return err
			}
		}
		return nil
	})
}
