package main

import "math"

// Motifs are what the workshop cuts again and again: sky, sea, hills, mist,
// roofs, people. A scene is made of them and of what only it has.

// wash lays one ink over the whole sheet between two heights, c0 above, c1 below.
func (s *sheet) wash(i ink, y0, c0, y1, c1 float64) {
	s.glaze(i, bokashi(y0, c0, y1, c1), rect(0, min(y0, 0), float64(s.w), float64(s.h)))
}

// sky is the classic one: a band of ink at the very top, then a long fade.
func (s *sheet) sky(i ink, c, fade float64) {
	s.wash(i, 60, c, fade, 0)
}

// sea fills from the horizon down with rows of waves that grow as they come
// nearer, cut out of a blue that deepens.
func (s *sheet) sea(top, bottom, c0, c1 float64) {
	w := float64(s.w)
	s.solid(indigo, bokashi(top, c0, bottom, c1), 0, rect(0, top, w, bottom-top))
	s.line(2.5, points(0, top, w, top))
	for y, row := top+7.0, 0; y < bottom; row++ {
		near := (y - top) / (bottom - top + 1)
		size := 12 + 74*near
		for x := s.roll(-size*3, 0); x < w; x += size * s.roll(1.5, 3.8) {
			crest := curve(x, y, x+size*0.35, y-size*0.10, x+size*0.6, y+size*0.02, x+size, y-size*0.05)
			if s.roll(0, 1) < 0.55 {
				s.score(1.6+3.2*near, crest)
			} else {
				s.lineIn(indigo, 0.95, 1.8+3.4*near, crest)
			}
		}
		y += 7 + 30*near
	}
}

// ridge is a line of hills across the sheet.
func (s *sheet) ridge(y, height, length float64) []pt {
	seed := s.roll(0, 1000)
	var line []pt
	for x := -10.0; x <= float64(s.w)+10; x += 8 {
		n := 0.72*noise(x/length, seed) + 0.22*noise(x/length*2.7, seed+9) + 0.06*noise(x/length*9, seed+20)
		line = append(line, pt{x, y - height*n})
	}
	return line
}

// hills draws a ridge filled down to a depth.
func (s *sheet) hills(i ink, t tone, outline, y, height, length, depth float64) {
	line := s.ridge(y, height, length)
	s.solid(i, t, 0, under(line, depth))
	if outline > 0 {
		s.line(outline, line)
	}
}

// mist is the band with round ends that the old masters let drift through a
// scene.
func (s *sheet) mist(x, y, w, h float64) {
	band := func(x, y, w, h float64) shape {
		r := h / 2
		left := arc(x+r, y+r, r, r, 90, 270)
		return shape{append(left, arc(x+w-r, y+r, r, r, -90, 90)...)}
	}
	s.blank(0, band(x, y, w, h))
	s.blank(0, band(x+w*0.22, y+h*0.8, w*0.62, h*0.8))
	s.blank(0, band(x+w*0.12, y-h*0.62, w*0.45, h*0.8))
}

// rain falls over everything, slanting by lean pixels on its way down.
func (s *sheet) rain(count int, lean float64) {
	for range count {
		x, y := s.roll(-200, float64(s.w)+200), s.roll(-150, float64(s.h))
		length := s.roll(0.16, 0.42)
		s.lineIn(sumi, 0.75, s.roll(1.3, 2.2), points(x, y, x+lean*length, y+900*length))
	}
}

// snow lets paper show in flakes; those nearer are larger.
func (s *sheet) snow(count int, top, bottom float64) {
	for range count {
		r := s.roll(1.6, 6.5)
		s.blank(0, disc(s.roll(0, float64(s.w)), s.roll(top, bottom), r*s.roll(0.8, 1)))
	}
}

// stars are small cuts in a dark sky.
func (s *sheet) stars(count int, bottom float64) {
	for range count {
		s.blank(0, disc(s.roll(40, float64(s.w)-40), s.roll(45, bottom), s.roll(1, 3.2)))
	}
}

