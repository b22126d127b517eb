package newsroom

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// A talk is a paper with an article, a rule, two moderators, a publisher and two
// readers.
type talk struct {
	*house
	about            comment.About
	rule             comment.Rule
	ida, ola, pia    string // moderator, moderator, publisher: ids
	asIda, asOla     string // and their sessions
	asPia            string
	ana, ben         string // readers
	anaSays, benSays comment.Comment
}

// talks begins one. What Ana wrote waits, because it is her first comment.
func talks(h *house) *talk {
	h.t.Helper()
	k := &talk{house: h}
	ctx := h.t.Context()
	check(h.t, h.Articles.SetSections(ctx, []article.Section{{Slug: "city", Name: "City"}, {Slug: "world", Name: "World"}}))
	check(h.t, h.db.Tx(ctx, func(tx *db.Tx) (err error) {
		k.about.Article, err = h.Articles.Create(ctx, tx, article.New{
			Section: "city", Language: "en", By: "test", Content: article.Content{Headline: "The bridge is closed", Body: richtext.FromText("It is closed.")},
		})
		if err != nil {
			return err
		}
		return h.Articles.Publish(ctx, tx, k.about.Article, h.clock.Now().Add(-time.Hour))
	}))
	k.about.Section, k.about.Published = "city", h.clock.Now().Add(-time.Hour)
	k.ida, k.ola, k.pia = h.hires("Ida", reader.Moderator), h.hires("Ola", reader.Moderator), h.hires("Pia", reader.Publisher)
	k.asIda, k.asOla, k.asPia = h.own(k.ida, reader.Moderator), h.own(k.ola, reader.Moderator), h.own(k.pia, reader.Publisher)
	check(h.t, h.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update reader set totp = 'set' where role <> 'reader'`)
		return err
	}))
	var err error
	k.rule, err = h.Comments.AddRule(ctx, k.pia, "Be civil", "Attack arguments, not people.")
	check(h.t, err)
	k.ana, k.ben = h.hires("Ana", reader.Member), h.hires("Ben", reader.Member)
	k.benSays = k.says(k.ben, "", "I crossed it yesterday.")
	_, err = h.Comments.Judge(ctx, comment.Judgement{Comment: k.benSays.ID, Version: k.benSays.Version, Act: comment.ActApprove, Moderator: k.pia})
	check(h.t, err)
	k.anaSays = k.says(k.ana, k.benSays.ID, "You are a fool to have crossed it.")
	return k
}

func (k *talk) says(author, parent, body string) comment.Comment {
	k.t.Helper()
	k.clock.Add(time.Minute)
	c, err := k.Comments.Post(k.t.Context(), comment.New{About: k.about, Author: author, Parent: parent, Body: body})
	check(k.t, err)
	return c
}

// now is a comment as it is.
func (k *talk) now(id string) comment.Comment {
	k.t.Helper()
	it, err := k.Comments.Item(k.t.Context(), id)
	check(k.t, err)
	return it.Comment
}

// judges sends the form of an item as a browser would.
func (k *talk) judges(session string, c comment.Comment, act string, fields ...string) (*http.Response, string) {
	k.t.Helper()
	return k.fills("/newsroom/moderation/held/"+c.ID, session, append([]string{"act", act, "version", itoa(c.Version)}, fields...)...)
}

func itoa(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}

func shows(t *testing.T, body string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(body, want) {
			_, body, _ = strings.Cut(body, "<main")
			t.Errorf("the page does not say %q\n%s", want, body)
		}
	}
}

func onBoth(t *testing.T, f func(k *talk)) {
	t.Helper()
	papertest.Databases(t, func(t *testing.T, d *db.DB) { f(talks(start(t, d, here))) })
}

// TestItem holds the page of one item against a golden file.
func TestItem(t *testing.T) {
	k := talks(start(t, papertest.SQLite(t), here))
	_, err := k.Comments.Report(t.Context(), comment.Complaint{Comment: k.benSays.ID, Reporter: k.ana, Reason: comment.Insult, Language: "en"})
	check(t, err)
	_, body := k.asks(http.MethodGet, "/newsroom/moderation/held/"+k.anaSays.ID, k.asIda)
	papertest.Golden(t, "item.html", hashes.ReplaceAllString(body, "${1}${2}HASH"))
	_, body = k.asks(http.MethodGet, "/newsroom/moderation/reported", k.asIda)
	shows(t, body, "I crossed it yesterday.", "Keep it, refuse the reports", "<strong>Insult</strong>", "Approved", "1 report", "Moderation <b>2</b>")
	res, _ := k.asks(http.MethodGet, "/newsroom/moderation", k.asIda)
	if to := res.Header.Get("Location"); to != "/newsroom/moderation/reported" {
		t.Errorf("the room leads to %s", to)
	}
}

// TestJudge approves, removes, edits, restores and holds with the forms.
//
// Seen red: judge without the Version; a reason that is asked for without the
// rule's text; a second moderator who overwrites the first.
func TestJudge(t *testing.T) {
	onBoth(t, func(k *talk) {
		t := k.t
		c := k.anaSays
		// Nothing is taken from a reader without a rule and a reason.
		res, body := k.judges(k.asIda, c, "remove", "ground", "rules")
		if res.StatusCode != http.StatusUnprocessableEntity || k.now(c.ID).State != comment.Held {
			t.Fatalf("a removal without a reason: %d", res.StatusCode)
		}
		shows(t, body, "Write something here.", `<details name="acts" open><summary data-keys="r">`)
		res, body = k.judges(k.asIda, c, "remove", "rule", k.rule.ID, "ground", "rules")
		shows(t, body, `<textarea id="remove-reason" name="reason" rows="3" maxlength="2000" aria-describedby="remove-reason-e remove-reason-h">Attack arguments, not people.</textarea>`)
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a removal without a reason: %d", res.StatusCode)
		}

		res, _ = k.judges(k.asIda, c, "approve", "next", "")
		to := res.Header.Get("Location")
		if !strings.HasPrefix(to, "/newsroom/moderation/held?done=") || k.now(c.ID).State != comment.Visible {
			t.Fatalf("approved: %d to %s, %s", res.StatusCode, to, k.now(c.ID).State)
		}
		_, body = k.asks(http.MethodGet, to, k.asIda)
		shows(t, body, "Nothing waits here.", `<strong>Approved</strong> · Ana`, `class="last fresh"`)

		// Who comes second changes nothing, and reads who was first.
		res, body = k.judges(k.asOla, c, "remove", "rule", k.rule.ID, "ground", "rules", "reason", "Calls Ben a fool.")
		if res.StatusCode != http.StatusConflict || k.now(c.ID).State != comment.Visible {
			t.Errorf("the second moderator: %d, %s", res.StatusCode, k.now(c.ID).State)
		}
		shows(t, body, "Another moderator has approved this comment in the meantime.", "Ida · ", "Calls Ben a fool.", `name="version" value="2"`)

		c = k.now(c.ID)
		res, _ = k.judges(k.asOla, c, "remove", "rule", k.rule.ID, "ground", "rules", "reason", "Calls Ben a fool.", "warn", "1")
		if k.now(c.ID).State != comment.Removed {
			t.Fatalf("removed: %d", res.StatusCode)
		}
		// The decision comes back with its warning.
		_, body = k.asks(http.MethodGet, "/newsroom/moderation/held", k.asOla)
		shows(t, body, "<strong>Removed</strong> · Ana")
		undo := between(t, body, `action="/newsroom/moderation/undo/`, `"`)
		res, _ = k.fills("/newsroom/moderation/undo/"+undo, k.asIda)
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("another moderator's decision is undone: %d", res.StatusCode)
		}
		res, _ = k.fills("/newsroom/moderation/undo/"+undo, k.asOla, "queue", "held")
		if got := k.now(c.ID).State; got != comment.Visible || res.Header.Get("Location") != "/newsroom/moderation/held/"+c.ID+"?undone=1" {
			t.Errorf("undone, it is %s, and leads to %s", got, res.Header.Get("Location"))
		}
		m, err := k.Comments.Member(t.Context(), k.ana)
		check(t, err)
		if m.Warned != 0 {
			t.Errorf("undone, there are %d warnings", m.Warned)
		}

		c = k.now(c.ID)
		k.judges(k.asIda, c, "edit", "body", "I would not have crossed it.", "rule", k.rule.ID, "ground", "rules", "reason", "The insult is gone.")
		if c = k.now(c.ID); c.Body != "I would not have crossed it." || !c.Marked {
			t.Errorf("edited, it says %q", c.Body)
		}
		k.judges(k.asIda, c, "hold")
		if c = k.now(c.ID); c.State != comment.Held {
			t.Errorf("held, it is %s", c.State)
		}
		_, body = k.asks(http.MethodGet, "/newsroom/moderation/comment/"+c.ID, k.asIda)
		shows(t, body, "A moderator holds it", "You are a fool to have crossed it.", "The insult is gone.")

		// Nobody judges themselves.
		own := k.says(k.ida, "", "A word from me.")
		res, body = k.judges(k.asIda, own, "approve")
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("the own comment: %d", res.StatusCode)
		}
		shows(t, body, "This comment is your own.")
	})
}

func between(t *testing.T, s, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(s, from)
	found, _, ok2 := strings.Cut(rest, to)
	if !ok || !ok2 {
		t.Fatalf("there is no %q\n%s", from, s)
	}
	return found
}

// TestSanction warns, mutes, suspends and bans from the page of an item and of a
// member.
//
// Seen red: sanctionable left out; a second moderator who does not see the first.
func TestSanction(t *testing.T) {
	onBoth(t, func(k *talk) {
		t := k.t
		why := []string{"rule", k.rule.ID, "ground", "rules", "reason", "You called Ben a fool."}
		at := "/newsroom/moderation/member/" + k.ana
		res, body := k.fills(at, k.asIda, append(why, "act", "mute", "for", "0", "unit", "hours")...)
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a mute for no time: %d", res.StatusCode)
		}
		shows(t, body, "Write for how many hours or days.", "You called Ben a fool.")

		res, _ = k.fills(at, k.asIda, append(why, "act", "mute", "for", "3", "unit", "days", "comment", k.anaSays.ID, "back", "held")...)
		if to := res.Header.Get("Location"); !strings.HasPrefix(to, "/newsroom/moderation/held/"+k.anaSays.ID+"?done=") {
			t.Errorf("muted: %d to %s", res.StatusCode, to)
		}
		m, err := k.Comments.Member(t.Context(), k.ana)
		check(t, err)
		if m.Bar != comment.Mute || !m.Until.Equal(k.clock.Now().AddDate(0, 0, 3)) {
			t.Errorf("muted, she is %s until %s", m.Bar, m.Until)
		}
		_, body = k.asks(http.MethodGet, at, k.asOla)
		shows(t, body, "Muted until ", "You called Ben a fool.", "Let in again", "Be civil")

		// Ola did not see that.
		res, body = k.fills(at, k.asOla, append(why, "act", "ban", "seen", "")...)
		if res.StatusCode != http.StatusConflict {
			t.Errorf("the second moderator: %d", res.StatusCode)
		}
		shows(t, body, "Another moderator has decided about this reader in the meantime.", "Ida · ")
		res, _ = k.fills(at, k.asOla, append(why, "act", "suspend", "until", k.today(10), "seen", m.Sanction)...)
		m, err = k.Comments.Member(t.Context(), k.ana)
		check(t, err)
		if m.Bar != comment.Suspension || m.Until.Sub(k.clock.Now()) < 10*24*time.Hour {
			t.Errorf("suspended: %d, %s until %s", res.StatusCode, m.Bar, m.Until)
		}
		k.fills(at, k.asOla, "act", "lift", "seen", m.Sanction)
		m, err = k.Comments.Member(t.Context(), k.ana)
		check(t, err)
		if m.Bar != comment.NoBar {
			t.Errorf("let in again, she is %s", m.Bar)
		}
		k.fills(at, k.asIda, append(why, "act", "warn", "comment", k.anaSays.ID, "version", itoa(k.anaSays.Version), "back", "held")...)
		if m, err = k.Comments.Member(t.Context(), k.ana); err != nil || m.Warned != 1 {
			t.Errorf("warned %d times, %v", m.Warned, err)
		}

		// Who works for the paper is not sanctioned, whatever is sent.
		res, body = k.fills("/newsroom/moderation/member/"+k.pia, k.asIda, append(why, "act", "ban")...)
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("the publisher is banned: %d", res.StatusCode)
		}
		shows(t, body, "Whoever works for the paper cannot be sanctioned here.")
		own := k.says(k.pia, "", "A word from the paper.")
		res, _ = k.judges(k.asIda, own, "remove", append(why, "warn", "1")...)
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("the publisher is warned: %d", res.StatusCode)
		}
	})
}

// TestAppeal answers an appeal by another moderator than the one who decided.
func TestAppeal(t *testing.T) {
	onBoth(t, func(k *talk) {
		t := k.t
		k.judges(k.asIda, k.anaSays, "remove", "rule", k.rule.ID, "ground", "rules", "reason", "Calls Ben a fool.")
		found, _, err := k.Comments.Decided(t.Context(), k.ida, "", 1)
		check(t, err)
		_, err = k.Comments.Appeal(t.Context(), k.ana, found[0].ID, "It was a joke among friends.")
		check(t, err)
		at := "/newsroom/moderation/appeals/" + found[0].ID
		_, body := k.asks(http.MethodGet, at, k.asIda)
		shows(t, body, "It was a joke among friends.", "You took this decision.", "Calls Ben a fool.", "Attack arguments, not people.")
		if strings.Contains(body, `name="outcome"`) {
			t.Error("whoever decided can answer")
		}
		res, _ := k.fills(at, k.asIda, "outcome", "upheld", "text", "No.")
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("whoever decided answers: %d", res.StatusCode)
		}
		res, body = k.fills(at, k.asOla, "outcome", "overturned", "text", " ")
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("an answer without words: %d", res.StatusCode)
		}
		shows(t, body, "Write something here.", `value="overturned" checked`)
		res, _ = k.fills(at, k.asOla, "outcome", "overturned", "text", "You are right: it stands again.")
		if res.StatusCode != http.StatusSeeOther || k.now(k.anaSays.ID).State != comment.Visible {
			t.Errorf("overturned: %d, %s", res.StatusCode, k.now(k.anaSays.ID).State)
		}
		_, body = k.asks(http.MethodGet, at, k.asIda)
		shows(t, body, "The decision was taken back", "You are right: it stands again.", "Ola")
	})
}

// TestOthers knows whether anybody else may moderate.
func TestOthers(t *testing.T) {
	onBoth(t, func(k *talk) {
		t := k.t
		for _, test := range []struct {
			sql  string
			want bool
		}{
			{`update reader set role = role where id = $1`, true},
			{`update reader set role = 'editor' where id = $1`, true}, // Pia is left
			{`update reader set totp = '' where id <> $1`, false},     // and cannot log in
		} {
			check(t, k.db.Tx(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), test.sql, k.ola)
				return err
			}))
			if got, err := k.Readers.OtherModerators(t.Context(), k.ida); err != nil || got != test.want {
				t.Errorf("%s: %t, %v", test.sql, got, err)
			}
		}
	})
}

// TestBulk judges several at once, each by itself.
func TestBulk(t *testing.T) {
	onBoth(t, func(k *talk) {
		t := k.t
		second := k.says(k.ana, "", "Fools, all of you.")
		both := []string{"pick", k.anaSays.ID + " 1", "pick", second.ID + " 1"}
		res, body := k.fills("/newsroom/moderation/held", k.asIda, "act", "approve")
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("nothing is selected: %d", res.StatusCode)
		}
		shows(t, body, "Nothing is selected.")
		res, body = k.fills("/newsroom/moderation/held", k.asIda, append(both, "act", "remove", "rule", k.rule.ID)...)
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("no reason: %d", res.StatusCode)
		}
		shows(t, body, "Write something here.", `value="`+second.ID+` 1" checked`)

		k.judges(k.asOla, second, "approve")
		res, body = k.fills("/newsroom/moderation/held", k.asIda, append(both, "act", "remove", "rule", k.rule.ID, "ground", "rules", "reason", "Insults.")...)
		if res.StatusCode != http.StatusOK || k.now(k.anaSays.ID).State != comment.Removed || k.now(second.ID).State != comment.Visible {
			t.Errorf("many: %d", res.StatusCode)
		}
		shows(t, body, "1 was decided.", "Another moderator has approved this comment in the meantime. Nothing was changed. (Ola, ")
	})
}

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

// crowded lets votes on a comment look like a brigade's.
func (k *talk) crowded(id string) func(tx *db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := tx.Exec(k.t.Context(), `insert into vote_crowd (comment, kind, name, at, votes) values ($1, 'young', '', $2, 30)`, id, db.Time(k.clock.Now()))
		return err
	}
}
