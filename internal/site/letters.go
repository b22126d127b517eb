package site

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/mail"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// An Offer is a newsletter that readers can have, as forms on other pages offer it.
type Offer struct{ Slug, Name, Promise string }

// A signup is a form that asks for nothing but an address.
type signup struct {
	Source string // where on the page it stands, also where the wish came from
	Lists  []Offer
}

// listsPage is what lists.html shows: all newsletters, and a form for them.
type listsPage struct {
	chrome
	Lists []listView
}

// A listView is a newsletter that can be chosen.
type listView struct {
	Offer
	On      bool
	Asked   bool
	Archive string // where its editions are, "" for nowhere
}

// choosePage is what choose.html shows: what a subscriber gets.
type choosePage struct {
	chrome
	Lead, Notice string
	Bad          bool
	Action       string
	Lists        []listView
	Sections     []tickView
	Alerts       bool
	Zone         string
	From, To     string
	Wrong        string // with the times
	HasAny       bool
	Token        string // of whoever has no account, "" for an account
	Forget       string // where to ask to be forgotten, "" for nowhere
	Links        []link
}

// A tickView is something to tick.
type tickView struct {
	Slug, Name string
	On         bool
}

// askedPage is what asked.html shows: that a letter is on its way.
type askedPage struct{ chrome }

// editionPage is what edition.html shows: an edition in the archive.
type editionPage struct {
	chrome
	Name, Number string
	ListPath     string
	Promise      string
	Parts        []mailPart
	Notices      []string
	Join         *signup
}

// archivePage is what archive.html shows: the editions of a newsletter.
type archivePage struct {
	chrome
	Promise  string
	Public   bool
	Join     *signup // nil: it cannot be joined
	Editions []editionView
	Older    string
	FeedAt   string
}

// An editionView is an edition in a list.
type editionView struct{ When, At, Subject, Path string }

func (s *Site) letterRoutes(rt *page.Router) {
	rt.Public("GET /newsletter", s.showLists)
	rt.Public("GET /newsletter/asked", s.showAsked)
	s.anyone(rt, "POST /newsletter", s.askForLists)
	s.anyone(rt, "GET /newsletter/confirm", s.showConfirm)
	s.anyone(rt, "POST /newsletter/confirm", s.confirm)
	s.anyone(rt, "GET /newsletter/preferences", s.showOwn)
	s.anyone(rt, "POST /newsletter/preferences", s.setOwn)
	s.anyone(rt, "POST /newsletter/forget", s.forgetOwn)
	s.member(rt, "GET /account/newsletters", reader.MayManageSelf, s.showMyLists)
	s.member(rt, "POST /account/newsletters", reader.MayManageSelf, s.setMyLists)
	rt.Public("GET /newsletter/{list}", s.showArchive, "before")
	rt.Public("GET /newsletter/{list}/feed", s.showArchiveFeed)
	rt.Public("GET /newsletter/{list}/{edition}", s.showEdition)
	rt.Plain("GET /to/{edition}/{link}/{key}", s.follow)
}

// ownPath is where a subscriber chooses; their token follows.
const ownPath = "/newsletter/preferences?token="

func offer(l newsletter.List) Offer { return Offer{l.Slug, l.Name, l.Promise} }

func archiveOf(l newsletter.List) string {
	if l.Public && l.Number > 0 {
		return l.Path()
	}
	return ""
}

func (s *Site) showLists(ctx context.Context, _ page.Query) (*page.Body, error) {
	lists, err := s.Letters.Offered(ctx)
	if err != nil {
		return nil, err
	}
	p := listsPage{chrome: s.chrome("account-page")}
	p.Title, p.Description, p.Canonical = s.lang.Say("lists.title"), s.lang.Say("lists.lead"), s.Paper.URL("/newsletter")
	for i, l := range lists {
		p.Lists = append(p.Lists, listView{Offer: offer(l), On: i == 0, Archive: archiveOf(l)})
	}
	return s.dated(s.views.lists.With(p)).Tagged(newsletter.ListsTag), nil
}

