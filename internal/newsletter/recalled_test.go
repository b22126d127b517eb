package newsletter

import (
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/event"
)

// TestUnsaid withdraws the story by which editions are called: the archive calls them by
// their list, what is still to be sent by its next story, and texts that quote it go.
// What is stored, and what an editor has written of other things, stays.
//
// Seen red: without unsay in Archive and in content.
func TestUnsaid(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		l := k.list(List{Name: "Daily", Open: true, Public: true, Blocks: []Block{{Kind: Section, Section: "city", Limit: 3}}})
		k.members(l, 2)
		killed := k.story("city", "The Quokkalith bridge is closed")
		k.sends(l)
		k.letters()
		other := k.story("city", "Ovens are cold in the granary")
		write := func(subject, preview, text string) Edition {
			t.Helper()
			e, err := k.Begin(ctx, k.ida, l.ID)
			check(t, err)
			parts := []Part{{Block: Block{Kind: Stories}, Stories: []string{killed, other}, Show: 2}}
			if text != "" {
				parts = append(parts, Part{Block: Block{Kind: Words, Text: text}})
			}
			e, err = k.Write(ctx, k.ida, e.ID, e.Version, Manuscript{Subject: subject, Preview: preview, Parts: parts})
			check(t, err)
			e, err = k.Schedule(ctx, k.ida, e.ID, e.Version, k.clock.Now().Add(time.Hour))
			check(t, err)
			return e
		}
		quoting := write("Today: the quokkalith bridge is closed", "Why the Quokkalith bridge is shut", "Good morning")
		free := write("Letters from the quay", "Three things this week", "Good morning")
		k.withdraw(killed)

		check(t, k.Hear(ctx, event.Event{Kind: article.Vanished{}.EventKind(), Subject: killed}))
		_, editions, _, err := k.Archive(ctx, "daily", "", 10)
		check(t, err)
		if len(editions) != 1 || editions[0].Subject != "Daily" {
			t.Errorf("the archive has %q", editions[0].Subject)
		}
		c, err := k.Archived(ctx, "daily", "1")
		check(t, err)
		if c.Edition.Subject != "Daily" || len(c.Parts) != 0 {
			t.Errorf("the edition is %q with %d parts", c.Edition.Subject, len(c.Parts))
		}
		for _, test := range []struct {
			e                Edition
			subject, preview string
		}{
			{quoting, "Ovens are cold in the granary", ""},
			{free, "Letters from the quay", "Three things this week"},
		} {
			c, err := k.Preview(ctx, test.e)
			check(t, err)
			if c.Edition.Subject != test.subject || c.Edition.Preview != test.preview {
				t.Errorf("%q would be sent as %q, %q", test.e.Subject, c.Edition.Subject, c.Edition.Preview)
			}
			if len(c.Notices) != 1 || c.Notices[0].Kind != WasWithdrawn || c.Notices[0].By != "AFP" {
				t.Errorf("who writes %q sees no notice of what was sent: %+v", test.e.Subject, c.Notices)
			}
			if kept := k.edition(test.e.ID); kept.Subject != test.e.Subject {
				t.Errorf("what is stored became %q", kept.Subject)
			}
		}
		k.clock.Add(2 * time.Hour)
		check(t, k.ComeDue(ctx))
		check(t, k.Send(ctx, Run{quoting.ID}))
		for to, letters := range k.letters() {
			for _, letter := range letters {
				if strings.Contains(strings.ToLower(letter), "quokkalith") {
					t.Errorf("%s gets %s", to, letter)
				}
			}
		}
		list, err := k.Carriers(ctx, killed)
		check(t, err)
		if len(list) != 3 || list[2].Had != 2 || list[0].Had != 0 {
			t.Errorf("it was carried by %+v", list)
		}
	})
}
