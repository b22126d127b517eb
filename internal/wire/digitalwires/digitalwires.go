// Package digitalwires reads dpa-digitalwires, the JSON in which the dpa delivers
// texts, pictures and sounds, its own and other agencies': one entry in a file, a
// list of them, or what the dpa's queue, wireQ, answers.
//
// The structs are the dpa's own; what they mean for the paper is decided by
// package wire. Reading is tolerant (see package loose).
package digitalwires

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"kawaraban/internal/wire/loose"
)

// An Entry is one version of a story. URN names it in all its versions; Updated
// tells when this version was last delivered anew.
type Entry struct {
	Receipt loose.Scalar `json:"_wireq_receipt"` // of the queue: what to answer when the entry is safe
	Format  loose.Scalar `json:"format"`         // "digitalwires@0.9.1"
	Type    loose.Scalar `json:"type"`           // "composite"
	EntryID loose.Scalar `json:"entry_id"`
	URN     loose.Scalar `json:"urn"`
	Version loose.Scalar `json:"version"` // from 1
	Updated loose.Scalar `json:"updated"`

	PubStatus      loose.Scalar `json:"pubstatus"` // usable, withheld, canceled; null: usable
	Signal         loose.Words  `json:"signal"`    // sig:update, sig:correction, sig:repeat
	Embargoed      loose.Scalar `json:"embargoed"` // until when
	VersionCreated loose.Scalar `json:"version_created"`
	ContentCreated loose.Scalar `json:"content_created"`
	Language       loose.Scalar `json:"language"`
	Urgency        loose.Scalar `json:"urgency"`

	Kicker      loose.Text `json:"kicker"`
	Headline    loose.Text `json:"headline"`
	Subhead     loose.Text `json:"subhead"`
	Teaser      loose.Text `json:"teaser"`
	Byline      loose.Text `json:"byline"`
	Dateline    loose.Text `json:"dateline"`     // "Haven (dpa) - "
	ArticleHTML loose.Text `json:"article_html"` // the story, in HTML with elements of the dpa's own
	InfoboxHTML loose.Text `json:"infobox_html"`
	LinkboxHTML loose.Text `json:"linkbox_html"`

	CreditLine        loose.Text  `json:"creditline"`
	CopyrightNotice   loose.Text  `json:"copyrightnotice"`
	UsageTerms        loose.Words `json:"usageterms"`
	AutoPublishNotice loose.Text  `json:"autopublishnotice"` // to be shown where nobody edits

	Notepad      Notepad                 `json:"notepad"`
	EdNotes      loose.List[EdNote]      `json:"ednotes"`
	Descriptions loose.List[Description] `json:"descriptions"`
	Associations loose.List[Association] `json:"associations"`
	Categories   loose.List[Category]    `json:"categories"`
	Genres       loose.Words             `json:"genre_names"`
}

// A Notepad is what reporters tell the desks of their customers.
type Notepad struct {
	PublicHTML    loose.Text `json:"public_html"`
	NonpublicHTML loose.Text `json:"nonpublic_html"` // contacts, private telephone numbers
}

// An EdNote is a note to editors.
type EdNote struct {
	Role        loose.Scalar `json:"role"` // "dpaednoterole:contacts"
	Text        loose.Text   `json:"ednote"`
	Publishable loose.Scalar `json:"is_publishable"` // "true" or "false"
}

// A Description is a caption.
type Description struct {
	Role loose.Scalar `json:"role"` // "drol:caption"
	Text loose.Text   `json:"description"`
}

// An Association is a picture or a sound of the entry. That of an entry that is a
// picture has the entry's own URN.
type Association struct {
	Type       loose.Scalar          `json:"type"` // image, audio
	URN        loose.Scalar          `json:"urn"`
	Version    loose.Scalar          `json:"version"`
	Rank       loose.Scalar          `json:"rank"`
	Headline   loose.Text            `json:"headline"`
	Caption    loose.Text            `json:"caption"`
	CreditLine loose.Text            `json:"creditline"`
	Renditions loose.List[Rendition] `json:"renditions"`
}

// A Rendition is one file.
type Rendition struct {
	Role   loose.Scalar `json:"role"`
	MIME   loose.Scalar `json:"mimetype"`
	URL    loose.Scalar `json:"url"`  // signed, and good for days only
	Size   loose.Scalar `json:"size"` // pixels of the longer side
	Width  loose.Scalar `json:"width"`
	Height loose.Scalar `json:"height"`
}

