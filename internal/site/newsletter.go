package site

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"unicode/utf8"

	"kawaraban/internal/article"
	"kawaraban/internal/mail"
	"kawaraban/internal/media"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/richtext"
)

// newsletterPage is what newsletter.html shows: what a newsletter brings, in the
// frame of the paper's letters.
type newsletterPage struct {
	letter
	Note    string // what stands above a preview, "" in the mail itself
	Preview string // what programs for mail show beside the subject; it is not seen in the letter
	Web     string // where the edition can be read in a browser, "" for nowhere
	Name    string // of the list
	Number  string
	Head    string // what an alert says, where no article's headline does
	Parts   []mailPart
	Notices []string
	Leave   string // the address that ends the subscription, "" in the archive
	Own     string // and the one of the subscriber's own page
}

// A mailPart is one part of an edition.
type mailPart struct {
	Title string
	Paid  string // by whom, in words
	Items []mailItem
	Text  template.HTML
	Plain string // the text for those who read no HTML
	Quote *mailQuote
	Link  string
	Words string // of the link
}

// A mailItem is one article in a newsletter.
type mailItem struct {
	Kicker   string
	Paid     string // who has paid for the article, in words
	Headline string
	About    string
	Link     string // a whole address
	Picture  *mailPicture
	First    bool // the biggest of its edition
}

// A mailQuote is a comment in a newsletter.
type mailQuote struct{ Text, By, Score, Link string }

// A mailPicture is a picture that programs for mail can show.
type mailPicture struct{ URL, Alt, Credit string }

// mailWidth is how wide a picture in a letter has to be, for screens with two
// points to the pixel.
const mailWidth = 1120

// forMail is the smallest file that is wide enough, or else the widest.
func forMail(p *media.Picture) media.File {
	best := widest(p)
	if p == nil {
		return best
	}
	for _, f := range p.Renditions {
		if f.Format == media.JPEG && f.Width >= mailWidth && f.Width < best.Width {
			best = f
		}
	}
	return best
}

// mailPicture is a picture as a letter shows it; nil where there is none.
func (s *Site) mailPicture(w *page.Language, l article.Lead, p *media.Picture) *mailPicture {
	f := forMail(p)
	if f.Key == "" {
		return nil
	}
	pic := &mailPicture{URL: s.whole(cmp.Or(p.Base, "/media/") + f.Key), Alt: l.Alt}
	if pic.Alt == "" {
		pic.Alt = p.Alt
	}
	if c := credit(l, p); c != "" {
		pic.Credit = w.Say("image", c)
	}
	return pic
}

// inNewsletter is an article alone in a newsletter.
func (s *Site) inNewsletter(r *article.Reading, p *media.Picture, note string) newsletterPage {
	w := s.lang
	it := mailItem{Kicker: r.Kicker, Paid: sponsored(w, r.Card), Headline: r.Headline, About: s.summary(r), Link: s.Paper.URL(r.Path()), First: true}
	if it.Kicker == "" {
		it.Kicker = r.Section.Name
	}
	it.Picture = s.mailPicture(w, r.Lead, p)
	return newsletterPage{letter: s.frame(w, r.Headline), Note: note, Parts: []mailPart{{Items: []mailItem{it}}}}
}

// frame is the frame of a letter in the paper's face.
func (s *Site) frame(w *page.Language, subject string) letter {
	return letter{
		Language: w.Tag.String(), Paper: s.Paper.Name, Home: s.Paper.URL("/"), Accent: s.Paper.Colours.Light(),
		Subject: subject, Notice: s.Paper.Notice,
	}
}

// edition sets what stands in an edition.
func (s *Site) edition(ctx context.Context, w *page.Language, c newsletter.Content) (p newsletterPage, err error) {
	p = newsletterPage{letter: s.frame(w, c.Edition.Subject), Preview: c.Edition.Preview, Name: c.List.Name}
	p.Number = w.Day(c.Edition.Begun)
	if c.Edition.Begun.IsZero() {
		p.Number = w.Day(s.Now())
	}
	if c.List.Public && c.Edition.Number > 0 {
		p.Web = s.Paper.URL(c.Edition.Path(c.List))
	}
	if !c.Web {
		p.Leave = s.Paper.URL("/unsubscribe/" + c.Places.Unsubscribe)
		p.Own = s.Paper.URL(ownPath + c.Places.Preferences)
		p.Why = w.Say("newsletter.why", c.List.Name, s.Paper.Name)
	}
	var cards []article.Card
	for _, part := range c.Parts {
		for _, card := range part.Cards {
			cards = append(cards, card.Card)
		}
	}
	if c.List.Kind == newsletter.Alert && len(cards) == 0 {
		p.Head = c.Edition.Subject
	}
	found, err := s.pictures(ctx, cards)
	if err != nil {
		return p, err
	}
	first := true
	for _, part := range c.Parts {
		m := s.mailPart(w, c, part)
		if part.Kind != newsletter.Best {
			for _, card := range part.Cards {
				it := s.mailItem(w, card, found[card.Card.Lead.Picture])
				if it.Kicker == m.Title {
					it.Kicker = ""
				}
				if it.First = first; !first && len(m.Items) > 0 {
					it.Picture = nil // one for each part: a letter is not an album
				}
				m.Items, first = append(m.Items, it), false
			}
		}
		p.Parts = append(p.Parts, m)
	}
	for _, n := range c.Notices {
		p.Notices = append(p.Notices, notice(w, n))
	}
	return p, nil
}

