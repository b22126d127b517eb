package media

import (
	"image"
	"image/color"
)

// A plane is one channel of a picture as stored: brightness, or one of the two
// colours, which most JPEGs keep at half the size.
type plane struct {
	pix    []uint8
	stride int
	w, h   int     // of what is stored
	across float64 // what the picture's width is in the plane's pixels, which for an odd width is half a pixel less than w
	down   float64
}

// scaleYCbCr is scale for a JPEG. It scales the planes as they are stored and
// makes RGB of the result: of a photo of 12 megapixels that is a quarter of the
// pixels to convert and 18 million values to add up instead of 48.
func scaleYCbCr(src *image.YCbCr, w, h int) *image.RGBA {
	size := src.Rect.Size()
	perX, perY := subsampled(src.SubsampleRatio)
	chroma := func(pix []uint8) *scaler {
		return newScaler(plane{
			pix: pix, stride: src.CStride,
			w: (size.X + perX - 1) / perX, h: (size.Y + perY - 1) / perY,
			across: float64(size.X) / float64(perX), down: float64(size.Y) / float64(perY),
		}, w, h)
	}
	at := src.COffset(src.Rect.Min.X, src.Rect.Min.Y)
	bright := newScaler(plane{
		pix: src.Y[src.YOffset(src.Rect.Min.X, src.Rect.Min.Y):], stride: src.YStride,
		w: size.X, h: size.Y, across: float64(size.X), down: float64(size.Y),
	}, w, h)
	blue, red := chroma(src.Cb[at:]), chroma(src.Cr[at:])
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		ys, cbs, crs := bright.row(y), blue.row(y), red.row(y)
		pix := dst.Pix[y*dst.Stride:][: 4*w : 4*w]
		for x, v := range ys {
			r, g, b := color.YCbCrToRGB(rounded(v), rounded(cbs[x]), rounded(crs[x]))
			p := pix[4*x : 4*x+4 : 4*x+4]
			p[0], p[1], p[2], p[3] = r, g, b, 255
		}
	}
	return dst
}

func rounded(v float32) uint8 { return uint8(min(max(v+0.5, 0), 255)) }

// subsampled returns how many pixels across and down share one colour.
func subsampled(ratio image.YCbCrSubsampleRatio) (x, y int) {
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// A scaler makes the rows of a scaled plane, from the top. Like scale, it keeps
// only as many of the plane's rows as one of its own needs.
type scaler struct {
	plane
	taps []tap // across
	rows []tap
	ring [][]float32
	next int // the plane's row to read next
	sum  []float32
}

func newScaler(p plane, w, h int) *scaler {
	s := &scaler{plane: p, taps: tapsOf(p.across, p.w, w), rows: tapsOf(p.down, p.h, h), sum: make([]float32, w)}
	s.ring = make([][]float32, longest(s.rows))
	for i := range s.ring {
		s.ring[i] = make([]float32, w)
	}
	return s
}

// row returns the scaled row y. It is valid until the next call.
func (s *scaler) row(y int) []float32 {
	tap := s.rows[y]
	for ; s.next < tap.from+len(tap.weights); s.next++ {
		line := s.pix[s.next*s.stride:][:s.w]
		into := s.ring[s.next%len(s.ring)]
		for x := range into {
			t := &s.taps[x]
			var v float32
			pix := line[t.from:][:len(t.weights)]
			for i, weight := range t.weights {
				v += weight * float32(pix[i])
			}
			into[x] = v
		}
	}
	clear(s.sum)
	for i, weight := range tap.weights {
		from := s.ring[(tap.from+i)%len(s.ring)][:len(s.sum)]
		for x := range s.sum {
			s.sum[x] += weight * from[x]
		}
	}
	return s.sum
}