// gull is a bird of two strokes.
func (s *sheet) gull(x, y, size float64) {
	wings := shape{append(curve(x-size, y-size*0.28, x-size*0.5, y-size*0.42, x, y),
		curve(x, y, x+size*0.5, y-size*0.46, x+size, y-size*0.22, x+size*0.5, y-size*0.26, x, y+size*0.2, x-size*0.5, y-size*0.22)...)}
	s.blank(max(1.8, size/22), wings)
}

// house is a gable seen from its long side: wall, tiled roof, windows, maybe lit.
func (s *sheet) house(x, y, w, h float64, roof ink, c float64, lit bool) {
	wall := h * 0.56
	s.solid(ochre, flat(0.12), 2.6, rect(x, y-wall, w, wall))
	glass, light := indigo, 0.75
	if lit {
		glass, light = ochre, 0.95
	}
	n := max(1, int(w/46))
	for i := range n {
		cx := x + w*(float64(i)+0.5)/float64(n)
		s.solid(glass, flat(light), 2, rect(cx-8, y-wall*0.72, 16, wall*0.4))
		s.line(1.6, points(cx, y-wall*0.72, cx, y-wall*0.32))
	}
	eave := w * 0.07
	s.solid(roof, flat(c), 3, poly(x-eave, y-wall+2, x+w*0.1, y-h, x+w*0.9, y-h, x+w+eave, y-wall+2))
	for i := 1; i < int(w/13); i++ {
		t := float64(i) * 13 / w
		s.line(1.3, points(x+w*0.1+w*0.8*t, y-h+2, x-eave+(w+2*eave)*t, y-wall))
	}
	s.line(4, points(x+w*0.08, y-h, x+w*0.92, y-h))
}

// roofs is a street of houses side by side.
func (s *sheet) roofs(x0, x1, y, size float64, lit bool) {
	for x := x0; x < x1; {
		w := size * s.roll(0.9, 1.7)
		tones := []ink{indigo, sumi, indigo, vermilion}
		roof := tones[s.dice.IntN(len(tones))]
		c := map[ink]float64{indigo: 0.8, sumi: 0.55, vermilion: 0.75}[roof]
		s.house(x, y+s.roll(-4, 4), w, size*s.roll(0.8, 1.25), roof, c, lit)
		x += w * 1.04
	}
}

// A figure is how a person is dressed and stands.
type figure struct {
	coat     ink
	c        float64
	umbrella ink // sumi for none
	hat      bool
	arm      int // -1 or 1 raises that one
	skirt    bool
	walk     float64 // how far apart the feet are
	scarf    bool
	bun      bool
	plain    bool // cloth without a pattern
}

// anyone dresses a passer-by.
func (s *sheet) anyone() figure {
	coats := []ink{indigo, indigo, sumi, ochre, green, vermilion}
	tones := []float64{0.85, 0.45, 0.75, 0.7, 0.8, 0.85}
	i := s.dice.IntN(len(coats))
	return figure{
		coat: coats[i], c: tones[i], hat: s.roll(0, 1) < 0.22, skirt: s.roll(0, 1) < 0.4, bun: s.roll(0, 1) < 0.35,
		scarf: coats[i] != vermilion && s.roll(0, 1) < 0.3, walk: s.roll(0.2, 1),
	}
}

