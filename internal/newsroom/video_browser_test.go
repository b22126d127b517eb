package newsroom

import (
	"os"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/media"
)

// films makes the demo's film one of the paper's videos, with a poster and captions.
func (h *house) films() (video, poster string) {
	h.t.Helper()
	ctx := h.t.Context()
	data, err := os.ReadFile("../../cmd/kawaraban/demo/videos/tide.webm")
	check(h.t, err)
	video, _, err = h.Work.Media.SendVideo(ctx, "", "tide.webm", data)
	check(h.t, err)
	poster = h.takes()
	check(h.t, h.db.Tx(ctx, func(tx *db.Tx) error {
		if err := h.Work.Media.SetPoster(ctx, tx, video, poster); err != nil {
			return err
		}
		return h.Work.Media.SetVideo(ctx, tx, video, "", time.Time{}, media.VideoWords{Title: "The tide at the quay", Credit: "Print room"})
	}))
	check(h.t, h.Work.Media.SetCaptions(ctx, video, []byte("WEBVTT\n\n00:00.500 --> 00:02.000\nThe tide comes in."), "en"))
	return video, poster
}

// TestVideo places a video above a story and in its text, publishes it, and presses
// play on the readers' page.
func TestVideo(t *testing.T) {
	d := edits(t, plainStory)
	video, poster := d.films()
	d.does(`document.querySelector("[data-tool=picture]").click()`)
	d.holds(`document.querySelector("dialog[open] .pictures button")?.textContent.startsWith("▶ 0:06")`)
	d.does(`document.querySelector("dialog[open] .pictures button").click()`)
	d.holds(`document.querySelector(".story-text figure .shown .film")?.textContent === "▶ Video"`)
	d.does(`document.querySelector(".lead").open = true; document.querySelector("[data-lead=choose]").click()`)
	d.holds(`document.querySelector("dialog[open] .pictures button")?.textContent.startsWith("▶")`)
	d.does(`document.querySelector("dialog[open] .pictures button").click()`)
	d.holds(`document.querySelector(".lead .film")`)
	if got := d.saved(); !strings.Contains(got, `"picture":"`+poster+`"`) || !strings.Contains(got, `"video":"`+video+`"`) {
		t.Errorf("the story is %s", got)
	}
	if l := d.now().Copy.Lead; l.Video != video || l.Picture != poster {
		t.Errorf("above it stands %+v", l)
	}
	d.goes(storyPath(d.story), 1280) // it comes back as it was
	d.holds(`document.querySelector(".story-text figure .shown .film") && document.querySelector(".lead .film")`)
	examine(t, d.ctx, "editor-video")

	for _, width := range []int64{360, 1280} {
		d.goes(videoPath(video), width)
		d.holds(`document.querySelector(".spoken")`)
		if got := ask[int64](t, d.ctx, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("the page of a video is %d wide on a screen of %d", got, width)
		}
		examine(t, d.ctx, "video")
		d.goes(pictures+"?view=videos", width)
		d.does(`document.querySelector(".stream").open = true`)
		examine(t, d.ctx, "videos")
	}
	d.goes(storyPath(d.story), 1280)
	d.holds(writable)
	at := desk.At{Version: d.now().Version, Page: ask[string](t, d.ctx, `document.querySelector("#story").dataset.page`)}
	check(t, d.Work.Publish(t.Context(), d.actor, d.story, desk.Publication{At: at}))
	path, err := d.Articles.Locate(t.Context(), d.story)
	check(t, err)
	for _, width := range []int64{360, 1280} {
		d.goes(path, width)
		d.holds(`document.querySelectorAll(".story video").length === 2`)
		if got := ask[int64](t, d.ctx, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("the article is %d wide on a screen of %d", got, width)
		}
		if loaded := ask[bool](t, d.ctx, `performance.getEntriesByType("resource").some((e) => e.name.includes(".webm") || e.name.includes(".vtt"))`); loaded {
			t.Error("the video is loaded before anybody asked for it")
		}
		examine(t, d.ctx, "article-video")
	}
	const where = `JSON.stringify(document.querySelector(".story h1 ~ *, .story .text").getBoundingClientRect())`
	before := ask[string](t, d.ctx, where)
	d.does(`{ const v = document.querySelector(".story video"); v.muted = true; v.play(); }`)
	d.holds(`document.querySelector(".story video").currentTime > 0.2 && document.querySelector(".story video").videoWidth === 480`)
	if after := ask[string](t, d.ctx, where); after != before {
		t.Errorf("what stands under the video moved from %s to %s", before, after)
	}
	d.holds(`document.querySelector(".story track").track.kind === "captions"`)
}
