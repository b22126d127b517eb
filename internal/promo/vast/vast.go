// Package vast reads and writes VAST, the format in which ad servers offer video
// (IAB Video Ad Serving Template 2.0 to 4.2).
//
// An ad is the format's word for what the paper calls a promotion. A Document has
// ads; each is either in line, with its video, or a wrapper: an address at which
// the next document is found, and addresses that want to be told besides. Parse
// reads one document, Resolve follows wrappers until there is a video, Pick
// chooses the file, Expand fills the macros of an address, and Marshal writes a
// document of ours. Nothing here calls an address by itself.
//
// We take a video, its captions, where a click leads, and the addresses to be
// told of what happens. What an ad brings to be executed is dropped and counted,
// always: VPAID, JavaScript, interactive files, frames. Verifications are
// dropped as well: they are foreign scripts and would need the reader's consent.
// So are overlays, companions, surveys and audio. Only https addresses are taken.
//
// Strangers send these documents. Limits hold before anything is kept, a
// document type is refused, and what is said of an ad is a string that is not
// yet safe to show: html/template makes it so.
package vast

import "time"

// Limits of one document. The largest of IAB's 38 samples has 4 KB.
const (
	MaxBytes    = 512 << 10 // before and after conversion to UTF-8
	maxDepth    = 32        // elements inside elements
	maxElements = 10_000
	maxAttrs    = 64  // of one element
	maxAds      = 20  // of a document
	maxMedia    = 50  // of an ad
	maxAddress  = 200 // of an ad that want to be told of something, of each sort
	maxURL      = 8 << 10
	maxText     = 1000 // letters of a title, a name, an id

	maxCategories = 100 // of an ad; further ones are left out
)

// A Document is what an ad server answers.
type Document struct {
	Version string   // as it declares, which may be wrong
	Errors  []string // to be told when no ad is in it
	Ads     []Ad     // in the order of the document
	Dropped Dropped  // of the document itself; each ad has its own
}

// A Type is for what sort of player an ad is.
type Type string

const (
	Video  Type = "video"
	Audio  Type = "audio"
	Hybrid Type = "hybrid"
)

// An Ad is in line, or a wrapper that leads to one.
type Ad struct {
	ID          string
	Sequence    int  // its place in a pod, from 1; 0 stands alone
	Conditional bool // a program was to decide whether it is shown (until 4.0)
	Type        Type

	System, SystemVersion string // who serves it
	ServingID             string // of this answer (since 4.1)
	Title, Description    string
	Advertiser            string
	Pricing               Pricing
	Categories            []Category
	Expires               time.Duration // how long it may be kept; 0: it does not say

	Impressions []Link
	Viewable    Viewable
	Errors      []string // to be told when it cannot be shown

	Linear  *Linear  // nil: it has no video. Of a wrapper: what it adds
	Wrapper *Wrapper // nil: in line
	Dropped Dropped

	// Failed are ads that Resolve tried before this one: tell their addresses, too.
	Failed []*Error
}

// A Wrapper says where an ad is found.
type Wrapper struct {
	Tag      string // the address of the next document; "" when it has none that is https
	Follow   bool   // the next document may be a wrapper as well
	Multiple bool   // any ad of the next document may be used, not its first alone
	Fallback bool   // when there is none, another ad of this document may be used
	Blocked  []Category
}

// A Link is an address with the server's name for it.
type Link struct {
	ID, Address string
}

// Pricing is what the ad costs, as the server says.
type Pricing struct {
	Model, Currency string // "cpm", "USD"
	Price           string // a decimal number
}

// A Category is what the ad is about, by somebody's list.
type Category struct {
	Authority, Code string
}

// Viewable has the addresses that want to know whether the ad was seen.
type Viewable struct {
	ID                                  string
	Viewable, NotViewable, Undetermined []string
}

// A Linear is the video of an ad, and what is told about it.
type Linear struct {
	ID, AdID     string
	UniversalIDs []UniversalID
	Duration     time.Duration // 0: unknown, ask the file
	Skip         *Offset       // when it may be skipped; nil: never
	Media        []MediaFile   // those that a browser plays
	Captions     []Caption
	Icons        []Icon // marks that must be shown, such as AdChoices

	ClickThrough  string // where a click leads; "" nowhere
	ClickTracking []Link
	CustomClicks  []Link
	Trackings     []Tracking
}

// A UniversalID names a video in a registry, the same everywhere.
type UniversalID struct {
	Registry, Value string
}

// The types of media files that a browser plays, however a server spells them.
const (
	MP4  = "video/mp4"
	WebM = "video/webm"
	HLS  = "application/x-mpegURL"
)

// How a media file comes.
const (
	Progressive = "progressive"
	Streaming   = "streaming"
)

// A MediaFile is one file of a video. What is not said is zero.
type MediaFile struct {
	ID                     string
	Delivery               string
	Type                   string // MP4, WebM or HLS
	Width, Height          int
	Codec                  string
	Bitrate                int // kbit/s
	MinBitrate, MaxBitrate int // of a stream that adapts
	Scalable, KeepRatio    bool
	Size                   int64 // bytes
	Address                string
}

// A Caption is a file of subtitles; browsers show text/vtt.
type Caption struct {
	Type, Language, Address string
}

// An Icon is a mark that the ad demands to be shown over it.
type Icon struct {
	Program       string // "AdChoices"
	Type          string // image/…
	Width, Height int
	Alt           string
	Address       string // of the picture
	ClickThrough  string
}

// An Event is what may happen while a video is shown.
type Event string

const (
	Loaded         Event = "loaded"
	CreativeView   Event = "creativeView"
	Start          Event = "start"
	FirstQuartile  Event = "firstQuartile"
	Midpoint       Event = "midpoint"
	ThirdQuartile  Event = "thirdQuartile"
	Complete       Event = "complete"
	Progress       Event = "progress"
	Mute           Event = "mute"
	Unmute         Event = "unmute"
	Pause          Event = "pause"
	Resume         Event = "resume"
	Rewind         Event = "rewind"
	Skip           Event = "skip"
	PlayerExpand   Event = "playerExpand"
	PlayerCollapse Event = "playerCollapse"
	CloseLinear    Event = "closeLinear"
)

// A Tracking is an address that wants to be told of an event.
type Tracking struct {
	Event   Event
	Offset  *Offset // of Progress: where in the video; else nil
	Address string
}

// Tracked returns what wants to be told of an event.
func (l *Linear) Tracked(e Event) []Tracking {
	var told []Tracking
	for _, t := range l.Trackings {
		if t.Event == e {
			told = append(told, t)
		}
	}
	return told
}

// An Offset is a place in a video: a time, or a part of its length.
type Offset struct {
	Time    time.Duration
	Percent float64 // 0: Time says it
}

// In returns the place in a video of length d.
func (o Offset) In(d time.Duration) time.Duration {
	if o.Percent == 0 {
		return o.Time
	}
	return time.Duration(float64(d) * o.Percent / 100).Truncate(time.Millisecond)
}
