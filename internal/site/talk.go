package site

import (
	"html/template"
	"net/url"

	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
	"kawaraban/internal/secret"
)

// talkPage is what talk.html shows: the thread of an article for one reader,
// with the form. Without a script it is where readers write; with one the
// article's own page does the same.
type talkPage struct {
	chrome
	Path     string // of the article
	Headline string
	Notice   string
	Bad      bool
	Thread   *threadView
}

// mine is what is one reader's own on a thread.
type mine struct {
	Waiting []waiting // comments that a moderator has to look at
	Form    *writeForm
	Kept    string // what was typed where nothing can be sent any more
}

// waiting is a comment that a moderator has to look at, and why.
type waiting struct {
	remark
	Why []string
}

// A writeForm is where a reader writes.
type writeForm struct {
	Action  string
	Label   string
	Button  string
	Body    string
	Error   string
	To      string  // the comment that is answered
	Quoted  *remark // and what it says
	Key     string
	Preview template.HTML
	Focus   bool
}

// threadRoutes are the addresses of threads.
func (s *Site) threadRoutes(rt *page.Router) {
	rt.Public("GET /comment/{id}", s.findComment)
	rt.Public("GET /scores/{article}", s.showScores, threadParams...)
	s.open(rt, "GET /live/{article}", func(v *visit) (*page.Answer, error) { return s.liveThread(v.Visit) })
	s.open(rt, "GET /me/thread/{article}", s.showMine)

	s.member(rt, "GET /thread/{article}", reader.MayComment, s.showTalk)
	s.anyone(rt, "POST /thread/{article}", s.talk)
	s.member(rt, "GET /comment/{id}/edit", reader.MayComment, s.showEdit)
	s.member(rt, "POST /comment/{id}/edit", reader.MayComment, s.edit)
	s.member(rt, "GET /comment/{id}/delete", reader.MayComment, s.showDelete)
	s.member(rt, "POST /comment/{id}/delete", reader.MayComment, s.deleteComment)
	s.member(rt, "POST /comment/{id}/vote", reader.MayComment, s.vote)
	s.member(rt, "POST /member/{handle}/mute", reader.MayComment, s.muteMember)
	s.member(rt, "GET /account/muted", reader.MayComment, s.showMuted)
	s.noticeRoutes(rt)
	s.decisionRoutes(rt)
}

// A written is what somebody is writing.
type written struct {
	Body, To, Key string
	Preview       bool
}

func (s *Site) showTalk(v *visit, a *reader.Actor) (*page.Answer, error) {
	art, err := s.Articles.Known(v.Context(), v.Path("article"))
	if err != nil {
		return nil, err
	}
	w := written{To: v.Get("to")}
	notice := ""
	switch v.Get("done") {
	case "held":
		notice = v.words.Say("write.held")
	case "deleted":
		notice = v.words.Say("write.deleted")
	}
	if token := v.Get("draft"); token != "" {
		d, err := s.Comments.TakeDraft(v.Context(), token)
		if err != nil {
			return nil, err
		}
		if d.Article == art.ID {
			w.Body, w.To, notice = d.Body, d.Parent, v.words.Say("write.kept")
		}
	}
	shown, err := s.talkPage(v, a, art, w)
	if err != nil {
		return nil, err
	}
	shown.Notice = notice
	return page.Show(v.talk.With(shown)), nil
}

// talkPage sets the thread of an article for one reader.
func (s *Site) talkPage(v *visit, a *reader.Actor, art article.Card, w written) (p talkPage, err error) {
	ctx := v.Context()
	p = talkPage{chrome: s.personal(v, "talk.title"), Path: art.Path(), Headline: art.Headline}
	p.Here = art.Section.Slug
	view, listing, _, err := s.thread(ctx, v.words, art, partOf(v.Get), "/thread/"+art.ID)
	if err != nil {
		return p, err
	}
	if view == nil {
		return p, &problem.Problem{Kind: problem.NotFound, Detail: "This article has no comments."}
	}
	p.Thread, view.Mine = view, &mine{}
	if err := s.personalise(v, a, view, listing); err != nil {
		return p, err
	}
	if err := v.remarks.set(view); err != nil {
		return p, err
	}
	waits, err := s.Comments.Waiting(ctx, a.Reader.ID, art.ID)
	if err != nil {
		return p, err
	}
	set := setter{s: s, words: v.words, thread: view, faces: map[string]reader.Face{a.Reader.ID: {Name: a.Reader.Name, Handle: a.Reader.Handle}}}
	for _, c := range waits {
		change := c.Editable(s.Now())
		c.State = comment.Visible // for its author
		r := set.remark(c)
		r.Change = change
		view.Mine.Waiting = append(view.Mine.Waiting, waiting{r, held(v.words, c.HeldFor)})
	}
	if !view.Takes {
		view.Mine.Kept = w.Body
		return p, nil
	}
	view.Mine.Form, err = s.writeForm(v, view, w)
	return p, err
}

