package desk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"kawaraban/internal/article"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
	"kawaraban/internal/topic"
)

// A Copy is all that somebody writes of a story: what readers will have, and
// beside it what never leaves the newsroom.
type Copy struct {
	article.Content
	article.Class
	Section string `json:"section"`
	Slug    string `json:"slug"`    // "" is made from the headline when it is first published
	Sources string `json:"sources"` // whom we asked
	Notes   string `json:"notes"`   // to colleagues
}

// What is being written may be longer than what may be published, so that nothing
// is lost before somebody has shortened it; but not endless.
const (
	maxCopy  = 3 << 20 // bytes of JSON
	maxField = 20_000  // characters of one field
	maxList  = 100     // names, topics
)

// ParseCopy reads a copy as an editor's page sends it. What is over the limits of
// an article, but not over those of a copy, is taken.
func ParseCopy(data []byte) (c Copy, err error) {
	if len(data) > maxCopy {
		return c, &problem.Problem{
			Kind:   problem.TooLarge,
			Detail: "This text is longer than 3 MB and cannot be kept. Split it into several articles; until then it stays on this page.",
		}
	}
	var sent struct {
		Copy
		Body json.RawMessage `json:"body"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&sent); err != nil {
		return c, &problem.Problem{Kind: problem.Invalid, Detail: "What was sent is no copy of an article.", Err: err}
	}
	c = sent.Copy
	if len(sent.Body) > 0 {
		if c.Body, err = richtext.ParseDraft(sent.Body); err != nil {
			return c, err
		}
	}
	return c, c.Tidy()
}

// Tidy brings the fields into the form in which they are kept, and refuses what
// cannot be.
func (c *Copy) Tidy() error {
	line := func(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }
	for _, f := range []*string{&c.Headline, &c.Kicker, &c.Standfirst, &c.Dateline, &c.SourceNotice, &c.Sponsor, &c.Lead.Caption, &c.Lead.Credit, &c.Lead.Alt, &c.Lead.Video, &c.Slug} {
		*f = line(*f)
	}
	for _, f := range []*string{&c.Sources, &c.Notes} {
		*f = strings.TrimSpace(clean(*f))
	}
	for _, list := range []*[]string{&c.Bylines, &c.Topics} {
		var kept []string
		for _, s := range *list {
			if s = line(s); s != "" && !slices.Contains(kept, s) {
				kept = append(kept, s)
			}
		}
		if len(kept) > maxList {
			return &problem.Problem{Kind: problem.Invalid, Detail: "There are more than 100 names or topics. Leave some out."}
		}
		*list = kept
	}
	for i, entry := range c.Topics {
		if t := topic.Load().Read(entry); t != nil {
			c.Topics[i] = t.Entry() // as it is called now
		}
	}
	long := map[string]string{}
	for name, s := range c.texts() {
		if utf8.RuneCountInString(s) > maxField {
			long[name] = "Shorten it."
		}
	}
	if len(long) > 0 {
		return &problem.Problem{Kind: problem.Invalid, Detail: "One of the fields is longer than 20,000 characters. Shorten it.", Fields: long}
	}
	c.Class = c.Whole()
	if !slices.Contains(article.Kinds(), c.Kind) {
		return &problem.Problem{Kind: problem.Invalid, Detail: "There is no such kind of article.", Fields: map[string]string{"kind": "Choose one of the list."}}
	}
	if !slices.Contains(article.Formats(), c.Format) {
		return &problem.Problem{Kind: problem.Invalid, Detail: "There is no such format of article.", Fields: map[string]string{"format": "Choose one of the list."}}
	}
	if c.Weight < 0 || c.Weight > 5 {
		return &problem.Problem{Kind: problem.Invalid, Detail: "A weight is a number from 0 to 5.", Fields: map[string]string{"weight": "Choose a number from 0 to 5."}}
	}
	return nil
}

// texts are the fields that are text, by the names that they have in a form.
func (c *Copy) texts() map[string]string {
	return map[string]string{
		"headline": c.Headline, "kicker": c.Kicker, "standfirst": c.Standfirst, "dateline": c.Dateline, "source_notice": c.SourceNotice, "sponsor": c.Sponsor,
		"bylines": strings.Join(c.Bylines, "\n"), "topics": strings.Join(c.Topics, "\n"), "slug": c.Slug, "sources": c.Sources, "notes": c.Notes,
		"lead_caption": c.Lead.Caption, "lead_credit": c.Lead.Credit, "lead_alt": c.Lead.Alt,
	}
}

// clean leaves out what no field may hold: control characters, and what is no
// UTF-8.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r <= 0x9f || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
}

func (c Copy) json() (string, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("write a copy: %w", err)
	}
	return string(data), nil
}

// copyOf is the copy that an article begins as in the newsroom.
func copyOf(a *article.Article) Copy {
	c := Copy{Content: a.Content, Section: a.Section.Slug, Slug: a.Slug, Class: a.Class}
	if a.Published.IsZero() {
		c.Slug = "" // the headline that it will have makes it
	}
	return c
}
