package main

import "math"

// market: fish, fruit and awnings at Lowmarket before noon.
func market(s *sheet) {
	s.sky(indigo, 0.45, 300)
	s.roofs(-30, 1630, 400, 140, false)
	s.glaze(ochre, flat(0.20), rect(0, 400, 1600, 700))
	for x := -20.0; x < 1600; x += s.roll(70, 110) {
		s.person(x, 560+s.roll(-10, 30), 160, s.anyone())
	}
	stripes := []ink{vermilion, indigo, green, vermilion}
	for i := range 4 {
		x := 40 + 392*float64(i)
		for _, px := range []float64{x + 12, x + 340} {
			s.solid(ochre, flat(0.9), 3, rect(px, 430, 14, 420))
		}
		s.person(x+110, 800, 300, s.anyone())
		s.person(x+250, 804, 280, s.anyone())
		// Awning, its edge scalloped.
		for k := range 8 {
			a, b := x-14+float64(k)*48, x-14+float64(k+1)*48
			panel := shape{append(points(a+14, 380, b+8, 380), curve(b, 470, (a+b)/2, 496, a, 470)...)}
			if k%2 == 0 {
				s.solid(stripes[i], flat(0.95), 3.5, panel)
			} else {
				s.blank(3.5, panel)
			}
		}
		// Trestle with goods.
		s.solid(ochre, flat(0.75), 5, poly(x-6, 720, x+372, 720, x+386, 800, x-20, 800))
		s.solid(ochre, flat(0.35), 5, rect(x, 800, 366, 110))
		for _, px := range []float64{x + 90, x + 180, x + 275} {
			s.line(3, points(px, 804, px, 908))
		}
		switch i {
		case 0, 3:
			for r := range 2 {
				for k := range 5 {
					s.fish(x+44+float64(k)*72-float64(r)*14, 742+float64(r)*36, 56)
				}
			}
		case 1:
			s.pile(x+20, 790, 330, 26, vermilion, 0.9)
		case 2:
			s.pile(x+20, 790, 330, 30, green, 0.9)
		}
	}
	for _, p := range [][2]float64{{180, 1050}, {480, 1080}, {830, 1062}, {1130, 1082}, {1400, 1060}} {
		s.person(p[0], p[1], 390, s.anyone())
	}
}

func (s *sheet) fish(x, y, l float64) {
	body := blob(-0.5, 0, -0.2, -0.17, 0.2, -0.15, 0.45, 0, 0.2, 0.15, -0.2, 0.17)
	s.solid(indigo, flat(0.5), 2.4, poly(0.38, 0, 0.62, -0.16, 0.56, 0, 0.62, 0.16).put(x, y, l, l))
	s.blank(2.4, body.put(x, y, l, l))
	s.glaze(indigo, flat(0.8), blob(-0.45, -0.04, -0.2, -0.16, 0.2, -0.14, 0.44, -0.02, 0, 0).put(x, y, l, l))
	s.line(2, place(curve(-0.28, -0.12, -0.24, 0, -0.28, 0.12), x, y, l, l))
	s.solid(sumi, flat(1), 0, disc(x-l*0.37, y-l*0.03, l*0.035))
}

// pile is fruit heaped on a board.
func (s *sheet) pile(x, y, w, r float64, i ink, c float64) {
	for row := range 3 {
		for px := x + r + float64(row)*r*1.1; px < x+w-r*float64(row); px += r * 1.9 {
			s.solid(i, flat(c), 2.6, disc(px, y-r-float64(row)*r*1.15, r))
			s.score(3, arc(px, y-r-float64(row)*r*1.15, r*0.6, r*0.6, 200, 260))
		}
	}
}