func (s *Site) mailItem(w *page.Language, c newsletter.Linked, p *media.Picture) mailItem {
	it := mailItem{Kicker: c.Kicker, Paid: sponsored(w, c.Card), Headline: c.Headline, About: c.Standfirst, Link: s.whole(c.Link), Picture: s.mailPicture(w, c.Card.Lead, p)}
	if it.Kicker == "" {
		it.Kicker = c.Section.Name
	}
	return it
}

// whole is a whole address: programs for mail know no others.
func (s *Site) whole(href string) string {
	if strings.HasPrefix(href, "/") {
		return s.Paper.URL(href)
	}
	return href
}

// titles are what parts are called when nobody has said otherwise.
var titles = map[newsletter.BlockKind]string{
	newsletter.Read: "newsletter.part.read", newsletter.Best: "newsletter.part.comment", newsletter.Corrections: "newsletter.part.corrections",
	newsletter.Events: "newsletter.part.events", newsletter.Followed: "newsletter.part.followed",
}

// mailPart is a part without its stories.
func (s *Site) mailPart(w *page.Language, c newsletter.Content, part newsletter.Shown) mailPart {
	m := mailPart{Title: part.Title}
	if m.Title == "" && part.Kind == newsletter.Section && len(part.Cards) > 0 {
		m.Title = part.Cards[0].Section.Name
	}
	if key := titles[part.Kind]; m.Title == "" && key != "" {
		m.Title = w.Say(key)
	}
	if part.Text != "" {
		if doc, err := richtext.FromSource(part.Text); err == nil {
			to := func(href string) string { return s.whole(c.To(href)) }
			if m.Plain, m.Text = doc.LetterText(mailColumns, to), doc.Web(nil); !c.Web {
				m.Text = doc.Letter(mailStyle, to)
			}
		}
	}
	if part.Kind == newsletter.Sponsor {
		m.Paid, m.Link, m.Words = w.Say("newsletter.paid", part.By), s.whole(part.Link), w.Say("newsletter.sponsor.more", part.By)
		if part.Link == "" {
			m.Words = ""
		}
	}
	if q := part.Quoted; q != nil && len(part.Cards) > 0 {
		m.Paid = sponsored(w, part.Cards[0].Card)
		m.Quote = &mailQuote{Text: shortened(q.Text, quoteLength), By: w.Say("newsletter.quote.by", q.Author, part.Cards[0].Headline), Score: w.Say("newsletter.quote.score", q.Net), Link: s.whole(part.Link)}
	}
	for _, x := range part.Corrected {
		m.Items = append(m.Items, mailItem{Paid: sponsored(w, x.Card), Headline: x.Headline, About: x.Note, Link: s.whole(x.Link)})
	}
	return m
}

// quoteLength is how much of a comment a letter shows, in characters.
const quoteLength = 500

// notice is what an edition has to tell of an earlier one.
func notice(w *page.Language, n newsletter.Notice) string {
	day := w.Day(n.Sent)
	switch {
	case n.Kind == newsletter.WasCorrected:
		return w.Say("newsletter.notice.corrected", n.Card.Headline, day)
	case n.Card.Headline != "":
		return w.Say("newsletter.notice.gone", n.Card.Headline, day)
	case n.By != "":
		return w.Say("newsletter.notice.withdrawn.by", day, n.By)
	}
	return w.Say("newsletter.notice.withdrawn", day)
}

