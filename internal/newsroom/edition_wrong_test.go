package newsroom

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/papertest"
)

// TestEditionWrong answers a part that cannot go out with what was typed, and with what
// is wrong at the field; the focus is in the first of them.
func TestEditionWrong(t *testing.T) {
	p := start(t, papertest.SQLite(t), here).post()
	gone, _ := p.publishes(p.ida, "A ferry", plainStory)
	check(t, p.db.Tx(t.Context(), func(tx *db.Tx) error {
		return p.Articles.Withdraw(t.Context(), tx, gone, article.Withdrawal{By: "Wire", At: p.clock.Now()})
	}))
	draft := p.begins(p.ida, "A draft", plainStory)
	block := func(b newsletter.Block) newsletter.Part { return newsletter.Part{Block: b} }
	chosen := func(ids ...string) newsletter.Part {
		return newsletter.Part{Block: newsletter.Block{Kind: newsletter.Stories}, Stories: ids}
	}
	later := p.clock.Now().AddDate(0, 0, 2).In(time.UTC).Format("2006-01-02T15:04")
	for _, test := range []struct {
		name  string
		part  newsletter.Part
		act   string
		wrong map[string]string // by field
		focus string            // an element as it is written, up to its autofocus
	}{
		{"no text", block(newsletter.Block{Kind: newsletter.Words, Text: " "}), "review", map[string]string{"text-1": "Write the text"}, `<textarea id="text-1"`},
		{"a link that is none", block(newsletter.Block{Kind: newsletter.Words, Text: `<a href="javascript:x">x</a>`}), "try", map[string]string{"text-1": "javascript:x"}, `<textarea id="text-1"`},
		{"a picture", block(newsletter.Block{Kind: newsletter.Words, Text: `x <img src="p1">`}), "review", map[string]string{"text-1": "A letter carries no pictures"}, `<textarea id="text-1"`},
		{"a title too long", block(newsletter.Block{Kind: newsletter.Words, Title: strings.Repeat("long ", 20), Text: "x"}), "review", map[string]string{"title-1": "The title of a block is too long."}, `<input id="title-1"`},
		{"an event without a day", block(newsletter.Block{Kind: newsletter.Events, Text: "A fair, soon."}), "review", map[string]string{"text-1": "Say when"}, `<textarea id="text-1"`},
		{
			"a sponsor without a name and an address", block(newsletter.Block{Kind: newsletter.Sponsor, Text: "Hats."}), "schedule",
			map[string]string{"by-1": "Name the sponsor", "link-1": "Write the address"},
			`<input id="by-1"`,
		},
		{"a sponsor with a wrong address", block(newsletter.Block{Kind: newsletter.Sponsor, By: "Hats & Co", Link: "hats.example", Text: "Hats."}), "try", map[string]string{"link-1": "begins with https://"}, `<input id="link-1"`},
		{"no stories", chosen(), "review", map[string]string{"stories-1": "Choose at least one story"}, `value="find/1"`},
		{"a story that is gone", chosen(gone), "schedule", map[string]string{"stories-1": "One of these stories is gone."}, `value="storyout/1/` + gone + `"`},
		{"a story that is not out", chosen(draft), "review", map[string]string{"stories-1": "Readers cannot have one of these stories yet."}, `value="storyout/1/` + draft + `"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			at := p.leads(newsletters, p.asIda, "list", p.written.ID)
			parts := []newsletter.Part{block(newsletter.Block{Kind: newsletter.Words, Text: "Fine."}), test.part}
			held, err := json.Marshal(parts)
			check(t, err)
			fields := []string{"act", test.act, "at", later, "version", "1", "held", string(held), "subject", "My subject", "preview", "My preview"}
			for _, x := range parts {
				fields = append(fields, "part_title", x.Title, "part_text", x.Text, "part_by", x.By, "part_link", x.Link, "part_blocks", "")
			}
			res, page := p.fills(at, p.asIda, fields...)
			if res.StatusCode != http.StatusUnprocessableEntity {
				t.Fatalf("%d\n%s", res.StatusCode, page)
			}
			page, _, _ = strings.Cut(page, "</main>") // the dialogs have a focus of their own
			for field, why := range test.wrong {
				if !regexp.MustCompile(`<strong id="` + field + `-e">[^<]*` + regexp.QuoteMeta(html.EscapeString(why))).MatchString(page) {
					t.Errorf("%s does not say %q\n%s", field, why, page)
				}
				if !regexp.MustCompile(`aria-describedby="[^"]*\b` + field + `-e`).MatchString(page) {
					t.Errorf("nothing is described by %s-e\n%s", field, page)
				}
			}
			if n := strings.Count(page, " autofocus"); n != 1 || !regexp.MustCompile(regexp.QuoteMeta(test.focus)+`[^>]* autofocus`).MatchString(page) {
				t.Errorf("%d fields have the focus, and %s should\n%s", n, test.focus, page)
			}
			for _, typed := range []string{"My subject", "My preview", "Fine.", test.part.Title, test.part.Text, test.part.By, test.part.Link} {
				if !strings.Contains(page, html.EscapeString(strings.TrimSpace(typed))) {
					t.Errorf("%q is lost\n%s", typed, page)
				}
			}
			// What is wrong is kept as a draft, to be put right later.
			if e := p.edition(at); e.Stage != newsletter.Draft || len(e.Parts) != 2 || e.Parts[1].Link != test.part.Link {
				t.Errorf("the draft is %+v", e)
			}
		})
	}
}

// TestEditionBlocks takes what the editor sends: the source of it is what is kept.
func TestEditionBlocks(t *testing.T) {
	p := start(t, papertest.SQLite(t), here).post()
	at := p.leads(newsletters, p.asIda, "list", p.written.ID)
	version := 1
	sends := func(blocks, text string) (*http.Response, string) {
		return p.fills(at, p.asIda, "act", "save", "version", fmt.Sprint(version), "held", `[{"kind":"words"}]`, "subject", "S", "preview", "",
			"part_title", "", "part_text", text, "part_by", "", "part_link", "", "part_blocks", blocks)
	}
	for _, test := range []struct{ blocks, text, want string }{
		{`{"blocks":[{"kind":"paragraph","text":[{"text":"One "},{"text":"two","href":"https://x.example/"}]}]}`, "", `<p>One <a href="https://x.example/">two</a></p>` + "\n"},
		{`{"blocks":[{"kind":"paragraph","text":[{"text":"<script>1</script>"}]}]}`, "old", "<p>&lt;script&gt;1&lt;/script&gt;</p>\n"},
		{`{"blocks":[]}`, "", ""},
		{"", "Typed", "Typed"},
	} {
		if res, page := sends(test.blocks, test.text); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", test.blocks, res.StatusCode, page)
		}
		version++
		if got := p.edition(at).Parts[0].Text; got != test.want {
			t.Errorf("%s is kept as %q, not %q", test.blocks, got, test.want)
		}
	}
	for _, blocks := range []string{"no JSON", `{"blocks":[{"kind":"script"}]}`, `{"blocks":[{"kind":"paragraph","text":[{"text":"x","href":"javascript:x"}]}]}`} {
		if res, _ := sends(blocks, ""); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", blocks, res.StatusCode)
		}
	}
	// What is too long to be kept says so at its field, also to the script.
	long := `{"blocks":[{"kind":"paragraph","text":[{"text":"` + strings.Repeat("word ", 5000) + `"}]}]}`
	if res, page := sends(long, ""); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, `<strong id="text-0-e">`) {
		t.Errorf("a text too long: %d\n%s", res.StatusCode, page)
	}
}
