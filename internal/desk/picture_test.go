package desk

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/media"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// picture sends one of a colour, and says who took it.
func (k *kit) picture(shade uint8, caption, credit string) (id string) {
	k.t.Helper()
	img := image.NewGray(image.Rect(0, 0, 6, 4))
	img.SetGray(0, 0, color.Gray{Y: shade})
	var b bytes.Buffer
	check(k.t, png.Encode(&b, img))
	u, err := k.Media.BeginUpload(k.t.Context(), k.ida.Reader.ID, "x.png", int64(b.Len()))
	check(k.t, err)
	u, err = k.Media.Append(k.t.Context(), k.ida.Reader.ID, u.ID, 0, b.Bytes())
	check(k.t, err)
	check(k.t, k.Describe(k.t.Context(), k.ida, u.Picture, Description{Words: media.Words{Caption: caption, Credit: credit}}))
	return u.Picture
}

// shows gives a copy a lead picture, and the same in its text.
func shows(id, caption string) func(*Copy) {
	return func(c *Copy) {
		c.Lead = article.Lead{Picture: id, Caption: caption, Credit: "Old Ink"}
		c.Body.Blocks = append(slices.Clone(c.Body.Blocks), richtext.Block{Kind: richtext.Figure, Picture: id, Credit: "Old Ink", Text: []richtext.Span{{Text: caption}}})
	}
}

// TestReplacePicture puts a picture in the place of another in what readers have, in
// a draft, in a copy with changes and in one that nobody has opened, and back.
//
// Seen red: story_picture left out of replaceSome; the credit of the old picture
// left beside the new one; the clean copy left with changes that wait.
func TestReplacePicture(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		old, fresh := k.picture(1, "A quay", "Old Ink"), k.picture(2, "The quay by night", "New Ink")
		published, open, draft, copied := k.began(k.ida, "Published"), k.began(k.ida, "Open"), k.began(k.ana, "Draft"), k.began(k.ida, "Copied")
		for _, id := range []string{published, open, draft} {
			a := k.ida
			if id == draft {
				a = k.ana
			}
			k.writes(a, id, "page-of-"+a.Reader.Name, shows(old, "A quay"))
		}
		for _, id := range []string{published, open, copied} {
			check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id)}))
		}
		k.writes(k.ida, open, "page-of-Ida Holm", func(c *Copy) { c.Headline = "Open, and being written" })
		k.writes(k.ida, copied, "page-of-Ida Holm", shows(old, "Ours alone"))

		uses, more, err := k.Uses(ctx, k.ida, old)
		if err != nil || len(uses) != 4 || more != 0 {
			t.Errorf("it stands in %+v and %d more (%v)", uses, more, err)
		}
		if uses, more, err := k.Uses(ctx, k.ana, old); err != nil || len(uses) != 1 || uses[0].ID != draft || more != 3 {
			t.Errorf("a contributor sees %+v and %d more (%v)", uses, more, err)
		}
		refused(t, "a contributor replaces", second(k.ReplacePicture(ctx, k.ana, old, fresh)), problem.Forbidden)
		refused(t, "a picture that stands in articles is deleted", k.DeletePicture(ctx, k.ida, old), problem.Conflict)
		done, err := k.ReplacePicture(ctx, k.ida, old, fresh)
		if err != nil || done != (Replaced{Articles: 4, Fresh: true}) {
			t.Fatalf("replaced in %+v: %v", done, err)
		}
		if uses, _, _ := k.Uses(ctx, k.ida, old); len(uses) != 0 {
			t.Errorf("it still stands in %+v", uses)
		}
		r := k.reads(published)
		if f := r.Body.Figures()[0]; r.Card.Lead.Picture != fresh || r.Card.Lead.Credit != "New Ink" || r.Card.Lead.Caption != "The quay by night" ||
			f.Picture != fresh || f.Credit != "New Ink" || richtext.Plain(f.Text) != "The quay by night" {
			t.Errorf("readers have %+v and %+v", r.Card.Lead, f)
		}
		for id, waits := range map[string]bool{published: false, open: true, draft: false, copied: true} {
			s, err := k.Story(ctx, k.ida, id)
			check(t, err)
			if s.Copy.Lead.Picture != fresh || s.Waits() != waits || s.Behind() {
				t.Errorf("%s: the copy has %s, waits %v, is behind %v", s.Copy.Headline, s.Copy.Lead.Picture, s.Waits(), s.Behind())
			}
			if id == draft && s.Article.Lead.Picture != "" && s.Article.Lead.Picture != fresh {
				t.Errorf("the draft's revision has %+v", s.Article.Lead)
			}
			if id == copied && s.Copy.Lead.Caption != "Ours alone" {
				t.Errorf("what was written for the use is lost: %q", s.Copy.Lead.Caption)
			}
		}
		// Each can still be published, and back it goes.
		check(t, k.Publish(ctx, k.ida, open, Publication{At: k.at(k.ida, open), Reason: article.Edit}))
		k.clock.Add(SeatLife + time.Second) // the contributor has gone
		check(t, k.Publish(ctx, k.ida, draft, Publication{At: k.at(k.ida, draft)}))
		if done, err := k.ReplacePicture(ctx, k.ida, fresh, old); err != nil || done.Articles != 4 {
			t.Fatalf("back in %+v: %v", done, err)
		}
		if r := k.reads(draft); r.Card.Lead.Picture != old || r.Card.Lead.Credit != "Old Ink" {
			t.Errorf("back, readers have %+v", r.Card.Lead)
		}
		check(t, k.DeletePicture(ctx, k.jon, fresh))
		if _, err := k.Media.Picture(ctx, fresh); !problem.Is(err, problem.NotFound) {
			t.Errorf("it is still there: %v", err)
		}
	})
}

