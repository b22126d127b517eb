package newsroom

import (
	"sync"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// intakes are the tables that are being read in this process, by the names that their
// pages have given them. Of what another process reads nobody knows how far it is: its
// page says only that it goes on.
type intakes struct {
	mu sync.Mutex
	m  map[string]intakeProgress
}

// An intakeProgress is how far a table has been read.
type intakeProgress struct {
	Rows  int `json:"rows"`
	Total int `json:"total"` // lines of the table, some more than its rows; 0 while nobody knows
}

// set notes how far a table is. A page without a script gives it no name.
func (i *intakes) set(who, run string, p intakeProgress) {
	if run == "" {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.m == nil {
		i.m = map[string]intakeProgress{}
	}
	i.m[who+"/"+run] = p
}

func (i *intakes) end(who, run string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.m, who+"/"+run)
}

func (i *intakes) of(who, run string) intakeProgress {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.m[who+"/"+run]
}

// step is what an import tells of itself.
func (i *intakes) step(who, run string, total int) func(newsletter.Intake) {
	return func(done newsletter.Intake) { i.set(who, run, intakeProgress{min(done.Rows, total), total}) }
}

// showIntakeProgress tells the page of an import how far it is.
func (d *Desk) showIntakeProgress(v *visit, a *reader.Actor) (*page.Answer, error) {
	return page.JSON(d.intakes.of(a.Reader.ID, v.Get("run")))
}
