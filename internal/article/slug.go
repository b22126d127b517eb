package article

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxSlug is the length of a slug at most, in bytes.
const maxSlug = 80

// Slug makes the last part of an address from a headline: lower-case ASCII
// words with hyphens. It is "" for a headline without any, such as one in
// Japanese.
func Slug(headline string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(headline)) {
		if plain, ok := letters[r]; ok {
			b.WriteString(plain)
			continue
		}
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
			// an accent or an apostrophe joins what is around it
		default:
			if s := b.String(); s != "" && !strings.HasSuffix(s, "-") {
				b.WriteByte('-')
			}
		}
	}
	slug := strings.Trim(b.String(), "-")
	if len(slug) > maxSlug {
		slug = slug[:maxSlug]
		if i := strings.LastIndexByte(slug, '-'); i > maxSlug/2 {
			slug = slug[:i] // end at a word
		}
	}
	if reserved[slug] {
		slug += "-1"
	}
	return strings.Trim(slug, "-")
}

// letters have no decomposition in Unicode.
var letters = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ı': "i"}

// reserved slugs are addresses of something else in a section.
var reserved = map[string]bool{"feed": true}
