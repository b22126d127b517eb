package comment

import (
	"context"
	"errors"
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

// Settings returns the paper's choices; those that nobody has made are 1 first
// comment, 2 links, no words, no names, and the filter on at 0.95.
func (s *Store) Settings(ctx context.Context) (Settings, error) {
	return Settings{}, errors.ErrUnsupported
}

// SetSettings keeps the paper's choices. They hold from the next comment on in
// this process, and within a minute in others. Problems name the fields first,
// links, words and threshold.
func (s *Store) SetSettings(ctx context.Context, actor string, set Settings) error {
	return errors.ErrUnsupported
}

// SettingsChanged is the fact that the paper has made other choices.
type SettingsChanged struct{}

// EventKind and EventSubject make it a fact.
func (SettingsChanged) EventKind() string    { return "comment.settings-changed" }
func (SettingsChanged) EventSubject() string { return "" }

// ForgetSettings lets the next comment read the settings again; a face calls it when
// it hears SettingsChanged.
func (s *Store) ForgetSettings() { s.sieve.settings.Store(nil) }
