package main

import "math"

// harbourCrane: number seven lifts a crate against the evening.
func harbourCrane(s *sheet) {
	s.wash(vermilion, 40, 0.80, 640, 0.04)
	s.wash(ochre, 300, 0, 700, 0.55)
	s.mist(1050, 250, 460, 34)
	s.hills(indigo, flat(0.5), 3, 800, 110, 260, 840)
	s.roofs(-20, 420, 812, 70, false)
	s.sea(820, 1067, 0.55, 0.95)
	// Quay.
	s.solid(sumi, flat(0.45), 5, poly(-10, 900, 1010, 900, 1040, 1080, -10, 1080))
	s.line(4, points(0, 930, 1014, 930))
	// Portal and tower of the crane.
	legs := [][]float64{{330, 900, 470, 520, 520, 520, 400, 900}, {780, 900, 640, 520, 690, 520, 850, 900}}
	for _, l := range legs {
		s.solid(indigo, flat(1), 5, poly(l...))
	}
	for _, y := range []float64{620, 740, 850} {
		t := (900 - y) / 380
		s.line(8, points(350+130*t, y, 830-150*t, y))
	}
	s.line(6, points(370, 850, 760, 740))
	s.line(6, points(410, 740, 700, 620))
	s.solid(indigo, flat(1), 5, rect(440, 470, 280, 60))
	s.solid(vermilion, flat(0.95), 5, poly(470, 330, 700, 330, 720, 470, 450, 470))
	s.blank(4, poly(610, 360, 682, 360, 696, 430, 610, 430))
	s.line(3, points(648, 360, 650, 430))
	// Jib.
	s.line(15, points(660, 350, 1330, 120))
	s.line(13, points(560, 330, 1330, 120))
	for k := range 12 {
		t := float64(k) / 12
		x, y := 660+670*t, 350-230*t
		t2 := t + 0.04
		s.line(5, points(x, y, 560+770*t2, 330-210*t2))
	}
	s.line(9, points(560, 330, 480, 150))
	s.line(4, points(480, 150, 1330, 120))
	s.line(4, points(480, 150, 380, 470))
	s.solid(sumi, flat(0.9), 4, rect(330, 400, 120, 90))
	// The load.
	s.line(4, points(1330, 122, 1330, 520))
	s.line(3, points(1330, 520, 1230, 600))
	s.line(3, points(1330, 520, 1430, 600))
	s.solid(ochre, flat(0.95), 6, rect(1220, 600, 220, 130))
	for _, x := range []float64{1264, 1308, 1352, 1396} {
		s.line(3, points(x, 602, x+2, 728))
	}
	s.line(5, points(1222, 602, 1438, 728))
	// A lighter waits below.
	s.solid(indigo, flat(1), 5, shape{curve(1090, 880, 1140, 950, 1200, 972, 1440, 972, 1500, 950, 1560, 872, 1330, 892, 1090, 880)})
	for _, x := range []float64{1180, 1270} {
		s.person(x, 896, 110, figure{coat: ochre, c: 0.8, hat: true, arm: 1, walk: 0.6})
	}
	for _, x := range []float64{110, 210, 930} {
		s.person(x, 960, 150, s.anyone())
	}
	s.gull(900, 200, 44)
	s.gull(1010, 290, 30)
	s.gull(170, 330, 40)
}

