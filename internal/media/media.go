// Package media reads, checks and makes the paper's pictures.
//
// A picture comes in as somebody's bytes, which we never serve. Inspect says
// what they are, or in one sentence why we do not take them. Render draws our
// own renditions from them, upright, at the widths that pages ask for, as JPEG
// and as WebP. A rendition carries the rights that came with the picture
// (caption, byline, credit, copyright, terms) and nothing else: no place where
// it was taken, no serial number, no thumbnail of what was cropped away.
//
// Caption and credit are two fields, from the agency's file to the page.
package media

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"

	"golang.org/x/image/webp"

	"kawaraban/internal/problem"
)

// What we take. A page of a newspaper has no use for more, and a stranger's
// picture must not cost the server its memory: see decodedSize.
const (
	MaxBytes      = 25 << 20   // of the file
	MaxPixels     = 50_000_000 // width times height
	maxDecoded    = 200 << 20  // bytes of the opened picture
	maxSide       = 16_383     // of a rendition: WebP's limit (RFC 9649 §2.7)
	maxWidth      = 1920       // of a rendition: the widest that a page shows
	maxScans      = 30         // of a JPEG: each goes over the whole picture, and need have only 40 bytes; programs write 10
	maxSegments   = 5_000      // of a JPEG or PNG: each may be a table to build; a colour profile of 25 MB has 400
	bytesPerMega  = 1_000_000
	pixelsPerMega = 1_000_000
)

// A Format is how a picture is stored.
type Format string

const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	GIF  Format = "gif"
	WebP Format = "webp"
)

// Type returns the media type, as for Content-Type.
func (f Format) Type() string { return "image/" + string(f) }

// Ext returns the end of a file's name, with its dot.
func (f Format) Ext() string {
	if f == JPEG {
		return ".jpg"
	}
	return "." + string(f)
}

// Info is what a picture's bytes say about it.
type Info struct {
	Format      Format
	Width       int  // in pixels, when upright
	Height      int  // in pixels, when upright
	Orientation int  // of the stored pixels, 1 to 8 (Exif 3.0 §4.6.5.1.4)
	Credentials bool // a C2PA manifest is present; nobody has verified it
	Meta        Meta
}

// Inspect says what a picture is, without opening it: the cost does not depend
// on how many pixels it claims to have. A picture that we do not take is a
// problem whose sentence gives the reason and the way out. Broken metadata is
// no reason: it reads as less metadata.
func Inspect(data []byte) (Info, error) {
	if len(data) > MaxBytes {
		return Info{}, refuse(problem.TooLarge, nil,
			"This picture has %.0f MB; the limit is %d. Make it smaller and send it again.",
			float64(len(data))/bytesPerMega, MaxBytes>>20)
	}
	info := Info{Format: sniff(data)}
	if info.Format == "" {
		return Info{}, &problem.Problem{Kind: problem.Unsupported, Detail: whyNot(data)}
	}
	if err := checkParts(data, info.Format); err != nil { // before anything walks over them
		return Info{}, err
	}
	config, err := decodeConfig(data, info.Format)
	if err != nil {
		return Info{}, damaged(data, info.Format, err)
	}
	info.Width, info.Height = config.Width, config.Height
	found := metadata(data, info.Format)
	if err := checkSize(info, decodedSize(config, data, info.Format, found)); err != nil {
		return Info{}, err
	}
	info.Credentials = found.c2pa
	info.Meta, info.Orientation = readMeta(data, info.Format, found)
	if info.Orientation >= 5 { // 5 to 8 lie on their side
		info.Width, info.Height = info.Height, info.Width
	}
	return info, nil
}

func checkSize(info Info, decoded int64) error {
	w, h := int64(info.Width), int64(info.Height)
	switch {
	case w < 1 || h < 1:
		return refuse(problem.Invalid, nil, "This picture is empty. Send another.")
	case w*h > MaxPixels:
		return refuse(problem.TooLarge, nil,
			"This picture has %d megapixels; the limit is %d. Make it smaller and send it again.",
			w*h/pixelsPerMega, MaxPixels/pixelsPerMega)
	case h*min(w, maxWidth)/w > maxSide, w*min(h, maxWidth)/h > maxSide:
		return refuse(problem.Invalid, nil,
			"This picture is a strip of %d by %d pixels. Crop it and send it again.", w, h)
	case decoded > maxDecoded:
		return refuse(problem.TooLarge, nil,
			"This picture needs %d MB of memory to open; the limit is %d. Save it with 8 bits a channel and not progressive, or smaller, and send it again.",
			decoded>>20, maxDecoded>>20)
	}
	return nil
}

