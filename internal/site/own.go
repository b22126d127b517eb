package site

import (
	"net/http"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// ownComment finds a comment of the reader's, and the article it stands on.
func (s *Site) ownComment(v *visit, a *reader.Actor) (c comment.Comment, art article.Card, err error) {
	if c, err = s.Comments.Own(v.Context(), a.Reader.ID, v.Path("id")); err != nil {
		return c, art, err
	}
	art, err = s.Articles.Known(v.Context(), c.Article)
	return c, art, err
}

func (s *Site) showEdit(v *visit, a *reader.Actor) (*page.Answer, error) {
	c, _, err := s.ownComment(v, a)
	if err != nil {
		return nil, err
	}
	return s.editPage(v, a, c.Body, nil)
}

// editPage is the thread with a form for what was written already.
func (s *Site) editPage(v *visit, a *reader.Actor, body string, wrong error) (*page.Answer, error) {
	c, art, err := s.ownComment(v, a)
	if err != nil {
		return nil, err
	}
	shown, err := s.talkPage(v, a, art, written{Body: body})
	if err != nil {
		return nil, err
	}
	f := shown.Thread.Mine.Form
	if f == nil || !c.Editable(s.Now()) {
		late := &problem.Problem{Kind: problem.Conflict, Detail: "A comment can be changed for 10 minutes. Answer it to add something."}
		if v.Sends() {
			// What was typed can be an answer to it.
			return s.again422(v, a, art, written{Body: body, To: c.ID}, late)
		}
		return nil, late
	}
	f.Action, f.Label, f.Button, f.Focus = "/comment/"+c.ID+"/edit", v.words.Say("write.change"), v.words.Say("write.save"), true
	if v.Field("do") == "preview" && wrong == nil {
		if clean, err := comment.Clean(body); err != nil {
			wrong = err
		} else {
			f.Preview = richtext.Comment(clean)
		}
	}
	status, wait := http.StatusOK, time.Duration(0)
	if p := problem.Of(wrong); p != nil {
		status, wait = p.Kind.Status(), p.Wait
		if f.Error = v.words.Say(p.Fields["body"]); p.Fields["body"] == "" {
			shown.Notice, shown.Bad = v.tells(p), true
		}
	}
	return page.WithStatus(v.talk.With(shown), status).Wait(wait), nil
}

func (s *Site) edit(v *visit, a *reader.Actor) (*page.Answer, error) {
	if v.Field("do") == "preview" {
		return s.editPage(v, a, v.Field("body"), nil)
	}
	_, art, err := s.ownComment(v, a)
	if err != nil {
		return nil, err
	}
	if err := s.brakes.write(v, a.Reader.ID, art.ID); err != nil {
		return s.editPage(v, a, v.Field("body"), err)
	}
	c, err := s.Comments.Edit(v.Context(), v.Path("id"), comment.New{
		About: about(art), Author: a.Reader.ID, Body: v.Field("body"), Vetted: a.Reader.Role.Staff(),
	})
	switch p := problem.Of(err); {
	case p == nil:
	case p.Fields["body"] != "":
		return s.editPage(v, a, v.Field("body"), err)
	case p.Kind == problem.Conflict || p.Kind == problem.Forbidden:
		return s.again422(v, a, art, written{Body: v.Field("body"), To: v.Path("id")}, err)
	}
	if err != nil {
		return nil, err
	}
	s.Cache.Purge(comment.Tag(art.ID))
	if c.State != comment.Visible {
		return page.SeeOther("/thread/" + art.ID + "?done=held"), nil
	}
	place, err := s.placeOf(v, art, c)
	return page.SeeOther(place), err
}

func (s *Site) showDelete(v *visit, a *reader.Actor) (*page.Answer, error) {
	_, art, err := s.ownComment(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.form.With(formPage{
		chrome: s.personal(v, "delete.title"), Lead: v.words.Say("delete.lead"),
		Forms: []form{{Action: v.Here(), Button: v.words.Say("delete.button"), Danger: true}},
		Links: []link{{art.Path() + "#comments", v.words.Say("delete.keep")}},
	})), nil
}

func (s *Site) deleteComment(v *visit, a *reader.Actor) (*page.Answer, error) {
	c, art, err := s.ownComment(v, a)
	if err != nil {
		return nil, err
	}
	if err := s.Comments.Delete(v.Context(), a.Reader.ID, c.ID); err != nil {
		return nil, err
	}
	s.Cache.Purge(comment.Tag(art.ID))
	return page.SeeOther("/thread/" + art.ID + "?done=deleted"), nil
}
