package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/comment"
	"kawaraban/internal/problem"
)

// demoModerator is whose decisions the demo paper begins with; nobody logs in
// to that account.
const demoModerator = "Nils Aster"

// demoWords are what comments in the demo paper wait for.
const demoWords = "blockhead*\nnumbskull*"

// A demoAct is something of demo/threads.txt that was done in a thread or to
// one of its comments.
type demoAct struct {
	what    string // hold, close, report, remove, approve or appeal
	comment string // "" is the thread
	who     string
	ago     time.Duration
	reason  comment.Reason // of a report
	text    string
}

// parseDemoAct reads "! what [id] | who | hours [| reason]".
func parseDemoAct(line, text string) (a demoAct, err error) {
	parts := strings.Split(line, " | ")
	if len(parts) < 3 {
		return a, fmt.Errorf("%q is no act", line)
	}
	a = demoAct{who: parts[1], text: text}
	a.what, a.comment, _ = strings.Cut(parts[0], " ")
	if !slices.Contains([]string{"hold", "close", "report", "remove", "approve", "appeal"}, a.what) {
		return a, fmt.Errorf("%q is nothing that anybody does", a.what)
	}
	if a.ago, err = hours(parts[2]); err == nil && len(parts) == 4 {
		a.reason, err = comment.ParseReason(parts[3])
	}
	return a, err
}

// wordList gives the demo paper its list of words.
func (p *paper) wordList(ctx context.Context) error {
	set, err := p.comments.Settings(ctx)
	if err != nil || set.Words != "" {
		return err
	}
	set.Words = demoWords
	return p.comments.SetSettings(ctx, audit.Console, set)
}

// finish closes the thread that is closed: the last thing that the first start
// does, by which finished knows that it was done.
func (p *paper) finish(ctx context.Context, threads []demoThread, ids map[string]string) error {
	for _, t := range threads {
		for _, a := range t.acts {
			if a.what != "close" {
				continue
			}
			about, err := p.about(ctx, t.slug)
			if err == nil {
				err = p.act(ctx, about, a, ids, nil)
			}
			if err != nil {
				return fmt.Errorf("the demo's thread %s: %w", t.slug, err)
			}
		}
	}
	return nil
}

// finished reports whether an earlier start has filled the threads.
func (p *paper) finished(ctx context.Context, threads []demoThread) (bool, error) {
	nils, err := p.readers.ByEmail(ctx, demoEmail(demoModerator))
	if problem.Is(err, problem.NotFound) {
		// He comes before all comments, except where an older program has made them.
		about, err := p.about(ctx, threads[0].slug)
		if err != nil {
			return false, err
		}
		n, err := p.comments.Counts(ctx, about)
		return n[about.Article] > 0, err
	}
	if err != nil {
		return false, err
	}
	all, _, err := p.comments.Decided(ctx, nils.ID, "", 100)
	return slices.ContainsFunc(all, func(d comment.Decision) bool { return d.Act == comment.ActThreadClose }), err
}

// act does what somebody did. What a start that was cut off has done already is
// left as it is.
func (p *paper) act(ctx context.Context, about comment.About, a demoAct, ids, posted map[string]string) error {
	then := p.comments.At(time.Now().Add(-a.ago))
	who, id := ids[a.who], posted[a.comment]
	switch a.what {
	case "hold":
		return setThread(ctx, then, about.Article, comment.OnHold, who, a.text)
	case "close":
		return setThread(ctx, then, about.Article, comment.Closed, who, a.text)
	case "report":
		_, err := then.Report(ctx, comment.Complaint{Comment: id, Reporter: who, Reason: a.reason, Text: a.text, Language: p.language()})
		return unlessDone(err)
	}
	item, err := p.comments.Item(ctx, id)
	if err != nil {
		return err
	}
	c := item.Comment
	switch {
	case a.what == "approve" && c.State == comment.Held:
		_, err = then.Judge(ctx, comment.Judgement{Comment: id, Version: c.Version, Act: comment.ActApprove, Moderator: who})
	case a.what == "remove" && c.State == comment.Visible:
		rules, other := p.comments.Rules(ctx)
		if other != nil || len(rules) == 0 {
			return other
		}
		_, err = then.Judge(ctx, comment.Judgement{
			Comment: id, Version: c.Version, Act: comment.ActRemove, Moderator: who, Rule: rules[0].ID, Ground: comment.GroundRules, Reason: a.text,
		})
	case a.what == "appeal":
		i := slices.IndexFunc(item.Decisions, comment.Decision.Restricts)
		if i < 0 {
			return errors.New("there is nothing to appeal against")
		}
		_, err = then.Appeal(ctx, who, item.Decisions[i].ID, a.text)
		err = unlessDone(err)
	}
	return err
}

func setThread(ctx context.Context, then *comment.Store, article string, to comment.Switch, moderator, reason string) error {
	was, err := then.ThreadSetting(ctx, article)
	if err != nil {
		return err
	}
	_, err = then.SetThread(ctx, comment.ThreadChange{
		Article: article, Set: comment.Setting{State: to, Slow: was.Slow}, Seen: was, Moderator: moderator, Reason: reason,
	})
	return err
}

// unlessDone is err unless that says that something was done before.
func unlessDone(err error) error {
	if problem.Is(err, problem.Conflict) {
		return nil
	}
	return err
}
