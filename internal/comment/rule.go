package comment

import (
	"context"
	"errors"
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

// Rules lists the rules that are in force, in their order.
func (s *Store) Rules(ctx context.Context) ([]Rule, error) { return nil, errors.ErrUnsupported }

// RuleByID returns a rule, a retired one too.
func (s *Store) RuleByID(ctx context.Context, id string) (Rule, error) {
	return Rule{}, errors.ErrUnsupported
}

// AddRule adds a rule at the end. Problems name the fields name and text.
func (s *Store) AddRule(ctx context.Context, actor, name, text string) (Rule, error) {
	return Rule{}, errors.ErrUnsupported
}

// ChangeRule retires a rule and puts a new one in its place.
func (s *Store) ChangeRule(ctx context.Context, actor, id, name, text string) (Rule, error) {
	return Rule{}, errors.ErrUnsupported
}

// RetireRule takes a rule out of force; decisions under it stay.
func (s *Store) RetireRule(ctx context.Context, actor, id string) error { return errors.ErrUnsupported }

// OrderRules puts the rules in force in this order. It must name each once: if
// somebody has changed them meanwhile, that is a Problem Conflict.
func (s *Store) OrderRules(ctx context.Context, actor string, ids []string) error {
	return errors.ErrUnsupported
}

// SeedRules gives a paper that has none its first rules: names and texts, in
// their order.
func (s *Store) SeedRules(ctx context.Context, rules []Rule) error { return errors.ErrUnsupported }
