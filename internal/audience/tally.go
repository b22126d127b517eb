package audience

import (
	"cmp"
	"slices"
	"time"
)

// A Sort is by what opens are divided beside the article and the hour.
type Sort string

const (
	From     Sort = "from"     // an Origin
	Campaign Sort = "campaign" // the name of one
	Depth    Sort = "depth"    // a quarter that was reached: "1" to "4"
	Way      Sort = "way"      // "script" or "server": how we know
)

var quarterNames = [...]string{"1", "2", "3", "4"}

const (
	maxOpen      = 100_000 // counters that wait to be written down
	maxCampaigns = 200     // names of campaigns an hour; further ones are "more"
	manyMore     = "more"
)

// An hour is one of an article's: what opens are counted by.
type hour struct {
	article string
	at      time.Time
}

// A part is some of an hour's opens.
type part struct {
	hour
	sort Sort
	name string
}

// A tally is what is not yet written down. What a database that is away does not take is
// kept up to a limit.
type tally struct {
	opens     map[hour]int
	parts     map[part]int
	campaigns map[string]bool // of this hour
	named     time.Time       // that hour
}

func newTally() tally {
	return tally{opens: map[hour]int{}, parts: map[part]int{}, campaigns: map[string]bool{}}
}

func (n *Now) hour(article string) hour { return hour{article, beginning(n.now(), time.Hour)} }

// count counts one open with its parts.
func (t *tally) count(h hour, from Origin, how way, query string) {
	if !t.open(h, 1) {
		return
	}
	t.part(h, From, string(from), 1)
	t.part(h, Way, string(how), 1)
	name := campaign(query)
	if name == "" {
		return
	}
	if !t.named.Equal(h.at) {
		clear(t.campaigns)
		t.named = h.at
	}
	if !t.campaigns[name] && len(t.campaigns) >= maxCampaigns {
		name = manyMore
	} else {
		t.campaigns[name] = true
	}
	t.part(h, Campaign, name, 1)
}

func (t *tally) open(h hour, opens int) bool {
	if _, known := t.opens[h]; !known && len(t.opens) >= maxOpen {
		return false
	}
	t.opens[h] += opens
	return true
}

func (t *tally) part(h hour, sort Sort, name string, opens int) {
	p := part{h, sort, name}
	if _, known := t.parts[p]; !known && len(t.parts) >= 8*maxOpen {
		return
	}
	t.parts[p] += opens
}

// take returns what is to be written down, and begins anew.
func (n *Now) take() tally {
	n.mu.Lock()
	defer n.mu.Unlock()
	t := n.tally
	n.tally = newTally()
	n.campaigns, n.named = t.campaigns, t.named
	return t
}

// giveBack adds what could not be written down.
func (n *Now) giveBack(t tally) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for h, opens := range t.opens {
		n.tally.open(h, opens)
	}
	for p, opens := range t.parts {
		n.part(p.hour, p.sort, p.name, opens)
	}
}

// ordered is the order in which all processes write: otherwise two could wait for
// each other.
func ordered(opens map[hour]int) []hour {
	order := make([]hour, 0, len(opens))
	for h := range opens {
		order = append(order, h)
	}
	slices.SortFunc(order, compareHours)
	return order
}

func orderedParts(parts map[part]int) []part {
	order := make([]part, 0, len(parts))
	for p := range parts {
		order = append(order, p)
	}
	slices.SortFunc(order, func(a, b part) int {
		return cmp.Or(compareHours(a.hour, b.hour), cmp.Compare(a.sort, b.sort), cmp.Compare(a.name, b.name))
	})
	return order
}

func compareHours(a, b hour) int {
	return cmp.Or(cmp.Compare(a.article, b.article), a.at.Compare(b.at))
}
