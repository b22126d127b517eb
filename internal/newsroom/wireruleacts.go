package newsroom

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/topic"
	"kawaraban/internal/wire"
)

// actOnWireRules moves rules, switches them, makes them live and takes that back.
func (d *Desk) actOnWireRules(v *visit, a *reader.Actor) (*page.Answer, error) {
	if d.Wire == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	ctx, who := v.Context(), a.Reader.ID
	seen, _ := strconv.ParseInt(v.Field("edit"), 10, 64)
	to := wireRulesAt
	var err error
	switch act := v.Field("act"); act {
	case "live":
		_, err = d.Wire.GoLive(ctx, who, seen)
		to += "?done=live"
	case "discard":
		err, to = d.Wire.DiscardDraft(ctx, seen), to+"?done=discarded"
	case "back":
		live, _ := strconv.ParseInt(v.Field("live"), 10, 64)
		version, _ := strconv.ParseInt(v.Field("version"), 10, 64)
		err, to = d.Wire.PutBack(ctx, who, live, version), to+"?done=back"
	case "up", "down", "off", "on", "remove":
		var at int
		if at, err = d.changeRules(v, a, seen, act); act == "up" || act == "down" {
			to += "?moved=" + strconv.Itoa(at) + "&by=" + act
		} else if to += "?done=saved"; act == "remove" {
			to = wireRulesAt + "?done=removed"
		}
	default:
		err = &problem.Problem{Kind: problem.Invalid, Detail: "There is no such act."}
	}
	if err == nil {
		return page.SeeOther(to), nil
	}
	bad := problem.Of(err)
	if bad == nil || bad.Kind == problem.NotFound {
		return nil, err
	}
	p, err := d.wireRulesPage(v, a)
	if err != nil {
		return nil, err
	}
	p.Notice, p.Bad = v.tells(bad), true
	return page.Show(v.wireRules.With(p)).Status(bad.Kind.Status()), nil
}

// changeRules changes the draft by one step, and returns the number that the rule has then.
func (d *Desk) changeRules(v *visit, a *reader.Actor, seen int64, act string) (number int, err error) {
	draft, err := d.Wire.DraftRules(v.Context())
	if err != nil {
		return 0, err
	}
	rules := slices.Clone(draft.Rules)
	number = numberTyped(v.Field("rule"))
	at := number - 1
	if draft.Edit != seen || at < 0 || at >= len(rules) {
		return number, d.Wire.SaveDraft(v.Context(), a.Reader.ID, -1, rules) // says that they have moved
	}
	switch act {
	case "up", "down":
		to := at - 1
		if act == "down" {
			to = at + 1
		}
		if to < 0 || to >= len(rules) {
			return number, nil
		}
		rules[at], rules[to] = rules[to], rules[at]
		number = to + 1
	case "off", "on":
		rules[at].Off = act == "off"
	case "remove":
		rules = slices.Delete(rules, at, at+1)
	}
	return number, d.Wire.SaveDraft(v.Context(), a.Reader.ID, seen, rules)
}

// wireRulePage is what wirerule.html shows: one rule, to be written.
type wireRulePage struct {
	chrome
	Notice  string
	Path    string
	Edit    int64
	New     bool
	Called  ruleField
	Sources []option
	When    []ruleField
	From    ruleField // urgency
	To      ruleField
	Days    []option
	Begins  ruleField
	Ends    ruleField
	Dos     []option
	DoError string
	Section []option
	Topics  ruleField
	Weights []option
	Alerts  []option

	SectionError, UrgencyError, HoursError string
}

// A ruleField is one field of the form.
type ruleField struct {
	Name, Label, Value, Hint, Wrong string
	Max                             int
}

func (d *Desk) showWireRule(v *visit, _ *reader.Actor) (*page.Answer, error) {
	draft, at, err := d.wireRule(v)
	if err != nil {
		return nil, err
	}
	rule := wire.DeskRule{Then: wire.Actions{Do: wire.Retain}}
	if at < len(draft.Rules) {
		rule = draft.Rules[at]
	}
	p, err := d.wireRulePage(v, rule, draft.Edit, at == len(draft.Rules), nil)
	if err != nil {
		return nil, err
	}
	return page.Show(v.wireRule.With(p)), nil
}

