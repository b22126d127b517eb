package newsroom

import (
	"strconv"

	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A derivedRow is work of ours that may hold what an agency has recalled.
type derivedRow struct {
	Path   string // the article's, in the newsroom
	Settle string // where somebody says what was done
	Report string // of what was recalled; "" for who may not see it
	Text   string
	Public bool // readers have the article now
	When   string
	At     string
}

// mostTasks is how many of these tasks Today shows.
const mostTasks = 20

// derivedTasks are what is still to be decided, what readers have first.
func (d *Desk) derivedTasks(v *visit, a *reader.Actor) ([]derivedRow, error) {
	if !a.May(reader.MayEdit) {
		return nil, nil
	}
	list, err := d.Work.OpenDerived(v.Context(), a, mostTasks)
	if err != nil {
		return nil, err
	}
	return d.derivedRows(v, a, list)
}

func (d *Desk) derivedRows(v *visit, a *reader.Actor, list []desk.Derived) (rows []derivedRow, err error) {
	var ids []string
	for _, x := range list {
		ids = append(ids, x.Article)
	}
	public, err := d.Articles.Readable(v.Context(), ids...)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		r := derivedRow{
			Path: storyPath(x.Article), Settle: storyPath(x.Article) + "/derived/" + strconv.FormatInt(x.Story, 36),
			Text: derivedWord(v.words, x), When: v.words.Moment(x.Created), At: v.words.Machine(x.Created),
		}
		_, r.Public = public[x.Article]
		if a.May(reader.MayEdit) {
			r.Report = recallPath(x.Story)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// settleDerived notes what was done about an article that may hold what was recalled.
func (d *Desk) settleDerived(v *visit, a *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	story, err := strconv.ParseInt(v.Path("story"), 36, 64)
	if err != nil {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	if err := d.Work.Settle(v.Context(), a, id, story, v.Field("words")); err != nil {
		if problem.Is(err, problem.Invalid) || problem.Is(err, problem.Conflict) {
			return d.storyWrong(v, a, id, nil, err)
		}
		return nil, err
	}
	return page.SeeOther(storyPath(id) + "?done=settled"), nil
}
