package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/topic"
)

// A Line is a story of the wire as editors see it in a list: all its versions in one
// row, told as the newest.
type Line struct {
	First    int64 // its number for ever, and its address
	N        int64 // the number of its newest version, which goes with time: the list's order
	Source   string
	Agency   string // the source's name
	ID       string // the agency's
	Version  string
	Versions int
	Headline string
	Slug     string // the agency's own name for the running story
	Change   string // what the agency says that it has changed
	Language string
	Class    Class
	Urgency  int // 1 to 9, 0 when not given
	Embargo  time.Time
	Sealed   bool // embargoed without an end that we know
	Recall   Status
	Decision Decision
	Reason   string
	Ruling   Ruling // what the rules of the desk have said of its newest version
	Alert    AlertState
	Section  string // slug
	Article  string // id, "" for none
	Received time.Time
	Done     Done
	DoneBy   string // a reader's id
	Assignee string // a reader's id
}

// Flash reports whether an editor is to look at once.
func (l Line) Flash() bool { return l.Urgency == 1 || l.Urgency == 2 }

// An AlertState is what has become of the news alert that a rule asks for.
type AlertState string

const (
	AlertUnasked AlertState = ""
	AlertDrafted AlertState = "draft" // an editor is to look at it
	AlertWanted  AlertState = "send"  // it is on its way out
	AlertDone    AlertState = "done"  // an editor has seen to it, or it has gone out
)

// Done is what an editor has done with a story.
type Done string

const (
	Open    Done = ""
	Used    Done = "used"
	Ignored Done = "ignored"
)

// A View is a part of the wire.
type View string

const (
	Everything View = ""
	Waiting    View = "waiting"  // an editor has to decide
	Urgent     View = "urgent"   // flashes
	Photos     View = "pictures" // pictures by themselves
	Killed     View = "recalled"
	Unwanted   View = "dropped" // by a rule
	Mine       View = "mine"
)

// PerPage is how many stories a page of the wire has.
const PerPage = 60

// A Filter says which stories are wanted.
type Filter struct {
	View    View
	Who     string // a reader's id, of Mine
	Source  string // id
	Section string // slug
	Topic   string // an entry of the vocabulary
	Words   string
	Before  int64 // stories with smaller numbers; zero: from the newest on
}

const lineColumns = `w.first, w.n, w.source, s.name, w.id, w.version, w.versions, w.headline, w.slug, w.change, w.language, w.class, w.urgency, w.embargo, w.recall,
	w.decision, w.reason, w.section, w.article, w.received, w.done, w.done_by, w.assignee, w.ruling, w.alert`

func scanLine(row interface{ Scan(...any) error }) (l Line, err error) {
	var embargo int64
	var ruled string
	err = row.Scan(&l.First, &l.N, &l.Source, &l.Agency, &l.ID, &l.Version, &l.Versions, &l.Headline, &l.Slug, &l.Change, &l.Language, &l.Class, &l.Urgency, &embargo, &l.Recall,
		&l.Decision, &l.Reason, &l.Section, &l.Article, (*db.Time)(&l.Received), &l.Done, &l.DoneBy, &l.Assignee, &ruled, &l.Alert)
	l.Ruling = ruling(ruled)
	if l.Sealed = embargo == sealed; embargo > 0 {
		l.Embargo = time.UnixMicro(embargo).UTC()
	}
	return l, err
}

// sealed stands in the place of an embargo's end that we do not know.
const sealed = -1

// List returns a page of stories, newest arrival first, and the number for the next
// page, 0 on the last. Ignored ones are left out, unless their words are looked for.
func (s *Store) List(ctx context.Context, f Filter) (lines []Line, before int64, err error) {
	if strings.TrimSpace(f.Words) != "" {
		return s.find(ctx, f)
	}
	from, n, where, args := f.sql()
	if f.Before > 0 {
		where = append(where, n+" < "+db.Arg(&args, f.Before))
	}
	where = append(where, "w.done <> 'ignored'")
	lines, err = s.lines(ctx, from+` where `+strings.Join(where, " and ")+` order by `+n+` desc limit `+db.Arg(&args, PerPage+1), args)
	if len(lines) > PerPage {
		lines = lines[:PerPage]
		before = lines[PerPage-1].N
	}
	return lines, before, err
}

// sql is the filter but for its words and its page: what is read besides stories, the
// number by which it is read, and the conditions.
func (f Filter) sql() (from, n string, where []string, args []any) {
	n = "w.n"
	add := func(column, value string) {
		if value != "" {
			where = append(where, column+" = "+db.Arg(&args, value))
		}
	}
	add("w.source", f.Source)
	add("w.section", f.Section)
	if f.Topic != "" { // a topic has its own list, in the same order
		from, n = "join wire_topic t on t.n = w.n", "t.n"
		where = append(where, "t.topic = "+db.Arg(&args, f.Topic))
	}
	switch f.View {
	case Waiting:
		where = append(where, "w.done = '' and w.decision = 'held'")
	case Urgent:
		if where = append(where, "w.urgency in (1, 2)"); f.Topic != "" {
			where = append(where, "t.flash")
		}
	case Photos:
		where = append(where, "w.class = 'picture'")
	case Killed:
		where = append(where, "w.recall <> ''")
	case Unwanted:
		where = append(where, "w.decision = 'dropped'")
	case Mine:
		where = append(where, "w.assignee <> '' and w.assignee = "+db.Arg(&args, f.Who))
	}
	return from, n, where, args
}

