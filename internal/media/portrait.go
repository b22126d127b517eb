package media

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
)

// PortraitSide is the width and height of a portrait, in pixels.
const PortraitSide = 320

// portraitQuality is a little above that of renditions: faces are small here.
const portraitQuality = 85

// Portrait makes the square picture of a person from one that we read: the
// middle of it, upright, and nothing of what else the file said, neither where
// it was taken nor by what. A picture that Inspect refuses, or that is damaged,
// is a problem. Like Render it may take 200 MB: the caller decides how many run
// at once.
func Portrait(data []byte) ([]byte, error) {
	info, err := Inspect(data)
	if err != nil {
		return nil, err
	}
	img, err := decode(data, info.Format)
	if err != nil {
		return nil, damaged(data, info.Format, err)
	}
	// The square in the middle is the same whichever way the picture lies.
	side := min(info.Width, info.Height)
	spare := image.Pt(info.Width-side, info.Height-side)
	if info.Orientation >= 5 {
		spare.X, spare.Y = spare.Y, spare.X
	}
	from := origin(img).Add(spare.Div(2))
	square := upright(scalePart(img, from, image.Pt(side, side), PortraitSide, PortraitSide), info.Orientation)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, onPaper(square), &jpeg.Options{Quality: portraitQuality}); err != nil {
		return nil, fmt.Errorf("draw a portrait: %w", err)
	}
	return b.Bytes(), nil
}
