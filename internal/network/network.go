// Package network knows the paper's sisters: what is trending there, what they have
// of us, and the panel that shows theirs beside our articles.
//
// A sister paper is one of ours, which signs its list with a key that two editors have
// compared, or another's, of which we read a feed. What comes from a sister is a
// stranger's: it is fetched through package fetch, cut down and checked before it is
// kept, and shown as text. The last good list stands for a day when a sister is silent
// or says nonsense; then nothing does.
//
// The panel is a mix of the lists, made in the background. A page takes it from memory.
package network

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/job"
	"kawaraban/internal/media"
	"kawaraban/internal/secret"
)

// A Kind is what sort of thing an item leads to.
type Kind string

const (
	Article  Kind = "article"
	Offer    Kind = "offer"
	Resource Kind = "resource"
)

// A Paper is what sisters learn of ours.
type Paper struct {
	Name     string
	Language string
	Base     string // "https://paper.example"
}

// What can be held against who runs or edits the paper.
const (
	SisterSet audit.Act = "network.sister"
	OfferSet  audit.Act = "network.offer"
	RuleSet   audit.Act = "network.rule"
)

// Arrived counts how many readers we have seen come from sister papers to each of these
// articles, on the day that begins then.
type Arrived func(ctx context.Context, day time.Time, articles ...string) (map[string]int, error)

// A Store keeps sister papers in a database, and the panel in memory.
type Store struct {
	DB       *db.DB
	Articles *article.Store
	Media    *media.Store
	Blobs    *blob.Folder
	Jobs     *job.Queue
	Keys     *secret.Keyring
	Audit    *audit.Log
	Fetch    *fetch.Client
	Paper    func() Paper
	Trending func(ctx context.Context, limit int) ([]string, error) // ids of the articles that most people read, most of them first
	Arrived  Arrived                                                // nil: nobody counts
	Local    bool                                                   // sisters may be on this machine, without https: the demo's are
	Vanished func()                                                 // called when something that the panel showed is to be seen no more; may be nil
	Recalled func()                                                 // called in its place when its sister has withdrawn it: at once; may be nil
	Now      func() time.Time
	ID       func() string
	Log      *slog.Logger

	panel   atomic.Pointer[Panel]
	mixing  sync.Mutex // held by who makes a panel
	drawing sync.Mutex // one picture at a time
	clicks  clickers
	notices minute
}

// Changed says that the panel is to be made again.
type Changed struct{}

// EventKind and EventSubject make it a fact (package event).
func (Changed) EventKind() string    { return "network.changed" }
func (Changed) EventSubject() string { return "panel" }

// Tag is the page cache's tag of everything that shows the panel, ListTag that of what
// we offer to sisters.
const (
	Tag     = "network:panel"
	ListTag = "network:list"
)
