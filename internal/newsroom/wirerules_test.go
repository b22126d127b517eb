package newsroom

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/wire"
)

// TestRuleSentence reads rules aloud in both languages.
func TestRuleSentence(t *testing.T) {
	names := RuleNames{Sources: map[string]string{"a": "AFP", "b": "MHP"}, Sections: map[string]string{"sport": "Sport"}}
	for _, test := range []struct {
		rule   wire.DeskRule
		en, ja string
	}{
		{
			wire.DeskRule{When: wire.When{Sources: []string{"a"}, Topics: []string{"medtop:15000000"}, Languages: []string{"en"}, Hours: wire.Hours{From: "22:00", To: "06:00"}}, Then: wire.Actions{Do: wire.Retain}},
			"From AFP, about sport, in English, between 22:00 and 06:00 → hold",
			"配信元がAFP、トピックがスポーツ、言語が英語、22:00から06:00まで → 保留",
		},
		{
			wire.DeskRule{Then: wire.Actions{Do: wire.Release, Section: "sport", Topics: []string{"Cup"}, Weight: 4, Alert: wire.DraftAlert}},
			"Everything → publish, into Sport, add the topics Cup, weight 4, draft a news alert",
			"すべて → 公開、Sportへ、トピックCupを加える、扱い4、速報の下書き",
		},
		{
			wire.DeskRule{When: wire.When{Sources: []string{"a", "b", "gone"}, Words: []string{"goal", "cup"}, Urgency: wire.Span{From: 1, To: 2}, Hours: wire.Hours{Days: []string{"sat", "sun"}}}, Then: wire.Actions{Do: wire.Drop}},
			"From AFP or MHP or gone, with “goal” or “cup”, urgency 1 to 2, on Saturday or Sunday → drop",
			"配信元がAFPかMHPかgone、「goal」か「cup」を含む、緊急度1から2、土曜か日曜 → 破棄",
		},
		{
			wire.DeskRule{When: wire.When{Products: []string{"bdt"}, Categories: []string{"s"}, Places: []string{"Orrin"}, Signals: []string{"flash"}, Genres: []string{"Feature"}, Urgency: wire.Span{From: 3, To: 3}}, Then: wire.Actions{Section: "sport", Alert: wire.SendAlert}},
			"Of the product bdt, of the category s, from the place Orrin, with the signal flash, of the genre Feature, urgency 3 → into Sport, send a news alert",
			"商品がbdt、分類がs、場所がOrrin、信号がflash、ジャンルがFeature、緊急度3 → Sportへ、速報を送る",
		},
	} {
		for lang, want := range map[string]string{"en": test.en, "ja": test.ja} {
			w, err := page.NewLanguage(lang, time.UTC)
			check(t, err)
			if got := RuleSentence(w, test.rule, names); got != want {
				t.Errorf("a rule is read as\n%s, want\n%s", got, want)
			}
		}
	}
}

