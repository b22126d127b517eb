package desk

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// TestWriting follows a story from its first word to its readers, and to the
// correction after.
func TestWriting(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id := k.began(k.ana, "Bridge closed")
		if r := k.reads(id); r != nil {
			t.Fatalf("readers have a draft: %+v", r)
		}
		refused(t, "a contributor publishes", k.Publish(ctx, k.ana, id, Publication{At: k.at(k.ana, id)}), problem.Forbidden)
		check(t, k.Submit(ctx, k.ana, id, k.at(k.ana, id)))
		if got := k.state(id); got != article.Review {
			t.Fatalf("it is %s", got)
		}
		_, err := k.Save(ctx, k.ana, id, Save{Page: "page-of-Ana Ruiz", Version: 2, Copy: Copy{}})
		refused(t, "its author writes while it is in review", err, problem.Forbidden)

		k.clock.Add(SeatLife + time.Second) // she has closed the page
		check(t, k.SendBack(ctx, k.ida, id, "Who closed it?"))
		remarks, err := k.Remarks(ctx, k.ana, id)
		check(t, err)
		if len(remarks) != 1 || remarks[0].Words != "Who closed it?" || k.state(id) != article.Draft {
			t.Fatalf("sent back: %+v, %s", remarks, k.state(id))
		}
		k.writes(k.ana, id, "page-of-Ana Ruiz", func(c *Copy) { c.Standfirst = "The council has closed the bridge of Orrin." })
		check(t, k.SettleRemark(ctx, k.ana, id, remarks[0].ID, true))
		check(t, k.Submit(ctx, k.ana, id, k.at(k.ana, id)))
		k.clock.Add(SeatLife + time.Second)
		check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id)}))
		r := k.reads(id)
		if r == nil || r.Standfirst != "The council has closed the bridge of Orrin." || r.Slug != "bridge-closed" {
			t.Fatalf("readers have %+v", r)
		}

		// What is written afterwards is nobody's before it is published.
		k.writes(k.ida, id, "page-of-Ida Holm", func(c *Copy) { c.Headline = "Bridge closed until May" })
		if r := k.reads(id); r.Headline != "Bridge closed" || !r.Updated.IsZero() {
			t.Fatalf("readers have %q", r.Headline)
		}
		p := refused(t, "a change of no sort", k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id)}), problem.Invalid)
		if p.Fields["reason"] == "" {
			t.Errorf("the field is %v", p.Fields)
		}
		p = refused(t, "a correction without a note", k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id), Reason: article.Correction, Note: " "}), problem.Invalid)
		if p.Fields["note"] == "" {
			t.Errorf("the field is %v", p.Fields)
		}
		k.clock.Add(time.Hour)
		check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id), Reason: article.Correction, Note: "The bridge is closed until May, not until June."}))
		r = k.reads(id)
		if r.Headline != "Bridge closed until May" || !r.Updated.Equal(k.clock.Now()) || r.Slug != "bridge-closed" {
			t.Fatalf("readers have %+v", r.Card)
		}
		list, _, err := k.Revisions(ctx, k.ida, id, 0)
		check(t, err)
		if list[0].Reason != article.Correction || list[0].By != "Ida Holm" || list[0].Shown.IsZero() {
			t.Errorf("the newest revision is %+v", list[0])
		}
		shown := 0
		for _, v := range list {
			if !v.Shown.IsZero() {
				shown++
			}
		}
		if shown != 2 {
			t.Errorf("readers had %d revisions, want 2", shown)
		}

		refused(t, "withdrawn without a reason", k.Withdraw(ctx, k.ida, id, "the editors", ""), problem.Invalid)
		check(t, k.Withdraw(ctx, k.ida, id, "the editors", "We were deceived."))
		if k.reads(id) != nil {
			t.Error("readers still have it")
		}
		check(t, k.Return(ctx, k.ida, id))
		if r := k.reads(id); r == nil || r.Headline != "Bridge closed until May" {
			t.Errorf("after its return readers have %+v", r)
		}
		// The way goes on: a change after the return is no merge.
		k.writes(k.ida, id, "page-of-Ida Holm", func(c *Copy) { c.Standfirst = "" })
		check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id), Reason: article.Edit}))
	})
}

