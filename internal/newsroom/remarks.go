package newsroom

import (
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// addRemark adds a remark on a passage of a story.
func (d *Desk) addRemark(v *visit, a *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	if _, err := d.Work.Remark(v.Context(), a, id, v.Field("passage"), v.Field("words")); err != nil {
		if problem.Is(err, problem.Invalid) {
			return d.storyWrong(v, a, id, nil, err)
		}
		return nil, err
	}
	return page.SeeOther(storyPath(id) + "?done=remarked#remarks"), nil
}

// settleRemark says that a remark has been dealt with, or that it has not.
func (d *Desk) settleRemark(v *visit, a *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	if err := d.Work.SettleRemark(v.Context(), a, id, v.Path("remark"), v.Field("done") == "1"); err != nil {
		return nil, err
	}
	return page.SeeOther(storyPath(id) + "#remarks"), nil
}
