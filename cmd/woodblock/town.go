package main

import "math"

// school: lunch break in the yard under the big tree.
func school(s *sheet) {
	s.sky(indigo, 0.55, 380)
	s.hills(green, flat(0.6), 3, 420, 90, 240, 520)
	s.blank(6, rect(180, 270, 1000, 330))
	s.solid(vermilion, flat(0.85), 6, poly(140, 280, 230, 160, 1130, 160, 1220, 280))
	for x := 250.0; x < 1130; x += 30 {
		s.line(2, points(x, 164, 680+(x-680)*1.16, 276))
	}
	s.solid(indigo, flat(0.9), 5, poly(620, 160, 680, 80, 740, 160))
	s.blank(4, disc(680, 220, 34))
	s.line(4, points(680, 220, 680, 198))
	s.line(4, points(680, 220, 696, 226))
	for row := range 2 {
		for k := range 8 {
			x, y := 214+122*float64(k), 312+140*float64(row)
			if row == 1 && (k == 3 || k == 4) {
				continue
			}
			s.solid(indigo, flat(0.75), 4, rect(x, y, 76, 90))
			s.line(3, points(x+38, y, x+38, y+90))
			s.line(3, points(x, y+40, x+76, y+40))
		}
	}
	s.solid(ochre, flat(0.9), 5, rect(600, 450, 170, 150))
	s.line(4, points(685, 452, 685, 598))
	s.solid(ochre, flat(0.42), 4, poly(-20, 600, 1620, 600, 1620, 1100, -20, 1100))
	// The tree.
	s.solid(ochre, flat(0.95), 6, shape{append(curve(1290, 800, 1330, 600, 1310, 380), reverse(curve(1420, 800, 1384, 600, 1390, 380))...)})
	for _, c := range [][4]float64{{1200, 330, 150, 90}, {1480, 350, 150, 100}, {1340, 220, 190, 110}, {1300, 380, 120, 60}, {1430, 260, 120, 80}} {
		s.foliage(green, 0.95, c[0], c[1], c[2], c[3])
	}
	// Children in a ring, a skipping rope, a ball.
	for k := range 10 {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / 10)
		f := s.anyone()
		f.hat, f.arm, f.walk = false, []int{1, -1, 0}[k%3], 1
		x, y := 470+cos*270, 800+sin*95
		s.person(x, y+60, 170+sin*26, f)
	}
	s.solid(vermilion, flat(0.95), 5, disc(470, 830, 30))
	s.score(4, arc(470, 830, 18, 18, 200, 290))
	s.line(5, curve(1000, 820, 1060, 990, 1180, 1020, 1300, 960, 1360, 840))
	s.person(980, 970, 250, figure{coat: indigo, c: 0.9, arm: 1, walk: 0.6, bun: true, skirt: true})
	s.person(1390, 990, 260, figure{coat: vermilion, c: 0.9, arm: -1, walk: 0.6})
	s.person(1190, 940, 220, figure{coat: ochre, c: 0.95, walk: 1, scarf: true})
}

