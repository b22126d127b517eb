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

// signedReport is a report as it is sent.
type signedReport struct {
	Report    json.RawMessage `json:"report"`
	Key       string          `json:"key"`
	Signature string          `json:"signature"`
}

func signReport(r Report, key ed25519.PrivateKey) ([]byte, error) {
	return signed("report", reportPreamble, r, key)
}

// openReport reads a report that came at now, and says with which key it is signed. Whose
// that is, and whether the report is for us, its reader asks.
func openReport(data []byte, now time.Time) (r Report, key string, err error) {
	var s signedReport
	if len(data) > maxReport {
		return r, "", TooLarge
	}
	if json.Unmarshal(data, &s) != nil {
		return r, "", Unreadable
	}
	if err := verify(reportPreamble, s.Report, s.Key, s.Signature); err != nil {
		return r, "", err
	}
	if json.Unmarshal(s.Report, &r) != nil || r.Version != version || len(r.Counts) > maxCounts || slices.ContainsFunc(r.Counts, Followed.wrong) {
		return Report{}, "", Unreadable
	}
	switch {
	case r.Made.After(now.Add(skew)):
		return Report{}, s.Key, Ahead
	case r.Made.Before(now.Add(-skew)):
		return Report{}, s.Key, Old
	}
	return r, s.Key, nil
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
