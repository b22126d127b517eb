package newsroom

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/network"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// TestNetworkRoom offers, pins and takes back, in both languages of a desk that is empty
// at first.
func TestNetworkRoom(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		editor := h.own(h.hires("maren", reader.Editor), reader.Editor)
		page := func(target string) string {
			t.Helper()
			res, body := h.asks(http.MethodGet, target, editor)
			if res.StatusCode != http.StatusOK {
				t.Errorf("%s answers %d", target, res.StatusCode)
			}
			return body
		}
		if body := page(networkAt); !strings.Contains(body, "The panel is empty") || !strings.Contains(body, "There are none yet.") || strings.Contains(body, `name="address" value="" maxlength="1000" inputmode`) {
			t.Errorf("an empty room shows an editor %s", body)
		}
		res, body := h.fills(networkAt, editor, "act", "offer", "title", "<b>Tides</b>", "address", "ftp://x", "to", "never")
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "Choose a day.") || !strings.Contains(body, `value="&lt;b&gt;Tides&lt;/b&gt;"`) {
			t.Errorf("a wrong offer: %d %s", res.StatusCode, body)
		}
		res, _ = h.fills(networkAt, editor, "act", "offer", "kind", "resource", "title", "Tide tables", "address", "/tides", "from", "2020-01-01")
		if to := res.Header.Get("Location"); to != networkAt+"?done=offered" {
			t.Fatalf("an offer leads to %q (%d)", to, res.StatusCode)
		}
		offers, err := h.Network.Offers(t.Context())
		check(t, err)
		if len(offers) != 1 || len(h.Network.Panel().Items) != 0 {
			t.Fatalf("there are %d offers", len(offers))
		}
		if body := page(networkAt); strings.Count(body, "Tide tables") < 3 {
			t.Errorf("the room shows %s", body)
		}
		value := offers[0].ID
		res, _ = h.fills(networkAt, editor, "act", "remove", "value", value)
		body = page(res.Header.Get("Location"))
		if !strings.Contains(body, "Removed.") || !strings.Contains(body, `name="act" value="restore"`) || !strings.Contains(body, "The panel is empty") {
			t.Errorf("removed, the room shows %s", body)
		}
		res, _ = h.fills(networkAt, editor, "act", "restore", "value", value)
		if body = page(res.Header.Get("Location")); !strings.Contains(body, "It is back.") || strings.Contains(body, "The panel is empty") {
			t.Errorf("restored, the room shows %s", body)
		}
		res, _ = h.fills(networkAt, editor, "act", "rule", "kind", "word", "value", "TIDE")
		if body = page(res.Header.Get("Location")); !strings.Contains(body, "titles with “TIDE”") || !strings.Contains(body, "The panel is empty") {
			t.Errorf("blocked, the room shows %s", body)
		}
		res, _ = h.fills(networkAt, editor, "act", "lift", "kind", "word", "value", "TIDE")
		if body = page(res.Header.Get("Location")); strings.Contains(body, "The panel is empty") {
			t.Errorf("lifted, the room shows %s", body)
		}
		if status, _ := h.fills(networkAt+"/sisters", editor, "address", "https://x.example"); status.StatusCode != http.StatusForbidden {
			t.Errorf("an editor adds a sister: %d", status.StatusCode)
		}
	})
}

// exchange is a room with two sisters: a paper that says more than is believed, and does
// not take our reports, and a feed whose links lead to other hosts.
func exchange(t *testing.T, h *house) {
	t.Helper()
	now := h.Now()
	day := db.Time(now.UTC().Truncate(24 * time.Hour))
	check(t, h.db.Tx(t.Context(), func(tx *db.Tx) error {
		for _, query := range []string{
			`insert into network_sister (id, kind, address, name, key, other, state, list, made, good, tried, due, trouble, etag, modified, created, untold)
				values ('one', 'paper', 'https://weekly.example', 'The Weekly', 'K', '', 'on', '{}', 0, $1, 0, 0, '', '', '', 1, 'unknown')`,
			`insert into network_sister (id, kind, address, name, key, other, state, list, made, good, tried, due, trouble, etag, modified, created, hosts, elsewhere)
				values ('two', 'feed', 'https://feeds.example/x', 'A <b>blog</b>', '', '', 'on', '{}', 0, $1, 0, 0, 'foreign', '', '', 2, '["blog.example"]', '[{"host":"casino-with-a-very-long-name-that-goes-on.example","links":12},{"host":"x.example","links":1}]')`,
			`insert into network_came (sister, day, item, title, said, clicks) values ('one', $1, 'a1', '<i>The mill</i> turns', 90000, 1230)`,
			`insert into network_came (sister, day, item, title, said, clicks) values ('one', $1, 'a2', 'The ferry waits', 1, 1)`,
			`insert into network_click (item, day, sister, title, clicks) values ('i1', $1, 'one', 'The plough waits', 7)`,
			`insert into network_click (item, day, sister, title, clicks) values ('i2', $1, 'two', 'A blog story', 2)`,
		} {
			at := day
			if strings.Contains(query, "network_sister") {
				at = db.Time(now)
			}
			if _, err := tx.Exec(t.Context(), query, at); err != nil {
				return err
			}
		}
		return nil
	}))
}

