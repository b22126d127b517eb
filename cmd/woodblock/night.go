package main

import "math"

// nightStreet: lanterns over a wet street, seen down its length.
func nightStreet(s *sheet) {
	s.wash(indigo, 40, 1, 900, 0.55)
	s.wash(sumi, 40, 0.4, 500, 0)
	s.blank(0, disc(800, 230, 62))
	s.glaze(ochre, flat(0.25), disc(800, 230, 62))
	// Houses step down to the vanishing point on both sides.
	for k := range 5 {
		t := float64(k) / 5 // far to near
		inner, outer := 690-620*t, 690-620*(t+0.2)
		top, top2 := 400-330*t, 400-330*(t+0.2)
		foot, foot2 := 620+330*t, 620+330*(t+0.2)
		for _, mirror := range []float64{1, -1} {
			x := func(v float64) float64 { return 800 + (v-800)*mirror }
			wall := poly(x(inner), top+40, x(outer), top2+40, x(outer), foot2, x(inner), foot)
			c := ochre
			if k%2 == 1 {
				c = sumi
			}
			s.solid(c, flat(0.5), 5, wall)
			s.solid(indigo, flat(1), 5, poly(x(inner+14), top+50, x(inner), top+4, x(outer), top2+4, x(outer+30), top2+60))
			// A lit door and a lit window above.
			m := func(a, b, u float64) float64 { return a + (b-a)*u }
			for _, w := range [][4]float64{{0.18, 0.42, 0.62, 1}, {0.56, 0.84, 0.62, 0.84}, {0.2, 0.8, 0.3, 0.46}} {
				ax, bx := m(inner, outer, w[0]), m(inner, outer, w[1])
				ya := func(u, v float64) float64 { return m(m(top+40, top2+40, u), m(foot, foot2, u), v) }
				s.solid(ochre, flat(0.95), 4, poly(x(ax), ya(w[0], w[2]), x(bx), ya(w[1], w[2]), x(bx), ya(w[1], w[3]), x(ax), ya(w[0], w[3])))
				mid := (ax + bx) / 2
				s.line(3, points(x(mid), ya((w[0]+w[1])/2, w[2]), x(mid), ya((w[0]+w[1])/2, w[3])))
			}
			s.lantern(x(m(inner, outer, 0.5)+26*(0.4+t)), m(top, top2, 0.5)+70+60*t, 15+36*t)
		}
	}
	// The street is wet.
	s.solid(indigo, bokashi(600, 0.45, 1060, 0.85), 4, poly(690, 620, 910, 620, 1530, 1090, 70, 1090))
	for k := range 26 {
		y := 640 + float64(k)*17
		w := (y - 600) * 0.9
		px := 800 + s.roll(-1, 1)*w*0.7
		half := 14 + (y-620)*0.14
		line := points(px-half, y, px+half, y)
		s.score(4+(y-600)*0.012, line)
		if k%2 == 0 {
			s.lineIn([]ink{ochre, vermilion}[k/2%2], 0.9, 4+(y-600)*0.012, line)
		}
	}
	s.person(760, 650, 74, s.anyone())
	s.person(850, 690, 110, s.anyone())
	s.person(640, 800, 210, figure{coat: vermilion, c: 0.9, skirt: true, bun: true, umbrella: ochre})
	s.person(1010, 960, 390, figure{coat: indigo, c: 1, hat: true, walk: 1, scarf: true})
	s.person(460, 1040, 440, figure{coat: green, c: 0.85, skirt: true, bun: true, umbrella: vermilion})
}

