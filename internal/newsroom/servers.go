package newsroom

import (
	"time"

	"kawaraban/internal/page"
)

// A serverLine is how a mail server, or a receiving domain, is.
type serverLine struct {
	Name  string
	State string // until when it rests, or how much goes through it
	Error string // what was said last, in the server's own words
}

// serverLines tells of what is wrong with the sending of this process: nothing, when
// all is well. While one server rests all are named, so that it can be seen whether
// others do its work. That a server refused a letter is said with the edition: it is no
// fault of the server's.
func (d *Desk) serverLines(w *page.Language) (list []serverLine) {
	office, now := d.Newsletters.Office, d.Now()
	if office == nil {
		return nil
	}
	trouble := false
	for _, s := range office.State() {
		line := serverLine{Name: s.Name, State: w.Say("servers.works", s.Connections, s.Limit, w.Number(int(s.Rate*60+.5)))}
		if s.Rests.After(now) {
			trouble, line.State = true, w.Say("servers.rests", w.Clock(s.Rests.Add(time.Minute)))
			if s.LastError != "" {
				line.Error = w.Say("servers.error", w.Moment(s.LastErrorAt), s.LastError)
			}
		}
		list = append(list, line)
	}
	if !trouble {
		list = nil
	}
	for _, r := range office.Resting() {
		line := serverLine{Name: r.Name, State: w.Say("servers.domain", w.Clock(r.Rests.Add(time.Minute)))}
		if r.Why != "" {
			line.Error = w.Say("servers.why", r.Why)
		}
		list = append(list, line)
	}
	return list
}
