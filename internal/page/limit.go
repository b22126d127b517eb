package page

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// A Limit lets each caller do something at a steady rate with some in a row
// (the generic cell rate algorithm). Its memory is fixed: callers share places
// by their hash, so that somebody with a million addresses cannot fill it, and
// at worst slows down those who share a place.
type Limit struct {
	every time.Duration
	burst time.Duration
	now   func() time.Time
	seed  maphash.Seed
	mu    sync.Mutex
	free  [1 << 13]int64 // when the place is as if never used, in nanoseconds
}

// NewLimit lets a caller in once in every, and burst times in a row.
func NewLimit(every time.Duration, burst int, now func() time.Time) *Limit {
	return &Limit{every: every, burst: every * time.Duration(burst), now: now, seed: maphash.MakeSeed()}
}

// Take counts one act of key. It returns 0, or how long to wait.
func (l *Limit) Take(key string) time.Duration {
	now := l.now().UnixNano()
	l.mu.Lock()
	defer l.mu.Unlock()
	place := &l.free[maphash.String(l.seed, key)%uint64(len(l.free))]
	next := max(*place, now) + int64(l.every)
	if wait := next - now - int64(l.burst); wait > 0 {
		return time.Duration(wait)
	}
	*place = next
	return 0
}

// Network is the name of the network that an address belongs to: itself in
// IPv4, the /64 that one household has in IPv6.
func Network(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// Region is the name of the wider network: the 256 addresses around one in IPv4,
// the /48 that one customer may have in IPv6.
func Region(a netip.Addr) string {
	bits := 24
	if a.Is6() {
		bits = 48
	}
	if p, err := a.Prefix(bits); err == nil && p.IsValid() {
		return p.String()
	}
	return a.String()
}
