package main

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"

	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/push"
)

// A pushService takes messages for browsers, and only counts them.
type pushService struct {
	*httptest.Server
	got atomic.Int64
}

func startPushService() *pushService {
	p := &pushService{}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			p.got.Add(1)
			w.WriteHeader(http.StatusCreated)
		}
	}))
	p.EnableHTTP2 = true
	p.StartTLS()
	return p
}

// lendDevices gives each member of a list an account and a browser that the service
// wakes, and lets alerts reach those.
func (p *pushService) lendDevices(ctx context.Context, s *newsletter.Store, list string) error {
	u, err := url.Parse(p.URL)
	if err != nil {
		return err
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	store := &push.Store{
		DB: s.DB, Keys: s.Keys, Now: s.Now, ID: db.NewID, Log: s.Log, Contact: "https://paper.example/",
		Fetch: fetch.New(fetch.Settings{Agent: "Bench", PerHost: 32, RootCAs: roots, AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowPorts: []uint16{uint16(port)}}),
	}
	s.Sources.Push = func(ctx context.Context, n newsletter.Note, accounts []string) error {
		_, err := store.Send(ctx, push.Message{Title: n.Title, Text: n.Text, Path: n.Path, Tag: n.Edition, Urgent: true}, accounts...)
		return err
	}
	members, err := giveAccounts(ctx, s.DB, list)
	if err != nil {
		return err
	}
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	browser := push.Address{P256dh: base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), Auth: base64.RawURLEncoding.EncodeToString(make([]byte, 16))}
	var all sync.WaitGroup
	var failed atomic.Value
	next := make(chan string)
	for range 64 {
		all.Go(func() {
			for id := range next {
				a := browser
				a.Endpoint = p.URL + "/" + id
				if err := store.Add(ctx, id, a, "Bench"); err != nil {
					failed.Store(err)
				}
			}
		})
	}
	for _, id := range members {
		next <- id
	}
	close(next)
	all.Wait()
	if err, ok := failed.Load().(error); ok {
		return fmt.Errorf("lend a device: %w", err)
	}
	return nil
}

// giveAccounts makes a reader of each member of a list, and returns their ids.
func giveAccounts(ctx context.Context, d *db.DB, list string) (members []string, err error) {
	err = d.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
			select s.id, s.email, 'Bench', s.id, '', '', 'en', 'reader', '', '', 0, 'now', 0, '', 0, 1
			from subscription as u
			join subscriber as s on s.id = u.subscriber
			where u.list = $1`, list)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update subscriber set reader = id where id in (select subscriber from subscription where list = $1)`, list); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `select subscriber from subscription where list = $1 order by subscriber`, list)
		if err != nil {
			return err
		}
		defer rows.Close()
		members = nil
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			members = append(members, id)
		}
		return rows.Err()
	})
	return members, err
}