// bridgeRain: people with umbrellas hurry over the arched bridge.
func bridgeRain(s *sheet) {
	s.wash(sumi, 40, 0.55, 640, 0.05)
	s.wash(indigo, 300, 0, 760, 0.25)
	s.hills(indigo, flat(0.28), 0, 560, 150, 300, 700)
	s.hills(indigo, flat(0.5), 2.5, 640, 90, 200, 760)
	for _, x := range []float64{60, 190, 1330, 1460} {
		s.pine(x, 700, s.roll(150, 220), s.roll(-20, 20))
	}
	s.sea(700, 1067, 0.5, 0.95)
	deck := func(dy float64) []pt { return curve(-30, 800+dy, 300, 660+dy, 800, 560+dy, 1300, 660+dy, 1630, 800+dy) }
	for _, x := range []float64{260, 520, 800, 1080, 1340} {
		top := 600 + math.Pow((x-800)/830, 2)*240
		for _, d := range []float64{-44, 30} {
			s.solid(ochre, flat(0.85), 5, poly(x+d, top, x+d+26, top, x+d+34, 1010, x+d-6, 1010))
		}
		s.line(9, points(x-40, top+110, x+60, top+150))
		s.line(9, points(x+56, top+110, x-44, top+150))
	}
	// People first, then the rail before them.
	umbrellas := []ink{vermilion, ochre, indigo, vermilion, green, ochre, vermilion}
	for i := range 11 {
		x := 70 + float64(i)*148 + s.roll(-26, 26)
		y := 572 + math.Pow((x-800)/830, 2)*236
		f := s.anyone()
		f.umbrella, f.hat, f.walk = umbrellas[i%len(umbrellas)], false, 1
		s.person(x, y+24, 225*s.roll(0.92, 1.06), f)
	}
	s.solid(ochre, flat(0.95), 5, between(deck(22), deck(74)))
	for x := -10.0; x < 1620; x += 36 {
		y := 582 + math.Pow((x-800)/830, 2)*238
		s.line(2.4, points(x, y, x, y+46))
	}
	for x := 20.0; x < 1620; x += 112 {
		y := 560 + math.Pow((x-800)/830, 2)*238
		s.solid(vermilion, flat(0.9), 4, rect(x-9, y-66, 18, 96))
		s.solid(sumi, flat(0.9), 0, disc(x, y-70, 13))
	}
	s.line(10, deck(-44))
	s.line(5, deck(-14))
	s.rain(260, -300)
}

// tram: line 4 comes down the hill towards us.
func tram(s *sheet) {
	s.sky(indigo, 0.75, 420)
	s.roofs(-20, 430, 560, 170, true)
	s.roofs(1150, 1620, 560, 170, true)
	s.hills(indigo, flat(0.4), 3, 470, 90, 260, 560)
	s.roofs(-60, 380, 640, 230, true)
	s.roofs(1230, 1640, 640, 230, true)
	s.solid(sumi, flat(0.25), 4, poly(560, 470, 1040, 470, 1900, 1100, -300, 1100))
	for _, r := range [][4]float64{{742, 470, 380, 1080}, {858, 470, 1220, 1080}} {
		s.line(9, points(r[0], r[1], r[2], r[3]))
	}
	for k := range 7 {
		y := 930 + float64(k)*30
		s.line(3, points(230, y, 1370, y))
	}
	// The car, from the front.
	body := shape{curve(470, 300, 478, 214, 540, 176, 800, 166, 1060, 176, 1122, 214, 1130, 300)}
	body[0] = append(body[0], pt{1144, 860}, pt{1120, 910}, pt{480, 910}, pt{456, 860})
	s.blank(8, body)
	s.solid(vermilion, flat(0.95), 6, poly(460, 620, 1140, 620, 1144, 860, 1120, 910, 480, 910, 456, 860))
	s.solid(vermilion, flat(0.95), 5, shape{append(curve(476, 262, 486, 214, 540, 180, 800, 170, 1060, 180, 1114, 214, 1124, 262), pt{800, 250})})
	s.solid(indigo, flat(0.95), 4, rect(640, 206, 320, 62))
	for k := range 6 { // lamps that spell nothing
		s.solid(ochre, flat(0.95), 0, disc(690+float64(k)*44, 237, 10))
	}
	for _, w := range [][4]float64{{500, 300, 150, 280}, {676, 300, 248, 290}, {950, 300, 150, 280}} {
		s.solid(indigo, bokashi(300, 0.8, 600, 0.3), 6, rect(w[0], w[1], w[2], w[3]))
	}
	s.bust(800, 590, 240, figure{coat: indigo, c: 0.95})
	s.blank(3, ellipse(800, 462, 25, 30))
	s.bust(574, 580, 170, figure{coat: green, c: 0.9, bun: true})
	s.bust(1030, 580, 170, figure{coat: ochre, c: 0.9})
	s.line(6, points(676, 590, 924, 590))
	s.blank(7, disc(800, 730, 66))
	s.solid(ochre, flat(0.75), 0, disc(800, 730, 52))
	s.line(4, arc(800, 730, 40, 40, 200, 300))
	for _, x := range []float64{560, 1040} {
		s.blank(5, disc(x, 740, 30))
		s.solid(ochre, flat(0.9), 0, disc(x, 740, 20))
	}
	s.score(7, points(470, 660, 1130, 660))
	s.solid(sumi, flat(0.9), 6, poly(500, 910, 1100, 910, 1070, 972, 530, 972))
	for x := 560.0; x < 1080; x += 52 {
		s.score(5, points(x, 924, x-8, 960))
	}
	// Pantograph and wires.
	s.line(6, points(720, 168, 640, 110, 760, 62))
	s.line(6, points(880, 168, 960, 110, 840, 62))
	s.line(8, points(690, 62, 910, 62))
	s.line(4, points(800, 40, 800, 62))
	s.line(3, points(0, 150, 760, 62))
	s.line(3, points(1600, 150, 840, 62))
	s.person(210, 1020, 330, figure{coat: indigo, c: 0.9, scarf: true, skirt: true, bun: true})
	s.person(330, 1030, 250, figure{coat: ochre, c: 0.9, hat: true})
	s.person(1390, 1030, 350, figure{coat: green, c: 0.9, hat: true, walk: 0.8})
}

