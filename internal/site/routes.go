package site

import "kawaraban/internal/page"

// routes are the addresses of the paper.
func (s *Site) routes(rt *page.Router) {
	rt.Public("GET /{$}", s.showFront)
	rt.Public("GET /category/{section}", s.showSection, "before")
	rt.Public("GET /category/{section}/{slug}", s.showArticle)
	rt.Public("GET /a/{id}", s.findArticle)

	rt.Public("GET /feed", s.showRSS)
	rt.Public("GET /feed.json", s.showJSONFeed)
	rt.Public("GET /category/{section}/feed", s.showRSS)

	rt.Public("GET /sitemap.xml", s.showSitemapIndex)
	rt.Public("GET /sitemap/{file}", s.showSitemap)
	rt.Public("GET /news-sitemap.xml", s.showNewsSitemap)
	rt.Public("GET /robots.txt", s.showRobots)
	rt.Public("GET /ads.txt", s.showAds)
	rt.Public("GET /.well-known/security.txt", s.showSecurity)
	rt.Public("GET /favicon.ico", s.showIcon)

	rt.Plain("GET /media/{key}", s.servePicture)
	rt.Plain("GET /assets/{file}", s.assets.Serve)
	rt.Plain("GET /healthz", s.alive)
	rt.Plain("GET /readyz", s.ready)
}