func (s *Site) showAsked(_ context.Context, _ page.Query) (*page.Body, error) {
	p := askedPage{s.chrome("account-page")}
	p.Title, p.NoIndex = s.lang.Say("asked.title"), true
	return s.dated(s.views.asked.With(p)), nil
}

// words are what somebody was shown who asks for lists: the proof keeps them.
func (s *Site) words(w *page.Language, offers []Offer) string {
	var b strings.Builder
	for _, o := range offers {
		fmt.Fprintf(&b, "%s: %s\n", o.Name, o.Promise)
	}
	return b.String() + w.Say("lists.consent")
}

// askForLists takes a wish. Its answer is the same for every address.
func (s *Site) askForLists(v *visit) (*page.Answer, error) {
	slugs, source := v.Fields("list"), "form"
	if known := v.Field("source"); known == "masthead" || known == "article" || known == "archive" {
		source = known
	}
	lists, err := s.Letters.Offered(v.Context())
	if err != nil {
		return nil, err
	}
	var offers []Offer
	for _, l := range lists {
		if slices.Contains(slugs, l.Slug) {
			offers = append(offers, offer(l))
		}
	}
	err = s.Letters.Ask(v.Context(), newsletter.Wish{
		Email: v.Field("email"), Lists: slugs, Language: v.language(), Source: source, Words: s.words(v.words, offers), Browser: v.browser(),
	})
	p := problem.Of(err)
	switch {
	case err == nil:
		return page.SeeOther("/newsletter/asked"), nil
	case p == nil || p.Kind != problem.Invalid && p.Kind != problem.TooMany:
		return nil, err
	}
	f := form{Action: "/newsletter", Button: v.words.Say("signup.button"), Fields: []field{{Name: "source", Type: "hidden", Value: source}}}
	for _, l := range lists {
		f.Fields = append(f.Fields, field{Name: "list", ID: "list-" + l.Slug, Type: "tick", Label: l.Name, Value: l.Slug, Hint: l.Promise, On: slices.Contains(slugs, l.Slug)})
	}
	f.Fields = append(f.Fields, field{Name: "email", Type: "email", Label: v.words.Say("signup.email"), Value: v.Field("email"), Auto: "email", Max: 254, Need: true, Hint: v.words.Say("lists.consent")})
	shown := formPage{chrome: s.personal(v, "lists.title"), Lead: v.words.Say("lists.lead"), Notice: v.tells(p), Bad: true}
	if f.says(v, p.Fields) && len(p.Fields) == 1 && p.Fields["email"] != "" {
		shown.Notice = ""
	}
	shown.Forms = []form{f}
	return page.WithStatus(v.form.With(shown), p.Kind.Status()).Wait(p.Wait), nil
}

// showConfirm is where the link of a letter leads that asks to confirm, or that
// invites to the news alerts. Opening it orders nothing: programs that look through
// mail open links too.
func (s *Site) showConfirm(v *visit) (*page.Answer, error) {
	token, w := v.Get("token"), v.words
	lead := ""
	u, lists, err := s.Letters.Confirmable(v.Context(), token)
	if problem.Is(err, problem.Gone) {
		email, other := s.Readers.MayWantAlerts(v.Context(), token)
		if other != nil {
			return s.deadLink(v, other)
		}
		lead, err = w.Say("alerts.lead", email), nil
	} else if err == nil {
		lead = w.Say("confirm.lists.lead", u.Email, names(lists))
	}
	if err != nil {
		return nil, err
	}
	return page.Show(v.form.With(formPage{
		chrome: s.personal(v, "confirm.lists.title"), Lead: lead,
		Forms: []form{{
			Action: "/newsletter/confirm", Button: w.Say("confirm.lists.button"),
			Fields: []field{{Name: "token", Type: "hidden", Value: token}},
		}},
		Links: []link{{"/", w.Say("home")}},
	})), nil
}

