package site

import (
	"context"
	"html/template"
	"net/http"
	"sync"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audience"
	"kawaraban/internal/media"
	"kawaraban/internal/network"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

// networkRoutes are the addresses for sister papers, and of what we have from them.
func (s *Site) networkRoutes(rt *page.Router) {
	rt.Public("GET /network/trending.json", s.showTrending)
	rt.Plain("GET /network/picture/{file}", s.serveSisterPicture)
	s.open(rt, "GET /network/to/{item}", s.followItem)
	s.machine(rt, "POST /network/clicks", s.hearClicks)
	s.machine(rt, "POST /network/withdrawn", s.hearNotice)
}

// A panelItem is an item of the panel.
type panelItem struct {
	network.PanelItem
	Label string // "Offer", "Resource"; "" for an article
	Lang  string // the title's language when it is not the paper's
}

// Over is what stands over the title: the category, if it has one, and what it is where
// that is no article.
func (i panelItem) Over() string {
	switch {
	case i.Label == "":
		return i.Category
	case i.Category == "":
		return i.Label
	default:
		return i.Label + " · " + i.Category
	}
}

// panels keeps the panel as it is set: once for each that is made, and not for each page.
type panels struct {
	template page.Template[[]panelItem]

	mu   sync.Mutex
	of   *network.Panel
	html template.HTML
}

// panel is what is trending at sister papers, from memory; "" where nothing is.
func (s *Site) panel() (template.HTML, error) {
	if s.Network == nil {
		return "", nil
	}
	now := s.Network.Panel()
	if len(now.Items) == 0 {
		return "", nil
	}
	s.panels.mu.Lock()
	defer s.panels.mu.Unlock()
	if s.panels.of == now {
		return s.panels.html, nil
	}
	html, err := s.panels.template.Fragment(s.panelItems(now.Items))
	if err == nil {
		s.panels.of, s.panels.html = now, html
	}
	return html, err
}

func (s *Site) panelItems(items []network.PanelItem) []panelItem {
	list := make([]panelItem, len(items))
	for n, i := range items {
		list[n] = panelItem{PanelItem: i, Lang: s.foreign(i.Language)}
		switch i.Kind {
		case network.Offer:
			list[n].Label = s.lang.Say("panel.offer")
		case network.Resource:
			list[n].Label = s.lang.Say("panel.resource")
		}
	}
	return list
}

// trendLife is how old a list for sisters is at most when nothing on it changes. It is
// good for an hour.
const trendLife = 5 * time.Minute

// showTrending is what we offer to sister papers, signed.
func (s *Site) showTrending(ctx context.Context, _ page.Query) (*page.Body, error) {
	if s.Network == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	document, cards, err := s.Network.Trend(ctx)
	if err != nil {
		return nil, err
	}
	b := page.Text("application/json", document).Tagged(network.ListTag, article.ListTag).Until(s.Now().Add(trendLife))
	for _, c := range cards {
		if b.Tagged(c.Tag()); c.Lead.Picture != "" {
			b.Tagged(media.Tag(c.Lead.Picture))
		}
	}
	b.Robots = "noindex"
	return ends(b, cards), nil
}

// serveSisterPicture answers with a picture that we have drawn of one of a sister's.
func (s *Site) serveSisterPicture(w http.ResponseWriter, r *http.Request) error {
	if s.Network == nil {
		return &problem.Problem{Kind: problem.NotFound}
	}
	f, err := s.Network.OpenPicture(r.Context(), r.PathValue("file"))
	if err != nil {
		return err
	}
	defer f.Close()
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Disposition", "inline")
	h.Set("Cache-Control", "public, max-age=3600, s-maxage=60")
	h.Set("Surrogate-Key", network.Tag)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // sisters fetch those of our offers
	page.Send(w, r, f.ModTime, f)
	return nil
}

// followItem leads from the panel to what an item is about, and counts that. It leads
// nowhere but where an item of ours does.
func (s *Site) followItem(v *visit) (*page.Answer, error) {
	gone := &problem.Problem{Kind: problem.NotFound, Detail: "This is not in the panel any more. Our own stories are on the front page."}
	if s.Network == nil {
		return nil, gone
	}
	i, ok := s.Network.Panel().Find(v.Path("item"))
	if !ok {
		return nil, gone
	}
	if err := notAhead(v); err != nil {
		return nil, err
	}
	if byHand(v) {
		if err := s.Network.Clicked(v.Context(), i, v.Agent(), v.Address()); err != nil {
			s.Log.Error("a click was not counted", "error", err) // the reader goes on all the same
		}
	}
	return page.SeeOther(i.Address), nil
}

// notAhead refuses what a browser fetches ahead: it would be used when the reader clicks,
// and we would not hear of that. A browser that is refused asks again then.
func notAhead(v *visit) error {
	if v.Header().Get("Sec-Purpose") != "" {
		return &problem.Problem{Kind: problem.Unavailable}
	}
	return nil
}

// byHand reports whether a reader seems to have followed a link of ours: what counts is
// what is counted of pages (package audience), and what a browser does not say to have
// done otherwise, as for a picture of another site that has our link as its address.
func byHand(v *visit) bool {
	site, mode := v.Header().Get("Sec-Fetch-Site"), v.Header().Get("Sec-Fetch-Mode")
	return !v.Ahead() && !audience.Program(v.Agent()) && (site == "" || site == "same-origin") && (mode == "" || mode == "navigate")
}

// hearClicks takes a sister's report of how often its readers followed our items. The
// answer says nothing but that it was heard.
func (s *Site) hearClicks(v *page.Visit) (*page.Answer, error) {
	if s.Network == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	if err := s.brakes.sister(v.Address()); err != nil {
		return nil, err
	}
	document, err := v.Body(network.MaxReport)
	if err != nil {
		return nil, err
	}
	if err := s.Network.HearClicks(v.Context(), document); err != nil {
		return nil, err
	}
	return page.Nothing(), nil
}

// hearNotice takes a sister's word that it has withdrawn something.
func (s *Site) hearNotice(v *page.Visit) (*page.Answer, error) {
	if s.Network == nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	if err := s.brakes.sister(v.Address()); err != nil {
		return nil, err
	}
	document, err := v.Body(network.MaxNotice)
	if err != nil {
		return nil, err
	}
	if err := s.Network.HearNotice(v.Context(), document); err != nil {
		return nil, err
	}
	return page.Nothing(), nil
}

// hearNetwork purges what sisters have of us when an editor has changed it. The panel
// itself is in memory, and pages that show it are rendered again only when something on
// it must be seen no more (network.Store.Vanished).
func (s *Site) hearNetwork(kind string) {
	if kind == (network.Changed{}).EventKind() {
		s.Cache.Purge(network.ListTag)
	}
}
