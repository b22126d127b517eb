package newsroom

import (
	"context"
	"maps"
	"slices"
	"strings"

	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// A room is one part of the newsroom: where it is, what it is called, and who
// may enter it.
type room struct {
	Path       string
	Name       string // its key in the catalogue
	Key        string // after a g, the key that leads there
	Permission reader.Permission
	Waits      func(context.Context) (string, error) // how much waits there, "" for nothing; nil: nothing ever does
}

// room adds the first page of a part of the newsroom.
func (d *Desk) room(rt *page.Router, r room, h func(v *visit, a *reader.Actor) (*page.Answer, error)) {
	d.rooms = append(d.rooms, r)
	d.staff(rt, "GET "+r.Path, r.Permission, h)
}

// chrome is what layout.html sets around every page.
type chrome struct {
	Paper       *Paper
	Language    string
	Title       string
	Light, Dark string // the colour of paper in both themes
	Name        string // of the person; "" while nobody is logged in
	Rooms       []door
	Keys        []shortcut // of this page, as the sheet lists them
}

// A door leads to a room.
type door struct {
	Path, Name string
	Keys       string // "g m"
	Here       bool   // the page belongs to this room
	Waits      string // "7"
}

// A shortcut is what some keys do, pressed one after the other.
type shortcut struct {
	Keys []string
	Does string
}

// chrome makes what is around a page; the title is a key of the catalogue.
func (d *Desk) chrome(v *visit, title string) (c chrome, err error) {
	w := v.words
	c = chrome{
		Paper: &d.Paper, Language: w.Tag.String(), Title: w.Say(title),
		Light: page.PaperLight, Dark: page.PaperDark,
	}
	a := v.who.Actor
	if a == nil {
		return c, nil
	}
	c.Name = a.Reader.Name
	path, _, _ := strings.Cut(v.Here(), "?")
	for _, r := range d.rooms {
		if !a.May(r.Permission) {
			continue
		}
		to := door{Path: r.Path, Name: w.Say(r.Name), Keys: "g " + r.Key, Here: strings.HasPrefix(path+"/", r.Path+"/")}
		if r.Waits != nil {
			if to.Waits, err = r.Waits(v.Context()); err != nil {
				return c, err
			}
		}
		c.Rooms = append(c.Rooms, to)
		c.Keys = append(c.Keys, shortcut{[]string{"g", r.Key}, w.Say(r.Name)})
	}
	c.Keys = append(c.Keys,
		shortcut{[]string{"Ctrl", "K"}, w.Say("quick.title")},
		shortcut{[]string{"g", "p"}, w.Say("home")},
		shortcut{[]string{"g", "a"}, w.Say("account.title")},
		shortcut{[]string{"?"}, w.Say("newsroom.keys.sheet")},
		shortcut{[]string{"Esc"}, w.Say("newsroom.keys.close")},
	)
	return c, nil
}

// views are the pages in one language. They are parsed when somebody first
// wants one in that language, so that the paper opens no later for them.
type views struct {
	words *page.Language
	again page.Template[againPage]

	returned  page.Template[backPage]
	overview  page.Template[overviewPage]
	newStory  page.Template[newStoryPage]
	topics    page.Template[topicsPage]
	audit     page.Template[auditPage]
	plans     page.Template[plansPage]
	plan      page.Template[planPage]
	stories   page.Template[storiesPage]
	story     page.Template[storyPage]
	revisions page.Template[revisionsPage]
	preview   page.Template[previewPage]
	front     page.Template[frontPage]
	reporting page.Template[reportingPage]
	shot      page.Template[entryShot]

	pictures page.Template[picturesPage]
	picture  page.Template[picturePage]
	video    page.Template[videoPage]

	errors page.Template[errorsPage]
	report page.Template[errorPage]

	queue    page.Template[queuePage]
	bulk     page.Template[bulkPage]
	sorry    page.Template[sorryPage]
	member   page.Template[memberPage]
	thread   page.Template[threadPage]
	sections page.Template[sectionsPage]
	rules    page.Template[rulesPage]
	settings page.Template[settingsPage]

	identity page.Template[identityPage]
	arrange  page.Template[arrangePage]
	menu     page.Template[menuPage]
	pages    page.Template[pagesPage]
	about    page.Template[aboutPage]

	audience page.Template[audiencePage]
	network  page.Template[networkPage]

	wire       page.Template[wirePage]
	wireStory  page.Template[wireStoryPage]
	wireUnread page.Template[unreadPage]
	wireWays   page.Template[wireSourcesPage]
	wireWay    page.Template[wireSourcePage]
	wireReport page.Template[recallPage]
	wireRules  page.Template[wireRulesPage]
	wireRule   page.Template[wireRulePage]

	bookings page.Template[bookingsPage]
	booking  page.Template[bookingPage]
	books    page.Template[bookingForm]

	newsletters  page.Template[newslettersPage]
	edition      page.Template[editionPage]
	send         page.Template[sendPage]
	alert        page.Template[alertPage]
	lists        page.Template[listsPage]
	list         page.Template[listPage]
	subscribers  page.Template[subscribersPage]
	subscriber   page.Template[subscriberPage]
	intake       page.Template[intakePage]
	suppressions page.Template[suppressionsPage]

	log page.Template[logPage]
}

// viewsIn returns the pages in a language; the paper's when it is "" or one that
// we do not speak.
func (d *Desk) viewsIn(language string) (*views, error) {
	if !slices.Contains(page.Languages(), language) {
		language = d.Paper.Language
	}
	d.viewsMu.Lock()
	defer d.viewsMu.Unlock()
	if v := d.views[language]; v != nil {
		return v, nil
	}
	words, err := page.NewLanguage(language, d.Paper.Zone)
	if err != nil {
		return nil, err
	}
	v, err := d.parseViews(words)
	if err != nil {
		return nil, err
	}
	if d.views == nil {
		d.views = map[string]*views{}
	}
	d.views[language] = v
	return v, nil
}

func (d *Desk) parseViews(words *page.Language) (*views, error) {
	funcs := words.Funcs()
	maps.Copy(funcs, d.assets.Funcs())
	shared, err := page.NewViews(files, funcs, "layout.html", "held.html")
	if err != nil {
		return nil, err
	}
	planned, err := page.NewViews(files, funcs, "layout.html", "planform.html")
	if err != nil {
		return nil, err
	}
	written, err := page.NewViews(files, funcs, "layout.html", "pollgroup.html")
	if err != nil {
		return nil, err
	}
	moderating, err := page.NewViews(files, funcs, "layout.html", "mod.html")
	if err != nil {
		return nil, err
	}
	papers, err := page.NewViews(files, funcs, "layout.html", "paper.html")
	if err != nil {
		return nil, err
	}
	letters, err := page.NewViews(files, funcs, "layout.html", "letters.html")
	if err != nil {
		return nil, err
	}
	booked, err := page.NewViews(files, funcs, "layout.html", "promoparts.html")
	if err != nil {
		return nil, err
	}
	v := &views{words: words}
	if v.shot, err = page.View[entryShot](shared, "reporting.html", "shot"); err != nil {
		return nil, err
	}
	for _, err := range []error{
		parse(&v.again, shared, "again.html"),
		parse(&v.returned, shared, "back.html"),
		parse(&v.overview, shared, "overview.html"),
		parse(&v.newStory, shared, "newstory.html"),
		parse(&v.topics, shared, "topics.html"),
		parse(&v.audit, shared, "audit.html"),
		parse(&v.plans, planned, "plans.html"),
		parse(&v.plan, planned, "plan.html"),
		parse(&v.stories, shared, "stories.html"),
		parse(&v.story, written, "story.html"),
		parse(&v.preview, shared, "preview.html"),
		parse(&v.front, shared, "front.html"),
		parse(&v.reporting, shared, "reporting.html"),
		parse(&v.revisions, shared, "revisions.html"),
		parse(&v.pictures, shared, "pictures.html"),
		parse(&v.picture, shared, "picture.html"),
		parse(&v.video, shared, "video.html"),
		parse(&v.errors, shared, "errors.html"),
		parse(&v.report, shared, "errorreport.html"),
		parse(&v.queue, moderating, "queue.html"),
		parse(&v.bulk, moderating, "bulk.html"),
		parse(&v.sorry, moderating, "sorry.html"),
		parse(&v.member, moderating, "member.html"),
		parse(&v.thread, moderating, "thread.html"),
		parse(&v.sections, moderating, "sections.html"),
		parse(&v.rules, moderating, "rules.html"),
		parse(&v.settings, moderating, "settings.html"),
		parse(&v.log, moderating, "log.html"),
		parse(&v.audience, shared, "audience.html"),
		parse(&v.wire, shared, "wire.html"),
		parse(&v.wireStory, shared, "wirestory.html"),
		parse(&v.wireUnread, shared, "wireunread.html"),
		parse(&v.wireWays, shared, "wiresources.html"),
		parse(&v.wireWay, letters, "wiresource.html"),
		parse(&v.wireReport, shared, "wirereport.html"),
		parse(&v.wireRules, shared, "wirerules.html"),
		parse(&v.wireRule, shared, "wirerule.html"),
		parse(&v.network, letters, "network.html"),
		parse(&v.bookings, booked, "promo.html"),
		parse(&v.booking, booked, "promobooking.html"),
		parse(&v.books, booked, "promoform.html"),
		parse(&v.newsletters, letters, "newsletters.html"),
		parse(&v.edition, letters, "edition.html"),
		parse(&v.send, letters, "send.html"),
		parse(&v.alert, letters, "alert.html"),
		parse(&v.lists, letters, "lists.html"),
		parse(&v.list, letters, "list.html"),
		parse(&v.subscribers, letters, "subscribers.html"),
		parse(&v.subscriber, letters, "subscriber.html"),
		parse(&v.intake, letters, "intake.html"),
		parse(&v.suppressions, letters, "suppressions.html"),
		parse(&v.identity, papers, "identity.html"),
		parse(&v.arrange, papers, "arrange.html"),
		parse(&v.menu, papers, "menu.html"),
		parse(&v.pages, papers, "pages.html"),
		parse(&v.about, papers, "about.html"),
	} {
		if err != nil {
			return nil, err
		}
	}
	return v, nil
}

// parse reads a page's template into its place.
func parse[P any](into *page.Template[P], with *page.Views, name string) (err error) {
	*into, err = page.View[P](with, name, "page")
	return err
}

// againPage opens itself once more from our own site: what again.html shows.
type againPage struct {
	chrome
	To string
}