// wireRule is the draft with the place in it that the address names; "new" is behind the
// last rule.
func (d *Desk) wireRule(v *visit) (draft wire.RuleDraft, at int, err error) {
	if d.Wire == nil {
		return draft, 0, &problem.Problem{Kind: problem.NotFound}
	}
	if draft, err = d.Wire.DraftRules(v.Context()); err != nil {
		return draft, 0, err
	}
	if v.Path("rule") == "new" {
		return draft, len(draft.Rules), nil
	}
	n, err := strconv.Atoi(v.Path("rule"))
	if err != nil || n < 1 || n > len(draft.Rules) {
		return draft, 0, &problem.Problem{Kind: problem.NotFound, Detail: "The wire has no such rule."}
	}
	return draft, n - 1, nil
}

func (d *Desk) saveWireRule(v *visit, a *reader.Actor) (*page.Answer, error) {
	draft, at, err := d.wireRule(v)
	if err != nil {
		return nil, err
	}
	seen, _ := strconv.ParseInt(v.Field("edit"), 10, 64)
	typed := typedRule(v)
	rules := slices.Clone(draft.Rules)
	fresh := at == len(rules)
	if fresh {
		rules = append(rules, typed)
	} else {
		typed.Off = rules[at].Off
		rules[at] = typed
	}
	if draft.Edit != seen {
		seen = -1 // somebody has changed them: what is typed stays
	}
	err = d.Wire.SaveDraft(v.Context(), a.Reader.ID, seen, rules)
	if err == nil {
		return page.SeeOther(wireRulesAt + "?done=saved"), nil
	}
	bad := problem.Of(err)
	if bad == nil {
		return nil, err
	}
	if seen = draft.Edit; bad.Kind == problem.Conflict {
		seen, _ = strconv.ParseInt(v.Field("edit"), 10, 64)
	}
	p, err := d.wireRulePage(v, typed, seen, fresh, bad)
	if err != nil {
		return nil, err
	}
	return page.Show(v.wireRule.With(p)).Status(bad.Kind.Status()), nil
}

