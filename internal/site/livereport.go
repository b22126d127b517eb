package site

import (
	"context"
	"html/template"
	"strconv"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/live"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// A reportView is a live report under the head of its article.
type reportView struct {
	Article    string // its id
	Path       string // of the article
	Changes    int    // the change that this is true of: an open page asks what came since
	Running    bool
	State      string // "Last entry 12:04 JST"
	At         string // the same for machines, "" for none
	Summary    template.HTML
	Summarised string
	SummaryAt  string
	Keys       []keyView
	Entries    []entryView
	Newest     bool   // this page begins with the newest entry
	Older      string // address of the page that follows, "" on the last
	Lost       bool   // more has come than can be told: the page is to be opened again
}

// A keyView is a key event in the list above the entries.
type keyView struct{ Path, At, When, Title string }

// An entryView is an entry as it is set.
type entryView struct {
	ID          string
	Path        string // where it is found for ever
	At          string
	Order       int64 // entries of a page stand in falling order
	When        string
	Headline    string
	Body        template.HTML
	Key         bool
	Signed      string
	Edited      string // "Edited 12:10 JST", "" if it never was
	EditedAt    string
	Correction  string
	Corrected   string // "Corrected 12:10 JST"
	CorrectedAt string
	Removed     bool // it is gone since
}

// A reported is what a page shows of a live report.
type reported struct {
	live.Report
	last    time.Time // of the newest entry
	keys    []live.Entry
	entries []live.Entry
	older   string
	paid    bool   // somebody has paid for the article
	from    string // the entry that the page begins with, "" for the newest
}

// readReport reads the live report of an article that readers may have; nil when it is
// none, or what it said has ended.
func (s *Site) readReport(ctx context.Context, r *article.Reading, from string) (v *reported, err error) {
	if r.Format != article.LiveReport || r.Ended {
		return nil, nil
	}
	v = &reported{from: from, paid: r.Paid()}
	if v.Report, err = s.Live.Report(ctx, r.ID); err != nil {
		return nil, err
	}
	if v.entries, v.older, err = s.Live.List(ctx, r.ID, live.Extent{From: from}); err != nil {
		return nil, err
	}
	return v, s.above(ctx, v)
}

// above reads what stands above the entries.
func (s *Site) above(ctx context.Context, v *reported) (err error) {
	if v.keys, err = s.Live.Keys(ctx, v.Article); err != nil {
		return err
	}
	v.last, err = s.Live.Last(ctx, v.Article)
	return err
}

// pictures lists the pictures that a page of a live report shows.
func (v *reported) pictures() []string {
	if v == nil {
		return nil
	}
	return live.Pictures(v.Report, v.entries)
}

// reportView sets a live report; nil for none.
func (s *Site) reportView(v *reported, path string, found map[string]*media.Picture) *reportView {
	if v == nil {
		return nil
	}
	p := &reportView{
		Article: v.Article, Path: path, Changes: v.Changes, Running: v.Running(), Newest: v.from == "",
		Summary: s.webBody(v.Summary, found, v.paid),
	}
	switch {
	case !v.Running():
		p.State, p.At = s.lang.Say("live.ended", s.clock(v.Ended)), s.lang.Machine(v.Ended)
	case !v.last.IsZero():
		p.State, p.At = s.lang.Say("live.last", s.clock(v.last)), s.lang.Machine(v.last)
	}
	if !v.Summarised.IsZero() {
		p.Summarised, p.SummaryAt = s.lang.Say("updated", s.clock(v.Summarised)), s.lang.Machine(v.Summarised)
	}
	for _, e := range v.keys {
		p.Keys = append(p.Keys, keyView{entryPath(e), s.lang.Machine(e.At), s.clock(e.At), e.Title()})
	}
	for _, e := range v.entries {
		p.Entries = append(p.Entries, s.entryView(e, found, v.paid))
	}
	if v.older != "" {
		p.Older = path + "?entry=" + v.older + "#entries"
	}
	return p
}

// webBody is a text with its pictures.
func (s *Site) webBody(d richtext.Doc, found map[string]*media.Picture, paid bool) template.HTML {
	return player{s: s, found: found, paid: paid}.text(d)
}

func (s *Site) entryView(e live.Entry, found map[string]*media.Picture, paid bool) entryView {
	v := entryView{
		ID: e.ID, Path: entryPath(e), At: s.lang.Machine(e.At), Order: e.At.UnixMicro(), When: s.clock(e.At), Headline: e.Headline,
		Key: e.Key, Signed: e.Signed, Correction: e.Correction, Removed: e.State != live.Shown,
	}
	if v.Removed {
		return entryView{ID: e.ID, Path: v.Path, At: v.At, Order: v.Order, When: v.When, Removed: true}
	}
	v.Body = s.webBody(e.Body, found, paid)
	if !e.Edited.IsZero() {
		v.Edited, v.EditedAt = s.lang.Say("live.edited", s.clock(e.Edited)), s.lang.Machine(e.Edited)
	}
	if !e.Corrected.IsZero() {
		v.Corrected, v.CorrectedAt = s.lang.Say("live.corrected", s.clock(e.Corrected)), s.lang.Machine(e.Corrected)
		if e.Corrected.Equal(e.Edited) {
			v.Edited = "" // that says it
		}
	}
	return v
}

// entryPath is where an entry is found for ever.
func entryPath(e live.Entry) string { return "/live/" + e.Article + "/" + e.ID }

// clock is a time of a page that is true for a day: without the day when it is today.
func (s *Site) clock(t time.Time) string {
	if s.lang.SameDay(t, s.Now()) {
		return s.lang.Clock(t)
	}
	return s.lang.Moment(t)
}

// showEntries is a small resource for pages that are open: what has come, changed or
// gone in a live report since a change. All who have seen the same ask for the same,
// so that it is read once.
func (s *Site) showEntries(ctx context.Context, q page.Query) (*page.Body, error) {
	since, err := strconv.Atoi(q.Get("since"))
	if err != nil || since < 0 {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such change of this live report.", Err: err}
	}
	id := q.Path("article")
	readable, err := s.Articles.Readable(ctx, id)
	if err != nil {
		return nil, err
	}
	a, ok := readable[id]
	if !ok || a.Format != article.LiveReport {
		return nil, noReport()
	}
	v := &reported{paid: a.Paid()}
	if v.Report, err = s.Live.Report(ctx, id); err != nil {
		return nil, err
	}
	if since > v.Changes { // no page has seen that, and what nobody asks for is not kept
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such change of this live report."}
	}
	list, more, err := s.Live.Since(ctx, id, since)
	if err != nil {
		return nil, err
	}
	v.entries = list
	if err := s.above(ctx, v); err != nil {
		return nil, err
	}
	found, err := s.Media.Pictures(ctx, v.pictures()...)
	if err != nil {
		return nil, err
	}
	p := newsPage{Language: s.Paper.Language, Report: *s.reportView(v, a.Path(), found)}
	p.Report.Lost = more
	b := s.dated(shows(s.views.news.With(p), found)).Tagged(article.Tag(id), live.Tag(id)).Until(a.Expires)
	b.Robots = "noindex"
	return b, nil
}

// newsPage is what news.html shows.
type newsPage struct {
	Language string
	Report   reportView
}

func noReport() error {
	return &problem.Problem{Kind: problem.NotFound, Detail: "There is no such live report."}
}

// findEntry leads from an entry's permanent address to its place in the report.
func (s *Site) findEntry(ctx context.Context, q page.Query) (*page.Body, error) {
	a, err := s.Articles.Known(ctx, q.Path("article"))
	if err != nil {
		return s.showGone(ctx, err)
	}
	readable, err := s.Articles.Readable(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	if _, ok := readable[a.ID]; !ok || a.Format != article.LiveReport {
		return nil, noReport()
	}
	e, newest, err := s.Live.Entry(ctx, a.ID, q.Path("id"))
	if err != nil {
		return nil, err
	}
	to := a.Path()
	if !newest {
		to += "?entry=" + e.ID
	}
	return page.Leads(to + "#entry-" + e.ID), nil
}

// showsLive reports whether a live report that readers may have shows a picture.
func (s *Site) showsLive(ctx context.Context, picture string) (bool, error) {
	ids, err := s.Live.Showing(ctx, picture)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	readable, err := s.Articles.Readable(ctx, ids...)
	if err != nil {
		return false, err
	}
	for _, a := range readable {
		if a.Format == article.LiveReport {
			return true, nil
		}
	}
	return false, nil
}

// hearReport does what a change of a live report means for the pages.
func (s *Site) hearReport(kind, subject string) {
	if kind == (live.Changed{}).EventKind() {
		s.Cache.Purge(article.Tag(subject), live.Tag(subject))
		s.watchers.wake(live.Tag(subject))
	}
}

// liveData makes an article's node that of a live report (schema.org LiveBlogPosting).
func (s *Site) liveData(n *node, r *article.Reading, v *reported) {
	at := s.Paper.URL(r.Path())
	n.Type, n.Began = "LiveBlogPosting", s.lang.Machine(r.Published)
	if !v.Started.IsZero() && v.Started.Before(r.Published) {
		n.Began = s.lang.Machine(v.Started)
	}
	if !v.Running() {
		n.Over = s.lang.Machine(v.Ended)
	}
	for _, e := range v.entries {
		u := node{
			Type: "BlogPosting", ID: at + "#entry-" + e.ID, URL: s.Paper.URL(entryPath(e)), Headline: e.Title(), Text: e.Body.Text(),
			Published: s.lang.Machine(e.At), Publisher: &node{Type: "NewsMediaOrganization", ID: s.Paper.URL("/#publisher")},
		}
		if !e.Edited.IsZero() {
			u.Modified = s.lang.Machine(e.Edited)
		}
		if e.Signed != "" {
			u.Author = []node{{Type: "Person", Name: e.Signed}}
		}
		if e.Correction != "" {
			u.Corrections = []node{{Type: "CorrectionComment", Text: e.Correction, Published: s.lang.Machine(e.Corrected)}}
		}
		n.Updates = append(n.Updates, u)
	}
}

// feedEntries is how many entries of a live report leave in feeds.
const feedEntries = 10

// withReport adds to an article for feeds what its live report says: the summary and
// the newest entries, each under its time.
func (s *Site) withReport(ctx context.Context, r *article.Reading) error {
	v, err := s.readReport(ctx, r, "")
	if err != nil || v == nil {
		return err
	}
	blocks := append([]richtext.Block{}, v.Summary.Blocks...)
	for _, e := range v.entries[:min(len(v.entries), feedEntries)] {
		title := s.clock(e.At)
		if e.Headline != "" {
			title = s.lang.Say("live.feed", title, e.Headline)
		}
		blocks = append(blocks, richtext.Block{Kind: richtext.CrossHead, Text: []richtext.Span{{Text: title, Href: s.Paper.URL(entryPath(e))}}})
		blocks = append(blocks, e.Body.Blocks...)
	}
	r.Body.Blocks = append(blocks, r.Body.Blocks...)
	return nil
}
