package wire

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/language"

	"kawaraban/internal/richtext"
)

// workingTitle is how long a headline made from the first paragraph may be, in
// characters.
const workingTitle = 110

// tidy makes of a story as sent a story as printed: the dateline is the place
// only and does not stand in the body again, the body repeats neither headline
// nor standfirst, the desk's initials at its end are gone, and a story without
// a headline gets a working title from its first sentence. dateline is the line
// as sent; repeated are other lines of the agency that its body may begin with.
func (it *Item) tidy(dateline string, repeated ...string) {
	it.Dateline = place(dateline)
	it.Body.Blocks = dropRepeated(it.Body.Blocks, append(repeated, it.Headline, it.Standfirst))
	it.takeDateline(dateline)
	it.Body.Blocks = dropSignature(it.Body.Blocks)
	if it.Headline == "" && it.Class == Picture && len(it.Pictures) > 0 {
		it.Headline = richtext.FromText(it.Pictures[0].Caption).FirstSentence(workingTitle)
	}
	if it.Headline == "" {
		it.Headline = it.Body.FirstSentence(workingTitle)
	}
	it.Headline = strings.Join(strings.Fields(it.Headline), " ")
	if squash(it.Standfirst) == squash(it.Headline) {
		it.Standfirst = ""
	}
}

// maxRepeated is how many bytes of a body may be a line of a field said again:
// more than that is the story, and not worth comparing.
const maxRepeated = 20_000

// dropRepeated leaves out the blocks at the start of a body that say again what
// stands in a field of its own, and empty ones.
func dropRepeated(blocks []richtext.Block, repeated []string) []richtext.Block {
	known := map[string]bool{"": true}
	for _, s := range repeated {
		known[squash(s)] = true
	}
	for len(blocks) > 0 {
		switch b := blocks[0]; b.Kind {
		case richtext.Paragraph, richtext.CrossHead, richtext.Preformatted:
			text := richtext.Plain(b.Text)
			if len(text) > maxRepeated || !known[squash(text)] {
				return blocks
			}
			blocks = blocks[1:]
		default:
			return blocks
		}
	}
	return nil
}

// lead matches "Place, May 16, 2021 (AGENCY) - " at the start of a paragraph,
// and "Place, Jan 2 (AGENCY).- ".
var lead = regexp.MustCompile(`^\s*([^.!?:;()]{0,60}[^.!?:;()\s][^!?:;()]{0,20}?)?\s*\(([^()]{2,40})\)\s*\.?\s*[-–—]{1,2}\s+`)

// dayLead matches "PLACE, Nov 26 AGENCY - " there, where a date stands between
// the place and the dash.
var dayLead = regexp.MustCompile(`^\s*(\p{Lu}[\p{L} .'’/-]{1,40}), (?:\d{1,2}\.? \p{L}{3,9}\.?|\p{L}{3,9}\.? \d{1,2})(?:,? \d{4})?(?: \p{Lu}{2,8})?\s*[-–—]{1,2}\s+`)

// acronym matches an agency's name where nothing else tells who it is.
var acronym = regexp.MustCompile(`^\p{Lu}{2,8}$`)

// maxDateline is how many bytes of a paragraph may be its dateline. The patterns
// above allow fewer, and need not look at a paragraph that is a book.
const maxDateline = 1_000

// takeDateline takes the dateline out of the paragraph that begins with it. Where
// the agency has no field for it, this is where the place comes from.
func (it *Item) takeDateline(dateline string) {
	for i, b := range it.Body.Blocks[:min(3, len(it.Body.Blocks))] {
		if b.Kind != richtext.Paragraph {
			continue
		}
		text := clip(richtext.Plain(b.Text), maxDateline)
		n := prefix(text, dateline)
		if m := lead.FindStringSubmatch(text); m != nil && n <= len(m[1]) && (sameName(m[2], it.Credit) || it.Credit == "" && acronym.MatchString(m[2])) {
			n = len(m[0])
			it.Dateline = first(it.Dateline, place(m[1]))
		} else if m := dayLead.FindStringSubmatch(text); m != nil && n <= len(m[1]) && place(m[0]) == m[1] {
			n = len(m[0])
			it.Dateline = first(it.Dateline, m[1])
		}
		if n > 0 {
			it.Body.Blocks[i].Text = cut(b.Text, n)
			return
		}
	}
}

// prefix returns how many bytes of text are line, if text begins with it but
// for white space and a dash at its end, and has more to say. Else it is 0.
func prefix(text, line string) int {
	words := strings.Fields(strings.TrimRight(line, " -–—\n\t"))
	if len(words) == 0 {
		return 0
	}
	rest := text
	for _, word := range words {
		var ok bool
		if rest, ok = strings.CutPrefix(strings.TrimLeftFunc(rest, unicode.IsSpace), word); !ok {
			return 0
		}
	}
	after := strings.TrimLeft(rest, " -–—\u00a0\n\t")
	// "Berlin" is a dateline before a dash and the subject of a sentence before a verb.
	if after == "" || !strings.ContainsAny(rest[:len(rest)-len(after)], "-–—") {
		return 0
	}
	return len(text) - len(after)
}