func names(lists []newsletter.List) string {
	all := make([]string, len(lists))
	for i, l := range lists {
		all[i] = l.Name
	}
	return strings.Join(all, ", ")
}

func (s *Site) confirm(v *visit) (*page.Answer, error) {
	token, w := v.Field("token"), v.words
	own, lists, err := s.Letters.Confirm(v.Context(), token, v.browser())
	if problem.Is(err, problem.Gone) {
		email, other := s.Readers.WantAlerts(v.Context(), token)
		if other != nil {
			return s.deadLink(v, other)
		}
		lists, own, err = s.Letters.Invited(v.Context(), email, newsletter.Alert, w.Say("alerts.lead", email), v.browser())
		if err == nil && len(lists) > 0 {
			err = s.Readers.AlertsBegun(v.Context(), email)
		}
	}
	if err != nil {
		return nil, err
	}
	p := notePage{chrome: s.personal(v, "confirmed.lists.title"), Lead: w.Say("confirmed.lists.lead", names(lists))}
	if len(lists) == 0 {
		p.Title, p.Lead = w.Say("lists.title"), w.Say("alerts.noted")
	}
	p.Links = []link{{ownPath + own, w.Say("newsletter.own")}, {"/", w.Say("home")}}
	return page.Show(v.note.With(p)), nil
}

