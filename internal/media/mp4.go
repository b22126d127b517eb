package media

import (
	"encoding/binary"
	"math"
	"time"

	"kawaraban/internal/problem"
)

// An extent is a part of a file: what is inside a box or an element.
type extent struct{ from, to int64 }

func (e extent) size() int64 { return e.to - e.from }

// boxes visits the boxes in a part of an MP4 (ISO 14496-12 §4.2). It ends early and
// well when visit says so.
func (f *reel) boxes(in extent, depth int, visit func(kind string, body extent) (more bool, err error)) error {
	if depth > maxFilmDepth {
		return brokenFilm("boxes too deep")
	}
	for at := in.from; at < in.to; {
		if in.to-at < 8 {
			return nil // some programs end a box with four zeros
		}
		head, err := f.at(at, 8)
		if err != nil {
			return err
		}
		size, length := uint64(binary.BigEndian.Uint32(head)), int64(8)
		switch size {
		case 0: // to the end, which only the last one of a file may
			if depth > 0 {
				return brokenFilm("a box without an end")
			}
			size = uint64(in.to - at)
		case 1:
			long, err := f.at(at+8, 8)
			if err != nil {
				return err
			}
			size, length = binary.BigEndian.Uint64(long), 16
		}
		if size < uint64(length) || size > uint64(in.to-at) {
			return brokenFilm("a box larger than what it lies in")
		}
		next := at + int64(size)
		if more, err := visit(string(head[4:8]), extent{at + length, next}); err != nil || !more {
			return err
		}
		at = next
	}
	return nil
}

// A track is what an MP4 says of one of its tracks.
type track struct {
	handler       string
	codec         string
	width, height int
}

func (f *reel) mp4(film *Film) error {
	brand, err := f.at(8, 4)
	if err != nil {
		return err
	}
	if string(brand) == "qt  " {
		return refuse(problem.Unsupported, nil, "This is a QuickTime film (MOV). Export it as MP4 with H.264 and send that.")
	}
	found := false
	err = f.boxes(extent{0, f.size}, 0, func(kind string, body extent) (bool, error) {
		if kind != "moov" || found {
			return true, nil // to the end, so that a film that was cut short is found out
		}
		found = true
		return true, f.moov(film, body)
	})
	if err == nil && !found {
		return brokenFilm("no moov")
	}
	return err
}

// moov reads the box that tells of the whole film; it may stand at the end.
func (f *reel) moov(film *Film, in extent) error {
	var scale uint32
	return f.boxes(in, 1, func(kind string, body extent) (bool, error) {
		var err error
		switch kind {
		case "mvhd":
			film.Duration, scale, err = f.mvhd(body)
		case "mvex": // of a film in fragments the whole length stands here
			err = f.boxes(body, 2, func(kind string, body extent) (bool, error) {
				if kind != "mehd" || film.Duration > 0 {
					return true, nil
				}
				d, err := f.number(body, 4)
				film.Duration = lasting(d, uint64(scale))
				return true, err
			})
		case "trak":
			if film.Codec != "" {
				return true, nil // the first video track is the one that is shown
			}
			var t track
			if t, err = f.trak(body); err == nil && t.handler == "vide" {
				film.Width, film.Height = t.width, t.height
				err = film.play(t.codec)
			}
		}
		return true, err
	})
}

// lasting is a number of units as a time; a nonsensical one is longer than any film.
func lasting(units, scale uint64) time.Duration {
	if scale == 0 || units == math.MaxUint32 || units == math.MaxUint64 {
		return 0 // not known
	}
	seconds := float64(units) / float64(scale)
	if seconds > (2 * maxFilmTime).Seconds() {
		return 2 * maxFilmTime
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
}

// number reads a number whose width hangs on the version of its box: after version
// and flags it is 32 or 64 bits wide, and starts at offset.
func (f *reel) number(body extent, offset int64) (uint64, error) {
	version, err := f.at(body.from, 1)
	if err != nil {
		return 0, err
	}
	width := 4
	if version[0] == 1 {
		width = 8
	}
	if offset+int64(width) > body.size() {
		return 0, brokenFilm("a short box")
	}
	b, err := f.at(body.from+offset, width)
	if err != nil {
		return 0, err
	}
	if width == 8 {
		return binary.BigEndian.Uint64(b), nil
	}
	return uint64(binary.BigEndian.Uint32(b)), nil
}

// mvhd reads the length of the film (ISO 14496-12 §8.2.2).
func (f *reel) mvhd(body extent) (time.Duration, uint32, error) {
	b, err := f.whole(body, 20, 32)
	if err != nil {
		return 0, 0, err
	}
	if b[0] != 1 {
		scale := binary.BigEndian.Uint32(b[12:])
		return lasting(uint64(binary.BigEndian.Uint32(b[16:])), uint64(scale)), scale, nil
	}
	if len(b) < 32 {
		return 0, 0, brokenFilm("a short mvhd")
	}
	scale := binary.BigEndian.Uint32(b[20:])
	return lasting(binary.BigEndian.Uint64(b[24:]), uint64(scale)), scale, nil
}

// whole returns the beginning of a box, of at least so many bytes and at most so many.
func (f *reel) whole(body extent, least, most int64) ([]byte, error) {
	if body.size() < least {
		return nil, brokenFilm("a short box")
	}
	return f.at(body.from, int(min(body.size(), most)))
}

// trak reads one track.
func (f *reel) trak(in extent) (t track, err error) {
	err = f.boxes(in, 2, func(kind string, body extent) (bool, error) {
		switch kind {
		case "tkhd":
			return true, f.tkhd(&t, body)
		case "mdia":
			return true, f.mdia(&t, body)
		}
		return true, nil
	})
	return t, err
}

// tkhd reads how large a track is shown (ISO 14496-12 §8.3.2). A film from a phone
// that was held upright lies on its side, and its matrix turns it.
func (f *reel) tkhd(t *track, body extent) error {
	b, err := f.whole(body, 84, 96)
	if err != nil {
		return err
	}
	matrix := 40
	if b[0] == 1 {
		matrix = 52
	}
	if len(b) < matrix+44 {
		return brokenFilm("a short tkhd")
	}
	t.width, t.height = int(binary.BigEndian.Uint16(b[matrix+36:])), int(binary.BigEndian.Uint16(b[matrix+40:])) // 16.16
	a, d := binary.BigEndian.Uint32(b[matrix:]), binary.BigEndian.Uint32(b[matrix+16:])
	turned := binary.BigEndian.Uint32(b[matrix+4:]) != 0
	if a == 0 && d == 0 && turned {
		t.width, t.height = t.height, t.width
	}
	return nil
}

// mdia reads what sort of track it is, and how it is stored.
func (f *reel) mdia(t *track, in extent) error {
	return f.boxes(in, 3, func(kind string, body extent) (bool, error) {
		switch kind {
		case "hdlr":
			b, err := f.whole(body, 12, 12)
			if err == nil {
				t.handler = string(b[8:12])
			}
			return true, err
		case "minf":
			return true, f.boxes(body, 4, func(kind string, body extent) (bool, error) {
				if kind != "stbl" {
					return true, nil
				}
				return false, f.boxes(body, 5, func(kind string, body extent) (bool, error) {
					if kind != "stsd" {
						return true, nil
					}
					b, err := f.whole(body, 16, 16) // version, count, then the first entry
					if err == nil {
						t.codec = string(b[12:16])
					}
					return false, err
				})
			})
		}
		return true, nil
	})
}
