package site

import (
	"errors"
	"net/http"

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
	var results []wire.Result
	err := wire.ErrUnsigned
	if s.Wire.Fits(p) { // else it is not even read
		if p.Body, err = v.Body(wire.MaxPush); err == nil {
			results, err = s.Wire.Receive(v.Context(), p)
		}
	}
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
