package newsroom

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
)

// TestThreads sets a thread and a section.
func TestThreads(t *testing.T) {
	onBoth(t, func(k *talk) {
		t := k.t
		at := "/newsroom/moderation/thread/" + k.about.Article
		_, body := k.asks(http.MethodGet, at, k.asIda)
		shows(t, body, "The bridge is closed", `value="" checked> As the section says`)
		res, body := k.fills(at, k.asIda, "state", "closed", "seen", "", "slow", "many", "seenslow", "0")
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("many seconds: %d", res.StatusCode)
		}
		shows(t, body, "Write a number of seconds", `value="closed" checked`)
		k.fills(at, k.asIda, "state", "closed", "seen", "", "slow", "60", "seenslow", "0", "reason", "Enough.")
		th, err := k.Comments.Thread(t.Context(), k.about)
		check(t, err)
		if th.State != comment.Closed || th.Slow != time.Minute {
			t.Errorf("the thread is %s, slow by %s", th.State, th.Slow)
		}
		res, body = k.fills(at, k.asOla, "state", "open", "seen", "", "slow", "0", "seenslow", "0")
		if res.StatusCode != http.StatusConflict {
			t.Errorf("the second moderator: %d", res.StatusCode)
		}
		shows(t, body, "Another moderator has changed this setting in the meantime.", "Ida · ")

		_, body = k.asks(http.MethodGet, "/newsroom/moderation/sections", k.asIda)
		shows(t, body, "City", "World", "As the paper does: open")
		k.fills("/newsroom/moderation/sections/world", k.asIda, "state", "held", "seen", "", "days", "14", "seendays", "0")
		set, err := k.Comments.SectionSetting(t.Context(), "world")
		check(t, err)
		if set.State != comment.OnHold || set.Days != 14 {
			t.Errorf("the section is %+v", set)
		}
		_, body = k.asks(http.MethodGet, "/newsroom/moderation/log?moderator="+k.ida, k.asOla)
		shows(t, body, "Thread closed", "Slow mode", "60 seconds", "Section changed", "closed after 14 days", "Enough.")
		if strings.Contains(body, "Approved") {
			t.Error("the log of one moderator shows another's decisions")
		}
	})
}

// TestRules lets publishers change the rules and settings, and moderators see
// the rules.
func TestRules(t *testing.T) {
	onBoth(t, func(k *talk) {
		t := k.t
		_, body := k.asks(http.MethodGet, "/newsroom/moderation/rules", k.asIda)
		shows(t, body, "Be civil", "Publishers write the rules.")
		if strings.Contains(body, `value="retire"`) || strings.Contains(body, "/newsroom/moderation/settings") {
			t.Error("a moderator is offered what only publishers may do")
		}
		at := "/newsroom/moderation/rules"
		res, body := k.fills(at, k.asPia, "name", "No advertising", "text", "")
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a rule without a text: %d", res.StatusCode)
		}
		shows(t, body, "Write something here.", `value="No advertising"`)
		k.fills(at, k.asPia, "name", "No advertising", "text", "Not here.")
		names := func() (all []string) {
			rules, err := k.Comments.Rules(t.Context())
			check(t, err)
			for _, r := range rules {
				all = append(all, r.Name+" "+r.Text)
			}
			return all
		}
		rules, err := k.Comments.Rules(t.Context())
		check(t, err)
		k.fills(at+"/"+rules[1].ID, k.asPia, "do", "up")
		k.fills(at+"/"+k.rule.ID, k.asPia, "name", "Be kind", "text", "To all.")
		if got := strings.Join(names(), ", "); got != "No advertising Not here., Be kind To all." {
			t.Errorf("the rules are %s", got)
		}
		k.fills(at+"/"+rules[1].ID, k.asPia, "do", "retire")
		if got := strings.Join(names(), ", "); got != "Be kind To all." {
			t.Errorf("the rules are %s", got)
		}

		at = "/newsroom/moderation/settings"
		res, body = k.fills(at, k.asPia, "first", "2", "links", "1", "words", "idiot*\n*", "filter", "1", "threshold", "0.9")
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a list with a bare star: %d", res.StatusCode)
		}
		shows(t, body, "cannot be in the list", "idiot*", `value="0.9"`)
		k.fills(at, k.asPia, "first", "2", "links", "1", "words", "idiot*", "threshold", "0.9", "names", "1")
		set, err := k.Comments.Settings(t.Context())
		check(t, err)
		if set != (comment.Settings{First: 2, Links: 1, Words: "idiot*", Names: true, Threshold: 0.9}) {
			t.Errorf("the settings are %+v", set)
		}
	})
}

