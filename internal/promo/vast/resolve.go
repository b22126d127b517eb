package vast

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
)

// How far a wrapper is followed (VAST 4.2, 2.3.4.1).
const (
	MaxWrappers = 5  // one behind the other
	maxFetches  = 12 // of all ads that are tried
)

// A Fetch gets what is at an https address, whose macros are filled.
type Fetch func(ctx context.Context, address string) ([]byte, error)

// Resolve returns the ad that is behind an address: in line, with a file that a
// browser plays, and with all that the wrappers on the way want to be told of.
// The time of ctx is the limit. An error is an *Error, whose Tell has the
// addresses that want to know of it; nothing but documents is called here.
func Resolve(ctx context.Context, address string, m Macros, fetch Fetch) (Ad, error) {
	var d Dropped
	tag := d.address(address)
	if tag == "" {
		return Ad{}, fail(GeneralWrapperError, "The address of the ad server is no https address.")
	}
	return found((&walk{fetch: fetch, macros: m}).get(ctx, tag, way{}))
}

// Resolve is [Resolve] for a document that one has.
func (d Document) Resolve(ctx context.Context, m Macros, fetch Fetch) (Ad, error) {
	return found((&walk{fetch: fetch, macros: m}).choose(ctx, d, way{}))
}

// found keeps a nil *Error from being an error.
func found(a Ad, err *Error) (Ad, error) {
	if err != nil {
		return Ad{}, err
	}
	return a, nil
}

// A walk is one search.
type walk struct {
	fetch   Fetch
	macros  Macros
	fetched int
}

// A way is the way to a document: its wrappers, the first one first, and the
// addresses that were called. Steps share what is before them and change nothing
// of it.
type way struct {
	wrappers []Ad
	called   []string
}

func (p way) step(a Ad) way {
	return way{append(slices.Clip(p.wrappers), a), slices.Clip(p.called)}
}

// errors returns the addresses that want to know that the way leads nowhere.
func (p way) errors(more ...string) []string {
	var all []string
	for _, w := range p.wrappers {
		all = append(all, w.Errors...)
	}
	return append(all, more...)
}

// fail ends a way: with an address for each that wants to know.
func (w *walk) fail(e *Error, tell []string) *Error {
	m := w.macros
	m.Error = e.Code
	e.Tell = nil
	for _, address := range tell {
		e.Tell = append(e.Tell, Expand(address, m))
	}
	return e
}

// get fetches the document at an address and chooses an ad of it.
func (w *walk) get(ctx context.Context, tag string, p way) (Ad, *Error) {
	switch {
	case ctx.Err() != nil:
		return Ad{}, w.fail(timeout(tag, ctx.Err()), p.errors())
	case slices.Contains(p.called, tag):
		return Ad{}, w.fail(fail(WrapperLimitReached, "The wrappers go in a circle: %s was there before.", host(tag)), p.errors())
	case w.fetched >= maxFetches:
		return Ad{}, w.fail(fail(WrapperLimitReached, "%d documents were fetched, and none has a video.", w.fetched), p.errors())
	}
	w.fetched++
	data, err := w.fetch(ctx, Expand(tag, w.macros))
	if err != nil {
		return Ad{}, w.fail(timeout(tag, err), p.errors())
	}
	d, err := Parse(data)
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			e = &Error{Code: UndefinedError, Detail: "The document cannot be read.", Err: err}
		}
		return Ad{}, w.fail(e, p.errors())
	}
	p.called = append(slices.Clip(p.called), tag)
	return w.choose(ctx, d, p)
}

// choose tries the ads of a document. An ad of ours stands alone: those that do
// so come first, and of a pod only its first. Another one is tried when an ad in
// line has no video, or when a wrapper that leads nowhere allows it.
func (w *walk) choose(ctx context.Context, d Document, p way) (Ad, *Error) {
	ads, err := candidates(d, p)
	if err != nil {
		return Ad{}, w.fail(err, p.errors(d.Errors...))
	}
	var failed []*Error
	for _, a := range ads {
		got, err := w.try(ctx, a, p)
		if err == nil {
			got.Failed = append(failed, got.Failed...)
			return got, nil
		}
		failed = append(failed, err)
		if a.Wrapper != nil && !a.Wrapper.Fallback {
			break
		}
	}
	first := failed[0]
	for _, other := range failed[1:] {
		for _, address := range other.Tell {
			if !slices.Contains(first.Tell, address) {
				first.Tell = append(first.Tell, address)
			}
		}
	}
	return Ad{}, first
}

// candidates returns the ads of a document that may be tried, in order.
func candidates(d Document, p way) ([]Ad, *Error) {
	ads := slices.Clone(d.Ads)
	if len(ads) == 0 {
		return nil, fail(NoVASTResponse, "The ad server has no ad.")
	}
	last := &Wrapper{Follow: true, Multiple: true}
	if n := len(p.wrappers); n > 0 {
		last = p.wrappers[n-1].Wrapper
	}
	if !last.Follow {
		ads = slices.DeleteFunc(ads, func(a Ad) bool { return a.Wrapper != nil })
		if len(ads) == 0 {
			return nil, fail(NoVASTResponse, "The ad server answers with a wrapper, and the wrapper before forbids it.")
		}
	}
	slices.SortStableFunc(ads, func(a, b Ad) int { return cmp.Compare(a.Sequence, b.Sequence) })
	alone := slices.IndexFunc(ads, func(a Ad) bool { return a.Sequence != 0 })
	switch {
	case alone == 0 || !last.Multiple:
		ads = ads[:1]
	case alone > 0:
		ads = ads[:alone]
	}
	return ads, nil
}

