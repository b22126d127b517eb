package desk

import (
	"testing"

	"kawaraban/internal/article"
	"kawaraban/internal/problem"
)

// TestSponsor holds who says who pays for an article, and that no label goes silently.
func TestSponsor(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id := k.began(k.ida, "The soap that floats")
		k.writes(k.ida, id, "page-of-Ida Holm", func(c *Copy) { c.Sponsor = "Buoy Soaps" })
		check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id)}))
		if r := k.reads(id); r == nil || r.Sponsor != "Buoy Soaps" {
			t.Fatalf("readers have %+v", r)
		}
		k.writes(k.ida, id, "page-of-Ida Holm", func(c *Copy) { c.Sponsor = "" })
		err := k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id), Reason: article.Edit})
		if p := refused(t, "a small change", err, problem.Invalid); p.Fields["reason"] == "" {
			t.Errorf("it is refused at %v", p.Fields)
		}
		if r := k.reads(id); r.Sponsor == "" {
			t.Error("the label went all the same")
		}
		check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id), Reason: article.Update}))
		if r := k.reads(id); r.Sponsor != "" {
			t.Errorf("readers have %q", r.Sponsor)
		}
	})
}

// TestMergeSponsor holds that of two who name sponsors neither is lost unseen.
func TestMergeSponsor(t *testing.T) {
	with := func(name string) (c Copy) {
		c.Sponsor = name
		return c
	}
	if merged, clashes := Merge(with(""), with(""), with("Buoy")); merged.Sponsor != "Buoy" || len(clashes) != 0 {
		t.Errorf("%q, %v", merged.Sponsor, clashes)
	}
	if merged, clashes := Merge(with(""), with("Kild"), with("Buoy")); merged.Sponsor != "Kild" || len(clashes) != 1 || clashes[0].Part != "sponsor" {
		t.Errorf("%q, %v", merged.Sponsor, clashes)
	}
}
