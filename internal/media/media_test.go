package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gen2brain/webp"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// photo reads one of the agencies' and tool makers' files, which are not ours
// to commit.
func photo(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "photo", name))
	if err != nil {
		t.Skipf("no shared data: %v", err)
	}
	return data
}

// harbour draws a picture whose corners differ: red, green, blue, white, from
// the top left, row by row.
func harbour(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{A: 255}
			switch {
			case x < w/2 && y < h/2:
				c.R = 220
			case y < h/2:
				c.G = 220
			case x < w/2:
				c.B = 220
			default:
				c = color.NRGBA{250, 250, 250, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func encodeAs(t testing.TB, img image.Image, f Format) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch f {
	case JPEG:
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 90})
	case PNG:
		err = png.Encode(&b, img)
	case GIF:
		err = gif.Encode(&b, img, nil)
	case WebP:
		err = webp.Encode(&b, img, webp.Options{Quality: 90, Exact: true})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rights are those of an invented agency, with everything that needs care:
// accents, Japanese, marks of XML, two lines.
func rights() Meta {
	return Meta{
		Headline: "Ferry leaves Shiomachi <late>", Caption: "The morning ferry leaves the old pier.\nIt was 20 minutes late.",
		Alt: "A white ferry under gulls", Byline: "Inès Okabe", Credit: "Harbour Pool/潮町通信", Source: "Harbour Pool",
		Copyright: "© 2026 Harbour Pool & partners", UsageTerms: "Editorial use only", WebStatement: "https://harbour-pool.example/rights",
		Licensor: "Harbour Pool", LicensorURL: "https://harbour-pool.example/buy?id=7&x=1",
		DataMining: "DMI-PROHIBITED-AIMLTRAINING", DigitalSource: "digitalCapture",
		Created: time.Date(2026, 11, 22, 7, 12, 0, 0, time.FixedZone("", 9*3600)),
	}
}

// withExif puts orientation, a place and a camera's number into a JPEG.
func withExif(picture []byte, orientation byte) []byte {
	entry := func(tag, kind uint16, count, value uint32) []byte {
		b := binary.BigEndian.AppendUint16(nil, tag)
		b = binary.BigEndian.AppendUint16(b, kind)
		b = binary.BigEndian.AppendUint32(b, count)
		return binary.BigEndian.AppendUint32(b, value)
	}
	const serial, latitude = "SERIAL-4711\x00", "\x00\x00\x00\x23\x00\x00\x00\x01\x00\x00\x00\x1d\x00\x00\x00\x01\x00\x00\x00\x07\x00\x00\x00\x01"
	const ifd0 = 8
	const gps = ifd0 + 2 + 3*12 + 4
	const values = gps + 2 + 2*12 + 4
	tiff := []byte("MM\x00*\x00\x00\x00\x08\x00\x03")
	tiff = append(tiff, entry(0x0112, 3, 1, uint32(orientation)<<16)...)
	tiff = append(tiff, entry(0x8825, 4, 1, gps)...)
	tiff = append(tiff, entry(0xc62f, 2, uint32(len(serial)), values)...)
	tiff = append(tiff, "\x00\x00\x00\x00\x00\x02"...)
	tiff = append(tiff, entry(1, 2, 2, 'N'<<24)...)
	tiff = append(tiff, entry(2, 5, 3, values+uint32(len(serial)))...)
	tiff = append(tiff, "\x00\x00\x00\x00"+serial+latitude...)
	out := appendSegment(bytes.Clone(picture[:2]), 0xe1, append([]byte("Exif\x00\x00"), tiff...))
	return append(out, picture[2:]...)
}

func TestInspectFormats(t *testing.T) {
	for _, f := range []Format{JPEG, PNG, GIF, WebP} {
		info, err := Inspect(encodeAs(t, harbour(60, 40), f))
		if err != nil || info.Format != f || info.Width != 60 || info.Height != 40 || info.Orientation != 1 {
			t.Errorf("%s: %+v, %v", f, info, err)
		}
	}
	info, err := Inspect(withExif(encodeAs(t, harbour(60, 40), JPEG), 6))
	if err != nil || info.Width != 40 || info.Height != 60 || info.Orientation != 6 {
		t.Errorf("on its side: %+v, %v", info, err)
	}
}

// pngHeader is a PNG that claims a size and has no pixels.
func pngHeader(w, h uint32, depth, colour byte) []byte {
	ihdr := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	ihdr = binary.BigEndian.AppendUint32(ihdr, h)
	ihdr = append(ihdr, depth, colour, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr))
}

func TestInspectRefuses(t *testing.T) {
	jpg := encodeAs(t, harbour(60, 40), JPEG)
	for _, test := range []struct {
		name string
		data []byte
		kind problem.Kind
		says string
	}{
		{"nothing", nil, problem.Unsupported, "empty"},
		{"svg", []byte("\ufeff <?xml version='1.0'?><svg onload='alert(1)'/>"), problem.Unsupported, "SVG"},
		{"html", []byte("<!DOCTYPE html><script>alert(1)</script>"), problem.Unsupported, "web page"},
		{"pdf", []byte("%PDF-1.7\n"), problem.Unsupported, "PDF"},
		{"tiff", []byte("II*\x00\x08\x00\x00\x00"), problem.Unsupported, "TIFF"},
		{"heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), problem.Unsupported, "HEIC"},
		{"avif", []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00"), problem.Unsupported, "AVIF"},
		{"video", []byte("\x00\x00\x00\x18ftypisom\x00\x00\x00\x00"), problem.Unsupported, "video"},
		{"noise", []byte("hello"), problem.Unsupported, "not a picture"},
		{"cut short", jpg[:40], problem.Invalid, "damaged"},
		{"flood", pngHeader(60000, 60000, 8, 6), problem.TooLarge, "3600 megapixels; the limit is 50"},
		{"deep", pngHeader(7000, 7000, 16, 6), problem.TooLarge, "373 MB of memory to open; the limit is 200"},
		{"strip", pngHeader(10, 100000, 8, 0), problem.Invalid, "strip"},
		{"heavy", append(bytes.Clone(jpg), make([]byte, MaxBytes)...), problem.TooLarge, "26 MB; the limit is 25"},
	} {
		t.Run(test.name, func(t *testing.T) {
			took, err := time.Hour, error(nil)
			for range 3 { // the machine may be busy with something else
				start := time.Now()
				_, err = Inspect(test.data)
				took = min(took, time.Since(start))
			}
			if p := problem.Of(err); p == nil || p.Kind != test.kind || !strings.Contains(p.Detail, test.says) {
				t.Errorf("got %v; want %s with %q", err, test.kind, test.says)
			}
			if took > papertest.Slow(50*time.Millisecond) {
				t.Errorf("took %v", took)
			}
		})
	}
}

// The reference picture of the IPTC has each field filled with its own name.
func TestInspectReferencePicture(t *testing.T) {
	info, err := Inspect(photo(t, "IPTC-PhotometadataRef-Std2017.1.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	for field, got := range map[string]string{
		"Headline": info.Meta.Headline, "description": info.Meta.Caption, "Creator": info.Meta.Byline,
		"Credit": info.Meta.Credit, "Source": info.Meta.Source, "Copyright": info.Meta.Copyright,
		"Rights Usage": info.Meta.UsageTerms, "Instruction": info.Meta.Instructions, "Event": info.Meta.Event,
		"Licensor": info.Meta.Licensor, "City": info.Meta.City, "Country": info.Meta.Country,
	} {
		if !strings.Contains(got, field) || !strings.Contains(got, "ref2017.1") {
			t.Errorf("%s = %q", field, got)
		}
	}
	if info.Meta.DigitalSource != "softwareImage" || info.Meta.Created.IsZero() || len(info.Meta.Keywords) != 3 {
		t.Errorf("source %q, created %v, keywords %q", info.Meta.DigitalSource, info.Meta.Created, info.Meta.Keywords)
	}
	t.Logf("%+v", info.Meta)
}

func TestInspectOthersPictures(t *testing.T) {
	for _, name := range []string{
		"IPTC.jpg", "XMP.jpg", "withIptc.jpg", "withXmp.jpg", "withExifAndIptc.jpg",
		"issue-xmp-iptc-misalignment.jpg", "generative-ai-example.jpg", "infinite_loop_exif.jpg",
	} {
		t.Run(name, func(t *testing.T) {
			data := photo(t, name)
			var info Info
			var err error
			papertest.InTime(t, name, time.Second, func() time.Duration {
				start := time.Now()
				info, err = Inspect(data)
				return time.Since(start)
			})
			if err != nil {
				if problem.Of(err) == nil {
					t.Errorf("a fault, not a problem: %v", err)
				}
				t.Log(err)
				return
			}
			if info.Meta.Caption != "" && info.Meta.Caption == info.Meta.Credit {
				t.Error("caption and credit are one")
			}
			t.Logf("%d×%d %+v", info.Width, info.Height, info.Meta)
		})
	}
}

func FuzzInspect(f *testing.F) {
	jpg := encodeAs(f, harbour(16, 12), JPEG)
	stamped, err := Embed(jpg, rights())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(jpg)
	f.Add(stamped)
	f.Add(withExif(stamped, 6))
	for _, format := range []Format{PNG, GIF, WebP} {
		f.Add(encodeAs(f, harbour(16, 12), format))
	}
	f.Add(pngHeader(60000, 60000, 8, 6))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := Inspect(data)
		if err != nil {
			if problem.Of(err) == nil {
				t.Fatalf("a fault, not a problem: %v", err)
			}
			return
		}
		if info.Width < 1 || info.Height < 1 || info.Width*info.Height > MaxPixels {
			t.Fatalf("took %d by %d", info.Width, info.Height)
		}
		for _, text := range info.Meta.texts() {
			if len(*text) > maxField || strings.ContainsRune(*text, 0) {
				t.Fatalf("kept %q", *text)
			}
		}
	})
}

func FuzzXMP(f *testing.F) {
	f.Add(xmpPacket(rights()))
	f.Add([]byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="` + nsRDF + `"><rdf:Description photoshop:Credit="Pool" xmlns:photoshop="` + nsPhotoshop + `"/>`))
	f.Fuzz(func(t *testing.T, packet []byte) {
		m := parseXMP(packet)
		// What we read, we can write, and read again.
		again := parseXMP(xmpPacket(m))
		if len(xmpPacket(m)) < maxPacket && (again.Caption != m.Caption || again.Credit != m.Credit || again.Byline != m.Byline) {
			t.Fatalf("%+v became %+v", m, again)
		}
	})
}

func FuzzIIM(f *testing.F) {
	f.Add(appendIIM(nil, rights()))
	f.Add([]byte("\x1c\x02\x50\x00\x04In\xe8s\x1c\x02\x78\xff\xff"))
	f.Fuzz(func(t *testing.T, records []byte) {
		m := parseIIM(records)
		if again := parseIIM(appendIIM(nil, m)); len(m.Caption) <= 2000 && again.Caption != m.Caption {
			t.Fatalf("%q became %q", m.Caption, again.Caption)
		}
	})
}