// lighthouse: the light on the point at night, its beam over the rocks.
func lighthouse(s *sheet) {
	s.wash(indigo, 40, 1, 760, 0.45)
	s.stars(90, 600)
	// The beam is paper.
	s.blank(0, poly(420, 254, 1620, 40, 1620, 470, 420, 288))
	s.glaze(ochre, func(x, _ float64) float64 { return max(0, 0.75-x/2100) }, poly(420, 254, 1620, 40, 1620, 470, 420, 288))
	s.blank(0, poly(380, 254, -20, 200, -20, 340, 380, 288))
	s.glaze(ochre, flat(0.5), poly(380, 254, -20, 200, -20, 340, 380, 288))
	s.hills(indigo, flat(0.95), 3, 720, 80, 300, 760)
	s.sea(720, 1067, 0.7, 1)
	rock := curve(-20, 640, 120, 620, 220, 640, 330, 618, 520, 640, 620, 700, 690, 790, 820, 860, 900, 960, 1060, 1010, 1120, 1100)
	s.solid(sumi, bokashi(600, 0.65, 1050, 0.95), 7, under(rock, 1110))
	for k := range 16 {
		x := 30 + float64(k)*56
		y := 660 + math.Max(0, (x-480)*0.42)
		s.score(3, curve(x, y+s.roll(10, 60), x+26, y+s.roll(80, 130), x+10, y+s.roll(170, 260)))
	}
	for _, p := range [][2]float64{{700, 860}, {850, 930}, {960, 1010}, {1070, 1040}} {
		for k := range 7 {
			s.claw(p[0]+float64(k)*20, p[1]+s.roll(-8, 14), s.roll(16, 28), -90+s.roll(-30, 40))
		}
	}
	// The tower.
	s.blank(6, poly(336, 630, 360, 320, 442, 320, 468, 630))
	for _, y := range []float64{380, 500} {
		t, u := (630-y)/310, (630-y-58)/310
		s.solid(vermilion, flat(0.95), 4, poly(336+24*t, y, 468-26*t, y, 468-26*u, y+58, 336+24*u, y+58))
	}
	s.solid(sumi, flat(0.95), 4, rect(338, 306, 126, 16))
	s.solid(ochre, flat(0.8), 5, rect(366, 234, 70, 72))
	s.blank(0, disc(401, 271, 22))
	s.line(4, points(383, 234, 383, 306))
	s.line(4, points(419, 234, 419, 306))
	s.solid(vermilion, flat(0.95), 5, shape{append(arc(401, 234, 46, 46, 180, 360), pt{447, 240}, pt{355, 240})})
	s.line(5, points(401, 190, 401, 160))
	s.solid(sumi, flat(0.9), 3, shape{append(arc(402, 590, 18, 20, 180, 360), pt{420, 630}, pt{384, 630})})
	s.house(140, 640, 150, 104, vermilion, 0.8, true)
	// A fishing boat comes home.
	s.solid(sumi, flat(0.95), 4, shape{curve(1160, 792, 1190, 826, 1300, 828, 1350, 782, 1260, 800, 1160, 792)})
	s.line(4, points(1240, 800, 1240, 690))
	s.solid(ochre, flat(0.9), 3, poly(1246, 700, 1320, 776, 1246, 784))
}

