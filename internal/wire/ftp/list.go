package ftp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// A File is an entry of a folder.
type File struct {
	Name     string // as the server has it: its bytes need not be UTF-8
	Dir      bool
	Size     int64         // -1 when the server does not say
	Modified time.Time     // the zero time when the server does not say
	Listed   time.Time     // Modified as the server's clock shows it, written as if that were UTC
	Exact    time.Duration // to what Modified is exact: a second, a minute or a day
}

const maxListing = 64 << 20 // bytes of one folder's list

// List reads a folder: its files and folders, neither links nor devices. More says
// that it has more entries than the most that were asked for.
func (c *Client) List(ctx context.Context, dir string, most int) (list []File, more bool, err error) {
	if c.broken != nil {
		return nil, false, c.broken
	}
	done := c.watch(ctx, "the folder "+dir)
	list, more, err = c.list(ctx, c.absolute(dir), most)
	return list, more, done(err)
}

func (c *Client) list(ctx context.Context, dir string, most int) (list []File, more bool, err error) {
	if c.has("MLST") || c.has("MLSD") {
		list, more, err = c.lines(ctx, "MLSD "+dir, most, parseFacts)
		var no *reply
		if !errors.As(err, &no) || no.code < 500 || no.code > 504 {
			return list, more, err
		}
		delete(c.features, "MLST") // it says that it knows it, and does not
		delete(c.features, "MLSD")
	}
	// A folder is named to CWD: to LIST, its name could be an option or a pattern.
	r, err := c.ask("CWD " + dir)
	if err != nil {
		return nil, false, err
	}
	if r.class() != 2 {
		return nil, false, &r
	}
	now := c.Now().UTC()
	if c.Zone != nil {
		now = wall(now.In(c.Zone))
	}
	list, more, err = c.lines(ctx, "LIST", most, func(line string) (File, bool) { return parseListed(line, now) })
	if err != nil {
		return nil, false, err
	}
	offset, err := c.offset(dir, list)
	if err != nil {
		return nil, false, err
	}
	for i := range list {
		f := &list[i]
		if l := f.Listed; c.Zone != nil && !l.IsZero() {
			f.Modified = time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, c.Zone).UTC()
		} else if !l.IsZero() {
			f.Modified = l.Add(-offset)
		}
	}
	return list, more, nil
}

// lines reads a list, a line each.
func (c *Client) lines(ctx context.Context, command string, most int, parse func(string) (File, bool)) (list []File, more bool, err error) {
	err = c.fetch(ctx, command, func(in io.Reader) error {
		list, more = nil, false
		rest := &io.LimitedReader{R: in, N: maxListing}
		s := bufio.NewScanner(rest)
		s.Buffer(make([]byte, 0, maxLine), maxLine)
		for s.Scan() {
			f, ok := parse(s.Text())
			if !ok {
				continue
			}
			if len(list) == most {
				more = true // and the rest is read, so that the session goes on
				continue
			}
			list = append(list, f)
		}
		if rest.N <= 0 || errors.Is(s.Err(), bufio.ErrTooLong) {
			return errTooMuch
		}
		return s.Err()
	})
	return list, more, err
}

// offset measures how far the server's clock is from UTC: by the newest file that is
// listed to the minute, of which MDTM says the time in UTC. It is of no great weight:
// whether a file has changed is seen from the time as it is listed.
func (c *Client) offset(dir string, list []File) (time.Duration, error) {
	if c.Zone != nil {
		return 0, nil
	}
	var newest File
	for _, f := range list {
		if !f.Dir && f.Exact <= time.Minute && f.Listed.After(newest.Listed) {
			newest = f
		}
	}
	if newest.Listed.IsZero() {
		return 0, nil
	}
	r, err := c.ask("MDTM " + strings.TrimSuffix(dir, "/") + "/" + newest.Name)
	if err != nil {
		return 0, err
	}
	if r.code != 213 {
		return 0, nil
	}
	utc, ok := stamp(strings.TrimSpace(r.lines[0][min(4, len(r.lines[0])):]))
	if !ok {
		return 0, nil
	}
	const quarter = 15 * time.Minute // no zone is finer
	offset := newest.Listed.Sub(utc.Truncate(newest.Exact)).Round(quarter)
	if offset < -15*time.Hour || offset > 15*time.Hour {
		return 0, nil
	}
	return offset, nil
}

// wall is what a clock shows, written as if it were UTC.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// named reports whether a name is one of an entry that we read.
func named(name string) bool {
	return name != "" && len(name) <= 1024 && name != "." && name != ".." && !strings.ContainsAny(name, "/\r\n\x00")
}

// parseFacts reads a line of MLSD: "type=file;size=12;modify=20260328120000; name".
func parseFacts(line string) (f File, ok bool) {
	facts, name, ok := strings.Cut(line, " ")
	if !ok || !named(name) {
		return f, false
	}
	f = File{Name: name, Size: -1, Exact: time.Second}
	sort := ""
	for fact := range strings.SplitSeq(facts, ";") {
		key, value, _ := strings.Cut(fact, "=")
		switch strings.ToLower(key) {
		case "type":
			sort = strings.ToLower(value)
		case "size":
			if f.Size, ok = number(value); !ok {
				return f, false
			}
		case "modify":
			if f.Modified, ok = stamp(value); !ok {
				return f, false
			}
			f.Listed = f.Modified
		}
	}
	f.Dir = sort == "dir"
	return f, f.Dir || sort == "file"
}

