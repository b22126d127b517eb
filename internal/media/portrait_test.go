package media

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"testing"

	"kawaraban/internal/problem"
)

// TestPortrait makes a square of each format and shape, in which nothing of the
// file's own words is left.
func TestPortrait(t *testing.T) {
	for _, format := range []Format{JPEG, PNG, GIF, WebP} {
		for _, size := range []image.Point{{700, 400}, {400, 700}, {320, 320}, {30, 20}, {1, 1}, {3, 4000}, {4000, 3}} {
			data := encodeAs(t, harbour(size.X, size.Y), format)
			if format == JPEG {
				data = withExif(data, 6)
			}
			got, err := Portrait(append(data, "<script>alert(1)</script>"...))
			if err != nil {
				t.Errorf("%s of %v: %v", format, size, err)
				continue
			}
			info, err := Inspect(got)
			if err != nil || info.Format != JPEG || info.Width != PortraitSide || info.Height != PortraitSide || info.Orientation > 1 {
				t.Errorf("%s of %v became %+v, %v", format, size, info, err)
			}
			for _, gone := range []string{"Exif", "SERIAL", "script"} {
				if bytes.Contains(got, []byte(gone)) {
					t.Errorf("%s of %v still has %q", format, size, gone)
				}
			}
		}
	}
}

// TestPortraitMiddle is about what of a picture is shown, and the right way up.
func TestPortraitMiddle(t *testing.T) {
	wide := image.NewNRGBA(image.Rect(0, 0, 900, 300)) // black, red over blue, black
	draw.Draw(wide, wide.Rect, image.Black, image.Point{}, draw.Src)
	draw.Draw(wide, image.Rect(300, 0, 600, 150), image.NewUniform(color.NRGBA{220, 0, 0, 255}), image.Point{}, draw.Src)
	draw.Draw(wide, image.Rect(300, 150, 600, 300), image.NewUniform(color.NRGBA{0, 0, 220, 255}), image.Point{}, draw.Src)
	for orientation, red := range map[byte]image.Point{1: {160, 40}, 3: {160, 280}, 6: {280, 160}, 8: {40, 160}} {
		got, err := Portrait(withExif(encodeAs(t, wide, JPEG), orientation))
		if err != nil {
			t.Fatal(err)
		}
		img, err := decode(got, JPEG)
		if err != nil {
			t.Fatal(err)
		}
		if r, _, b, _ := img.At(red.X, red.Y).RGBA(); r < 0xc000 || b > 0x3000 {
			t.Errorf("orientation %d: %x, %x at %v, want red", orientation, r, b, red)
		}
		if r, _, b, _ := img.At(PortraitSide-red.X, PortraitSide-red.Y).RGBA(); b < 0xc000 || r > 0x3000 {
			t.Errorf("orientation %d: %x, %x across, want blue", orientation, r, b)
		}
	}

	// A GIF's first frame that covers only the middle of its canvas.
	frame := image.NewPaletted(image.Rect(300, 0, 600, 300), color.Palette{color.Black, color.White})
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{Width: 900, Height: 300}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Portrait(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	img, err := decode(got, JPEG)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []image.Point{{5, 5}, {160, 160}, {315, 315}} {
		if r, _, _, _ := img.At(at.X, at.Y).RGBA(); r > 0x1000 {
			t.Errorf("the GIF shows %x at %v, want black", r, at)
		}
	}
}

func TestPortraitRefuses(t *testing.T) {
	whole := encodeAs(t, harbour(600, 400), JPEG)
	for name, data := range map[string][]byte{
		"nothing": nil, "half": whole[:len(whole)/2], "a drawing": []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "a page": []byte("<html>"),
		"a bomb": pngHeader(60_000, 60_000, 8, 6),
	} {
		if _, err := Portrait(data); problem.Of(err) == nil {
			t.Errorf("%s: %v, want a Problem", name, err)
		}
	}
}
