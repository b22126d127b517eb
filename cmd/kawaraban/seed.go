package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/poll"
	"kawaraban/internal/richtext"
)

// A demoStory is one file of demo/stories.
type demoStory struct {
	article.New
	ago     time.Duration // published so long before now
	updated time.Duration // 0: never
	picture string        // file of the lead picture
	video   string        // file of the video for which that stands
	filmed  string        // what is to be seen in it
	focus   media.Focus   // of the lead picture
	options []demoOption  // of a poll
}

// seed fills a new paper with the stories of a folder of demo/. A paper that
// has articles is left alone.
func (p *paper) seed(ctx context.Context, folder string) error {
	if _, last, err := p.articles.Span(ctx); err != nil || !last.IsZero() {
		return err
	}
	stories, err := readStories(folder, p.language())
	if err != nil {
		return err
	}
	kept := map[string]*media.Kept{}
	for i, s := range stories {
		if s.video != "" {
			data, err := demoFiles.ReadFile(path.Join("demo/videos", s.video))
			if err != nil {
				return err
			}
			if stories[i].Lead.Video, _, err = p.media.SendVideo(ctx, "", s.video, data); err != nil {
				return fmt.Errorf("the demo's video %s: %w", s.video, err)
			}
		}
		for _, name := range s.pictures() {
			if kept[name] != nil {
				continue
			}
			data, err := demoFiles.ReadFile(path.Join("demo/pictures", name))
			if err != nil {
				return err
			}
			if kept[name], err = p.media.Keep(ctx, data); err != nil {
				return fmt.Errorf("the demo's picture %s: %w", name, err)
			}
		}
	}
	now := time.Now()
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		for _, s := range stories {
			if err := p.plant(ctx, tx, s, kept, now); err != nil {
				return fmt.Errorf("the demo's story %s: %w", s.Slug, err)
			}
		}
		return nil
	})
}

// plant publishes one story at its time before now.
func (p *paper) plant(ctx context.Context, tx *db.Tx, s demoStory, kept map[string]*media.Kept, now time.Time) error {
	s.Body.Blocks = slices.Clone(s.Body.Blocks)
	for i := range s.Body.Blocks {
		b := &s.Body.Blocks[i]
		if b.Kind != richtext.Figure {
			continue
		}
		k := kept[pictureName(*b)]
		id, err := p.media.Add(ctx, tx, k)
		if err != nil {
			return err
		}
		b.Picture, b.URL, b.Credit = id, "", k.Meta.Credit
	}
	if k := kept[s.picture]; k != nil {
		id, err := p.media.Add(ctx, tx, k)
		if err != nil {
			return err
		}
		s.Lead.Picture, s.Lead.Credit = id, k.Meta.Credit
		if err := p.media.SetFocus(ctx, tx, id, s.focus); err != nil {
			return err
		}
		if s.Lead.Video != "" {
			said := media.VideoWords{Title: s.filmed, Credit: k.Meta.Credit}
			if err := p.media.SetVideo(ctx, tx, s.Lead.Video, "", time.Time{}, said); err != nil {
				return err
			}
			if err := p.media.SetPoster(ctx, tx, s.Lead.Video, id); err != nil {
				return err
			}
		}
	}
	then := *p.articles
	then.Now = func() time.Time { return now.Add(-s.ago) }
	id, err := then.Create(ctx, tx, s.New)
	if err != nil {
		return err
	}
	if err := then.Publish(ctx, tx, id, then.Now()); err != nil {
		return err
	}
	if len(s.options) > 0 {
		if _, err := p.polls.Set(ctx, tx, id, poll.Draft{Options: words(s.options)}, poll.Least); err != nil {
			return err
		}
	}
	if s.updated == 0 {
		return nil
	}
	then.Now = func() time.Time { return now.Add(-s.updated) }
	return then.Revise(ctx, tx, id, s.Content, article.Revision{Reason: article.Update, By: s.By})
}

func (s demoStory) pictures() (names []string) {
	if s.picture != "" {
		names = append(names, s.picture)
	}
	for _, b := range s.Body.Blocks {
		if b.Kind == richtext.Figure {
			names = append(names, pictureName(b))
		}
	}
	return names
}

func pictureName(b richtext.Block) string { return path.Base(b.URL) }

// readStories parses the stories of a folder, the most prominent first: their
// pictures are drawn first.
func readStories(folder, language string) (list []demoStory, err error) {
	files, err := fs.Glob(demoFiles, path.Join("demo", folder, "*.txt"))
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		data, err := demoFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		s, err := parseStory(data)
		if err != nil {
			return nil, fmt.Errorf("the demo's story %s: %w", name, err)
		}
		s.Slug, s.Language = strings.TrimSuffix(path.Base(name), ".txt"), language
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b demoStory) int {
		if a.Weight != b.Weight {
			return b.Weight - a.Weight
		}
		return int(a.ago - b.ago)
	})
	return list, nil
}

// parseStory reads "Name: value" lines, an empty line, and the body as HTML.
func parseStory(data []byte) (s demoStory, err error) {
	head, body, ok := bytes.Cut(data, []byte("\n\n"))
	if !ok {
		return s, fmt.Errorf("there is no empty line after the head")
	}
	for lines := bufio.NewScanner(bytes.NewReader(head)); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), ":")
		if !ok {
			return s, fmt.Errorf("%q is no line of a head", lines.Text())
		}
		if err := s.set(name, strings.TrimSpace(value)); err != nil {
			return s, fmt.Errorf("%s: %w", name, err)
		}
	}
	s.Body = richtext.FromHTML(strings.ReplaceAll(string(body), `<img src="`, `<img src="`+demoPictures), "")
	return s, nil
}

// demoPictures makes the bare file names of pictures into paths, which
// pictureName undoes.
const demoPictures = "/demo/"

func (s *demoStory) set(name, value string) (err error) {
	switch name {
	case "Headline":
		s.Headline = value
	case "Kicker":
		s.Kicker = value
	case "Section":
		s.Section = value
	case "Standfirst":
		s.Standfirst = value
	case "By":
		for n := range strings.SplitSeq(value, ";") {
			s.Bylines = append(s.Bylines, strings.TrimSpace(n))
		}
		s.New.By = s.Bylines[0]
	case "Dateline":
		s.Dateline = value
	case "Hours":
		s.ago, err = hours(value)
	case "Updated":
		s.updated, err = hours(value)
	case "Picture":
		s.picture = value
	case "Video":
		s.video = value
	case "Filmed":
		s.filmed = value
	case "Focus":
		_, err = fmt.Sscan(value, &s.focus.X, &s.focus.Y)
	case "Caption":
		s.Lead.Caption = value
	case "Alt":
		s.Lead.Alt = value
	case "Weight":
		s.Weight, err = strconv.Atoi(value)
	case "Source":
		s.SourceNotice = value
	case "Sponsor":
		s.Sponsor = value
	case "Format":
		s.Format = article.Format(value)
	case "Option":
		n, words, _ := strings.Cut(value, " ")
		o := demoOption{words: words}
		o.votes, err = strconv.Atoi(n)
		s.options = append(s.options, o)
	case "Kind":
		s.Kind = article.Kind(value)
	default:
		err = fmt.Errorf("there is no such field")
	}
	return err
}

func hours(value string) (time.Duration, error) {
	h, err := strconv.ParseFloat(value, 64)
	return time.Duration(h * float64(time.Hour)), err
}
