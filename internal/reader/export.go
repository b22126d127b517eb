package reader

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Table is one sort of thing that is known of a reader.
type Table struct {
	Name    string // of its file, such as "sessions"
	Columns []string
	Rows    [][]string
}

// An exporting is the job of packing all that is known of a reader.
type exporting struct {
	Reader string
	File   string
}

// AskExport has all that is known of the actor packed into one file, and a
// letter written with a link to it.
func (s *Store) AskExport(ctx context.Context, a *Actor) error {
	if err := s.sure(a); err != nil {
		return err
	}
	if a.Reader.Email == "" {
		return &problem.Problem{Kind: problem.Conflict, Detail: "The link comes by mail, and your account has no address. Add one first."}
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		wait, err := s.take(ctx, tx, exports, a.Reader.ID)
		if err != nil {
			return err
		}
		if wait > 0 {
			return tooMany("Your data were packed twice a short while ago. The links in those letters are good for three days; or try again tomorrow.", wait)
		}
		if err := s.Jobs.Add(ctx, tx, exportJob, time.Time{}, exporting{Reader: a.Reader.ID, File: s.ID()}); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: a.Reader.ID, Act: Exported, Subject: a.Reader.ID})
	})
}

func exportKey(id, file string) string { return exported(id) + "/" + file + ".zip" }

// exported is the folder of a reader's packed data.
func exported(id string) string { return "export/" + id }

// export packs all that is known of a reader and tells them. It may run twice:
// the file is put again, and of two letters the second has the link that works.
func (s *Store) export(ctx context.Context, e exporting) error {
	packed, err := s.pack(ctx, e.Reader)
	if problem.Is(err, problem.NotFound) {
		return nil // erased in the meantime
	}
	if err != nil {
		return fmt.Errorf("export %s: %w", e.Reader, err)
	}
	key := exportKey(e.Reader, e.File)
	// Whatever happens from here on, the file does not stay.
	err = s.DB.Tx(ctx, func(tx *db.Tx) error { return s.Jobs.Add(ctx, tx, dropJob, s.Now().Add(exportLife), key) })
	if err != nil {
		return err
	}
	if _, err := s.Blobs.Put(ctx, key, bytes.NewReader(packed)); err != nil {
		return fmt.Errorf("export %s: %w", e.Reader, err)
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := lock(ctx, tx, e.Reader); err != nil {
			return err
		}
		return s.write(ctx, tx, Letter{Kind: ExportReady, Reader: e.Reader, Detail: e.File})
	})
	if problem.Is(err, problem.NotFound) {
		return s.drop(ctx, key) // erased while it was packed
	}
	return err
}

// OpenExport opens the file of a letter's link, for its owner alone. The link
// stays good: what was fetched may not have arrived.
func (s *Store) OpenExport(ctx context.Context, a *Actor, token string) (*blob.File, error) {
	if err := s.sure(a); err != nil {
		return nil, err
	}
	reader, file, err := s.link(ctx, s.DB, exportLink, token)
	if err != nil {
		return nil, err
	}
	if reader != a.Reader.ID {
		return nil, &problem.Problem{Kind: problem.Forbidden, Detail: errOther}
	}
	f, err := s.Blobs.Open(ctx, exportKey(reader, file))
	if problem.Is(err, problem.NotFound) {
		return nil, &problem.Problem{Kind: problem.Gone, Detail: errLink, Err: err}
	}
	return f, err
}

// pack makes the file: everything as one JSON, each table as CSV too, and the
// portrait.
func (s *Store) pack(ctx context.Context, id string) ([]byte, error) {
	r, err := s.ByID(ctx, id)
	if err != nil {
		return nil, err
	}
	tables, err := s.tables(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, known := range s.Known {
		more, err := known(ctx, id)
		if err != nil {
			return nil, err
		}
		tables = append(tables, more...)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	put := func(name string, write func(io.Writer) error) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: s.Now().UTC()})
		if err != nil {
			return err
		}
		return write(w)
	}
	if err := put("everything.json", func(w io.Writer) error { return writeJSON(w, tables) }); err != nil {
		return nil, err
	}
	for _, t := range tables {
		if err := put(t.Name+".csv", t.writeCSV); err != nil {
			return nil, err
		}
	}
	if r.Portrait != "" {
		if err := put("portrait.jpg", func(w io.Writer) error { return s.copyPortrait(ctx, w, r) }); err != nil {
			return nil, err
		}
	}
	err = z.Close()
	return b.Bytes(), err
}

func (s *Store) copyPortrait(ctx context.Context, w io.Writer, r Reader) error {
	f, err := s.Blobs.Open(ctx, portraitKey(r.ID, r.Portrait))
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return errors.Join(err, f.Close())
}