// TestWireRules writes a rule, tries it, makes it live, sees what it does, and goes back.
func TestWireRules(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		g := h.agency()
		check(t, h.Articles.SetSections(t.Context(), []article.Section{{Slug: "world", Name: "World"}, {Slug: "city", Name: "City"}}))
		ida := h.joins("Ida", reader.Publisher)
		boss := h.session(ida.Reader.ID, reader.StaffSession)
		editor := h.session(h.hires("Ivo", reader.Editor), reader.StaffSession)
		g.sends("1", "Dockers put down their tools", nil)
		does := func(status int, fields ...string) string {
			t.Helper()
			res, body := h.fills(wireRulesAt, boss, fields...)
			if res.StatusCode != status {
				t.Errorf("%v is answered with %s: %s", fields, res.Status, body)
			}
			return res.Header.Get("Location") + body
		}
		sees := func(token, path string, wanted ...string) string {
			t.Helper()
			res, body := h.asks(http.MethodGet, path, token)
			if res.StatusCode != http.StatusOK {
				t.Errorf("%s is answered with %s", path, res.Status)
			}
			for _, text := range wanted {
				if !strings.Contains(body, text) {
					t.Errorf("%s does not say %q in %s", path, text, body)
				}
			}
			return body
		}
		sees(editor, wireRulesAt, "No rules are live.", "Publishers change the rules.", "MHP is held for an editor, in World.")
		if res, _ := h.fills(wireRulesAt, editor, "act", "live"); res.StatusCode != http.StatusForbidden {
			t.Errorf("an editor changes the rules: %s", res.Status)
		}

		// What is wrong is said at its field, and what was typed stays.
		res, body := h.fills(wireRulesAt+"/new", boss, "edit", "0", "name", "Harbour", "words", "ships", "languages", "english please", "begins", "22", "do", "publish")
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "Name a language by its code") || !strings.Contains(body, "Write times as") || !strings.Contains(body, ">ships</textarea>") {
			t.Errorf("a wrong rule is answered with %s: %s", res.Status, body)
		}
		for _, rule := range [][]string{
			{"name", "Harbour", "words", "ships\r\nfruit and timber", "source", g.source.ID, "languages", "en, ja", "do", "publish", "section", "city", "add", "Harbour"},
			{"name", "Rest", "do", "hold", "from", "1"},
		} {
			edit := regexp.MustCompile(`name="edit" value="(\d+)"`).FindStringSubmatch(sees(boss, wireRulesAt+"/new"))[1]
			if res, body := h.fills(wireRulesAt+"/new", boss, append(rule, "edit", edit)...); res.StatusCode != http.StatusSeeOther {
				t.Errorf("a rule is answered with %s: %s", res.Status, body)
			}
		}
		sees(boss, wireRulesAt, "A draft, changed", "by Ida", "From MHP, in English or Japanese, with “ships” or “fruit and timber” → publish, into City, add the topics Harbour", "Urgency 1 to 9 → hold")
		sees(editor, wireRulesAt+"?days=7", "Would have published 1, held 0, dropped 0.", "Differs from what happened in 1.", "Published by rule 1, “Harbour”.")
		if lines, _, _ := h.Wire.List(t.Context(), wire.Filter{}); lines[0].Decision != wire.Held {
			t.Errorf("trying has published: %+v", lines[0])
		}

		// An older page changes nothing.
		if body := does(http.StatusConflict, "act", "down", "edit", "1", "rule", "1"); !strings.Contains(body, "Somebody has changed these rules meanwhile.") {
			t.Errorf("there is no reason in %s", body)
		}
		if to := does(http.StatusSeeOther, "act", "down", "edit", "2", "rule", "1"); !strings.HasPrefix(to, wireRulesAt+"?moved=2&by=down") {
			t.Errorf("a rule that was moved leads to %s", to)
		}
		body = sees(boss, wireRulesAt+"?moved=2&by=down")
		if strings.Index(body, "Urgency 1 to 9") > strings.Index(body, "From MHP") || !strings.Contains(body, "autofocus") {
			t.Errorf("they have not changed places, or the focus is lost: %s", body)
		}
		does(http.StatusSeeOther, "act", "off", "edit", "3", "rule", "1")
		sees(boss, wireRulesAt+"?days=1", "Off", "Would have published 1")
		does(http.StatusSeeOther, "act", "live", "edit", "4")
		sees(editor, wireRulesAt, "Live: version 1, since", "by Ida: 2 rules")
		h.clock.Add(time.Minute)
		g.sends("2", "Ships go in", nil)
		lines, _, err := h.Wire.List(t.Context(), wire.Filter{})
		check(t, err)
		if lines[0].Decision != wire.Released || lines[0].Section != "city" || lines[1].Decision != wire.Held {
			t.Errorf("by the rules it is %+v, and what came before %+v", lines[0], lines[1])
		}
		sees(editor, wireAt, "Published by rule 2, “Harbour”.")
		sees(editor, wirePath(lines[0].First), "Published by rule 2, “Harbour”.")

		// The rule is read back as it was typed.
		sees(boss, wireRulesAt+"/2", ">Ida</a>", `value="Harbour"`, "ships\nfruit and timber</textarea>", `value="publish" checked`)
		does(http.StatusSeeOther, "act", "remove", "edit", "0", "rule", "2")
		does(http.StatusSeeOther, "act", "live", "edit", "1")
		does(http.StatusConflict, "act", "back", "live", "1", "version", "1")
		does(http.StatusSeeOther, "act", "back", "live", "2", "version", "1")
		sees(boss, wireRulesAt, "Live: version 3", "(as in version 1)")
		does(http.StatusUnprocessableEntity, "act", "dance")
		for _, path := range []string{"/9", "/0", "/x", "/01"} {
			if res, _ := h.asks(http.MethodGet, wireRulesAt+path, boss); path != "/01" && res.StatusCode != http.StatusNotFound {
				t.Errorf("the rule %s is answered with %s", path, res.Status)
			}
		}
		body = sees(boss, auditAt)
		if !strings.Contains(body, "rules of the wire made live") || !strings.Contains(body, "version 3, 2 rules, as in version 1") {
			t.Errorf("the log does not tell of the rules: %s", body)
		}
	})
}