// cut returns spans without their first n bytes.
func cut(spans []richtext.Span, n int) []richtext.Span {
	spans = slices.Clone(spans)
	for i := range spans {
		if n < len(spans[i].Text) {
			spans[i].Text = spans[i].Text[n:]
			return spans[i:]
		}
		n -= len(spans[i].Text)
	}
	return nil
}

// signature matches the initials of the desk, "hh/ph/ts/hd", "bur-dar-gl/fz" or
// "KNA sn", and what tells a desk that the story is over.
var signature = regexp.MustCompile(`^[a-z]{1,6}(-[a-z]{1,6})*(/[a-z]{1,6}(-[a-z]{1,6})*)+$|^\p{Lu}{3,5} [a-z]{2,3}(/[a-z]{2,3})*$|^\(?(ends?|ENDS?)\)?$|^-30-$|^###$`)

// maxSignature is how many bytes a signature may have.
const maxSignature = 100

func isSignature(text string) bool {
	return len(text) <= maxSignature && signature.MatchString(text)
}

// dropSignature leaves out the signature and empty paragraphs at the end of a
// body.
func dropSignature(blocks []richtext.Block) []richtext.Block {
	signed := false
	for len(blocks) > 0 {
		b := blocks[len(blocks)-1]
		text := strings.TrimSpace(richtext.Plain(b.Text))
		initials := !signed && isSignature(text)
		if b.Kind != richtext.Paragraph || text != "" && !initials {
			break
		}
		signed = signed || initials
		blocks = blocks[:len(blocks)-1]
	}
	return blocks
}

// place returns the place that a dateline names, in the letters of the agency:
// "Moscow, May 16, 2021 (AFP) -" is dated in "Moscow".
func place(dateline string) string {
	s := strings.Join(strings.Fields(dateline), " ")
	if i := strings.IndexByte(s, '('); i > 0 {
		s = s[:i]
	}
	s = strings.Trim(s, "() -–—")
	// "(AGENCY) - ROMA": what stands before a dash is the agency.
	if i := strings.LastIndex(s, " - "); i >= 0 {
		s = s[i+3:]
	}
	words := strings.Fields(s)
	for i, word := range words {
		if dated(word, words[i+1:]) {
			words = words[:i]
			break
		}
	}
	return strings.Trim(strings.Join(words, " "), " ,-–—")
}

// dated reports whether a dateline's date begins with word.
func dated(word string, next []string) bool {
	if strings.ContainsFunc(word, unicode.IsDigit) {
		return true
	}
	lower := strings.ToLower(strings.Trim(word, ".,"))
	switch lower {
	case "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
		"montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag",
		"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
		"lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo":
		return true
	}
	// A month only with its day: a place may be called "May".
	if len(next) == 0 || !strings.ContainsAny(next[0], "0123456789") {
		return false
	}
	short := []rune(lower)
	return slices.Contains(strings.Fields("jan feb fév fev mar mär apr abr avr may mai maj mag jun jui jul lug giu "+
		"aug ago aoû sep set oct okt ott out nov dec dez déc dic des ene gen"), string(short[:min(3, len(short))]))
}

// squash returns the letters and digits of s in lower case: what remains equal
// when agencies set the same words differently.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// sameName reports whether a and b name the same agency: "dpa/lni" and "dpa",
// "REUTERS" and "reuters.com", "Agencia HPA" and "HPA".
func sameName(a, b string) bool {
	a, b = squash(a), squash(b)
	if len(a) < len(b) {
		a, b = b, a
	}
	return len(b) > 1 && (strings.HasPrefix(a, b) || len(b) > 2 && strings.HasSuffix(a, b))
}