func second(_ Replaced, err error) error { return err }

// TestReplaceRefuses is about what takes no picture's place.
func TestReplaceRefuses(t *testing.T) {
	onBoth(t, func(k *kit) {
		old, bare, lent := k.picture(1, "A quay", "Old Ink"), k.picture(2, "A quay", ""), k.picture(3, "A quay", "Lent")
		check(t, k.SetPictureRights(t.Context(), k.ida, lent, k.clock.Now().Add(time.Hour), ""))
		refused(t, "rights by a contributor", k.SetPictureRights(t.Context(), k.ana, lent, time.Time{}, ""), problem.Forbidden)
		k.clock.Add(time.Hour)
		for by, want := range map[string]string{old: "same picture", bare: "no credit", lent: "has ended", "none": "Choose the picture", "": "Choose the picture"} {
			p := refused(t, by, second(k.ReplacePicture(t.Context(), k.ida, old, by)), problem.Invalid)
			if !strings.Contains(p.Fields["by"], want) {
				t.Errorf("by %q: %v, want %q", by, p.Fields, want)
			}
		}
		refused(t, "a picture that is not there", second(k.ReplacePicture(t.Context(), k.ida, "none", old)), problem.NotFound)
	})
}

// TestReplaceUnderEight replaces a picture from eight places at once: each article
// changes once.
func TestReplaceUnderEight(t *testing.T) {
	onBoth(t, func(k *kit) {
		old, fresh := k.picture(1, "A quay", "Old Ink"), k.picture(2, "Night", "New Ink")
		const stories = 6
		var ids []string
		for i := range stories {
			id := k.began(k.ida, fmt.Sprint("Story ", i))
			k.writes(k.ida, id, "page-of-Ida Holm", shows(old, "A quay"))
			check(t, k.Publish(t.Context(), k.ida, id, Publication{At: k.at(k.ida, id)}))
			ids = append(ids, id)
		}
		before := map[string]int{}
		for _, id := range ids {
			s, err := k.Story(t.Context(), k.ida, id)
			check(t, err)
			before[id] = s.Article.Revision
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		sum := 0
		for range 8 {
			all.Go(func() {
				done, err := k.ReplacePicture(t.Context(), k.jon, old, fresh)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				sum += done.Articles
				mu.Unlock()
			})
		}
		all.Wait()
		if sum != stories {
			t.Errorf("%d articles were changed, of %d", sum, stories)
		}
		for _, id := range ids {
			s, err := k.Story(t.Context(), k.ida, id)
			check(t, err)
			if s.Article.Revision != before[id]+1 || s.Waits() || s.Article.Lead.Picture != fresh {
				t.Errorf("%s went from revision %d to %d and has %s", s.Copy.Headline, before[id], s.Article.Revision, s.Article.Lead.Picture)
			}
		}
	})
}

// TestEndedPicture is published neither now nor after the end of its rights.
func TestEndedPicture(t *testing.T) {
	onBoth(t, func(k *kit) {
		lent := k.picture(1, "A quay", "Old Ink")
		end := k.clock.Now().Add(24 * time.Hour)
		check(t, k.SetPictureRights(t.Context(), k.ida, lent, end, "Lent."))
		id := k.began(k.ida, "With a picture that was lent")
		k.writes(k.ida, id, "page-of-Ida Holm", shows(lent, "A quay"))
		p := refused(t, "scheduled after the end", k.Publish(t.Context(), k.ida, id, Publication{At: k.at(k.ida, id), When: end}), problem.Invalid)
		if p.Fields["pictures"] == "" {
			t.Errorf("it is not said at the pictures: %v", p.Fields)
		}
		check(t, k.Publish(t.Context(), k.ida, id, Publication{At: k.at(k.ida, id), When: end.Add(-time.Hour)}))
		k.clock.Add(24 * time.Hour)
		other := k.began(k.ida, "Another")
		k.writes(k.ida, other, "page-of-Ida Holm", shows(lent, "A quay"))
		refused(t, "published after the end", k.Publish(t.Context(), k.ida, other, Publication{At: k.at(k.ida, other), Bare: "no matter"}), problem.Invalid)
	})
}

// TestPictureWords are for editors and whoever sent the picture; pictures are found
// by them, and those that stand nowhere.
func TestPictureWords(t *testing.T) {
	onBoth(t, func(k *kit) {
		p := k.picture(1, "A quay", "Old Ink")
		d := Description{Words: media.Words{Caption: "Mine"}}
		refused(t, "a colleague's picture", k.Describe(t.Context(), k.ana, p, d), problem.Forbidden)
		k.exec(`update picture set owner = $1, edited = 0`, k.ana.Reader.ID)
		check(t, k.Describe(t.Context(), k.ana, p, d))
		listed := func(want int, f PictureFilter) {
			t.Helper()
			f.Limit = 10
			list, _, err := k.Pictures(t.Context(), k.ana, f)
			if err != nil || len(list) != want {
				t.Errorf("%+v: %d pictures (%v), want %d", f, len(list), err, want)
			}
		}
		listed(1, PictureFilter{Unused: true})
		id := k.began(k.ana, "A story")
		k.writes(k.ana, id, "page-of-Ana Ruiz", shows(p, "x"))
		listed(0, PictureFilter{Unused: true})
		listed(1, PictureFilter{Filter: media.Filter{Words: "mine", Bare: true}})
		k.writes(k.ana, id, "page-of-Ana Ruiz", func(c *Copy) { c.Lead, c.Body = article.Lead{}, richtext.Doc{} })
		listed(1, PictureFilter{Unused: true})
		_, _, err := k.Pictures(t.Context(), k.mods, PictureFilter{})
		refused(t, "a moderator", err, problem.Forbidden)
	})
}