// TestOwn holds that contributors cannot find, read or change a colleague's story
// by any way (R38, R39).
func TestOwn(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id := k.began(k.ida, "Mayor to step down")
		rev, err := k.Remark(ctx, k.ida, id, "", "Not before ten.")
		check(t, err)
		_, err = k.ShareDraft(ctx, k.ida, id, "the lawyer", k.clock.Now().Add(time.Hour))
		check(t, err)
		links, err := k.PreviewLinks(ctx, k.ida, id)
		check(t, err)
		at := At{Page: "page-of-Ana Ruiz", Version: 2}
		for name, try := range map[string]func(a *reader.Actor) error{
			"read":      func(a *reader.Actor) error { _, err := k.Story(ctx, a, id); return err },
			"save":      func(a *reader.Actor) error { _, err := k.Save(ctx, a, id, Save{Page: at.Page, Version: 2}); return err },
			"seat":      func(a *reader.Actor) error { _, err := k.Seat(ctx, a, id, at.Page, Take); return err },
			"submit":    func(a *reader.Actor) error { return k.Submit(ctx, a, id, at) },
			"keep":      func(a *reader.Actor) error { return k.Keep(ctx, a, id, at) },
			"send back": func(a *reader.Actor) error { return k.SendBack(ctx, a, id, "") },
			"publish":   func(a *reader.Actor) error { return k.Publish(ctx, a, id, Publication{At: at}) },
			"withdraw":  func(a *reader.Actor) error { return k.Withdraw(ctx, a, id, "", "why") },
			"return":    func(a *reader.Actor) error { return k.Return(ctx, a, id) },
			"embargo":   func(a *reader.Actor) error { return k.SetEmbargo(ctx, a, id, time.Time{}, true) },
			"restore":   func(a *reader.Actor) error { return k.Restore(ctx, a, id, at, 1) },
			"merge":     func(a *reader.Actor) error { _, _, _, err := k.Reconcile(ctx, a, id, Copy{}, Copy{}); return err },
			"catch":     func(a *reader.Actor) error { _, err := k.Catch(ctx, a, id, at); return err },
			"revisions": func(a *reader.Actor) error { _, _, err := k.Revisions(ctx, a, id, 0); return err },
			"revision":  func(a *reader.Actor) error { _, _, err := k.Revision(ctx, a, id, 1); return err },
			"remark":    func(a *reader.Actor) error { _, err := k.Remark(ctx, a, id, "", "Hm."); return err },
			"remarks":   func(a *reader.Actor) error { _, err := k.Remarks(ctx, a, id); return err },
			"settle":    func(a *reader.Actor) error { return k.SettleRemark(ctx, a, id, rev, true) },
			"share": func(a *reader.Actor) error {
				_, err := k.ShareDraft(ctx, a, id, "", k.clock.Now().Add(time.Hour))
				return err
			},
			"links":   func(a *reader.Actor) error { _, err := k.PreviewLinks(ctx, a, id); return err },
			"unshare": func(a *reader.Actor) error { return k.Unshare(ctx, a, id, links[0].ID) },
		} {
			for _, a := range []*reader.Actor{k.ana, k.mods, nil, {Reader: reader.Reader{Role: reader.Member}}, {Reader: reader.Reader{Role: reader.Contributor}}} {
				if a == nil {
					a = &reader.Actor{}
				}
				p := problem.Of(try(a))
				if p == nil || p.Kind != problem.NotFound && p.Kind != problem.Forbidden || strings.Contains(p.Detail, "Mayor") {
					t.Errorf("%s by %q: %v", name, a.Reader.Role, p)
				}
			}
		}
		list, _, err := k.List(ctx, k.ana, Filter{})
		check(t, err)
		if len(list) != 0 {
			t.Errorf("a contributor's list holds %+v", list)
		}
		if _, _, err := k.List(ctx, k.mods, Filter{}); problem.Of(err) == nil {
			t.Error("a moderator lists stories")
		}
	})
}

