package newsroom

import (
	"cmp"
	"strings"
	"time"

	"kawaraban/internal/desk"
	"kawaraban/internal/network"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/wire"
)

// mail is what went out by newsletters, alerts, and to those who follow something.
func (r *recallReport) mail() (p recallPart, err error) {
	p.Title = r.say("recall.mail")
	w := r.v.words
	if r.d.Newsletters != nil {
		list, err := r.d.Newsletters.Carriers(r.v.Context(), r.art.ID)
		if err != nil {
			return p, err
		}
		for _, c := range list {
			l := recallLine{Path: editionAt + "/" + c.ID}
			switch c.Stage {
			case newsletter.Sent, newsletter.Sending, newsletter.Paused:
				l.When, l.At = w.Second(c.Begun), w.Machine(c.Begun)
				l.Text = r.say("recall.edition", c.List, c.Number, c.Had)
				if c.Had == 0 {
					l.Text = r.say("recall.edition.without", c.List, c.Number)
				}
				r.letters += c.Had
				if c.Shown {
					r.alerted = true
					l.Text += " " + r.say("recall.edition.shown")
				}
				switch {
				case c.Told != "":
					l.Text += " " + r.say("recall.edition.told", c.Told)
				case c.Owed:
					l.Text += " " + r.say("recall.edition.owed")
				}
			default:
				l.Text = r.say("recall.edition.unsent", c.List, c.Number)
				if !c.At.IsZero() {
					l.When, l.At = w.Second(c.At), w.Machine(c.At)
				}
			}
			p.Lines = append(p.Lines, l)
		}
	}
	if r.d.Copies.Told != nil {
		letters, notices, err := r.d.Copies.Told(r.v.Context(), r.art.ID)
		if err != nil {
			return p, err
		}
		r.letters, r.notices = r.letters+letters, notices
		if letters+notices > 0 {
			p.Lines = append(p.Lines, recallLine{Text: r.say("recall.told", letters, notices)})
		}
	}
	if len(p.Lines) == 0 {
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.mail.none")})
	}
	return p, nil
}

// sisters are the papers that may have shown it.
func (r *recallReport) sisters() (p recallPart, err error) {
	p.Title = r.say("recall.sisters")
	var list []network.Told
	if r.d.Network != nil {
		if list, err = r.d.Network.WhoKnows(r.v.Context(), r.art.ID); err != nil {
			return p, err
		}
	}
	for _, x := range list {
		name := x.Name + " (" + x.Address + ")"
		switch {
		case x.Source != network.Ours:
			r.feeds = append(r.feeds, x.Name)
			p.Lines = append(p.Lines, recallLine{Text: r.say("recall.sister.feed", name)})
		case !x.Told.IsZero():
			p.Lines = append(p.Lines, r.at(x.Told, r.say("recall.sister.told", name)))
		case x.Begun.IsZero():
			r.unheard = append(r.unheard, x.Name)
			p.Lines = append(p.Lines, recallLine{Text: r.say("recall.sister.untold", name)})
		default:
			r.unheard = append(r.unheard, x.Name)
			p.Lines = append(p.Lines, r.at(x.Begun, r.say("recall.sister.deaf", name, untoldWord(r.v.words, x.Answer))))
		}
	}
	if len(list) == 0 {
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.sisters.none")})
	}
	return p, nil
}

func untoldWord(w *page.Language, t network.Trouble) string {
	switch t {
	case network.NoTrouble:
		return w.Say("recall.sister.waits")
	case network.Deaf:
		return w.Say("recall.sister.old")
	case network.Unknown:
		return w.Say("recall.sister.stranger")
	}
	return w.Say("recall.sister.silent")
}

