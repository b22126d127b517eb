package sheet

import (
	"fmt"
	"strconv"
)

const (
	plotHigh  = 140.0 // with the names below
	plotTop   = 10.0  // for the number of the highest line
	barsHigh  = 112.0
	plotLines = 4  // at most, above the ground
	plotNames = 6  // at most
	widestBar = 28 // one day is no wall
)

var plotStyle = style{plain, 8, soft}

// plot sets bars above their names, and the numbers of some lines beside them.
func (p *press) plot(plot *Plot) {
	if len(plot.Bars) == 0 {
		return
	}
	p.need(plotHigh)
	p.y -= plotTop
	ground, from := p.y-barsHigh, p.plotLines(plot)
	each := (right - from) / float64(len(plot.Bars))
	wide := min(each*0.8, widestBar)
	scale := barsHigh / float64(plot.end())
	fmt.Fprintf(p.page(), "%s rg\n", ink)
	for i, b := range plot.Bars {
		if b.Value > 0 {
			x := from + each*float64(i) + (each-wide)/2
			fmt.Fprintf(p.page(), "%s %s %s %s re\n", points(x), points(ground), points(wide), points(max(float64(b.Value)*scale, 0.4)))
		}
	}
	p.page().WriteString("f\n")
	p.rule(from, right, ground, 0.8, ink)
	p.plotNames(plot, from, each, ground-12)
	p.y -= plotHigh - plotTop
}

// plotLines draws the lines behind the bars, with their numbers; from is where the bars
// have their place.
func (p *press) plotLines(plot *Plot) (from float64) {
	number := plot.Number
	if number == nil {
		number = strconv.Itoa
	}
	wide := 0.0
	step, end := plot.step(), plot.end()
	for n := 0; n <= end; n += step {
		wide = max(wide, plotStyle.wide(clean(number(n))))
	}
	from = left + min(wide, measure/4) + 8
	for n := 0; n <= end; n += step {
		y := p.y - barsHigh + barsHigh*float64(n)/float64(end)
		words := plotStyle.short(number(n), measure/4)
		p.text(from-8-plotStyle.wide(words), y-2.8, words, plotStyle)
		if n > 0 {
			p.rule(from, right, y, 0.4, hair)
		}
	}
	return from
}

// plotNames sets the names of some bars: of the first, the last and those between that
// have room.
func (p *press) plotNames(plot *Plot, from, each, y float64) {
	last := len(plot.Bars) - 1
	steps := max(min(last, plotNames-1), 1)
	free := left // what is before it is taken
	end := right
	place := func(i int) (words string, x, wide float64) {
		words = plotStyle.short(plot.Bars[i].Name, measure/4)
		wide = plotStyle.wide(words)
		x = from + each*(float64(i)+0.5) - wide/2
		return words, min(max(x, left), right-wide), wide
	}
	if last > 0 {
		_, end, _ = place(last)
	}
	for k := 0; k <= steps; k++ {
		i := last * k / steps
		words, x, wide := place(i)
		if between := i > 0 && i < last; between && (x < free || x+wide+6 > end) || i == last && last > 0 && x < free {
			continue
		}
		p.text(x, y, words, plotStyle)
		if free = x + wide + 6; last == 0 {
			return
		}
	}
}

// step is the distance of two lines: 1, 2 or 5 and some zeros.
func (p *Plot) step() int {
	most := p.most()
	for ten := 1; ; ten *= 10 {
		for _, n := range []int{1, 2, 5} {
			if n*ten >= (most+plotLines-1)/plotLines {
				return n * ten
			}
		}
	}
}

// end is the number of the highest line, which no bar exceeds.
func (p *Plot) end() int {
	step := p.step()
	return (p.most() + step - 1) / step * step
}

func (p *Plot) most() int {
	most := 1
	for _, b := range p.Bars {
		most = max(most, min(b.Value, 1<<50)) // so that no sum of it is too large
	}
	return most
}
