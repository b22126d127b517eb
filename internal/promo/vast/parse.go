package vast

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parse reads a document. An error is an *Error: the document is no XML
// (XMLParsingError), no VAST or more than its limits (SchemaValidationError), or of a
// version with other words (VersionNotSupported). A document without ads is none.
func Parse(data []byte) (Document, error) {
	root, err := tree(data)
	if err != nil {
		return Document{}, err
	}
	if err := known(root); err != nil {
		return Document{}, err
	}
	d := Document{Version: root.attr("version")}
	if d.Errors, err = addresses(&d.Dropped, root.all("error")); err != nil {
		return Document{}, err
	}
	ads := root.all("ad")
	if len(ads) > maxAds {
		return Document{}, tooMany("ads", len(ads), maxAds)
	}
	for _, n := range ads {
		a, ok, err := readAd(n)
		if err != nil {
			return Document{}, err
		}
		if ok {
			d.Ads = append(d.Ads, a)
		}
	}
	return d, nil
}

// known tells VAST from what it is not. The version that a document declares is
// wrong so often that only one of the future is believed.
func known(root *node) error {
	switch root.name {
	case "vast":
	case "videoadservingtemplate":
		return fail(VersionNotSupported, "The document is VAST 1. Versions 2 to 4 are read.")
	case "vmap":
		return fail(SchemaValidationError, "The document is VMAP, a plan of breaks in a film. Ask the ad server for VAST.")
	default:
		return fail(SchemaValidationError, "The document is no VAST: its first element is <%s>.", clip(root.name))
	}
	major, _, _ := strings.Cut(root.attr("version"), ".")
	if n, err := strconv.Atoi(major); err == nil && n > 4 {
		return fail(VersionNotSupported, "The document is VAST %s. Versions 2 to 4 are read.", root.attr("version"))
	}
	return nil
}

// readAd reads one ad. It is not ok when it is neither in line nor a wrapper.
func readAd(n *node) (a Ad, ok bool, err error) {
	a = Ad{ID: n.attr("id"), Sequence: number(n.attr("sequence")), Conditional: truth(n.attr("conditionalad"), false), Type: Video}
	if t := Type(strings.ToLower(n.attr("adtype"))); t == Audio || t == Hybrid {
		a.Type = t
	}
	in := n.child("inline")
	if w := n.child("wrapper"); !in.here() && w.here() {
		in = w
		a.Wrapper = &Wrapper{
			Tag:      a.Dropped.address(string(w.child("vastadtaguri").text)),
			Follow:   truth(w.attr("followadditionalwrappers"), true),
			Multiple: truth(w.attr("allowmultipleads"), false),
			Fallback: truth(w.attr("fallbackonnoad"), false),
			Blocked:  blocked(w.all("blockedadcategories")),
		}
	}
	if !in.here() {
		return a, false, nil
	}
	a.describe(in)
	if err := a.tell(in); err != nil {
		return a, false, err
	}
	err = a.film(in.child("creatives"))
	return a, err == nil, err
}

// describe reads what is said about the ad.
func (a *Ad) describe(in *node) {
	a.System, a.SystemVersion = in.child("adsystem").words(), in.child("adsystem").attr("version")
	a.ServingID = in.child("adservingid").words()
	a.Title, a.Description = in.child("adtitle").words(), in.child("description").words()
	a.Advertiser = in.child("advertiser").words()
	if p := in.child("pricing"); p.words() != "" {
		a.Pricing = Pricing{Model: p.attr("model"), Currency: p.attr("currency"), Price: p.words()}
	}
	for _, c := range in.all("category") {
		if c.words() != "" && len(a.Categories) < maxCategories {
			a.Categories = append(a.Categories, Category{Authority: c.attr("authority"), Code: c.words()})
		}
	}
	a.Expires = time.Duration(number(in.child("expires").words())) * time.Second
	a.Dropped.Verifications += len(in.child("adverifications").all("verification"))
}