// A Category is anything that is known about an entry: a subject, a place, a
// desk, a genre, a signal again.
type Category struct {
	Type  loose.Scalar `json:"type"` // "dnltype:dpasubject"
	Name  loose.Text   `json:"name"`
	QCode loose.Scalar `json:"qcode"`
	Rank  loose.Scalar `json:"rank"`
}

// Is reports whether the names at the top of an object are those of an entry or
// of the queue's answer.
func Is(format, entries json.RawMessage) bool {
	if bytes.HasPrefix(format, []byte(`"digitalwires`)) {
		return true
	}
	return len(entries) > 0 && entries[0] == '[' && (len(bytes.TrimSpace(entries[1:len(entries)-1])) == 0 || IsList(entries))
}

// IsList reports whether a list begins with an entry.
func IsList(list json.RawMessage) (entry bool) {
	_ = loose.Members(list, func(_ string, value json.RawMessage) error {
		var e struct {
			Format  loose.Scalar `json:"format"`
			Receipt loose.Scalar `json:"_wireq_receipt"`
		}
		entry = value[0] == '{' && loose.Unmarshal(value, &e) == nil &&
			(strings.HasPrefix(string(e.Format), "digitalwires") || e.Receipt != "")
		return errEnough
	})
	return entry
}

var (
	errEnough   = errors.New("enough")
	errNoEntry  = errors.New("not an entry")
	errNoAnswer = errors.New("neither entries nor one")
)

// Parse reads the entries of a file or of an answer of the queue.
func Parse(data []byte) ([]Entry, error) {
	raw, err := apart(data)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(raw))
	for i := range raw {
		if err := loose.Unmarshal(raw[i], &entries[i]); err != nil {
			return nil, fmt.Errorf("digitalwires: entry %d: %w", i+1, err)
		}
	}
	return entries, nil
}

// A Part is one entry of the queue's answer, as a delivery of its own.
type Part struct {
	// Receipt is what to tell the queue when the entry is safe. It is good for
	// some minutes, and then the entry comes again, with another.
	Receipt      string
	URN, Version string
	Data         []byte // the entry without its receipt, so that it is the same each time
}

// Split returns the entries of an answer apart.
func Split(data []byte) ([]Part, error) {
	raw, err := apart(data)
	if err != nil {
		return nil, err
	}
	parts := make([]Part, len(raw))
	for i := range raw {
		var e struct {
			Receipt loose.Scalar `json:"_wireq_receipt"`
			URN     loose.Scalar `json:"urn"`
			Version loose.Scalar `json:"version"`
		}
		members := map[string]json.RawMessage{}
		if err := errors.Join(loose.Unmarshal(raw[i], &e), json.Unmarshal(raw[i], &members)); err != nil {
			return nil, fmt.Errorf("digitalwires: entry %d: %w", i+1, err)
		}
		delete(members, "_wireq_receipt")
		parts[i] = Part{Receipt: string(e.Receipt), URN: string(e.URN), Version: string(e.Version)}
		if parts[i].Data, err = json.Marshal(members); err != nil {
			return nil, fmt.Errorf("digitalwires: entry %d: %w", i+1, err)
		}
	}
	return parts, nil
}

// apart returns the entries as they came.
func apart(data []byte) (entries []json.RawMessage, err error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if !json.Valid(data) {
		return nil, fmt.Errorf("digitalwires: %w", errNoAnswer)
	}
	list := json.RawMessage(data)
	if data[0] == '{' {
		var top struct {
			Format  loose.Scalar    `json:"format"`
			Entries json.RawMessage `json:"entries"`
		}
		if err := loose.Unmarshal(data, &top); err != nil {
			return nil, fmt.Errorf("digitalwires: %w", err)
		}
		if top.Format != "" || len(top.Entries) == 0 {
			return []json.RawMessage{data}, nil
		}
		list = top.Entries
	}
	if list[0] != '[' {
		return nil, fmt.Errorf("digitalwires: %w", errNoAnswer)
	}
	err = loose.Members(list, func(_ string, value json.RawMessage) error {
		if value[0] != '{' {
			return fmt.Errorf("digitalwires: %w", errNoEntry)
		}
		entries = append(entries, value)
		return nil
	})
	return entries, err
}