// football: the header, the keeper, the goal.
func football(s *sheet) {
	s.sky(indigo, 0.75, 360)
	// The stand, full.
	s.solid(sumi, flat(0.7), 5, poly(-20, 130, 1620, 90, 1620, 150, -20, 190))
	s.solid(ochre, flat(0.4), 4, poly(-20, 190, 1620, 150, 1620, 500, -20, 500))
	for row := range 6 {
		y := 262 + 44*float64(row)
		for x := s.roll(-20, 10); x < 1620; x += s.roll(34, 52) {
			f := s.anyone()
			if s.roll(0, 1) < 0.5 {
				f.coat, f.c = vermilion, 0.9
			}
			if s.roll(0, 1) < 0.25 {
				f.arm = 1
			}
			s.person(x, y+60, 90, f)
		}
	}
	s.solid(indigo, flat(0.95), 5, rect(-20, 500, 1640, 46))
	for x := 40.0; x < 1600; x += 150 {
		s.score(8, points(x, 522, x+80, 522))
	}
	s.solid(green, flat(0.95), 4, rect(-20, 546, 1640, 540))
	for k := range 4 {
		x := 120 + 420*float64(k)
		s.glaze(indigo, flat(0.30), poly(x, 546, x+190, 546, x+120+(x-800)*0.4, 1080, x-150+(x-800)*0.4, 1080))
	}
	s.score(9, points(-20, 640, 1620, 640))
	s.score(9, points(900, 640, 780, 940, 1620, 940))
	// Goal with its net.
	for k := range 14 {
		x := 1130 + 32*float64(k)
		s.score(2.4, points(x, 300, x+30, 640))
	}
	for k := range 11 {
		y := 300 + 32*float64(k)
		s.score(2.4, points(1120, y, 1600, y))
	}
	for _, bar := range []shape{rect(1108, 280, 20, 370), rect(1108, 280, 520, 20)} {
		s.blank(4, bar)
	}
	s.player(1230, 610, 330, -58, ochre, -1)
	s.player(620, 950, 560, 16, vermilion, 1)
	s.player(330, 960, 430, -6, indigo, 1)
	s.blank(5, disc(905, 345, 42))
	for k := range 5 {
		sin, cos := math.Sincos(2*math.Pi*float64(k)/5 + 0.3)
		s.line(4, points(905+16*cos, 345+16*sin, 905+42*cos, 345+42*sin))
	}
	s.solid(sumi, flat(1), 0, disc(905, 345, 15))
	for _, d := range []float64{-16, 4, 24} {
		s.line(3.5, points(850, 380+d, 790, 420+d))
	}
}

// player is an athlete in the air, leaning by degrees.
func (s *sheet) player(x, y, h, lean float64, shirt ink, dir float64) {
	edge := max(3, h/90)
	at := func(a shape) shape { return a.put(0, 0, h*dir, h).turn(0, -h*0.5, lean).put(x, y, 1, 1) }
	s.blank(edge, at(blob(-0.08, -0.42, 0.02, -0.44, 0.03, -0.25, 0.10, -0.06, 0.05, -0.04, -0.05, -0.22)))
	s.blank(edge, at(blob(-0.02, -0.42, 0.09, -0.42, 0.17, -0.28, 0.05, -0.14, 0.0, -0.17, 0.07, -0.28)))
	s.solid(shirt, flat(0.9), edge, at(blob(0.02, -0.2, 0.06, -0.2, 0.115, -0.07, 0.07, -0.04)))
	s.solid(shirt, flat(0.9), edge, at(blob(0.0, -0.18, 0.05, -0.13, -0.06, -0.05, -0.1, -0.09)))
	s.solid(sumi, flat(1), 0, at(blob(0.05, -0.06, 0.12, -0.07, 0.19, -0.02, 0.06, -0.01)))
	s.solid(sumi, flat(1), 0, at(blob(-0.07, -0.1, -0.02, -0.05, -0.14, 0.0, -0.15, -0.05)))
	s.blank(edge, at(blob(0.08, -0.74, 0.2, -0.7, 0.3, -0.82, 0.34, -0.79, 0.23, -0.63, 0.08, -0.66)))
	s.blank(edge, at(blob(-0.08, -0.74, -0.2, -0.64, -0.28, -0.74, -0.31, -0.7, -0.2, -0.57, -0.06, -0.66)))
	s.solid(shirt, flat(0.95), edge, at(blob(-0.07, -0.77, 0.07, -0.77, 0.18, -0.71, 0.16, -0.64, 0.1, -0.66, 0.1, -0.44, -0.1, -0.44, -0.09, -0.66, -0.15, -0.61, -0.18, -0.67)))
	for _, dx := range []float64{-0.04, 0.03} {
		s.score(h*0.02, at(shape{points(dx, -0.74, dx, -0.46)})[0])
	}
	s.blank(edge, at(poly(-0.11, -0.46, 0.11, -0.46, 0.14, -0.33, 0.02, -0.35, -0.1, -0.32)))
	s.blank(edge, at(ellipse(0.01, -0.85, 0.058, 0.075)))
	s.solid(sumi, flat(1), 0, at(blob(-0.055, -0.83, -0.06, -0.91, 0, -0.945, 0.06, -0.92, 0.065, -0.88, 0.0, -0.9, -0.03, -0.86)))
}