// TestStale holds that a save which does not follow on the newest version changes
// nothing, and tells what is there.
func TestStale(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id := k.began(k.ida, "Bridge closed")
		page := "page-of-Ida Holm"
		base, err := k.Story(ctx, k.ida, id)
		check(t, err)
		k.writes(k.ida, id, page, func(c *Copy) { c.Headline = "Bridge closed until May" })
		mine := base.Copy
		mine.Standfirst = "The council says why."
		_, err = k.Save(ctx, k.ida, id, Save{Page: page, Version: base.Version, Copy: mine})
		if now := IsStale(err); now == nil || now.Copy.Headline != "Bridge closed until May" {
			t.Fatalf("a stale save: %v", err)
		}
		merged, clashes, theirs, err := k.Reconcile(ctx, k.ida, id, base.Copy, mine)
		check(t, err)
		if len(clashes) != 0 || merged.Headline != "Bridge closed until May" || merged.Standfirst != "The council says why." {
			t.Errorf("merged: %+v, %+v", merged, clashes)
		}
		_, err = k.Save(ctx, k.ida, id, Save{Page: page, Version: theirs.Version, Copy: merged})
		check(t, err)
		// The same words changed by both are for a person to decide.
		mine.Headline = "Bridge closed for ever"
		_, clashes, _, err = k.Reconcile(ctx, k.ida, id, base.Copy, mine)
		check(t, err)
		if len(clashes) != 1 || clashes[0].Part != "headline" || clashes[0].Theirs != "Bridge closed until May" || clashes[0].Mine != "Bridge closed for ever" {
			t.Errorf("clashes: %+v", clashes)
		}
	})
}

// TestEightSave has eight pages of one person save at once, each from the newest
// version that it knows: every acknowledged save is a version of its own.
func TestEightSave(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id := k.began(k.ida, "Bridge closed")
		const eight, each = 8, 10
		var mu sync.Mutex
		taken := map[int]string{}
		var work sync.WaitGroup
		for i := range eight {
			work.Go(func() {
				for n := range each {
					text := fmt.Sprintf("by %d, the %d.", i, n)
					for {
						now, err := k.Story(ctx, k.ida, id)
						if err != nil {
							t.Error(err)
							return
						}
						c := now.Copy
						c.Notes = text
						done, err := k.Save(ctx, k.ida, id, Save{Page: "page-of-Ida Holm", Version: now.Version, Copy: c})
						if IsStale(err) != nil {
							continue
						}
						if err != nil {
							t.Error(err)
							return
						}
						mu.Lock()
						if other, twice := taken[done.Version]; twice {
							t.Errorf("version %d is %q and %q", done.Version, other, text)
						}
						taken[done.Version] = text
						mu.Unlock()
						break
					}
				}
			})
		}
		work.Wait()
		now, err := k.Story(ctx, k.ida, id)
		check(t, err)
		if len(taken) != eight*each || now.Version != 2+eight*each || now.Copy.Notes != taken[now.Version] {
			t.Errorf("%d saves were acknowledged; the copy is version %d and says %q, want %q", len(taken), now.Version, now.Copy.Notes, taken[now.Version])
		}
	})
}

// TestKept holds that what somebody wrote is kept as a revision before another
// goes on, and every ten minutes, and can be had again.
func TestKept(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id := k.began(k.ida, "Bridge closed")
		revisions := func() (said []string) {
			t.Helper()
			list, _, err := k.Revisions(ctx, k.ida, id, 0)
			check(t, err)
			for _, v := range list {
				said = append(said, v.By+": "+v.Headline)
			}
			return said
		}
		k.writes(k.ida, id, "page-of-Ida Holm", func(c *Copy) { c.Headline = "Bridge to close" })
		if got := revisions(); len(got) != 1 {
			t.Fatalf("each save is a revision: %q", got)
		}
		k.clock.Add(SeatLife + time.Second)
		k.writes(k.jon, id, "page-of-Jon Bell", func(c *Copy) { c.Headline = "Bridge shut" })
		if got := revisions(); len(got) != 2 || got[0] != "Ida Holm: Bridge to close" {
			t.Fatalf("before Jon's words: %q", got)
		}
		k.clock.Add(keepAfter + time.Second)
		k.writes(k.jon, id, "page-of-Jon Bell", func(c *Copy) { c.Headline = "Bridge open" })
		if got := revisions(); len(got) != 3 || got[0] != "Jon Bell: Bridge shut" {
			t.Fatalf("after ten minutes: %q", got)
		}
		check(t, k.Restore(ctx, k.jon, id, k.at(k.jon, id), 2))
		now, err := k.Story(ctx, k.jon, id)
		check(t, err)
		if now.Copy.Headline != "Bridge to close" {
			t.Errorf("the copy is %q", now.Copy.Headline)
		}
		if got := revisions(); got[0] != "Jon Bell: Bridge open" {
			t.Errorf("what the copy was is gone: %q", got)
		}
	})
}

