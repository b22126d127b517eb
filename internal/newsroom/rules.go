package newsroom

import (
	"slices"

	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// rulesPage is what rules.html shows: the rules of the paper, in their order.
type rulesPage struct {
	modPage
	Rules  []ruleRow
	Manage bool // this moderator may change them
	Add    ruleForm
}

// A ruleRow is one rule, with the form that changes it.
type ruleRow struct {
	ID, Name, Text string
	First, Last    bool
	Form           ruleForm
}

// A ruleForm is what is typed of a rule.
type ruleForm struct {
	Open                 bool
	ID                   string // of the labels
	Name, Text           string
	NameError, TextError string
}

func (d *Desk) showRules(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.rulesPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.rules.With(p)), nil
}

func (d *Desk) rulesPage(v *visit, a *reader.Actor) (p rulesPage, err error) {
	if p.modPage, err = d.modPage(v, a, "mod.rules"); err != nil {
		return p, err
	}
	rules, err := d.Comments.Rules(v.Context())
	if err != nil {
		return p, err
	}
	p.Manage, p.Add = a.May(reader.MayManage), ruleForm{ID: "new", Open: len(rules) == 0}
	for i, r := range rules {
		p.Rules = append(p.Rules, ruleRow{
			ID: r.ID, Name: r.Name, Text: r.Text, First: i == 0, Last: i == len(rules)-1,
			Form: ruleForm{ID: r.ID, Name: r.Name, Text: r.Text},
		})
	}
	return p, nil
}

func (d *Desk) addRule(v *visit, a *reader.Actor) (*page.Answer, error) {
	_, err := d.Comments.AddRule(v.Context(), a.Reader.ID, v.Field("name"), v.Field("text"))
	return d.ruled(v, a, "", err)
}

// changeRule changes, moves or retires a rule.
func (d *Desk) changeRule(v *visit, a *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	var err error
	switch do := v.Field("do"); do {
	case "up", "down":
		err = d.moveRule(v, a, id, do == "up")
	case "retire":
		err = d.Comments.RetireRule(v.Context(), a.Reader.ID, id)
	default:
		_, err = d.Comments.ChangeRule(v.Context(), a.Reader.ID, id, v.Field("name"), v.Field("text"))
	}
	return d.ruled(v, a, id, err)
}

// moveRule lets a rule change places with its neighbour.
func (d *Desk) moveRule(v *visit, a *reader.Actor, id string, up bool) error {
	rules, err := d.Comments.Rules(v.Context())
	if err != nil {
		return err
	}
	at := slices.IndexFunc(rules, func(r comment.Rule) bool { return r.ID == id })
	to := at + 1
	if up {
		to = at - 1
	}
	if at < 0 || to < 0 || to >= len(rules) {
		return nil
	}
	rules[at], rules[to] = rules[to], rules[at]
	ids := make([]string, len(rules))
	for i, r := range rules {
		ids[i] = r.ID
	}
	return d.Comments.OrderRules(v.Context(), a.Reader.ID, ids)
}

// ruled answers a change of the rules; a failed one with what was typed.
func (d *Desk) ruled(v *visit, a *reader.Actor, id string, err error) (*page.Answer, error) {
	if err == nil {
		return page.SeeOther(moderation + "/rules?kept=1"), nil
	}
	p := problem.Of(err)
	if p == nil {
		return nil, err
	}
	shown, other := d.rulesPage(v, a)
	if other != nil {
		return nil, other
	}
	form := &shown.Add
	if id != "" {
		at := slices.IndexFunc(shown.Rules, func(r ruleRow) bool { return r.ID == id })
		if at >= 0 {
			form = &shown.Rules[at].Form
		}
	}
	if v.Field("do") == "" {
		form.Open, form.Name, form.Text = true, v.Field("name"), v.Field("text")
	}
	said := false
	for field, put := range map[string]*string{"name": &form.NameError, "text": &form.TextError} {
		if p.Fields[field] != "" {
			*put, said = v.words.Say(p.Fields[field]), true
		}
	}
	if !said {
		shown.Notice, shown.Bad = v.tells(p), true
	}
	return page.WithStatus(v.rules.With(shown), p.Kind.Status()), nil
}