// hospital: the night ward, one nurse, the sea outside.
func hospital(s *sheet) {
	s.glaze(indigo, bokashi(40, 0.75, 800, 0.35), rect(0, 0, 1600, 1067))
	s.blank(8, rect(560, 120, 480, 440))
	s.glaze(indigo, bokashi(120, 1, 540, 0.6), rect(560, 120, 480, 440))
	for range 30 {
		s.blank(0, disc(s.roll(570, 1030), s.roll(130, 380), s.roll(1.5, 3.4)))
	}
	s.blank(0, disc(900, 230, 58))
	s.glaze(ochre, flat(0.35), disc(900, 230, 58))
	s.solid(sumi, flat(0.9), 0, under(curve(560, 470, 660, 440, 800, 464, 920, 434, 1040, 470), 560))
	for k := range 12 {
		s.solid(ochre, flat(1), 0, rect(580+float64(k)*38, 476+s.roll(0, 50), 9, 9))
	}
	s.outline(8, rect(560, 120, 480, 440))
	s.line(6, points(800, 122, 800, 558))
	s.line(5, points(562, 330, 1038, 330))
	// Curtains.
	s.blank(5, shape{curve(470, 90, 600, 92, 590, 300, 540, 480, 560, 620, 460, 620, 470, 90)})
	s.blank(5, shape{curve(1130, 90, 1000, 92, 1010, 300, 1060, 480, 1040, 620, 1140, 620, 1130, 90)})
	for _, d := range []float64{30, 62} {
		s.line(3, curve(470+d, 96, 480+d, 340, 466+d, 610))
		s.line(3, curve(1130-d, 96, 1120-d, 340, 1134-d, 610))
	}
	s.solid(ochre, flat(0.45), 5, poly(-20, 760, 1620, 760, 1620, 1100, -20, 1100))
	for k := range 7 {
		s.line(2.5, points(800+(float64(k)-3)*170, 762, 800+(float64(k)-3)*420, 1080))
	}
	// Beds to both sides.
	for n, side := range []float64{1, -1} {
		at := func(a shape) shape { return a.put(800, 0, side, 1) }
		for k, c := range []float64{0, 1} {
			dx, dy := 250+c*250, 640+c*140
			s.line(10, at(shape{points(dx+290, dy-170, dx+290, dy+150)})[0])
			s.line(8, at(shape{points(dx, dy-20, dx, dy+150)})[0])
			s.blank(5, at(poly(dx, dy+10, dx+290, dy+10, dx+290, dy+80, dx, dy+80)))
			s.blank(4, at(blob(dx+190, dy-60, dx+280, dy-66, dx+286, dy+10, dx+190, dy+12)))
			s.blank(3, at(ellipse(dx+222, dy-44, 30, 36)))
			s.solid(sumi, flat(0.9), 0, at(blob(dx+200, dy-70, dx+240, dy-88, dx+262, dy-50, dx+244, dy-20, dx+238, dy-62)))
			i := []ink{vermilion, green}[(k+n)%2]
			s.solid(i, flat(0.85), 5, at(blob(dx-8, dy+40, dx+6, dy-26, dx+110, dy-50, dx+196, dy-30, dx+200, dy+86, dx-6, dy+90)))
			s.score(5, at(shape{curve(dx+6, dy, dx+100, dy-18, dx+194, dy)})[0])
			s.score(5, at(shape{curve(dx+4, dy+40, dx+100, dy+24, dx+196, dy+44)})[0])
		}
	}
	// The nurse with her lamp.
	glow := ellipse(870, 750, 150, 150)
	s.blank(0, glow)
	s.glaze(ochre, func(x, y float64) float64 { return 0.25 + math.Hypot(x-890, y-755)/420 }, glow)
	s.person(800, 1010, 520, figure{coat: sumi, c: 0, bun: true, skirt: true, plain: true})
	s.line(3, points(836, 650, 836, 676)) // her watch
	s.solid(ochre, flat(1), 3, disc(836, 690, 14))
	s.blank(4, poly(762, 534, 838, 534, 850, 500, 750, 500))
	s.solid(vermilion, flat(0.95), 0, rect(794, 504, 12, 26))
	s.solid(ochre, flat(1), 4, ellipse(900, 760, 26, 34))
	s.line(5, curve(884, 728, 900, 704, 916, 728))
	s.solid(sumi, flat(1), 0, rect(880, 790, 40, 12))
}

