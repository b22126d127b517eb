package site

import (
	"context"
	"net/netip"
	"runtime"
	"time"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

// brakes are how fast readers may write and vote: each account, each network
// and the wider one around it, and each thread (the generic cell rate
// algorithm). They are kept in memory: what is lost with a restart is a few
// seconds of patience.
type brakes struct {
	writer, writerNet, writerRegion, thread *page.Limit
	voter, voterNet, voterRegion            *page.Limit
	drafts, reports, wrongs, wrongMail      *page.Limit
	reads, reported                         *page.Limit
	searches                                chan struct{} // those under way
}

func newBrakes(now func() time.Time) *brakes {
	return &brakes{
		writer:       page.NewLimit(10*time.Second, 12, now),
		writerNet:    page.NewLimit(2*time.Second, 60, now),
		writerRegion: page.NewLimit(time.Second, 120, now),
		thread:       page.NewLimit(time.Millisecond, 2000, now),
		voter:        page.NewLimit(2*time.Second, 40, now),
		voterNet:     page.NewLimit(200*time.Millisecond, 400, now),
		voterRegion:  page.NewLimit(50*time.Millisecond, 1000, now),
		drafts:       page.NewLimit(30*time.Second, 6, now),
		reports:      page.NewLimit(time.Minute, 15, now),
		wrongs:       page.NewLimit(time.Minute, 15, now),
		wrongMail:    page.NewLimit(20*time.Minute, 5, now),
		reads:        page.NewLimit(50*time.Millisecond, 400, now),
		reported:     page.NewLimit(2*time.Second, 40, now),
		searches:     make(chan struct{}, runtime.GOMAXPROCS(0)),
	}
}

// A braked is one limit and whom it counts.
type braked struct {
	*page.Limit
	key string
}

// known reports whether an address tells readers apart. That of this machine is
// a proxy's that nobody has named in the settings, or the owner's own.
func known(at netip.Addr) bool { return at.IsValid() && !at.IsLoopback() }

// all counts one act under each limit, or returns the Problem of the first that
// refuses.
func all(said string, limits ...braked) error {
	for _, l := range limits {
		if wait := l.Take(l.key); wait > 0 {
			return &problem.Problem{Kind: problem.TooMany, Detail: said, Wait: wait}
		}
	}
	return nil
}

func (b *brakes) write(v *visit, reader, article string) error {
	const said = "You write faster than people read. Your text is kept: wait a little and send it again."
	limits := []braked{{b.writer, reader}, {b.thread, article}}
	if at := v.Address(); known(at) {
		limits = append(limits, braked{b.writerNet, page.Network(at)}, braked{b.writerRegion, page.Region(at)})
	}
	return all(said, limits...)
}

func (b *brakes) vote(v *visit, reader string) error {
	const said = "These are many votes in a short time. Wait a little and vote again."
	limits := []braked{{b.voter, reader}}
	if at := v.Address(); known(at) {
		limits = append(limits, braked{b.voterNet, page.Network(at)}, braked{b.voterRegion, page.Region(at)})
	}
	return all(said, limits...)
}

func (b *brakes) report(v *visit) error {
	const said = "Many reports came from your network in a short time. What you wrote is kept: wait a little and send it again."
	return all(said, braked{b.reports, page.Network(v.Address())})
}

// read brakes pages that say that they are read. All readers together share the places
// of this brake, so it is loose; what counts of one network is in package audience.
func (b *brakes) read(at netip.Addr) error {
	if !known(at) {
		return nil
	}
	return all("", braked{b.reads, page.Network(at)})
}

// sister brakes who sends reports of clicks, before anything of them is looked at. Each
// sister has a limit of its own beside it, in package network.
func (b *brakes) sister(at netip.Addr) error {
	if !known(at) {
		return nil
	}
	return all("", braked{b.reported, page.Network(at)})
}

func (b *brakes) keep(v *visit) error {
	const said = "Too many texts wait for a log-in from your network. Log in first, and write then."
	return all(said, braked{b.drafts, page.Network(v.Address())})
}

// searchWait is how long a search waits for its turn (SECURITY D11).
const searchWait = 50 * time.Millisecond

// search waits until a search may begin; done ends it. When many search, searching is
// what readers lose first: articles are rendered beside it.
func (b *brakes) search(ctx context.Context) (done func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, searchWait)
	defer cancel()
	select {
	case b.searches <- struct{}{}:
		return func() { <-b.searches }, nil
	case <-ctx.Done():
		return nil, &problem.Problem{Kind: problem.Unavailable, Detail: "Many people are searching at this moment. Try again in a few seconds.", Wait: 5 * time.Second}
	}
}
