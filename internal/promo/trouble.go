package promo

import (
	"context"
	"errors"
	"net"

	"kawaraban/internal/problem"
	"kawaraban/internal/promo/vast"
)

// A Trouble is why a booking has no film of its ad server, in a word.
type Trouble string

const (
	NoTrouble   Trouble = ""
	NoAd        Trouble = "empty"       // it has nothing for us now
	Late        Trouble = "late"        // it does not answer in time
	Refused     Trouble = "refused"     // it is, or leads to, where we ask nobody: into a private network, to an odd port
	Unreachable Trouble = "unreachable" // there is no such server or document
	Unreadable  Trouble = "unreadable"  // what it answers is no VAST that we read
	Wrapped     Trouble = "wrapped"     // it leads on and on
	NoFilm      Trouble = "film"        // none of its films can be played here
	Program     Trouble = "program"     // it has no film, but what a browser would have to execute (VPAID)
	NotBrought  Trouble = "brought"     // its film is not to be had, too large, or no film
)

// Troubles lists them.
func Troubles() []Trouble {
	return []Trouble{NoAd, Late, Refused, Unreachable, Unreadable, Wrapped, NoFilm, Program, NotBrought}
}

func troubleOf(e *vast.Error) Trouble {
	switch c := e.Code; {
	case c == vast.NoVASTResponse:
		return NoAd
	case c == vast.WrapperTimeout:
		return unreached(e.Err)
	case c == vast.WrapperLimitReached || c == vast.GeneralWrapperError:
		return Wrapped
	case e.Programs:
		return Program
	case c >= vast.GeneralLinearError && c < vast.UndefinedError || c >= vast.TraffickingError && c < vast.GeneralWrapperError:
		return NoFilm
	}
	return Unreadable
}

// unreached tells why a document could not be had.
func unreached(err error) Trouble {
	var timeout net.Error
	switch p := problem.Of(err); {
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout():
		return Late
	case p != nil && p.Kind == problem.Invalid:
		return Refused
	case p != nil && p.Kind == problem.TooLarge:
		return Unreadable
	}
	return Unreachable
}
