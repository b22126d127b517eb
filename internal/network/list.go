package network

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"kawaraban/internal/fetch"
)

// A List is what a paper offers to its sisters (docs/network.md).
type List struct {
	Version   int       `json:"version"`
	Paper     string    `json:"paper"`
	Home      string    `json:"home"`
	Language  string    `json:"language"`
	Made      time.Time `json:"made"`
	Expires   time.Time `json:"expires"`
	Items     []Item    `json:"items"`
	Withdrawn []string  `json:"withdrawn"` // ids of what sisters must show no more
}

// An Item is one thing on a list.
type Item struct {
	ID        string    `json:"id"`
	Kind      Kind      `json:"kind"`
	Category  string    `json:"category,omitempty"`
	Title     string    `json:"title"`
	Address   string    `json:"address"`
	Paper     string    `json:"paper"`
	Language  string    `json:"language,omitempty"`
	Picture   *Picture  `json:"picture,omitempty"`
	Published time.Time `json:"published,omitzero"`
	Changed   time.Time `json:"changed,omitzero"`
	Until     time.Time `json:"until,omitzero"` // of an offer that ends
}

// A Picture is one that goes with an item.
type Picture struct {
	Address string `json:"address"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`
}

const (
	version      = 1
	preamble     = "kawaraban trending list 1\n" // what else the key may ever sign is another text
	maxList      = 256 << 10                     // bytes of a list
	maxItems     = 20                            // of a list
	maxWithdrawn = 100                           // of a list
	maxTitle     = 160                           // characters
	maxCategory  = 40                            // characters
	maxName      = 80                            // characters of a paper's name
	maxAddress   = 1000                          // bytes
	maxID        = 64                            // bytes
	life         = time.Hour                     // a list is good so long
	skew         = 5 * time.Minute               // clocks differ by so much
	maxSide      = 10_000                        // pixels that a picture is said to have
)

// A Trouble says why a sister's list was not taken, or our report by a sister.
type Trouble string

const (
	NoTrouble   Trouble = ""
	Unreachable Trouble = "unreachable" // no answer, or not in time
	Refused     Trouble = "refused"     // an address that we do not fetch, or sent elsewhere
	Failing     Trouble = "failing"     // an answer, with a status that is none
	TooLarge    Trouble = "large"
	Unreadable  Trouble = "unreadable"
	Unsigned    Trouble = "unsigned" // the signature is wrong
	OtherKey    Trouble = "key"      // rightly signed, with another key than before
	OtherPaper  Trouble = "paper"    // the list of another paper
	Replayed    Trouble = "replay"   // older than one that we had
	Old         Trouble = "old"
	Ahead       Trouble = "ahead"   // made in what is our future
	Empty       Trouble = "empty"   // nothing that could be taken
	Foreign     Trouble = "foreign" // all of a feed leads to hosts that nobody has allowed
	Deaf        Trouble = "deaf"    // it takes no reports of clicks
	Unknown     Trouble = "unknown" // it does not know us, or by another key
)

// Error makes it an error.
func (t Trouble) Error() string { return "network: a sister's list: " + string(t) }

var b64 = base64.StdEncoding

// sign writes a list for sisters.
func sign(l List, key ed25519.PrivateKey) ([]byte, error) { return signed("list", preamble, l, key) }

// signed writes something for sisters under a name. What is signed is a line that says
// what it is, and its very bytes.
func signed(name, preamble string, v any, key ed25519.PrivateKey) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	// Written by hand, so that the bytes which are signed are those that are sent.
	var b bytes.Buffer
	b.WriteString(`{"` + name + `":`)
	b.Write(raw)
	b.WriteString(`,"key":"` + b64.EncodeToString(key.Public().(ed25519.PublicKey)))
	b.WriteString(`","signature":"` + b64.EncodeToString(ed25519.Sign(key, append([]byte(preamble), raw...))) + "\"}\n")
	return b.Bytes(), nil
}

// opened reads what came signed under a name, and says with which key.
func opened(name, preamble string, data []byte) (raw json.RawMessage, key string, err error) {
	var s map[string]json.RawMessage
	var signature string
	if json.Unmarshal(data, &s) != nil || json.Unmarshal(s["key"], &key) != nil || json.Unmarshal(s["signature"], &signature) != nil {
		return nil, "", Unreadable
	}
	if err := verify(preamble, s[name], key, signature); err != nil {
		return nil, "", err
	}
	return s[name], key, nil
}

// ofNow says what is wrong with something that was made long ago, or is to be.
func ofNow(made, now time.Time) error {
	switch {
	case made.After(now.Add(skew)):
		return Ahead
	case made.Before(now.Add(-skew)):
		return Old
	}
	return nil
}

