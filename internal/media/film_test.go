package media

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

var (
	box     = papertest.Box
	element = papertest.Element
)

func inspect(data []byte) (Film, error) {
	return InspectVideo(bytes.NewReader(data), int64(len(data)))
}

// What a film says of itself is read wherever it stands.
func TestInspectVideo(t *testing.T) {
	for name, test := range map[string]struct {
		data []byte
		want Film
	}{
		"an MP4":                          {papertest.MP4(papertest.Film{Width: 640, Height: 360, Length: 2500 * time.Millisecond, Codec: "avc1"}), Film{MP4, "H.264", 2500 * time.Millisecond, 640, 360}},
		"an MP4 whose moov is at its end": {papertest.MP4(papertest.Film{Width: 640, Height: 360, Length: time.Minute, Codec: "hvc1", Late: true}), Film{MP4, "H.265", time.Minute, 640, 360}},
		"a phone held upright":            {papertest.MP4(papertest.Film{Width: 360, Height: 640, Length: time.Second, Codec: "av01", Turned: true}), Film{MP4, "AV1", time.Second, 360, 640}},
		"a WebM":                          {papertest.WebM(papertest.Film{Width: 320, Height: 240, Length: 1250 * time.Millisecond, Codec: "V_VP9"}, []byte("x")), Film{WebM, "VP9", 1250 * time.Millisecond, 320, 240}},
		"64-bit sizes and times":          {longMP4(), Film{MP4, "H.264", 3 * time.Second, 64, 48}},
		"a live recording, sizes unknown": {liveWebM(), Film{WebM, "VP8", 0, 64, 48}},
		"a last box up to the end":        {slices.Concat(papertest.MP4(papertest.Film{Width: 64, Height: 48, Length: time.Second, Codec: "avc1"}), []byte{0, 0, 0, 0}, []byte("mdat"), make([]byte, 99)), Film{MP4, "H.264", time.Second, 64, 48}},
		"sound first":                     {soundFirst(), Film{MP4, "H.264", time.Second, 64, 48}},
	} {
		if got, err := inspect(test.data); err != nil || got != test.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, test.want)
		}
	}
}

// longMP4 has everything that may have 64 bits in 64 bits.
func longMP4() []byte {
	data := papertest.MP4(papertest.Film{Width: 64, Height: 48, Length: time.Second, Codec: "avc1"})
	mvhd := make([]byte, 112)
	mvhd[0] = 1
	binary.BigEndian.PutUint32(mvhd[20:], 600)
	binary.BigEndian.PutUint64(mvhd[24:], 1800)
	was := data[bytes.Index(data, []byte("mvhd"))-4:][:108]
	at := bytes.Index(data, []byte("moov"))
	body := bytes.Replace(data[at+4:bytes.Index(data, []byte("mdat"))-4], was, box("mvhd", mvhd), 1)
	moov := slices.Concat([]byte{0, 0, 0, 1}, []byte("moov"), binary.BigEndian.AppendUint64(nil, uint64(16+len(body))), body)
	return slices.Concat(data[:at-4], moov)
}

