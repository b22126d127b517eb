package main

import "math"

// orchestra: the conductor before the strings and the brass.
func orchestra(s *sheet) {
	s.glaze(vermilion, bokashi(40, 0.95, 600, 0.55), rect(0, 0, 1600, 1067))
	for x := 50.0; x < 1600; x += 62 {
		s.lineIn(sumi, 0.55, 4, curve(x, 40, x+s.roll(-8, 8), 300, x, 560))
	}
	s.solid(ochre, flat(0.8), 6, under(curve(-20, 520, 400, 440, 800, 420, 1200, 440, 1620, 520), 1100))
	for row := range 3 {
		y, h, n := 560+110*float64(row), 230+40*float64(row), 9-row
		for k := range n {
			x := 800 + (float64(k)-float64(n-1)/2)*(1500/float64(n))
			if math.Abs(x-800) < 60+float64(row)*70 && row > 0 {
				continue
			}
			dip := math.Pow((x-800)/800, 2) * 70
			s.musician(x, y+dip, h, row, x > 800)
		}
	}
	s.solid(vermilion, flat(0.9), 6, poly(620, 1000, 980, 1000, 1020, 1100, 580, 1100))
	s.score(6, points(630, 1030, 970, 1030))
	// The conductor from behind.
	s.solid(sumi, flat(0.95), 5, blob(690, 660, 600, 600, 540, 500, 566, 486, 640, 560, 720, 600))
	s.solid(sumi, flat(0.95), 5, blob(910, 660, 1010, 590, 1060, 470, 1034, 458, 960, 548, 880, 600))
	s.blank(4, disc(552, 478, 26))
	s.blank(4, disc(1050, 448, 26))
	s.score(7, points(1056, 440, 1180, 330))
	s.line(2, points(1058, 444, 1184, 334))
	s.solid(sumi, flat(0.97), 6, blob(740, 590, 860, 590, 930, 640, 920, 800, 940, 1010, 800, 1024, 660, 1010, 680, 800, 670, 640))
	s.score(4, points(800, 800, 800, 1010))
	s.score(3, curve(700, 660, 716, 760, 706, 820))
	s.score(3, curve(900, 660, 884, 760, 894, 820))
	s.blank(4, rect(774, 560, 52, 40))
	s.blank(5, ellipse(800, 510, 62, 76))
	s.solid(sumi, flat(1), 4, blob(736, 540, 730, 460, 770, 420, 830, 420, 870, 460, 864, 540, 830, 566, 770, 566))
	for k := range 6 {
		s.score(2.5, curve(760+float64(k)*16, 440, 752+float64(k)*19, 500, 764+float64(k)*15, 556))
	}
}

// musician plays the fiddle in front, the cello in the middle, the horn behind.
func (s *sheet) musician(x, y, h float64, row int, mirror bool) {
	d := 1.0
	if mirror {
		d = -1
	}
	at := func(a shape) shape { return a.put(x, y, h*d, h) }
	line := func(i ink, width float64, p []pt) { s.lineIn(i, 1, width, place(p, x, y, h*d, h)) }
	s.bust(x, y+h*0.1, h, figure{coat: sumi, c: 0.9, bun: s.roll(0, 1) < 0.4})
	s.blank(max(2, h/60), ellipse(x, y-h*0.43, h*0.085, h*0.1))
	s.blank(0, poly(-0.05, -0.3, 0.05, -0.3, 0, -0.1).put(x, y, h, h))
	switch row {
	case 0:
		s.solid(ochre, flat(0.95), 3, at(blob(0.05, -0.4, 0.28, -0.3, 0.42, -0.34, 0.46, -0.16, 0.36, -0.14, 0.26, -0.22, 0.06, -0.34)))
		s.solid(sumi, flat(0.9), 3, at(ellipse(0.42, -0.24, 0.05, 0.1)))
	case 1:
		s.solid(ochre, flat(0.98), 4, at(blob(0.05, -0.2, 0.14, -0.26, 0.2, -0.1, 0.26, 0.1, 0.12, 0.22, -0.06, 0.14, -0.04, -0.06)))
		line(sumi, h/30, points(0.1, -0.2, 0.02, -0.72))
		line(sumi, h/80, points(-0.2, 0.02, 0.4, -0.1))
	default:
		s.solid(ochre, flat(0.98), 3.4, at(blob(0.02, -0.36, 0.1, -0.4, 0.16, -0.34, 0.22, -0.36, 0.3, -0.29, 0.22, -0.2, 0.16, -0.22, 0.1, -0.2, 0.02, -0.24)))
		line(sumi, h/50, points(0.2, -0.3, 0.5, -0.36))
		line(sumi, h/90, points(0.05, -0.62, 0.3, -0.02))
	}
}

