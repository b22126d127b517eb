package audience

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kawaraban/internal/db"
)

// A Span is how far a list of what was most read looks back.
type Span string

const (
	Hour Span = "hour"
	Day  Span = "day"
	Week Span = "week"
)

// Spans lists them, the shortest first.
func Spans() []Span { return []Span{Hour, Day, Week} }

// A Trend is an article of which more is read than is usual.
type Trend struct {
	Article string
	Rate    float64 // opens an hour at this moment
	Usual   float64 // of an article of its section at this hour of the day
	score   float64
}

// Ranks are the lists of what is read most, of all processes together. They lie in
// memory, so that a page which shows them asks nothing. The zero value has none.
type Ranks struct {
	lists atomic.Pointer[lists]
	said  atomic.Bool // something has been said since the discussed were last listed

	mu      sync.Mutex // held by who brings them up to date
	past    map[string]past
	pastAt  time.Time
	usual   map[string]float64 // by section
	heats   map[string]heat
	before  map[hour]int // opens of this hour and the last one when they were last looked at
	talk    []Count
	talkAt  time.Time
	section map[string]string // of an article
}

// past is what was opened of an article before this hour.
type past struct{ day, week int }

// A heat is how often an article was opened, and half of it is gone after an hour.
type heat struct {
	value float64
	at    time.Time
}

const (
	pastEvery  = time.Minute     // what is past is looked at again
	talkEvery  = 5 * time.Second // what is discussed, when something was said
	halfLife   = time.Hour
	heatFrom   = 6 * time.Hour // back from which a new process begins
	maxPast    = 5000          // articles whose past counts
	listed     = 40            // articles of a list: those that readers may not have fall out
	shown      = 5             // of them that readers see
	leastRate  = 3             // opens an hour of what can be trending
	leastScore = 1             // deviations above what is usual
)

// lists are never changed.
type lists struct {
	most      map[Span]map[string][]Count // by section; "" is the paper
	trending  map[string][]Trend
	discussed []Count
}

// MostRead lists what was opened most often, of a section or of the paper (""). Whether
// readers may have it is not asked here.
func (r *Ranks) MostRead(s Span, section string) []Count {
	if l := r.get(); l != nil {
		return l.most[s][section]
	}
	return nil
}

// Trending lists what is read more than is usual for its section at this hour, what
// stands out most first.
func (r *Ranks) Trending(section string) []Trend {
	if l := r.get(); l != nil {
		return l.trending[section]
	}
	return nil
}

// MostDiscussed lists what most was said about in a day.
func (r *Ranks) MostDiscussed() []Count {
	if l := r.get(); l != nil {
		return l.discussed
	}
	return nil
}

func (r *Ranks) get() *lists {
	if r == nil {
		return nil
	}
	return r.lists.Load()
}

// Said notes that something was said about an article, or taken back.
func (r *Ranks) Said() { r.said.Store(true) }

// Tag is the page cache's tag of what shows the lists of a section, or of the paper ("").
func Tag(section string) string { return "most-read:" + section }

// Rank brings the lists up to date. It returns the tags of those that readers would see
// change.
func (s *Store) Rank(ctx context.Context, r *Ranks) (changed []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := s.Now()
	if r.past == nil || now.Sub(r.pastAt).Abs() >= pastEvery || !beginning(now, time.Hour).Equal(beginning(r.pastAt, time.Hour)) {
		if err := s.readPast(ctx, r, now); err != nil {
			return nil, fmt.Errorf("rank what was read: %w", err)
		}
	}
	fresh, err := s.recent(ctx, r, now)
	if err != nil {
		return nil, fmt.Errorf("rank what is read: %w", err)
	}
	r.warm(fresh, now)
	if err := s.readTalk(ctx, r, now); err != nil {
		return nil, err
	}
	l := r.rank(fresh, now)
	old := r.lists.Swap(l)
	return l.differences(old), nil
}

