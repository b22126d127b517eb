// Package search finds what readers may have: articles by the words of their
// headline, standfirst, byline, topics, captions, body and the entries of a live report,
// comments by theirs, and articles that are about the same.
//
// One analysis in Go (analyse) makes words of every text and of what is typed; the
// databases keep those words and find them, and know nothing of languages. So both
// find the same. A document has a number that goes with its time, and every list is
// a part of those numbers.
//
// The index only proposes. Whether readers may have an article is asked of package
// article each time, and what a comment says of whoever keeps comments; what comes
// back is what is shown. The index follows facts (Hear) by jobs, catches up with
// what it has missed when the paper starts (Run), and can be built anew while the
// paper is open (Rebuild).
package search

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
)

// A Store finds articles and comments.
type Store struct {
	DB       *db.DB
	Articles *article.Store
	Jobs     *job.Queue
	Now      func() time.Time
	Log      *slog.Logger

	// Thread lists the comments on an article that readers may have, those with ids
	// after one; Comments returns those of some that they may have. Comments are
	// another subject's. Nil: there are none.
	Thread   func(ctx context.Context, article, after string, limit int) ([]Said, error)
	Comments func(ctx context.Context, ids ...string) (map[string]Said, error)

	// Entries lists what readers may have of the live report of an article that they
	// may have, read in q: the summary, and the newest entries, limit of those at most.
	// It is another subject's, too. Nil: there are no live reports.
	Entries func(ctx context.Context, q db.Querier, article string, limit int) ([]Entry, error)

	// Sent lists what agencies have sent, by its numbers after one, with the numbers of
	// those that are listed. Nil: there is no wire.
	Sent func(ctx context.Context, after int64, limit int) ([]Sent, error)

	mu    sync.Mutex
	heard map[Changed]bool // of what no job has been made yet

	common common
}

// A Said is a comment that readers may have.
type Said struct {
	ID      string
	Article string
	Author  string // a reader's id
	Body    string
	Version int
	Shown   time.Time
}

// An Entry is a part of a live report.
type Entry struct {
	ID       string // "" is the summary
	At       time.Time
	Headline string
	Text     string
}

// A Sent is what an agency has sent, with its number.
type Sent struct {
	N     int64
	Texts []string
}

// analysis is the number of the rules by which words are made. Who changes them
// raises it: the index is then built anew.
const analysis = 3

// Marks stand in the index beside the words of a text. No word can look like them.
const (
	all = "_all"  // in every document
	in  = "_in_"  // and a section's slug
	by  = "_by_"  // and a word of a byline
	who = "_who_" // and the id of a comment's author
)

// places is how many documents may have the same millisecond before they are pushed
// into the next.
const places = 256

// number is the first number of a moment.
func number(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(t.UnixMilli(), 1) * places
}

// ever are all numbers.
func ever() span { return span{0, 1<<63 - 1} }
