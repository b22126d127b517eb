package newsroom

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// actOnList does what a button of a list says.
func (d *Desk) actOnList(v *visit, a *reader.Actor) (*page.Answer, error) {
	id, act, ctx := v.Path("id"), v.Field("act"), v.Context()
	if act == "retire" || act == "reopen" {
		if err := d.Newsletters.Retire(ctx, a, id, act == "retire"); err != nil {
			return nil, err
		}
		return page.SeeOther(listAt + "/" + id + "?done=" + map[bool]string{true: "retired", false: "reopened"}[act == "retire"]), nil
	}
	was := newsletter.List{}
	var err error
	if id != "new" {
		if was, err = d.Newsletters.ListByID(ctx, id); err != nil {
			return nil, err
		}
	}
	l, err := listTyped(v, was)
	if err == nil && act != "save" {
		l.Blocks, err = changeBlocks(l.Blocks, act, newsletter.BlockKind(v.Field("add")))
		if err == nil {
			p, err := d.listPage(v, a, l)
			p.Changed = true
			return page.Show(v.list.With(p)), err
		}
	}
	switch {
	case err != nil:
	case id == "new":
		if l, err = d.Newsletters.Make(ctx, a, l); err == nil {
			return page.SeeOther(listAt + "/" + l.ID + "?done=made"), nil
		}
		l.ID, l.Version = "", 0
	default:
		if err = d.Newsletters.Change(ctx, a, l); err == nil {
			return page.SeeOther(listAt + "/" + id + "?done=saved"), nil
		}
	}
	bad := problem.Of(err)
	if bad == nil || bad.Kind == problem.NotFound {
		return nil, err
	}
	if bad.Kind == problem.Conflict {
		l.Version = was.Version
	}
	p, err := d.listPage(v, a, l)
	if err != nil {
		return nil, err
	}
	p.wrong(v, bad)
	said := func(field string) string { return v.words.Say(bad.Fields[field]) }
	p.Wrong = listErrors{said("kind"), said("slug"), said("name"), said("promise"), said("sender"), said("reply"), said("cap"), said("minute"), said("blocks")}
	p.Changed = true
	return page.Show(v.list.With(p)).Status(bad.Kind.Status()), nil
}

// listTyped reads the form of a list.
func listTyped(v *visit, was newsletter.List) (l newsletter.List, err error) {
	if l.Version, err = version(v); err != nil {
		return l, err
	}
	line := func(name string) string { return strings.TrimSpace(v.Field(name)) }
	version := l.Version
	l = was
	l.Version = version
	if was.ID == "" {
		l.Kind, l.Slug = newsletter.Kind(v.Field("kind")), line("slug")
	}
	l.Name, l.Promise, l.Sender, l.Reply, l.Language = line("name"), line("promise"), line("sender"), line("reply"), v.Field("language")
	l.Open, l.Public, l.Approve, l.Empty = v.Checked("open"), v.Checked("public"), v.Checked("approve"), v.Checked("empty")
	l.Calendar = newsletter.Calendar{}
	for _, day := range v.Fields("day") {
		if n := numeral(day); n >= 0 && n < 7 {
			l.Calendar.Days |= 1 << n
		}
	}
	l.Calendar.Minute = minuteTyped(line("time"))
	l.Cap = 0
	if text := line("cap"); text != "" {
		l.Cap = numeral(text)
	}
	l.Blocks, err = blocksTyped(v)
	return l, err
}

// numeral is a number that was typed, -1 for what is none.
func numeral(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

// minuteTyped is a minute of the day, -1 for none.
func minuteTyped(text string) int {
	at, err := time.Parse("15:04", text)
	if err != nil {
		return -1
	}
	return at.Hour()*60 + at.Minute()
}

// blocksTyped reads the blocks of a digest.
func blocksTyped(v *visit) (list []newsletter.Block, err error) {
	kinds := v.Fields("block")
	fields := map[string][]string{}
	for _, name := range []string{"title", "section", "limit", "hours", "text", "by", "link"} {
		fields[name] = v.Fields("block_" + name)
		if len(fields[name]) != len(kinds) {
			return nil, &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
		}
	}
	for i, k := range kinds {
		b := newsletter.Block{
			Kind: newsletter.BlockKind(k), Title: strings.TrimSpace(fields["title"][i]), Section: fields["section"][i],
			Text: strings.ReplaceAll(fields["text"][i], "\r\n", "\n"), By: strings.TrimSpace(fields["by"][i]), Link: strings.TrimSpace(fields["link"][i]),
		}
		if text := strings.TrimSpace(fields["limit"][i]); text != "" {
			b.Limit = numeral(text)
		}
		if text := strings.TrimSpace(fields["hours"][i]); text != "" {
			b.Hours = numeral(text)
		}
		list = append(list, b)
	}
	return list, nil
}

// changeBlocks moves a block, takes it out, or adds one.
func changeBlocks(list []newsletter.Block, act string, add newsletter.BlockKind) ([]newsletter.Block, error) {
	act, at, _ := strings.Cut(act, "/")
	i := numeral(at)
	switch {
	case act == "add" && slices.Contains(newsletter.BlockKinds(), add):
		b := newsletter.Block{Kind: add}
		switch add {
		case newsletter.Front, newsletter.Section, newsletter.Read, newsletter.Corrections:
			b.Limit = limitOf
		}
		return append(list, b), nil
	case i < 0 || i >= len(list):
	case act == "up" && i > 0:
		list[i-1], list[i] = list[i], list[i-1]
		return list, nil
	case act == "down" && i < len(list)-1:
		list[i+1], list[i] = list[i], list[i+1]
		return list, nil
	case act == "out":
		return slices.Delete(list, i, i+1), nil
	}
	return list, &problem.Problem{Kind: problem.Invalid, Detail: "There is no such act."}
}