// writeJSON writes the tables as lists of objects.
func writeJSON(w io.Writer, tables []Table) error {
	all := map[string][]map[string]string{}
	for _, t := range tables {
		list := make([]map[string]string, len(t.Rows))
		for i, row := range t.Rows {
			list[i] = map[string]string{}
			for c, name := range t.Columns {
				list[i][name] = row[c]
			}
		}
		all[t.Name] = list
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(all)
}

// writeCSV writes the table for a spreadsheet, with the mark by which those
// know UTF-8.
func (t Table) writeCSV(w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.Write(t.Columns); err != nil {
		return err
	}
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = tame(cell)
		}
		if err := c.Write(cells); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// tame keeps a spreadsheet from taking a cell for a formula: whoever has a name
// that begins with "=" must not run a program in somebody's office (ASVS
// 1.2.10). Full-width signs count too.
func tame(cell string) string {
	if strings.HasPrefix(strings.TrimLeft(cell, " \u3000"), "'") {
		return cell
	}
	if strings.ContainsAny(first(strings.TrimLeft(cell, " \u3000")), "=+-@\t\r\n|%＝＋－＠") {
		return "'" + cell
	}
	return cell
}

// first is the first character of a text.
func first(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// tables are what this package knows of a reader. Nothing in them opens a door:
// no hash, no token, no seed.
func (s *Store) tables(ctx context.Context, r Reader) (list []Table, err error) {
	profile := Table{Name: "profile", Columns: []string{
		"id", "email", "name", "handle", "about", "language", "role", "letters about answers", "password", "second factor", "member since", "erased on",
	}, Rows: [][]string{{
		r.ID, r.Email, r.Name, r.Handle, r.Bio, r.Language, string(r.Role), string(r.Letters), yes(r.Password), yes(r.TOTP), stamp(r.Created), stamp(r.Leaving),
	}}}
	list = append(list, profile)
	for _, t := range []struct {
		name, query string
		columns     []string
		times       int // the last columns are times
	}{
		{"sessions", `select way, device, created, seen, proved from session where reader = $1 order by created, id`, []string{"by", "browser", "since", "last used", "last proof"}, 3},
		{"browsers", `select seen from device where reader = $1 order by seen, hash`, []string{"last log-in"}, 1},
		{"passkeys", `select name, created, used from passkey where reader = $1 order by created, id`, []string{"name", "added", "last used"}, 2},
		{"recovery-codes", `select 'one that is not used' from recovery_code where reader = $1 order by hash`, []string{"code"}, 0},
		{"connections", `select provider, issuer, subject, email, created from identity where reader = $1 order by created, issuer, subject`, []string{"provider", "issuer", "your id there", "address there", "connected"}, 1},
		{"news-alerts", `select email, created from alerts_wanted where reader = $1 order by created, email`, []string{"address", "wanted since"}, 1},
		{"asked-at-facebook", `select code, asked from facebook_deletion where reader = $1 order by asked, code`, []string{"code", "asked"}, 1},
		{"links", `select purpose, case when purpose in ('email', 'alerts') then detail else '' end, expires from reader_link where reader = $1 order by expires, hash`, []string{"for", "address", "good until"}, 1},
	} {
		rows, err := readRows(ctx, s.DB, t.query, len(t.columns), t.times, r.ID)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", t.name, err)
		}
		list = append(list, Table{t.name, t.columns, rows})
	}
	log := Table{Name: "log", Columns: []string{"when", "what", "by", "detail"}}
	err = audit.Read(ctx, s.DB, r.ID, 0, func(e audit.Entry, _ string) error {
		who := "the paper"
		switch e.Actor {
		case r.ID:
			who = "you"
		case "":
			who = "somebody who was not known"
		}
		log.Rows = append(log.Rows, []string{stamp(e.At), string(e.Act), who, e.Detail})
		return nil
	})
	return append(list, log), err
}

// readRows reads what a query finds as text; the last columns are times.
func readRows(ctx context.Context, q db.Querier, query string, columns, times int, args ...any) (list [][]string, err error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		row, at, into := make([]string, columns), make([]db.Time, times), make([]any, columns)
		for i := range columns {
			into[i] = &row[i]
			if t := i - (columns - times); t >= 0 {
				into[i] = &at[t]
			}
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for t := range at {
			row[columns-times+t] = stamp(time.Time(at[t]))
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// stamp writes a time for people and machines; "" for never.
func stamp(t time.Time) string {
	if t.IsZero() || t.UnixMicro() == 0 {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