// snowStreet: the first snow, and one set of footprints.
func snowStreet(s *sheet) {
	s.wash(indigo, 40, 0.75, 640, 0.25)
	s.wash(sumi, 40, 0.30, 700, 0.05)
	s.blank(4, under(curve(-20, 520, 300, 440, 620, 500, 980, 420, 1300, 500, 1640, 430), 800))
	s.glaze(indigo, flat(0.12), under(curve(-20, 560, 400, 500, 900, 540, 1640, 500), 800))
	for i, h := range [][3]float64{{-40, 640, 300}, {290, 620, 220}, {1090, 620, 230}, {1340, 650, 320}} {
		s.snowHouse(h[0], h[1], h[2], i%2 == 0)
	}
	s.blank(4, under(curve(-20, 690, 400, 630, 800, 616, 1200, 632, 1640, 700), 1110))
	s.glaze(indigo, bokashi(620, 0.20, 820, 0), under(curve(-20, 690, 400, 630, 800, 616, 1200, 632, 1640, 700), 1110))
	for k := range 13 {
		t := float64(k) / 13
		x := 800 + 130*math.Sin(t*3.1) - 130*t
		y := 700 + 360*t*t + 40*t
		size := 6 + 18*t
		s.solid(indigo, flat(0.55), 0, ellipse(x-size, y, size*0.7, size*0.45))
		s.solid(indigo, flat(0.55), 0, ellipse(x+size, y+size*1.4, size*0.7, size*0.45))
	}
	s.person(808, 690, 210, figure{coat: vermilion, c: 0.95, umbrella: ochre, skirt: true})
	s.blank(0, blob(722, 462, 760, 425, 812, 408, 868, 425, 902, 462, 860, 448, 812, 440, 764, 448))
	// A bare tree with snow on its arms.
	for _, b := range [][]float64{{1240, 1000, 1230, 760, 1260, 520, 1250, 330}, {1250, 640, 1330, 520, 1420, 450}, {1240, 720, 1150, 590, 1080, 520}, {1256, 500, 1190, 400, 1170, 330}, {1330, 520, 1420, 520, 1480, 480}, {1150, 592, 1120, 640, 1060, 650}, {1192, 410, 1140, 380, 1110, 390}, {1180, 640, 1130, 560, 1120, 480}, {1256, 560, 1300, 470, 1310, 420}, {1420, 450, 1460, 400, 1470, 350}, {1254, 450, 1320, 350, 1330, 290}, {1340, 510, 1370, 430, 1360, 380}} {
		line := curve(b...)
		if len(b) == 8 {
			s.solid(sumi, flat(1), 0, between(place(line, -6, 0, 1, 1), curve(1272, 1010, 1256, 760, 1272, 520, 1254, 330)))
			s.score(6, place(line, -8, 0, 1, 1))
			continue
		}
		s.line(12, line)
		s.score(7, place(line, -2, -7, 1, 1))
	}
	s.blank(4, blob(1130, 1020, 1200, 984, 1260, 970, 1330, 986, 1400, 1020, 1270, 1034))
	s.blank(0, rect(1120, 1008, 290, 40))
	s.lantern(460, 470, 30)
	s.line(4, points(460, 472, 460, 430))
	s.snow(520, 40, 1060)
}

func (s *sheet) snowHouse(x, y, w float64, lit bool) {
	h := w * 0.62
	s.solid(ochre, flat(0.65), 5, rect(x, y-h*0.55, w, h*0.75))
	n := max(2, int(w/85))
	for k := range n {
		wx := x + w*(float64(k)+0.5)/float64(n) - w*0.07
		c := 0.25
		if lit || k == 1 {
			c = 1
		}
		s.blank(3, rect(wx, y-h*0.36, w*0.14, h*0.27))
		s.glaze(ochre, flat(c), rect(wx, y-h*0.36, w*0.14, h*0.27))
		s.line(3, points(wx+w*0.07, y-h*0.36, wx+w*0.07, y-h*0.09))
		s.line(3, points(wx, y-h*0.23, wx+w*0.14, y-h*0.23))
	}
	s.blank(6, shape{curve(x-w*0.1, y-h*0.42, x+w*0.02, y-h*0.66, x+w*0.2, y-h*1.02, x+w*0.5, y-h*1.10, x+w*0.8, y-h*1.02, x+w*0.98, y-h*0.66, x+w*1.1, y-h*0.42, x+w*0.8, y-h*0.47, x+w*0.5, y-h*0.44, x+w*0.2, y-h*0.47, x-w*0.1, y-h*0.42)})
	s.glaze(indigo, flat(0.25), shape{curve(x+w*0.5, y-h*0.5, x+w*0.8, y-h*0.55, x+w*1.05, y-h*0.45, x+w*0.8, y-h*0.48, x+w*0.5, y-h*0.45)})
}

