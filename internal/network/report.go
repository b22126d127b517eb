package network

import (
	"crypto/ed25519"
	"encoding/json"
	"slices"
	"time"
)

// A Report is how often the readers of a paper followed a sister's items, as the one
// tells the other (docs/network.md). It says nothing of any reader, and no time finer
// than a day.
type Report struct {
	Version int        `json:"version"`
	From    string     `json:"from"` // the home of the paper whose readers they are
	To      string     `json:"to"`   // the home of the paper whose items they followed
	Made    time.Time  `json:"made"`
	Counts  []Followed `json:"counts"`
}

// A Followed is how often an item was followed on a day, from its beginning on: a later
// report says a larger number, and not the difference.
type Followed struct {
	Item   string `json:"item"` // as the sister calls it
	Day    string `json:"day"`  // "2026-11-27", in UTC
	Clicks int    `json:"clicks"`
}

const (
	reportPreamble = "kawaraban click report 1\n"
	maxCounts      = 500           // of a report
	maxSaid        = 1_000_000_000 // clicks that a paper can say
	maxReport      = 96 << 10      // bytes; a full one has 60 KB

	// MaxReport is how many bytes of a report are read.
	MaxReport = maxReport
)

func signReport(r Report, key ed25519.PrivateKey) ([]byte, error) {
	return signed("report", reportPreamble, r, key)
}

// openReport reads a report that came at now, and says with which key it is signed. Whose
// that is, and whether the report is for us, its reader asks.
func openReport(data []byte, now time.Time) (r Report, key string, err error) {
	if len(data) > maxReport {
		return r, "", TooLarge
	}
	raw, key, err := opened("report", reportPreamble, data)
	if err != nil {
		return r, "", err
	}
	if json.Unmarshal(raw, &r) != nil || r.Version != version || len(r.Counts) > maxCounts || slices.ContainsFunc(r.Counts, Followed.wrong) {
		return Report{}, "", Unreadable
	}
	if err := ofNow(r.Made, now); err != nil {
		return Report{}, key, err
	}
	return r, key, nil
}

// wrong reports whether it says what no paper says: no such day, no click or fewer.
func (f Followed) wrong() bool {
	_, err := time.Parse(time.DateOnly, f.Day)
	return err != nil || !isID(f.Item) || f.Clicks < 1 || f.Clicks > maxSaid
}

// day is when its day began; it has one.
func (f Followed) day() time.Time {
	t, _ := time.Parse(time.DateOnly, f.Day)
	return t
}
