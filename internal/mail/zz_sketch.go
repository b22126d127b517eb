package mail

import (
	"context"
	"sync"
	"time"
)

type Parcel struct {
	From, To string
	Raw      []byte
	Ref      any
}

type OutcomeState int

const (
	Accepted OutcomeState = iota
	Later
	Refused
)

type Outcome struct {
	State        OutcomeState
	Code         int
	Status, Text string
	Err          error
	At           time.Time
	Ours         bool
}

func (o Outcome) Why() string { return o.Text }

type Office struct{ Sender *Sender }

func (o *Office) Deliver(ctx context.Context, next func(context.Context) (*Parcel, bool), done func(context.Context, *Parcel, Outcome)) error {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				p, ok := next(ctx)
				if !ok {
					return
				}
				out := Outcome{}
				if err := o.Sender.keep(p.From, p.To, p.Raw); err != nil {
					out = Outcome{State: Later, Err: err, At: time.Now().Add(5 * time.Minute)}
				}
				done(ctx, p, out)
			}
		})
	}
	wg.Wait()
	return nil
}
