package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// A figure is one line of the table.
type figure struct {
	name    string
	reached string
	goal    string // "" where the figure is only told
	missed  bool
	how     string
}

// tell adds a figure that has no goal.
func (b *bench) tell(name, reached, how string) {
	b.figures = append(b.figures, figure{name: name, reached: reached, how: how})
}

// atMost adds a figure that is to be goal or less, in unit.
func (b *bench) atMost(name string, reached, goal float64, unit, how string) {
	b.figures = append(b.figures, figure{name, number(reached) + unit, "≤ " + number(goal) + unit, reached > goal, how})
}

// atLeast adds a figure that is to be goal or more, in unit.
func (b *bench) atLeast(name string, reached, goal float64, unit, how string) {
	b.figures = append(b.figures, figure{name, number(reached) + unit, "≥ " + number(goal) + unit, reached < goal, how})
}

// number writes three digits, or all before the point.
func number(x float64) string {
	switch {
	case x == float64(int64(x)) || x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	default:
		return fmt.Sprintf("%.2f", x)
	}
}

func (b *bench) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "figure\treached\tgoal\t\thow")
	good, missed, told := 0, 0, 0
	for _, f := range b.figures {
		verdict := ""
		switch {
		case f.goal == "":
			told++
		case f.missed:
			missed++
			verdict = "missed"
		default:
			good++
			verdict = "ok"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.name, f.reached, f.goal, verdict, f.how)
	}
	w.Flush()
	fmt.Fprintf(out, "\n%d goals reached, %d missed, %d figures without a goal\n", good, missed, told)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// quantile is the q-th part of values in order: 0.5 is the median.
func quantile[T float64 | time.Duration](values []T, q float64) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func median[T float64 | time.Duration](values []T) T { return quantile(values, 0.5) }