// boatyard: the ribs of a hull under the roof of the yard.
func boatyard(s *sheet) {
	s.glaze(ochre, bokashi(40, 0.55, 900, 0.18), rect(0, 0, 1600, 1067))
	s.blank(5, poly(560, 200, 1080, 200, 1120, 660, 520, 660))
	s.glaze(indigo, bokashi(200, 0.7, 520, 0.05), poly(560, 200, 1080, 200, 1120, 560, 520, 560))
	s.solid(indigo, flat(0.7), 3, poly(534, 560, 1108, 560, 1118, 660, 522, 660))
	s.solid(indigo, flat(0.45), 3, under(curve(536, 540, 640, 500, 760, 530, 900, 488, 1106, 540), 562))
	// Roof timbers.
	for k := range 5 {
		d := float64(k) * 84
		s.solid(sumi, flat(0.75-0.08*float64(k)), 4, poly(-20+d, 300-d*0.3, 800, 30+d*0.42, 1620-d, 300-d*0.3, 1620-d, 330-d*0.3, 800, 62+d*0.42, -20+d, 330-d*0.3))
	}
	for _, x := range []float64{70, 430, 1150, 1500} {
		s.solid(sumi, flat(0.7), 5, rect(x, 240, 34, 640))
	}
	s.solid(ochre, flat(0.6), 5, poly(-20, 800, 1620, 800, 1620, 1100, -20, 1100))
	for k := range 9 {
		x := float64(k)*200 - 20
		s.line(2.6, points(x+100, 800, x-80+(x-800)*0.3, 1080))
	}
	// The hull on its stocks, bow to the left.
	keel := curve(240, 470, 300, 640, 420, 800, 620, 868, 1000, 876, 1290, 850)
	sheer := curve(240, 470, 480, 560, 800, 596, 1120, 570, 1350, 500)
	s.blank(0, between(sheer, append(keel, pt{1350, 500})))
	s.glaze(ochre, flat(0.9), between(curve(330, 690, 500, 700, 800, 712, 1120, 694, 1330, 660), append(curve(330, 690, 430, 802, 620, 868, 1000, 876, 1290, 850), pt{1330, 660})))
	for k := range 15 {
		t := float64(k+1) / 16
		x := 260 + 1060*t
		top := 500 + 100*math.Sin(t*math.Pi)*1.0 - 10*t
		low := 600 + 270*math.Pow(math.Sin(math.Min(t*2.4, 1.57)), 1)
		s.line(11, curve(x, top-26, x-14, (top+low)/2, x+8, low))
	}
	for _, d := range []float64{0, 64, 120, 176, 230} {
		s.line(5, curve(262+d*0.28, 520+d*1.04, 500, 606+d*1.05, 800, 634+d*0.98, 1120, 612+d, 1336-d*0.1, 556+d*1.15))
	}
	s.line(13, keel)
	s.line(10, sheer)
	s.line(14, points(240, 440, 246, 480))
	for _, x := range []float64{520, 820, 1120} {
		s.solid(sumi, flat(0.7), 4, poly(x-50, 960, x-34, 872, x+34, 872, x+50, 960))
	}
	s.line(8, points(420, 940, 350, 700))
	s.line(8, points(1360, 940, 1300, 690))
	s.person(330, 990, 270, figure{coat: indigo, c: 0.95, hat: true, arm: 1, walk: 1})
	s.person(1240, 980, 250, figure{coat: vermilion, c: 0.9, arm: -1, walk: 0.8})
	s.person(720, 600, 150, figure{coat: green, c: 0.9, bun: true, walk: 0.5})
	for range 70 {
		x, y := s.roll(380, 1300), s.roll(960, 1030)
		s.lineIn(ochre, 1, 4, curve(x, y, x+8, y-10, x+18, y))
	}
}

// swimmers: the winter bathers wade out from the steps.
func swimmers(s *sheet) {
	s.sky(indigo, 0.5, 330)
	s.wash(ochre, 120, 0, 420, 0.55)
	s.blank(4, disc(360, 250, 84))
	s.glaze(ochre, flat(0.85), disc(360, 250, 84))
	s.hills(indigo, flat(0.5), 3, 420, 110, 240, 440)
	s.sea(410, 1067, 0.3, 0.95)
	for k := range 9 {
		y := 440 + float64(k)*34
		half := 60 + 26*float64(k)*s.roll(0.5, 1)
		s.score(7, curve(360-half, y, 360, y+5, 360+half, y))
	}
	// Jetty.
	s.solid(ochre, flat(0.85), 5, poly(1620, 470, 1180, 556, 1170, 592, 1620, 560))
	for _, x := range []float64{1210, 1330, 1460} {
		s.solid(sumi, flat(0.7), 4, rect(x, 570, 24, 130))
	}
	for x := 1210.0; x < 1600; x += 44 {
		s.line(2.5, points(x, 552-(x-1180)*0.19, x-4, 588-(x-1180)*0.07))
	}
	s.person(1310, 545, 200, figure{coat: vermilion, c: 0.95, hat: true, skirt: true})
	s.person(1450, 520, 200, figure{coat: indigo, c: 0.9, scarf: true, bun: true})
	// Heads and shoulders in the water, caps red and white.
	for i, p := range [][3]float64{{620, 540, 70}, {800, 520, 62}, {980, 590, 90}, {470, 640, 110}, {760, 700, 140}, {1100, 790, 180}, {390, 850, 215}, {800, 930, 240}} {
		s.swimmer(p[0], p[1], p[2], i%3 != 1, i%2 == 0)
	}
	s.gull(1000, 190, 50)
	s.gull(1120, 250, 34)
	s.gull(780, 130, 30)
}

