package main

// mayorProfile: once a pilot, now the mayor, against the harbour window.
func mayorProfile(s *sheet) {
	w, h := float64(s.w), float64(s.h)
	s.glaze(vermilion, bokashi(60, 0.92, 1300, 0.55), rect(0, 0, w, h))
	s.blank(0, disc(540, 620, 450))
	s.glaze(ochre, flat(0.4), disc(540, 620, 450))
	// Shoulders and coat.
	s.solid(indigo, bokashi(1080, 1, 1600, 0.85), 9, blob(60, 1640, 110, 1330, 260, 1190, 420, 1120, 560, 1110, 700, 1130, 860, 1190, 980, 1320, 1030, 1640))
	// Neck.
	s.blank(8, blob(400, 760, 392, 960, 380, 1150, 470, 1230, 620, 1230, 690, 1150, 650, 980, 660, 800))
	// Face in profile, looking right.
	face := shape{curve(400, 560, 440, 440, 560, 380, 680, 396, 748, 470, 766, 560, 762, 600, 790, 660, 832, 730, 826, 752, 790, 766, 788, 792, 806, 812, 796, 832, 804, 852, 788, 872, 794, 916, 770, 960, 716, 978, 650, 952, 590, 910, 530, 860, 470, 790, 420, 690, 400, 560)}
	s.blank(9, face)
	s.glaze(ochre, flat(0.14), face)
	s.line(6, curve(690, 590, 730, 574, 764, 590))
	s.line(9, curve(690, 556, 726, 534, 764, 546))
	s.solid(sumi, flat(1), 0, ellipse(736, 606, 11, 15))
	s.line(5, curve(696, 616, 730, 628, 756, 618))
	s.line(6, curve(736, 836, 770, 828, 800, 834))
	s.line(4, curve(788, 754, 764, 762, 758, 744))
	s.line(3.5, curve(706, 776, 700, 800, 708, 826))
	s.line(3.5, curve(640, 610, 664, 624, 680, 640))
	// Hair, drawn back into a knot with a pin.
	s.solid(sumi, flat(0.96), 8, shape{curve(744, 462, 690, 372, 580, 330, 450, 350, 350, 440, 310, 580, 330, 740, 384, 838, 430, 880, 466, 830, 486, 760, 520, 700, 540, 640, 560, 560, 640, 490, 744, 462)})
	s.solid(sumi, flat(0.96), 8, blob(330, 420, 240, 380, 170, 430, 160, 530, 220, 600, 310, 590, 350, 520))
	s.line(12, points(130, 350, 350, 620))
	s.solid(vermilion, flat(0.95), 5, disc(128, 346, 26))
	for k := range 8 {
		d := float64(k)
		s.score(4, curve(690-d*34, 440-d*8+d*d*2, 560-d*26, 430+d*20, 440-d*10, 560+d*26, 420, 700+d*18))
	}
	for k := range 3 {
		s.score(4, curve(200+float64(k)*30, 430, 190+float64(k)*34, 500, 230+float64(k)*26, 570))
	}
	// Ear with a pearl.
	s.blank(6, blob(520, 640, 560, 622, 590, 650, 584, 710, 552, 752, 528, 720))
	s.line(4, curve(548, 660, 568, 668, 558, 710))
	s.blank(5, disc(552, 786, 20))
	// Collar, scarf, chain of office.
	s.solid(vermilion, flat(0.95), 7, blob(380, 1110, 470, 1180, 590, 1200, 680, 1130, 720, 1180, 640, 1270, 500, 1280, 370, 1200))
	s.line(4, curve(420, 1160, 520, 1230, 680, 1190))
	s.solid(indigo, flat(1), 7, poly(370, 1170, 520, 1290, 560, 1620, 430, 1620, 250, 1220))
	s.solid(indigo, flat(1), 7, poly(720, 1160, 590, 1290, 570, 1620, 700, 1620, 850, 1210))
	for k := range 13 {
		t := float64(k) / 12
		x := 250 + 620*t
		y := 1260 + 760*t*(1-t)
		s.solid(ochre, flat(1), 5, disc(x, y, 27))
		s.line(3, disc(x, y, 13)[0])
	}
	s.solid(ochre, flat(1), 6, disc(560, 1498, 56))
	for k := range 3 {
		s.line(6, curve(524, 1480+float64(k)*18, 542, 1470+float64(k)*18, 560, 1480+float64(k)*18, 578, 1470+float64(k)*18, 598, 1480+float64(k)*18))
	}
}