// person stands with the feet at x, y and is h pixels tall.
func (s *sheet) person(x, y, h float64, f figure) {
	edge := max(1.7, min(h/50, 5))
	at := func(a shape) shape { return a.put(x, y, h, h) }
	line := func(width float64, p []pt) { s.line(width, place(p, x, y, h, h)) }
	step := 0.035 + 0.05*f.walk
	if f.skirt {
		line(h*0.045, points(-0.05, -0.2, -0.05, -0.01))
		line(h*0.045, points(0.06, -0.2, 0.06, -0.01))
	} else {
		s.solid(sumi, flat(0.9), 0, at(poly(-0.12, -0.4, 0.02, -0.4, -step+0.02, 0, -step-0.07, 0)))
		s.solid(sumi, flat(0.9), 0, at(poly(-0.02, -0.4, 0.12, -0.4, step+0.07, 0, step-0.01, 0)))
	}
	hem, wide := -0.3, 0.15
	if f.skirt {
		hem, wide = -0.16, 0.19
	}
	if f.arm != 0 {
		a := float64(f.arm)
		s.solid(f.coat, flat(f.c), edge, at(blob(0.09*a, -0.74, 0.17*a, -0.86, 0.21*a, -1.04, 0.26*a, -1.03, 0.25*a, -0.84, 0.17*a, -0.66)))
		s.blank(edge, at(disc(0.24*a, -1.07, 0.035)))
	}
	s.solid(f.coat, flat(f.c), edge, at(blob(-0.06, -0.79, 0.06, -0.79, 0.145, -0.73, 0.165, -0.5, wide, hem, 0, hem+0.02, -wide, hem, -0.165, -0.5, -0.145, -0.73)))
	if h > 130 && !f.plain {
		s.cloth(x, y, h, hem)
	}
	if h > 60 {
		line(edge*0.8, curve(-0.09, -0.68, -0.1, -0.54, -0.08, -0.42))
		line(edge*0.8, curve(0.09, -0.68, 0.1, -0.54, 0.08, -0.42))
		line(edge*0.8, points(0, -0.72, 0.005, hem+0.03))
	}
	s.blank(edge, at(ellipse(0, -0.87, 0.066, 0.082)))
	if h > 130 {
		look := s.roll(-0.012, 0.012)
		line(edge*0.55, curve(look-0.034, -0.868, look-0.024, -0.874, look-0.012, -0.868))
		line(edge*0.55, curve(look+0.012, -0.868, look+0.024, -0.874, look+0.036, -0.868))
		line(edge*0.5, curve(look+0.002, -0.862, look+0.008, -0.842, look-0.002, -0.838))
		line(edge*0.5, curve(look-0.014, -0.818, look, -0.814, look+0.016, -0.819))
	}
	switch {
	case f.hat:
		s.solid(f.coat, flat(min(1, f.c+0.15)), edge, at(blob(-0.12, -0.9, -0.06, -0.965, 0.06, -0.965, 0.12, -0.9, 0, -0.915)))
	default:
		s.solid(sumi, flat(1), 0, at(blob(-0.07, -0.85, -0.068, -0.93, 0, -0.962, 0.068, -0.93, 0.07, -0.85, 0.03, -0.9, -0.03, -0.905)))
		if f.bun {
			s.solid(sumi, flat(1), 0, at(disc(0.02, -0.97, 0.034)))
		}
	}
	if f.scarf {
		s.solid(vermilion, flat(0.95), edge*0.8, at(blob(-0.08, -0.8, 0, -0.775, 0.08, -0.8, 0.07, -0.755, 0.05, -0.745, 0.06, -0.62, 0.02, -0.62, 0.015, -0.745, -0.07, -0.755)))
	}
	if f.umbrella != sumi {
		s.umbrella(x+h*0.05, y-h*0.98, h*0.42, f.umbrella)
		line(edge, points(0.05, -0.98, 0.07, -0.62))
	}
}

// cloth cuts a pattern into a coat: stripes, dots or checks, or none.
func (s *sheet) cloth(x, y, h, hem float64) {
	top, low := -0.70, hem-0.06
	switch s.dice.IntN(5) {
	case 0:
		for k := range 7 {
			px := -0.105 + 0.035*float64(k)
			s.score(h*0.007, place(points(px, top, px*1.15, low), x, y, h, h))
		}
	case 1:
		for py := top + 0.02; py < low; py += 0.055 {
			for k := range 5 {
				px := -0.11 + 0.055*float64(k) + 0.0275*math.Mod(math.Round((py-top)/0.055), 2)
				s.blank(0, disc(x+px*h, y+py*h, h*0.008))
			}
		}
	case 2:
		for py := top + 0.03; py < low; py += 0.06 {
			s.score(h*0.006, place(points(-0.125, py, 0.125, py), x, y, h, h))
		}
		for k := range 4 {
			px := -0.09 + 0.06*float64(k)
			s.score(h*0.006, place(points(px, top, px, low), x, y, h, h))
		}
	}
}

