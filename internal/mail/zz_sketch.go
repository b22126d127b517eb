package mail

import (
	"context"
	"strings"
	"sync"
	"time"
)

type Filling struct {
	To       string
	ReturnTo string
	ID       string
	Values   []string
}

type Stencil struct {
	s     *Sender
	m     Message
	marks []string
}

func (s *Sender) Stencil(m Message, marks ...string) (*Stencil, error) {
	return &Stencil{s, m, marks}, nil
}

func (st *Stencil) Fill(dst []byte, f Filling) ([]byte, error) {
	m := st.m
	m.To, m.ID = f.To, f.ID
	for i, k := range st.marks {
		m.Text = strings.ReplaceAll(m.Text, k, f.Values[i])
		m.HTML = strings.ReplaceAll(m.HTML, k, f.Values[i])
		if m.List != nil {
			l := *m.List
			l.Unsubscribe = strings.ReplaceAll(l.Unsubscribe, k, f.Values[i])
			m.List = &l
		}
	}
	raw, err := st.s.Compose(m)
	return append(dst, raw...), err
}

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
