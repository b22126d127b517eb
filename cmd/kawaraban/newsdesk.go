package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// A demoDraft is an article that is still being made when the demo begins.
type demoDraft struct {
	contributor bool // by the contributor, else by the editor
	headline    string
	standfirst  string
	section     string
	text        string
	notes       string
	state       article.State
	in          time.Duration // when it is scheduled
	passage     string        // that the editor remarks on
	remark      string
}

// demoDrafts are what the newsroom of the demo paper has in hand.
func demoDrafts() []demoDraft {
	return []demoDraft{
		{
			contributor: true, section: "city", state: article.Draft,
			headline: "The man who winds the town hall clock", standfirst: "Every Friday at four, 112 steps up.",
			text: "The clock of the town hall has two weights of ninety kilos each, and somebody has to bring them up again.\n\n" +
				"For twenty-six years that has been Ansel Pryde, who is seventy-one and says that the stairs keep him young.",
			notes: "Go along on Friday. Ask about 1961: did it stop?",
		},
		{
			contributor: true, section: "city", state: article.Review,
			headline: "Lowmarket gets its benches back", standfirst: "Eleven of them, and none with an armrest in the middle.",
			text: "The eleven benches that the city took from Lowmarket in spring come back this week, repaired by the workshop at the Slipway.\n\n" +
				"The council had wanted armrests in the middle of each. After 640 signatures there are none.",
			passage: "After 640 signatures there are none.", remark: "Whose count is that? The petition that I saw had 611. Please ask the clerk.",
		},
		{
			section: "science", state: article.Scheduled, in: 16 * time.Hour,
			headline: "What the tide gauge at Odo Point has seen", standfirst: "Ninety-four years of water, in one drawer.",
			text: "The oldest sheet is from a Tuesday in April, and somebody has spilled tea on it.\n\n" +
				"Since then the gauge at Odo Point has missed nineteen days, eleven of them in the storm that took the old jetty.",
		},
		{
			section: "business", state: article.Draft,
			headline: "Halima Dross leaves the fish market", text: "She opened the hall at half past four for the last time on Monday.",
			notes: "Not before she has told her staff (Thursday, ten).",
		},
	}
}

// A demoPlan is something that the demo paper is going to have.
type demoPlan struct {
	title, note, section string
	in                   time.Duration // 0: an idea
	contributor          bool          // assigned to the contributor
}

func demoPlans() []demoPlan {
	return []demoPlan{
		{"Council: second reading of the sea wall", "Maren in the chamber, Teo on the quay. Both ends of the wall this time.", "city", 43 * time.Hour, false},
		{"Lantern Night: pictures from both bridges", "", "culture", 70 * time.Hour, true},
		{"Line 4 takes its first passengers", "Somebody on the first tram, 5.40.", "city", 9 * 24 * time.Hour, false},
		{"Who still repairs shoes in Kawara Bay?", "Three are left, says the guild.", "city", 0, false},
		{"A year without the ferry: Pell in winter", "Rasmus knows the warden.", "region", 0, false},
	}
}

// newsdesk gives the demo paper what its newsroom has in hand, once.
func (r *demoRun) newsdesk(ctx context.Context) error {
	editor, err := r.actor(ctx, reader.Editor)
	if err != nil {
		return err
	}
	contributor, err := r.actor(ctx, reader.Contributor)
	if err != nil {
		return err
	}
	if ideas, _, err := r.desk.Ideas(ctx, editor, ""); err != nil || len(ideas) > 0 {
		return err // it was done
	}
	now := time.Now()
	for _, d := range demoDrafts() {
		if err := r.draft(ctx, editor, contributor, d, now); err != nil {
			return fmt.Errorf("the demo's draft %q: %w", d.headline, err)
		}
	}
	if err := r.reports(ctx, editor, now); err != nil {
		return err
	}
	if err := r.correct(ctx, editor); err != nil {
		return fmt.Errorf("the demo's correction: %w", err)
	}
	if err := r.subscribers(ctx, editor); err != nil {
		return fmt.Errorf("the demo's newsletters: %w", err)
	}
	for _, p := range demoPlans() {
		plan := desk.Plan{Title: p.title, Note: p.note, Section: p.section}
		if p.in > 0 {
			plan.Due = now.Add(p.in).Truncate(time.Hour)
		}
		by := editor
		if p.contributor {
			plan.Assignee, by = contributor.Reader.ID, contributor // nobody gets a letter of what began before
		}
		if _, err := r.desk.AddPlan(ctx, by, plan); err != nil {
			return fmt.Errorf("the demo's plan %q: %w", p.title, err)
		}
	}
	return nil
}

