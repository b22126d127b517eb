package papertest

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// Box is a box of an MP4.
func Box(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), []byte(kind), body)
}

// A Film is a video to be made.
type Film struct {
	Width, Height int
	Length        time.Duration
	Codec         string // "avc1" or "V_VP8"
	Handler       string // "" is that of pictures
	Turned        bool   // it lies on its side
	Late          bool   // what it says of itself stands at its end
}

// MP4 makes an MP4 that says what f is, and has frames that show nothing.
func MP4(f Film) []byte {
	be := binary.BigEndian
	mvhd := make([]byte, 100)
	be.PutUint32(mvhd[12:], 1000)
	be.PutUint32(mvhd[16:], uint32(f.Length.Milliseconds()))
	tkhd := make([]byte, 84)
	matrix := [9]uint32{0: 1 << 16, 4: 1 << 16, 8: 1 << 30}
	width, height := f.Width, f.Height
	if f.Turned {
		matrix = [9]uint32{1: 1 << 16, 3: 0xffff0000, 8: 1 << 30}
		width, height = height, width
	}
	for i, n := range matrix {
		be.PutUint32(tkhd[40+4*i:], n)
	}
	be.PutUint32(tkhd[76:], uint32(width)<<16)
	be.PutUint32(tkhd[80:], uint32(height)<<16)
	handler := f.Handler
	if handler == "" {
		handler = "vide"
	}
	hdlr := slices.Concat(make([]byte, 8), []byte(handler), make([]byte, 13))
	stsd := slices.Concat(make([]byte, 4), []byte{0, 0, 0, 1}, Box(f.Codec, make([]byte, 78)))
	moov := Box("moov", Box("mvhd", mvhd), Box("trak", Box("tkhd", tkhd),
		Box("mdia", Box("hdlr", hdlr), Box("minf", Box("stbl", Box("stsd", stsd))))))
	mdat := Box("mdat", bytes.Repeat([]byte("no picture "), 100))
	head := Box("ftyp", []byte("isom"), make([]byte, 4), []byte("isomavc1"))
	if f.Late {
		return slices.Concat(head, mdat, moov)
	}
	return slices.Concat(head, moov, mdat)
}

// Element is an element of a WebM, whose size takes eight bytes.
func Element(id uint32, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	name := bytes.TrimLeft(binary.BigEndian.AppendUint32(nil, id), "\x00")
	return slices.Concat(name, binary.BigEndian.AppendUint64(nil, uint64(len(body))|1<<56), body)
}

// WebM makes a WebM of frames, each a whole picture, that lasts as long as f. The
// frames of V_VP8 are those of lossy WebP pictures.
func WebM(f Film, frames ...[]byte) []byte {
	number := func(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
	head := Element(0x1a45dfa3, Element(0x4286, number(1)), Element(0x42f7, number(1)), Element(0x42f2, number(4)), Element(0x42f3, number(8)),
		Element(0x4282, []byte("webm")), Element(0x4287, number(2)), Element(0x4285, number(2)))
	info := Element(0x1549a966, Element(0x2ad7b1, number(1_000_000)), Element(0x4489, number(math.Float64bits(float64(f.Length.Milliseconds())))),
		Element(0x4d80, []byte("kawaraban")), Element(0x5741, []byte("kawaraban")))
	tracks := Element(0x1654ae6b, Element(0xae, Element(0xd7, number(1)), Element(0x73c5, number(1)), Element(0x83, number(1)), Element(0x86, []byte(f.Codec)),
		Element(0xe0, Element(0xb0, number(uint64(f.Width))), Element(0xba, number(uint64(f.Height))))))
	var blocks [][]byte
	for i, frame := range frames {
		at := f.Length.Milliseconds() * int64(i) / int64(len(frames))
		block := slices.Concat([]byte{0x81}, binary.BigEndian.AppendUint16(nil, uint16(at)), []byte{0x80}, frame)
		blocks = append(blocks, Element(0xa3, block))
	}
	cluster := Element(0x1f43b675, Element(0xe7, number(0)), bytes.Join(blocks, nil))
	return slices.Concat(head, Element(0x18538067, info, tracks, cluster))
}