// decodedSize returns how many bytes the opened picture takes. The number of
// pixels alone does not tell: a progressive JPEG keeps four bytes for each
// coefficient until its last scan, a PNG may have 16 bits a channel.
func decodedSize(config image.Config, data []byte, f Format, found segments) int64 {
	pixels := int64(config.Width) * int64(config.Height)
	switch f {
	case JPEG:
		size := int64(float64(pixels) * found.samples)
		if found.progressive {
			size *= 1 + 4
		}
		if config.ColorModel == color.RGBAModel || config.ColorModel == color.CMYKModel {
			size += pixels * 4 // Go copies the planes of these into one
		}
		return size
	case PNG:
		depth, colour, interlaced := data[24], data[25], data[28] == 1
		size := pixels
		if colour == 2 || colour == 4 || colour == 6 || colour == 0 && found.transparent {
			size *= 4 // Go opens all of these with four channels
		}
		if depth == 16 {
			size *= 2
		}
		if interlaced {
			size *= 2 // each pass is opened by itself and merged
		}
		return size
	case WebP:
		return pixels * 4
	default:
		return pixels
	}
}

// sniff tells the format from the first bytes; "" for anything that we do not
// take. What the sender calls the file counts for nothing.
func sniff(data []byte) Format {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) && len(data) >= 33: // with its IHDR
		return PNG
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return GIF
	case bytes.HasPrefix(data, []byte("RIFF")) && len(data) >= 16 && string(data[8:12]) == "WEBP":
		return WebP
	}
	return ""
}

// whyNot names what was sent instead of a picture that we take.
func whyNot(data []byte) string {
	head := data[:min(len(data), 1024)]
	text := strings.ToLower(string(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")))
	brand := ""
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		brand = string(head[8:12])
	}
	switch {
	case len(data) == 0:
		return "This file is empty. Send a JPEG, PNG, WebP or GIF."
	case strings.Contains(text, "<svg"):
		return "This is an SVG drawing, which may carry programs. Export it as PNG and send that."
	case strings.HasPrefix(text, "<"):
		return "This is a web page or XML, not a picture. Send a JPEG, PNG, WebP or GIF."
	case strings.HasPrefix(text, "%pdf"):
		return "This is a PDF, not a picture. Export its page as JPEG and send that."
	case bytes.HasPrefix(head, []byte("II*\x00")), bytes.HasPrefix(head, []byte("MM\x00*")):
		return "This is a TIFF or a camera's raw file. Export it as JPEG and send that."
	case bytes.HasPrefix(head, []byte("8BPS")):
		return "This is a Photoshop file. Export it as JPEG and send that."
	case bytes.HasPrefix(head, []byte("BM")):
		return "This is a BMP. Save it as PNG and send that."
	case brand == "avif", brand == "avis":
		return "This is an AVIF, which we do not read. Export it as JPEG and send that."
	case strings.HasPrefix(brand, "hei"), strings.HasPrefix(brand, "hev"), brand == "mif1", brand == "msf1":
		return "This is a HEIC photo. Export it as JPEG (“Most compatible” on an iPhone) and send that."
	case brand != "":
		return "This is a video, not a picture. Send a JPEG, PNG, WebP or GIF."
	}
	return "This is not a picture that we know. Send a JPEG, PNG, WebP or GIF."
}

func decodeConfig(data []byte, f Format) (image.Config, error) {
	r := bytes.NewReader(data)
	switch f {
	case JPEG:
		return jpeg.DecodeConfig(r)
	case PNG:
		return png.DecodeConfig(r)
	case GIF:
		return gif.DecodeConfig(r)
	default:
		return webp.DecodeConfig(r)
	}
}

// decode opens the picture; of a moving GIF, its first frame.
func decode(data []byte, f Format) (image.Image, error) {
	r := bytes.NewReader(data)
	switch f {
	case JPEG:
		return jpeg.Decode(r)
	case PNG:
		return png.Decode(r)
	case GIF:
		return gif.Decode(r)
	default:
		return webp.Decode(r)
	}
}

// damaged says that the bytes are not what they begin as.
func damaged(data []byte, f Format, err error) error {
	if f == WebP && bytes.Contains(data[:min(len(data), 64)], []byte("ANIM")) {
		return refuse(problem.Unsupported, err, "This WebP moves. Send a still picture, or a GIF, of which we show the first frame.")
	}
	var unsupported jpeg.UnsupportedError
	if errors.As(err, &unsupported) {
		return refuse(problem.Unsupported, err, "This is a kind of JPEG that browsers do not show. Save it as an ordinary JPEG and send it again.")
	}
	return refuse(problem.Invalid, err, "This %s is damaged. Export it once more and send that.", strings.ToUpper(string(f)))
}

func refuse(kind problem.Kind, cause error, format string, args ...any) error {
	return &problem.Problem{Kind: kind, Detail: fmt.Sprintf(format, args...), Format: format, Args: args, Err: cause}
}
