package main

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/fetch"
	"kawaraban/internal/promo"
)

// sponsors puts together what is booked for the slots of sponsored videos.
func (p *paper) sponsors() {
	p.promo = &promo.Store{
		DB: p.db, Media: p.media, Keys: p.keys, Audit: p.audit, Jobs: p.jobs, Fetch: fetch.New(fetch.Settings{Agent: "Kawaraban", Timeout: 20 * time.Second}), Base: p.settings.base(), Zone: p.zone, Now: time.Now, ID: db.NewID, Log: p.log,
		Vanished: func() {
			if f := p.face.Load(); f != nil {
				f.site.Cache.Age(promo.Tag)
			}
		},
	}
	p.promo.Work()
	p.house.Promo = p.promo
	p.desk.Elsewhere = desk.Elsewhere{Holds: p.promo.Holds, Free: promo.Free, Replace: p.promo.Replace}
}

// demoBookingDays is for how long the demo's video is booked.
const demoBookingDays = 30

// book lets a sponsor of the demo's have the slot.
func (r *demoRun) book(ctx context.Context) {
	if err := r.tryBook(ctx); err != nil && ctx.Err() == nil {
		r.log.Error("the sponsored video of the demo is missing", "error", err)
	}
}

func (r *demoRun) tryBook(ctx context.Context) error {
	film, err := demoFiles.ReadFile("demo/videos/tide.webm")
	if err != nil {
		return err
	}
	id, _, err := r.media.SendVideo(ctx, "", "tide.webm", film)
	if err != nil {
		return fmt.Errorf("the film: %w", err)
	}
	now := time.Now().In(r.zone())
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	b := &promo.Booking{
		Sponsor: "Kawara Bay Ferry Company", Title: "The tide is in: see the bay from the water",
		Words: "Boats leave the pier at Tile Square on the hour, until the lanterns are lit.", Link: "https://ferry.example/timetable",
		Kind: promo.Impressions, Goal: 40_000, Source: promo.Library, Video: id, Begins: today, Ends: today.AddDate(0, 0, demoBookingDays),
	}
	house := &promo.Booking{
		Sponsor: "The Kawara Bay Courier", Title: "How the tide table is made", Words: "A minute on the quay with the harbour master.",
		Kind: promo.House, Source: promo.Library, Video: id, Begins: today,
	}
	for _, b := range []*promo.Booking{b, house} {
		if err := r.promo.Add(ctx, "", b); err != nil {
			return err
		}
		if err := r.promo.Switch(ctx, "", b.ID, promo.On); err != nil {
			return err
		}
	}
	return nil
}