// choosing fills the page on which a subscriber chooses.
func (s *Site) choosing(v *visit, o newsletter.Own) choosePage {
	p := choosePage{chrome: s.personal(v, "choose.title"), Zone: s.Paper.Zone.String(), From: clock(o.Quiet.From), To: clock(o.Quiet.To)}
	if o.Quiet.From == o.Quiet.To {
		p.From, p.To = "", ""
	}
	digests := false
	for _, c := range o.Lists {
		p.Lists = append(p.Lists, listView{offer(c.List), c.Has, c.Asked, archiveOf(c.List)})
		p.HasAny = p.HasAny || c.Has
		p.Alerts = p.Alerts || c.Kind == newsletter.Alert
		digests = digests || c.Kind == newsletter.Digest
	}
	if digests {
		for _, sec := range s.Paper.Sections {
			p.Sections = append(p.Sections, tickView{sec.Slug, sec.Name, slices.Contains(o.Sections, sec.Slug)})
		}
	}
	return p
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// chosen reads what a subscriber chose.
func (s *Site) chosen(v *visit, o newsletter.Own) (set newsletter.Setting, wrong bool) {
	for _, c := range o.Lists {
		if v.Field("list-"+c.Slug) != "" && v.Field("none") == "" {
			set.Lists = append(set.Lists, c.ID)
		}
	}
	for _, sec := range s.Paper.Sections {
		if v.Field("section-"+sec.Slug) != "" {
			set.Sections = append(set.Sections, sec.Slug)
		}
	}
	if len(set.Sections) == len(s.Paper.Sections) {
		set.Sections = nil // all of them, also those that are to come
	}
	from, to := v.Field("quiet-from"), v.Field("quiet-to")
	if from == "" && to == "" {
		return set, false
	}
	a, err := time.Parse("15:04", from)
	b, err2 := time.Parse("15:04", to)
	set.Quiet = newsletter.Quiet{From: a.Hour()*60 + a.Minute(), To: b.Hour()*60 + b.Minute()}
	return set, err != nil || err2 != nil
}

// chose answers a choice: done stores it.
func (s *Site) chose(v *visit, o newsletter.Own, p choosePage, done func(newsletter.Setting, string) error, again string) (*page.Answer, error) {
	set, wrong := s.chosen(v, o)
	if wrong {
		for i := range p.Lists {
			p.Lists[i].On = slices.Contains(set.Lists, o.Lists[i].ID)
		}
		p.From, p.To, p.Wrong = v.Field("quiet-from"), v.Field("quiet-to"), v.words.Say("choose.quiet.wrong")
		return page.WithStatus(v.choose.With(p), http.StatusUnprocessableEntity), nil
	}
	var offers []Offer
	for _, c := range o.Lists {
		if slices.Contains(set.Lists, c.ID) {
			offers = append(offers, offer(c.List))
		}
	}
	if err := done(set, s.words(v.words, offers)); err != nil {
		return nil, err
	}
	return page.SeeOther(again), nil
}

// stored is what is said after a choice.
func (p *choosePage) stored(v *visit) {
	if v.Get("stored") == "" {
		return
	}
	if p.Notice = v.words.Say("choose.stored"); !p.HasAny {
		p.Notice = v.words.Say("choose.stored.none")
	}
}

func (s *Site) showOwn(v *visit) (*page.Answer, error) {
	token := v.Get("token")
	o, err := s.Letters.Own(v.Context(), token)
	if err != nil {
		return s.deadLink(v, err)
	}
	return page.Show(v.choose.With(s.ownPage(v, o, token))), nil
}

func (s *Site) ownPage(v *visit, o newsletter.Own, token string) choosePage {
	p := s.choosing(v, o)
	p.Lead, p.Action = v.words.Say("choose.lead", masked(o.Email)), "/newsletter/preferences"
	p.Token, p.Forget, p.Links = token, "/newsletter/forget", []link{{"/", v.words.Say("home")}}
	p.stored(v)
	return p
}

// masked is an address that its owner knows again and nobody else learns: a letter
// may have been forwarded.
func masked(email string) string {
	local, domain, _ := strings.Cut(email, "@")
	r := []rune(local)
	return string(r[:1]) + "…@" + domain
}

func (s *Site) setOwn(v *visit) (*page.Answer, error) {
	token := v.Field("token")
	o, err := s.Letters.Own(v.Context(), token)
	if err != nil {
		return s.deadLink(v, err)
	}
	return s.chose(v, o, s.ownPage(v, o, token), func(set newsletter.Setting, words string) error {
		return s.Letters.Choose(v.Context(), token, set, words, v.browser())
	}, ownPath+token+"&stored=1")
}

func (s *Site) forgetOwn(v *visit) (*page.Answer, error) {
	if err := s.Letters.Forget(v.Context(), v.Field("token")); err != nil {
		return s.deadLink(v, err)
	}
	return page.Show(v.note.With(notePage{
		chrome: s.personal(v, "choose.forgotten"), Lead: v.words.Say("choose.forgotten.lead"), Links: []link{{"/", v.words.Say("home")}},
	})), nil
}

func (s *Site) showMyLists(v *visit, a *reader.Actor) (*page.Answer, error) {
	o, _, err := s.Letters.Of(v.Context(), a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.choose.With(s.minePage(v, a, o))), nil
}

func (s *Site) minePage(v *visit, a *reader.Actor, o newsletter.Own) choosePage {
	p := s.choosing(v, o)
	p.Action, p.Links = "/account/newsletters", []link{{"/account", v.words.Say("account.title")}}
	p.Lead = v.words.Say("choose.lead", a.Reader.Email)
	if a.Reader.Email == "" {
		p.Lead = v.words.Say("choose.noemail")
		p.Links = append(p.Links, link{"/account/email", v.words.Say("email.title")})
	}
	p.stored(v)
	return p
}

func (s *Site) setMyLists(v *visit, a *reader.Actor) (*page.Answer, error) {
	o, _, err := s.Letters.Of(v.Context(), a)
	if err != nil {
		return nil, err
	}
	return s.chose(v, o, s.minePage(v, a, o), func(set newsletter.Setting, words string) error {
		return s.Letters.ChooseAs(v.Context(), a, set, words, v.browser())
	}, "/account/newsletters?stored=1")
}

// showEndList asks whoever follows the link that ends a subscription: a GET ends none.
func (s *Site) showEndList(v *visit) (*page.Answer, error) {
	l, err := s.Letters.Leavable(v.Context(), v.Path("token"))
	if err != nil {
		return s.deadLink(v, err)
	}
	w := v.words
	if !l.Has {
		return page.Show(v.note.With(notePage{chrome: s.personal(v, "leave.list.none"), Lead: w.Say("leave.list.none.lead", l.List.Name), Links: []link{{"/newsletter", w.Say("lists.all")}, {"/", w.Say("home")}}})), nil
	}
	return page.Show(v.form.With(formPage{
		chrome: s.personal(v, "leave.list.title"), Lead: w.Say("leave.list.lead", l.List.Name),
		Forms: []form{{Action: "/unsubscribe/" + v.Path("token"), Button: w.Say("leave.list.button")}},
		Links: []link{{"/", w.Say("home")}},
	})), nil
}

// endList ends a subscription: for whoever pressed the button, and for the programs for
// mail that do it for their users (RFC 8058), which have no session and follow no
// redirect.
func (s *Site) endList(pv *page.Visit) (*page.Answer, error) {
	r, err := s.roomsIn("")
	if err != nil {
		return nil, err
	}
	v := &visit{Visit: pv, rooms: r}
	l, own, err := s.Letters.Leave(v.Context(), v.Path("token"))
	if err != nil {
		return s.deadLink(v, err)
	}
	w := v.words
	return page.Show(v.note.With(notePage{
		chrome: s.personal(v, "leave.list.done"), Lead: w.Say("leave.list.done.lead", l.Name),
		Links: []link{{ownPath + own, w.Say("newsletter.own")}, {"/", w.Say("home")}},
	})), nil
}

// editionsPerPage is how many editions an archive shows at a time.
const editionsPerPage = 30

func (s *Site) showArchive(ctx context.Context, q page.Query) (*page.Body, error) {
	l, found, older, err := s.Letters.Archive(ctx, q.Path("list"), q.Get("before"), editionsPerPage)
	if err != nil {
		return nil, err
	}
	p := archivePage{chrome: s.chrome("account-page"), Promise: l.Promise, Public: l.Public, FeedAt: l.Path() + "/feed"}
	p.Title, p.Canonical, p.NoIndex = l.Name, s.Paper.URL(l.Path()), q.Get("before") != ""
	if l.Open && l.Retired.IsZero() {
		p.Join = &signup{"archive", []Offer{offer(l)}}
	}
	for _, e := range found {
		p.Editions = append(p.Editions, editionView{s.lang.Day(e.Begun), s.lang.Machine(e.Begun), e.Subject, e.Path(l)})
	}
	if older != "" {
		p.Older = l.Path() + "?before=" + older
	}
	return s.dated(s.views.archive.With(p)).Tagged(newsletter.ListsTag, l.Tag()), nil
}

// showEdition is an edition in the archive, as it came but for what is gone.
func (s *Site) showEdition(ctx context.Context, q page.Query) (*page.Body, error) {
	c, err := s.Letters.Archived(ctx, q.Path("list"), q.Path("edition"))
	if err != nil {
		return nil, err
	}
	m, err := s.edition(ctx, s.lang, c)
	if err != nil {
		return nil, err
	}
	p := editionPage{
		chrome: s.chrome("account-page"), Name: c.List.Name, Number: m.Number, ListPath: c.List.Path(), Promise: c.List.Promise, Parts: m.Parts, Notices: m.Notices,
	}
	p.Title, p.Description, p.Canonical = c.Edition.Subject, c.Edition.Preview, s.Paper.URL(c.Edition.Path(c.List))
	if c.List.Open && c.List.Retired.IsZero() {
		p.Join = &signup{"archive", []Offer{offer(c.List)}}
	}
	b := s.views.edition.With(p).Tagged(newsletter.ListsTag, c.List.Tag())
	for _, part := range c.Parts {
		for _, card := range part.Cards {
			b.Tagged(card.Tag()).Until(card.Expires)
		}
	}
	for _, n := range c.Notices {
		b.Tagged(article.Tag(n.Article))
	}
	return s.dated(b), nil
}

// showArchiveFeed is the archive of a newsletter for feed readers.
func (s *Site) showArchiveFeed(ctx context.Context, q page.Query) (*page.Body, error) {
	l, found, _, err := s.Letters.Archive(ctx, q.Path("list"), "", editionsPerPage)
	if err != nil {
		return nil, err
	}
	if !l.Public {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	type item struct {
		Title string `xml:"title"`
		Link  string `xml:"link"`
		GUID  string `xml:"guid"`
		Date  string `xml:"pubDate"`
		About string `xml:"description,omitempty"`
	}
	var f struct {
		XMLName xml.Name `xml:"rss"`
		Version string   `xml:"version,attr"`
		Channel struct {
			Title string `xml:"title"`
			Link  string `xml:"link"`
			About string `xml:"description"`
			Lang  string `xml:"language"`
			Items []item `xml:"item"`
		} `xml:"channel"`
	}
	f.Version = "2.0"
	f.Channel.Title, f.Channel.Link, f.Channel.About, f.Channel.Lang = s.lang.Say("title", l.Name, s.Paper.Name), s.Paper.URL(l.Path()), l.Promise, s.lang.Tag.String()
	for _, e := range found {
		at := s.Paper.URL(e.Path(l))
		f.Channel.Items = append(f.Channel.Items, item{e.Subject, at, at, e.Begun.In(s.Paper.Zone).Format(time.RFC1123Z), e.Preview})
	}
	out := bytes.NewBufferString(xml.Header)
	if err := xml.NewEncoder(out).Encode(f); err != nil {
		return nil, fmt.Errorf("write the feed of a newsletter: %w", err)
	}
	return page.Text("application/rss+xml; charset=utf-8", out.Bytes()).Tagged(newsletter.ListsTag, l.Tag()), nil
}

// SendConfirm answers a wish by a letter.
func (s *Site) SendConfirm(ctx context.Context, a newsletter.Asking) error {
	c, err := s.Letters.Answer(ctx, a)
	if err != nil || c == nil {
		return err
	}
	r, err := s.roomsIn(c.Language)
	if err != nil {
		return err
	}
	w, all := r.words, names(c.Lists)
	l := s.frame(w, w.Say("wish.letter.subject", s.Paper.Name))
	l.Title, l.Why = w.Say("wish.letter.title"), w.Say("wish.letter.why", s.Paper.Name)
	l.Text = []string{w.Say("wish.letter.text", all)}
	l.Button, l.Link = w.Say("confirm.lists.button"), s.Paper.URL("/newsletter/confirm?token="+c.Token.Reveal())
	l.After = []string{w.Say("letter.life", s.span(w, c.Life)), w.Say("wish.letter.else")}
	if c.Own != "" {
		l.Subject = w.Say("wish.letter.have.subject", s.Paper.Name)
		l.Title, l.Text = w.Say("wish.letter.have.title"), []string{w.Say("wish.letter.have.text", all)}
		l.Button, l.Link, l.After = w.Say("newsletter.own"), s.Paper.URL(ownPath+c.Own), []string{w.Say("wish.letter.else")}
	}
	html, err := r.letter.Fragment(l)
	if err != nil {
		return fmt.Errorf("set a letter: %w", err)
	}
	err = s.Mail.Send(ctx, mail.Message{To: c.To, Subject: l.Subject, Text: l.plain(), HTML: string(html), Automatic: true})
	if mail.Permanent(err) {
		s.Log.Warn("a letter cannot arrive", "letter", newsletter.AskingJob, "error", err)
		return nil
	}
	return err
}