// bookshop: its window is the only light in the lane, with a cat in it.
func bookshop(s *sheet) {
	s.glaze(indigo, bokashi(40, 1, 1000, 0.7), rect(0, 0, 1600, 1067))
	for y := 60.0; y < 900; y += 46 {
		s.lineIn(sumi, 0.6, 2.5, points(40, y, 1560, y))
		for x := 60 + math.Mod(y, 92); x < 1560; x += 110 {
			s.lineIn(sumi, 0.6, 2.2, points(x, y, x, y+46))
		}
	}
	s.solid(green, flat(0.95), 7, rect(190, 130, 1220, 780))
	s.solid(sumi, flat(0.75), 5, rect(230, 170, 1140, 110))
	for k := range 9 { // the name in gilt strokes
		x := 330 + float64(k)*106
		for _, stroke := range [][]pt{points(0, 10, 46, 10), points(22, -6, 20, 56), points(2, 34, 44, 30), points(6+s.roll(0, 30), 16, 10+s.roll(0, 20), 52)} {
			line := place(stroke, x, 200, 1, 1)
			s.score(7, line)
			s.lineIn(ochre, 0.9, 7, line)
		}
	}
	s.blank(7, rect(250, 310, 700, 520))
	s.glaze(ochre, bokashi(310, 0.85, 830, 0.45), rect(250, 310, 700, 520))
	inks := []ink{vermilion, indigo, green, sumi, ochre}
	for row := range 4 {
		y := 440 + float64(row)*126
		s.solid(ochre, flat(1), 4, rect(254, y-8, 692, 14))
		for x := 268.0; x < 920; {
			if row == 3 && x > 520 && x < 780 {
				x = 780
				continue
			}
			w, h := s.roll(13, 30), s.roll(66, 104)
			s.solid(inks[s.dice.IntN(5)], flat(0.9), 2.6, rect(x, y-8-h, w, h))
			if w > 20 {
				s.score(2.5, points(x+4, y-h+8, x+w-4, y-h+8))
			}
			x += w + 2
		}
	}
	s.cat(650, 812, 150)
	s.line(6, points(484, 312, 484, 828))
	s.line(6, points(716, 312, 716, 690))
	// Door.
	s.solid(vermilion, flat(0.92), 6, rect(1030, 310, 300, 600))
	s.blank(5, rect(1064, 344, 232, 330))
	s.glaze(ochre, bokashi(344, 0.8, 674, 0.5), rect(1064, 344, 232, 330))
	s.line(5, points(1180, 346, 1180, 672))
	s.line(5, points(1066, 500, 1294, 500))
	s.solid(ochre, flat(1), 3, disc(1298, 720, 13))
	s.solid(sumi, flat(0.35), 5, poly(-10, 910, 1610, 910, 1610, 1080, -10, 1080))
	s.glaze(ochre, flat(0.75), poly(250, 916, 950, 916, 1060, 1080, 160, 1080))
	s.person(1180, 1000, 400, figure{coat: indigo, c: 0.75, hat: true, scarf: true, walk: 0.7})
	s.solid(ochre, flat(0.8), 4, rect(330, 860, 230, 120))
	for x := 342.0; x < 540; x += 26 {
		s.solid(inks[s.dice.IntN(4)], flat(0.9), 2.4, rect(x, 820+s.roll(0, 16), 22, 60))
	}
	s.lantern(100, 300, 44)
	s.line(5, points(100, 304, 100, 250, 190, 250))
}

