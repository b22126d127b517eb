package vast

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Namespace is that of VAST since 4.0.
const Namespace = "http://www.iab.com/VAST"

// Marshal writes a VAST 4.2 document with one ad in line, or with none: then it
// says who is to be told of that. Elements stand in the order of IAB's schema
// vast_4.2.xsd. An ad needs a serving id, a title, a duration and a file; a fault
// of ours is the error when it has not, or when an address is not https. A paper
// that runs on the machine before which one sits, as the demo does, may be http.
//
// Of an Ad its Pricing, Pod, Icons and CustomClicks are not written: they are of
// no use to whom we offer our own promotions.
func (d Document) Marshal() ([]byte, error) {
	w := &writer{}
	w.b.WriteString(xml.Header)
	switch {
	case len(d.Ads) > 1:
		return nil, fmt.Errorf("write VAST: %d ads; one is written", len(d.Ads))
	case len(d.Ads) == 1:
		w.open("VAST", "version", "4.2", "xmlns", Namespace)
		w.ad(&d.Ads[0])
		w.close("VAST")
	case len(d.Errors) > 0:
		w.open("VAST", "version", "4.2", "xmlns", Namespace)
		w.addresses("Error", d.Errors)
		w.close("VAST")
	default:
		w.tag("VAST", "/>", []string{"version", "4.2", "xmlns", Namespace})
	}
	if w.err != nil {
		return nil, fmt.Errorf("write VAST: %w", w.err)
	}
	return w.b.Bytes(), nil
}

func (w *writer) ad(a *Ad) {
	switch l := a.Linear; {
	case a.Wrapper != nil:
		w.fault(errors.New("a wrapper"))
		return
	case a.ServingID == "" || a.Title == "":
		w.fault(errors.New("no serving id, or no title"))
		return
	case l == nil || l.Duration <= 0 || l.Duration >= day || len(l.Media) == 0:
		w.fault(errors.New("no video, no duration of less than a day, or no file"))
		return
	}
	w.open("Ad", "id", a.ID)
	w.open("InLine")
	w.text("AdSystem", cmp.Or(a.System, "Kawaraban"), "version", a.SystemVersion)
	w.addresses("Error", a.Errors)
	w.links("Impression", a.Impressions)
	if len(a.Impressions) == 0 { // the schema demands one, and the standard has a word for none
		w.text("Impression", "about:blank")
	}
	if v := a.Viewable; len(v.Viewable)+len(v.NotViewable)+len(v.Undetermined) > 0 {
		w.open("ViewableImpression", "id", v.ID)
		w.addresses("Viewable", v.Viewable)
		w.addresses("NotViewable", v.NotViewable)
		w.addresses("ViewUndetermined", v.Undetermined)
		w.close("ViewableImpression")
	}
	w.text("AdServingId", a.ServingID)
	w.text("AdTitle", a.Title)
	if a.Advertiser != "" {
		w.text("Advertiser", a.Advertiser)
	}
	for _, c := range a.Categories {
		if c.Authority == "" {
			w.fault(fmt.Errorf("the category %s has no authority", c.Code))
		}
		w.text("Category", c.Code, "authority", c.Authority)
	}
	w.open("Creatives")
	w.creative(a.Linear)
	w.close("Creatives")
	if a.Description != "" {
		w.text("Description", a.Description)
	}
	if s := int(a.Expires / time.Second); s > 0 {
		w.text("Expires", strconv.Itoa(s))
	}
	w.close("InLine")
	w.close("Ad")
}

func (w *writer) creative(l *Linear) {
	w.open("Creative", "id", l.ID, "adId", l.AdID)
	for _, u := range l.UniversalIDs {
		w.text("UniversalAdId", u.Value, "idRegistry", cmp.Or(u.Registry, "unknown"))
	}
	if len(l.UniversalIDs) == 0 { // the schema demands one
		w.text("UniversalAdId", "unknown", "idRegistry", "unknown")
	}
	skip := ""
	if l.Skip != nil {
		skip = l.Skip.String()
	}
	w.open("Linear", "skipoffset", skip)
	if len(l.Trackings) > 0 {
		w.open("TrackingEvents")
		for _, t := range l.Trackings {
			at := ""
			if t.Offset != nil {
				at = t.Offset.String()
			}
			w.address("Tracking", t.Address, "event", string(t.Event), "offset", at)
		}
		w.close("TrackingEvents")
	}
	w.text("Duration", hours(l.Duration, false))
	w.open("MediaFiles")
	w.captions(l.Captions)
	for _, f := range l.Media {
		w.media(f)
	}
	w.close("MediaFiles")
	w.clicks(l)
	w.close("Linear")
	w.close("Creative")
}

