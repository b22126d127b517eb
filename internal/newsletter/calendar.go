package newsletter

import "time"

// A Calendar says when the editions of a list go out, by the paper's clock.
type Calendar struct {
	Days   int // a bit for each time.Weekday; 0 for never
	Minute int // of the day
}

// Daily, Weekdays and the like are read as sets of days.
const (
	EveryDay = 1<<7 - 1
	Weekdays = EveryDay &^ (1<<time.Saturday | 1<<time.Sunday)
)

// On reports whether editions go out on a weekday.
func (c Calendar) On(d time.Weekday) bool { return c.Days>>d&1 == 1 }

func (c Calendar) valid() bool {
	return c.Days >= 0 && c.Days <= EveryDay && c.Minute >= 0 && c.Minute < 24*60
}

// next is the first moment after now at which an edition goes out; the zero time for
// never. On a day without that hour, as when summer time begins, it is the hour that
// the clock shows instead; on a day with two of it, one of them.
func (c Calendar) next(now time.Time, zone *time.Location) time.Time {
	if c.Days == 0 {
		return time.Time{}
	}
	y, m, d := now.In(zone).Date()
	for i := range 9 {
		at := time.Date(y, m, d+i, c.Minute/60, c.Minute%60, 0, 0, zone)
		if day := time.Date(y, m, d+i, 12, 0, 0, 0, zone).Weekday(); c.On(day) && at.After(now) {
			return at
		}
	}
	return time.Time{}
}

// next is when a list's calendar sends again.
func (l List) next(now time.Time, zone *time.Location) time.Time {
	if l.Kind != Digest || !l.Retired.IsZero() {
		return time.Time{}
	}
	return l.Calendar.next(now, zone)
}