// liveWebM is what a browser's recorder makes: nothing in it knows how long it will be.
func liveWebM() []byte {
	data := papertest.WebM(papertest.Film{Width: 64, Height: 48, Codec: "V_VP8"}, []byte("x"))
	unknown := []byte{0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	at := bytes.Index(data, []byte{0x18, 0x53, 0x80, 0x67})
	copy(data[at+4:], unknown)
	return data
}

func soundFirst() []byte {
	data := papertest.MP4(papertest.Film{Width: 64, Height: 48, Length: time.Second, Codec: "avc1"})
	sound := papertest.MP4(papertest.Film{Codec: "mp4a", Handler: "soun"})
	trak := sound[bytes.Index(sound, []byte("trak"))-4 : bytes.Index(sound, []byte("mdat"))-4]
	at := bytes.Index(data, []byte("trak")) - 4
	data = slices.Concat(data[:at], trak, data[at:])
	moov := bytes.Index(data, []byte("moov")) - 4
	binary.BigEndian.PutUint32(data[moov:], binary.BigEndian.Uint32(data[moov:])+uint32(len(trak)))
	return data
}

// What browsers do not play, and what lies about itself, is refused in a sentence that
// says what to do.
func TestInspectVideoRefuses(t *testing.T) {
	good := papertest.MP4(papertest.Film{Width: 64, Height: 48, Length: time.Second, Codec: "avc1"})
	webm := papertest.WebM(papertest.Film{Width: 64, Height: 48, Length: time.Second, Codec: "V_VP8"}, []byte("x"))
	ftyp := box("ftyp", []byte("isom0000"))
	huge := slices.Concat(ftyp, []byte{0, 0, 0, 1}, []byte("moov"), []byte{0x80, 0, 0, 0, 0, 0, 0, 0})
	nested := []byte("end")
	for range 4000 {
		nested = box("minf", nested)
	}
	deep := slices.Concat(ftyp, box("moov", box("trak", box("mdia", nested))))
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"a web page":                  {[]byte("<!doctype html><p>not a film"), "not a video that we know"},
		"nothing":                     {nil, "not a video that we know"},
		"a HEIC photo":                {box("ftyp", []byte("heic0000")), "not a video that we know"},
		"no moov":                     {slices.Concat(ftyp, box("mdat", make([]byte, 100))), "damaged or was cut short"},
		"cut short":                   {good[:len(good)-700], "damaged or was cut short"},
		"cut in its moov":             {good[:100], "damaged or was cut short"},
		"a box of 2^63":               {huge, "damaged or was cut short"},
		"a box of no size inside":     {slices.Concat(ftyp, box("moov", make([]byte, 8))), "damaged or was cut short"},
		"a box smaller than its head": {slices.Concat(ftyp, []byte{0, 0, 0, 7}, []byte("free")), "damaged or was cut short"},
		"boxes without end":           {deep, "moving pictures"},
		"thousands of boxes":          {slices.Concat(ftyp, bytes.Repeat(box("free"), maxFilmParts)), "damaged or was cut short"},
		"an old codec":                {papertest.MP4(papertest.Film{Width: 64, Height: 48, Length: time.Second, Codec: "mp4v"}), "“mp4v”, which browsers do not play"},
		"encrypted":                   {papertest.MP4(papertest.Film{Width: 64, Height: 48, Length: time.Second, Codec: "encv"}), "encrypted"},
		"sound only":                  {papertest.MP4(papertest.Film{Codec: "mp4a", Handler: "soun"}), "no moving pictures"},
		"QuickTime":                   {bytes.Replace(good, []byte("isom"), []byte("qt  "), 1), "QuickTime film (MOV)"},
		"no size":                     {papertest.MP4(papertest.Film{Length: time.Second, Codec: "avc1"}), "damaged or was cut short"},
		"a week":                      {papertest.MP4(papertest.Film{Width: 64, Height: 48, Length: 7 * 24 * time.Hour, Codec: "avc1"}), "damaged or was cut short"},
		"Matroska":                    {bytes.Replace(webm, element(0x4282, []byte("webm")), element(0x4282, []byte("mkvv")), 1), "Matroska file (MKV)"},
		"a WebM of a strange codec":   {bytes.Replace(webm, []byte("V_VP8"), []byte("V_XYZ"), 1), "“V_XYZ”, which browsers do not play"},
		"a WebM cut in its tracks":    {webm[:bytes.Index(webm, []byte("V_VP8"))], "damaged or was cut short"},
		"a WebM of zeros":             {slices.Concat([]byte(ebmlHead), make([]byte, 100)), "damaged or was cut short"},
	} {
		_, err := inspect(test.data)
		if p := problem.Of(err); p == nil || !strings.Contains(p.Detail, test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// Whatever comes, reading it ends soon and panics never.
func FuzzInspectVideo(f *testing.F) {
	f.Add(papertest.MP4(papertest.Film{Width: 64, Height: 48, Length: time.Second, Codec: "avc1"}))
	f.Add(papertest.WebM(papertest.Film{Width: 64, Height: 48, Length: time.Second, Codec: "V_VP8"}, []byte("x")))
	f.Add(longMP4())
	f.Add(liveWebM())
	f.Fuzz(func(t *testing.T, data []byte) {
		film, err := inspect(data)
		if err != nil {
			if problem.Of(err) == nil {
				t.Errorf("a fault: %v", err)
			}
			return
		}
		if film.Width < 1 || film.Height < 1 || film.Duration < 0 || film.Duration > maxFilmTime || film.Codec == "" {
			t.Errorf("%+v", film)
		}
	})
}
