package media

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// blobs counts what is kept under a prefix.
func (s *Store) blobs(t *testing.T, prefix string) (n int) {
	t.Helper()
	if err := s.Blobs.Walk(t.Context(), prefix, func(blob.Info) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// Eight send the same film at once: it is one video, with one file.
func TestSendVideoAtOnce(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, _ := newStore(t, d)
		ida, ctx := s.employs(t, "ida"), t.Context()
		data := papertest.MP4(papertest.Film{Width: 64, Height: 48, Length: time.Second, Codec: "avc1"})
		var all sync.WaitGroup
		var mu sync.Mutex
		ids, fresh := map[string]bool{}, 0
		for range 8 {
			all.Go(func() {
				u, err := s.BeginUpload(ctx, ida, "film.mp4", int64(len(data)))
				if err == nil {
					u, err = s.Append(ctx, ida, u.ID, 0, data)
				}
				mu.Lock()
				defer mu.Unlock()
				if err != nil || !u.Video {
					t.Errorf("%+v, %v", u, err)
				}
				if ids[u.Picture] = true; !u.Known {
					fresh++
				}
			})
		}
		all.Wait()
		if len(ids) != 1 || fresh != 1 || s.blobs(t, "video") != 1 || s.pieces(t) != 0 {
			t.Errorf("%d videos, %d new, %d files, %d pieces", len(ids), fresh, s.blobs(t, "video"), s.pieces(t))
		}
		if told := s.verify(t); told != nil {
			t.Errorf("verify: %v", told)
		}
	})
}

// A video gets a poster, captions, other captions and a last day; deleted, nothing of
// it is left.
func TestVideo(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, start := newStore(t, d)
		ida, ctx := s.employs(t, "ida"), t.Context()
		data := papertest.MP4(papertest.Film{Width: 64, Height: 48, Length: 90 * time.Second, Codec: "avc1"})
		id, known, err := s.SendVideo(ctx, ida, "tide.mp4", data)
		if err != nil || known {
			t.Fatal(id, known, err)
		}
		picture, err := s.add(ctx, encodeAs(t, harbour(64, 48), JPEG))
		if err != nil {
			t.Fatal(err)
		}
		tx := func(f func(tx *db.Tx) error) error { return d.Tx(ctx, f) }
		if err := tx(func(tx *db.Tx) error { return s.SetPoster(ctx, tx, id, "nothing") }); problem.Of(err) == nil || problem.Of(err).Fields["by"] == "" {
			t.Errorf("a poster that is none: %v", err)
		}
		if err := tx(func(tx *db.Tx) error { return s.SetPoster(ctx, tx, id, picture) }); err != nil {
			t.Error(err)
		}
		if err := tx(func(tx *db.Tx) error {
			return s.SetVideo(ctx, tx, id, ida, time.Time{}, VideoWords{"The tide\x00 at the quay", "Moss"})
		}); err != nil {
			t.Error(err)
		}
		if err := tx(func(tx *db.Tx) error { return s.SetVideo(ctx, tx, id, ida, time.Time{}, VideoWords{"Another", ""}) }); !problem.Is(err, problem.Conflict) {
			t.Errorf("words that somebody has changed: %v", err)
		}
		for words, want := range map[string]int{"": 1, "QUAY": 1, "tide moss": 1, "ebb": 0, "%": 0, "…": 0} {
			if list, _, err := s.ListVideos(ctx, VideoFilter{Words: words, Usable: true, Limit: 9}); err != nil || len(list) != want {
				t.Errorf("%q finds %d, %v", words, len(list), err)
			}
		}
		const one, other = "WEBVTT\n\n00:01.000 --> 00:02.000\nIt rises.", "WEBVTT\n\n00:01.000 --> 00:02.000\nIt falls."
		if err := s.SetCaptions(ctx, id, []byte(one), "english?"); problem.Of(err) == nil || problem.Of(err).Fields["language"] == "" {
			t.Errorf("a strange language: %v", err)
		}
		if err := s.SetCaptions(ctx, id, []byte(one), "en"); err != nil {
			t.Fatal(err)
		}
		v, err := s.Video(ctx, id)
		if err != nil || v.Poster != picture || v.Title != "The tide at the quay" || v.Clock() != "1:30" || v.ISO() != "PT1M30S" || v.Language != "en" {
			t.Fatalf("%+v, %v", v, err)
		}
		first := v.CaptionsKey()
		if err := s.SetCaptions(ctx, id, []byte(other), "en"); err != nil || s.blobs(t, "captions") != 1 {
			t.Errorf("other captions: %v, %d files", err, s.blobs(t, "captions"))
		}
		v, _ = s.Video(ctx, id)
		for key, want := range map[string]string{v.Key(): string(data), v.CaptionsKey(): "It falls.", first: "", id + ".webm": "", id + ".vtt": "", "nobody.mp4": "", "../" + id + ".mp4": ""} {
			o, err := s.Open(ctx, key)
			if want == "" {
				if !problem.Is(err, problem.NotFound) {
					t.Errorf("%s: %v", key, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", key, err)
				continue
			}
			got, _ := io.ReadAll(o)
			o.Close()
			if !bytes.Contains(got, []byte(want)) || o.Picture != id || !o.Video || o.Ended {
				t.Errorf("%s: %+v", key, o)
			}
		}
		if err := tx(func(tx *db.Tx) error { return s.SetVideoRights(ctx, tx, id, s.Now().Add(-time.Hour), "lent") }); err != nil {
			t.Error(err)
		}
		o, err := s.Open(ctx, v.Key())
		if err != nil || !o.Ended {
			t.Errorf("after its last day: %+v, %v", o, err)
		} else {
			o.Close()
		}
		if err := tx(func(tx *db.Tx) error { return s.DeleteVideo(ctx, tx, id) }); err != nil {
			t.Fatal(err)
		}
		s.Now = func() time.Time { return time.Now().Add(2 * rest) }
		start()
		s.idle(t)
		if s.blobs(t, "video") != 0 || s.blobs(t, "captions") != 0 {
			t.Errorf("%d files and %d captions are left", s.blobs(t, "video"), s.blobs(t, "captions"))
		}
	})
}

