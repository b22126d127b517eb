package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/fetch"
	"kawaraban/internal/job"
	"kawaraban/internal/problem"
)

// TakeKind is the job of fetching a sister's list.
const TakeKind = "network.take"

// Taking names the sister.
type Taking struct{ Sister string }

// Work says what does the jobs of this package.
func (s *Store) Work() {
	job.Handle(s.Jobs, TakeKind, s.Take)
	job.Handle(s.Jobs, DrawKind, s.Draw)
	job.Handle(s.Jobs, TellKind, s.Tell)
	job.Handle(s.Jobs, RingKind, s.Ring)
}

const trendingPath = "/network/trending.json"

// look finds out what is at an address: a paper of ours, else a feed.
func (s *Store) look(ctx context.Context, address string) (x Sister, err error) {
	x = Sister{Source: Ours, Address: address}
	got := s.fetched(ctx, x)
	switch got.trouble {
	case NoTrouble:
		x.Key, x.Name, x.Made = got.key, got.Paper, got.Made
		x.Items, x.Gone = got.Items, got.Withdrawn
		return x, nil
	case Unsigned, Old, Ahead, OtherPaper:
		return x, wrongAddress(troubleOf(got.trouble))
	}
	x.Source = Other
	// A feed that leads to other hosts is one all the same: a publisher is asked about them.
	if got = s.fetched(ctx, x); got.trouble != NoTrouble && got.trouble != Foreign {
		return x, wrongAddress(troubleOf(got.trouble))
	}
	x.Name, x.Items, x.Elsewhere = got.Paper, got.Items, got.elsewhere
	return x, nil
}

// troubleOf says at the field what was found at an address.
func troubleOf(t Trouble) string {
	switch t {
	case Unsigned:
		return "There is a list of a paper, but its signature is wrong. Tell its editors."
	case Old, Ahead:
		return "There is a list of a paper, but its clock or ours is wrong."
	case OtherPaper:
		return "There is the list of another paper. Type the address that this paper gives itself."
	case Unreachable:
		return "Nothing answers at this address. Look whether it is right, or try again later."
	case Refused:
		return "This address is not on the public internet, or leads to another paper."
	case TooLarge:
		return "What is at this address is too large for a feed."
	default:
		return "There is neither a paper of this kind nor a feed at this address. Type the address of the paper, or of its feed."
	}
}

// got is what a fetch has brought.
type got struct {
	List
	key            string
	etag, modified string
	same           bool        // nothing is new
	elsewhere      []Elsewhere // hosts to which links lead that nobody has allowed
	trouble        Trouble
}

// fetched asks a sister for its list.
func (s *Store) fetched(ctx context.Context, x Sister) (g got) {
	p, err := placeOf(x.Address, s.Local)
	if err != nil {
		return got{trouble: Refused}
	}
	r, err := s.reach(x)
	if err != nil {
		return got{trouble: Refused}
	}
	address, accept := x.Address, "application/feed+json, application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.1"
	most := int64(maxFeed)
	if x.Source == Ours {
		address, accept, most = x.Address+trendingPath, "application/json", maxList
	}
	resp, err := s.Fetch.Get(ctx, address, fetch.Options{Accept: accept, ETag: x.etag, Modified: x.modified, MaxBytes: most})
	if err != nil {
		return got{trouble: whyNot(resp, err)}
	}
	// Who is sent elsewhere has not been answered by the sister.
	if !p.answers(resp.URL, x.Source) {
		return got{trouble: Refused}
	}
	if resp.Status == http.StatusNotModified {
		return got{same: true}
	}
	if x.Source == Ours {
		g = s.readPaper(resp.Body, p)
	} else {
		g = s.readFeed(resp.Body, p, r)
	}
	g.etag, g.modified = header(resp.Header, "Etag"), header(resp.Header, "Last-Modified")
	return g
}

// answers reports whether an answer came from the sister: a paper of ours answers itself,
// a feed may be below the host that it names.
func (p place) answers(u *url.URL, from Source) bool {
	if from == Other {
		return p.holds(u.String())
	}
	return u.Scheme == p.scheme && strings.EqualFold(u.Hostname(), p.host) && u.Port() == p.port
}

// header is one that we send back; a long one is left out.
func header(h http.Header, name string) string {
	if v := h.Get(name); len(v) <= 200 {
		return v
	}
	return ""
}

func (s *Store) readPaper(data []byte, p place) (g got) {
	l, key, err := openList(data, s.Now())
	var t Trouble
	if errors.As(err, &t) {
		return got{trouble: t}
	}
	home, err := placeOf(l.Home, s.Local)
	if err != nil || home != p {
		return got{trouble: OtherPaper}
	}
	l = l.checked(reach{place: p})
	if l.Paper == "" {
		return got{trouble: Unreadable}
	}
	return got{List: l, key: key}
}

// whyNot is what went wrong while fetching.
func whyNot(resp *fetch.Response, err error) Trouble {
	switch {
	case resp != nil:
		return Failing
	case problem.Is(err, problem.TooLarge):
		return TooLarge
	case problem.Is(err, problem.Invalid):
		return Refused
	default:
		return Unreachable
	}
}

// Take fetches a sister's list. Whatever is wrong with it is kept as that sister's
// trouble; the last good list stays.
func (s *Store) Take(ctx context.Context, t Taking) error {
	x, err := s.sister(ctx, s.DB, t.Sister)
	if problem.Is(err, problem.NotFound) || err == nil && x.State != On {
		return nil
	}
	if err != nil {
		return err
	}
	g := s.fetched(ctx, x)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.keep(ctx, x.ID, g)
}

