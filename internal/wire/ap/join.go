package ap

import (
	"encoding/json"
	"fmt"
	"strings"

	"kawaraban/internal/wire/loose"
	"kawaraban/internal/wire/markup"
)

// A Part is one item of an answer as an answer of its own. A page of a feed may
// be more than is read at a time; its parts are not.
type Part struct {
	ID   string // of the item
	ETag string // of this revision
	Data []byte
}

// Split returns the items of an answer apart, and the address of the next page.
func Split(answer []byte) (parts []Part, next string, err error) {
	top, items, err := open(answer)
	if err != nil {
		return nil, "", err
	}
	for _, raw := range items {
		var it struct {
			AltIDs AltIDs `json:"altids"`
		}
		if err := loose.Unmarshal(raw, &it); err != nil {
			return nil, "", fmt.Errorf("ap: %w", err)
		}
		p := Part{ID: string(it.AltIDs.ItemID), ETag: string(it.AltIDs.ETag)}
		p.Data, err = json.Marshal(map[string]any{"api_version": top.API, "data": map[string]any{"item": raw}})
		if err != nil {
			return nil, "", fmt.Errorf("ap: %w", err)
		}
		parts = append(parts, p)
	}
	return parts, string(top.within.Next), nil
}

// Wants returns the addresses of what the items of an answer only point at: the
// text of a story, and the items of its pictures. They are to be fetched as they
// are, with the customer's key, and given to Join. The files of the pictures
// themselves are not among them: an item names these as pictures.
func (a *Answer) Wants() (hrefs []string) {
	for i := range a.Items {
		it := &a.Items[i]
		if it.Recalled() {
			continue // there is nothing to wait for
		}
		if _, href := it.Story(); href != "" {
			hrefs = append(hrefs, href)
		}
		for j := range it.Associations {
			if linked := &it.Associations[j]; linked.points() {
				hrefs = append(hrefs, string(linked.URI))
			}
		}
	}
	return hrefs
}

// points reports whether an association is no more than the address of a picture.
func (it *Item) points() bool {
	return strings.EqualFold(string(it.Type), "picture") && it.URI != "" && len(it.Renditions) == 0
}

// Join returns an answer with what was fetched put in, by its address: a text
// goes into its rendition, an answer's item into the place of the association.
// What was not fetched is left as it is.
func Join(answer []byte, fetched map[string][]byte) ([]byte, error) {
	a, err := Parse(answer)
	if err != nil {
		return nil, err
	}
	_, items, err := open(answer)
	if err != nil {
		return nil, err
	}
	for i := range items {
		if items[i], err = joinItem(&a.Items[i], items[i], fetched); err != nil {
			return nil, err
		}
	}
	all := make([]map[string]json.RawMessage, len(items))
	for i := range items {
		all[i] = map[string]json.RawMessage{"item": items[i]}
	}
	return json.Marshal(map[string]any{"api_version": a.API, "data": map[string]any{"next_page": a.Next, "items": all}})
}

func joinItem(it *Item, raw json.RawMessage, fetched map[string][]byte) (json.RawMessage, error) {
	if _, href := it.Story(); fetched[href] != nil {
		text, err := markup.UTF8(fetched[href])
		if err != nil {
			return nil, err
		}
		raw, err = set(raw, string(text), "renditions", storyRendition, "nitf")
		if err != nil {
			return nil, err
		}
	}
	var linked struct {
		All map[string]json.RawMessage `json:"associations"`
	}
	if err := loose.Unmarshal(raw, &linked); err != nil {
		return nil, err
	}
	for name, value := range linked.All {
		with, err := parseItem(value)
		if err != nil || !with.points() || fetched[string(with.URI)] == nil {
			continue
		}
		_, items, err := open(fetched[string(with.URI)])
		if err != nil || len(items) != 1 {
			continue // not the item that was asked for: the story does without the picture
		}
		if raw, err = set(raw, items[0], "associations", name); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

// set returns an object with the value put in at the path.
func set(object json.RawMessage, value any, path ...string) (json.RawMessage, error) {
	if len(path) == 0 {
		return json.Marshal(value)
	}
	members := map[string]json.RawMessage{}
	if is(object, '{') {
		if err := json.Unmarshal(object, &members); err != nil {
			return nil, err
		}
	}
	inner, err := set(members[path[0]], value, path[1:]...)
	if err != nil {
		return nil, err
	}
	members[path[0]] = inner
	return json.Marshal(members)
}
