package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kawaraban/internal/db"
)

const (
	// mostTried is how many items rules are tried against, the newest.
	mostTried = 20_000
	// tryFor is how long that may take: somebody waits. On a small machine 20,000 items
	// take five seconds.
	tryFor = 10 * time.Second
	// mostDifferences is how many of the items are listed that would have gone another way.
	mostDifferences = 200
)

// A Trial is what rules would have made of what has come.
type Trial struct {
	Since     time.Time
	Items     int  // that were looked at
	More      bool // there were more than are looked at
	Published int  // would have been: with those that wait for the end of an embargo
	Held      int
	Dropped   int
	Others    int // recalls, pictures and packages without a text, older versions: rules decide nothing there
	Differ    int // would have gone another way than they did
	List      []Difference
}

// A Difference is an item that would have gone another way.
type Difference struct {
	First    int64 // address of its story
	Agency   string
	Headline string
	Version  string
	Received time.Time
	Was      Decision
	Would    Decision
	Reason   string // why it would have been held, in a sentence
	From, To string // sections, where it would have gone to another one
	Ruling   Ruling
}

// Try looks what rules would have made of the items of the last days. It writes nothing.
// Whatever depended on the moment (an editor at work, a newer version that was here
// already) is taken as it was.
func (s *Store) Try(ctx context.Context, rules Rules, days int) (t Trial, err error) {
	began := time.Now()
	t.Since = s.Now().AddDate(0, 0, -days)
	book := rules.tidied().book(0)
	sources, err := s.Sources(ctx)
	if err != nil {
		return t, err
	}
	known := map[string]Source{}
	for _, src := range sources {
		known[src.ID] = src
	}
	rows, err := s.DB.Query(ctx, `select i.source, i.content, i.version, i.decision, i.dropped, i.reason, i.ruling, i.received, w.first, w.section, w.recall
		from wire_item i
		join wire_story w on w.source = i.source and w.id = i.id
		where i.received >= $1
		order by i.received desc, i.source, i.id, i.version
		limit $2`, db.Time(t.Since), mostTried+1)
	if err != nil {
		return t, fmt.Errorf("try the rules: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var p tried
		var content, ruled string
		var dropped bool
		if err := rows.Scan(&p.src.ID, &content, &p.version, &p.was, &dropped, &p.reason, &ruled, (*db.Time)(&p.received), &p.first, &p.section, &p.recall); err != nil {
			return t, fmt.Errorf("try the rules: %w", err)
		}
		if t.Items == mostTried || time.Since(began) > tryFor {
			t.More = true
			break
		}
		if err := json.Unmarshal([]byte(content), &p.it); err != nil {
			return t, fmt.Errorf("a stored item is damaged: %w", err)
		}
		if p.src, p.ruled = known[p.src.ID], ruling(ruled); dropped {
			p.was = Dropped
		}
		r := book.rule(p.src, &p.it, s.Language(), s.wallClock(p.received))
		t.count(&p, r)
	}
	return t, rows.Err()
}

// A tried item is one that has been filed, with what became of it then.
type tried struct {
	src      Source
	it       Item
	version  string
	was      Decision
	reason   string
	ruled    Ruling
	received time.Time
	first    int64
	section  string
	recall   Status
}

// count adds what a ruling would have made of an item.
func (t *Trial) count(p *tried, r Ruling) {
	t.Items++
	would, reason := p.would(r)
	switch would {
	case Released, Updated, Embargoed:
		t.Published++
	case Held:
		t.Held++
	case Dropped:
		t.Dropped++
	default:
		t.Others++
	}
	d := Difference{
		First: p.first, Agency: p.src.Name, Headline: orElse(p.it.Headline, p.it.Slugline), Version: p.version, Received: p.received,
		Was: p.was, Would: would, Reason: reason, Ruling: r,
	}
	if to := orElse(r.Section, p.src.Section); to != p.section && p.was.new() && would.new() {
		d.From, d.To = p.section, to
	}
	if would == p.was && d.To == "" {
		return
	}
	if t.Differ++; len(t.List) < mostDifferences {
		t.List = append(t.List, d)
	}
}

// new reports whether an item with this decision may be the first of its article: only that
// one chooses the section.
func (d Decision) new() bool { return d == Released || d == Embargoed || d == Held }

// would is what a ruling would have made of the item.
func (p *tried) would(r Ruling) (Decision, string) {
	moot := p.it.Status == Canceled || p.it.Status == Withheld || p.recall != "" || p.was == Recalled
	drops := r.Do == Drop && !p.it.Shouts && p.was != Updated
	switch {
	case moot:
		return p.was, p.reason
	case drops:
		return Dropped, r.says()
	case p.was == Kept: // nothing of it can be shown, or a newer one was here
		return Kept, p.reason
	case p.was == Held && !p.byRule():
		return Held, p.reason // for a reason of the moment, or one that no rule lifts
	}
	if reason := judge(p.src, &p.it, r); reason != "" {
		return Held, reason
	}
	if p.was == Held || p.was == Dropped {
		if unprintableText(&p.it) {
			return Kept, ""
		}
		if p.it.EmbargoOpen || p.it.Embargo.After(p.received) {
			return Embargoed, ""
		}
		return Released, ""
	}
	return p.was, ""
}

// byRule reports whether a rule has held the item, the source's or the desk's, and nothing
// else.
func (p *tried) byRule() bool {
	return p.reason == HeldByRule || p.ruled.Do == Retain && p.reason == p.ruled.says() || p.ruled.Do == Drop && p.reason == p.ruled.dropsNothing()
}

// unprintableText reports whether a dropped item could not have been published: its
// pictures are not looked for again.
func unprintableText(it *Item) bool { return it.Class != Text || len(it.Body.Blocks) == 0 }
