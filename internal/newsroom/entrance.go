package newsroom

import (
	"fmt"

	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// enter leads to the first room that somebody may enter: everybody who works for
// the paper has one.
func (d *Desk) enter(_ *visit, a *reader.Actor) (*page.Answer, error) {
	for _, r := range d.rooms {
		if a.May(r.Permission) {
			return page.SeeOther(r.Path), nil
		}
	}
	return nil, fmt.Errorf("there is no room for a %s", a.Reader.Role)
}
