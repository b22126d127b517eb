package newsroom

import (
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// entrancePage is what entrance.html shows to those for whom there is no room.
type entrancePage struct{ chrome }

// enter leads to the first room that somebody may enter.
func (d *Desk) enter(v *visit, _ *reader.Actor) (*page.Answer, error) {
	c, err := d.chrome(v, "newsroom.title")
	if err != nil {
		return nil, err
	}
	if len(c.Rooms) > 0 {
		return page.SeeOther(c.Rooms[0].Path), nil
	}
	return page.Show(v.entrance.With(entrancePage{c})), nil
}
