package site

import (
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
)

// A card is an article in a list.
type card struct {
	article.Card
	Picture  *picture // nil for none
	By       string   // "Maren Okuda and Teo Brandvik", "" for none
	When     string   // of publication: "14:18" today, else "Nov. 21"
	Moment   string   // the same with the zone: "14:18 JST"
	Later    string   // "Updated 15:02 JST", "" if it was not updated today
	Lang     string   // the article's language when it is not the paper's
	Comments int      // how many
	Live     bool     // a live report that goes on

	Mark  string // who has paid for it, and what it is that is no story: "Poll"; "" for a story of ours
	Tally string // how many have answered or voted, "" for nobody can
	Said  string // the quote of the day, "" for none
	Who   string // whose it is
}

// Asks reports whether the thread is the answers to a question.
func (c card) Asks() bool { return c.Format == article.Question }

// Wide reports whether the picture is what the article is.
func (c card) Wide() bool { return c.Format == article.Picture && c.Picture != nil }

// Over is the word over the headline: the article's own kicker or its section.
func (c card) Over() string {
	if c.Kicker != "" {
		return c.Kicker
	}
	return c.Section.Name
}

// A lister makes cards of one page.
type lister struct {
	s     *Site
	now   time.Time
	found map[string]*media.Picture
	count map[string]int // comments, by article
	formatted
}

// card sets c as text.
func (l lister) card(c article.Card) card {
	v := card{Card: c, By: l.s.names(c.Bylines), Lang: l.s.foreign(c.Language), Comments: l.count[c.ID], Live: l.live[c.ID]}
	switch lang := l.s.lang; {
	case lang.SameDay(c.Published, l.now):
		v.When, v.Moment = c.Published.In(lang.Zone).Format("15:04"), lang.Clock(c.Published)
	default:
		v.When = lang.ShortDay(c.Published)
		v.Moment = v.When
	}
	if c.Updated.After(c.Published) && l.s.lang.SameDay(c.Updated, l.now) {
		v.Later = l.s.lang.Say("updated", l.s.lang.Clock(c.Updated))
	}
	l.format(&v)
	return v
}

// pictured sets c with its picture in a place of the given sizes.
func (l lister) pictured(c article.Card, sizes string) card {
	v := l.card(c)
	v.Picture = newPicture(l.found[c.Lead.Picture], c.Lead.Alt, sizes)
	return v
}

// cards sets list as text.
func (l lister) cards(list []article.Card) []card {
	cards := make([]card, len(list))
	for i, c := range list {
		cards[i] = l.card(c)
	}
	return cards
}

// names joins names as the language does: "A", "A and B", "A, B and C".
func (s *Site) names(list []string) string {
	switch n := len(list); n {
	case 0:
		return ""
	case 1:
		return list[0]
	default:
		return s.lang.Say("names.and", strings.Join(list[:n-1], s.lang.Say("names.comma")), list[n-1])
	}
}

// ends makes b end when the first of the articles does: an expired story must
// not stand in a list for a moment longer.
func ends(b *page.Body, lists ...[]article.Card) *page.Body {
	for _, list := range lists {
		for _, c := range list {
			b.Until(c.Expires)
		}
	}
	return b
}
