package newsroom

import (
	"cmp"

	"kawaraban/internal/article"
	"kawaraban/internal/page"
)

// formatOptions are the formats that an article may have.
func formatOptions(w *page.Language, now article.Format) (list []option) {
	for _, f := range article.Formats() {
		list = append(list, option{string(f), formatWord(w, f), f == now})
	}
	return list
}

// formatWord names how an article is made.
func formatWord(w *page.Language, f article.Format) string {
	switch f {
	case article.Story:
		return w.Say("format.story")
	case article.Picture:
		return w.Say("format.picture")
	case article.Quote:
		return w.Say("format.quote")
	case article.Question:
		return w.Say("format.question")
	case article.LiveReport:
		return w.Say("format.live")
	case article.Poll:
		return w.Say("format.poll")
	}
	return string(f)
}

// formatNeeds say in a line what each format is made of.
func formatNeeds(w *page.Language, now article.Format) (list []option) {
	for _, f := range article.Formats() {
		if said := formatNeed(w, f); said != "" {
			list = append(list, option{string(f), said, f == cmp.Or(now, article.Story)})
		}
	}
	return list
}

func formatNeed(w *page.Language, f article.Format) string {
	switch f {
	case article.Story:
		return w.Say("format.need.story")
	case article.Picture:
		return w.Say("format.need.picture")
	case article.Quote:
		return w.Say("format.need.quote")
	case article.Question:
		return w.Say("format.need.question")
	case article.LiveReport:
		return w.Say("format.need.live")
	case article.Poll:
		return w.Say("format.need.poll")
	}
	return ""
}
