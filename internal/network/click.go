package network

import (
	"context"
	"fmt"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"kawaraban/internal/db"
)

// clickers knows who has followed what today, so that nobody counts twice or for many: by
// numbers that are made of the network's address, the browser's name and a secret of the
// day. They are written down nowhere.
type clickers struct {
	mu     sync.Mutex
	day    time.Time
	secret maphash.Seed
	seen   map[uint64]uint8
}

const (
	maxCrowd    = 8       // readers behind one address that count of one item and day
	maxClickers = 200_000 // numbers that are remembered at a time; further readers are not counted
)

const oneDay = 24 * time.Hour

// dayOf is the day of a time as papers count it for one another: it begins at midnight UTC.
func dayOf(t time.Time) time.Time { return t.UTC().Truncate(oneDay) }

// first reports whether a reader who follows an item counts: once a day, and only so many
// behind one address.
func (c *clickers) first(day time.Time, item, agent string, from netip.Addr) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil || !c.day.Equal(day) {
		c.day, c.seen, c.secret = day, map[uint64]uint8{}, maphash.MakeSeed()
	}
	address := from.String()
	if p, err := from.Prefix(64); err == nil && from.Is6() {
		address = p.String() // what one household has
	}
	reader, crowd := c.number("reader", item, address, agent), c.number("crowd", item, address)
	if c.seen[reader] > 0 || len(c.seen) >= maxClickers {
		return false
	}
	// The address of this machine is a proxy's that nobody has named in the settings, or
	// the owner's own: it tells no readers apart.
	if from.IsValid() && !from.IsLoopback() {
		if c.seen[crowd] == maxCrowd {
			return false
		}
		c.seen[crowd]++
	}
	c.seen[reader] = 1
	return true
}

func (c *clickers) number(parts ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(c.secret)
	for _, p := range parts {
		h.WriteString(p)
		h.WriteByte(0)
	}
	return h.Sum64()
}

// Clicked counts that a reader has followed an item. Who asks has found out that it is a
// reader and no program.
func (s *Store) Clicked(ctx context.Context, i PanelItem, agent string, from netip.Addr) error {
	day := dayOf(s.Now())
	if !s.clicks.first(day, i.ID, agent, from) {
		return nil
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into network_click (item, day, sister, theirs, title, clicks) values ($1, $2, $3, $4, $5, 1)
			on conflict (item, day) do update
			set clicks = network_click.clicks + 1, theirs = excluded.theirs`, i.ID, db.Time(day), i.Sister, i.theirs, i.Title)
		if err != nil {
			return fmt.Errorf("count a click: %w", err)
		}
		return nil
	})
}

// A Count is how often something was followed.
type Count struct {
	Item   string
	Title  string
	Sister string
	Clicks int
}

func (s *Store) counts(ctx context.Context, query string, args ...any) (list []Count, err error) {
	rows, err := s.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list clicks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.Item, &c.Title, &c.Sister, &c.Clicks); err != nil {
			return nil, fmt.Errorf("list clicks: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// Clicks lists what was followed most here since then.
func (s *Store) Clicks(ctx context.Context, since time.Time, limit int) (list []Count, err error) {
	return s.counts(ctx, `select item, max(title), max(sister), cast(sum(clicks) as bigint) as n
		from network_click where day >= $1
		group by item
		order by n desc, item
		limit $2`, db.Time(dayOf(since)), limit)
}

// OfferClicks counts how often each of our own offers was followed since then: here, and
// in the panels of sisters, as these say.
func (s *Store) OfferClicks(ctx context.Context, since time.Time) (here, away map[string]int, err error) {
	of := func(table string) (map[string]int, error) {
		list, err := s.counts(ctx, `select c.item, '', '', cast(sum(c.clicks) as bigint)
			from `+table+` as c
			join network_offer as o on o.id = c.item
			where c.day >= $1
			group by c.item
			order by c.item`, db.Time(dayOf(since)))
		clicks := map[string]int{}
		for _, c := range list {
			clicks[c.Item] = c.Clicks
		}
		return clicks, err
	}
	if here, err = of("network_click"); err == nil {
		away, err = of("network_came")
	}
	return here, away, err
}

const keptClicks = 90 * oneDay

// Sweep drops what nobody needs any more.
func (s *Store) Sweep(ctx context.Context) error {
	old := db.Time(s.Now().Add(-keptClicks))
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, query := range []string{
			`delete from network_click where day < $1`,
			`delete from network_came where day < $1`,
			`delete from network_offer where removed > 0 and removed < $1`,
			`delete from network_rule where removed > 0 and removed < $1`,
		} {
			if _, err := tx.Exec(ctx, query, old); err != nil {
				return fmt.Errorf("sweep the panel: %w", err)
			}
		}
		return nil
	})
}
