package newsletter

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// crowd lets n addresses have a list that has one member already, by statements of
// many rows.
func (k *kit) crowd(like, list string, n int) {
	k.t.Helper()
	const rows = 200
	for i := 0; i < n; i += rows {
		var args, more []any
		var people, wishes []string
		to, who := db.Arg(&more, list), db.Arg(&more, like)
		for j := i; j < min(i+rows, n); j++ {
			id := db.NewID()
			email := fmt.Sprintf("crowd%06d@example.com", j)
			people = append(people, fmt.Sprintf("(%s, %s, %[2]s, '', '[]', -1, -1, 0, 0, 1)", db.Arg(&args, id), db.Arg(&args, email)))
			wishes = append(wishes, db.Arg(&more, id))
		}
		k.exec(`insert into subscriber (id, email, folded, language, sections, quiet_from, quiet_to, strikes, struck, created) values `+strings.Join(people, ", "), args...)
		k.exec(`insert into subscription (list, subscriber, state, source, promise, asked, asked_block, confirmed, confirmed_block, ended, why)
			select o.list, s.id, o.state, o.source, o.promise, o.asked, o.asked_block, o.confirmed, o.confirmed_block, o.ended, o.why
			from subscription as o, subscriber as s
			where o.list = `+to+` and o.subscriber = `+who+` and s.id in (`+strings.Join(wishes, ", ")+`)`, more...)
	}
}

// BenchmarkEdition sends a digest to 10,000 over a mail server of the test, which
// shares the processor with it.
func BenchmarkEdition(b *testing.B) {
	const people = 10_000
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": papertest.SQLite, "postgres": papertest.Postgres} {
		b.Run(name, func(b *testing.B) {
			k := newKit(b, open(b))
			var sink papertest.Sink
			press := k.Press
			k.over(&sink)
			k.Press = press
			l := k.list(digest(3, 3))
			k.crowd(k.member(l, "first@example.com"), l.ID, people-1)
			n := 0
			for b.Loop() {
				b.StopTimer()
				n++
				k.front = []string{k.story("city", fmt.Sprintf("The bridge, part %d", n))}
				b.StartTimer()
				e := k.sends(l)
				for e.Stage == Sending { // a turn has ended
					k.clock.Add(time.Minute)
					check(b, k.Send(b.Context(), Run{e.ID}))
					e = k.edition(e.ID)
				}
				if e.Stage != Sent || e.Accepted != people {
					b.Fatalf("%s %+v", e.Stage, e.Tally)
				}
			}
			b.ReportMetric(float64(n*people)/b.Elapsed().Seconds(), "letters/s")
		})
	}
}
