package media

import (
	"image"
	"image/draw"
	"math"
)

// scale draws src, as part of a canvas of size pixels, into w by h pixels with
// the Catmull-Rom kernel. It opens src row by row and keeps only as many rows
// as one row of the result needs: golang.org/x/image/draw keeps the whole
// picture at the new width in floats, 184 MB for a photo of 12 megapixels, where
// this takes one.
func scale(src image.Image, size image.Point, w, h int) *image.RGBA {
	if photo, ok := src.(*image.YCbCr); ok && photo.Rect.Size() == size {
		return scaleYCbCr(photo, w, h)
	}
	return scalePart(src, origin(src), size, w, h)
}

// scalePart is scale for the part of src's canvas that begins at from.
func scalePart(src image.Image, from, size image.Point, w, h int) *image.RGBA {
	across, down := taps(size.X, w), taps(size.Y, h)
	line := image.NewRGBA(image.Rect(0, 0, size.X, 1))
	ring := make([][]float32, longest(down))
	for i := range ring {
		ring[i] = make([]float32, 4*w)
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	sum := make([]float32, 4*w)
	next := 0 // the source row to read next
	whole := src.Bounds() == image.Rectangle{Max: size} && from == image.Point{}
	for y, tap := range down {
		for ; next < tap.from+len(tap.weights); next++ {
			row := line.Pix
			if own, ok := src.(*image.RGBA); ok && whole {
				row = own.Pix[next*own.Stride:][:len(row)]
			} else {
				clear(row) // a GIF's frame may cover only part of its canvas
				draw.Draw(line, line.Rect, src, image.Pt(0, next).Add(from), draw.Src)
			}
			scaleLine(ring[next%len(ring)], row, across)
		}
		clear(sum)
		for i, weight := range tap.weights {
			row := ring[(tap.from+i)%len(ring)][:len(sum)]
			for x := range sum {
				sum[x] += weight * row[x]
			}
		}
		store(dst.Pix[y*dst.Stride:], sum)
	}
	return dst
}

// origin is where a picture's canvas begins. Only a GIF's frame has bounds that
// begin elsewhere, and those are relative to the canvas already.
func origin(src image.Image) image.Point {
	if _, ok := src.(*image.Paletted); ok {
		return image.Point{}
	}
	return src.Bounds().Min
}

// scaleLine draws one row of RGBA into dst.
func scaleLine(dst []float32, row []uint8, across []tap) {
	for x, tap := range across {
		var r, g, b, a float32
		pix := row[4*tap.from : 4*(tap.from+len(tap.weights))]
		for _, weight := range tap.weights {
			p := pix[:4:4]
			r += weight * float32(p[0])
			g += weight * float32(p[1])
			b += weight * float32(p[2])
			a += weight * float32(p[3])
			pix = pix[4:]
		}
		d := dst[4*x : 4*x+4 : 4*x+4]
		d[0], d[1], d[2], d[3] = r, g, b, a
	}
}

// store rounds a row of premultiplied colours; the kernel's overshoot must leave
// no colour brighter than its alpha.
func store(pix []uint8, row []float32) {
	for i := 0; i+3 < len(row); i += 4 {
		alpha := min(max(row[i+3]+0.5, 0), 255)
		pix[i+3] = uint8(alpha)
		for c := i; c < i+3; c++ {
			pix[c] = uint8(min(max(row[c]+0.5, 0), alpha))
		}
	}
}

// A tap says which source pixels make one of the result, and how much of each.
type tap struct {
	from    int
	weights []float32
}

// taps computes the taps from n source pixels to m.
func taps(n, m int) []tap { return tapsOf(float64(n), n, m) }

// tapsOf computes the taps from what is width source pixels wide, of which n are
// stored, to m pixels.
func tapsOf(width float64, n, m int) []tap {
	ratio := width / float64(m)
	stretch := max(ratio, 1) // smaller: the kernel grows, so that each pixel counts
	list := make([]tap, m)
	for i := range list {
		centre := (float64(i)+0.5)*ratio - 0.5
		from := max(int(math.Ceil(centre-2*stretch)), 0)
		to := min(int(math.Floor(centre+2*stretch)), n-1)
		weights := make([]float32, 0, to-from+1)
		var sum float32
		for j := from; j <= to; j++ {
			weight := float32(catmullRom(math.Abs(float64(j)-centre) / stretch))
			weights = append(weights, weight)
			sum += weight
		}
		for j := range weights {
			weights[j] /= sum
		}
		list[i] = tap{from, weights}
	}
	return list
}

// catmullRom is the cubic kernel with B = 0 and C = 1/2 (Mitchell and Netravali,
// 1988), for t ≥ 0.
func catmullRom(t float64) float64 {
	switch {
	case t < 1:
		return (1.5*t-2.5)*t*t + 1
	case t < 2:
		return ((-0.5*t+2.5)*t-4)*t + 2
	default:
		return 0
	}
}

func longest(list []tap) int {
	n := 1
	for _, tap := range list {
		n = max(n, len(tap.weights))
	}
	return n
}

// upright turns and mirrors a picture whose pixels are stored in one of Exif's
// eight orientations.
func upright(img *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			var from image.Point
			switch orientation {
			case 2:
				from = image.Pt(w-1-x, y)
			case 3:
				from = image.Pt(w-1-x, h-1-y)
			case 4:
				from = image.Pt(x, h-1-y)
			case 5:
				from = image.Pt(y, x)
			case 6:
				from = image.Pt(y, h-1-x)
			case 7:
				from = image.Pt(w-1-y, h-1-x)
			case 8:
				from = image.Pt(w-1-y, x)
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], img.Pix[img.PixOffset(from.X, from.Y):][:4])
		}
	}
	return out
}