// bakery: before dawn, loaves come out of the oven.
func bakery(s *sheet) {
	s.glaze(ochre, bokashi(40, 0.75, 1000, 0.35), rect(0, 0, 1600, 1067))
	for y := 60.0; y < 760; y += 54 {
		s.lineIn(sumi, 0.35, 2.4, points(36, y, 880, y))
		for x := 60 + math.Mod(y, 108); x < 880; x += 120 {
			s.lineIn(sumi, 0.35, 2.2, points(x, y, x, y+54))
		}
	}
	// Oven.
	s.solid(vermilion, flat(0.85), 8, shape{append(arc(450, 560, 330, 380, 180, 360), pt{780, 830}, pt{120, 830})})
	for k := range 11 {
		sin, cos := math.Sincos(math.Pi + math.Pi*float64(k)/10)
		s.line(4, points(450+230*cos, 560+250*sin, 450+330*cos, 560+380*sin))
	}
	s.solid(sumi, flat(0.95), 7, shape{append(arc(450, 560, 226, 240, 180, 360), pt{676, 690}, pt{224, 690})})
	for _, f := range [][3]float64{{300, 690, 90}, {380, 690, 150}, {470, 690, 190}, {560, 690, 140}, {620, 690, 80}} {
		flame := blob(-0.3, 0, -0.34, -0.4, -0.1, -0.7, 0.02, -1.1, 0.16, -0.7, 0.36, -0.4, 0.3, 0)
		s.solid(vermilion, flat(0.95), 4, flame.put(f[0], f[1], f[2], f[2]))
		s.solid(ochre, flat(1), 3, flame.put(f[0], f[1], f[2]*0.55, f[2]*0.6))
	}
	s.solid(sumi, flat(0.5), 6, rect(150, 690, 600, 40))
	// Shelves of loaves.
	for row := range 3 {
		y := 250 + 170*float64(row)
		s.solid(ochre, flat(1), 5, rect(950, y, 600, 22))
		for k := range 5 {
			s.loaf(1010+float64(k)*118, y-4, 104, (k+row)%2 == 0)
		}
	}
	// The baker with a peel.
	s.solid(ochre, flat(0.55), 6, poly(-20, 850, 1620, 830, 1620, 1100, -20, 1100))
	s.person(860, 1010, 600, figure{coat: indigo, c: 0.95, walk: 0.9})
	s.blank(5, blob(820, 448, 800, 410, 836, 384, 862, 376, 900, 386, 924, 412, 902, 450))
	s.blank(5, poly(800, 660, 920, 660, 950, 880, 772, 880))
	s.line(4, curve(800, 664, 860, 650, 920, 664))
	s.solid(ochre, flat(1), 5, poly(880, 690, 890, 712, 560, 790, 552, 766))
	s.solid(ochre, flat(1), 5, blob(590, 740, 560, 810, 400, 846, 340, 826, 350, 790, 500, 756))
	s.loaf(460, 800, 120, true)
	s.blank(5, blob(800, 640, 760, 700, 756, 740, 790, 744, 830, 690))
	// Table and dough.
	s.solid(ochre, flat(0.95), 6, poly(1060, 830, 1560, 820, 1600, 900, 1040, 910))
	s.blank(5, blob(1120, 850, 1150, 790, 1230, 780, 1290, 800, 1300, 850))
	s.blank(5, blob(1340, 850, 1370, 796, 1440, 790, 1490, 812, 1500, 850))
	s.line(3, curve(1160, 810, 1200, 798, 1240, 806))
}