// A stream is an address that a browser may follow, and nothing else.
func TestAddStream(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, _ := newStore(t, d)
		ida, ctx := s.employs(t, "ida"), t.Context()
		add := func(address string) (id string, known bool, err error) {
			err = d.Tx(ctx, func(tx *db.Tx) error {
				id, known, err = s.AddStream(ctx, tx, ida, Stream{Address: address, Title: "Live"})
				return err
			})
			return id, known, err
		}
		for _, bad := range []string{
			"", "http://a.example/x.m3u8", "https://a.example/x.mp4", "javascript:alert(1)//.m3u8", "https:///x.m3u8", "https://me:secret@a.example/x.m3u8",
			"//a.example/x.m3u8", "https://a.example/?x=.m3u8", "https://a.example/" + strings.Repeat("x", 2000) + ".m3u8",
		} {
			if _, _, err := add(bad); problem.Of(err) == nil || problem.Of(err).Fields["address"] == "" {
				t.Errorf("%.60q: %v", bad, err)
			}
		}
		id, known, err := add("https://a.example/live/Master.M3U8?quality=low#top")
		if err != nil || known {
			t.Fatal(id, known, err)
		}
		again, known, err := add(" https://a.example/live/Master.M3U8?quality=low ")
		if err != nil || !known || again != id {
			t.Errorf("the same address: %s, %t, %v", again, known, err)
		}
		v, err := s.Video(ctx, id)
		if err != nil || v.Address != "https://a.example/live/Master.M3U8?quality=low" || v.Key() != "" || v.Width != 1280 || v.ISO() != "" {
			t.Errorf("%+v, %v", v, err)
		}
		if _, err := s.Open(ctx, id+".hls"); !problem.Is(err, problem.NotFound) {
			t.Errorf("it is opened: %v", err)
		}
	})
}
