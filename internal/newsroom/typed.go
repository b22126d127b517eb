package newsroom

import (
	"kawaraban/internal/comment"
	"kawaraban/internal/problem"
)

// typed is what a moderator has typed into a form that was not taken.
type typed struct {
	Form   string // "remove", "edit", "sanction", "answer"; "" when there is none
	Rule   string
	Law    bool
	Reason string
	Body   string
	Warn   bool
	Act    string
	For    string
	Unit   string
	Until  string

	Error  string            // what is wrong, where no field says it
	Errors map[string]string // by field
}

// read reads what the forms have in common.
func read(v *visit, form string) typed {
	return typed{
		Form: form, Rule: v.Field("rule"), Law: v.Field("ground") == string(comment.GroundLaw), Reason: v.Field("reason"),
		Body: v.Field("body"), Warn: v.Checked("warn"), Act: v.Field("act"), For: v.Field("for"), Unit: v.Field("unit"), Until: v.Field("until"),
	}
}

func (t typed) ground() comment.Ground {
	if t.Law {
		return comment.GroundLaw
	}
	return comment.GroundRules
}

// fields are those at which a form can say what is wrong.
var fields = []string{"rule", "reason", "body", "until", "text", "outcome"}

// say puts a Problem where the moderator reads it: at its field, or above.
func (t *typed) say(v *visit, p *problem.Problem) {
	t.Errors = map[string]string{}
	for _, f := range fields {
		if said := p.Fields[f]; said != "" {
			t.Errors[f] = v.words.Say(said)
		}
	}
	if len(t.Errors) == 0 || t.Form == "" {
		t.Error = v.tells(p)
	}
}

// A whyForm is the part of a form that says what a restriction rests on.
type whyForm struct {
	ID          string // of the form, for the labels
	Rules       []ruleOption
	Law         bool
	Reason      string
	RuleError   string
	ReasonError string
}

// A ruleOption is one rule to choose, with its text as a beginning of the reason.
type ruleOption struct {
	ID, Name, Text string
	On             bool
}

// why makes that part of a form. Whoever has chosen a rule and written nothing
// finds the rule's own text to begin with.
func (t typed) why(form string, rules []comment.Rule) whyForm {
	w := whyForm{ID: form}
	mine := t.Form == form
	if mine {
		w.Law, w.Reason, w.RuleError, w.ReasonError = t.Law, t.Reason, t.Errors["rule"], t.Errors["reason"]
	}
	for _, r := range rules {
		on := mine && t.Rule == r.ID
		if on && w.Reason == "" {
			w.Reason = r.Text
		}
		w.Rules = append(w.Rules, ruleOption{r.ID, r.Name, r.Text, on})
	}
	return w
}

// An actForm removes or edits a comment.
type actForm struct {
	Open      bool
	Why       whyForm
	Body      string
	BodyError string
	MayWarn   bool // the author can be warned
	Warn      bool
}

func (t typed) act(form string, rules []comment.Rule, mayWarn bool) *actForm {
	f := &actForm{Why: t.why(form, rules), MayWarn: mayWarn}
	if t.Form == form {
		f.Open, f.Body, f.BodyError, f.Warn = true, t.Body, t.Errors["body"], t.Warn
	}
	return f
}