func (s *sheet) loaf(x, y, w float64, round bool) {
	if round {
		s.solid(ochre, flat(0.95), 4, shape{append(arc(x, y, w*0.46, w*0.55, 180, 360), pt{x + w*0.46, y}, pt{x - w*0.46, y})})
		s.glaze(vermilion, flat(0.35), shape{arc(x, y, w*0.46, w*0.55, 180, 360)})
		for _, d := range []float64{-0.2, 0, 0.2} {
			s.score(5, curve(x+w*(d-0.06), y-w*0.12, x+w*(d+0.06), y-w*0.42))
		}
		return
	}
	s.solid(ochre, flat(0.95), 4, blob(x-w*0.45, y, x-w*0.48, y-w*0.26, x-w*0.3, y-w*0.38, x+w*0.3, y-w*0.38, x+w*0.48, y-w*0.26, x+w*0.45, y))
	for _, d := range []float64{-0.26, -0.04, 0.18} {
		s.score(5, curve(x+w*d, y-w*0.08, x+w*(d+0.1), y-w*0.34))
	}
}

// factory: the tile works' kilns and their smoke.
func factory(s *sheet) {
	s.wash(ochre, 40, 0.65, 700, 0.15)
	s.wash(vermilion, 420, 0, 700, 0.25)
	s.hills(indigo, flat(0.45), 3, 640, 150, 280, 700)
	for i, c := range [][3]float64{{250, 300, 70}, {560, 220, 84}, {870, 330, 64}} {
		s.smoke(c[0], c[1], 480+90*float64(i), 110, sumi, 0.42)
		s.solid(vermilion, flat(0.85), 6, poly(c[0]-c[2]*0.34, c[1], c[0]+c[2]*0.34, c[1], c[0]+c[2]*0.6, 720, c[0]-c[2]*0.6, 720))
		s.solid(sumi, flat(0.9), 4, rect(c[0]-c[2]*0.44, c[1]-6, c[2]*0.88, 26))
		s.blank(4, rect(c[0]-c[2]*0.40, c[1]+80, c[2]*0.80, 30))
		for y := c[1] + 150; y < 700; y += 34 {
			s.line(1.8, points(c[0]-c[2]*0.4, y, c[0]+c[2]*0.4, y))
		}
	}
	// Saw-tooth sheds.
	for k := range 6 {
		x := 60 + float64(k)*250
		s.solid(indigo, flat(0.9), 5, poly(x, 700, x, 560, x+56, 520, x+250, 640, x+250, 700))
		s.blank(4, poly(x+4, 690, x+4, 566, x+52, 530, x+52, 690))
		s.line(3, points(x+28, 548, x+28, 690))
	}
	s.solid(ochre, flat(0.55), 6, rect(-20, 690, 1640, 180))
	for x := 60.0; x < 1600; x += 118 {
		s.solid(sumi, flat(0.85), 4, shape{append(arc(x+36, 770, 36, 40, 180, 360), pt{x + 72, 870}, pt{x, 870})})
		s.glaze(vermilion, flat(0.9), ellipse(x+36, 850, 22, 30))
	}
	s.solid(sumi, flat(0.28), 5, rect(-20, 870, 1640, 220))
	// Stacks of tiles and those who carry them.
	for _, p := range [][2]float64{{120, 990}, {470, 1016}, {1120, 1010}, {1370, 980}} {
		for k := range 6 {
			y := p[1] - float64(k)*24
			s.solid(indigo, flat(0.9), 3.4, shape{append(curve(p[0]-90, y-8, p[0]-45, y-24, p[0], y-10, p[0]+45, y-24, p[0]+90, y-8), pt{p[0] + 90, y + 12}, pt{p[0] - 90, y + 12})})
		}
	}
	for _, p := range [][3]float64{{300, 1010, 230}, {690, 1030, 260}, {880, 1000, 230}, {1250, 1040, 250}} {
		f := s.anyone()
		f.hat, f.walk, f.skirt = true, 1, false
		s.person(p[0], p[1], p[2], f)
	}
}
