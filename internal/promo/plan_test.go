package promo

import (
	"math/rand/v2"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// A crowd of readers comes to the slot, and looks at what it is given as people do.
type crowd struct {
	k     *kit
	later []look
	rand  *rand.Rand
	looks float64 // the part of them that looks for two seconds
	given int
}

type look struct {
	at time.Time
	t  Ticket
}

// come lets n readers come in a minute, spread over it.
func (c *crowd) come(n int, place string) {
	step := time.Minute / time.Duration(max(n, 1))
	for range n {
		c.k.clock.Add(step)
		c.settle()
		if _, ticket := c.k.Serve(Visit{Place: place, Agent: "browser"}); ticket != "" {
			c.given++
			if c.rand.Float64() < c.looks {
				c.later = append(c.later, look{c.k.Now().Add(2*time.Second + time.Duration(c.rand.IntN(6000))*time.Millisecond), ticket})
			}
		}
	}
	if n == 0 {
		c.k.clock.Add(time.Minute)
	}
}

func (c *crowd) settle() {
	var rest []look
	for _, l := range c.later {
		if l.at.After(c.k.Now()) {
			rest = append(rest, l)
		} else {
			c.k.Count(l.t, Viewed, Visit{Agent: "browser"})
		}
	}
	c.later = rest
}

// byHour is how many readers a small paper has in each hour of a day.
var byHour = [24]int{210, 120, 80, 60, 70, 160, 520, 1150, 1500, 1350, 1200, 1250, 1600, 1400, 1100, 1000, 1050, 1250, 1450, 1700, 1900, 1600, 900, 450}

// TestPacing promises 10,000 impressions on a day and keeps that within 2 %, on a paper
// that has been counted for weeks, on a new one, with a crowd at noon and with readers
// who look seldom.
func TestPacing(t *testing.T) {
	for name, c := range map[string]struct {
		history bool
		looks   float64
		burst   int // that many come in a minute at noon
	}{
		"usual":        {true, 0.62, 0},
		"a new paper":  {false, 0.62, 0},
		"a crowd":      {true, 0.62, 6000},
		"few who look": {true, 0.48, 0},
	} {
		t.Run(name, func(t *testing.T) {
			papertest.Databases(t, func(t *testing.T, d *db.DB) {
				k := newKit(t, d)
				k.clock.Set(today())
				if c.history {
					check(t, k.DB.Tx(t.Context(), func(tx *db.Tx) error {
						for day := 1; day <= 28; day++ {
							for h, n := range byHour {
								if err := addUp(t.Context(), tx, "promo_chance", "place, hour",
									[]counted{{[]any{"city", db.Time(today().AddDate(0, 0, -day).Add(time.Duration(h) * time.Hour))}, "", n}}); err != nil {
									return err
								}
							}
						}
						return nil
					}))
				}
				b := k.on(booking(Impressions, today(), 1, "city"))
				people := &crowd{k: k, rand: rand.New(rand.NewPCG(1, 2)), looks: c.looks}
				worst := 0.0
				for minute := range 24 * 60 {
					n := byHour[minute/60] / 60
					if people.rand.IntN(60) < byHour[minute/60]%60 {
						n++
					}
					if minute == 12*60 {
						n += c.burst
					}
					people.come(n, "city")
					if minute%5 == 0 {
						check(t, k.Keep(t.Context()))
					}
					if minute%60 == 0 {
						check(t, k.Refresh(t.Context()))
						total, err := k.Total(t.Context(), b.ID)
						check(t, err)
						plan, _ := k.Due(b.ID)
						worst = max(worst, float64(total[Viewed]-plan))
					}
				}
				people.settle()
				check(t, k.Keep(t.Context()))
				total, err := k.Total(t.Context(), b.ID)
				check(t, err)
				t.Logf("%d impressions of %d given; at most %.0f ahead of the plan at a full hour", total[Viewed], people.given, worst)
				if got := total[Viewed]; got < 9800 || got > 10_200 {
					t.Errorf("%d impressions, want 10,000 within 2 %%", got)
				}
				if worst > 1200 {
					t.Errorf("%.0f impressions ahead of the plan: that is not even", worst)
				}
				if total[Served] != people.given {
					t.Errorf("%d served, %d counted", people.given, total[Served])
				}
			})
		})
	}
}
