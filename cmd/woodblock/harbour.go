package main

import "math"

// ferry: the ship comes out of the morning, low sun behind the hills.
func ferry(s *sheet) {
	s.sky(indigo, 0.85, 420)
	s.wash(vermilion, 330, 0, 560, 0.42)
	s.solid(vermilion, flat(0.95), 0, disc(1180, 415, 105))
	s.mist(930, 440, 520, 34)
	s.hills(indigo, bokashi(380, 0.55, 590, 0.25), 3, 560, 130, 260, 600)
	s.hills(indigo, bokashi(480, 0.85, 590, 0.6), 3, 590, 75, 150, 610)
	s.sea(585, 1067, 0.42, 0.95)
	s.smoke(700, 262, -640, 105, sumi, 0.34)
	// The hull: bow to the right.
	hull := shape{append(curve(262, 640, 300, 690, 330, 748), append(curve(330, 748, 700, 762, 1120, 742), curve(1120, 742, 1216, 690, 1290, 598, 1225, 604, 1120, 628, 700, 648, 262, 640)...)...)}
	s.solid(indigo, flat(1), 6, hull)
	s.solid(vermilion, flat(0.95), 4, shape{append(curve(312, 712, 700, 732, 1182, 704), reverse(curve(330, 750, 700, 766, 1120, 746))...)})
	s.blank(5, shape{append(curve(300, 642, 310, 560), append(curve(310, 560, 700, 566, 1090, 552), curve(1090, 552, 1130, 590, 1152, 622, 700, 648, 300, 642)...)...)})
	s.blank(5, shape{append(curve(352, 560, 358, 482), append(curve(358, 482, 640, 486, 980, 474), curve(980, 474, 1012, 520, 1030, 556, 700, 566, 352, 560)...)...)})
	s.blank(5, poly(760, 480, 768, 404, 926, 398, 972, 474))
	s.solid(indigo, flat(0.9), 3, poly(784, 420, 916, 415, 938, 446, 784, 450))
	for _, x := range []float64{818, 852, 886} {
		s.line(3, points(x, 418, x+2, 450))
	}
	for x := 340.0; x < 1080; x += 46 {
		s.solid(indigo, flat(0.9), 2.5, rect(x, 586-(x-700)*0.012, 26, 28))
	}
	for x := 384.0; x < 960; x += 60 {
		s.solid(indigo, flat(0.9), 2.5, rect(x, 508-(x-640)*0.010, 38, 26))
	}
	s.line(4, curve(1130, 584, 1210, 574, 1284, 566))
	s.solid(vermilion, flat(0.95), 5, poly(640, 482, 652, 300, 752, 296, 750, 482))
	s.solid(sumi, flat(0.95), 3, poly(652, 300, 650, 262, 756, 258, 752, 296))
	s.blank(3, poly(648, 372, 651, 338, 752, 335, 751, 368))
	s.line(5, points(446, 484, 446, 318))
	s.line(5, points(1040, 556, 1052, 380))
	s.line(2, points(446, 322, 640, 300))
	s.line(2, points(756, 270, 1052, 384))
	s.line(2, points(1052, 384, 1286, 566))
	s.line(2, points(446, 322, 300, 556))
	s.solid(vermilion, flat(0.95), 2, shape{curve(446, 322, 410, 314, 380, 328, 352, 320, 354, 350, 384, 358, 412, 344, 446, 352)})
	for x := 400.0; x < 640; x += 34 {
		s.person(x, 482, 42, s.anyone())
	}
	// Bow wave and wake.
	s.blank(4, blob(1130, 752, 1210, 700, 1262, 706, 1230, 728, 1300, 734, 1260, 752, 1350, 770, 1240, 776, 1120, 770))
	s.blank(4, blob(250, 730, 330, 738, 520, 756, 820, 758, 1140, 750, 1190, 766, 900, 782, 560, 780, 300, 772, 170, 782, 90, 764, 190, 752, 120, 736))
	for _, y := range []float64{800, 836, 888} {
		s.score(6, curve(1250-(y-800), y, 900, y+16, 560, y+8, 160, y+22))
	}
	for _, g := range [][3]float64{{1290, 210, 62}, {1420, 300, 40}, {1110, 150, 34}, {210, 470, 36}, {1470, 190, 24}} {
		s.gull(g[0], g[1], g[2])
	}
}

