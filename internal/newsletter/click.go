package newsletter

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// The links of a letter carry a key. It says when the letter was made and is the same
// in all links of it; whose letter that is, it does not say, and nothing that is
// stored does. A click counts as one of a person when nothing speaks for a machine
// that looks through mail:
//
//   - it came by a GET of a browser that does not call itself a program,
//   - not within ten seconds after the letter was made: scanners look before they
//     hand a letter over,
//   - and it is not one of three different links of the same letter within ten
//     seconds: people read.
//
// So a click waits ten seconds in memory before it counts, and the second on the same
// link of the same letter does not count at all.

const (
	clickHold  = 10 * time.Second
	clickLinks = 3       // different links of a letter within clickHold are a machine's
	maxLetters = 200_000 // whose clicks are remembered: some 30 MB; beyond, nothing counts
	keepLetter = time.Hour
)

// keySize is the length of a click key's bytes: the time, chance, the stamp.
const keySize = 4 + 4 + secret.StampSize

// clickKey makes the key of one letter's links.
func (s *Store) clickKey(code uint32) string {
	b := make([]byte, 8, keySize)
	binary.BigEndian.PutUint32(b, uint32(s.Now().Unix()))
	rand.Read(b[4:])
	return base64.RawURLEncoding.EncodeToString(append(b, s.clickStamp(code, b)...))
}

func (s *Store) clickStamp(code uint32, b []byte) []byte {
	return s.Keys.Stamp("click", binary.BigEndian.AppendUint32(b[:8:8], code))
}

// clicked reads a key.
func (s *Store) clicked(code uint32, key string) (at time.Time, letter [8]byte, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil || len(b) != keySize || !s.Keys.Stamped("click", binary.BigEndian.AppendUint32(b[:8:8], code), b[8:]) {
		return at, letter, false
	}
	return time.Unix(int64(binary.BigEndian.Uint32(b)), 0), [8]byte(b[:8]), true
}

// A clicks remembers the clicks of the last hour, by letters.
type clicks struct {
	mu      sync.Mutex
	letters map[[8]byte]*letter
	swept   time.Time
	held    []held
}

type letter struct {
	first   time.Time
	links   map[int]bool
	machine bool
}

// A held is a click that waits to be counted.
type held struct {
	edition string
	list    string
	link    int
	at      time.Time
	letter  *letter
	machine bool
}

// Follow returns where a link of an edition leads, and notes the click; machine says
// that whoever follows it calls itself a program. A key that is not ours changes
// nothing but that nothing is counted.
func (s *Store) Follow(ctx context.Context, code uint32, link int, key string, machine bool) (to string, err error) {
	var edition, list, article, url string
	err = s.DB.QueryRow(ctx, `select e.id, e.list, coalesce(l.article, ''), l.url
		from edition_link as l
		join edition as e on e.id = l.edition
		where e.code = $1 and l.number = $2`, int64(code), link).Scan(&edition, &list, &article, &url)
	if err != nil {
		return "", db.Found(err, "This link leads nowhere. It may be cut off: copy it whole.")
	}
	if url == "" {
		card, err := s.Articles.Known(ctx, article)
		if err != nil {
			return "", err
		}
		url = card.Path()
	}
	if made, id, ok := s.clicked(code, key); ok {
		now := s.Now()
		s.clicks.note(now, id, held{edition: edition, list: list, link: link, at: now, machine: machine || now.Sub(made) < clickHold})
	}
	return url, nil
}

// note remembers a click.
func (c *clicks) note(now time.Time, id [8]byte, h held) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sweep(now)
	l := c.letters[id]
	if l == nil {
		if len(c.letters) >= maxLetters {
			return
		}
		if c.letters == nil {
			c.letters = map[[8]byte]*letter{}
		}
		l = &letter{first: now, links: map[int]bool{}}
		c.letters[id] = l
	}
	if now.Sub(l.first) >= clickHold && len(l.links) < clickLinks {
		l.first = now // a new look at the letter
	}
	if l.links[h.link] {
		return
	}
	l.links[h.link] = true
	if h.machine || len(l.links) >= clickLinks && now.Sub(l.first) < clickHold {
		l.machine = true
	}
	h.letter = l
	c.held = append(c.held, h)
}

// sweep forgets letters of long ago.
func (c *clicks) sweep(now time.Time) {
	if now.Sub(c.swept).Abs() < time.Minute {
		return
	}
	c.swept = now
	for id, l := range c.letters {
		if now.Sub(l.first).Abs() > keepLetter {
			delete(c.letters, id)
		}
	}
}

// due takes out the clicks that have waited.
func (c *clicks) due(now time.Time, all bool) (list []held) {
	c.mu.Lock()
	defer c.mu.Unlock()
	rest := c.held[:0]
	for _, h := range c.held {
		if all || now.Sub(h.at).Abs() >= clickHold {
			list = append(list, h)
		} else {
			rest = append(rest, h)
		}
	}
	c.held = rest
	return list
}

// CountClicks stores the clicks that have waited; all of them when the process ends.
func (s *Store) CountClicks(ctx context.Context, all bool) error {
	list := s.clicks.due(s.Now(), all)
	if len(list) == 0 {
		return nil
	}
	type key struct {
		edition string
		link    int
	}
	people, machines := map[key]int{}, map[key]int{}
	hours := map[string]map[int]int{}
	for _, h := range list {
		k := key{h.edition, h.link}
		if h.machine || h.letter.machine {
			machines[k]++
			continue
		}
		people[k]++
		if hours[h.list] == nil {
			hours[h.list] = map[int]int{}
		}
		local := h.at.In(s.Zone())
		hours[h.list][int(local.Weekday())*24+local.Hour()]++
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		for k, n := range people {
			if err := countClick(ctx, tx, k.edition, k.link, n, "clicks"); err != nil {
				return err
			}
		}
		for k, n := range machines {
			if err := countClick(ctx, tx, k.edition, k.link, n, "machines"); err != nil {
				return err
			}
		}
		for list, by := range hours {
			for hour, n := range by {
				_, err := tx.Exec(ctx, `insert into list_hour (list, hour, clicks) values ($1, $2, $3)
					on conflict (list, hour) do update set clicks = list_hour.clicks + excluded.clicks`, list, hour, n)
				if err != nil {
					return fmt.Errorf("count the hours of list %s: %w", list, err)
				}
			}
		}
		return nil
	})
}

// countClick counts at a link and at its edition. The column is a word of ours.
func countClick(ctx context.Context, tx *db.Tx, edition string, link, n int, column string) error {
	_, err := tx.Exec(ctx, `update edition set `+column+` = `+column+` + $2 where id = $1`, edition, n)
	if err == nil {
		_, err = tx.Exec(ctx, `update edition_link set `+column+` = `+column+` + $3 where edition = $1 and number = $2`, edition, link, n)
	}
	if err != nil && !problem.Is(err, problem.NotFound) {
		return fmt.Errorf("count the clicks of edition %s: %w", edition, err)
	}
	return nil
}

// machines are parts of the names under which programs that look through mail, or
// fetch pages for others, introduce themselves.
var machines = []string{"bot", "crawl", "spider", "preview", "fetch", "scan", "monitor", "proofpoint", "barracuda", "mimecast", "curl", "wget", "python", "go-http", "java/", "okhttp", "headless"}

// Machine reports whether the name of a browser is one of a program's.
func Machine(agent string) bool {
	agent = strings.ToLower(agent)
	return agent == "" || slices.ContainsFunc(machines, func(part string) bool { return strings.Contains(agent, part) })
}
