package newsroom

import (
	"cmp"
	"net/url"
	"strings"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// alertPage is what alert.html shows: a news alert, to be sent now.
type alertPage struct {
	lettersPage
	Lists   []alertList
	May     bool // lists can be made
	Subject string
	Text    string
	Story   *storyRow // what it is about
	Query   string
	Found   []pick
	Finding bool
	Proof   bool
	Frame   string // address of what is in the frame at first, "" for nothing
	Goes    string // the words of the button, when there is one list
	Errors  alertErrors
}

// An alertList is a list of alerts to choose.
type alertList struct {
	option
	People string
	Today  string // how many have gone out, and how many may
	Full   bool   // no more today
}

// What is said at a field, in the words of the subject.
const (
	unreadable = "Readers cannot have this story yet: publish it first."
	noAlerts   = "Choose a list of news alerts."
)

type alertErrors struct{ List, Subject, Text, Story string }

func (d *Desk) showAlert(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.alertPage(v, a, newsletter.AlertText{Article: v.Get("story")}, "")
	if err != nil {
		return nil, err
	}
	if p.Story != nil && !p.Story.Gone {
		p.Subject = p.Story.Headline
	}
	return d.alert(v, p), nil
}

// alert answers with the page; it has a letter in a frame.
func (d *Desk) alert(v *visit, p alertPage) *page.Answer {
	return page.Show(v.alert.With(p)).Allow("frame-src", "'self'")
}

// alertPage shows an alert as it is typed.
func (d *Desk) alertPage(v *visit, a *reader.Actor, t newsletter.AlertText, list string) (p alertPage, err error) {
	if p.lettersPage, err = d.lettersPage(v, a, alertAt, "alert.title"); err != nil {
		return p, err
	}
	p.Subject, p.Text, p.Proof, p.May = t.Subject, t.Text, d.Editions != nil, a.May(reader.MayManage)
	if p.Lists, err = d.alertLists(v, a, list); err != nil {
		return p, err
	}
	if len(p.Lists) == 1 {
		p.Goes = v.words.Say("edition.send.to", p.Lists[0].People)
	}
	if t.Article != "" {
		rows, err := d.storyRows(v, a, []string{t.Article})
		if err != nil {
			return p, err
		}
		row := rows[t.Article]
		p.Story = &row
		if len(p.Lists) > 0 {
			p.Frame = alertAt + "/proof?" + url.Values{"list": {p.Lists[0].Value}, "story": {t.Article}}.Encode()
		}
		if row.Gone {
			p.Errors.Story = v.words.Say(unreadable)
		}
	}
	if p.Finding = v.Field("act") == "find"; p.Finding {
		p.Query = v.Field("q")
		p.Found, err = d.published(v, a, p.Query, nil)
	}
	return p, err
}

// alertLists are the lists to which an alert can be sent.
func (d *Desk) alertLists(v *visit, a *reader.Actor, chosen string) (list []alertList, err error) {
	all, err := d.Newsletters.Lists(v.Context())
	if err != nil {
		return nil, err
	}
	for _, l := range all {
		if l.Kind != newsletter.Alert || !l.Retired.IsZero() {
			continue
		}
		n, err := d.Newsletters.AlertsToday(v.Context(), a, l.ID)
		if err != nil {
			return nil, err
		}
		x := alertList{option: option{l.ID, l.Name, l.ID == chosen || chosen == "" && len(list) == 0}, People: v.words.Count("letters.people", l.Members)}
		if x.Today = v.words.Say("alert.today", v.words.Number(n)); l.Cap > 0 {
			x.Today, x.Full = v.words.Say("alert.today.cap", v.words.Number(n), v.words.Number(l.Cap)), n >= l.Cap
		}
		list = append(list, x)
	}
	return list, nil
}

// alertTyped reads the form.
func alertTyped(v *visit) newsletter.AlertText {
	return newsletter.AlertText{
		Subject: strings.TrimSpace(v.Field("subject")), Text: strings.TrimSpace(strings.ReplaceAll(v.Field("text"), "\r\n", "\n")), Article: v.Field("story"),
	}
}

func (d *Desk) sendAlert(v *visit, a *reader.Actor) (*page.Answer, error) {
	t, act := alertTyped(v), v.Field("act")
	if story, ok := strings.CutPrefix(act, "take/"); ok {
		t.Article, act = story, "take"
	}
	switch act {
	case "find", "take", "drop":
		if act == "drop" {
			t.Article = ""
		}
		p, err := d.alertPage(v, a, t, v.Field("list"))
		if err != nil {
			return nil, err
		}
		if p.Story != nil && !p.Story.Gone && p.Subject == "" {
			p.Subject = p.Story.Headline
		}
		return d.alert(v, p), nil
	}
	_, err := d.Newsletters.SendAlert(v.Context(), a, v.Field("list"), t)
	if err == nil {
		return page.SeeOther(newsletters + "?done=alerted"), nil
	}
	bad := problem.Of(err)
	if bad == nil {
		return nil, err
	}
	p, err := d.alertPage(v, a, t, v.Field("list"))
	if err != nil {
		return nil, err
	}
	p.wrong(v, bad)
	p.Errors.Subject, p.Errors.Text = v.words.Say(bad.Fields["subject"]), v.words.Say(cmp.Or(bad.Fields["text-0"], bad.Fields["parts"]))
	if bad.Kind == problem.NotFound {
		p.Errors.List = v.words.Say(noAlerts)
	}
	return d.alert(v, p).Status(bad.Kind.Status()), nil
}

// showAlertProof is the alert as it is typed, as a letter in a frame.
func (d *Desk) showAlertProof(v *visit, _ *reader.Actor) (*page.Answer, error) {
	t, list := alertTyped(v), v.Field("list")
	if !v.Sends() { // as the page begins
		t.Article, list = v.Get("story"), v.Get("list")
	}
	e := newsletter.Edition{List: list, Stage: newsletter.Draft, Subject: t.Subject, Article: t.Article}
	if t.Text != "" {
		e.Parts = append(e.Parts, newsletter.Part{Block: newsletter.Block{Kind: newsletter.Words, Text: t.Text}})
	}
	if t.Article != "" {
		e.Parts = append(e.Parts, newsletter.Part{Block: newsletter.Block{Kind: newsletter.Stories}, Stories: []string{t.Article}, Show: 1})
	}
	return d.letter(v, e, "letter")
}

// alertPath is where an alert about a story is written.
func alertPath(story string) string { return alertAt + "?" + url.Values{"story": {story}}.Encode() }