// blocked reads what a wrapper wants no ad of. Of one authority there is a list
// with commas, or several elements.
func blocked(list []*node) []Category {
	var all []Category
	for _, n := range list {
		for code := range strings.SplitSeq(n.words(), ",") {
			if code = strings.TrimSpace(code); code != "" && len(all) < maxCategories {
				all = append(all, Category{Authority: n.attr("authority"), Code: code})
			}
		}
	}
	return all
}

// tell reads the addresses that want to know of the ad as a whole.
func (a *Ad) tell(in *node) (err error) {
	if a.Impressions, err = links(&a.Dropped, in.all("impression")); err != nil {
		return err
	}
	if a.Errors, err = addresses(&a.Dropped, in.all("error")); err != nil {
		return err
	}
	v := in.child("viewableimpression")
	a.Viewable.ID = v.attr("id")
	for _, list := range []struct {
		name string
		to   *[]string
	}{
		{"viewable", &a.Viewable.Viewable}, {"notviewable", &a.Viewable.NotViewable}, {"viewundetermined", &a.Viewable.Undetermined},
	} {
		if *list.to, err = addresses(&a.Dropped, v.all(list.name)); err != nil {
			return err
		}
	}
	return nil
}

// film reads the creatives. Of an ad in line the first video counts that can be
// played; of a wrapper all that any of them adds.
func (a *Ad) film(creatives *node) error {
	list := creatives.all("creative")
	slices.SortStableFunc(list, func(x, y *node) int { return number(x.attr("sequence")) - number(y.attr("sequence")) })
	for _, n := range list {
		for _, name := range []string{"nonlinearads", "companionads"} {
			a.Dropped.Besides += len(n.child(name).all(strings.TrimSuffix(name, "ads")))
		}
		if !n.child("linear").here() {
			continue
		}
		l, err := readLinear(n, &a.Dropped)
		switch {
		case err != nil:
			return err
		case a.Linear == nil:
			a.Linear = l
		case a.Wrapper != nil:
			a.Linear = joined(a.Linear, l)
		case len(a.Linear.Media) == 0:
			a.Linear = l
			a.Dropped.Besides++
		default:
			a.Dropped.Besides++
		}
	}
	if l := a.Linear; l != nil && max(len(l.Trackings), len(l.ClickTracking), len(l.CustomClicks)) > maxAddress {
		return tooMany("trackings of one ad", max(len(l.Trackings), len(l.ClickTracking), len(l.CustomClicks)), maxAddress)
	}
	return nil
}

// addresses reads what stands in elements, as far as it is https.
func addresses(dropped *Dropped, list []*node) ([]string, error) {
	if len(list) > maxAddress {
		return nil, tooMany("<"+list[0].name+"> elements", len(list), maxAddress)
	}
	var found []string
	for _, n := range list {
		if s := dropped.address(string(n.text)); s != "" {
			found = append(found, s)
		}
	}
	return found, nil
}

// links is addresses with their ids.
func links(dropped *Dropped, list []*node) ([]Link, error) {
	if len(list) > maxAddress {
		return nil, tooMany("<"+list[0].name+"> elements", len(list), maxAddress)
	}
	var found []Link
	for _, n := range list {
		if s := dropped.address(string(n.text)); s != "" {
			found = append(found, Link{ID: n.attr("id"), Address: s})
		}
	}
	return found, nil
}

// number reads a whole number that is not negative; 0 is none.
func number(s string) int {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return int(n)
}

// truth reads a boolean of XML, or what else servers write.
func truth(s string, otherwise bool) bool {
	switch strings.ToLower(s) {
	case "1", "true", "yes":
		return true
	case "0", "false", "no":
		return false
	}
	return otherwise
}

func tooMany(what string, got, limit int) error {
	return fail(SchemaValidationError, "The document has %d %s; at most %d are read.", got, what, limit)
}
