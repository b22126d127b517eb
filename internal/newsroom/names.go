package newsroom

import (
	"strings"

	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// names are the people whom a page names, read at once.
type names struct {
	words *page.Language
	faces map[string]reader.Face
}

// names reads people by their ids; "" is nobody.
func (d *Desk) names(v *visit, ids ...string) (names, error) {
	seen := map[string]bool{"": true}
	var some []string
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			some = append(some, id)
		}
	}
	faces, err := d.Readers.Faces(v.Context(), some...)
	return names{v.words, faces}, err
}

func (n names) name(id string) string {
	f, ok := n.faces[id]
	if !ok || f.Erased {
		return n.words.Say("comment.nobody")
	}
	return f.Name
}

// A personView is a member beside what the member wrote.
type personView struct {
	Name    string
	Handle  string
	Path    string // of the page about the member, "" for whoever has left
	Profile string // "" for whoever has left
	Role    string // of staff
}

func (n names) person(id string) personView {
	p := personView{Name: n.name(id)}
	if f, ok := n.faces[id]; ok && !f.Erased {
		p.Path = moderation + "/member/" + id
		p.Handle, p.Profile = f.Handle, "/member/"+f.Handle
		if f.Role.Staff() {
			p.Role = roleName(n.words, f.Role)
		}
	}
	return p
}

// staff reports whether somebody works for the paper.
func (n names) staff(id string) bool { return n.faces[id].Role != "" && n.faces[id].Role.Staff() }

func roleName(w *page.Language, r reader.Role) string {
	switch r {
	case reader.Contributor:
		return w.Say("role.contributor")
	case reader.Editor:
		return w.Say("role.editor")
	case reader.Moderator:
		return w.Say("role.moderator")
	case reader.Publisher:
		return w.Say("role.publisher")
	default:
		return w.Say("role.reader")
	}
}

// A decisionView is a decision as moderators read it.
type decisionView struct {
	ID      string
	What    string
	Who     string // the moderator
	Whom    string // the reader concerned, where a list is about several
	Member  string // and the page about that one
	Comment string // the page of the comment, "" when it is about none
	Thread  string // or of the thread
	When    string
	At      string
	Rule    string
	Law     bool
	Reason  string
	Until   string
	Detail  string
	Undoes  bool
	Appeal  bool // it was made on an appeal
}

// decisions sets decisions, with the names of whoever took them and of the
// rules that they rest on, old ones too.
func (d *Desk) decisions(v *visit, n names, list []comment.Decision) ([]decisionView, error) {
	rules := map[string]string{"": ""}
	views := make([]decisionView, len(list))
	for i, x := range list {
		if _, ok := rules[x.Rule]; !ok {
			r, err := d.Comments.RuleByID(v.Context(), x.Rule)
			if err != nil {
				return nil, err
			}
			rules[x.Rule] = r.Name
		}
		views[i] = decisionView{
			ID: x.ID, What: did(v.words, x.Act), Who: n.name(x.Moderator), Rule: rules[x.Rule], Law: x.Ground == comment.GroundLaw, Reason: x.Reason,
			When: v.words.Moment(x.Created), At: v.words.Machine(x.Created), Undoes: x.Undoes != "", Appeal: x.Source == comment.SourceAppeal,
		}
		switch o := &views[i]; {
		case !x.Until.IsZero():
			o.Until = v.words.Moment(x.Until)
		case x.Act == comment.ActSlow:
			if pause, err := seconds(x.Detail); err == nil {
				o.Detail = v.words.Count("seconds", int(pause.Seconds()))
			}
		case x.Act == comment.ActSection:
			s, days, _ := strings.Cut(x.Detail, " ")
			o.Detail = setting(v.words, comment.Switch(s))
			if days != "0" {
				o.Detail += " · " + v.words.Say("mod.section.days", days)
			}
		}
	}
	return views, nil
}

// deciders are those whom decisions name.
func deciders(list []comment.Decision) (ids []string) {
	for _, x := range list {
		ids = append(ids, x.Moderator)
	}
	return ids
}
