// Package site is the paper as its readers see it: the front page, sections,
// articles, feeds, sitemaps, and what a reader meets when something is wrong.
//
// Every page is made for everybody: a handler sees an address and never who
// asks for it. What readers may have is decided in package article; here it is
// only set. The words are those of the message catalogue, the addresses are
// made from the paper's own base address and never from a request.
package site

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"

	"kawaraban/internal/article"
	"kawaraban/internal/audience"
	"kawaraban/internal/comment"
	"kawaraban/internal/desk"
	"kawaraban/internal/event"
	"kawaraban/internal/follow"
	"kawaraban/internal/live"
	"kawaraban/internal/mail"
	"kawaraban/internal/media"
	"kawaraban/internal/network"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/paper"
	"kawaraban/internal/poll"
	"kawaraban/internal/problem"
	"kawaraban/internal/promo"
	"kawaraban/internal/push"
	"kawaraban/internal/reader"
	"kawaraban/internal/search"
	"kawaraban/internal/wire"
)

// A Paper is what is the same on every page of one paper.
type Paper struct {
	Name     string // "The Kawara Bay Courier"
	Edition  string // the edition line: "Published every day at Tile Square, Kawara Bay"
	Notice   string // the paper's own copyright, for the footer: "© 2026 Kawara Bay Courier Cooperative"
	Language string // of the interface, and of articles that say nothing else: "en", "ja"
	Zone     *time.Location
	BaseURL  string   // "https://courier.example", without a path
	Hosts    []string // Host headers that are ours beside that of BaseURL
	Sections []article.Section
	Menu     paper.Menu
	Pages    []paper.Title // about the paper, that readers have
	Offers   []Offer       // newsletters that readers can have
	Contact  string        // the newsroom's mail address, "" for none

	Colours page.Colours

	Publisher       string   // the publishing company; "" is the paper's name
	OwnerDomain     string   // of ads.txt; "" is the host of BaseURL
	AdsTxt          []string // lines of ads.txt: who may sell the paper's space
	SecurityContact string   // where holes are reported, for mail or the web; "" for none
}

// A Site serves a Paper.
type Site struct {
	Paper    Paper
	Articles *article.Store
	Media    *media.Store
	Readers  *reader.Store
	Comments *comment.Store
	Live     *live.Store
	Polls    *poll.Store
	Papers   *paper.Store
	Letters  *newsletter.Store
	Follows  *follow.Store
	Pushes   *push.Store
	Network  *network.Store // nil: no sister papers
	Promo    *promo.Store   // nil: nothing can be booked
	Search   *search.Store
	Audience *audience.Now   // nil: nobody is counted
	Ranks    *audience.Ranks // what is most read; nil: nothing is
	Desk     *desk.Store     // the layouts of pages, the bar, and what readers say is wrong
	Mail     *mail.Sender
	Cache    *page.Cache
	Requests *page.RequestLog // nil: requests are not logged
	Log      *slog.Logger
	Now      func() time.Time
	Ready    func(context.Context) error // an error while the paper cannot be read; nil: never
	Proxies  []netip.Prefix              // whose X-Forwarded-For is believed
	Hooks    Hook                        // takes what providers tell of letters; nil where none has a secret
	Wire     *wire.Store                 // takes what agencies send; nil: there is no such address
	Also     []func(*page.Router) error  // other faces, which add their own addresses

	router   *page.Router
	lang     *page.Language
	assets   *page.Assets
	views    views
	rights   []right
	watchers watchers
	brakes   *brakes
	counted  *counted
	menu     menu
	remarks  remarks
	panels   panels

	drawing sync.Mutex // one portrait at a time

	roomMu sync.Mutex
	room   map[string]*rooms // by language
}

//go:embed *.html *.css *.js
var files embed.FS

// views are the templates, one for each page.
type views struct {
	front       page.Template[frontPage]
	section     page.Template[sectionPage]
	article     page.Template[articlePage]
	lists       page.Template[listsPage]
	archive     page.Template[archivePage]
	edition     page.Template[editionPage]
	search      page.Template[searchPage]
	days        page.Template[daysPage]
	asked       page.Template[askedPage]
	draft       page.Template[draftPage]
	news        page.Template[newsPage]
	gone        page.Template[gonePage]
	problem     page.Template[problemPage]
	member      page.Template[memberPage]
	moderation  page.Template[moderationPage]
	history     page.Template[historyPage]
	corrections page.Template[correctionsPage]
	rules       page.Template[rulesPage]
	about       page.Template[aboutPage]
	spot        page.Template[spotView]
	play        page.Template[playPage]
	figure      page.Template[figure]
	feedFigure  page.Template[feedFigure]
}

