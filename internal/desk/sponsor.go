package desk

import (
	"context"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// SponsorSet is what the audit log tells of who pays for an article.
const SponsorSet audit.Act = "article.sponsor"

// maySponsor refuses another sponsor by somebody who may not publish: it is the paper
// that is paid, not who writes.
func maySponsor(a *reader.Actor, was, is Copy) error {
	if was.Sponsor == is.Sponsor || a.May(reader.MayEdit) {
		return nil
	}
	return &problem.Problem{
		Kind: problem.Forbidden, Detail: "Who sponsors an article is said by those who may publish it.",
		Fields: map[string]string{"sponsor": "Leave it as it is, and ask an editor."},
	}
}

// noteSponsor notes that what readers get has another sponsor than what they had.
func (s *Store) noteSponsor(ctx context.Context, tx *db.Tx, a *reader.Actor, t *Story) error {
	had := ""
	if t.Article.Settled() {
		had = t.Article.Sponsor
	}
	switch t.Copy.Sponsor {
	case had:
		return nil
	case "":
		return s.note(ctx, tx, a, SponsorSet, t.Article.ID, "no sponsor any more; it was "+had)
	}
	return s.note(ctx, tx, a, SponsorSet, t.Article.ID, t.Copy.Sponsor)
}