// cat sits with its tail around its feet; h is its height.
func (s *sheet) cat(x, y, h float64) {
	at := func(a shape) shape { return a.put(x, y, h, h) }
	edge := max(3, h/60)
	body := blob(-0.30, 0, -0.34, -0.25, -0.22, -0.5, -0.15, -0.62, 0.13, -0.62, 0.24, -0.45, 0.33, -0.2, 0.30, 0)
	head := shape{append(curve(-0.2, -0.7, -0.23, -0.86, -0.2, -1.02, -0.1, -0.93, 0.06, -0.93, 0.16, -1.02, 0.19, -0.86, 0.17, -0.7), curve(0.1, -0.61, -0.02, -0.58, -0.13, -0.61)...)}
	s.blank(edge, at(body))
	s.solid(sumi, flat(0.9), 0, at(blob(0.0, -0.6, 0.14, -0.6, 0.25, -0.42, 0.33, -0.2, 0.28, -0.02, 0.16, -0.16, 0.06, -0.36)))
	s.outline(edge, at(body))
	s.blank(edge, at(head))
	s.solid(sumi, flat(0.9), 0, at(blob(0.03, -0.92, 0.07, -0.93, 0.16, -1.01, 0.185, -0.86, 0.16, -0.74, 0.06, -0.76)))
	s.solid(ochre, flat(0.9), 0, at(blob(-0.19, -0.99, -0.1, -0.92, -0.05, -0.9, -0.1, -0.8, -0.2, -0.82)))
	s.outline(edge, at(head))
	for _, side := range []float64{-1, 1} {
		cx := -0.02 + side*0.09
		s.solid(ochre, flat(0.95), edge*0.7, at(blob(cx-0.042, -0.8, cx, -0.825, cx+0.042, -0.8, cx, -0.782)))
		s.solid(sumi, flat(1), 0, at(ellipse(cx, -0.803, 0.011, 0.02)))
		for k := range 3 {
			dy := float64(k)*0.025 - 0.02
			s.line(edge*0.5, place(curve(cx+side*0.05, -0.71+dy*0.5, cx+side*0.2, -0.72+dy*1.6), x, y, h, h))
		}
	}
	s.solid(vermilion, flat(0.95), edge*0.6, at(poly(-0.045, -0.735, 0.005, -0.735, -0.02, -0.705)))
	s.line(edge*0.8, place(curve(-0.07, -0.67, -0.045, -0.665, -0.02, -0.685, 0.005, -0.665, 0.03, -0.67), x, y, h, h))
	s.solid(vermilion, flat(0.95), edge*0.8, at(blob(-0.16, -0.61, 0, -0.575, 0.14, -0.61, 0.14, -0.57, 0, -0.53, -0.16, -0.57)))
	s.solid(ochre, flat(0.95), edge*0.7, at(disc(-0.01, -0.525, 0.035)))
	s.line(edge, place(curve(-0.1, -0.42, -0.11, -0.2, -0.1, -0.02), x, y, h, h))
	s.line(edge, place(curve(0.07, -0.42, 0.08, -0.2, 0.08, -0.02), x, y, h, h))
	s.solid(sumi, flat(0.9), edge, at(blob(0.24, -0.1, 0.42, -0.06, 0.4, 0.05, 0.1, 0.07, -0.18, 0.05, -0.2, -0.01, 0.06, 0.0, 0.26, -0.02)))
}

// catOnSill is the picture of the cat that rode the tram.
func catOnSill(s *sheet) {
	s.glaze(ochre, bokashi(40, 0.75, 900, 0.35), rect(0, 0, float64(s.w), float64(s.h)))
	w := float64(s.w)
	s.blank(8, rect(120, 110, w-240, 800))
	s.glaze(indigo, bokashi(110, 0.85, 620, 0.06), rect(120, 110, w-240, 800))
	s.blank(0, disc(w*0.72, 300, 100))
	s.glaze(vermilion, flat(0.95), disc(w*0.72, 300, 100))
	s.solid(indigo, flat(0.5), 3, under(curve(120, 640, 300, 560, 500, 610, 760, 540, w-120, 620), 910))
	for x := 130.0; x < w-260; x += 150 {
		s.house(x, 800+s.roll(-20, 30), 140, s.roll(120, 170), []ink{indigo, vermilion, sumi}[s.dice.IntN(3)], 0.8, true)
	}
	s.solid(ochre, flat(0.3), 0, rect(120, 830, w-240, 80))
	s.outline(8, rect(120, 110, w-240, 800))
	s.line(8, points(w/2, 112, w/2, 906))
	s.line(7, points(122, 420, w-122, 420))
	s.solid(ochre, flat(0.95), 7, poly(60, 906, w-60, 906, w-20, 990, 20, 990))
	s.line(3, points(60, 940, w-60, 938))
	s.cat(w*0.46, 916, 640)
}

