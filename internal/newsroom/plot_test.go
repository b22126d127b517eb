package newsroom

import (
	"testing"
	"time"

	"kawaraban/internal/audience"
	"kawaraban/internal/page"
)

// TestPlot has no bar that is a wall: a few have their places in a drawing of ten, each
// above its label.
func TestPlot(t *testing.T) {
	w, err := page.NewLanguage("en", time.UTC)
	check(t, err)
	for n, want := range map[int][]int{1: {46}, 2: {21, 71}, 3: {12, 46, 79}, 10: {1, 11}, 90: {1, 11}} {
		p := newPlot(w, make([]audience.Point, n), time.Hour, "audience.opens")
		if p.Few != (n < 10) || p.Width != 10*max(n, 10) || len(p.Bars) != n || len(p.Labels) != n {
			t.Errorf("%d bars in a drawing %d wide: %+v", n, p.Width, p)
		}
		for i, x := range want {
			if p.Bars[i].X != x {
				t.Errorf("bar %d of %d is at %d, want %d", i, n, p.Bars[i].X, x)
			}
		}
		if last := p.Bars[n-1].X; last+barWide > p.Width {
			t.Errorf("the last of %d bars begins at %d", n, last)
		}
	}
}
