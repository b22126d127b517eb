package audience

import (
	"net/url"
	"strings"
)

// An Origin is the sort of place from which somebody came to an article. Which place it
// was is kept nowhere.
type Origin string

const (
	Search Origin = "search"
	Social Origin = "social"
	Mail   Origin = "mail"
	Feed   Origin = "feed"
	Sister Origin = "sister"
	Here   Origin = "here" // the paper itself
	Other  Origin = "other"
	None   Origin = "none" // nobody says
)

// Origins lists them in the order in which they are told.
func Origins() []Origin { return []Origin{Search, Social, Here, Sister, Mail, Feed, Other, None} }

// sites are well-known ones, by what stands before the ending of their names
// or by the whole name.
var sites = map[string]Origin{
	"google": Search, "bing": Search, "duckduckgo": Search, "yahoo": Search, "search.yahoo": Search, "ecosia": Search, "qwant": Search, "startpage": Search,
	"yandex": Search, "baidu": Search, "search.brave": Search, "kagi": Search, "naver": Search, "search.naver": Search, "mojeek": Search,
	"facebook": Social, "l.facebook": Social, "lm.facebook": Social, "m.facebook": Social, "instagram": Social, "l.instagram": Social, "t.co": Social,
	"twitter": Social, "x.com": Social, "bsky": Social, "go.bsky": Social, "mastodon": Social, "threads": Social, "l.threads": Social, "reddit": Social, "old.reddit": Social, "out.reddit": Social,
	"linkedin": Social, "lnkd.in": Social, "pinterest": Social, "tiktok": Social, "youtube": Social, "m.youtube": Social, "vk.com": Social, "t.me": Social, "news.ycombinator": Social, "b.hatena": Social,
	"mail.google": Mail, "outlook.live": Mail, "outlook.office": Mail, "mail.yahoo": Mail, "mail.proton": Mail, "app.fastmail": Mail, "webmail": Mail, "com.google.android.gm": Mail,
	"feedly": Feed, "inoreader": Feed, "newsblur": Feed, "theoldreader": Feed, "reader.miniflux": Feed, "flipboard": Feed, "netvibes": Feed,
}

// media are what the links of letters and feeds say of themselves (utm_medium).
var media = map[string]Origin{"email": Mail, "mail": Mail, "newsletter": Mail, "rss": Feed, "feed": Feed, "atom": Feed, "social": Social, "sister": Sister}

// origin is where a view came from: what the link says of itself counts before what the
// browser does. But a sister paper shows links of our feed.
func (n *Now) origin(v View) Origin {
	from := n.from(v.Referrer)
	if o, ok := media[strings.ToLower(tagged(v.Query, "utm_medium"))]; ok && (o != Feed || from != Sister) {
		return o
	}
	return from
}

func (n *Now) from(referrer string) Origin {
	host := hostOf(referrer)
	if host == "" {
		return None
	}
	if o, ok := n.hosts[host]; ok {
		return o
	}
	host, _, _ = strings.Cut(host, ":")
	if o, ok := n.hosts[host]; ok {
		return o
	}
	return known(host)
}

// hostOf is the host of an address with its port, in small letters; "" where there is none.
func hostOf(address string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	const longest = 260
	if len(rest) > longest {
		return ""
	}
	return strings.ToLower(rest)
}

// known looks a host up as it is, then without its endings: google.co.jp is google.
func known(host string) Origin {
	host = strings.TrimPrefix(host, "www.")
	for {
		if o, ok := sites[host]; ok {
			return o
		}
		i := strings.LastIndexByte(host, '.')
		if i < 0 {
			return Other
		}
		host = host[:i]
	}
}

// tagged is a parameter of an address, "" when it is not there.
func tagged(query, name string) string {
	if !strings.Contains(query, name) {
		return ""
	}
	values, _ := url.ParseQuery(strings.TrimPrefix(query, "?"))
	return values.Get(name)
}

const maxCampaign = 40 // bytes

// campaign is the name under which somebody has spread a link (utm_campaign), "" for none
// and for what is no such name: small letters, digits, hyphens.
func campaign(query string) string {
	name := strings.ToLower(strings.ReplaceAll(tagged(query, "utm_campaign"), "_", "-"))
	if name == "" || len(name) > maxCampaign {
		return ""
	}
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return ""
		}
	}
	return name
}

// robots are parts of the names of programs that read for machines.
var robots = []string{
	"bot", "crawl", "spider", "slurp", "preview", "fetch", "monitor", "curl/", "wget/", "python", "java/", "go-http-client",
	"okhttp", "libwww", "httpclient", "feed", "rss", "scrapy", "lighthouse", "facebookexternalhit", "archiver", "validator",
}

// Program reports whether a browser calls itself something that is no person's.
func Program(agent string) bool {
	agent = strings.ToLower(agent)
	if agent == "" {
		return true
	}
	for _, word := range robots {
		if strings.Contains(agent, word) {
			return true
		}
	}
	return false
}
