package newsroom

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/db"
)

// TestSanction warns, mutes, suspends and bans from the page of an item and of a
// member.
//
// Seen red: sanctionable left out; a form that forgets what the moderator saw.
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
