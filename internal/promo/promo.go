// Package promo books sponsored videos for the slot "Video promotion", chooses which of
// them a reader sees, and counts what became of it.
//
// A booking is a video with a sponsor's name, for some days and places: sections, and the
// front page. It is exclusive (the place is its alone), one of impressions (so many are
// promised, spread over its time), a share (so many of a hundred views that are left), or
// one of the house, which is there when nothing else is. An impression is a video of
// which half was on the screen for two seconds.
//
// Nobody is followed. What a reader was given has a ticket, which names the booking and
// no person; what his browser says of it is counted once. Whoever is behind a ticket is
// known for a day at most, as a number made of the network's address, the browser's name
// and a secret that is forgotten every day.
package promo

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/job"
	"kawaraban/internal/media"
	"kawaraban/internal/secret"
)

// Front is the place on the front page; every other place is a section's id.
const Front = "~"

// BookingSet is what can be held against who books.
const BookingSet audit.Act = "promo.booking"

// A Store keeps bookings in a database, and those that run in memory.
type Store struct {
	DB    *db.DB
	Media *media.Store
	Keys  *secret.Keyring
	Audit *audit.Log
	Jobs  *job.Queue
	Fetch *fetch.Client
	Base  string                // "https://paper.example"
	Zone  func() *time.Location // days are the paper's
	Now   func() time.Time
	ID    func() string
	Log   *slog.Logger

	Vanished func() // called when what pages show must be seen no more; may be nil

	slate   atomic.Pointer[slate]
	reading sync.Mutex // held by who makes a slate
	counter counter
	teller  teller
}

// Changed says that what runs in the slots is to be read again.
type Changed struct{}

// EventKind and EventSubject make it a fact (package event).
func (Changed) EventKind() string    { return "promo.changed" }
func (Changed) EventSubject() string { return "slots" }

// Tag is the page cache's tag of everything that has the slot.
const Tag = "promo:slot"