// held says why a comment waits. Which word it was stays with the moderators:
// whoever knows it writes another.
func held(w *page.Language, holds comment.Holds) (why []string) {
	for _, h := range holds {
		switch h.Rule {
		case comment.HeldThread:
			why = append(why, w.Say("hold.thread"))
		case comment.HeldFirst:
			why = append(why, w.Say("hold.first"))
		case comment.HeldLinks:
			why = append(why, w.Say("hold.links"))
		case comment.HeldRepeat:
			why = append(why, w.Say("hold.repeat"))
		case comment.HeldRate:
			why = append(why, w.Say("hold.rate"))
		case comment.HeldWords, comment.HeldFilter:
			why = append(why, w.Say("hold.words"))
		default:
			why = append(why, w.Say("hold.hand"))
		}
	}
	return why
}

func (s *Site) writeForm(v *visit, view *threadView, w written) (*writeForm, error) {
	label := v.words.Say("write.label")
	if view.Asks {
		label = v.words.Say("answers.label")
	}
	f := &writeForm{
		Action: view.Write, Label: label, Button: v.words.Say("write.post"),
		Body: w.Body, Key: w.Key, Focus: w.Body != "" || w.To != "",
	}
	if f.Key == "" {
		f.Key = secret.NewToken().Reveal()
	}
	if w.To == "" {
		return f, nil
	}
	c, err := s.Comments.ByID(v.Context(), w.To)
	if problem.Is(err, problem.NotFound) || err == nil && (c.State != comment.Visible || c.Article != view.Article) {
		return f, nil // it is gone: what is written can stand on the article
	}
	if err != nil {
		return nil, err
	}
	faces, err := s.Readers.Faces(v.Context(), c.Author)
	if err != nil {
		return nil, err
	}
	q := setter{s: s, words: v.words, faces: faces, thread: view}.remark(c)
	f.To, f.Quoted, f.Label = c.ID, &q, v.words.Say("write.answer", q.Name)
	return f, nil
}

// personalise marks what is a reader's own on a thread.
func (s *Site) personalise(v *visit, a *reader.Actor, view *threadView, l comment.Listing) error {
	m, err := s.mineOf(v, a, l)
	if err != nil {
		return err
	}
	mark := func(r *remark) {
		r.Vote = m.Ways[r.ID]
		_, r.Own = m.Own[r.ID]
		r.Change = m.Own[r.ID] > 0
		r.Muted = m.muted[r.ID]
	}
	for i := range view.Branches {
		b := &view.Branches[i]
		mark(&b.remark)
		for j := range b.Below {
			mark(&b.Below[j])
		}
	}
	return nil
}

// mineSaid is what is a reader's own on a part of a thread, for our script.
type mineSaid struct {
	Ways  map[string]comment.Way `json:"ways"`
	Own   map[string]int         `json:"own"` // for how many seconds it can be changed
	Muted []string               `json:"muted"`
	muted map[string]bool
}

func (s *Site) mineOf(v *visit, a *reader.Actor, l comment.Listing) (m mineSaid, err error) {
	var all []comment.Comment
	var ids []string
	for _, b := range l.Branches {
		for _, c := range append([]comment.Comment{b.Comment}, b.Below...) {
			if c.State == comment.Visible {
				all, ids = append(all, c), append(ids, c.ID)
			}
		}
	}
	m = mineSaid{Own: map[string]int{}, Muted: []string{}, muted: map[string]bool{}}
	if m.Ways, err = s.Comments.Votes(v.Context(), a.Reader.ID, ids); err != nil {
		return m, err
	}
	members, err := s.Comments.Muted(v.Context(), a.Reader.ID)
	if err != nil {
		return m, err
	}
	muted := map[string]bool{}
	for _, id := range members {
		muted[id] = true
	}
	for _, c := range all {
		switch {
		case c.Author == a.Reader.ID:
			m.Own[c.ID] = max(0, int((comment.EditTime - s.Now().Sub(c.Created)).Seconds()))
		case muted[c.Author]:
			m.Muted = append(m.Muted, c.ID)
			m.muted[c.ID] = true
		}
	}
	return m, nil
}

// showMine tells our script what is the reader's own on a thread.
func (s *Site) showMine(v *visit) (*page.Answer, error) {
	if v.who.Actor == nil {
		return page.Nothing(), nil
	}
	art, err := s.Articles.Known(v.Context(), v.Path("article"))
	if err != nil {
		return nil, err
	}
	l, err := s.Comments.List(v.Context(), art.ID, partOf(v.Get))
	if err != nil {
		return nil, err
	}
	m, err := s.mineOf(v, v.who.Actor, l)
	if err != nil {
		return nil, err
	}
	return page.JSON(m)
}

