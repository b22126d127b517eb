package newsroom

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/wire"
)

// wireRulesAt is the address of the rules of the wire.
const wireRulesAt = wireAt + "/rules"

// wireRulesPage is what wirerules.html shows: the rules in their order as they are being
// edited, what they would have done, and what is live.
type wireRulesPage struct {
	chrome
	Notice string
	Bad    bool
	Manage bool
	State  string // which rules are live, since when
	Draft  string // who has changed what is shown, "" where it is live
	Edit   int64  // of the draft
	Live   int64
	Rules  []wireRuleRow
	Else   []string // what becomes of what no rule decides, by source
	Days   []option
	Trial  *wireTrial
	Past   []rulesPast
}

// A wireRuleRow is a rule of the desk in its place.
type wireRuleRow struct {
	Number      int
	Path        string
	Name        string
	Sentence    string
	Off         bool
	First, Last bool
	Focus       string // the button to which the keyboard comes back
}

// A wireTrial is what the rules would have done.
type wireTrial struct {
	Said    string // "would have published 14, held 3, dropped 2"
	Differs string
	Bound   string // how much was looked at
	Rows    []trialRow
	More    string
}

// A trialRow is an item that would have gone another way.
type trialRow struct {
	Path, Headline, Agency, When, At string
	Was, Would                       string
	Why                              string
}

// A rulesPast is a version of the rules that is live, or was.
type rulesPast struct {
	Version int64
	Said    string
	Rules   []string
	Back    bool // it can be put back
}

// pastRules is how many versions of the rules are listed.
const pastRules = 10

func (d *Desk) showWireRules(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.wireRulesPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.wireRules.With(p)), nil
}

func (d *Desk) wireRulesPage(v *visit, a *reader.Actor) (p wireRulesPage, err error) {
	if d.Wire == nil {
		return p, &problem.Problem{Kind: problem.NotFound}
	}
	w, ctx := v.words, v.Context()
	if p.chrome, err = d.chrome(v, "wirerules.title"); err != nil {
		return p, err
	}
	p.Manage = a.May(reader.MayManage)
	draft, err := d.Wire.DraftRules(ctx)
	if err != nil {
		return p, err
	}
	past, err := d.Wire.RuleHistory(ctx, pastRules)
	if err != nil {
		return p, err
	}
	names, sources, err := d.ruleNames(v)
	if err != nil {
		return p, err
	}
	people := []string{draft.Author}
	for _, x := range past {
		people = append(people, x.Author)
	}
	who, err := d.names(v, people...)
	if err != nil {
		return p, err
	}
	author := func(id string) string {
		if id == audit.Console {
			return w.Say("audit.console")
		}
		return who.name(id)
	}
	if p.Edit = draft.Edit; p.Edit > 0 {
		p.Draft = w.Say("wirerules.draft", w.Moment(draft.Changed), author(draft.Author))
	}
	p.State = w.Say("wirerules.live.none")
	for i, x := range past {
		said := w.Say("wirerules.version", strconv.FormatInt(x.Version, 10), w.Moment(x.Made), author(x.Author), w.Count("wirerules.count", len(x.Rules)))
		if x.Again > 0 {
			said += " " + w.Say("wirerules.again", strconv.FormatInt(x.Again, 10))
		}
		row := rulesPast{Version: x.Version, Said: capital(said), Rules: d.sentences(v, x.Rules, names), Back: i > 0}
		if i == 0 {
			p.Live, p.State = x.Version, w.Say("wirerules.live", said)
		}
		p.Past = append(p.Past, row)
	}
	d.wireRuleRows(v, &p, draft.Rules, names)
	for _, s := range sources {
		key := "wirerules.else.hold"
		if s.Publish == wire.Auto {
			key = "wirerules.else.auto"
		}
		p.Else = append(p.Else, elseWord(w, key, s.Name, named(names.Sections, s.Section)))
	}
	if err := d.tryRules(v, &p, draft.Rules, names); err != nil {
		return p, err
	}
	p.ruled(v)
	return p, nil
}

func elseWord(w *page.Language, key, source, section string) string {
	if key == "wirerules.else.auto" {
		return w.Say("wirerules.else.auto", source, section)
	}
	return w.Say("wirerules.else.hold", source, section)
}

// ruleNames are what rules call sources and sections, also those that are hidden.
func (d *Desk) ruleNames(v *visit) (RuleNames, []wire.Source, error) {
	n := RuleNames{Sources: map[string]string{}}
	sources, err := d.Wire.Sources(v.Context())
	if err != nil {
		return n, nil, err
	}
	for _, s := range sources {
		n.Sources[s.ID] = s.Name
	}
	n.Sections, err = d.placeNames(v)
	return n, sources, err
}

