package network

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
)

func items(site string, titles ...string) (list []PanelItem) {
	for _, t := range titles {
		category, title, ok := strings.Cut(t, ": ")
		if !ok {
			category, title = "", t
		}
		list = append(list, PanelItem{ID: site + "-" + article.Slug(title), Site: site, Category: category, Title: title, Address: site + "/" + title, folded: article.Fold(title)})
	}
	return list
}

// TestMix tables what the panel shows of what there is.
func TestMix(t *testing.T) {
	a := items("a", "City: One", "City: Two", "Sport: Three", "City: Four")
	b := items("b", "City: Eins", "Sport: Zwei", "City: Drei")
	offer := items("own", "Shop: Bag", "Shop: Book")
	for _, test := range []struct {
		name   string
		papers [][]PanelItem
		offers []PanelItem
		rules  rules
		want   string
	}{
		{"nothing", nil, nil, rules{}, ""},
		{"two papers", [][]PanelItem{a, b}, nil, rules{}, "One Zwei Two Eins Three Drei"},
		{"one paper", [][]PanelItem{a}, nil, rules{}, "One Three Two Four"},
		{"offers at their places", [][]PanelItem{a, b}, offer, rules{}, "One Zwei Bag Two Eins Book"},
		{"offers alone", nil, offer, rules{}, "Bag Book"},
		{"a pin", [][]PanelItem{a, b}, nil, rules{pins: []string{"b-drei"}}, "Drei Three Eins One Zwei Two"},
		{"the same title twice", [][]PanelItem{items("a", "One"), items("b", "ONE", "Two")}, nil, rules{}, "One Two"},
		{"no categories", [][]PanelItem{items("a", "One", "Two"), items("b", "Eins")}, nil, rules{}, "One Eins Two"},
	} {
		var got []string
		for _, i := range mix(test.papers, test.offers, test.rules) {
			got = append(got, i.Title)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestBlocks(t *testing.T) {
	r := sorted([]Rule{{BlockWord, "art", ""}, {BlockWord, "犬", ""}, {BlockCategory, "sport", ""}, {BlockItem, "a-me", ""}})
	for title, want := range map[string]bool{
		"Arts and crafts": true, "The art of it": true, "A fresh start": false, "Start the art": true, "かわいい犬": true,
		"SPORT: Rowing": true, "City: Rowing": false, "Me": true,
	} {
		if got := r.blocks(items("a", title)[0]); got != want {
			t.Errorf("%q: %v, want %v", title, got, want)
		}
	}
}

func TestSpell(t *testing.T) {
	a, b := items("a", "SPORT: 1", "city: 2", "EU: 3", "3"), items("b", "Sport: 4", "CITY: 5", "eu: 6")
	spell(a, b)
	var got []string
	for _, i := range append(a, b...) {
		got = append(got, i.Category)
	}
	if want := []string{"Sport", "City", "EU", "", "Sport", "City", "EU"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// FuzzList reads lists of strangers: what is kept is what may be shown.
func FuzzList(f *testing.F) {
	f.Add([]byte(`{"version":1,"paper":"P","home":"https://paper.example","items":[{"id":"1","title":"<b>","address":"https://paper.example/1","picture":{"address":"https://paper.example/1.jpg","width":-1}}],"withdrawn":["1",""]}`))
	f.Add([]byte(`{"items":[{"id":"\u0000","title":"\u202e","address":"javascript:alert(1)","language":"xx-yy-zz"},null],"made":"2026-01-01T00:00:00Z"}`))
	x := &sisterPaper{key: fuzzKey()}
	p, err := placeOf("https://paper.example", false)
	check(f, err)
	f.Fuzz(func(t *testing.T, list []byte) {
		for _, document := range [][]byte{list, x.raw(list)} {
			l, _, err := openList(document, time.Now())
			if err != nil {
				continue
			}
			held(t, p, l.checked(reach{place: p}))
		}
		held(t, p, unchecked(list).checked(reach{place: p}))
	})
}

// held fails where a list holds what could harm a page.
func held(t *testing.T, p place, l List) {
	if len(l.Items) > maxItems || len(l.Withdrawn) > maxWithdrawn || len([]rune(l.Paper)) > maxName {
		t.Fatalf("%d items, %d withdrawals, %q", len(l.Items), len(l.Withdrawn), l.Paper)
	}
	for _, i := range l.Items {
		if i.Title == "" || len([]rune(i.Title)) > maxTitle || strings.ContainsAny(i.Title+i.Category, "\x00\n\u202e") || !p.holds(i.Address) || slices.Contains(l.Withdrawn, i.ID) {
			t.Fatalf("kept %+v", i)
		}
		if i.Picture != nil && (!p.holds(i.Picture.Address) || i.Picture.Width < 0) {
			t.Fatalf("kept the picture %+v", i.Picture)
		}
	}
}
