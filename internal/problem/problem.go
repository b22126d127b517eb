// Package problem holds errors that are safe to show.
//
// A Problem is something the person who asked can act on: it says what was
// wrong and what to do, in the paper's own voice. Every other error is our
// fault; a face shows it as the 500 page and only the log knows the cause.
package problem

import (
	"errors"
	"net/http"
	"time"
)

// A Kind says what sort of problem it is; each has one HTTP status.
type Kind string

const (
	NotFound    Kind = "not-found"
	Gone        Kind = "gone"        // it was here, and was withdrawn
	Invalid     Kind = "invalid"     // what was sent cannot be accepted
	Conflict    Kind = "conflict"    // somebody else was first
	Forbidden   Kind = "forbidden"   // this person may not
	Method      Kind = "method"      // the address exists, the method does not
	TooLarge    Kind = "too-large"   // over a limit that the message names
	Unsupported Kind = "unsupported" // a format that we do not read
	Misdirected Kind = "misdirected" // a host name that is not ours
	TooMany     Kind = "too-many"    // come back later
	Unavailable Kind = "unavailable" // our side is busy or closed for the moment
	Internal    Kind = "internal"    // our fault; never carries a cause to the reader
)

var status = map[Kind]int{
	NotFound: http.StatusNotFound, Gone: http.StatusGone, Invalid: http.StatusUnprocessableEntity,
	Conflict: http.StatusConflict, Forbidden: http.StatusForbidden, Method: http.StatusMethodNotAllowed,
	TooLarge: http.StatusRequestEntityTooLarge, Unsupported: http.StatusUnsupportedMediaType,
	Misdirected: http.StatusMisdirectedRequest, TooMany: http.StatusTooManyRequests,
	Unavailable: http.StatusServiceUnavailable, Internal: http.StatusInternalServerError,
}

// Kinds lists all kinds, in no order that matters.
func Kinds() []Kind {
	kinds := make([]Kind, 0, len(status))
	for k := range status {
		kinds = append(kinds, k)
	}
	return kinds
}

// A Problem is an error that may be shown to the person who caused it.
type Problem struct {
	Kind   Kind
	Detail string // one sentence for the person: what happened and what to do
	Format string // Detail before Args were put in, by which a catalogue knows it; "" when none were
	Args   []any
	Fields map[string]string // a message by form field
	Wait   time.Duration     // when trying again is of use; 0: nobody knows
	Err    error             // the cause, for the log only
}

// Error returns the sentence for the person, never the cause.
func (p *Problem) Error() string {
	if p.Detail != "" {
		return p.Detail
	}
	return string(p.Kind)
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// Status returns the HTTP status of the kind; 500 for a kind that is not listed.
func (k Kind) Status() int {
	if s, ok := status[k]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// Of finds the Problem in err's chain.
// It returns nil when there is none: err is then a fault of ours.
func Of(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	return nil
}

// Is reports whether err is a Problem of kind k.
func Is(err error, k Kind) bool {
	p := Of(err)
	return p != nil && p.Kind == k
}
