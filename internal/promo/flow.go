package promo

import "time"

// A flow is what a booking has of impressions, and what is on its way: between the
// moment that somebody is given a video and that in which he has looked at it for two
// seconds, a crowd would be given too many.
type flow struct {
	total  int // written down, by all processes
	unkept int // counted here, and not yet written down

	recent         [flowParts]flowPart
	served, viewed float64 // before that: the part of what is given away that is viewed
}

type flowPart struct {
	began          time.Time
	served, viewed int
}

const (
	flowPartTime = 5 * time.Second
	flowParts    = 6
)

// part is that of a moment, nil when it has passed.
func (f *flow) part(at time.Time, add bool) *flowPart {
	began := at.Truncate(flowPartTime)
	p := &f.recent[int(began.Unix()/int64(flowPartTime/time.Second))%flowParts]
	switch {
	case p.began.Equal(began):
		return p
	case !add:
		return nil
	}
	f.settle(p)
	*p = flowPart{began: began}
	return p
}

func (f *flow) serve(now time.Time) { f.part(now, true).served++ }

// settle learns from a part of which no more views will come. Only then: while a crowd
// comes, nobody has looked for two seconds yet.
func (f *flow) settle(p *flowPart) {
	f.served, f.viewed = f.served+float64(p.served), f.viewed+float64(min(p.viewed, p.served))
	for f.served > 400 {
		f.served, f.viewed = f.served/2, f.viewed/2
	}
}

// view counts an impression of what was given then.
func (f *flow) view(given time.Time) {
	f.unkept++
	if p := f.part(given, false); p != nil {
		p.viewed++
	}
}

// coming is how many of those that were given away lately will be viewed.
func (f *flow) coming(now time.Time) (n float64) {
	rate := (f.viewed + 20) / (f.served + 30) // two thirds, before anything is known
	for _, p := range f.recent {
		if now.Sub(p.began).Abs() < flowParts*flowPartTime {
			n += max(0, float64(p.served)*rate-float64(p.viewed))
		}
	}
	return n
}
