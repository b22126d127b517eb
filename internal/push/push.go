// Package push wakes the browsers of readers who asked for it (Web Push, RFC 8030,
// with messages that only the browser can read, RFC 8291, and a key by which the
// push services know the paper, RFC 8292).
//
// A device is one browser of one reader: an address at a push service, and the
// browser's key. Both are sealed; whoever has the address could wake the browser.
// Addresses come from strangers, so that only those of push services are taken, and
// messages leave through package fetch.
package push

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"

	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// Services are the hosts of the browsers' push services, each with what is below it.
func Services() []string {
	return []string{"fcm.googleapis.com", "push.services.mozilla.com", "notify.windows.com", "push.apple.com"}
}

// An Address is where a browser is woken, as the browser says it.
type Address struct {
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"`
	Auth     string `json:"auth"`
}

// A Device is one browser of a reader.
type Device struct {
	ID      string
	Name    string // "Firefox, Linux"
	Created time.Time
}

// A Store keeps devices in a database, and wakes them.
type Store struct {
	DB      *db.DB
	Keys    *secret.Keyring
	Fetch   *fetch.Client // that goes to Services only
	Contact string        // the paper's mail address or https address, for the push services
	Now     func() time.Time
	ID      func() string
	Log     *slog.Logger
	Pause   time.Duration // before a second attempt; a second when 0
}

const (
	most        = 10 // devices of a reader
	maxEndpoint = 1000
	vapid       = "vapid"
)

// Key is the paper's public key, which browsers ask for. It is made when it is first
// wanted; of several processes one makes it.
func (s *Store) Key(ctx context.Context) (string, error) {
	public, _, err := s.keys(ctx)
	return public, err
}

func (s *Store) keys(ctx context.Context) (public, private string, err error) {
	public, private, err = s.stored(ctx)
	if !problem.Is(err, problem.NotFound) {
		return public, private, err
	}
	made, public, err := webpush.GenerateVAPIDKeys()
	if err != nil {
		return "", "", fmt.Errorf("make the key for push services: %w", err)
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into push_key (id, public, private, created) values ($1, $2, $3, $4) on conflict (id) do nothing`,
			vapid, public, string(s.Keys.Seal(secret.SigningKey, vapid, []byte(made))), db.Time(s.Now()))
		return err
	})
	if err != nil {
		return "", "", fmt.Errorf("keep the key for push services: %w", err)
	}
	return s.stored(ctx)
}

func (s *Store) stored(ctx context.Context) (public, private string, err error) {
	var sealed secret.Sealed
	err = s.DB.QueryRow(ctx, `select public, private from push_key where id = $1`, vapid).Scan(&public, &sealed)
	if err != nil {
		return "", "", db.Found(err, "There is no key for push services.")
	}
	b, err := s.Keys.Open(secret.SigningKey, vapid, sealed)
	return public, string(b), err
}

// Add takes a browser that a reader lets the paper wake. The same one, sent again,
// stays one, and belongs to who sent it last.
func (s *Store) Add(ctx context.Context, reader string, a Address, name string) error {
	if err := s.check(a); err != nil {
		return err
	}
	id, hash := s.ID(), s.Keys.Digest("push", a.Endpoint)
	address, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `delete from push_device where hash = $1`, hash); err != nil {
			return fmt.Errorf("add a device: %w", err)
		}
		var n int
		if err := tx.QueryRow(ctx, `select count(*) from push_device where reader = $1`, reader).Scan(&n); err != nil {
			return fmt.Errorf("add a device: %w", err)
		}
		if n >= most {
			return &problem.Problem{Kind: problem.Conflict, Detail: "Ten browsers get notices already. Remove one first."}
		}
		_, err = tx.Exec(ctx, `insert into push_device (id, reader, hash, address, device, created) values ($1, $2, $3, $4, $5, $6)
			on conflict (hash) do nothing`, id, reader, hash, string(s.Keys.Seal(secret.PushAddress, id, address)), name, db.Time(s.Now()))
		if err != nil {
			return fmt.Errorf("add a device: %w", err)
		}
		return nil
	})
}

// check refuses what no browser has sent, and addresses that are of no push service.
func (s *Store) check(a Address) error {
	bad := &problem.Problem{Kind: problem.Invalid, Detail: "This browser gave an address that we cannot use. Try another browser, or choose letters."}
	if len(a.Endpoint) > maxEndpoint || !strings.HasPrefix(a.Endpoint, "https://") {
		return bad
	}
	if _, err := s.Fetch.Check(a.Endpoint); err != nil {
		return bad
	}
	point, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(a.P256dh, "="))
	if err != nil {
		return bad
	}
	if _, err := ecdh.P256().NewPublicKey(point); err != nil {
		return bad
	}
	if auth, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(a.Auth, "=")); err != nil || len(auth) != 16 {
		return bad
	}
	return nil
}

// Of lists a reader's devices, the newest first.
func (s *Store) Of(ctx context.Context, reader string) (list []Device, err error) {
	rows, err := s.DB.Query(ctx, `select id, device, created from push_device where reader = $1 order by created desc, id desc`, reader)
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var d Device
		if err := rows.Scan(&d.ID, &d.Name, (*db.Time)(&d.Created)); err != nil {
			return nil, fmt.Errorf("list devices: %w", err)
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

// Remove lets a reader's device be woken no more.
func (s *Store) Remove(ctx context.Context, reader, id string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		return db.One(tx.Exec(ctx, `delete from push_device where reader = $1 and id = $2`, reader, id))
	})
}

// Forget takes away a reader's devices, in the transaction that erases the account.
func (s *Store) Forget(ctx context.Context, tx *db.Tx, reader string) error {
	_, err := tx.Exec(ctx, `delete from push_device where reader = $1`, reader)
	return err
}

// A Table is part of the file with all that the paper knows of a reader.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]string
}

// Known is what is kept of a reader here: which browsers show notices, and by whose
// service. The whole address is told to nobody, as whoever has it could wake the browser.
func (s *Store) Known(ctx context.Context, reader string) ([]Table, error) {
	list, err := s.Of(ctx, reader)
	if err != nil {
		return nil, err
	}
	targets, err := s.devices(ctx, []string{reader})
	if err != nil {
		return nil, err
	}
	hosts := map[string]string{}
	for _, t := range targets {
		if u, err := url.Parse(t.Endpoint); err == nil {
			hosts[t.id] = u.Host
		}
	}
	t := Table{Name: "devices", Columns: []string{"name", "service", "since"}}
	for _, d := range list {
		t.Rows = append(t.Rows, []string{d.Name, hosts[d.ID], d.Created.UTC().Format(time.RFC3339)})
	}
	return []Table{t}, nil
}

// errGone says that a browser is not to be woken any more.
var errGone = errors.New("push: the browser does not want to be woken any more")
