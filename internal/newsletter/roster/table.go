package roster

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Limits of a row. A quote that is never closed would make one row of the rest of
// the file.
const (
	maxRow   = 64 << 10 // bytes
	maxCells = 500
)

// A table reads comma-separated values as programs write them: in UTF-8 or
// UTF-16, with commas, semicolons or tabs between, and any line end. It is ours
// because encoding/csv has no limit for a row.
type table struct {
	r     *bufio.Reader
	comma byte
	line  int // of the next byte
	row   []byte
	ends  []int // of cells, in row
}

// newTable looks at the beginning of a file, for how it is written.
func newTable(r io.Reader) (*table, error) {
	first := bufio.NewReaderSize(r, maxRow)
	mark, err := first.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	t := &table{r: first, line: 1}
	switch {
	case bytes.HasPrefix(mark, []byte{0xef, 0xbb, 0xbf}):
		if _, err := first.Discard(3); err != nil {
			return nil, err
		}
	case bytes.HasPrefix(mark, []byte{0xff, 0xfe}), bytes.HasPrefix(mark, []byte{0xfe, 0xff}):
		d := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
		t.r = bufio.NewReaderSize(transform.NewReader(first, d), maxRow)
	}
	head, err := t.r.Peek(maxRow)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if end := bytes.IndexAny(head, "\r\n"); end >= 0 {
		head = head[:end]
	}
	if rest, ok := bytes.CutPrefix(head, []byte("sep=")); ok && len(rest) == 1 { // Excel's word for it
		t.comma = rest[0]
		_, err := t.r.Discard(len(head))
		return t, err
	}
	t.comma = ','
	for _, c := range []byte{';', '\t'} {
		if bytes.Count(head, []byte{c}) > bytes.Count(head, []byte{t.comma}) {
			t.comma = c
		}
	}
	return t, nil
}

// next reads a row, passing over empty lines; line is where it begins. Then
// comes io.EOF.
func (t *table) next() (cells []string, line int, err error) {
	for {
		line = t.line
		t.row, t.ends = t.row[:0], t.ends[:0]
		err := t.read(line)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, line, err
		}
		if len(t.ends) > 1 || len(t.row) > 0 {
			break
		}
		if err != nil {
			return nil, line, err
		}
	}
	text, at := string(t.row), 0
	for _, end := range t.ends {
		cells = append(cells, text[at:end])
		at = end
	}
	return cells, line, nil
}

// read reads bytes up to the end of a row. At the end of the file it gives what
// there is, and io.EOF.
func (t *table) read(line int) error {
	quoted, begins := false, true // inside quotes; at the beginning of a cell
	for {
		c, err := t.r.ReadByte()
		if err != nil {
			if quoted && errors.Is(err, io.EOF) {
				return endless(line)
			}
			t.ends = append(t.ends, len(t.row))
			return err
		}
		if c == '\r' {
			if after, _ := t.r.Peek(1); len(after) == 1 && after[0] == '\n' {
				continue
			}
			c = '\n'
		}
		if c == '\n' {
			t.line++
		}
		switch {
		case c == '"' && quoted:
			if after, _ := t.r.Peek(1); len(after) == 1 && after[0] == '"' {
				t.row = append(t.row, c)
				if _, err := t.r.Discard(1); err != nil {
					return err
				}
			} else {
				quoted = false
			}
		case quoted:
			t.row = append(t.row, c)
		case c == '"' && begins:
			quoted = true
		case c == t.comma:
			t.ends = append(t.ends, len(t.row))
			begins = true
			if len(t.ends) >= maxCells {
				return sentence("The row at line %d has more than %d columns.", line, maxCells)
			}
			continue
		case c == '\n':
			t.ends = append(t.ends, len(t.row))
			return nil
		default:
			t.row = append(t.row, c)
		}
		begins = false
		if len(t.row) > maxRow {
			return endless(line)
		}
	}
}

func endless(line int) error {
	return sentence("The row at line %d does not end: perhaps a quotation mark is missing there.", line)
}

// Write writes rows in our own form, which Read reads, and returns how many there
// were. It ends with the first error of the rows or of the writer.
func Write(w io.Writer, rows func(yield func(Row, error) bool)) (n int, err error) {
	out := bufio.NewWriter(w)
	if _, err := out.WriteString("address,state,since,lists,language\n"); err != nil {
		return 0, err
	}
	for row, err := range rows {
		if err != nil {
			return n, errors.Join(err, out.Flush())
		}
		since := ""
		if !row.Since.IsZero() {
			since = row.Since.UTC().Format("2006-01-02T15:04:05Z")
		}
		for i, cell := range []string{row.Address, string(row.State), since, strings.Join(row.Lists, " "), row.Language} {
			if i > 0 {
				out.WriteByte(',') // the first error stays, and Flush returns it
			}
			out.WriteString(quote(cell))
		}
		if err := out.WriteByte('\n'); err != nil {
			return n, err
		}
		n++
	}
	return n, out.Flush()
}

// dangerous are the beginnings of cells that spreadsheets take for formulas.
const dangerous = "=+-@\t\r"

// quote writes a cell so that it is text for everybody who opens the table.
func quote(s string) string {
	if s != "" && strings.ContainsRune(dangerous, rune(s[0])) {
		s = "'" + s
	}
	if strings.ContainsAny(s, "\",;\t\r\n'") || strings.TrimSpace(s) != s {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// unquote undoes what quote does against formulas.
func unquote(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune(dangerous, rune(s[1])) {
		return s[1:]
	}
	return s
}
