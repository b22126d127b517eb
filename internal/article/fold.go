package article

import "kawaraban/internal/db"

// Fold is a text as it is looked for: without case, accents and the width of its
// letters.
func Fold(text string) string { return db.Fold(text) }
