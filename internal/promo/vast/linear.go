package vast

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readLinear reads the video of a creative.
func readLinear(creative *node, dropped *Dropped) (*Linear, error) {
	n := creative.child("linear")
	l := &Linear{ID: creative.attr("id"), AdID: creative.attr("adid"), Skip: offset(n.attr("skipoffset"))}
	l.Duration, _ = clock(n.child("duration").words())
	for _, u := range creative.all("universaladid") {
		if id, ok := universal(u); ok && len(l.UniversalIDs) < maxMedia {
			l.UniversalIDs = append(l.UniversalIDs, id)
		}
	}
	if err := l.files(n.child("mediafiles"), dropped); err != nil {
		return nil, err
	}
	l.marks(n.child("icons"), dropped)
	if err := l.clicks(n.child("videoclicks"), dropped); err != nil {
		return nil, err
	}
	return l, l.events(n.child("trackingevents"), dropped)
}

// universal reads an id that is the same everywhere. VAST 4.0 had it in an
// attribute; "unknown" is the standard's word for none.
func universal(n *node) (UniversalID, bool) {
	id := UniversalID{Registry: n.attr("idregistry"), Value: n.words()}
	if id.Value == "" || id.Value == "unknown" {
		id.Value = n.attr("idvalue")
	}
	return id, id.Value != "" && id.Value != "unknown"
}

// files reads the media files and the captions.
func (l *Linear) files(n *node, dropped *Dropped) error {
	list := n.all("mediafile")
	if len(list) > maxMedia {
		return tooMany("media files of one video", len(list), maxMedia)
	}
	dropped.Programs += len(n.all("interactivecreativefile"))
	for _, in := range list {
		if f, ok := readMedia(in, dropped); ok {
			l.Media = append(l.Media, f)
		}
	}
	captions := n.child("closedcaptionfiles").all("closedcaptionfile")
	if len(captions) > maxMedia {
		return tooMany("files of captions", len(captions), maxMedia)
	}
	for _, in := range captions {
		if s := dropped.address(string(in.text)); s != "" {
			l.Captions = append(l.Captions, Caption{Type: strings.ToLower(in.attr("type")), Language: in.attr("language"), Address: s})
		}
	}
	return nil
}

// readMedia reads a media file, if a browser plays it and runs nothing for it. An
// apiFramework of the whole creative is no matter: since 4.0 its programs stand in
// elements of their own, and an MP4 is an MP4.
func readMedia(n *node, dropped *Dropped) (f MediaFile, ok bool) {
	mime := strings.ToLower(n.attr("type"))
	if program(n.attr("apiframework")) || executable(mime) {
		dropped.Programs++
		return f, false
	}
	f = MediaFile{
		ID: n.attr("id"), Delivery: strings.ToLower(n.attr("delivery")), Codec: n.attr("codec"),
		Width: number(n.attr("width")), Height: number(n.attr("height")),
		Bitrate: number(n.attr("bitrate")), MinBitrate: number(n.attr("minbitrate")), MaxBitrate: number(n.attr("maxbitrate")),
		Scalable: truth(n.attr("scalable"), false), KeepRatio: truth(n.attr("maintainaspectratio"), false),
		Size: int64(number(n.attr("filesize"))),
	}
	if f.Address = dropped.address(string(n.text)); f.Address == "" {
		return f, false
	}
	if f.Type = format(mime, f.Address); f.Type == "" {
		dropped.Formats++
		return f, false
	}
	if f.Delivery != Progressive && f.Delivery != Streaming {
		f.Delivery = delivery(f.Type)
	}
	return f, true
}

// program reports whether an apiFramework asks for one. "VAST" is written by
// servers that mean nothing by it.
func program(framework string) bool {
	return framework != "" && !strings.EqualFold(framework, "VAST") && !strings.EqualFold(framework, "none")
}

func executable(mime string) bool {
	return strings.Contains(mime, "script") || strings.Contains(mime, "flash") || strings.Contains(mime, "html")
}

