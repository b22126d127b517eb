package newsroom

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// fill copies the story n times.
func (d *writer) fill(n int) {
	d.t.Helper()
	check(d.t, d.db.Tx(d.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(d.t.Context(), `insert into article
			with recursive count(n) as (select 1 union all select n + 1 from count where n < cast($2 as bigint))
			select a.id || '-' || n, section, slug || '-' || n, state, kind, language, n % 4, headline, kicker, standfirst, dateline, body, words,
				picture, caption, credit, alt, source_notice, canonical, noindex, feed,
				published + cast(n as bigint), updated, embargo, embargo_open, expires, withdrawn, withdrawn_by, withdrawn_why, revision, edited, created + cast(n as bigint), changed + cast(n as bigint), revision, folded, format, video, sponsor
			from article a, count
			where a.id = $1`, d.story, n)
		return err
	}))
}

// onEveryPage runs a script in every page that is opened from now on, before its
// own.
func (d *writer) onEveryPage(script string) {
	d.t.Helper()
	check(d.t, chromedp.Do(d.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	})))
}

// milliseconds is a time as browsers measure it.
func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// TestOpenSpeed opens an article of a paper that has a hundred thousand, ten times,
// and says how long it takes from the click until one can type.
func TestOpenSpeed(t *testing.T) {
	d := edits(t, plainStory)
	d.fill(100_000)
	d.onEveryPage(`(function look() {
		if (` + writable + `) window.opened = performance.now();
		else setTimeout(look, 2);
	})()`)
	var took []float64
	for range 10 {
		papertest.InTime(t, "to open an article until one can type", 500*time.Millisecond, func() time.Duration {
			d.goes("/newsroom/articles", 1280)
			d.goes(storyPath(d.story), 1280)
			d.holds(`window.opened`)
			took = append(took, ask[float64](t, d.ctx, `window.opened`))
			return milliseconds(took[len(took)-1])
		})
	}
	t.Logf("one can type after %.0f ms", took)
}
