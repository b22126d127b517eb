package site

import (
	"context"
	"time"

	"kawaraban/internal/follow"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/push"
	"kawaraban/internal/reader"
)

// A deviceRow is a browser that shows notices.
type deviceRow struct{ ID, Name, When string }

// noticeLife is how long a notice waits for a browser that is off.
const noticeLife = 12 * time.Hour

// showWorker is what a browser keeps to show notices while no page of ours is open. It
// stands at the root, because it may be woken for nothing above its own address.
func (s *Site) showWorker(context.Context, page.Query) (*page.Body, error) {
	script, err := files.ReadFile("sw.js")
	if err != nil {
		return nil, err
	}
	return page.Text("text/javascript", script), nil
}

// withWorker lets the page's script register the worker: all other pages may make no
// script's address out of text.
func (s *Site) withWorker(a *page.Answer) *page.Answer { return a.Allow("trusted-types", "push") }

// devices fills in which browsers show notices.
func (s *Site) devices(v *visit, a *reader.Actor, p *followingPage) (err error) {
	if p.Key, err = s.Pushes.Key(v.Context()); err != nil {
		return err
	}
	list, err := s.Pushes.Of(v.Context(), a.Reader.ID)
	for _, d := range list {
		p.Devices = append(p.Devices, deviceRow{d.ID, d.Name, v.words.Day(d.Created)})
	}
	return err
}

// addDevice takes the browser that asks. Its script sends this when the reader has
// pressed the button and allowed it.
func (s *Site) addDevice(v *visit, a *reader.Actor) (*page.Answer, error) {
	err := s.Pushes.Add(v.Context(), a.Reader.ID, push.Address{
		Endpoint: v.Field("endpoint"), P256dh: v.Field("p256dh"), Auth: v.Field("auth"),
	}, a.Session.Device)
	if err != nil {
		return nil, err
	}
	return page.Nothing(), nil
}

func (s *Site) removeDevice(v *visit, a *reader.Actor) (*page.Answer, error) {
	if err := s.Pushes.Remove(v.Context(), a.Reader.ID, v.Path("id")); err != nil {
		return nil, err
	}
	return page.SeeOther(followingPath + "?done=removed"), nil
}

// pushFollowed wakes a reader's devices with what a letter would say. That is public,
// and names nobody.
func (s *Site) pushFollowed(ctx context.Context, t *follow.Telling) error {
	r, err := s.Readers.ByID(ctx, t.Reader)
	if err != nil {
		return missing(err)
	}
	v, err := s.roomsIn(r.Language)
	if err != nil {
		return err
	}
	l := s.followLetter(v.words, t)
	m := push.Message{Title: l.Subject, Path: "/a/" + t.Card.ID, Tag: t.Card.ID, Life: noticeLife}
	if len(l.Text) > 0 {
		m.Text = l.Text[0]
	}
	_, err = s.Pushes.Send(ctx, m, t.Reader)
	return err
}

// missing makes no fault of a reader who is gone.
func missing(err error) error {
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	return err
}