func (s *sheet) swimmer(x, y, h float64, red, arm bool) {
	edge := max(2, h/40)
	at := func(a shape) shape { return a.put(x, y, h, h) }
	if arm {
		s.blank(edge, at(blob(0.2, 0.02, 0.34, -0.3, 0.56, -0.52, 0.72, -0.44, 0.62, -0.38, 0.46, -0.22, 0.36, 0.06)))
	}
	s.blank(edge, at(blob(-0.36, 0.1, -0.3, -0.1, -0.1, -0.16, 0.1, -0.16, 0.3, -0.1, 0.36, 0.1)))
	s.blank(edge, at(ellipse(0, -0.36, 0.15, 0.2)))
	cap := at(shape{append(arc(0, -0.38, 0.165, 0.2, 180, 360), pt{0.17, -0.33}, pt{-0.17, -0.33})})
	if red {
		s.solid(vermilion, flat(0.95), edge, cap)
	} else {
		s.solid(indigo, flat(0.95), edge, cap)
	}
	s.line(edge*0.6, place(points(-0.06, -0.27, -0.02, -0.27), x, y, h, h))
	s.line(edge*0.6, place(points(0.04, -0.27, 0.08, -0.27), x, y, h, h))
	s.solid(indigo, flat(0.8), 0, at(blob(-0.7, 0.12, -0.3, 0.04, 0, 0.09, 0.3, 0.04, 0.7, 0.12, 0.3, 0.2, -0.3, 0.2)))
	for _, d := range []float64{0.06, 0.17} {
		s.score(edge*1.3, place(curve(-0.62-d, 0.06+d, -0.3, 0.03+d, 0, 0.08+d, 0.3, 0.03+d, 0.62+d, 0.06+d), x, y, h, h))
	}
}

// windTurbines stand in the open sea and grow smaller to the horizon.
func windTurbines(s *sheet) {
	s.sky(indigo, 0.55, 560)
	s.wash(ochre, 420, 0, 720, 0.35)
	for range 7 {
		s.mist(s.roll(-100, 1300), s.roll(150, 560), s.roll(260, 520), s.roll(18, 34))
	}
	s.sea(720, 1067, 0.4, 0.95)
	for _, t := range [][4]float64{{1390, 730, 150, 10}, {1250, 734, 190, 50}, {180, 732, 170, 20}, {1080, 742, 260, 80}, {320, 748, 300, 35}, {830, 774, 430, 12}, {480, 850, 660, 68}} {
		s.turbine(t[0], t[1], t[2], t[3])
	}
	// The service boat.
	s.solid(vermilion, flat(0.95), 5, shape{curve(930, 884, 960, 934, 1030, 946, 1250, 944, 1300, 926, 1350, 868, 1140, 894, 930, 884)})
	s.blank(4, poly(990, 884, 1000, 810, 1110, 806, 1150, 886))
	s.solid(indigo, flat(0.85), 3, poly(1030, 824, 1100, 820, 1120, 852, 1030, 852))
	s.line(4, points(1010, 808, 1010, 736))
	s.person(1210, 890, 90, figure{coat: ochre, c: 0.9, hat: true, arm: 1})
	s.blank(3, blob(880, 936, 1000, 948, 1300, 944, 1400, 924, 1380, 954, 1200, 966, 960, 964, 820, 958))
	s.gull(640, 200, 40)
	s.gull(1180, 190, 52)
	s.gull(1290, 260, 32)
}

func (s *sheet) turbine(x, y, h, angle float64) {
	edge := max(2, h/130)
	top := y - h
	s.blank(edge, poly(x-h*0.022, y, x-h*0.011, top, x+h*0.011, top, x+h*0.022, y))
	s.solid(vermilion, flat(0.9), edge, poly(x-h*0.024, y, x-h*0.021, y-h*0.08, x+h*0.021, y-h*0.08, x+h*0.024, y))
	for k := range 3 {
		blade := blob(0.0, -0.02, 0.12, -0.05, 0.5, -0.016, 0.62, 0.0, 0.5, 0.006, 0.1, 0.014)
		s.blank(edge, blade.put(0, 0, h*0.88, h*0.88).turn(0, 0, angle+120*float64(k)).put(x, top, 1, 1))
	}
	s.solid(indigo, flat(0.9), edge, disc(x, top, h*0.028))
}