func (s *Store) lines(ctx context.Context, tail string, args []any) (lines []Line, err error) {
	rows, err := s.DB.Query(ctx, `select `+lineColumns+` from wire_story w join wire_source s on s.id = w.source `+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("list the wire: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		l, err := scanLine(rows)
		if err != nil {
			return nil, fmt.Errorf("list the wire: %w", err)
		}
		lines = append(lines, l)
	}
	return lines, rows.Err()
}

const (
	perLook = 200 // stories with the words that are looked at in one go
	looks   = 5   // and how often, for one page
)

// find is List for words.
func (s *Store) find(ctx context.Context, f Filter) (lines []Line, before int64, err error) {
	if s.Find == nil {
		return nil, 0, &problem.Problem{Kind: problem.Unavailable, Detail: "The wire cannot be searched here."}
	}
	at := f.Before
	for range looks {
		found, err := s.Find(ctx, f.Words, at, perLook)
		if err != nil || len(found) == 0 {
			return lines, 0, err
		}
		from, n, where, args := f.sql()
		where = append(where, n+" "+db.In(&args, found))
		more, err := s.lines(ctx, from+` where `+strings.Join(where, " and ")+` order by `+n+` desc`, args)
		if err != nil {
			return nil, 0, err
		}
		lines = append(lines, more...)
		if len(lines) > PerPage {
			lines = lines[:PerPage]
			return lines, lines[PerPage-1].N, nil
		}
		if at = found[len(found)-1]; len(found) < perLook {
			return lines, 0, nil
		}
	}
	return lines, at, nil
}

// mostWaiting is how far Count counts: a badge needs no more.
const mostWaiting = 100

// Count is how many stories wait for an editor, 100 at most.
func (s *Store) Count(ctx context.Context) (n int, err error) {
	err = s.DB.QueryRow(ctx, `select count(*) from (select 1 from wire_story where done = '' and decision = 'held' limit $1) as w`, mostWaiting).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count what waits on the wire: %w", err)
	}
	return n, nil
}

// places is how many items may have the same millisecond before they are pushed into
// the next; package search counts so, too.
const places = 256

// number takes some numbers, one after another, and returns the first. Whoever is next
// waits until this transaction has ended: what is listed is listed in its order, and a
// list that is read from a number on misses nothing. With it comes the version of the
// rules by which what has come is filed.
func (s *Store) number(ctx context.Context, tx *db.Tx, count int) (n, rules int64, err error) {
	err = tx.QueryRow(ctx, `update wire_clock set n = case when n < $1 then $1 else n end + $2 where one = 1 returning n, rules`,
		s.Now().UnixMilli()*places, max(count, 1)).Scan(&n, &rules)
	if err != nil {
		return 0, 0, fmt.Errorf("number what has come: %w", err)
	}
	return n - int64(max(count, 1)) + 1, rules, nil
}

