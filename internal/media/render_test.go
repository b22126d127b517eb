package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kawaraban/internal/problem"
)

func TestRenderSizes(t *testing.T) {
	for _, test := range []struct {
		own  int
		want []int
	}{
		{2000, []int{320, 640, 960, 1280, 1920}},
		{1000, []int{320, 640, 960, 1000}},
		{640, []int{320, 640}},
		{200, []int{200}},
	} {
		list, err := Render(t.Context(), encodeAs(t, harbour(test.own, test.own/2), JPEG), Widths(), JPEG, WebP)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for i, r := range list {
			if want := []Format{JPEG, WebP}[i%2]; r.Format != want || r.Height != r.Width/2 {
				t.Errorf("%d: %s %d×%d", i, r.Format, r.Width, r.Height)
			}
			info, err := Inspect(r.Data)
			if err != nil || info.Width != r.Width || info.Height != r.Height || info.Format != r.Format {
				t.Errorf("%s at %d reads as %+v, %v", r.Format, r.Width, info, err)
			}
			got = append(got, r.Width)
		}
		if got = slices.Compact(got); !slices.Equal(got, test.want) {
			t.Errorf("%d pixels wide: renditions %v, want %v", test.own, got, test.want)
		}
	}
}

// What came with the picture must come with each rendition, and what tells
// where and with what it was taken must not.
func TestRenderKeepsRightsOnly(t *testing.T) {
	secret := rights()
	stamped, err := Embed(encodeAs(t, harbour(700, 400), JPEG), secret)
	if err != nil {
		t.Fatal(err)
	}
	stamped = withExif(stamped, 1)
	if !bytes.Contains(stamped, []byte("SERIAL-4711")) {
		t.Fatal("the test's own Exif is missing")
	}
	list, err := Render(t.Context(), stamped, []int{320, 640}, JPEG, WebP)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		info, err := Inspect(r.Data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rights(), info.Meta); diff != "" {
			t.Errorf("%s at %d (-want +got):\n%s", r.Format, r.Width, diff)
		}
		for _, gone := range []string{"Exif\x00", "EXIF", "SERIAL", "GPS"} {
			if bytes.Contains(r.Data, []byte(gone)) {
				t.Errorf("%s at %d still has %q", r.Format, r.Width, gone)
			}
		}
	}
}

// The newsroom's own notes stay in the newsroom.
func TestEmbedLeavesOutNotes(t *testing.T) {
	m := rights()
	m.Instructions, m.City, m.Keywords = "CANARY-NOTE", "CANARY-CITY", []string{"CANARY-WORD"}
	for _, format := range []Format{JPEG, WebP} {
		data, err := Embed(encodeAs(t, harbour(30, 20), format), m)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte("CANARY")) {
			t.Errorf("%s carries a note", format)
		}
	}
}

// IIM alone must do for readers that know nothing newer.
func TestIIM(t *testing.T) {
	want := rights()
	got := parseIIM(appendIIM(nil, want))
	want.Alt, want.UsageTerms, want.WebStatement, want.Licensor, want.LicensorURL = "", "", "", "", ""
	want.DataMining, want.DigitalSource = "", ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	latin := []byte("\x1c\x02\x50\x00\x04In\xe8s")
	if got := parseIIM(latin).Byline; got != "Inès" {
		t.Errorf("Western code page: %q", got)
	}
	long := parseIIM(appendIIM(nil, Meta{Credit: strings.Repeat("あ", 20)})).Credit
	if long != strings.Repeat("あ", 10) {
		t.Errorf("32 bytes of credit: %q", long)
	}
}

func TestPrecedence(t *testing.T) {
	m := Meta{Caption: "from XMP"}
	m.fill(Meta{Caption: "from IIM", Credit: "from IIM"})
	if m.Caption != "from XMP" || m.Credit != "from IIM" {
		t.Errorf("%+v", m)
	}
}

