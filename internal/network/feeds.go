package network

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"html"
	"net/url"
	"strings"

	"kawaraban/internal/wire/feed"
)

const maxFeed = 2 << 20 // bytes; the fullest of 142 real ones has 85 KB

// readFeed makes a list of a feed at p that reaches so far: its own order is its ranking.
func (s *Store) readFeed(data []byte, p place, r reach) got {
	f, err := feed.Parse(data)
	if errors.Is(err, feed.ErrNotFeed) || err != nil {
		return got{trouble: Unreadable}
	}
	all := listOf(f, p, r)
	l, strangers := all.checked(r), all.strangers(r)
	if l.Paper == "" {
		l.Paper = r.host
	}
	for i := range l.Items {
		l.Items[i].Paper = l.Paper
	}
	g := got{List: l, elsewhere: strangers}
	switch {
	case len(l.Items) > 0:
	case len(strangers) > 0:
		g.trouble = Foreign
	default:
		g.trouble = Empty
	}
	return g
}

// site is the place of a feed's paper: feeds often have a host of their own beside it.
func (p place) site() place {
	for _, label := range []string{"feeds.", "feed.", "rss.", "www."} {
		if rest, ok := strings.CutPrefix(p.host, label); ok && strings.Contains(rest, ".") {
			p.host = rest
			return p
		}
	}
	return p
}

func listOf(f *feed.Feed, p place, r reach) List {
	l := List{Version: version, Paper: html.UnescapeString(f.Title), Language: f.Language}
	base := url.URL{Scheme: p.scheme, Host: p.host}
	if p.port != "" {
		base.Host += ":" + p.port
	}
	absolute := func(address string) string {
		u, err := base.Parse(strings.TrimSpace(address))
		if err != nil || strings.TrimSpace(address) == "" {
			return ""
		}
		u.Fragment = ""
		return u.String()
	}
	for _, e := range f.Entries {
		i := Item{
			Kind: Article, Title: html.UnescapeString(e.Title), Address: absolute(e.Link), Language: e.Language,
			Published: e.Published, Changed: e.Updated,
		}
		sum := sha256.Sum256([]byte(i.Address))
		i.ID = hex.EncodeToString(sum[:12])
		if len(e.Categories) > 0 {
			i.Category = html.UnescapeString(e.Categories[0])
		}
		for _, pic := range e.Pictures {
			if address := absolute(pic.URL); r.holds(address) {
				i.Picture = &Picture{Address: address, Width: min(pic.Width, maxSide), Height: min(pic.Height, maxSide)}
				break
			}
		}
		l.Items = append(l.Items, i)
	}
	return l
}
