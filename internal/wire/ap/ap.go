// Package ap reads what the AP Media API answers: pages of a feed, of a search or
// of the on-demand queue, and single items. An item says what a story is; its
// text and its pictures are files elsewhere, the renditions.
//
// The structs are the AP's own; what they mean for the paper is decided by
// package wire. Reading is tolerant (see package loose), and asks for nothing:
// what is to be fetched, Wants says, and Join puts it where it belongs, so that
// one delivery holds all of a story.
package ap

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kawaraban/internal/problem"
	"kawaraban/internal/wire/loose"
)

// An Answer is one answer of the interface.
type Answer struct {
	API   string // its version, "" in files of the AP's own agent
	Next  string // address of the next page, to be asked for as it is; "" on the last
	Items []Item
}

// An Item is one revision of a story, a picture or something else.
type Item struct {
	URI     loose.Scalar `json:"uri"`
	AltIDs  AltIDs       `json:"altids"`
	Version loose.Scalar `json:"version"` // from 0
	Type    loose.Scalar `json:"type"`    // text, picture, graphic, audio, video
	Profile loose.Text   `json:"profile"` // "Spot Development", "Advisory", …

	PubStatus      loose.Scalar `json:"pubstatus"` // usable, embargoed, withheld, canceled
	Embargoed      loose.Scalar `json:"embargoed"` // until when
	Release        loose.Scalar `json:"releasedatetime"`
	Signals        loose.Words  `json:"signals"`        // without newscontent: not for publication
	EditorialTypes loose.Words  `json:"editorialtypes"` // Writethru, Kill, Withhold, …
	Urgency        loose.Scalar `json:"urgency"`        // 1 to 8
	Priority       loose.Scalar `json:"editorialpriority"`

	FirstCreated   loose.Scalar `json:"firstcreated"`
	VersionCreated loose.Scalar `json:"versioncreated"`
	Expires        loose.Scalar `json:"expires"`

	Language   loose.Scalar           `json:"language"`
	Title      loose.Text             `json:"title"`
	Headline   loose.Text             `json:"headline"`
	Slugline   loose.Text             `json:"slugline"`
	Summary    loose.Text             `json:"description_summary"`
	Caption    loose.Text             `json:"description_caption"`
	CreditLine loose.Text             `json:"description_creditline"`
	Aside      loose.Text             `json:"description_editornotes"` // "may be published, apart from the story"
	Bylines    loose.List[Byline]     `json:"bylines"`
	Taker      Person                 `json:"photographer"`
	Located    loose.Text             `json:"located"`
	Dateline   Place                  `json:"datelinelocation"`
	Links      loose.List[Link]       `json:"links"`
	Subjects   loose.List[Tag]        `json:"subject"`
	Places     loose.List[Tag]        `json:"place"`
	Provider   loose.Text             `json:"provider"`
	Sources    loose.List[Person]     `json:"infosource"`
	Copyright  loose.Text             `json:"copyrightnotice"`
	UsageTerms loose.Words            `json:"usageterms"`
	RightsLine loose.Words            `json:"rightsline"`
	EdNote     loose.Text             `json:"ednote"` // for editors, never for readers
	NITF       loose.Text             `json:"nitf"`   // the text itself, where it has been put in
	Renditions named[Rendition]       `json:"renditions"`
	Linked     named[json.RawMessage] `json:"associations"`

	Associations []Item `json:"-"` // one level: what these point at is not followed
}

// AltIDs name an item: ItemID in all its revisions, ETag in this one.
type AltIDs struct {
	ItemID   loose.Scalar `json:"itemid"`
	ETag     loose.Scalar `json:"etag"`
	Friendly loose.Scalar `json:"friendlykey"`
}

// A Byline is who wrote it.
type Byline struct {
	By    loose.Text `json:"by"` // "By ANA RUIZ"
	Title loose.Text `json:"title"`
}

