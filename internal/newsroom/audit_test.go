package newsroom

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// logs writes entries into the audit log.
func (h *house) logs(entries ...audit.Entry) {
	h.t.Helper()
	check(h.t, h.db.Tx(h.t.Context(), func(tx *db.Tx) error {
		for _, e := range entries {
			if err := h.Audit.Add(h.t.Context(), tx, e); err != nil {
				return err
			}
		}
		return nil
	}))
}

// TestAudit looks through the log in each way that its page has.
func TestAudit(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		story, _ := h.reported("It is Tuesday.")
		ida := h.hires("Ida", reader.Publisher)
		token := h.own(ida, reader.Publisher)
		h.logs(
			audit.Entry{Actor: ida, Act: "article.published", Subject: story, Detail: "<b>first</b>"},
			audit.Entry{Actor: audit.Console, Act: "reader.role", Subject: ida, Detail: "reader to publisher"},
			audit.Entry{Act: "reader.login-failed", Subject: ida},
			audit.Entry{Actor: ida, Act: "weather.changed", Subject: "01J-unknown"},
		)
		today := h.clock.Now().In(h.Paper.Zone)
		day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
		for _, test := range []struct{ query, holds, lacks string }{
			{"", "&lt;b&gt;first&lt;/b&gt;", "<b>first"},
			{"", `<a href="/newsroom/audit?about=` + story + `">Bridge opens</a>`, ""},
			{"", `<a href="/member/ida" class="open">`, ""},
			{"", "weather.changed", ""},
			{"", "the command line", ""},
			{"", "nobody who is known", ""},
			{"?who=" + ida, "weather.changed", "reader to publisher"},
			{"?who=console", "reader to publisher", "weather.changed"},
			{"?about=" + story, "Everything about: Bridge opens", "weather.changed"},
			{"?about=" + ida, "Everything about: Ida", "weather.changed"},
			{"?what=articles", "&lt;b&gt;first", "weather.changed"},
			{"?what=staff", "reader to publisher", "log-in failed"},
			{"?words=PUBLISHER", "reader to publisher", "weather.changed"},
			{"?words=%25", "Nothing like this is in the log.", "weather.changed"},
			{"?from=" + day(0) + "&to=" + day(0), "weather.changed", ""},
			{"?from=" + day(1), "Nothing like this is in the log.", "weather.changed"},
			{"?to=" + day(-1), "Nothing like this is in the log.", "weather.changed"},
			{"?from=yesterday&before=x", "weather.changed", "yesterday"},
		} {
			res, body := h.asks(http.MethodGet, auditAt+test.query, token)
			if _, table, ok := strings.Cut(body, "</form>"); ok {
				body = table
			}
			if res.StatusCode != http.StatusOK || !strings.Contains(body, test.holds) || test.lacks != "" && strings.Contains(body, test.lacks) {
				t.Errorf("%q answers %d, with %q and without %q? %s", test.query, res.StatusCode, test.holds, test.lacks, body)
			}
		}
		editor := h.own(h.hires("Eve", reader.Editor), reader.Editor)
		if res, _ := h.asks(http.MethodGet, auditAt, editor); res.StatusCode != http.StatusForbidden {
			t.Errorf("an editor gets %d", res.StatusCode)
		}
	})
}

// TestAuditPages goes through a log that is longer than a page.
func TestAuditPages(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	ida := h.hires("Ida", reader.Publisher)
	token := h.own(ida, reader.Publisher)
	for i := range auditLimit + 20 {
		h.logs(audit.Entry{Actor: ida, Act: "article.revised", Detail: fmt.Sprintf("change %03d", i)})
	}
	older := regexp.MustCompile(`<a rel="next" href="([^"]+)"`)
	seen, path := "", auditAt+"?words=change"
	for range 3 {
		_, body := h.asks(http.MethodGet, path, token)
		seen += body
		next := older.FindStringSubmatch(body)
		if next == nil {
			break
		}
		path = strings.ReplaceAll(next[1], "&amp;", "&")
	}
	for i := range auditLimit + 20 {
		if n := strings.Count(seen, fmt.Sprintf("change %03d", i)); n != 1 {
			t.Errorf("change %d is there %d times", i, n)
		}
	}
}

// TestActWords holds that every act that the program writes down has words.
func TestActWords(t *testing.T) {
	words, err := page.NewLanguage("ja", time.UTC)
	check(t, err)
	written := regexp.MustCompile(`audit\.Act += "([a-z.-]+)"|Act: "([a-z]+\.[a-z-]+)"`)
	n := 0
	check(t, fs.WalkDir(os.DirFS(".."), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		source, err := os.ReadFile("../" + name)
		if err != nil {
			return err
		}
		for _, m := range written.FindAllStringSubmatch(string(source), -1) {
			n++
			if act := m[1] + m[2]; actWord(words, audit.Act(act)) == act {
				t.Errorf("%s writes %s, which has no words in acts.go", name, act)
			}
		}
		return nil
	}))
	if n < 40 {
		t.Errorf("only %d acts found", n)
	}
}
