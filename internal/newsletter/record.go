package newsletter

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/mail"
	"kawaraban/internal/newsletter/bounce"
)

// A result is what became of one letter, on its way into its row.
type result struct {
	r       *recipient
	state   string // of the delivery
	due     time.Time
	why     string
	kind    bounce.Kind // of a refusal
	untried bool        // nothing was sent: that is no try
	last    bool        // no other letter is with a server now
	kept    chan error
}

// done notes what became of a letter. What it returns says when that is stored: only
// then does the connection send its next one, so that a process that dies doubles one
// letter of each connection at most.
func (t *turnOf) done(_ context.Context, p *mail.Parcel, o mail.Outcome) <-chan error {
	r := p.Ref.(*recipient)
	t.letters.Put(&p.Raw)
	res := result{r: r, last: o.Out == 0}
	switch o.Fate {
	case mail.Accepted:
		res.state = "accepted"
	case mail.Refused:
		res.state, res.why, res.kind = "refused", o.Text, bounce.Of(o.Code, o.Status, o.Text)
	default:
		res.state, res.why, res.due, res.untried = "later", o.Text, o.After, o.Server == ""
		if t.givenUp(r, o) {
			res.state, res.kind = "refused", bounce.Soft
		}
	}
	return t.tell(res)
}

// givenUp reports whether a letter is not tried once more.
func (t *turnOf) givenUp(r *recipient, o mail.Outcome) bool {
	limit := life
	if t.l.Kind == Alert {
		limit = lifeOf
	}
	return r.tries >= maxTries && o.Server != "" || o.After.Sub(t.e.Begun) > limit
}

// tell hands a result to whoever records; kept says when it is stored.
func (t *turnOf) tell(r result) (kept <-chan error) {
	r.kept = make(chan error, 1)
	select {
	case t.results <- r:
		return r.kept
	case <-t.ended:
		// Nobody records any more: the row stays as it is, and the letter is taken up
		// again. That is the one letter that can be doubled.
		return nil
	}
}

// gather is how long results are waited for that are stored with the first one, unless
// none can come. A connection makes its next letter ready meanwhile.
const gather = 4 * time.Millisecond

// record stores results until ctx ends: all that come within a moment in one
// transaction.
func (t *turnOf) record(ctx context.Context) {
	defer close(t.ended)
	over := time.NewTimer(0)
	for {
		var some []result
		select {
		case <-ctx.Done():
			return
		case r := <-t.results:
			some = append(some, r)
		}
		over.Reset(gather)
		for more := !some[0].last; more && len(some) < batch; {
			select {
			case r := <-t.results:
				some, more = append(some, r), !r.last
			case <-over.C:
				more = false
			}
		}
		err := t.keep(context.WithoutCancel(ctx), some)
		if err != nil {
			t.fail(err)
		}
		for _, r := range some {
			r.kept <- err
		}
	}
}

// fail stops the turn for an error of ours.
func (t *turnOf) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed, t.over, t.waiting = err, true, nil
	t.more.Broadcast()
}

// keep stores results.
func (t *turnOf) keep(ctx context.Context, some []result) error {
	s := t.s
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		now := s.Now()
		var kinds []claim // most are of one
		who, n := map[claim][]string{}, map[string]int{}
		for _, r := range some {
			k := claim{r.state, r.why, r.due, r.r.variant.number, r.r.tries}
			if len(k.why) > 300 {
				k.why = k.why[:300]
			}
			if r.untried {
				k.tries--
			}
			if who[k] == nil {
				kinds = append(kinds, k)
			}
			who[k] = append(who[k], r.r.id)
			n[r.state]++
		}
		for _, k := range kinds {
			if err := t.claim(ctx, tx, k, now, who[k]); err != nil {
				return err
			}
		}
		for _, r := range some {
			if r.state != "refused" {
				continue
			}
			u, err := s.lock(ctx, tx, r.r.id)
			if err != nil {
				continue // forgotten while its letter was on the way
			}
			if err := s.learn(ctx, tx, u, r.kind, r.why); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `update edition
			set accepted = accepted + $2, later = later + $3, refused = refused + $4, skipped = skipped + $5, rate = $6, beat = $7
			where id = $1`, t.e.ID, n["accepted"], n["later"], n["refused"], n["skipped"], t.rate.add(now, len(some)), db.Time(now))
		return err
	})
	if err == nil {
		t.noted(some)
	}
	return err
}

// A rateOf knows how many letters a minute go out, of late.
type rateOf struct {
	since time.Time
	n     int
	last  int
}

const rateWindow = 10 * time.Second

func (r *rateOf) add(now time.Time, n int) int {
	if r.since.IsZero() || now.Before(r.since) {
		r.since = now
	}
	r.n += n
	if over := now.Sub(r.since); over >= time.Second {
		r.last = int(float64(r.n) * float64(time.Minute) / float64(over))
		if over >= rateWindow {
			r.since, r.n = now, 0
		}
	}
	return r.last
}

// returnTo is the address to which a letter comes back: it names the subscriber and
// the edition, and cannot be made up (VERP).
func (s *Store) returnTo(e Edition, subscriber string) string {
	if s.Return != nil {
		if to := s.Return(s.returnToken(e.Code, subscriber)); to != "" {
			return to
		}
	}
	return s.Office.Sender.From
}

func (s *Store) returnToken(code uint32, subscriber string) string {
	id, ok := db.IDBytes(subscriber)
	if !ok {
		return ""
	}
	b := binary.BigEndian.AppendUint32(id, code)
	return base32lower.EncodeToString(append(b, s.Keys.Stamp("return", b)...))
}

// filling is what one letter has that the others have not.
func (s *Store) filling(e Edition, l List, r *recipient) mail.Filling {
	return mail.Filling{
		To: r.email, ReturnTo: s.returnTo(e, r.id), ID: fmt.Sprintf("%x.%s", e.Code, r.id),
		Values: []string{s.LeaveToken(l.ID, r.id), s.ownToken(r.id), s.clickKey(e.Code)},
	}
}
