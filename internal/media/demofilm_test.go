package media

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"math"
	"os"
	"testing"
	"time"

	"github.com/gen2brain/webp"

	"kawaraban/internal/papertest"
)

var drawFilm = flag.Bool("film", false, "draw the demo's film anew")

const (
	demoFilm      = "../../cmd/kawaraban/demo/videos/tide.webm"
	filmFrames    = 24
	filmW, filmH  = 480, 270
	filmPerSecond = 4
)

// The demo's film is drawn here: the tide at the quay, as a woodblock print that moves.
// A lossy WebP is one frame of VP8, so that a WebM of them needs no other encoder.
func TestDemoFilm(t *testing.T) {
	if *drawFilm {
		var frames [][]byte
		for i := range filmFrames {
			frames = append(frames, vp8(t, tide(float64(i)/filmFrames)))
		}
		data := papertest.WebM(papertest.Film{Width: filmW, Height: filmH, Length: filmFrames * time.Second / filmPerSecond, Codec: "V_VP8"}, frames...)
		if err := os.WriteFile(demoFilm, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(demoFilm)
	if err != nil {
		t.Fatal(err)
	}
	want := Film{WebM, "VP8", filmFrames * time.Second / filmPerSecond, filmW, filmH}
	if got, err := inspect(data); err != nil || got != want {
		t.Errorf("the demo's film is %+v, %v; want %+v", got, err, want)
	}
	if len(data) > 150<<10 {
		t.Errorf("the demo's film has %d KB", len(data)>>10)
	}
}

// vp8 is a picture as a frame of VP8.
func vp8(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := webp.Encode(&b, img, webp.Options{Quality: 50, Method: webpMethod}); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	at := bytes.Index(data, []byte("VP8 "))
	if at < 0 {
		t.Fatal("the encoder makes no lossy WebP")
	}
	size := int(data[at+4]) | int(data[at+5])<<8 | int(data[at+6])<<16
	return data[at+8 : at+8+size]
}

// tide draws the sea at a moment from 0 to 1: paper, a red sun, two rows of waves.
func tide(moment float64) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, filmW, filmH))
	paper, sun := color.RGBA{0xf3, 0xec, 0xdc, 0xff}, color.RGBA{0xb8, 0x3a, 0x2a, 0xff}
	far, near, foam := color.RGBA{0x6f, 0x93, 0xa8, 0xff}, color.RGBA{0x1f, 0x3f, 0x63, 0xff}, color.RGBA{0xf8, 0xf4, 0xea, 0xff}
	rise := 14 * (1 - math.Cos(2*math.Pi*moment)) / 2
	for x := range filmW {
		turn := func(length, speed float64) float64 { return math.Sin(2 * math.Pi * (float64(x)/length + speed*moment)) }
		back := 150 - rise/2 + 6*turn(120, 1)
		front := 196 - rise + 12*turn(160, -2)
		for y := range filmH {
			c := paper
			dx, dy := float64(x-350), float64(y-92)
			switch h := float64(y); {
			case h > front+5:
				c = near
			case h > front:
				c = foam
			case h > back+3:
				c = far
			case h > back:
				c = foam
			case dx*dx+dy*dy < 46*46:
				c = sun
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}
