package audience

import "time"

// A sending is an article's page that has left the house.
type sending struct {
	View
	at time.Time
}

const (
	silence = 30 * time.Second // after which a page that has said nothing has no script
	maxSent = 20_000           // pages of which is waited whether they say something: some 6 MB
)

// Served notes that a page with an article was sent. It is called for each page that
// leaves the cache, so it does nothing but remember; when more pages leave than it can
// remember, those without a script are counted too low.
func (n *Now) Served(v View) {
	now := n.now()
	n.sentMu.Lock()
	defer n.sentMu.Unlock()
	if len(n.sent) < maxSent {
		n.sent = append(n.sent, sending{v, now})
	}
}

// settle counts the pages that were sent and have said nothing since: their readers have
// no script. One who has said something today has one, and looks at a page later.
func (n *Now) settle() {
	now := n.now()
	n.sentMu.Lock()
	due := 0
	for due < len(n.sent) && now.Sub(n.sent[due].at).Abs() >= silence {
		due++
	}
	old := n.sent[:due:due]
	n.sent = append([]sending(nil), n.sent[due:]...)
	n.sentMu.Unlock()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.renew()
	for _, s := range old {
		if !countable(s.View) {
			continue
		}
		if _, speaks := n.scripted[n.digest("", s.View)]; !speaks {
			n.open(s.View, byServer)
		}
	}
}
