// Package article holds the paper's articles.
//
// An article is a draft, in review, scheduled, published or withdrawn; that its
// embargo is pending or its licence has ended is a fact of the clock. Each
// change is a revision. What a reader may have of it is decided in one place
// (access), and every way out to readers goes through it: Read, Latest, Front,
// MayShow and the rest of this package's reading methods answer nothing else.
package article

import (
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/richtext"
)

// A State is where an article stands between the desk and the reader.
type State string

const (
	Draft     State = "draft"
	Review    State = "review"
	Scheduled State = "scheduled"
	Published State = "published"
	Withdrawn State = "withdrawn"
)

// A Kind is what sort of journalism an article is.
type Kind string

const (
	News      Kind = "news"
	Opinion   Kind = "opinion"
	Analysis  Kind = "analysis"
	Criticism Kind = "review"
	Interview Kind = "interview"
	Obituary  Kind = "obituary"
)

// Kinds lists the kinds in the order in which a desk offers them.
func Kinds() []Kind { return []Kind{News, Analysis, Opinion, Interview, Criticism, Obituary} }

// A Format is how an article is made, beside what sort of journalism it is.
type Format string

const (
	Story      Format = "story"
	Picture    Format = "picture"  // the picture says it, the words are few
	Quote      Format = "quote"    // the quote of the day: the first quote of the body, with who said it
	Question   Format = "question" // what the paper asks its readers; they answer in the thread
	LiveReport Format = "live"     // entries with their times, while something happens
	Poll       Format = "poll"     // a question with answers to choose from
)

// Formats lists the formats in the order in which a desk offers them.
func Formats() []Format { return []Format{Story, Picture, Quote, Question, LiveReport, Poll} }

// A Class is what an article is, apart from its words and its place.
type Class struct {
	Kind     Kind   `json:"kind"`     // "" is news
	Format   Format `json:"format"`   // "" is a story
	Language string `json:"language"` // BCP 47
	Weight   int    `json:"weight"`   // 0 to 5: how big the desk finds it
}

// Whole is the class with what is left out said.
func (c Class) Whole() Class {
	if c.Kind == "" {
		c.Kind = News
	}
	if c.Format == "" {
		c.Format = Story
	}
	return c
}

// A FeedRight is how much of an article may leave in feeds.
type FeedRight string

const (
	FeedFull    FeedRight = "full"
	FeedSummary FeedRight = "summary"
	FeedNone    FeedRight = "none"
)

// Content is what an editor writes: it changes with each revision.
type Content struct {
	Headline     string       `json:"headline"`
	Kicker       string       `json:"kicker,omitempty"` // "" shows the section
	Standfirst   string       `json:"standfirst,omitempty"`
	Bylines      []string     `json:"bylines,omitempty"`
	Dateline     string       `json:"dateline,omitempty"` // the place only
	Body         richtext.Doc `json:"body"`
	Lead         Lead         `json:"lead"`
	SourceNotice string       `json:"source_notice,omitempty"` // "© 2026 AFP": the source's, not the paper's
	Sponsor      string       `json:"sponsor,omitempty"`       // who paid for it to be here, as readers are told; "" for nobody
	Topics       []string     `json:"topics,omitempty"`        // what it is about: entries of package topic, or the paper's own words
}

// Lead is the picture above an article, with the words for this use of it.
// Caption and credit are two fields and stay two.
type Lead struct {
	Picture string `json:"picture,omitempty"` // id in media; "" for none
	Caption string `json:"caption,omitempty"`
	Credit  string `json:"credit,omitempty"` // without the word "Image:"
	Alt     string `json:"alt,omitempty"`
	Video   string `json:"video,omitempty"` // id in media of a video, whose poster the picture is; "" for none
}

// Rights say where an article may go and how long.
type Rights struct {
	Embargo     time.Time // not readable before; zero: none
	EmbargoOpen bool      // embargoed without a known end
	Expires     time.Time // body and pictures end here; zero: never
	Feed        FeedRight // "" is full
	NoIndex     bool      // not in the news sitemap, and search engines are asked not to list it
	Canonical   string    // address at the source when it must be named; "" is ours
}

// An Article is one story as the desk sees it.
type Article struct {
	ID      string
	Section Section
	Slug    string
	State   State
	Class
	Content
	Rights
	Published time.Time // when readers could first have it; zero before
	Updated   time.Time // the last change that readers are told of; zero for none
	Withdrawal
	Revision int  // the number of the newest revision, from 1
	Live     int  // the revision that this is, and that readers have if they have any
	Edited   bool // somebody of ours has changed it, so the wire may not
	Words    int
	Created  time.Time
	Changed  time.Time
}

// A Withdrawal says that an article is gone. The zero Withdrawal is none.
type Withdrawal struct {
	At  time.Time
	By  string // who asked: "AFP", "the editors"
	Why string // a sentence for readers, may be ""
}

// Error makes a Withdrawal the cause of the Problem that its readers get, so
// that a page can say who asked and when.
func (w Withdrawal) Error() string { return "withdrawn at the request of " + w.By }

// Settled reports whether the article's row is what readers have, or will have
// when its time comes: what somebody writes meanwhile stands beside it.
func (a *Article) Settled() bool { return a.State != Draft && a.State != Review }

// Path is the article's address.
func (a *Article) Path() string { return a.Section.Path() + "/" + a.Slug }

func path(section, slug string) string { return "/category/" + section + "/" + slug }

// Tag is the page cache's tag of everything that shows the article.
func Tag(id string) string { return "article:" + id }

// ListTag is the tag of every page that lists articles.
const ListTag = "lists"

// A Store keeps articles in a database.
type Store struct {
	DB   *db.DB
	Jobs *job.Queue
	Now  func() time.Time // the paper's clock; tests set it
	ID   func() string

	Audit *audit.Log // of who arranges the sections
}