// list stores the story's row, and makes it say what has come, unless that is older than
// what it says already.
func (s *Store) list(ctx context.Context, tx *db.Tx, src Source, it Item, ch *chain, r Result, n int64, fresh bool) error {
	count := 0
	if fresh {
		count = 1
	}
	if it.Order < ch.shown || n == 0 {
		// A kill that comes late is for the newer version too, which is for an editor then,
		// as it would be had it come after. What that is called may be in an older one.
		_, err := tx.Exec(ctx, `update wire_story set article = $3, newest = $4, recall = $5, recalled = $6, versions = versions + $7,
			decision = case when shown = $8 then $9 when $11 and decision in ('published', 'updated', 'embargoed', 'dropped') then 'held' else decision end,
			reason = case when shown = $8 then $10 when $11 and decision in ('published', 'updated', 'embargoed', 'dropped') then $12 else reason end,
			headline = coalesce((select i.headline from wire_item i
				where i.source = $1 and i.id = $2 and i.headline <> '' and i.ord <= shown
				order by i.ord desc, i.version desc
				limit 1), headline),
			ruling = case when shown = $8 then $13 else ruling end,
			section = case when $14 = '' then section else $14 end,
			alert = case when alert = '' then $15 else alert end
			where source = $1 and id = $2`,
			src.ID, it.ID, ch.article, ch.newest, ch.recall, ch.recalled, count, it.Order, r.Decision, r.Reason, it.Status == Canceled, killed,
			r.ruling.stored(), r.section, r.alert)
		return listed(err)
	}
	embargo := int64(0)
	if it.EmbargoOpen {
		embargo = sealed
	} else if !it.Embargo.IsZero() {
		embargo = it.Embargo.UnixMicro()
	}
	// What was used waits again when its newest version does. A recall may come without the words of what it recalls.
	_, err := tx.Exec(ctx, `update wire_story set n = $3, shown = $4, versions = versions + $5, version = $6,
		headline = case when $7 = '' then headline else $7 end,
		slug = case when $8 = '' then slug else $8 end,
		change = $9, language = $10, class = $11, urgency = $12, decision = $13, reason = $14, received = $15, embargo = $16,
		done = case when $13 = 'held' and done = 'used' then '' else done end,
		article = $17, newest = $18, recall = $19, recalled = $20,
		ruling = $21,
		section = case when $22 = '' then section else $22 end,
		alert = case when alert = '' then $23 else alert end
		where source = $1 and id = $2`,
		src.ID, it.ID, n, it.Order, count, it.Version, it.Headline, slugOf(it), changeOf(it), it.Language, it.Class, it.Urgency, r.Decision, r.Reason, db.Time(s.Now()), embargo,
		ch.article, ch.newest, ch.recall, ch.recalled, r.ruling.stored(), r.section, r.alert)
	if err != nil {
		return listed(err)
	}
	if err := s.listTopics(ctx, tx, src, it, ch, n); err != nil || s.Index == nil {
		return err
	}
	return s.Index(ctx, tx, ch.n, n, textsOf(it)...)
}

// textsOf is what an item is found by.
func textsOf(it Item) []string {
	texts := []string{it.Headline, it.Slugline, it.Standfirst, it.Dateline, strings.Join(it.Places, "\n"), it.Body.Text()}
	for _, p := range it.Pictures {
		texts = append(texts, p.Caption, p.Alt)
	}
	return texts
}

// A Listed story has a number, and texts by which it is found.
type Listed struct {
	N     int64
	Texts []string
}

// Listed returns what is listed with numbers after one, in their order: the newest
// version of each story.
func (s *Store) Listed(ctx context.Context, after int64, limit int) (list []Listed, err error) {
	rows, err := s.DB.Query(ctx, `select w.n, i.content
		from wire_story w
		join wire_item i on i.source = w.source and i.id = w.id and i.version = w.version
		where w.n > $1
		order by w.n
		limit $2`, after, limit)
	if err != nil {
		return nil, listed(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		var content string
		var it Item
		if err := rows.Scan(&n, &content); err != nil {
			return nil, listed(err)
		}
		if err := json.Unmarshal([]byte(content), &it); err != nil {
			return nil, fmt.Errorf("a stored item is damaged: %w", err)
		}
		list = append(list, Listed{n, textsOf(it)})
	}
	return list, rows.Err()
}

func listed(err error) error {
	if err != nil {
		return fmt.Errorf("list what has come: %w", err)
	}
	return nil
}

func (s *Store) listTopics(ctx context.Context, tx *db.Tx, src Source, it Item, ch *chain, n int64) error {
	if ch.n != 0 {
		if _, err := tx.Exec(ctx, `delete from wire_topic where source = $1 and id = $2`, src.ID, it.ID); err != nil {
			return listed(err)
		}
	}
	entries := topic.Load().Entries(it.Subjects)
	slices.Sort(entries)
	if entries = slices.Compact(entries); len(entries) == 0 {
		return nil
	}
	args, rows := []any{n, src.ID, it.ID, Line{Urgency: it.Urgency}.Flash()}, make([]string, len(entries))
	for i, entry := range entries {
		rows[i] = "(" + db.Arg(&args, entry) + ", $1, $2, $3, $4)"
	}
	_, err := tx.Exec(ctx, `insert into wire_topic (topic, n, source, id, flash) values `+strings.Join(rows, ", "), args...)
	return listed(err)
}

// slugOf is what the agency calls the running story, so that others of it are found.
func slugOf(it Item) string {
	return oneLine(strings.ToLower(it.Slugline), maxLine)
}

// maxChange is how long what has changed may be in a list, in runes.
const maxChange = 160

// changeOf is what the agency says that this version changes: its own words, or the
// signal that it gives.
func changeOf(it Item) string {
	for line := range strings.Lines(it.Advisory) {
		if line = strings.TrimSpace(line); line != "" {
			return oneLine(line, maxChange)
		}
	}
	for _, signal := range it.Signals {
		_, word, ok := strings.Cut(signal, ":")
		if !ok {
			word = signal
		}
		switch word = strings.ToLower(word); word {
		case "update", "correction", "repeat":
			return word
		case "u", "lead", "writethru": // Reuters, the AP
			return "update"
		case "c", "corrective", "clarification":
			return "correction"
		}
	}
	return ""
}
