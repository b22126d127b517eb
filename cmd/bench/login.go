package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	loginRush    = 100 // log-ins at once
	loginCrowd   = 32  // connections that read an article meanwhile
	loginReaders = 4   // people who do
	loginRounds  = 15
)

// measureLogin is about passwords, which are made to cost much: what one log-in
// takes, and what a rush of them leaves for those who read.
func (b *bench) measureLogin(ctx context.Context) error {
	email, password, err := b.somebody(ctx)
	if err != nil {
		return err
	}
	// Each log-in of the rush is of another address and seems to come from another
	// network, or the brakes would end it: what is measured is the worst that
	// comes past them.
	p, _, err := b.serve(ctx, "", "--proxies", "127.0.0.1")
	if err != nil {
		return err
	}
	defer p.end()
	pages, err := p.articles(ctx)
	if err != nil {
		return err
	}
	if err := p.settle(ctx); err != nil {
		return err
	}

	var alone []time.Duration
	for range loginRounds {
		began := time.Now()
		status, err := p.login(ctx, email, password, "192.0.2.1")
		if err != nil || status != http.StatusSeeOther {
			return fmt.Errorf("log in: %d, %w", status, err)
		}
		alone = append(alone, time.Since(began))
	}
	b.atMost("log-in, alone", milliseconds(median(alone)), 250, " ms",
		fmt.Sprintf("the right password, until the answer; median of %d, slowest %.0f ms", len(alone), milliseconds(quantile(alone, 1))))

	page := pages[len(pages)/2]
	quiet, err := b.latency(ctx, page)
	if err != nil {
		return err
	}
	rush, stop := context.WithCancel(ctx)
	defer stop()
	var people sync.WaitGroup
	var looked, turned, failed atomic.Int64
	for i := range loginRush {
		people.Go(func() {
			for n := 0; rush.Err() == nil; n++ {
				network := fmt.Sprintf("198.%d.%d.%d", 18+i%2, i, n%250)
				status, err := p.login(rush, fmt.Sprintf("nobody-%d-%d@kawara-bay.example", i, n), password, network)
				switch {
				case rush.Err() != nil:
				case err == nil && status == http.StatusUnprocessableEntity:
					looked.Add(1)
				case err == nil && (status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests):
					turned.Add(1)
					pause(rush, time.Second) // as a person would, and sooner
				default:
					failed.Add(1)
				}
			}
		})
	}
	if err := pause(ctx, time.Second); err != nil { // until all of them are there
		return err
	}
	busy, err := b.latency(ctx, page)
	stop()
	people.Wait()
	if err != nil {
		return err
	}
	if looked.Load() == 0 || failed.Load() > 0 {
		return fmt.Errorf("of the rush %d were looked at, %d turned away, %d failed", looked.Load(), turned.Load(), failed.Load())
	}
	held, err := p.most()
	if err != nil {
		return err
	}
	b.atMost(fmt.Sprintf("memory, %d log-ins at once", loginRush), held, 256, " MB", fmt.Sprintf("VmHWM; %d were looked at, %d told to come back", looked.Load(), turned.Load()))
	b.atMost("cached article's p99 meanwhile", float64(busy.crowd)/float64(quiet.crowd), 2, "×",
		fmt.Sprintf("%.1f ms, and %.1f ms with nobody logging in; %d connections that never rest, on the cores of server and rush", milliseconds(busy.crowd), milliseconds(quiet.crowd), loginCrowd))
	b.tell("  with few readers", number(float64(busy.few)/float64(quiet.few))+"×",
		fmt.Sprintf("%.1f ms, and %.1f ms; %d readers who rest 2 ms after each page", milliseconds(busy.few), milliseconds(quiet.few), loginReaders))
	return nil
}

// somebody is a reader of the demo.
func (b *bench) somebody(ctx context.Context) (email, password string, err error) {
	p, _, err := b.demo(ctx)
	if err != nil {
		return "", "", err
	}
	defer p.end()
	var answer struct {
		Logins []struct{ Role, Email, Password string }
	}
	if err := json.Unmarshal(p.line, &answer); err != nil {
		return "", "", fmt.Errorf("read what the demo says: %w", err)
	}
	for _, l := range answer.Logins {
		if l.Role == "reader" {
			return l.Email, l.Password, nil
		}
	}
	return "", "", errors.New("the demo has no reader")
}

// login sends the form, as somebody in a network.
func (p *process) login(ctx context.Context, email, password, network string) (status int, err error) {
	form := url.Values{"email": {email}, "password": {password}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-Forwarded-For", network)
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

// A latency is the p99 of a page: with a crowd that asks without rest, as where
// the rate of a cached page is measured, and with a few readers on a server that
// has time for them.
type latency struct{ crowd, few time.Duration }

func (b *bench) latency(ctx context.Context, page string) (l latency, err error) {
	out, err := b.crowd(ctx, page, loginCrowd)
	if err != nil {
		return l, err
	}
	slow := wrkSlow.FindSubmatch(out)
	if slow == nil {
		return l, fmt.Errorf("no p99 in what the load says:\n%s", out)
	}
	if l.crowd, err = time.ParseDuration(string(slow[1])); err != nil {
		return l, err
	}
	took, err := read(ctx, page, b.seconds)
	if err != nil {
		return l, err
	}
	l.few = quantile(took, 0.99)
	return l, nil
}

// read asks for a page on a few connections, and returns how long each answer
// took.
func read(ctx context.Context, address string, d time.Duration) (took []time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var mu sync.Mutex
	var readers sync.WaitGroup
	for range loginReaders {
		readers.Go(func() {
			for ctx.Err() == nil {
				began := time.Now()
				_, e := get(ctx, address, "gzip")
				t := time.Since(began)
				mu.Lock()
				if e == nil {
					took = append(took, t)
				} else if ctx.Err() == nil {
					err = e
				}
				mu.Unlock()
				pause(ctx, 2*time.Millisecond) // a crowd, and no test of strength
			}
		})
	}
	readers.Wait()
	if err == nil && len(took) < 100 {
		err = fmt.Errorf("only %d answers came", len(took))
	}
	return took, err
}
