package article

import (
	"context"
	"fmt"
	"strings"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// maxSlug is the length of a slug at most, in bytes.
const maxSlug = 80

// Slug makes the last part of an address from a headline: lower-case ASCII
// words with hyphens. It is "" for a headline without any, such as one in
// Japanese.
func Slug(headline string) string {
	var b strings.Builder
	for _, r := range db.Fold(headline) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '\'', r == '’':
			// an apostrophe joins what is around it
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

// reserved slugs are addresses of something else in a section.
var reserved = map[string]bool{"feed": true}

// address makes (section, slug) the article's address, or the nearest free one:
// slug-2 to slug-9, then one with the end of the id. An address that another
// article ever had is not free.
func (s *Store) address(ctx context.Context, tx *db.Tx, id, section, slug string) error {
	own := strings.ToLower(id[max(0, len(id)-8):])
	if slug == "" {
		slug = "story-" + own
	}
	for n, try := 1, slug; n <= 10; n++ {
		switch {
		case n == 10: // "Morning briefing", every day
			try = slug + "-" + own
		case n > 1:
			try = fmt.Sprintf("%s-%d", slug, n)
		}
		var owner string
		err := tx.QueryRow(ctx, `insert into address (section, slug, article, created) values ($1, $2, $3, $4)
			on conflict (section, slug) do update set slug = excluded.slug
			returning article`, section, try, id, db.Time(s.Now())).Scan(&owner)
		if db.IsForeign(err) {
			return noSection(section, err)
		}
		if err != nil {
			return fmt.Errorf("give %s the address %s/%s: %w", id, section, try, err)
		}
		if owner == id {
			_, err := tx.Exec(ctx, `update article set section = $2, slug = $3 where id = $1`, id, section, try)
			return err
		}
	}
	return &problem.Problem{
		Kind: problem.Conflict, Detail: "Other articles have this address.",
		Fields: map[string]string{"slug": "Choose another."},
	}
}

func noSection(slug string, err error) error {
	return &problem.Problem{
		Kind: problem.Invalid, Detail: "This paper has no section " + slug + ".",
		Fields: map[string]string{"section": "Choose a section of this paper."}, Err: err,
	}
}