// TestRuleAlert drafts a news alert for what a rule publishes.
func TestRuleAlert(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	g := h.agency()
	ida := h.joins("Ida", reader.Publisher)
	token := h.session(ida.Reader.ID, reader.StaffSession)
	check(t, h.Wire.SaveDraft(t.Context(), ida.Reader.ID, 0, wire.Rules{{Name: "Flashes", When: wire.When{Signals: []string{"flash"}}, Then: wire.Actions{Do: wire.Release, Alert: wire.DraftAlert}}}))
	_, err := h.Wire.GoLive(t.Context(), ida.Reader.ID, 1)
	check(t, err)
	g.sends("1", "Mayor resigns", map[string]any{"urgency": 1})
	g.sends("2", "Bridge shut", map[string]any{"urgency": 2})
	lines, _, err := h.Wire.List(t.Context(), wire.Filter{})
	check(t, err)
	_, body := h.asks(http.MethodGet, wireAt, token)
	if strings.Count(body, "A news alert is drafted.") != 2 {
		t.Errorf("no alert is drafted in %s", body)
	}
	res, _ := h.fills(wirePath(lines[0].First), token, "act", "alert")
	if to := res.Header.Get("Location"); to != alertPath(lines[0].Article) {
		t.Errorf("the alert is written at %s", to)
	}
	h.fills(wirePath(lines[1].First), token, "act", "no-alert")
	if res, _ := h.fills(wirePath(lines[1].First), token, "act", "alert"); res.StatusCode != http.StatusConflict {
		t.Errorf("an alert that is done is written again: %s", res.Status)
	}
	if _, body := h.asks(http.MethodGet, wireAt, token); strings.Contains(body, "A news alert is drafted.") {
		t.Errorf("an alert is still drafted in %s", body)
	}
}

// TestWireRulesScreens looks at the pages of rules on a phone and a desk.
func TestWireRulesScreens(t *testing.T) {
	h := serves(t)
	g := h.agency()
	boss := h.session(h.hires("Ida", reader.Publisher), reader.StaffSession)
	ctx := papertest.Browser(t)
	be(t, ctx, h.base, boss)
	h.glances(ctx, "rules-empty", wireRulesAt)
	var rules wire.Rules
	for i, text := range hostile {
		g.sends(text, text, map[string]any{"urgency": i%5 + 1})
		name := []rune(strings.Join(strings.Fields(text), " "))
		rules = append(rules, wire.DeskRule{
			Name: string(name[:min(len(name), 58)]) + string(rune('a'+i)), Off: i == 1,
			When: wire.When{Sources: []string{g.source.ID}, Products: []string{string(name[:min(len(name), 90)])}, Words: []string{"harbour"}, Hours: wire.Hours{Days: wire.Days(), From: "22:00", To: "06:00"}},
			Then: wire.Actions{Do: wire.Release, Section: "world"},
		})
	}
	rules = append(rules, wire.DeskRule{Name: "Ships", When: wire.When{Words: []string{"ships"}}, Then: wire.Actions{Do: wire.Drop}})
	check(t, h.Wire.SaveDraft(t.Context(), "console", 0, rules))
	_, err := h.Wire.GoLive(t.Context(), "console", 1)
	check(t, err)
	check(t, h.Wire.SaveDraft(t.Context(), "console", 0, rules))
	h.glances(ctx, "rules-full", wireRulesAt+"?days=7")
	h.glances(ctx, "rules-one", wireRulesAt+"/1")
	h.glances(ctx, "rules-new", wireRulesAt+"/new")
	g.sends("last", "The last ships", nil)
	h.glances(ctx, "rules-wire", wireAt)
}
