package site

import (
	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// vote takes a vote. Pages are not purged for it; the reader's own page shows
// the answer.
func (s *Site) vote(v *visit, a *reader.Actor) (*page.Answer, error) {
	score, art, err := s.cast(v, a)
	if err != nil {
		return s.said(v, err)
	}
	if v.WantsJSON() {
		return page.JSON(struct {
			Net   int    `json:"net"`
			Up    int    `json:"up"`
			Down  int    `json:"down"`
			Score string `json:"score"`
		}{score.Net(), score.Up, score.Down, score.String()})
	}
	// Without a script the reader's own page of the thread is the one that shows
	// how the reader has voted.
	c, p, err := s.Comments.Place(v.Context(), v.Path("id"))
	if err != nil {
		return nil, err
	}
	return page.SeeOther(partPath("/thread/"+art.ID, p, "comment-"+c.ID)), nil
}

func (s *Site) cast(v *visit, a *reader.Actor) (score comment.Score, art article.Card, err error) {
	way, err := comment.ParseWay(v.Field("way"))
	if err != nil {
		return score, art, err
	}
	if err := s.brakes.vote(v, a.Reader.ID); err != nil {
		return score, art, err
	}
	c, err := s.Comments.ByID(v.Context(), v.Path("id"))
	if err != nil {
		return score, art, err
	}
	if art, err = s.Articles.Known(v.Context(), c.Article); err != nil {
		return score, art, err
	}
	block := ""
	if at := v.Address(); known(at) {
		block = page.Region(at)
	}
	score, err = s.Comments.Vote(v.Context(), comment.Ballot{
		About: about(art), Comment: c.ID, Voter: a.Reader.ID, Way: way,
		Joined: a.Reader.Created, Block: block, Referrer: v.Field("from"),
	})
	if err == nil {
		s.Cache.Age(comment.Tag(art.ID))
	}
	return score, art, err
}

// muteMember hides a member's comments from the reader, or shows them again.
func (s *Site) muteMember(v *visit, a *reader.Actor) (*page.Answer, error) {
	m, err := s.Readers.Member(v.Context(), v.Path("handle"))
	if err != nil {
		return nil, err
	}
	if err := s.Comments.MuteMember(v.Context(), a.Reader.ID, m.ID, v.Field("mute") == "on"); err != nil {
		return nil, err
	}
	return page.SeeOther("/account/muted"), nil
}
