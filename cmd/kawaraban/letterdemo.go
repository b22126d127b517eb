package main

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/reader"
)

// demoSubscribers are how many addresses get the demo paper's newsletters. Their mail
// lands in the outbox, as all mail of the demo.
const demoSubscribers = 24

// demoWait is how long after the first start the demo's edition goes out: its pictures
// are drawn by then.
const demoWait = 20 * time.Second

// subscribers gives the demo paper its subscribers, one edition that goes out
// soon, and one that somebody writes.
func (r *demoRun) subscribers(ctx context.Context, editor *reader.Actor) error {
	publisher, err := r.actor(ctx, reader.Publisher)
	if err != nil {
		return err
	}
	if _, err := r.paper.letters.Make(ctx, publisher, demoList()); err != nil {
		return err
	}
	for i := range demoSubscribers {
		slugs := []string{"daily"}
		if i%2 == 0 {
			slugs = append(slugs, "weekly")
		}
		if i%3 == 0 {
			slugs = append(slugs, "alerts", "harbour")
		}
		if err := r.paper.letters.Enrol(ctx, fmt.Sprintf("reader%02d@readers.example", i+1), "demo", "The demo's own readers: nobody is written to.", slugs...); err != nil {
			return err
		}
	}
	lists, err := r.paper.letters.Lists(ctx)
	if err != nil {
		return err
	}
	for _, l := range lists {
		switch l.Slug {
		case "daily":
			e, err := r.paper.letters.Begin(ctx, editor, l.ID)
			if err != nil {
				return err
			}
			if _, err := r.paper.letters.Schedule(ctx, editor, e.ID, e.Version, time.Now().Add(demoWait)); err != nil {
				return err
			}
		case "harbour":
			e, err := r.paper.letters.Begin(ctx, editor, l.ID)
			if err != nil {
				return err
			}
			_, err = r.paper.letters.Write(ctx, editor, e.ID, e.Version, newsletter.Manuscript{
				Subject: "From the harbour: the ferry, the wall, and who paid for the benches", Preview: "Maren Oda's letter of the week",
				Parts: []newsletter.Part{{Block: newsletter.Block{Kind: newsletter.Words, Text: demoLetter}}},
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// demoList is a newsletter that somebody writes.
func demoList() newsletter.List {
	return newsletter.List{Slug: "harbour", Kind: newsletter.Written, Name: "From the harbour", Promise: "A letter by Maren Oda, every other Friday", Sender: "Maren Oda, Kawara Bay Courier", Open: true, Public: true, Approve: true}
}

const demoLetter = "Good morning from the quay,\n\nthe wind has turned to the north, and the gulls sit on the roof of the fish hall as if they had been told to wait there.\n\nThree things this week: the ferry, which came and did not leave; the sea wall, which has two ends and money for one; and the benches of Lowmarket, which are back."
