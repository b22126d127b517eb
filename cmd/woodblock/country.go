package main

import "math"

// riceTerraces: steps of water below the village.
func riceTerraces(s *sheet) {
	s.sky(indigo, 0.6, 300)
	s.hills(indigo, flat(0.4), 3, 330, 190, 300, 420)
	s.hills(green, flat(0.55), 3, 420, 120, 220, 520)
	s.mist(900, 250, 420, 30)
	for _, x := range []float64{980, 1090, 1210, 1310} {
		s.house(x, 440+s.roll(-14, 14), 92, 92, vermilion, 0.75, false)
	}
	for k := range 9 {
		t := float64(k) / 8
		y := 440 + 580*math.Pow(t, 1.25)
		swing := 60 + 110*t
		line := curve(-30, y+swing*math.Sin(t*5), 260, y-swing*0.5, 620, y+swing*0.45, 980, y-swing*0.35, 1320, y+swing*0.4, 1640, y-swing*0.2)
		depth := 26 + 26*t
		s.solid(green, flat(0.95), 4, under(line, 1100))
		pond := place(line, 0, depth, 1, 1)
		s.blank(4, under(pond, 1100))
		if k%3 == 1 {
			s.glaze(ochre, flat(0.75), under(pond, 1100))
		} else {
			s.glaze(indigo, bokashi(y, 0.5, y+120+120*t, 0.08), under(pond, 1100))
		}
		for range 26 + 8*k {
			x := s.roll(20, 1580)
			at := pond[min(len(pond)-1, int((x+30)/1670*float64(len(pond))))]
			py := at.Y + s.roll(10, 34+54*t)
			size := 7 + 11*t
			i := green
			if k%3 == 1 {
				i = vermilion
			}
			s.lineIn(i, 0.95, 2+1.6*t, points(at.X, py, at.X-size*0.4, py-size))
			s.lineIn(i, 0.95, 2+1.6*t, points(at.X, py, at.X+size*0.4, py-size*0.9))
		}
	}
	for _, p := range [][3]float64{{560, 700, 110}, {690, 716, 110}, {1130, 860, 180}, {1260, 880, 180}, {360, 990, 250}} {
		s.person(p[0], p[1], p[2], figure{coat: indigo, c: 0.95, hat: false, walk: 1})
		h := p[2]
		s.solid(ochre, flat(1), max(2.4, h/50), poly(-0.2, -0.84, 0, -1.0, 0.2, -0.84).put(p[0], p[1], h, h))
		s.line(max(3, h/36), place(points(0.1, -0.6, 0.42, -0.1), p[0], p[1], h, h))
	}
	s.pine(120, 560, 300, 36)
	s.gull(620, 150, 36)
	s.gull(700, 190, 26)
}

// mountainHut: a lamp in the window, the pass, deep snow.
func mountainHut(s *sheet) {
	s.wash(indigo, 40, 0.95, 640, 0.25)
	s.stars(60, 260)
	peak := points(-20, 760, 180, 600, 330, 520, 420, 430, 560, 250, 640, 140, 690, 170, 760, 280, 860, 370, 950, 420, 1090, 560, 1260, 640, 1420, 740, 1640, 800)
	s.blank(6, under(peak, 900))
	s.glaze(indigo, flat(0.5), poly(640, 140, 690, 170, 760, 280, 860, 370, 950, 420, 1090, 560, 1260, 640, 1420, 740, 1640, 800, 1640, 900, 900, 900, 820, 700, 760, 600, 780, 470, 700, 380, 690, 260))
	for _, l := range [][]float64{{640, 150, 690, 270, 700, 380, 776, 470, 758, 600, 820, 700}, {560, 260, 590, 360, 560, 450, 610, 560}, {420, 440, 460, 540, 430, 620}, {860, 380, 900, 480, 890, 560}} {
		s.line(4, points(l...))
	}
	s.hills(indigo, flat(0.85), 4, 800, 130, 170, 900)
	for x := 20.0; x < 1600; x += s.roll(36, 80) {
		s.spruce(x, 800+s.roll(-20, 30), s.roll(90, 170))
	}
	s.blank(5, under(curve(-20, 790, 300, 770, 620, 800, 1000, 760, 1300, 790, 1640, 750), 1100))
	s.glaze(indigo, bokashi(760, 0.22, 980, 0), under(curve(-20, 790, 300, 770, 620, 800, 1000, 760, 1300, 790, 1640, 750), 1100))
	// Hut.
	s.solid(ochre, flat(0.95), 7, poly(880, 900, 880, 720, 1040, 600, 1330, 600, 1330, 900))
	s.solid(vermilion, flat(0.8), 0, poly(884, 896, 884, 722, 1040, 606, 1200, 722, 1200, 896))
	for k := range 8 {
		y := 740 + 22*float64(k)
		s.line(3, points(882, y, 1330, y))
	}
	s.outline(7, poly(880, 900, 880, 720, 1040, 600, 1200, 720, 1200, 900))
	s.blank(7, shape{curve(1036, 540, 1180, 534, 1350, 540, 1378, 560, 1400, 640, 1440, 712, 1412, 728, 1330, 716, 1230, 728, 1210, 714, 1120, 620, 1036, 548)})
	s.glaze(indigo, flat(0.22), poly(1090, 590, 1370, 580, 1420, 706, 1230, 714))
	s.blank(7, shape{curve(1044, 540, 1000, 580, 920, 660, 846, 716, 812, 736, 836, 754, 880, 736, 960, 672, 1040, 606, 1120, 672, 1190, 730, 1236, 752, 1262, 736, 1220, 704, 1130, 616, 1044, 540)})
	s.solid(sumi, flat(0.8), 4, rect(1250, 500, 44, 74))
	s.blank(4, blob(1242, 504, 1250, 484, 1272, 478, 1296, 486, 1302, 504))
	s.smoke(1272, 480, 240, 56, sumi, 0.2)
	for _, w := range []float64{930, 1090} {
		s.blank(4, rect(w, 760, 64, 70))
		s.glaze(ochre, flat(1), rect(w, 760, 64, 70))
		s.line(4, points(w+32, 760, w+32, 830))
		s.line(4, points(w, 795, w+64, 795))
	}
	s.solid(sumi, flat(0.75), 4, rect(1010, 790, 60, 110))
	s.solid(ochre, flat(1), 3, rect(1240, 760, 50, 50))
	s.blank(5, under(curve(560, 930, 760, 890, 1000, 900, 1250, 884, 1420, 900, 1640, 880), 1100))
	s.blank(5, under(curve(-20, 900, 200, 930, 500, 920, 800, 970, 1640, 960), 1100))
	s.glaze(indigo, flat(0.14), under(curve(-20, 960, 300, 990, 700, 985, 1100, 1030, 1640, 1010), 1100))
	s.person(560, 1000, 230, figure{coat: vermilion, c: 0.95, hat: true, walk: 1, scarf: false})
	s.line(4, points(630, 830, 660, 1000))
	s.solid(green, flat(0.9), 4, blob(500, 840, 500, 900, 530, 912, 540, 836))
	for k := range 9 {
		s.solid(indigo, flat(0.5), 0, ellipse(500-float64(k)*52, 1004+float64(k%2)*16, 13, 7))
	}
	s.snow(130, 40, 1040)
}

