package comment

import (
	"strings"
	"testing"

	"kawaraban/internal/problem"
)

func TestRules(t *testing.T) {
	onBoth(t, func(k *kit) {
		names := func() string {
			t.Helper()
			rules, err := k.Rules(t.Context())
			check(t, err)
			var all []string
			for _, r := range rules {
				all = append(all, r.Name)
			}
			return strings.Join(all, " ")
		}
		seeds := []Rule{{Name: "Insults", Text: "None."}, {Name: "Spam", Text: "None."}, {Name: "Crimes", Text: "None."}}
		if won := k.atOnce("", func(int) error { return k.SeedRules(t.Context(), seeds) }); won != 8 || names() != "Insults Spam Crimes" {
			t.Errorf("seeded: %s", names())
		}
		rules, err := k.Rules(t.Context())
		check(t, err)
		old := rules[1]
		r, err := k.ChangeRule(t.Context(), "pia", old.ID, " Advertising\n", "Not  here.")
		if err != nil || r.ID == old.ID || r.Name != "Advertising" || names() != "Insults Advertising Crimes" {
			t.Errorf("changed: %+v, %v, %s", r, err, names())
		}
		if kept, err := k.RuleByID(t.Context(), old.ID); err != nil || !kept.Retired || kept.Text != "None." {
			t.Errorf("the old one is %+v, %v", kept, err)
		}
		if _, err := k.ChangeRule(t.Context(), "pia", old.ID, "Again", "x"); !problem.Is(err, problem.Conflict) {
			t.Errorf("changing a retired one: %v", err)
		}
		for _, bad := range []Rule{{Name: "", Text: "x"}, {Name: strings.Repeat("a", 101), Text: "x"}, {Name: "x", Text: ""}, {Name: "x", Text: strings.Repeat("a", 2001)}} {
			if _, err := k.AddRule(t.Context(), "pia", bad.Name, bad.Text); !problem.Is(err, problem.Invalid) {
				t.Errorf("a rule of %d and %d letters: %v", len(bad.Name), len(bad.Text), err)
			}
		}
		check(t, k.OrderRules(t.Context(), "pia", []string{rules[2].ID, r.ID, rules[0].ID}))
		if names() != "Crimes Advertising Insults" {
			t.Errorf("ordered: %s", names())
		}
		for _, bad := range [][]string{{}, {rules[2].ID, r.ID}, {rules[2].ID, r.ID, r.ID}, {rules[2].ID, r.ID, old.ID}} {
			if err := k.OrderRules(t.Context(), "pia", bad); !problem.Is(err, problem.Conflict) {
				t.Errorf("ordered by %v: %v", bad, err)
			}
		}
		check(t, k.RetireRule(t.Context(), "pia", rules[2].ID))
		k.rule("Last")
		if names() != "Advertising Insults Last" {
			t.Errorf("then there are %s", names())
		}
		check(t, k.SeedRules(t.Context(), seeds))
		if names() != "Advertising Insults Last" {
			t.Errorf("seeded again: %s", names())
		}
	})
}
