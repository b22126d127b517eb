package newsroom

import (
	"fmt"
	"strconv"
	"strings"

	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// judge does with a comment what a moderator wants, and goes on to the next.
func (d *Desk) judge(v *visit, a *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	queue, err := parseQueue(v.Path("queue"))
	if err != nil {
		return nil, err
	}
	t := read(v, v.Field("act"))
	if t.Act != string(comment.ActRemove) && t.Act != string(comment.ActEdit) {
		t.Form = ""
	}
	x, err := d.judged(v, a, id, t)
	if err != nil {
		return d.failItem(v, a, queue, id, t, err)
	}
	return page.SeeOther(with(onwards(v, queue, id), "done", x.ID)), nil
}

func (d *Desk) judged(v *visit, a *reader.Actor, id string, t typed) (x comment.Decision, err error) {
	act, err := comment.ParseAct(t.Act)
	if err != nil {
		return x, err
	}
	version, err := strconv.Atoi(v.Field("version"))
	if err != nil {
		return x, &problem.Problem{Kind: problem.Invalid, Detail: "This form is not whole. Open the comment again.", Err: err}
	}
	j := comment.Judgement{
		Comment: id, Version: version, Act: act, Moderator: a.Reader.ID, Rule: t.Rule, Ground: t.ground(), Reason: t.Reason, Body: t.Body, Warn: t.Warn, Seen: momentOf(v.Field("seen")),
	}
	if j.Warn || act == comment.ActWarn {
		it, err := d.Comments.Item(v.Context(), id)
		if err != nil {
			return x, err
		}
		if err := d.sanctionable(v, it.Comment.Author); err != nil {
			return x, err
		}
	}
	return d.Comments.Judge(v.Context(), j)
}

// A bulkForm judges many comments at once.
type bulkForm struct {
	Action string
	After  string
	Seen   string // when the list was made
	Open   bool
	Error  string
	Why    whyForm
}

func (d *Desk) bulkForm(v *visit, queue, after string, t typed) (*bulkForm, error) {
	rules, err := d.Comments.Rules(v.Context())
	if err != nil {
		return nil, err
	}
	f := &bulkForm{Action: queuePath(queue, "", ""), After: after, Seen: d.moment(), Why: t.why("bulk", rules)}
	if t.Form == "bulk" {
		f.Open, f.Error = true, t.Error
	}
	return f, nil
}

// bulkPage is what bulk.html shows: what became of each of many.
type bulkPage struct {
	modPage
	Back    string
	Done    int
	Results []bulkResult
}

// A bulkResult is what became of one comment.
type bulkResult struct {
	Path, Name, Text string
	What             string
	Bad              bool
	Decision         string // which can be undone
}

// judgeAll does the same with several comments, each by itself.
func (d *Desk) judgeAll(v *visit, a *reader.Actor) (*page.Answer, error) {
	queue, err := comment.ParseQueue(v.Path("queue"))
	if err != nil {
		return nil, err
	}
	t := read(v, "bulk")
	all, err := many(v, a, t)
	if err != nil {
		return d.failItem(v, a, string(queue), "", t, err)
	}
	verdicts, err := d.Comments.JudgeAll(v.Context(), all)
	if err != nil {
		return d.failItem(v, a, string(queue), "", t, err)
	}
	p := bulkPage{Back: queuePath(string(queue), "", v.Field("after"))}
	if p.modPage, err = d.modPage(v, a, "mod.bulk.done"); err != nil {
		return nil, err
	}
	p.Last = nil // each has its own
	if p.Results, err = d.bulkResults(v, verdicts); err != nil {
		return nil, err
	}
	for _, r := range p.Results {
		if !r.Bad {
			p.Done++
		}
	}
	return page.Show(v.bulk.With(p)), nil
}

// many reads what is to be done with which comments. What all of them need is
// missed here, once, and not at each.
func many(v *visit, a *reader.Actor, t typed) (all []comment.Judgement, err error) {
	act, err := comment.ParseAct(t.Act)
	if err != nil {
		return nil, err
	}
	for _, pick := range v.Fields("pick") {
		id, number, _ := strings.Cut(pick, " ")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, &problem.Problem{Kind: problem.Invalid, Detail: "This form is not whole. Open the comment again.", Err: err}
		}
		all = append(all, comment.Judgement{
			Comment: id, Version: version, Act: act, Moderator: a.Reader.ID, Rule: t.Rule, Ground: t.ground(), Reason: t.Reason,
			Seen: momentOf(v.Field("seen")),
		})
	}
	switch {
	case len(all) == 0:
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "Nothing is selected. Check the boxes of the comments first."}
	case act.Restricts() && t.Rule == "":
		return nil, missing("rule", "Choose a rule that is in force.")
	case act.Restricts() && strings.TrimSpace(t.Reason) == "":
		return nil, missing("reason", "Write something here.")
	}
	return all, nil
}

// missing is a Problem of one field.
func missing(field, detail string) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: detail, Fields: map[string]string{field: detail}}
}

func (d *Desk) bulkResults(v *visit, verdicts []comment.Verdict) ([]bulkResult, error) {
	results := make([]bulkResult, len(verdicts))
	authors := make([]string, len(verdicts))
	for i, x := range verdicts {
		r := bulkResult{Path: queuePath(commentQueue, x.Judgement.Comment, "")}
		it, err := d.Comments.Item(v.Context(), x.Judgement.Comment)
		switch {
		case err == nil:
			r.Text, authors[i] = excerpt(it.Comment.Body, 120), it.Comment.Author
		case problem.Of(err) == nil:
			return nil, fmt.Errorf("read a comment that was judged: %w", err)
		}
		switch p := problem.Of(x.Err); {
		case x.Err == nil:
			r.What, r.Decision = did(v.words, x.Decision.Act), x.Decision.ID
		case p == nil:
			return nil, x.Err
		default:
			r.What, r.Bad = v.tells(p), true
			if o, err := d.conflict(v, x.Err); err == nil && o != nil {
				r.What += " " + v.words.Say("mod.by", o.Who, o.When)
			}
		}
		results[i] = r
	}
	n, err := d.names(v, authors...)
	if err != nil {
		return nil, err
	}
	for i := range results {
		results[i].Name = n.name(authors[i])
	}
	return results, nil
}
