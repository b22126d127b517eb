package wire

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/textproto"
	"strings"

	"kawaraban/internal/problem"
	"kawaraban/internal/wire/afp"
	"kawaraban/internal/wire/anpa"
	"kawaraban/internal/wire/ap"
	"kawaraban/internal/wire/digitalwires"
	"kawaraban/internal/wire/iptc7901"
	"kawaraban/internal/wire/markup"
)

// The limits of a JSON delivery; those of XML are markup's.
const (
	maxBytes      = markup.MaxBytes
	maxKept       = 5 << 20 // bytes of a delivery that is kept as it came, read or not
	maxJSONDepth  = 64
	maxJSONTokens = 10_000 // values, names and brackets; each costs up to 4 µs by the time that it is an item's
)

// A format is a family of formats with one parser; the word is for messages.
type format string

const (
	newsML1   format = "NewsML 1"
	newsMLG2  format = "NewsML-G2"
	nitfXML   format = "NITF"
	ninjsJSON format = "ninjs"
	apJSON    format = "AP Media API"
	dpaJSON   format = "dpa-digitalwires"
	afpJSON   format = "AFP Core"
	openFeed  format = "feed"
	text7901  format = "IPTC 7901"
	textANPA  format = "ANPA 1312"
	mailMIME  format = "e-mail"
)

// detect finds out what data is. The error is a Problem that says what it is
// instead, or which limit it is over.
func detect(data []byte) (format, error) {
	start := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\ufeff")), " \t\r\n")
	switch {
	case len(start) == 0:
		return "", &problem.Problem{Kind: problem.Invalid, Detail: "This file is empty."}
	case anpa.Is(data):
		return textANPA, nil
	case iptc7901.Is(data):
		return text7901, nil
	case start[0] == '<' || isUTF16(data):
		return detectXML(data)
	case start[0] == '{' || start[0] == '[':
		return detectJSON(start)
	case isMail(start):
		return mailMIME, nil
	}
	kind, _, _ := strings.Cut(http.DetectContentType(data), ";")
	switch {
	case strings.HasPrefix(kind, "image/"):
		return "", notRead("a picture (" + kind + ") by itself")
	case kind == "text/plain":
		return "", notRead("plain text")
	default:
		return "", notRead("a file of type " + kind)
	}
}

const (
	unknownJSON = "JSON of a kind that we do not know"
	cutOff      = "This file begins like JSON and is not: it may have been cut off."
)

// notRead says what a delivery is that we do not read.
func notRead(what string) error {
	return &problem.Problem{
		Kind:   problem.Unsupported,
		Detail: "This is " + what + ", which is not read yet; it is kept as it came.",
	}
}

// isUTF16 reports whether data begins with a byte order mark of UTF-16.
func isUTF16(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
}

// detectXML knows a format by its root element. Namespaces are not asked:
// agencies forget them, and misspell them.
func detectXML(data []byte) (format, error) {
	_, root, err := markup.Root(data)
	if err != nil {
		return "", err
	}
	switch root {
	case "NewsML":
		return newsML1, nil
	case "newsItem", "packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem", "newsMessage":
		return newsMLG2, nil
	case "nitf":
		return nitfXML, nil
	case "rss", "RDF", "feed":
		return openFeed, nil
	case "sports-content":
		return "", notRead("SportsML")
	case "html", "HTML":
		return "", notRead("a web page")
	case "Publish":
		return "", notRead("Jimi XML of The Canadian Press")
	default:
		return "", notRead(fmt.Sprintf("XML with the root element <%.60s>", root))
	}
}

// detectJSON knows a format by the names at the top.
func detectJSON(data []byte) (format, error) {
	if err := checkJSON(data); err != nil {
		return "", err
	}
	if data[0] == '[' {
		if !json.Valid(data) {
			return "", &problem.Problem{Kind: problem.Invalid, Detail: cutOff}
		}
		if digitalwires.IsList(data) {
			return dpaJSON, nil
		}
		return ninjsJSON, nil
	}
	var top struct {
		Format, URI, GUID, Version json.RawMessage
		AP                         json.RawMessage `json:"api_version"`
		Item, Items, Entries       json.RawMessage
		SDItems                    json.RawMessage `json:"_items"`
		Response                   json.RawMessage
	}
	if err := json.Unmarshal(data, &top); err != nil {
		return "", &problem.Problem{Kind: problem.Invalid, Detail: cutOff, Err: err}
	}
	switch {
	case digitalwires.Is(top.Format, top.Entries):
		return dpaJSON, nil
	case afp.Is(top.Response):
		return afpJSON, nil
	case top.AP != nil, ap.Holds(top.Item, top.Items):
		return apJSON, nil
	case bytes.Contains(top.Version, []byte("jsonfeed.org")):
		return openFeed, nil
	case top.URI != nil, top.GUID != nil, top.Item != nil, top.Items != nil, top.SDItems != nil:
		return ninjsJSON, nil
	default:
		return "", notRead(unknownJSON)
	}
}

// checkJSON holds the limits without reading a value, so that what is made to
// hurt is refused before anything is allocated for it.
func checkJSON(data []byte) error {
	depth, tokens := 0, 1
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',', ':': // one value or name follows
		default:
			continue
		}
		tokens++
		if depth > maxJSONDepth {
			return &problem.Problem{
				Kind:   problem.TooLarge,
				Detail: fmt.Sprintf("This JSON is nested more than %d deep.", maxJSONDepth),
			}
		}
		if tokens > maxJSONTokens {
			return &problem.Problem{
				Kind:   problem.TooLarge,
				Detail: fmt.Sprintf("This JSON has more than %d values, names and brackets. Send it in parts.", maxJSONTokens),
			}
		}
	}
	return nil
}

// maxDates is how many dates the entries of a feed may have. gofeed tries each
// against a hundred layouts, which takes it 60 µs.
const maxDates = 500

// checkFeed holds markup's limits for a feed, whose own reader has none. It also
// refuses feeds whose tags do not match: gofeed would go on, and put one field's
// words into another.
func checkFeed(data []byte) error {
	dates := 0
	if bytes.HasPrefix(bytes.TrimLeft(data, "\ufeff \t\r\n"), []byte("{")) {
		dates = bytes.Count(data, []byte(`"date_`)) // for the rest, a JSON Feed went through checkJSON
	} else {
		err := markup.Scan(data, func(name xml.Name) error {
			switch strings.ToLower(name.Local) {
			case "pubdate", "date", "published", "updated", "modified", "created", "issued", "lastbuilddate":
				dates++
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if dates > maxDates {
		return &problem.Problem{
			Kind:   problem.TooLarge,
			Detail: fmt.Sprintf("This feed has %d dates; the limit is %d. Ask for one with fewer entries.", dates, maxDates),
		}
	}
	return nil
}

// isMail reports whether data begins with the header of a message: lines of
// "Name: value", two of them of the sort that every mail has.
func isMail(data []byte) bool {
	data = data[:min(len(data), 8<<10)]
	seen := 0
	for line := range bytes.Lines(data) {
		name, _, ok := bytes.Cut(line, []byte(":"))
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			return seen > 1
		case line[0] == ' ' || line[0] == '\t': // goes on with the line before
			continue
		case !ok || len(name) > 60:
			return false
		}
		switch textproto.CanonicalMIMEHeaderKey(string(name)) {
		case "From", "To", "Subject", "Date", "Received", "Return-Path", "Delivered-To", "Message-Id", "Mime-Version":
			seen++
		}
	}
	return seen > 1
}
