package comment

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/comment/sift"
	"kawaraban/internal/db"
)

// A HoldRule is what makes a comment wait for a moderator.
type HoldRule string

const (
	HeldThread HoldRule = "thread" // everything in this thread waits
	HeldFirst  HoldRule = "first"  // the first comments of an account
	HeldLinks  HoldRule = "links"
	HeldRepeat HoldRule = "repeat" // the same text stood elsewhere a short while ago
	HeldRate   HoldRule = "rate"   // more comments in an hour than people write
	HeldWords  HoldRule = "words"  // the paper's list of words
	HeldFilter HoldRule = "filter" // it looks like what was removed before
	HeldByHand HoldRule = "hand"   // a moderator
)

// A Hold is one reason why a comment waits.
type Hold struct {
	Rule   HoldRule `json:"rule"`
	Detail string   `json:"detail,omitempty"` // what was found: the word, the number of links
}

// Holds are all reasons why a comment waits; none when it does not.
type Holds []Hold

// Value keeps holds as JSON; "" for none.
func (h Holds) Value() (driver.Value, error) {
	if len(h) == 0 {
		return "", nil
	}
	b, err := json.Marshal([]Hold(h))
	return string(b), err
}

// Scan reads what Value made.
func (h *Holds) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("holds are %T, not text", src)
	}
	*h = nil
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), (*[]Hold)(h))
}

const (
	repeatTime = 24 * time.Hour
	maxHourly  = 30
)

// sift looks for what speaks against a text, before the transaction that
// stores it. self is the comment that is changed, "" for a new one.
func (s *Store) sift(ctx context.Context, author, body, self string) (found Holds, err error) {
	set, err := s.sieving(ctx)
	if err != nil {
		return nil, err
	}
	if links := Links(body); links > set.links {
		found = append(found, Hold{HeldLinks, fmt.Sprint(links)})
	}
	now := s.Now()
	var again bool
	err = s.DB.QueryRow(ctx, `select exists (select 1 from comment where hash = $1 and created > $2 and id <> $3 and state <> 'deleted')`,
		hash(body), db.Time(now.Add(-repeatTime)), self).Scan(&again)
	if err != nil {
		return nil, fmt.Errorf("look for the same text: %w", err)
	}
	if again && len(fold(body)) >= shortText {
		found = append(found, Hold{Rule: HeldRepeat})
	}
	var hourly int
	err = s.DB.QueryRow(ctx, `select count(*) from (select 1 from comment where author = $1 and created > $2 limit $3) as c`,
		author, db.Time(now.Add(-time.Hour)), maxHourly+1).Scan(&hourly)
	if err != nil {
		return nil, fmt.Errorf("look how much %s writes: %w", author, err)
	}
	if hourly >= maxHourly {
		found = append(found, Hold{HeldRate, fmt.Sprint(maxHourly)})
	}
	plain := sift.Plain(body)
	if listed := set.words.Find(plain, maxListed); len(listed) > 0 {
		found = append(found, Hold{HeldWords, strings.Join(listed, ", ")})
	}
	if set.filter {
		p, telling, err := s.filter(ctx, plain)
		if err != nil {
			return nil, err
		}
		if p > set.threshold {
			found = append(found, Hold{HeldFilter, strings.Join(telling, ", ")})
		}
	}
	return found, nil
}

// maxListed is how many words of the paper's list a hold names.
const maxListed = 5

// shortText is how many letters a text may have that many people write, such
// as "I agree".
const shortText = 20

// holds adds what speaks against the author and the thread. flagged says that
// the paper's rules hold the comment, and not the desk all of them.
func (s *Store) holds(found Holds, who commenter, t Thread) (_ Holds, flagged bool) {
	flagged = len(found) > 0
	if t.State == OnHold {
		found = append(found, Hold{Rule: HeldThread})
	}
	if set := s.sieve.settings.Load(); set != nil && who.visible < set.first {
		found = append(found, Hold{Rule: HeldFirst})
	}
	return found, flagged
}