// typedRule reads the form.
func typedRule(v *visit) wire.DeskRule {
	apart := func(name, by string) (out []string) {
		for s := range strings.FieldsFuncSeq(v.Field(name), func(r rune) bool { return strings.ContainsRune(by, r) }) {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
		return out
	}
	// What has commas of its own stands on a line of its own.
	lines := func(name string) []string { return apart(name, "\r\n") }
	codes := func(name string) []string { return apart(name, "\r\n,、 ") }
	var about []string
	for _, s := range lines("topics") {
		about = append(about, topicNamed(s))
	}
	number := func(name string) int {
		n, err := strconv.Atoi(strings.TrimSpace(v.Field(name)))
		if err != nil && strings.TrimSpace(v.Field(name)) != "" {
			return -1 // which is no urgency
		}
		return n
	}
	r := wire.DeskRule{Name: v.Field("name")}
	r.When = wire.When{
		Sources: v.Fields("source"), Products: lines("products"), Categories: lines("categories"), Topics: about, Places: lines("places"),
		Languages: codes("languages"), Words: lines("words"), Signals: codes("signals"), Genres: lines("genres"),
		Urgency: wire.Span{From: number("from"), To: number("to")},
		Hours:   wire.Hours{Days: v.Fields("day"), From: v.Field("begins"), To: v.Field("ends")},
	}
	if u := &r.When.Urgency; u.From != 0 || u.To != 0 { // one alone is to the end of the scale
		u.From, u.To = cmp.Or(u.From, 1), cmp.Or(u.To, 9)
	}
	r.Then = wire.Actions{
		Do: wire.Do(v.Field("do")), Section: v.Field("section"), Topics: lines("add"), Weight: numberTyped(v.Field("weight")), Alert: wire.Alerting(v.Field("alert")),
	}
	return r
}

func (d *Desk) wireRulePage(v *visit, r wire.DeskRule, edit int64, fresh bool, bad *problem.Problem) (p wireRulePage, err error) {
	w := v.words
	title := "wirerules.edit"
	if fresh {
		title = "wirerules.add"
	}
	if p.chrome, err = d.chrome(v, title); err != nil {
		return p, err
	}
	p.Path, p.Edit, p.New = wireRulesAt+"/"+v.Path("rule"), edit, fresh
	_, sources, err := d.ruleNames(v)
	if err != nil {
		return p, err
	}
	said := func(field string) string {
		if bad == nil || bad.Fields[field] == "" {
			return ""
		}
		return w.Say(bad.Fields[field])
	}
	if bad != nil {
		p.Notice = v.tells(bad)
	}
	p.Called = ruleField{"name", w.Say("wirerules.name"), r.Name, w.Say("wirerules.name.hint"), said("name"), 60}
	for _, s := range sources {
		p.Sources = append(p.Sources, option{s.ID, s.Name, slices.Contains(r.When.Sources, s.ID)})
	}
	inLines := func(list []string) string { return strings.Join(list, "\n") }
	var about []string
	for _, code := range r.When.Topics {
		if t := topic.Load().Known(code); t != nil {
			code = t.Entry()
		}
		about = append(about, code)
	}
	p.When = []ruleField{
		{"topics", w.Say("wirerules.topics"), inLines(about), w.Say("wirerules.topics.hint"), said("when.topics"), 0},
		{"words", w.Say("wirerules.words"), inLines(r.When.Words), w.Say("wirerules.words.hint"), said("when.words"), 0},
		{"places", w.Say("wirerules.places"), inLines(r.When.Places), "", said("when.places"), 0},
		{"languages", w.Say("wirerules.languages"), inLines(r.When.Languages), w.Say("wirerules.languages.hint"), said("when.languages"), 0},
		{"categories", w.Say("wirerules.categories"), inLines(r.When.Categories), w.Say("wirerules.categories.hint"), said("when.categories"), 0},
		{"products", w.Say("wirerules.products"), inLines(r.When.Products), "", said("when.products"), 0},
		{"genres", w.Say("wirerules.genres"), inLines(r.When.Genres), "", said("when.genres"), 0},
		{"signals", w.Say("wirerules.signals"), inLines(r.When.Signals), w.Say("wirerules.signals.hint"), said("when.signals"), 0},
	}
	urgency := func(n int) string {
		if n < 1 {
			return ""
		}
		return strconv.Itoa(n)
	}
	p.UrgencyError, p.HoursError = said("when.urgency"), cmp.Or(said("when.hours.from"), said("when.hours.to"), said("when.hours.days"))
	p.From = ruleField{"from", w.Say("wirerules.urgency.from"), urgency(r.When.Urgency.From), "", p.UrgencyError, 1}
	p.To = ruleField{"to", w.Say("wirerules.urgency.to"), urgency(r.When.Urgency.To), "", p.UrgencyError, 1}
	for _, day := range wire.Days() {
		p.Days = append(p.Days, option{day, dayWord(w, day), slices.Contains(r.When.Hours.Days, day)})
	}
	p.Begins = ruleField{"begins", w.Say("wirerules.hours.from"), r.When.Hours.From, "", p.HoursError, 5}
	p.Ends = ruleField{"ends", w.Say("wirerules.hours.to"), r.When.Hours.To, "", p.HoursError, 5}
	for _, do := range wire.Dos() {
		p.Dos = append(p.Dos, option{string(do), doWord(w, do), do == r.Then.Do})
	}
	p.DoError, p.SectionError = said("then.do"), said("then.section")
	if p.Section, err = d.sectionOptions(v, r.Then.Section); err != nil {
		return p, err
	}
	p.Topics = ruleField{"add", w.Say("wirerules.tags"), inLines(r.Then.Topics), w.Say("wirerules.tags.hint"), said("then.topics"), 0}
	for n := range 6 {
		name := strconv.Itoa(n)
		if n == 0 {
			name = w.Say("wirerules.weight.agency")
		}
		p.Weights = append(p.Weights, option{strconv.Itoa(n), name, n == r.Then.Weight})
	}
	p.Alerts = []option{
		{string(wire.NoAlert), w.Say("wirerules.alert.none"), r.Then.Alert == wire.NoAlert},
		{string(wire.DraftAlert), w.Say("wirerules.alert.draft"), r.Then.Alert == wire.DraftAlert},
		{string(wire.SendAlert), w.Say("wirerules.alert.send"), r.Then.Alert == wire.SendAlert},
	}
	return p, nil
}
