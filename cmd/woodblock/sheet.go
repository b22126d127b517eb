package main

import (
	"hash/fnv"
	"image"
	"image/draw"
	"math"
	"math/rand/v2"

	"golang.org/x/image/vector"
)

// An ink is one pot of colour; each has a block of its own on every sheet.
type ink int

const (
	sumi ink = iota // the key block, printed last
	indigo
	vermilion
	ochre
	green
	inks
)

// A tone says how much ink the printer leaves on the block at a place, from 0
// to 1.
type tone func(x, y float64) float64

func flat(c float64) tone { return func(_, _ float64) float64 { return c } }

// bokashi wipes the ink off between two heights: c0 above y0, c1 below y1.
func bokashi(y0, c0, y1, c1 float64) tone {
	return func(_, y float64) float64 {
		t := min(max((y-y0)/(y1-y0), 0), 1)
		t = t * t * (3 - 2*t)
		return c0 + (c1-c0)*t
	}
}

// A sheet is one print while it is cut: how much of each block stands, pixel by
// pixel. Drawing works like painting, the later over the earlier; only printing
// makes ink of it.
type sheet struct {
	w, h   int
	blocks [inks][]uint8
	dice   *rand.Rand
	ragged uint64 // so that no two lines waver alike
	raster vector.Rasterizer
}

// newSheet returns an empty sheet whose chance is decided by its name.
func newSheet(name string, w, h int) *sheet {
	hash := fnv.New64a()
	hash.Write([]byte(name))
	s := &sheet{w: w, h: h, dice: rand.New(rand.NewPCG(hash.Sum64(), 1847))}
	for i := range s.blocks {
		s.blocks[i] = make([]uint8, w*h)
	}
	return s
}

// roll returns a number from a to b.
func (s *sheet) roll(a, b float64) float64 { return a + (b-a)*s.dice.Float64() }

// solid draws an area over everything below it, in one ink, with an outline of
// the given width on the key block; a width of 0 means none.
func (s *sheet) solid(i ink, t tone, outline float64, a shape) {
	s.cover(a, func(at int, c uint8, x, y float64) {
		for b := range s.blocks {
			s.blocks[b][at] = uint8(int(s.blocks[b][at]) * int(255-c) / 255)
		}
		s.blocks[i][at] = uint8(min(255, float64(s.blocks[i][at])+float64(c)*t(x, y)))
	})
	s.outline(outline, a)
}

// blank takes all ink away from an area, so that the paper shows.
func (s *sheet) blank(outline float64, a shape) { s.solid(sumi, flat(0), outline, a) }

// glaze prints an ink over what is there already, as a second block does.
func (s *sheet) glaze(i ink, t tone, a shape) {
	s.cover(a, func(at int, c uint8, x, y float64) {
		s.blocks[i][at] = max(s.blocks[i][at], uint8(float64(c)*t(x, y)))
	})
}

// outline follows the edge of an area with the key block's line.
func (s *sheet) outline(width float64, a shape) {
	if width <= 0 {
		return
	}
	for _, edge := range a {
		s.glaze(sumi, flat(1), s.stroke(width, append(append([]pt{}, edge...), edge[0]), false))
	}
}

// line draws a line on the key block, thin where the knife comes and goes.
func (s *sheet) line(width float64, p []pt) { s.lineIn(sumi, 1, width, p) }

func (s *sheet) lineIn(i ink, c, width float64, p []pt) {
	s.glaze(i, flat(c), s.stroke(width, p, true))
}

// score cuts a line out of all blocks: it shows as paper.
func (s *sheet) score(width float64, p []pt) { s.blank(0, s.stroke(width, p, true)) }

// stroke turns a line into the area that a knife leaves standing: it wavers a
// little and is nowhere quite as wide as elsewhere.
func (s *sheet) stroke(width float64, p []pt, taper bool) shape {
	if len(p) < 2 {
		return nil
	}
	s.ragged++
	step := max(2.5, min(6, width*1.2))
	p = even(p, step)
	n := len(p)
	centre, side := make([]pt, n), make([]pt, n)
	corner := make([]bool, n)
	for i, q := range p {
		a, b := p[max(i-1, 0)], p[min(i+1, n-1)]
		dx, dy := b.X-a.X, b.Y-a.Y
		length := max(math.Hypot(dx, dy), 1e-9)
		along := float64(i) * step
		off := (noise(along/34, float64(s.ragged)*7.3) - 0.5) * min(2.6, width*0.5)
		radius := width / 2 * (0.72 + 0.56*noise(along/46, float64(s.ragged)*3.1+50))
		if taper {
			end := float64(min(i, n-1-i)) * step
			radius *= min(1, 0.3+end/(width*5+8))
		}
		nx, ny := -dy/length, dx/length
		centre[i] = pt{q.X + nx*off, q.Y + ny*off}
		side[i] = pt{nx * radius, ny * radius}
		corner[i] = i == 0 || i == n-1 || length < 1.8*step
	}
	// Neighbours share an edge, so that the line's own edge stays even; a disc
	// rounds off ends and corners only.
	var out shape
	for i := range n {
		if corner[i] {
			out = append(out, disc(centre[i].X, centre[i].Y, math.Hypot(side[i].X, side[i].Y))[0])
		}
		if i > 0 {
			a, b, m, n := centre[i-1], centre[i], side[i-1], side[i]
			out = append(out, []pt{
				{a.X - m.X, a.Y - m.Y}, {b.X - n.X, b.Y - n.Y}, {b.X + n.X, b.Y + n.Y}, {a.X + m.X, a.Y + m.Y},
			})
		}
	}
	return out
}

// cover calls do for each pixel that an area touches, with its coverage.
func (s *sheet) cover(a shape, do func(at int, c uint8, x, y float64)) {
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, line := range a {
		for _, p := range line {
			left, right = min(left, p.X), max(right, p.X)
			top, bottom = min(top, p.Y), max(bottom, p.Y)
		}
	}
	box := image.Rect(int(max(left, -9)), int(max(top, -9)), int(min(right, float64(s.w)))+1, int(min(bottom, float64(s.h)))+1)
	box = box.Intersect(image.Rect(0, 0, s.w, s.h))
	if len(a) == 0 || box.Empty() {
		return
	}
	s.raster.Reset(box.Dx(), box.Dy())
	for _, line := range a {
		for i, p := range line {
			x, y := float32(p.X-float64(box.Min.X)), float32(p.Y-float64(box.Min.Y))
			if i == 0 {
				s.raster.MoveTo(x, y)
			} else {
				s.raster.LineTo(x, y)
			}
		}
		s.raster.ClosePath()
	}
	mask := image.NewAlpha(image.Rect(0, 0, box.Dx(), box.Dy()))
	s.raster.DrawOp = draw.Src
	s.raster.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	for y := range box.Dy() {
		for x, c := range mask.Pix[y*mask.Stride : y*mask.Stride+box.Dx()] {
			if c > 0 {
				px, py := x+box.Min.X, y+box.Min.Y
				do(py*s.w+px, c, float64(px), float64(py))
			}
		}
	}
}
