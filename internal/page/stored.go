package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// stored is a page as it is sent: each of its three spellings with its headers
// made, so that sending one copies nothing. The brotli spelling may come later
// than the others, while the page is being sent already.
type stored struct {
	status  int
	plain   spelling
	gzip    spelling
	brotli  atomic.Pointer[spelling] // nil until it is made, and where it gains nothing
	queued  bool                     // for the squeezer, whose lock it is under
	header  []headerLine             // the same for all spellings
	places  []uint16
	born    uint64
	checked atomic.Uint64
	aged    atomic.Bool // something small on it has changed
	of      string      // as what it is counted, "" for not at all
	query   Query       // by which it is rendered again
	handler Handler
	again   atomic.Int64 // when a stale page may be rendered again, in nanoseconds
	fresh   time.Time
	until   time.Time
}

// A spelling is the content in one encoding.
type spelling struct {
	content []byte
	length  []string
	etag    []string
	coding  []string // Content-Encoding; nil for plain
}

type headerLine struct {
	name   string
	values []string
}

// minCompressed is the size under which compressing gains no packet.
const minCompressed = 1000

// newStored makes the headers of what was rendered.
func newStored(b *Body, content []byte) *stored {
	s := &stored{status: b.Status, of: b.of}
	if s.status == 0 {
		s.status = http.StatusOK
	}
	sum := sha256.Sum256(content)
	tag := base64.RawURLEncoding.EncodeToString(sum[:12])
	s.plain = newSpelling(bytes.Clone(content), `"`+tag+`"`, "")
	s.add("Content-Type", b.contentType())
	s.add("Vary", "Accept-Encoding")
	if b.Robots != "" {
		s.add("X-Robots-Tag", b.Robots)
	}
	return s
}

// worthCompressing reports whether other spellings may be shorter.
func (s *stored) worthCompressing() bool { return len(s.plain.content) >= minCompressed }

// zipped adds the gzip spelling, if it is shorter.
func (s *stored) zipped(c *compressors) *stored {
	if !s.worthCompressing() {
		return s
	}
	if z := c.gzipped(s.plain.content); len(z) < len(s.plain.content) {
		s.gzip = s.respelt(z, "g", "gzip")
	}
	return s
}

// inBrotli makes the brotli spelling; nil if it is no shorter.
func (s *stored) inBrotli(c *compressors) *spelling {
	if !s.worthCompressing() {
		return nil
	}
	z := c.brotlied(s.plain.content)
	if len(z) >= len(s.plain.content) {
		return nil
	}
	sp := s.respelt(z, "b", "br")
	return &sp
}

// compressed adds both. It pays for what is made once and sent for ever.
func (s *stored) compressed(c *compressors) *stored {
	s.brotli.Store(s.inBrotli(c))
	return s.zipped(c)
}

// respelt is the page's content in a coding, under a tag of its own.
func (s *stored) respelt(content []byte, mark, coding string) spelling {
	return newSpelling(content, strings.TrimSuffix(s.plain.etag[0], `"`)+"-"+mark+`"`, coding)
}

// publicCaching lets a CDN keep an answer, for seconds only: a kill must reach
// every copy. A browser always asks.
const publicCaching = "public, max-age=0, s-maxage=5, stale-while-revalidate=10"

// SharedLife is how long a page stays in caches outside at most, as publicCaching says.
const SharedLife = 15 * time.Second

// cacheable adds what lets a CDN keep the page, and by which tags one that can
// purge does. Nobody keeps what is not a page, such as a notice of withdrawal.
func (s *stored) cacheable(tags []string) *stored {
	if s.status != http.StatusOK {
		s.add("Cache-Control", "no-store")
		return s
	}
	s.add("Cache-Control", publicCaching)
	if len(tags) > 0 {
		s.add("Surrogate-Key", strings.Join(tags, " "))
	}
	return s
}

func (s *stored) add(name, value string) {
	s.header = append(s.header, headerLine{http.CanonicalHeaderKey(name), []string{value}})
}

// numbered is the page of a fault with its number, which is as long as its mark.
func (s *stored) numbered(number string) *stored {
	own := &stored{status: s.status, header: s.header, plain: s.plain}
	own.plain.content = bytes.Replace(s.plain.content, []byte(numberMark), []byte(number), 1)
	return own
}

func newSpelling(content []byte, etag, coding string) spelling {
	sp := spelling{content: content, length: []string{strconv.Itoa(len(content))}, etag: []string{etag}}
	if coding != "" {
		sp.coding = []string{coding}
	}
	return sp
}

func (s *stored) weight() int {
	n := len(s.plain.content) + len(s.gzip.content) + 1000
	if br := s.brotli.Load(); br != nil {
		n += len(br.content)
	}
	return n
}

// send writes the page, or 304 when the reader has it. It allocates nothing of
// its own: the header values are shared and never changed.
func (s *stored) send(w http.ResponseWriter, r *http.Request) (status, size int) {
	sp := s.choose(first(r.Header["Accept-Encoding"]))
	h := w.Header()
	for i := range s.header {
		h[s.header[i].name] = s.header[i].values
	}
	h["Etag"] = sp.etag
	if s.status == http.StatusOK && matches(first(r.Header["If-None-Match"]), sp.etag[0]) {
		w.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified, 0
	}
	if sp.coding != nil {
		h["Content-Encoding"] = sp.coding
	}
	h["Content-Length"] = sp.length
	if s.status != http.StatusOK {
		w.WriteHeader(s.status)
	}
	if r.Method == http.MethodHead {
		return s.status, 0
	}
	n, _ := w.Write(sp.content)
	return s.status, n
}

// first is http.Header.Get for a name that is written as the map has it.
func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func (s *stored) choose(accept string) *spelling {
	if br := s.brotli.Load(); br != nil && accepts(accept, "br") {
		return br
	}
	if s.gzip.content != nil && accepts(accept, "gzip") {
		return &s.gzip
	}
	return &s.plain
}

// accepts reports whether an Accept-Encoding header takes coding (RFC 9110,
// 12.5.3): named, and not with q=0.
func accepts(header, coding string) bool {
	for header != "" {
		var item string
		item, header, _ = strings.Cut(header, ",")
		name, params, _ := strings.Cut(item, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q, found := strings.CutPrefix(strings.ToLower(strings.TrimSpace(params)), "q=")
		if !found {
			return true
		}
		weight, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return err == nil && weight > 0
	}
	return false
}

// matches reports whether an If-None-Match header names etag (RFC 9110, 13.1.2:
// the weak comparison).
func matches(header, etag string) bool {
	for header != "" {
		var item string
		item, header, _ = strings.Cut(header, ",")
		item = strings.TrimSpace(item)
		if item == "*" || strings.TrimPrefix(item, "W/") == etag {
			return true
		}
	}
	return false
}
