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
			Section: "city", Class: article.Class{Language: "en"}, By: "test", Content: article.Content{Headline: "The bridge is closed", Body: richtext.FromText("It is closed.")},
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
// Seen red: a reason that is asked for without the rule's text; a conflict
// without the other moderator's name; an undoing that leaves the warning.
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
		shows(t, body, "Another moderator has approved this comment in the meantime.", "Calls Ben a fool.", `name="version" value="2"`)

		shows(t, between(t, body, `role="alert"><p>`, `</div>`), "<strong>Approved</strong>", "Ida · ")

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

// crowded lets votes on a comment look like a brigade's.
func (k *talk) crowded(id string) func(tx *db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := tx.Exec(k.t.Context(), `insert into vote_crowd (comment, kind, name, at, votes) values ($1, 'young', '', $2, 30)`, id, db.Time(k.clock.Now()))
		return err
	}
}
