package wire

import (
	"bytes"
	"fmt"
	"regexp"

	"kawaraban/internal/wire/feed"
	"kawaraban/internal/wire/markup"
)

// A feed begins with what is new, and goes on with what was there the last time.
// Of one that is longer than a file may be, the beginning is read.
var feedRoots = []struct {
	root      *regexp.Regexp
	end, last string // the end of an entry; what closes the feed after the last one
}{
	{regexp.MustCompile(`<rss[\s>]`), "</item>", "</channel></rss>"},
	{regexp.MustCompile(`<feed[\s>]`), "</entry>", "</feed>"},
	{regexp.MustCompile(`<rdf:RDF[\s>]`), "</item>", "</rdf:RDF>"},
}

// maxProlog is how many bytes may stand before a feed's first element.
const maxProlog = 4 << 10

// window returns data, or of a feed in XML that is over a limit as many of its
// first entries as are under it, closed again; left says what was left out.
func window(data []byte) (short []byte, left string) {
	head := data[:min(len(data), maxProlog)]
	for _, r := range feedRoots {
		at := r.root.FindIndex(head)
		if at == nil {
			continue
		}
		fit, entries := 0, 0
		tokens := tokensIn(data[:at[0]])
		for end := at[0]; ; entries++ {
			next := bytes.Index(data[end:], []byte(r.end))
			if next < 0 {
				return data, "" // all of it, or nothing that we can close
			}
			if next += len(r.end); entries == feed.MaxEntries {
				break
			}
			tokens += tokensIn(data[end : end+next])
			end += next
			if end+len(r.last) > maxBytes || tokens > markup.MaxTokens {
				break
			}
			fit = end
		}
		if fit == 0 {
			return data, "" // the first entry alone is too much: that is said of the file
		}
		return append(bytes.Clone(data[:fit]), r.last...), fmt.Sprintf("This feed is longer than what is read at a time: its first %d entries were taken.", entries)
	}
	return data, ""
}

// tokensIn is no less than the tokens in some XML, as markup counts them. What is
// in a CDATA section is one run of text, whatever it looks like.
func tokensIn(data []byte) (n int) {
	for {
		plain, section, found := bytes.Cut(data, []byte("<![CDATA["))
		for _, c := range plain {
			switch c {
			case '<', '&':
				n += 2 // and the text after it
			case '=':
				n++
			}
		}
		if !found {
			return n
		}
		n += 2
		if _, data, found = bytes.Cut(section, []byte("]]>")); !found {
			return n
		}
	}
}
