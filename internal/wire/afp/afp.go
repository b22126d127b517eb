// Package afp reads what the interface of the AFP, AFP Core, answers: documents, as a
// search finds them or one at a time.
//
// The structs are the AFP's own; what they mean for the paper is decided by package
// wire. Reading is tolerant (see package loose), and asks for nothing.
package afp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"kawaraban/internal/wire/loose"
)

// A Doc is one revision of a document. UNO names it in all its revisions.
type Doc struct {
	UNO      loose.Scalar `json:"uno"`
	Class    loose.Scalar `json:"class"` // text, picture, video, graphic, webstory, multimedia, videography, livereport
	Revision loose.Scalar `json:"revision"`
	Status   loose.Scalar `json:"status"`    // Usable, Embargoed, Canceled
	Embargo  loose.Scalar `json:"embargoed"` // until when, or whether
	Signal   loose.Words  `json:"signal"`
	Advisory loose.Words  `json:"advisory"` // corrections and terms, in prose, for editors

	Language  loose.Scalar `json:"lang"`
	Urgency   loose.Scalar `json:"urgency"` // 1 to 5
	Created   loose.Scalar `json:"created"`
	Published loose.Scalar `json:"published"` // of this revision

	Headline    loose.Text   `json:"headline"`
	Title       loose.Text   `json:"title"`
	Subheadline loose.Text   `json:"subheadline"`
	Abstract    loose.Words  `json:"abstract"`
	Slug        loose.Words  `json:"slug"`
	News        loose.Words  `json:"news"` // the paragraphs; of a picture its caption
	Byline      loose.Words  `json:"byline"`
	Creator     loose.Words  `json:"creator"`
	Provider    loose.Scalar `json:"provider"`
	Genre       loose.Words  `json:"genre"`

	City        loose.Text  `json:"city"`
	CountryName loose.Text  `json:"countryname"`
	IPTC        loose.Words `json:"iptc"`
	MediaTopics loose.Words `json:"mediatopic"`
}

// Is reports whether a member named response holds the AFP's documents.
func Is(response json.RawMessage) bool {
	list, err := documents(response)
	return err == nil && list != nil
}

var errNoAnswer = errors.New("afp: not an answer with documents")

// documents returns the documents of a response as they came, nil when it has none.
func documents(response json.RawMessage) (list []json.RawMessage, err error) {
	if len(response) == 0 || response[0] != '{' {
		return nil, errNoAnswer
	}
	var in struct {
		Docs json.RawMessage `json:"docs"`
	}
	if err := loose.Unmarshal(response, &in); err != nil {
		return nil, fmt.Errorf("afp: %w", err)
	}
	if len(in.Docs) == 0 || string(in.Docs) == "null" {
		return nil, nil // a search that found nothing
	}
	if in.Docs[0] != '[' {
		return nil, errNoAnswer
	}
	list = []json.RawMessage{}
	err = loose.Members(in.Docs, func(_ string, value json.RawMessage) error {
		if value[0] == '{' {
			list = append(list, value)
		}
		return nil
	})
	return list, err
}

// Parse reads the documents of an answer.
func Parse(data []byte) ([]Doc, error) {
	parts, err := Split(data)
	docs := make([]Doc, len(parts))
	for i, p := range parts {
		docs[i] = p.Doc
	}
	return docs, err
}

// A Part is one document of an answer as an answer of its own.
type Part struct {
	Doc  Doc
	Data []byte
}

// Split returns the documents of an answer apart.
func Split(data []byte) ([]Part, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if !json.Valid(data) || data[0] != '{' {
		return nil, errNoAnswer
	}
	var top struct {
		Response json.RawMessage `json:"response"`
	}
	if err := loose.Unmarshal(data, &top); err != nil {
		return nil, fmt.Errorf("afp: %w", err)
	}
	list, err := documents(top.Response)
	if err != nil {
		return nil, err
	}
	parts := make([]Part, len(list))
	for i, raw := range list {
		if err := loose.Unmarshal(raw, &parts[i].Doc); err != nil {
			return nil, fmt.Errorf("afp: document %d: %w", i+1, err)
		}
		parts[i].Data, err = json.Marshal(map[string]any{"response": map[string]any{"docs": []json.RawMessage{raw}}})
		if err != nil {
			return nil, fmt.Errorf("afp: document %d: %w", i+1, err)
		}
	}
	return parts, nil
}