// A Person is who took a picture, or a house that it came from.
type Person struct {
	Name loose.Text `json:"name"`
}

// A Place is where something was written or taken.
type Place struct {
	City    loose.Text `json:"city"`
	Area    loose.Text `json:"countryareaname"`
	Country loose.Text `json:"countryname"`
}

// A Link points at the same story elsewhere.
type Link struct {
	Href loose.Scalar `json:"href"`
	Rel  loose.Scalar `json:"rel"` // "canonical"
}

// A Tag is a subject or a place.
type Tag struct {
	Code   loose.Scalar `json:"code"`
	Name   loose.Text   `json:"name"`
	Scheme loose.Scalar `json:"scheme"` // "http://cv.ap.org/id/", "" for the AP's categories
	Rels   loose.Words  `json:"rels"`   // direct, ancestor, category, suppcategory
}

// A Rendition is one file of an item.
type Rendition struct {
	Href   loose.Scalar `json:"href"`
	Rel    loose.Scalar `json:"rel"`  // Main, Preview, Thumbnail, Caption, Story, …
	Type   loose.Scalar `json:"type"` // text, picture, …
	MIME   loose.Scalar `json:"mimetype"`
	Ext    loose.Scalar `json:"fileextension"`
	Width  loose.Scalar `json:"width"`
	Height loose.Scalar `json:"height"`
	Size   loose.Scalar `json:"sizeinbytes"`
	Text   loose.Text   `json:"nitf"` // the file itself, where Join has put it in
}

// named are the members of an object in its order.
type named[T any] []member[T]

type member[T any] struct {
	Name  string
	Value T
}

// UnmarshalJSON implements [json.Unmarshaler]; it also takes a list.
func (n *named[T]) UnmarshalJSON(data []byte) error {
	return loose.Members(data, func(name string, value json.RawMessage) error {
		if value[0] != '{' {
			return nil
		}
		m := member[T]{Name: name}
		if err := loose.Unmarshal(value, &m.Value); err != nil {
			return err
		}
		*n = append(*n, m)
		return nil
	})
}

// Parse reads an answer. The error says what is wrong with the JSON, or is a
// Problem where the answer has no items to have.
func Parse(data []byte) (*Answer, error) {
	top, items, err := open(data)
	if err != nil {
		return nil, err
	}
	a := &Answer{API: string(top.API), Next: string(top.within.Next)}
	for i, raw := range items {
		it, err := parseItem(raw)
		if err != nil {
			return nil, fmt.Errorf("ap: item %d: %w", i+1, err)
		}
		slices.SortStableFunc(it.Linked, func(a, b member[json.RawMessage]) int { // "1", "2", … "10": their rank
			return cmp.Compare(loose.Scalar(a.Name).Int(), loose.Scalar(b.Name).Int())
		})
		for _, linked := range it.Linked {
			with, err := parseItem(linked.Value)
			if err != nil {
				return nil, fmt.Errorf("ap: item %d: %w", i+1, err)
			}
			with.Linked = nil
			it.Associations = append(it.Associations, with)
		}
		it.Linked = nil
		a.Items = append(a.Items, it)
	}
	return a, nil
}

func parseItem(raw json.RawMessage) (it Item, err error) {
	err = loose.Unmarshal(raw, &it)
	return it, err
}

// An envelope is what stands around the items.
type envelope struct {
	API   loose.Scalar    `json:"api_version"`
	Error json.RawMessage `json:"error"`
	Data  json.RawMessage `json:"data"`
	content
	within content // Data, or where that is absent the envelope itself
}

type content struct {
	Next  loose.Scalar    `json:"next_page"`
	Item  json.RawMessage `json:"item"`
	Items json.RawMessage `json:"items"`
}

