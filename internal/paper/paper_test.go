package paper

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
	"kawaraban/internal/secret"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func store(d *db.DB) *Store {
	return &Store{
		DB: d, Audit: &audit.Log{DB: d, Keys: secret.NewKeyring(), Now: time.Now}, Now: time.Now, ID: db.NewID,
		Operator: Identity{Name: "Kawaraban", Language: "en", Zone: "UTC"},
	}
}

// fieldOf is the message of a Problem at a field.
func fieldOf(err error, name string) string {
	if p := problem.Of(err); p != nil {
		return p.Fields[name]
	}
	return ""
}

// TestEightIdentities lets eight publishers save at once, again and again: of each
// version exactly one wins, and the others are told which version holds.
//
// Seen red: the number computed in the insert.
func TestEightIdentities(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := store(d), t.Context()
		for base := range 5 {
			var won, late atomic.Int64
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					id := s.Operator
					id.Name = fmt.Sprintf("The Post %d of %d", i, base)
					switch err := s.SetIdentity(ctx, "", base, id); {
					case err == nil:
						won.Add(1)
					case problem.Is(err, problem.Conflict):
						if now, ok := Seen(err); ok && now == base+1 {
							late.Add(1)
						}
					default:
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if won.Load() != 1 || late.Load() != 7 {
				t.Fatalf("of version %d %d won and %d were told", base+1, won.Load(), late.Load())
			}
		}
		v, err := s.Identity(ctx)
		check(t, err)
		if v.Number != 5 || !strings.HasSuffix(v.Name, "of 4") {
			t.Errorf("version %d, %q", v.Number, v.Name)
		}
		entries := 0
		check(t, audit.Read(ctx, d, "paper", 0, func(e audit.Entry, _ string) error {
			if entries++; e.Act != IdentitySet || !strings.Contains(e.Detail, "paper_name: ") {
				t.Errorf("the log has %+v", e)
			}
			return nil
		}))
		if entries != 5 {
			t.Errorf("the log has %d entries", entries)
		}
	})
}

// What the operator has set holds, before and after; it is shown and refused.
func TestFixed(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := store(d), t.Context()
		id := s.Operator
		id.Name, id.Edition = "The Post", "Since 1874"
		check(t, s.SetIdentity(ctx, "", 0, id))
		s.Operator.Name, s.Fixed = "The Fixed Post", map[Part]string{Name: "paper.toml line 3"}
		v, err := s.Identity(ctx)
		check(t, err)
		if v.Name != "The Fixed Post" || v.Edition != "Since 1874" || v.Number != 1 {
			t.Errorf("%+v holds", v)
		}
		id.Edition = "Since 1875"
		if err := s.SetIdentity(ctx, "", 1, id); fieldOf(err, "paper_name") == "" {
			t.Errorf("a name that is fixed was set: %v", err)
		}
		id.Name = "The Fixed Post"
		check(t, s.SetIdentity(ctx, "", 1, id))
	})
}

func TestIdentityChecks(t *testing.T) {
	d := papertest.SQLite(t)
	s, ctx := store(d), t.Context()
	s.Serves = func(id Identity) error {
		if id.Zone == "Mars" {
			return &problem.Problem{Kind: problem.Invalid, Fields: map[string]string{"zone": "No."}}
		}
		return nil
	}
	for _, test := range []struct {
		part  Part
		value string
		ok    bool
	}{
		{Name, "  The \x00 Post\n", true},
		{Name, " ", false},
		{Name, strings.Repeat("語", 81), false},
		{Contact, "desk@paper.example", true},
		{Contact, "desk", false},
		{Zone, "Mars", false},
	} {
		v, err := s.Identity(ctx)
		check(t, err)
		*test.part.Of(&v.Identity) = test.value
		err = s.SetIdentity(ctx, "", v.Number, v.Identity)
		if (err == nil) != test.ok || (fieldOf(err, string(test.part)) == "") != test.ok {
			t.Errorf("%s %q: %v", test.part, test.value, err)
		}
	}
	if v, err := s.Identity(ctx); err != nil || v.Name != "The Post" {
		t.Errorf("the name is %q, %v", v.Name, err)
	}
}