// Handler makes the site's handler. A paper that cannot be served so is a
// Problem that names the setting.
func (s *Site) Handler() (http.Handler, error) {
	base, err := s.Paper.check()
	if err != nil {
		return nil, err
	}
	if s.lang, err = page.NewLanguage(s.Paper.Language, s.Paper.Zone); err != nil {
		return nil, err
	}
	if s.assets, err = s.makeAssets(); err != nil {
		return nil, err
	}
	if s.brakes == nil {
		s.brakes = newBrakes(s.Now)
	}
	if s.counted == nil {
		s.counted = new(counted)
	}
	s.menu = s.makeMenu()
	if err = s.parseViews(); err != nil {
		return nil, err
	}
	rt := &page.Router{
		Cache: s.Cache, Log: s.Log, Requests: s.Requests,
		Hosts:   append([]string{base.Host}, s.Paper.Hosts...),
		Secure:  base.Scheme == "https",
		Proxies: s.Proxies,
		Problem: s.showProblem,
	}
	if s.Audience != nil {
		rt.Seen = s.seen
	}
	if err := rt.Start(); err != nil {
		return nil, err
	}
	s.router = rt
	s.routes(rt)
	for _, add := range s.Also {
		if err := add(rt); err != nil {
			return nil, err
		}
	}
	return rt, nil
}

// Next is a site for the same readers that is to serve another Paper: whoever has to
// wait at the one waits at the other. Its Paper and what belongs to that are still
// to be given.
func (s *Site) Next() *Site {
	return &Site{
		Articles: s.Articles, Media: s.Media, Readers: s.Readers, Comments: s.Comments, Live: s.Live, Polls: s.Polls, Papers: s.Papers, Letters: s.Letters, Follows: s.Follows, Pushes: s.Pushes, Search: s.Search, Network: s.Network, Promo: s.Promo, Audience: s.Audience, Ranks: s.Ranks, Desk: s.Desk, Wire: s.Wire,
		Requests: s.Requests, Log: s.Log, Now: s.Now, Ready: s.Ready, Proxies: s.Proxies, Hooks: s.Hooks, brakes: s.brakes, counted: s.counted,
	}
}

// EndStreams tells the pages that are open to come back later: a server that
// stops calls it, and does not wait for them.
func (s *Site) EndStreams() { s.router.EndStreams() }

// check refuses a paper that readers could not use, and completes one that says
// only what is needed.
func (p *Paper) check() (*url.URL, error) {
	p.BaseURL = strings.TrimSuffix(p.BaseURL, "/")
	base, err := url.Parse(p.BaseURL)
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" || base.Path != "" || base.RawQuery != "" {
		return nil, &problem.Problem{
			Kind: problem.Invalid, Err: err,
			Detail: fmt.Sprintf("The address of the paper is %q. Write scheme and host, such as https://courier.example.", p.BaseURL),
		}
	}
	if strings.TrimSpace(p.Name) == "" {
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "The paper has no name. Give it one."}
	}
	if p.Publisher == "" {
		p.Publisher = p.Name
	}
	if p.OwnerDomain == "" {
		p.OwnerDomain = base.Hostname()
	}
	if p.Zone == nil {
		p.Zone = time.UTC
	}
	return base, p.Colours.Check()
}

// about is the paper in a line, for those who list it.
func (p *Paper) about() string {
	if p.Edition == "" {
		return p.Name
	}
	return p.Edition
}

// URL makes a path of ours a whole address.
func (p *Paper) URL(path string) string { return p.BaseURL + path }

