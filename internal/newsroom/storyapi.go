package newsroom

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// refusal is what the editor's script is told when something was not done.
type refusal struct {
	Message string            `json:"message"`
	Fields  map[string]string `json:"fields,omitempty"`

	Reason  string     `json:"reason,omitempty"` // of a conflict: "stale" or "seat"
	By      string     `json:"by,omitempty"`
	Version int        `json:"version,omitempty"`
	Copy    *desk.Copy `json:"copy,omitempty"`
}

// refuse answers the editor's script with a Problem, and passes on any other error.
func (d *Desk) refuse(v *visit, err error) (*page.Answer, error) {
	p := problem.Of(err)
	if p == nil {
		return nil, err
	}
	r := refusal{Message: v.tells(p)}
	for field, said := range p.Fields {
		if r.Fields == nil {
			r.Fields = map[string]string{}
		}
		r.Fields[field] = v.words.Say(said)
	}
	var taken *desk.Taken
	if errors.As(err, &taken) {
		r.Reason, r.By = "seat", taken.By
	}
	if now := desk.IsStale(err); now != nil {
		r.Reason, r.Version, r.Copy = "stale", now.Version, &now.Copy
		names, err := d.names(v, now.ChangedBy)
		if err != nil {
			return nil, err
		}
		r.By = names.name(now.ChangedBy)
	}
	a, err := page.JSON(r)
	if err != nil {
		return nil, err
	}
	return a.Status(p.Kind.Status()), nil
}

// asked reads what the editor's script has sent.
func asked(v *visit, into any) error {
	body, err := v.Body(maxStory)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return &problem.Problem{Kind: problem.Invalid, Detail: "What was sent could not be read. Nothing was changed.", Err: err}
	}
	return nil
}

// A savedAnswer tells the editor's script that a copy is kept.
type savedAnswer struct {
	Version int    `json:"version"`
	Saved   string `json:"saved"`
	Words   int    `json:"words"`
}

// saveStory keeps a copy, as the editor's script sends it while somebody writes.
func (d *Desk) saveStory(v *visit, a *reader.Actor) (*page.Answer, error) {
	var sent struct {
		Version int             `json:"version"`
		Page    string          `json:"page"`
		Copy    json.RawMessage `json:"copy"`
	}
	if err := asked(v, &sent); err != nil {
		return d.refuse(v, err)
	}
	c, err := desk.ParseCopy(sent.Copy)
	if err != nil {
		return d.refuse(v, err)
	}
	done, err := d.Work.Save(v.Context(), a, v.Path("id"), desk.Save{Page: sent.Page, Version: sent.Version, Copy: c})
	if err != nil {
		return d.refuse(v, err)
	}
	return page.JSON(savedAnswer{done.Version, done.At.UTC().Format(time.RFC3339), done.Words})
}

// A copyAnswer is a copy and its version.
type copyAnswer struct {
	Version int          `json:"version"`
	Copy    desk.Copy    `json:"copy"`
	Theirs  *desk.Copy   `json:"theirs,omitempty"` // of a merged one: what was there
	Clashes []clashEntry `json:"clashes,omitempty"`
}

// A clashEntry is a place that somebody has to look at.
type clashEntry struct {
	Part   string           `json:"part"`
	Base   string           `json:"base"`
	Mine   string           `json:"mine"`
	Theirs string           `json:"theirs"`
	At     *int             `json:"at,omitempty"` // in a body: theirBlocks would take the place of count blocks from at on
	Count  int              `json:"count,omitempty"`
	Others []richtext.Block `json:"theirBlocks"`
}

// showCopy answers a page that looks on with the copy as it is now.
func (d *Desk) showCopy(v *visit, a *reader.Actor) (*page.Answer, error) {
	t, err := d.Work.Story(v.Context(), a, v.Path("id"))
	if err != nil {
		return d.refuse(v, err)
	}
	return page.JSON(copyAnswer{Version: t.Version, Copy: t.Copy})
}

// mergeStory puts together what a page has and what somebody has saved since.
func (d *Desk) mergeStory(v *visit, a *reader.Actor) (*page.Answer, error) {
	var sent struct {
		Version int             `json:"version"`
		Base    json.RawMessage `json:"base"`
		Mine    json.RawMessage `json:"mine"`
	}
	if err := asked(v, &sent); err != nil {
		return d.refuse(v, err)
	}
	base, err := desk.ParseCopy(sent.Base)
	if err != nil {
		return d.refuse(v, err)
	}
	mine, err := desk.ParseCopy(sent.Mine)
	if err != nil {
		return d.refuse(v, err)
	}
	merged, clashes, theirs, err := d.Work.Reconcile(v.Context(), a, v.Path("id"), base, mine)
	if err != nil {
		return d.refuse(v, err)
	}
	answer := copyAnswer{Version: theirs.Version, Copy: merged, Theirs: &theirs.Copy}
	for _, c := range clashes {
		e := clashEntry{Part: c.Part, Base: c.Base, Mine: c.Mine, Theirs: c.Theirs, Count: c.Count, Others: c.Others}
		if c.Part == "body" {
			e.At = &c.At
		}
		if e.Others == nil {
			e.Others = []richtext.Block{}
		}
		answer.Clashes = append(answer.Clashes, e)
	}
	return page.JSON(answer)
}

// A seatAnswer is how things stand around a story.
type seatAnswer struct {
	Seat    desk.Whose `json:"seat"`
	By      string     `json:"by"`
	Mine    bool       `json:"mine"` // the seat is another page's of the same person
	Asked   string     `json:"asked"`
	Version int        `json:"version"`
	Here    []string   `json:"here"`
}

// takeSeat does what an open page wants with the seat.
func (d *Desk) takeSeat(v *visit, a *reader.Actor) (*page.Answer, error) {
	var sent struct {
		Page string       `json:"page"`
		Act  desk.SeatAct `json:"act"`
	}
	if err := asked(v, &sent); err != nil {
		return d.refuse(v, err)
	}
	s, err := d.Work.Seat(v.Context(), a, v.Path("id"), sent.Page, sent.Act)
	if err != nil {
		return d.refuse(v, err)
	}
	if s.Here == nil {
		s.Here = []string{}
	}
	return page.JSON(seatAnswer{s.Whose, s.By, s.Self, s.Asked, s.Version, s.Here})
}

// tellLogin answers a script whose log-in has ended: it keeps what was typed and
// asks for a new one beside it.
func tellLogin(v *visit) (*page.Answer, error) {
	a, err := page.JSON(refusal{Message: v.words.Say("story.login")})
	if err != nil {
		return nil, err
	}
	return a.Status(http.StatusUnauthorized), nil
}
