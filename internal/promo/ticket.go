package promo

import (
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/secret"
)

// A Ticket names what somebody was given to see, and not him: the booking, when that
// was, and a number by which no event of it is counted twice.
type Ticket string

const (
	ticketUse  = "promotion"
	ticketLife = 6 * time.Hour
	idBytes    = 16
	ticketBody = idBytes + 8 + 8
)

func (s *Store) newTicket(booking string, now time.Time) Ticket {
	id, ok := db.IDBytes(booking)
	if !ok {
		return ""
	}
	b := append([]byte(nil), id...)
	b = binary.BigEndian.AppendUint64(b, uint64(now.UnixMilli()))
	b = binary.BigEndian.AppendUint64(b, rand.Uint64())
	return Ticket(base64.RawURLEncoding.EncodeToString(append(b, s.Keys.Stamp(ticketUse, b)...)))
}

// A stub is what a ticket says.
type stub struct {
	booking string
	at      time.Time
	number  uint64
}

// read is what a ticket of ours says that is still good at now.
func (s *Store) read(t Ticket, now time.Time) (x stub, ok bool) {
	if len(t) > 100 {
		return x, false
	}
	b, err := base64.RawURLEncoding.DecodeString(string(t))
	if err != nil || len(b) != ticketBody+secret.StampSize || !s.Keys.Stamped(ticketUse, b[:ticketBody], b[ticketBody:]) {
		return x, false
	}
	x.booking = db.IDOf(b[:idBytes])
	x.at = time.UnixMilli(int64(binary.BigEndian.Uint64(b[idBytes:])))
	x.number = binary.BigEndian.Uint64(b[idBytes+8:])
	age := now.Sub(x.at)
	return x, age >= -time.Second && age < ticketLife
}

// Booked returns what a ticket is for, while that runs.
func (s *Store) Booked(t Ticket) (*Spot, bool) {
	x, ok := s.read(t, s.Now())
	if !ok {
		return nil, false
	}
	return s.Spot(x.booking)
}
