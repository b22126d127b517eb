package site

import "kawaraban/internal/page"

func (s *Site) sponsorPDF(w *page.Language, p sponsorPage) []byte { return nil }
