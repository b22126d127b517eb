package main

import "kawaraban/internal/newsletter"

// firstLists are the newsletters that a new paper begins with, in its language: it
// changes them as it likes. Nobody gets one who has not asked for it.
func firstLists(language string) []newsletter.List {
	words := map[string][2]string{
		"daily":  {"The morning paper", "Weekdays at 7: what matters today, in five minutes"},
		"weekly": {"The week", "Saturdays at 9: what was read, and what should have been"},
		"alerts": {"News alerts", "At once, and only when something important happens"},
	}
	if language == "ja" {
		words = map[string][2]string{
			"daily":  {"朝のニュースレター", "平日朝七時、今日の要点を五分で"},
			"weekly": {"今週のまとめ", "土曜朝九時、よく読まれた記事と読むべき記事"},
			"alerts": {"ニュース速報", "重要なことが起きたときだけ、すぐに"},
		}
	}
	list := func(slug string, l newsletter.List) newsletter.List {
		l.Slug, l.Name, l.Promise, l.Open = slug, words[slug][0], words[slug][1], true
		return l
	}
	return []newsletter.List{
		list("daily", newsletter.List{
			Kind: newsletter.Digest, Public: true, Calendar: newsletter.Calendar{Days: newsletter.Weekdays, Minute: 7 * 60},
			Blocks: []newsletter.Block{
				{Kind: newsletter.Front, Limit: 7}, {Kind: newsletter.Followed, Limit: 5}, {Kind: newsletter.Best}, {Kind: newsletter.Read, Limit: 3}, {Kind: newsletter.Corrections, Limit: 5},
			},
		}),
		list("weekly", newsletter.List{
			Kind: newsletter.Digest, Public: true, Calendar: newsletter.Calendar{Days: 1 << 6, Minute: 9 * 60},
			Blocks: []newsletter.Block{
				{Kind: newsletter.Read, Limit: 5, Hours: 7 * 24},
				{Kind: newsletter.Front, Limit: 5, Hours: 7 * 24},
				{Kind: newsletter.Best, Hours: 7 * 24},
				{Kind: newsletter.Corrections, Limit: 10, Hours: 7 * 24},
			},
		}),
		list("alerts", newsletter.List{Kind: newsletter.Alert, Cap: 5}),
	}
}