// spruce is a pointed tree with snow on its steps.
func (s *sheet) spruce(x, y, h float64) {
	for k := range 4 {
		t := float64(k) / 4
		top, half := y-h*(1-t*0.78), h*(0.09+0.16*t)
		s.solid(green, flat(1), max(2, h/60), poly(x, top, x+half, top+h*0.34, x-half, top+h*0.34))
		s.blank(0, poly(x, top, x+half*0.5, top+h*0.16, x+half*0.1, top+h*0.11, x-half*0.3, top+h*0.16))
	}
}

// orchard: late apples, ladders between the rows.
func orchard(s *sheet) {
	s.sky(indigo, 0.45, 340)
	s.wash(ochre, 160, 0, 460, 0.35)
	s.hills(indigo, flat(0.4), 3, 420, 170, 300, 500)
	s.hills(green, flat(0.55), 3, 480, 80, 200, 560)
	s.solid(ochre, flat(0.5), 4, rect(-20, 540, 1640, 560))
	for k := range 4 {
		s.glaze(green, flat(0.7), poly(800+(float64(k)-2)*90, 540, 800+(float64(k)-1.55)*90, 540, 800+(float64(k)-1.55)*900, 1080, 800+(float64(k)-2.0)*900, 1080))
	}
	for row := range 3 {
		near := float64(row)
		y, size := 600+near*170, 150+near*130
		for k := -3; k <= 3; k++ {
			x := 800 + (float64(k)+0.5*float64(row%2))*(300+near*190)
			if x < -150 || x > 1750 {
				continue
			}
			if row == 2 && k == 0 {
				continue // the picker stands here
			}
			s.appleTree(x, y, size)
		}
		if row == 2 {
			s.line(9, points(410, 960, 500, 560))
			s.line(9, points(480, 968, 540, 560))
			for k := range 9 {
				t := float64(k+1) / 10
				s.line(6, points(410+90*t, 960-400*t, 480+60*t, 968-408*t))
			}
			s.person(470, 800, 270, figure{coat: vermilion, c: 0.95, arm: -1, hat: true})
			s.person(1130, 930, 290, figure{coat: indigo, c: 0.95, skirt: true, bun: true, arm: 1})
		}
	}
	for _, p := range [][2]float64{{640, 1030}, {960, 1030}} {
		s.pile(p[0]-100, p[1]-50, 210, 22, vermilion, 0.95)
		s.solid(ochre, flat(0.98), 5, poly(p[0]-120, p[1]-70, p[0]+120, p[1]-70, p[0]+100, p[1]+30, p[0]-100, p[1]+30))
		for k := range 3 {
			s.line(3, points(p[0]-114, p[1]-44+float64(k)*26, p[0]+112, p[1]-44+float64(k)*26))
		}
	}
	s.person(800, 880, 250, figure{coat: green, c: 0.9, hat: true, walk: 1, scarf: true})
	s.solid(ochre, flat(0.98), 4, poly(745, 756, 855, 756, 842, 812, 758, 812))
}

func (s *sheet) appleTree(x, y, size float64) {
	w := size * 0.08
	s.solid(sumi, flat(0.7), max(3, size/80), shape{append(curve(x-w, y, x-w*0.6, y-size*0.3, x-size*0.2, y-size*0.62), append(curve(x, y-size*0.44, x+size*0.2, y-size*0.6), curve(x+w*0.8, y-size*0.3, x+w, y)...)...)})
	for _, c := range [][4]float64{{-0.3, -0.66, 0.3, 0.2}, {0.3, -0.66, 0.3, 0.2}, {0, -0.84, 0.36, 0.22}, {0, -0.6, 0.26, 0.14}} {
		s.foliage(green, 0.95, x+c[0]*size, y+c[1]*size, c[2]*size, c[3]*size)
	}
	for range 13 {
		ax, ay := x+s.roll(-0.5, 0.5)*size, y-s.roll(0.5, 0.98)*size
		s.solid(vermilion, flat(0.97), max(2, size/110), disc(ax, ay, size*0.036))
	}
}