// court: the judge above, two advocates, the scales on the wall.
func court(s *sheet) {
	s.glaze(ochre, bokashi(40, 0.7, 900, 0.4), rect(0, 0, 1600, 1067))
	for k := range 7 {
		x := 70 + 218*float64(k)
		s.outline(4, rect(x, 80, 160, 440))
		s.glaze(ochre, flat(0.85), rect(x, 80, 160, 440))
	}
	s.solid(vermilion, flat(0.9), 7, shape{append(arc(800, 250, 250, 190, 180, 360), pt{1050, 560}, pt{550, 560})})
	// Scales.
	s.line(11, points(800, 110, 800, 330))
	s.line(9, curve(640, 176, 720, 160, 800, 150, 880, 140, 960, 124))
	s.solid(ochre, flat(1), 4, disc(800, 116, 18))
	for _, p := range [][2]float64{{640, 176}, {960, 124}} {
		s.line(3, points(p[0], p[1], p[0]-52, p[1]+110))
		s.line(3, points(p[0], p[1], p[0]+52, p[1]+110))
		s.solid(ochre, flat(1), 4, shape{append(arc(p[0], p[1]+110, 64, 40, 0, 180), pt{p[0] - 64, p[1] + 110})})
	}
	// Judge.
	s.bust(800, 620, 380, figure{coat: sumi, c: 0.97})
	s.blank(4, ellipse(800, 412, 46, 56))
	s.blank(4, blob(744, 440, 738, 380, 766, 348, 800, 342, 834, 348, 862, 380, 856, 440, 838, 430, 836, 386, 800, 372, 764, 386, 762, 430))
	s.line(3, points(782, 412, 792, 412))
	s.line(3, points(808, 412, 818, 412))
	s.line(2.5, points(792, 440, 808, 440))
	s.blank(4, poly(776, 472, 824, 472, 836, 560, 800, 540, 764, 560))
	s.solid(ochre, flat(1), 8, poly(440, 600, 1160, 600, 1200, 860, 400, 860))
	s.solid(sumi, flat(0.6), 5, poly(420, 576, 1180, 576, 1180, 612, 420, 612))
	for _, x := range []float64{500, 690, 880} {
		s.outline(5, rect(x, 650, 150, 170))
	}
	s.solid(sumi, flat(0.85), 4, rect(960, 548, 74, 26))
	s.line(10, points(1000, 560, 1090, 520))
	s.blank(4, poly(600, 574, 700, 570, 706, 556, 606, 556))
	// Advocates, and the public's backs.
	s.person(270, 980, 560, figure{coat: sumi, c: 0.92, skirt: true, arm: 1, plain: true})
	s.blank(4, poly(246, 566, 294, 566, 286, 640, 270, 626, 254, 640))
	s.person(1330, 980, 560, figure{coat: indigo, c: 0.98, skirt: true, bun: true, plain: true})
	s.blank(4, poly(1306, 566, 1354, 566, 1346, 640, 1330, 626, 1314, 640))
	s.blank(4, poly(1370, 720, 1470, 690, 1490, 770, 1390, 800))
	for k := range 4 {
		s.line(2.4, points(1386, 728+float64(k)*16, 1466, 706+float64(k)*16))
	}
	s.solid(ochre, flat(0.98), 7, rect(-20, 930, 1640, 160))
	s.line(4, points(-20, 958, 1620, 958))
	for k := range 9 {
		s.bust(90+float64(k)*178, 1080, 250, s.anyone())
	}
}

// library: shelves to the ceiling, a ladder, a reader in the light.
func library(s *sheet) {
	s.glaze(ochre, flat(0.5), rect(0, 0, 1600, 1067))
	inks := []ink{vermilion, indigo, green, sumi, ochre, indigo}
	for _, bay := range [][2]float64{{40, 430}, {1130, 1570}} {
		s.solid(ochre, flat(1), 6, rect(bay[0], 40, bay[1]-bay[0], 830))
		for row := range 6 {
			y := 180 + 132*float64(row)
			s.solid(sumi, flat(0.8), 0, rect(bay[0]+14, y-112, bay[1]-bay[0]-28, 112))
			for x := bay[0] + 18; x < bay[1]-34; {
				w, h := s.roll(14, 34), s.roll(70, 104)
				if s.roll(0, 1) < 0.06 {
					x += 26
					continue
				}
				s.solid(inks[s.dice.IntN(len(inks))], flat(0.92), 2.6, rect(x, y-h, w, h))
				if w > 22 {
					s.score(3, points(x+5, y-h+16, x+w-5, y-h+16))
					s.score(3, points(x+5, y-h+24, x+w-5, y-h+24))
				}
				x += w + 1
			}
			s.solid(ochre, flat(1), 4, rect(bay[0], y, bay[1]-bay[0], 18))
		}
	}
	arch := func(g float64) shape {
		return shape{append(arc(780, 330, 250+g, 250+g, 180, 360), pt{1030 + g, 760}, pt{530 - g, 760})}
	}
	s.blank(7, arch(26))
	s.solid(indigo, bokashi(80, 0.8, 560, 0.02), 5, arch(0))
	s.solid(green, flat(0.6), 3, under(curve(530, 660, 640, 600, 780, 640, 900, 590, 1030, 640), 760))
	for _, x := range []float64{655, 780, 905} {
		s.line(6, points(x, 86+math.Abs(x-780)*0.3, x, 758))
	}
	for _, y := range []float64{330, 480, 620} {
		s.line(6, points(532, y, 1028, y))
	}
	s.solid(ochre, flat(0.7), 5, rect(-20, 868, 1640, 220))
	s.blank(0, poly(560, 872, 1000, 872, 1180, 1080, 420, 1080))
	s.glaze(ochre, flat(0.25), poly(560, 872, 1000, 872, 1180, 1080, 420, 1080))
	// Ladder and librarian.
	s.line(12, points(300, 900, 420, 110))
	s.line(12, points(390, 900, 480, 110))
	for k := range 12 {
		t := float64(k+1) / 13
		s.line(8, points(300+120*t, 900-790*t, 390+90*t, 900-790*t))
	}
	s.person(400, 640, 330, figure{coat: vermilion, c: 0.95, skirt: true, bun: true, arm: -1})
	// Table, lamp, readers.
	s.solid(ochre, flat(1), 7, poly(540, 800, 1090, 800, 1130, 850, 500, 850))
	s.bust(690, 800, 260, figure{coat: indigo, c: 0.95})
	s.bust(950, 800, 260, figure{coat: green, c: 0.95, bun: true})
	s.solid(ochre, flat(1), 7, poly(540, 792, 1090, 792, 1130, 850, 500, 850))
	for _, x := range []float64{690, 950} {
		s.blank(4, shape{append(curve(x-80, 812, x-40, 796, x, 812), curve(x, 812, x+40, 796, x+80, 812, x+84, 834, x+40, 820, x, 836, x-40, 820, x-84, 834)...)})
	}
	s.line(7, points(820, 800, 820, 706))
	s.solid(vermilion, flat(0.95), 5, shape{append(arc(820, 716, 62, 50, 180, 360), pt{758, 716})})
	for _, x := range []float64{560, 1070} {
		s.solid(ochre, flat(1), 5, rect(x, 850, 26, 170))
	}
	s.cat(1200, 1020, 190)
}

