package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
)

// Metadata larger than this is a history of edits or an attack; the fields that
// we read fit in a few kilobytes.
const maxPacket = 1 << 20

// How the parts of a file begin that carry metadata.
const (
	xmpHeader       = "http://ns.adobe.com/xap/1.0/\x00" // XMP part 3 §1.1.3
	photoshopHeader = "Photoshop 3.0\x00"                // the same, §1.1.3.1
	pngXMPKeyword   = "XML:com.adobe.xmp"                // the same, §1.1.5
)

// segments are the raw parts of a file that say something about the picture.
type segments struct {
	xmp         []byte
	iim         []byte
	c2pa        bool
	exif        bool    // there is Exif to read
	samples     float64 // of a JPEG: stored values per pixel (1.5 for the usual 4:2:0)
	progressive bool    // of a JPEG
	transparent bool    // of a PNG: one colour is
}

// metadata finds the segments of a file. What is cut short or contradicts
// itself ends the search; what was found until then counts.
func metadata(data []byte, f Format) segments {
	switch f {
	case JPEG:
		return jpegSegments(data)
	case PNG:
		return pngSegments(data)
	case WebP:
		return webpSegments(data)
	default:
		return segments{}
	}
}

// jpegSegments walks the markers before the first scan (ITU-T T.81 annex B).
func jpegSegments(data []byte) segments {
	found := segments{samples: 3}
	var resources []byte // APP13 may be split over several segments
	for p := 2; p+4 <= len(data) && data[p] == 0xff; {
		marker := data[p+1]
		if marker == 0xff { // fill byte
			p++
			continue
		}
		end := p + 2 + int(binary.BigEndian.Uint16(data[p+2:]))
		if marker == 0xda || end < p+4 || end > len(data) { // start of scan, or cut short
			break
		}
		body := data[p+4 : end]
		switch {
		case marker == 0xe1 && bytes.HasPrefix(body, []byte(xmpHeader)) && found.xmp == nil:
			found.xmp = body[len(xmpHeader):]
		case marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			found.exif = true
		case marker == 0xed && bytes.HasPrefix(body, []byte(photoshopHeader)) && len(resources) < maxPacket:
			resources = append(resources, body[len(photoshopHeader):]...)
		case marker == 0xeb && bytes.Contains(body[:min(len(body), 64)], []byte("c2pa")):
			found.c2pa = true
		case marker == 0xc0 || marker == 0xc1 || marker == 0xc2:
			found.progressive = marker == 0xc2
			found.samples = samplesPerPixel(body)
		}
		p = end
	}
	found.iim = resource(resources, 0x0404)
	return found
}

// samplesPerPixel adds up a frame's components, each by its share of the finest
// (ITU-T T.81 §B.2.2); 3 when the frame makes no sense.
func samplesPerPixel(frame []byte) float64 {
	if len(frame) < 6 || len(frame) < 6+3*int(frame[5]) {
		return 3
	}
	sum, maxH, maxV := 0, 1, 1
	for i := range int(frame[5]) {
		h, v := int(frame[7+3*i]>>4), int(frame[7+3*i]&15)
		sum, maxH, maxV = sum+h*v, max(maxH, h), max(maxV, v)
	}
	return float64(sum) / float64(maxH*maxV)
}

// resource returns the Photoshop image resource with the given id, nil when
// there is none. A resource is "8BIM", id, padded Pascal name, padded data.
func resource(b []byte, id uint16) []byte {
	for len(b) >= 12 && string(b[:4]) == "8BIM" {
		name := (int(b[6]) + 2) &^ 1
		if len(b) < 6+name+4 {
			return nil
		}
		size := int(binary.BigEndian.Uint32(b[6+name:]))
		body := b[6+name+4:]
		if size > len(body) {
			return nil
		}
		if binary.BigEndian.Uint16(b[4:]) == id {
			return body[:size]
		}
		b = body[min((size+1)&^1, len(body)):]
	}
	return nil
}

// pngSegments walks the chunks (PNG 3rd edition §5.3).
func pngSegments(data []byte) segments {
	var found segments
	for p := 8; p+12 <= len(data); {
		size := int(binary.BigEndian.Uint32(data[p:]))
		if size > len(data)-p-12 {
			break
		}
		body := data[p+8 : p+8+size]
		switch string(data[p+4 : p+8]) {
		case "iTXt":
			if found.xmp == nil {
				found.xmp = pngXMP(body)
			}
		case "eXIf":
			found.exif = true
		case "tRNS":
			found.transparent = true
		case "caBX":
			found.c2pa = true
		}
		p += 12 + size
	}
	return found
}

// pngXMP returns the packet in an iTXt chunk: keyword, NUL, compressed or not,
// method, language, NUL, translated keyword, NUL, text.
func pngXMP(body []byte) []byte {
	rest, ok := bytes.CutPrefix(body, []byte(pngXMPKeyword+"\x00"))
	if !ok || len(rest) < 2 {
		return nil
	}
	compressed := rest[0] == 1
	parts := bytes.SplitN(rest[2:], []byte{0}, 3)
	if len(parts) < 3 {
		return nil
	}
	if !compressed {
		return parts[2]
	}
	z, err := zlib.NewReader(bytes.NewReader(parts[2]))
	if err != nil {
		return nil
	}
	// What could be read is worth reading; more than the limit is not.
	packet, _ := io.ReadAll(io.LimitReader(z, maxPacket))
	return packet
}

// webpSegments walks the chunks (RFC 9649 §2.3).
func webpSegments(data []byte) segments {
	var found segments
	for p := 12; p+8 <= len(data); {
		size := int(binary.LittleEndian.Uint32(data[p+4:]))
		if size > len(data)-p-8 {
			break
		}
		switch string(data[p : p+4]) {
		case "XMP ":
			if found.xmp == nil {
				found.xmp = data[p+8 : p+8+size]
			}
		case "EXIF":
			found.exif = true
		case "C2PA":
			found.c2pa = true
		}
		p += 8 + (size+1)&^1
	}
	return found
}