func TestLeads(t *testing.T) {
	for _, test := range []struct {
		to string
		ok bool
	}{
		{"/about", true},
		{"/category/city?before=x", true},
		{"https://tides.example/today", true},
		{"http://tides.example/", false},
		{"//tides.example/", false},
		{"javascript:alert(1)", false},
		{"/\\tides.example", false},
		{"https://", false},
		{"https://me@tides.example/", false},
		{"", false},
	} {
		if got := leads(test.to); got != test.ok {
			t.Errorf("leads(%q) = %v", test.to, got)
		}
	}
}

// FuzzLeads holds that what may stand in the menu is a path of ours or https.
func FuzzLeads(f *testing.F) {
	for _, seed := range []string{"/about", "https://a.example", "//x", "/\\x", "java\tscript:x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, to string) {
		if leads(to) && !strings.HasPrefix(strings.ToLower(to), "https://") && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/\\")) {
			t.Errorf("%q may stand in the menu", to)
		}
	})
}

// Of two who set the menu at once the second is told; what was before can be put back.
func TestMenu(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := store(d), t.Context()
		m := Menu{Masthead: []Item{{Kind: ToLink, Target: "https://tides.example/", Label: "Tides"}}}
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := s.SetMenu(ctx, "", 0, m); err == nil {
					won.Add(1)
				} else if !problem.Is(err, problem.Conflict) {
					t.Error(err)
				}
			})
		}
		if wg.Wait(); won.Load() != 1 {
			t.Fatalf("%d won", won.Load())
		}
		v, err := s.Menu(ctx)
		check(t, err)
		if v.Number != 1 || len(v.Masthead) != 1 || v.Footer != nil {
			t.Errorf("%+v", v)
		}
		none, err := s.EarlierMenu(ctx, 0)
		check(t, err)
		check(t, s.SetMenu(ctx, "", 1, none.Menu))
		filled := none.Filled([]string{"city"}, []Title{{ID: "p1", Slug: "about"}, {ID: "p2", Slug: HouseRules}})
		if len(filled.Masthead) != 1 || len(filled.Footer) != 1+1+len(Standing()) {
			t.Errorf("by itself it is %+v", filled)
		}
	})
}

// Eight save a page at once: one wins. Its old address leads to it for ever, and no
// other page gets it.
func TestPages(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := store(d), t.Context()
		page := Page{Slug: "imprint", Title: "Imprint", Body: richtext.FromText("Tile Square 4.")}
		id, err := s.Save(ctx, "", page)
		check(t, err)
		if _, err := s.Find(ctx, "imprint"); !problem.Is(err, problem.NotFound) {
			t.Errorf("a draft is found: %v", err)
		}
		page.ID, page.Version, page.Shown = id, 1, true
		var won atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				mine := page
				mine.Slug = fmt.Sprint("legal-", i)
				if _, err := s.Save(ctx, "", mine); err == nil {
					won.Add(1)
				} else if now, ok := Seen(err); !ok || now != 2 {
					t.Error(err)
				}
			})
		}
		if wg.Wait(); won.Load() != 1 {
			t.Fatalf("%d won", won.Load())
		}
		found, err := s.Find(ctx, "imprint")
		check(t, err)
		if found.ID != id || found.Version != 2 || !strings.HasPrefix(found.Path(), "/about/legal-") {
			t.Errorf("%+v", found)
		}
		if _, err := s.Save(ctx, "", Page{Slug: "imprint", Title: "Another", Body: page.Body}); fieldOf(err, "slug") == "" {
			t.Errorf("another page got the address: %v", err)
		}
		if _, err := s.Save(ctx, "", Page{Slug: "No Slug", Shown: true}); fieldOf(err, "slug") == "" || fieldOf(err, "title") == "" || fieldOf(err, "source") == "" {
			t.Errorf("a page that is wrong everywhere: %v", err)
		}
		if list, err := s.Titles(ctx, false); err != nil || len(list) != 1 {
			t.Errorf("readers have %d pages, %v", len(list), err)
		}
	})
}