// number reads a size.
func number(s string) (n int64, ok bool) {
	if s == "" || len(s) > 18 {
		return 0, false
	}
	for _, d := range []byte(s) {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = n*10 + int64(d-'0')
	}
	return n, true
}

// stamp reads 20260328120000, perhaps with a fraction.
func stamp(s string) (time.Time, bool) {
	s, _, _ = strings.Cut(s, ".")
	t, err := time.Parse("20060102150405", s)
	return t, err == nil && t.Year() > 0
}

// parseListed reads a line of LIST as Unix or DOS writes it. now is what the server's
// clock shows, about: many lines do not say the year.
func parseListed(line string, now time.Time) (f File, ok bool) {
	line = strings.TrimRight(line, "\r")
	if line == "" {
		return f, false
	}
	if line[0] >= '0' && line[0] <= '9' {
		return parseDOS(line)
	}
	return parseUnix(line, now)
}

// parseDOS reads "03-28-26  12:00PM       <DIR>          name", also with the year in
// four digits, and with 24 hours.
func parseDOS(line string) (f File, ok bool) {
	date, rest := word(line)
	clock, rest := word(rest)
	size, rest := word(rest)
	name := strings.TrimLeft(rest, " ")
	if !named(name) {
		return f, false
	}
	layout := "01-02-06"
	switch {
	case len(date) == 10 && date[2] == '-':
		layout = "01-02-2006"
	case len(date) == 10:
		layout = "2006-01-02"
	}
	hours := " 15:04"
	if strings.HasSuffix(clock, "M") {
		hours = " 03:04PM"
	}
	t, err := time.Parse(layout+hours, date+" "+clock)
	if err != nil || t.Year() < 1 {
		return f, false
	}
	f = File{Name: name, Listed: t, Modified: t, Exact: time.Minute, Size: -1}
	if size == "<DIR>" {
		f.Dir = true
		return f, true
	}
	f.Size, ok = number(size)
	return f, ok
}

// word cuts the first word off a line.
func word(line string) (first, rest string) {
	line = strings.TrimLeft(line, " \t")
	i := strings.IndexAny(line, " \t")
	if i < 0 {
		return line, ""
	}
	return line[:i], line[i:]
}

// parseUnix reads "-rw-r--r--  1 owner group  1234 Mar 28 12:00 name". Owner and group
// may be missing, and have spaces; the day may be before the month; the year may
// stand for the hour; some write 2026-03-28 12:00.
func parseUnix(line string, now time.Time) (f File, ok bool) {
	f.Dir = line[0] == 'd'
	if !f.Dir && line[0] != '-' {
		return f, false
	}
	_, rest := word(line)
	last := "" // the word before w
	for rest != "" {
		var w string
		w, rest = word(rest)
		size, sized := number(last)
		if listed, exact, after, dated := parseDate(w, rest, now); dated && sized {
			name, spaced := strings.CutPrefix(after, " ")
			if !spaced || !named(name) {
				return f, false
			}
			f.Name, f.Size, f.Listed, f.Modified, f.Exact = name, size, listed, listed, exact
			return f, true
		}
		last = w
	}
	return f, false
}

// parseDate reads a date that begins with the word w, and returns what follows.
func parseDate(w, rest string, now time.Time) (t time.Time, exact time.Duration, after string, ok bool) {
	second, rest := word(rest)
	if strings.Count(w, "-") == 2 {
		if t, err := time.Parse("2006-01-02 15:04", w+" "+second); err == nil && t.Year() > 0 {
			return t, time.Minute, rest, true
		}
		return t, 0, "", false
	}
	month, day := monthOf(w), second
	if month == 0 {
		month, day = monthOf(second), strings.TrimSuffix(w, ".")
	}
	d, fits := number(strings.TrimSuffix(day, "."))
	if month == 0 || !fits || d < 1 || d > 31 {
		return t, 0, "", false
	}
	third, rest := word(rest)
	if clock, err := time.Parse("15:04", third); err == nil {
		for year := now.Year() + 1; year > now.Year()-8; year-- { // the 29th of February has to look further
			t = time.Date(year, month, int(d), clock.Hour(), clock.Minute(), 0, 0, time.UTC)
			if t.Month() == month && !t.After(now.Add(36*time.Hour)) {
				return t, time.Minute, rest, true
			}
		}
		return t, 0, "", false
	}
	year, fits := number(third)
	t = time.Date(int(min(year, 9999)), month, int(d), 0, 0, 0, 0, time.UTC)
	if !fits || len(third) != 4 || t.Month() != month || year < 1970 {
		return t, 0, "", false
	}
	return t, 24 * time.Hour, rest, true
}

// monthOf reads the name of a month as servers write it.
func monthOf(s string) time.Month {
	if len(s) != 3 {
		return 0
	}
	i := strings.Index("jan feb mar apr may jun jul aug sep oct nov dec", strings.ToLower(s))
	if i < 0 || i%4 != 0 {
		return 0
	}
	return time.Month(i/4 + 1)
}

// String is for messages of tests.
func (f File) String() string {
	return fmt.Sprintf("%q dir=%v %d %s ±%s", f.Name, f.Dir, f.Size, f.Listed.Format(time.DateTime), f.Exact)
}
