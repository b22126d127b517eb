package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"kawaraban/internal/db"
)

// What an editor is told of a take whose place is not certain.
const (
	noForerunner = "It says that it follows another take, and reads like none of those of its slug that are here."
	manyFore     = "It says that it follows another take, and there is more than one that it may follow."
	noClock      = "It says that it follows another take, and not when it was written: it may be older than what is here."
	twoClocks    = "Its number and its time do not agree with those of a take that is here: one of them is wrong."
)

// A running story is what is here of one story of a strand.
type runningStory struct {
	id       string
	recall   Status
	versions []string
	orders   []int64 // of the versions, the oldest first
}

func (t *runningStory) hasFirst() bool { return len(t.orders) > 0 && t.orders[0] < firstMarked }

// maxStories is how many takes of one slug in three days are looked at, and
// maxAlike how many of them are compared.
const (
	maxStories = 1_000
	maxAlike   = 20
)

// maxLooks is how many takes are compared for one delivery, and maxLook how many
// bytes each may have as it is stored. Beyond that none is like another, and what
// follows is held.
const (
	maxLooks = 300
	maxLook  = 100_000
)

// join finds the story that a take belongs to. It returns the take with the
// story's id, and a kill once for each story of its slug. What has an id of the
// agency is returned as it is.
//
// A first take opens a story, unless one that follows it came before it. What
// follows belongs to the one story of its slug that it is like. In doubt it
// becomes a story of its own and is held: a story told twice does less harm than
// one that another has replaced. Deliveries wait for one another where they take
// their numbers, so that what is found here stays so.
//
// looks is how many takes may still be compared for the delivery.
func (s *Store) join(ctx context.Context, tx *db.Tx, src Source, it Item, looks *int) ([]Item, error) {
	if it.Strand == nil {
		return []Item{it}, nil
	}
	stories, err := s.stories(ctx, tx, src.ID, it.Strand)
	if err != nil {
		return nil, err
	}
	if it.Status == Canceled {
		return it.kills(stories), nil
	}
	_, after := it.Strand.beside()
	for _, t := range stories {
		killed := t.recall == Canceled && (it.Strand.on(t.id, it.Strand.Day) || it.Strand.on(t.id, after))
		if killed || slices.Contains(t.versions, it.Version) {
			it.ID = t.id
			return []Item{it}, nil
		}
	}
	stories = slices.DeleteFunc(stories, func(t *runningStory) bool { return !it.near(t) || !it.inOrder(t) })
	fits, err := s.fits(ctx, tx, src.ID, &it, stories, looks)
	if err != nil {
		return nil, err
	}
	switch {
	case len(fits) == 1:
		it.ID = fits[0].id
		it.doubt(fits[0])
		return []Item{it}, nil
	case it.Strand.Marked && len(fits) > 1:
		it.held(manyFore)
	case it.Strand.Marked && len(stories) > 0:
		it.held(noForerunner)
	}
	if slices.ContainsFunc(stories, func(t *runningStory) bool { return t.id == it.ID }) {
		it.ID += "#" + it.Version
	}
	return []Item{it}, nil
}

// held holds the item for a reason.
func (it *Item) held(reason string) {
	it.Status = hold(it.Status)
	it.Advisory = advise(it.Advisory, reason)
}

// on reports whether an id is one of the strand on a day.
func (s *Strand) on(id, day string) bool {
	own := s.id(day)
	return id == own || len(id) > len(own) && id[:len(own)] == own && id[len(own)] == '#'
}