// actor is one of the people who are ready to log in: the demo acts for them.
func (r *demoRun) actor(ctx context.Context, role reader.Role) (*reader.Actor, error) {
	for _, l := range r.logins {
		if l.Role == string(role) {
			who, err := r.readers.ByEmail(ctx, l.Email)
			return &reader.Actor{Reader: who}, err
		}
	}
	return nil, fmt.Errorf("the demo has no %s", role)
}

// demoPage is the open page in which the demo writes.
const demoPage = "the demo's own page"

func (r *demoRun) draft(ctx context.Context, editor, contributor *reader.Actor, d demoDraft, now time.Time) error {
	by := editor
	if d.contributor {
		by = contributor
	}
	id, err := r.desk.Begin(ctx, by, desk.New{Section: d.section, Language: r.language(), Byline: by.Reader.Name})
	if err != nil {
		return err
	}
	story, err := r.desk.Story(ctx, by, id)
	if err != nil {
		return err
	}
	c := story.Copy
	c.Headline, c.Standfirst, c.Notes, c.Body = d.headline, d.standfirst, d.notes, richtext.FromText(d.text)
	saved, err := r.desk.Save(ctx, by, id, desk.Save{Page: demoPage, Version: story.Version, Copy: c})
	if err != nil {
		return err
	}
	at := desk.At{Page: demoPage, Version: saved.Version}
	switch d.state {
	case article.Review:
		err = r.desk.Submit(ctx, by, id, at)
	case article.Scheduled:
		err = r.desk.Publish(ctx, editor, id, desk.Publication{At: at, When: now.Add(d.in).Truncate(time.Hour)})
	}
	if err == nil && d.remark != "" {
		_, err = r.desk.Remark(ctx, editor, id, d.passage, d.remark)
	}
	if err == nil { // the page is closed again
		_, err = r.desk.Seat(ctx, by, id, demoPage, desk.Leave)
	}
	return err
}

// The demo's correction: what was wrong in which story, and how it is put right.
const (
	demoCorrected  = "tilers-bridge-night-closures"
	demoWrong      = "nine millimetres"
	demoRight      = "six millimetres"
	demoCorrection = "An earlier version of this article said that the bridge is lifted by nine millimetres. It is six, the city engineer says."
)

// correct puts one of the demo's stories right, as the paper would.
func (r *demoRun) correct(ctx context.Context, editor *reader.Actor) error {
	id, err := r.articles.BySlug(ctx, demoCorrected)
	if err != nil {
		return err
	}
	a, err := r.articles.Get(ctx, r.db, id)
	if err != nil {
		return err
	}
	for _, b := range a.Body.Blocks {
		for i := range b.Text {
			b.Text[i].Text = strings.ReplaceAll(b.Text[i].Text, demoWrong, demoRight)
		}
	}
	then := *r.articles // three hours after it was published: no news of today
	then.Now = func() time.Time { return a.Published.Add(3 * time.Hour) }
	return r.db.Tx(ctx, func(tx *db.Tx) error {
		return then.Revise(ctx, tx, id, a.Content, article.Revision{
			Reason: article.Correction, By: editor.Reader.Name, Note: demoCorrection, Edited: true,
		})
	})
}
