package paper

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/mail"
	"kawaraban/internal/problem"
)

// An Identity is what is the same on every page of the paper.
type Identity struct {
	Name       string
	Edition    string // the line under the name
	Notice     string // the paper's copyright
	Publisher  string // the publishing company; "" is the paper's name
	Language   string // of the interface: "en", "ja"
	Zone       string // "Asia/Tokyo"
	Accent     string // "#rrggbb", "" for vermilion
	AccentDark string // on dark paper
	Contact    string // the mail address of the newsroom, "" for none
}

// A Part names one part of an identity, by the key of its setting.
type Part string

const (
	Name       Part = "paper_name"
	Edition    Part = "edition"
	Notice     Part = "notice"
	Publisher  Part = "publisher"
	Language   Part = "language"
	Zone       Part = "zone"
	Accent     Part = "accent"
	AccentDark Part = "accent_dark"
	Contact    Part = "contact"
)

// Parts lists the parts in the order of the form.
func Parts() []Part {
	return []Part{Name, Edition, Notice, Publisher, Contact, Language, Zone, Accent, AccentDark}
}

// Of is where the part stands in an identity.
func (p Part) Of(i *Identity) *string {
	switch p {
	case Name:
		return &i.Name
	case Edition:
		return &i.Edition
	case Notice:
		return &i.Notice
	case Publisher:
		return &i.Publisher
	case Language:
		return &i.Language
	case Zone:
		return &i.Zone
	case Accent:
		return &i.Accent
	case AccentDark:
		return &i.AccentDark
	default:
		return &i.Contact
	}
}

// longest is how many characters a part may have.
var longest = map[Part]int{Name: 80, Edition: 160, Notice: 200, Publisher: 160, Contact: 254, Language: 35, Zone: 60, Accent: 7, AccentDark: 7}

// A Version is the identity as somebody has set it. Number 0 is what the settings
// say while nobody has.
type Version struct {
	Number int
	Identity
	Author string // reader id, "" for the program
	At     time.Time
}

// Identity returns the identity that holds.
func (s *Store) Identity(ctx context.Context) (Version, error) { return s.identity(ctx, s.DB, 0) }

// Earlier returns a version of the identity as it would hold today.
func (s *Store) Earlier(ctx context.Context, number int) (Version, error) {
	if number < 1 {
		return Version{Identity: s.Operator}, nil
	}
	v, err := s.identity(ctx, s.DB, number)
	if err == nil && v.Number != number {
		return v, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such version."}
	}
	return v, err
}

func (s *Store) identity(ctx context.Context, q db.Querier, number int) (v Version, err error) {
	where, args := "number > $1", []any{0}
	if number > 0 {
		where, args = "number = $1", []any{number}
	}
	err = q.QueryRow(ctx, `select number, name, edition, notice, publisher, language, zone, accent, accent_dark, contact, coalesce(author, ''), created
		from paper_identity
		where `+where+`
		order by number desc
		limit 1`, args...).Scan(&v.Number, &v.Name, &v.Edition, &v.Notice, &v.Publisher, &v.Language, &v.Zone, &v.Accent, &v.AccentDark, &v.Contact, &v.Author, (*db.Time)(&v.At))
	if err := db.Found(err, ""); problem.Is(err, problem.NotFound) {
		return Version{Identity: s.Operator}, nil
	} else if err != nil {
		return v, fmt.Errorf("read the paper's identity: %w", err)
	}
	for p := range s.Fixed {
		*p.Of(&v.Identity) = *p.Of(&s.Operator)
	}
	return v, nil
}

// SetIdentity makes id the paper's identity, by actor ("" is the program). base is
// the version that was seen. An identity that says what holds already changes
// nothing.
func (s *Store) SetIdentity(ctx context.Context, actor string, base int, id Identity) error {
	for _, p := range Parts() {
		*p.Of(&id) = tidy(*p.Of(&id))
	}
	if err := s.check(id); err != nil {
		return err
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		was, err := s.identity(ctx, tx, 0)
		if err != nil {
			return err
		}
		if was.Number != base {
			return late(was.Number)
		}
		if was.Identity == id && was.Number > 0 {
			return nil
		}
		_, err = tx.Exec(ctx, `insert into paper_identity (number, name, edition, notice, publisher, language, zone, accent, accent_dark, contact, author, created)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, nullif($11, ''), $12)`,
			base+1, id.Name, id.Edition, id.Notice, id.Publisher, id.Language, id.Zone, id.Accent, id.AccentDark, id.Contact, actor, db.Time(s.Now()))
		if err != nil {
			return fmt.Errorf("set the paper's identity: %w", err)
		}
		if err := event.Record(ctx, tx, Changed{}); err != nil {
			return err
		}
		return s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: IdentitySet, Subject: "paper", Detail: differences(was.Identity, id)})
	})
	if db.IsUnique(err) { // two wanted the same number, and the key has refused one
		return late(base + 1)
	}
	return err
}

// tidy is text on one line.
func tidy(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(text), " ")
}

// check says at each part what is wrong with it.
func (s *Store) check(id Identity) error {
	bad := &problem.Problem{Kind: problem.Invalid, Detail: "The paper cannot be served so.", Fields: map[string]string{}}
	for p := range s.Fixed {
		if *p.Of(&id) != *p.Of(&s.Operator) {
			bad.Fields[string(p)] = "This is set in the settings of the program, and is changed there."
		}
	}
	for _, p := range Parts() {
		if utf8.RuneCountInString(*p.Of(&id)) > longest[p] {
			bad.Fields[string(p)] = "This is too long. Shorten it."
		}
	}
	if id.Name == "" {
		bad.Fields[string(Name)] = "A paper has a name. Write it."
	}
	if id.Contact != "" {
		if _, err := mail.ParseAddress(id.Contact); err != nil {
			bad.Fields[string(Contact)] = "This is no mail address. Write one such as desk@paper.example."
		}
	}
	if s.Serves != nil {
		if err := s.Serves(id); err != nil {
			refused := problem.Of(err)
			if refused == nil {
				return err
			}
			for at, said := range refused.Fields {
				bad.Fields[at] = said
			}
			if bad.Err = err; len(refused.Fields) == 0 {
				return err
			}
		}
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// Differences lists the parts in which two identities differ.
func Differences(a, b Identity) (parts []Part) {
	for _, p := range Parts() {
		if *p.Of(&a) != *p.Of(&b) {
			parts = append(parts, p)
		}
	}
	return parts
}

func differences(was, is Identity) string {
	var list []string
	for _, p := range Differences(was, is) {
		list = append(list, fmt.Sprintf("%s: %q → %q", p, *p.Of(&was), *p.Of(&is)))
	}
	return strings.Join(list, ", ")
}

// Seen is the version that holds, when err says that somebody was faster.
func Seen(err error) (number int, ok bool) {
	var l Late
	ok = errors.As(err, &l)
	return l.Now, ok
}