// typhoonWave: the sea stands over the wall and the roofs behind it.
func typhoonWave(s *sheet) {
	s.wash(sumi, 40, 0.62, 620, 0.10)
	s.wash(indigo, 40, 0.30, 700, 0.08)
	for range 9 {
		y := s.roll(80, 420)
		x := s.roll(500, 1500)
		s.lineIn(sumi, 0.35, s.roll(10, 26), curve(x-420, y+50, x-150, y, x+120, y+16, x+460, y-60))
	}
	s.hills(indigo, flat(0.35), 3, 650, 120, 220, 850)
	// The town that waits: the sea wall with its roofs and the light.
	s.roofs(1010, 1600, 742, 74, true)
	s.solid(sumi, flat(0.28), 5, poly(930, 742, 1600, 738, 1600, 846, 890, 846))
	for x := 960.0; x < 1600; x += 92 {
		s.line(2.4, points(x, 744, x-14, 844))
	}
	s.line(2.4, points(908, 792, 1600, 790))
	s.sea(842, 1067, 0.75, 1)
	// The wave.
	back := curve(-20, 300, 130, 210, 330, 128, 560, 104, 760, 150, 900, 250, 960, 372, 944, 470)
	inside := curve(944, 470, 880, 400, 800, 372, 716, 394, 660, 470, 668, 600, 742, 730, 880, 830, 1060, 892, 1300, 940, 1640, 1010)
	body := append(append([]pt{}, back...), inside...)
	body = append(body, pt{1640, 1100}, pt{-20, 1100})
	s.solid(indigo, bokashi(160, 0.62, 760, 0.98), 7, shape{body})
	// The hollow is lighter and is combed by the water that climbs.
	for k := range 13 {
		t := float64(k) / 12
		line := curve(1040-560*t, 930+70*t, 800-500*t, 850+10*t, 640-400*t, 690-50*t, 610-330*t, 500-90*t, 660-300*t, 350-90*t, 760-330*t, 290-104*t)
		s.score(5.5+5*(1-t)*s.roll(0.7, 1.2), line)
		if k%3 == 1 {
			s.lineIn(sumi, 0.9, 3, place(line, 14, 12, 1, 1))
		}
	}
	// Foam along the crest, with fingers that reach for the town.
	crest := even(curve(330, 128, 560, 104, 760, 150, 900, 250, 960, 372, 944, 470, 880, 400, 800, 372, 716, 394), 30)
	for i, p := range crest {
		t := float64(i) / float64(len(crest)-1)
		s.claw(p.X, p.Y, (34+26*math.Sin(t*math.Pi))*s.roll(0.85, 1.25), 10+150*t)
	}
	for i, p := range crest {
		t := float64(i) / float64(len(crest)-1)
		r := 22 + 22*math.Sin(t*math.Pi)
		s.blank(3, disc(p.X-r*0.4, p.Y+r*0.1, r*s.roll(0.8, 1.1)))
	}
	for i, p := range crest {
		t := float64(i) / float64(len(crest)-1)
		r := 20 + 20*math.Sin(t*math.Pi)
		s.blank(0, disc(p.X-r*0.5, p.Y+r*0.3, r*1.02))
	}
	for range 46 {
		p := crest[s.dice.IntN(len(crest))]
		x, y := p.X+s.roll(-46, 20), p.Y+s.roll(-10, 46)
		s.line(2.2, arc(x, y, s.roll(6, 13), s.roll(6, 13), s.roll(0, 90), s.roll(180, 260)))
	}
	for range 150 {
		x, y := s.roll(480, 1400), s.roll(90, 640)
		near := math.Hypot(x-900, (y-400)*1.1)
		if s.roll(120, 560) > near {
			s.blank(1.8, disc(x, y, s.roll(3, 11)))
		}
	}
	// A second swell in front.
	front := curve(-20, 800, 150, 770, 320, 800, 500, 880, 760, 960, 1060, 990, 1320, 960, 1620, 1000)
	s.solid(indigo, bokashi(800, 0.9, 1060, 1), 6, under(front, 1100))
	for k := range 5 {
		s.score(5, place(curve(-20, 840, 160, 806, 330, 840, 520, 920, 780, 1000, 1080, 1026, 1330, 998, 1620, 1040), 0, float64(k)*32, 1, 1))
	}
	for i, p := range even(curve(-10, 798, 150, 768, 320, 796, 500, 876), 40) {
		s.claw(p.X, p.Y-4, s.roll(20, 30), -70+float64(i)*6)
	}
	s.rain(110, -420)
}

// claw is a tuft of foam with three fingers that point at an angle.
func (s *sheet) claw(x, y, r, angle float64) {
	for _, finger := range []float64{-58, -12, 34} {
		f := blob(-0.3, 0.26, 0.5, 0.30, 1.05, 0.16, 1.42, 0.44, 1.62, 0.40, 1.44, -0.06, 1.0, -0.30, 0.3, -0.38, -0.4, -0.2)
		s.blank(2.8, f.turn(0, 0, angle+finger).put(x, y, r, r))
	}
	s.blank(0, disc(x, y, r*0.62))
}