// trainStation: the hourly train stands under the roof.
func trainStation(s *sheet) {
	s.sky(indigo, 0.6, 420)
	s.hills(indigo, flat(0.4), 3, 470, 200, 300, 560)
	s.hills(green, flat(0.7), 3, 540, 80, 180, 620)
	// Roof of the hall, in perspective from the right.
	s.solid(sumi, flat(0.8), 6, poly(1620, 20, 640, 330, 640, 372, 1620, 130))
	s.solid(vermilion, flat(0.75), 5, poly(1620, 130, 640, 372, 600, 400, 1620, 190))
	for k := range 6 {
		t := math.Pow(float64(k)/5, 1.6)
		x := 690 + 830*t
		top := 372 - 210*t
		s.solid(ochre, flat(0.9), 4, rect(x, top, 12+20*t, 640+330*t-top-20))
		s.line(5+4*t, points(x, top+70+60*t, x-50-40*t, top+16))
	}
	// Platform.
	s.solid(ochre, flat(0.40), 5, poly(600, 610, 1620, 640, 1620, 1100, 760, 1100))
	s.blank(4, poly(600, 610, 622, 610, 860, 1100, 760, 1100))
	s.line(3, points(640, 612, 980, 1090))
	// Track bed and train.
	s.solid(sumi, flat(0.35), 4, poly(-20, 700, 560, 610, 600, 610, 760, 1100, -20, 1100))
	for k := range 8 {
		t := float64(k) / 8
		y := 640 + 450*t*t
		s.line(5+9*t, points(-20+480*(1-t), y+20, 590+150*t*t*1.1, y))
	}
	s.line(7, points(540, 620, 220, 1090))
	s.line(7, points(578, 616, 660, 1090))
	s.solid(vermilion, flat(0.95), 6, poly(-20, 240, 300, 300, 300, 880, -20, 940))
	s.blank(7, shape{append(curve(300, 300, 330, 262, 430, 262, 540, 290, 566, 330), append(points(580, 760, 560, 840), points(320, 900, 296, 880)...)...)})
	s.solid(vermilion, flat(0.95), 5, poly(298, 640, 576, 590, 580, 760, 560, 840, 320, 900, 296, 880))
	s.solid(indigo, bokashi(340, 0.95, 600, 0.6), 6, poly(326, 360, 548, 350, 556, 540, 322, 580))
	s.line(5, points(438, 356, 440, 560))
	for _, x := range []float64{20, 120, 210} {
		s.solid(indigo, flat(0.85), 5, poly(x, 372-(x*0.02), x+72, 378, x+72, 540, x, 548))
	}
	s.score(8, points(-20, 640, 296, 616))
	for _, p := range [][2]float64{{360, 750}, {530, 716}} {
		s.blank(5, disc(p[0], p[1], 24))
		s.glaze(ochre, flat(0.9), disc(p[0], p[1], 18))
	}
	s.solid(sumi, flat(0.9), 5, poly(310, 900, 566, 836, 548, 900, 330, 966))
	// The clock and those who wait.
	s.line(6, points(990, 290, 990, 340))
	s.blank(6, disc(990, 390, 54))
	s.line(6, points(990, 390, 990, 350))
	s.line(6, points(990, 390, 1022, 400))
	for _, p := range [][3]float64{{720, 690, 110}, {770, 720, 140}, {860, 780, 200}, {960, 850, 260}, {1300, 900, 330}} {
		s.person(p[0], p[1], p[2], s.anyone())
	}
	s.person(1120, 1010, 400, figure{coat: indigo, c: 0.95, hat: true, arm: 1, walk: 0.5})
	s.person(1420, 1050, 400, figure{coat: green, c: 0.9, scarf: true, skirt: true, bun: true})
	s.solid(ochre, flat(0.95), 5, rect(1220, 930, 110, 90))
	s.line(5, curve(1250, 930, 1275, 904, 1300, 930))
}
