package media

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"kawaraban/internal/problem"
)

// What we take of videos.
const (
	MaxVideoBytes = 200 << 20 // of the file

	maxFilmParts = 20_000 // boxes or elements that are looked at; a long film has some hundreds before its frames
	maxFilmDepth = 8      // of boxes in boxes; what we read lies at most six deep
	maxFilmSide  = 8_192
	maxFilmTime  = 24 * time.Hour
)

// A VideoKind is how a video comes to its reader.
type VideoKind string

const (
	MP4  VideoKind = "mp4"
	WebM VideoKind = "webm"
	HLS  VideoKind = "hls" // a playlist at an address elsewhere
)

// Type returns the media type, as for Content-Type.
func (k VideoKind) Type() string {
	if k == HLS {
		return "application/vnd.apple.mpegurl"
	}
	return "video/" + string(k)
}

// Film is what a video's bytes say about it.
type Film struct {
	Kind          VideoKind
	Codec         string        // of its pictures: "H.264"
	Duration      time.Duration // 0 when the file does not say
	Width, Height int           // as it is to be shown
}

// InspectVideo says what a video is, without reading its frames. One that browsers
// do not play is a problem whose sentence gives the reason and the way out.
func InspectVideo(r io.ReadSeeker, size int64) (Film, error) {
	if size > MaxVideoBytes {
		return Film{}, tooLargeVideo(size)
	}
	f := &reel{r: r, size: size, left: maxFilmParts}
	head, err := f.at(0, int(min(size, 64)))
	if err != nil {
		return Film{}, fmt.Errorf("read a video: %w", err)
	}
	film := Film{Kind: sniffVideo(head)}
	switch film.Kind {
	case MP4:
		err = f.mp4(&film)
	case WebM:
		err = f.webm(&film)
	default:
		return Film{}, refuse(problem.Unsupported, nil, "This is not a video that we know. Send an MP4 or a WebM.")
	}
	if err == nil {
		err = film.check()
	}
	var broken brokenFilm
	if errors.As(err, &broken) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return Film{}, refuse(problem.Invalid, err, "This video is damaged or was cut short. Export it once more and send that.")
	}
	if err != nil {
		return Film{}, err
	}
	return film, nil
}

func tooLargeVideo(size int64) error {
	return refuse(problem.TooLarge, nil, "This video has %.0f MB; the limit is %d. Export it smaller and send it again.",
		float64(size)/bytesPerMega, MaxVideoBytes>>20)
}

// check refuses a film that no page could show.
func (f *Film) check() error {
	switch {
	case f.Codec == "":
		return refuse(problem.Unsupported, nil, "There are no moving pictures in this file. Send an MP4 or a WebM with a video track.")
	case f.Width < 1 || f.Height < 1 || f.Width > maxFilmSide || f.Height > maxFilmSide:
		return brokenFilm("its size")
	case f.Duration < 0 || f.Duration > maxFilmTime:
		return brokenFilm("its duration")
	}
	return nil
}

// codecs are what browsers play, by their names in MP4 and in WebM.
func codecs(name string) string {
	switch name {
	case "avc1", "avc3":
		return "H.264"
	case "hvc1", "hev1":
		return "H.265"
	case "av01", "V_AV1":
		return "AV1"
	case "vp08", "V_VP8":
		return "VP8"
	case "vp09", "V_VP9":
		return "VP9"
	}
	return ""
}

// play sets the codec of a film, of one that browsers play.
func (f *Film) play(name string) error {
	if f.Codec = codecs(name); f.Codec != "" {
		return nil
	}
	if name == "encv" {
		return refuse(problem.Unsupported, nil, "This video is encrypted. Export it without protection, as MP4 with H.264, and send that.")
	}
	return refuse(problem.Unsupported, nil, "This video is stored as “%s”, which browsers do not play. Export it as MP4 with H.264 and send that.", clean(cut(name, 20)))
}

// sniffVideo tells the kind from the first bytes, whatever the file is called; "" for
// anything that is no video.
func sniffVideo(head []byte) VideoKind {
	switch {
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		brand := string(head[8:12])
		for _, still := range []string{"avif", "avis", "hei", "hev", "mif1", "msf1"} {
			if strings.HasPrefix(brand, still) {
				return ""
			}
		}
		return MP4
	case bytes.HasPrefix(head, []byte(ebmlHead)):
		return WebM
	}
	return ""
}

// A brokenFilm is where a file contradicts itself.
type brokenFilm string

func (b brokenFilm) Error() string { return "a broken video: " + string(b) }

// A reel reads parts of a video at their places, and only so many of them.
type reel struct {
	r    io.ReadSeeker
	size int64
	left int // parts that may still be looked at
}

// at returns n bytes from a place on.
func (f *reel) at(from int64, n int) ([]byte, error) {
	if f.left--; f.left < 0 {
		return nil, brokenFilm("too many parts")
	}
	if from < 0 || n < 0 || from > f.size || int64(n) > f.size-from {
		return nil, brokenFilm("a part beyond its end")
	}
	if _, err := f.r.Seek(from, io.SeekStart); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	_, err := io.ReadFull(f.r, b)
	return b, err
}
