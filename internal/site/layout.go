package site

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// chrome is what layout.html sets around every page.
type chrome struct {
	Paper       *Paper
	Language    string    // of the words around the page
	Menu        *menu     // nil: the page shows none
	Home        string    // where the front page is
	Offer       *signup   // the newsletter that the masthead offers; nil for none
	Here        string    // slug of the section that the page belongs to, "" for none
	Today       time.Time // the date in the masthead; zero on pages that outlive the day
	Title       string    // "" is the paper's name alone
	Description string
	Canonical   string // whole address; "" on pages that have none
	NoIndex     bool
	Feed        string // path of the feed that belongs to the page
	FeedName    string
	Share       *share         // what other sites show of the page; nil for nothing
	Data        *data          // what machines read; nil for nothing
	Light, Dark string         // the colour of paper in both themes
	Class       string         // of the page's kind, for the style sheet
	Bar         *bar           // the breaking news; nil for none
	Proof       string         // that the page is not published, for those who may look before
	Darkened    bool           // the page is dark on every screen
	Personal    bool           // the page is made for one reader
	Member      *reader.Reader // who that is, when logged in
	Newsroom    bool           // and has work in the newsroom
}

// share is a page as other sites show it (the Open Graph protocol).
type share struct {
	Type     string // "website" or "article"
	Title    string
	Image    string // whole address, "" for none
	Alt      string
	Width    int
	Height   int
	Card     string // Twitter's word for the size of the picture
	Author   string
	Section  string
	Topics   []string
	Released time.Time // zero unless an article
	Modified time.Time // zero if never
}

// chrome makes what is around the page of a kind.
func (s *Site) chrome(class string) chrome {
	var offered *signup
	if len(s.Paper.Offers) > 0 {
		offered = &signup{"masthead", s.Paper.Offers[:1]}
	}
	return chrome{
		Offer: offered,
		Paper: &s.Paper, Language: s.Paper.Language, Menu: &s.menu, Home: "/", Today: s.Now().In(s.lang.Zone), Class: class,
		Feed: "/feed", FeedName: s.Paper.Name,
		Light: page.PaperLight, Dark: page.PaperDark,
	}
}

// dated is a page with today's date in its masthead: it is true until midnight.
func (s *Site) dated(b *page.Body) *page.Body { return b.Until(s.lang.Midnight(s.Now())) }

// styles are what the style sheet has after what all faces have, in the order in
// which they count.
var styles = [...]string{
	"base.css", "masthead.css", "bar.css", "card.css", "front.css", "section.css",
	"article.css", "problem.css", "print.css",
}

// makeAssets gathers what the pages load.
func (s *Site) makeAssets() (_ *page.Assets, err error) {
	var css bytes.Buffer
	css.WriteString(s.Paper.Colours.Sheet())
	for _, name := range styles {
		part, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("gather the style sheet: %w", err)
		}
		css.Write(part)
	}
	assets := map[string][]byte{}
	for _, name := range []string{
		"share.js", "me.js", "password.js", "passkey.js", "codes.js", "thread.js", "livereport.js", "poll.js", "promo.js", "push.js",
		"thread.css", "account.css", "history.css", "draft.css", "corrected.css", "livereport.css", "formats.css", "promo.css", "sponsor.css", "search.css", "search.js",
	} {
		source, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("gather the scripts: %w", err)
		}
		if assets[name] = page.LeanScript(source); strings.HasSuffix(name, ".css") {
			assets[name] = page.LeanSheet(source)
		}
	}
	icon, err := sealPNG(s.Paper.Colours.Light(), markSize)
	if err != nil {
		return nil, err
	}
	assets["dark.css"] = []byte(s.Paper.Colours.DarkSheet())
	assets["paper.css"], assets["seal.svg"], assets["seal.png"] = page.LeanSheet(css.Bytes()), sealSVG(s.Paper.Colours.Light()), icon
	return page.NewAssets("/assets/", assets), nil
}
