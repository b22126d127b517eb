package wire

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

const (
	// MaxPush is the size of what an agency may send at once, in bytes.
	MaxPush = maxKept
	// pushWindow is how far the clock of who sends may be from ours. What is sent again
	// within it is stored once all the same.
	pushWindow = 5 * time.Minute
)

// ErrUnsigned says that something was not signed by a source that may send, or not now.
// It does not say which.
var ErrUnsigned = errors.New("wire: not signed by a source")

// A Pushed is what an agency has sent to a source's address.
type Pushed struct {
	Source    string // id, as the address names it
	Timestamp string // seconds since 1970, as sent
	Signature string // HMAC-SHA256 of the timestamp, a full stop and the body, in hexadecimal
	Body      []byte
}

// Fits reports whether something is worth reading: it says when it was signed, that was
// a moment ago, and it has what can be a signature.
func (s *Store) Fits(p Pushed) bool {
	seconds, err := strconv.ParseInt(p.Timestamp, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != p.Timestamp || len(p.Signature) != hex.EncodedLen(sha256.Size) {
		return false
	}
	off := s.Now().Sub(time.Unix(seconds, 0))
	return off.Abs() <= pushWindow
}

// Sends reports whether there is a source that sends to us. Only of such is kept what has
// not proved yet where it is from.
func (s *Store) Sends(ctx context.Context, source string) (bool, error) {
	w, err := s.Way(ctx, source)
	return w.Kind == ByPush && w.HasSecret(), err
}

// Sign is the signature of what is sent.
func Sign(key, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// Receive takes in what an agency has sent, and tells what became of it. It is stored
// when Receive returns; what comes twice is stored once.
func (s *Store) Receive(ctx context.Context, p Pushed) ([]Result, error) {
	if !s.Fits(p) {
		return nil, ErrUnsigned
	}
	w, err := s.Way(ctx, p.Source)
	if err != nil {
		return nil, err
	}
	if err := s.unseal(&w); err != nil {
		return nil, err
	}
	key := w.secret
	known := w.Kind == ByPush && key != ""
	if !known {
		key = "nobody" // the same work, so that the time does not tell which sources there are
	}
	if signed := hmac.Equal([]byte(Sign(key, p.Timestamp, p.Body)), []byte(p.Signature)); !signed || !known {
		return nil, ErrUnsigned
	}
	if w.Paused {
		return nil, &problem.Problem{Kind: problem.Unavailable, Detail: "This source is paused. Send it again later.", Wait: pushWindow}
	}
	if len(p.Body) == 0 {
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "Nothing was sent."}
	}
	src, err := s.SourceByID(ctx, w.Source)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(p.Body)
	b := bringing{newest: w.Newest, lag: w.Lag}
	results, err := s.deliver(ctx, src, "push-"+hex.EncodeToString(sum[:8]), p.Body, nil, s.far(&w, nil))
	if err != nil {
		return nil, err
	}
	s.noteAll(src, results, &b)
	return results, s.DB.Tx(ctx, func(tx *db.Tx) error {
		now := db.Time(s.Now())
		_, err := tx.Exec(ctx, `update wire_way set polled = $2, succeeded = $2, newest = $3, lag = $4 where source = $1`,
			src.ID, now, db.Time(b.newest), b.lag.Microseconds())
		return err
	})
}
