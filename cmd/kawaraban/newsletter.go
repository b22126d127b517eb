package main

import (
	"context"
	"slices"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/job"
	"kawaraban/internal/mail"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/problem"
	"kawaraban/internal/push"
	"kawaraban/internal/reader"
	"kawaraban/internal/site"
)

// newsletters puts together what brings the paper by mail.
func (p *paper) newsletters() {
	p.letters = &newsletter.Store{
		DB: p.db, Articles: p.articles, Readers: p.readers, Jobs: p.jobs, Audit: p.audit, Keys: p.keys, Now: time.Now, ID: db.NewID, Log: p.log,
		Zone: p.zone,
		Sources: newsletter.Sources{
			Front: p.frontStories, Read: p.mostRead, Best: p.bestComment, Comment: p.quoted,
			Followed: p.follows.Lines, Push: p.pushAlert,
		},
		Press: func(ctx context.Context, c newsletter.Content) (*mail.Stencil, error) {
			return p.face.Load().site.Press(ctx, c)
		},
	}
	sends(p, newsletter.AskingJob, (*site.Site).SendConfirm)
	job.Handle(p.jobs, newsletter.SendJob, p.letters.Send)
	job.Handle(p.jobs, newsletter.AlertJob, p.letters.Send)
	job.Handle(p.jobs, newsletter.PushJob, p.letters.Push)
}

// zone is the clock of the paper.
func (p *paper) zone() *time.Location {
	if z, err := time.LoadLocation(p.known.Load().Zone); err == nil {
		return z
	}
	return time.UTC
}

// frontStories are the stories of the front page, in the order in which they are seen.
func (p *paper) frontStories(ctx context.Context) (ids []string, err error) {
	held, _, err := p.desk.Holds(ctx, desk.FrontPage)
	if err != nil {
		return nil, err
	}
	f, err := p.articles.Front(ctx, held.Layout())
	if err != nil {
		return nil, err
	}
	add := func(cards ...article.Card) {
		for _, c := range cards {
			if !slices.Contains(ids, c.ID) {
				ids = append(ids, c.ID)
			}
		}
	}
	if f.Lead != nil {
		add(*f.Lead)
	}
	add(f.Seconds...)
	for _, sec := range f.Sections {
		add(sec.Cards[:1]...)
	}
	add(f.Opinion...)
	add(f.Latest...)
	return ids, nil
}

// mostRead is what most people have read since then.
func (p *paper) mostRead(ctx context.Context, since time.Time) (ids []string, err error) {
	list, err := p.opens.MostRead(ctx, since, 60)
	for _, c := range list {
		ids = append(ids, c.Article)
	}
	return ids, err
}

// bestComment is the comment that readers liked best since then.
func (p *paper) bestComment(ctx context.Context, since time.Time) (string, error) {
	c, _, err := p.comments.Best(ctx, since)
	return c.ID, err
}

// quoted is what readers may have of a comment.
func (p *paper) quoted(ctx context.Context, id string) (q newsletter.Quoted, ok bool, err error) {
	c, err := p.comments.ByID(ctx, id)
	if problem.Is(err, problem.NotFound) || err == nil && c.Body == "" {
		return q, false, nil
	}
	if err != nil {
		return q, false, err
	}
	who, err := p.readers.Faces(ctx, c.Author)
	if err != nil {
		return q, false, err
	}
	return newsletter.Quoted{ID: c.ID, Author: who[c.Author].Name, Text: c.Body, Article: c.Article, Net: c.Score.Net()}, true, nil
}

// inviteAsked lets those have the news alerts who wanted them when there were none.
func (p *paper) inviteAsked(ctx context.Context) error {
	for {
		wanted, err := p.readers.AlertsWanted(ctx, 100)
		if err != nil || len(wanted) == 0 {
			return err
		}
		for _, email := range wanted {
			lists, _, err := p.letters.Invited(ctx, email, newsletter.Alert, "The invitation to the news alerts", reader.Browser{})
			if err != nil || len(lists) == 0 {
				return err
			}
			if err := p.readers.AlertsBegun(ctx, email); err != nil {
				return err
			}
		}
	}
}

// alertLife is how long a push service keeps an alert for a device that is off.
const alertLife = 6 * time.Hour

// pushAlert shows an alert on the devices of readers.
func (p *paper) pushAlert(ctx context.Context, n newsletter.Note, accounts []string) error {
	_, err := p.pushes.Send(ctx, push.Message{Title: n.Title, Text: n.Text, Path: n.Path, Tag: n.Edition, Life: alertLife, Urgent: true}, accounts...)
	return err
}
