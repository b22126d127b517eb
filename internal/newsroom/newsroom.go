// Package newsroom is the paper as those who make it see it: the back office,
// under /newsroom.
//
// It has rooms, one for each sort of work. A room is registered with the
// permission that it takes, and stands in the bar of those who have it; nobody
// is shown a door that is closed to them. Its pages are made for one person, in
// that person's language, and are kept by nobody.
package newsroom

import (
	"context"
	"embed"
	"fmt"
	"sync"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audience"
	"kawaraban/internal/audit"
	"kawaraban/internal/comment"
	"kawaraban/internal/desk"
	"kawaraban/internal/network"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/paper"
	"kawaraban/internal/promo"
	"kawaraban/internal/reader"
	"kawaraban/internal/wire"
)

// A Paper is what the newsroom needs to know of the paper that it makes.
type Paper struct {
	Name     string
	Language string // of those who have chosen none
	Zone     *time.Location
	Colours  page.Colours
	BaseURL  string // "https://paper.example", for links that leave the house
}

// A Desk serves the newsroom of a Paper.
type Desk struct {
	Paper   Paper
	Readers *reader.Store

	Articles *article.Store
	Comments *comment.Store
	Work     *desk.Store
	Papers   *paper.Store
	Audit    *audit.Log
	Audience *audience.Now
	Opens    *audience.Store
	Ranks    *audience.Ranks

	Simulated bool // the readers are programs, as in a demo

	Wire        *wire.Store // nil: no agencies
	Copies      Elsewhere
	Network     *network.Store // nil: no sister papers
	Promo       *promo.Store   // nil: no slot to sell
	Newsletters *newsletter.Store
	Editions    func(context.Context, newsletter.Content) (html []byte, text string, err error) // sets an edition in the paper's face; nil: it cannot be seen

	Looks []Look // how an article can be seen before it is published
	Proof Proof  // how a page of the paper can be
	Now   func() time.Time

	SectionsFixed string                      // where the operator has set the sections, "" for nowhere
	Renew         func(context.Context) error // gives the paper the face that has just been set; nil: somebody else will

	assets *page.Assets
	editor bool // it was built
	rooms  []room
	rights []right

	intakes intakes // tables that are being read

	viewsMu sync.Mutex
	views   map[string]*views // by language
}

//go:embed *.html *.css *.js editor/upload.js
var files embed.FS

// Routes adds the newsroom's addresses to the paper's router.
func (d *Desk) Routes(rt *page.Router) error {
	css, err := files.ReadFile("newsroom.css")
	if err != nil {
		return fmt.Errorf("gather the newsroom's style sheet: %w", err)
	}
	assets := map[string][]byte{"newsroom.css": append([]byte(d.Paper.Colours.Sheet()), css...)}
	for _, name := range []string{
		"newsroom.js", "moderation.css", "moderation.js", "story.css", "story.js", "errors.css", "editor.css", "pictures.css", "front.css", "front.js",
		"reporting.css", "reporting.js", "paper.css", "paper.js", "letters.css", "letters.js", "intake.js",
		"audience.css", "promo.css", "wire.css", "wirerules.css",
	} {
		if assets[name], err = files.ReadFile(name); err != nil {
			return fmt.Errorf("gather what the newsroom's pages load: %w", err)
		}
	}
	// One module sends files: the editor's bundle holds it, and the library's script
	// begins with it. Another one follows a board.
	for name, first := range map[string]string{"pictures.js": "editor/upload.js", "audience.js": "live.js", "wire.js": "live.js"} {
		for _, part := range []string{first, name} {
			text, err := files.ReadFile(part)
			if err != nil {
				return fmt.Errorf("gather what the newsroom's pages load: %w", err)
			}
			assets[name] = append(assets[name], text...)
		}
	}
	editor, err := editorBundle()
	if err != nil {
		return fmt.Errorf("gather the newsroom's editor: %w", err)
	}
	if d.editor = editor != nil; d.editor {
		assets["editor.js"] = editor
	}
	d.assets = page.NewAssets("/newsroom/assets/", assets)
	d.routes(rt)
	return nil
}
