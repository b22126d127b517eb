package wire

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"kawaraban/internal/richtext"
	"kawaraban/internal/wire/letter"
)

// mailTrust is said of every mail.
const mailTrust = "It came by e-mail, which anybody can write in anybody's name: an editor releases it."

// fromMail makes an item of a mail. It is held whatever the source's rule says,
// also where that lets feeds through: a feed comes from an address that we asked.
func fromMail(m *letter.Mail) Item {
	it := Item{
		Format: "mail", LowTrust: true, Class: Text, Status: Usable,
		ID: m.ID, Version: "1", Order: 1, Headline: subject(m.Subject),
		Created: m.Sent, Updated: m.Sent, RawUpdated: m.RawSent, EdNote: first("From: "+m.From, m.From),
	}
	if it.ID != "" {
		it.ID = "mail:" + it.ID
	}
	notes := []string{it.EdNote}
	if !it.story(m.Text) {
		var text string
		if text, it.Internal = unsigned(m.Text); strings.TrimSpace(text) != "" || m.HTML == "" {
			it.print(richtext.ReadText(text))
		} else {
			it.print(richtext.ReadHTML(m.HTML, ""))
		}
		it.tidy("")
	}
	// The first leads the article: what was attached comes before the sender's sign.
	slices.SortStableFunc(m.Pictures, func(a, b letter.File) int { return compareBools(a.Inline, b.Inline) })
	for i, p := range m.Pictures {
		name := p.Name
		if name == "" || it.Files[name] != nil {
			name = fmt.Sprintf("picture-%d%s", i+1, extension(p.Type))
		}
		if it.Files == nil {
			it.Files = map[string][]byte{}
		}
		it.Files[name] = p.Data
		it.Pictures = append(it.Pictures, PictureRef{Ref: p.ID, Href: name, Type: p.Type})
	}
	for _, f := range m.Extra {
		notes = append(notes, "Attached"+strings.TrimRight(" "+f.Name, " ")+":\n"+clip(string(f.Data), maxNotes))
	}
	if len(m.Others) > 0 {
		notes = append(notes, "Attached, and not read: "+strings.Join(m.Others, ", "))
	}
	if m.Cut {
		notes = append(notes, "This mail is longer than what is read of one: the rest is in the file.")
	}
	it.EdNote = strings.Join(compact(notes), "\n")
	it.Status = hold(it.Status)
	it.Advisory = advise(it.Advisory, mailTrust)
	return it
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// answer matches what mail programs put before a subject.
var answer = regexp.MustCompile(`^(?i:(?:re|fwd?|aw|wg|tr|rv) ?: *)+`)

func subject(s string) string { return answer.ReplaceAllString(s, "") }

// maxMailSignature is how many bytes the signature of a mail may have: what is
// longer is a part of the text below a line.
const maxMailSignature = 1_000

// unsigned returns a text without its signature, and that.
func unsigned(s string) (text, signed string) {
	s = "\n" + strings.TrimRight(s, "\n") + "\n"
	for _, line := range []string{"\n-- \n", "\n--\n"} {
		if i := strings.LastIndex(s, line); i >= 0 && len(s)-i < maxMailSignature {
			s, signed = s[:i]+"\n", s[i+len(line):]+signed
		}
	}
	return strings.Trim(s, "\n"), signed
}

func extension(kind string) string { return "." + strings.Replace(path.Base(kind), "jpeg", "jpg", 1) }

// story reads what some newsroom systems mail: a story as JSON, each field a list
// of one. It reports whether text was one.
func (it *Item) story(text string) bool {
	text = strings.ReplaceAll(text, "\n", " ") // mail breaks lines where it likes
	if !strings.HasPrefix(strings.TrimSpace(text), "{") || checkJSON([]byte(text)) != nil {
		return false
	}
	var s struct{ Headline, Slugline, Abstract, Byline, Dateline, Body, Priority []string }
	if json.Unmarshal([]byte(text), &s) != nil || s.Body == nil {
		return false
	}
	one := func(list []string) string { return strings.TrimSpace(strings.Join(list, "\n\n")) }
	it.Headline = first(flat(one(s.Headline)), it.Headline)
	it.Slugline, it.Standfirst, it.Urgency = one(s.Slugline), flat(one(s.Abstract)), rank(one(s.Priority))
	for _, b := range s.Byline {
		it.Bylines = append(it.Bylines, byline(b))
	}
	it.print(fromMarkup(one(s.Body), ""))
	it.tidy(one(s.Dateline))
	return true
}
