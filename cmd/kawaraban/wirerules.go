package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/newsroom"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/wire"
)

type wireRules struct {
	Print  wireRulesPrint  `cmd:"" default:"1" help:"Print the live rules as sentences."`
	Export wireRulesExport `cmd:"" help:"Print the rules as JSON."`
	Import wireRulesImport `cmd:"" help:"Take rules from a file of JSON as the draft, or live."`
}

type wireRulesPrint struct {
	Draft bool `help:"Print the draft instead."`
}

// rulesOf returns the live rules, or the draft.
func rulesOf(ctx context.Context, p *paper, draft bool) (wire.Rules, error) {
	if draft {
		d, err := p.wire.DraftRules(ctx)
		return d.Rules, err
	}
	live, err := p.wire.LiveRules(ctx)
	return live.Rules, err
}

// Run prints rules as the newsroom shows them.
func (c wireRulesPrint) Run(ctx context.Context, p *process) error {
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	rules, err := rulesOf(ctx, paper, c.Draft)
	if err != nil {
		return err
	}
	if len(rules) == 0 {
		fmt.Fprintln(p.stdout, "There are no rules: what each source's own setting says holds. Write some at /newsroom/wire/rules.")
		return nil
	}
	w, err := page.NewLanguage("en", paper.zone())
	if err != nil {
		return err
	}
	names := newsroom.RuleNames{Sources: map[string]string{}, Sections: map[string]string{}}
	sources, err := paper.wire.Sources(ctx)
	if err != nil {
		return err
	}
	for _, s := range sources {
		names.Sources[s.ID] = s.Name
	}
	sections, err := paper.articles.Sections(ctx)
	if err != nil {
		return err
	}
	for _, s := range sections {
		names.Sections[s.Slug] = s.Name
	}
	for i, r := range rules {
		off := ""
		if r.Off {
			off = " (off)"
		}
		fmt.Fprintf(p.stdout, "%d  %s%s: %s\n", i+1, r.Name, off, newsroom.RuleSentence(w, r, names))
	}
	return nil
}

type wireRulesExport struct {
	Draft bool `help:"Print the draft instead of the live rules."`
}

// Run prints rules as JSON.
func (c wireRulesExport) Run(ctx context.Context, p *process) error {
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	rules, err := rulesOf(ctx, paper, c.Draft)
	if err != nil {
		return err
	}
	sources, err := paper.wire.Sources(ctx)
	if err != nil {
		return err
	}
	data, err := paper.wire.ExportRules(rules, sources)
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(data)
	return err
}

type wireRulesImport struct {
	File string `arg:"" type:"existingfile" help:"The file, as 'wire rules export' prints it."`
	Live bool   `help:"Make them live at once. Without it they are the draft, which is tried and made live at /newsroom/wire/rules."`
}

// maxRules is more than any file of rules that is read.
const maxRules = 4 << 20

// Run takes rules from a file. What is wrong with it is told by line and field.
func (c wireRulesImport) Run(ctx context.Context, p *process) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxRules))
	if err != nil {
		return err
	}
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	rules, err := paper.readRules(ctx, data)
	if bad := problem.Of(err); bad != nil {
		return fmt.Errorf("%s is not taken, and nothing has changed.\n%s", c.File, bad.Detail)
	}
	if err != nil {
		return err
	}
	if err := paper.keepRules(ctx, rules, c.Live); err != nil {
		return err
	}
	if c.Live {
		fmt.Fprintf(p.stdout, "%d rules are live.\n", len(rules))
	} else {
		fmt.Fprintf(p.stdout, "%d rules are the draft. Try them, and make them live, at %s/newsroom/wire/rules\n", len(rules), paper.settings.base())
	}
	return nil
}

func (p *paper) readRules(ctx context.Context, data []byte) (wire.Rules, error) {
	sources, err := p.wire.Sources(ctx)
	if err != nil {
		return nil, err
	}
	known, err := p.wire.Whereabouts(ctx)
	if err != nil {
		return nil, err
	}
	return p.wire.ImportRules(data, sources, known)
}

// keepRules makes rules the draft in place of another one, and live if that is asked for.
func (p *paper) keepRules(ctx context.Context, rules wire.Rules, live bool) error {
	d, err := p.wire.DraftRules(ctx)
	if err != nil {
		return err
	}
	if d.Edit > 0 { // it may have begun from older rules
		if err := p.wire.DiscardDraft(ctx, d.Edit); err != nil {
			return err
		}
	}
	if err := p.wire.SaveDraft(ctx, audit.Console, 0, rules); err != nil || !live {
		return err
	}
	_, err = p.wire.GoLive(ctx, audit.Console, 1)
	return err
}

// ruleAlert is a news alert that a rule sends.
type ruleAlert struct{ Source, Story, Article, Who string }

const ruleAlertJob = "wire.alert"

// ruleAlerts lets rules of the wire send news alerts: a job of the transaction that
// publishes, in the name of who made the rules live.
func (p *paper) ruleAlerts() {
	p.wire.Alert = func(ctx context.Context, tx *db.Tx, a wire.Alert) error {
		return p.jobs.Add(ctx, tx, ruleAlertJob, time.Time{}, ruleAlert(a))
	}
	job.Handle(p.jobs, ruleAlertJob, p.sendRuleAlert)
}

// sendRuleAlert sends it to the first list of alerts. What cannot be sent (the list has had
// as many today, the story is gone, nobody stands for it) is drafted for an editor.
func (p *paper) sendRuleAlert(ctx context.Context, a ruleAlert) error {
	state := wire.AlertDone
	err := p.alertFor(ctx, a)
	if bad := problem.Of(err); bad != nil {
		p.log.Warn("a rule's news alert waits for an editor", "article", a.Article, "reason", bad.Detail)
		state, err = wire.AlertDrafted, nil
	}
	if err != nil {
		return err
	}
	return p.wire.SettleAlert(ctx, a.Source, a.Story, state)
}

func (p *paper) alertFor(ctx context.Context, a ruleAlert) error {
	nobody := &problem.Problem{Kind: problem.Forbidden, Detail: "Nobody who may send alerts has made these rules live."}
	if a.Who == "" || a.Who == audit.Console {
		return nobody
	}
	who, err := p.readers.ByID(ctx, a.Who)
	if problem.Is(err, problem.NotFound) {
		return nobody
	}
	if err != nil {
		return err
	}
	lists, err := p.letters.Lists(ctx)
	if err != nil {
		return err
	}
	cards, err := p.articles.Readable(ctx, a.Article)
	if err != nil {
		return err
	}
	card, ok := cards[a.Article]
	if !ok {
		return &problem.Problem{Kind: problem.NotFound, Detail: "Readers cannot have this story."}
	}
	for _, l := range lists {
		if l.Kind == newsletter.Alert && l.Retired.IsZero() {
			_, err := p.letters.SendAlert(ctx, &reader.Actor{Reader: who}, l.ID, newsletter.AlertText{Subject: card.Headline, Article: a.Article})
			return err
		}
	}
	return &problem.Problem{Kind: problem.NotFound, Detail: "There is no list of news alerts."}
}

// demoRules are the rules that the demo's wire begins with.
func (p *paper) demoRules(ctx context.Context, data []byte) error {
	rules, err := p.readRules(ctx, data)
	if err != nil {
		return errors.Join(errors.New("the demo's rules"), err)
	}
	return p.keepRules(ctx, rules, true)
}