// keep stores what a fetch has brought, or why it has brought nothing.
func (s *Store) keep(ctx context.Context, id string, g got) error {
	now := s.Now()
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		err := db.One(tx.Exec(ctx, `update network_sister set name = name where id = $1 and state = 'on'`, id))
		if problem.Is(err, problem.NotFound) {
			return nil // switched off meanwhile
		} else if err != nil {
			return err
		}
		x, err := s.sister(ctx, tx, id)
		if err != nil {
			return err
		}
		if x.Source == Ours && g.trouble == NoTrouble {
			switch {
			case g.same && now.After(x.Made.Add(life+skew)):
				g.trouble = Old // nothing new for ever is what somebody says who stands between
			case g.same:
			case g.key != x.Key:
				g.trouble = OtherKey
			case g.Made.Before(x.Made):
				g.trouble = Replayed
			}
		}
		switch {
		case g.trouble == OtherKey:
			return s.stop(ctx, tx, x, g.key, now)
		case g.trouble != NoTrouble:
			return s.failed(ctx, tx, x, g, now)
		case g.same:
			_, err := tx.Exec(ctx, `update network_sister set good = $2, tried = $2, trouble = '', due = $3 where id = $1`,
				id, db.Time(now), db.Time(now.Add(x.pause())))
			return err
		}
		return s.store(ctx, tx, x, g, now)
	})
}

func (x Sister) pause() time.Duration {
	if x.Source == Other {
		return everyFeed
	}
	return everyList
}

func (s *Store) store(ctx context.Context, tx *db.Tx, x Sister, g got, now time.Time) error {
	if g.Made.Before(x.recalled) { // a cache had it, from before the sister told us of what it has withdrawn
		old := Sister{Items: g.Items, Gone: g.Withdrawn}
		old.recall(x.Gone)
		g.Items, g.Withdrawn, g.etag, g.modified = old.Items, old.Gone, "", ""
	}
	was, err := json.Marshal(kept{x.Items, x.Gone})
	if err != nil {
		return err
	}
	is, err := json.Marshal(kept{g.Items, g.Withdrawn})
	if err != nil {
		return err
	}
	elsewhere, err := hostsText(g.elsewhere)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update network_sister
		set name = $2, list = $3, made = $4, good = $5, tried = $5, trouble = '', etag = $6, modified = $7, due = $8, elsewhere = $9
		where id = $1`, x.ID, g.Paper, string(is), db.Time(g.Made), db.Time(now), g.etag, g.modified, db.Time(now.Add(x.pause())), elsewhere)
	if err != nil {
		return fmt.Errorf("keep the list of a sister: %w", err)
	}
	if err := s.Jobs.AddUnique(ctx, tx, DrawKind, time.Time{}, Drawing{x.ID}); err != nil {
		return err
	}
	// A sister that was silent for a day is back, also with what it had then.
	if string(was) == string(is) && x.Name == g.Paper && x.Lag(now) < stands {
		return nil
	}
	return s.changed(ctx, tx)
}

// stop keeps a sister from the panel until two people have compared its new key.
func (s *Store) stop(ctx context.Context, tx *db.Tx, x Sister, key string, now time.Time) error {
	_, err := tx.Exec(ctx, `update network_sister set state = 'stopped', other = $2, tried = $3, trouble = $4 where id = $1`,
		x.ID, key, db.Time(now), OtherKey)
	if err != nil {
		return fmt.Errorf("stop a sister: %w", err)
	}
	s.Log.Warn("a sister paper came with another key and is stopped", "sister", x.Address, "was", Fingerprint(x.Key), "is", Fingerprint(key))
	return s.changed(ctx, tx)
}

// failed lets a sister rest, the longer the longer it has failed.
func (s *Store) failed(ctx context.Context, tx *db.Tx, x Sister, g got, now time.Time) error {
	if g.trouble == Foreign {
		x.Elsewhere = g.elsewhere
	}
	elsewhere, err := hostsText(x.Elsewhere)
	if err != nil {
		return err
	}
	pause := min(max(x.pause(), x.Lag(now)/4), longest)
	if x.Good.IsZero() {
		pause = x.pause()
	}
	_, err = tx.Exec(ctx, `update network_sister set tried = $2, trouble = $3, etag = '', modified = '', due = $4, elsewhere = $5 where id = $1`,
		x.ID, db.Time(now), g.trouble, db.Time(now.Add(pause)), elsewhere)
	if err != nil {
		return fmt.Errorf("note the trouble of a sister: %w", err)
	}
	return nil
}

func (s *Store) changed(ctx context.Context, tx *db.Tx) error {
	return event.Record(ctx, tx, Changed{})
}

// due has those sisters fetched whose time has come. Of several processes one gets each.
func (s *Store) due(ctx context.Context) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		now := s.Now()
		ids, err := claimed(ctx, tx, `update network_sister set due = $1
			where id in (select id from network_sister where state = 'on' and due <= $2 order by due, id limit 30)
			and state = 'on' and due <= $2
			returning id`, db.Time(now.Add(everyList)), db.Time(now))
		if err != nil {
			return fmt.Errorf("look which sisters are due: %w", err)
		}
		for _, id := range ids {
			if err := s.Jobs.AddUnique(ctx, tx, TakeKind, time.Time{}, Taking{id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// claimed are the sisters that a statement has taken.
func claimed(ctx context.Context, tx *db.Tx, query string, args ...any) (ids []string, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, errors.Join(rows.Err(), rows.Close())
}

// Clock has sisters fetched, and told of clicks, when it is time, and makes the panel again
// for what only time has changed, until ctx ends.
func (s *Store) Clock(ctx context.Context) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for n := 0; ; n++ {
		if err := s.due(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("sister papers wait", "error", err)
		}
		if err := s.tellDue(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("sister papers are not told of clicks", "error", err)
		}
		if n%6 == 0 {
			if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
				s.Log.Error("the panel stays as it was", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
