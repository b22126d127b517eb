package network

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"kawaraban/internal/db"
)

// clickers knows who has followed what today, so that nobody counts for many: a number
// made of the network's address, which is written down nowhere.
type clickers struct {
	mu   sync.Mutex
	day  time.Time
	seen map[string]int
}

const (
	maxClicks   = 3       // of one address on one item and day
	maxClickers = 200_000 // remembered at a time; further ones are not counted
)

// first reports whether one more click of an address on an item counts.
func (c *clickers) first(day time.Time, key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil || !c.day.Equal(day) {
		c.day, c.seen = day, map[string]int{}
	}
	n := c.seen[key]
	if n >= maxClicks || n == 0 && len(c.seen) >= maxClickers {
		return false
	}
	c.seen[key] = n + 1
	return true
}

// Clicked counts that somebody has followed an item. Of IPv6 the /64 is the address,
// which is what one household has.
func (s *Store) Clicked(ctx context.Context, i PanelItem, from netip.Addr) error {
	day := s.Now().UTC().Truncate(24 * time.Hour)
	if p, err := from.Prefix(64); err == nil && from.Is6() {
		from = p.Addr()
	}
	if !s.clicks.first(day, s.Keys.Digest("panel click", i.ID+" "+from.String())) {
		return nil
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into network_click (item, day, sister, title, clicks) values ($1, $2, $3, $4, 1)
			on conflict (item, day) do update
			set clicks = network_click.clicks + 1`, i.ID, db.Time(day), i.Sister, i.Title)
		if err != nil {
			return fmt.Errorf("count a click: %w", err)
		}
		return nil
	})
}

// A Count is how often something was followed.
type Count struct {
	Title  string
	Sister string
	Clicks int
}

// Clicks lists what was followed most since then.
func (s *Store) Clicks(ctx context.Context, since time.Time, limit int) (list []Count, err error) {
	rows, err := s.DB.Query(ctx, `select max(title), max(sister), cast(sum(clicks) as bigint) as n
		from network_click where day >= $1
		group by item
		order by n desc, item
		limit $2`, db.Time(since.UTC().Truncate(24*time.Hour)), limit)
	if err != nil {
		return nil, fmt.Errorf("list clicks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.Title, &c.Sister, &c.Clicks); err != nil {
			return nil, fmt.Errorf("list clicks: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

const keptClicks = 90 * 24 * time.Hour

// Sweep drops what nobody needs any more.
func (s *Store) Sweep(ctx context.Context) error {
	old := db.Time(s.Now().Add(-keptClicks))
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, query := range []string{
			`delete from network_click where day < $1`,
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
