package media

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"slices"

	"github.com/gen2brain/webp"
)

// Chosen by eye on photos with skin, sky and small type, at the width of a
// phone's column: below these, the first two begin to show.
const (
	jpegQuality = 80
	webpQuality = 75
	webpMethod  = 1 // of 0 (fast) to 6 (small); 2 takes a tenth longer and saves 1 %, 3 three times as long and 9 %
)

// A Rendition is one picture of ours, ready to be served.
type Rendition struct {
	Format Format
	Width  int
	Height int
	Data   []byte
}

// Widths returns the widths at which pages show pictures, in pixels.
func Widths() []int { return []int{320, 640, 960, 1280, maxWidth} }

// Render draws the picture at the widths, each in the formats (JPEG, WebP),
// narrowest first. No rendition is wider than the picture; when the picture is narrower
// than the widest, it has one at its own width. What is transparent shows the
// paper's colour in the JPEG. Each rendition carries the rights of the picture.
//
// It takes up to 200 MB for the opened picture and is not shared out over
// processors: the caller decides how many run at once. It ends early with ctx's
// error. A picture that Inspect refuses, or that is damaged, is a problem.
func Render(ctx context.Context, data []byte, widths []int, formats ...Format) ([]Rendition, error) {
	return render(ctx, data, widths, func(*Meta) {}, formats...)
}

// render is Render with words in the place of those of the file.
func render(ctx context.Context, data []byte, widths []int, change func(*Meta), formats ...Format) ([]Rendition, error) {
	info, err := Inspect(data)
	if err != nil {
		return nil, err
	}
	change(&info.Meta)
	var list []Rendition
	var step *image.RGBA // the last drawn; each is made from the next wider
	for _, width := range targets(widths, info.Width) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		height := max(1, (info.Height*width+info.Width/2)/info.Width)
		if step == nil {
			step, err = first(data, info, width, height)
		} else {
			step = scale(step, step.Rect.Size(), width, height)
		}
		if err != nil {
			return nil, err
		}
		for _, format := range formats {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			encoded, err := encode(step, format, info.Meta)
			if err != nil {
				return nil, fmt.Errorf("render at %d pixels: %w", width, err)
			}
			list = append(list, Rendition{format, width, height, encoded})
		}
	}
	slices.SortStableFunc(list, func(a, b Rendition) int { return a.Width - b.Width })
	return list, nil
}

// first opens the picture and draws the widest rendition, upright. The opened
// picture is garbage when it returns, before the encoders take their memory.
func first(data []byte, info Info, width, height int) (*image.RGBA, error) {
	img, err := decode(data, info.Format)
	if err != nil {
		return nil, damaged(data, info.Format, err)
	}
	size := image.Pt(info.Width, info.Height)
	if info.Orientation >= 5 {
		size.X, size.Y = size.Y, size.X
		width, height = height, width
	}
	return upright(scale(img, size, width, height), info.Orientation), nil
}

// targets returns the widths to draw, widest first.
func targets(widths []int, own int) []int {
	var list []int
	for _, width := range widths {
		if width > 0 {
			list = append(list, min(width, own))
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	slices.Reverse(list)
	return list
}

// encode stores a picture in one format, with its rights.
func encode(img *image.RGBA, format Format, m Meta) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch {
	case format == JPEG:
		err = jpeg.Encode(&b, onPaper(img), &jpeg.Options{Quality: jpegQuality})
	case img.Opaque():
		err = webp.Encode(&b, img, webp.Options{Quality: webpQuality, Method: webpMethod})
	default: // the encoder wants colours that alpha is not yet multiplied into
		straight := image.NewNRGBA(img.Rect)
		draw.Draw(straight, straight.Rect, img, image.Point{}, draw.Src)
		err = webp.Encode(&b, straight, webp.Options{Quality: webpQuality, Method: webpMethod})
	}
	if err != nil {
		return nil, err
	}
	return Embed(b.Bytes(), m)
}

// onPaper lays the picture on the paper's colour.
func onPaper(img *image.RGBA) *image.RGBA {
	if img.Opaque() {
		return img
	}
	washi := image.NewUniform(color.RGBA{0xfa, 0xf7, 0xf0, 0xff})
	flat := image.NewRGBA(img.Rect)
	draw.Draw(flat, flat.Rect, washi, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Rect, img, image.Point{}, draw.Over)
	return flat
}