// fisherProfile: an old hand with a pipe, spray behind.
func fisherProfile(s *sheet) {
	h := float64(s.h)
	s.wash(indigo, 60, 0.9, 900, 0.12)
	s.sea(900, h, 0.5, 1)
	s.blank(5, disc(300, 330, 120))
	s.glaze(vermilion, flat(0.9), disc(300, 330, 120))
	s.mist(90, 360, 340, 36)
	s.gull(240, 640, 54)
	s.gull(150, 560, 32)
	// Oilskin.
	s.solid(ochre, flat(1), 9, blob(150, 1640, 190, 1360, 310, 1210, 480, 1130, 640, 1130, 800, 1190, 930, 1330, 980, 1640))
	s.line(7, curve(560, 1230, 540, 1400, 560, 1620))
	for _, y := range []float64{1330, 1440, 1550} {
		s.solid(sumi, flat(0.9), 4, ellipse(586, y, 15, 20))
	}
	s.line(6, curve(320, 1300, 350, 1440, 330, 1620))
	s.line(6, curve(820, 1290, 800, 1440, 830, 1620))
	// Face looking left, beard.
	face := shape{curve(690, 560, 640, 470, 520, 440, 400, 470, 350, 540, 344, 600, 352, 640, 322, 690, 270, 760, 280, 790, 330, 800, 334, 830, 320, 850, 340, 900, 420, 1020, 600, 1020, 690, 900, 720, 740, 690, 560)}
	s.blank(9, face)
	s.glaze(vermilion, flat(0.16), face)
	s.solid(sumi, flat(1), 0, ellipse(388, 668, 11, 13))
	s.line(6, curve(354, 656, 390, 640, 424, 654))
	s.line(5, curve(362, 684, 390, 692, 420, 680))
	s.blank(5, shape{curve(344, 620, 380, 590, 450, 600, 470, 622, 420, 624, 380, 622, 344, 632)})
	for k := range 4 {
		s.line(3.5, curve(470+float64(k)*8, 650+float64(k)*16, 520, 660+float64(k)*20, 556, 640+float64(k)*24))
	}
	s.line(5, curve(430, 760, 450, 800, 440, 840))
	beard := shape{curve(330, 822, 380, 806, 450, 822, 520, 800, 590, 740, 640, 660, 690, 640, 730, 740, 740, 900, 690, 1060, 590, 1160, 470, 1190, 390, 1130, 344, 1040, 320, 930, 330, 822)}
	s.blank(9, beard)
	for k := range 15 {
		t := float64(k) / 14
		x := 360 + 330*t
		s.line(4, curve(x, 870-150*t*t+s.roll(-10, 10), x-16, 960-40*t, x-6+40*(0.5-t), 1060-20*t+s.roll(-20, 20)))
	}
	s.line(6, curve(340, 860, 370, 868, 410, 856))
	// Pipe with its smoke.
	s.line(16, curve(350, 858, 280, 890, 220, 880))
	s.solid(sumi, flat(0.95), 6, poly(160, 800, 240, 800, 232, 900, 170, 900))
	s.lineIn(sumi, 0.45, 16, curve(200, 790, 160, 700, 230, 620, 180, 520, 250, 440))
	// Ear and sou'wester.
	s.blank(6, blob(600, 660, 640, 640, 664, 680, 650, 740, 616, 750))
	s.line(4, curve(618, 670, 642, 680, 628, 724))
	s.solid(ochre, flat(1), 10, shape{curve(250, 612, 330, 560, 350, 430, 440, 330, 570, 300, 690, 350, 750, 460, 790, 590, 900, 700, 960, 800, 850, 790, 740, 720, 690, 630, 560, 560, 400, 570, 250, 612)})
	s.line(7, curve(344, 552, 470, 500, 620, 520, 750, 610, 860, 760))
	s.line(5, curve(470, 340, 440, 420, 440, 500))
	s.line(5, curve(600, 316, 610, 410, 640, 510))
	s.line(5, curve(700, 380, 730, 470, 760, 560))
	s.glaze(vermilion, flat(0.25), shape{curve(344, 560, 470, 508, 620, 528, 750, 620, 860, 770, 740, 720, 690, 630, 560, 560, 400, 570)})
	// Knitted collar.
	s.solid(indigo, flat(0.98), 8, blob(430, 1120, 560, 1180, 720, 1080, 800, 1140, 780, 1220, 600, 1290, 440, 1240, 380, 1170))
	for k := range 9 {
		s.score(3.6, curve(440+float64(k)*40, 1150+float64(k%2)*8-float64(k)*4, 452+float64(k)*40, 1190, 446+float64(k)*38, 1240))
	}
}
