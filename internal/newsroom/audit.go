package newsroom

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// auditAt is where publishers look through the audit log.
const auditAt = "/newsroom/audit"

// auditPage is what audit.html shows.
type auditPage struct {
	chrome
	Who      []choice
	What     []choice
	About    string // the id that it is all about
	Subject  string // and its name
	Words    string
	From, To string // days, as fields have them
	Filtered bool
	Entries  []auditLine
	First    string
	Older    string
}

// An auditLine is one entry as people read it.
type auditLine struct {
	When, At  string
	Who       string
	WhoPath   string // everything that he did
	What      string
	Act       audit.Act
	About     string
	AboutPath string // the article or the member; "" for what has no page
	AllPath   string // everything about it
	Detail    string
}

// auditLimit is how many entries stand on a page.
const auditLimit = 100

func (d *Desk) showAudit(v *visit, _ *reader.Actor) (*page.Answer, error) {
	p := auditPage{About: v.Get("about"), Words: strings.TrimSpace(v.Get("words")), From: v.Get("from"), To: v.Get("to")}
	var err error
	if p.chrome, err = d.chrome(v, "audit.title"); err != nil {
		return nil, err
	}
	f := audit.Filter{Actor: v.Get("who"), Subject: p.About, Words: p.Words, Limit: auditLimit}
	if f.Since, err = d.day(p.From, 0); err != nil {
		p.From = ""
	}
	if f.Until, err = d.day(p.To, 1); err != nil {
		p.To = ""
	}
	f.Before, _ = strconv.ParseInt(v.Get("before"), 10, 64)
	what := v.Get("what")
	for _, g := range groups(v.words) {
		if p.What = append(p.What, choice{g.Value, g.Name, g.Value == what}); g.Value == what {
			f.Acts = g.Acts
		}
	}
	p.Filtered = f.Actor != "" || f.Subject != "" || f.Words != "" || len(f.Acts) > 0 || p.From != "" || p.To != ""
	list, older, err := d.Audit.Find(v.Context(), f)
	if err != nil {
		return nil, err
	}
	if p.Who, err = d.actors(v, f.Actor); err != nil {
		return nil, err
	}
	if err := d.auditLines(v, &p, list); err != nil {
		return nil, err
	}
	if older != 0 || f.Before != 0 {
		q := url.Values{}
		for name, value := range map[string]string{"who": f.Actor, "what": what, "about": p.About, "words": p.Words, "from": p.From, "to": p.To} {
			if value != "" {
				q.Set(name, value)
			}
		}
		if f.Before != 0 {
			p.First = auditAt + "?" + q.Encode()
		}
		if older != 0 {
			q.Set("before", strconv.FormatInt(older, 10))
			p.Older = auditAt + "?" + q.Encode()
		}
	}
	return page.Show(v.audit.With(p)), nil
}

// day reads a day in the paper's zone, some days later; "" is no day.
func (d *Desk) day(text string, later int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, d.Paper.Zone)
	if err != nil {
		return time.Time{}, err
	}
	return t.AddDate(0, 0, later), nil
}

// actors are those whose doings may be looked for: staff, the console, and who is
// looked for now.
func (d *Desk) actors(v *visit, who string) (list []choice, err error) {
	staff, err := d.Readers.Staff(v.Context())
	if err != nil {
		return nil, err
	}
	here := who == "" || who == audit.Console
	for _, s := range staff {
		list, here = append(list, choice{s.ID, s.Name, s.ID == who}), here || s.ID == who
	}
	list = append(list, choice{audit.Console, v.words.Say("audit.console"), who == audit.Console})
	if !here {
		n, err := d.names(v, who)
		if err != nil {
			return nil, err
		}
		list = append(list, choice{who, n.name(who), true})
	}
	return list, nil
}

// auditLines says of each entry who did what to whom.
func (d *Desk) auditLines(v *visit, p *auditPage, list []audit.Entry) error {
	ids := []string{p.About}
	for _, e := range list {
		ids = append(ids, e.Actor, e.Subject)
	}
	n, err := d.names(v, ids...)
	if err != nil {
		return err
	}
	headlines, err := d.Articles.Headlines(v.Context(), ids...)
	if err != nil {
		return err
	}
	// about names what an entry is about, and finds its page.
	about := func(id string) (name, path string) {
		if f, ok := n.faces[id]; ok {
			if f.Erased {
				return n.name(id), ""
			}
			return f.Name, "/member/" + f.Handle
		}
		if h := headlines[id]; h != "" {
			return h, storyPath(id)
		}
		return id, ""
	}
	p.Subject, _ = about(p.About)
	for _, e := range list {
		l := auditLine{When: v.words.Moment(e.At), At: v.words.Machine(e.At), What: actWord(v.words, e.Act), Act: e.Act, Detail: e.Detail}
		switch e.Actor {
		case "":
			l.Who = v.words.Say("audit.nobody")
		case audit.Console:
			l.Who = v.words.Say("audit.console")
		default:
			l.Who = n.name(e.Actor)
		}
		if e.Actor != "" {
			l.WhoPath = auditAt + "?who=" + url.QueryEscape(e.Actor)
		}
		if e.Subject != "" {
			l.About, l.AboutPath = about(e.Subject)
			l.AllPath = auditAt + "?about=" + url.QueryEscape(e.Subject)
		}
		p.Entries = append(p.Entries, l)
	}
	return nil
}