// TestNetworkTraffic shows what came and what went, what was cut, and the hosts of a feed;
// a publisher allows one and takes it back, an editor cannot.
func TestNetworkTraffic(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		exchange(t, h)
		editor := h.own(h.hires("maren", reader.Editor), reader.Editor)
		publisher := h.own(h.hires("pia", reader.Publisher), reader.Publisher)
		room := func(as, target string) string {
			t.Helper()
			res, body := h.asks(http.MethodGet, target, as)
			if res.StatusCode != http.StatusOK {
				t.Errorf("%s answers %d", target, res.StatusCode)
			}
			return body
		}
		shows(t, room(editor, networkAt),
			`<th scope="row">The Weekly</th><td class="count">1,231</td><td class="count">1,231</td><td class="count">1,231</td>`, "Capped: The Weekly says 90,001, and 1,231 count.",
			"&lt;i&gt;The mill&lt;/i&gt; turns", "1,230 times", "The ferry waits", `<td class="count">7</td>`, "not told yet", "It does not take our reports", "a feed; it is not told",
			"All its links lead to other hosts", "before a publisher allows the host", "<code>blog.example</code>", "12 links")
		if body := room(editor, networkAt); strings.Contains(body, `value="allow"`) || strings.Contains(body, `value="deny"`) {
			t.Error("an editor is offered to allow a host")
		}
		at := networkAt + "/sisters/two"
		if res, _ := h.fills(at, editor, "act", "allow", "host", "x.example"); res.StatusCode != http.StatusForbidden {
			t.Errorf("an editor allows a host: %d", res.StatusCode)
		}
		res, _ := h.fills(at, publisher, "act", "allow", "host", "x.example")
		body := room(publisher, res.Header.Get("Location"))
		shows(t, body, "Allowed.", `<input type="hidden" name="host" value="x.example"><p class="act"><button class="quiet" name="act" value="deny">Undo`)
		res, _ = h.fills(at, publisher, "act", "deny", "host", "x.example")
		shows(t, room(publisher, res.Header.Get("Location")), "No longer allowed.", `name="act" value="allow">Undo`)
		res, body = h.fills(at, publisher, "act", "allow", "host", "evil.example")
		if res.StatusCode != http.StatusConflict {
			t.Errorf("a host to which nothing leads: %d", res.StatusCode)
		}
		shows(t, body, "Its links do not lead to this host any more.")
	})
}

// TestNetworkLook looks at the room on a phone and a wide screen, empty, full and wrong,
// with texts in it that would like to run; and pins with the keys of a browser.
func TestNetworkLook(t *testing.T) {
	h := serves(t)
	ctx := papertest.Browser(t)
	be(t, ctx, h.base, h.own(h.hires("Pia", reader.Publisher), reader.Publisher))
	h.glances(ctx, "network-empty", networkAt, "img", "svg")
	for _, title := range hostile {
		_, err := h.Network.AddOffer(t.Context(), "pia", network.OwnOffer{Kind: network.Offer, Title: title, Address: "https://shop.example/" + url.PathEscape(title), Category: title})
		check(t, err)
	}
	check(t, h.Network.SetRule(t.Context(), "pia", network.Rule{Kind: network.BlockWord, Value: hostile[1]}, true))
	check(t, h.Network.Refresh(t.Context()))
	exchange(t, h)
	h.glances(ctx, "network-full", networkAt, "img", "svg")
	clicks(t, ctx, `ol button[value="pin"]`)
	becomes(t, ctx, `document.querySelector(".notice.good")?.textContent.includes("Done") && !!document.querySelector("button[value=unpin]")`)
	clicks(t, ctx, `.notice + form button`)
	becomes(t, ctx, `document.querySelector(".notice.good")?.textContent === "Lifted." && !document.querySelector("button[value=unpin]")`)
	ask[bool](t, ctx, `document.querySelector("#address").value = "http://x.example"; document.querySelector("#address").form.requestSubmit(); true`)
	becomes(t, ctx, `document.querySelector("#address-e")?.textContent.includes("https://") && document.querySelector("#address").value === "http://x.example"`)
	examine(t, ctx, "network-wrong")
}