// readPast reads what was opened before this hour, and what is usual at this hour.
func (s *Store) readPast(ctx context.Context, r *Ranks, now time.Time) error {
	hour := beginning(now, time.Hour)
	rows, err := s.DB.Query(ctx, `select h.article, a.section,
			cast(sum(case when h.hour >= $1 then h.opens else 0 end) as bigint),
			cast(sum(h.opens) as bigint) as week
		from audience_hour h
		join article a on a.id = h.article
		where h.hour >= $2 and h.hour < $3
		group by h.article, a.section
		order by week desc, h.article
		limit $4`,
		db.Time(hour.Add(-24*time.Hour)), db.Time(hour.Add(-7*24*time.Hour)), db.Time(hour), maxPast)
	if err != nil {
		return err
	}
	defer rows.Close()
	r.past, r.section = map[string]past{}, map[string]string{}
	for rows.Next() {
		var id, section string
		var p past
		if err := rows.Scan(&id, &section, &p.day, &p.week); err != nil {
			return err
		}
		r.past[id], r.section[id] = p, section
	}
	if err := rows.Err(); err != nil {
		return err
	}
	r.pastAt = now
	return s.readUsual(ctx, r, hour)
}

// readUsual reads how often an article of a section was opened in this hour of the
// seven days before, of those that were opened then at all.
func (s *Store) readUsual(ctx context.Context, r *Ranks, hour time.Time) error {
	var same []db.Time
	for d := 1; d <= 7; d++ {
		same = append(same, db.Time(hour.Add(-time.Duration(d)*24*time.Hour)))
	}
	var args []any
	rows, err := s.DB.Query(ctx, `select a.section, cast(sum(h.opens) as bigint), count(*)
		from audience_hour h
		join article a on a.id = h.article
		where h.hour `+db.In(&args, same)+`
		group by a.section
		order by a.section`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	r.usual = map[string]float64{}
	for rows.Next() {
		var section string
		var opens, articles float64
		if err := rows.Scan(&section, &opens, &articles); err != nil {
			return err
		}
		r.usual[section] = opens / articles
	}
	return rows.Err()
}

// recent reads what was opened in this hour and the one before; a process that has just
// begun reads some more, to know what is warm.
func (s *Store) recent(ctx context.Context, r *Ranks, now time.Time) (map[hour]int, error) {
	from := beginning(now, time.Hour).Add(-time.Hour)
	if r.heats == nil {
		from = beginning(now, time.Hour).Add(-heatFrom)
	}
	rows, err := s.DB.Query(ctx, `select h.article, a.section, h.hour, h.opens
		from audience_hour h
		join article a on a.id = h.article
		where h.hour >= $1
		order by h.hour, h.article`, db.Time(from))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	fresh := map[hour]int{}
	for rows.Next() {
		var h hour
		var section string
		var opens int
		if err := rows.Scan(&h.article, &section, (*db.Time)(&h.at), &opens); err != nil {
			return nil, err
		}
		fresh[h] = opens
		r.section[h.article] = section
	}
	return fresh, rows.Err()
}

// warm adds what was opened since the last look, and lets the rest cool.
func (r *Ranks) warm(fresh map[hour]int, now time.Time) {
	first := r.heats == nil
	if first {
		r.heats = map[string]heat{}
	}
	for h, opens := range fresh {
		more := float64(opens - r.before[h])
		if more <= 0 {
			continue
		}
		if first { // when in its hour they came nobody knows: in the middle of it
			end := h.at.Add(time.Hour)
			if end.After(now) {
				end = now
			}
			more *= cooled(now.Sub(h.at.Add(end.Sub(h.at) / 2)))
		}
		r.heats[h.article] = heat{r.heats[h.article].now(now) + more, now}
	}
	r.before = fresh
	const cold = 0.05
	maps.DeleteFunc(r.heats, func(_ string, h heat) bool { return h.now(now) < cold })
}

func cooled(after time.Duration) float64 { return math.Exp2(-float64(after) / float64(halfLife)) }

func (h heat) now(t time.Time) float64 {
	if h.value == 0 {
		return 0
	}
	return h.value * cooled(max(t.Sub(h.at), 0))
}

// rate is how many opens an hour keep a heat as it is.
func (h heat) rate(t time.Time) float64 { return h.now(t) * math.Ln2 }

func (s *Store) readTalk(ctx context.Context, r *Ranks, now time.Time) (err error) {
	age := now.Sub(r.talkAt).Abs()
	if s.Discussed == nil || age < talkEvery || age < pastEvery && !r.said.Load() {
		return nil
	}
	r.said.Store(false)
	if r.talk, err = s.Discussed(ctx, now.Add(-24*time.Hour), listed); err != nil {
		r.said.Store(true)
		return err
	}
	r.talkAt = now
	return nil
}

// rank makes the lists.
func (r *Ranks) rank(fresh map[hour]int, now time.Time) *lists {
	this := beginning(now, time.Hour)
	// Of the last hour counts what is less than an hour ago, as if it had come evenly.
	left := 1 - float64(now.Sub(this))/float64(time.Hour)
	sums := map[Span]map[string]float64{Hour: {}, Day: {}, Week: {}}
	for id, p := range r.past {
		sums[Day][id], sums[Week][id] = float64(p.day), float64(p.week)
	}
	for h, opens := range fresh {
		switch {
		case !h.at.Before(this):
			for _, s := range Spans() {
				sums[s][h.article] += float64(opens)
			}
		case h.at.Equal(this.Add(-time.Hour)):
			sums[Hour][h.article] += float64(opens) * left
		}
	}
	l := &lists{most: map[Span]map[string][]Count{}, trending: r.trends(now), discussed: r.talk}
	for s, of := range sums {
		l.most[s] = r.most(of)
	}
	return l
}

// most lists articles by what they have, for the paper and each section.
func (r *Ranks) most(of map[string]float64) map[string][]Count {
	var all []Count
	for id, opens := range of {
		if n := int(math.Round(opens)); n > 0 {
			all = append(all, Count{id, n})
		}
	}
	slices.SortFunc(all, byReaders)
	by := map[string][]Count{}
	for _, c := range all {
		for _, section := range []string{"", r.section[c.Article]} {
			if len(by[section]) < listed {
				by[section] = append(by[section], c)
			}
		}
	}
	return by
}

func (r *Ranks) trends(now time.Time) map[string][]Trend {
	var all []Trend
	for id, h := range r.heats {
		t := Trend{Article: id, Rate: h.rate(now), Usual: r.usual[r.section[id]]}
		// As many deviations as this rate lies above the usual one. The square root of a
		// count is its deviation; four more keep single readers from being a trend.
		const calm = 4
		t.score = (t.Rate - t.Usual) / math.Sqrt(t.Usual+calm)
		if t.Rate >= leastRate && t.score >= leastScore {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b Trend) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.Article, b.Article))
	})
	by := map[string][]Trend{}
	for _, t := range all {
		for _, section := range []string{"", r.section[t.Article]} {
			if len(by[section]) < listed {
				by[section] = append(by[section], t)
			}
		}
	}
	return by
}

// differences are the tags of the lists in which readers see something else than before.
func (l *lists) differences(old *lists) (tags []string) {
	if old == nil {
		old = &lists{}
	}
	sections := map[string]bool{"": true}
	for _, of := range []map[string][]Count{l.most[Day], old.most[Day]} {
		for section := range of {
			sections[section] = true
		}
	}
	for _, section := range slices.Sorted(maps.Keys(sections)) {
		same := sameStart(l.most[Day][section], old.most[Day][section], func(c Count) string { return c.Article }) &&
			sameStart(l.trending[section], old.trending[section], func(t Trend) string { return t.Article }) &&
			(section != "" || sameStart(l.discussed, old.discussed, func(c Count) string { return c.Article }))
		if !same {
			tags = append(tags, Tag(section))
		}
	}
	return tags
}

// sameStart reports whether two lists begin with the same articles: some more than are
// shown, for one of these may be one that readers may not have.
func sameStart[T any](a, b []T, id func(T) string) bool {
	const looked = 2 * shown
	a, b = a[:min(len(a), looked)], b[:min(len(b), looked)]
	return slices.EqualFunc(a, b, func(x, y T) bool { return id(x) == id(y) })
}