// tails match the credit at the end of a caption.
var tails = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\s*\((?:photo|picture|image|foto|bild)s?(?:\s+(?:by|von|de|di|par))?[:\s]\s*([^()]+)\)\s*\.?\s*$`),
	regexp.MustCompile(`\s+(?:Foto|Photo|Bild|Image):\s*([^.:]{2,80})\.?\s*$`),
	regexp.MustCompile(`\s+/\s+(\p{Lu}{2,8}\s*/\s*[^/.]{2,60})\s*$`),
	regexp.MustCompile(`\s+(REUTERS/[^.]{2,60})\s*$`),
}

// splitCaption returns a caption without the credit that stands at its end, and
// that credit; "" when there is none.
func splitCaption(s string) (caption, credit string) {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxCaption {
		return s, "" // no caption
	}
	for _, tail := range tails {
		if m := tail.FindStringSubmatchIndex(s); m != nil && m[0] > 0 {
			parts := strings.Split(s[m[2]:m[3]], "/")
			for i := range parts {
				parts[i] = strings.TrimSpace(parts[i])
			}
			return strings.TrimSpace(s[:m[0]]), strings.Join(parts, "/")
		}
	}
	return s, ""
}

// byline returns the name in an agency's byline: "By Ana Ruiz" is by "Ana Ruiz".
func byline(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if word, rest, ok := strings.Cut(s, " "); ok {
		switch strings.ToLower(word) {
		case "by", "von", "par", "por", "di", "door", "af", "av":
			return rest
		}
	}
	return s
}

// persons returns bylines without the agency, which the credit names: "Ana Ruiz,
// ANB" is "Ana Ruiz", and "ANB" is nobody.
func persons(bylines []string, agency string) (names []string) {
	for _, s := range bylines {
		if s = strings.TrimSuffix(s, ", "+agency); squash(s) != squash(agency) {
			names = append(names, s)
		}
	}
	return compact(names)
}

// notice returns the source notice: the agency's own words if it sent some, else
// one made of the holder and the year of created; "" when nobody is named.
func notice(words, holder string, created time.Time) string {
	words, holder = strings.Join(strings.Fields(words), " "), strings.Join(strings.Fields(holder), " ")
	if strings.EqualFold(words, "copyright") {
		words = "" // a field that nobody filled in
	}
	if strings.ContainsAny(words, "©0123456789") || strings.Contains(strings.ToLower(words), "copyright") {
		return words
	}
	holder = first(words, holder) // words without a sign or a year are a bare name
	switch {
	case holder == "":
		return ""
	case created.IsZero():
		return "© " + holder
	}
	return fmt.Sprintf("© %d %s", created.Year(), holder)
}

// statusOf returns the status that a word means, in any format and any case:
// "stat:usable", "USABLE", "http://cv.iptc.org/newscodes/pubstatusg2/canceled".
func statusOf(word string) Status {
	switch local(word) {
	case "usable":
		return Usable
	case "withheld":
		return Withheld
	case "canceled", "cancelled":
		return Canceled
	}
	return Unknown
}

// worse returns the status that allows less.
func worse(a, b Status) Status {
	for _, s := range []Status{Canceled, Withheld, Unknown} {
		if a == s || b == s {
			return s
		}
	}
	return Usable
}

// local returns the last part of a qcode or URI, in lower case.
func local(code string) string {
	code = strings.ToLower(strings.TrimSpace(code))
	return code[strings.LastIndexAny(code, ":/#")+1:]
}

// languageTag returns the BCP 47 tag of the first of codes that names a
// language: "swe" is "sv". It is "" when none does.
func languageTag(codes ...string) string {
	for _, code := range codes {
		tag, err := language.Parse(strings.TrimSpace(code))
		if base, _ := tag.Base(); err == nil && base.String() != "und" {
			return tag.String()
		}
	}
	return ""
}

// first returns the first of values that is not blank.
func first(values ...string) string {
	for _, s := range values {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

// lines joins what is not blank, once each, in lines.
func lines(values ...string) string {
	trimmed := make([]string, len(values))
	for i, s := range values {
		trimmed[i] = strings.TrimSpace(s)
	}
	return strings.Join(compact(trimmed), "\n")
}

// editorsOnly reports whether a role, rendition or constraint marks what must
// not be published: notepads, contacts, notes between editors.
func editorsOnly(code string) bool {
	word := squash(local(code))
	return slices.ContainsFunc([]string{"nonpublic", "notpublic", "notforpublic", "private", "internal", "confidential", "contact", "notepad"},
		func(mark string) bool { return strings.Contains(word, mark) })
}

// advisory reports whether a genre is that of a note to editors, such as the
// list of what the agency plans: it comes as text and is none for readers.
func advisory(genre string) bool {
	switch squash(genre) {
	case "advisory", "daybook", "achtung", "vorschau":
		return true
	}
	return false
}

// holdAdvisory holds the item for an editor when one of its genres is that of a
// note to editors.
func (it *Item) holdAdvisory(genres ...string) {
	for _, g := range genres {
		if advisory(local(g)) {
			it.Status = hold(it.Status)
			it.Advisory = advise(it.Advisory, fmt.Sprintf("Its genre, %q, is that of a note to editors.", g))
			return
		}
	}
}

// holdUnlessContent holds an item of the AP that does not say that it is news:
// its advisories and daybooks come the same way, without that signal.
func (it *Item) holdUnlessContent() {
	ap := slices.ContainsFunc(it.Signals, func(s string) bool { return strings.HasPrefix(s, "apsig:") })
	if ap && !slices.Contains(it.Signals, "apsig:newscontent") {
		it.Status = hold(it.Status)
		it.Advisory = advise(it.Advisory, "The AP does not signal that this is news content.")
	}
}
