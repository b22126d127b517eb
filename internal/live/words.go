package live

import (
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// What an entry may hold at most.
const (
	maxHeadline   = 200    // characters
	maxSigned     = 100    // characters
	maxCorrection = 500    // characters
	maxBody       = 12_000 // characters
	maxAttempt    = 64     // bytes

	// clocks is how far the clock of whoever types a time may be fast.
	clocks = 2 * time.Minute
)

// tidy brings the words into the form in which they are kept, and refuses what
// cannot be.
func (w *Words) tidy(now time.Time) (err error) {
	if w.Headline, err = line(w.Headline, maxHeadline, "headline", "A headline of an entry has at most 200 characters. Shorten it."); err != nil {
		return err
	}
	if w.Signed, err = line(w.Signed, maxSigned, "signed", "A name has at most 100 characters. Shorten it."); err != nil {
		return err
	}
	if w.Body, err = tidyBody(w.Body, "body"); err != nil {
		return err
	}
	if w.Headline == "" && len(w.Body.Blocks) == 0 {
		return refuse("body", "Write what has happened.")
	}
	if w.At.After(now.Add(clocks)) {
		return refuse("at", "This time is still to come. Write when it happened, or leave it empty for now.")
	}
	// Times are kept in whole microseconds, and compared.
	w.At = w.At.Truncate(time.Microsecond)
	return nil
}

// tidyBody is a text for a place that has a headline of its own: a cross-head is a
// strong line in it. Pictures are those of the library.
func tidyBody(d richtext.Doc, field string) (richtext.Doc, error) {
	blocks := make([]richtext.Block, len(d.Blocks))
	for i, b := range d.Blocks {
		switch {
		case b.Kind == richtext.CrossHead:
			b.Kind = richtext.Paragraph
			text := make([]richtext.Span, len(b.Text))
			for j, span := range b.Text {
				span.Strong = true
				text[j] = span
			}
			b.Text = text
		case b.Kind == richtext.Figure && (b.Picture == "" || b.URL != ""):
			return d, refuse(field, "A picture is named by its number in the library. Look it up under Pictures.")
		}
		blocks[i] = b
	}
	if len(blocks) == 0 {
		blocks = nil
	}
	d = richtext.Doc{Blocks: blocks}
	if utf8.RuneCountInString(d.Text()) > maxBody {
		return d, refuse(field, "This text has more than 12,000 characters. Make two entries of it.")
	}
	return d, d.Check()
}

func tidyCorrection(s string) (string, error) {
	return line(s, maxCorrection, "correction", "What was wrong is told in at most 500 characters. Shorten it.")
}

func line(s string, most int, field, long string) (string, error) {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\ufffd")), " ")
	if utf8.RuneCountInString(s) > most {
		return s, refuse(field, long)
	}
	return s, nil
}

func refuse(field, said string) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: said, Fields: map[string]string{field: said}}
}
