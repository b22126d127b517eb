package newsroom

import (
	"net/url"

	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// logPage is what log.html shows: all that moderators have decided.
type logPage struct {
	modPage
	Moderators []choice
	Decisions  []decisionView
	Older      string
}

// logged is how many decisions stand on a page of the log.
const logged = 50

func (d *Desk) showLog(v *visit, a *reader.Actor) (*page.Answer, error) {
	p := logPage{}
	var err error
	if p.modPage, err = d.modPage(v, a, "mod.log"); err != nil {
		return nil, err
	}
	who := v.Get("moderator")
	staff, err := d.Readers.Staff(v.Context())
	if err != nil {
		return nil, err
	}
	for _, s := range staff {
		if s.Role.May(reader.MayModerate) || s.ID == who {
			p.Moderators = append(p.Moderators, choice{s.ID, s.Name, s.ID == who})
		}
	}
	list, older, err := d.Comments.Decided(v.Context(), who, v.Get("before"), logged)
	if err != nil {
		return nil, err
	}
	if older != "" {
		q := url.Values{"before": {older}}
		if who != "" {
			q.Set("moderator", who)
		}
		p.Older = moderation + "/log?" + q.Encode()
	}
	ids := deciders(list)
	for _, x := range list {
		ids = append(ids, x.Reader)
	}
	n, err := d.names(v, ids...)
	if err != nil {
		return nil, err
	}
	if p.Decisions, err = d.decisions(v, n, list); err != nil {
		return nil, err
	}
	for i, x := range list {
		o := &p.Decisions[i]
		if x.Reader != "" {
			o.Whom, o.Member = n.name(x.Reader), moderation+"/member/"+x.Reader
		}
		switch {
		case x.Comment != "":
			o.Comment = queuePath(commentQueue, x.Comment, "")
		case x.Article != "":
			o.Thread = moderation + "/thread/" + x.Article
		}
	}
	return page.Show(v.log.With(p)), nil
}
