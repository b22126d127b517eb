package newsroom

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// Limits of tables that come from a form, and of what is said of them.
const (
	maxTable   = 20 << 20         // bytes; a larger one is for the command
	tableTime  = 10 * time.Minute // that its rows may take
	shownWrong = 50               // rows that cannot be used
)

// intakePage is what intake.html shows: a table of subscribers comes in, first on
// trial.
//
// The file is not kept between the trial and the import: it is a list of addresses,
// and nobody would know when to throw it away. It is asked for again, and its sum says
// whether it is the one that was tried.
type intakePage struct {
	lettersPage
	Limit   int // MB
	Choices []option
	Result  *intakeResult
	Ready   string // the sum of the table that was tried and can be imported
	Chosen  string // the list for which it was tried, by id
	Name    string // and by name

	ListError, FileError string
	Says                 map[string]string // the words of the script
}

// intakeSays are the words of the script.
func intakeSays(w *page.Language) map[string]string {
	return map[string]string{
		"sending": w.Say("intake.says.sending"), "reading": w.Say("intake.says.reading"), "rows": w.Say("intake.says.rows"),
		"lost": w.Say("intake.says.lost"), "stopped": w.Say("intake.says.stopped"), "cancel": w.Say("intake.says.cancel"),
	}
}

// An intakeResult is what became, or would become, of a table.
type intakeResult struct {
	Done   bool // and not only tried
	Form   string
	Rows   string
	Groups []intakeGroup
	Wrong  []wrongRow
	More   string // how many more rows cannot be used
}

type (
	intakeGroup struct{ Count, What string }
	wrongRow    struct{ Line, Why string }
)

func (d *Desk) showIntake(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.intakePage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.intake.With(p)), nil
}

func (d *Desk) intakePage(v *visit, a *reader.Actor) (p intakePage, err error) {
	p.Limit, p.Chosen, p.Says = maxTable>>20, v.Field("list"), intakeSays(v.words)
	if p.lettersPage, err = d.lettersPage(v, a, subscribers, "intake.title"); err != nil {
		return p, err
	}
	lists, err := d.Newsletters.Lists(v.Context())
	if err != nil {
		return p, err
	}
	for _, l := range lists {
		if !l.Retired.IsZero() {
			continue
		}
		p.Choices = append(p.Choices, option{l.ID, l.Name, l.ID == p.Chosen})
		if l.ID == p.Chosen {
			p.Name = l.Name
		}
	}
	return p, nil
}

// takeTable tries a table, or imports the one that was tried.
func (d *Desk) takeTable(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.intakePage(v, a)
	if err != nil {
		return nil, err
	}
	table, err := v.File("table")
	bad := problem.Of(err)
	if err != nil && bad == nil {
		return nil, err
	}
	sum := sha256.Sum256(table)
	tried, dry := v.Field("tried"), v.Field("act") != "import"
	if tried != "" && p.Name != "" {
		p.Ready = tried // a wrong file is no reason to try once more
	}
	switch {
	case bad != nil:
		p.FileError = v.tells(bad)
	case p.Name == "":
		p.ListError = v.words.Say("intake.list.missing")
	case len(table) == 0:
		p.FileError = v.words.Say("intake.file.missing")
	case !dry && tried != hex.EncodeToString(sum[:]):
		p.FileError = v.words.Say("intake.file.other")
	default:
		return d.importTable(v, a, p, table, dry)
	}
	return page.Wrong(v.intake.With(p)), nil
}

// importTable shows what became of a table. It takes its time, of which the page can
// ask how much is over.
func (d *Desk) importTable(v *visit, a *reader.Actor, p intakePage, table []byte, dry bool) (*page.Answer, error) {
	v.Takes(tableTime) // from now on: it may have taken long to arrive
	var wrong []wrongRow
	run, lines := v.Field("run"), bytes.Count(table, []byte("\n"))
	d.intakes.set(a.Reader.ID, run, intakeProgress{Total: lines})
	defer d.intakes.end(a.Reader.ID, run)
	done, err := d.Newsletters.Import(v.Context(), a, p.Chosen, bytes.NewReader(table), newsletter.Importing{
		Dry: dry, Step: d.intakes.step(a.Reader.ID, run, lines),
		Bad: func(line int, why *problem.Problem) {
			if len(wrong) < shownWrong {
				wrong = append(wrong, wrongRow{v.words.Number(line), v.tells(why)})
			}
		},
	})
	p.Ready = ""
	if bad := problem.Of(err); bad != nil {
		p.FileError = v.tells(bad)
		return page.Wrong(v.intake.With(p)), nil
	}
	if err != nil {
		return nil, err
	}
	p.Result = resultOf(v.words, done, wrong, dry)
	switch {
	case !dry:
		p.Notice = v.words.Say("intake.done")
	case done.Rows > done.Problems+done.Pending:
		sum := sha256.Sum256(table)
		p.Ready = hex.EncodeToString(sum[:])
	}
	return page.Show(v.intake.With(p)), nil
}

// resultOf tells an intake in words, and leaves out what did not happen.
func resultOf(w *page.Language, done newsletter.Intake, wrong []wrongRow, dry bool) *intakeResult {
	r := &intakeResult{Done: !dry, Form: formName(done.Form), Rows: w.Count("intake.rows", done.Rows), Wrong: wrong}
	if more := done.Problems - len(wrong); more > 0 {
		r.More = w.Count("intake.wrong.more", more)
	}
	for _, g := range []struct {
		n    int
		what string
	}{
		{done.Added, w.Say("intake.added")},
		{done.Had, w.Say("intake.had")},
		{done.Left, w.Say("intake.left")},
		{done.Silent, w.Say("intake.silent")},
		{done.Ended, w.Say("intake.ended")},
		{done.Struck, w.Say("intake.struck")},
		{done.Kept, w.Say("intake.kept")},
		{done.Pending, w.Say("intake.pending")},
		{done.Problems, w.Say("intake.wrong")},
	} {
		if g.n > 0 {
			r.Groups = append(r.Groups, intakeGroup{w.Number(g.n), g.what})
		}
	}
	return r
}

// formName is a program as it writes its own name.
func formName(form string) string {
	switch form {
	case "ghost":
		return "Ghost"
	case "mailchimp":
		return "Mailchimp"
	case "substack":
		return "Substack"
	case "kawaraban":
		return "Kawaraban"
	}
	return form
}

// exportSubscribers answers with a table of everybody, which the import reads. It is
// a form and no link, because it is noted in the log.
func (d *Desk) exportSubscribers(v *visit, a *reader.Actor) (*page.Answer, error) {
	v.Takes(tableTime)
	var table bytes.Buffer
	if _, err := d.Newsletters.Export(v.Context(), a, "", &table); err != nil {
		return nil, err
	}
	name := "subscribers-" + d.Now().In(d.Paper.Zone).Format(time.DateOnly) + ".csv"
	return page.Download(name, "text/csv; charset=utf-8", table.Bytes()), nil
}
