package newsroom

import (
	"fmt"
	"slices"

	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// queuePage is what queue.html shows: what waits, and beside it one item.
type queuePage struct {
	modPage
	Queue   string
	Heading string
	Chosen  bool // an item was asked for: a narrow screen shows that alone
	List    bool // there is a list beside the item
	Rows    []row
	Next    string // address of the page of the queue that follows, "" on the last
	First   string // and of its beginning, "" there
	Bulk    *bulkForm
	Item    *itemView
	Appeals bool
}

// A row is one item in the list of a queue.
type row struct {
	ID     string
	Path   string
	Pick   string // what the box for many sends: the comment and its version; "" for none
	Name   string
	Waited string
	Text   string
	Why    string
	Here   bool
	Picked bool
}

// commentQueue stands in addresses for a queue where a comment is looked at that
// may wait in none.
const commentQueue = "comment"

func (d *Desk) showQueue(v *visit, a *reader.Actor) (*page.Answer, error) {
	q, err := comment.ParseQueue(v.Path("queue"))
	if err != nil {
		return nil, err
	}
	p, err := d.queuePage(v, a, string(q), "", typed{})
	if err != nil {
		return nil, err
	}
	return page.Show(v.queue.With(p)), nil
}

func (d *Desk) showItem(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.queuePage(v, a, v.Path("queue"), v.Path("id"), typed{})
	if err != nil {
		return nil, err
	}
	return page.Show(v.queue.With(p)), nil
}

// queuePage makes a page of a queue with one item of it; the first when id is
// "". t is what was typed into a form of that item before.
func (d *Desk) queuePage(v *visit, a *reader.Actor, queue, id string, t typed) (p queuePage, err error) {
	after := v.Get("after")
	if v.Sends() {
		after = v.Field("after")
	}
	if p.modPage, err = d.modPage(v, a, "mod.title"); err != nil {
		return p, err
	}
	p.Queue, p.Chosen, p.Appeals = queue, id != "", queue == string(comment.QueueAppeals)
	if queue == commentQueue {
		p.Heading = v.words.Say("mod.comment")
		it, err := d.Comments.Item(v.Context(), id)
		if err != nil {
			return p, err
		}
		p.Item, err = d.item(v, a, it, place{queue: queue}, t)
		return p, err
	}
	q, err := comment.ParseQueue(queue)
	if err != nil {
		return p, err
	}
	if p.Last != nil {
		p.Last.Queue = queue
	}
	p.List, p.Heading = true, queueName(v.words, q)
	p.Title = p.Heading
	items, next, err := d.Comments.Queue(v.Context(), q, after)
	if err != nil {
		return p, err
	}
	if next != "" {
		p.Next = queuePath(queue, "", next)
	}
	if after != "" {
		p.First = queuePath(queue, "", "")
	}
	if p.Rows, err = d.rows(v, a, items, queue, after); err != nil {
		return p, err
	}
	at := slices.IndexFunc(items, func(it comment.Item) bool { return itemID(it) == id })
	if id == "" && len(items) > 0 {
		at = 0
	}
	here := place{queue: queue, after: after}
	here.around(p.Rows, at)
	var it comment.Item
	switch {
	case at >= 0:
		p.Rows[at].Here = true
		it = items[at]
	case id == "":
		return p, nil
	case p.Appeals:
		it, err = d.Comments.AppealItem(v.Context(), id)
	default:
		it, err = d.Comments.Item(v.Context(), id)
	}
	if err != nil {
		return p, err
	}
	if !p.Appeals && len(items) > 0 {
		if p.Bulk, err = d.bulkForm(v, queue, after, t); err != nil {
			return p, err
		}
	}
	p.Item, err = d.item(v, a, it, here, t)
	return p, err
}

// itemID is the name of an item in addresses: the comment's, or of an appeal the
// decision's.
func itemID(it comment.Item) string {
	if it.Appeal != nil {
		return it.Appeal.Decision
	}
	return it.Comment.ID
}

// A place is where an item stands in the list of a queue.
type place struct {
	queue, after   string
	next, previous string // ids of the neighbours, "" for none
}

func (p *place) around(rows []row, at int) {
	if at > 0 {
		p.previous = rows[at-1].ID
	}
	if at+1 < len(rows) {
		p.next = rows[at+1].ID
	}
}

func (d *Desk) rows(v *visit, a *reader.Actor, items []comment.Item, queue, after string) ([]row, error) {
	var ids []string
	for _, it := range items {
		ids = append(ids, it.Comment.Author)
		if it.Appeal != nil {
			ids = append(ids, it.Appeal.Reader)
		}
	}
	who, err := d.names(v, ids...)
	if err != nil {
		return nil, err
	}
	rows := make([]row, len(items))
	for i, it := range items {
		r := row{ID: itemID(it), Path: queuePath(queue, itemID(it), after)}
		since := it.Comment.Created
		switch {
		case it.Appeal != nil:
			since = it.Appeal.Created
			r.Name, r.Text = who.name(it.Appeal.Reader), excerpt(it.Appeal.Text, 90)
			if len(it.Decisions) > 0 {
				r.Why = did(v.words, it.Decisions[0].Act)
			}
		default:
			r.Name, r.Text = who.name(it.Comment.Author), excerpt(it.Comment.Body, 90)
			if it.Comment.Author != a.Reader.ID {
				r.Pick = fmt.Sprintf("%s %d", it.Comment.ID, it.Comment.Version)
				r.Picked = slices.Contains(v.Fields("pick"), r.Pick)
			}
			if n := it.Comment.Reports; n > 0 {
				r.Why = v.words.Count("mod.reports", n)
			} else if len(it.Comment.HeldFor) > 0 {
				r.Why = why(v.words, it.Comment.HeldFor[0])
			}
		}
		r.Waited = lasted(v.words, d.Now().Sub(since))
		rows[i] = r
	}
	return rows, nil
}

// parseQueue reads the queue of an address, in which a comment may be looked at
// that waits in none.
func parseQueue(s string) (string, error) {
	if s == commentQueue {
		return s, nil
	}
	q, err := comment.ParseQueue(s)
	return string(q), err
}

// onwards is where a moderator goes on after a decision: to the next item of the
// queue, which the form has named, or to what is left of it.
func onwards(v *visit, queue, id string) string {
	after := v.Field("after")
	if queue == commentQueue {
		return queuePath(queue, id, "")
	}
	return queuePath(queue, v.Field("next"), after)
}

// failItem shows an item again with what was typed and what is wrong.
func (d *Desk) failItem(v *visit, a *reader.Actor, queue, id string, t typed, err error) (*page.Answer, error) {
	p := problem.Of(err)
	if p == nil {
		return nil, err
	}
	t.say(v, p)
	shown, other := d.queuePage(v, a, queue, id, t)
	if other != nil {
		return nil, other
	}
	if shown.Item != nil {
		if shown.Item.Conflict, other = d.conflict(v, err); other != nil {
			return nil, other
		}
	}
	return page.WithStatus(v.queue.With(shown), p.Kind.Status()), nil
}
