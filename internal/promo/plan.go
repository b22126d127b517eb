package promo

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
)

// A usual is how many views each place has in each hour of a week, as the last four
// weeks were. It is empty for a new paper.
type usual map[string]*[7 * 24]float64

const usualWeeks = 4

func hourOfWeek(t time.Time) int { return int(t.Weekday())*24 + t.Hour() }

// usual reads it. The hours are the paper's.
func (s *Store) usual(ctx context.Context, now time.Time) (usual, error) {
	rows, err := s.DB.Query(ctx, `select place, hour, n from promo_chance where hour >= $1 and hour < $2 order by place, hour`,
		db.Time(now.AddDate(0, 0, -7*usualWeeks)), db.Time(now.Truncate(time.Hour)))
	if err != nil {
		return nil, fmt.Errorf("read what is usual: %w", err)
	}
	defer rows.Close()
	u := usual{}
	for rows.Next() {
		var place string
		var hour time.Time
		var n float64
		if err := rows.Scan(&place, (*db.Time)(&hour), &n); err != nil {
			return nil, fmt.Errorf("read what is usual: %w", err)
		}
		if u[place] == nil {
			u[place] = new([7 * 24]float64)
		}
		u[place][hourOfWeek(hour.In(s.Zone()))] += n
	}
	return u, rows.Err()
}

// at is how much is usual for a booking's places in an hour of the week.
func (u usual) at(b *Booking, hour int) (n float64) {
	for place, week := range u {
		if b.At(place) {
			n += week[hour]
		}
	}
	return n
}

// A plan is how a booking's impressions are spread over its time: as readers usually
// come, so that no hour has to give what it does not have.
type plan struct {
	begins, ends time.Time
	goal         int
	done         []float64 // of the goal, at the end of each hour; the last is 1
}

// even is how much of an hour's weight is the same for all hours: readers do not come as
// they usually do on the day that matters.
const even = 0.15

// lead is how far a booking is ahead of its plan: what is not reached in the last hour
// cannot be made good.
func (p *plan) lead() time.Duration { return min(time.Hour, p.ends.Sub(p.begins)/24) }

func newPlan(b *Booking, u usual, taken func(time.Time) bool, zone *time.Location) plan {
	p := plan{begins: b.Begins, ends: b.Ends, goal: b.Goal}
	mean := 0.0
	for h := range 7 * 24 {
		mean += u.at(b, h) / (7 * 24)
	}
	sum := 0.0
	for at := b.Begins; at.Before(b.Ends); at = at.Add(time.Hour) {
		part := min(1, b.Ends.Sub(at).Hours())
		weight := 1.0
		if mean > 0 {
			weight = even + (1-even)*u.at(b, hourOfWeek(at.In(zone)))/mean
		}
		if taken(at) {
			weight = 0
		}
		sum += weight * part
		p.done = append(p.done, sum)
	}
	for i := range p.done {
		if sum > 0 {
			p.done[i] /= sum
		}
	}
	return p
}

// due is how many impressions a booking is to have at a moment: a little more than its
// plan says for then.
func (p *plan) due(at time.Time) float64 { return p.at(at.Add(p.lead())) }

// at is how many impressions the plan has at a moment.
func (p *plan) at(at time.Time) float64 {
	if len(p.done) == 0 {
		return 0
	}
	hours := at.Sub(p.begins).Hours()
	n := int(hours)
	switch {
	case hours <= 0:
		return 0
	case n >= len(p.done):
		return float64(p.goal)
	}
	before := 0.0
	if n > 0 {
		before = p.done[n-1]
	}
	part := min(1, p.ends.Sub(p.begins.Add(time.Duration(n)*time.Hour)).Hours())
	return float64(p.goal) * (before + (p.done[n]-before)*min(1, (hours-float64(n))/part))
}