// try returns an ad in line that can be played, or what is behind a wrapper.
func (w *walk) try(ctx context.Context, a Ad, p way) (Ad, *Error) {
	if a.Wrapper == nil {
		if err := a.playable(); err != nil {
			return Ad{}, w.fail(err, p.errors(a.Errors...))
		}
		for _, c := range a.Categories {
			if forbids(p.wrappers, c) {
				return Ad{}, w.fail(fail(CategoryBlocked, "The ad is of the category %s, which a wrapper does not want.", c.Code), p.errors(a.Errors...))
			}
		}
		return a.within(p.wrappers), nil
	}
	p = p.step(a)
	switch {
	case len(p.wrappers) > MaxWrappers:
		return Ad{}, w.fail(fail(WrapperLimitReached, "There are more than %d wrappers, and no video.", MaxWrappers), p.errors())
	case a.Wrapper.Tag == "":
		return Ad{}, w.fail(fail(GeneralWrapperError, "A wrapper of %s has no https address to go on.", cmp.Or(a.System, "an ad server")), p.errors())
	}
	return w.get(ctx, a.Wrapper.Tag, p)
}

// forbids reports whether a wrapper wants no ad of a category.
func forbids(wrappers []Ad, c Category) bool {
	return slices.ContainsFunc(wrappers, func(w Ad) bool {
		return slices.ContainsFunc(w.Wrapper.Blocked, func(b Category) bool {
			return b.Code == c.Code && (b.Authority == c.Authority || b.Authority == "" || c.Authority == "")
		})
	})
}

// playable says why an ad in line cannot be shown; nil when it can.
func (a Ad) playable() *Error {
	dropped := a.Dropped.String()
	if dropped != "" {
		dropped = " (left out: " + dropped + ")"
	}
	switch {
	case a.Type == Audio:
		return fail(TraffickingError, "The ad is audio, no video.")
	case a.Linear == nil:
		return fail(UnexpectedLinearity, "The ad has no video%s.", dropped)
	case len(a.Linear.Media) == 0:
		e := fail(MediaFileNotSupported, "The ad has no file of its video that we can play%s.", dropped)
		e.Programs = a.Dropped.Programs > 0 && a.Dropped.Formats == 0
		return e
	}
	return nil
}

// within returns the ad with all that its wrappers add, the outermost first.
func (a Ad) within(wrappers []Ad) Ad {
	for _, w := range slices.Backward(wrappers) {
		a.Impressions = slices.Concat(w.Impressions, a.Impressions)
		a.Errors = slices.Concat(w.Errors, a.Errors)
		a.Viewable.ID = cmp.Or(a.Viewable.ID, w.Viewable.ID)
		a.Viewable.Viewable = slices.Concat(w.Viewable.Viewable, a.Viewable.Viewable)
		a.Viewable.NotViewable = slices.Concat(w.Viewable.NotViewable, a.Viewable.NotViewable)
		a.Viewable.Undetermined = slices.Concat(w.Viewable.Undetermined, a.Viewable.Undetermined)
		if w.Linear != nil {
			a.Linear = joined(w.Linear, a.Linear)
		}
		a.Dropped.add(w.Dropped)
	}
	return a
}

// joined returns the inner video with what the outer one adds. Of an icon of one
// program, and of where a click leads, the innermost counts.
func joined(outer, inner *Linear) *Linear {
	l := *inner
	l.ClickThrough = cmp.Or(inner.ClickThrough, outer.ClickThrough)
	l.ClickTracking = slices.Concat(outer.ClickTracking, inner.ClickTracking)
	l.CustomClicks = slices.Concat(outer.CustomClicks, inner.CustomClicks)
	l.Trackings = slices.Concat(outer.Trackings, inner.Trackings)
	l.Icons = slices.Clone(inner.Icons)
	for _, icon := range outer.Icons {
		if icon.Program == "" || !slices.ContainsFunc(inner.Icons, func(i Icon) bool { return i.Program == icon.Program }) {
			l.Icons = append(l.Icons, icon)
		}
	}
	return &l
}

// timeout says that an address did not answer, in time or at all.
func timeout(tag string, err error) *Error {
	e := fail(WrapperTimeout, "%s did not answer with a document.", host(tag))
	if errors.Is(err, context.DeadlineExceeded) {
		e.Detail = host(tag) + " did not answer in time."
	}
	e.Err = err
	return e
}

// host names a server without the rest of its address, in which keys may stand.
func host(tag string) string {
	u, err := url.Parse(tag)
	if err != nil {
		return "The ad server"
	}
	return u.Host
}
