package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// TestRenderCost holds that a photo of 12 megapixels costs at most 2 s of a
// processor and 256 MiB, both passes together (SECURITY R44), and one that
// stands upright, whose renditions have nearly twice the pixels, in each pass.
func TestRenderCost(t *testing.T) {
	// It takes 1.75 s where nothing else runs; beside other tests it may take half
	// as long again.
	most := papertest.Cost{CPU: papertest.Slow(3 * time.Second), Allocated: 256 << 20}
	// What is allocated in all is more than is held: WebP's encoder doubles its
	// memory by copying it. At the worst time an upright photo holds 186 MB.
	standingMost := papertest.Cost{CPU: most.CPU, Allocated: 288 << 20}
	draw := func(data []byte, formats ...Format) func() {
		return func() {
			for _, f := range formats { // as Draw does it
				if _, err := Render(t.Context(), data, Widths(), f); err != nil {
					t.Error(err)
				}
			}
		}
	}
	lying := quay(t)
	standing := withExif(lying, 6)
	for _, test := range []struct {
		name string
		most papertest.Cost
		work func()
	}{
		{"12 megapixels, both passes", most, draw(lying, JPEG, WebP)},
		{"upright, JPEG", most, draw(standing, JPEG)},
		{"upright, WebP", standingMost, draw(standing, WebP)},
		{"portrait", most, func() { _, _ = Portrait(lying) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			cost := papertest.Measure(t, test.most, test.work)
			t.Logf("it costs %v", cost)
			if !cost.Within(test.most) {
				t.Errorf("it costs %v", cost)
			}
		})
	}
}

// TestFloods holds that what is made to hurt is refused for next to nothing.
func TestFloods(t *testing.T) {
	most := papertest.Cost{CPU: papertest.Slow(50 * time.Millisecond), Allocated: 64 << 20}
	jpg := encodeAs(t, harbour(60, 40), JPEG)
	png := encodeAs(t, harbour(60, 40), PNG)
	for _, test := range []struct {
		name string
		data []byte
		says string // "" when it is drawn
	}{
		{"60,000 by 60,000", pngHeader(60_000, 60_000, 8, 6), "3600 megapixels; the limit is 50"},
		{"scans", scans(600_000), "has more than 30 scans"},
		{"a few too many scans", scans(maxScans + 1), "has more than 30 scans"},
		{"Huffman tables", inserted(jpg, 2, bytes.Repeat(huffman(), (MaxBytes-len(jpg))/len(huffman()))), "has more than 5000 segments"},
		{"comments", inserted(jpg, 2, bytes.Repeat([]byte("\xff\xfe\x00\x02"), (MaxBytes-len(jpg))/4)), "has more than 5000 segments"},
		{"fill bytes", inserted(jpg, 2, bytes.Repeat([]byte("\xff"), MaxBytes-len(jpg))), "has more than 5000 segments"},
		{"one long text", inserted(png, 33, pngChunk("tEXt", bytes.Repeat([]byte("x"), MaxBytes-len(png)-12))), ""},
		{"short texts", inserted(png, 33, bytes.Repeat(pngChunk("tEXt", nil), (MaxBytes-len(png))/12)), "has more than 5000 segments"},
		{"10,000 frames", frames(t, 10_000), ""},
		{"a drawing", []byte("<svg>" + strings.Repeat("<g>", 1_000_000)), "drawing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var err error
			cost := papertest.Measure(t, most, func() { _, err = Render(t.Context(), test.data, []int{320}, JPEG) })
			t.Logf("%d KB cost %v: %v", len(test.data)>>10, cost, err)
			if !cost.Within(most) {
				t.Errorf("it costs %v", cost)
			}
			switch p := problem.Of(err); {
			case test.says == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.says != "" && (p == nil || !strings.Contains(p.Detail, test.says)):
				t.Errorf("%v, want %q", err, test.says)
			}
		})
	}
}

// TestScanLimit holds that a picture with as many scans as are taken is opened
// within its budget.
func TestScanLimit(t *testing.T) {
	most := papertest.Cost{CPU: papertest.Slow(2 * time.Second), Allocated: 256 << 20}
	cost := papertest.Measure(t, most, func() {
		if _, err := Render(t.Context(), scans(maxScans), Widths(), JPEG); err != nil {
			t.Error(err)
		}
	})
	t.Logf("it costs %v", cost)
	if !cost.Within(most) {
		t.Errorf("it costs %v", cost)
	}
}

// inserted returns data with more at a place.
func inserted(data []byte, at int, more []byte) []byte {
	return append(append(bytes.Clone(data[:at]), more...), data[at:]...)
}

// huffman is a segment with a table of one code: "0" is an end of 16,384 blocks.
func huffman() []byte {
	return appendSegment(nil, 0xc4, append(append([]byte{0x10, 1}, make([]byte, 15)...), 0xe0))
}

// scans is a progressive JPEG of 16 megapixels in which each of n scans of 40
// bytes says of all blocks that they are as before.
func scans(n int) []byte {
	data := []byte("\xff\xd8")
	data = appendSegment(data, 0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...))
	data = appendSegment(data, 0xc2, []byte{8, 4096 >> 8, 0, 4096 >> 8, 0, 1, 1, 0x11, 0})
	data = append(data, huffman()...)
	for range n {
		data = appendSegment(data, 0xda, []byte{1, 1, 0, 1, 63, 0})
		data = append(data, make([]byte, 4096*4096/64/16384*15/8)...)
	}
	return append(data, "\xff\xd9"...)
}

func pngChunk(kind string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func frames(t *testing.T, n int) []byte {
	frame := image.NewPaletted(image.Rect(0, 0, 100, 50), color.Palette{color.Black, color.White})
	moving := gif.GIF{Config: image.Config{Width: 100, Height: 50}}
	for range n {
		moving.Image, moving.Delay = append(moving.Image, frame), append(moving.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &moving); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestScaleYCbCr holds that planes scaled as they are stored show what scaling
// the colours shows, whatever the sizes and the share of the colours.
func TestScaleYCbCr(t *testing.T) {
	grain := rand.New(rand.NewPCG(1, 2))
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		for _, size := range []image.Point{{301, 203}, {64, 48}, {5, 7}, {1, 1}} {
			src := image.NewYCbCr(image.Rectangle{Max: size}, ratio)
			for y := range size.Y {
				for x := range size.X {
					src.Y[src.YOffset(x, y)] = uint8(60 + 100*x/size.X + grain.IntN(20))
					src.Cb[src.COffset(x, y)] = uint8(100 + 50*x/size.X)
					src.Cr[src.COffset(x, y)] = uint8(100 + 50*y/size.Y)
				}
			}
			for _, to := range []image.Point{size, {size.X/3 + 1, size.Y/3 + 1}, {size.X * 2, size.Y * 2}} {
				got, want := scale(src, size, to.X, to.Y), scalePart(src, image.Point{}, size, to.X, to.Y)
				sum := 0
				for i, v := range got.Pix {
					sum += max(int(v), int(want.Pix[i])) - min(int(v), int(want.Pix[i]))
				}
				if mean := float64(sum) / float64(len(got.Pix)); mean > 3 { // colours between two that are stored are mixed, not repeated
					t.Errorf("%v from %v to %v: off by %.1f on average", ratio, size, to, mean)
				}
			}
		}
	}
}
