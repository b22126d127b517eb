package network

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// TestReg_R12 has the names of sisters lead to this machine: what counts is the address
// that is dialled, whatever the name has said before.
//
// Seen red: AllowPrivate for all loopback addresses in the client of a paper that is no
// demo.
func TestReg_R12(t *testing.T) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { l.Close() })
	zone := "inner.example A 127.0.0.1\nmeta.example A 169.254.169.254\nsix.example AAAA ::1\nmany.example A 10.0.0.1\nmany.example A 127.0.0.1\n"
	go func() {
		if err := papertest.ServeDNS(l, zone); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	}()
	k := newKit(t, papertest.SQLite(t))
	var asked sync.Map
	k.Fetch = fetch.New(fetch.Settings{Resolver: &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		asked.Store(network, true)
		return new(net.Dialer).DialContext(ctx, "udp", l.LocalAddr().String())
	}}})
	for _, host := range []string{"inner.example", "meta.example", "six.example", "many.example"} {
		if id, err := k.Add(t.Context(), "pia", "https://"+host); id != "" || !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), "not on the public internet") {
			t.Errorf("%s: %q, %v", host, id, err)
		}
		if why := k.tell(t.Context(), Sister{Address: "https://" + host}, []byte("{}")); why != Refused {
			t.Errorf("%s is told of clicks: %q", host, why)
		}
	}
	if _, ok := asked.Load("udp"); !ok {
		t.Error("no name was looked up")
	}
}

// TestKey has eight processes want the key at once: there is one.
func TestKey(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		var wg sync.WaitGroup
		keys := make([]string, 8)
		for n := range keys {
			wg.Go(func() {
				var err error
				if keys[n], err = k.Key(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if slices.Sort(keys); keys[0] == "" || keys[0] != keys[7] {
			t.Errorf("the keys are %q", keys)
		}
	})
}

// TestTake has eight processes keep lists of one sister at once: the newest stays.
func TestTake(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		x := newSister(t)
		k := newKit(t, d, x)
		x.offers(x.signed(t, x.list(k.clock.Now(), "The first")))
		id := k.befriend(x)
		sister, err := k.sister(t.Context(), d, id)
		check(t, err)
		var wg sync.WaitGroup
		for n := range 8 {
			wg.Go(func() {
				l := x.list(k.clock.Now().Add(time.Duration(n+1)*time.Millisecond), "From "+string(rune('a'+n)))
				if err := k.keep(t.Context(), id, got{List: l, key: sister.Key}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		check(t, k.Refresh(t.Context()))
		if got := k.titles(); !slices.Equal(got, []string{"From h"}) {
			t.Errorf("the panel has %q, want the newest", got)
		}
	})
}