// The longest texts, each mark five bytes in XML, still fit their segment.
func TestEmbedLongTexts(t *testing.T) {
	var m Meta
	for _, text := range m.texts() {
		*text = strings.Repeat(`"`, maxField)
	}
	data, err := Embed(encodeAs(t, harbour(30, 20), JPEG), m)
	if err != nil {
		t.Fatal(err)
	}
	info, err := Inspect(data)
	if err != nil || !strings.HasPrefix(info.Meta.UsageTerms, `""""`) {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestRenderOrientation(t *testing.T) {
	red, green, blue, white := [3]bool{true}, [3]bool{1: true}, [3]bool{2: true}, [3]bool{true, true, true}
	for orientation, want := range map[byte][4][3]bool{ // top left, top right, bottom left, bottom right
		1: {red, green, blue, white},
		2: {green, red, white, blue},
		3: {white, blue, green, red},
		4: {blue, white, red, green},
		5: {red, blue, green, white},
		6: {blue, red, white, green},
		7: {white, green, blue, red},
		8: {green, white, red, blue},
	} {
		list, err := Render(t.Context(), withExif(encodeAs(t, harbour(80, 40), JPEG), orientation), []int{80}, JPEG, WebP)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			img, err := decode(r.Data, r.Format)
			if err != nil {
				t.Fatal(err)
			}
			b := img.Bounds()
			if lying := orientation >= 5; lying != (b.Dy() > b.Dx()) {
				t.Errorf("orientation %d: %v", orientation, b)
			}
			w, h := b.Dx(), b.Dy()
			for i, p := range []image.Point{{w / 4, h / 4}, {3 * w / 4, h / 4}, {w / 4, 3 * h / 4}, {3 * w / 4, 3 * h / 4}} {
				cr, cg, cb, _ := img.At(p.X, p.Y).RGBA()
				if got := [3]bool{cr > 0x8000, cg > 0x8000, cb > 0x8000}; got != want[i] {
					t.Errorf("orientation %d, %s, quarter %d: %v, want %v", orientation, r.Format, i, got, want[i])
				}
			}
		}
	}
}

func TestRenderTransparent(t *testing.T) {
	img := harbour(100, 100)
	draw.Draw(img, image.Rect(0, 0, 50, 50), image.Transparent, image.Point{}, draw.Src)
	list, err := Render(t.Context(), encodeAs(t, img, PNG), []int{100}, JPEG, WebP)
	if err != nil {
		t.Fatal(err)
	}
	jpg, _ := decode(list[0].Data, JPEG)
	if r, g, b, _ := jpg.At(10, 10).RGBA(); r>>8 < 0xf5 || g>>8 < 0xf2 || b>>8 < 0xe8 || b > r {
		t.Errorf("JPEG shows %x %x %x, not paper", r>>8, g>>8, b>>8)
	}
	web, err := decode(list[1].Data, WebP)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, a := web.At(10, 10).RGBA(); a != 0 {
		t.Errorf("WebP has alpha %x", a)
	}
}

// A GIF's first frame may cover a part of its canvas only.
func TestRenderPartOfCanvas(t *testing.T) {
	frame := image.NewPaletted(image.Rect(50, 0, 100, 50), color.Palette{color.Black, color.White})
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{
		Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{Width: 100, Height: 50},
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := Render(t.Context(), b.Bytes(), []int{100}, JPEG, WebP)
	if err != nil {
		t.Fatal(err)
	}
	img, _ := decode(list[0].Data, JPEG)
	left, _, _, _ := img.At(20, 20).RGBA()
	right, _, _, _ := img.At(80, 20).RGBA()
	if left < 0xf000 || right > 0x1000 {
		t.Errorf("left %x, right %x; want paper and black", left, right)
	}
}

// A flat colour stays that colour, whatever the sizes: the weights add up to 1.
func TestScaleFlat(t *testing.T) {
	for _, to := range []image.Point{{1, 1}, {7, 3}, {33, 31}, {64, 48}, {150, 90}} {
		src := image.NewNRGBA(image.Rect(0, 0, 64, 48))
		draw.Draw(src, src.Rect, image.NewUniform(color.NRGBA{181, 48, 27, 255}), image.Point{}, draw.Src)
		for i, v := range scale(src, src.Rect.Size(), to.X, to.Y).Pix {
			if want := []uint8{181, 48, 27, 255}[i%4]; v != want {
				t.Fatalf("%v: byte %d is %d, want %d", to, i, v, want)
			}
		}
	}
}

func TestRenderEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Render(ctx, encodeAs(t, harbour(60, 40), JPEG), Widths(), JPEG, WebP); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRenderDamaged(t *testing.T) {
	data := encodeAs(t, harbour(600, 400), JPEG)
	if _, err := Render(t.Context(), data[:len(data)/2], Widths(), JPEG, WebP); !problem.Is(err, problem.Invalid) {
		t.Errorf("got %v", err)
	}
}

// A page in disguise: the bytes that we serve hold nothing of it.
func TestRenderPolyglot(t *testing.T) {
	evil := "<script>alert(document.domain)</script>"
	data := append(encodeAs(t, harbour(60, 40), JPEG), evil...)
	data = append(appendSegment(bytes.Clone(data[:2]), 0xfe, []byte(evil)), data[2:]...) // a comment, too
	list, err := Render(t.Context(), data, Widths(), JPEG, WebP)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		if bytes.Contains(r.Data, []byte("alert")) {
			t.Errorf("the script came through into %s", r.Format)
		}
	}
}

func TestCrop(t *testing.T) {
	for _, test := range []struct {
		f              Focus
		w, h, rw, rh   int
		x0, y0, x1, y1 int
	}{
		{Focus{}, 1600, 1000, 1, 1, 300, 0, 1300, 1000},
		{Focus{0.9, 0.5}, 1600, 1000, 1, 1, 600, 0, 1600, 1000},
		{Focus{0.1, 0.2}, 1000, 1600, 16, 9, 0, 39, 1000, 601},
		{Focus{2, -3}, 100, 100, 2, 1, 0, 0, 100, 50},
		{Focus{}, 100, 50, 0, 1, 0, 0, 100, 50},
	} {
		if got, want := test.f.Crop(test.w, test.h, test.rw, test.rh), image.Rect(test.x0, test.y0, test.x1, test.y1); got != want {
			t.Errorf("%v of %d×%d at %d:%d: %v, want %v", test.f, test.w, test.h, test.rw, test.rh, got, want)
		}
	}
}

// quay is a photo's stand-in of 12 megapixels: shapes, slopes and grain.
func quay(b testing.TB) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	grain := rand.New(rand.NewPCG(1, 2))
	for y := range 3000 {
		for x := range 4000 {
			n := uint8(grain.IntN(12))
			img.SetRGBA(x, y, color.RGBA{uint8(x/20) + n, uint8(y/16) + n, uint8((x/97+y/61)%2*90) + n, 255})
		}
	}
	return encodeAs(b, img, JPEG)
}

func BenchmarkRender12MP(b *testing.B) {
	data := quay(b)
	for b.Loop() {
		if _, err := Render(b.Context(), data, Widths(), JPEG, WebP); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
}

func BenchmarkEncode1920(b *testing.B) {
	img, _ := decode(quay(b), JPEG)
	step := scale(img, img.Bounds().Size(), 1920, 1440)
	for _, format := range []Format{JPEG, WebP} {
		b.Run(fmt.Sprint(format), func(b *testing.B) {
			size := 0
			for b.Loop() {
				data, err := encode(step, format, Meta{})
				if err != nil {
					b.Fatal(err)
				}
				size = len(data)
			}
			b.ReportMetric(float64(size)/1024, "KiB")
		})
	}
}

func BenchmarkScale12MP(b *testing.B) {
	img, _ := decode(quay(b), JPEG)
	for b.Loop() {
		scale(img, img.Bounds().Size(), 1920, 1440)
	}
}
