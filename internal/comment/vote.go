package comment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// A Way is how somebody votes.
type Way int

const (
	Down     Way = -1
	Withdraw Way = 0 // takes the vote back
	Up       Way = 1
)

// ParseWay reads a way strictly: a word that we do not know is no vote.
func ParseWay(s string) (Way, error) {
	switch s {
	case "up":
		return Up, nil
	case "down":
		return Down, nil
	case "none":
		return Withdraw, nil
	}
	return 0, &problem.Problem{Kind: problem.Invalid, Detail: "A vote is up, down or none."}
}

// A Ballot is one vote, and what is known of where it comes from.
type Ballot struct {
	About    About
	Comment  string
	Voter    string // a reader's id
	Way      Way
	Joined   time.Time // since when the voter has the account
	Block    string    // of addresses; kept as a digest for some days
	Referrer string    // the site that led the voter here, "" for none
}

// A Vote has its full weight in the ranking unless it is one of a crowd. The
// numbers that readers see count every vote alike.
const (
	fullWeight  = 1000
	youngWeight = 400 // an account of a few days
	crowdWeight = 150 // one of many from the same block or the same site

	youngTime   = 7 * 24 * time.Hour
	crowdTime   = 10 * time.Minute
	blockCrowd  = 4  // votes on one comment in crowdTime from one block of addresses
	siteCrowd   = 12 // from one site
	youngCrowd  = 8  // from new accounts, before moderators are told
	crowdMemory = 30 * 24 * time.Hour
)

// Vote records the voter's way on a comment, replacing an earlier one, and
// returns the comment's new score.
func (s *Store) Vote(ctx context.Context, b Ballot) (score Score, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		// The voter's row first: a vote that is under way when its voter is banned
		// would else be counted after all the others were taken away.
		who, err := s.commenter(ctx, tx, b.Voter)
		if err != nil {
			return err
		}
		if err := s.tellVoted(ctx, tx, b.About.Article); err != nil {
			return err
		}
		score, err = s.vote(ctx, tx, b, who)
		return err
	})
	if err != nil && problem.Of(err) == nil {
		return score, fmt.Errorf("vote on %s: %w", b.Comment, err)
	}
	return score, err
}

func (s *Store) vote(ctx context.Context, tx *db.Tx, b Ballot, who commenter) (score Score, err error) {
	// Taking the comment's row first makes votes on it wait for one another:
	// without this, PostgreSQL sums the votes it saw before waiting.
	var state State
	var article, author string
	var shown int64
	err = tx.QueryRow(ctx, `update comment set seats = seats where id = $1 returning article, author, state, shown, up, down`, b.Comment).
		Scan(&article, &author, &state, &shown, &score.Up, &score.Down)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && (shown == 0 || article != b.About.Article):
		return score, notFound()
	case err != nil:
		return score, err
	case state != Visible:
		return score, &problem.Problem{Kind: problem.Conflict, Detail: "This comment is not there any more, and takes no votes."}
	case author == b.Voter:
		return score, &problem.Problem{Kind: problem.Forbidden, Detail: "You cannot vote on your own comment."}
	}
	now := s.Now()
	if err := who.may(now, Suspension); err != nil {
		return score, err
	}
	t, err := s.thread(ctx, tx, b.About)
	if err != nil {
		return score, err
	}
	if !t.Takes() {
		return score, &problem.Problem{Kind: problem.Conflict, Detail: "This thread is closed, and takes no votes any more."}
	}
	var old, oldWeight int64
	var counted bool
	err = tx.QueryRow(ctx, `select value, weight, counted from vote where comment = $1 and reader = $2`, b.Comment, b.Voter).Scan(&old, &oldWeight, &counted)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return score, err
	}
	if Way(old) == b.Way {
		return score, nil
	}
	weight := int64(0)
	if b.Way == Withdraw {
		_, err = tx.Exec(ctx, `delete from vote where comment = $1 and reader = $2`, b.Comment, b.Voter)
	} else {
		if weight, err = s.weigh(ctx, tx, b, now); err != nil {
			return score, err
		}
		_, err = tx.Exec(ctx, `insert into vote (comment, reader, value, weight, counted, created) values ($1, $2, $3, $4, true, $5)
			on conflict (comment, reader) do update set value = excluded.value, weight = excluded.weight, counted = true, created = excluded.created`,
			b.Comment, b.Voter, int64(b.Way), weight, db.Time(now))
	}
	if err != nil {
		return score, err
	}
	var change tallyChange
	if counted { // not while a ban that was lifted is being made good
		change.count(Way(old), -1, oldWeight)
	}
	change.count(b.Way, 1, weight)
	return change.apply(ctx, tx, b.Comment)
}

