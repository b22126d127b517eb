package site

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kawaraban/internal/follow"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/topic"
)

// followingPage is what following.html shows: what a reader follows, and above it
// what can be followed from where the reader came.
type followingPage struct {
	chrome
	Notice  string
	Bad     bool
	Undo    string // takes what was just done back, "" for nothing
	NoEmail bool   // letters have nowhere to go
	From    string // what is offered, as the address says it
	Offered []followRow
	List    []followRow
	Devices []deviceRow
	Key     string // by which push services know the paper
}

// A followRow is one thing that is or can be followed.
type followRow struct {
	ID, What   string // of the field, and of the thing
	Kind, Name string
	Path, Feed string
	Ways       []option
}

const followingPath = "/account/following"

func (s *Site) followRoutes(rt *page.Router) {
	rt.Public("GET /feed/author", s.showAuthorFeed, "name")
	rt.Public("GET /feed/topic", s.showTopicFeed, "name")
	rt.Public("GET /feed/story/{article}", s.showStoryFeed)
	s.member(rt, "GET "+followingPath, reader.MayManageSelf, s.showFollowing)
	s.member(rt, "POST "+followingPath, reader.MayManageSelf, s.setFollowing)
	rt.Public("GET /sw.js", s.showWorker)
	s.member(rt, "POST /account/push", reader.MayManageSelf, s.addDevice)
	s.member(rt, "POST /account/push/{id}", reader.MayManageSelf, s.removeDevice)
}

// thing reads what an address or a form means by "section:city".
func thing(text string) follow.What {
	kind, key, _ := strings.Cut(text, ":")
	return follow.What{Kind: follow.Kind(kind), Key: key}
}

func (s *Site) showFollowing(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := s.following(v, a, v.Get("add"))
	if err != nil {
		return nil, err
	}
	w := v.words
	switch what := v.Get("what"); v.Get("done") {
	case "followed":
		p.Notice = w.Say("following.done.followed")
	case "device":
		p.Notice = w.Say("push.done.added")
	case "removed":
		p.Notice = w.Say("push.done.removed")
	case "changed":
		p.Notice = w.Say("following.done.changed")
	case "stopped":
		p.Notice, p.Undo = w.Say("following.done.stopped"), followingPath+"?"+url.Values{"add": {what}}.Encode()
	}
	return s.withWorker(page.Show(v.following.With(p))), nil
}

func (s *Site) following(v *visit, a *reader.Actor, add string) (p followingPage, err error) {
	p = followingPage{chrome: s.personal(v, "following.title"), NoEmail: a.Reader.Email == "", From: add}
	list, err := s.Follows.Of(v.Context(), a.Reader.ID)
	if err != nil {
		return p, err
	}
	ways := map[follow.What]follow.Way{}
	for _, f := range list {
		ways[f.What] = f.Way
		named, err := s.Follows.Named(v.Context(), f.What)
		if problem.Of(err) != nil {
			named = follow.Named{What: f.What, Name: v.words.Say("following.gone")}
		} else if err != nil {
			return p, err
		}
		p.List = append(p.List, s.followRow(v, named, f.Way, len(p.List)))
	}
	if err := s.devices(v, a, &p); err != nil || add == "" {
		return p, err
	}
	wanted := thing(add)
	offered, err := s.offered(v, wanted)
	if problem.Of(err) != nil {
		p.Notice, p.Bad = v.told(problem.Of(err).Detail), true
		return p, nil
	}
	if err != nil {
		return p, err
	}
	for i, n := range offered {
		way := ways[n.What]
		if way == "" && n.What == wanted {
			way = n.Kind.Ways()[0]
		}
		row := s.followRow(v, n, way, i)
		row.ID = "offer-" + strconv.Itoa(i)
		row.Ways = append([]option{{"", v.words.Say("following.way.none"), way == ""}}, row.Ways...)
		p.Offered = append(p.Offered, row)
	}
	return p, nil
}

