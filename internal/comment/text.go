package comment

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

const (
	// MaxBody is how long a comment may be, in characters.
	MaxBody = 5000

	maxLinks = 20 // more than these nobody reads
	maxMarks = 4  // marks on one letter; no script that is written needs more
	maxLines = 300
)

// Clean is a text as it is kept: in normal form, with single empty lines, and
// without characters that cannot be seen or that turn the text around. A text
// that cannot be taken is a Problem of the field "body".
func Clean(text string) (string, error) {
	if len(text) > 8*MaxBody {
		return "", tooLong()
	}
	text, lines := tidy(text)
	switch {
	case text == "":
		return "", refuse(problem.Invalid, "body", "Write something first.")
	case utf8.RuneCountInString(text) > MaxBody:
		return "", tooLong()
	case lines > maxLines:
		return "", refuse(problem.Invalid, "body", "A comment has at most 300 lines. Join some of them.")
	case onlyQuotes(text):
		return "", refuse(problem.Invalid, "body", "This is only a quotation. Say below it what you think of it.")
	case marked(text):
		return "", refuse(problem.Invalid, "body", "Some letters carry more marks than any script has. Take them away.")
	case Links(text) > maxLinks:
		return "", refuse(problem.Invalid, "body", "A comment has at most 20 links. Keep those that matter.")
	}
	return text, nil
}

// tidy is a text as Clean keeps it, "" when there is nothing to be seen of it,
// and how many lines it has.
func tidy(text string) (string, int) {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(text)
	text = norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), turns(r), r == utf8.RuneError, r == '\ufeff', unicode.Is(unicode.Noncharacter_Code_Point, r), unicode.Is(unicode.Co, r):
			return -1
		}
		return r
	}, text))
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRightFunc(line, blank)
		if line == "" && (len(lines) == 0 || lines[len(lines)-1] == "") {
			continue
		}
		lines = append(lines, line)
	}
	text = strings.TrimFunc(strings.Join(lines, "\n"), func(r rune) bool { return r == '\n' })
	if strings.TrimFunc(text, blank) == "" {
		return "", 0
	}
	return text, len(lines)
}

// words is what somebody says in a field of a form, kept as Clean keeps it. "" is
// refused where it is needed.
func words(field, text string, needed bool) (string, error) {
	if len(text) > 8*MaxWords {
		return "", refuse(problem.Invalid, field, "This text has at most 2,000 characters. Shorten it.")
	}
	text, _ = tidy(text)
	switch {
	case text == "" && needed:
		return "", refuse(problem.Invalid, field, "Write something here.")
	case utf8.RuneCountInString(text) > MaxWords:
		return "", refuse(problem.Invalid, field, "This text has at most 2,000 characters. Shorten it.")
	case marked(text):
		return "", refuse(problem.Invalid, field, "Some letters carry more marks than any script has. Take them away.")
	}
	return text, nil
}

// line is words on one line, of up to most characters.
func line(field, text string, most int, needed bool) (string, error) {
	text, err := words(field, strings.Join(strings.Fields(text), " "), needed)
	if err == nil && utf8.RuneCountInString(text) > most {
		err = refuse(problem.Invalid, field, "This is too long. Shorten it.")
	}
	return text, err
}

func tooLong() error {
	return refuse(problem.Invalid, "body", "A comment has at most 5,000 characters. Shorten it.")
}

// turns reports whether r changes the direction of what follows it. The marks
// for a single place (U+200E, U+200F, U+061C) stay: Arabic and Hebrew need them.
func turns(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// blank reports whether nothing is to be seen of r.
func blank(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == '\u2800' || r == '\u3164' || r == '\u115f' || r == '\u1160' || r == '\uffa0'
}

// onlyQuotes reports whether every line is a quotation.
func onlyQuotes(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimFunc(line, blank) != "" && !strings.HasPrefix(line, ">") {
			return false
		}
	}
	return true
}

// marked reports whether a letter carries more marks than it can.
func marked(text string) bool {
	n := 0
	for _, r := range norm.NFD.String(text) {
		if !unicode.In(r, unicode.Mn, unicode.Me) {
			n = 0
		} else if n++; n > maxMarks {
			return true
		}
	}
	return false
}

// Links counts the addresses in a text that become links.
func Links(text string) int { return len(richtext.Links(text)) }

var mention = regexp.MustCompile(`(?:^|[^\pL\pN@._/-])@([a-z0-9][a-z0-9-]{1,29})`)

// maxMentions is how many members one comment can call.
const maxMentions = 10

// Mentions lists the handles that a text calls, each once, outside of
// quotations.
func Mentions(text string) (handles []string) {
	seen := map[string]bool{}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, ">") {
			continue
		}
		for _, m := range mention.FindAllStringSubmatch(strings.ToLower(line), -1) {
			h := strings.TrimRight(m[1], "-")
			if !seen[h] && len(handles) < maxMentions {
				seen[h] = true
				handles = append(handles, h)
			}
		}
	}
	return handles
}

// fold is a text by which it is known again when only its case, its spaces or
// its punctuation were changed.
func fold(text string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.So, r) {
			return r
		}
		return -1
	}, norm.NFKC.String(text)))
}

// hash names a text, however it is written.
func hash(text string) string {
	sum := sha256.Sum256([]byte(fold(text)))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