// tellVoted tells every process once a second at most that scores change in a
// thread, however many vote. It comes before the comment's row is locked: all
// who lock both take the thread's first.
func (s *Store) tellVoted(ctx context.Context, tx *db.Tx, article string) error {
	now := s.Now()
	res, err := tx.Exec(ctx, `update thread set voted = $2 where article = $1 and voted <= $3`, article, db.Time(now), db.Time(now.Add(-time.Second)))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return event.Record(ctx, tx, Voted{article})
}

// A tallyChange is what votes add to a comment's tally.
type tallyChange struct{ up, down, heavyUp, heavyDown int64 }

// count adds n votes of one way, each with its weight.
func (t *tallyChange) count(w Way, n, weight int64) {
	switch w {
	case Up:
		t.up, t.heavyUp = t.up+n, t.heavyUp+n*weight
	case Down:
		t.down, t.heavyDown = t.down+n, t.heavyDown+n*weight
	}
}

// apply changes the tally of a comment whose row is locked.
func (t tallyChange) apply(ctx context.Context, tx *db.Tx, id string) (score Score, err error) {
	var up, down int64
	err = tx.QueryRow(ctx, `update comment set up = up + $2, down = down + $3, heavy_up = heavy_up + $4, heavy_down = heavy_down + $5
		where id = $1 returning up, down, heavy_up, heavy_down`, id, t.up, t.down, t.heavyUp, t.heavyDown).Scan(&score.Up, &score.Down, &up, &down)
	if err != nil {
		return score, err
	}
	_, err = tx.Exec(ctx, `update comment set rank = $2 where id = $1`, id, rank(up, down))
	return score, err
}

// rank is the lower end of Wilson's score interval (95 %) of the share of votes
// that are up, in millionths; votes weigh a thousandth each. Comments on which
// every vote is down come after those without any.
func rank(up, down int64) int64 {
	u, d := float64(up)/fullWeight, float64(down)/fullWeight
	if up == 0 {
		return -int64(wilson(d, d) * 1e6)
	}
	return int64(wilson(u, u+d) * 1e6)
}

// wilson is the lower end of the interval for hits of n.
func wilson(hits, n float64) float64 {
	if n == 0 {
		return 0
	}
	const z = 1.959964
	p := hits / n
	return max(0, (p+z*z/(2*n)-z*math.Sqrt((p*(1-p)+z*z/(4*n))/n))/(1+z*z/n))
}

// weigh finds out whether a vote is one of a crowd, and counts it there.
func (s *Store) weigh(ctx context.Context, tx *db.Tx, b Ballot, now time.Time) (weight int64, err error) {
	weight = fullWeight
	crowd := func(kind, name string, many int64, less int64) error {
		var n int64
		err := tx.QueryRow(ctx, `insert into vote_crowd (comment, kind, name, at, votes) values ($1, $2, $3, $4, 1)
			on conflict (comment, kind, name, at) do update set votes = vote_crowd.votes + 1
			returning votes`, b.Comment, kind, name, db.Time(now.Truncate(crowdTime))).Scan(&n)
		if n >= many {
			weight = min(weight, less)
		}
		return err
	}
	if now.Sub(b.Joined) < youngTime {
		if err := crowd("young", "", 0, youngWeight); err != nil {
			return 0, err
		}
	}
	if b.Block != "" {
		// The digest changes with the month, so that nobody's way can be followed.
		name := s.Keys.Digest("vote block "+now.Format("2006-01"), b.Block)
		if err := crowd("block", name, blockCrowd, crowdWeight); err != nil {
			return 0, err
		}
	}
	if b.Referrer != "" {
		if err := crowd("referrer", s.Keys.Digest("vote referrer "+now.Format("2006-01"), b.Referrer), siteCrowd, crowdWeight); err != nil {
			return 0, err
		}
	}
	return weight, nil
}

// Votes returns how a reader has voted on comments of an article.
func (s *Store) Votes(ctx context.Context, reader string, comments []string) (ways map[string]Way, err error) {
	ways = map[string]Way{}
	if len(comments) == 0 {
		return ways, nil
	}
	args := []any{reader}
	rows, err := s.DB.Query(ctx, `select comment, value from vote where reader = $1 and comment `+db.In(&args, comments)+` order by comment`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the votes of %s: %w", reader, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var w Way
		if err := rows.Scan(&id, &w); err != nil {
			return nil, err
		}
		ways[id] = w
	}
	return ways, rows.Err()
}