// TestSizes is what an open page asks for.
func TestSizes(t *testing.T) {
	k := talks(start(t, papertest.SQLite(t), here))
	_, body := k.asks(http.MethodGet, "/newsroom/moderation/sizes", k.asIda)
	const want = `{"waits":"1","queues":{"appeals":{"n":0,"text":"0"},"flagged":{"n":0,"text":"0"},"held":{"n":1,"text":"1"},"reported":{"n":0,"text":"0"}}}`
	if strings.TrimSpace(body) != want {
		t.Errorf("the sizes are %s", body)
	}
}

// TestWhy has words for everything that the threads can say.
func TestWhy(t *testing.T) {
	for _, name := range page.Languages() {
		w, err := page.NewLanguage(name, time.UTC)
		check(t, err)
		for _, a := range comment.Acts() {
			if got := did(w, a); got == string(a) || strings.Contains(got, "mod.") {
				t.Errorf("%s: %s is %q", name, a, got)
			}
		}
		for _, r := range []comment.HoldRule{
			comment.HeldThread, comment.HeldFirst, comment.HeldLinks, comment.HeldRepeat, comment.HeldRate, comment.HeldWords, comment.HeldFilter, comment.HeldByHand,
		} {
			if got := why(w, comment.Hold{Rule: r, Detail: "xyz"}); got == string(r) || strings.Contains(got, "mod.") || strings.Contains(got, "%!") {
				t.Errorf("%s: %s is %q", name, r, got)
			}
		}
		for _, kind := range []comment.CrowdKind{comment.CrowdYoung, comment.CrowdBlock, comment.CrowdReferrer} {
			if got := crowd(w, comment.Crowd{Kind: kind, Votes: 7, At: time.Now()}); strings.Contains(got, "mod.") || strings.Contains(got, "%!") {
				t.Errorf("%s: %s is %q", name, kind, got)
			}
		}
		for _, q := range comment.Queues() {
			if got := queueName(w, q); strings.Contains(got, "mod.") {
				t.Errorf("%s: %s is %q", name, q, got)
			}
		}
	}
}

// TestLater leaves reports open that came after the moderator's page was made,
// and offers nothing against whoever has left.
//
// Seen red: a form without Seen.
func TestLater(t *testing.T) {
	onBoth(t, func(k *talk) {
		t := k.t
		complain := func(who string) {
			k.clock.Add(time.Minute)
			_, err := k.Comments.Report(t.Context(), comment.Complaint{Comment: k.benSays.ID, Reporter: who, Reason: comment.Spam, Language: "en"})
			check(t, err)
		}
		complain(k.ana)
		at := "/newsroom/moderation/reported/" + k.benSays.ID
		_, body := k.asks(http.MethodGet, at, k.asIda)
		seen, version := between(t, body, `name="seen" value="`, `"`), itoa(k.now(k.benSays.ID).Version)
		complain(k.ola)
		res, _ := k.fills(at, k.asIda, "act", "approve", "version", version, "seen", seen)
		if c := k.now(k.benSays.ID); res.StatusCode != http.StatusSeeOther || c.Reports != 1 {
			t.Errorf("%d, %d reports are open", res.StatusCode, c.Reports)
		}

		check(t, k.db.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update reader set erased = 1, name = '', handle = 'gone', email = '', password = '' where id = $1`, k.ben)
			return err
		}))
		_, body = k.asks(http.MethodGet, at, k.asIda)
		shows(t, body, "A former member", `<summary data-keys="r">`)
		if strings.Contains(body, "/newsroom/moderation/member/"+k.ben) || strings.Contains(body, `data-keys="s"`) {
			t.Error("whoever has left can be sanctioned")
		}
	})
}