// TestLongCopy holds that a text which is too long for an article is kept, and
// refused only when it is to be published.
func TestLongCopy(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id := k.began(k.ida, "Bridge closed")
		var blocks []string
		for range 500 { // of 200 words
			blocks = append(blocks, `{"kind":"paragraph","text":[{"text":"`+strings.TrimSpace(strings.Repeat("The bridge is closed. ", 50))+`"}]}`)
		}
		c, err := ParseCopy([]byte(`{"headline":"Bridge closed","section":"city","body":{"blocks":[` + strings.Join(blocks, ",") + `]}}`))
		check(t, err)
		done, err := k.Save(ctx, k.ida, id, Save{Page: "page-of-Ida Holm", Version: 2, Copy: c})
		check(t, err)
		if done.Words != 100_000 {
			t.Errorf("%d words are kept", done.Words)
		}
		refused(t, "it is published", k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id)}), problem.TooLarge)
		now, err := k.Story(ctx, k.ida, id)
		check(t, err)
		if now.Copy.Body.Words() != 100_000 || k.state(id) != article.Draft {
			t.Errorf("%d words are left, it is %s", now.Copy.Body.Words(), k.state(id))
		}
	})
}

// TestCatch merges what the agency sent while somebody of ours was writing.
func TestCatch(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		var id string
		words := func(s string) article.Content {
			return article.Content{Headline: "Bridge closed", Body: richtext.FromText(s)}
		}
		check(t, k.DB.Tx(ctx, func(tx *db.Tx) (err error) {
			id, err = k.Articles.Create(ctx, tx, article.New{Section: "city", Class: article.Class{Language: "en"}, Content: words("The bridge is closed.\n\nNobody was hurt."), By: "AFP"})
			if err != nil {
				return err
			}
			return k.Articles.Publish(ctx, tx, id, time.Time{})
		}))
		k.writes(k.ida, id, "page-of-Ida Holm", func(c *Copy) { c.Headline = "Old bridge closed"; c.Notes = "Ask the mayor." })
		check(t, k.DB.Tx(ctx, func(tx *db.Tx) error {
			return k.Articles.Revise(ctx, tx, id, words("The bridge is closed.\n\nTwo people were hurt."), article.Revision{Reason: article.FromWire, By: "AFP"})
		}))
		refused(t, "published past the agency", k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id), Reason: article.Update}), problem.Conflict)
		clashes, err := k.Catch(ctx, k.ida, id, k.at(k.ida, id))
		check(t, err)
		now, err := k.Story(ctx, k.ida, id)
		check(t, err)
		if len(clashes) != 0 || now.Copy.Headline != "Old bridge closed" || now.Copy.Notes != "Ask the mayor." || !strings.Contains(now.Copy.Body.Text(), "Two people") {
			t.Fatalf("merged: %+v, %+v", now.Copy, clashes)
		}
		check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id), Reason: article.Update}))
		if r := k.reads(id); r.Headline != "Old bridge closed" || !strings.Contains(r.Body.Text(), "Two people") {
			t.Errorf("readers have %+v", r)
		}
	})
}

// TestCredit holds that a picture without a credit is not published unless
// somebody says why.
func TestCredit(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		k.exec(`insert into picture (id, hash, state, reason, format, width, height, headline, caption, alt, byline, credit, copyright, usage_terms, meta, focus_x, focus_y, created)
			values ('bridge', 'h', 'ready', '', 'jpeg', 10, 10, '', '', '', '', '', '', '', '{}', 0, 0, 1)`)
		id := k.began(k.ida, "Bridge closed")
		k.writes(k.ida, id, "page-of-Ida Holm", func(c *Copy) { c.Lead.Picture = "bridge" })
		p := refused(t, "no credit", k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id)}), problem.Invalid)
		if p.Fields["bare"] == "" {
			t.Errorf("the field is %v", p.Fields)
		}
		check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id), Bare: "The photographer wants no name."}))
		var said string
		check(t, k.DB.QueryRow(ctx, `select detail from audit where act = $1 and subject = $2`, NoCredit, id).Scan(&said))
		if said != "The photographer wants no name." {
			t.Errorf("the log says %q", said)
		}
	})
}