// format returns MP4, WebM or HLS; "" for what no browser plays. A server that
// gives no type gives a name with an end.
func format(mime, address string) string {
	mime, _, _ = strings.Cut(mime, ";")
	name, _, _ := strings.Cut(strings.ToLower(address), "?")
	end := path.Ext(name)
	switch mime = strings.TrimSpace(mime); {
	case mime == MP4, mime == "mp4", mime == "video/x-mp4", mime == "video/m4v", mime == "video/x-m4v":
		return MP4
	case mime == WebM, mime == "webm":
		return WebM
	case strings.HasSuffix(mime, "mpegurl"):
		return HLS
	case mime != "" && mime != "video" && mime != "application/octet-stream":
		return ""
	case end == ".mp4", end == ".m4v":
		return MP4
	case end == ".webm":
		return WebM
	case end == ".m3u8":
		return HLS
	}
	return ""
}

func delivery(format string) string {
	if format == HLS {
		return Streaming
	}
	return Progressive
}

// marks reads the icons that are pictures.
func (l *Linear) marks(n *node, dropped *Dropped) {
	for _, in := range n.all("icon") {
		picture := in.child("staticresource")
		mime := strings.ToLower(picture.attr("creativetype"))
		if !picture.here() || program(in.attr("apiframework")) || mime != "" && !strings.HasPrefix(mime, "image/") {
			dropped.Programs++
			continue
		}
		icon := Icon{
			Program: in.attr("program"), Type: mime, Width: number(in.attr("width")), Height: number(in.attr("height")),
			Alt: in.attr("alttext"), Address: dropped.address(string(picture.text)),
			ClickThrough: dropped.address(string(in.child("iconclicks").child("iconclickthrough").text)),
		}
		if icon.Address != "" && len(l.Icons) < maxMedia {
			l.Icons = append(l.Icons, icon)
		}
	}
}

// clicks reads what happens on a click.
func (l *Linear) clicks(n *node, dropped *Dropped) (err error) {
	l.ClickThrough = dropped.address(string(n.child("clickthrough").text))
	if l.ClickTracking, err = links(dropped, n.all("clicktracking")); err != nil {
		return err
	}
	l.CustomClicks, err = links(dropped, n.all("customclick"))
	return err
}

// events reads what wants to be told of events that a player without programs
// knows of.
func (l *Linear) events(n *node, dropped *Dropped) error {
	list := n.all("tracking")
	if len(list) > maxAddress {
		return tooMany("trackings of one video", len(list), maxAddress)
	}
	for _, in := range list {
		e, ok := event(in.attr("event"))
		if !ok {
			continue
		}
		t := Tracking{Event: e}
		if e == Progress {
			if t.Offset = offset(in.attr("offset")); t.Offset == nil {
				dropped.Unreadable++
				continue
			}
		}
		if t.Address = dropped.address(string(in.text)); t.Address != "" {
			l.Trackings = append(l.Trackings, t)
		}
	}
	return nil
}

// event returns the event that a server means.
func event(name string) (Event, bool) {
	switch strings.ToLower(name) {
	case "fullscreen": // until 3.0
		return PlayerExpand, true
	case "exitfullscreen":
		return PlayerCollapse, true
	}
	all := []Event{
		Loaded, CreativeView, Start, FirstQuartile, Midpoint, ThirdQuartile, Complete, Progress,
		Mute, Unmute, Pause, Resume, Rewind, Skip, PlayerExpand, PlayerCollapse, CloseLinear,
	}
	i := slices.IndexFunc(all, func(e Event) bool { return strings.EqualFold(string(e), name) })
	if i < 0 {
		return "", false
	}
	return all[i], true
}

// offset reads a place in a video, "00:00:05.250" or "25%"; nil is none.
func offset(s string) *Offset {
	if part, ok := strings.CutSuffix(s, "%"); ok {
		p, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || !(p >= 0 && p <= 100) { // NaN is neither
			return nil
		}
		return &Offset{Percent: p}
	}
	t, ok := clock(s)
	if !ok {
		return nil
	}
	return &Offset{Time: t}
}

const day = 24 * time.Hour

// clock reads a time of the form hh:mm:ss.mmm, of which servers leave out the
// hours and even the minutes. A day is too long.
func clock(s string) (time.Duration, bool) {
	parts := strings.Split(s, ":")
	if len(parts) > 3 {
		return 0, false
	}
	var t float64
	for i, part := range parts {
		n, err := strconv.ParseFloat(part, 64)
		if err != nil || strings.ContainsAny(part, "+-xXpPeEnNiI_") || i < len(parts)-1 && strings.Contains(part, ".") {
			return 0, false
		}
		t = t*60 + n
	}
	if t >= day.Seconds() {
		return 0, false
	}
	return time.Duration(t*1000+0.5) * time.Millisecond, true
}
