package site

import (
	"context"
	"fmt"
	"html/template"
	"strings"
	"sync"

	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// A branch is a top comment with what stands below it.
type branch struct {
	remark
	Below []remark
	More  string        // how many replies are on the page of the branch, "" for none
	Fold  string        // its address
	Top   template.HTML // the comment, and those below it, as they are set
	Under template.HTML
}

// A remark is a comment as it is set.
type remark struct {
	Article string
	ID      string
	Gone    string // what became of it; "" for one that can be read
	Name    string
	Handle  string // "" for whoever has left
	Role    string // of staff
	When    string
	At      string // for machines
	To      string // the name of whoever it answers, on a reply to a reply
	Parent  string
	Edited  bool
	Marked  bool // a moderator has changed it
	Body    template.HTML
	Score   template.HTML
	Takes   bool // it can be answered and voted on
	Own     bool
	Change  bool // its author can still change it
	Muted   bool // this reader does not want to see it
	Vote    comment.Way
}

// A shape is what of a remark changes more than its texts.
type shape struct {
	gone                                                        string
	handle, role, to, edited, marked, takes, own, change, muted bool
	vote                                                        comment.Way
}

func (r *remark) shape() shape {
	return shape{r.Gone, r.Handle != "", r.Role != "", r.To != "", r.Edited, r.Marked, r.Takes, r.Own, r.Change, r.Muted, r.Vote}
}

// remarks set comments. A page has hundreds of them in a handful of shapes, so
// the template is rendered once for each shape, and filled in.
type remarks struct {
	template page.Template[remark]
	mu       sync.Mutex
	stencils map[shape]page.Stencil
}

// stencil is the template in one shape.
func (m *remarks) stencil(like *remark) (page.Stencil, error) {
	at := like.shape()
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.stencils[at]; ok {
		return s, nil
	}
	s, err := m.template.Stencil(func(mark func(int) string) remark {
		r := *like
		for n, text := range []*string{&r.ID, &r.Handle, &r.Name, &r.Role, &r.At, &r.When, &r.To, &r.Parent, &r.Article} {
			if *text != "" {
				*text = mark(n)
			}
		}
		r.Body, r.Score = page.Escape(mark(bodyMark)), page.Escape(mark(bodyMark+1))
		return r
	})
	if err != nil {
		return s, fmt.Errorf("set a comment: %w", err)
	}
	if m.stencils == nil {
		m.stencils = map[shape]page.Stencil{}
	}
	m.stencils[at] = s
	return s, nil
}

const bodyMark = 9 // behind the texts of stencil

func (m *remarks) write(w *strings.Builder, r *remark) error {
	s, err := m.stencil(r)
	if err != nil {
		return err
	}
	e := page.Escape
	s.Fill(w, e(r.ID), e(r.Handle), e(r.Name), e(r.Role), e(r.At), e(r.When), e(r.To), e(r.Parent), e(r.Article), r.Body, r.Score)
	return nil
}

// set sets all remarks of a thread.
func (m *remarks) set(v *threadView) error {
	for i := range v.Branches {
		b := &v.Branches[i]
		var top, under strings.Builder
		if err := m.write(&top, &b.remark); err != nil {
			return err
		}
		for j := range b.Below {
			if err := m.write(&under, &b.Below[j]); err != nil {
				return err
			}
			under.WriteByte('\n')
		}
		b.Top, b.Under = page.Filled(&top), page.Filled(&under)
	}
	return nil
}

// authors are the readers whom a part of a thread names.
func (s *Site) authors(ctx context.Context, l comment.Listing) (ids []string, faces map[string]reader.Face, err error) {
	seen := map[string]bool{"": true}
	add := func(id string) {
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, b := range l.Branches {
		add(b.Author)
		for _, c := range b.Below {
			add(c.Author)
			add(c.Answered)
		}
	}
	faces, err = s.Readers.Faces(ctx, ids...)
	return ids, faces, err
}

// A setter sets comments of one part.
type setter struct {
	s      *Site
	words  *page.Language
	faces  map[string]reader.Face
	thread *threadView
	top    string // of the branch that is being set
}

func (t setter) remark(c comment.Comment) remark {
	r := remark{ID: c.ID, Article: t.thread.Article}
	switch c.State {
	case comment.Removed:
		r.Gone = t.words.Say("comment.removed")
	case comment.Deleted:
		r.Gone = t.words.Say("comment.deleted")
	case comment.Held:
		r.Gone = t.words.Say("comment.held")
	}
	if r.Gone != "" {
		return r
	}
	r.Name, r.Handle, r.Role = t.author(c.Author)
	r.When, r.At = t.words.Moment(c.Created), t.words.Machine(c.Created)
	r.Edited, r.Marked = !c.Edited.IsZero(), c.Marked
	r.Body, r.Score = richtext.Comment(c.Body), scored(c.Score)
	r.Takes = t.thread.Takes
	if c.Parent != "" && c.Parent != t.top {
		r.Parent = c.Parent
		r.To, _, _ = t.author(c.Answered)
	}
	return r
}

// scored is a score as the paper prints it. html/template would write its plus
// signs as numbers, which are the same to a browser and not to whoever reads the
// source.
func scored(s comment.Score) template.HTML {
	return richtext.PlainHTML([]richtext.Span{{Text: s.String()}})
}

// author is how a reader is named beside a comment.
func (t setter) author(id string) (name, handle, role string) {
	f, ok := t.faces[id]
	if !ok || f.Erased {
		return t.words.Say("comment.nobody"), "", ""
	}
	if f.Role.Staff() {
		role = roleName(t.words, f.Role)
	}
	return f.Name, f.Handle, role
}
