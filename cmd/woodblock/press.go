package main

import (
	"image"
	"image/color"
	"math"
)

// margin is the width of bare paper around a print.
const margin = 34.0

// pots are the workshop's colours, in the order of the inks.
func pots() [inks][3]float64 {
	return [inks][3]float64{
		sumi:      {27, 26, 24},
		indigo:    {31, 61, 102},
		vermilion: {186, 52, 28},
		ochre:     {206, 156, 72},
		green:     {92, 116, 78},
	}
}

// print frames and seals the sheet, then presses each block onto paper: every
// ink a little beside its place, thinner where the wood's grain stands out.
func (s *sheet) print() *image.RGBA {
	s.frame()
	s.seal()
	pots := pots()
	type shift struct{ x, y int }
	var shifts [inks]shift
	for i := range shifts {
		angle := s.roll(0, 2*math.Pi)
		shifts[i] = shift{int(math.Round(2.6 * math.Cos(angle))), int(math.Round(2.6 * math.Sin(angle)))}
	}
	shifts[sumi] = shift{}

	out := image.NewRGBA(image.Rect(0, 0, s.w, s.h))
	phase := s.roll(0, 100)
	for y := range s.h {
		for x := range s.w {
			fx, fy := float64(x), float64(y)
			paper := 1 + 0.022*(noise(fx/90+phase, fy/70)-0.5)
			rgb := [3]float64{249 * paper, 244 * paper, 233 * paper}
			warp := 1.4 * noise(fx/300+phase, fy/160)
			grain := noise(fx/300+phase, fy/9+warp*6)*0.75 + noise(fx/170, fy/5+warp*9)*0.25
			for _, i := range []ink{ochre, green, vermilion, indigo, sumi} {
				sx, sy := x-shifts[i].x, y-shifts[i].y
				if sx < 0 || sy < 0 || sx >= s.w || sy >= s.h {
					continue
				}
				c := float64(s.blocks[i][sy*s.w+sx]) / 255
				if c == 0 {
					continue
				}
				depth := 0.26
				if i == sumi {
					depth = 0.10
				}
				c *= 1 - depth*max(0, grain-0.42)/0.58
				for k := range rgb {
					rgb[k] *= 1 - c*(1-pots[i][k]/255)
				}
			}
			out.SetRGBA(x, y, color.RGBA{clamp(rgb[0]), clamp(rgb[1]), clamp(rgb[2]), 255})
		}
	}
	return soak(out)
}

// soak lets the ink run into the paper by half a pixel to each side.
func soak(img *image.RGBA) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	copy(out.Pix, img.Pix)
	for y := 1; y < img.Rect.Dy()-1; y++ {
		for x := 1; x < img.Rect.Dx()-1; x++ {
			i := y*img.Stride + 4*x
			for c := i; c < i+3; c++ {
				p := func(d int) int { return int(img.Pix[c+d]) }
				cross := p(-4) + p(4) + p(-img.Stride) + p(img.Stride)
				corner := p(-4-img.Stride) + p(4-img.Stride) + p(-4+img.Stride) + p(4+img.Stride)
				out.Pix[c] = uint8((4*p(0) + 2*cross + corner + 8) / 16)
			}
		}
	}
	return out
}

func clamp(v float64) uint8 { return uint8(min(max(v+0.5, 0), 255)) }

// frame clears the margin and draws the key block's border.
func (s *sheet) frame() {
	w, h, m := float64(s.w), float64(s.h), margin
	for _, edge := range []shape{rect(0, 0, w, m), rect(0, h-m, w, m), rect(0, 0, m, h), rect(w-m, 0, m, h)} {
		s.blank(0, edge)
	}
	s.outline(5, rect(m, m, w-2*m, h-2*m))
}

// seal prints the workshop's mark into the lower right corner: the first
// character of "kawaraban", a roof tile, cut out of vermilion.
func (s *sheet) seal() {
	const size = 54.0
	x, y := float64(s.w)-margin-size-20, float64(s.h)-margin-size-20
	s.blank(0, rect(x-5, y-5, size+10, size+10))
	s.glaze(vermilion, flat(0.96), blob(x+2, y+3, x+size/2, y-1, x+size-2, y+2, x+size+1, y+size/2, x+size-3, y+size-1,
		x+size/2, y+size+1, x+2, y+size-2, x-1, y+size/2))
	for _, stroke := range [][]pt{
		points(11, 12, 43, 12), points(21, 12, 15, 41, 27, 36), points(20, 22, 36, 22), points(35, 22, 36, 36, 39, 42, 45, 42, 45, 36),
		points(24, 27, 29, 32),
	} {
		s.score(4.6, place(stroke, x, y, 1, 1))
	}
}

// noise is smooth chance between 0 and 1 over the plane, the same each time.
func noise(x, y float64) float64 {
	x0, y0 := math.Floor(x), math.Floor(y)
	tx, ty := x-x0, y-y0
	tx, ty = tx*tx*(3-2*tx), ty*ty*(3-2*ty)
	a, b := lattice(int64(x0), int64(y0)), lattice(int64(x0)+1, int64(y0))
	c, d := lattice(int64(x0), int64(y0)+1), lattice(int64(x0)+1, int64(y0)+1)
	return (a+(b-a)*tx)*(1-ty) + (c+(d-c)*tx)*ty
}

func lattice(x, y int64) float64 {
	h := uint64(x)*0x9e3779b97f4a7c15 ^ uint64(y)*0xc2b2ae3d27d4eb4f
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 32
	return float64(h&0xffffff) / 0xffffff
}
