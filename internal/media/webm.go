package media

import (
	"encoding/binary"
	"math"
	"math/bits"
	"time"

	"kawaraban/internal/problem"
)

// Elements of Matroska that say something of the whole film (RFC 9559 §5.1).
const (
	ebmlHead = "\x1a\x45\xdf\xa3"

	idEBML, idDocType, idSegment       = 0x1a45dfa3, 0x4282, 0x18538067
	idInfo, idScale, idDuration        = 0x1549a966, 0x2ad7b1, 0x4489
	idTracks, idTrack, idType, idCodec = 0x1654ae6b, 0xae, 0x83, 0x86
	idVideo, idWidth, idHeight         = 0xe0, 0xb0, 0xba
	idShownWidth, idShownHeight        = 0x54b0, 0x54ba
	idShownUnit                        = 0x54b2
)

// vint reads a number of EBML (RFC 8794 §4): its length stands in the zeros that it
// begins with. An id keeps the marker, a size does not.
func (f *reel) vint(at int64, id bool) (n uint64, length int64, err error) {
	first, err := f.at(at, 1)
	if err != nil {
		return 0, 0, err
	}
	length = int64(bits.LeadingZeros8(first[0])) + 1
	if length > 8 || id && length > 4 {
		return 0, 0, brokenFilm("a number of EBML")
	}
	b, err := f.at(at, int(length))
	if err != nil {
		return 0, 0, err
	}
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	if !id {
		n &^= 1 << (7 * length)
		if n == 1<<(7*length)-1 {
			n = math.MaxUint64 // not known: up to the end
		}
	}
	return n, length, nil
}

// elements visits the elements in a part of a WebM. One whose size is not known goes
// to the end of what it lies in.
func (f *reel) elements(in extent, depth int, visit func(id uint64, body extent) (more bool, err error)) error {
	if depth > maxFilmDepth {
		return brokenFilm("elements too deep")
	}
	for at := in.from; at < in.to; {
		id, n, err := f.vint(at, true)
		if err != nil {
			return err
		}
		size, m, err := f.vint(at+n, false)
		if err != nil {
			return err
		}
		body := extent{at + n + m, in.to}
		if body.from > in.to {
			return brokenFilm("an element beyond its end")
		}
		if size != math.MaxUint64 {
			if size > uint64(in.to-body.from) {
				if depth > 1 { // what is cut short are frames, which are not read here
					return brokenFilm("an element larger than what it lies in")
				}
				size = uint64(in.to - body.from)
			}
			body.to = body.from + int64(size)
		}
		if more, err := visit(id, body); err != nil || !more {
			return err
		}
		at = body.to
	}
	return nil
}

// bytesOf returns what an element holds, which is not long.
func (f *reel) bytesOf(body extent) ([]byte, error) {
	if body.size() > 64 {
		return nil, brokenFilm("a long value")
	}
	return f.at(body.from, int(body.size()))
}

func (f *reel) uintOf(body extent) (n uint64, err error) {
	b, err := f.bytesOf(body)
	if err == nil && len(b) > 8 {
		return 0, brokenFilm("a long number")
	}
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n, err
}

// floatOf reads a number of 0, 4 or 8 bytes; anything else is none.
func (f *reel) floatOf(body extent) (float64, error) {
	b, err := f.bytesOf(body)
	switch {
	case err != nil:
		return 0, err
	case len(b) == 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b))), nil
	case len(b) == 8:
		return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
	}
	return 0, nil
}

func (f *reel) webm(film *Film) error {
	doc, info, tracks := "", false, false
	err := f.elements(extent{0, f.size}, 0, func(id uint64, body extent) (bool, error) {
		switch id {
		case idEBML:
			return true, f.elements(body, 2, func(id uint64, body extent) (bool, error) {
				if id != idDocType {
					return true, nil
				}
				b, err := f.bytesOf(body)
				doc = string(b)
				return false, err
			})
		case idSegment:
			return false, f.elements(body, 1, func(id uint64, body extent) (bool, error) {
				var err error
				switch id {
				case idInfo:
					info, err = true, f.info(film, body)
				case idTracks:
					tracks, err = true, f.elements(body, 2, func(id uint64, body extent) (bool, error) {
						if id != idTrack || film.Codec != "" {
							return true, nil
						}
						return true, f.trackEntry(film, body)
					})
				}
				return !info || !tracks, err // the frames that follow are not read
			})
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	if doc != "webm" {
		return refuse(problem.Unsupported, nil, "This is a Matroska file (MKV). Export it as WebM or MP4 and send that.")
	}
	if !tracks {
		return brokenFilm("no tracks")
	}
	return nil
}

// info reads the length of the film, in units of its scale.
func (f *reel) info(film *Film, in extent) error {
	scale, length := uint64(time.Millisecond), 0.0
	err := f.elements(in, 2, func(id uint64, body extent) (more bool, err error) {
		switch id {
		case idScale:
			scale, err = f.uintOf(body)
		case idDuration:
			length, err = f.floatOf(body)
		}
		return true, err
	})
	total := length * float64(scale)
	switch {
	case err != nil:
		return err
	case !(total >= 0): // NaN too
		return brokenFilm("its duration")
	case total > float64(maxFilmTime):
		film.Duration = 2 * maxFilmTime
	default:
		film.Duration = time.Duration(total).Round(time.Millisecond)
	}
	return nil
}

// trackEntry reads a track, if it is one of pictures.
func (f *reel) trackEntry(film *Film, in extent) error {
	var kind, width, height, shownWidth, shownHeight, unit uint64
	codec := ""
	err := f.elements(in, 3, func(id uint64, body extent) (more bool, err error) {
		switch id {
		case idType:
			kind, err = f.uintOf(body)
		case idCodec:
			var b []byte
			b, err = f.bytesOf(body)
			codec = string(b)
		case idVideo:
			err = f.elements(body, 4, func(id uint64, body extent) (more bool, err error) {
				into := map[uint64]*uint64{
					idWidth: &width, idHeight: &height, idShownWidth: &shownWidth, idShownHeight: &shownHeight, idShownUnit: &unit,
				}[id]
				if into != nil {
					*into, err = f.uintOf(body)
				}
				return true, err
			})
		}
		return true, err
	})
	if err != nil || kind != 1 {
		return err
	}
	if unit == 0 && shownWidth > 0 && shownHeight > 0 {
		width, height = shownWidth, shownHeight
	}
	film.Width, film.Height = int(min(width, maxFilmSide+1)), int(min(height, maxFilmSide+1))
	return film.play(codec)
}
