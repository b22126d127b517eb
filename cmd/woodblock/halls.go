package main

import "math"

// councilHall: the chamber votes; hands go up against the high windows.
func councilHall(s *sheet) {
	s.glaze(ochre, bokashi(60, 0.62, 760, 0.30), rect(0, 0, 1600, 1067))
	// Five high windows, and the harbour behind them.
	for i := range 5 {
		x := 130 + 300*float64(i)
		if i == 2 {
			continue
		}
		arch := func(grow float64) shape {
			return shape{append(arc(x+70, 230, 86+grow, 110+grow, 180, 360), pt{x + 156 + grow, 560 + grow}, pt{x - 16 - grow, 560 + grow})}
		}
		s.blank(6, arch(16))
		s.solid(indigo, bokashi(130, 0.85, 430, 0.05), 4, arch(0))
		s.solid(indigo, flat(0.75), 2, rect(x-15, 500, 170, 58))
		s.solid(indigo, flat(0.4), 2, under(curve(x-15, 480, x+40, 452, x+90, 474, x+155, 446), 500))
		for _, bar := range []float64{28, 70, 112} {
			s.line(5, points(x+bar, 126, x+bar, 560))
		}
		for _, y := range []float64{250, 350, 450} {
			s.line(4, points(x-15, y, x+155, y))
		}
	}
	// The arms of the town above the chair.
	s.solid(vermilion, flat(0.92), 6, poly(660, 40, 940, 40, 940, 520, 660, 520))
	for x := 690.0; x < 940; x += 32 {
		s.lineIn(sumi, 0.5, 2.5, curve(x, 44, x-5, 250, x+3, 516))
	}
	s.blank(6, disc(800, 200, 104))
	s.solid(indigo, flat(0.95), 5, disc(800, 200, 86))
	for k := range 3 {
		y := 180 + float64(k)*34
		s.score(12, curve(730, y, 762, y-22, 794, y, 826, y-22, 870, y))
	}
	// Chair, mayor and desk.
	s.solid(sumi, flat(0.85), 5, shape{append(arc(800, 400, 64, 70, 180, 360), pt{864, 590}, pt{736, 590})})
	s.person(800, 690, 270, figure{coat: indigo, c: 0.95, bun: true, scarf: true, skirt: true})
	s.solid(ochre, flat(0.95), 6, poly(560, 560, 1040, 560, 1066, 690, 534, 690))
	s.line(3, points(556, 584, 1044, 584))
	for x := 600.0; x < 1040; x += 80 {
		s.line(3, points(x, 590, x-(800-x)*0.05, 684))
	}
	s.blank(3, poly(760, 552, 830, 548, 846, 566, 770, 568))
	// Four curved rows of members, seen from behind; the nearest are largest.
	vote := []int{1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0}
	for row := range 4 {
		near := float64(row)
		y, h, gap := 700+near*106, 150+near*52, 116+near*34.0
		bench := func(dy float64) []pt {
			return curve(-30, y+64+dy-near*10, 420, y+18+dy, 800, y+2+dy, 1180, y+18+dy, 1630, y+64+dy-near*10)
		}
		s.solid(ochre, bokashi(y, 0.95, y+140, 0.8), 5, under(bench(-h*0.20), 1100))
		s.solid(sumi, flat(0.55), 3, between(bench(-h*0.20), bench(-h*0.11)))
		for k := -8; k <= 8; k++ {
			x := 800 + float64(k)*gap + gap/2*float64(row%2)
			if x < 0 || x > 1610 {
				continue
			}
			arch := math.Pow((x-800)/800, 2) * 46
			f := s.anyone()
			f.hat, f.scarf = false, f.scarf && row > 1
			if f.coat == ochre {
				f.coat, f.c = indigo, 0.9
			}
			if n := vote[(k+8+row*5)%len(vote)]; n == 1 {
				f.arm = 1 - 2*((k+row)&1)
			}
			s.bust(x, y+arch+h*0.16, h, f)
		}
	}
}

// bust is a person from behind, sitting: head, shoulders, perhaps a hand up.
func (s *sheet) bust(x, y, h float64, f figure) {
	edge := max(2, h/50)
	at := func(a shape) shape { return a.put(x, y, h, h) }
	if f.arm != 0 {
		a := float64(f.arm)
		s.solid(f.coat, flat(f.c), edge, at(blob(0.12*a, -0.36, 0.2*a, -0.52, 0.22*a, -0.74, 0.31*a, -0.74, 0.32*a, -0.5, 0.26*a, -0.26)))
		s.blank(edge, at(blob(0.215*a, -0.74, 0.22*a, -0.84, 0.25*a, -0.9, 0.285*a, -0.9, 0.31*a, -0.83, 0.31*a, -0.74)))
		s.line(edge*0.7, place(points(0.265*a, -0.89, 0.265*a, -0.81), x, y, h, h))
	}
	s.solid(f.coat, flat(f.c), edge, at(blob(-0.07, -0.42, 0.07, -0.42, 0.24, -0.34, 0.31, -0.1, 0.31, 0.12, -0.31, 0.12, -0.31, -0.1, -0.24, -0.34)))
	s.line(edge*0.8, place(curve(-0.19, -0.2, -0.2, -0.08, -0.18, 0.1), x, y, h, h))
	s.line(edge*0.8, place(curve(0.19, -0.2, 0.2, -0.08, 0.18, 0.1), x, y, h, h))
	s.blank(edge, at(rect(-0.055, -0.46, 0.11, 0.08)))
	s.blank(edge, at(ellipse(0, -0.56, 0.115, 0.14)))
	s.solid(sumi, flat(0.95), edge, at(blob(-0.12, -0.52, -0.12, -0.64, 0, -0.72, 0.12, -0.64, 0.12, -0.52, 0.07, -0.46, -0.07, -0.46)))
	if f.bun {
		s.solid(sumi, flat(1), edge, at(disc(0, -0.7, 0.055)))
	}
}

