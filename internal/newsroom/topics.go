package newsroom

import (
	"strings"

	"kawaraban/internal/page"
	"kawaraban/internal/reader"
	"kawaraban/internal/topic"
)

// topicsAt is where the vocabulary of topics is looked through.
const topicsAt = "/newsroom/topics"

// A topicLine is a Media Topic that somebody may choose.
type topicLine struct {
	Entry string `json:"entry"` // what stands in the list of an article's topics
	Name  string `json:"name"`
	Above string `json:"above"` // the broader topics, the broadest first
	Code  string `json:"-"`
}

const (
	fewTopics  = 12  // offered while somebody types
	manyTopics = 100 // on a page
)

// topicsFor finds topics by their names.
func topicsFor(w *page.Language, text string, limit int) []topicLine {
	v, lang := topic.Load(), w.Tag.String()
	lines := []topicLine{}
	for _, t := range v.Find(text, limit) {
		var above []string
		for _, broader := range v.Path(t) {
			if broader != t {
				above = append(above, broader.Word(lang))
			}
		}
		lines = append(lines, topicLine{Entry: t.Entry(), Name: t.Word(lang), Above: strings.Join(above, " › "), Code: t.Code})
	}
	return lines
}

// findTopics answers while somebody types.
func (d *Desk) findTopics(v *visit, _ *reader.Actor) (*page.Answer, error) {
	return page.JSON(topicsFor(v.words, v.Get("q"), fewTopics))
}

// topicsPage is what topics.html shows.
type topicsPage struct {
	chrome
	Query string
	Lines []topicLine
	More  bool // there are more than these
}

// showTopics is the vocabulary for whoever has no script, or wants to look around.
func (d *Desk) showTopics(v *visit, _ *reader.Actor) (*page.Answer, error) {
	p := topicsPage{Query: strings.TrimSpace(v.Get("q"))}
	var err error
	if p.chrome, err = d.chrome(v, "topics.title"); err != nil {
		return nil, err
	}
	p.Lines = topicsFor(v.words, p.Query, manyTopics+1)
	if p.More = len(p.Lines) > manyTopics; p.More {
		p.Lines = p.Lines[:manyTopics]
	}
	return page.Show(v.topics.With(p)), nil
}
