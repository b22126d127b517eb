package main

import "math"

// A pt is a point on the sheet, in pixels from the top left.
type pt struct{ X, Y float64 }

// A shape is one or more outlines; filled, they are one area.
type shape [][]pt

// points reads coordinates as x, y, x, y …
func points(xy ...float64) []pt {
	list := make([]pt, len(xy)/2)
	for i := range list {
		list[i] = pt{xy[2*i], xy[2*i+1]}
	}
	return list
}

// poly is an area with straight sides.
func poly(xy ...float64) shape { return shape{points(xy...)} }

// blob is an area with a smooth edge through the points.
func blob(xy ...float64) shape { return shape{smooth(points(xy...), true)} }

// curve is a smooth line through the points.
func curve(xy ...float64) []pt { return smooth(points(xy...), false) }

func rect(x, y, w, h float64) shape { return poly(x, y, x+w, y, x+w, y+h, x, y+h) }

func ellipse(cx, cy, rx, ry float64) shape {
	n := 24 + int(rx+ry)/8
	list := make([]pt, n)
	for i := range list {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		list[i] = pt{cx + rx*cos, cy + ry*sin}
	}
	return shape{list}
}

func disc(cx, cy, r float64) shape { return ellipse(cx, cy, r, r) }

// arc is part of an ellipse's line, from and to in degrees, clockwise from
// three o'clock.
func arc(cx, cy, rx, ry, from, to float64) []pt {
	n := 10 + int(math.Abs(to-from)*(rx+ry)/700)
	list := make([]pt, n+1)
	for i := range list {
		sin, cos := math.Sincos((from + (to-from)*float64(i)/float64(n)) * math.Pi / 180)
		list[i] = pt{cx + rx*cos, cy + ry*sin}
	}
	return list
}

// under is the area between a line and the depth y.
func under(line []pt, y float64) shape {
	list := append([]pt{}, line...)
	return shape{append(list, pt{line[len(line)-1].X, y}, pt{line[0].X, y})}
}

// between is the area between two lines that run the same way.
func between(a, b []pt) shape {
	list := append([]pt{}, a...)
	for i := len(b) - 1; i >= 0; i-- {
		list = append(list, b[i])
	}
	return shape{list}
}

// put scales a shape that was drawn around the origin and moves it; a negative
// sx mirrors it.
func (s shape) put(x, y, sx, sy float64) shape {
	out := make(shape, len(s))
	for i, line := range s {
		out[i] = place(line, x, y, sx, sy)
	}
	return out
}

func place(line []pt, x, y, sx, sy float64) []pt {
	out := make([]pt, len(line))
	for i, p := range line {
		out[i] = pt{x + p.X*sx, y + p.Y*sy}
	}
	return out
}

// turn rotates a shape around a point, clockwise, by degrees.
func (s shape) turn(cx, cy, degrees float64) shape {
	out := make(shape, len(s))
	for i, line := range s {
		out[i] = turn(line, cx, cy, degrees)
	}
	return out
}

func turn(line []pt, cx, cy, degrees float64) []pt {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	out := make([]pt, len(line))
	for i, p := range line {
		x, y := p.X-cx, p.Y-cy
		out[i] = pt{cx + x*cos - y*sin, cy + x*sin + y*cos}
	}
	return out
}

// smooth puts a Catmull-Rom spline through the points.
func smooth(p []pt, closed bool) []pt {
	n := len(p)
	if n < 3 {
		return p
	}
	at := func(i int) pt {
		if closed {
			return p[(i+n)%n]
		}
		return p[min(max(i, 0), n-1)]
	}
	last := n - 1
	if closed {
		last = n
	}
	var out []pt
	for i := range last {
		a, b, c, d := at(i-1), at(i), at(i+1), at(i+2)
		steps := 4 + int(math.Hypot(c.X-b.X, c.Y-b.Y)/14)
		for s := range steps {
			t := float64(s) / float64(steps)
			out = append(out, pt{spline(a.X, b.X, c.X, d.X, t), spline(a.Y, b.Y, c.Y, d.Y, t)})
		}
	}
	if !closed {
		out = append(out, p[n-1])
	}
	return out
}

func spline(a, b, c, d, t float64) float64 {
	return b + t/2*(c-a+t*(2*a-5*b+4*c-d+t*(3*(b-c)+d-a)))
}

// even returns the line with a point every step pixels.
func even(line []pt, step float64) []pt {
	out := []pt{line[0]}
	left := step
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		length := math.Hypot(b.X-a.X, b.Y-a.Y)
		for length > 0 && left <= length {
			t := left / length
			a = pt{a.X + (b.X-a.X)*t, a.Y + (b.Y-a.Y)*t}
			out = append(out, a)
			length -= left
			left = step
		}
		left -= length
	}
	return append(out, line[len(line)-1])
}
