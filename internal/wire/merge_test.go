package wire

import (
	"testing"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// TestPending holds which version of an agency waits for an article that an editor has
// changed, and what it has changed itself.
func TestPending(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := newRoom(t, d)
		waits := func(what, version, had, has string) *Pending {
			t.Helper()
			p, err := r.Pending(t.Context(), r.story(r.hpa, "urn:hpa.example:ferry").ID)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case p == nil && version != "":
				t.Errorf("%s: nothing waits, want version %s", what, version)
			case p != nil && (p.Version != version || p.Had.Body.Text() != had || p.Has.Body.Text() != has):
				t.Errorf("%s: version %s waits (%q, now %q)", what, p.Version, p.Had.Body.Text(), p.Has.Body.Text())
			}
			return p
		}
		r.deliver(r.hpa, version(1, nil))
		waits("the article has all of it", "", "", "")
		a := r.story(r.hpa, "urn:hpa.example:ferry")
		if err := r.DB.Tx(t.Context(), func(tx *db.Tx) error {
			c := a.Content
			c.Headline = "Our ferry"
			return r.Articles.Revise(t.Context(), tx, a.ID, c, article.Revision{Reason: article.Edit, By: "desk", Edited: true})
		}); err != nil {
			t.Fatal(err)
		}
		r.deliver(r.hpa, version(2, nil))
		waits("an editor has changed it", "2", "This is what version 1 says.", "This is what version 2 says.")
		r.deliver(r.hpa, version(4, nil), version(3, nil))
		p := waits("the newest waits", "4", "This is what version 1 says.", "This is what version 4 says.")
		if err := r.Settled(t.Context(), p.First, "4", "ida"); err != nil {
			t.Fatal(err)
		}
		waits("it is merged", "", "", "")
		if err := r.Settled(t.Context(), p.First, "3", "ida"); !problem.Is(err, problem.Conflict) {
			t.Errorf("an older one is merged after it: %v", err)
		}
		r.deliver(r.hpa, version(5, nil))
		waits("the next one", "5", "This is what version 4 says.", "This is what version 5 says.")
		r.deliver(r.hpa, version(6, doc{"pubstatus": "canceled"}))
		waits("it is killed", "", "", "")
	})
}