// others are feeds, search, and pictures that other sites show of links.
func (r *recallReport) others() (p recallPart, err error) {
	p.Title = r.say("recall.others")
	if r.d.Copies.Indexed != nil {
		there, err := r.d.Copies.Indexed(r.v.Context(), r.art.ID)
		if err != nil {
			return p, err
		}
		text := r.say("recall.search.out")
		if there {
			text = r.say("recall.search.in")
		}
		p.Lines = append(p.Lines, recallLine{Text: text})
	}
	switch {
	case !r.shown:
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.feeds.never")})
	case r.art.Feed == "none":
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.feeds.none")})
	default:
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.feeds")})
	}
	if r.shown && r.art.Lead.Picture != "" {
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.cards")})
	}
	links, err := r.d.Work.PreviewLinks(r.v.Context(), r.a, r.art.ID)
	if err != nil {
		return p, err
	}
	if len(links) > 0 {
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.links", len(links))})
	}
	return p, nil
}

// derived is work of ours that was made of it.
func (r *recallReport) derived() (p recallPart, err error) {
	p.Title = r.say("recall.derived")
	list, err := r.d.Work.DerivedFrom(r.v.Context(), r.a, r.line.First)
	if err != nil {
		return p, err
	}
	for _, x := range list {
		text := derivedWord(r.v.words, x)
		if !x.Settled.IsZero() {
			text += " " + r.say("recall.derived.settled", r.v.words.Second(x.Settled), x.Words)
		} else {
			text += " " + r.say("recall.derived.open")
		}
		l := r.at(x.Created, text)
		l.Path = storyPath(x.Article)
		p.Lines = append(p.Lines, l)
	}
	if len(list) == 0 {
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.derived.none")})
	}
	return p, nil
}

func derivedWord(w *page.Language, x desk.Derived) string {
	headline := cmp.Or(x.Headline, w.Say("stories.untitled"))
	switch x.Why {
	case desk.Made:
		return w.Say("derived.made", headline)
	case desk.Linked:
		return w.Say("derived.link", headline)
	}
	return w.Say("derived.quote", headline, x.Passage)
}

// done is what was done, and when.
func (r *recallReport) done(versions []wire.Version) recallPart {
	p := recallPart{Title: r.say("recall.done")}
	for _, x := range versions {
		if x.Status == wire.Canceled || x.Status == wire.Withheld {
			p.Lines = append(p.Lines, r.at(x.Received, r.say("recall.done.came", x.Version)))
		}
	}
	switch {
	case r.art == nil:
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.done.remembered")})
	case !r.art.Withdrawal.At.IsZero():
		p.Lines = append(p.Lines, r.at(r.art.Withdrawal.At, r.say("recall.done.withdrawn", r.art.Withdrawal.By)))
	default:
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.done.not")})
	}
	return p
}

// beyond is what nobody here can take back.
func (r *recallReport) beyond() recallPart {
	p := recallPart{Title: r.say("recall.beyond")}
	add := func(text string) { p.Lines = append(p.Lines, recallLine{Text: text}) }
	if r.letters > 0 {
		add(r.say("recall.beyond.letters", r.letters))
	}
	if r.alerted || r.notices > 0 {
		add(r.say("recall.beyond.notices"))
	}
	if len(r.unheard) > 0 {
		add(r.say("recall.beyond.sisters", strings.Join(r.unheard, ", ")))
	}
	if len(r.feeds) > 0 {
		add(r.say("recall.beyond.sister-feeds", strings.Join(r.feeds, ", ")))
	}
	if r.shown {
		add(r.say("recall.beyond.feeds"))
		add(r.say("recall.beyond.caches", inSeconds(r.d.Copies.Pages), inSeconds(r.d.Copies.Pictures)))
		if r.pictured {
			add(r.say("recall.beyond.browsers", int(r.d.Copies.Browsers.Hours())))
		}
		add(r.say("recall.beyond.archives"))
	}
	if len(p.Lines) == 0 {
		add(r.say("recall.beyond.nothing"))
	}
	return p
}

func inSeconds(t time.Duration) int { return int(t.Seconds()) }
