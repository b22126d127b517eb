package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// What the audit log tells of videos.
const (
	VideoRights  audit.Act = "video.rights"
	VideoDeleted audit.Act = "video.deleted"
)

// Videos lists the videos of the library to those who write.
func (s *Store) Videos(ctx context.Context, a *reader.Actor, f media.VideoFilter) (list []*media.Video, older string, err error) {
	if !a.May(reader.MayWrite) {
		return nil, "", forbidden()
	}
	return s.Media.ListVideos(ctx, f)
}

// MayDescribeVideo reports whether somebody may change a video: editors, and whoever
// sent it.
func MayDescribeVideo(a *reader.Actor, v *media.Video) bool {
	return a.May(reader.MayEdit) || a.May(reader.MayWrite) && v.Owner == a.Reader.ID
}

// ownVideo refuses those who may not change a video.
func (s *Store) ownVideo(ctx context.Context, a *reader.Actor, id string) error {
	v, err := s.Media.Video(ctx, id)
	if err != nil {
		return err
	}
	if !MayDescribeVideo(a, v) {
		return &problem.Problem{Kind: problem.Forbidden, Detail: "Only an editor, or whoever sent this video, may change it."}
	}
	return nil
}

// DescribeVideo gives a video other words. seen is when they were last changed, as
// whoever changes them knows it.
func (s *Store) DescribeVideo(ctx context.Context, a *reader.Actor, id string, seen time.Time, w media.VideoWords) error {
	if err := s.ownVideo(ctx, a, id); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error { return s.Media.SetVideo(ctx, tx, id, a.Reader.ID, seen, w) })
}

// SetPoster chooses the picture that stands for a video. Where the video is placed
// already, its picture stays the one that was placed.
func (s *Store) SetPoster(ctx context.Context, a *reader.Actor, id, picture string) error {
	if err := s.ownVideo(ctx, a, id); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error { return s.Media.SetPoster(ctx, tx, id, picture) })
}

// SetCaptions gives a video its captions, in the place of those that it had.
func (s *Store) SetCaptions(ctx context.Context, a *reader.Actor, id string, data []byte, language string) error {
	if err := s.ownVideo(ctx, a, id); err != nil {
		return err
	}
	return s.Media.SetCaptions(ctx, id, data, language)
}

// RemoveCaptions takes the captions of a video away.
func (s *Store) RemoveCaptions(ctx context.Context, a *reader.Actor, id string) error {
	if err := s.ownVideo(ctx, a, id); err != nil {
		return err
	}
	return s.Media.RemoveCaptions(ctx, id)
}

// AddStream takes a video that lives elsewhere into the library. known says that it
// was there.
func (s *Store) AddStream(ctx context.Context, a *reader.Actor, t media.Stream) (id string, known bool, err error) {
	if !a.May(reader.MayWrite) {
		return "", false, forbidden()
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		id, known, err = s.Media.AddStream(ctx, tx, a.Reader.ID, t)
		return err
	})
	return id, known, err
}

// SetVideoRights says until when a video may be shown; the zero time is for ever.
func (s *Store) SetVideoRights(ctx context.Context, a *reader.Actor, id string, until time.Time, note string) error {
	if !a.May(reader.MayEdit) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := s.Media.SetVideoRights(ctx, tx, id, until, note); err != nil {
			return err
		}
		return s.note(ctx, tx, a, VideoRights, id, untilWhen(until))
	})
}

// DeleteVideo takes a video out of the library, which must stand nowhere.
func (s *Store) DeleteVideo(ctx context.Context, a *reader.Actor, id string) error {
	if !a.May(reader.MayEdit) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		is, err := used(ctx, tx, id)
		if err != nil {
			return err
		}
		if is {
			return &problem.Problem{Kind: problem.Conflict, Detail: "This video stands in articles. Take it out there first."}
		}
		if err := s.elsewhere(ctx, tx, id); err != nil {
			return err
		}
		if err := s.Media.DeleteVideo(ctx, tx, id); err != nil {
			return shownSince(err)
		}
		return s.note(ctx, tx, a, VideoDeleted, id, "")
	})
}

// posters gives the videos of a copy that have no picture yet their posters: whoever
// types the number of a video need not type that of its poster.
func (s *Store) posters(ctx context.Context, q db.Querier, c Copy) (Copy, error) {
	ids := c.Videos()
	if len(ids) == 0 {
		return c, nil
	}
	found, err := s.Media.VideosIn(ctx, q, ids...)
	if err != nil {
		return c, fmt.Errorf("the posters of a copy: %w", err)
	}
	fill := func(video string, picture, credit *string) {
		v := found[video]
		if v == nil || *picture != "" {
			return
		}
		if *picture = v.Poster; *credit == "" {
			*credit = v.Credit
		}
	}
	fill(c.Lead.Video, &c.Lead.Picture, &c.Lead.Credit)
	c.Body.Blocks = slices.Clone(c.Body.Blocks)
	for _, f := range c.Body.Figures() {
		fill(f.Video, &f.Picture, &f.Credit)
	}
	return c, nil
}
