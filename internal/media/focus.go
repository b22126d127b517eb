package media

import (
	"fmt"
	"image"
)

// Focus is the point of a picture that must stay in sight when a page crops it,
// as shares of its upright width and height, from 0 to 1. The zero Focus means
// that nobody has chosen one: the centre.
type Focus struct {
	X, Y float64
}

// Crop returns the largest rectangle of the ratio ratioW to ratioH inside a
// picture of w by h pixels whose centre is as near to the focus as the edges
// allow. It returns the whole picture when a number is not positive.
func (f Focus) Crop(w, h, ratioW, ratioH int) image.Rectangle {
	if w < 1 || h < 1 || ratioW < 1 || ratioH < 1 {
		return image.Rect(0, 0, max(w, 0), max(h, 0))
	}
	if f == (Focus{}) {
		f = Focus{X: 0.5, Y: 0.5}
	}
	cw, ch := w, h
	if w*ratioH > h*ratioW {
		cw = max(1, h*ratioW/ratioH)
	} else {
		ch = max(1, w*ratioH/ratioW)
	}
	x := min(max(int(f.X*float64(w))-cw/2, 0), w-cw)
	y := min(max(int(f.Y*float64(h))-ch/2, 0), h-ch)
	return image.Rect(x, y, x+cw, y+ch)
}

// Classes name the point for style sheets, which let no page have a style of its
// own: one class for each fifth of a side. A picture without a point has none.
func (f Focus) Classes() string {
	if f == (Focus{}) {
		return ""
	}
	fifth := func(share float64) int { return min(max(int(share*5), 0), 4) }
	return fmt.Sprintf("fx%d fy%d", fifth(f.X), fifth(f.Y))
}
