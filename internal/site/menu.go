package site

import (
	"slices"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/paper"
)

// A menu is what masthead and footer show.
type menu struct{ Masthead, Footer []menuItem }

// A menuItem leads somewhere.
type menuItem struct {
	Path     string
	Name     string // "" where the catalogue has it
	Section  string // slug of the section that it is, "" for none
	Standing string // which page that every paper has, "" for none
	Away     bool   // it leads to another site
}

// Is reports whether the item is the section with this slug.
func (m menuItem) Is(section string) bool { return section != "" && m.Section == section }

// Feed reports whether the item is the feed of the page that it stands on.
func (m menuItem) Feed() bool { return m.Standing == "feed" }

// makeMenu sets what editors have chosen, without what readers cannot have any more:
// a section that is hidden, a page that is a draft again. Where nothing is chosen the
// masthead has the sections, and the footer also the pages about the paper.
func (s *Site) makeMenu() (m menu) {
	var sections []string
	for _, sec := range s.Paper.Sections {
		sections = append(sections, sec.Slug)
	}
	chosen := s.Paper.Menu.Filled(sections, s.Paper.Pages)
	return menu{s.menuItems(chosen.Masthead), s.menuItems(chosen.Footer)}
}

func (s *Site) menuItems(chosen []paper.Item) (list []menuItem) {
	for _, i := range chosen {
		m := menuItem{Name: i.Label}
		switch i.Kind {
		case paper.ToSection:
			at := slices.IndexFunc(s.Paper.Sections, func(sec article.Section) bool { return sec.Slug == i.Target })
			if at < 0 {
				continue
			}
			sec := s.Paper.Sections[at]
			if m.Path, m.Section = sec.Path(), sec.Slug; m.Name == "" {
				m.Name = sec.Name
			}
		case paper.ToPage:
			at := slices.IndexFunc(s.Paper.Pages, func(p paper.Title) bool { return p.ID == i.Target })
			if at < 0 {
				continue
			}
			p := s.Paper.Pages[at]
			if m.Path = p.Path(); m.Name == "" {
				m.Name = p.Title
			}
		case paper.ToStanding:
			if !slices.Contains(paper.Standing(), i.Target) {
				continue
			}
			m.Path, m.Standing = "/"+i.Target, i.Target
		default:
			m.Path, m.Away = i.Target, !strings.HasPrefix(i.Target, "/")
		}
		list = append(list, m)
	}
	return list
}
