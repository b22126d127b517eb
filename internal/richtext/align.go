package richtext

import "math"

// A hunk is a difference: before[lo:hi] has become after[from:to].
type hunk struct {
	lo, hi, from, to int
	pair             bool // one unit became another that is much like it
}

// align returns how before has become after, in reading order; what no hunk
// covers is equal.
func align[K comparable](before, after []K) []hunk {
	ids := map[K]int32{}
	number := func(keys []K) []int32 {
		out := make([]int32, len(keys))
		for i, k := range keys {
			id, ok := ids[k]
			if !ok {
				id = int32(len(ids))
				ids[k] = id
			}
			out[i] = id
		}
		return out
	}
	a := aligner{before: number(before), after: number(after)}
	a.gone, a.come = make([]bool, len(before)), make([]bool, len(after))
	diagonals := len(before) + len(after) + 3
	a.most = min(max(alignBudget/(2*diagonals), 32), 1024)
	a.forth, a.back, a.zero = make([]int, diagonals), make([]int, diagonals), len(after)+1
	a.compare(0, len(before), 0, len(after))
	return a.hunks()
}

// alignBudget bounds the steps that one comparison takes. With more differences
// than it can pay for, a comparison is still right, but not the shortest.
const alignBudget = 16 << 20

// An aligner compares by Myers's algorithm in linear space: it looks for a way
// from both ends until the ways meet, and then in both halves ("An O(ND)
// Difference Algorithm and Its Variations", 1986).
type aligner struct {
	before, after []int32
	gone, come    []bool // which of before went, and which of after are new
	most          int    // differences after which a search takes the best that it has
	forth, back   []int  // by diagonal, where x-y is zero at the index zero: the furthest x
	zero          int
}

func (a *aligner) compare(lo, hi, from, to int) {
	for lo < hi && from < to && a.before[lo] == a.after[from] {
		lo, from = lo+1, from+1
	}
	for lo < hi && from < to && a.before[hi-1] == a.after[to-1] {
		hi, to = hi-1, to-1
	}
	if lo == hi || from == to {
		for i := lo; i < hi; i++ {
			a.gone[i] = true
		}
		for i := from; i < to; i++ {
			a.come[i] = true
		}
		return
	}
	x, y := a.middle(lo, hi, from, to)
	a.compare(lo, x, from, y)
	a.compare(x, hi, y, to)
}

// middle returns a place on a short way from (lo, from) to (hi, to).
func (a *aligner) middle(lo, hi, from, to int) (x, y int) {
	forth, back := a.forth, a.back
	z := a.zero
	least, greatest := lo-to, hi-from // diagonals
	start, end := lo-from, hi-to
	fmin, fmax, bmin, bmax := start, start, end, end
	odd := (start-end)&1 != 0
	forth[z+start], back[z+end] = lo, hi
	for cost := 1; ; cost++ {
		if fmin > least {
			fmin--
			forth[z+fmin-1] = -1
		} else {
			fmin++
		}
		if fmax < greatest {
			fmax++
			forth[z+fmax+1] = -1
		} else {
			fmax--
		}
		for d := fmax; d >= fmin; d -= 2 {
			x := max(forth[z+d-1]+1, forth[z+d+1])
			y := x - d
			for x < hi && y < to && a.before[x] == a.after[y] {
				x, y = x+1, y+1
			}
			forth[z+d] = x
			if odd && bmin <= d && d <= bmax && back[z+d] <= x {
				return x, y
			}
		}
		if bmin > least {
			bmin--
			back[z+bmin-1] = math.MaxInt
		} else {
			bmin++
		}
		if bmax < greatest {
			bmax++
			back[z+bmax+1] = math.MaxInt
		} else {
			bmax--
		}
		for d := bmax; d >= bmin; d -= 2 {
			x := min(back[z+d-1], back[z+d+1]-1)
			y := x - d
			for x > lo && y > from && a.before[x-1] == a.after[y-1] {
				x, y = x-1, y-1
			}
			back[z+d] = x
			if !odd && fmin <= d && d <= fmax && x <= forth[z+d] {
				return x, y
			}
		}
		if cost < a.most {
			continue
		}
		// Too expensive: the end of the longest way so far will do.
		far, near := math.MinInt, math.MaxInt
		var farX, nearX int
		for d := fmax; d >= fmin; d -= 2 {
			x := min(forth[z+d], hi, to+d)
			if sum := 2*x - d; sum > far {
				far, farX = sum, x
			}
		}
		for d := bmax; d >= bmin; d -= 2 {
			x := max(back[z+d], lo, from+d)
			if sum := 2*x - d; sum < near {
				near, nearX = sum, x
			}
		}
		if hi+to-near < far-(lo+from) {
			return farX, far - farX
		}
		return nearX, near - nearX
	}
}

// hunks returns what was found.
func (a *aligner) hunks() (list []hunk) {
	for i, j := 0, 0; i < len(a.gone) || j < len(a.come); {
		h := hunk{lo: i, from: j}
		for i < len(a.gone) && a.gone[i] {
			i++
		}
		for j < len(a.come) && a.come[j] {
			j++
		}
		if h.hi, h.to = i, j; h.lo < h.hi || h.from < h.to {
			list = append(list, h)
			continue
		}
		i, j = i+1, j+1
	}
	return list
}