// umbrella is an oiled paper one, from the side, its rim at y.
func (s *sheet) umbrella(x, y, r float64, i ink) {
	rim := []pt{}
	const panels = 6
	for p := range panels {
		a, b := -1+2*float64(p)/panels, -1+2*float64(p+1)/panels
		rim = append(rim, curve(a, 0.04*math.Abs(a), (a+b)/2, -0.045, b, 0.04*math.Abs(b))...)
	}
	dome := append(curve(-1, 0.04, -0.82, -0.3, -0.42, -0.55, 0, -0.66, 0.42, -0.55, 0.82, -0.3, 1, 0.04), reverse(rim)...)
	edge := max(1.8, r/26)
	s.solid(i, flat(0.9), edge, shape{dome}.put(x, y, r, r))
	for p := 1; p < panels; p++ {
		a := -1 + 2*float64(p)/panels
		s.line(edge*0.7, place(curve(0, -0.66, a*0.62, -0.42, a, 0.02), x, y, r, r))
	}
	s.line(edge*1.6, points(x, y-r*0.64, x, y-r*0.76))
}

func reverse(p []pt) []pt {
	out := make([]pt, len(p))
	for i, q := range p {
		out[len(p)-1-i] = q
	}
	return out
}

// pine is a tree of flat cushions on a leaning trunk, size tall, rooted at x, y.
func (s *sheet) pine(x, y, size, lean float64) {
	s.solid(ochre, flat(0.75), max(2.2, size/70), shape{append(
		curve(x-size*0.05, y, x-size*0.01+lean*0.3, y-size*0.4, x+lean, y-size*0.9),
		reverse(curve(x+size*0.06, y, x+size*0.04+lean*0.35, y-size*0.4, x+lean+size*0.015, y-size*0.9))...)})
	for _, c := range [][4]float64{{-0.28, -0.5, 0.26, 0.085}, {0.3, -0.6, 0.27, 0.09}, {-0.2, -0.75, 0.24, 0.085}, {0.2, -0.85, 0.2, 0.075}, {0, -0.99, 0.19, 0.085}} {
		px, py := x+lean*-c[1]+c[0]*size, y+c[1]*size
		s.foliage(green, 0.95, px, py, c[2]*size, c[3]*size)
	}
}

// foliage is one cushion of leaves, with the marks of needles.
func (s *sheet) foliage(i ink, c, x, y, rx, ry float64) {
	var edge []float64
	const bumps = 11
	for b := range bumps {
		sin, cos := math.Sincos(2 * math.Pi * float64(b) / bumps)
		k := s.roll(0.88, 1.16)
		edge = append(edge, x+rx*cos*k, y+ry*sin*k)
	}
	s.solid(i, flat(c), max(2, rx/26), blob(edge...))
	for range int(rx / 7) {
		px, py := x+s.roll(-0.75, 0.75)*rx, y+s.roll(-0.3, 0.6)*ry
		s.line(1.5, points(px, py, px+s.roll(-4, 4), py-ry*0.4))
	}
}

// smoke is a plume that grows and drifts from a funnel.
func (s *sheet) smoke(x, y, length, size float64, i ink, c float64) {
	a, b := []pt{}, []pt{}
	for k := range 15 {
		t := float64(k) / 14
		px, py := x+length*t, y-math.Abs(length)*0.24*math.Sqrt(t)-size*0.4*math.Sin(t*9)*t
		r := size * (0.12 + t*0.9*(1-0.35*t)) * math.Sqrt(1.001-math.Pow(t, 6))
		wobble := 0.75 + 0.5*noise(t*9, size)
		a = append(a, pt{px, py - r*wobble})
		b = append(b, pt{px, py + r*(1.5-wobble)*0.7})
	}
	s.solid(i, flat(c), 3, between(smooth(a, false), smooth(b, false)))
}