// offered is what can be followed beside what was asked for: it comes first.
func (s *Site) offered(v *visit, w follow.What) ([]follow.Named, error) {
	if w.Kind != follow.Story && w.Kind != follow.Thread {
		n, err := s.Follows.Named(v.Context(), w)
		return []follow.Named{n}, err
	}
	list, err := s.Follows.Offered(v.Context(), w.Key)
	slices.SortStableFunc(list, func(a, b follow.Named) int {
		switch {
		case a.What == w && b.What != w:
			return -1
		case b.What == w && a.What != w:
			return 1
		}
		return 0
	})
	return list, err
}

// followRow sets one thing.
func (s *Site) followRow(v *visit, n follow.Named, way follow.Way, i int) followRow {
	row := followRow{ID: "way-" + strconv.Itoa(i), What: string(n.Kind) + ":" + n.Key, Kind: kindName(v.words, n.Kind), Name: n.Name, Path: n.Path}
	if n.Kind == follow.Topic && n.Name == n.Key {
		row.Name = topic.Load().Word(n.Key, v.words.Tag.String())
	}
	if n.Path != "" || n.Name == n.Key {
		row.Feed = s.followFeed(n)
	}
	for _, o := range n.Kind.Ways() {
		row.Ways = append(row.Ways, option{string(o), wayName(v.words, o), o == way})
	}
	return row
}

func kindName(w *page.Language, k follow.Kind) string {
	switch k {
	case follow.Section:
		return w.Say("following.section")
	case follow.Topic:
		return w.Say("following.topic")
	case follow.Author:
		return w.Say("following.author")
	case follow.Thread:
		return w.Say("following.thread")
	}
	return w.Say("following.story")
}

func wayName(w *page.Language, way follow.Way) string {
	switch way {
	case follow.Mail:
		return w.Say("following.way.mail")
	case follow.Push:
		return w.Say("following.way.push")
	case follow.Digest:
		return w.Say("following.way.digest")
	}
	return w.Say("following.way.feed")
}

// followFeed is the whole address of a thing's feed, "" where there is none.
func (s *Site) followFeed(n follow.Named) string {
	switch n.Kind {
	case follow.Section:
		return s.Paper.URL(n.Path + "/feed")
	case follow.Author, follow.Topic:
		return s.Paper.URL(nameFeed(n.Kind, n.Key))
	case follow.Story:
		return s.Paper.URL("/feed/story/" + n.Key)
	}
	return ""
}

// setFollowing follows what was chosen of an offer, changes a way, or stops.
func (s *Site) setFollowing(v *visit, a *reader.Actor) (*page.Answer, error) {
	what, done := v.Field("what"), "changed"
	var err error
	switch v.Field("act") {
	case "stop":
		done, err = "stopped", s.Follows.Stop(v.Context(), a.Reader.ID, thing(what))
	case "follow":
		done, err = "followed", s.followChosen(v, a)
	default:
		err = s.Follows.Add(v.Context(), a.Reader.ID, thing(what), follow.Way(v.Field("way")))
	}
	bad := problem.Of(err)
	switch {
	case err == nil:
		return page.SeeOther(followingPath + "?" + url.Values{"done": {done}, "what": {what}}.Encode()), nil
	case bad == nil || bad.Kind == problem.Unavailable:
		return nil, err
	}
	p, err := s.following(v, a, v.Field("from"))
	if err != nil {
		return nil, err
	}
	p.Notice, p.Bad = v.told(bad.Detail), true
	return s.withWorker(page.WithStatus(v.following.With(p), http.StatusUnprocessableEntity)), nil
}

// followChosen follows what was chosen of an offer. What was offered is asked anew,
// so that a form can only choose among it.
func (s *Site) followChosen(v *visit, a *reader.Actor) error {
	offered, err := s.offered(v, thing(v.Field("from")))
	if err != nil {
		return err
	}
	chosen := 0
	for _, n := range offered {
		way := v.Field("way-" + string(n.Kind) + ":" + n.Key)
		if way == "" {
			err = s.Follows.Stop(v.Context(), a.Reader.ID, n.What)
		} else {
			chosen++
			err = s.Follows.Add(v.Context(), a.Reader.ID, n.What, follow.Way(way))
		}
		if err != nil {
			return err
		}
	}
	if chosen == 0 {
		return &problem.Problem{Kind: problem.Invalid, Detail: "You have chosen nothing. Say how you want to follow at least one of these."}
	}
	return nil
}