// open returns an answer's envelope and its items as they came.
func open(data []byte) (top envelope, items []json.RawMessage, err error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if len(data) == 0 || data[0] != '{' {
		return top, nil, fmt.Errorf("ap: %w", errNoObject)
	}
	if err := loose.Unmarshal(data, &top); err != nil {
		return top, nil, fmt.Errorf("ap: %w", err)
	}
	top.within = top.content
	if is(top.Data, '{') {
		top.within = content{}
		if err := loose.Unmarshal(top.Data, &top.within); err != nil {
			return top, nil, fmt.Errorf("ap: %w", err)
		}
	}
	switch in := top.within; {
	case is(top.Error, '{'):
		return top, nil, failed(top.Error)
	case is(in.Item, '{'):
		return top, []json.RawMessage{in.Item}, nil
	case is(in.Items, '['):
		err := loose.Members(in.Items, func(_ string, value json.RawMessage) error {
			var one struct {
				Item json.RawMessage `json:"item"`
			}
			if err := loose.Unmarshal(value, &one); err != nil {
				return err
			}
			switch {
			case is(one.Item, '{'):
				items = append(items, one.Item)
			case is(value, '{'):
				items = append(items, value)
			}
			return nil
		})
		return top, items, err
	}
	return top, nil, &problem.Problem{
		Kind:   problem.Unsupported,
		Detail: "This is an answer of the AP Media API about an account or a monitor: it holds no items. It is kept as it came.",
	}
}

var errNoObject = errors.New("not an object")

func is(raw json.RawMessage, bracket byte) bool { return len(raw) > 0 && raw[0] == bracket }

// failed says what the AP says instead of answering.
func failed(raw json.RawMessage) error {
	var told struct {
		Status  loose.Scalar `json:"status"`
		Message loose.Text   `json:"message"`
	}
	if err := loose.Unmarshal(raw, &told); err != nil {
		return fmt.Errorf("ap: %w", err)
	}
	words := strings.Join(strings.Fields(string(told.Status)+" "+string(told.Message)), " ")
	return &problem.Problem{
		Kind:   problem.Unsupported,
		Detail: fmt.Sprintf("The AP answered with an error instead of items: %.200q. It is kept as it came.", words),
	}
}

// Holds reports whether item, or the first of items, is the AP's: it is named as
// the AP names its items and does not say that it is ninjs.
func Holds(item, items json.RawMessage) bool {
	if is(items, '[') {
		_ = loose.Members(items, func(_ string, value json.RawMessage) error {
			var one struct {
				Item json.RawMessage `json:"item"`
			}
			if json.Unmarshal(value, &one) == nil {
				item = one.Item
			}
			return errEnough
		})
	}
	var it struct {
		AltIDs   AltIDs          `json:"altids"`
		Standard json.RawMessage `json:"standard"`
	}
	return is(item, '{') && loose.Unmarshal(item, &it) == nil && it.AltIDs.ItemID != "" && it.Standard == nil
}

var errEnough = errors.New("enough")

// Story returns the text of an item as NITF, or the address that it is at; both
// are "" when the item has none.
func (it *Item) Story() (nitf, href string) {
	if it.NITF != "" {
		return string(it.NITF), ""
	}
	if !strings.EqualFold(string(it.Type), "text") {
		return "", ""
	}
	for _, r := range it.Renditions {
		if r.Name != storyRendition {
			continue
		}
		if r.Value.Text != "" {
			return string(r.Value.Text), ""
		}
		return "", string(r.Value.Href)
	}
	return "", ""
}

// storyRendition is the name of the rendition that is a story's text. Others are
// of captions, scripts and lists of shots, and in formats of former times.
const storyRendition = "nitf"

// Recalled reports whether the AP has taken the item back, so that nothing of it
// is to be fetched any more.
func (it *Item) Recalled() bool {
	switch strings.ToLower(strings.TrimSpace(string(it.PubStatus))) {
	case "withheld", "canceled", "cancelled":
		return true
	}
	for _, t := range it.EditorialTypes {
		switch strings.ToLower(t) {
		case "kill", "elimination", "withhold":
			return true
		}
	}
	return false
}
