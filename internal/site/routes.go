package site

import (
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// routes are the addresses of the paper.
func (s *Site) routes(rt *page.Router) {
	rt.Public("GET /{$}", s.showFront)
	rt.Public("GET /category/{section}", s.showSection, "before")
	rt.Public("GET /category/{section}/{slug}", s.showArticle, articleParams()...)
	rt.Public("GET /a/{id}", s.findArticle)

	s.beacon(rt, "POST /read/{article}", s.countRead)
	s.correctionRoutes(rt)
	s.aboutRoutes(rt)

	s.searchRoutes(rt)

	rt.Public("GET /feed", s.showRSS)
	rt.Public("GET /feed.json", s.showJSONFeed)
	rt.Public("GET /category/{section}/feed", s.showRSS)
	rt.Public("GET /most-read/feed", s.showMostRead)

	s.threadRoutes(rt)
	rt.Public("GET /live/{article}/entries", s.showEntries, "since")
	rt.Public("GET /live/{article}/{id}", s.findEntry)
	s.pollRoutes(rt)
	s.letterRoutes(rt)
	s.followRoutes(rt)
	s.networkRoutes(rt)
	s.promoRoutes(rt)

	s.draftRoutes(rt)
	s.anyone(rt, "GET /login", s.showLogin)
	s.anyone(rt, "POST /login", s.login)
	s.member(rt, "GET /login/again", reader.MayManageSelf, s.showAgain)
	s.member(rt, "POST /login/again", reader.MayManageSelf, s.again)
	s.anyone(rt, "GET /logout", s.showLogout)
	s.anyone(rt, "POST /logout", s.logout)
	s.anyone(rt, "GET /register", s.showRegister)
	s.anyone(rt, "POST /register", s.register)
	s.anyone(rt, "GET /verify-email", s.showVerify)
	s.anyone(rt, "POST /verify-email", s.verify)
	s.anyone(rt, "GET /forgot-password", s.showForgot)
	s.anyone(rt, "POST /forgot-password", s.forgot)
	s.anyone(rt, "GET /reset-password", s.showReset)
	s.anyone(rt, "POST /reset-password", s.reset)
	s.anyone(rt, "GET /me", s.showMe)
	s.open(rt, "GET /me/live", s.live)

	s.factorRoutes(rt)
	s.passkeyRoutes(rt)

	s.member(rt, "GET /account", reader.MayManageSelf, s.showAccount)
	s.member(rt, "GET /account/sessions", reader.MayManageSelf, s.showSessions)
	s.member(rt, "POST /account/sessions", reader.MayManageSelf, s.endSessions)
	s.member(rt, "POST /account/sessions/{id}", reader.MayManageSelf, s.endSession)
	s.staffRoutes(rt)
	s.selfRoutes(rt)

	s.connectRoutes(rt)

	rt.Public("GET /sitemap.xml", s.showSitemapIndex)
	rt.Public("GET /sitemap/{file}", s.showSitemap)
	rt.Public("GET /news-sitemap.xml", s.showNewsSitemap)
	rt.Public("GET /robots.txt", s.showRobots)
	rt.Public("GET /ads.txt", s.showAds)
	rt.Public("GET /.well-known/security.txt", s.showSecurity)
	rt.Public("GET /favicon.ico", s.showIcon)

	if s.Hooks != nil { // without a secret there is no such address (SECURITY R34)
		s.machine(rt, "POST /hooks/mail/{provider}", s.hook)
	}
	if s.Wire != nil {
		s.machineBytes(rt, "POST /wire/push/{source}", s.receiveWire)
	}
	rt.Plain("GET /media/{key}", s.servePicture)
	rt.Plain("GET /assets/{file}", s.assets.Serve)
	rt.Plain("GET /healthz", s.alive)
	rt.Plain("GET /readyz", s.ready)
}
