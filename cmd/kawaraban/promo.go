package main

import (
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/promo"
)

// sponsors puts together what is booked for the slots of sponsored videos.
func (p *paper) sponsors() {
	p.promo = &promo.Store{
		DB: p.db, Media: p.media, Keys: p.keys, Audit: p.audit, Zone: p.zone, Now: time.Now, ID: db.NewID, Log: p.log,
		Vanished: func() {
			if f := p.face.Load(); f != nil {
				f.site.Cache.Age(promo.Tag)
			}
		},
	}
	p.desk.Elsewhere = p.promo.Holds
}