// sentences are rules as they are read in a list: those that are off say so.
func (d *Desk) sentences(v *visit, rules wire.Rules, names RuleNames) (list []string) {
	for _, r := range rules {
		said := v.words.Say("wirerules.named", r.Name, RuleSentence(v.words, r, names))
		if r.Off {
			said += " " + v.words.Say("wirerules.off.mark")
		}
		list = append(list, said)
	}
	return list
}

func (d *Desk) wireRuleRows(v *visit, p *wireRulesPage, rules wire.Rules, names RuleNames) {
	moved, _ := strconv.Atoi(v.Get("moved"))
	for i, r := range rules {
		row := wireRuleRow{
			Number: i + 1, Path: wireRulesAt + "/" + strconv.Itoa(i+1), Name: r.Name, Sentence: RuleSentence(v.words, r, names), Off: r.Off,
			First: i == 0, Last: i == len(rules)-1,
		}
		if moved == i+1 {
			row.Focus = v.Get("by")
			if row.Focus == "up" && row.First {
				row.Focus = "down"
			} else if row.Focus == "down" && row.Last {
				row.Focus = "up"
			}
		}
		p.Rules = append(p.Rules, row)
	}
}

// trialDays are the spans over which rules can be tried.
func trialDays() []int { return []int{1, 7, 30, 90} }

// tryRules tries what is shown against what has come, where that is asked for.
func (d *Desk) tryRules(v *visit, p *wireRulesPage, rules wire.Rules, names RuleNames) error {
	w := v.words
	days, _ := strconv.Atoi(v.Get("days"))
	asked := slices.Contains(trialDays(), days)
	if !asked {
		days = 7
	}
	for _, n := range trialDays() {
		p.Days = append(p.Days, option{strconv.Itoa(n), w.Count("wirerules.days", n), n == days})
	}
	if !asked {
		return nil
	}
	v.Takes(time.Minute) // on a slow machine
	t, err := d.Wire.Try(v.Context(), rules, days)
	if err != nil {
		return err
	}
	p.Trial = &wireTrial{
		Said:    w.Say("wirerules.tried", w.Number(t.Published), w.Number(t.Held), w.Number(t.Dropped)),
		Differs: w.Count("wirerules.differs", t.Differ),
		Bound:   w.Count("wirerules.looked", t.Items),
	}
	if t.More {
		p.Trial.Bound = w.Say("wirerules.bounded", w.Number(t.Items))
	}
	if t.Differ > len(t.List) {
		p.Trial.More = w.Say("wirerules.differs.more", w.Number(len(t.List)))
	}
	for _, x := range t.List {
		row := trialRow{
			Path: wirePath(x.First) + "?" + url.Values{"version": {x.Version}}.Encode(), Headline: orUntitled(w, x.Headline), Agency: x.Agency,
			When: w.Moment(x.Received), At: w.Machine(x.Received), Was: decisionWord(w, x.Was), Would: decisionWord(w, x.Would),
			Why: ruledWord(w, x.Would, x.Reason, x.Ruling),
		}
		if row.Why == "" {
			row.Why = w.Say(x.Reason)
		}
		if x.To != "" {
			row.Was = w.Say("wirerules.in", row.Was, named(names.Sections, x.From))
			row.Would = w.Say("wirerules.in", row.Would, named(names.Sections, x.To))
		}
		p.Trial.Rows = append(p.Trial.Rows, row)
	}
	return nil
}

func orUntitled(w *page.Language, s string) string {
	if s == "" {
		return w.Say("stories.untitled")
	}
	return s
}

// decisionWord is what became of an item, in a word.
func decisionWord(w *page.Language, d wire.Decision) string {
	word, _, _ := wireState(w, wire.Line{Decision: d})
	return word
}

// ruled says what has just been done with the rules.
func (p *wireRulesPage) ruled(v *visit) {
	switch v.Get("done") {
	case "saved":
		p.Notice = v.words.Say("wirerules.done.saved")
	case "removed":
		p.Notice = v.words.Say("wirerules.done.removed")
	case "live":
		p.Notice = v.words.Say("wirerules.done.live")
	case "discarded":
		p.Notice = v.words.Say("wirerules.done.discarded")
	case "back":
		p.Notice = v.words.Say("wirerules.done.back")
	}
}
