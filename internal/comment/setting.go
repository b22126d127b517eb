package comment

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/comment/sift"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// Settings are the paper's choices about its threads.
type Settings struct {
	First     int     // so many comments of a new account wait
	Links     int     // a comment with more links waits
	Words     string  // one word or phrase a line; "*" at the end stands for any ending
	Names     bool    // the public log names moderators
	Filter    bool    // what looks like removed comments waits
	Threshold float64 // from which probability on: 0.5 to 0.999
}

const (
	maxFirst = 100
	settled  = time.Minute // after which choices made in another process hold here too
)

func (set Settings) check() error {
	switch {
	case set.First < 0 || set.First > maxFirst:
		return refuse(problem.Invalid, "first", "From 0 to 100 comments of a new account can wait.")
	case set.Links < 0 || set.Links > maxLinks:
		return refuse(problem.Invalid, "links", "From 0 to 20 links can be let pass.")
	case !(set.Threshold >= 0.5 && set.Threshold <= 0.999):
		return refuse(problem.Invalid, "threshold", "The filter holds from a probability between 0.5 and 0.999.")
	}
	if _, bad := sift.Compile(set.Words); bad != "" {
		p := &problem.Problem{Kind: problem.Invalid, Format: "“%s” cannot be in the list of words.", Args: []any{shorten(bad)}, Fields: map[string]string{
			"words": "The list has up to 5,000 entries of up to 100 letters, and a “*” only at the end, after two letters or more.",
		}}
		p.Detail = fmt.Sprintf(p.Format, p.Args...)
		return p
	}
	return nil
}

// shorten is the beginning of a text, for a message.
func shorten(text string) string {
	n := 0
	for i := range text {
		if n++; n > 40 {
			return text[:i] + "…"
		}
	}
	return text
}

// Settings returns the paper's choices; those that nobody has made are 1 first
// comment, 2 links, no words, no names, and the filter on at 0.95.
func (s *Store) Settings(ctx context.Context) (Settings, error) {
	set := Settings{First: 1, Links: 2, Filter: true, Threshold: 0.95}
	rows, err := s.DB.Query(ctx, `select name, value from comment_setting order by name`)
	if err != nil {
		return set, fmt.Errorf("read the settings of the threads: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return set, fmt.Errorf("read the settings of the threads: %w", err)
		}
		if err := set.put(name, value); err != nil {
			return set, fmt.Errorf("read the setting %s of the threads: %w", name, err)
		}
	}
	return set, rows.Err()
}

// put takes one setting as it is stored; one that we do not know is left alone.
func (set *Settings) put(name, value string) (err error) {
	switch name {
	case "first":
		set.First, err = strconv.Atoi(value)
	case "links":
		set.Links, err = strconv.Atoi(value)
	case "words":
		set.Words = value
	case "names":
		set.Names, err = strconv.ParseBool(value)
	case "filter":
		set.Filter, err = strconv.ParseBool(value)
	case "threshold":
		set.Threshold, err = strconv.ParseFloat(value, 64)
	}
	return err
}

// SetSettings keeps the paper's choices. They hold from the next comment on in
// this process, and within a minute in others. Problems name the fields first,
// links, words and threshold.
func (s *Store) SetSettings(ctx context.Context, actor string, set Settings) error {
	set.Words = strings.ReplaceAll(set.Words, "\r\n", "\n")
	if err := set.check(); err != nil {
		return err
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, one := range [][2]string{
			{"filter", strconv.FormatBool(set.Filter)},
			{"first", strconv.Itoa(set.First)},
			{"links", strconv.Itoa(set.Links)},
			{"names", strconv.FormatBool(set.Names)},
			{"threshold", strconv.FormatFloat(set.Threshold, 'g', -1, 64)},
			{"words", set.Words},
		} {
			_, err := tx.Exec(ctx, `insert into comment_setting (name, value) values ($1, $2)
				on conflict (name) do update set value = excluded.value`, one[0], one[1])
			if err != nil {
				return err
			}
		}
		if err := event.Record(ctx, tx, SettingsChanged{}); err != nil {
			return err
		}
		tx.AfterCommit(s.ForgetSettings)
		return s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: "comment.settings", Detail: fmt.Sprintf(
			"first %d, links %d, %d bytes of words, names %t, filter %t at %g", set.First, set.Links, len(set.Words), set.Names, set.Filter, set.Threshold)})
	})
	if err != nil {
		return fmt.Errorf("keep the settings of the threads: %w", err)
	}
	return nil
}

// SettingsChanged is the fact that the paper has made other choices.
type SettingsChanged struct{}

// EventKind and EventSubject make it a fact.
func (SettingsChanged) EventKind() string    { return "comment.settings-changed" }
func (SettingsChanged) EventSubject() string { return "" }

// ForgetSettings lets the next comment read the settings again; a face calls it
// when it hears SettingsChanged.
func (s *Store) ForgetSettings() {
	// Another one each time, so that whoever is reading them just now does not put
	// back what was read before.
	old := sieveSettings{first: 1, links: 2}
	if set := s.sieve.settings.Load(); set != nil {
		old = *set
	}
	old.read = time.Time{}
	s.sieve.settings.Store(&old)
}

// A sieve is what the holds need in memory.
type sieve struct {
	settings atomic.Pointer[sieveSettings]
}

// sieveSettings are the paper's choices, compiled.
type sieveSettings struct {
	first     int // so many comments of a new account wait
	links     int // comments with more links wait
	words     *sift.Words
	filter    bool
	threshold float64
	text      string    // the words, as they were read
	read      time.Time // when
}

// sieving returns the paper's choices as they are now, or were a minute ago.
func (s *Store) sieving(ctx context.Context) (*sieveSettings, error) {
	old := s.sieve.settings.Load()
	now := s.Now()
	if old != nil && now.Sub(old.read) < settled {
		return old, nil
	}
	set, err := s.Settings(ctx)
	if err != nil {
		return nil, err
	}
	made := &sieveSettings{first: set.First, links: set.Links, filter: set.Filter, threshold: set.Threshold, text: set.Words, read: now}
	if old != nil && old.text == set.Words {
		made.words = old.words
	} else {
		// A list that cannot be used was never stored.
		made.words, _ = sift.Compile(set.Words)
	}
	s.sieve.settings.CompareAndSwap(old, made)
	return made, nil
}
