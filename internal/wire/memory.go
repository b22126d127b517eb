package wire

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/db"
)

// noSize is the size of no file.
const noSize = -2

// batch is how many files are remembered at once.
const batch = 100

// A memory is what was taken from a place, by name.
type memory map[string]remembrance

type remembrance struct {
	size     int64
	modified time.Time // as it was listed
	again    time.Time // when it is read once more, the zero time for never
}

// has reports whether a file has been taken as it is now. A list that is exact to the day
// was exact to the minute when the file was young.
func (m memory) has(e entry) bool {
	r, ok := m[e.name]
	return ok && r.size == e.size && r.modified.Truncate(max(e.exact, time.Microsecond)).Equal(e.listed.Truncate(max(e.exact, time.Microsecond)))
}

// again reports whether a file is to be read once more.
func (m memory) again(e entry, now time.Time) bool {
	r, ok := m[e.name]
	return ok && !r.again.IsZero() && !now.Before(r.again)
}

// shifted reports by how much all times of a list have moved since they were remembered:
// some servers list every file by the clock of today, and move them all by an hour when
// summer begins. 0: they have not.
func (m memory) shifted(files map[string]entry) (by time.Duration) {
	moved := 0
	for name, e := range files {
		r, ok := m[name]
		if !ok || r.size != e.size {
			continue
		}
		d := e.listed.Sub(r.modified)
		if e.exact < time.Minute || d != time.Hour && d != -time.Hour || moved > 0 && d != by {
			return 0
		}
		by = d
		moved++
	}
	if moved < 3 { // a few are read again, which costs nothing
		return 0
	}
	return by
}

// remembered is the memory of a source, in one query whatever it holds.
func (s *Store) remembered(ctx context.Context, source string) (memory, error) {
	rows, err := s.DB.Query(ctx, `select name, size, modified, again from wire_file where source = $1 order by name`, source)
	if err != nil {
		return nil, fmt.Errorf("remember the files of a source: %w", err)
	}
	defer rows.Close()
	m := memory{}
	for rows.Next() {
		var name string
		var r remembrance
		if err := rows.Scan(&name, &r.size, (*db.Time)(&r.modified), (*db.Time)(&r.again)); err != nil {
			return nil, fmt.Errorf("remember the files of a source: %w", err)
		}
		m[name] = r
	}
	return m, rows.Err()
}

// remember writes down what was taken since it was called last.
func (v *visitor) remember(ctx context.Context) error {
	if len(v.taken) == 0 && len(v.doubtful) == 0 {
		return nil
	}
	now := v.s.Now()
	for _, e := range v.taken {
		r := remembrance{size: e.size, modified: e.listed}
		if young := e.modified.IsZero() || e.modified.After(now.Add(-unsure)); e.exact == time.Minute && young && !(v.known.has(e) && v.known.again(e, now)) {
			// Written over within the minute, with as many bytes, it looks the same.
			r.again = now.Add(2 * time.Minute)
		}
		v.known[e.name] = r
	}
	names := v.doubtful
	for _, e := range v.taken {
		names = append(names, e.name)
	}
	v.taken, v.doubtful = nil, nil
	slices.Sort(names)
	names = slices.Compact(names) // a row may not be written twice at once
	return v.s.note(ctx, v.src.ID, v.known, names)
}

// note writes the memory of some names.
func (s *Store) note(ctx context.Context, source string, m memory, names []string) error {
	for part := range slices.Chunk(names, batch) {
		err := s.DB.Tx(ctx, func(tx *db.Tx) error {
			args, lines := []any{}, make([]string, len(part))
			for i, name := range part {
				r := m[name]
				lines[i] = db.Row(&args, source, name, r.size, db.Time(r.modified), db.Time(r.again))
			}
			_, err := tx.Exec(ctx, `insert into wire_file (source, name, size, modified, again) values `+strings.Join(lines, ", ")+`
				on conflict (source, name) do update
				set size = excluded.size, modified = excluded.modified, again = excluded.again`, args...)
			return err
		})
		if err != nil {
			return fmt.Errorf("remember files that were taken: %w", err)
		}
	}
	return nil
}

// doubt forgets a file that was taken and has to be looked at again.
func (v *visitor) doubt(e entry) {
	v.taken = slices.DeleteFunc(v.taken, func(t entry) bool { return t.name == e.name })
	if _, ok := v.known[e.name]; ok {
		v.known[e.name] = remembrance{size: noSize} // the next look finds another
		v.doubtful = append(v.doubtful, e.name)
	}
}

// forget takes what has left the server out of the memory, so that it does not grow for
// ever. An empty list is not believed: it is how some servers say that a disk is away.
// Neither is one that is not whole.
func (v *visitor) forget(ctx context.Context, s *survey) error {
	if by := v.known.shifted(s.files); by != 0 {
		names := slices.DeleteFunc(slices.Collect(maps.Keys(v.known)), func(name string) bool {
			e, there := s.files[name]
			return !there || v.known[name].size != e.size
		})
		for _, name := range names {
			r := v.known[name]
			r.modified = r.modified.Add(by)
			v.known[name] = r
		}
		if err := v.s.note(ctx, v.src.ID, v.known, names); err != nil {
			return err
		}
	}
	if len(s.files) == 0 || s.more || s.closed != "" {
		return nil
	}
	var gone []string
	for name := range v.known {
		if _, there := s.files[name]; !there {
			gone = append(gone, name)
		}
	}
	slices.Sort(gone)
	for part := range slices.Chunk(gone, 500) {
		err := v.s.DB.Tx(ctx, func(tx *db.Tx) error {
			args := []any{v.src.ID}
			_, err := tx.Exec(ctx, `delete from wire_file where source = $1 and name `+db.In(&args, part), args...)
			return err
		})
		if err != nil {
			return fmt.Errorf("forget files that are gone: %w", err)
		}
		for _, name := range part {
			delete(v.known, name)
		}
	}
	return nil
}

// forgetPlace forgets all files of a source.
func (s *Store) forgetPlace(ctx context.Context, source string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from wire_file where source = $1`, source)
		return err
	})
}
