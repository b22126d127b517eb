package newsroom

import (
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// routes are the addresses of the newsroom.
func (d *Desk) routes(rt *page.Router) {
	rt.Plain("GET /newsroom/assets/{file}", d.assets.Serve)
	d.staff(rt, "GET /newsroom", reader.MayEnter, d.enter)
}
