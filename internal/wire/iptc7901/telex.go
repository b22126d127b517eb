package iptc7901

import (
	"strings"

	"kawaraban/internal/wire/teletype"
)

// parseTelex reads a message between ZCZC and NNNN. Below its first line stand
// those of the network: routing ("YY …", "%…"), the category ("$J"), the form
// ("*T" for a table) and the slug (":POTTED :Haven races"). What follows is the
// body.
func parseTelex(s string) (m Message) {
	m.Telex = true
	head, rest, _ := strings.Cut(s, "\n")
	m.Info = teletype.Line(strings.TrimPrefix(strings.TrimSpace(head), "ZCZC"))
	if i := strings.LastIndex("\n"+rest, "\nNNNN"); i >= 0 {
		rest = rest[:max(i-1, 0)]
	}
	var titles []string
	for rest != "" {
		line, after, _ := strings.Cut(rest, "\n")
		line = strings.TrimSpace(teletype.Printed(line))
		switch {
		case line == "" && len(titles) == 0: // nothing has been said yet
		case strings.HasPrefix(line, "YY "), strings.HasPrefix(line, "%"):
		case strings.HasPrefix(line, "$") && len(line) <= 4:
			m.Category = strings.ToLower(line[1:])
		case strings.HasPrefix(line, "*") && len(line) <= 4:
			m.Table = strings.EqualFold(line[1:], "T")
		case strings.HasPrefix(line, ":"):
			if slug, title, ok := strings.Cut(line[1:], " :"); ok {
				titles = append(titles, title)
				m.Slug = teletype.Line(slug + "/" + title)
			} else {
				titles = append(titles, strings.TrimSpace(line[1:]))
			}
		default:
			m.split(teletype.Printed(rest))
			rest, after = "", ""
		}
		rest = after
	}
	for _, title := range titles {
		if m.Headline == "" {
			m.Headline = teletype.Line(title)
		}
	}
	if m.Slug == "" {
		m.Slug = m.Headline
	}
	return m
}