func (s *Site) parseViews() error {
	v, err := page.NewViews(files, s.funcs(s.lang), "layout.html", "picture.html", "card.html", "ranks.html", "portrait.html", "thread.html", "livereport.html", "poll.html", "promo.html", "signup.html", "field.html")
	if err != nil {
		return err
	}
	for _, parse := range []func() error{
		func() (err error) { s.views.front, err = page.View[frontPage](v, "front.html", "page"); return },
		func() (err error) { s.views.section, err = page.View[sectionPage](v, "section.html", "page"); return },
		func() (err error) { s.views.article, err = page.View[articlePage](v, "article.html", "page"); return },
		func() (err error) { s.views.lists, err = page.View[listsPage](v, "lists.html", "page"); return },
		func() (err error) { s.views.archive, err = page.View[archivePage](v, "archive.html", "page"); return },
		func() (err error) { s.views.edition, err = page.View[editionPage](v, "edition.html", "page"); return },
		func() (err error) { s.views.search, err = page.View[searchPage](v, "search.html", "page"); return },
		func() (err error) { s.views.days, err = page.View[daysPage](v, "days.html", "page"); return },
		func() (err error) { s.views.asked, err = page.View[askedPage](v, "asked.html", "page"); return },
		func() (err error) { s.views.news, err = page.View[newsPage](v, "news.html", "page"); return },
		func() (err error) { s.views.draft, err = page.View[draftPage](v, "draft.html", "page"); return },
		func() (err error) { s.views.gone, err = page.View[gonePage](v, "gone.html", "page"); return },
		func() (err error) {
			s.views.moderation, err = page.View[moderationPage](v, "moderation.html", "page")
			return
		},
		func() (err error) { s.views.history, err = page.View[historyPage](v, "history.html", "page"); return },
		func() (err error) {
			s.views.corrections, err = page.View[correctionsPage](v, "corrections.html", "page")
			return
		},
		func() (err error) { s.views.about, err = page.View[aboutPage](v, "about.html", "page"); return },
		func() (err error) { s.views.rules, err = page.View[rulesPage](v, "rules.html", "page"); return },
		func() (err error) { s.panels.template, err = page.View[[]panelItem](v, "panel.html", "panel"); return },
		func() (err error) { s.remarks.template, err = page.View[remark](v, "remark.html", "remark"); return },
		func() (err error) { s.views.member, err = page.View[memberPage](v, "member.html", "page"); return },
		func() (err error) { s.views.problem, err = page.View[problemPage](v, "problem.html", "page"); return },
		func() (err error) { s.views.spot, err = page.View[spotView](v, "promo.html", "spot"); return },
		func() (err error) { s.views.play, err = page.View[playPage](v, "play.html", "page"); return },
		func() (err error) { s.views.figure, err = page.View[figure](v, "figure.html", "figure"); return },
		func() (err error) {
			s.views.feedFigure, err = page.View[feedFigure](v, "feedfigure.html", "feedfigure")
			return
		},
	} {
		if err := parse(); err != nil {
			return err
		}
	}
	return nil
}

// funcs are what templates may call.
func (s *Site) funcs(words *page.Language) template.FuncMap {
	funcs := words.Funcs()
	maps.Copy(funcs, s.assets.Funcs())
	funcs["loginpath"] = s.loginPath
	funcs["applink"] = page.AppLink
	funcs["outlook"] = page.Outlook
	return funcs
}

// Hear purges the pages that a fact has made untrue.
func (s *Site) Hear(_ context.Context, e event.Event) error {
	switch e.Kind {
	case article.Appeared{}.EventKind(), article.Changed{}.EventKind(), article.Vanished{}.EventKind():
		s.counted.forget()
		s.Cache.Purge(article.Tag(e.Subject), article.ListTag, correctionsTag)
		if e.Kind == (article.Vanished{}).EventKind() {
			s.Cache.Purge(newsletter.ListsTag) // editions are named by their stories
		}
	case media.Ready{}.EventKind():
		s.Cache.Purge(media.Tag(e.Subject))
	case reader.Changed{}.EventKind(), reader.Erased{}.EventKind():
		s.Cache.Purge(reader.Tag(e.Subject))
	case desk.FrontChanged{}.EventKind():
		s.Cache.Purge(desk.Page(e.Subject).Tag())
	case paper.PageChanged{}.EventKind():
		s.Cache.Purge(paper.PageTag(e.Subject), pagesTag)
	case desk.BarChanged{}.EventKind():
		s.Cache.Purge(desk.BarTag)
	case reader.SessionsEnded{}.EventKind():
		s.watchers.wake(e.Subject)
	}
	if e.Kind == (newsletter.ListChange{}).EventKind() {
		s.Cache.Purge(newsletter.ListsTag)
	}
	s.hearNetwork(e.Kind)
	s.hearPoll(e.Kind, e.Subject)
	s.hearThread(e.Kind, e.Subject)
	s.hearReport(e.Kind, e.Subject)
	return nil
}

// foreign is the language of an article when it is not the paper's, for its
// lang attribute; else "".
func (s *Site) foreign(lang string) string {
	tag, err := language.Parse(lang)
	if err != nil || tag == s.lang.Tag {
		return ""
	}
	return tag.String()
}
