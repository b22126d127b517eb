package newsletter

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A Manuscript is what staff writes of an edition.
type Manuscript struct {
	Subject string
	Preview string
	Parts   []Part
}

const (
	maxSubject = 150
	maxParts   = 30
	maxStories = 60
)

// check refuses a manuscript that cannot be sent, at the field that is wrong; a
// draft may lack things.
func (m Manuscript) check(draft bool) error {
	bad := &problem.Problem{Kind: problem.Invalid, Detail: "Some fields need another look.", Fields: map[string]string{}}
	for field, text := range map[string]string{"subject": m.Subject, "preview": m.Preview} {
		switch {
		case utf8.RuneCountInString(text) > maxSubject:
			bad.Fields[field] = "This is too long."
		case strings.ContainsAny(text, "\r\n\x00") || !utf8.ValidString(text):
			bad.Fields[field] = "Write it on one line."
		}
	}
	if strings.TrimSpace(m.Subject) == "" && !draft {
		bad.Fields["subject"] = "An edition needs a subject."
	}
	if len(m.Parts) > maxParts {
		bad.Fields["parts"] = "These are too many parts."
	}
	for i, p := range m.Parts {
		say := func(field, why string) { bad.Fields[fmt.Sprintf("%s-%d", field, i)] = why }
		if len(p.Stories) > maxStories {
			say("stories", "These are too many stories.")
		}
		if len(p.Text) > maxText {
			say("text", "The text of a block is too long.")
		}
		if !draft {
			p.wrong(say)
		}
	}
	if len(m.Parts) == 0 && !draft {
		bad.Fields["parts"] = "There is nothing in this edition yet."
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// wrong says what is wrong with a part, each at its field.
func (p Part) wrong(say func(field, why string)) {
	switch p.Kind {
	case Stories:
		if len(p.Stories) == 0 {
			say("stories", "Choose at least one story for the part, or take it out.")
		}
	case Front, Section, Read, Followed: // what a calendar composed; it may be empty
	default:
		p.Block.wrong(say)
	}
}

// gone refuses a manuscript with a story that readers will not have: one that was
// withdrawn or has expired, or, when it goes out now, one that is not out yet.
func (s *Store) gone(ctx context.Context, m Manuscript, now bool) error {
	may, err := s.Articles.Readable(ctx, stories(m.Parts)...)
	if err != nil {
		return err
	}
	bad := &problem.Problem{Kind: problem.Invalid, Detail: "Some fields need another look.", Fields: map[string]string{}}
	for i, p := range m.Parts {
		if p.Kind != Stories {
			continue // what was composed leaves out what is gone
		}
		for _, id := range p.Stories {
			if _, ok := may[id]; ok {
				continue
			}
			_, err := s.Articles.Known(ctx, id)
			switch {
			case problem.Is(err, problem.NotFound) && !now: // it may be out by then
			case problem.Is(err, problem.NotFound):
				bad.Fields[fmt.Sprintf("stories-%d", i)] = "Readers cannot have one of these stories yet. Publish it, or take it out."
			case err == nil || problem.Is(err, problem.Gone):
				bad.Fields[fmt.Sprintf("stories-%d", i)] = "One of these stories is gone. Take it out."
			default:
				return err
			}
		}
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// Write stores what somebody wrote, at the version that they have seen. Only a
// draft can be written on.
func (s *Store) Write(ctx context.Context, a *reader.Actor, id string, version int, m Manuscript) (Edition, error) {
	return s.step(ctx, a, id, version, "", []Stage{Draft}, func(tx *db.Tx, e *Edition) error {
		if err := m.check(true); err != nil {
			return err
		}
		e.Subject, e.Preview, e.Parts = m.Subject, m.Preview, m.Parts
		return nil
	})
}

// Compose makes a draft of a digest anew from the paper of this moment.
func (s *Store) Compose(ctx context.Context, a *reader.Actor, id string, version int) (Edition, error) {
	e, err := s.EditionByID(ctx, a, id)
	if err != nil {
		return e, err
	}
	l, err := s.ListByID(ctx, e.List)
	if err != nil {
		return e, err
	}
	parts, subject, err := s.compose(ctx, l)
	if err != nil {
		return e, err
	}
	return s.step(ctx, a, id, version, "", []Stage{Draft}, func(tx *db.Tx, e *Edition) error {
		e.Parts, e.Subject = parts, subject
		return nil
	})
}