// stories finds the stories of a strand on its day and the days beside it.
func (s *Store) stories(ctx context.Context, tx *db.Tx, source string, strand *Strand) (list []*runningStory, err error) {
	var where []string
	args := []any{source}
	before, after := strand.beside()
	for _, day := range []string{before, strand.Day, after} {
		if day == "" && strand.Day != "" {
			continue
		}
		n := len(args)
		where = append(where, fmt.Sprintf("i.id = $%d or i.id > $%d and i.id < $%d", n+1, n+2, n+3))
		args = append(args, strand.id(day), strand.id(day)+"#", strand.id(day)+"$") // '#' and the sign after it
	}
	rows, err := tx.Query(ctx, `select i.id, i.version, i.ord, w.recall
		from wire_item i
		join wire_story w on w.source = i.source and w.id = i.id
		where i.source = $1 and (`+strings.Join(where, " or ")+`)
		order by i.id, i.ord, i.version
		limit `+fmt.Sprint(maxStories), args...)
	if err != nil {
		return nil, fmt.Errorf("find the takes of %s: %w", strand.Key, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, version string
		var order int64
		var recall Status
		if err := rows.Scan(&id, &version, &order, &recall); err != nil {
			return nil, fmt.Errorf("find the takes of %s: %w", strand.Key, err)
		}
		if n := len(list); n == 0 || list[n-1].id != id {
			list = append(list, &runningStory{id: id, recall: recall})
		}
		t := list[len(list)-1]
		t.versions, t.orders = append(t.versions, version), append(t.orders, order)
	}
	return list, rows.Err()
}

// kills returns a kill once for each story of its slug on its day, else on the
// day before, and always once for what comes late.
func (it Item) kills(stories []*runningStory) (list []Item) {
	before, _ := it.Strand.beside()
	today := func(t *runningStory) bool { return it.Strand.on(t.id, it.Strand.Day) }
	yesterday := func(t *runningStory) bool { return before != "" && it.Strand.on(t.id, before) }
	meant := today
	if !slices.ContainsFunc(stories, today) {
		meant = yesterday
	}
	for _, t := range stories {
		if meant(t) && t.id != it.ID {
			one := it
			one.ID = t.id
			list = append(list, one)
		}
	}
	return append(list, it)
}

// nearBy is how long the takes of a story that is written at midnight may be
// apart, in the unit of takeSent. What has the same slug and nearly the same
// words each day, as tables have, is not one story.
const nearBy = 12 * 60 * 60 * 1000

// near reports whether a story is of the take's day, or of the night between.
func (it *Item) near(t *runningStory) bool {
	return it.Strand.on(t.id, it.Strand.Day) || slices.ContainsFunc(t.orders, func(order int64) bool {
		apart := takeSent(it.Order) - takeSent(order)
		return -nearBy < apart && apart < nearBy
	})
}

// fits returns the stories that a take may belong to.
func (s *Store) fits(ctx context.Context, tx *db.Tx, source string, it *Item, stories []*runningStory, looks *int) (list []*runningStory, err error) {
	compared := 0
	for _, t := range slices.Backward(stories) { // the newest day first
		if t.recall == Canceled || !it.Strand.Marked && t.hasFirst() {
			continue
		}
		if compared++; compared > maxAlike || *looks < 1 {
			break
		}
		*looks--
		var content string
		err := tx.QueryRow(ctx, `select case when length(content) > $3 then '{}' else content end
			from wire_item
			where source = $1 and id = $2
			order by ord desc, version
			limit 1`, source, t.id, maxLook).Scan(&content)
		if err != nil {
			return nil, fmt.Errorf("read a take of %s: %w", t.id, err)
		}
		var other Item
		if err := json.Unmarshal([]byte(content), &other); err != nil {
			return nil, fmt.Errorf("a stored item is damaged: %w", err)
		}
		if alike(it, &other) {
			list = append(list, t)
		}
	}
	today := func(t *runningStory) bool { return it.Strand.on(t.id, it.Strand.Day) }
	if slices.ContainsFunc(list, today) {
		list = slices.DeleteFunc(list, func(t *runningStory) bool { return !today(t) })
	}
	return list, nil
}

// inOrder reports whether a story of another day has its first take before the
// others with this one in it. On one day a first take may be sent again, later.
func (it *Item) inOrder(t *runningStory) bool {
	switch {
	case it.Strand.on(t.id, it.Strand.Day):
		return true
	case it.Strand.Marked:
		return !t.hasFirst() || takeSent(t.orders[0]) <= takeSent(it.Order)
	}
	return takeSent(it.Order) <= takeSent(t.orders[0])
}

// doubt holds a take of which it is not certain that it is newer, or older, than
// those that are here.
func (it *Item) doubt(t *runningStory) {
	if !it.Strand.Marked {
		return // older than all that follow it
	}
	for _, order := range t.orders {
		n := takeNumber(order)
		if order < firstMarked || n == 0 || it.Strand.Number == 0 || takeSent(order) == 0 {
			continue
		}
		newer, later := it.Strand.Number-n, takeSent(it.Order)-takeSent(order)
		if newer > 0 && later < 0 || newer < 0 && later > 0 {
			it.held(twoClocks)
			return
		}
	}
}
