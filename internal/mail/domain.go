package mail

import (
	"strings"
	"time"
)

// A domain rests when its servers have had enough of us. They say so with 421 or
// 4.7.x; how much of that is enough, in points.
const (
	enough     = 10
	pointsBusy = 5 // 421: it does not even talk
	pointsMore = 1 // 4.7.x: its rules
)

// maxDomains is how many domains are remembered.
const maxDomains = 10_000

// A domain is what the office knows of a receiving domain that does not want
// letters now. Those that take them are not remembered.
type domain struct {
	points int
	rests  int // one after the other
	until  time.Time
	why    string
}

// rests says until when a domain gets no letters, and why.
func (o *Office) rests(name string) (time.Time, string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if d := o.domains[name]; d != nil {
		return d.until, d.why
	}
	return time.Time{}, ""
}

// heard remembers what the server of a domain said. Greylisting looks alike, but
// is about one letter: a domain that does it would never end to rest.
func (o *Office) heard(name string, now time.Time, out Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.domains[name]
	points := 0
	switch {
	case out.Fate == Accepted:
		delete(o.domains, name)
		return
	case out.Code == 421:
		points = pointsBusy
	case out.Code/100 == 4 && strings.HasPrefix(out.Status, "4.7.") && !greylists(out.Text):
		points = pointsMore
	default:
		return
	}
	if d == nil {
		if len(o.domains) >= maxDomains {
			return
		}
		d = &domain{}
		o.domains[name] = d
	}
	if d.until.After(now) {
		return // it was on its way before
	}
	if d.points += points; d.points < enough {
		return
	}
	d.until, d.why, d.points = now.Add(min(pause(d.rests), time.Hour)), out.Text, enough/2
	d.rests++
}

// greylists reports whether a server says that it only delays a first letter.
func greylists(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "greylist") || strings.Contains(text, "graylist")
}