// mailStyle is how the elements of a text are set in a letter: programs for mail know
// no style sheets that can be relied on, and Outlook indents lists by margins only.
func mailStyle(element string) string {
	switch element {
	case "p":
		return "margin:0 0 16px"
	case "h2":
		return "margin:24px 0 8px;font-size:20px;line-height:1.25"
	case "ul", "ol":
		return "margin:0 0 16px 24px;padding:0"
	case "li":
		return "margin:0 0 4px"
	case "blockquote":
		return "margin:0 0 16px;padding:0"
	case "quote":
		return "border-left:3px solid #8d8678;padding:0 0 0 16px"
	case "quote-text":
		return "margin:0"
	case "attribution":
		return "margin:4px 0 0;font-size:15px"
	case "caption":
		return "margin:0 0 4px;font-size:15px;font-weight:bold"
	case "table":
		return "border-collapse:collapse;margin:0 0 16px;font-size:15px;line-height:1.4"
	case "th", "td":
		return "border-bottom:1px solid #8d8678;padding:4px 12px 4px 0;text-align:left;vertical-align:top"
	case "pre":
		return "margin:0 0 16px;font-family:Consolas,'Courier New',monospace;font-size:14px;line-height:1.4"
	case "a":
		return "color:#1f3d66"
	}
	return ""
}

// Press prints an edition for many: what differs from letter to letter stands as
// marks in it.
func (s *Site) Press(ctx context.Context, c newsletter.Content) (*mail.Stencil, error) {
	r, err := s.roomsIn(c.List.Language)
	if err != nil {
		return nil, err
	}
	p, err := s.edition(ctx, r.words, c)
	if err != nil {
		return nil, err
	}
	html, err := r.newsletter.Fragment(p)
	if err != nil {
		return nil, fmt.Errorf("set an edition: %w", err)
	}
	m := mail.Message{
		FromName: c.List.Sender, ReplyTo: c.List.Reply, Subject: c.Edition.Subject, Text: p.plain(r.words), HTML: string(html),
		FeedbackID: strconv.FormatUint(uint64(c.Edition.Code), 36) + ":" + c.List.Slug + ":kawaraban",
		List:       &mail.List{ID: c.List.Slug, Name: c.List.Name, Unsubscribe: p.Leave},
	}
	if m.FromName == "" {
		m.FromName = s.Paper.Name
	}
	if c.List.Public {
		m.List.Archive = s.Paper.URL(c.List.Path())
	}
	return s.Mail.Stencil(m, c.Places.Marks()...)
}

// Proofread sets an edition for those who look at it before it is sent.
func (s *Site) Proofread(ctx context.Context, c newsletter.Content) (html []byte, text string, err error) {
	r, err := s.roomsIn(c.List.Language)
	if err != nil {
		return nil, "", err
	}
	c.Web, c.Places = false, newsletter.Places{Unsubscribe: "preview", Preferences: "preview"}
	p, err := s.edition(ctx, r.words, c)
	if err != nil {
		return nil, "", err
	}
	out, err := r.newsletter.Fragment(p)
	return []byte(out), p.plain(r.words), err
}

// mailColumns is how wide the lines of a plain letter are.
const mailColumns = 76

// plain is an edition for those who read no HTML.
func (p newsletterPage) plain(w *page.Language) string {
	var b strings.Builder
	say := func(lines ...string) {
		for _, l := range lines {
			if l != "" {
				b.WriteString(richtext.Wrap(l, mailColumns) + "\n")
			}
		}
	}
	para := func(lines ...string) {
		say(lines...)
		b.WriteByte('\n')
	}
	rule := func(text, line string) { para(text, strings.Repeat(line, min(60, utf8.RuneCountInString(text)))) }
	rule(p.Paper+" · "+p.Name+" · "+p.Number, "=")
	for _, n := range p.Notices {
		para(n)
	}
	if p.Head != "" {
		rule(p.Head, "-")
	}
	for _, part := range p.Parts {
		if part.Title != "" {
			rule(strings.ToUpper(part.Title), "-")
		}
		if part.Paid != "" {
			para(part.Paid)
		}
		if part.Plain != "" {
			b.WriteString(part.Plain + "\n\n") // its lines are broken already
		}
		for _, it := range part.Items {
			para(it.Paid, it.Headline, it.About, it.Link)
		}
		if q := part.Quote; q != nil {
			para(q.Text, "— "+q.By, q.Link)
		}
		if part.Words != "" {
			para(part.Words, part.Link)
		}
	}
	b.WriteString("-- \n")
	if p.Why != "" {
		say(p.Why, w.Say("newsletter.leave")+": "+p.Leave, w.Say("newsletter.own")+": "+p.Own)
	}
	if p.Web != "" {
		say(w.Say("newsletter.web") + ": " + p.Web)
	}
	say(p.Notice)
	return b.String()
}