// crowdSquare: the town has come to the square, up to the foot of the tower.
func crowdSquare(s *sheet) {
	s.sky(indigo, 0.9, 470)
	s.wash(vermilion, 300, 0, 620, 0.30)
	s.mist(90, 210, 420, 30)
	s.mist(1120, 160, 400, 30)
	s.roofs(-20, 560, 560, 150, true)
	s.roofs(1010, 1620, 560, 150, true)
	// Tower.
	s.solid(ochre, flat(0.55), 6, poly(640, 560, 660, 214, 900, 214, 920, 560))
	s.solid(indigo, flat(0.9), 6, shape{curve(612, 222, 700, 176, 736, 100, 780, 52, 824, 100, 860, 176, 948, 222)})
	for _, x := range []float64{-110, -66, -22, 22, 66, 110} {
		s.line(2.2, curve(780, 60, 780+x*0.45, 140, 780+x*1.3, 214))
	}
	s.blank(5, disc(780, 312, 66))
	s.line(6, points(780, 312, 780, 262))
	s.line(6, points(780, 312, 814, 330))
	for k := range 12 {
		sin, cos := math.Sincos(float64(k) * math.Pi / 6)
		s.line(4, points(780+52*cos, 312+52*sin, 780+60*cos, 312+60*sin))
	}
	for _, x := range []float64{690, 762, 834} {
		s.solid(sumi, flat(0.85), 3, shape{append(arc(x+18, 440, 18, 22, 180, 360), pt{x + 36, 530}, pt{x, 530})})
	}
	// Strings of lanterns to the corners.
	for _, end := range [][2]float64{{40, 190}, {1560, 190}} {
		string := curve(780, 110, (780+end[0])/2, (110+end[1])/2+86, end[0], end[1])
		s.line(2.6, string)
		for i, p := range even(string, 78) {
			if i > 0 {
				s.lantern(p.X, p.Y+6, 19)
			}
		}
	}
	s.solid(ochre, flat(0.24), 0, rect(0, 556, 1600, 600))
	// The crowd, row behind row.
	for y := 574.0; y < 1140; {
		near := (y - 560) / 500
		h := 50 + 180*near
		for x := s.roll(-h*0.4, 0); x < 1610; x += h * s.roll(0.29, 0.44) {
			f := s.anyone()
			if roll := s.roll(0, 1); roll < 0.10 {
				f.arm = 1
			} else if roll < 0.16 {
				f.arm = -1
			}
			s.person(x, y+s.roll(-h*0.05, h*0.05)+h*0.3, h, f)
		}
		if near > 0.16 && near < 0.62 {
			x := s.roll(180, 1300)
			s.banner(x, y-h*0.9, h)
		}
		y += 15 + 58*near
	}
}

// banner is carried on two poles; its marks say nothing that can be read.
func (s *sheet) banner(x, y, h float64) {
	w := h * 1.7
	s.line(h/22, points(x, y-h*0.42, x, y+h*0.9))
	s.line(h/22, points(x+w, y-h*0.42, x+w, y+h*0.9))
	s.solid(vermilion, flat(0.95), h/38, shape{append(curve(x, y-h*0.4, x+w/2, y-h*0.36, x+w, y-h*0.41), curve(x+w, y+h*0.02, x+w/2, y+h*0.06, x, y)...)})
	for k := range 6 {
		px := x + w*(0.1+0.14*float64(k))
		s.score(h/26, points(px, y-h*0.28, px+w*0.07, y-h*0.28))
		s.score(h/26, points(px+w*0.035, y-h*0.32, px+w*0.03, y-h*0.08))
		s.score(h/30, points(px, y-h*0.17+s.roll(-5, 5), px+w*0.075, y-h*0.15))
	}
}

// lantern is paper on ribs, with r its half width; it hangs from its top.
func (s *sheet) lantern(x, y, r float64) {
	s.solid(vermilion, flat(0.9), max(1.8, r/9), ellipse(x, y+r*1.25, r, r*1.2))
	for k := range 3 {
		yy := y + r*(0.65+0.6*float64(k))
		s.line(max(1.2, r/15), curve(x-r*0.86, yy, x, yy+r*0.14, x+r*0.86, yy))
	}
	s.solid(sumi, flat(1), 0, rect(x-r*0.4, y-r*0.05, r*0.8, r*0.22))
	s.solid(sumi, flat(1), 0, rect(x-r*0.4, y+r*2.32, r*0.8, r*0.22))
}
