package site

import (
	"errors"
	"net/http"
	"time"

	"kawaraban/internal/page"
	"kawaraban/internal/wire"
)

// Headers in which an agency says when and with what key it has signed.
const (
	pushTime = "Kawaraban-Timestamp"
	pushSign = "Kawaraban-Signature"
)

// pushAnswer is what an agency is told.
type pushAnswer struct {
	Error   string       `json:"error,omitempty"`
	Results []pushResult `json:"results,omitempty"`
}

// A pushResult is what became of one item.
type pushResult struct {
	ID       string `json:"id,omitempty"`
	Version  string `json:"version,omitempty"`
	Decision string `json:"decision"`
	Reason   string `json:"reason,omitempty"`
}

// receiveWire takes what an agency sends. Who has no key learns nothing, not even which
// sources there are.
func (s *Site) receiveWire(v *page.Visit) (*page.Answer, error) {
	p := wire.Pushed{Source: v.Path("source"), Timestamp: v.Header().Get(pushTime), Signature: v.Header().Get(pushSign)}
	results, err := s.pushed(v, p)
	if errors.Is(err, wire.ErrUnsigned) {
		a, err := page.JSON(pushAnswer{Error: "The signature is not good, or more than five minutes old."})
		return a.Status(http.StatusUnauthorized), err
	}
	if err != nil {
		return nil, err
	}
	var told pushAnswer
	for _, r := range results {
		told.Results = append(told.Results, pushResult{r.ID, r.Version, string(r.Decision), r.Reason})
	}
	a, err := page.JSON(told)
	if err != nil {
		return nil, err
	}
	return a.Status(http.StatusAccepted), nil
}

// pushTakes is how long an agency has to send all of it.
const pushTakes = time.Minute

// pushed reads and takes in what was sent. What is for no source fills no memory.
func (s *Site) pushed(v *page.Visit, p wire.Pushed) ([]wire.Result, error) {
	if !s.Wire.Fits(p) {
		return nil, wire.ErrUnsigned // it is not even read
	}
	sends, err := s.Wire.Sends(v.Context(), p.Source)
	if err != nil {
		return nil, err
	}
	if !sends {
		if err := v.Skip(wire.MaxPush); err != nil {
			return nil, err
		}
		return nil, wire.ErrUnsigned
	}
	v.Takes(pushTakes)
	if p.Body, err = v.Body(wire.MaxPush); err != nil {
		return nil, err
	}
	return s.Wire.Receive(v.Context(), p)
}