// verify holds what came signed against the key that came with it.
func verify(preamble string, raw json.RawMessage, key, signature string) error {
	public, err := b64.DecodeString(key)
	if err != nil || len(public) != ed25519.PublicKeySize || len(raw) == 0 {
		return Unreadable
	}
	proof, err := b64.DecodeString(signature)
	if err != nil || !ed25519.Verify(public, append([]byte(preamble), raw...), proof) {
		return Unsigned
	}
	return nil
}

// openList reads a list that came at now, and says with which key it is signed. That it
// is the key which was expected, its reader asks.
func openList(data []byte, now time.Time) (l List, key string, err error) {
	raw, key, err := opened("list", preamble, data)
	if err != nil {
		return l, "", err
	}
	if err := json.Unmarshal(raw, &l); err != nil || l.Version != version {
		return List{}, "", Unreadable
	}
	switch {
	case l.Made.After(now.Add(skew)):
		return List{}, key, Ahead
	case l.Expires.Before(now.Add(-skew)), l.Expires.After(l.Made.Add(24 * time.Hour)), l.Expires.Before(l.Made):
		return List{}, key, Old
	}
	return l, key, nil
}

// Fingerprint is a key as two people compare it, by telephone if need be.
func Fingerprint(key string) string {
	sum := sha256.Sum256([]byte(key))
	text := base32.StdEncoding.EncodeToString(sum[:10])
	return strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:]}, "-")
}

// A place is where a sister is: what it names must be there too.
type place struct {
	scheme, host, port string
}

var errPlace = errors.New("network: not the address of a paper")

// placeOf reads the address of a sister. Without https there is none but on this
// machine, where local allows it.
func placeOf(address string, local bool) (p place, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || len(address) > maxAddress {
		return p, errPlace
	}
	p = place{u.Scheme, strings.ToLower(u.Hostname()), u.Port()}
	if p.scheme != "https" && (p.scheme != "http" || !local || p.host != "127.0.0.1" && p.host != "localhost" && p.host != "::1") {
		return p, errPlace
	}
	return p, nil
}

// holds reports whether an address is one of the sister's own: its host, or one below
// it, compared label by label.
func (p place) holds(address string) bool {
	u, err := url.Parse(address)
	return err == nil && sound(u, address) && u.Scheme == p.scheme && u.Port() == p.port && fetch.MatchHost(u.Hostname(), strings.TrimPrefix(p.host, "www."))
}

// sound reports whether everybody reads an address in the same way.
func sound(u *url.URL, address string) bool {
	return u.User == nil && u.Opaque == "" && len(address) <= maxAddress && !strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f })
}

// checked is what may be kept of a list that reaches so far: what is wrong is left out, what is too
// long is cut, and all of it is text.
func (l List) checked(p reach) List {
	l.Paper, l.Language = text(l.Paper, maxName), tongue(l.Language)
	items := l.Items
	l.Items = nil
	ids, addresses := map[string]bool{}, map[string]bool{}
	for _, i := range items {
		if len(l.Items) == maxItems {
			break
		}
		if !i.check(p) || ids[i.ID] || addresses[i.Address] {
			continue
		}
		ids[i.ID], addresses[i.Address] = true, true
		i.Paper = l.Paper
		if i.Language == "" {
			i.Language = l.Language
		}
		l.Items = append(l.Items, i)
	}
	l.Withdrawn = slices.DeleteFunc(slices.Clone(l.Withdrawn[:min(len(l.Withdrawn), maxWithdrawn)]), func(id string) bool { return !isID(id) })
	l.Items = slices.DeleteFunc(l.Items, func(i Item) bool { return slices.Contains(l.Withdrawn, i.ID) })
	return l
}

// check puts an item in order, and reports whether it can be shown.
func (i *Item) check(p reach) bool {
	i.Title, i.Category, i.Language = text(i.Title, maxTitle), text(i.Category, maxCategory), tongue(i.Language)
	if i.Kind != Offer && i.Kind != Resource {
		i.Kind = Article
	}
	if pic := i.Picture; pic != nil && (!p.holds(pic.Address) || pic.Width < 0 || pic.Width > maxSide || pic.Height < 0 || pic.Height > maxSide) {
		i.Picture = nil
	}
	return isID(i.ID) && i.Title != "" && p.holds(i.Address)
}

// isID reports whether a sister's id is one that we keep: short, and printable.
func isID(id string) bool {
	return id != "" && len(id) <= maxID && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' })
}

// text is s as one line of at most so many characters, without what turns the direction
// of writing or is not seen.
func text(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r) && r != '\u200d' && r != '\u200c':
			return -1
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > most {
		s = strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return s
}

// tongue is a language as pages name it, "" for none.
func tongue(s string) string {
	if len(s) > 35 {
		return ""
	}
	t, err := language.Parse(s)
	if err != nil || t == language.Und {
		return ""
	}
	return t.String()
}