// observatory: the dome on the mountain, its slit open to the stars.
func observatory(s *sheet) {
	s.wash(indigo, 40, 1, 900, 0.4)
	s.wash(sumi, 40, 0.45, 520, 0)
	s.stars(240, 700)
	// The river of stars.
	for range 420 {
		t := s.roll(0, 1)
		x, y := 180+1300*t, 640-560*t
		spread := s.roll(-1, 1) * s.roll(0, 120)
		s.blank(0, disc(x+spread*0.4, y+spread, s.roll(0.9, 2.6)))
	}
	for _, st := range [][3]float64{{300, 160, 12}, {1350, 330, 9}, {560, 110, 7}} {
		for k := range 4 {
			sin, cos := math.Sincos(math.Pi * float64(k) / 4)
			s.score(3.4, points(st[0]-cos*st[2]*2, st[1]-sin*st[2]*2, st[0]+cos*st[2]*2, st[1]+sin*st[2]*2))
		}
	}
	s.hills(indigo, flat(0.75), 3, 860, 160, 260, 960)
	for _, m := range [][2]float64{{-60, 900}, {980, 930}} {
		s.mist(m[0], m[1]-30, 620, 36)
	}
	mountain := curve(-20, 1010, 200, 950, 420, 830, 560, 760, 660, 736, 960, 736, 1060, 780, 1260, 900, 1460, 960, 1640, 1010)
	s.solid(sumi, bokashi(730, 0.75, 1060, 0.95), 6, under(mountain, 1100))
	for k := range 13 {
		x := 120 + float64(k)*110
		s.score(3.4, curve(x, 960+math.Abs(x-800)*0.02, x+30, 1000, x+14, 1050))
	}
	// The building.
	s.blank(6, rect(640, 600, 340, 140))
	s.glaze(indigo, func(x, _ float64) float64 { return max(0, (x-700)/700) }, rect(640, 600, 340, 140))
	s.line(4, points(642, 640, 978, 640))
	dome := shape{append(arc(810, 600, 190, 210, 180, 360), pt{1000, 606}, pt{620, 606})}
	s.blank(7, dome)
	s.glaze(indigo, func(x, _ float64) float64 { return max(0, (x-760)/560) }, dome)
	s.solid(sumi, flat(0.95), 5, shape{append(curve(846, 396, 880, 470, 894, 540, 898, 600), reverse(curve(920, 420, 958, 480, 972, 540, 976, 600))...)})
	s.solid(ochre, flat(1), 5, poly(880, 540, 1000, 400, 1036, 430, 920, 570))
	s.solid(vermilion, flat(0.95), 4, poly(992, 394, 1006, 378, 1054, 418, 1040, 436))
	for _, x := range []float64{-120, -60, 0} {
		s.line(3, curve(810+x*0.3, 394, 810+x*1.1, 470, 810+x*1.36, 598))
	}
	s.solid(ochre, flat(1), 4, rect(680, 672, 46, 66))
	s.solid(ochre, flat(1), 3, rect(770, 664, 34, 30))
	s.person(590, 770, 84, figure{coat: vermilion, c: 0.95, scarf: true})
	s.pine(330, 890, 150, 14)
	s.pine(1200, 880, 130, -12)
}
