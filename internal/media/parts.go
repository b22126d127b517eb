package media

import (
	"bytes"
	"encoding/binary"

	"kawaraban/internal/problem"
)

// checkParts refuses a file made of so many parts that to open it would cost
// far more than its size and its pixels let expect.
func checkParts(data []byte, f Format) error {
	parts, scans := 0, 0
	switch f {
	case JPEG:
		parts, scans = jpegParts(data)
	case PNG:
		parts = pngParts(data)
	}
	switch {
	case scans > maxScans:
		return refuse(problem.TooLarge, nil, "This JPEG has more than %d scans. Save it as an ordinary JPEG and send it again.", maxScans)
	case parts > maxSegments:
		return refuse(problem.TooLarge, nil, "This picture has more than %d segments. Export it once more and send that.", maxSegments)
	}
	return nil
}

// jpegParts counts the segments of a JPEG and, among them, the scans, until
// there are too many. Inside a scan, 0xff stands before 0 or a restart marker
// (ITU-T T.81 §B.1.1.5).
func jpegParts(data []byte) (parts, scans int) {
	for p := 2; p+4 <= len(data) && parts <= maxSegments && scans <= maxScans; {
		n := bytes.IndexByte(data[p:], 0xff)
		if n < 0 || p+n+4 > len(data) {
			break
		}
		p += n
		marker := data[p+1]
		switch {
		case marker == 0xff: // a fill byte, which costs the decoder as much as a segment
			p++
			parts++
			continue
		case marker == 0, marker >= 0xd0 && marker <= 0xd8, marker == 0x01: // no segment
			p += 2
			continue
		case marker == 0xd9: // the end
			return parts, scans
		case marker == 0xda:
			scans++
		}
		parts++
		p += 2 + int(binary.BigEndian.Uint16(data[p+2:]))
	}
	return parts, scans
}

// pngParts counts the chunks of a PNG, until there are too many.
func pngParts(data []byte) (parts int) {
	for p := 8; p+12 <= len(data) && parts <= maxSegments; parts++ {
		size := int(binary.BigEndian.Uint32(data[p:]))
		if size > len(data)-p-12 {
			break
		}
		p += 12 + size
	}
	return parts
}
