package site

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/follow"
	"kawaraban/internal/papertest"
	"kawaraban/internal/push"
	"kawaraban/internal/reader"
)

// TestFollowingPage looks at what a reader follows, empty and full, and follows
// something as anybody would.
func TestFollowingPage(t *testing.T) {
	p := served(t)
	ctx := papertest.Browser(t)
	id, err := p.Readers.Add(t.Context(), reader.New{Email: "ana@readers.example", Name: "Ana", Role: reader.Member, Password: goodPassword})
	check(t, err)
	n := story("city", "The bridge "+strings.Repeat("averylongword", 8))
	n.Topics = []string{"bridges"}
	art := p.publish(n, time.Hour)
	enters(t, ctx, p, "ana@readers.example")
	look := func(path, name string) {
		t.Helper()
		for _, width := range []int64{320, 360, 1280} {
			open(t, ctx, p.Paper.URL(path), width, 900)
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", name, got, width)
			}
			photograph(t, ctx, fmt.Sprintf("%d-following-%s", width, name))
			examine(t, ctx, fmt.Sprintf("%s at %d", name, width))
		}
	}
	look("/account/following", "empty")
	look("/account/following?add=story:"+art, "offer")
	fills(t, ctx, "/account/following", map[string]string{"way-section:city": "digest", "way-topic:bridges": "mail"})
	becomes(t, ctx, `location.search.startsWith("?done=followed") && document.querySelectorAll("main .rows li").length === 3`)
	look("/account/following?done=stopped&what=section:city", "list")
	list, err := p.Follows.Of(t.Context(), id)
	check(t, err)
	ways := map[follow.Kind]follow.Way{}
	for _, f := range list {
		ways[f.Kind] = f.Way
	}
	if len(list) != 3 || ways[follow.Story] != follow.Mail || ways[follow.Section] != follow.Digest || ways[follow.Topic] != follow.Mail {
		t.Errorf("ana follows %v", list)
	}
}

// TestNoticesOnDevice presses the button that asks for notices. There is no push service
// in the test, so that the way ends there: permission was asked for by the click, and
// the worker is installed under our policy of content.
func TestNoticesOnDevice(t *testing.T) {
	p := served(t)
	ctx := papertest.Browser(t)
	id, err := p.Readers.Add(t.Context(), reader.New{Email: "ana@readers.example", Name: "Ana", Role: reader.Member, Password: goodPassword})
	check(t, err)
	enters(t, ctx, p, "ana@readers.example")
	open(t, ctx, p.Paper.URL("/account/following"), 360, 900)
	becomes(t, ctx, `!document.querySelector("[data-push] .act button").hidden`)
	examine(t, ctx, "a browser that can be woken")
	_, err = chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](`{
		window.asked = 0;
		Notification.requestPermission = async () => { window.asked++; return "granted"; };
	}`))
	check(t, err)
	_, err = chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("[data-push] .act button").click()`))
	check(t, err)
	becomes(t, ctx, `document.querySelector("[data-push] [role=status]").textContent === document.querySelector("[data-push]").dataset.failed`)
	_, err = chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](`{
		navigator.serviceWorker.ready.then((r) => { window.worker = r.active.scriptURL; });
	}`))
	check(t, err)
	becomes(t, ctx, `window.asked === 1 && (window.worker ?? "").endsWith("/sw.js")`)
	examine(t, ctx, "a browser that cannot be woken")

	key, err := ecdh.P256().GenerateKey(rand.Reader)
	check(t, err)
	check(t, p.Pushes.Add(t.Context(), id, push.Address{
		Endpoint: "https://fcm.googleapis.com/fcm/send/x", P256dh: base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), Auth: base64.RawURLEncoding.EncodeToString(make([]byte, 16)),
	}, "Firefox, Linux"))
	open(t, ctx, p.Paper.URL("/account/following?done=device"), 360, 900)
	if !ask[bool](t, ctx, `document.querySelector("[data-push] li").textContent.includes("Firefox, Linux")`) {
		t.Error("the browser is not in the list")
	}
	photograph(t, ctx, "360-following-device")
	examine(t, ctx, "a browser in the list")
	_, err = chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("[data-push] li button").click()`))
	check(t, err)
	becomes(t, ctx, `location.search === "?done=removed" && !document.querySelector("[data-push] li")`)
}