func (w *writer) captions(list []Caption) {
	if len(list) == 0 {
		return
	}
	w.open("ClosedCaptionFiles")
	for _, c := range list {
		w.address("ClosedCaptionFile", c.Address, "type", c.Type, "language", c.Language)
	}
	w.close("ClosedCaptionFiles")
}

func (w *writer) media(f MediaFile) {
	if f.Type != MP4 && f.Type != WebM && f.Type != HLS {
		w.fault(fmt.Errorf("a file of the type %q", f.Type))
	}
	attrs := []string{
		"id", f.ID, "delivery", cmp.Or(f.Delivery, delivery(f.Type)), "type", f.Type,
		"width", strconv.Itoa(f.Width), "height", strconv.Itoa(f.Height), "codec", f.Codec,
	}
	if f.Bitrate > 0 { // then the other two must not be there
		attrs = append(attrs, "bitrate", strconv.Itoa(f.Bitrate))
	} else if f.MinBitrate > 0 && f.MaxBitrate > 0 { // both, or none
		attrs = append(attrs, "minBitrate", strconv.Itoa(f.MinBitrate), "maxBitrate", strconv.Itoa(f.MaxBitrate))
	}
	if f.Scalable {
		attrs = append(attrs, "scalable", "true")
	}
	if f.KeepRatio {
		attrs = append(attrs, "maintainAspectRatio", "true")
	}
	if f.Size > 0 {
		attrs = append(attrs, "fileSize", strconv.FormatInt(f.Size, 10))
	}
	w.address("MediaFile", f.Address, attrs...)
}

func (w *writer) clicks(l *Linear) {
	if l.ClickThrough == "" && len(l.ClickTracking) == 0 {
		return
	}
	w.open("VideoClicks")
	w.links("ClickTracking", l.ClickTracking)
	if l.ClickThrough != "" {
		w.address("ClickThrough", l.ClickThrough)
	}
	w.close("VideoClicks")
}

// String writes a place in a video as the standard does.
func (o Offset) String() string {
	if o.Percent != 0 {
		return strconv.FormatFloat(o.Percent, 'f', -1, 64) + "%"
	}
	return hours(o.Time, false)
}

// A writer writes elements, each in a line of its own. Attributes come as names
// and values; one without a value is left out. The first fault is kept.
type writer struct {
	b     bytes.Buffer
	depth int
	err   error
}

func (w *writer) fault(err error) { w.err = cmp.Or(w.err, err) }

func (w *writer) tag(name, end string, attrs []string) {
	w.b.WriteString(strings.Repeat("  ", w.depth) + "<" + name)
	for i := 0; i < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			w.b.WriteString(" " + attrs[i] + `="`)
			w.escape(attrs[i+1])
			w.b.WriteByte('"')
		}
	}
	w.b.WriteString(end)
	if end != ">" {
		w.b.WriteByte('\n')
	}
}

func (w *writer) escape(s string) {
	if err := xml.EscapeText(&w.b, []byte(s)); err != nil {
		w.fault(err)
	}
}

func (w *writer) open(name string, attrs ...string) {
	w.tag(name, ">", attrs)
	w.b.WriteByte('\n')
	w.depth++
}

func (w *writer) close(name string) {
	w.depth--
	w.b.WriteString(strings.Repeat("  ", w.depth) + "</" + name + ">\n")
}

func (w *writer) text(name, text string, attrs ...string) {
	w.tag(name, ">", attrs)
	w.escape(text)
	w.b.WriteString("</" + name + ">\n")
}

// address writes an address as CDATA, in which players expect it.
func (w *writer) address(name, address string, attrs ...string) {
	var d Dropped
	safe := d.address(address)
	if rest, ok := strings.CutPrefix(address, "http://"); ok && loopback(rest) {
		if s, ok := strings.CutPrefix(d.address("https://"+rest), "https"); ok {
			safe = "http" + s
		}
	}
	if safe == "" {
		w.fault(fmt.Errorf("<%s> has no https address: %q", name, address))
	}
	w.tag(name, ">", attrs)
	w.b.WriteString("<![CDATA[" + safe + "]]></" + name + ">\n") // no > is in it
}

// loopback reports whether an address is of this machine. Browsers hold it for as
// safe as https.
func loopback(rest string) bool {
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, ":")
	return host == "localhost" || host == "127.0.0.1"
}

func (w *writer) addresses(name string, list []string) {
	for _, s := range list {
		w.address(name, s)
	}
}

func (w *writer) links(name string, list []Link) {
	for _, l := range list {
		w.address(name, l.Address, "id", l.ID)
	}
}
