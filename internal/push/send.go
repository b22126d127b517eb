package push

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"

	"kawaraban/internal/db"
	"kawaraban/internal/secret"
)

// A Message is what a browser shows. It says nothing of who gets it.
type Message struct {
	Title string `json:"title"`
	Text  string `json:"text"`
	Path  string `json:"path"` // where a click leads, on our site
	Tag   string `json:"tag"`  // a later message with the same takes its place

	Life   time.Duration `json:"-"` // how long a push service keeps it for a browser that is off
	Urgent bool          `json:"-"` // it may wake a device that saves power
}

// Sent says what became of a message to many.
type Sent struct{ Accepted, Gone, Failed int }

const (
	page     = 500
	workers  = 32
	attempts = 4
	maxPause = 30 * time.Second
	maxTitle = 120 // characters
	maxText  = 240
	record   = 1024 // bytes of an encrypted message: all are as long, and small
)

// Send wakes all devices of the readers. It returns when each was accepted by its
// push service, is gone, or was given up after some attempts with growing pauses.
// Devices that are gone are removed. It ends early only with ctx, or when the
// database fails.
func (s *Store) Send(ctx context.Context, m Message, readers ...string) (sent Sent, err error) {
	public, private, err := s.keys(ctx)
	if err != nil {
		return sent, err
	}
	m.Title, m.Text = shortened(m.Title, maxTitle), shortened(m.Text, maxText)
	payload, err := json.Marshal(m)
	if err != nil {
		return sent, err
	}
	o := webpush.Options{
		HTTPClient: s.Fetch.HTTP(), RecordSize: record, Subscriber: s.Contact, TTL: int(m.Life.Seconds()), Urgency: webpush.UrgencyNormal,
		VAPIDPublicKey: public, VAPIDPrivateKey: private, Topic: s.topic(m.Tag),
	}
	if m.Urgent {
		o.Urgency = webpush.UrgencyHigh
	}
	for some := range slices.Chunk(readers, page) {
		found, err := s.devices(ctx, some)
		if err != nil {
			return sent, err
		}
		if err := s.wake(ctx, found, payload, o, &sent); err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// topic is a tag as push services want it: 32 characters at most (RFC 8030, 5.4). It
// tells them nothing.
func (s *Store) topic(tag string) string {
	if tag == "" {
		return ""
	}
	d := s.Keys.Digest("push topic", tag)
	return d[:min(len(d), 32)]
}

func shortened(text string, characters int) string {
	if r := []rune(text); len(r) > characters {
		return string(r[:characters-1]) + "…"
	}
	return text
}

type target struct {
	id string
	Address
}

func (s *Store) devices(ctx context.Context, readers []string) (list []target, err error) {
	var args []any
	rows, err := s.DB.Query(ctx, `select id, address from push_device where reader `+db.In(&args, readers)+` order by reader, id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read devices: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t target
		var sealed secret.Sealed
		if err := rows.Scan(&t.id, &sealed); err != nil {
			return nil, fmt.Errorf("read devices: %w", err)
		}
		plain, err := s.Keys.Open(secret.PushAddress, t.id, sealed)
		if err == nil {
			err = json.Unmarshal(plain, &t.Address)
		}
		if err != nil {
			s.Log.Error("the address of a device cannot be read, and is left out", "device", t.id, "error", err)
			continue
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// wake sends to some devices, several at a time, and removes those that are gone.
func (s *Store) wake(ctx context.Context, list []target, payload []byte, o webpush.Options, sent *Sent) error {
	var mu sync.Mutex
	var gone []string
	var wg sync.WaitGroup
	next := make(chan target)
	for range min(workers, len(list)) {
		wg.Go(func() {
			for t := range next {
				err := s.try(ctx, t, payload, o)
				mu.Lock()
				switch {
				case err == nil:
					sent.Accepted++
				case errors.Is(err, errGone):
					sent.Gone++
					gone = append(gone, t.id)
				default:
					sent.Failed++
					s.Log.Warn("a device was not woken", "device", t.id, "error", err)
				}
				mu.Unlock()
			}
		})
	}
	for _, t := range list {
		select {
		case next <- t:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	wg.Wait()
	if len(gone) > 0 {
		err := s.DB.Tx(ctx, func(tx *db.Tx) error {
			var args []any
			_, err := tx.Exec(ctx, `delete from push_device where id `+db.In(&args, gone), args...)
			return err
		})
		if err != nil {
			return fmt.Errorf("remove devices that are gone: %w", err)
		}
	}
	return ctx.Err()
}

// try sends one message, again after a pause while the service is busy.
func (s *Store) try(ctx context.Context, t target, payload []byte, o webpush.Options) (err error) {
	pause := s.Pause
	if pause == 0 {
		pause = time.Second
	}
	for i := range attempts {
		var wait time.Duration
		if wait, err = s.once(ctx, t, payload, o); err == nil || wait < 0 {
			return err
		}
		if i == attempts-1 {
			break
		}
		timer := time.NewTimer(min(max(wait, pause<<(2*i)), maxPause))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
	return err
}

// once sends a message. wait is how long the service wants to be left alone, and
// below 0 when another attempt is of no use.
func (s *Store) once(ctx context.Context, t target, payload []byte, o webpush.Options) (wait time.Duration, err error) {
	res, err := webpush.SendNotificationWithContext(ctx, payload, &webpush.Subscription{Endpoint: t.Endpoint, Keys: webpush.Keys{P256dh: t.P256dh, Auth: t.Auth}}, &o)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0, err
	}
	switch {
	case res.StatusCode/100 == 2:
		return 0, nil
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return -1, errGone
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode/100 == 5:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After")) // a date, or nothing: our own pause
		return time.Duration(max(seconds, 0)) * time.Second, fmt.Errorf("the push service answered %d", res.StatusCode)
	}
	return -1, fmt.Errorf("the push service answered %d", res.StatusCode)
}
