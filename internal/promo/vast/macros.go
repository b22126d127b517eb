package vast

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Macros are what an address may be told. What is zero is not told.
type Macros struct {
	Time         time.Time      // when the address is called
	Random       uint32         // another one for each call, against caches
	Error        Code           // for addresses of errors
	Asset        string         // the address of the file that is played
	Playhead     *time.Duration // where the ad is; nil: nobody knows
	Content      *time.Duration // where the film around the ad is; nil: there is none
	ServingID    string
	UniversalIDs []UniversalID
	Domain       string // the paper's
	Server       bool   // our server calls, and no browser
}

// macro finds macros, which some servers have encoded already.
var macro = regexp.MustCompile(`\[[A-Za-z0-9_]+\]|%5[Bb][A-Za-z0-9_]+%5[Dd]`)

// brackets are none of a macro.
var brackets = strings.NewReplacer("[", "%5B", "]", "%5D")

// Expand fills the macros of an address. A macro of the standard that m does not
// tell becomes -1, "unknown", or -2, "known and not to be shared"; what stands in
// brackets and is no macro of the standard is encoded, as the standard forbids to
// fill it. No bracket is left.
func Expand(address string, m Macros) string {
	return brackets.Replace(macro.ReplaceAllStringFunc(address, func(s string) string {
		name := strings.ToUpper(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
		if s[0] == '%' {
			name = strings.ToUpper(s[3 : len(s)-3])
		}
		if value := m.value(name); value != "" {
			return value
		}
		switch {
		case slices.Contains(withheld, name):
			return "-2"
		case slices.Contains(unknown, name):
			return "-1"
		}
		return s
	}))
}

// withheld are macros about the reader, the device and what is read. A paper
// could tell them, and does not.
var withheld = []string{
	"APPBUNDLE", "CLICKPOS", "CLIENTUA", "CONTENTCAT", "CONTENTID", "CONTENTURI", "DEVICEIP", "DEVICEUA", "IFA", "IFATYPE", "INVENTORYSTATE",
	"LATLONG", "LIMITADTRACKING", "PAGEURL", "PLAYERSIZE", "PLAYERSTATE", "SERVERUA", "TRANSACTIONID",
}

// unknown are all other macros of the standard (4.2, and the list kept since).
var unknown = []string{
	"ADCATEGORIES", "ADPLAYHEAD", "ADSERVINGID", "APIFRAMEWORKS", "ASSETURI", "BLOCKEDADCATEGORIES", "BREAKMAXADLENGTH", "BREAKMAXADS",
	"BREAKMAXDURATION", "BREAKMINADLENGTH", "CACHEBUSTING", "CLICKTYPE", "CONTENTPLAYHEAD", "DOMAIN", "ERRORCODE", "EXTENSIONS", "GDPRCONSENT",
	"GPPSECTIONID", "GPPSTRING", "MEDIAPLAYHEAD", "OMIDPARTNER", "PLACEMENTTYPE", "PLAYBACKMETHODS", "PLAYERCAPABILITIES", "PODSEQUENCE",
	"REASON", "REGULATIONS", "STOREID", "STOREURL", "TIMESTAMP", "UNIVERSALADID", "VERIFICATIONVENDORS",
}

// value returns what a macro becomes, encoded; "" when m does not say.
func (m Macros) value(name string) string {
	switch name {
	case "TIMESTAMP":
		if !m.Time.IsZero() {
			return encode(m.Time.UTC().Format("2006-01-02T15:04:05.000Z"))
		}
	case "CACHEBUSTING":
		return fmt.Sprintf("%08d", m.Random%100_000_000)
	case "ERRORCODE":
		if m.Error != 0 {
			return strconv.Itoa(int(m.Error))
		}
	case "ASSETURI":
		return encode(m.Asset)
	case "ADPLAYHEAD":
		return playhead(m.Playhead)
	case "CONTENTPLAYHEAD", "MEDIAPLAYHEAD": // until 4.0, and since
		return playhead(m.Content)
	case "ADSERVINGID":
		return encode(m.ServingID)
	case "UNIVERSALADID":
		return encodeAll(m.UniversalIDs)
	case "DOMAIN":
		return encode(m.Domain)
	case "SERVERSIDE":
		if m.Server {
			return "1"
		}
		return "0"
	// What is true of every player of ours.
	case "ADCOUNT":
		return "1"
	case "ADTYPE":
		return string(Video)
	case "BREAKPOSITION":
		return "4" // alone, in no film
	case "MEDIAMIME":
		return encode(MP4) + "," + encode(WebM) + "," + encode(HLS)
	case "VASTVERSIONS":
		return "2,3,5,6,7,8,11,12,13,14" // 2.0 to 4.2, each in line and wrapped
	}
	return ""
}

func playhead(d *time.Duration) string {
	if d == nil {
		return ""
	}
	return encode(hours(*d, true))
}

// encode is JavaScript's encodeURIComponent, and a little more careful.
func encode(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// encodeAll writes a list: its commas are not encoded.
func encodeAll(ids []UniversalID) string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = encode(id.Registry + " " + id.Value)
	}
	return strings.Join(list, ",")
}

// hours writes a time as hh:mm:ss, and its milliseconds when there are some or
// when they must be.
func hours(d time.Duration, always bool) string {
	d = max(0, d)
	s := fmt.Sprintf("%02d:%02d:%02d", d/time.Hour, d/time.Minute%60, d/time.Second%60)
	if ms := d.Milliseconds() % 1000; ms > 0 || always {
		s += fmt.Sprintf(".%03d", ms)
	}
	return s
}