// talk takes what a reader has written. Whoever is not logged in any more does
// that first, and finds the text again.
func (s *Site) talk(v *visit) (*page.Answer, error) {
	art, err := s.Articles.Known(v.Context(), v.Path("article"))
	if err != nil {
		return s.said(v, err)
	}
	w := written{Body: v.Field("body"), To: v.Field("to"), Key: v.Field("key"), Preview: v.Field("do") == "preview"}
	a := v.who.Actor
	if a == nil {
		return s.draft(v, art, w)
	}
	if w.Preview && !v.WantsJSON() {
		return s.preview(v, a, art, w)
	}
	c, err := s.post(v, a, art, w)
	if err != nil {
		return s.again422(v, a, art, w, err)
	}
	place := "/thread/" + art.ID + "?done=held"
	if c.State == comment.Visible {
		if place, err = s.placeOf(v, art, c); err != nil {
			return nil, err
		}
	}
	if v.WantsJSON() {
		return page.JSON(struct {
			Place string `json:"place"`
			Held  bool   `json:"held"`
		}{place, c.State == comment.Held})
	}
	return page.SeeOther(place), nil
}

func (s *Site) post(v *visit, a *reader.Actor, art article.Card, w written) (c comment.Comment, err error) {
	if err := s.brakes.write(v, a.Reader.ID, art.ID); err != nil {
		return c, err
	}
	n := comment.New{About: about(art), Author: a.Reader.ID, Parent: w.To, Body: w.Body, Key: w.Key, Vetted: a.Reader.Role.Staff()}
	if handles := comment.Mentions(w.Body); len(handles) > 0 {
		called, err := s.Readers.ByHandles(v.Context(), handles...)
		if err != nil {
			return c, err
		}
		for id, f := range called {
			if !f.Erased {
				n.Mentioned = append(n.Mentioned, id)
			}
		}
	}
	if c, err = s.Comments.Post(v.Context(), n); err == nil && c.State == comment.Visible {
		// The reader goes to the page from here, and must find the comment there.
		s.Cache.Purge(comment.Tag(art.ID))
	}
	return c, err
}

// placeOf is where a comment stands on the article's page.
func (s *Site) placeOf(v *visit, art article.Card, c comment.Comment) (string, error) {
	_, p, err := s.Comments.Place(v.Context(), c.ID)
	if err != nil {
		return "", err
	}
	return partPath(art.Path(), p, "comment-"+c.ID), nil
}

// draft keeps a text and sends its author to the log-in.
func (s *Site) draft(v *visit, art article.Card, w written) (*page.Answer, error) {
	if err := s.brakes.keep(v); err != nil {
		return s.said(v, err)
	}
	t, err := s.Comments.KeepDraft(v.Context(), comment.Draft{Article: art.ID, Parent: w.To, Body: w.Body})
	if err != nil {
		return s.said(v, err)
	}
	next := "/thread/" + art.ID + "?" + url.Values{"draft": {t.Reveal()}}.Encode()
	return logInFirst(v, next)
}

// logInFirst leads to the log-in, or to the second factor when only that is missing,
// and from there to next. Our script goes there itself.
func logInFirst(v *visit, next string) (*page.Answer, error) {
	to := withNext("/login", next)
	if v.who.Pending != nil {
		to = withNext("/login/second-factor", next)
	}
	if v.WantsJSON() {
		return page.JSON(struct {
			Login string `json:"login"`
		}{to})
	}
	return page.SeeOther(to), nil
}

func (s *Site) preview(v *visit, a *reader.Actor, art article.Card, w written) (*page.Answer, error) {
	clean, err := comment.Clean(w.Body)
	if err != nil {
		return s.again422(v, a, art, w, err)
	}
	shown, err := s.talkPage(v, a, art, w)
	if err != nil {
		return nil, err
	}
	if f := shown.Thread.Mine.Form; f != nil {
		f.Preview = richtext.Comment(clean)
	}
	return page.Show(v.talk.With(shown)), nil
}

// again422 shows the form once more with what was typed and what is wrong.
func (s *Site) again422(v *visit, a *reader.Actor, art article.Card, w written, err error) (*page.Answer, error) {
	p := problem.Of(err)
	if p == nil || v.WantsJSON() {
		return s.said(v, err)
	}
	shown, other := s.talkPage(v, a, art, w)
	if other != nil {
		return nil, err
	}
	if f := shown.Thread.Mine.Form; f != nil && p.Fields["body"] != "" {
		f.Error, f.Focus = v.words.Say(p.Fields["body"]), true
	} else {
		shown.Notice, shown.Bad = v.tells(p), true
	}
	return page.WithStatus(v.talk.With(shown), p.Kind.Status()).Wait(p.Wait), nil
}

// said answers our script in words when something is wrong; a person gets the
// page of the Problem.
func (s *Site) said(v *visit, err error) (*page.Answer, error) {
	p := problem.Of(err)
	if p == nil || !v.WantsJSON() {
		return nil, err
	}
	answer, err := page.JSON(struct {
		Error string `json:"error"`
	}{v.tells(p)})
	if err != nil {
		return nil, err
	}
	return answer.Status(p.Kind.Status()).Wait(p.Wait), nil
}