// fireworks open over the harbour, and all the boats have stopped.
func fireworks(s *sheet) {
	s.wash(indigo, 40, 1, 820, 0.62)
	s.wash(sumi, 40, 0.55, 600, 0)
	s.stars(40, 500)
	for _, b := range [][4]float64{{520, 330, 250, 0}, {1080, 250, 190, 1}, {1320, 480, 130, 0}, {210, 520, 120, 1}} {
		s.burst(b[0], b[1], b[2], b[3] == 1)
	}
	s.score(5, curve(800, 800, 790, 640, 812, 520))
	s.hills(sumi, flat(0.95), 0, 790, 80, 200, 830)
	for x := 40.0; x < 1600; x += s.roll(18, 44) {
		s.solid(ochre, flat(0.95), 0, rect(x, 800+s.roll(-24, 10), 8, 8))
	}
	s.solid(indigo, bokashi(820, 0.75, 1067, 1), 3, rect(-10, 820, 1620, 260))
	for _, b := range [][3]float64{{520, 250, 0}, {1080, 190, 1}, {1320, 130, 0}, {210, 100, 1}} {
		for k := range 9 {
			y := 836 + float64(k)*22
			i := ochre
			if b[2] == 1 {
				i = vermilion
			}
			half := b[1] * s.roll(0.12, 0.5)
			line := curve(b[0]-half, y, b[0], y+4, b[0]+half, y)
			s.score(6, line)
			s.lineIn(i, 0.9, 6, line)
		}
	}
	for _, b := range [][2]float64{{170, 970}, {620, 1010}, {980, 930}, {1340, 990}} {
		s.lanternBoat(b[0], b[1], 150)
	}
}

// burst is one firework: rays of sparks, each thicker at its end.
func (s *sheet) burst(x, y, r float64, red bool) {
	i := ochre
	if red {
		i = vermilion
	}
	const rays = 30
	for k := range rays {
		sin, cos := math.Sincos(2*math.Pi*float64(k)/rays + s.roll(-0.05, 0.05))
		length := r * s.roll(0.86, 1.08)
		droop := length * 0.10
		line := curve(x+cos*r*0.16, y+sin*r*0.16, x+cos*length*0.6, y+sin*length*0.6, x+cos*length, y+sin*length+droop)
		s.score(5.5, line)
		if k%2 == 0 {
			s.lineIn(i, 0.95, 6, line)
		}
		s.blank(0, disc(x+cos*length, y+sin*length+droop, 7))
		s.glaze(i, flat(0.95), disc(x+cos*length, y+sin*length+droop, 6))
		s.blank(0, disc(x+cos*length*0.72, y+sin*length*0.74, 4))
	}
	s.blank(0, disc(x, y, r*0.07))
}

// lanternBoat is a low boat with an awning and a row of lanterns.
func (s *sheet) lanternBoat(x, y, l float64) {
	s.solid(sumi, flat(0.95), 4, shape{curve(x-l, y-10, x-l*0.7, y+26, x, y+36, x+l*0.7, y+26, x+l, y-20, x+l*0.6, y-2, x, y+4, x-l*0.6, y, x-l, y-10)})
	for _, d := range []float64{-0.5, 0.5} {
		s.line(4, points(x+l*d, y, x+l*d, y-70))
	}
	s.solid(vermilion, flat(0.9), 4, shape{curve(x-l*0.62, y-64, x-l*0.4, y-88, x, y-96, x+l*0.4, y-88, x+l*0.62, y-64)})
	for k := range 5 {
		px := x - l*0.46 + float64(k)*l*0.23
		s.solid(ochre, flat(0.95), 2.2, ellipse(px, y-46, 9, 13))
	}
	for k := range 3 {
		s.person(x-l*0.3+float64(k)*l*0.3, y+14, 62, s.anyone())
	}
}
