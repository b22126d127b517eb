package site

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"kawaraban/internal/page"
)

// The seal is the paper's mark: roof tiles (kawara) cut into a square of the
// accent colour. It is drawn from these measures, in units of a 32nd of its
// side, so that it needs no file and follows the operator's colour.
const (
	sealSide   = 32.0
	tileRadius = 8.0
	tileDown   = 8.0 // from row to row
	tileLine   = 1.8
)

// tiles lists the centres, top row last: each row lies over the one below it.
func tiles() (centres [][2]float64) {
	for row := 4; row >= 0; row-- {
		shift := float64(row%2) * tileRadius
		for x := -tileRadius; x <= sealSide+tileRadius; x += 2 * tileRadius {
			centres = append(centres, [2]float64{x + shift, float64(row)*tileDown - 3})
		}
	}
	return centres
}

// sealSVG draws the seal for browsers.
func sealSVG(accent string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="%[1]s" d="M0 0h32v32H0z"/><g fill="%[1]s" stroke="%[2]s" stroke-width="%[3]g">`,
		accent, page.PaperLight, tileLine)
	for _, c := range tiles() {
		fmt.Fprintf(&b, `<circle cx="%g" cy="%g" r="%g"/>`, c[0], c[1], tileRadius-tileLine/2)
	}
	fmt.Fprintf(&b, `</g><path fill="none" stroke="%s" stroke-width="3" d="M0 0h32v32H0z"/></svg>`, accent)
	return []byte(b.String())
}

// sealPNG draws the seal for everything else, size pixels wide.
func sealPNG(accent string, size int) ([]byte, error) {
	ink, err := page.ParseColour(accent)
	if err != nil {
		return nil, err
	}
	ground, err := page.ParseColour(page.PaperLight)
	if err != nil {
		return nil, err
	}
	centres := tiles()
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	const fine = 4 // samples a side in each pixel, for smooth edges
	for y := range size {
		for x := range size {
			at := func(dx, dy float64) bool {
				return onLine(centres, (float64(x)+dx)*sealSide/float64(size), (float64(y)+dy)*sealSide/float64(size))
			}
			lines := 0
			if corner := at(0, 0); corner == at(1, 0) && corner == at(0, 1) && corner == at(1, 1) {
				if corner {
					lines = fine * fine
				}
			} else {
				for i := range fine * fine {
					if at((float64(i%fine)+0.5)/fine, (float64(i/fine)+0.5)/fine) {
						lines++
					}
				}
			}
			img.SetRGBA(x, y, mix(ink, ground, lines, fine*fine))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("draw the seal: %w", err)
	}
	return b.Bytes(), nil
}

// onLine reports whether a point lies on the edge of the tile that shows there.
func onLine(centres [][2]float64, x, y float64) bool {
	if min(x, y, sealSide-x, sealSide-y) < 1.5 {
		return false // the border
	}
	for i := len(centres) - 1; i >= 0; i-- {
		dx, dy := x-centres[i][0], y-centres[i][1]
		if d := dx*dx + dy*dy; d <= tileRadius*tileRadius {
			return d > (tileRadius-tileLine)*(tileRadius-tileLine)
		}
	}
	return false
}

func mix(a, b color.RGBA, part, of int) color.RGBA {
	blend := func(x, y uint8) uint8 { return uint8((int(x)*(of-part) + int(y)*part) / of) }
	return color.RGBA{blend(a.R, b.R), blend(a.G, b.G), blend(a.B, b.B), 0xff}
}

// iconFile wraps a PNG of size pixels as the one picture of an .ico file.
func iconFile(picture []byte, size int) []byte {
	const header = 6 + 16
	var b []byte
	b = append(b, 0, 0, 1, 0, 1, 0) // reserved, an icon, one picture
	b = append(b, byte(size), byte(size), 0, 0, 1, 0, 32, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(picture)))
	b = binary.LittleEndian.AppendUint32(b, header)
	return append(b, picture...)
}
